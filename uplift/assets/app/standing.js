// A foot on the floor is in one place until it leaves: legs and pelvis of a clip give way a little, together,
// until that is so (body/23). A clip here is
//   {T, fps, number (T, 4) of stances, -1: none, stands (T, 4) 0 to 1, level (T, 4) 0 to 1, up (3),
//    floor (4) m}
import {JOINTS, STANDING_POINTS} from './body.js';
import {addBend, cholesky, choleskySolve, clamp, conjugateGradients, roundEven, solve} from './linear.js';
import {axisAngleToMatrix, multiply} from './rotations.js';
import {doubtedFeet, fromMean, renumbered, stanceMeans} from './stances.js';

export const PLACE = {
  slip: 0.03, // m: legs will take so much
  across: 0.03, // m: how far the pelvis may move across the camera's view
  along: 0.1, // m: and along it
  spacing: 0.5, // s between the spline's knots
  rate: 10, // looks per second
  outlier: 0.1, // m: a foot this far from its stance has a quarter of its say
};
export const TURNS = {
  slip: 0.007, // m: how far a standing foot is from its stance
  spread: [0.03, 0.04, 0.12, 0.06], // rad: hips, knees, ankles, feet
  cutoff: 15, // Hz: half of a correction this fast is left
  outlier: 0.06, // m
};
const LEG_JOINTS = [1, 2, 4, 5, 7, 8, 10, 11]; // hips, knees, ankles, feet
const LEGS = 3 * LEG_JOINTS.length;
const FEET = 12;
const PLACE_OF = new Map(LEG_JOINTS.flatMap((j, i) => [0, 1, 2].map(a => [3 * j + a, 3 * i + a])));

/** Cubic B-splines over T frames: at(t) -> first spline that is not 0 there, and the four values; count. */
export function splineBasis(T, spacing) {
  const n = Math.max(1, Math.ceil((T - 1) / spacing));
  const width = Math.max(T - 1, 1) / n;
  const at = t => {
    const first = clamp(Math.floor(t / width), 0, n - 1);
    const u = t / width - first;
    return {
      first,
      values: [
        (1 - u) ** 3 / 6,
        (3 * u ** 3 - 6 * u * u + 4) / 6,
        (-3 * u ** 3 + 3 * u * u + 3 * u + 1) / 6,
        u ** 3 / 6,
      ],
    };
  };
  return {count: n + 3, at};
}

/** The spline's value (3) in frame t. */
function splineAt(basis, coefficients, t) {
  const {first, values} = basis.at(t);
  const out = [0, 0, 0];
  values.forEach((v, k) => {
    for (let a = 0; a < 3; a++) out[a] += v * coefficients[3 * (first + k) + a];
  });
  return out;
}

/** How much a pelvis (3) seen from the camera is held in its place: nine numbers. */
function hold([x, y, z]) {
  const n = Math.hypot(x, y, z);
  const ray = [x / n, y / n, z / n];
  const across = PLACE.across ** -2;
  const along = PLACE.along ** -2;
  return Array.from({length: 9}, (_, i) => {
    const sight = ray[Math.floor(i / 3)] * ray[i % 3];
    return sight * along + ((i % 4 === 0 ? 1 : 0) - sight) * across;
  });
}

/** Matrix (3 K, 3 K) and gradient (3 K) of a spline that moves points x (T, 4, 3); frames: of the clip,
    times. */
function placeSystem(c, basis, times, x, pelvis, w, v) {
  const n = 3 * basis.count;
  const H = new Float64Array(n * n);
  const g = new Float64Array(n);
  const away = fromMean(x, w, c);
  const shares = Array.from({length: c.count}, () => new Map());
  times.forEach((time, t) => {
    const {first, values} = basis.at(time);
    const near = hold(pelvis.subarray(3 * t, 3 * t + 3));
    const force = [0, 0, 0];
    for (let i = 4 * t; i < 4 * t + 4; i++) {
      const rise =
        v[i] * (c.up[0] * x[3 * i] + c.up[1] * x[3 * i + 1] + c.up[2] * x[3 * i + 2] - c.floor[i % 4]);
      for (let a = 0; a < 3; a++) force[a] += w[i] * away[3 * i + a] + rise * c.up[a];
      for (let k = 0; k < 9; k++)
        near[k] += (k % 4 === 0 ? w[i] : 0) + v[i] * c.up[Math.floor(k / 3)] * c.up[k % 3];
      if (c.number[i] < 0) continue;
      const share = shares[c.number[i]];
      values.forEach((b, k) => share.set(first + k, (share.get(first + k) ?? 0) + b * w[i]));
    }
    values.forEach((b, k) => {
      for (let a = 0; a < 3; a++) g[3 * (first + k) + a] += b * force[a];
      values.forEach((d, l) => {
        for (let e = 0; e < 9; e++)
          H[(3 * (first + k) + Math.floor(e / 3)) * n + 3 * (first + l) + (e % 3)] += b * d * near[e];
      });
    });
  });
  const {mass} = stanceMeans(x, w, c.number, c.count);
  shares.forEach((share, s) => {
    for (const [k, a] of share)
      for (const [l, b] of share)
        for (let e = 0; e < 3; e++) H[(3 * k + e) * n + 3 * l + e] -= (a * b) / Math.max(mass[s], 1e-9);
  });
  for (let i = 0; i < n; i++) H[i * (n + 1)] += 0.01; // splines longer than the clip
  return {H, g};
}

/** Every step-th row of n numbers. */
const thinned = (x, n, step) => x.filter((_, i) => Math.floor(i / n) % step === 0);

/** A slow curve (T, 3), m, that lets feet x (T, 4, 3) stand, from so many looks a second as it needs. */
function movePelvis(c, x, pelvis) {
  const step = Math.max(1, roundEven(c.fps / PLACE.rate));
  const basis = splineBasis(c.T, PLACE.spacing * c.fps);
  const looks = {
    ...c,
    ...renumbered(thinned(c.number, 4, step)),
    stands: thinned(c.stands, 4, step),
    level: thinned(c.level, 4, step),
  };
  const move = new Float64Array(3 * c.T);
  if (!looks.count) return move;
  const X = thinned(x, FEET, step);
  const P = thinned(pelvis, 3, step);
  const at = Float64Array.from(X);
  const times = Array.from({length: P.length / 3}, (_, i) => i * step);
  let coefficients;
  for (let round = 0; round < 3; round++) {
    const {w, v} = doubtedFeet(looks, at, PLACE.slip, PLACE.outlier);
    const {H, g} = placeSystem(looks, basis, times, X, P, w, v);
    coefficients = solve(
      H,
      g.map(z => -z),
    );
    times.forEach((t, i) => {
      const by = splineAt(basis, coefficients, t);
      for (let k = 0; k < FEET; k++) at[FEET * i + k] = X[FEET * i + k] + by[k % 3];
    });
  }
  for (let t = 0; t < c.T; t++) move.set(splineAt(basis, coefficients, t), 3 * t);
  return move;
}

/** Standing points (T, 4, 3) in their place; with `A`, their derivatives (T, 12, 24) by the legs' turns. */
function feetOf(body, R, pelvis, A = null) {
  const T = pelvis.length / 3;
  const feet = new Float64Array(FEET * T);
  for (let t = 0; t < T; t++) {
    body.pose(R, 9 * JOINTS * t);
    STANDING_POINTS.forEach((k, i) => {
      for (let a = 0; a < 3; a++) feet[FEET * t + 3 * i + a] = body.points[3 * k + a] + pelvis[3 * t + a];
      if (A)
        body.derivatives(k, (column, ...d) => {
          const leg = PLACE_OF.get(column);
          if (leg !== undefined) for (let a = 0; a < 3; a++) A[(FEET * t + 3 * i + a) * LEGS + leg] = d[a];
        });
    });
  }
  return feet;
}

/** One Gauss-Newton step of all frames: turns (T, 24) of the legs, rad. */
function standingStep(body, c, R, pelvis, tolerance = 0.03) {
  const A = new Float64Array(c.T * FEET * LEGS);
  const x = feetOf(body, R, pelvis, A);
  const {w, v, high} = doubtedFeet(c, x, TURNS.slip, TURNS.outlier);
  const pull = Float64Array.from({length: LEGS}, (_, i) => TURNS.spread[Math.floor(i / 6)] ** -2);
  const bend = (2 * Math.sin(Math.PI * Math.min(TURNS.cutoff / c.fps, 0.5))) ** -4;
  const steady = pull.map(p => p * bend);
  const back = (moved, rise, out) => {
    // what weighted slips and rises ask of the turns
    const away = fromMean(moved, w, c);
    for (let row = 0; row < away.length; row++) {
      const i = Math.floor(row / 3);
      const ask = w[i] * away[row] + v[i] * rise(i) * c.up[row % 3];
      const o = Math.floor(row / FEET) * LEGS;
      if (ask !== 0) for (let k = 0; k < LEGS; k++) out[o + k] += A[row * LEGS + k] * ask;
    }
  };
  const moved = new Float64Array(x.length);
  const product = (turn, out) => {
    for (let row = 0; row < moved.length; row++) {
      const o = Math.floor(row / FEET) * LEGS;
      let sum = 0;
      for (let k = 0; k < LEGS; k++) sum += A[row * LEGS + k] * turn[o + k];
      moved[row] = sum;
    }
    for (let i = 0; i < out.length; i++) out[i] = pull[i % LEGS] * turn[i];
    back(moved, i => moved[3 * i] * c.up[0] + moved[3 * i + 1] * c.up[1] + moved[3 * i + 2] * c.up[2], out);
    addBend(turn, c.T, LEGS, steady, out);
  };
  const near = nearly(
    c.T,
    A,
    w,
    pull.map((p, i) => p + 6 * steady[i]),
  );
  const g = new Float64Array(c.T * LEGS);
  const precondition = (r, out) => {
    out.set(r);
    for (let t = 0; t < c.T; t++) choleskySolve(near, t * LEGS * LEGS, LEGS, out, t * LEGS);
  };
  back(x, i => high[i], g);
  return conjugateGradients(
    product,
    precondition,
    g.map(z => -z),
    40,
    tolerance,
  ).map(z => clamp(z, -0.5, 0.5));
}

/** Factors (T, 24, 24) of each frame's own matrix. */
function nearly(T, A, w, diagonal) {
  const n = LEGS;
  const near = new Float64Array(T * n * n);
  for (let row = 0; row < T * FEET; row++) {
    const weight = w[Math.floor(row / 3)];
    const h = Math.floor(row / FEET) * n * n;
    if (weight > 0)
      for (let p = 0; p < n; p++) {
        const a = weight * A[row * n + p];
        if (a !== 0) for (let q = 0; q <= p; q++) near[h + p * n + q] += a * A[row * n + q];
      }
  }
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < n; i++) near[t * n * n + i * (n + 1)] += diagonal[i];
    cholesky(near, t * n * n, n);
  }
  return near;
}

/** Legs (in rotations (T, 22, 9)) and pelvis (T, 3), moved a little so that feet stand; in place. */
export function makeStand(body, clip, rotations, pelvis) {
  const c = {...clip, ...renumbered(clip.number)};
  const turn = new Float64Array(9);
  if (!c.count) return;
  movePelvis(c, feetOf(body, rotations, pelvis), pelvis).forEach((v, i) => {
    pelvis[i] += v;
  });
  const turns = standingStep(body, c, rotations, pelvis);
  for (let t = 0; t < c.T; t++)
    LEG_JOINTS.forEach((j, i) => {
      axisAngleToMatrix(turns, t * LEGS + 3 * i, turn, 0);
      multiply(rotations, 9 * (JOINTS * t + j), turn, 0, rotations, 9 * (JOINTS * t + j));
    });
}

// All frames of a clip at once against viewing rays: joints turn where keypoints ask for it, stay where
// nothing is seen, and feet stand where they stand (body/22). A clip here is
//   {N frames, pelvis (N, 3) m, rays (N, 27, 2), weight (N, 27) 1/m^2, spread (N, 69) rad and m,
//    steady (69), stands (N - 1, 4) 1/m^2, outlier m}; a turn: (N, 69), 22 turns, rad, and a shift, m
import {JOINTS, POINTS, STANDING_POINTS, TURNS, correct} from './body.js';
import {addBend, cholesky, choleskySolve, clamp, conjugateGradients, doubted} from './linear.js';
import {matrixToAxisAngle, multiplyTransposed} from './rotations.js';

const SHIFT = 3 * JOINTS;
const FEET = 3 * STANDING_POINTS.length;
const AXES = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

/** Frames a to b - 1 of a clip; views, nothing is copied. */
const framesOf = (c, a, b) => ({
  ...c,
  N: b - a,
  pelvis: c.pelvis.subarray(3 * a, 3 * b),
  rays: c.rays.subarray(2 * POINTS * a, 2 * POINTS * b),
  weight: c.weight.subarray(POINTS * a, POINTS * b),
  spread: c.spread.subarray(TURNS * a, TURNS * b),
  stands: c.stands.subarray(4 * a, 4 * Math.max(a, b - 1)),
});

/** Calls use(column, x, y, z) with every derivative of point k: by turns, columns ascending, then by the
    shift. */
function derivatives(body, k, use) {
  body.derivatives(k, use);
  AXES.forEach(([x, y, z], a) => use(SHIFT + a, x, y, z));
}

/** How point k of the posed body lies beside its ray in frame t: residual [x, y], m, its weight, and its
    rows:
    columns (count) that move it, and how, across and down. */
class Beside {
  constructor() {
    this.columns = new Int32Array(TURNS);
    this.across = new Float64Array(TURNS);
    this.down = new Float64Array(TURNS);
  }

  look(body, c, t, k, pelvis) {
    const i = t * POINTS + k;
    const x = c.rays[2 * i];
    const y = c.rays[2 * i + 1];
    const P = body.points;
    const z = P[3 * k + 2] + pelvis[2];
    this.x = P[3 * k] + pelvis[0] - x * z;
    this.y = P[3 * k + 1] + pelvis[1] - y * z;
    this.weight = doubted(c.weight[i], this.x * this.x + this.y * this.y, c.outlier);
    this.count = 0;
    if (this.weight === 0) return;
    derivatives(body, k, (column, dx, dy, dz) => {
      this.columns[this.count] = column;
      this.across[this.count] = dx - x * dz;
      this.down[this.count++] = dy - y * dz;
    });
  }

  /** Add this point's part to a gradient g[i..] (69) and to the lower half of a matrix H[h..] (69 x 69). */
  add(g, i, H, h) {
    for (let p = 0; p < this.count; p++) {
      const a = this.weight * this.across[p];
      const b = this.weight * this.down[p];
      const row = h + TURNS * this.columns[p];
      g[i + this.columns[p]] += a * this.x + b * this.y;
      for (let q = 0; q <= p; q++) H[row + this.columns[q]] += a * this.across[q] + b * this.down[q];
    }
  }
}
export const beside = new Beside();

/** Pelvis of frame t with its shift so far. */
export const shifted = (c, turned, t) =>
  AXES.map((_, a) => c.pelvis[3 * t + a] + turned[TURNS * t + SHIFT + a]);

/** The upper half of a symmetric matrix from its lower one. */
function mirror(H, h, n) {
  for (let r = 1; r < n; r++) for (let k = 0; k < r; k++) H[h + k * n + r] = H[h + r * n + k];
}

/** What is seen, and what holds back: gradient g (N, 69), matrices H (N, 69, 69), the feet (N, 12) and their
    derivatives F (N, 12, 69). */
function seenTerms(body, c, R, turned) {
  const {N} = c;
  const g = new Float64Array(N * TURNS);
  const H = new Float64Array(N * TURNS * TURNS);
  const feet = new Float64Array(N * FEET);
  const F = new Float64Array(N * FEET * TURNS);
  for (let t = 0; t < N; t++) {
    body.pose(R, 9 * JOINTS * t);
    const pelvis = shifted(c, turned, t);
    const h = t * TURNS * TURNS;
    for (let k = 0; k < POINTS; k++) {
      if (!(c.weight[t * POINTS + k] > 0)) continue;
      beside.look(body, c, t, k, pelvis);
      beside.add(g, t * TURNS, H, h);
    }
    for (let i = 0; i < TURNS; i++) {
      const pull = c.spread[t * TURNS + i] ** -2;
      g[t * TURNS + i] += pull * turned[t * TURNS + i];
      H[h + i * (TURNS + 1)] += pull;
    }
    mirror(H, h, TURNS);
    STANDING_POINTS.forEach((k, n) => {
      const row = t * FEET + 3 * n;
      for (let a = 0; a < 3; a++) feet[row + a] = body.points[3 * k + a] + pelvis[a];
      derivatives(body, k, (column, ...d) => {
        for (let a = 0; a < 3; a++) F[(row + a) * TURNS + column] = d[a];
      });
    });
  }
  return {g, H, feet, F};
}

/** Weights (N - 1, 4) of the slips of standing feet (N, 12) from one frame to the next. */
function slipWeights(c, feet) {
  return c.stands.map((stands, i) => {
    const now = 3 * i;
    const next = now + FEET; // four points a frame: point i of the next frame is 12 numbers on
    const slip =
      (feet[next] - feet[now]) ** 2 +
      (feet[next + 1] - feet[now + 1]) ** 2 +
      (feet[next + 2] - feet[now + 2]) ** 2;
    return stands > 0 ? doubted(stands, slip, c.outlier / 4) : 0;
  });
}

/** out (N, 69) += what weighted slips of x (N, 12) ask of the turns: F^T (steps there and back). */
function addSlips(c, F, weight, x, out) {
  const ask = new Float64Array(x.length);
  for (let i = 0; i < (c.N - 1) * FEET; i++) {
    const force = weight[Math.floor(i / 3)] * (x[i + FEET] - x[i]);
    ask[i] -= force;
    ask[i + FEET] += force;
  }
  for (let row = 0; row < ask.length; row++) {
    if (ask[row] === 0) continue;
    const o = Math.floor(row / FEET) * TURNS;
    for (let k = 0; k < TURNS; k++) out[o + k] += F[row * TURNS + k] * ask[row];
  }
}

/** How feet (N, 12) move with x (N, 69). */
function feetOf(c, F, x, out) {
  for (let row = 0; row < c.N * FEET; row++) {
    const o = Math.floor(row / FEET) * TURNS;
    let sum = 0;
    for (let k = 0; k < TURNS; k++) sum += F[row * TURNS + k] * x[o + k];
    out[row] = sum;
  }
}

/** Factors (N, 69, 69) of each frame's own matrix: what is seen, standing feet, and its part of what bends.
 */
function nearly(c, H, F, weight) {
  const near = Float64Array.from(H);
  const n = TURNS;
  for (let t = 0; t < c.N; t++) {
    for (let i = 0; i < FEET; i++) {
      const foot = Math.floor(i / 3);
      const at = 4 * t + foot;
      const both = (t > 0 ? weight[at - 4] : 0) + (t < c.N - 1 ? weight[at] : 0);
      const row = (t * FEET + i) * n;
      if (both === 0) continue;
      for (let p = 0; p < n; p++) {
        const w = both * F[row + p];
        if (w !== 0) for (let q = 0; q <= p; q++) near[t * n * n + p * n + q] += w * F[row + q];
      }
    }
    for (let i = 0; i < n; i++) near[t * n * n + i * (n + 1)] += 6 * c.steady[i];
    cholesky(near, t * n * n, n);
  }
  return near;
}

/** One Gauss-Newton step of all frames (N, 69). */
function raysStep(body, c, R, turned, tolerance) {
  const {g, H, feet, F} = seenTerms(body, c, R, turned);
  const weight = slipWeights(c, feet);
  const n = TURNS;
  addBend(turned, c.N, n, c.steady, g);
  addSlips(c, F, weight, feet, g);
  const near = nearly(c, H, F, weight);
  const moved = new Float64Array(c.N * FEET);
  const stand = weight.some(w => w > 0);
  const product = (x, out) => {
    for (let row = 0; row < c.N * n; row++) {
      const o = Math.floor(row / n) * n;
      let sum = 0;
      for (let k = 0; k < n; k++) sum += H[row * n + k] * x[o + k];
      out[row] = sum;
    }
    addBend(x, c.N, n, c.steady, out);
    if (!stand) return;
    feetOf(c, F, x, moved);
    addSlips(c, F, weight, moved, out);
  };
  const precondition = (r, out) => {
    out.set(r);
    for (let t = 0; t < c.N; t++) choleskySolve(near, t * n * n, n, out, t * n);
  };
  return conjugateGradients(
    product,
    precondition,
    g.map(v => -v),
    40,
    tolerance,
  ).map(v => clamp(v, -0.7, 0.7));
}

/** The turn (N, 69) that brings the body onto its rays, from the first opinion `rotations` (N, 22, 9). */
export function turnOntoRays(body, c, rotations, steps = 2, tolerance = 0.05) {
  const R = Float64Array.from(rotations);
  const turned = new Float64Array(c.N * TURNS);
  const change = new Float64Array(9);
  for (let step = 0; step < steps; step++) {
    const by = raysStep(body, c, R, turned, tolerance);
    for (let t = 0; t < c.N; t++) {
      correct(R, 9 * JOINTS * t, by, TURNS * t);
      for (let j = 0; j < JOINTS; j++) {
        const r = 9 * (JOINTS * t + j);
        multiplyTransposed(rotations, r, R, r, change, 0);
        matrixToAxisAngle(change, 0, turned, TURNS * t + 3 * j);
      }
      for (let i = TURNS * t + SHIFT; i < TURNS * (t + 1); i++) turned[i] += by[i];
    }
  }
  return turned;
}

/** The same (N, 69), so many knots at a time, each block with its neighbours at both sides; pause(part
    done). */
export async function turnInBlocks(body, c, R, pause, block = 240, margin = 24) {
  const out = new Float64Array(c.N * TURNS);
  for (let i = 0; i < c.N; i += block) {
    await pause(i / c.N);
    const from = Math.max(0, i - margin);
    const to = Math.min(c.N, i + block + margin);
    const end = Math.min(c.N, i + block);
    const turned = turnOntoRays(body, framesOf(c, from, to), R.subarray(9 * JOINTS * from, 9 * JOINTS * to));
    out.set(turned.subarray(TURNS * (i - from), TURNS * (end - from)), TURNS * i);
  }
  return out;
}

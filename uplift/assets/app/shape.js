// The body shape of a person, from the lengths that viewing rays show (body/22); clips as in rays.js.
import {JOINTS, POINTS, TURNS, correct} from './body.js';
import {cholesky, choleskySolve, clamp, solve} from './linear.js';
import {beside, shifted} from './rays.js';

/** One frame's part of the system of the betas, its pose eliminated; what it needs to follow them is
    returned. */
function shapeTerms(body, c, R, turned, t, S, left) {
  const B = body.betas;
  const n = TURNS;
  const L = new Float64Array(n * n);
  const g = new Float64Array(n);
  const C = new Float64Array(n * B);
  body.pose(R, 9 * JOINTS * t);
  const pelvis = shifted(c, turned, t);
  const shapes = body.homes.map(home => {
    const way = {joints: new Float64Array(3 * JOINTS), points: new Float64Array(3 * POINTS)};
    body.place(home, way.joints, way.points);
    return way.points;
  });
  const across = new Float64Array(B);
  const down = new Float64Array(B);
  for (let k = 0; k < POINTS; k++) {
    beside.look(body, c, t, k, pelvis);
    if (beside.weight === 0) continue;
    beside.add(g, 0, L, 0);
    const i = 2 * (t * POINTS + k);
    const w = beside.weight;
    for (let b = 0; b < B; b++) {
      across[b] = shapes[b][3 * k] - c.rays[i] * shapes[b][3 * k + 2];
      down[b] = shapes[b][3 * k + 1] - c.rays[i + 1] * shapes[b][3 * k + 2];
      left[b] += (w * (across[b] * beside.x + down[b] * beside.y)) / c.N;
      for (let d = 0; d <= b; d++) S[b * B + d] += (w * (across[b] * across[d] + down[b] * down[d])) / c.N;
      for (let p = 0; p < beside.count; p++)
        C[b * n + beside.columns[p]] += w * (beside.across[p] * across[b] + beside.down[p] * down[b]);
    }
  }
  for (let i = 0; i < n; i++) {
    const pull = c.spread[t * n + i] ** -2;
    g[i] += pull * turned[t * n + i];
    L[i * (n + 1)] += pull;
  }
  return eliminate(L, g, C, B, S, left, c.N);
}

/** Take the pose out of a frame's system: S and left shrink; H^-1 g (69) and H^-1 C (betas, 69) are
    returned. */
function eliminate(L, g, C, B, S, left, N) {
  const n = TURNS;
  const Hg = Float64Array.from(g);
  const HC = Float64Array.from(C);
  cholesky(L, 0, n);
  choleskySolve(L, 0, n, Hg, 0);
  for (let b = 0; b < B; b++) choleskySolve(L, 0, n, HC, b * n);
  for (let b = 0; b < B; b++)
    for (let i = 0; i < n; i++) {
      left[b] -= (C[b * n + i] * Hg[i]) / N;
      for (let d = 0; d <= b; d++) S[b * B + d] -= (C[b * n + i] * HC[d * n + i]) / N;
    }
  return {Hg, HC};
}

/** The body shape, from the lengths that the rays show; count: frames that the clip is worth. */
export function shapeOnRays(body, c, rotations, first, count, spread = 0.7, steps = 3) {
  const B = body.betas;
  const R = Float64Array.from(rotations);
  const turned = new Float64Array(c.N * TURNS);
  let betas = Float64Array.from(first);
  for (let step = 0; step < steps; step++) {
    const S = new Float64Array(B * B);
    const left = new Float64Array(B);
    const poses = [];
    body.take(betas);
    for (let t = 0; t < c.N; t++) poses.push(shapeTerms(body, c, R, turned, t, S, left));
    for (let b = 0; b < B; b++)
      for (let d = 0; d <= b; d++) S[b * B + d] = count * S[b * B + d] + (b === d ? spread ** -2 : 0);
    const db = solve(
      S,
      left.map((v, b) => -count * v - (betas[b] - first[b]) / spread ** 2),
    );
    poses.forEach(({Hg, HC}, t) => {
      const by = Hg.map((v, i) =>
        clamp(-v - db.reduce((sum, d, b) => sum + HC[b * TURNS + i] * d, 0), -0.7, 0.7),
      );
      correct(R, 9 * JOINTS * t, by, 0);
      by.forEach((v, i) => {
        turned[t * TURNS + i] += v;
      });
    });
    betas = betas.map((v, b) => v + clamp(db[b], -2, 2));
  }
  return betas;
}

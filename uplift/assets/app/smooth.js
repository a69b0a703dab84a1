// Zero-phase smoothing of numbers and of rotations (core/03), and moving averages (model/00).
import {nearestRotation} from './rotations.js';

export const STRENGTHS = {off: null, light: 6, strong: 3}; // cutoff, Hz

/** The cutoff of a strength, Hz, or null for none; an Error for anything else. */
export function cutoffOf(strength) {
  if (strength === null || strength === undefined) return null;
  if (Object.hasOwn(STRENGTHS, strength)) return STRENGTHS[strength];
  const cutoff = Number(strength);
  if (Number.isFinite(cutoff) && cutoff > 0) return cutoff;
  throw new Error(
    `unknown smoothing ${strength}: use ${Object.keys(STRENGTHS).join(', ')} or a cutoff in Hz`,
  );
}

/** Straight lines across the rows of x (T, C) whose weight is 0; in place. */
function bridge(x, T, C, weight) {
  let before = -1;
  for (let t = 0; t <= T; t++) {
    if (t < T && !(weight[t] > 0)) continue;
    for (let i = before + 1; i < t; i++)
      for (let c = 0; c < C; c++) {
        const share = before < 0 ? 1 : t === T ? 0 : (i - before) / (t - before);
        const a = before < 0 ? t : before;
        const b = t === T ? before : t;
        if (a >= 0 && b >= 0 && a < T && b < T)
          x[i * C + c] = x[a * C + c] + share * (x[b * C + c] - x[a * C + c]);
      }
    before = t;
  }
}

/** Factor L D L^T of diag(weight) + stiffness D'D, D the second difference: d, l1, l2 (T). */
function factor(weight, stiffness, T) {
  const d = new Float64Array(T);
  const l1 = new Float64Array(T);
  const l2 = new Float64Array(T);
  const near = t => (t >= 0 && t < T - 2 ? stiffness : 0); // the difference that begins at t counts
  for (let t = 0; t < T; t++) {
    const own = Math.max(weight[t], 1e-4) + near(t) + 4 * near(t - 1) + near(t - 2);
    const first = -2 * near(t - 1) - 2 * near(t - 2);
    const second = near(t - 2); // beside it, before it
    const b = t > 1 ? second / d[t - 2] : 0;
    const a = t > 0 ? (first - (t > 1 ? b * d[t - 2] * l1[t - 1] : 0)) / d[t - 1] : 0;
    d[t] = own - (t > 0 ? a * a * d[t - 1] : 0) - (t > 1 ? b * b * d[t - 2] : 0);
    l1[t] = a;
    l2[t] = b;
  }
  return {d, l1, l2};
}

/** Solve the factored system for all C columns of x (T, C); in place. */
function solveBands({d, l1, l2}, x, T, C) {
  for (let t = 1; t < T; t++)
    for (let c = 0; c < C; c++)
      x[t * C + c] -= l1[t] * x[(t - 1) * C + c] + (t > 1 ? l2[t] * x[(t - 2) * C + c] : 0);
  for (let t = T - 1; t >= 0; t--)
    for (let c = 0; c < C; c++) {
      const later = t + 1 < T ? l1[t + 1] * x[(t + 1) * C + c] : 0;
      x[t * C + c] = x[t * C + c] / d[t] - later - (t + 2 < T ? l2[t + 2] * x[(t + 2) * C + c] : 0);
    }
}

/** x (T, C) smoothed: half of the cutoff, Hz, is left (Whittaker 1923); weight (T) 0 is a hole; null: all
    1. */
export function smoothSignal(x, C, fps, cutoff, weight = null) {
  const T = x.length / C;
  const out = Float64Array.from(x);
  const w = weight ?? new Float64Array(T).fill(1);
  if (!w.some(v => v > 0)) return out;
  bridge(out, T, C, w);
  if (T < 3) return out;
  const stiffness = (2 * Math.sin(Math.PI * Math.min(cutoff / fps, 0.5))) ** -4;
  for (let t = 0; t < T; t++) for (let c = 0; c < C; c++) out[t * C + c] *= Math.max(w[t], 1e-4);
  solveBands(factor(w, stiffness, T), out, T, C);
  return out;
}

/** Rotations (T, n, 9) smoothed as matrices, then made rotations again; in place, matrix by matrix. */
export function smoothRotations(R, n, fps, cutoff) {
  const T = R.length / (9 * n);
  const one = new Float64Array(9 * T);
  for (let j = 0; j < n; j++) {
    for (let t = 0; t < T; t++) for (let k = 0; k < 9; k++) one[9 * t + k] = R[9 * (t * n + j) + k];
    const calm = smoothSignal(one, 9, fps, cutoff);
    for (let t = 0; t < T; t++) nearestRotation(calm, 9 * t, R, 9 * (t * n + j));
  }
}

/** A Hann window without its zeros. */
export const hann = frames =>
  Float64Array.from({length: frames}, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 1)) / (frames + 1)));

/** Weighted moving average of x (T, C) under a Hann window; where nothing counts, the weighted mean. */
export function smoothTrack(x, C, weight, frames) {
  const T = x.length / C;
  const half = frames >> 1;
  const window = hann(frames);
  const out = new Float64Array(T * C);
  const mean = new Float64Array(C);
  const total = new Float64Array(C);
  let all = 0;
  for (let t = 0; t < T; t++) {
    all += weight[t];
    for (let c = 0; c < C; c++) mean[c] += x[t * C + c] * weight[t];
  }
  for (let t = 0; t < T; t++) {
    let mass = 0;
    total.fill(0);
    for (let i = Math.max(0, t - half); i <= Math.min(T - 1, t + half); i++) {
      const w = window[i - t + half] * weight[i];
      mass += w;
      for (let c = 0; c < C; c++) total[c] += w * x[i * C + c];
    }
    for (let c = 0; c < C; c++)
      out[t * C + c] = mass > 1e-6 ? total[c] / mass : mean[c] / Math.max(all, 1e-9);
  }
  return out;
}

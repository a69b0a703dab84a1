// Stances: the runs of frames in which a big toe or a heel stays in one place (body/23).
import {doubted} from './linear.js';

/** Number (T, 4) of the stance that every point is in, -1 for none; shorter runs than `least` frames are
    none. */
export function stanceNumbers(stands, T, least) {
  const out = new Int32Array(4 * T).fill(-1);
  let number = 0;
  for (let k = 0; k < 4; k++)
    for (let t = 0, begin = 0; t <= T; t++) {
      if (t < T && stands(4 * t + k)) continue;
      if (t - begin >= least) {
        for (let i = begin; i < t; i++) out[4 * i + k] = number;
        number++;
      }
      begin = t + 1;
    }
  return out;
}

/** Stances counted from 0 where a clip was cut, and how many there are. */
export function renumbered(number) {
  const known = new Map();
  const out = number.map(n => n);
  number.forEach((n, i) => {
    if (n < 0) return;
    if (!known.has(n)) known.set(n, known.size);
    out[i] = known.get(n);
  });
  return {number: out, count: known.size};
}

/** Weighted mean (count, 3) of every stance's x (T, 4, 3), and its mass. */
export function stanceMeans(x, weight, number, count) {
  const mean = new Float64Array(3 * count);
  const mass = new Float64Array(count);
  number.forEach((n, i) => {
    if (n < 0) return;
    mass[n] += weight[i];
    for (let a = 0; a < 3; a++) mean[3 * n + a] += weight[i] * x[3 * i + a];
  });
  for (let i = 0; i < mean.length; i++) mean[i] /= Math.max(mass[Math.floor(i / 3)], 1e-9);
  return {mean, mass};
}

/** x (T, 4, 3) less the mean of its stance, 0 where there is none. */
export function fromMean(x, weight, {number, count}) {
  const {mean} = stanceMeans(x, weight, number, count);
  const out = new Float64Array(x.length);
  number.forEach((n, i) => {
    if (n >= 0) for (let a = 0; a < 3; a++) out[3 * i + a] = x[3 * i + a] - mean[3 * n + a];
  });
  return out;
}

/** Weights (T, 4) of slips and rises of the standing points x (T, 4, 3), and how high (T, 4) they are. */
export function doubtedFeet(c, x, slip, outlier) {
  const sure = c.stands.map((s, i) => (c.number[i] >= 0 ? s / slip ** 2 : 0));
  const rest = fromMean(x, sure, c);
  const high = sure.map(
    (_, i) => c.up[0] * x[3 * i] + c.up[1] * x[3 * i + 1] + c.up[2] * x[3 * i + 2] - c.floor[i % 4],
  );
  return {
    w: sure.map((s, i) =>
      doubted(s, rest[3 * i] ** 2 + rest[3 * i + 1] ** 2 + rest[3 * i + 2] ** 2, outlier),
    ),
    v: sure.map((s, i) => doubted(s * c.level[i], high[i] ** 2, outlier)),
    high,
  };
}

// Stretches without a cut; any frame rate becomes the network's and back (lift/01).
//   part: {T, rotations (T, 22, 9) camera axes, error (T, 22) m, betas,
//         told: {turn (T, 22), contact (T, 4), up, upError} | null}
import {JOINTS, POINTS} from './body.js';
import {clamp, roundEven} from './linear.js';
import {boxInput, liftFrames} from './network.js';
import {multiplyTransposed, sixdToMatrix} from './rotations.js';
import {personBox} from './seen.js';
import {hann, smoothTrack} from './smooth.js';

const GAP = 0.5; // s without anybody that are bridged
const CALM = 5; // frames of the Hann window over the network's rotations

/** Stretches of frames that show one person without a cut: list of [first, last + 1]. */
export function stretches(seen) {
  const pieces = [];
  let last = -1;
  let before = null;
  for (let t = 0; t < seen.T; t++) {
    const box = personBox(seen, t);
    const size = Math.max(...box.sides);
    if (box.count < 3) continue;
    const step = t - last;
    if (last < 0) pieces.push([t, t + 1]);
    else {
      const moved = Math.hypot(box.centre[0] - before.centre[0], box.centre[1] - before.centre[1]);
      const jump = moved / Math.max(Math.min(size, Math.max(...before.sides)), 1e-6);
      if (step - 1 > GAP * seen.fps + 1e-6 || jump > 0.5 + ((0.5 * step) / seen.fps) * 4)
        pieces.push([t, t + 1]);
    }
    pieces.at(-1)[1] = t + 1;
    last = t;
    before = box;
  }
  if (!pieces.length) throw new Error('no frame shows three keypoints or more: there is nothing to lift');
  return pieces;
}

/** Which frames (T) belong to a stretch, and which one each shows: itself, or the nearest that does. */
export function holding(pieces, T) {
  const valid = new Uint8Array(T);
  const source = new Int32Array(T);
  let next = 0;
  for (let t = 0; t < T; t++) {
    while (next < pieces.length && pieces[next][0] <= t) next++;
    const [left, right] = [pieces[Math.max(next - 1, 0)], pieces[Math.min(next, pieces.length - 1)]];
    const away = ([a, b]) => Math.max(a - t, t - b + 1, 0);
    const [a, b] = away(left) <= away(right) ? left : right;
    source[t] = clamp(t, a, b - 1);
    valid[t] = source[t] === t ? 1 : 0;
  }
  return {valid, source};
}

/** Frames outside of the stretches show the nearest one inside: x (T, n), in place. */
export function spread(x, n, {valid, source}) {
  valid.forEach((is, t) => {
    if (!is) x.copyWithin(t * n, source[t] * n, (source[t] + 1) * n);
  });
}

/** Points averaged under a Hann window, weighted by confidence. */
function averageFrames({T, points, confidence}, frames) {
  const out = new Float64Array(points.length);
  const track = new Float64Array(2 * T);
  const weight = new Float64Array(T);
  for (let k = 0; k < POINTS; k++) {
    for (let t = 0; t < T; t++) {
      weight[t] = confidence[t * POINTS + k];
      track.set(points.subarray(2 * (t * POINTS + k), 2 * (t * POINTS + k) + 2), 2 * t);
    }
    const calm = smoothTrack(track, 2, weight, frames);
    for (let t = 0; t < T; t++)
      if (weight[t] > 0) out.set(calm.subarray(2 * t, 2 * t + 2), 2 * (t * POINTS + k));
  }
  return out;
}

/** The same at another frame rate, reaching past the last frame; itself where the rates agree. */
export function toRate(seen, rate) {
  if (Math.abs(seen.fps - rate) < 0.1) return seen;
  const {T, fps, confidence} = seen;
  const points = fps > 1.5 * rate ? averageFrames(seen, 2 * roundEven(fps / rate) - 1) : seen.points;
  const long = T + Math.ceil(fps / rate);
  const N = Math.floor(((long - 1) / fps) * rate + 1e-6) + 1; // the last frame is held
  const out = {
    ...seen,
    T: N,
    fps: rate,
    points: new Float64Array(N * POINTS * 2),
    confidence: new Float64Array(N * POINTS),
  };
  for (let n = 0; n < N; n++) {
    const at = (n * fps) / rate;
    const i = Math.min(Math.floor(at + 1e-6), long - 1);
    let w = clamp(at - i, 0, 1);
    if (w < 1e-5) w = 0;
    for (let k = 0; k < POINTS; k++) {
      const a = Math.min(i, T - 1) * POINTS + k;
      const b = Math.min(i + 1, T - 1) * POINTS + k;
      const to = n * POINTS + k;
      const first = (1 - w) * confidence[a];
      const second = w * confidence[b];
      const total = first + second;
      out.confidence[to] = Math.min(1, total);
      for (let c = 0; c < 2 && total > 0; c++)
        out.points[2 * to + c] = (first * points[2 * a + c] + second * points[2 * b + c]) / total;
    }
  }
  return out;
}

/** Row `at` (a fraction of frames) of x (N, n), linearly between its neighbours, into out[o..]. */
export function atTime(x, n, at, out, o) {
  const N = x.length / n;
  const a = clamp(Math.floor(at), 0, N - 1);
  const b = Math.min(a + 1, N - 1);
  const share = clamp(at - a, 0, 1);
  for (let k = 0; k < n; k++) out[o + k] = x[a * n + k] + share * (x[b * n + k] - x[a * n + k]);
}

/** x (N, n) at T times, `step` frames apart. */
function atTimes(x, n, T, step) {
  const out = new Float64Array(T * n);
  for (let t = 0; t < T; t++) atTime(x, n, t * step, out, t * n);
  return out;
}

/** Rotations of one frame (22, 9), camera axes, from columns (T, 22, 6) that are calmed on the way. */
function calmFrame({T, columns}, toRay, t, out) {
  const n = 6 * JOINTS;
  const half = CALM >> 1;
  const window = hann(CALM);
  const calm = new Float64Array(n);
  const root = new Float64Array(9);
  let mass = 0;
  for (let i = Math.max(0, t - half); i <= Math.min(T - 1, t + half); i++) {
    const w = window[i - t + half];
    mass += w;
    for (let k = 0; k < n; k++) calm[k] += w * columns[i * n + k];
  }
  for (let k = 0; k < n; k++) calm[k] /= mass;
  for (let j = 0; j < JOINTS; j++) sixdToMatrix(calm, 6 * j, out, 9 * j);
  multiplyTransposed(toRay, 9 * t, out, 0, root, 0);
  out.set(root);
}

/** Rotations (T, 22, 9) at the clip's frames, `step` frames of the network apart, written to `out`. */
function rotationsAt(said, toRay, T, step, out) {
  const known = new Map();
  const n = 9 * JOINTS;
  const six = new Float64Array(6);
  const frame = t => {
    if (!known.has(t)) {
      if (known.size > 2) known.delete(known.keys().next().value);
      known.set(t, new Float64Array(n));
      calmFrame(said, toRay, t, known.get(t));
    }
    return known.get(t);
  };
  for (let t = 0; t < T; t++) {
    const a = clamp(Math.floor(t * step), 0, said.T - 1);
    const b = Math.min(a + 1, said.T - 1);
    const share = clamp(t * step - a, 0, 1);
    const A = frame(a);
    const B = frame(b);
    for (let j = 0; j < JOINTS; j++) {
      for (let i = 0; i < 6; i++) {
        const k = 9 * j + 3 * (i % 3) + (i > 2 ? 1 : 0);
        six[i] = A[k] + share * (B[k] - A[k]);
      }
      sixdToMatrix(six, 0, out, t * n + 9 * j);
    }
  }
}

/** One stretch, lifted: see `part` above; rotations are written to `rotations` (T, 22, 9). */
export async function liftStretch(run, seen, config, person, rotations, progress) {
  const even = toRate(seen, config.fps);
  const x = boxInput(even);
  const step = even === seen ? 1 : config.fps / seen.fps;
  const said = await liftFrames(run, x, config, person, progress);
  const {T} = seen;
  rotationsAt(said, x.toRay, T, step, rotations);
  const told = said.told && {
    ...said.told,
    turn: atTimes(said.told.turn, JOINTS, T, step),
    contact: atTimes(said.told.contact, 4, T, step),
  };
  return {T, rotations, error: atTimes(said.error, JOINTS, T, step), betas: said.betas, told, pelvis: null};
}

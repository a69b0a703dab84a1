// Around the network: the camera turned to the person's box (model/00), and a clip of any length in
// overlapping pieces that are blended (model/03). What is read and written is float32, as in Python.
//   run(feed, rows, frames) -> {rotations, log_error, betas, vote, up?, log_kappa?, contact?, log_turn?}
import {JOINTS, POINTS} from './body.js';
import {clamp, sigmoid} from './linear.js';
import {multiplyTransposed} from './rotations.js';
import {personBox} from './seen.js';
import {smoothTrack} from './smooth.js';

const SMOOTH_FRAMES = 51; // one second at the network's 50 frames per second
const HOP = 45; // frames from one piece to the next
const ROWS = 8; // pieces at a time

/** The smallest rotation that turns the ray (x, y, 1) onto +z. */
function rayRotation(x, y, out, o) {
  const n = Math.hypot(x, y, 1);
  const ux = x / n;
  const uy = y / n;
  const uz = 1 / n;
  const h = 1 / (1 + uz);
  out.set([1 - h * ux * ux, -h * ux * uy, -ux, -h * ux * uy, 1 - h * uy * uy, -uy, ux, uy, uz], o);
}

/** Box around the rays of a clip, smoothed (T, 3): centre x, y and longer side. */
function boxTrack(rays, T) {
  const track = new Float64Array(3 * T);
  const weight = new Float64Array(T);
  for (let t = 0; t < T; t++) {
    const {centre, sides, count} = personBox(rays, t);
    track.set([...centre, Math.max(...sides)], 3 * t);
    weight[t] = (count / POINTS) ** 2;
  }
  return smoothTrack(track, 3, weight, SMOOTH_FRAMES);
}

/** What the network sees of a clip: points (T, 27, 2) in half boxes, confidence, condition (T, 6), toRay
    (T, 9). */
export function boxInput({T, points, confidence, focal, centre}) {
  const rays = new Float64Array(points.length);
  for (let i = 0; i < points.length; i++)
    if (confidence[i >> 1] > 0) rays[i] = (points[i] - centre[i & 1]) / focal[i & 1];
  const box = boxTrack({points: rays, confidence}, T);
  const half = t => Math.max(box[3 * t + 2], 1e-4) / 2;
  const x = {
    T,
    points: new Float32Array(points.length),
    confidence: Float32Array.from(confidence),
    condition: new Float32Array(6 * T),
    toRay: new Float64Array(9 * T),
  };
  for (let t = 0; t < T; t++) {
    const [mx, my] = box.subarray(3 * t);
    const R = x.toRay.subarray(9 * t, 9 * t + 9);
    rayRotation(mx, my, x.toRay, 9 * t);
    for (let i = t * POINTS; i < (t + 1) * POINTS; i++) {
      if (!(confidence[i] > 0)) continue;
      const [u, v] = rays.subarray(2 * i);
      const depth = Math.max(R[6] * u + R[7] * v + R[8], 0.05) * half(t);
      x.points[2 * i] = clamp((R[0] * u + R[1] * v + R[2]) / depth, -6, 6);
      x.points[2 * i + 1] = clamp((R[3] * u + R[4] * v + R[5]) / depth, -6, 6);
    }
    const before = Math.max(t - 1, 0);
    const size = Math.log(half(t));
    x.condition.set(
      [
        mx,
        my,
        size + 1.5,
        (20 * (mx - box[3 * before])) / half(t),
        (20 * (my - box[3 * before + 1])) / half(t),
        20 * (size - Math.log(half(before))),
      ],
      6 * t,
    );
  }
  return x;
}

/** What is known of a person as the network reads it: height in m, or null for nobody known. */
export function personHint(height, betas) {
  const hint = new Float32Array(betas + 3);
  if (height !== null) hint.set([1, (height - 1.7) / 0.1]);
  return hint;
}

/** Where the pieces begin; the last one ends with the clip. */
export function pieceStarts(frames, length) {
  const starts = [];
  for (let s = 0; s < frames - length; s += HOP) starts.push(s);
  return [...starts, Math.max(0, frames - length)];
}

/** Some pieces as the network's inputs; the last frame is repeated, as absent points, up to their end. */
function feedOf(x, starts, L, person) {
  const N = starts.length;
  const P = person.length;
  const feed = {
    points: new Float32Array(N * L * POINTS * 2),
    confidence: new Float32Array(N * L * POINTS),
    present: new Uint8Array(N * L * POINTS),
    condition: new Float32Array(N * L * 6),
    inside: new Uint8Array(N * L),
    person: new Float32Array(N * P),
  };
  starts.forEach((start, n) => {
    feed.person.set(person, n * P);
    const real = Math.min(L, x.T - start);
    const row = n * L;
    feed.points.set(x.points.subarray(2 * POINTS * start, 2 * POINTS * (start + real)), 2 * POINTS * row);
    feed.confidence.set(x.confidence.subarray(POINTS * start, POINTS * (start + real)), POINTS * row);
    feed.inside.fill(1, row, row + real);
    for (let i = 0; i < L; i++) {
      const t = Math.min(start + i, x.T - 1);
      feed.condition.set(x.condition.subarray(6 * t, 6 * t + 6), 6 * (row + i));
    }
  });
  feed.confidence.forEach((c, i) => {
    feed.present[i] = c > 0 ? 1 : 0;
  });
  return feed;
}

/** The weighted mean of overlapping pieces, collected as they come: frames x n numbers. */
class Blend {
  constructor(frames, n) {
    this.n = n;
    this.total = new Float32Array(frames * n);
    this.mass = new Float64Array(frames);
  }

  /** Frame `from` of what was said counts `weight` in frame t. */
  add(values, from, t, weight) {
    this.mass[t] += weight;
    for (let k = 0; k < this.n; k++) this.total[t * this.n + k] += weight * values[from * this.n + k];
  }

  /** Divides in place: call it once. */
  mean(f = v => v) {
    this.total.forEach((v, i) => {
      this.total[i] = f(v / this.mass[Math.floor(i / this.n)]);
    });
    return this.total;
  }
}

/** Votes of tokens: one body shape (softmax of their weights), one direction of up for the clip. */
class Election {
  constructor(betas) {
    this.betas = new Float64Array(betas);
    this.mass = 0;
    this.top = -Infinity;
    this.up = [0, 0, 0];
    this.kappa = 0;
    this.voters = 0;
  }

  vote(betas, weight) {
    const top = Math.max(this.top, weight);
    const old = Math.exp(this.top - top);
    const own = Math.exp(weight - top);
    this.betas.forEach((b, i) => {
      this.betas[i] = old * b + own * betas[i];
    });
    this.mass = old * this.mass + own;
    this.top = top;
  }

  /** One token's up (3), camera axes, and the logarithm of its concentration. */
  point(up, logKappa) {
    const kappa = Math.exp(logKappa);
    this.up = this.up.map((v, i) => v + kappa * up[i]);
    this.kappa += kappa;
    this.voters++;
  }

  elected() {
    const length = Math.hypot(...this.up);
    const apart = 1 - length / this.kappa;
    const expected = this.voters / this.kappa;
    const up = this.up.map(v => v / Math.max(length, 1e-12));
    return {
      betas: this.betas.map(b => b / this.mass),
      up,
      upError: Math.acos(clamp(1 - Math.max(apart, expected), -1, 1)),
    };
  }
}

/** Two columns of every matrix (n) as six numbers each. */
function columnsOf(R, from, n, out) {
  for (let p = 0; p < n; p++)
    for (let k = 0; k < 3; k++) {
      out[6 * p + k] = R[from + 9 * p + 3 * k];
      out[6 * p + 3 + k] = R[from + 9 * p + 3 * k + 1];
    }
  return out;
}

/** Run the lifter over one stretch; columns (T, 22, 6) are of rotations in axes of the viewing ray, not
    calmed yet.
    person: of `personHint`; told: {turn (T, 22) rad, contact (T, 4), up, upError}, or null. */
export async function liftFrames(run, x, config, person, progress = () => {}) {
  const {patch, context, betas, world} = config;
  const padded = Math.ceil(x.T / patch) * patch;
  const L = Math.min(context, padded);
  const six = new Blend(padded, 6 * JOINTS);
  const error = new Blend(padded, JOINTS);
  const election = new Election(betas);
  const turn = world && new Blend(padded, JOINTS);
  const contact = world && new Blend(padded, 4);
  const starts = pieceStarts(padded, L);
  const columns = new Float32Array(6 * JOINTS);
  for (let first = 0; first < starts.length; first += ROWS) {
    const some = starts.slice(first, first + ROWS);
    const out = await run(feedOf(x, some, L, person), some.length, L);
    some.forEach((start, n) => {
      for (let i = 0; i < L; i++) {
        const from = n * L + i;
        const weight = 1 - Math.abs(i - (L - 1) / 2) / ((L - 1) / 2 + 1);
        six.add(columnsOf(out.rotations, 9 * JOINTS * from, JOINTS, columns), 0, start + i, weight);
        error.add(out.log_error, from, start + i, weight);
        if (!world) continue;
        turn.add(out.log_turn, from, start + i, weight);
        contact.add(out.contact, from, start + i, weight);
      }
      hear(election, out, x, start, (n * L) / patch, L, config);
    });
    await progress(Math.min(1, (first + ROWS) / starts.length));
  }
  const {betas: shape, up, upError} = election.elected();
  const told = world ? {turn: turn.mean(Math.exp), contact: contact.mean(sigmoid), up, upError} : null;
  return {T: x.T, columns: six.mean(), error: error.mean(Math.exp), betas: shape, told};
}

/** The votes of one piece's tokens, those in the padding left out. */
function hear(election, out, x, start, token, L, {patch, betas, world}) {
  const up = new Float64Array(3);
  const column = new Float64Array(9);
  for (let k = 0; k < L / patch && start + k * patch < x.T; k++, token++) {
    election.vote(out.betas.subarray(betas * token, betas * (token + 1)), out.vote[token]);
    if (!world) continue;
    for (let a = 0; a < 3; a++) column[3 * a] = out.up[3 * token + a];
    multiplyTransposed(x.toRay, 9 * (start + k * patch), column, 0, column9, 0);
    for (let a = 0; a < 3; a++) up[a] = column9[3 * a];
    election.point(up, out.log_kappa[token]);
  }
}
const column9 = new Float64Array(9);

/** A session of onnxruntime-web as `run`; ort: its module. */
export function makeRun(session, ort) {
  return async (feed, rows, frames) => {
    const shapes = {
      points: [rows, frames, POINTS, 2],
      confidence: [rows, frames, POINTS],
      present: [rows, frames, POINTS],
      condition: [rows, frames, 6],
      inside: [rows, frames],
      person: [rows, feed.person.length / rows],
    };
    const kinds = {present: 'bool', inside: 'bool'};
    const tensors = {};
    for (const name of session.inputNames)
      tensors[name] = new ort.Tensor(kinds[name] ?? 'float32', feed[name], shapes[name]);
    const out = await session.run(tensors);
    const values = {};
    for (const name of session.outputNames) values[name] = out[name].data;
    return values;
  };
}

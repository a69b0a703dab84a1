// A lifted stretch, turned a little in every joint until it lands on its keypoints, with feet that stand
// (lift/03).
import {JOINTS, POINTS, STANDING_POINTS, TURNS, correct} from './body.js';
import {clamp, doubted, roundEven} from './linear.js';
import {eachPose, placeFrame, reprojection} from './place.js';
import {turnInBlocks} from './rays.js';
import {framesOf} from './seen.js';
import {shapeOnRays} from './shape.js';
import {atTime} from './stretches.js';

export const REFINE = {
  rate: 10, // solutions per second
  point: 0.05, // m: how far a keypoint is believed
  outlier: 0.2, // m: a point this far off has a quarter of its say
  turn: 0.2, // rad: expected turn error where a network does not tell it
  loose: 1.25, // parts of the expected turn error by which each of three axes is free
  place: [0.1, 0.1, 0.2], // m: how far the pelvis may move
  cutoff: 2, // Hz: half of a correction this fast is left
  slip: 0.01, // m: how far a standing foot slips from one solution to the next
};

const HIP = [0.9, 0.95, 0.6];
const KNEE = [1.5, 0.3, 0.3];
const ANKLE = [0.9, 1.1, 0.6];
const FOOT = [1, 1, 1];
const COLLAR = [0.3, 1, 1.2];
const SHOULDER = [1.1, 0.6, 0.55];
const ELBOW = [1.1, 0.8, 0.4];
const WRIST = [0.2, 0.55, 1];
/** How free each joint is about its three axes, (22, 3), in parts of its expected turn error. */
export const TURN_AXES = [
  [0.7, 0.9, 0.5],
  HIP,
  HIP,
  [0.9, 0.4, 0.5],
  KNEE,
  KNEE,
  [0.6, 0.5, 0.4],
  ANKLE,
  ANKLE,
  [0.6, 0.5, 0.4],
  FOOT,
  FOOT,
  [0.75, 0.75, 0.4],
  COLLAR,
  COLLAR,
  [0.45, 0.45, 0.25],
  SHOULDER,
  SHOULDER,
  ELBOW,
  ELBOW,
  WRIST,
  WRIST,
];

/** Frames from one knot to the next, where corrections are solved. */
export const knotStep = ({T, fps}) => (T > 9 ? Math.max(1, roundEven(fps / REFINE.rate)) : 1);

/** Weighted means (N, n) of x (T, n) around some frames, each of n numbers with its own weight (T, n /
    every), and
    the mean weights (N, n / every): a triangle, `step` frames to either side. */
export function meanNear(x, weight, T, at, step) {
  const n = x.length / T;
  const W = weight.length / T;
  const each = n / W;
  const mean = new Float64Array(at.length * n);
  const mass = new Float64Array(at.length * W);
  at.forEach((frame, i) => {
    let share = 0;
    for (let k = 1 - step; k < step; k++) {
      const t = frame + k;
      const inside = 1 - Math.abs(k) / step;
      if (t < 0 || t >= T) continue;
      share += inside;
      for (let w = 0; w < W; w++) mass[i * W + w] += inside * weight[t * W + w];
      for (let a = 0; a < n; a++)
        mean[i * n + a] += inside * weight[t * W + Math.floor(a / each)] * x[t * n + a];
    }
    for (let a = 0; a < n; a++) mean[i * n + a] /= Math.max(mass[i * W + Math.floor(a / each)], 1e-9);
    for (let w = 0; w < W; w++) mass[i * W + w] /= share;
  });
  return {mean, mass};
}

/** Where points were seen around every knot, as if the body had stood still: rays (N, 27, 2), trust (N,
    27). */
function knotRays(body, part, seen, at, step) {
  const {T, points, confidence, focal, centre} = seen;
  const {rotations, pelvis} = part;
  const miss = new Float32Array(points.length);
  const heard = new Float32Array(confidence.length);
  eachPose(body, rotations, t => {
    for (let k = 0; k < POINTS; k++) {
      const i = t * POINTS + k;
      const z = body.points[3 * k + 2] + pelvis[3 * t + 2];
      for (let a = 0; a < 2; a++)
        miss[2 * i + a] =
          body.points[3 * k + a] + pelvis[3 * t + a] - ((points[2 * i + a] - centre[a]) / focal[a]) * z;
      heard[i] = doubted(confidence[i], miss[2 * i] ** 2 + miss[2 * i + 1] ** 2, REFINE.outlier);
    }
  });
  const rays = meanNear(miss, heard, T, at, step).mean;
  const trust = meanNear(confidence, confidence, T, at, step).mass;
  at.forEach((t, i) => {
    body.pose(rotations, 9 * JOINTS * t);
    for (let k = 0; k < POINTS; k++)
      for (let a = 0; a < 2; a++) {
        const z = Math.max(body.points[3 * k + 2] + pelvis[3 * t + 2], 0.05);
        const o = 2 * (i * POINTS + k) + a;
        rays[o] = (body.points[3 * k + a] + pelvis[3 * t + a] - rays[o]) / z;
      }
  });
  return {rays, trust};
}

/** How far turns and shift may be off at some frames, (N, 69). */
function spreadAt(told, at) {
  const out = new Float64Array(at.length * TURNS);
  at.forEach((t, i) => {
    for (let j = 0; j < JOINTS; j++)
      for (let a = 0; a < 3; a++)
        out[i * TURNS + 3 * j + a] =
          REFINE.loose * (told ? told.turn[t * JOINTS + j] : REFINE.turn) * TURN_AXES[j][a];
    out.set(REFINE.place, i * TURNS + 3 * JOINTS);
  });
  return out;
}

/** Weight (69) of second differences, after Whittaker, against the pull. */
function steadyOf(spread, N, rate) {
  const bend = 2 * Math.sin(Math.PI * Math.min(REFINE.cutoff / rate, 0.5));
  const steady = new Float64Array(TURNS);
  spread.forEach((s, i) => {
    steady[i % TURNS] += (bend ** -4 * s ** -2) / N;
  });
  return steady;
}

/** One over the squared slip of standing feet from knot to knot, (N - 1, 4). */
function standsAt(told, at) {
  const out = new Float64Array(4 * (at.length - 1));
  if (told)
    out.forEach((_, i) => {
      const n = i >> 2;
      const k = i % 4;
      out[i] = (told.contact[4 * at[n + 1] + k] * told.contact[4 * at[n] + k]) / REFINE.slip ** 2;
    });
  return out;
}

/** Rows of n numbers at some frames. */
function rowsAt(x, n, at) {
  const out = new Float64Array(at.length * n);
  at.forEach((t, i) => out.set(x.subarray(t * n, (t + 1) * n), i * n));
  return out;
}

/** All that is known at the knots of a stretch: the clip of rays.js. */
export function seenAtKnots(body, part, seen, at, step) {
  const {rays, trust} = knotRays(body, part, seen, at, step);
  const spread = spreadAt(part.told, at);
  return {
    N: at.length,
    pelvis: rowsAt(part.pelvis, 3, at),
    rays,
    weight: trust.map(t => t / REFINE.point ** 2),
    spread,
    steady: steadyOf(spread, at.length, seen.fps / step),
    stands: standsAt(part.told, at),
    outlier: REFINE.outlier,
  };
}

/** One stretch, turned onto its keypoints as smoothly as people err; rotations and pelvis in place.
    pause(part done) between blocks. What changed, as sums over the knots: see `refinementNote`. */
export async function refineClip(body, part, seen, pause = () => {}) {
  const step = knotStep(seen);
  const at = Array.from({length: Math.ceil(seen.T / step)}, (_, i) => i * step);
  const clip = seenAtKnots(body, part, seen, at, step);
  const R = rowsAt(part.rotations, 9 * JOINTS, at);
  const turned = await turnInBlocks(body, clip, R, pause);
  const change = changeOf(body, R, turned, clip, seen, at, step);
  const now = new Float64Array(TURNS);
  for (let t = 0; t < seen.T; t++) {
    atTime(turned, TURNS, t / step, now, 0);
    correct(part.rotations, 9 * JOINTS * t, now, 0);
    for (let a = 0; a < 3; a++) part.pelvis[3 * t + a] += now[3 * JOINTS + a];
  }
  return change;
}

/** What a turn of the knots changed: turns, reprojection, slides of standing feet in sight. */
function changeOf(body, R, turned, clip, seen, at, step) {
  const change = {
    turn: 0,
    joints: at.length * JOINTS,
    before: 0,
    after: 0,
    seen: 0,
    slid: 0,
    slides: 0,
    stood: 0,
  };
  for (let i = 0; i < at.length * JOINTS; i++) {
    const o = Math.floor(i / JOINTS) * TURNS + 3 * (i % JOINTS);
    change.turn += Math.hypot(turned[o], turned[o + 1], turned[o + 2]);
  }
  const after = Float64Array.from(R);
  const moved = clip.pelvis.map((v, i) => v + turned[Math.floor(i / 3) * TURNS + 3 * JOINTS + (i % 3)]);
  at.forEach((_, i) => correct(after, 9 * JOINTS * i, turned, TURNS * i));
  measure(body, R, clip.pelvis, clip, seen, at, step, (off, slide) => {
    change.before += off;
    change.slid += slide;
  });
  measure(body, after, moved, clip, seen, at, step, (off, slide) => {
    change.after += off;
    change.slides += slide;
  });
  for (const t of at)
    for (let k = 0; k < POINTS; k++) change.seen += seen.confidence[t * POINTS + k] > 0 ? 1 : 0;
  clip.stands.forEach((s, i) => {
    change.stood += standsInSight(s, i, seen, at);
  });
  return change;
}

/** How much a foot stands from one knot to the next, 0 where its ankle was out of sight. */
function standsInSight(stands, i, seen, at) {
  const ankle = t => seen.confidence[t * POINTS + 15 + (i % 2)] > 0;
  const n = i >> 2;
  return ankle(at[n]) && ankle(at[n + 1]) ? stands * REFINE.slip ** 2 : 0;
}

/** Calls use(sum of reprojection errors, px, slides of standing feet, m/s) for every knot of a pose. */
function measure(body, R, pelvis, clip, seen, at, step, use) {
  const feet = new Float64Array(12);
  const before = new Float64Array(12);
  eachPose(body, R, n => {
    let off = 0;
    let slide = 0;
    for (let k = 0; k < POINTS; k++)
      if (seen.confidence[at[n] * POINTS + k] > 0)
        off += reprojection(body.points, pelvis, 3 * n, seen, at[n], k);
    STANDING_POINTS.forEach((k, i) => {
      for (let a = 0; a < 3; a++) feet[3 * i + a] = body.points[3 * k + a] + pelvis[3 * n + a];
      const way = Math.hypot(...[0, 1, 2].map(a => feet[3 * i + a] - before[3 * i + a]));
      const w = 4 * (n - 1) + i;
      if (n) slide += (way * standsInSight(clip.stands[w], w, seen, at) * seen.fps) / step;
    });
    before.set(feet);
    use(off, slide);
  });
}

/** The shape of one stretch's person, from its keypoints; frames: to look at. */
export function refineBetas(body, part, seen, frames = 40) {
  const N = Math.min(frames, seen.T);
  const {T, focal, centre} = seen;
  const at = Array.from({length: N}, (_, i) => (N > 1 ? roundEven((i * (T - 1)) / (N - 1)) : 0));
  const some = {
    ...framesOf(seen, 0, 0),
    T: N,
    points: rowsAt(seen.points, 2 * POINTS, at),
    confidence: rowsAt(seen.confidence, POINTS, at),
  };
  const R = rowsAt(part.rotations, 9 * JOINTS, at);
  const pelvis = new Float64Array(3 * N);
  eachPose(body.take(part.betas), R, t => {
    const found = placeFrame(body.points, some, t);
    const depth = clamp(Math.max(found.depth, found.nearest), 0.1, 500);
    pelvis.set([depth * found.ray[0] + found.shift[0], depth * found.ray[1] + found.shift[1], depth], 3 * t);
  });
  const clip = {
    N,
    pelvis,
    rays: some.points.map((v, i) => (v - centre[i % 2]) / focal[i % 2]),
    weight: some.confidence.map(c => c / REFINE.point ** 2),
    spread: spreadAt(part.told, at),
    outlier: REFINE.outlier,
  };
  return shapeOnRays(body, clip, R, part.betas, clamp((2 * T) / seen.fps, 1, 10));
}

/** What refinement changed, in words. */
export function refinementNote(changes) {
  const sum = key => changes.reduce((total, c) => total + c[key], 0);
  const seen = Math.max(sum('seen'), 1);
  const stood = sum('stood');
  const degrees = ((sum('turn') / Math.max(sum('joints'), 1)) * 180) / Math.PI;
  const note =
    `refined onto the keypoints: joints turned by ${degrees.toFixed(1)} degrees on average, ` +
    `reprojection ${(sum('before') / seen).toFixed(1)} -> ${(sum('after') / seen).toFixed(1)} px`;
  if (stood < 1) return note;
  const [slid, slides] = ['slid', 'slides'].map(key => ((100 * sum(key)) / stood).toFixed(1));
  return `${note}, feet that the network takes for standing slide ${slid} -> ${slides} cm/s`;
}

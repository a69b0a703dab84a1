// Where the person stands: from a pose without a place and viewing rays to a walk through the room (lift/02).
import {JOINTS, POINTS} from './body.js';
import {clamp, median} from './linear.js';
import {smoothSignal} from './smooth.js';

const ROUNDS = [0.4, 0.2, 0.1, 0.05, 0.05]; // m, round by round: such an error has a quarter of the weight
const DEPTH_CUTOFF = 1; // Hz
const ACROSS_CUTOFF = 8; // Hz

/** Pose the body in every frame of rotations (T, 22, 9): calls use(t) with the body in that pose. */
export function eachPose(body, rotations, use) {
  const n = 9 * JOINTS;
  for (let t = 0; t * n < rotations.length; t++) {
    body.pose(rotations, t * n);
    use(t);
  }
}

/** Weighted regression of b on rays: the pelvis' depth, how well it is known, mean ray and mean b. */
function fit(ray, b, weight) {
  let total = 0;
  let rx = 0;
  let ry = 0;
  let bx = 0;
  let by = 0;
  let known = 0;
  let both = 0;
  for (let k = 0; k < POINTS; k++) {
    const w = weight[k];
    total += w;
    rx += w * ray[2 * k];
    ry += w * ray[2 * k + 1];
    bx += w * b[2 * k];
    by += w * b[2 * k + 1];
  }
  total = Math.max(total, 1e-9);
  rx /= total;
  ry /= total;
  bx /= total;
  by /= total;
  for (let k = 0; k < POINTS; k++) {
    const dx = ray[2 * k] - rx;
    const dy = ray[2 * k + 1] - ry;
    known += weight[k] * (dx * dx + dy * dy);
    both += weight[k] * (dx * (b[2 * k] - bx) + dy * (b[2 * k + 1] - by));
  }
  return {depth: -both / Math.max(known, 1e-12), known, ray: [rx, ry], shift: [bx, by]};
}

/** Robust regression for the pelvis of frame t; points (27, 3) from the pelvis, m. */
export function placeFrame(points, seen, t) {
  const ray = new Float64Array(2 * POINTS);
  const b = new Float64Array(2 * POINTS);
  const weight = new Float64Array(POINTS);
  let nearest = Infinity;
  for (let k = 0; k < POINTS; k++) {
    for (let a = 0; a < 2; a++) {
      ray[2 * k + a] = (seen.points[2 * (t * POINTS + k) + a] - seen.centre[a]) / seen.focal[a];
      b[2 * k + a] = ray[2 * k + a] * points[3 * k + 2] - points[3 * k + a];
    }
    weight[k] = seen.confidence[t * POINTS + k];
    nearest = Math.min(nearest, points[3 * k + 2]);
  }
  for (const limit of ROUNDS) {
    const f = fit(ray, b, weight);
    for (let k = 0; k < POINTS; k++) {
      const x = b[2 * k] - f.shift[0] + f.depth * (ray[2 * k] - f.ray[0]);
      const y = b[2 * k + 1] - f.shift[1] + f.depth * (ray[2 * k + 1] - f.ray[1]);
      weight[k] = seen.confidence[t * POINTS + k] / (1 + (x * x + y * y) / limit ** 2) ** 2;
    }
  }
  return {...fit(ray, b, weight), nearest: 0.2 - nearest};
}

/** A depth (T) that bends slowly; frames far from it lose their weight, round by round. */
function depthCurve(depth, weight, fps, cutoff) {
  const clipped = depth.map(z => clamp(z, 0.1, 500));
  let w = weight;
  let curve;
  for (let round = 0; round < 3; round++) {
    curve = smoothSignal(clipped, 1, fps, cutoff, w).map(z => clamp(z, 0.1, 500));
    w = weight.map((v, t) => v / (1 + ((depth[t] - curve[t]) / (0.1 * curve[t])) ** 2) ** 2);
  }
  return curve;
}

/** Where the pelvis was (T, 3), m, camera axes: a curve that is continuous in time; cutoff: of smoothing,
    Hz. */
export function findPelvis(body, rotations, seen, cutoff = null) {
  const {T, fps} = seen;
  const depth = new Float64Array(T);
  const known = new Float64Array(T);
  const nearest = new Float64Array(T);
  const ray = new Float64Array(2 * T);
  const shift = new Float64Array(2 * T);
  const limit = hz => Math.min(hz, cutoff ?? hz);
  eachPose(body, rotations, t => {
    const found = placeFrame(body.points, seen, t);
    depth[t] = found.depth;
    known[t] = found.known;
    nearest[t] = found.nearest;
    ray.set(found.ray, 2 * t);
    shift.set(found.shift, 2 * t);
  });
  const good = known.map((k, t) => (k > 1e-9 && Number.isFinite(depth[t]) && depth[t] > 0 ? 1 : 0));
  const usual = good.some(g => g) ? median(known.filter((_, t) => good[t])) : 1;
  const weight = known.map((k, t) => (good[t] ? clamp(k / usual, 0, 1) : 0));
  const z = depthCurve(depth, weight, fps, limit(DEPTH_CUTOFF)).map((v, t) => Math.max(v, nearest[t]));
  const across = smoothSignal(
    ray.map((r, i) => r + shift[i] / z[i >> 1]),
    2,
    fps,
    limit(ACROSS_CUTOFF),
    weight,
  );
  const pelvis = new Float64Array(3 * T);
  z.forEach((d, t) => pelvis.set([across[2 * t] * d, across[2 * t + 1] * d, d], 3 * t));
  return pelvis;
}

/** Distance of point k of the body, placed at pelvis[p..], from its keypoint in frame t, px. */
export function reprojection(points, pelvis, p, seen, t, k) {
  const i = 2 * (t * POINTS + k);
  const z = Math.max(points[3 * k + 2] + pelvis[p + 2], 0.05);
  const x = (seen.focal[0] * (points[3 * k] + pelvis[p])) / z + seen.centre[0] - seen.points[i];
  const y = (seen.focal[1] * (points[3 * k + 1] + pelvis[p + 1])) / z + seen.centre[1] - seen.points[i + 1];
  return Math.hypot(x, y);
}

/** Joints (T, 22, 3) in their place, m, and how far points (T, 27) are from their keypoints, px, NaN where
    unseen. */
export function locate(body, rotations, pelvis, seen, joints, off) {
  eachPose(body, rotations, t => {
    for (let i = 0; i < 3 * JOINTS; i++)
      joints[3 * JOINTS * t + i] = body.joints[i] + pelvis[3 * t + (i % 3)];
    for (let k = 0; k < POINTS; k++)
      if (seen.confidence[t * POINTS + k] > 0)
        off[t * POINTS + k] = reprojection(body.points, pelvis, 3 * t, seen, t, k);
  });
}

/** Mean (T) of the numbers of each frame (T, 27) that are some; NaN where none is. */
export function meanOfPoints(off) {
  return Float64Array.from({length: off.length / POINTS}, (_, t) => {
    const known = off.subarray(t * POINTS, (t + 1) * POINTS).filter(v => !Number.isNaN(v));
    return known.reduce((sum, v) => sum + v, 0) / known.length;
  });
}

/** The nearest shape of this stature, m; an Error when the height is no person's. */
export function betasForHeight(body, betas, height) {
  let b = Float64Array.from(betas);
  for (let round = 0; round < 20; round++) {
    const extent = body.extent(b);
    const growth = body.growth(extent);
    const left = height - (extent.high - extent.low);
    const size = growth.reduce((sum, g) => sum + g * g, 0);
    b = b.map((v, i) => v + (growth[i] * left) / size);
    const now = body.extent(b);
    if (Math.abs(height - (now.high - now.low)) < 1e-5) break;
  }
  return b;
}

/** An Error when a height, m, is no person's. */
export function checkHeight(height) {
  if (height === null || (height > 0.4 && height < 2.6)) return;
  throw new Error(`a height of ${height} m is no person's: give metres, e.g. 1.75`);
}

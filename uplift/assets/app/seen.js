// What a clip shows of its person, as the lifter reads it (lift/00), left and right put right (data/31).
//   seen: {T, points: (T, 27, 2) px, confidence: (T, 27), focal: [fx, fy], centre: [cx, cy], size, fps}
import {POINTS} from './body.js';
import {mapKeypoints} from './clip.js';
import {clamp, lowerMedian, roundEven} from './linear.js';

const STRAY = 8; // times the usual distance from the middle of the person
const FIELD_OF_VIEW = (55 * Math.PI) / 180;
const LONGEST = 0.4; // s that a confusion of left and right may last
const JUMPS = {face: 0.02, arms: 0.04, legs: 0.04}; // parts of the person's larger side

/** Frames a to b - 1 of what was seen; views, nothing is copied. */
export const framesOf = (seen, a, b) => ({
  ...seen,
  T: b - a,
  points: seen.points.subarray(2 * POINTS * a, 2 * POINTS * b),
  confidence: seen.confidence.subarray(POINTS * a, POINTS * b),
});

/** Box around the seen points of frame t, of J: centre [x, y], sides [w, h], count. */
export function personBox({points, confidence}, t, J = POINTS) {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  let count = 0;
  for (let i = t * J; i < (t + 1) * J; i++) {
    if (!(confidence[i] > 0)) continue;
    count++;
    for (let a = 0; a < 2; a++) {
      low[a] = Math.min(low[a], points[2 * i + a]);
      high[a] = Math.max(high[a], points[2 * i + a]);
    }
  }
  if (!count) return {centre: [0, 0], sides: [0, 0], count};
  return {
    centre: [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2],
    sides: [high[0] - low[0], high[1] - low[1]],
    count,
  };
}

/** Distances of the seen points of frame t from their middle: [index, px]. */
function distances({points, confidence}, t) {
  const ids = [];
  for (let i = t * POINTS; i < (t + 1) * POINTS; i++) if (confidence[i] > 0) ids.push(i);
  const [x, y] = [0, 1].map(a => lowerMedian(ids.map(i => points[2 * i + a])));
  return ids.map(i => [i, Math.hypot(points[2 * i] - x, points[2 * i + 1] - y)]);
}

/** Distrust points that are far from all others, in place; how many. */
function leaveOutStrays(seen, T) {
  const usual = new Float64Array(T);
  const some = [];
  for (let t = 0; t < T; t++) {
    const far = distances(seen, t);
    if (far.length < 3) continue;
    usual[t] = lowerMedian(far.map(([, d]) => d));
    some.push(t);
  }
  const middle = some.length ? lowerMedian(some.map(t => usual[t])) : 0;
  let strays = 0;
  for (const t of some)
    for (const [i, d] of distances(seen, t)) {
      if (d <= STRAY * Math.max(usual[t], middle)) continue;
      seen.confidence[i] = 0;
      strays++;
    }
  return strays;
}

/** A picture that holds all points, when nobody says how large it was: [width, height] px. */
function pictureSize({points, confidence}) {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  confidence.forEach((c, i) => {
    if (c > 0)
      for (let a = 0; a < 2; a++) {
        low[a] = Math.min(low[a], points[2 * i + a]);
        high[a] = Math.max(high[a], points[2 * i + a]);
      }
  });
  if (low[0] === Infinity) throw new Error('no keypoint was seen in any frame: there is nothing to lift');
  return [0, 1].map(a => clamp(Math.fround(high[a] + Math.max(low[a], 0)), 1, 32767));
}

/** What a clip shows; notes (a list) are added: what was assumed or left out. */
export function see(clip, table, notes) {
  const seen = {T: clip.T, fps: clip.fps, ...mapKeypoints(clip, table.maps[clip.skeleton])};
  let far = 0;
  for (let i = 0; i < clip.T * clip.J; i++) if (clip.confidence[i] > 0 && outOfReach(clip.points, i)) far++;
  for (let i = 0; i < seen.confidence.length; i++) if (outOfReach(seen.points, i)) seen.confidence[i] = 0;
  if (far) notes.push(`${far} points lie outside of any picture and were left out`);
  const size = clip.size ?? pictureSize(seen);
  const strays = leaveOutStrays(seen, clip.T);
  if (strays) notes.push(`${strays} points far from the person were left out`);
  if (!clip.size) notes.push(`picture size not given: ${size.map(roundEven).join('x')} assumed`);
  if (!clip.focal) notes.push('focal length not given: a field of view of 55 degrees assumed');
  const f = Math.max(...size) / 2 / Math.tan(FIELD_OF_VIEW / 2);
  return {...seen, size, focal: clip.focal ?? [f, f], centre: clip.centre ?? size.map(s => s / 2)};
}

const outOfReach = (points, i) => !(Math.abs(points[2 * i]) < 1e5 && Math.abs(points[2 * i + 1]) < 1e5);

/** Whether left and right of some points change places between frames t and t + 1. */
function jumps(clip, ids, swap, least, t) {
  const {J, points, confidence} = clip;
  const now = t * J;
  const next = (t + 1) * J;
  const gap = (i, j) =>
    Math.hypot(
      points[2 * (now + i)] - points[2 * (next + j)],
      points[2 * (now + i) + 1] - points[2 * (next + j) + 1],
    );
  let further = 0;
  let both = 0;
  for (const i of ids) {
    if (![now + i, next + i, next + swap[i]].every(k => confidence[k] > 0)) continue;
    further += gap(i, i) - gap(i, swap[i]);
    both++;
  }
  return both >= 2 && further / both > least * Math.max(...personBox(clip, t + 1, J).sides);
}

/** Pairs of jumps (frames) that undo each other, the closest pairs first; and the jumps that are left. */
function undone(at, most) {
  const pairs = [];
  for (let gap = 1; gap <= most; gap++) {
    const kept = [];
    for (const t of at) {
      if (kept.length && t - kept.at(-1) <= gap) pairs.push([kept.pop(), t]);
      else kept.push(t);
    }
    at = kept;
  }
  return {pairs, left: at};
}

/** The frames (T, 0 or 1) between a jump and the one that undoes it, and short ends. */
export function confusedFrames(at, T, fps) {
  const most = Math.max(1, roundEven(LONGEST * fps));
  const {pairs, left} = undone(at, most);
  const long = T > 2 * most;
  if (left.length && left[0] <= most >> 1 && long) pairs.push([0, left.shift()]);
  if (left.length && T - left.at(-1) <= most >> 1 && long) pairs.push([left.at(-1), T]);
  const turns = new Uint8Array(T + 1);
  for (const pair of pairs) for (const t of pair) turns[t] ^= 1;
  for (let t = 1; t <= T; t++) turns[t] ^= turns[t - 1];
  return turns.subarray(0, T);
}

/** The clip with left and right put right where the detector confused them for a moment, and a note or ''. */
export function mendSides(clip, table) {
  const {swap, limbs} = table.skeletons[clip.skeleton];
  const said = [];
  const points = Float32Array.from(clip.points);
  const confidence = Float32Array.from(clip.confidence);
  for (const [name, ids] of Object.entries(limbs)) {
    if (ids.length < 2 || clip.T < 3) continue;
    const at = [];
    for (let t = 0; t + 1 < clip.T; t++) if (jumps(clip, ids, swap, JUMPS[name], t)) at.push(t + 1);
    const wrong = confusedFrames(at, clip.T, clip.fps);
    let count = 0;
    wrong.forEach((is, t) => {
      if (!is) return;
      count++;
      for (const i of ids) {
        const to = t * clip.J + i;
        const from = t * clip.J + swap[i];
        confidence[to] = clip.confidence[from];
        points.set(clip.points.subarray(2 * from, 2 * from + 2), 2 * to);
      }
    });
    if (count) said.push(`${name} in ${count}`);
  }
  if (!said.length) return {clip, note: ''};
  const note = `left and right were confused and put right: ${said.join(', ')} of ${clip.T} frames`;
  return {clip: {...clip, points, confidence}, note};
}

// Keypoints from a file to a clip, and from any skeleton to the 27 points that the network reads.
//   clip: {name, fps, size: [w, h], skeleton, T, J, points: Float32Array(T*J*2) px,
//          confidence: Float32Array(T*J), focal?: [fx, fy], centre?: [cx, cy]}; unseen: confidence 0
import {POINTS} from './body.js';

const FARTHEST = 1e6; // pixels of a keypoint that somebody may mean, far out of any picture
const NAMED_ONLY = new Set(['h36m17']); // never guessed from the number of points

/** The rows [frame][point] of a file's JSON, whatever it holds: our own form, arrays, or COCO results. */
function framesOf(data) {
  if (!Array.isArray(data)) return data ?? {};
  if (data[0]?.image_id === undefined) return {keypoints: data};
  const best = new Map();
  for (const found of data) {
    const old = best.get(found.image_id);
    if (!old || (found.score ?? 0) > (old.score ?? 0)) best.set(found.image_id, found);
  }
  const order = (a, b) => String(a.image_id).localeCompare(String(b.image_id), 'en', {numeric: true});
  const triples = ({keypoints: k}) => Array.from({length: k.length / 3}, (_, j) => k.slice(3 * j, 3 * j + 3));
  return {keypoints: [...best.values()].sort(order).map(triples)};
}

/** The name of a skeleton with J points: the given one, or the only one that has as many. */
function skeletonOf(given, J, skeletons) {
  const known = Object.keys(skeletons);
  if (given !== undefined) return checkedSkeleton(given, J, skeletons);
  const names = known.filter(n => skeletons[n].count === J && !NAMED_ONLY.has(n));
  if (names.length === 1) return names[0];
  if (names.length) throw new Error(`${J} points could be ${names.join(' or ')}: name the skeleton`);
  const all = known.map(n => `${n} (${skeletons[n].count})`).join(', ');
  throw new Error(`no known skeleton has ${J} points; known: ${all}`);
}

/** A skeleton's name, if it is known and has J points. */
function checkedSkeleton(name, J, skeletons) {
  const known = Object.keys(skeletons);
  if (!known.includes(name)) throw new Error(`skeleton ${name} is not known; known: ${known.join(', ')}`);
  if (skeletons[name].count === J) return name;
  throw new Error(`${name} has ${skeletons[name].count} points, this file has ${J}`);
}

/** Points and confidence as flat arrays; what is no number becomes 0 with confidence 0. */
function flatten(rows, confidence, J) {
  const points = new Float32Array(rows.length * J * 2);
  const sure = new Float32Array(rows.length * J);
  rows.forEach((frame, t) => {
    if (frame.length !== J)
      throw new Error(`every frame must have the ${J} points of the first, frame ${t} has ${frame.length}`);
    frame.forEach((point, j) => {
      const [x, y, own] = point ?? [];
      const c = confidence ? confidence[t]?.[j] : (own ?? 1);
      if (![x, y, c].every(v => typeof v === 'number' && Number.isFinite(v)) || c <= 0) return;
      if (Math.max(Math.abs(x), Math.abs(y)) > FARTHEST)
        throw new Error(`point ${j} of frame ${t} lies at ${x}, ${y}: are these pixels?`);
      points.set([x, y], 2 * (t * J + j));
      sure[t * J + j] = Math.min(1, c);
    });
  });
  return {points, confidence: sure};
}

/** A file's JSON as a clip; an Error says what is wrong with it. */
export function readClip(data, table, name = 'clip') {
  const given = framesOf(data);
  const rows = given.keypoints;
  if (!Array.isArray(rows) || !rows.length || !Array.isArray(rows[0]) || !Array.isArray(rows[0][0]))
    throw new Error(
      'no keypoints in this file: it must hold {fps, size, skeleton, keypoints: [frame][point][x, y]}',
    );
  const J = rows[0].length;
  const skeleton = skeletonOf(given.skeleton, J, table.skeletons);
  const fps = given.fps ?? 30;
  if (!(fps > 0 && fps < 1e5)) throw new Error(`fps must be a positive number, this file says ${fps}`);
  const clip = {name, fps, skeleton, T: rows.length, J, ...flatten(rows, given.confidence, J)};
  for (const key of ['size', 'focal', 'centre']) if (given[key]) clip[key] = [given[key]].flat();
  if (clip.focal?.length === 1) clip.focal.push(clip.focal[0]);
  return clip;
}

/** Points (T, 27, 2) px and confidence (T, 27) of a clip of any skeleton; ids: table.maps[clip.skeleton]. */
export function mapKeypoints({T, J, points, confidence}, ids) {
  const out = {points: new Float64Array(T * POINTS * 2), confidence: new Float64Array(T * POINTS)};
  for (let t = 0; t < T; t++)
    ids.forEach((from, k) => {
      if (from < 0) return;
      const to = t * POINTS + k;
      const at = t * J + from;
      out.confidence[to] = confidence[at];
      out.points[2 * to] = points[2 * at];
      out.points[2 * to + 1] = points[2 * at + 1];
    });
  return out;
}

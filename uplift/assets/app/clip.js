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
  const ids = data.map(found => found?.image_id);
  data.forEach((found, i) => {
    const own = found?.keypoints;
    if (ids[i] === undefined || !Array.isArray(own) || !own.length || own.length % 3)
      throw new Error(`entry ${i} is no detection: each needs image_id, keypoints [x, y, confidence, ...]`);
  });
  if (new Set(ids).size < ids.length)
    throw new Error('several people in one picture: keep one; uplift_lift --person tells them apart');
  const order = (a, b) => String(a.image_id).localeCompare(String(b.image_id), 'en', {numeric: true});
  const triples = ({keypoints: k}) =>
    Array.from({length: k.length / 3}, (_, j) => k.slice(3 * j, 3 * j + 3));
  return {keypoints: inTime(data.toSorted(order), triples)};
}

/** A row for every frame: where ids are numbers and one is left out, nobody was seen in that frame. */
function inTime(found, triples) {
  if (!found.every(f => Number.isInteger(f.image_id))) return found.map(triples);
  const first = found[0].image_id;
  const T = found.at(-1).image_id - first + 1;
  if (T > 10 * found.length + 100)
    throw new Error(`${found.length} detections are spread over ${T} ids: several films in one file?`);
  const nobody = triples(found[0]).map(() => [0, 0, 0]);
  const rows = Array.from({length: T}, () => nobody);
  for (const f of found) rows[f.image_id - first] = triples(f);
  return rows;
}

/** The name of a skeleton with J points: the given one, or the only one that has as many. */
function skeletonOf(given, J, skeletons) {
  const known = Object.keys(skeletons);
  if (given !== undefined && given !== null) return checkedSkeleton(given, J, skeletons);
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
    if (frame?.length !== J)
      throw new Error(
        `every frame must have the ${J} points of the first, frame ${t} has ${frame?.length ?? 'none'}`,
      );
    frame.forEach((point, j) => {
      const [x, y, own] = point ?? [];
      const c = confidence ? confidence[t]?.[j] : (own ?? 1);
      if (![x, y, c].every(v => typeof v === 'number' && Number.isFinite(v)) || c <= 0) return;
      if (x === y && (x === 0 || x === -1)) return; // how detectors write a point that they did not find
      if (Math.max(Math.abs(x), Math.abs(y)) > FARTHEST)
        throw new Error(`point ${j} of frame ${t} lies at ${x}, ${y}: are these pixels?`);
      points.set([x, y], 2 * (t * J + j));
      sure[t * J + j] = Math.min(1, c);
    });
  });
  refuseFractions(points, sure);
  return {points, confidence: sure};
}

/** Coordinates from -1 to 1, but for one in twenty, are parts of the picture and no pixels. */
function refuseFractions(points, sure) {
  const seen = [...sure.keys()].filter(i => sure[i] > 0);
  const large = seen.filter(i => Math.max(Math.abs(points[2 * i]), Math.abs(points[2 * i + 1])) > 1.5);
  if (seen.length && large.length <= seen.length / 20)
    throw new Error('the coordinates are parts of the picture: give pixels; uplift_lift --size reads these');
}

/** A file's JSON as a clip; an Error says what is wrong with it. */
export function readClip(data, table, name = 'clip') {
  const given = framesOf(data);
  const rows = given.keypoints;
  if (!Array.isArray(rows) || !rows.length || !Array.isArray(rows[0]) || !Array.isArray(rows[0][0]))
    throw new Error(
      'no keypoints that this page reads: it takes {fps, size, skeleton, keypoints: [frame][point][x, y]}, ' +
        'arrays and COCO results; uplift_lift reads the files of other detectors',
    );
  const J = rows[0].length;
  const skeleton = skeletonOf(given.skeleton, J, table.skeletons);
  const fps = given.fps ?? 30;
  if (!(typeof fps === 'number' && fps >= 1 && fps <= 1000))
    throw new Error(`fps must be frames per second, 1 to 1,000; this file says ${fps}`);
  checkConfidence(given.confidence, rows.length, J);
  const clip = {name, fps, skeleton, T: rows.length, J, ...flatten(rows, given.confidence, J)};
  for (const [key, low, high] of [
    ['size', 1, 32767],
    ['focal', 1e-9, 1e30],
    ['centre', -1e6, 1e6],
  ])
    if (given[key] !== undefined && given[key] !== null) clip[key] = pair(given[key], key, low, high);
  return clip;
}

/** Two numbers of a file, or one for both. */
function pair(given, key, low, high) {
  const both = Array.isArray(given) ? given : [given, given];
  if (both.length === 2 && both.every(v => typeof v === 'number' && v >= low && v <= high)) return both;
  throw new Error(`${key} must be two numbers of pixels, this file says ${JSON.stringify(given).slice(0, 60)}`);
}

/** A confidence for every point, or none at all. */
function checkConfidence(given, T, J) {
  if (given === undefined || given === null) return;
  if (Array.isArray(given) && given.length === T && given.every(row => row?.length === J)) return;
  throw new Error(`confidence must be [frame][point], ${T} times ${J} numbers as the keypoints`);
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

// What was assumed, bridged or never seen, in the words of Python (lift/12, lift/00, core/04).
import {JOINTS, POINTS} from './body.js';
import {median} from './linear.js';
import {eachPose} from './place.js';
import {personBox} from './seen.js';

const BLOCK = 2000; // frames
const GUESSED = 0.2; // confidence below which a detector has guessed a point rather than seen it

/** Mean length of the jerk of the joints of a part, from the pelvis, m/s^3, summed over frames; and the
    frames. */
function jitterOf(body, part, fps) {
  const n = 3 * JOINTS;
  const rows = [];
  const found = {sum: 0, frames: 0};
  let total = 0;
  let begin = 0;
  const finish = end => {
    if (end - begin > 3) {
      found.sum += (total / ((end - begin - 3) * JOINTS)) * (end - begin);
      found.frames += end - begin;
    }
    total = 0;
    begin = end;
    rows.length = 0;
  };
  eachPose(body, part.rotations, t => {
    if (t - begin === BLOCK) finish(t);
    rows.push(Float64Array.from(body.joints));
    if (rows.length < 4) return;
    const [a, b, c, d] = rows;
    for (let i = 0; i < n; i += 3)
      total += Math.hypot(...[i, i + 1, i + 2].map(k => d[k] - 3 * c[k] + 3 * b[k] - a[k])) * fps ** 3;
    rows.shift();
  });
  finish(part.T);
  return found;
}

/** Mean jitter of all parts, m/s^3. */
export function meanJitter(body, parts, fps) {
  const found = parts.map(p => jitterOf(body, p, fps));
  const sum = key => found.reduce((total, f) => total + f[key], 0);
  return sum('sum') / Math.max(sum('frames'), 1);
}

/** Frames (T, 0 or 1) inside of a stretch in which fewer than three points were seen. */
export function bridgedFrames(seen, valid) {
  return valid.map((is, t) => (is && personBox(seen, t).count < 3 ? 1 : 0));
}

/** What was cut, empty or bridged: list of strings. */
export function gapNotes(seen, pieces, bridged) {
  const notes = [];
  const count = bridged.reduce((sum, b) => sum + b, 0);
  let empty = 0;
  for (let t = 0; t < seen.T; t++) if (!personBox(seen, t).count) empty++;
  const listed = pieces
    .slice(0, 8)
    .map(([a, b]) => `${a}-${b - 1}`)
    .join(', ');
  if (pieces.length > 1) notes.push(`${pieces.length} stretches (cuts, or nobody in sight): ${listed}`);
  if (empty) notes.push(`${empty} of ${seen.T} frames show nobody`);
  if (count) notes.push(`${count} frames in gaps of at most half a second were bridged`);
  return notes;
}

// name -> points of the 27 that show it, joints that they lead
const LIMBS = {
  head: [[0, 1, 2, 3, 4], [15]],
  shoulders: [
    [5, 6],
    [16, 17],
  ],
  hips: [
    [11, 12],
    [1, 2],
  ],
  'left arm': [
    [7, 9],
    [18, 20],
  ],
  'right arm': [
    [8, 10],
    [19, 21],
  ],
  'left leg': [
    [13, 15],
    [4, 7, 10],
  ],
  'right leg': [
    [14, 16],
    [5, 8, 11],
  ],
};

/** Names of limbs as one phrase: a pair is named once. */
function namesOf(limbs) {
  const names = [...limbs];
  for (const kind of ['arm', 'leg']) {
    if (!names.includes(`left ${kind}`) || !names.includes(`right ${kind}`)) continue;
    names.splice(names.indexOf(`right ${kind}`), 1);
    names[names.indexOf(`left ${kind}`)] = `${kind}s`;
  }
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names[0];
}

/** What was never seen, and how large an error (T, 22), m, is to be expected there: list of one string or
    none. */
export function unseenNote({T, confidence}, error) {
  const sure = new Float64Array(POINTS);
  const some = [];
  for (let t = 0; t < T; t++) {
    const own = confidence.subarray(t * POINTS, (t + 1) * POINTS);
    if (!own.some(c => c > 0)) continue;
    some.push(t);
    own.forEach((c, k) => {
      if (c >= Math.fround(GUESSED)) sure[k]++;
    });
  }
  const rarely = k => sure[k] / some.length <= 0.02;
  const limbs = Object.keys(LIMBS).filter(name => some.length && LIMBS[name][0].every(rarely));
  if (!limbs.length) return [];
  const joints = [...new Set(limbs.flatMap(name => LIMBS[name][1]))];
  const one = limbs.length === 1 && !limbs[0].endsWith('s');
  let told = 0;
  for (const t of some)
    for (const j of joints) told += (1000 * error[t * JOINTS + j]) / some.length / joints.length;
  const [was, its] = one ? ['was', 'its'] : ['were', 'their'];
  return [
    `${namesOf(limbs)} ${was} never seen: ${its} pose is a guess (expected error ${told.toFixed(0)} mm)`,
  ];
}

/** The reprojection errors (T, 27), px, NaN where unseen, in pixels and in parts of the person's box. */
export function reprojectionNote(off, seen) {
  const shown = [...off.keys()].filter(i => !Number.isNaN(off[i]));
  const sides = new Map();
  const side = t => sides.get(t) ?? sides.set(t, Math.max(...personBox(seen, t).sides, 1e-6)).get(t);
  const mean = values => values.reduce((sum, v) => sum + v, 0) / values.length;
  const share = Float64Array.from(shown, i => (100 * off[i]) / side(Math.floor(i / POINTS)));
  return (
    `reprojection error ${mean(shown.map(i => off[i])).toFixed(1)} px, ` +
    `${mean(share).toFixed(1)} % of the longer side ` +
    `of the person's box (median ${median(share).toFixed(1)} %)`
  );
}

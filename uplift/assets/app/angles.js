// From rotation matrices to the words of a clinic, in degrees, by the ISB's definitions: uplift.lift.angles.
// The definitions come from Python in table.angles: {axes, swap, groups, definitions} of uplift.web.angles.
//   result: {rotations: T x 22 x 9 local, valid: T, fps, T, cameraR, gravity, contact}
//   angles: {names: N, fps, T, values: T x N degrees, blind: T x N, flags: {name: T}, valid: T, contact,
//            convention, up: who told it}
import {eulerAngles, leastTurns, product, nearGimbal, transpose, unwrapRuns, wrapDegrees} from './euler.js';

export const CAMERA_UP = [0, -1, 0];      // of a camera that was held level
const CONTACTS = ['left_toe_contact', 'right_toe_contact', 'left_heel_contact', 'right_heel_contact'];
const MIRROR = [1, -1, -1, -1, 1, 1, -1, 1, 1], STILL = [1, 0, 0, 0, 1, 0, 0, 0, 1];

const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const unit = a => a.map(x => x / Math.hypot(...a));

// Rotation (9) to a frame with y up, turned so that x stays as far to the left as possible.
export function upright(up) {
  if (!up.every(Number.isFinite) || !up.some(x => x)) throw new Error('up is no direction: give 3 numbers');
  up = unit(up);
  let left = [1 - up[0] * up[0], -up[0] * up[1], -up[0] * up[2]];
  if (Math.hypot(...left) < .1) left = cross(up, [0, 0, -1]);         // the camera lies on its side
  left = unit(left);
  return Float64Array.from([left, up, cross(left, up)].flat());
}

// Up (3) in camera axes, and who told it: gravity where it is known, else a level camera.
export function upOf(result) {
  const R = result.cameraR;
  if (!R) return {up: CAMERA_UP, source: 'a level camera, assumed'};
  return {up: [R[1], R[4], R[7]], source: result.gravity ? result.gravity.source : ''};
}

// The local rotations of one frame, 22 of 9 numbers, the root turned upright; null where one is no number.
function readFrame(result, t, turn) {
  const all = result.rotations.subarray(t * 198, t * 198 + 198);
  if (!all.every(Number.isFinite)) return null;
  const pose = Array.from({length: 22}, (_, j) => all.subarray(9 * j, 9 * j + 9));
  pose[0] = product(turn, pose[0]);
  return pose;
}

// The pose in a mirror: the left side's rotations stand where the right's were.
function mirrored(pose, swap) {
  return swap.map(j => MIRROR.map((sign, k) => sign * pose[j][k]));
}

// The three raw angles of one joint of the right side; are the outer two blind, are all (null: never)?
function readGroup(pose, group, axes) {
  const turn = group.joints.map(j => pose[j]).reduce(product);
  const [proximal, distal] = group.axes.map(name => axes[name]);
  const read = eulerAngles(product(product(transpose(proximal), turn), distal), group.sequence);
  const flag = nearGimbal(read, group.sequence);
  if (group.name !== 'shoulder') return {angles: read, flag, tie: null};
  const {angles, tie} = leastTurns(read);
  return {angles, flag: flag || tie, tie};
}

// The columns of a table: of angles {name, parts, side, flags, clinical, isb}, and names of flags.
function columnsOf({groups, definitions}) {
  const columns = [], flags = [];
  for (const side of ['', 'left_', 'right_']) {
    const here = groups.filter(g => g.sided === (side !== ''));
    for (const d of definitions) if (here.some(g => g.name === d.parts[0][0]))
      columns.push({...d, side, name: side + d.name, flags: d.flags.map(f => `${side}${f}_flag`)});
    for (const g of here) {
      flags.push(`${side}${g.name}_flag`);
      if (g.name === 'shoulder') flags.push(`${side}${g.name}_tie_flag`);
    }
  }
  return {columns, flags};
}

// One frame's groups of all sides by name, side first.
function readPose(pose, {groups, axes, swap}) {
  const read = {}, mirror = mirrored(pose, swap);
  for (const g of groups) for (const side of g.sided ? ['left_', 'right_'] : [''])
    read[side + g.name] = readGroup(side === 'left_' ? mirror : pose, g, axes);
  return read;
}

// Turns are counted within each run of frames that can be read; where a pose is unknown there is no angle.
function countTurns(x, blind, known, N, n) {
  const T = known.length, at = a => Float64Array.from({length: T}, (_, t) => a[t * N + n]);
  const path = unwrapRuns(at(x), at(blind).map(b => 1 - b));
  for (let t = 0; t < T; t++) x[t * N + n] = known[t] ? path[t] : NaN;
}

// Room for T frames of N angles.
function emptyAngles(T, columns, flags) {
  const N = columns.length, names = columns.map(c => c.name);
  return {names, T, values: new Float64Array(T * N), blind: new Uint8Array(T * N), valid: new Uint8Array(T),
    flags: Object.fromEntries(flags.map(name => [name, new Uint8Array(T)]))};
}

// Write what was read of frame t: flags, angles by the convention, and where each should not be read.
function writeFrame(out, t, read, columns, convention) {
  for (const [name, {flag, tie}] of Object.entries(read)) {
    out.flags[`${name}_flag`][t] = flag;
    if (tie !== null) out.flags[`${name}_tie_flag`][t] = tie;
  }
  columns.forEach(({side, parts, flags, [convention]: [factor, offset]}, n) => {
    const raw = parts.reduce((sum, [group, k]) => sum + read[side + group].angles[k], 0);
    const at = t * columns.length + n;
    out.values[at] = wrapDegrees(factor * raw + offset) + 0;
    out.blind[at] = !out.valid[t] || flags.some(flag => out.flags[flag][t]);
  });
}

// Joint angles of a result; up: (3) in camera axes, null: against gravity; convention: 'clinical' or 'isb'.
export function angles(result, table, {up = null, convention = 'clinical'} = {}) {
  if (!['clinical', 'isb'].includes(convention))
    throw new Error(`convention is '${convention}': choose 'clinical' or 'isb'`);
  const own = upOf(result), turn = upright(up || own.up), {columns, flags} = columnsOf(table.angles);
  const out = emptyAngles(result.T, columns, flags), known = new Uint8Array(result.T);
  const still = [turn, ...Array(21).fill(STILL)];                     // a hole counts as a T pose
  for (let t = 0; t < result.T; t++) {
    const pose = readFrame(result, t, turn);
    known[t] = pose ? 1 : 0;
    out.valid[t] = pose && result.valid[t] ? 1 : 0;
    writeFrame(out, t, readPose(pose || still, table.angles), columns, convention);
  }
  columns.forEach((_, n) => countTurns(out.values, out.blind, known, columns.length, n));
  const told = result.contact && result.contact.some(Number.isFinite);
  const contact = told ? {names: CONTACTS, values: result.contact} : null;
  return {...out, fps: result.fps, contact, convention, up: up ? 'given' : own.source};
}

// One angle over time, (T) degrees; readable: NaN where it should not be read.
export function curve(angles, name, readable = false) {
  const n = angles.names.indexOf(name), N = angles.names.length;
  if (n < 0) throw new Error(`no angle is called '${name}'`);
  return Float64Array.from({length: angles.T}, (_, t) =>
    readable && angles.blind[t * N + n] ? NaN : angles.values[t * N + n]);
}

// An angle's name without its side.
export const baseName = name => name.replace(/^(left|right)_/, '');

// Extremes, range and mean of each angle in degrees, left against right, and how many frames were left out.
export function rangeOfMotion(angles) {
  const rows = angles.names.map((name, n) => {
    const x = curve(angles, name, true).filter(Number.isFinite);
    const pick = f => x.length ? x.reduce((a, b) => f(a, b)) : NaN;
    const min = pick(Math.min), max = pick(Math.max), mean = pick((a, b) => a + b) / x.length;
    let flagged = 0;
    for (let t = 0; t < angles.T; t++) flagged += angles.blind[t * angles.names.length + n];
    return {name, min, max, range: max - min, mean, flagged};
  });
  const range = Object.fromEntries(rows.map(r => [r.name, r.range])), of = name => range[name] ?? NaN;
  return rows.map(r => ({...r, asymmetry: of(`left_${baseName(r.name)}`) - of(`right_${baseName(r.name)}`)}));
}

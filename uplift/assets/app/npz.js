// A lifted clip as uplift saves it: the arrays of LiftResult.save in an npz, with AMASS's keys.
import {matrixToAxisAngle} from './rotations.js';
import {bytesOf, joined, zip} from './zip.js';

const JOINTS = ['pelvis', 'left_hip', 'right_hip', 'spine1', 'left_knee', 'right_knee', 'spine2',
  'left_ankle', 'right_ankle', 'spine3', 'left_foot', 'right_foot', 'neck', 'left_collar', 'right_collar',
  'head', 'left_shoulder', 'right_shoulder', 'left_elbow', 'right_elbow', 'left_wrist', 'right_wrist'];
const UNITS = 'metres, radians, pixels; camera axes: x right, y down, z forward';
const KINDS = {'<f4': Float32Array, '<f8': Float64Array, '<i8': BigInt64Array, '|b1': Uint8Array};

// One array as npy: kind of its numbers, shape, and the numbers.
function npy(kind, shape, data) {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${kind}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = Math.ceil((text.length + 11) / 64) * 64 - 10;       // with ten bytes before it: rows of 64
  const magic = Uint8Array.of(0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, length & 255, length >> 8);
  const flat = data instanceof Uint8Array ? data : KINDS[kind].from(data);
  return joined([magic, new TextEncoder().encode(text.padEnd(length - 1) + '\n'), bytesOf(flat)]);
}

const floats = (shape, data) => npy('<f4', shape, data);
const double = x => npy('<f8', [], [x]);

// Words as an npy of Unicode text: a string, or a list of them.
function words(text) {
  const list = [text].flat().map(s => [...s].map(c => c.codePointAt(0)));
  const most = Math.max(1, ...list.map(s => s.length)), data = new Uint32Array(most * list.length);
  list.forEach((s, i) => data.set(s, i * most));
  return npy(`<U${most}`, Array.isArray(text) ? [list.length] : [], new Uint8Array(data.buffer));
}

// Rotation vectors (T, 165) of SMPL-X's 55 joints; what a film doesn't tell is 0.
function poses({T, rotations}) {
  const out = new Float32Array(T * 165);
  for (let t = 0; t < T; t++) for (let j = 0; j < 22; j++)
    matrixToAxisAngle(rotations, 9 * (22 * t + j), out, 165 * t + 3 * j);
  return out;
}

// A film's 29.97 counts as 30.
function wholeRate(fps) {
  const whole = Math.max(1, Math.round(fps));
  return Math.abs(fps / whole - 1) < .002 ? npy('<i8', [], [BigInt(Math.round(fps))]) : double(fps);
}

const flags = x => npy('|b1', [x.length], Uint8Array.from(x));
const filled = (n, x) => new Float32Array(n).fill(x);

// What was seen and how sure it is.
function seen(result) {
  const {T, points, confidence, error, size} = result, J = confidence.length / T;
  return {valid: flags(result.valid), keypoints: floats([T, J, 2], points),
    confidence: floats([T, J], confidence), skeleton: words(result.skeleton),
    focal: floats([2], result.focal), image_size: npy('<f8', [2], size), centre: floats([2], result.centre || size.map(s => s / 2)),
    bridged: flags(result.bridged || new Uint8Array(T)),
    reprojection: floats([T], result.reprojection || filled(T, NaN)), expected_error: floats([T, 22], error),
    joint_confidence: floats([T, 22], Array.from(error, e => Math.exp(-e / .1))),
    expected_turn_error: floats([T, 22], result.turnError || filled(22 * T, NaN))};
}

// The world, where gravity told one.
function world({T, cameraR, cameraT, gravity, contact}) {
  const camera = cameraR ? {camera_R: floats([3, 3], cameraR.subarray(0, 9)),
    camera_T: floats([3], cameraT.subarray(0, 3))} : {};
  const {source, error} = gravity || {source: '', error: NaN};
  return {...camera, gravity: words(source), up_error: double(error ?? NaN),
    contact: floats([T, 4], contact || filled(4 * T, NaN))};
}

// Motion, shape and clock.
function motion(result) {
  const {T, fps, betas, joints, transl, notes, firstFrame = 0, frameStep = 1, slow = 1} = result;
  return {poses: floats([T, 165], poses(result)), trans: floats([T, 3], transl), gender: words('neutral'),
    surface_model_type: words('smplx'), mocap_frame_rate: wholeRate(fps), fps: double(fps),
    joint_names: words(JOINTS), notes: words(notes && notes.length ? notes : ['']), units: words(UNITS),
    betas: floats([betas.length], betas), joints: floats([T, 22, 3], joints),
    first_frame: npy('<i8', [], [BigInt(firstFrame)]), frame_step: double(frameStep), slow: double(slow)};
}

// The bytes of an npz that uplift's LiftResult.load and numpy open.
export async function toNpz(result) {
  const arrays = {...motion(result), ...seen(result), ...world(result)};
  return zip(Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, bytes])));
}

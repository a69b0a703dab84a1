// Which way is up, in the axes of a camera that nobody levelled (lift/04). A stance, one stretch of T frames:
//   {T, centre (T, 3) of mass, straight (T) of the straighter leg, feet (T, 4, 3), contact (T, 4),
//    up, upError}
import {JOINTS} from './body.js';
import {clamp, doubted, sigmoid} from './linear.js';

export const WITNESSES = {
  network: 0.1, // rad: usual error of the network's word
  floor: 0.03, // m: how far standing points are from one plane
  balance: 0.05, // rad: how far standing people lean on average
  unsure: 0.2, // rad: whoever knows it no better asks how cameras are held:
  level: 0.3, // rad: how far from level, usually
  seconds: 0.5, // s of standing that are believed in full
  straight: 0.9, // of a leg's length, from hip to ankle, of somebody who stands
  flight: 0.3, // s in the air after which the floor may be another one
  odd: 0.15, // rad: a floor that contradicts the others by so much has a quarter of its say
};

/** How much of the body each of 22 joints carries, in parts of their sum. */
export const MASSES = [
  0.14, 0.07, 0.07, 0.1, 0.06, 0.06, 0.1, 0.03, 0.03, 0.12, 0, 0, 0.02, 0, 0, 0.07, 0.03, 0.03, 0.02, 0.02,
  0.01, 0.01,
];
const MASS = MASSES.reduce((sum, m) => sum + m);

// --- vectors of three
export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a, b) => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export const unit = a => a.map(v => v / Math.max(Math.hypot(...a), 1e-12));
const plus = (a, b, scale = 1) => a.map((v, i) => v + scale * b[i]);

/** Solve A x = b for a 3 x 3 matrix in nine numbers (Cramer). */
function solve3(A, b) {
  const columns = [0, 1, 2].map(i => [A[i], A[i + 3], A[i + 6]]);
  const det = dot(columns[0], cross(columns[1], columns[2]));
  return [0, 1, 2].map(i => dot(b, cross(columns[(i + 1) % 3], columns[(i + 2) % 3])) / det);
}
const EYE = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/** Centre of mass of joints (22, 3), m. */
export function centreOfMass(joints) {
  const out = [0, 0, 0];
  for (let j = 0; j < JOINTS; j++)
    for (let a = 0; a < 3; a++) out[a] += (MASSES[j] / MASS) * joints[3 * j + a];
  return out;
}

/** How straight the straighter leg is, 1 at most; joints (22, 3). */
export function straightness(joints) {
  const far = (i, j) => Math.hypot(...[0, 1, 2].map(a => joints[3 * i + a] - joints[3 * j + a]));
  return Math.max(
    ...[1, 2].map(hip => far(hip, hip + 6) / Math.max(far(hip, hip + 3) + far(hip + 3, hip + 6), 1e-6)),
  );
}

/** From the middle of the feet that stand to the centre of mass of frame t, m; contact: of its four points.
 */
function overFeet(s, t, contact) {
  const foot = [0, 0, 0];
  const weight = contact[0] + contact[1] + contact[2] + contact[3];
  for (let i = 0; i < 12; i++)
    foot[i % 3] += (s.feet[12 * t + i] * contact[Math.floor(i / 3)]) / Math.max(weight, 1e-3);
  return {arm: plus([...s.centre.subarray(3 * t, 3 * t + 3)], foot, -1), weight};
}

/** How much of frame t's feet is a floor's, and how much of it balances, 0 to 4; and the arm over the feet.
 */
export function standingEvidence(s, t) {
  const {arm, weight} = overFeet(s, t, s.contact.subarray(4 * t, 4 * t + 4));
  const lean = dot(unit(arm), s.up);
  const upright = weight * sigmoid((lean - 0.7) / 0.05);
  const standing =
    upright * sigmoid((s.straight[t] - WITNESSES.straight) / 0.02) * sigmoid((lean - 0.9) / 0.03);
  return {arm, weight, upright, standing};
}

/** Number (T) of the ground that feet stand on: after a flight it may be another one. */
function grounds({T, contact}, fps) {
  const out = new Int32Array(T);
  let number = 0;
  let flown = 0;
  for (let t = 0; t < T; t++) {
    const aloft = Math.max(...contact.subarray(4 * t, 4 * t + 4)) < 0.5;
    if (t && !aloft && flown >= WITNESSES.flight * fps) number++;
    flown = aloft ? flown + 1 : 0;
    out[t] = number;
  }
  return out;
}

/** Covariance (nine numbers) of feet around the mean of their ground, weights (T, 4), and the mass of all. */
function spreadOf({T, feet}, weight, ground) {
  const mean = Array.from({length: ground[T - 1] + 1}, () => [0, 0, 0, 0]);
  const spread = new Float64Array(9);
  const each = use => {
    for (let i = 0; i < 4 * T; i++) use(mean[ground[i >> 2]], weight[i], feet.subarray(3 * i, 3 * i + 3));
  };
  let mass = 0;
  each((m, w, x) => {
    mass += w;
    m[3] += w;
    for (let a = 0; a < 3; a++) m[a] += w * x[a];
  });
  each((m, w, x) => {
    const off = [0, 1, 2].map(a => x[a] - m[a] / Math.max(m[3], 1e-6));
    for (let k = 0; k < 9; k++) spread[k] += w * off[Math.floor(k / 3)] * off[k % 3];
  });
  return {spread: spread.map(v => v / Math.max(mass, 1e-6)), mass};
}

/** Of one stretch: floor (nine numbers) of its feet, and how firmly (number) its balance says up (3). */
function stanceTerms(s, fps) {
  const full = WITNESSES.seconds * fps * 4;
  const weight = new Float64Array(4 * s.T);
  let arm = [0, 0, 0];
  let firm = 0;
  for (let t = 0; t < s.T; t++) {
    const found = standingEvidence(s, t);
    for (let i = 4 * t; i < 4 * t + 4; i++)
      weight[i] = (s.contact[i] * found.upright) / Math.max(found.weight, 1e-3);
    arm = plus(arm, found.arm, found.standing);
    firm += found.standing;
  }
  const {spread, mass} = spreadOf(s, weight, grounds(s, fps));
  return {
    floor: spread.map(v => (v / WITNESSES.floor ** 2) * Math.min(mass / full, 1)),
    firm: Math.min(firm / full, 1) / WITNESSES.balance ** 2,
    arm: unit(arm),
  };
}

/** Up by all witnesses, A up = b, and its expected error, rad: by what they say across up. */
function upright(A, b) {
  const up = unit(solve3(A, b));
  const level = EYE.map((v, i) => v - up[Math.floor(i / 3)] * up[i % 3]);
  const times = (X, Y) =>
    X.map((_, i) =>
      dot(
        [0, 1, 2].map(k => X[i - (i % 3) + k]),
        [0, 1, 2].map(k => Y[3 * k + (i % 3)]),
      ),
    );
  const M = times(times(level, A), level);
  const trace = M[0] + M[4] + M[8];
  const minors = M[0] * M[4] - M[1] * M[3] + M[0] * M[8] - M[2] * M[6] + M[4] * M[8] - M[5] * M[7];
  const error = Math.sqrt(trace / minors); // of both sure directions: 1 / a + 1 / b
  return {up, error: Math.min(error, Math.PI / 2)};
}

/** Up from all that tells it: {up, error, source}; stances: list, see above. */
export function findGravity(stances, fps) {
  const all = stances.reduce((sum, s) => sum + s.T, 0);
  let A = EYE.map(() => 0);
  let floor = A;
  let b = [0, 0, 0];
  for (const s of stances) {
    const part = s.T / all;
    const {floor: feet, firm, arm} = stanceTerms(s, fps);
    const trust = part / Math.max(s.upError * 0.75, WITNESSES.network) ** 2;
    A = plus(A, EYE, trust + part * firm);
    b = plus(plus(b, s.up, trust), arm, part * firm);
    floor = plus(floor, feet, part);
  }
  const apart = cross(upright(A, b).up, upright(plus(A, floor), b).up);
  A = plus(A, floor, doubted(1, dot(apart, apart), WITNESSES.odd));
  let found = upright(A, b);
  if (found.error > WITNESSES.unsure) {
    // a camera that is roughly level
    const firm = WITNESSES.level ** -2;
    found = upright(plus(A, EYE, firm), plus(b, [0, -1, 0], firm));
  }
  return {...found, source: 'network'};
}

/** Gravity as somebody knows it: the direction of down in camera axes; an Error unless it is one. */
export function givenGravity(down) {
  const known = [...down].map(Number);
  if (known.length !== 3 || !known.every(Number.isFinite) || !(Math.hypot(...known) > 1e-6))
    throw new Error(
      'gravity must be three numbers x,y,z: the direction of down in the ' +
        "camera's axes, (0, 1, 0) for a level camera",
    );
  return {up: unit(known).map(v => -v), error: (0.5 * Math.PI) / 180, source: 'given'};
}

/** Gravity along a person who stands in frames a to b - 1; at: s, for the message. */
export function standingGravity(s, a, b, at) {
  let sum = [0, 0, 0];
  let straight = 0;
  for (let t = a; t < b; t++) {
    sum = plus(sum, overFeet(s, t, [1, 1, 1, 1]).arm);
    straight += s.straight[t] / (b - a);
  }
  if (straight >= WITNESSES.straight)
    return {up: unit(sum), error: WITNESSES.balance, source: 'standing frame'};
  throw new Error(
    `nobody stands upright at ${at} s: give the time of a frame with straight legs, or leave it out`,
  );
}

const degrees = radians => (radians * 180) / Math.PI;

/** A note where gravity as somebody told it is far from what the network says: list of one or none. */
export function gravityDoubt({up, source}, stances) {
  const told = stances.filter(s => s.up.some(v => v));
  const why = {
    given: 'does it point down, not up, in axes x right, y down, z ahead?',
    'standing frame': 'does the person stand upright there?',
  };
  if (!why[source] || !told.length) return [];
  const word = unit(told.reduce((sum, s) => plus(sum, s.up, s.T), [0, 0, 0]));
  const far = degrees(Math.acos(clamp(dot(word, up), -1, 1)));
  return far < 30 ? [] : [`that is ${far.toFixed(0)} degrees from what the poses say: ${why[source]}`];
}

/** What is known of gravity, in words. */
export function gravityNote({up, error, source}) {
  const pitch = degrees(Math.asin(clamp(-up[2], -1, 1)));
  const roll = degrees(Math.atan2(up[0], -up[1]));
  const who =
    {
      network: 'found from the pose, the feet and the balance',
      'standing frame': 'along the person in the frame that was named',
    }[source] ?? source;
  const note =
    `gravity ${who}: the camera looks ${Math.abs(pitch).toFixed(0)} degrees ${pitch >= 0 ? 'down' : 'up'}, ` +
    `its picture is turned ${Math.abs(roll).toFixed(0)} degrees ${roll >= 0 ? '' : 'anti'}clockwise`;
  if (source === 'given') return note;
  const turned = Math.abs(roll) > 60 ? ' (if not the picture but the person was, give gravity)' : '';
  const sure = `${note}${turned}; expected error ${degrees(error).toFixed(0)} degrees`;
  return error < 0.2 ? sure : `${sure}, hardly more than a guess`;
}

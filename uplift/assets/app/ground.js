// Which points of the feet stand, how high the floor is, and the world that makes (lift/05, lift/06).
import {JOINTS, POINTS, STANDING_POINTS} from './body.js';
import {sigmoid, clamp, roundEven} from './linear.js';
import {
  centreOfMass,
  cross,
  dot,
  findGravity,
  givenGravity,
  gravityDoubt,
  gravityNote,
  standingGravity,
  straightness,
  unit,
} from './gravity.js';
import {eachPose, findPelvis} from './place.js';
import {stanceMeans, stanceNumbers} from './stances.js';
import {makeStand} from './standing.js';

export const STANDS = {
  told: 0.3, // weight of the network's log odds
  slow: -2.14, // weight of the logarithm of the speed, m/s
  bias: -3.1, // log odds of a foot at 1 m/s that the network knows nothing about
  tremble: 0.03, // m/s that every lifted foot seems to move
  smooth: 0.04, // s, sigma of the smoothing before a speed is taken
  hold: 0.27, // chance from which a foot is held: better once too often
  least: 0.1, // s, shorter stances are none
  apart: 0.12, // m: stances farther from the floor stand on something else
};
export const LEVEL = 0.2; // a floor is believed so much less than that a foot does not slide
const PIECE = 2000; // frames
const MARGIN = 100; // frames

/** x (T, n) under a Gaussian of this sigma, frames; the ends are held. */
function gaussian(x, n, sigma) {
  const T = x.length / n;
  const radius = Math.floor(4 * sigma + 0.5);
  const out = new Float64Array(x.length);
  const kernel = Array.from({length: 2 * radius + 1}, (_, i) => Math.exp(-0.5 * ((i - radius) / sigma) ** 2));
  const total = kernel.reduce((sum, k) => sum + k);
  for (let t = 0; t < T; t++)
    for (let i = -radius; i <= radius; i++) {
      const from = clamp(t + i, 0, T - 1) * n;
      const w = kernel[i + radius] / total;
      for (let k = 0; k < n; k++) out[t * n + k] += w * x[from + k];
    }
  return out;
}

/** Speed (T, 4) of the smoothed points feet (T, 4, 3), m/s; of one frame nobody knows it, so 0. */
export function footSpeed(feet, fps) {
  const T = feet.length / 12;
  const out = new Float64Array(4 * T);
  if (T < 2) return out;
  const calm = gaussian(feet, 12, STANDS.smooth * fps);
  for (let i = 0; i < 4 * T; i++) {
    const t = i >> 2;
    const a = Math.max(t - 1, 0);
    const b = Math.min(t + 1, T - 1);
    const k = 3 * (i % 4);
    out[i] = (Math.hypot(...[0, 1, 2].map(c => calm[12 * b + k + c] - calm[12 * a + k + c])) * fps) / (b - a);
  }
  return out;
}

/** Chance (T, 4) that toes and heels stand; told: of the network; 0 where the foot's ankle was out of
    sight. */
function standingChance(told, feet, seen) {
  return footSpeed(feet, seen.fps).map((speed, i) => {
    if (!(seen.confidence[(i >> 2) * POINTS + 15 + (i % 2)] > 0)) return 0;
    const p = told ? clamp(told[i], 1e-4, 1 - 1e-4) : 0.5;
    return sigmoid(
      STANDS.told * Math.log(p / (1 - p)) + STANDS.slow * Math.log(speed + STANDS.tremble) + STANDS.bias,
    );
  });
}

/** Big toes and heels (T, 4, 3) of a part in its place, m; look(t): with the body in every pose. */
function feetOf(body, part, look = () => {}) {
  const feet = new Float64Array(12 * part.T);
  eachPose(body, part.rotations, t => {
    STANDING_POINTS.forEach((k, i) => {
      for (let a = 0; a < 3; a++) feet[12 * t + 3 * i + a] = body.points[3 * k + a] + part.pelvis[3 * t + a];
    });
    look(t);
  });
  return feet;
}

/** A stretch as gravity and feet want it: see gravity.js. */
function stanceOf(body, part, seen) {
  const {T, told} = part;
  const centre = new Float64Array(3 * T);
  const straight = new Float64Array(T);
  const feet = feetOf(body, part, t => {
    centre.set(
      centreOfMass(body.joints).map((v, a) => v + part.pelvis[3 * t + a]),
      3 * t,
    );
    straight[t] = straightness(body.joints);
  });
  return {
    T,
    centre,
    straight,
    feet,
    contact: standingChance(told?.contact, feet, seen),
    up: told?.up ?? [0, 0, 0],
    upError: told?.upError ?? 9,
  };
}

/** Who tells gravity: whoever was asked, the frame that was named (s), or the stretches; null: nobody. */
function gravityOf(stances, pieces, fps, asked) {
  if (asked === null || asked === true) {
    const told = stances.filter(s => s.up.some(v => v));
    return told.length ? findGravity(told, fps) : null;
  }
  if (typeof asked !== 'number') return givenGravity(asked);
  const frame = roundEven(asked * fps);
  const i = pieces.findIndex(([a, b]) => a <= frame && frame < b);
  if (i < 0) throw new Error(`nobody was seen at ${asked} s, where the person should stand`);
  const at = frame - pieces[i][0];
  return standingGravity(stances[i], Math.max(0, at - 2), Math.min(stances[i].T, at + 3), asked);
}

/** How high (4) the points of a foot are, m, when the foot is flat on the floor. */
function soleHeights(body, betas) {
  const {low} = body.extent(betas);
  return STANDING_POINTS.map(k => body.home[3 * (JOINTS + k) + 1] - low);
}

/** The floor of a stance: height m along up, NaN where nobody stands; number (T, 4) and count of stances;
    on (T, 4). */
function findFloor({T, feet, contact}, up, soles, fps) {
  const number = stanceNumbers(i => contact[i] > STANDS.hold, T, Math.max(1, roundEven(STANDS.least * fps)));
  const count = number.reduce((most, n) => Math.max(most, n + 1), 0);
  if (!count) return {height: NaN, number, on: new Uint8Array(4 * T), size: 0};
  const above = new Float64Array(feet.length);
  number.forEach((_, i) => {
    above[3 * i] = dot(up, feet.subarray(3 * i, 3 * i + 3)) - soles[i % 4];
  });
  const {mean, mass} = stanceMeans(above, contact, number, count);
  const order = [...mass.keys()].sort((a, b) => mean[3 * a] - mean[3 * b]);
  const half = mass.reduce((sum, m) => sum + m) / 2;
  let sum = 0;
  const height = mean[3 * order.find(n => (sum += mass[n]) >= half)];
  const on = Uint8Array.from(number, n => (n >= 0 && Math.abs(mean[3 * n] - height) < STANDS.apart ? 1 : 0));
  return {height, number, on, size: on.reduce((total, is, i) => total + is * contact[i], 0)};
}

/** Sum of the speeds of points that stand, m/s, and their number. */
function slidesOf(feet, {number}, fps) {
  let way = 0;
  let count = 0;
  for (let i = 4; i < number.length; i++) {
    if (number[i] < 0 || number[i] !== number[i - 4]) continue;
    way += Math.hypot(...[0, 1, 2].map(a => feet[3 * i + a] - feet[3 * i - 12 + a])) * fps;
    count++;
  }
  return {way, count};
}

/** `makeStand` in pieces, each with its neighbours at both sides as they were given; in place; pause(part
    done). */
async function standInPieces(body, clip, part, pause) {
  const n = 9 * JOINTS;
  let before = {R: new Float64Array(0), pelvis: new Float64Array(0)};
  for (let i = 0; i < part.T; i += PIECE) {
    await pause(i / part.T);
    const end = Math.min(part.T, i + PIECE + MARGIN);
    const margin = before.pelvis.length / 3;
    const from = i - margin;
    const stop = Math.min(part.T, i + PIECE);
    const R = new Float64Array((end - from) * n);
    const pelvis = new Float64Array(3 * (end - from));
    R.set(before.R);
    R.set(part.rotations.subarray(i * n, end * n), margin * n);
    pelvis.set(before.pelvis);
    pelvis.set(part.pelvis.subarray(3 * i, 3 * end), 3 * margin);
    const kept = Math.max(0, stop - from - MARGIN);
    before = {R: R.slice(kept * n, (stop - from) * n), pelvis: pelvis.slice(3 * kept, 3 * (stop - from))};
    const cut = x => x.subarray(4 * from, 4 * end);
    makeStand(
      body,
      {...clip, T: end - from, number: cut(clip.number), stands: cut(clip.stands), level: cut(clip.level)},
      R,
      pelvis,
    );
    part.rotations.set(R.subarray(margin * n, (stop - from) * n), i * n);
    part.pelvis.set(pelvis.subarray(3 * margin, 3 * (stop - from)), 3 * i);
  }
}

/** One stretch with feet that neither slide nor sink: its floor, and slides before and after. */
async function stand(body, part, stance, up, soles, fps, move, pause) {
  const floor = findFloor(stance, up, soles, fps);
  const before = slidesOf(stance.feet, floor, fps);
  if (!before.count || !move) return {floor, before, after: before};
  const level = Float64Array.from(floor.on, on => LEVEL * on);
  const heights = soles.map(s => floor.height + s);
  await standInPieces(
    body,
    {fps, number: floor.number, stands: stance.contact, level, up, floor: heights},
    part,
    pause,
  );
  return {floor, before, after: slidesOf(feetOf(body, part), floor, fps)};
}

/** Where somebody looks, level: by the front of the pelvis, and by its left where they lie or bend over. */
function frontOf(R, up) {
  const column = a => [R[a], R[3 + a], R[6 + a]];
  const flat = v => v.map((x, i) => x - dot(v, up) * up[i]);
  const level = flat(column(2).map((v, i) => v + cross(column(0), up)[i]));
  return unit(Math.hypot(...level) < 0.05 ? flat(column(2)) : level);
}

/** Where the camera stands in the person's world: R (9), T (3), X_cam = R (X - T). */
function standCamera(up, floor, orientation, pelvis) {
  const forward = frontOf(orientation, up);
  const axes = [cross(up, forward), up, forward];
  const place = axes.map(axis => -dot(axis, pelvis));
  place[1] = -floor;
  return {
    cameraR: Float64Array.from([0, 1, 2].flatMap(i => axes.map(axis => axis[i]))),
    cameraT: Float64Array.from(place),
  };
}

/** Who stands and how still, in words. */
function feetNote(stood, moved) {
  const total = (stage, key) => stood.reduce((sum, s) => sum + s[stage][key], 0);
  const count = total('before', 'count');
  if (!count) return 'nobody stands long enough to know the floor: it is at the lowest foot';
  let frames = 0;
  let standing = 0;
  let elsewhere = 0;
  for (const {
    floor: {number, on},
  } of stood)
    for (let i = 0; i < number.length; i += 4, frames++) {
      const four = [i, i + 1, i + 2, i + 3];
      if (four.some(k => number[k] >= 0)) standing++;
      if (four.some(k => number[k] >= 0 && !on[k])) elsewhere++;
    }
  let note = `feet stand in ${((100 * standing) / frames).toFixed(0)} % of the frames`;
  if (elsewhere / frames > 0.02)
    note += ` (in ${((100 * elsewhere) / frames).toFixed(0)} % on something higher or lower than the floor)`;
  if (!moved) return note;
  const [slid, slides] = ['before', 'after'].map(stage => ((100 * total(stage, 'way')) / count).toFixed(1));
  return `${note}; they slide ${slid} -> ${slides} cm/s`;
}

/** Gravity, a floor and feet that stand, for all stretches; parts are changed in place, notes are added.
    {contact: list of (t, 4), gravity: {up, error, source} | null, cameraR, cameraT}. */
export async function groundClip(
  body,
  parts,
  betas,
  pieces,
  some,
  {gravity, move, cutoff, notes, pause = () => {}},
) {
  parts.forEach((p, i) => {
    p.pelvis ??= findPelvis(body, p.rotations, some[i], cutoff);
  });
  const {fps} = some[0];
  const stances = parts.map((p, i) => stanceOf(body, p, some[i]));
  const contact = stances.map(s => s.contact);
  const found = gravityOf(stances, pieces, fps, gravity);
  if (!found) {
    notes.push('nobody tells which way is down: the camera passes for level');
    return {contact, gravity: null, cameraR: null, cameraT: null};
  }
  const soles = soleHeights(body, betas);
  const stood = [];
  for (const [i, p] of parts.entries())
    stood.push(await stand(body, p, stances[i], found.up, soles, fps, move, part => pause((i + part) / parts.length)));
  const size = stood.reduce((sum, s) => sum + s.floor.size, 0);
  const floor =
    size > 0
      ? stood.reduce((sum, s) => sum + (s.floor.height || 0) * s.floor.size, 0) / size
      : lowest(stances, found.up);
  notes.push(gravityNote(found), ...gravityDoubt(found, stances), feetNote(stood, move));
  return {contact, gravity: found, ...standCamera(found.up, floor, parts[0].rotations, parts[0].pelvis)};
}

/** The lowest foot, m along up. */
function lowest(stances, up) {
  let low = Infinity;
  for (const {feet} of stances)
    for (let i = 0; i < feet.length; i += 3) low = Math.min(low, dot(up, feet.subarray(i, i + 3)));
  return low;
}

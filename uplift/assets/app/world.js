// What a file of motion asks of a lifted clip: y up, a skeleton at rest, angles without jumps (export.axes).
import {eulerAngles, product, transpose, unwrap} from './euler.js';
import {median} from './linear.js';

export const PARENTS = [-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19];
export const ENDS =                                                  // where the limbs end, m
  {10: [0, 0, .07], 11: [0, 0, .07], 15: [0, .18, 0], 20: [.1, 0, 0], 21: [-.1, 0, 0]};

// A matrix (9) times a point (3).
export function turned(R, x, y, z) {
  return [R[0] * x + R[1] * y + R[2] * z, R[3] * x + R[4] * y + R[5] * z, R[6] * x + R[7] * y + R[8] * z];
}

// From camera axes to y up, metres: the result's own world where it knows one, else a level camera at 0.
export function inWorld(result) {
  const {T, rotations, joints, cameraR, cameraT} = result;
  if (!T) throw new Error('the result has no frames: there is nothing to save');
  if (![rotations, joints].every(x => x.every(Number.isFinite)))
    throw new Error('the result holds numbers that are none: lift the clip again');
  const axes = cameraR ? transpose(cameraR) : Float64Array.of(1, 0, 0, 0, -1, 0, 0, 0, -1);
  const place = cameraR ? cameraT.slice(0, 3) : new Float64Array(3), turns = local(rotations, T);
  for (let t = 0; t < T; t++) turns[0].set(product(axes, turns[0].subarray(9 * t, 9 * t + 9)), 9 * t);
  const moved = new Float64Array(joints.length);
  for (let k = 0; k < moved.length; k += 3)
    turned(axes, joints[k], joints[k + 1], joints[k + 2]).forEach((x, a) => { moved[k + a] = x + place[a]; });
  return {T, turns, joints: moved, cameraR: transpose(axes), cameraT: place};
}

// Local rotations joint by joint: 22 arrays T x 9.
function local(rotations, T) {
  return PARENTS.map((_, j) => {
    const out = new Float64Array(9 * T);
    for (let t = 0; t < T; t++) out.set(rotations.subarray(9 * (22 * t + j), 9 * (22 * t + j) + 9), 9 * t);
    return out;
  });
}

// Where each joint rests, seen from its parent: 22 x 3 metres, averaged over the frames; row 0 is zero.
export function boneOffsets({T, turns, joints}) {
  const out = PARENTS.map(() => [0, 0, 0]);
  for (let t = 0; t < T; t++) {
    const whole = [];
    PARENTS.forEach((p, j) => {
      const own = turns[j].subarray(9 * t, 9 * t + 9);
      whole.push(p < 0 ? own : product(whole[p], own));
      if (p < 0) return;
      const arm = [0, 1, 2].map(a => joints[66 * t + 3 * j + a] - joints[66 * t + 3 * p + a]);
      turned(transpose(whole[p]), ...arm).forEach((x, a) => { out[j][a] += x / T; });
    });
  }
  return out;
}

const away = d => Math.abs(((d + 180) % 360 + 360) % 360 - 180);

// Without jumps of a full turn, and by full turns nearest to zero.
function centred(angle) {
  const path = unwrap(angle), turns = 360 * Math.round(median(path) / 360);
  return path.map(x => x - turns);
}

// Three tracks (T) degrees of the same rotations, without jumps; of two such, the one nearer to zero.
export function smoothEuler(angles) {
  const other = ([a, b, c]) => [a + 180, 180 - b, c + 180];
  const tracks = [[], []];
  let swapped = false;
  angles.forEach((now, t) => {
    if (t) {
      const step = d => d.reduce((sum, x, k) => sum + away(x - angles[t - 1][k]), 0);
      if (step(other(now)) < step(now)) swapped = !swapped;
    }
    tracks[0].push(swapped ? other(now) : now);
    tracks[1].push(swapped ? now : other(now));
  });
  const [first, second] = tracks.map(track => [0, 1, 2].map(k => centred(track.map(a => a[k]))));
  const size = track => track.reduce((sum, x) => sum + x.reduce((s, v) => s + Math.abs(v), 0), 0);
  return size(second) < size(first) ? second : first;
}

// The three angles of a rotation (T x 9) over time, as a file's channels want them: three tracks (T) degrees.
export function channelAngles(rotations, order) {
  const read = t => eulerAngles(rotations.subarray(9 * t, 9 * t + 9), order.toLowerCase());
  return smoothEuler(Array.from({length: rotations.length / 9}, (_, t) => read(t)));
}

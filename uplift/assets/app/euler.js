// A rotation as three angles about axes that move along: what uplift.lift.euler does, one matrix at a time.

export const GIMBAL = 15;     // degrees around a singular middle angle that are flagged
const DEGREES = 180 / Math.PI;

// The product of two matrices (9 numbers each, row-major).
export function product(a, b) {
  const at = (i, j) => a[i] * b[j] + a[i + 1] * b[j + 3] + a[i + 2] * b[j + 6];
  return [at(0, 0), at(0, 1), at(0, 2), at(3, 0), at(3, 1), at(3, 2), at(6, 0), at(6, 1), at(6, 2)];
}

// A matrix turned over its diagonal: for a rotation, the way back.
export function transpose(a) {
  return [a[0], a[3], a[6], a[1], a[4], a[7], a[2], a[5], a[8]];
}

// Axes i, j, k of a sequence such as 'zxy' or 'yxy', k the one that is left, and its sign.
function permutation(sequence) {
  const i = 'xyz'.indexOf(sequence[0]), j = 'xyz'.indexOf(sequence[1]);
  return [i, j, 3 - i - j, (j - i + 3) % 3 === 1 ? 1 : -1];
}

// Angles (radians) when the first axis comes twice: R = R_i R_j R_i.
function outerSame(R, sequence) {
  const [i, j, k, e] = permutation(sequence), at = (a, b) => R[3 * a + b];
  const first = [-at(j, i), e * at(k, i)], size = Math.hypot(...first), locked = size < 1e-9;
  const a = locked ? 0 : Math.atan2(...first);
  const c = locked ? Math.atan2(-e * at(j, k), at(j, j)) : Math.atan2(-at(i, j), -e * at(i, k));
  return [a, -Math.atan2(size, at(i, i)), c];
}

// Angles (radians) when the three axes are different: R = R_i R_j R_k.
function allDifferent(R, sequence) {
  const [i, j, k, e] = permutation(sequence), at = (a, b) => R[3 * a + b];
  const first = [-e * at(j, k), at(k, k)], size = Math.hypot(...first);
  const a = size < 1e-9 ? 0 : Math.atan2(...first), cos = Math.cos(a), sin = e * Math.sin(a);
  const row = axis => cos * at(j, axis) + sin * at(k, axis);          // the first turn undone
  return [a, Math.atan2(e * at(i, k), size), Math.atan2(e * row(i), row(j))];
}

// Three angles, degrees, the second in [-90, 90] or ('yxy') [-180, 0]; where only a sum shows the first is 0.
export function eulerAngles(R, sequence) {
  const read = sequence[2] === sequence[0] ? outerSame : allDifferent;
  return read(R, sequence).map(x => x * DEGREES + 0);
}

// Is the middle angle so close to a singularity that the outer two mean little?
export function nearGimbal(angles, sequence, margin = GIMBAL) {
  const middle = Math.abs(angles[1]);
  if (sequence[2] === sequence[0]) return middle < margin || middle > 180 - margin;
  return Math.abs(middle - 90) < margin;
}

// The same direction in (-180, 180] degrees.
export function wrapDegrees(angle) {
  return angle - 360 * Math.ceil((angle - 180) / 360);
}

// Of the two readings of a rotation, the one whose angles are smaller in sum; and both about equally long?
export function leastTurns(angles, margin = GIMBAL) {
  const total = angles.reduce((sum, x) => sum + Math.abs(x), 0);
  const [a, b, c] = angles, other = [a + 180, 180 - b, c + 180].map(wrapDegrees);
  return {angles: total > 270 ? other : angles, tie: Math.abs(total - 270) < margin};
}

// Degrees (T) without jumps of half a turn or more from one frame to the next (numpy.unwrap).
export function unwrap(angle) {
  const out = Float64Array.from(angle);
  for (let t = 1, turns = 0; t < out.length; t++) {
    const step = angle[t] - angle[t - 1];
    let short = step - 360 * Math.floor((step + 180) / 360);
    if (short === -180 && step > 0) short = 180;
    if (Math.abs(step) >= 180) turns += short - step;
    out[t] = angle[t] + turns;
  }
  return out;
}

// Degrees (T) in which whole turns are counted within each run of good frames (T).
export function unwrapRuns(angle, good) {
  const path = unwrap(angle), out = new Float64Array(angle.length);
  for (let t = 0, start = 0; t < out.length; t++) {
    if (good[t] && !(t && good[t - 1])) start = t;
    out[t] = path[t] + angle[start] - path[start];
  }
  return out;
}

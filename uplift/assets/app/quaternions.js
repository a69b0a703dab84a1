// Quaternions (w, x, y, z) and rotation vectors of matrices, as uplift.core.rotations makes them.

// Unit quaternion with w >= 0 of the matrix R[at .. at + 9]: the longest row of 4qq^T, brought to length one.
export function matrixToQuaternion(R, at = 0) {
  const [a, b, c, d, e, f, g, h, i] = R.subarray(at, at + 9);
  const rows = [[1 + a + e + i, h - f, c - g, d - b], [h - f, 1 + a - e - i, b + d, c + g],
    [c - g, b + d, 1 + e - a - i, f + h], [d - b, c + g, f + h, 1 + i - a - e]];
  let longest = 0;
  for (let k = 1; k < 4; k++) if (rows[k][k] > rows[longest][longest]) longest = k;
  const q = rows[longest], size = (q[0] < 0 ? -1 : 1) * Math.hypot(...q);
  return q.map(x => x / size);
}

// Axis times angle (3), radians, of the matrix R[at .. at + 9].
export function matrixToAxisAngle(R, at = 0) {
  const [w, ...v] = matrixToQuaternion(R, at), n = Math.hypot(...v);
  const factor = n < 1e-9 ? 2 : 2 * Math.atan2(n, w) / n;
  return v.map(x => x * factor);
}

// Quaternions (T x 4) in glTF's order (x, y, z, w) whose sign follows the frame before; rotations: T x 9.
export function continuousQuaternions(rotations) {
  const T = rotations.length / 9, out = new Float64Array(4 * T);
  for (let t = 0; t < T; t++) {
    const [w, x, y, z] = matrixToQuaternion(rotations, 9 * t), q = [x, y, z, w];
    const same = t ? q.reduce((sum, v, k) => sum + v * out[4 * t - 4 + k], 0) : 1;
    out.set(same < 0 ? q.map(v => -v) : q, 4 * t);
  }
  return out;
}

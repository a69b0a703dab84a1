// Rotations as nine numbers, row by row, inside flat arrays: `R, r` is the matrix that begins at R[r].

/** out = A B; out may be A or B. */
export function multiply(A, a, B, b, out, o) {
  const b0 = B[b];
  const b1 = B[b + 1];
  const b2 = B[b + 2];
  const b3 = B[b + 3];
  const b4 = B[b + 4];
  const b5 = B[b + 5];
  const b6 = B[b + 6];
  const b7 = B[b + 7];
  const b8 = B[b + 8];
  for (let i = 0; i < 9; i += 3) {
    const x = A[a + i];
    const y = A[a + i + 1];
    const z = A[a + i + 2];
    out[o + i] = x * b0 + y * b3 + z * b6;
    out[o + i + 1] = x * b1 + y * b4 + z * b7;
    out[o + i + 2] = x * b2 + y * b5 + z * b8;
  }
}

/** out = A^T B; out is none of them. */
export function multiplyTransposed(A, a, B, b, out, o) {
  for (let i = 0; i < 3; i++) {
    const x = A[a + i];
    const y = A[a + 3 + i];
    const z = A[a + 6 + i];
    for (let k = 0; k < 3; k++) out[o + 3 * i + k] = x * B[b + k] + y * B[b + 3 + k] + z * B[b + 6 + k];
  }
}

/** sin(x) / x from x squared, smooth at 0. */
const sinc = x2 => (x2 < 1e-8 ? 1 - x2 / 6 : Math.sin(Math.sqrt(x2)) / Math.sqrt(x2));

/** Rodrigues' formula: a rotation vector v[i..], rad, to a matrix. */
export function axisAngleToMatrix(v, i, out, o) {
  const x = v[i];
  const y = v[i + 1];
  const z = v[i + 2];
  const t2 = x * x + y * y + z * z;
  const a = sinc(t2);
  const b = sinc(t2 / 4) ** 2 / 2;
  out[o] = 1 - b * (y * y + z * z);
  out[o + 1] = b * x * y - a * z;
  out[o + 2] = b * x * z + a * y;
  out[o + 3] = b * x * y + a * z;
  out[o + 4] = 1 - b * (x * x + z * z);
  out[o + 5] = b * y * z - a * x;
  out[o + 6] = b * x * z - a * y;
  out[o + 7] = b * y * z + a * x;
  out[o + 8] = 1 - b * (x * x + y * y);
}

/** Davenport's symmetric 4 x 4 matrix: q K q is the trace of R(q)^T M for every unit quaternion q. */
function davenport(M, m) {
  const [a, b, c, d, e, f, g, h, i] = M.subarray(m, m + 9);
  return [
    [a + e + i, h - f, c - g, d - b],
    [h - f, a - e - i, b + d, c + g],
    [c - g, b + d, e - a - i, f + h],
    [d - b, c + g, f + h, i - a - e],
  ];
}

/** The unit quaternion (w, x, y, z) of a rotation, w >= 0: the longest row of 4 q q^T. */
export function matrixToQuaternion(R, r) {
  const rows = davenport(R, r);
  let best = 0;
  for (let i = 0; i < 4; i++) {
    rows[i][i] += 1;
    if (rows[i][i] > rows[best][best]) best = i;
  }
  const q = rows[best];
  const n = Math.hypot(...q) * (q[0] < 0 ? -1 : 1);
  return q.map(x => x / n);
}

/** The rotation vector of a matrix, rad, angle in [0, pi]. */
export function matrixToAxisAngle(R, r, out, o) {
  const [w, x, y, z] = matrixToQuaternion(R, r);
  const n = Math.hypot(x, y, z);
  const scale = n < 1e-9 ? 2 : (2 * Math.atan2(n, w)) / n;
  out[o] = scale * x;
  out[o + 1] = scale * y;
  out[o + 2] = scale * z;
}

/** The rotation of a unit quaternion (w, x, y, z). */
export function quaternionToMatrix([w, x, y, z], out, o) {
  out[o] = 1 - 2 * (y * y + z * z);
  out[o + 1] = 2 * (x * y - w * z);
  out[o + 2] = 2 * (x * z + w * y);
  out[o + 3] = 2 * (x * y + w * z);
  out[o + 4] = 1 - 2 * (x * x + z * z);
  out[o + 5] = 2 * (y * z - w * x);
  out[o + 6] = 2 * (x * z - w * y);
  out[o + 7] = 2 * (y * z + w * x);
  out[o + 8] = 1 - 2 * (x * x + y * y);
}

/** Two columns d[i..], one after the other, to a rotation (Gram-Schmidt, Zhou et al. 2019). */
export function sixdToMatrix(d, i, out, o) {
  let ax = d[i];
  let ay = d[i + 1];
  let az = d[i + 2];
  let bx = d[i + 3];
  let by = d[i + 4];
  let bz = d[i + 5];
  let n = 1 / Math.sqrt(Math.max(ax * ax + ay * ay + az * az, 1e-24));
  ax *= n;
  ay *= n;
  az *= n;
  const along = ax * bx + ay * by + az * bz;
  bx -= along * ax;
  by -= along * ay;
  bz -= along * az;
  n = 1 / Math.sqrt(Math.max(bx * bx + by * by + bz * bz, 1e-24));
  bx *= n;
  by *= n;
  bz *= n;
  out[o] = ax;
  out[o + 1] = bx;
  out[o + 2] = ay * bz - az * by;
  out[o + 3] = ay;
  out[o + 4] = by;
  out[o + 5] = az * bx - ax * bz;
  out[o + 6] = az;
  out[o + 7] = bz;
  out[o + 8] = ax * by - ay * bx;
}

/** One Jacobi rotation of a symmetric matrix K and of its eigenvectors V, which makes K[p][q] zero. */
function jacobiTurn(K, V, p, q) {
  if (Math.abs(K[p][q]) < 1e-300) return;
  const theta = (K[q][q] - K[p][p]) / (2 * K[p][q]);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  const mix = (rows, i, a, b) => {
    [rows[i][a], rows[i][b]] = [c * rows[i][a] - s * rows[i][b], s * rows[i][a] + c * rows[i][b]];
  };
  for (let i = 0; i < 4; i++) mix(K, i, p, q);
  for (let i = 0; i < 4; i++) [K[p][i], K[q][i]] = [c * K[p][i] - s * K[q][i], s * K[p][i] + c * K[q][i]];
  for (let i = 0; i < 4; i++) mix(V, i, p, q);
}

/** The rotation nearest to any matrix M, in the Frobenius norm (`project_to_so3`); out may be M. */
export function nearestRotation(M, m, out, o) {
  const K = davenport(M, m);
  const V = [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
  ];
  for (let sweep = 0; sweep < 6; sweep++)
    for (let p = 0; p < 3; p++) for (let q = p + 1; q < 4; q++) jacobiTurn(K, V, p, q);
  let best = 0;
  for (let i = 1; i < 4; i++) if (K[i][i] > K[best][best]) best = i;
  quaternionToMatrix(
    V.map(row => row[best]),
    out,
    o,
  );
}

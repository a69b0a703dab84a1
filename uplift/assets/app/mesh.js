// The body's surface in its rest pose, for any shape; packed small by uplift.web.mesh.
//   mesh: {names: 22, vertices: V x 3 m, faces: F x 3, shape: V x 3 x B m, joints: V x 4, weights: V x 4 in 0..255,
//          rest: 22 x 3 m, restShape: 22 x 3 x B m, betas: B}

const TYPES = {f4: Float32Array, i2: Int16Array, i1: Int8Array, u1: Uint8Array, u2: Uint16Array};

// One packed array {type, scale, data in base64}: its numbers.
function unpack({type, scale, data}) {
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0)), raw = new TYPES[type](bytes.buffer);
  return scale ? Float32Array.from(raw, x => x * scale) : raw;
}

// The JSON of a site, with its arrays unpacked.
export function readMesh(json) {
  const read = x => x && x.data ? unpack(x) : x;
  const mesh = Object.fromEntries(Object.entries(json).map(([key, x]) => [key, read(x)]));
  const {columns, betas: B} = mesh, scaled = mesh.shape;                  // a scale for each direction
  mesh.shape = Float32Array.from(scaled, (x, i) => x * columns[i % B]);
  return mesh;
}

// Points (K x 3) of a shape: at rest + directions (K x 3 x B) times betas (B).
function shaped(points, directions, betas) {
  const B = betas.length;
  return Float32Array.from(points, (x, i) => {
    for (let b = 0; b < B; b++) x += directions[i * B + b] * betas[b];
    return x;
  });
}

// The skinned surface of a shape; rest (22 x 3 m): the result's joints, which have to be this body's.
export function restSurface(mesh, betas, rest) {
  if (betas.length !== mesh.betas)
    throw new Error(`the body has ${mesh.betas} shape numbers, the result ${betas.length}: lift with this site's model`);
  const joints = shaped(mesh.rest, mesh.restShape, betas), off = Math.max(...joints.map((x, i) => Math.abs(x - rest.flat()[i])));
  if (off > .005) throw new Error(`the result was made with another body (joints ${(1000 * off).toFixed()} mm apart)`);
  const weights = new Float32Array(mesh.weights.length);
  for (let i = 0; i < weights.length; i += 4) {
    const sum = mesh.weights[i] + mesh.weights[i + 1] + mesh.weights[i + 2] + mesh.weights[i + 3];
    for (let k = i; k < i + 4; k++) weights[k] = mesh.weights[k] / sum;
  }
  return {vertices: shaped(mesh.vertices, mesh.shape, betas), faces: mesh.faces, joints: mesh.joints, weights};
}

// Normals (V x 3) of length 1 at the corners, by area.
export function vertexNormals(vertices, faces) {
  const out = new Float32Array(vertices.length), at = i => vertices.subarray(3 * i, 3 * i + 3);
  for (let f = 0; f < faces.length; f += 3) {
    const corners = faces.subarray(f, f + 3), [p, q, r] = Array.from(corners, at);
    const [a, b, c] = [q[0] - p[0], q[1] - p[1], q[2] - p[2]], [d, e, g] = [r[0] - p[0], r[1] - p[1], r[2] - p[2]];
    for (const i of corners) {
      out[3 * i] += b * g - c * e;
      out[3 * i + 1] += c * d - a * g;
      out[3 * i + 2] += a * e - b * d;
    }
  }
  for (let i = 0; i < out.length; i += 3) {
    const size = Math.max(1e-12, Math.hypot(out[i], out[i + 1], out[i + 2]));
    for (let k = i; k < i + 3; k++) out[k] /= size;
  }
  return out;
}

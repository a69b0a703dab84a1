// The body's surface in its rest pose, for any shape; packed small by uplift.web.mesh.
//   mesh: {names: 22, betas: B, vertices: V x 3 m, faces: F x 3, shape: V x 3 x B, columns: B (m of a step in
//          shape), joints: V x 4, weights: V x 4 in 0..255, rest: 22 x 3 m, restShape: 22 x 3 x B m}

const TYPES = {i2: Int16Array, i1: Int8Array, u1: Uint8Array, u2: Uint16Array};

// The numbers of a packed array {type, scale, data in base64}; anything else as it is.
function unpack(x) {
  if (!x.data) return x;
  const bytes = Uint8Array.from(atob(x.data), c => c.charCodeAt(0)), raw = new TYPES[x.type](bytes.buffer);
  return x.scale ? Float32Array.from(raw, v => v * x.scale) : raw;
}

// A site's mesh with its arrays unpacked.
export function readMesh(json) {
  return Object.fromEntries(Object.entries(json).map(([key, x]) => [key, unpack(x)]));
}

// Points (K x 3) of a shape: at rest + directions (K x 3 x B) times betas (B).
function shaped(points, directions, betas) {
  return Float32Array.from(points, (x, i) => {
    for (let b = 0; b < betas.length; b++) x += directions[i * betas.length + b] * betas[b];
    return x;
  });
}

// Refuse a result that is about another body; rest (66): its joints at rest, m.
function checkBody(mesh, betas, rest) {
  const lift = 'lift the clip again with this page';
  if (betas.length !== mesh.betas)
    throw new Error(`the result has ${betas.length} shape numbers, the body ${mesh.betas}: ${lift}`);
  const own = shaped(mesh.rest, mesh.restShape, betas);
  const off = Math.max(...own.map((x, i) => Math.abs(x - rest[i])));
  if (!(off < .005))
    throw new Error(`the result is about another body (joints ${(1000 * off).toFixed()} mm apart): ${lift}`);
}

// Whole numbers V x 4 as shares of 1.
function shares(weights) {
  const out = Float32Array.from(weights);
  for (let i = 0; i < out.length; i += 4) {
    const four = out.subarray(i, i + 4), sum = four.reduce((a, b) => a + b);
    four.forEach((w, k) => { four[k] = w / sum; });
  }
  return out;
}

// The skinned surface of a shape: {vertices, faces, joints, weights}; rest (66): the result's joints at rest.
export function restSurface(mesh, betas, rest) {
  checkBody(mesh, betas, rest);
  const vertices = shaped(mesh.vertices, mesh.shape, betas.map((b, k) => b * mesh.columns[k]));
  return {vertices, faces: mesh.faces, joints: mesh.joints, weights: shares(mesh.weights)};
}

// Normals (V x 3) of length 1 at the corners, by area.
export function vertexNormals(vertices, faces) {
  const out = new Float32Array(vertices.length);
  const from = (i, j) => [0, 1, 2].map(k => vertices[3 * j + k] - vertices[3 * i + k]);
  for (let f = 0; f < faces.length; f += 3) {
    const [i, j, k] = faces.subarray(f, f + 3), [a, b, c] = from(i, j), [d, e, g] = from(i, k);
    const normal = [b * g - c * e, c * d - a * g, a * e - b * d];
    for (const corner of [i, j, k]) for (let x = 0; x < 3; x++) out[3 * corner + x] += normal[x];
  }
  for (let i = 0; i < out.length; i += 3) {
    const size = Math.max(1e-12, Math.hypot(out[i], out[i + 1], out[i + 2]));
    for (let k = i; k < i + 3; k++) out[k] /= size;
  }
  return out;
}

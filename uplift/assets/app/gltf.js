// The moving body as one binary glTF 2.0: bones, skin and motion, y up, metres (uplift.export.gltf).
import {product, transpose} from './euler.js';
import {matrixToQuaternion} from './rotations.js';
import {PARENTS, boneOffsets, inWorld} from './world.js';
import {bytesOf, joined} from './zip.js';
import {readMesh, restSurface, vertexNormals} from './mesh.js';

const CODES = new Map([[Uint8Array, 5121], [Uint16Array, 5123], [Uint32Array, 5125], [Float32Array, 5126]]);
const FLIP = [1, 0, 0, 0, -1, 0, 0, 0, -1];                            // glTF's cameras look along -z, y up
const WIDTHS = {SCALAR: 1, VEC3: 3, VEC4: 4, MAT4: 16}, VERTICES = 34962, CORNERS = 34963;

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

// Lowest or highest of each column.
function ends(data, width, pick) {
  const out = Array.from(data.subarray(0, width));
  data.forEach((x, i) => { out[i % width] = pick(out[i % width], x); });
  return out;
}

// The bytes of a glTF and the accessors that describe them.
class Blob3D {
  constructor(gltf) { this.gltf = gltf; this.parts = []; this.size = 0; }

  // Append an array; returns the number of its accessor.
  add(data, type, {target, bounds} = {}) {
    const width = WIDTHS[type], bufferView = this.view(bytesOf(data), target);
    const told = bounds && {min: ends(data, width, Math.min), max: ends(data, width, Math.max)};
    const componentType = CODES.get(data.constructor), count = data.length / width;
    return this.gltf.accessors.push({bufferView, componentType, count, type, ...told}) - 1;
  }

  // Append bytes, and fill up to the next four; returns the number of their buffer view.
  view(bytes, target) {
    const view = {buffer: 0, byteOffset: this.size, byteLength: bytes.length, ...(target && {target})};
    const gap = -bytes.length & 3;
    this.parts.push(bytes, new Uint8Array(gap));
    this.size += bytes.length + gap;
    return this.gltf.bufferViews.push(view) - 1;
  }
}

// The surface with its normals, weights and a grey material.
function addMesh(blob, surface) {
  const {vertices, faces, joints, weights} = surface, at = {target: VERTICES};
  const attributes = {POSITION: blob.add(vertices, 'VEC3', {...at, bounds: true}),
    NORMAL: blob.add(vertexNormals(vertices, faces), 'VEC3', at), JOINTS_0: blob.add(joints, 'VEC4', at),
    WEIGHTS_0: blob.add(weights, 'VEC4', at)};
  const paint = {baseColorFactor: [.72, .74, .78, 1], metallicFactor: 0, roughnessFactor: .8};
  blob.gltf.materials.push({name: 'body', pbrMetallicRoughness: paint});
  const indices = blob.add(faces, 'SCALAR', {target: CORNERS});
  blob.gltf.meshes.push({name: 'body', primitives: [{attributes, indices, material: 0}]});
}

// The mesh, a node after the joints, and its skin over these.
function addSkin(blob, surface, rest) {
  addMesh(blob, surface);
  const back = ([x, y, z]) => [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, -x, -y, -z, 1];   // by columns
  const inverse = Float32Array.from(rest.flatMap(back)), joints = rest.map((_, j) => j);
  blob.gltf.skins.push({joints, inverseBindMatrices: blob.add(inverse, 'MAT4'), skeleton: 0});
  blob.gltf.nodes.push({name: 'body', mesh: 0, skin: 0});
}

// The film's camera as the last node.
function addCamera(blob, world, {size: [w, h], focal: [fx, fy]}) {
  const lens = {yfov: 2 * Math.atan(h / 2 / fy), aspectRatio: w / fx / (h / fy), znear: .05};
  blob.gltf.cameras = [{type: 'perspective', name: 'film', perspective: lens}];
  const turn = product(transpose(world.cameraR), FLIP);
  blob.gltf.nodes.push({name: 'film', camera: 0, rotation: Array.from(continuousQuaternions(Float64Array.from(turn))),
    translation: Array.from(world.cameraT)});
  blob.gltf.scenes[0].nodes.push(blob.gltf.nodes.length - 1);
}

// One animation: a rotation track for each joint, a translation track for the pelvis.
function addMotion(blob, world, result) {
  const times = Float32Array.from({length: world.T}, (_, t) => t / result.fps);
  const extras = {frames_nobody_saw: gaps(result.valid), fps: result.fps};
  const motion = {name: 'motion', samplers: [], channels: [], extras};
  const input = blob.add(times, 'SCALAR', {bounds: true});
  const track = (node, path, data, type) => {
    const sampler = motion.samplers.push({input, output: blob.add(data, type), interpolation: 'LINEAR'}) - 1;
    motion.channels.push({sampler, target: {node, path}});
  };
  world.turns.forEach((R, j) => track(j, 'rotation', Float32Array.from(continuousQuaternions(R)), 'VEC4'));
  const pelvis = new Float32Array(3 * world.T);
  for (let t = 0; t < world.T; t++) pelvis.set(world.joints.subarray(66 * t, 66 * t + 3), 3 * t);
  track(0, 'translation', pelvis, 'VEC3');
  blob.gltf.animations.push(motion);
}

// Stretches [first, last] of frames that are not valid.
export function gaps(valid) {
  const out = [];
  valid.forEach((sure, t) => {
    if (sure) return;
    if (out.length && out.at(-1)[1] === t - 1) out.at(-1)[1] = t; else out.push([t, t]);
  });
  return out;
}

// Bones from joint to joint, and where the joints are in the rest pose: J x 3 metres each.
function skeleton(result, world) {
  const offsets = boneOffsets(world), {T, joints, transl} = result;
  for (let t = 0; t < T; t++)
    offsets[0] = offsets[0].map((x, a) => x + (joints[66 * t + a] - transl[3 * t + a]) / T);
  const rest = [];
  PARENTS.forEach((p, j) => rest.push(p < 0 ? offsets[j] : offsets[j].map((x, a) => x + rest[p][a])));
  return {offsets, rest};
}

// JSON and bytes as one .glb.
function binary(gltf, parts, size) {
  gltf.buffers.push({byteLength: size});
  const text = new TextEncoder().encode(JSON.stringify(gltf)), room = -text.length & 3;
  const words = (...x) => bytesOf(Uint32Array.from(x)), length = text.length + room;
  const head = words(0x46546C67, 2, 28 + length + size, length, 0x4E4F534A);
  return joined([head, text, new Uint8Array(room).fill(32), words(size, 0x004E4942), ...parts]);
}

// The bytes of a .glb; packed: the body's mesh as the site has it (mesh.js).
export function toGltf(result, packed) {
  const mesh = readMesh(packed), world = inWorld(result), {offsets, rest} = skeleton(result, world);
  const nodes = offsets.map((t, j) => {
    const children = PARENTS.flatMap((p, k) => p === j ? [k] : []);
    return {name: mesh.names[j], translation: Array.from(t), ...(children.length && {children})};
  });
  const asset = {version: '2.0', generator: 'uplift'}, scenes = [{nodes: [0, nodes.length]}];
  const gltf = {asset, scene: 0, scenes, nodes, accessors: [], bufferViews: [], buffers: [],
    materials: [], meshes: [], skins: [], animations: []};
  const blob = new Blob3D(gltf);
  addSkin(blob, restSurface(mesh, result.betas, rest.flat()), rest);
  if (result.cameraR) addCamera(blob, world, result);
  addMotion(blob, world, result);
  return binary(gltf, blob.parts, blob.size);
}

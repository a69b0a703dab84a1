// What a lifted clip can be saved as; each writer says the same as its sibling in Python.
export {toNpz} from './npz.js';      // await toNpz(result): bytes of an npz for LiftResult.load
export {toCsv} from './csv.js';      // toCsv(angles): text, angles in degrees
export {toBvh} from './bvh.js';      // toBvh(result, table): text
export {toGltf} from './gltf.js';    // toGltf(result, mesh): bytes of a .glb; mesh: the site's JSON

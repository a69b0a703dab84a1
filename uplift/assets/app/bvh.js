// Motion as text that Blender, Maya, MotionBuilder and Unreal read: uplift.export.bvh, metres, y up, ZXY.
import {ENDS, PARENTS, boneOffsets, channelAngles, inWorld} from './world.js';

const place = xyz => 'OFFSET ' + Array.from(xyz, x => x.toFixed(6)).join(' ');
const TURNS = 'Zrotation Xrotation Yrotation';

// The hierarchy, depth first, as its channels come: lines, and the joints in that order.
export function bvhTree(offsets, names) {
  const lines = ['HIERARCHY'], ids = [];
  const add = (j, tab) => {
    ids.push(j);
    const root = PARENTS[j] < 0, children = PARENTS.flatMap((p, k) => p === j ? [k] : []);
    lines.push(`${tab}${root ? 'ROOT' : 'JOINT'} ${names[j]}`, `${tab}{`, `${tab}\t${place(offsets[j])}`,
      `${tab}\tCHANNELS ${root ? '6 Xposition Yposition Zposition' : '3'} ${TURNS}`);
    for (const k of children) add(k, tab + '\t');
    if (!children.length)
      lines.push(`${tab}\tEnd Site`, `${tab}\t{`, `${tab}\t\t${place(ENDS[j])}`, `${tab}\t}`);
    lines.push(`${tab}}`);
  };
  add(0, '');
  return {lines, ids};
}

// Text of a BVH; frames that nobody saw are held.
export function toBvh(result, table) {
  const world = inWorld(result), {lines, ids} = bvhTree(boneOffsets(world), table.angles.joints);
  const tracks = ids.flatMap(j => channelAngles(world.turns[j], 'ZXY'));
  lines.push('MOTION', `Frames: ${result.T}`, `Frame Time: ${(1 / result.fps).toFixed(8)}`);
  for (let t = 0; t < result.T; t++) {
    const root = Array.from(world.joints.subarray(66 * t, 66 * t + 3));
    lines.push([...root, ...tracks.map(x => x[t])].map(x => x.toFixed(6)).join(' '));
  }
  return lines.join('\n') + '\n';
}

// The body in a glTF file: its bones, the frames of its motion, and where the joints go. Metres, y up.
{
  // [{node, key, size, values}]: what moves what.
  const tracksOf = (motion, nodes) => motion.tracks.map(t => {
    const dot = t.name.lastIndexOf('.'), node = nodes[t.name.slice(0, dot)];
    return {node, key: t.name.slice(dot + 1), size: t.getValueSize(), values: t.values};
  }).filter(t => t.node);

  UpliftSkin.Body = class Body {
    // glb: ArrayBuffer with one skinned body and one animation.
    static async read(glb) { return new Body(await new THREE.GLTFLoader().parseAsync(glb, '')); }

    // scene, skin: SkinnedMesh, bones, names, parents, frames, fps, film: the film's camera or null,
    // held: [[first, last], …] frames that nobody saw
    constructor(file) {
      const motion = file.animations[0], nodes = {};
      Object.assign(this, {scene: file.scene, skin: null, film: null});
      file.scene.traverse(o => {
        nodes[o.name] = nodes[o.uuid] = o;
        if (o.isSkinnedMesh) this.skin = o;
        if (o.isCamera) this.film = o;
      });
      if (!this.skin || !motion) throw new Error('no skinned body that moves in this glTF file');
      this.bones = this.skin.skeleton.bones;
      this.names = this.bones.map(b => b.name);
      this.parents = this.bones.map(b => this.bones.indexOf(b.parent));
      this.tracks = tracksOf(motion, nodes);
      const told = motion.userData || {}, {times} = motion.tracks[0], frames = this.frames = times.length;
      this.fps = told.fps || (frames > 1 ? (frames - 1) / (times[frames - 1] - times[0]) : 30);
      this.heldFrames = told.frames_nobody_saw || [];
    }

    pose(frame) {
      for (const {node, key, size, values} of this.tracks) node[key].fromArray(values, frame * size);
      this.scene.updateMatrixWorld(true);
    }

    isHeld(frame) { return this.heldFrames.some(([first, last]) => frame >= first && frame <= last); }

    // The joints of all frames, Float32Array(T * J * 3).
    joints() {
      const J = this.bones.length, out = new Float32Array(this.frames * J * 3), p = new THREE.Vector3();
      for (let t = 0; t < this.frames; t++) {
        this.pose(t);
        this.bones.forEach((b, j) => p.setFromMatrixPosition(b.matrixWorld).toArray(out, 3 * (t * J + j)));
      }
      return out;
    }

    // The pelvis' way over the floor, a mean over a second: Float32Array(T * 2) of x and z.
    smoothWay(joints) {
      const J = this.bones.length, T = this.frames, half = Math.round(this.fps / 2);
      const out = new Float32Array(2 * T);
      for (let t = 0; t < T; t++) for (const [k, a] of [[0, 0], [1, 2]]) {
        const n = Math.min(half, t, T - 1 - t);
        for (let s = t - n; s <= t + n; s++) out[2 * t + k] += joints[3 * s * J + a] / (2 * n + 1);
      }
      return out;
    }

    // What all frames take: {low, high: corners of the box, wide: its longer side on the floor,
    // reach: across the person alone}.
    extent(joints, way) {
      const J = this.bones.length, low = [1e9, 1e9, 1e9], high = [-1e9, -1e9, -1e9];
      let near = 0;
      for (let i = 0; i < joints.length; i++) {
        const a = i % 3, x = joints[i], t = Math.floor(i / 3 / J);
        low[a] = Math.min(low[a], x); high[a] = Math.max(high[a], x);
        if (a !== 1) near = Math.max(near, Math.abs(x - way[2 * t + a / 2]));
      }
      return {low, high, reach: 2 * near, wide: Math.max(high[0] - low[0], high[2] - low[2])};
    }
  };
}

// One joint's rotation against its parent: the axis, and the way that it turned.
{
  const {COLOURS, clamp, placeOf} = UpliftSkin.tools, STEPS = 32;

  // Where the limb of a bone points in the bone's own rest pose, a unit vector.
  const restOf = bone => {
    const limbs = bone.children.filter(c => c.isBone), sum = new THREE.Vector3();
    (limbs.length ? limbs : [bone]).forEach(c => sum.add(c.position));
    return sum.normalize();
  };

  // {angle: radians; at: metres; axis, from: unit vectors in the world, from where the limb started to turn};
  // axis is null where it hardly turned.
  const turnOf = (bone, rest) => {
    const q = bone.quaternion, angle = 2 * Math.acos(clamp(Math.abs(q.w), 0, 1)), at = placeOf(bone);
    const axis = new THREE.Vector3(q.x, q.y, q.z).multiplyScalar(q.w < 0 ? -1 : 1);
    if (angle < .02 || !axis.lengthSq()) return {angle, at, axis: null};
    const frame = new THREE.Quaternion();
    if (bone.parent) bone.parent.getWorldQuaternion(frame);
    axis.normalize().applyQuaternion(frame);
    const from = rest.clone().applyQuaternion(frame);
    from.addScaledVector(axis, -from.dot(axis));
    if (from.lengthSq() < 1e-4) from.set(axis.y, axis.z, axis.x).cross(axis);   // it turns about itself
    return {angle, at, axis, from: from.normalize()};
  };

  const paint = (opacity = 1) => new THREE.MeshBasicMaterial(
    {color: COLOURS.picked, transparent: true, opacity, depthTest: false, side: THREE.DoubleSide});

  // A band of STEPS pieces between two arcs.
  const strip = opacity => {
    const g = new THREE.BufferGeometry(), index = [], corners = new Float32Array(6 * (STEPS + 1));
    g.setAttribute('position', new THREE.Float32BufferAttribute(corners, 3));
    for (let i = 0; i < 2 * STEPS; i += 2) index.push(i, i + 1, i + 2, i + 1, i + 3, i + 2);
    g.setIndex(index);
    return new THREE.Mesh(g, paint(opacity));
  };

  const sweep = (mesh, {from, axis, angle}, inner, outer) => {
    const p = mesh.geometry.attributes.position, d = new THREE.Vector3();
    for (let i = 0; i <= STEPS; i++) {
      d.copy(from).applyAxisAngle(axis, angle * i / STEPS);
      p.setXYZ(2 * i, inner * d.x, inner * d.y, inner * d.z);
      p.setXYZ(2 * i + 1, outer * d.x, outer * d.y, outer * d.z);
    }
    p.needsUpdate = true;
  };

  // An arrow for the axis, a fan for the angle, an arc with a tip for its direction.
  UpliftSkin.TurnMark = class TurnMark {
    constructor() {
      const arrow = UpliftSkin.arrow(.52, .011, paint());
      arrow.position.y = -.15;
      this.axis = new THREE.Group().add(arrow);
      this.arc = strip(1); this.fan = strip(.28);
      this.tip = new THREE.Mesh(new THREE.ConeGeometry(.034, .07, 14), paint());
      this.group = new THREE.Group().add(this.fan, this.arc, this.axis, this.tip);
      this.group.traverse(o => { o.renderOrder = 10; o.frustumCulled = false; });
    }

    // turn: of turnOf, or null.
    place(turn) {
      this.group.visible = !!turn?.axis;
      if (!this.group.visible) return;
      const {angle, at, axis, from} = turn, up = new THREE.Vector3(0, 1, 0);
      this.group.position.copy(at);
      this.axis.quaternion.setFromUnitVectors(up, axis);
      sweep(this.arc, turn, .25, .275);
      sweep(this.fan, turn, 0, .25);
      const end = from.clone().applyAxisAngle(axis, Math.max(angle - .1, 0));
      this.tip.position.copy(from).applyAxisAngle(axis, angle - .1).multiplyScalar(.2625);
      this.tip.quaternion.setFromUnitVectors(up, end.cross(axis).negate().normalize());
    }
  };
  Object.assign(UpliftSkin.tools, {restOf, turnOf});
}

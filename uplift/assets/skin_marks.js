// What three.js draws around the skin: arrows, the world's axes, bones.
{
  const {COLOURS, placeOf, sideOf, isFinger} = UpliftSkin.tools;

  // A letter that looks at the reader.
  const letter = (text, colour) => {
    const canvas = document.createElement('canvas'), c = canvas.getContext('2d');
    canvas.width = canvas.height = 64;
    Object.assign(c, {font: 'bold 52px system-ui, sans-serif', textAlign: 'center', textBaseline: 'middle',
                      fillStyle: colour});
    c.fillText(text, 32, 34);
    const picture = new THREE.CanvasTexture(canvas);
    picture.colorSpace = THREE.SRGBColorSpace;
    const sprite = new THREE.Sprite(new THREE.SpriteMaterial({map: picture}));
    sprite.scale.setScalar(.16);
    return sprite;
  };

  // Arrow along +y from 0 to its length.
  UpliftSkin.arrow = (length, radius, material) => {
    const group = new THREE.Group(), head = 5 * radius;
    const shaft = new THREE.Mesh(new THREE.CylinderGeometry(radius, radius, length - head, 10), material);
    const tip = new THREE.Mesh(new THREE.ConeGeometry(2.4 * radius, head, 14), material);
    shaft.position.y = (length - head) / 2;
    tip.position.y = length - head / 2;
    return group.add(shaft, tip);
  };

  // The world's axes, half a metre each, with their letters.
  UpliftSkin.worldAxes = () => {
    const group = new THREE.Group(), up = new THREE.Vector3(0, 1, 0);
    for (const k of ['x', 'y', 'z']) {
      const along = new THREE.Vector3(k === 'x', k === 'y', k === 'z'), name = letter(k, COLOURS[k]);
      const one = UpliftSkin.arrow(.5, .008, new THREE.MeshBasicMaterial({color: COLOURS[k]}));
      one.quaternion.setFromUnitVectors(up, along);
      name.position.copy(along).multiplyScalar(.58);
      group.add(one, name);
    }
    return group;
  };

  // Bones as rods and joints as balls; place(bones) moves them.
  UpliftSkin.Bones = class Bones {
    constructor({parents, names}) {
      this.pairs = parents.map((p, j) => [p, j]).filter(([p]) => p >= 0);
      this.sizes = names.map((_, j) => isFinger(j) ? .35 : 1);
      const paint = new THREE.MeshLambertMaterial(), colour = j => new THREE.Color(COLOURS[sideOf(names[j])]);
      const rod = new THREE.CylinderGeometry(.011, .018, 1, 8), ball = new THREE.SphereGeometry(.026, 12, 8);
      this.rods = new THREE.InstancedMesh(rod, paint, this.pairs.length);
      this.balls = new THREE.InstancedMesh(ball, paint, names.length);
      this.pairs.forEach(([, j], i) => this.rods.setColorAt(i, colour(j)));
      names.forEach((_, j) => this.balls.setColorAt(j, colour(j)));
      this.group = new THREE.Group().add(this.rods, this.balls);
      for (const m of [this.rods, this.balls]) m.frustumCulled = false;
    }

    place(bones) {
      const at = bones.map(placeOf), up = new THREE.Vector3(0, 1, 0);
      const m = new THREE.Matrix4(), q = new THREE.Quaternion();
      const along = new THREE.Vector3(), s = new THREE.Vector3(), middle = new THREE.Vector3();
      this.pairs.forEach(([p, j], i) => {
        const length = along.subVectors(at[j], at[p]).length(), thick = this.sizes[j];
        q.setFromUnitVectors(up, along.normalize());
        m.compose(middle.addVectors(at[p], at[j]).multiplyScalar(.5), q, s.set(thick, length, thick));
        this.rods.setMatrixAt(i, m);
      });
      at.forEach((x, j) => this.balls.setMatrixAt(j, m.compose(x, q.identity(), s.setScalar(this.sizes[j]))));
      this.rods.instanceMatrix.needsUpdate = this.balls.instanceMatrix.needsUpdate = true;
    }
  };
}

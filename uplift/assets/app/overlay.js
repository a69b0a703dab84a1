// The lifted body drawn where the film shows the person: the film's own lens and place, read from the same glTF.
//   {glb: ArrayBuffer, size: [w, h] px, focal: [fx, fy] px, centre: [cx, cy] px}
const {THREE} = globalThis;

// A lens as a projection matrix: pixels of the film become the canvas, depths from near to far (m) its z.
function projection([w, h], [fx, fy], [cx, cy], near = .05, far = 200) {
  const z = (far + near) / (near - far), move = 2 * far * near / (near - far);
  return new THREE.Matrix4().set(2 * fx / w, 0, 1 - 2 * cx / w, 0, 0, 2 * fy / h, 2 * cy / h - 1, 0, 0, 0, z, move, 0, 0, -1, 0);
}

export class Overlay {
  constructor(canvas, size, focal, centre) {
    this.renderer = new THREE.WebGLRenderer({canvas, alpha: true, antialias: false, powerPreference: 'low-power'});
    Object.assign(this, {canvas, size, focal, centre, frame: 0, scene: new THREE.Scene()});
    const sun = new THREE.DirectionalLight(0xffffff, 1.2);
    sun.position.set(1, 2, 1.5);
    this.scene.add(new THREE.HemisphereLight(0xffffff, 0x888888, 2.4), sun);
  }

  // Read the body; its camera is the film's where gravity is known, else level at the origin.
  async load(glb) {
    const file = await new THREE.GLTFLoader().parseAsync(glb, '');
    let place = null;
    const nodes = {};
    file.scene.traverse(node => {
      nodes[node.name] = nodes[node.uuid] = node;
      if (node.isCamera) place = node;
      if (!node.isSkinnedMesh) return;
      node.frustumCulled = false;
      node.material = new THREE.MeshLambertMaterial({color: 0x4f9fe0, transparent: true, opacity: .62});
    });
    this.scene.add(file.scene);
    this.tracks = file.animations[0].tracks.map(track => {
      const dot = track.name.lastIndexOf('.'), size = track.getValueSize();
      return {node: nodes[track.name.slice(0, dot)], key: track.name.slice(dot + 1), size, values: track.values};
    });
    this.scene.updateMatrixWorld(true);
    this.camera = new THREE.PerspectiveCamera();
    this.camera.matrixAutoUpdate = false;
    if (place) place.matrixWorld.decompose(this.camera.position, this.camera.quaternion, this.camera.scale);
    this.camera.updateMatrix();
    this.camera.projectionMatrix.copy(projection(this.size, this.focal, this.centre));
    this.camera.projectionMatrixInverse.copy(this.camera.projectionMatrix).invert();
  }

  // As many pixels as the film has on the screen, and not more than it has itself.
  resize(width, height, zoom = 1) {
    const ratio = Math.min(zoom * (devicePixelRatio || 1), this.size[0] / Math.max(1, width), 3);
    this.renderer.setPixelRatio(ratio);
    this.renderer.setSize(Math.max(1, width), Math.max(1, height), false);
    this.draw(this.frame);
  }

  draw(frame) {
    this.frame = frame;
    if (!this.camera) return;
    for (const {node, key, size, values} of this.tracks) node[key].fromArray(values, frame * size);
    this.renderer.render(this.scene, this.camera);
  }

  close() { this.renderer.dispose(); this.renderer.forceContextLoss(); }
}

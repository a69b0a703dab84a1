// A body that moves, in any browser: new UpliftSkin(element, {glb}) plays what uplift.export.gltf wrote.
// A classic script, so that a saved page opens from the disk; it needs the global THREE of three.min.js.
// Units: metres, y up, seconds, radians; frames are counted from 0. It draws only when something changed.
//
//   const skin = new UpliftSkin(element, {glb, film, joint: 'left_knee'});   // see OPTIONS
//   await skin.ready; skin.play(); skin.seek(12); skin.onframe = frame => …; skin.dispose();
const UpliftSkin = (() => {
  const OPTIONS = {
    glb: null,          // ArrayBuffer: binary glTF with one skinned body and one animation
    fps: null,          // frames per second; null: as the file says
    contact: null,      // (T * 4) chance to stand: left toe, right toe, left heel, right heel
    film: null,         // HTMLVideoElement of the page, or a url or Blob to show beside the body
    filmTime: null,     // frame => seconds in the film; null: frame / fps
    title: '',          // heading; text, not HTML
    notes: [],          // sentences below
    first: 0, stride: 1,   // for the readout: number of frame 0 in its source, and from one to the next
    view: 'skin',       // 'skin', 'bones' or 'both'
    joint: null,        // whose rotation axis is shown, e.g. 'left_knee'
    follow: null,       // whether the view goes with the person; null: when the way is long
    floor: null,        // height of the floor; null: 0 where the file knows its camera, else the lowest joint
    theme: 'auto',      // 'light', 'dark' or 'auto', as the reader's system
    height: 420,        // of the picture, pixels
    autoplay: true,     // unless the reader prefers reduced motion
    controls: true,     // buttons, slider, choices
    labels: {},         // other words, see WORDS
  };
  const WORDS = {
    player: 'Moving body', play: 'Play', pause: 'Pause', back: 'One frame back', ahead: 'One frame ahead',
    time: 'Time', speed: 'Speed', loop: 'Loop', view: 'Show', skin: 'skin', bones: 'bones', both: 'both',
    axis: 'Turning axis',
    none: 'none', reset: 'Reset view', follow: 'Follow', film: 'Film', frame: 'frame', of: 'of',
    unseen: 'nobody seen, pose held', stands: 'stands on', air: 'no foot on the floor',
    keys: 'Space: play. Arrows: one frame, with shift ten. W A S D: turn. + and \u2212: nearer, farther. ' +
          '0: reset.',
    noGl: 'This browser shows no 3D here: WebGL is switched off or missing.',
    badFile: 'The body could not be read',
    noFilm: 'This browser cannot play the film; the body plays without it.',
  };
  const FEET = ['left toe', 'right toe', 'left heel', 'right heel'];
  const SIDES = {left: 0x2878b5, right: 0xe07b26, mid: 0x8a8a8a}, PICKED = 0xc2185b, STANDS = 0x00957a;
  const THEMES = {light: {back: 0xf7f6f4, grid: 0xc9c6c0, sky: 0xffffff, ground: 0x8a8f98, skin: 0xb4bfca},
                  dark: {back: 0x17191c, grid: 0x3d4249, sky: 0xdfe6ee, ground: 0x30353c, skin: 0xa9b6c4}};
  const SPEEDS = [.1, .25, .5, 1, 2];
  const STYLE = `
    .uplift-skin {--ink: #1d1f22; --quiet: #55595f; --paper: #fff; --line: #b9bdc3; --mark: #1f6aa5; color: var(--ink);
      background: var(--paper); font: 14px/1.4 system-ui, sans-serif; padding: 6px; box-sizing: border-box; outline-offset: -2px}
    .uplift-skin[data-dark] {--ink: #e8eaed; --quiet: #a9b0b8; --paper: #17191c; --line: #5b626b; --mark: #7db8e8}
    body:has(> main > .uplift-skin[data-dark]) {background: #17191c}
    .uplift-skin * {box-sizing: border-box}
    .uplift-skin h2 {font-size: 16px; margin: 0 0 6px}
    .uplift-skin .us-stage {display: flex; gap: 6px; height: var(--us-height)}
    .uplift-skin .us-film {flex: 0 1 45%; display: flex; align-items: center; justify-content: center; min-width: 0}
    .uplift-skin .us-film video {max-width: 100%; max-height: 100%; display: block}
    .uplift-skin .us-body {flex: 1 1 55%; position: relative; min-width: 0; overflow: hidden; border-radius: 4px}
    .uplift-skin canvas {display: block; width: 100%; height: 100%; touch-action: pan-y; cursor: grab}
    .uplift-skin .us-angle {position: absolute; left: 0; top: 0; padding: 1px 6px; border-radius: 3px; color: #fff;
      background: #b0124f; pointer-events: none; white-space: nowrap; font-variant-numeric: tabular-nums}
    .uplift-skin .us-bar {display: flex; flex-wrap: wrap; gap: 6px 8px; align-items: center; margin-top: 6px}
    .uplift-skin button, .uplift-skin select {font: inherit; color: inherit; background: var(--paper); min-height: 30px;
      border: 1px solid var(--line); border-radius: 4px; padding: 2px 9px}
    .uplift-skin button[aria-pressed=true] {background: var(--mark); color: var(--paper); border-color: var(--mark)}
    .uplift-skin .us-play {min-width: 6.2em}
    .uplift-skin input[type=range] {flex: 1 1 140px; min-width: 100px; accent-color: var(--mark)}
    .uplift-skin output {font-variant-numeric: tabular-nums; min-width: 13em}
    .uplift-skin .us-note {color: var(--quiet); margin: 6px 0 0; font-size: 13px}
    .uplift-skin .us-heard {position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)}
    .uplift-skin :focus-visible, .uplift-skin:focus-visible {outline: 2px solid var(--mark)}
    @media (max-width: 560px) {
      .uplift-skin .us-stage {flex-direction: column; height: auto}
      .uplift-skin .us-body {flex: none; height: var(--us-height)}
      .uplift-skin .us-film video {max-height: 40vh}}`;

  const add = (parent, tag, attributes = {}, text = '') => {
    const node = parent.appendChild(document.createElement(tag));
    for (const [k, v] of Object.entries(attributes)) if (v !== null) node.setAttribute(k, v);
    if (text) node.textContent = text;
    return node;
  };
  const plain = name => name.replaceAll('_', ' ');
  const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
  const placeOf = bone => new THREE.Vector3().setFromMatrixPosition(bone.matrixWorld);   // metres
  const sideOf = name => name.startsWith('left') ? 'left' : name.startsWith('right') ? 'right' : 'mid';

  // What draws in software is better served without smoothed edges.
  const inSoftware = () => {
    const gl = document.createElement('canvas').getContext('webgl2');
    if (!gl) return null;
    const told = gl.getExtension('WEBGL_debug_renderer_info');
    const name = gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
    gl.getExtension('WEBGL_lose_context')?.loseContext();
    return /swiftshader|llvmpipe|software|basic render/i.test(name);
  };

  // --- the file

  // {scene, skin: SkinnedMesh, bones, names, parents, tracks: [{node, key, size, values}], frames, fps,
  //  held: [[first, last], …] frames that nobody saw, film: the film's camera or null}
  const readBody = async glb => {
    const file = await new THREE.GLTFLoader().parseAsync(glb, '');
    let skin = null, film = null;
    file.scene.traverse(o => { if (o.isSkinnedMesh) skin = o; if (o.isCamera) film = o; });
    const motion = file.animations[0];
    if (!skin || !motion) throw new Error('no skinned body that moves in this glTF file');
    const bones = skin.skeleton.bones, told = motion.userData || {}, nodes = {};
    file.scene.traverse(o => { nodes[o.name] = o; nodes[o.uuid] = o; });
    const tracks = motion.tracks.map(t => {
      const dot = t.name.lastIndexOf('.'), size = t.getValueSize();
      return {node: nodes[t.name.slice(0, dot)], key: t.name.slice(dot + 1), size, values: t.values};
    }).filter(t => t.node);
    const times = motion.tracks[0].times, frames = times.length;
    const fps = told.fps || (frames > 1 ? (frames - 1) / (times[frames - 1] - times[0]) : 30);
    return {scene: file.scene, skin, bones, names: bones.map(b => b.name),
            parents: bones.map(b => bones.indexOf(b.parent)), tracks, frames, fps,
            held: told.frames_nobody_saw || [], film};
  };

  const pose = (body, frame) => {
    for (const {node, key, size, values} of body.tracks) node[key].fromArray(values, frame * size);
    body.scene.updateMatrixWorld(true);
  };

  // The joints of all frames, Float32Array(T * J * 3).
  const allJoints = body => {
    const J = body.bones.length, out = new Float32Array(body.frames * J * 3), p = new THREE.Vector3();
    for (let t = 0; t < body.frames; t++) {
      pose(body, t);
      body.bones.forEach((b, j) => p.setFromMatrixPosition(b.matrixWorld).toArray(out, 3 * (t * J + j)));
    }
    return out;
  };

  // The pelvis' way over the floor, a mean over a second: Float32Array(T * 2) of x and z.
  const smoothWay = (joints, frames, J, half) => {
    const out = new Float32Array(2 * frames);
    for (let t = 0; t < frames; t++) for (const [k, a] of [[0, 0], [1, 2]]) {
      const n = Math.min(half, t, frames - 1 - t);
      for (let s = t - n; s <= t + n; s++) out[2 * t + k] += joints[3 * s * J + a] / (2 * n + 1);
    }
    return out;
  };

  // --- what stands around

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
  const arrow = (length, radius, material) => {
    const group = new THREE.Group(), head = 5 * radius;
    const shaft = new THREE.Mesh(new THREE.CylinderGeometry(radius, radius, length - head, 10), material);
    const tip = new THREE.Mesh(new THREE.ConeGeometry(2.4 * radius, head, 14), material);
    shaft.position.y = (length - head) / 2;
    tip.position.y = length - head / 2;
    return group.add(shaft, tip);
  };

  // The world's axes, half a metre each, with their letters.
  const worldAxes = () => {
    const group = new THREE.Group(), up = new THREE.Vector3(0, 1, 0);
    for (const [k, colour] of [['x', '#d0342c'], ['y', '#2e8b3d'], ['z', '#3b6fd8']]) {
      const along = new THREE.Vector3(k === 'x', k === 'y', k === 'z');
      const one = arrow(.5, .008, new THREE.MeshBasicMaterial({color: colour})), name = letter(k, colour);
      one.quaternion.setFromUnitVectors(up, along);
      name.position.copy(along).multiplyScalar(.58);
      group.add(one, name);
    }
    return group;
  };

  // Bones as rods and joints as balls; place(joints) moves them.
  class Bones {
    constructor(body) {
      this.pairs = body.parents.map((p, j) => [p, j]).filter(([p]) => p >= 0);
      const paint = new THREE.MeshLambertMaterial(), J = body.bones.length;
      const rod = new THREE.CylinderGeometry(.011, .018, 1, 8), ball = new THREE.SphereGeometry(.026, 12, 8);
      this.rods = new THREE.InstancedMesh(rod, paint, this.pairs.length);
      this.balls = new THREE.InstancedMesh(ball, paint, J);
      const colour = name => new THREE.Color(SIDES[sideOf(name)]), small = J > 22 ? 22 : J;
      this.pairs.forEach(([, j], i) => this.rods.setColorAt(i, colour(body.names[j])));
      body.names.forEach((name, j) => this.balls.setColorAt(j, colour(name)));
      this.sizes = body.names.map((_, j) => j < small ? 1 : .35);           // fingers are thin
      this.group = new THREE.Group().add(this.rods, this.balls);
      for (const m of [this.rods, this.balls]) m.frustumCulled = false;
    }

    place(bones) {
      const at = bones.map(placeOf);
      const m = new THREE.Matrix4(), q = new THREE.Quaternion(), up = new THREE.Vector3(0, 1, 0);
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
  }

  // --- one joint's rotation: its axis, and the way that it turned

  class TurnMark {
    constructor() {
      const paint = (opacity = 1) => new THREE.MeshBasicMaterial(
        {color: PICKED, transparent: true, opacity, depthTest: false, side: THREE.DoubleSide});
      const strip = opacity => {
        const g = new THREE.BufferGeometry(), index = [], corners = new Float32Array(6 * (TurnMark.N + 1));
        g.setAttribute('position', new THREE.Float32BufferAttribute(corners, 3));
        for (let i = 0; i < 2 * TurnMark.N; i += 2) index.push(i, i + 1, i + 2, i + 1, i + 3, i + 2);
        g.setIndex(index);
        return new THREE.Mesh(g, paint(opacity));
      };
      this.axis = new THREE.Group().add(arrow(.52, .011, paint()));
      this.axis.children[0].position.y = -.15;
      this.arc = strip(1); this.fan = strip(.28);
      this.tip = new THREE.Mesh(new THREE.ConeGeometry(.034, .07, 14), paint());
      this.group = new THREE.Group().add(this.fan, this.arc, this.axis, this.tip);
      this.group.traverse(o => { o.renderOrder = 10; o.frustumCulled = false; });
    }

    // Angle of joint j against its parent, radians; the marks are moved to it.
    place(body, j, rest) {
      const bone = body.bones[j], q = bone.quaternion, angle = 2 * Math.acos(clamp(Math.abs(q.w), 0, 1));
      const axis = new THREE.Vector3(q.x, q.y, q.z).multiplyScalar(q.w < 0 ? -1 : 1);
      this.group.visible = angle > .02 && axis.lengthSq() > 0;
      if (!this.group.visible) return angle;
      const frame = new THREE.Quaternion();
      if (bone.parent) bone.parent.getWorldQuaternion(frame);
      axis.normalize().applyQuaternion(frame);
      const from = rest.clone().applyQuaternion(frame);
      from.addScaledVector(axis, -from.dot(axis));
      if (from.lengthSq() < 1e-4) from.set(axis.y, axis.z, axis.x).cross(axis);   // it turns about itself
      from.normalize();
      this.group.position.copy(placeOf(bone));
      const up = new THREE.Vector3(0, 1, 0);
      this.axis.quaternion.setFromUnitVectors(up, axis);
      this.sweep(this.arc, from, axis, angle, .25, .275);
      this.sweep(this.fan, from, axis, angle, 0, .25);
      const end = from.clone().applyAxisAngle(axis, Math.max(angle - .1, 0));
      this.tip.position.copy(from).applyAxisAngle(axis, angle - .1).multiplyScalar(.2625);
      this.tip.quaternion.setFromUnitVectors(up, end.cross(axis).negate().normalize());
      return angle;
    }

    sweep(mesh, from, axis, angle, inner, outer) {
      const p = mesh.geometry.attributes.position, d = new THREE.Vector3();
      for (let i = 0; i <= TurnMark.N; i++) {
        d.copy(from).applyAxisAngle(axis, angle * i / TurnMark.N);
        p.setXYZ(2 * i, inner * d.x, inner * d.y, inner * d.z);
        p.setXYZ(2 * i + 1, outer * d.x, outer * d.y, outer * d.z);
      }
      p.needsUpdate = true;
    }
  }
  TurnMark.N = 32;

  // --- the scene: body, floor, light, camera

  class Room {
    constructor(holder, body, o, changed) {
      const soft = inSoftware(), J = body.bones.length;
      if (soft === null) throw new Error(WORDS.noGl);
      Object.assign(this, {holder, body, o, changed, J, drawn: 0, touched: false});
      this.renderer = new THREE.WebGLRenderer({antialias: !soft, powerPreference: 'low-power'});
      this.ratio = soft ? 1 : Math.min(window.devicePixelRatio || 1, 2);
      this.canvas = holder.appendChild(this.renderer.domElement);
      this.scene = new THREE.Scene();
      this.joints = allJoints(body);
      this.way = smoothWay(this.joints, body.frames, J, Math.round(body.fps / 2));
      this.light = new THREE.HemisphereLight(0xffffff, 0x888888, 2.4);
      const sun = new THREE.DirectionalLight(0xffffff, 1.3);
      sun.position.set(1, 2, 1.5);
      this.scene.add(this.light, sun, body.scene);
      this.dress();
      this.measure();
      this.bones = new Bones(body);
      this.mark = new TurnMark();
      this.scene.add(this.bones.group, this.mark.group, this.axes(), this.feet());
      this.look();
      this.setView(o.view);
      this.setJoint(o.joint);
    }

    // One plain material: the lightest to compute.
    dress() {
      const skin = this.body.skin;
      if (!skin.geometry.attributes.normal) skin.geometry.computeVertexNormals();
      skin.material = this.cloth = new THREE.MeshLambertMaterial();
      skin.frustumCulled = false;
    }

    // The box that is to be seen, the floor's height, and whether the view goes along.
    measure() {
      const {joints, J, way, o, body} = this, low = [1e9, 1e9, 1e9], high = [-1e9, -1e9, -1e9], near = [0, 0];
      for (let i = 0; i < joints.length; i++) {
        const a = i % 3, x = joints[i];
        low[a] = Math.min(low[a], x); high[a] = Math.max(high[a], x);
        if (a === 1) continue;
        const k = a / 2, t = Math.floor(i / 3 / J);
        near[k] = Math.max(near[k], Math.abs(x - way[2 * t + k]));
      }
      const reach = 2 * Math.max(...near), wide = Math.max(high[0] - low[0], high[2] - low[2]);
      this.follow = o.follow ?? wide > 1.6 * Math.max(reach, 1.2);
      this.size = {low, high, reach, wide};
      this.floor = o.floor ?? (body.film ? 0 : low[1] - .03);
    }

    axes() {
      const {low, high} = this.size, half = x => Math.round(2 * x) / 2, group = worldAxes();
      const middle = [half((low[0] + high[0]) / 2), half((low[2] + high[2]) / 2)];
      this.extent = 2 * Math.ceil(this.size.wide / 2 + 1.5);
      this.middle = middle;
      group.position.set(half(this.way[0] - 1), this.floor + .005, half(this.way[1] - .5));
      return group;
    }

    // Four plates on the floor: left toe, right toe, left heel, right heel.
    feet() {
      const look = {color: STANDS, transparent: true, opacity: .85, depthWrite: false};
      const paint = new THREE.MeshBasicMaterial(look), joint = name => this.body.names.indexOf(name);
      const shape = new THREE.CircleGeometry(.055, 20).rotateX(-Math.PI / 2), group = new THREE.Group();
      this.plates = FEET.map(() => new THREE.Mesh(shape, paint));
      this.plates.forEach(p => { p.visible = false; group.add(p); });
      this.soles = ['left', 'right', 'left', 'right'].map(s => [joint(`${s}_foot`), joint(`${s}_ankle`)]);
      return group;
    }

    look() {
      this.camera = new THREE.PerspectiveCamera(32, 1, .05, 200);
      this.controls = new THREE.OrbitControls(this.camera, this.canvas);
      this.controls.enableZoom = false;               // until the player has the focus: wheels scroll pages
      this.controls.maxPolarAngle = Math.PI * .55;
      this.controls.addEventListener('start', () => { this.touched = true; });
      this.controls.addEventListener('change', this.changed);
      this.canvas.style.touchAction = 'pan-y';
    }

    // From the film's side, or from +z, a little from above.
    reset() {
      const {low, high, reach, wide} = this.size, film = this.body.film, c = this.camera;
      const [x, z] = this.follow ? this.way : [(low[0] + high[0]) / 2, (low[2] + high[2]) / 2];
      const target = new THREE.Vector3(x, (low[1] + high[1]) / 2, z), from = new THREE.Vector3(0, 0, 1);
      if (film) film.getWorldPosition(from).sub(target);
      from.y = Math.max(from.setY(0).length(), 1e-6) * .2;
      if (!this.o.film) from.applyAxisAngle(new THREE.Vector3(0, 1, 0), .4);    // a little from the side
      const across = (this.follow ? reach : wide) + .35, tall = high[1] - low[1] + .5;
      const t = Math.tan(c.fov * Math.PI / 360);
      const away = Math.max(tall / 2 / t, across / 2 / t / c.aspect) + (this.follow ? .25 : across / 4);
      this.controls.target.copy(target);
      c.position.copy(target).addScaledVector(from.normalize(), away);
      this.followed = this.follow ? 0 : null;
      this.touched = false;
      this.controls.update();
      if (this.frame && this.follow) this.go(this.frame);
    }

    turn(right, up, nearer) {                               // radians, radians, factor
      const d = this.camera.position.clone().sub(this.controls.target), r = d.length() * (nearer || 1);
      const polar = clamp(Math.acos(d.y / d.length()) - up, .05, Math.PI * .55);
      d.setFromSphericalCoords(r, polar, Math.atan2(d.x, d.z) + right);
      this.camera.position.copy(this.controls.target).add(d);
      this.touched = true;
      this.controls.update();
      this.changed();
    }

    go(frame) {                                             // the camera along with the person
      if (this.followed === null) return;
      const w = this.way, d = new THREE.Vector3(w[2 * frame] - w[2 * this.followed], 0,
                                                w[2 * frame + 1] - w[2 * this.followed + 1]);
      this.camera.position.add(d);
      this.controls.target.add(d);
      this.followed = frame;
    }

    setTheme(dark) {
      const t = THEMES[dark ? 'dark' : 'light'];
      this.scene.background = new THREE.Color(t.back);
      this.light.color.set(t.sky); this.light.groundColor.set(t.ground);
      this.cloth.color.set(t.skin);
      if (this.grid) { this.scene.remove(this.grid); this.grid.dispose(); }
      this.grid = new THREE.GridHelper(this.extent, 2 * this.extent, t.grid, t.grid);
      this.grid.position.set(this.middle[0], this.floor, this.middle[1]);
      this.scene.add(this.grid);
    }

    setView(view) {
      if (!['skin', 'bones', 'both'].includes(view)) throw new Error(`no view ${view}: skin, bones or both`);
      this.view = view;
      this.body.skin.visible = view !== 'bones';
      this.bones.group.visible = view !== 'skin';
    }

    setJoint(name) {
      this.joint = name === null || name === '' ? -1 : this.body.names.indexOf(name);
      if (name && this.joint < 0) throw new Error(`no joint ${name}: ${this.body.names.join(', ')}`);
      this.mark.group.visible = this.joint >= 0;
      if (this.joint < 0) return;
      const bone = this.body.bones[this.joint], limbs = bone.children.filter(c => c.isBone);
      this.rest = new THREE.Vector3();
      (limbs.length ? limbs : [bone]).forEach(c => this.rest.add(c.position));
      this.rest.normalize();
    }

    // Pose of a frame, and all that hangs on it; returns {held, stands: [bool * 4], angle}.
    show(frame) {
      const {body, o} = this, held = body.held.some(([a, b]) => frame >= a && frame <= b);
      pose(body, frame);
      this.frame = frame;
      this.go(frame);
      if (this.view !== 'skin') this.bones.place(body.bones);
      const clear = held ? .3 : this.view === 'both' ? .45 : 1;
      if (this.cloth.opacity !== clear) {
        Object.assign(this.cloth, {opacity: clear, transparent: clear < 1, depthWrite: clear === 1});
        this.cloth.needsUpdate = true;
      }
      const stands = FEET.map((_, k) => !held && o.contact ? o.contact[4 * frame + k] >= .5 : false);
      stands.forEach((on, k) => this.plate(k, on));
      const angle = this.joint < 0 ? null : this.mark.place(body, this.joint, this.rest);
      return {held, stands, angle};
    }

    plate(k, on) {
      this.plates[k].visible = on;
      if (!on) return;
      const [toe, ankle] = this.soles[k].map(j => placeOf(this.body.bones[j])), {position} = this.plates[k];
      const back = new THREE.Vector3().subVectors(ankle, toe).setY(0).normalize();
      if (k < 2) position.copy(toe).addScaledVector(back, -.03);
      else position.copy(ankle).addScaledVector(back, .04);
      position.setY(this.floor + .004);
    }

    fit() {
      const w = this.holder.clientWidth, h = this.holder.clientHeight;
      if (!w || !h) return;
      this.renderer.setPixelRatio(this.ratio);
      this.renderer.setSize(w, h, false);
      this.camera.aspect = w / h;
      this.camera.updateProjectionMatrix();
      if (!this.touched) this.reset();
      this.changed();
    }

    draw() { this.renderer.render(this.scene, this.camera); this.drawn++; }

    // Where a joint is in the picture, pixels from the upper left.
    onPicture(j) {
      const p = placeOf(this.body.bones[j]).project(this.camera);
      return [(p.x + 1) / 2 * this.holder.clientWidth, (1 - p.y) / 2 * this.holder.clientHeight];
    }

    dispose() { this.controls.dispose(); this.renderer.dispose(); this.renderer.forceContextLoss(); }
  }

  // --- the player

  return class UpliftSkin {
    constructor(element, options = {}) {
      const strange = Object.keys(options).filter(k => !(k in OPTIONS));
      if (strange.length) throw new Error(`UpliftSkin has no option ${strange.join(', ')}`);
      const o = this.o = {...OPTIONS, ...options};
      Object.assign(this, {element, words: {...WORDS, ...o.labels}, frame: 0, playing: false, speed: 1,
                           loop: true, onframe: null, room: null, film: null, gone: false, undo: []});
      this.build();
      this.ready = this.load().catch(e => { this.say(`${this.words.badFile}: ${e.message}`); throw e; });
      this.ready.catch(() => {});                           // who does not wait has read it in the page
    }

    get frames() { return this.room ? this.room.body.frames : 0; }
    get fps() { return this.o.fps ?? (this.room ? this.room.body.fps : 30); }
    get drawn() { return this.room ? this.room.drawn : 0; }

    // Metres: where a joint of the scene is at this frame.
    jointPosition(name) {
      const {bones, names} = this.room.body;
      return placeOf(bones[names.indexOf(name)]).toArray();
    }

    async load() {
      const body = await readBody(this.o.glb);
      if (this.gone) return;
      this.changed = () => { this.dirty = true; this.wake(); };
      try { this.room = new Room(this.holder, body, this.o, this.changed); }
      catch (e) { if (e.message === WORDS.noGl) { this.say(this.words.noGl); return; } throw e; }
      this.room.canvas.setAttribute('role', 'img');
      this.furnish();
      this.watch();
      await this.openFilm();
      this.room.fit();
      this.seek(0);
      const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
      if (this.o.autoplay && !still && this.frames > 1) this.play();
    }

    // --- the page around the picture

    build() {
      const {o, element, words} = this;
      const id = 'uplift-skin-style';
      if (!document.getElementById(id)) add(document.head, 'style', {id}, STYLE);
      element.classList.add('uplift-skin');
      element.style.setProperty('--us-height', `${o.height}px`);
      element.setAttribute('role', 'group');
      element.setAttribute('aria-label', o.title || words.player);
      element.tabIndex = 0;
      if (o.title) add(element, 'h2', {}, o.title);
      this.stage = add(element, 'div', {class: 'us-stage'});
      this.holder = add(this.stage, 'div', {class: 'us-body'});
      this.tag = add(this.holder, 'div', {class: 'us-angle', hidden: ''});
      this.bar = add(element, 'div', {class: 'us-bar'});
      this.more = add(element, 'div', {class: 'us-bar'});
      this.heard = add(element, 'div', {class: 'us-heard', 'aria-live': 'polite'});
      this.notes = add(element, 'div');
      const notes = o.controls ? [...o.notes, words.keys] : o.notes;
      notes.forEach(n => add(this.notes, 'p', {class: 'us-note'}, n));
    }

    say(text) { add(this.notes, 'p', {class: 'us-note', role: 'alert'}, text); }

    button(parent, text, label, act) {
      const b = add(parent, 'button', {type: 'button', 'aria-label': label, title: label}, text);
      b.onclick = act;
      return b;
    }

    choice(name, entries, value, act) {
      const label = add(this.more, 'label', {}, `${name} `), select = add(label, 'select');
      entries.forEach(([v, text]) => add(select, 'option', {value: v}, text));
      select.value = value;
      select.onchange = () => act(select.value);
      return select;
    }

    furnish() {
      const w = this.words, names = this.room.body.names;
      this.clock = add(this.bar, 'output', {'aria-live': 'off'});
      if (!this.o.controls) { this.bar.hidden = this.more.hidden = true; return; }
      this.button(this.bar, '\u2039', w.back, () => this.step(-1));
      this.playButton = this.button(this.bar, w.play, w.play, () => this.toggle());
      this.playButton.className = 'us-play';
      this.button(this.bar, '\u203a', w.ahead, () => this.step(1));
      const range = {type: 'range', min: 0, max: this.frames - 1, step: 1, value: 0, 'aria-label': w.time};
      this.slider = add(this.bar, 'input', range);
      this.slider.oninput = () => this.seek(+this.slider.value);
      this.bar.append(this.clock);
      this.speeds = this.choice(w.speed, SPEEDS.map(s => [s, `${s} \u00d7`]), 1, s => this.setSpeed(+s));
      const views = ['skin', 'bones', 'both'].map(v => [v, w[v]]);
      this.views = this.choice(w.view, views, this.o.view, v => this.setView(v));
      this.joints = this.choice(w.axis, [['', w.none], ...names.map(n => [n, plain(n)])], this.o.joint ?? '',
                                n => this.showAxis(n || null));
      this.looped = this.button(this.more, w.loop, w.loop, () => this.setLoop(!this.loop));
      this.looped.setAttribute('aria-pressed', 'true');
      this.followed = this.button(this.more, w.follow, w.follow, () => this.setFollow(!this.room.follow));
      this.followed.setAttribute('aria-pressed', this.room.follow);
      this.button(this.more, w.reset, w.reset, () => this.reset());
    }

    // Size, theme, focus, keys, and whether the player is in sight.
    watch() {
      const listen = (target, name, act) => {
        target.addEventListener(name, act);
        this.undo.push(() => target.removeEventListener(name, act));
      };
      const size = new ResizeObserver(() => this.room.fit());
      const dark = matchMedia('(prefers-color-scheme: dark)');
      size.observe(this.holder);
      const seen = new IntersectionObserver(([e]) => this.inSight(e.isIntersecting));
      seen.observe(this.element);
      this.undo.push(() => size.disconnect(), () => seen.disconnect());
      listen(dark, 'change', () => this.setTheme(this.o.theme));
      listen(this.element, 'keydown', e => this.key(e));
      listen(this.element, 'focusin', () => { this.room.controls.enableZoom = true; });
      listen(this.element, 'focusout', () => { this.room.controls.enableZoom = false; });
      listen(this.room.canvas, 'pointerdown', () => this.element.focus({preventScroll: true}));
      this.setTheme(this.o.theme);
    }

    inSight(on) {
      if (!on && this.playing) { this.pause(); this.waits = true; }
      else if (on && this.waits) { this.waits = false; this.play(); }
    }

    key(e) {
      const field = e.target.tagName, room = this.room;
      if (e.ctrlKey || e.metaKey || e.altKey || field === 'SELECT') return;
      if (field === 'BUTTON' && e.key === ' ') return;
      const turns = {w: [0, .1], s: [0, -.1], a: [-.15, 0], d: [.15, 0]}[e.key.toLowerCase()];
      const steps = {ArrowLeft: -1, ArrowRight: 1}[e.key];
      const zoom = {'+': .9, '=': .9, '-': 1.1, '\u2212': 1.1}[e.key];
      if (e.key === ' ') this.toggle();
      else if (steps) this.step(steps * (e.shiftKey ? 10 : 1));
      else if (e.key === 'Home') this.seek(0);
      else if (e.key === 'End') this.seek(this.frames - 1);
      else if (e.key === '0') this.reset();
      else if (turns) room.turn(...turns);
      else if (zoom) room.turn(0, 0, zoom);
      else return;
      e.preventDefault();
    }

    // --- what can be asked of it

    play() {
      if (this.playing || this.frames < 2) return;
      if (this.frame === this.frames - 1) this.seek(0);
      this.playing = true;
      this.since = null;
      this.label();
      if (this.film) this.runFilm(); else this.wake();
    }

    pause() {
      this.waits = false;
      if (!this.playing) return;
      this.playing = false;
      this.film?.pause();
      this.label();
      this.seek(this.frame);
    }

    toggle() { if (this.playing) this.pause(); else this.play(); }
    step(n = 1) { this.pause(); this.seek(this.frame + n); }

    seek(frame) {
      this.frame = clamp(Math.round(frame), 0, this.frames - 1);
      this.since = null;
      this.turnFilm();
      this.show(this.frame);
      clearTimeout(this.later);
      if (!this.playing) this.later = setTimeout(() => { this.heard.textContent = this.told; }, 300);
    }

    setSpeed(speed) {
      this.speed = speed; this.since = null;
      if (this.film) this.film.playbackRate = speed * this.filmRate();
      if (this.speeds) this.speeds.value = speed;
    }

    setLoop(on) { this.loop = on; this.looped?.setAttribute('aria-pressed', on); }

    setView(view) {
      this.room.setView(view);
      if (this.views) this.views.value = view;
      this.show(this.frame);
    }

    // The axis that a joint turns about against its parent, how far, and from where; null: none.
    showAxis(name) {
      this.room.setJoint(name);
      if (this.joints) this.joints.value = name ?? '';
      this.show(this.frame);
    }

    setFollow(on) {
      this.room.follow = on;
      this.followed?.setAttribute('aria-pressed', on);
      this.reset();
    }

    setTheme(theme) {
      this.o.theme = theme;
      const system = matchMedia('(prefers-color-scheme: dark)').matches;
      const dark = theme === 'dark' || (theme === 'auto' && system);
      this.element.toggleAttribute('data-dark', dark);
      this.room.setTheme(dark);
      this.changed();
    }

    reset() { this.room.reset(); this.show(this.frame); }

    dispose() {
      this.pause();
      this.gone = true;
      cancelAnimationFrame(this.asked);
      clearTimeout(this.later);
      this.undo.forEach(f => f());
      this.room?.dispose();
      if (this.url) URL.revokeObjectURL(this.url);
      this.element.replaceChildren();
    }

    // --- the clock

    wake() { if (!this.asked && !this.gone) this.asked = requestAnimationFrame(now => this.tick(now)); }

    tick(now) {
      this.asked = 0;
      if (this.playing) this.pace(now);
      const {film} = this;
      if (this.playing && !film) this.advance(now);
      else if (this.playing && !film.requestVideoFrameCallback) {
        this.show(this.frameAt(film.currentTime + 1e-3, Math.floor));
      }
      if (this.dirty) { this.dirty = false; this.room.draw(); this.pin(); }
      if (this.playing) this.wake();
    }

    advance(now) {
      this.since ??= {now, frame: this.frame};
      const passed = (now - this.since.now) / 1000 * this.fps * this.speed, T = this.frames;
      const to = this.since.frame + Math.floor(passed + 1e-6);
      if (to < T) { if (to !== this.frame) this.show(to); }
      else if (this.loop) { this.since = {now, frame: 0}; this.show(0); }
      else { this.show(T - 1); this.pause(); }
    }

    // Where twelve pictures took long, fewer pixels from now on.
    pace(now) {
      const last = this.paces ??= [];
      last.push(now);
      if (last.length < 13) return;
      const each = (now - last[0]) / 12;
      this.paces = [];
      if (each < 34 || each > 400 || this.room.ratio <= 1) return;
      this.room.ratio = 1;
      this.room.fit();
    }

    show(frame) {
      const w = this.words, {held, stands, angle} = this.room.show(frame), name = this.room.joint;
      this.frame = frame;
      const number = this.o.first + frame * this.o.stride, seconds = (frame / this.fps).toFixed(2);
      const feet = FEET.filter((_, k) => stands[k]).join(', '), knows = this.o.contact && !held;
      this.clock.textContent = `${w.frame} ${number}, ${seconds} s${held ? `, ${w.unseen}` : ''}`;
      const degrees = (angle * 180 / Math.PI).toFixed(0);
      const turned = name < 0 ? '' : `${plain(this.room.body.names[name])} ${degrees}\u00b0`;
      this.tag.textContent = turned;
      this.tag.hidden = !turned;
      const ground = !knows ? '' : feet ? `${w.stands} ${feet}` : w.air;
      this.told = [this.clock.textContent, turned, ground].filter(Boolean).join('; ');
      this.room.canvas.setAttribute('aria-label', `${w.player}: ${this.told}`);
      if (this.slider) this.slider.value = frame;
      this.slider?.setAttribute('aria-valuetext', this.clock.textContent);
      this.changed();
      if (this.onframe) this.onframe(frame);
    }

    pin() {
      if (this.room.joint < 0) return;
      const [x, y] = this.room.onPicture(this.room.joint);
      const last = this.holder.clientWidth - this.tag.offsetWidth - 4;
      const left = clamp(x + 40, 4, Math.max(last, 4)), top = Math.max(y - 44, 4);
      this.tag.style.transform = `translate(${left}px, ${top}px)`;
    }

    label() {
      if (!this.playButton) return;
      const text = this.playing ? this.words.pause : this.words.play;
      this.playButton.textContent = text;
      this.playButton.title = text;
      this.playButton.setAttribute('aria-label', text);
    }

    // --- the film beside it: while it plays it is the clock, else it is turned to the frame

    async openFilm() {
      const {film} = this.o;
      if (!film) return;
      const given = film instanceof HTMLVideoElement, video = given ? film : document.createElement('video');
      video.muted = true; video.playsInline = true;
      if (!given) {
        const box = document.createElement('div');
        box.className = 'us-film';
        Object.assign(video, {preload: 'auto'});
        video.setAttribute('aria-label', this.words.film);
        box.append(video);
        this.stage.prepend(box);
        if (film instanceof Blob) this.url = URL.createObjectURL(film);
        video.src = this.url ?? film;
      }
      const ok = await new Promise(done => {
        if (video.readyState >= 2) return done(true);
        video.addEventListener('loadeddata', () => done(true), {once: true});
        video.addEventListener('error', () => done(false), {once: true});
        if (video.error) done(false);
      });
      if (!ok) { if (!given) video.parentNode.remove(); this.say(this.words.noFilm); return; }
      this.film = video;
      const ended = () => this.filmEnded();
      const sought = () => { this.turning = false; if (this.wanted !== null) this.turnFilm(); };
      video.addEventListener('ended', ended);
      video.addEventListener('seeked', sought);
      this.undo.push(() => video.removeEventListener('ended', ended),
                     () => video.removeEventListener('seeked', sought));
      this.setSpeed(this.speed);
    }

    filmTime(frame) { return this.o.filmTime ? this.o.filmTime(frame) : frame / this.fps; }
    filmStep() { return this.filmTime(1) - this.filmTime(0); }
    filmRate() { return this.filmStep() * this.fps; }

    frameAt(seconds, whole = Math.round) {
      return clamp(whole((seconds - this.filmTime(0)) / this.filmStep()), 0, this.frames - 1);
    }

    runFilm() {
      const {film} = this, next = () => film.requestVideoFrameCallback?.((_, told) => {
        if (!this.playing) return;
        this.show(this.frameAt(told.mediaTime));
        if (this.frame === this.frames - 1) this.filmEnded();
        next();
      });
      film.play().then(() => { next(); this.wake(); }, () => this.pause());
    }

    filmEnded() {
      if (!this.playing) return;
      if (!this.loop) return this.pause();
      this.seek(0);
      this.film.play().catch(() => this.pause());
    }

    // The middle of a frame is meant, for its edge may fall on either side. One turn at a time.
    turnFilm() {
      if (!this.film) return;
      this.wanted = this.frame;
      if (this.turning) return;
      const at = this.filmTime(this.wanted) + this.filmStep() / 2;
      this.wanted = null;
      if (Math.abs(this.film.currentTime - at) < 1e-4) return;
      this.turning = true;
      this.film.currentTime = Math.min(at, this.film.duration - 1e-3);
    }
  };
})();

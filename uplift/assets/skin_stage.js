// Where the body stands and who looks at it, whatever draws it: pose, floor, feet, the view and its keys.
{
  const {FEET, clamp, placeOf, restOf, turnOf} = UpliftSkin.tools;

  UpliftSkin.Stage = class Stage {
    // canvas: to be drawn on; o: OPTIONS; changed() is called when the picture is out of date.
    constructor(canvas, holder, body, o, changed) {
      Object.assign(this, {canvas, holder, body, o, changed, frame: 0, drawn: 0, touched: false, ratio: 1,
                           joint: -1, turned: null, held: false, stands: FEET.map(() => false)});
      holder.append(canvas);
      canvas.setAttribute('role', 'img');
      const joints = body.joints();
      this.way = body.smoothWay(joints);
      this.size = body.extent(joints, this.way);
      this.layFloor();
      const pair = side => [`${side}_foot`, `${side}_ankle`].map(name => body.names.indexOf(name));
      this.soles = ['left', 'right', 'left', 'right'].map(pair);
      this.look();
    }

    // The floor's height and grid, where the axes stand, and whether the view goes along.
    layFloor() {
      const {o, body, way, size: {low, high, reach, wide}} = this, half = x => Math.round(2 * x) / 2;
      this.follow = o.follow ?? wide > 1.6 * Math.max(reach, 1.2);
      this.floor = o.floor ?? (body.film ? 0 : low[1] - .03);
      this.across = 2 * Math.ceil(wide / 2 + 1.5);                            // metres, of the grid
      this.middle = [half((low[0] + high[0]) / 2), half((low[2] + high[2]) / 2)];
      this.origin = new THREE.Vector3(half(way[0] - 1), this.floor + .005, half(way[1] - .5));
    }

    look() {
      this.camera = new THREE.PerspectiveCamera(32, 1, .05, 200);
      this.controls = new THREE.OrbitControls(this.camera, this.canvas);
      this.controls.enableZoom = false;               // until the player has the focus: wheels scroll pages
      this.controls.maxPolarAngle = Math.PI * .55;
      this.controls.addEventListener('start', () => { this.touched = true; });
      this.controls.addEventListener('change', this.changed);
      this.canvas.style.touchAction = 'pan-y';        // and fingers, too
    }

    // --- the view

    // From the film's side, or from +z, a little from above.
    reset() {
      const {low, high, reach, wide} = this.size, {film} = this.body, c = this.camera;
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

    turn(right, up, nearer = 1) {                           // radians, radians, factor
      const d = this.camera.position.clone().sub(this.controls.target), r = d.length() * nearer;
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

    // The picture fills its place again.
    fit() {
      const w = this.holder.clientWidth, h = this.holder.clientHeight;
      if (!w || !h) return;
      this.resize(w, h);
      this.camera.aspect = w / h;
      this.camera.updateProjectionMatrix();
      if (!this.touched) this.reset();
      this.changed();
    }

    // Where a point of the world is in the picture: pixels from the upper left; null behind the reader.
    onPicture(point) {
      const p = point.clone().project(this.camera);
      if (p.z > 1) return null;
      return [(p.x + 1) / 2 * this.holder.clientWidth, (1 - p.y) / 2 * this.holder.clientHeight];
    }

    // --- the body

    setJoint(name) {
      this.joint = name === null || name === '' ? -1 : this.body.names.indexOf(name);
      if (name && this.joint < 0) throw new Error(`no joint ${name}: ${this.body.names.join(', ')}`);
      if (this.joint >= 0) this.rest = restOf(this.body.bones[this.joint]);
    }

    // Pose of a frame, and all that hangs on it.
    show(frame) {
      const {body, o, joint} = this;
      body.pose(frame);
      this.frame = frame;
      this.held = body.isHeld(frame);
      this.stands = FEET.map((_, k) => !this.held && !!o.contact && o.contact[4 * frame + k] >= .5);
      this.turned = joint < 0 ? null : turnOf(body.bones[joint], this.rest);
      this.go(frame);
      this.place();
    }

    // Where foot k touches the floor: left toe, right toe, left heel, right heel; metres.
    sole(k) {
      const [toe, ankle] = this.soles[k].map(j => placeOf(this.body.bones[j]));
      const back = new THREE.Vector3().subVectors(ankle, toe).setY(0).normalize();
      const at = k < 2 ? toe.addScaledVector(back, -.03) : ankle.addScaledVector(back, .04);
      return at.setY(this.floor + .004);
    }

    dispose() { this.controls.dispose(); }
  };
}

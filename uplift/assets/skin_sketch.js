// The stage drawn without WebGL: bones, floor and marks as lines on a plain canvas.
{
  const {COLOURS, THEMES, placeOf, sideOf, isFinger} = UpliftSkin.tools;

  UpliftSkin.Sketch = class Sketch extends UpliftSkin.Stage {
    constructor(holder, body, o, changed) {
      super(document.createElement('canvas'), holder, body, o, changed);
      this.ratio = Math.min(window.devicePixelRatio || 1, 2);
      this.views = ['bones'];
      this.pairs = body.parents.map((p, j) => [p, j]).filter(([p]) => p >= 0);
    }

    setView() { this.view = 'bones'; }
    setTheme(dark) { this.theme = THEMES[dark ? 'dark' : 'light']; }
    place() {}

    resize(width, height) {                                 // pixels of the page
      this.canvas.width = width * this.ratio; this.canvas.height = height * this.ratio;
    }

    draw() {
      const c = this.pen = this.canvas.getContext('2d');
      c.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      Object.assign(c, {fillStyle: this.theme.back, lineCap: 'round', lineJoin: 'round'});
      c.fillRect(0, 0, this.holder.clientWidth, this.holder.clientHeight);
      this.camera.updateMatrixWorld();
      this.drawFloor(); this.drawAxes(); this.drawFeet();
      c.globalAlpha = this.held ? .35 : 1;
      this.drawBones();
      c.globalAlpha = 1;
      this.drawTurn();
      this.drawn++;
    }

    // A line through points of the world; a point behind the reader breaks it.
    line(points, colour, width) {
      const c = this.pen;
      let on = false;
      c.beginPath();
      for (const at of points.map(p => this.onPicture(p))) {
        if (at) c[on ? 'lineTo' : 'moveTo'](...at);
        on = !!at;
      }
      Object.assign(c, {strokeStyle: colour, lineWidth: width}).stroke();
    }

    dot(point, colour, metres) {
      const at = this.onPicture(point), c = this.pen;
      if (!at) return;
      c.beginPath();
      c.arc(...at, this.pixels(point, metres), 0, 7);
      Object.assign(c, {fillStyle: colour}).fill();
    }

    // How long so many metres are at a point, pixels.
    pixels(point, metres) {
      const away = point.distanceTo(this.camera.position), half = Math.tan(this.camera.fov * Math.PI / 360);
      return metres / away / half * this.holder.clientHeight / 2;
    }

    drawFloor() {
      const [x, z] = this.middle, n = this.across;
      const at = (i, k) => new THREE.Vector3(x + i / 2, this.floor, z + k / 2);
      const row = Array.from({length: 2 * n + 1}, (_, i) => i - n);
      for (const i of row) {
        this.line(row.map(k => at(i, k)), this.theme.grid, 1);
        this.line(row.map(k => at(k, i)), this.theme.grid, 1);
      }
    }

    drawAxes() {
      const look = {font: 'bold 15px system-ui, sans-serif', textAlign: 'center', textBaseline: 'middle'};
      Object.assign(this.pen, look);
      for (const k of ['x', 'y', 'z']) {
        const along = new THREE.Vector3(k === 'x', k === 'y', k === 'z');
        const end = s => this.origin.clone().addScaledVector(along, s);
        this.line([this.origin, end(.5)], COLOURS[k], 2.5);
        const at = this.onPicture(end(.58));
        if (at) { this.pen.fillStyle = COLOURS[k]; this.pen.fillText(k, ...at); }
      }
    }

    drawFeet() { this.stands.forEach((on, k) => { if (on) this.dot(this.sole(k), COLOURS.stands, .05); }); }

    // The farthest first.
    drawBones() {
      const {names, bones} = this.body, at = bones.map(placeOf), eye = this.camera.position;
      const away = at.map(x => x.distanceTo(eye)), far = ([p, j]) => away[p] + away[j];
      for (const [p, j] of this.pairs.sort((a, b) => far(b) - far(a))) {
        const colour = COLOURS[sideOf(names[j])], thick = isFinger(j) ? .35 : 1;
        this.line([at[p], at[j]], colour, Math.max(this.pixels(at[j], .036 * thick), 1));
        this.dot(at[j], colour, .03 * thick);
      }
    }

    // The picked joint's axis, and the fan of its angle.
    drawTurn() {
      if (!this.turned?.axis) return;
      const {at, axis, from, angle} = this.turned, c = this.pen;
      const along = (d, s) => at.clone().addScaledVector(d, s);
      const turn = share => from.clone().applyAxisAngle(axis, angle * share);
      const arc = Array.from({length: 33}, (_, i) => along(turn(i / 32), .26));
      this.line([at, ...arc, at], COLOURS.picked, 1);
      Object.assign(c, {fillStyle: COLOURS.picked, globalAlpha: .28}).fill();
      c.globalAlpha = 1;
      this.line(arc, COLOURS.picked, 3);
      this.line([along(axis, -.15), along(axis, .37)], COLOURS.picked, 4);
      this.dot(along(axis, .37), COLOURS.picked, .03);
    }
  };
}

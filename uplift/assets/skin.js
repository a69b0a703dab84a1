// A body that moves, in any browser: new UpliftSkin(element, {glb}) plays what uplift.export.gltf wrote.
// Classic scripts, so that a saved page opens from the disk, in this order:
//   three.min.js      the global THREE
//   skin.js           the player: what can be asked of it, and its clock. The others hang their parts on it:
//   skin_tools.js     words, colours, small functions
//   skin_body.js      the file: bones, frames, joints
//   skin_marks.js     arrows, axes, bones for three.js
//   skin_axis.js      one joint's rotation
//   skin_stage.js     where the body stands and who looks at it
//   skin_scene.js     ... drawn by three.js
//   skin_sketch.js    ... drawn on a plain canvas where WebGL is missing
//   skin_controls.js  buttons, readouts, keys
//   skin_film.js      the film beside it
// and skin.css. Metres, y up, seconds, radians; frames count from 0. It draws only when something changed.
//
//   const skin = new UpliftSkin(element, {glb, film, joint: 'left_knee'});
//   await skin.ready; skin.play(); skin.seek(12); skin.onframe = frame => …; skin.dispose();
class UpliftSkin {
  static OPTIONS = {
    glb: null,          // ArrayBuffer: binary glTF with one skinned body and one animation
    fps: null,          // frames per second; null: as the file says
    contact: null,      // (T * 4) chance to stand: left toe, right toe, left heel, right heel
    film: null,         // HTMLVideoElement of the page, or a url or Blob to show beside the body
    filmTime: null,     // frame => seconds in the film; null: frame / fps
    title: '',          // heading; text, not HTML
    level: 2,           // of the heading in its page; 1: the page has no other
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
    labels: {},         // other words, see WORDS in skin_tools.js
  };

  constructor(element, options = {}) {
    const strange = Object.keys(options).filter(k => !(k in UpliftSkin.OPTIONS));
    if (strange.length) throw new Error(`UpliftSkin has no option ${strange.join(', ')}`);
    Object.assign(this, {element, o: {...UpliftSkin.OPTIONS, ...options}, frame: 0, playing: false,
                         speed: 1, loop: true, onframe: null, room: null, reel: null, gone: false, undo: []});
    this.panel = new UpliftSkin.Controls(this);
    this.ready = this.load();
    this.ready.catch(e => this.panel.say(`${this.panel.words.badFile}: ${e.message}`));
  }

  get frames() { return this.room ? this.room.body.frames : 0; }
  get fps() { return this.o.fps ?? (this.room ? this.room.body.fps : 30); }
  get drawn() { return this.room ? this.room.drawn : 0; }
  get film() { return this.reel ? this.reel.video : null; }
  get turning() { return !!this.reel?.turning; }            // the film is on its way to a frame
  get holder() { return this.panel.holder; }
  get clock() { return this.panel.clock; }
  get tag() { return this.panel.tag; }

  // Metres: where a joint of the scene is at this frame.
  jointPosition(name) {
    const {bones, names} = this.room.body;
    return UpliftSkin.tools.placeOf(bones[names.indexOf(name)]).toArray();
  }

  async load() {
    const body = await UpliftSkin.Body.read(this.o.glb);
    if (this.gone) return;
    this.changed = () => { this.dirty = true; this.wake(); };
    this.openRoom(body);
    this.panel.furnish();
    this.watch();
    await this.openFilm();
    if (this.gone) return;
    this.room.fit();
    this.seek(0);
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (this.o.autoplay && !still && this.frames > 1) this.play();
  }

  openRoom(body) {
    const {o, panel} = this, flat = UpliftSkin.tools.drawsIn3D() === 'none';
    const Room = flat ? UpliftSkin.Sketch : UpliftSkin.Scene;
    if (flat) panel.say(panel.words.noGl);
    this.room = new Room(panel.holder, body, o, this.changed);
    this.room.setView(o.view);
    this.room.setJoint(o.joint);
  }

  async openFilm() {
    const {panel, o} = this;
    if (!o.film) return;
    this.reel = await UpliftSkin.Film.open(this, o.film, panel.stage, panel.words.film);
    if (!this.reel) panel.say(panel.words.noFilm);
    else if (this.gone) this.reel.dispose();
    else this.setSpeed(this.speed);
  }

  // Size, theme, focus, keys, and whether the player is in sight.
  watch() {
    const listen = (target, name, act) => {
      target.addEventListener(name, act);
      this.undo.push(() => target.removeEventListener(name, act));
    };
    const {element, panel, room} = this, size = new ResizeObserver(() => room.fit());
    const seen = new IntersectionObserver(([e]) => this.inSight(e.isIntersecting));
    size.observe(panel.holder);
    seen.observe(element);
    this.undo.push(() => size.disconnect(), () => seen.disconnect());
    listen(matchMedia('(prefers-color-scheme: dark)'), 'change', () => this.setTheme(this.o.theme));
    listen(element, 'keydown', e => panel.key(e));
    listen(element, 'focusin', () => { room.controls.enableZoom = true; });
    listen(element, 'focusout', () => { room.controls.enableZoom = false; });
    listen(room.canvas, 'pointerdown', () => element.focus({preventScroll: true}));
    this.setTheme(this.o.theme);
  }

  inSight(on) {
    if (!on && this.playing) { this.pause(); this.waits = true; }
    else if (on && this.waits) { this.waits = false; this.play(); }
  }

  // --- what can be asked of it

  play() {
    if (this.playing || this.frames < 2) return;
    if (this.frame === this.frames - 1) this.seek(0);
    this.playing = true;
    this.since = null;
    this.panel.labelPlay(true);
    if (this.reel) this.reel.play(); else this.wake();
  }

  pause() {
    this.waits = false;
    if (!this.playing) return;
    this.playing = false;
    this.film?.pause();
    this.panel.labelPlay(false);
    this.seek(this.frame);
  }

  toggle() { if (this.playing) this.pause(); else this.play(); }
  step(n = 1) { this.pause(); this.seek(this.frame + n); }

  seek(frame) {
    this.since = null;
    this.show(UpliftSkin.tools.clamp(Math.round(frame), 0, this.frames - 1));
    this.reel?.turn(this.frame);
    clearTimeout(this.later);
    if (!this.playing) this.later = setTimeout(() => this.panel.speak(), 300);
  }

  setSpeed(speed) {
    this.speed = speed; this.since = null;
    this.reel?.setSpeed(speed);
    if (this.panel.speeds) this.panel.speeds.value = speed;
  }

  setLoop(on) { this.loop = on; this.panel.looped?.setAttribute('aria-pressed', on); }

  setView(view) {
    this.room.setView(view);
    if (this.panel.views) this.panel.views.value = this.room.view;
    this.show(this.frame);
  }

  // The axis that a joint turns about against its parent, how far, and from where; null: none.
  showAxis(name) {
    this.room.setJoint(name);
    if (this.panel.joints) this.panel.joints.value = name ?? '';
    this.show(this.frame);
  }

  setFollow(on) {
    this.room.follow = on;
    this.panel.followed?.setAttribute('aria-pressed', on);
    this.reset();
  }

  setTheme(theme) {
    this.o.theme = theme;
    const dark = UpliftSkin.tools.isDark(theme);
    this.element.toggleAttribute('data-dark', dark);
    this.room.setTheme(dark);
    this.changed();
  }

  reset() { this.room.reset(); this.show(this.frame); }

  dispose() {
    this.onframe = null;                                   // who left is told of no more frames
    this.pause();
    this.gone = true;
    cancelAnimationFrame(this.asked);
    clearTimeout(this.later);
    this.undo.forEach(f => f());
    this.reel?.dispose();
    this.room?.dispose();
    this.element.replaceChildren();
  }

  // --- the clock

  wake() { if (!this.asked && !this.gone) this.asked = requestAnimationFrame(now => this.tick(now)); }

  tick(now) {
    this.asked = 0;
    if (this.playing) this.pace(now);
    if (this.playing && this.reel) this.reel.look();
    else if (this.playing) this.advance(now);
    if (this.dirty) { this.dirty = false; this.room.draw(); this.panel.pin(); }
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

  // One frame, in the picture and in words.
  show(frame) {
    this.frame = frame;
    this.room.show(frame);
    this.panel.tell();
    this.changed();
    if (this.onframe) this.onframe(frame);
  }
}

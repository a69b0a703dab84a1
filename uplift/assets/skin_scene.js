// The stage drawn by three.js: skin, floor, light, marks.
{
  const {COLOURS, FEET, THEMES, drawsIn3D} = UpliftSkin.tools;

  UpliftSkin.Scene = class Scene extends UpliftSkin.Stage {
    constructor(holder, body, o, changed) {
      const soft = drawsIn3D() === 'software';              // which is better served without smoothed edges
      const renderer = new THREE.WebGLRenderer({antialias: !soft, powerPreference: 'low-power'});
      super(renderer.domElement, holder, body, o, changed);
      this.renderer = renderer;
      this.ratio = soft ? 1 : Math.min(window.devicePixelRatio || 1, 2);
      this.views = ['skin', 'bones', 'both'];
      this.bones = new UpliftSkin.Bones(body);
      this.mark = new UpliftSkin.TurnMark();
      const axes = UpliftSkin.worldAxes();
      axes.position.copy(this.origin);
      this.scene = new THREE.Scene();
      this.scene.add(body.scene, this.bones.group, this.mark.group, axes, this.feet());
      this.dress();
      this.shine();
    }

    // One plain material: the lightest to compute.
    dress() {
      const {skin} = this.body;
      if (!skin.geometry.attributes.normal) skin.geometry.computeVertexNormals();
      skin.material = this.cloth = new THREE.MeshLambertMaterial();
      skin.frustumCulled = false;
    }

    shine() {
      this.light = new THREE.HemisphereLight(0xffffff, 0x888888, 2.4);
      const sun = new THREE.DirectionalLight(0xffffff, 1.3);
      sun.position.set(1, 2, 1.5);
      this.scene.add(this.light, sun);
    }

    // Four plates on the floor: left toe, right toe, left heel, right heel.
    feet() {
      const look = {color: COLOURS.stands, transparent: true, opacity: .85, depthWrite: false};
      const paint = new THREE.MeshBasicMaterial(look);
      const shape = new THREE.CircleGeometry(.055, 20).rotateX(-Math.PI / 2);
      this.plates = FEET.map(() => new THREE.Mesh(shape, paint));
      this.plates.forEach(p => { p.visible = false; });
      return new THREE.Group().add(...this.plates);
    }

    setTheme(dark) {
      const t = THEMES[dark ? 'dark' : 'light'];
      this.scene.background = new THREE.Color(t.back);
      this.light.color.set(t.sky); this.light.groundColor.set(t.ground);
      this.cloth.color.set(t.skin);
      if (this.grid) { this.scene.remove(this.grid); this.grid.dispose(); }
      this.grid = new THREE.GridHelper(this.across, 2 * this.across, t.grid, t.grid);
      this.grid.position.set(this.middle[0], this.floor, this.middle[1]);
      this.scene.add(this.grid);
    }

    setView(view) {
      if (!this.views.includes(view)) throw new Error(`no view ${view}: skin, bones or both`);
      this.view = view;
      this.body.skin.visible = view !== 'bones';
      this.bones.group.visible = view !== 'skin';
    }

    // What hangs on the pose goes along.
    place() {
      if (this.view !== 'skin') this.bones.place(this.body.bones);
      this.mark.place(this.turned);
      this.fade(this.held ? .3 : this.view === 'both' ? .45 : 1);
      this.plates.forEach((plate, k) => {
        plate.visible = this.stands[k];
        if (plate.visible) plate.position.copy(this.sole(k));
      });
    }

    fade(opacity) {
      if (this.cloth.opacity === opacity) return;
      const solid = opacity === 1;
      Object.assign(this.cloth, {opacity, transparent: !solid, depthWrite: solid, needsUpdate: true});
    }

    resize(width, height) {                                 // pixels of the page
      this.renderer.setPixelRatio(this.ratio);
      this.renderer.setSize(width, height, false);
    }

    draw() { this.renderer.render(this.scene, this.camera); this.drawn++; }

    dispose() { super.dispose(); this.renderer.dispose(); this.renderer.forceContextLoss(); }
  };
}

// The page around the picture: heading, buttons, choices, readouts, keys.
{
  const {FEET, WORDS, add, plain, clamp} = UpliftSkin.tools, SPEEDS = [.1, .25, .5, 1, 2];

  UpliftSkin.Controls = class Controls {
    constructor(skin) {
      const {element, o} = skin, words = this.words = {...WORDS, ...o.labels};
      Object.assign(this, {skin, o, element});
      element.classList.add('uplift-skin');
      element.style.setProperty('--us-height', `${o.height}px`);
      element.setAttribute('role', 'group');
      element.setAttribute('aria-label', o.title || words.player);
      element.tabIndex = 0;
      this.heading();
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

    // A page of its own has a heading even where it has no title.
    heading() {
      const {title, level} = this.o;
      if (title) add(this.element, `h${level}`, {}, title);
      else if (level === 1) add(this.element, 'h1', {class: 'us-heard'}, this.words.player);
    }

    say(text) { add(this.notes, 'p', {class: 'us-note', role: 'alert'}, text); }

    button(parent, text, label, act) {
      const b = add(parent, 'button', {type: 'button', 'aria-label': label, title: label}, text);
      b.onclick = act;
      return b;
    }

    toggle(text, on, act) {
      const b = this.button(this.more, text, text, act);
      b.setAttribute('aria-pressed', on);
      return b;
    }

    choice(name, entries, value, act) {
      const label = add(this.more, 'label', {}, `${name} `), select = add(label, 'select');
      entries.forEach(([v, text]) => add(select, 'option', {value: v}, text));
      select.value = value;
      select.onchange = () => act(select.value);
      return select;
    }

    // What needs the body: its frames and its joints.
    furnish() {
      this.clock = add(this.bar, 'output', {'aria-live': 'off'});
      if (this.o.controls) { this.furnishBar(); this.furnishMore(); }
      else this.bar.hidden = this.more.hidden = true;
    }

    furnishBar() {
      const {skin, bar, words: w} = this;
      this.button(bar, '\u2039', w.back, () => skin.step(-1));
      this.playButton = this.button(bar, w.play, w.play, () => skin.toggle());
      this.playButton.className = 'us-play';
      this.button(bar, '\u203a', w.ahead, () => skin.step(1));
      const range = {type: 'range', min: 0, max: skin.frames - 1, step: 1, value: 0, 'aria-label': w.time};
      this.slider = add(bar, 'input', range);
      this.slider.oninput = () => skin.seek(+this.slider.value);
      bar.append(this.clock);
    }

    furnishMore() {
      const {skin, words: w} = this, {room} = skin, views = room.views.map(v => [v, w[v]]);
      const joints = [['', w.none], ...room.body.names.map(n => [n, plain(n)])];
      this.speeds = this.choice(w.speed, SPEEDS.map(s => [s, `${s} \u00d7`]), 1, s => skin.setSpeed(+s));
      this.views = this.choice(w.view, views, room.view, v => skin.setView(v));
      this.joints = this.choice(w.axis, joints, this.o.joint ?? '', n => skin.showAxis(n || null));
      this.looped = this.toggle(w.loop, skin.loop, () => skin.setLoop(!skin.loop));
      this.followed = this.toggle(w.follow, room.follow, () => skin.setFollow(!room.follow));
      this.button(this.more, w.reset, w.reset, () => skin.reset());
    }

    // --- readouts

    // The frame that is shown now, in words and on the slider.
    tell() {
      const w = this.words, {o, skin: {frame, fps, room}} = this, {held, stands, turned, joint} = room;
      const number = o.first + frame * o.stride, seconds = (frame / fps).toFixed(2);
      this.clock.textContent = `${w.frame} ${number}, ${seconds} s${held ? `, ${w.unseen}` : ''}`;
      const degrees = turned && (turned.angle * 180 / Math.PI).toFixed(0);
      this.tag.textContent = turned ? `${plain(room.body.names[joint])} ${degrees}\u00b0` : '';
      this.tag.hidden = !turned;
      const feet = FEET.filter((_, k) => stands[k]).join(', ');
      const ground = !o.contact || held ? '' : feet ? `${w.stands} ${feet}` : w.air;
      this.told = [this.clock.textContent, this.tag.textContent, ground].filter(Boolean).join('; ');
      room.canvas.setAttribute('aria-label', `${w.player}: ${this.told}`);
      if (this.slider) this.slider.value = frame;
      this.slider?.setAttribute('aria-valuetext', this.clock.textContent);
    }

    // To those who listen, once the frame has come to rest.
    speak() { this.heard.textContent = this.told; }

    // The angle beside its joint.
    pin() {
      const {room} = this.skin, at = room.turned && room.onPicture(room.turned.at);
      if (!at) return;
      const last = this.holder.clientWidth - this.tag.offsetWidth - 4;
      const left = clamp(at[0] + 40, 4, Math.max(last, 4)), top = Math.max(at[1] - 44, 4);
      this.tag.style.transform = `translate(${left}px, ${top}px)`;
    }

    labelPlay(playing) {
      const text = playing ? this.words.pause : this.words.play, b = this.playButton;
      if (!b) return;
      b.textContent = b.title = text;
      b.setAttribute('aria-label', text);
    }

    // --- keys

    key(e) {
      const field = e.target.tagName, {skin} = this, {room} = skin;
      if (e.ctrlKey || e.metaKey || e.altKey || field === 'SELECT') return;
      if (field === 'BUTTON' && e.key === ' ') return;
      const turns = {w: [0, .1], s: [0, -.1], a: [-.15, 0], d: [.15, 0]}[e.key.toLowerCase()];
      const steps = {ArrowLeft: -1, ArrowRight: 1}[e.key];
      const zoom = {'+': .9, '=': .9, '-': 1.1, '\u2212': 1.1}[e.key];
      if (e.key === ' ') skin.toggle();
      else if (steps) skin.step(steps * (e.shiftKey ? 10 : 1));
      else if (e.key === 'Home') skin.seek(0);
      else if (e.key === 'End') skin.seek(skin.frames - 1);
      else if (e.key === '0') skin.reset();
      else if (turns) room.turn(...turns);
      else if (zoom) room.turn(0, 0, zoom);
      else return;
      e.preventDefault();
    }
  };
}

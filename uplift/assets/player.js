// The player of uplift.view: decodes packed clips and moves the traces of a plotly figure.
// Called once per player as player(plotId, clip) after Plotly.newPlot. `clip` (made by Player.payload in 50_view.ipynb):
//   fps, stride     frames per second of the recording; every stride-th frame is kept
//   frames          number of kept frames
//   layers          [{name, dims, points, data, low, step, traces: [{trace, ids}], confidence?}] joints or 2D keypoints
//   mesh            null or {trace, points, data, low, step, every, frames}
//   error           null or one number (mm) per kept frame
//   eye, colours, theme, title, notes, page (true: the player owns the page and its keyboard)
(plotId, clip) => {
  const gd = document.getElementById(plotId), root = gd.closest('.uplift-player');

  // --- packed numbers: int16 little-endian, -32768 = missing, value = low + (q + 32767) * step
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
  for (const layer of [...clip.layers, ...(clip.mesh ? [clip.mesh] : [])]) {
    layer.packed = new Int16Array(bytes(layer.data).buffer);
    if (layer.confidence) layer.sure = bytes(layer.confidence);
  }
  const value = (layer, frame, point, axis) => {
    const dims = layer.dims || 3, q = layer.packed[(frame * layer.points + point) * dims + axis];
    return q === -32768 ? null : layer.low[axis] + (q + 32767) * layer.step[axis];
  };

  // --- what one frame looks like: new coordinates for every trace, -1 in `ids` is a gap between two bones
  const drawing = frame => {
    const change = {x: [], y: [], z: [], 'marker.opacity': []}, traces = [];
    for (const layer of clip.layers) for (const {trace, ids} of layer.traces) {
      const axis = a => ids.map(id => id < 0 ? null : value(layer, frame, id, a));
      traces.push(trace); change.x.push(axis(0)); change.y.push(axis(1));
      change.z.push(layer.dims === 3 ? axis(2) : undefined);
      change['marker.opacity'].push(layer.sure ? ids.map(id => id < 0 ? 0 : 0.25 + 0.75 * layer.sure[frame * layer.points + id] / 255) : undefined);
    }
    const m = clip.mesh;
    if (m && gd.data[m.trace].visible !== false) {
      const at = Math.min(m.frames - 1, Math.floor(frame / m.every));
      if (at !== m.shown) {
        m.shown = at; traces.push(m.trace); change['marker.opacity'].push(undefined);
        ['x', 'y', 'z'].forEach((key, a) => change[key].push(Array.from({length: m.points}, (_, p) => value(m, at, p, a))));
      }
    }
    return [change, traces];
  };

  // --- controls: plain HTML, so that keyboard and screen reader work
  const add = (parent, tag, props = {}) => parent.appendChild(Object.assign(document.createElement(tag), props));
  const check = (parent, text, on, act) => {
    const label = add(parent, 'label'), box = add(label, 'input', {type: 'checkbox', checked: on});
    label.append(' ' + text); box.addEventListener('change', () => act(box.checked));
    return box;
  };
  add(root, 'style', {textContent: `
    .uplift-player {font: 14px/1.5 system-ui, sans-serif; background: var(--back); color: var(--text); padding: 4px 8px 8px}
    .uplift-player:focus-visible, .uplift-player :focus-visible {outline: 2px solid #2f8fd8; outline-offset: -1px}
    .uplift-player .bar {display: flex; flex-wrap: wrap; gap: 4px 14px; align-items: center; margin-top: 4px}
    .uplift-player input[type=range] {flex: 1 1 180px; min-width: 120px}
    .uplift-player output {font-variant-numeric: tabular-nums; min-width: 15em}
    .uplift-player button {min-width: 6em; padding: 3px 10px; font: inherit}
    .uplift-player p {margin: 4px 0 0; font-size: 13px}`});
  const bar = add(root, 'div', {className: 'bar'}), more = add(root, 'div', {className: 'bar'});
  const button = add(bar, 'button', {type: 'button', className: 'play', textContent: '\u25b6 Play', title: 'Play or pause (space)'});
  button.setAttribute('aria-label', 'Play');
  const slider = add(bar, 'input', {type: 'range', min: 0, max: clip.frames - 1, step: 1, value: 0, title: 'Left and right arrow: one frame; with shift: ten'});
  slider.setAttribute('aria-label', 'Time');
  const clock = add(bar, 'output', {className: 'clock'});
  const speedLabel = add(more, 'label', {textContent: 'speed '}), speed = add(speedLabel, 'select', {className: 'speed'});
  for (const s of [0.25, 0.5, 1, 1.5, 2]) add(speed, 'option', {value: s, textContent: s + '\u00d7', selected: s === 1});
  const loop = check(more, 'loop', true, () => {});
  const is3d = clip.layers.some(l => l.dims === 3) || clip.mesh;
  let turning = false;
  if (is3d) {
    check(more, 'turn camera', false, on => { turning = on; wake(); }).className = 'turn';
    add(more, 'button', {type: 'button', className: 'reset', textContent: 'camera view'})
      .addEventListener('click', () => Plotly.relayout(gd, {'scene.camera': {eye: {...clip.eye}, center: {x: 0, y: 0, z: 0}, up: {x: 0, y: 0, z: 1}}}));
  }
  const shown = [...clip.layers.map(l => [l.name, l.traces.map(t => t.trace)]), ...(clip.mesh ? [['mesh', [clip.mesh.trace]]] : [])];
  if (shown.length > 1) for (const [name, traces] of shown)
    check(more, name, true, on => { if (clip.mesh) clip.mesh.shown = -1; Plotly.restyle(gd, {visible: on}, traces).then(() => seek(frame)); });
  for (const side of ['left', 'right']) {
    const key = add(more, 'span');
    Object.assign(add(key, 'span', {textContent: '\u25a0 '}).style, {color: clip.colours[side]}); key.append(side);
  }
  for (const note of clip.notes) add(root, 'p', {textContent: note});

  // --- playback: `time` in seconds is the truth, frames follow it; a slow machine skips frames and keeps the tempo
  const length = clip.frames * clip.stride / clip.fps;
  let frame = 0, time = 0, playing = false, busy = false, last = null, ticking = false;
  const label = () => {
    const original = frame * clip.stride, all = (clip.frames - 1) * clip.stride;
    const text = `${(original / clip.fps).toFixed(2)} s \u00b7 frame ${original}/${all}`;
    const error = clip.error && clip.error[frame] !== null ? ` \u00b7 ${clip.error[frame]} mm` : '';
    clock.textContent = text + error; slider.value = frame; slider.setAttribute('aria-valuetext', text);
  };
  const show = next => {
    frame = next; label();
    const [change, traces] = drawing(frame);
    busy = true;
    const move = turning ? {'scene.camera.eye': turned()} : {};
    return Plotly.update(gd, change, move, traces).finally(() => { busy = false; });
  };
  let passed = 0;                                        // seconds since the camera last moved
  const turned = () => {
    const eye = gd._fullLayout.scene.camera.eye, angle = passed * 2 * Math.PI / 12;      // one turn in 12 s
    passed = 0;
    const c = Math.cos(angle), s = Math.sin(angle);
    return {x: c * eye.x - s * eye.y, y: s * eye.x + c * eye.y, z: eye.z};
  };
  const seek = to => {
    const next = Math.max(0, Math.min(clip.frames - 1, Math.round(to)));
    time = next * clip.stride / clip.fps;
    return show(next);
  };
  const play = on => {
    if (clip.frames < 2) return;
    if (on && !loop.checked && frame === clip.frames - 1) time = 0;
    playing = on; button.textContent = on ? '\u275a\u275a Pause' : '\u25b6 Play'; button.setAttribute('aria-label', on ? 'Pause' : 'Play');
    wake();
  };
  const tick = now => {
    if (!playing && !turning) { ticking = false; last = null; return; }
    const passedNow = last === null ? 0 : Math.min(1, (now - last) / 1000);
    last = now;
    if (held) { requestAnimationFrame(tick); return; }
    passed += passedNow;
    if (playing) {
      time += passedNow * speed.value;
      if (time >= length) { if (loop.checked) time %= length; else { time = length; play(false); } }
    }
    if (!busy) {
      const next = Math.min(clip.frames - 1, Math.floor(time * clip.fps / clip.stride + 1e-6));
      if (next !== frame) show(next);
      else if (turning) { busy = true; Plotly.relayout(gd, {'scene.camera.eye': turned()}).finally(() => { busy = false; }); }
    }
    requestAnimationFrame(tick);
  };
  const wake = () => { if (!ticking) { ticking = true; last = null; passed = 0; requestAnimationFrame(tick); } };

  // drawing a frame resets the camera, so time stands still while the mouse turns or zooms the scene
  let held = false, release = 0;
  const hold = wait => { held = true; clearTimeout(release); if (wait) release = setTimeout(resume, wait); };
  const resume = () => {                                 // plotly's own note of the camera lags behind the mouse: take the live one
    const scene = gd._fullLayout.scene, live = scene && scene._scene && scene._scene.getCamera && scene._scene.getCamera();
    const done = () => { held = false; };
    if (live) Plotly.relayout(gd, {'scene.camera': {...live}}).then(done, done); else done();
  };
  gd.addEventListener('pointerdown', () => hold(0), true);
  gd.addEventListener('wheel', () => hold(600), {capture: true, passive: true});
  for (const end of ['pointerup', 'pointercancel']) window.addEventListener(end, () => { if (held) hold(250); }, true);

  button.addEventListener('click', () => play(!playing));
  slider.addEventListener('input', () => seek(+slider.value));
  (clip.page ? document : root).addEventListener('keydown', event => {
    const at = event.target, ours = at.tagName === 'BUTTON' || at.tagName === 'SELECT' || at.type === 'checkbox';
    if (event.ctrlKey || event.metaKey || event.altKey || at.tagName === 'SELECT') return;
    const jump = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (event.key === ' ' && !ours) play(!playing);
    else if (jump) seek(frame + jump * (event.shiftKey ? 10 : 1));
    else return;
    event.preventDefault();
  });
  if (clip.frames < 2) button.disabled = slider.disabled = loop.disabled = speed.disabled = true;

  // --- light and dark
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const paint = () => {
    const night = clip.theme === 'dark' || (clip.theme === 'auto' && dark.matches);
    const [back, text, grid] = night ? ['#15181d', '#e6e8eb', '#545c66'] : ['#ffffff', '#1f2328', '#bcc2c9'];
    root.style.setProperty('--back', back); root.style.setProperty('--text', text);
    root.style.colorScheme = night ? 'dark' : 'light';
    if (clip.page) document.body.style.background = back;
    const change = {paper_bgcolor: back, plot_bgcolor: back, 'font.color': text};
    for (const axis of ['xaxis', 'yaxis']) if (gd.layout[axis]) change[axis + '.linecolor'] = grid;
    if (gd.layout.scene) for (const axis of ['xaxis', 'yaxis', 'zaxis']) change[`scene.${axis}.gridcolor`] = grid;
    return Plotly.relayout(gd, change);
  };
  dark.addEventListener('change', paint);
  gd.upliftPlayer = {seek, play: () => play(true), pause: () => play(false), get frame() { return frame; }, get playing() { return playing; }};
  paint().then(() => seek(0)).then(() => { root.dataset.ready = 'true'; });
}

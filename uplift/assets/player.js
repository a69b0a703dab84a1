// The player of uplift.look.player: decodes packed clips and moves the traces of a plotly figure.
// Called once per player as player(plotId, clip) after Plotly.newPlot. `clip` (made by Player.payload):
//   fps, stride     frames per second of the recording; every stride-th frame is kept
//   frames          number of kept frames
//   layers          [{name, dims, points, data, low, step, joints, traces: [{trace, ids}]}] joints or 2D keypoints; 3D ones also have
//                   ghost, colours, sides and, with rotations, turns {data, low, step, points} (axis-angle, rad) and parents;
//                   2D ones have confidence
//   mesh            null or {trace, points, data, low, step, every, frames}
//   reference       index of the layer that the others are measured against, or null
//   picked, joint   trace that marks the picked joint (null: no 3D); the joint to begin with, or null
//   ground          floor {trace, corners, data, low, step, points}: one point of it per frame; feet {trace, data, ...}:
//                   toes and heels, missing where they do not stand; each only where it is known
//   error           null or one number (mm) per kept frame
//   eye, colours, theme, title, alt, notes, page (true: the player owns the page and its keyboard)
(plotId, clip) => {
  const gd = document.getElementById(plotId), root = gd.closest('.uplift-player');

  // --- packed numbers: int16 little-endian, -32768 = missing, value = low + (q + 32767) * step
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
  for (const layer of [...clip.layers, ...(clip.mesh ? [clip.mesh] : []), ...Object.values(clip.ground)]) {
    layer.packed = new Int16Array(bytes(layer.data).buffer);
    if (layer.turns) layer.turns.packed = new Int16Array(bytes(layer.turns.data).buffer);
    if (layer.confidence) layer.sure = bytes(layer.confidence);
  }
  const value = (layer, frame, point, axis) => {
    const dims = layer.dims || 3, q = layer.packed[(frame * layer.points + point) * dims + axis];
    return q === -32768 ? null : layer.low[axis] + (q + 32767) * layer.step[axis];
  };
  const triple = (layer, frame, point) => {
    const v = [0, 1, 2].map(a => value(layer, frame, point, a));
    return v[0] === null ? null : v;
  };

  // --- rotations: the clip carries rotation vectors, everything else follows from their quaternions (w, x, y, z)
  const degrees = 180 / Math.PI, size = v => Math.hypot(...v);
  const quaternion = v => {
    const angle = size(v), s = angle < 1e-9 ? 0.5 : Math.sin(angle / 2) / angle;
    return [Math.cos(angle / 2), ...v.map(x => s * x)];
  };
  const times = ([a, b, c, d], [e, f, g, h]) => [a * e - b * f - c * g - d * h, a * f + b * e + c * h - d * g,
    a * g - b * h + c * e + d * f, a * h + b * g - c * f + d * e];
  const between = (p, q) => { const d = times([p[0], -p[1], -p[2], -p[3]], q); return 2 * Math.atan2(size(d.slice(1)), Math.abs(d[0])) * degrees; };
  const turned3 = (q, v) => times(times(q, [0, ...v]), [q[0], -q[1], -q[2], -q[3]]).slice(1);
  const local = (layer, frame, id) => { const v = layer.turns ? triple(layer.turns, frame, id) : null; return v && quaternion(v); };
  const global = (layer, frame, id) => {
    let q = [1, 0, 0, 0];
    for (; id >= 0; id = layer.parents[id]) { const r = local(layer, frame, id); if (!r) return null; q = times(r, q); }
    return q;
  };

  // --- the picked joint by name, as tracks may have different skeletons; `clip.picked` is the trace that marks it
  const solid = clip.layers.filter(l => l.dims === 3), truth = clip.reference === null ? null : clip.layers[clip.reference];
  let joint = null, everyAxis = false;
  const AXES = ['#d62728', '#2ca02c', '#1f6fd6'];
  const marked = layer => layer.joints.flatMap((name, id) => name === joint || everyAxis && layer.turns ? [id] : []);
  const marks = frame => {
    const points = [];
    for (const layer of solid) for (const id of marked(layer)) {
      const at = layer.hidden ? null : triple(layer, frame, id), q = at && global(layer, frame, id);
      const long = layer.joints[id] === joint ? 0.15 : 0.06;                // metres
      for (let a = 0; a < 3; a++) {                       // camera axes (x, y, z) are plot axes (x, z, -y)
        const t = q && turned3(q, [0, 1, 2].map(b => b === a ? long : 0));
        points.push(at, t && [at[0] + t[0], at[1] + t[2], at[2] - t[1]], null);
      }
    }
    return [0, 1, 2].map(a => points.map(p => p && p[a]));
  };
  const markLook = () => {                                // three points an axis; a dot where the picked joint is
    const each = solid.flatMap(l => marked(l).flatMap(id => AXES.map((colour, a) => [colour, l.joints[id] === joint && !a ? 9 : 0])));
    return each.length ? {visible: true, 'line.color': [each.flatMap(([c]) => [c, c, c])], 'marker.size': [each.flatMap(([, s]) => [s, 0, 0])]}
      : {visible: false};
  };

  // --- the ground: lines half a metre apart that are fixed to the floor, and marks under feet that stand
  const floorGrid = (frame, step = 0.5) => {
    const {floor} = clip.ground, [low, high] = floor.corners, at = triple(floor, frame, 0), points = [];
    if (!at) return [[], [], []];
    for (const a of [0, 1]) for (let v = at[a] + step * Math.ceil((low[a] - at[a]) / step - 1e-9); v <= high[a] + 1e-9; v += step) {
      for (const end of [low, high]) points.push([a ? end[0] : v, a ? v : end[1], at[2]]);
      points.push(null);
    }
    return [0, 1, 2].map(a => points.map(p => p && p[a]));
  };
  const footMarks = frame => [0, 1, 2].map(a => [0, 1, 2, 3].map(id => value(clip.ground.feet, frame, id, a)));
  const measure = layer => {                              // one joint of one track through the clip; null where it is not known
    const all = Array.from({length: clip.frames}, (_, f) => f), id = layer.joints.indexOf(joint), out = {name: layer.name, layer};
    if (id < 0) return out;
    if (layer.turns) out.angle = all.map(f => { const v = triple(layer.turns, f, id); return v && size(v) * degrees; });
    const other = truth && layer !== truth ? truth.joints.indexOf(joint) : -1;
    if (other < 0) return out;
    out.mm = all.map(f => { const a = triple(layer, f, id), b = triple(truth, f, other); return a && b && 1000 * size(a.map((x, i) => x - b[i])); });
    if (layer.turns && truth.turns)
      out.degrees = all.map(f => { const a = local(layer, f, id), b = local(truth, f, other); return a && b && between(a, b); });
    return out;
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
    const move = (trace, at) => {
      traces.push(trace); change['marker.opacity'].push(undefined);
      ['x', 'y', 'z'].forEach((key, a) => change[key].push(at[a]));
    };
    if (clip.picked !== null && (joint !== null || everyAxis)) move(clip.picked, marks(frame));
    for (const [name, draw] of [['floor', floorGrid], ['feet', footMarks]]) {
      const part = clip.ground[name];
      if (part && !part.hidden) move(part.trace, draw(frame));
    }
    const m = clip.mesh;
    if (m && gd.data[m.trace].visible !== false) {
      const at = Math.min(m.frames - 1, Math.floor(frame / m.every));
      if (at !== m.shown) {
        m.shown = at;
        move(m.trace, [0, 1, 2].map(a => Array.from({length: m.points}, (_, p) => value(m, at, p, a))));
      }
    }
    return [change, traces];
  };

  // --- controls: plain HTML, so that keyboard and screen reader work
  const add = (parent, tag, props = {}) => parent.appendChild(Object.assign(document.createElement(tag), props));
  const check = (parent, text, on, act) => {
    const label = add(parent, 'label'), box = add(label, 'input', {type: 'checkbox', checked: on});
    label.append(text); box.addEventListener('change', () => act(box.checked));
    return box;
  };
  const choose = (parent, text, className, options, chosen) => {
    const select = add(add(parent, 'label', {textContent: text}), 'select', {className});
    for (const [value, name] of options) add(select, 'option', {value, textContent: name, selected: value === chosen});
    return select;
  };
  add(root, 'style', {textContent: `
    .uplift-player {font: 14px/1.5 system-ui, sans-serif; background: var(--back); color: var(--text); padding: 4px 8px 8px}
    .uplift-player:focus-visible, .uplift-player :focus-visible {outline: 2px solid #2f8fd8; outline-offset: -1px}
    .uplift-player .bar {display: flex; flex-wrap: wrap; gap: 4px 14px; align-items: center; margin-top: 4px}
    .uplift-player input[type=range] {flex: 1 1 180px; min-width: 120px; min-height: 24px}
    .uplift-player output {font-variant-numeric: tabular-nums; min-width: min(15em, 100%)}
    .uplift-player button {min-width: 6em; min-height: 28px; padding: 3px 10px; font: inherit}
    .uplift-player .step {min-width: 32px; padding: 3px 6px}
    .uplift-player select {font: inherit; min-height: 26px; max-width: 100%}
    .uplift-player :is(label, .side) {display: inline-flex; align-items: center; gap: 5px; min-height: 26px}
    .uplift-player input[type=checkbox] {width: 16px; height: 16px; margin: 0}
    .uplift-player p, .uplift-player details {margin: 4px 0 0; font-size: 13px}
    .uplift-player kbd {border: 1px solid var(--line); border-radius: 3px; padding: 0 4px; font: inherit}
    .uplift-player .swatch {display: inline-block; width: 9px}
    .uplift-player .panel {margin-top: 8px; border-top: 1px solid var(--line); padding-top: 4px; font-variant-numeric: tabular-nums}
    .uplift-player .readings {overflow-x: auto; margin: 4px 0}
    .uplift-player .panel table {border-collapse: collapse; font-size: 13px; white-space: nowrap; background: none; color: inherit}
    .uplift-player .panel :is(th, td) {padding: 1px 16px 1px 0; text-align: left; font-weight: normal; background: none; border: 0}
    .uplift-player .panel thead th {color: var(--faint)}
    .uplift-player .charts {display: flex; flex-wrap: wrap; align-items: flex-end; gap: 4px 20px}
    .uplift-player .panel figure {flex: 1 1 260px; margin: 4px 0 0; min-width: 0}
    .uplift-player .panel figcaption {font-size: 13px; display: flex; justify-content: space-between; align-items: end; gap: 12px; margin: 0; color: inherit}
    .uplift-player .range {color: var(--faint); white-space: nowrap}
    .uplift-player .panel svg {display: block; width: 100%; height: 84px; border-bottom: 1px solid var(--line); cursor: pointer; overflow: visible}
    .uplift-player .panel svg path {fill: none; vector-effect: non-scaling-stroke; stroke-linejoin: round}
    .uplift-player .panel svg line {stroke: var(--text); stroke-width: 1; vector-effect: non-scaling-stroke}
    .uplift-player .heard {position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)}`});
  const bar = add(root, 'div', {className: 'bar'}), more = add(root, 'div', {className: 'bar'}), panel = add(root, 'div', {className: 'panel', hidden: true});
  const button = add(bar, 'button', {type: 'button', className: 'play', textContent: '\u25b6 Play', title: 'Play or pause (space)'});
  button.setAttribute('aria-label', 'Play');
  const stepBy = (by, text, name) => {
    const step = add(bar, 'button', {type: 'button', className: 'step', textContent: text, title: name});
    step.setAttribute('aria-label', name);
    step.addEventListener('click', () => { play(false); seek(frame + by); });
    return step;
  };
  const back = stepBy(-1, '\u2039', 'One frame back'), on = stepBy(1, '\u203a', 'One frame on');
  const slider = add(bar, 'input', {type: 'range', min: 0, max: clip.frames - 1, step: 1, value: 0, title: 'Left and right arrow: one frame; with shift: ten'});
  slider.setAttribute('aria-label', 'Time');
  const clock = add(bar, 'output', {className: 'clock'});
  clock.setAttribute('aria-live', 'off');                 // the slider tells the time; a running clock must not be read aloud
  const speed = choose(more, 'speed', 'speed', [0.1, 0.25, 0.5, 1, 1.5, 2, 4].map(s => [s, s + '\u00d7']), 1);
  const loop = check(more, 'loop', true, () => {});
  const is3d = solid.length || clip.mesh;
  let turning = false;
  if (is3d) {
    check(more, 'turn camera', false, on => { turning = on; wake(); }).className = 'turn';
    add(more, 'button', {type: 'button', className: 'reset', textContent: 'first view'})
      .addEventListener('click', () => Plotly.relayout(gd, {'scene.camera': {eye: {...clip.eye}, center: {x: 0, y: 0, z: 0}, up: {x: 0, y: 0, z: 1}}}));
  }
  const names = solid.length ? solid[0].joints : [];
  const joints = names.length ? choose(more, 'joint', 'joint', [['', 'none'], ...names.map(n => [n, n.replaceAll('_', ' ')])], '') : null;
  if (joints) joints.addEventListener('change', () => pick(joints.value || null));
  if (solid.some(l => l.turns)) check(more, 'all axes', false, every => {
    everyAxis = every;
    Plotly.restyle(gd, markLook(), [clip.picked]).then(() => show(frame));
  }).className = 'axes';
  for (const [name, part] of Object.entries(clip.ground)) check(more, name === 'feet' ? 'feet that stand' : name, true, there => {
    part.hidden = !there;
    Plotly.restyle(gd, {visible: there}, [part.trace]).then(() => show(frame));
  }).className = name;

  // the legend: a box for every track, with its colours, broad and pale for a ghost
  const shown = [...clip.layers.map(l => [l.name, l.traces.map(t => t.trace), l]), ...(clip.mesh ? [['mesh', [clip.mesh.trace], null]] : [])];
  if (shown.length > 1) for (const [name, traces, layer] of shown) {
    const box = check(more, name, true, on => {
      if (clip.mesh) clip.mesh.shown = -1;
      if (layer) layer.hidden = !on;
      Plotly.restyle(gd, {visible: on}, traces).then(() => seek(frame));
    });
    box.className = 'track';
    if (layer && layer.colours) for (const side of ['left', 'mid', 'right'])
      Object.assign(add(box.parentNode, 'span', {className: 'swatch'}).style, {borderTop: `${layer.ghost ? 8 : 3}px solid ${layer.colours[side]}`,
        opacity: layer.ghost ? 0.45 : 1, marginLeft: side === 'left' ? '0' : '-5px'});
  }
  for (const side of ['left', 'right']) {
    const key = add(more, 'span', {className: 'side'});
    Object.assign(add(key, 'span', {textContent: '\u25a0'}).style, {color: clip.colours[side]}); key.append(side);
  }
  for (const note of clip.notes) add(root, 'p', {textContent: note});
  const help = add(root, 'details', {className: 'keys'}), heard = add(root, 'div', {className: 'heard'});
  heard.setAttribute('aria-live', 'polite');
  add(help, 'summary', {textContent: 'Keys'});
  const KEYS = [['space', 'play or pause'], ['\u2190 \u2192', 'one frame'], ['shift \u2190 \u2192', 'ten frames'], ['home end', 'first, last frame'],
                ['+ \u2212', 'faster, slower'], ...(joints ? [['j', 'next joint'], ['shift j', 'joint before'], ['esc', 'no joint']] : [])];
  for (const [key, what] of KEYS) { add(help, 'kbd', {textContent: key}); help.append(` ${what}  `); }
  gd.setAttribute('role', 'figure'); gd.setAttribute('aria-label', clip.alt);

  // --- the panel of the picked joint: numbers of every track, curves with a cursor that moves with the frame
  let rows = [], charts = [];
  const number = (x, digits = 1) => x === null || x === undefined ? '\u2013' : x.toFixed(digits).replace(/^-(?=0(\.0*)?$)/, '').replace('-', '\u2212');
  const chart = (parent, title, unit, curves) => {
    const known = curves.flatMap(c => c.values).filter(x => x !== null);
    if (!known.length || clip.frames < 2) return;
    const top = Math.max(...known), least = Math.min(...known), low = unit === 'mm' ? 0 : least, high = Math.max(top, low + 1), gap = unit === '\u00b0' ? '' : ' ';
    const figure = add(parent, 'figure'), caption = add(figure, 'figcaption'), now = add(caption, 'span');
    add(caption, 'span', {className: 'range', textContent: `${number(low, 0)} to ${number(high, 0)}${gap}${unit}`});
    const draw = (to, tag, props) => { const e = document.createElementNS('http://www.w3.org/2000/svg', tag); for (const k in props) e.setAttribute(k, props[k]); return to.appendChild(e); };
    const svg = draw(figure, 'svg', {viewBox: '0 0 1000 100', preserveAspectRatio: 'none', role: 'img',
      'aria-label': `${title} of ${joint.replaceAll('_', ' ')} over time, from ${number(least)} to ${number(top)} ${unit}`});
    const x = f => 1000 * f / (clip.frames - 1), y = v => 96 - 92 * (v - low) / (high - low);
    curves.forEach(({values, layer}, i) => {
      const side = layer.sides[layer.joints.indexOf(joint)];
      let d = '', pen = false;
      values.forEach((v, f) => { if (v !== null) d += `${pen ? 'L' : 'M'}${x(f).toFixed(1)} ${y(v).toFixed(1)}`; pen = v !== null; });
      draw(svg, 'path', {d, stroke: layer.colours[side], 'stroke-width': layer.ghost ? 7 : 2, opacity: layer.ghost ? 0.4 : 1,
        'stroke-dasharray': layer.ghost ? 'none' : ['none', '6 3', '2 3'][i % 3]});
    });
    const cursor = draw(svg, 'line', {y1: 0, y2: 100});
    svg.addEventListener('click', e => { const b = svg.getBoundingClientRect(); seek((e.clientX - b.left) / b.width * (clip.frames - 1)); });
    charts.push(() => {
      cursor.setAttribute('x1', x(frame)); cursor.setAttribute('x2', x(frame));
      now.textContent = `${title}: ` + curves.map(c => (curves.length > 1 ? c.layer.name + ' ' : '') + number(c.values[frame]) + gap + unit).join(', ');
    });
  };
  const read = () => {
    for (const {cells, track: {layer, angle, mm, degrees: off}} of rows) {
      const id = layer.joints.indexOf(joint), v = layer.turns && id >= 0 ? triple(layer.turns, frame, id) : null;
      const texts = [layer.name, number(v && angle[frame]), v ? v.map(a => number(a * degrees)).join(', ') : '\u2013',
        v ? quaternion(v).map(q => number(q, 3)).join(', ') : '\u2013', number(mm && mm[frame]), number(off && off[frame])];
      cells.forEach((cell, i) => { cell.textContent = texts[i]; });
    }
    for (const move of charts) move();
  };
  const pick = name => {
    joint = names.includes(name) ? name : null; rows = []; charts = []; panel.textContent = '';
    panel.hidden = joint === null; joints.value = joint || '';
    const plain = joint === null ? null : joint.replaceAll('_', ' ');
    heard.textContent = plain === null ? 'no joint picked' : `joint ${plain}`;
    if (joint !== null) {
      const tracks = solid.map(measure), turned = tracks.some(t => t.angle);
      add(panel, 'strong', {textContent: plain});
      if (turned) panel.append(': rotation against the parent\u2019s bone; axes x red, y green, z blue');
      if (!turned && !truth) panel.append(': this clip has no rotations and no second track');
      else {
        const readings = add(panel, 'div', {className: 'readings', tabIndex: 0});
        readings.setAttribute('role', 'region'); readings.setAttribute('aria-label', `Rotation and errors of ${plain}`);
        const table = add(readings, 'table'), first = add(add(table, 'thead'), 'tr'), body = add(table, 'tbody');
        for (const t of ['track', 'angle (\u00b0)', 'axis \u00d7 angle x, y, z (\u00b0)', 'quaternion w, x, y, z', 'position error (mm)', 'rotation error (\u00b0)'])
          add(first, 'th', {scope: 'col', textContent: t});
        rows = tracks.map(track => { const tr = add(body, 'tr'); return {track, cells: Array.from({length: 6}, () => add(tr, 'td'))}; });
        const drawn = add(panel, 'div', {className: 'charts'}), of = key => tracks.filter(t => t[key]).map(t => ({values: t[key], layer: t.layer}));
        chart(drawn, 'Angle', '\u00b0', of('angle')); chart(drawn, 'Position error', 'mm', of('mm')); chart(drawn, 'Rotation error', '\u00b0', of('degrees'));
      }
    }
    return Plotly.restyle(gd, markLook(), [clip.picked]).then(() => show(frame));
  };
  let clicked = 0;                                       // plotly tells of a click while it draws; drawing right there would tell of it again
  gd.on('plotly_click', event => {
    const {curveNumber, pointNumber} = event.points[0], all = clip.layers.flatMap(l => l.traces.map(t => [l, t]));
    const [layer, stroke] = all.find(([, t]) => t.trace === curveNumber) || [], name = layer && layer.joints[stroke.ids[pointNumber]];
    clearTimeout(clicked);
    if (name !== joint && names.includes(name)) clicked = setTimeout(() => pick(name));
  });

  // --- playback: `time` in seconds is the truth, frames follow it; a slow machine skips frames and keeps the tempo
  const length = clip.frames * clip.stride / clip.fps;
  let frame = 0, time = 0, playing = false, busy = false, last = null, ticking = false;
  const label = () => {
    const original = frame * clip.stride, all = (clip.frames - 1) * clip.stride;
    const text = `${(original / clip.fps).toFixed(2)} s \u00b7 frame ${original}/${all}`;
    const error = clip.error && clip.error[frame] !== null ? ` \u00b7 error ${clip.error[frame]} mm` : '';
    clock.textContent = text + error; slider.value = frame; slider.setAttribute('aria-valuetext', text);
  };
  const show = next => {
    frame = next; label(); read();
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
  const faster = by => { speed.selectedIndex = Math.max(0, Math.min(speed.length - 1, speed.selectedIndex + by)); heard.textContent = `speed ${speed.value}`; };
  const next = by => pick([null, ...names][([null, ...names].indexOf(joint) + by + names.length + 1) % (names.length + 1)]);
  (clip.page ? document : root).addEventListener('keydown', event => {
    const at = event.target, ours = ['BUTTON', 'SELECT', 'SUMMARY'].includes(at.tagName) || at.type === 'checkbox';
    if (event.ctrlKey || event.metaKey || event.altKey || at.tagName === 'SELECT') return;
    const jump = {ArrowLeft: -1, ArrowRight: 1}[event.key], pace = {'+': 1, '=': 1, '-': -1, '_': -1}[event.key];
    if (event.key === ' ' && !ours) play(!playing);
    else if (jump) seek(frame + jump * (event.shiftKey ? 10 : 1));
    else if (event.key === 'Home') seek(0);
    else if (event.key === 'End') seek(clip.frames - 1);
    else if (pace) faster(pace);
    else if (event.key.toLowerCase() === 'j' && joints) next(event.key === 'j' ? 1 : -1);
    else if (event.key === 'Escape' && joint !== null) pick(null);
    else return;
    event.preventDefault();
  });
  if (clip.frames < 2) for (const o of [button, back, on, slider, loop, speed]) o.disabled = true;

  // --- light and dark: as asked, else as the page around the player (Quarto, JupyterLab), else as the system
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const host = (() => { try { return window.parent === window ? document : window.parent.document; } catch { return document; } })();
  const night = () => {
    const {body, documentElement: html} = host, has = name => html.classList.contains(name) || body.classList.contains(name);
    if (clip.theme !== 'auto') return clip.theme === 'dark';
    if (body.dataset.jpThemeLight) return body.dataset.jpThemeLight === 'false';
    if (has('quarto-dark') || has('quarto-light') || host.querySelector('link.quarto-color-scheme')) return has('quarto-dark');
    return dark.matches;
  };
  let painted = null;
  const paint = () => {
    if (painted === night()) return Promise.resolve();
    painted = night();
    const [back, text, grid, faint] = painted ? ['#15181d', '#e6e8eb', '#545c66', '#a3abb5'] : ['#ffffff', '#1f2328', '#bcc2c9', '#59636e'];
    for (const [name, colour] of Object.entries({back, text, line: grid, faint})) root.style.setProperty('--' + name, colour);
    root.style.colorScheme = painted ? 'dark' : 'light';
    if (clip.page) document.body.style.background = back;
    const change = {paper_bgcolor: back, plot_bgcolor: back, 'font.color': text};
    for (const axis of ['xaxis', 'yaxis']) if (gd.layout[axis]) change[axis + '.linecolor'] = grid;
    if (gd.layout.scene) for (const axis of ['xaxis', 'yaxis', 'zaxis']) change[`scene.${axis}.gridcolor`] = grid;
    const pale = solid.filter(l => l.ghost).flatMap(l => l.traces.map(t => t.trace));      // on black a ghost needs more colour
    return (pale.length ? Plotly.update(gd, {opacity: painted ? 0.55 : 0.35}, change, pale) : Plotly.relayout(gd, change));
  };
  dark.addEventListener('change', paint);
  const themes = new MutationObserver(paint);
  for (const part of [host.body, host.documentElement]) themes.observe(part, {attributes: true, attributeFilter: ['class', 'data-jp-theme-light']});

  // in a frame of a notebook or a page, the frame grows with the panel
  const box = (() => { try { return window.frameElement; } catch { return null; } })();
  if (box && clip.page) new ResizeObserver(() => { box.style.height = Math.ceil(root.getBoundingClientRect().height) + 2 + 'px'; }).observe(root);

  gd.upliftPlayer = {seek, pick, play: () => play(true), pause: () => play(false), get frame() { return frame; }, get playing() { return playing; },
                     get joint() { return joint; }, curves: () => joint === null ? [] : solid.map(measure).map(({layer, ...rest}) => rest)};
  const seen = f => clip.layers.some(l => l.joints.some((_, id) => value(l, f, id, 0) !== null));
  const first = Array.from({length: clip.frames}, (_, f) => f).find(seen) || 0;             // somebody is there
  paint().then(() => seek(first)).then(() => clip.joint === null || pick(clip.joint)).then(() => { root.dataset.ready = 'true'; });
}

// A figure whose states were worked out beforehand (uplift.look.figures): controls choose a state, tables say what it looks like.
// Called once per figure as page(plotId, data) after Plotly.newPlot. `data` is made by MovingFigure.payload:
//   controls   [{name, labels, value, slider}]; a state is one label of each
//   moves      [{over, data, low, step, points, dims, traces: [{trace, ids}]}] coordinates, packed as in player.js; `over`: controls they depend on
//   rows       [{name, over, cells}] lines of the table under the figure
//   notes, caption, theme, play; page: true where the figure owns the page
(plotId, page) => {
  const gd = document.getElementById(plotId), root = gd.closest('.uplift-page');
  for (const m of page.moves) m.packed = new Int16Array(Uint8Array.from(atob(m.data), c => c.charCodeAt(0)).buffer);
  const choice = page.controls.map(c => c.value);
  const state = over => over.reduce((i, c) => i * page.controls[c].labels.length + choice[c], 0);
  const value = (m, point, axis) => {
    const q = m.packed[(state(m.over) * m.points + point) * m.dims + axis];
    return q === -32768 ? null : m.low[axis] + (q + 32767) * m.step[axis];
  };

  const add = (parent, tag, props = {}) => parent.appendChild(Object.assign(document.createElement(tag), props));
  add(root, 'style', {textContent: `
    .uplift-page {font: 14px/1.5 system-ui, sans-serif; background: var(--back); color: var(--text); padding: 4px 8px 8px}
    .uplift-page :focus-visible {outline: 2px solid #2f8fd8; outline-offset: -1px}
    .uplift-page .bar {display: flex; flex-wrap: wrap; gap: 4px 18px; align-items: center; margin: 4px 0}
    .uplift-page .bar label {display: flex; gap: 8px; align-items: center}
    .uplift-page .bar label.wide {flex: 1 1 260px}
    .uplift-page input[type=range] {flex: 1 1 140px; min-width: 100px; min-height: 24px}
    .uplift-page .step {min-width: 32px}
    .uplift-page output, .uplift-page td {font-variant-numeric: tabular-nums; white-space: pre}
    .uplift-page output {min-width: 5em}
    .uplift-page button, .uplift-page select {padding: 2px 8px; font: inherit; min-height: 28px}
    .uplift-page .scroll {overflow-x: auto}
    .uplift-page table {border-collapse: collapse; font-size: 13px}
    .uplift-page th {text-align: left; font-weight: normal; color: var(--faint); padding: 0 16px 0 0; white-space: nowrap}
    .uplift-page td {padding: 0 8px 0 0; font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: 12px}
    .uplift-page caption {text-align: left; font-size: 13px; padding: 2px 0}
    .uplift-page p {margin: 4px 0 0; font-size: 13px}`});

  const bar = add(root, 'div', {className: 'bar'});
  const show = () => {
    page.controls.forEach((c, i) => { if (c.output) { c.output.textContent = c.labels[choice[i]]; c.input.setAttribute('aria-valuetext', c.labels[choice[i]]); } });
    page.rows.forEach(r => { r.cell.textContent = r.cells[state(r.over)]; });
    const change = {x: [], y: [], z: []}, traces = [];
    for (const m of page.moves) for (const {trace, ids} of m.traces) {
      const axis = a => a >= m.dims ? undefined : ids.map(id => id < 0 ? null : value(m, id, a));
      traces.push(trace); change.x.push(axis(0)); change.y.push(axis(1)); change.z.push(axis(2));
    }
    const scene = gd._fullLayout.scene && gd._fullLayout.scene._scene;                   // drawing forgets where the mouse has turned the scene to
    return Plotly.update(gd, change, scene ? {'scene.camera': {...scene.getCamera()}} : {}, traces);
  };
  let drawing = null, waiting = false;                                                    // at most one drawing at a time, and always the last one
  const soon = () => {
    if (drawing) { waiting = true; return drawing; }
    drawing = Promise.resolve(show()).finally(() => { drawing = null; if (waiting) { waiting = false; soon(); } });
    return drawing;
  };

  const choose = (i, to) => { choice[i] = to; page.controls[i].input.value = to; return soon(); };
  page.controls.forEach((c, i) => {
    const label = add(bar, 'label', {className: c.slider ? 'wide' : ''});
    add(label, 'span', {textContent: c.name});
    if (c.slider) c.input = add(label, 'input', {type: 'range', min: 0, max: c.labels.length - 1, step: 1, value: c.value, title: 'Left and right arrow: one step'});
    else { c.input = add(label, 'select'); c.labels.forEach((t, k) => add(c.input, 'option', {value: k, textContent: t, selected: k === c.value})); }
    c.input.setAttribute('aria-label', c.name);
    if (c.slider) c.output = add(label, 'output');
    if (c.slider) for (const [by, text, way] of [[-1, '\u2039', 'back'], [1, '\u203a', 'on']]) {
      const step = add(label, 'button', {type: 'button', className: 'step', textContent: text, title: `${c.name}: one step ${way}`});
      step.setAttribute('aria-label', step.title);
      step.addEventListener('click', () => choose(i, Math.max(0, Math.min(c.labels.length - 1, choice[i] + by))));
    }
    c.input.addEventListener('input', () => choose(i, +c.input.value));
  });

  const first = page.controls.findIndex(c => c.slider);
  if (first >= 0 && page.play) {
    const button = add(bar, 'button', {type: 'button', className: 'play', textContent: '\u25b6 Play'});
    let timer = null;
    button.addEventListener('click', () => {
      if (timer) { clearInterval(timer); timer = null; } else timer = setInterval(() => choose(first, (choice[first] + 1) % page.controls[first].labels.length), 120);
      button.textContent = timer ? '\u275a\u275a Pause' : '\u25b6 Play';
    });
  }

  const scroll = add(root, 'div', {className: 'scroll'}), table = add(scroll, 'table');
  if (page.rows.length) {
    scroll.tabIndex = 0;
    scroll.setAttribute('role', 'region'); scroll.setAttribute('aria-label', page.caption || 'Numbers');
  }
  if (page.rows.length) add(table, 'caption', {textContent: page.caption});
  for (const r of page.rows) {
    const line = add(table, 'tr');
    add(line, 'th', {scope: 'row', textContent: r.name}); r.cell = add(line, 'td');
  }
  for (const note of page.notes) add(root, 'p', {textContent: note});

  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const paint = () => {
    const night = page.theme === 'dark' || (page.theme === 'auto' && dark.matches);
    const [back, text, grid, faint] = night ? ['#15181d', '#e6e8eb', '#454c55', '#a3abb5'] : ['#ffffff', '#1f2328', '#d3d7dc', '#59636e'];
    for (const [name, colour] of Object.entries({back, text, faint})) root.style.setProperty('--' + name, colour);
    root.style.colorScheme = night ? 'dark' : 'light';
    if (page.page) document.body.style.background = back;
    const change = {paper_bgcolor: back, plot_bgcolor: back, 'font.color': text};
    for (const axis of Object.keys(gd.layout)) {
      if (/^[xy]axis\d*$/.test(axis)) { change[axis + '.gridcolor'] = grid; change[axis + '.linecolor'] = grid; change[axis + '.zerolinecolor'] = grid; }
      if (axis === 'scene') for (const a of 'xyz') change[`scene.${a}axis.gridcolor`] = grid;
    }
    return Plotly.relayout(gd, change);
  };
  dark.addEventListener('change', paint);
  gd.setAttribute('role', 'figure'); gd.setAttribute('aria-label', root.getAttribute('aria-label'));
  const frame = (() => { try { return window.frameElement; } catch { return null; } })();
  if (frame && page.page) new ResizeObserver(() => { frame.style.height = Math.ceil(root.getBoundingClientRect().height) + 2 + 'px'; }).observe(root);
  gd.upliftPage = {choose, get choice() { return [...choice]; }};
  paint().then(soon).then(() => { root.dataset.ready = 'true'; });
}

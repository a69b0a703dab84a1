// Brings plotly.js to a page and draws its figures as soon as it is there (uplift.look.web). Called once per page as
// plots({cdn, integrity, copy}): addresses of the library; `copy` lies on the machine that wrote the page, or is null.
// A page that carries the library calls plots({}). Then uplift_plot(id, {data, layout}, script) draws each figure.
({cdn, integrity, copy}) => {
  const WAIT = 10000;                                    // ms: a network that swallows requests never answers
  const load = src => new Promise((done, fail) => {
    const script = Object.assign(document.createElement('script'), {src, onload: done, onerror: fail});
    if (src === cdn) Object.assign(script, {integrity, crossOrigin: 'anonymous'});
    setTimeout(fail, WAIT);
    document.head.append(script);
  });

  // from a disk the copy on it, which needs no network; else the CDN; else a copy beside the page
  const beside = 'plotly.min.js', disk = document.baseURI.startsWith('file:');
  const ways = (disk ? [copy, beside, cdn] : [cdn, beside]).filter(Boolean);
  const there = () => Boolean(window.Plotly);
  const tried = ways.reduce((before, src) => before.then(() => there() || load(src).catch(() => {})), Promise.resolve());

  const WORDS = 'This figure needs plotly.js, which could not be loaded. Connect to the network and reload, or put ' +
    'plotly.min.js beside this page, or write the page again with offline=True (--offline in a terminal).';
  const lost = gd => {
    gd.textContent = WORDS;
    gd.setAttribute('role', 'alert');
    gd.style.cssText = 'padding: 16px; font: 15px/1.5 system-ui, sans-serif; max-width: 60ch';
    gd.parentNode.dataset.ready = 'lost';
  };
  window.uplift_plot = (id, {data, layout}, script) => tried.then(() => {
    const gd = document.getElementById(id);
    if (!there()) return lost(gd);
    return Plotly.newPlot(gd, data, layout, {displaylogo: false, responsive: true}).then(() => fit(gd)).then(script);
  });

  // --- narrow pages: panels that stand side by side are stacked, and come back where there is room
  const NARROW = 560, GAP = 52;                           // pixels
  const panelsOf = ({layout}) => Object.keys(layout).flatMap(key => {
    const whole = [0, 1], part = layout[key];
    if (/^scene\d*$/.test(key))
      return [{x: `${key}.domain.x`, y: `${key}.domain.y`, from: {x: part.domain?.x ?? whole, y: part.domain?.y ?? whole}, wide: whole}];
    if (!/^xaxis\d*$/.test(key)) return [];
    const other = 'yaxis' + (part.anchor ?? 'y').slice(1), from = {x: part.domain ?? whole, y: layout[other]?.domain ?? whole};
    return [{x: `${key}.domain`, y: `${other}.domain`, from, wide: part.showticklabels === false ? whole : [0.13, 0.98]}];
  });
  const sideBySide = panels => panels.some(({from: a}, i) => panels.some(({from: b}, k) => i < k && a.y[0] < b.y[1] && b.y[0] < a.y[1]));
  const stack = (panels, height) => {                     // new places `to`, and the height of all, pixels
    const order = [...panels].sort((a, b) => b.from.y[1] - a.from.y[1] || a.from.x[0] - b.from.x[0]);
    const tall = order.map(({from: {y}}) => Math.max(150, 0.68 * height * (y[1] - y[0])));
    const all = tall.reduce((sum, t) => sum + t + GAP, 0);
    let top = all - GAP / 2;
    order.forEach((p, i) => { p.to = {x: p.wide, y: [(top - tall[i]) / all, top / all]}; top -= tall[i] + GAP; });
    return all;
  };
  const titles = (gd, panels) => (gd.layout.annotations ?? []).flatMap((note, i) => {
    const far = ({from}) => Math.abs(note.x - from.x[0]) + Math.abs(note.y - from.y[1]);
    const panel = panels.reduce((a, b) => far(b) < far(a) ? b : a);
    return far(panel) < 0.06 ? [{i, panel, x: note.x, y: note.y}] : [];
  });
  const fit = gd => {
    const box = gd.parentNode, panels = panelsOf(gd), tall = parseFloat(gd.style.height), side = sideBySide(panels);
    const notes = panels.length ? titles(gd, panels) : [], all = side ? stack(panels, tall) : tall;
    let narrow = false, wide = gd.clientWidth;
    const arrange = () => {
      if (gd.clientWidth === wide) return null;
      wide = gd.clientWidth;
      const now = side && box.clientWidth < NARROW, change = {autosize: true, height: null, width: null};
      if (now === narrow) return Plotly.Plots.resize(gd);
      narrow = now;
      gd.style.height = `${now ? all : tall}px`;
      for (const p of panels) Object.assign(change, {[p.x]: (now ? p.to : p.from).x, [p.y]: (now ? p.to : p.from).y});
      for (const {i, panel, x, y} of notes)
        Object.assign(change, {[`annotations[${i}].x`]: now ? panel.to.x[0] : x, [`annotations[${i}].y`]: now ? panel.to.y[1] + 0.005 : y});
      return Plotly.relayout(gd, change).then(() => Plotly.Plots.resize(gd));
    };
    new ResizeObserver(arrange).observe(gd);
    wide = 0;
    return arrange();
  };
}

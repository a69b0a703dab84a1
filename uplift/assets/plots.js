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
    return Plotly.newPlot(gd, data, layout, {displaylogo: false, responsive: true}).then(script);
  });
}

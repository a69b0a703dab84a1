// A live plotly figure (uplift.look.live): the five megabytes that draw it come from the kernel when it is shown, once
// per page, so that no saved notebook carries them. Without a kernel the figure of the saved state is drawn, unmoving.
const WAIT = 15000;                                       // ms until a kernel counts as gone

const ask = model => new Promise((done, fail) => {        // the bundle of plotly's own widget, as a module
  const hear = (message, buffers) => {
    if (message?.kind !== 'bundle') return;
    model.off('msg:custom', hear);
    const url = URL.createObjectURL(new Blob([buffers[0]], {type: 'text/javascript'}));
    import(url).then(done, fail).finally(() => URL.revokeObjectURL(url));
  };
  model.on('msg:custom', hear);
  setTimeout(() => fail(new Error('no kernel answers')), WAIT);
  model.send({kind: 'bundle'});
});

const bundles = globalThis.upliftBundles ??= new Map();   // version -> promise of the module
const bundle = model => {
  const version = model.get('version');
  if (!bundles.has(version)) bundles.set(version, ask(model));
  return bundles.get(version).catch(() => { bundles.delete(version); return null; });
};

const still = async ({model, el}) => {                    // from the CDN, or in words
  const words = 'This figure is drawn by its kernel: run the cell again.';
  try {
    if (!globalThis.Plotly) await new Promise((done, fail) => {
      const src = `https://cdn.plot.ly/plotly-${model.get('version')}.min.js`;
      document.head.append(Object.assign(document.createElement('script'), {src, onload: done, onerror: fail}));
    });
    const plain = v => v?.dtype && v?.value ? Array.from(new ({float32: Float32Array, float64: Float64Array, int8: Int8Array, uint8: Uint8Array,
      int16: Int16Array, uint16: Uint16Array, int32: Int32Array, uint32: Uint32Array}[v.dtype])(v.value.buffer ?? v.value))
      : Array.isArray(v) ? v.map(plain) : v && typeof v === 'object' && !ArrayBuffer.isView(v)
        ? Object.fromEntries(Object.entries(v).map(([k, o]) => [k, plain(o)])) : v;
    await globalThis.Plotly.newPlot(el, plain(model.get('_widget_data')), plain(model.get('_widget_layout')), {displaylogo: false});
  } catch { el.append(words); }
};

export default () => {
  let inner = null;
  return {
    async initialize({model}) {
      inner = (await bundle(model))?.default() ?? null;
      inner?.initialize({model});
    },
    render: parts => inner ? inner.render(parts) : still(parts),
  };
};

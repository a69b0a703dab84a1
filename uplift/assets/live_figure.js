// A live plotly figure (uplift.look.live): the five megabytes that draw it come from the kernel when it is shown, once
// per page, so that no saved notebook carries them. Without a kernel the figure of the saved state is drawn, unmoving.
const WAIT = 60000, PATIENCE = 4000;                      // ms until a kernel counts as gone, until a still is drawn

const ask = (model, need) => new Promise((done, fail) => { // the module of plotly's own widget, or null: not needed
  const load = async zipped => {
    const unzipped = new Blob([zipped]).stream().pipeThrough(new DecompressionStream('gzip'));
    const code = new Blob([await new Response(unzipped).blob()], {type: 'text/javascript'});
    return import(URL.createObjectURL(code));
  };
  const hear = (message, buffers) => {
    if (message?.kind !== 'bundle') return;
    model.off('msg:custom', hear);
    (need ? load(buffers[0]) : Promise.resolve(null)).then(done, fail);
  };
  model.on('msg:custom', hear);
  setTimeout(() => fail(new Error('no kernel answers')), WAIT);
  model.send({kind: 'bundle', need});                     // the state as it is by now comes first
});

const bundles = globalThis.upliftBundles ??= new Map();   // version -> promise of the module
const bundle = async model => {
  const version = model.get('version'), asked = ask(model, !bundles.has(version));
  if (!bundles.has(version)) bundles.set(version, asked);
  try { await asked; return await bundles.get(version); }
  catch (e) { bundles.delete(version); console.warn(`uplift: ${e.message}`); return null; }
};

const ARRAYS = {float32: Float32Array, float64: Float64Array, int8: Int8Array, uint8: Uint8Array, int16: Int16Array,
  uint16: Uint16Array, int32: Int32Array, uint32: Uint32Array};
const plain = v => {                                      // numpy's arrays in a saved state, as lists
  if (v?.dtype && v.value) return Array.from(new ARRAYS[v.dtype](v.value.buffer ?? v.value));
  if (Array.isArray(v)) return v.map(plain);
  if (!v || typeof v !== 'object' || ArrayBuffer.isView(v)) return v;
  return Object.fromEntries(Object.entries(v).map(([key, inner]) => [key, plain(inner)]));
};

const still = async ({model, el}) => {                    // from the CDN, or in words
  const words = 'This figure is drawn by its kernel: run the cell again.';
  try {
    if (!globalThis.Plotly) await new Promise((done, fail) => {
      const src = `https://cdn.plot.ly/plotly-${model.get('version')}.min.js`;
      document.head.append(Object.assign(document.createElement('script'), {src, onload: done, onerror: fail}));
    });
    const [data, layout] = ['_widget_data', '_widget_layout'].map(key => plain(model.get(key)));
    await globalThis.Plotly.newPlot(el, data, layout, {displaylogo: false});
  } catch { el.append(words); }
};

export default () => {
  let coming = null;                                      // nothing waits for it here: the kernel's answer comes later
  return {
    initialize({model}) {
      coming = bundle(model).then(module => {
        const inner = module?.default();
        inner?.initialize({model});
        return inner;
      });
    },
    async render(parts) {
      const inner = await Promise.race([coming, new Promise(done => setTimeout(done, PATIENCE))]);
      if (inner) return inner.render(parts);
      const drawn = still(parts);                         // meanwhile, or for good
      coming.then(async late => {
        if (!late) return;
        await drawn;
        globalThis.Plotly?.purge(parts.el);
        parts.el.replaceChildren();
        late.render(parts);
      });
    },
  };
};

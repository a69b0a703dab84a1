// Detection and lifting away from the page, so that it stays awake. The page sends one order:
//   {film: File} or {keypoints: text of a JSON file} or {clip}, and {name, detector, person, height, smooth};
// back come {doing: 'detect'|'lift', ...} as it goes on, then {clip, result}, or {failed: words}.
// The page ends a worker to cancel.
import {usableThreads} from './litert.js';

const here = path => new URL(path, import.meta.url).href;
const tell = message => postMessage(message);
const threads = usableThreads();
let known = null;                      // the table, once it is here

// The table of the site: the body, the skeletons, the network's settings.
async function table() { return known ??= await (await ask('table.json')).json(); }

async function ask(path) {
  const answer = await fetch(here(path)).catch(() => null);
  if (!answer?.ok) throw new Error(`${path} cannot be loaded (${answer ? answer.status : 'no connection'}): load the page again`);
  return answer;
}

// The lifter as run(feed, rows, frames) -> outputs.
async function network() {
  const [ort, {makeRun}] = await Promise.all([import('./vendor/ort/ort.wasm.min.mjs'), import('./network.js')]);
  ort.env.wasm.wasmPaths = here('vendor/ort/');
  ort.env.wasm.numThreads = threads;
  const model = new Uint8Array(await (await ask('model.onnx')).arrayBuffer());
  const session = await ort.InferenceSession.create(model, {executionProviders: ['wasm']});
  return makeRun(session, ort);
}

// Film -> clip, one frame in memory at a time.
async function detect(file, {detector, person}) {
  const [{openFilm}, {BlazePose}, {detectFilm}] =
    await Promise.all([import('./film.js'), import('./blazepose.js'), import('./detect.js')]);
  const film = await openFilm(file);
  try {
    const people = await BlazePose.load({base: here('models/'), detector, wasm: here('vendor/litert/'), threads});
    const progress = (done, total, fps) => tell({doing: 'detect', done, total, fps});
    return await detectFilm(film, people, {person, progress});
  } finally { film.close(); }
}

// Text of a keypoints file -> clip.
async function read(text, name) {
  const {readClip} = await import('./clip.js');
  let data;
  try { data = JSON.parse(text); }
  catch (e) { throw new Error(`this is not JSON (${e.message}): a keypoints file is JSON, a film MP4, MOV or WebM`); }
  const clip = readClip(data, await table(), name);
  return data.firstFrame ? {...clip, firstFrame: data.firstFrame} : clip;
}

onmessage = async ({data: order}) => {
  try {
    const clip = order.clip ?? (order.film ? await detect(order.film, order) : await read(order.keypoints, order.name));
    clip.name = order.name;
    tell({clip});
    const [{lift}, all, run] = await Promise.all([import('./lift.js'), table(), network()]);
    const progress = (part, words) => tell({doing: 'lift', part, words});
    const {height, smooth} = order;
    tell({clip, result: await lift(clip, all, run, {height, smooth, progress})});
  } catch (e) { tell({failed: e?.message || String(e), kind: e?.name}); }
};

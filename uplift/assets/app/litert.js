// Networks in tflite files, run by LiteRT.js on the cores of this machine, in a page or in a module worker.
import {fetched} from './fetched.js';

let loading = null;                 // one runtime a worker: {lib, threads}

/** LiteRT.js from a folder `wasm`, with threads where the page may have them. */
export function loadRuntime(wasm, threads) {
  return loading ??= start(folder(wasm), threads).catch(e => { loading = null; throw e; });
}

const folder = address => new URL(address.endsWith('/') ? address : address + '/', self.location.href).href;

/** Cores to use: what is asked for or four, and one where memory cannot be shared. */
export function usableThreads(asked) {
  if (!globalThis.crossOriginIsolated) return 1;
  return Math.max(1, Math.min(asked ?? 4, navigator.hardwareConcurrency || 1));
}

async function start(base, threads) {
  if (typeof WebAssembly !== 'object')
    throw new Error('this browser has no WebAssembly, which the networks need: use a current one');
  const lib = await importLibrary(base), fast = await lib.supportsFeature('relaxedSimd');
  const cores = fast && await lib.supportsFeature('threads') ? usableThreads(threads) : 1;
  await lib.loadLiteRt(base, {threads: cores > 1});
  return {lib, threads: cores};
}

/** Its module names another package for loading scripts, without module workers: ours takes its place. */
async function importLibrary(base) {
  const ours = new URL('./wasm_lib.js', import.meta.url).href;
  const text = await (await fetched(base + 'index.js')).text();
  const url = URL.createObjectURL(new Blob([text.replace('"@litertjs/wasm-utils"', JSON.stringify(ours))],
                                           {type: 'text/javascript'}));
  try { return await import(url); } finally { URL.revokeObjectURL(url); }
}

/** A function from an input Float32Array of a shape to the network's outputs by name, Float32Arrays. */
export async function loadNetwork(base, name, wasm, threads) {
  const runtime = await loadRuntime(wasm, threads), {lib} = runtime;
  const bytes = new Uint8Array(await (await fetched(folder(base) + name)).arrayBuffer());
  const how = {accelerator: 'wasm', cpuOptions: {numThreads: runtime.threads}};
  const net = await lib.loadAndCompile(bytes, how);
  const run = async (x, shape) => {
    const input = new lib.Tensor(x, shape);
    try { return read(await net.run({[net.getInputDetails()[0].name]: input})); }
    finally { input.delete(); }
  };
  run.threads = runtime.threads;
  run.close = () => net.delete();
  return run;
}

/** Outputs copied out of the runtime's memory, which is given back. */
function read(outputs) {
  const copied = {};
  for (const [name, tensor] of Object.entries(outputs)) {
    copied[name] = tensor.toTypedArray();
    tensor.delete();
  }
  return copied;
}

// What LiteRT.js loads its WebAssembly with: as @litertjs/wasm-utils, in module workers too.
import {fetched} from './fetched.js';

/** An object of class Lib over the WebAssembly that the script at `address` makes. */
export async function createWasmLib(Lib, address) {
  const text = await (await fetched(address)).text(), type = {type: 'text/javascript'};
  const url = URL.createObjectURL(new Blob([text, '\nexport default ModuleFactory;'], type));
  try {
    const factory = (await import(url)).default;
    return new Lib(await factory({
      locateFile: name => new URL(name, address).href, printErr: told,
      mainScriptUrlOrBlob: new Blob([text], type)}));          // what each thread runs
  } finally { URL.revokeObjectURL(url); }
}

/** What the runtime tells: errors are errors, the rest is for who looks closely. */
const told = line => (/^(INFO|WARNING)\b/.test(line) ? console.debug : console.error)(line);

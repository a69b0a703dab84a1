// A zip of a few small files, packed by the browser (or by Node): what an npz is.

const CRC = Uint32Array.from({length: 256}, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xEDB88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

// The check sum of bytes (CRC-32).
export function crc32(bytes) {
  let c = 0xFFFFFFFF;
  for (const b of bytes) c = CRC[(c ^ b) & 255] ^ (c >>> 8);
  return (c ^ 0xFFFFFFFF) >>> 0;
}

// The bytes of an array of numbers.
export const bytesOf = x => new Uint8Array(x.buffer, x.byteOffset, x.byteLength);

// Bytes one after the other.
export function joined(parts) {
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const p of parts) { out.set(p, at); at += p.length; }
  return out;
}

// Bytes deflated; as they are where the browser cannot.
async function packed(bytes) {
  if (typeof CompressionStream === 'undefined') return {method: 0, data: bytes};
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return {method: 8, data: new Uint8Array(await new Response(stream).arrayBuffer())};
}

// Numbers of 2 and 4 bytes, as zip writes them: list of [bytes, number].
function record(...fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, x] of fields) {
    if (size === 2) view.setUint16(at, x, true); else view.setUint32(at, x, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}

const DATE = (1 << 5) | 1;               // the first of January 1980, as numpy writes it

// Files {name: bytes} as one zip.
export async function zip(files) {
  const parts = [], directory = [];
  let at = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const title = new TextEncoder().encode(name), {method, data} = await packed(bytes);
    const about = [[2, 20], [2, 0], [2, method], [2, 0], [2, DATE], [4, crc32(bytes)], [4, data.length],
      [4, bytes.length], [2, title.length], [2, 0]];
    const head = record([4, 0x04034B50], ...about);
    const where = [[2, 0], [2, 0], [2, 0], [4, 0], [4, at]];
    directory.push(record([4, 0x02014B50], [2, 20], ...about, ...where), title);
    parts.push(head, title, data);
    at += head.length + title.length + data.length;
  }
  const list = joined(directory), count = directory.length / 2;
  const counts = [[2, count], [2, count], [4, list.length], [4, at], [2, 0]];
  const end = record([4, 0x06054B50], [2, 0], [2, 0], ...counts);
  return joined([...parts, list, end]);
}

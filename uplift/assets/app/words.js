// Words of the page: what is said of times, sizes and failures.

// An element of the page by its id.
export const $ = id => document.getElementById(id);

// A new element with its attributes and children; text is text, never markup.
export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// The line under the work: news, or (bad) what went wrong.
export function say(text, bad = false) {
  $('message').textContent = text;
  $('message').classList.toggle('bad', bad);
}

// Seconds in words: '8 s', '2 min 5 s'.
export function duration(seconds) {
  const s = Math.max(0, Math.round(seconds));
  return s < 60 ? `${s} s` : `${Math.floor(s / 60)} min ${s % 60} s`;
}

// Bytes in words: '14 MB'.
export const size = bytes => bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

// How far the detection is: '120 of 230 frames, 52 %, 14 frames per second, 8 s left'.
export function progressWords(done, total, fps) {
  const rate = fps >= 10 ? fps.toFixed(0) : fps.toFixed(1);
  if (!(total > 0)) return `${done} frames, ${rate} frames per second`;
  const left = fps > 0 && done > 2 ? `, ${duration((total - done) / fps)} left` : '';
  return `${done} of ${total} frames, ${Math.floor(100 * Math.min(1, done / total))} %, ${rate} frames per second${left}`;
}

// A file name's stem, fit to name what is downloaded.
export const stem = name => (name || 'film').replace(/\.[^.]*$/, '').replace(/[^\p{L}\p{N}._-]+/gu, '-') || 'film';

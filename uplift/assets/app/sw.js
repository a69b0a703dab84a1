// Keeps the site on this machine, so that it works without a network, and adds the two headers with which a browser
// lets WebAssembly use several cores, so that any place that serves files will do. The builder writes the version.
const VERSION = '@VERSION@', CACHE = `uplift-${VERSION}`;
const home = new URL('./', self.location).href;

self.addEventListener('install', () => { if (!self.registration.active) self.skipWaiting(); });
self.addEventListener('activate', event => event.waitUntil((async () => {
  const old = (await caches.keys()).filter(name => name.startsWith('uplift-') && name !== CACHE);
  await Promise.all(old.map(name => caches.delete(name)));
  await self.clients.claim();
})()));

// The answer with COOP and COEP; one with no body stays as it is.
function isolated(answer) {
  if (answer.type === 'opaque' || answer.type === 'error' || answer.status === 304) return answer;
  const headers = new Headers(answer.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  return new Response(answer.body, {status: answer.status, statusText: answer.statusText, headers});
}

// Kept first, then the network; what comes whole from there is kept.
async function serve(request) {
  const cache = await caches.open(CACHE), url = new URL(request.url), plain = url.origin + url.pathname;
  const key = plain.endsWith('/') ? plain + 'index.html' : plain;
  const kept = await cache.match(key);
  if (kept) return isolated(kept);
  const answer = await fetch(request);
  if (answer.status === 200) await cache.put(key, answer.clone()).catch(() => {});     // a full disk keeps nothing
  return isolated(answer);
}

self.addEventListener('fetch', event => {
  const {request} = event;
  if (request.method === 'GET' && request.url.startsWith(home)) event.respondWith(serve(request));
});

// The page asks to keep files; each that is there is told.
self.addEventListener('message', event => {
  const {keep} = event.data, page = event.source;
  if (!keep) return;
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    let done = 0;
    for (const path of keep) {
      const url = new URL(path, home).href;
      try { if (!await cache.match(url)) await cache.add(new Request(url, {cache: 'no-cache'})); done++; } catch { break; }
      page.postMessage({kept: done, of: keep.length});
    }
    if (done < keep.length) page.postMessage({lacking: keep[done]});
  })());
});

// The page without a network: it registers the service worker, loads itself again once for its headers, keeps the site.
import {$, size} from './words.js';

const ONCE = 'uplift-loaded-again';

// Start to keep the site; busy() tells whether work would be lost by loading again.
export async function keepSite(site, busy) {
  if (!navigator.serviceWorker) return;
  navigator.serviceWorker.addEventListener('message', ({data}) => tell(data, site));
  try { await navigator.serviceWorker.register('sw.js'); } catch { return; }     // a private window may refuse
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller)
    await new Promise(done => navigator.serviceWorker.addEventListener('controllerchange', done, {once: true}));
  if (!self.crossOriginIsolated && !sessionStorage.getItem(ONCE) && !busy()) {
    sessionStorage.setItem(ONCE, 'yes');
    return location.reload();
  }
  const keep = site.files.filter(file => !file.later).map(file => file.name);
  navigator.serviceWorker.controller?.postMessage({keep});
}

function tell(data, site) {
  if (data.lacking) $('offline').textContent = `Works only online: ${data.lacking} could not be kept on this machine.`;
  if (!data.kept) return;
  const now = site.files.filter(file => !file.later), all = now.reduce((sum, file) => sum + file.bytes, 0);
  const later = site.files.some(file => /heavy/.test(file.name)) ? '; the careful detector once it was used' : '';
  $('offline').textContent = data.kept < data.of ? `Keeping the site for work without a network: ${data.kept} of ${data.of} files.`
    : `Kept on this machine (${size(all)}): works without a network${later}.`;
  $('offline').dataset.kept = data.kept === data.of ? 'all' : 'some';
}

// Unpacks what uplift.export.skin put into a page, and starts the player on it; window.skin is the player.
(async () => {
  const held = id => document.getElementById(`uplift-${id}`)?.textContent;
  const place = document.getElementById('uplift-skin');
  const bytes = id => Uint8Array.from(atob(held(id)), c => c.charCodeAt(0));
  const unzipping = () => new DecompressionStream('gzip');
  const unzip = id => new Response(new Blob([bytes(id)]).stream().pipeThrough(unzipping()));
  try {
    if (!window.DecompressionStream) throw new Error('too old a browser: one of 2023 or later is needed');
    const [library, glb] = await Promise.all([unzip('three').text(), unzip('body').arrayBuffer()]);
    document.head.appendChild(document.createElement('script')).textContent = library;
    const told = JSON.parse(held('told'));
    const film = held('film') && new Blob([bytes('film')], {type: 'video/mp4'});
    const digit = h => [0, 1, 2, 3].map(k => parseInt(h, 16) >> k & 1);
    const contact = told.contact && [...told.contact].flatMap(digit);
    window.skin = new UpliftSkin(place, {...told, glb, film, contact, level: 1});
  } catch (e) { place.textContent = `The player could not start: ${e.message}`; }
})();

// Unpacks what uplift.export.skin put into a page, and starts the player on it; window.skin is the player.
(async () => {
  const place = document.getElementById('uplift-skin'), told = JSON.parse(document.getElementById('uplift-told').textContent);
  const bytes = id => Uint8Array.from(atob(document.getElementById(id).textContent), c => c.charCodeAt(0));
  const unzip = id => new Response(new Blob([bytes(id)]).stream().pipeThrough(new DecompressionStream('gzip')));
  try {
    if (!window.DecompressionStream) throw new Error('this browser is too old: one of 2023 or later is needed');
    const [library, glb] = await Promise.all([unzip('uplift-three').text(), unzip('uplift-body').arrayBuffer()]);
    document.head.appendChild(document.createElement('script')).textContent = library;
    const film = document.getElementById('uplift-film') && new Blob([bytes('uplift-film')], {type: 'video/mp4'});
    const contact = told.contact && [...told.contact].flatMap(h => [0, 1, 2, 3].map(k => parseInt(h, 16) >> k & 1));
    window.skin = new UpliftSkin(place, {...told, glb, film, contact});
  } catch (e) { place.textContent = `The player could not start: ${e.message}`; }
})();

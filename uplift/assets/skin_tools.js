// Words, colours and small functions of the player in skin.js.
{
  const WORDS = {
    player: 'Moving body', play: 'Play', pause: 'Pause', back: 'One frame back', ahead: 'One frame ahead',
    time: 'Time', speed: 'Speed', loop: 'Loop', view: 'Show', skin: 'skin', bones: 'bones', both: 'both',
    axis: 'Turning axis', none: 'none', reset: 'Reset view', follow: 'Follow', film: 'Film', frame: 'frame',
    unseen: 'nobody seen, pose held', stands: 'stands on', air: 'no foot on the floor',
    keys: 'Space: play. Arrows: one frame, with shift ten. W A S D: turn. + and \u2212: nearer, farther. ' +
          '0: reset.',
    noGl: 'No 3D in this browser (WebGL is switched off or missing): bones are drawn instead of the skin.',
    badFile: 'The body could not be read',
    noFilm: 'This browser cannot play the film; the body plays without it.',
  };
  const FEET = ['left toe', 'right toe', 'left heel', 'right heel'];
  // Left, right, middle; a picked joint; feet that stand; the world's axes.
  const COLOURS = {left: '#2878b5', right: '#e07b26', mid: '#8a8a8a', picked: '#c2185b', stands: '#00957a',
                   x: '#d0342c', y: '#2e8b3d', z: '#3b6fd8'};
  const THEMES = {
    light: {back: '#f7f6f4', grid: '#c9c6c0', sky: '#ffffff', ground: '#8a8f98', skin: '#b4bfca'},
    dark: {back: '#17191c', grid: '#3d4249', sky: '#dfe6ee', ground: '#30353c', skin: '#a9b6c4'},
  };

  // A new element in another; attributes that are null are left out, text is not HTML.
  const add = (parent, tag, attributes = {}, text = '') => {
    const node = parent.appendChild(document.createElement(tag));
    for (const [k, v] of Object.entries(attributes)) if (v !== null) node.setAttribute(k, v);
    if (text) node.textContent = text;
    return node;
  };
  const plain = name => name.replaceAll('_', ' ');
  const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
  const placeOf = bone => new THREE.Vector3().setFromMatrixPosition(bone.matrixWorld);   // metres
  const sideOf = name => name.startsWith('left') ? 'left' : name.startsWith('right') ? 'right' : 'mid';
  const isFinger = j => j >= 22;                            // the body's own joints come first

  // Whether the system of the reader is dark, or what the page asks for.
  const isDark = theme => theme === 'dark' ||
    (theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);

  // How WebGL draws here: 'none', 'software' or 'hardware'.
  const drawsIn3D = () => {
    const gl = document.createElement('canvas').getContext('webgl2');
    if (!gl) return 'none';
    const told = gl.getExtension('WEBGL_debug_renderer_info');
    const name = gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
    gl.getExtension('WEBGL_lose_context')?.loseContext();
    return /swiftshader|llvmpipe|software|basic render/i.test(name) ? 'software' : 'hardware';
  };

  UpliftSkin.tools = {WORDS, FEET, COLOURS, THEMES, add, plain, clamp, placeOf, sideOf, isFinger, isDark,
                      drawsIn3D};
}

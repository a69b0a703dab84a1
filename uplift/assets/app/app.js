// The page that lifts a film: what is pressed becomes an order to the worker, what comes back is shown.
import {$, make, say, progressWords, duration, stem} from './words.js';
import {Curves, angleNames, fillRanges, plainName as plain} from './charts.js';
import {openWebcam, closeWebcam, record} from './webcam.js';
import {keepSite} from './offline.js';
import {showHero, Figure} from './figure.js';
import {angles as jointAngles, rangeOfMotion} from './angles.js';
import {toNpz, toCsv, toBvh, toGltf} from './files.js';

// What the page has, for those who look at it from outside.
const app = window.upliftApp = {state: 'starting', clip: null, result: null, angles: null, source: null, options: null};
let worker = null, figure = null, curves = null;

async function ask(path, kind = 'json') {
  const answer = await fetch(path).catch(() => null);
  if (!answer?.ok) throw new Error(`${path} is not there: build the site again (uplift_app build)`);
  return answer[kind]();
}

// ---- options
const options = () => ({detector: $('detector').value, person: $('person').value === '' ? null : +$('person').value,
  smooth: $('smooth').value, height: $('height').value === '' ? null : +$('height').value});

function fillOptions(site) {
  $('person').replaceChildren(...['the largest', 'the second', 'the third', 'the fourth'].map((words, i) =>
    make('option', {value: i ? i : ''}, words)));
  const words = {full: 'quick', heavy: 'careful'};
  $('detector').replaceChildren(...site.detectors.map(name => make('option', {value: name}, words[name] ?? name)));
  $('about').textContent = `uplift ${site.version}, ${site.licence}`;
}

// ---- work
// Lift a File: a film, or JSON with keypoints.
async function open(file) {
  const text = /\.json$/i.test(file.name) || file.type === 'application/json';
  try { await begin(text ? {keypoints: await file.text()} : {film: file}, file.name, text ? null : file); } catch (e) { fail(e); }
}

// An order for the worker; source: the film to draw over, or null. What is shown stays until the order stands.
async function begin(order, name, source = app.source) {
  if (!$('height').checkValidity()) { $('height').focus(); return say('The height is between 0.5 and 2.5 metres.', true); }
  end();
  figure?.close(); figure = null;
  Object.assign(app, {state: 'working', clip: null, result: null, name, source, options: options()});
  app.hero?.pause();
  $('found').hidden = true; $('work').hidden = false;
  $('bar').removeAttribute('value');
  $('doing').textContent = 'Loading the networks';
  say('');
  worker = new Worker(new URL('worker.js', import.meta.url), {type: 'module'});
  worker.onmessage = ({data}) => hear(data);
  worker.onerror = event => hear({failed: event.message || 'the scripts of the page could not be loaded: load it again'});
  worker.postMessage({...order, ...app.options, name});
}

function end() { worker?.terminate(); worker = null; $('work').hidden = true; }

function hear(data) {
  if (data.doing === 'detect') {
    $('doing').textContent = `Finding the person: ${progressWords(data.done, data.total, data.fps)}`;
    if (data.total > 0) $('bar').value = data.done / data.total;
    app.rate = data.fps;
  }
  if (data.doing === 'lift') {
    $('doing').textContent = `Lifting: ${data.words ?? ''} ${Math.round(100 * data.part)} %`;
    $('bar').value = data.part;
  }
  if (data.clip) app.clip = data.clip;
  if (data.result) { end(); show(data.result).catch(fail); }
  if (data.failed !== undefined) fail(new Error(data.failed));
}

function fail(error) {
  end();
  app.state = 'failed';
  console.info(error);
  say(`${app.name ?? 'This page'}: ${error.message}`, true);
}

function cancel() {
  end();
  app.state = 'cancelled';
  say(`${app.name}: cancelled.`);
  $('start-title').scrollIntoView({block: 'nearest'});
}

// ---- what was found
async function show(result) {
  app.result = result;
  app.angles = jointAngles(result, app.table);
  app.mesh ??= await ask('body.json');
  if (app.result !== result) return;
  const seen = result.valid.reduce((sum, v) => sum + v, 0);
  $('found-title').textContent = app.name;
  $('summary').textContent = summary(result, seen);
  $('found').hidden = false;
  curves?.close();
  curves = new Curves($('curve'), app.angles, frame => figure?.seek(frame));
  fillAngles();
  fillRanges($('ranges'), rangeOfMotion(app.angles));
  $('notes').replaceChildren(...assumed(result).map(note => make('li', {}, note)));
  offer(result);
  const lacking = await draw(result);
  if (app.result !== result) return;          // another film was chosen meanwhile
  moved(0);
  app.state = 'ready';
  say(lacking, true);
  $('found-title').focus({preventScroll: true});
  $('found').scrollIntoView({behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth'});
}

// The figure over and beside the film; '', or words for why there is none: angles and files do not need it.
async function draw(result) {
  const {clip, table, source: film} = app, glb = toGltf(result, app.mesh);
  try {
    figure = new Figure($('stage'), {result, clip, table, glb: glb.buffer, film}, moved);
    await figure.ready;
    $('show-body').disabled = !figure.overlay;             // without WebGL there is no body to lay over the film
    return '';
  } catch (e) {
    if (app.result !== result) return '';
    figure?.close(); figure = null;
    $('stage').replaceChildren();
    return `The body cannot be drawn in this browser (${e.message}). Angles and files are complete.`;
  }
}

function summary({T, fps, seconds, error, valid}, seen) {
  let sum = 0;
  for (let t = 0; t < T; t++) if (valid[t]) for (let j = 0; j < 22; j++) sum += error[22 * t + j] / 22;
  const rate = app.source && app.rate ? `, person found at ${app.rate.toFixed(1)} frames per second` : '';
  return `${T} frames, ${(T / fps).toFixed(1)} s at ${+fps.toFixed(2)} frames per second; person in ${seen} of them; `
    + `expected error of a joint ${(1000 * sum / Math.max(1, seen)).toFixed(0)} mm. Lifted in ${duration(seconds)}${rate}.`;
}

// The focal length, which decides the depth, and the notes of the lift.
function assumed(result) {
  return [`focal length ${result.focal[0].toFixed(0)} pixels`, ...(app.clip.notes ?? []), ...result.notes];
}

function fillAngles() {
  const names = angleNames(app.angles), old = $('angle').value;
  $('angle').replaceChildren(...names.map(name => make('option', {value: name}, plain(name))));
  $('angle').value = names.includes(old) ? old : names.includes('knee_flexion') ? 'knee_flexion' : names[0];
  curves.show($('angle').value);
}

// The figure stands at another frame: cursor and numbers follow.
function moved(frame) {
  app.frame = frame;
  const values = curves.move(frame).map(([side, v]) => make('span', {class: `${side}-word`},
    `${side === 'middle' ? '' : side + ' '}${Number.isFinite(v) ? v.toFixed(0) + '°' : '–'} `));
  $('reading').replaceChildren(...values, `at ${(frame / app.result.fps).toFixed(2)} s`);
}

// ---- files to take along, written when they are asked for
function offer(result) {
  const name = stem(app.name), writers = {
    npz: ['npz (all arrays)', () => toNpz(result)], csv: ['CSV (angles)', () => toCsv(app.angles)],
    bvh: ['BVH', () => toBvh(result, app.table)], glb: ['glTF', () => toGltf(result, app.mesh)],
    json: ['keypoints', () => keypoints(app.clip)]};
  $('downloads').replaceChildren(...Object.entries(writers).map(([ending, [words, write]]) => {
    const button = make('button', {type: 'button', 'data-ending': ending}, words);
    button.onclick = async () => {
      try { save(await write(), `${name}.${ending}`); } catch (e) { say(`${name}.${ending}: ${e.message}`, true); }
    };
    return button;
  }));
}

function save(content, name) {
  const url = URL.createObjectURL(new Blob([content], {type: 'application/octet-stream'}));
  make('a', {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

// A clip as the JSON that the page and Python read.
function keypoints({fps, size, skeleton, T, J, points, confidence, focal, centre}) {
  const each = (n, f) => Array.from({length: n}, (_, i) => f(i)), round = v => +v.toFixed(2);
  return JSON.stringify({fps, size, skeleton, ...(focal && {focal}), ...(centre && {centre}),
    keypoints: each(T, t => each(J, j => [round(points[2 * (t * J + j)]), round(points[2 * (t * J + j) + 1])])),
    confidence: each(T, t => each(J, j => round(confidence[t * J + j])))});
}

// ---- controls
function wire() {
  $('file').onchange = () => { if ($('file').files[0]) open($('file').files[0]); $('file').value = ''; };
  $('demo').onclick = () => demo().catch(fail);
  $('webcam').onclick = openWebcam;
  $('camera-off').onclick = closeWebcam;
  $('record').onclick = async () => {
    const film = await record(+$('seconds').value).catch(e => { say(`Webcam: ${e.message}`, true); });
    if (film) { closeWebcam(); open(film); }
  };
  $('cancel').onclick = cancel;
  $('angle').onchange = () => { curves.show($('angle').value); moved(app.frame ?? 0); };
  for (const what of ['body', 'points', 'close']) $(`show-${what}`).onchange = event => figure?.show(what, event.target.checked);
  for (const id of ['height', 'smooth']) $(id).onchange = again;
  addEventListener('dragover', event => { event.preventDefault(); document.body.classList.add('over'); });
  addEventListener('dragleave', event => { if (!event.relatedTarget) document.body.classList.remove('over'); });
  addEventListener('drop', event => {
    event.preventDefault();
    document.body.classList.remove('over');
    const files = [...event.dataTransfer.files];
    if (files.length === 1) open(files[0]);
    else if (files.length) say('One film at a time, please.', true);
  });
  addEventListener('pagehide', closeWebcam);
}

// The same points with another height or smoothing: no need to look at the film again.
function again() { if (app.state === 'ready' && app.clip) begin({clip: app.clip}, app.name).catch(fail); }

async function demo() {
  const [text, film] = await Promise.all([ask('demo.json', 'text'), app.site.demo ? ask(app.site.demo, 'blob').catch(() => null) : null]);
  app.rate = null;
  await begin({keypoints: text}, 'demo', film && new File([film], 'demo.mp4', {type: 'video/mp4'}));
}

async function start() {
  wire();
  $('motion').open = matchMedia('(min-width: 700px)').matches;
  [app.site, app.table] = await Promise.all([ask('site.json'), ask('table.json')]);
  fillOptions(app.site);
  app.state = 'waiting';
  showHero($('hero-stage'), 'hero.glb').then(skin => { app.hero = skin; }, () => { $('hero').hidden = true; });
  keepSite(app.site, () => app.state !== 'waiting');
}
start().catch(fail);

// Keypoints in; rotations, joints, shape and place out: the stages of `Lifter` (lift/13), one after another.
import {Body, JOINTS, POINTS} from './body.js';
import {doubts} from './doubts.js';
import {groundClip} from './ground.js';
import {personHint} from './network.js';
import {bridgedFrames, gapNotes, meanJitter, reprojectionNote, unseenNote} from './notes.js';
import {betasForHeight, checkHeight, findPelvis, locate, meanOfPoints} from './place.js';
import {refineBetas, refineClip, refinementNote} from './refine.js';
import {framesOf, mendSides, see} from './seen.js';
import {cutoffOf, smoothRotations} from './smooth.js';
import {holding, liftStretch, spread, stretches} from './stretches.js';

/** The body's shape by all stretches: the mean of their votes by length, of the given height if there is
    one. */
function shapeOf(body, parts, height, notes) {
  const all = parts.reduce((sum, p) => sum + p.T, 0);
  const mean = new Float64Array(body.betas);
  for (const p of parts)
    p.betas.forEach((b, i) => {
      mean[i] += (b * p.T) / all;
    });
  if (height === null) return mean;
  const {low, high} = body.extent(mean);
  const betas = betasForHeight(body, mean, height);
  notes.push(`height ${height.toFixed(2)} m given (estimated: ${(high - low).toFixed(2)} m)`);
  if (betas.some(b => Math.abs(b) > 5)) notes.push('so far from the mean body that its shape is a guess');
  return betas;
}

/** Tell the page how far it is, and let it hear that the user stopped. */
function teller(progress, signal) {
  return async (part, words) => {
    progress(part, words);
    await new Promise(resolve => setTimeout(resolve));
    signal?.throwIfAborted();
  };
}

/** A clip, lifted; run: see network.js. height: m; smooth: 'off', 'light', 'strong' or Hz; refine: turn
    joints onto
    the keypoints; gravity: null (found), [x, y, z] down in camera axes, s at which somebody stands, or false;
    progress(part, words); signal: of an AbortController. An Error says in words what is wrong with the
    clip. */
export async function lift(clip, table, run, options = {}) {
  const {progress = () => {}, signal, ...how} = options;
  const start = performance.now();
  const tell = teller(progress, signal);
  const mended = mendSides(clip, table);
  const result = await liftOnce(mended.clip, table, run, how, tell);
  if (mended.note) result.notes.push(mended.note);
  const plain = {height: how.height, refine: false, gravity: false};
  const quietly = teller(() => {}, signal);
  result.notes.push(
    ...(await doubts(mended.clip, result, other => liftOnce(other, table, run, plain, quietly))),
  );
  return {...result, seconds: (performance.now() - start) / 1000};
}

/** One clip, stage by stage. */
async function liftOnce(
  clip,
  table,
  run,
  {height = null, smooth = 'off', refine = true, gravity = null},
  tell,
) {
  const notes = [];
  const cutoff = cutoffOf(smooth);
  checkHeight(height);
  const seen = see(clip, table, notes);
  const pieces = stretches(seen);
  const some = pieces.map(([a, b]) => framesOf(seen, a, b));
  const rotations = new Float64Array(seen.T * 9 * JOINTS);
  const body = new Body(table.body);
  const person = personHint(height, body.betas);
  const parts = await readAll(run, table.config, person, rotations, pieces, some, tell);
  if (refine)
    parts.forEach((p, i) => {
      p.betas = refineBetas(body, p, some[i]);
    });
  const betas = shapeOf(body, parts, height, notes);
  body.take(betas);
  if (refine) notes.push(refinementNote(await refineAll(body, parts, some, tell)));
  if (cutoff) notes.push(steady(body, parts, seen.fps, cutoff));
  const pause = part => tell(0.8 + 0.2 * part, 'standing feet');
  const ground =
    gravity === false
      ? null
      : await groundClip(body, parts, betas, pieces, some, {gravity, move: refine, cutoff, notes, pause});
  return joined(clip, seen, pieces, parts, some, {body, betas, rotations, cutoff, ground, notes});
}

/** All stretches as the network sees them; their rotations are views of `rotations` (T, 22, 9). */
async function readAll(run, config, person, rotations, pieces, some, tell) {
  const parts = [];
  const T = rotations.length / (9 * JOINTS);
  for (const [i, [a, b]] of pieces.entries()) {
    const own = rotations.subarray(9 * JOINTS * a, 9 * JOINTS * b);
    const pause = part => tell((0.6 * (a + part * (b - a))) / T, 'network');
    parts.push(await liftStretch(run, some[i], config, person, own, pause));
  }
  return parts;
}

/** All stretches, turned onto their keypoints; what that changed, one record each. */
async function refineAll(body, parts, some, tell) {
  const changes = [];
  for (const [i, p] of parts.entries()) {
    p.pelvis = findPelvis(body, p.rotations, some[i]);
    changes.push(
      await refineClip(body, p, some[i], part => tell(0.6 + (0.2 * (i + part)) / parts.length, 'refinement')),
    );
  }
  return changes;
}

/** Smooth the rotations of every stretch, and say what became of the jitter. */
function steady(body, parts, fps, cutoff) {
  const before = meanJitter(body, parts, fps);
  for (const p of parts) {
    smoothRotations(p.rotations, JOINTS, fps, cutoff);
    p.pelvis = null;
  }
  const after = meanJitter(body, parts, fps);
  return `smoothed at ${cutoff} Hz: jitter of the joints ${before.toFixed(0)} -> ${after.toFixed(0)} m/s^3`;
}

/** One record from all stretches. */
function joined(clip, seen, pieces, parts, some, {body, betas, rotations, cutoff, ground, notes}) {
  const {T} = seen;
  const hold = holding(pieces, T);
  const joints = new Float64Array(T * 3 * JOINTS);
  const pelvis = new Float64Array(3 * T);
  const error = new Float64Array(T * JOINTS);
  const off = new Float32Array(T * POINTS).fill(NaN);
  const turnError = new Float32Array(T * JOINTS).fill(NaN);
  const contact = ground && new Float32Array(4 * T);
  parts.forEach((p, i) => {
    const [a, b] = pieces[i];
    const place = p.pelvis ?? findPelvis(body, p.rotations, some[i], cutoff);
    locate(
      body,
      p.rotations,
      place,
      some[i],
      joints.subarray(3 * JOINTS * a, 3 * JOINTS * b),
      off.subarray(POINTS * a, POINTS * b),
    );
    pelvis.set(place, 3 * a);
    error.set(p.error, JOINTS * a);
    if (p.told) turnError.set(p.told.turn, JOINTS * a);
    contact?.set(ground.contact[i], 4 * a);
  });
  const rows = [
    [rotations, 9 * JOINTS],
    [joints, 3 * JOINTS],
    [pelvis, 3],
    [error, JOINTS],
    [turnError, JOINTS],
  ];
  for (const [x, n] of contact ? [...rows, [contact, 4]] : rows) spread(x, n, hold);
  const bridged = bridgedFrames(seen, hold.valid);
  const transl = pelvis.map((v, i) => v - body.home[i % 3]);
  notes.push(...gapNotes(seen, pieces, bridged), ...unseenNote(seen, error), reprojectionNote(off, seen));
  return {
    name: clip.name,
    fps: clip.fps,
    T,
    size: seen.size,
    skeleton: clip.skeleton,
    points: clip.points,
    confidence: clip.confidence,
    focal: seen.focal,
    centre: seen.centre,
    firstFrame: clip.firstFrame ?? 0,
    slow: clip.slow ?? 1,
    rotations,
    betas,
    joints,
    transl,
    error,
    turnError,
    valid: hold.valid,
    bridged,
    reprojection: meanOfPoints(off),
    contact,
    gravity: ground?.gravity ?? null,
    cameraR: ground?.cameraR ?? null,
    cameraT: ground?.cameraT ?? null,
    notes,
  };
}

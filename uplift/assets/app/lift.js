// Keypoints in; rotations, joints, shape and place out: the stages of `Lifter` (lift/13), one after another.
import {Body, JOINTS} from './body.js';
import {groundClip} from './ground.js';
import {personHint} from './network.js';
import {betasForHeight, checkHeight, findPelvis, locate} from './place.js';
import {refineBetas, refineClip, refinementNote} from './refine.js';
import {framesOf, mendSides, see} from './seen.js';
import {cutoffOf, smoothRotations} from './smooth.js';
import {holding, liftStretch, spread, stretches} from './stretches.js';

/** The body's shape by all stretches: the mean of their votes by length, of the given height if there is one. */
function shapeOf(body, parts, height, notes) {
  const all = parts.reduce((sum, p) => sum + p.T, 0), mean = new Float64Array(body.betas);
  for (const p of parts) p.betas.forEach((b, i) => { mean[i] += b * p.T / all; });
  if (height === null) return mean;
  const {low, high} = body.extent(mean), betas = betasForHeight(body, mean, height);
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

/** A clip, lifted; run: see network.js. Options: height m, smooth, refine, gravity, progress(part, words), signal. */
export async function lift(clip, table, run, {height = null, smooth = 'off', refine = true, gravity = null,
                                              progress = () => {}, signal} = {}) {
  const start = performance.now(), notes = [], cutoff = cutoffOf(smooth), tell = teller(progress, signal);
  checkHeight(height);
  const mended = mendSides(clip, table), seen = see(mended.clip, table, notes), pieces = stretches(seen);
  const body = new Body(table.body), {config} = table, person = personHint(height, config.betas);
  const rotations = new Float64Array(seen.T * 9 * JOINTS), parts = [], some = pieces.map(([a, b]) => framesOf(seen, a, b));
  for (const [i, [a, b]] of pieces.entries()) {
    const own = rotations.subarray(9 * JOINTS * a, 9 * JOINTS * b);
    parts.push(await liftStretch(run, some[i], config, person, own, part => tell((a + part * (b - a)) / seen.T * .6, 'network')));
  }
  if (refine) parts.forEach((p, i) => { p.betas = refineBetas(body, p, some[i]); });
  const betas = shapeOf(body, parts, height, notes);
  body.take(betas);
  if (refine) notes.push(refinementNote(await refineAll(body, parts, some, tell)));
  if (cutoff) for (const p of parts) {
    smoothRotations(p.rotations, JOINTS, seen.fps, cutoff);
    p.pelvis = null;
  }
  await tell(.8, 'ground');
  const ground = gravity === false ? null : groundClip(body, parts, betas, pieces, some, {gravity, move: refine, cutoff, notes});
  const result = joined(clip, seen, pieces, parts, some, {body, betas, rotations, cutoff, ground, notes});
  if (mended.note) notes.push(mended.note);
  return {...result, seconds: (performance.now() - start) / 1000};
}

/** All stretches, turned onto their keypoints; what that changed, one record each. */
async function refineAll(body, parts, some, tell) {
  const changes = [];
  for (const [i, p] of parts.entries()) {
    await tell(.6 + .2 * i / parts.length, 'refinement');
    p.pelvis = findPelvis(body, p.rotations, some[i]);
    changes.push(refineClip(body, p, some[i]));
  }
  return changes;
}

/** One record from all stretches. */
function joined(clip, seen, pieces, parts, some, {body, betas, rotations, cutoff, ground, notes}) {
  const {T} = seen, joints = new Float64Array(T * 3 * JOINTS), pelvis = new Float64Array(3 * T), hold = holding(pieces, T);
  const error = new Float64Array(T * JOINTS), off = new Float64Array(T).fill(NaN);
  parts.forEach((p, i) => {
    const [a, b] = pieces[i], place = p.pelvis ?? findPelvis(body, p.rotations, some[i], cutoff);
    locate(body, p.rotations, place, some[i], joints.subarray(3 * JOINTS * a, 3 * JOINTS * b), off.subarray(a, b));
    pelvis.set(place, 3 * a);
    error.set(p.error, JOINTS * a);
  });
  for (const [x, n] of [[rotations, 9 * JOINTS], [joints, 3 * JOINTS], [pelvis, 3], [error, JOINTS]]) spread(x, n, hold);
  const contact = ground && new Float32Array(4 * T);
  if (contact) {
    pieces.forEach(([a], i) => contact.set(ground.contact[i], 4 * a));
    spread(contact, 4, hold);
  }
  const transl = pelvis.map((v, i) => v - body.home[i % 3]);
  return {name: clip.name, fps: clip.fps, T, size: seen.size, skeleton: clip.skeleton, points: clip.points,
          confidence: clip.confidence, focal: seen.focal, centre: seen.centre, rotations, betas, joints, transl, error,
          valid: hold.valid, reprojection: off, contact, gravity: ground?.gravity ?? null, cameraR: ground?.cameraR ?? null,
          cameraT: ground?.cameraT ?? null, notes};
}

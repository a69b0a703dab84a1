// From a film to the keypoints of one person in it, one frame in memory at a time, as detect_video in Python.
import {captureRate, clockNote, trueClock} from './clock.js';
import {PeopleTracker, trackClip} from './tracker.js';

/** Clip ('blazepose33') of a person of a film: null the largest, faster; 0 the largest of all, 1 the next.
 *  progress(done, total, fps) after each frame; fps: frames per second as they were taken, null: as the film
 *  tells; start, stop: first frame and frame to stop before. */
export async function detectFilm(film, runner, options = {}) {
  const {person = null, progress, signal, fps = null, start = 0, stop} = options;
  if (person !== null && !(Number.isInteger(person) && person >= 0))
    throw new Error(`person=${person}: count from 0, the largest person`);
  const rate = captureRate(film, fps), times = [], began = performance.now();
  const tracker = new PeopleTracker(runner, {fps: rate ?? film.fps, mainOnly: person === null});
  const total = Math.max(0, Math.min(stop ?? Infinity, film.frames || 0) - start);
  for await (const image of film.read({signal, start, stop})) {
    await tracker.push(times.length, image);
    times.push(image.time);
    const done = times.length;
    progress?.(done, Math.max(total, done), 1000 * done / (performance.now() - began));
    signal?.throwIfAborted();
  }
  if (!times.length) throw new Error(`'${film.name}' ends before frame ${start}: it holds no picture there`);
  return personClip(film, tracker.people(), person, trueClock(times, film.fps, rate));
}

/** The clip of one of the people, or an error that tells who was seen. */
function personClip(film, tracks, person, clock) {
  const {times, fps, slow} = clock;
  if (!tracks.length)
    throw new Error(`nobody was seen in '${film.name}' (${times.length} frames): film closer`);
  if ((person ?? 0) >= tracks.length)
    throw new Error(`person ${person}: '${film.name}' shows ${tracks.length}, counted from 0, largest first`);
  const name = film.name.replace(/\.[^.]*$/, '');
  const clip = trackClip(tracks[person ?? 0], times, {name, fps, size: film.size, slow});
  clip.notes.push(...[clockNote(fps, slow), film.trouble].filter(Boolean));
  return film.focal35 ? {...clip, ...lens(film.focal35, film.size)} : clip;
}

/** Focal length and centre, px, of a 35 mm equivalent focal length, mm: the diagonals agree. */
function lens(focal35, [w, h]) {
  const f = focal35 * Math.hypot(w, h) / Math.hypot(36, 24);
  return {focal: [f, f], centre: [w / 2, h / 2]};
}

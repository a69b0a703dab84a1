// The times of a film's frames, as uplift/data/video.py: even where the film's are not, and as it happened.
import {median} from './linear.js';

/** The rate of a film, and even times grid (N,) where its own (T,) s are not; null where they are. */
export function evenTimes(times, fps) {
  const steps = Array.from(times).slice(1).map((t, i) => t - times[i]), n = times.length;
  if (!steps.length || steps.some(s => s <= 0))
    return {fps: fps || 30, grid: null};                       // no clock to trust
  const mean = (times[n - 1] - times[0]) / (n - 1);
  const late = times.reduce((a, t, i) => Math.max(a, Math.abs(t - times[0] - mean * i)), 0);
  if (late < mean / 2) {
    const fits = fps && Math.abs(fps * mean - 1) * n < .5;
    return {fps: fits ? fps : 1 / mean, grid: null};
  }
  const usual = median(steps), near = steps.filter(s => Math.abs(s - usual) <= usual / 2);
  const step = near.reduce((a, s) => a + s, 0) / near.length;
  const count = Math.ceil((times[n - 1] + step / 2 - times[0]) / step);
  return {fps: 1 / step, grid: Float64Array.from({length: count}, (_, i) => times[0] + i * step)};
}

/** Points (T, J, 3), confidence 0 a gap, of times (T,) at those of a grid (N,): by confidence between frames,
 *  nothing in the middle of a long hold. */
export function pointsAt(points, joints, times, grid) {
  const step = grid[1] - grid[0], row = 3 * joints, out = new Float32Array(grid.length * row);
  let after = 1;
  grid.forEach((t, n) => {
    while (after < times.length - 1 && times[after] < t) after++;
    const weights = between(t, times[after - 1], times[after], step);
    for (let o = 0; o < row; o += 3) {
      const a = (after - 1) * row + o, b = a + row, to = n * row + o;
      const ca = weights[0] * points[a + 2], cb = weights[1] * points[b + 2], total = ca + cb;
      for (let k = 0; k < 2; k++)
        out[to + k] = (ca * points[a + k] + cb * points[b + k]) / (total || 1);
      out[to + 2] = total;
    }
  });
  return out;
}

/** How much the frames before and after a time count; a millionth, which is rounding, for nothing. */
function between(t, before, after, step) {
  const span = after - before, w = Math.min(1, Math.max(0, (t - before) / span));
  if (span <= 2.5 * step) return [1 - w, w].map(v => v < 1e-6 ? 0 : v);
  return [1 - w, w].map(v => Number((1 - v) * span <= step / 2));
}

/** The rate at which frames were taken where it is not the film's: given, or told by the camera; or null. */
export function captureRate({fps, captureFps}, given = null) {
  if (given !== null && given !== undefined) {
    if (given >= 1 && given <= 1000) return Number(given);
    throw new Error(`fps=${given}: give 1 to 1000 frames per second`);
  }
  if (captureFps >= 50 && fps && captureFps > 1.5 * fps) return captureFps;
  return fps ? null : 30;
}

/** Times (T,) s as it happened, fps and slow (the film plays so many times slower); rate: of captureRate. */
export function trueClock(times, fps, rate = null) {
  if (rate === null) return {times, fps, slow: 1};
  if (!fps) return {times: times.map((_, i) => i / rate), fps: rate, slow: 1};
  const slow = rate / evenTimes(times, fps).fps;
  return {times: times.map(t => t / slow), fps: rate, slow: Math.abs(slow - 1) > 1e-3 ? slow : 1};
}

/** A note on a film that plays at another speed than it happened; null where they agree to a hundredth. */
export function clockNote(fps, slow) {
  if (Math.abs(slow - 1) < .01) return null;
  const short = x => String(Number(x.toPrecision(4)));
  const what = slow > 1 ? 'slow motion' : 'time lapse';
  return `${what}: captured at ${short(fps)} fps, played at ${short(fps / slow)}`;
}

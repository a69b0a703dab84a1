// After the lift: does the body lie on its keypoints, and does it stand as people stand? (lift/12, in short:
// of other ways to read the points only the one with less expected error is told, not which of two it is.)
import {JOINTS} from './body.js';
import {median} from './linear.js';
import {personBox} from './seen.js';

const MISFIT = 0.1; // of the person's larger side: no body that fits is so far from its points
const SAMPLE = 64; // frames
const SURER = 0.85; // of the expected error: so much less when the points are read another way

const percent = x => `${(100 * x).toFixed(0)}%`;

/** Frames a to b - 1 of a clip. */
const partOf = (clip, a, b) => ({
  ...clip,
  T: b - a,
  points: clip.points.subarray(2 * clip.J * a, 2 * clip.J * b),
  confidence: clip.confidence.subarray(clip.J * a, clip.J * b),
});

/** First and last + 1 of the (at most 64) frames in which most was seen. */
function surestFrames({T, J, confidence}) {
  const sum = t => confidence.subarray(J * t, J * (t + 1)).reduce((total, c) => total + c, 0);
  let best = 0;
  let most = -Infinity;
  let now = 0;
  for (let t = 0; t < T; t++) {
    now += sum(t) - (t >= SAMPLE ? sum(t - SAMPLE) : 0);
    if (t >= SAMPLE - 1 && now > most) {
      most = now;
      best = t - SAMPLE + 1;
    }
  }
  return [best, Math.min(T, best + SAMPLE)];
}

/** Whether the body is where its keypoints are: a doubt in words, or null. */
function fitDoubt(clip, {valid, reprojection, skeleton}) {
  const off = [...reprojection.keys()]
    .filter(t => valid[t])
    .map(t => reprojection[t] / Math.max(...personBox(clip, t, clip.J).sides));
  const wrong = off.filter(o => o > MISFIT);
  const share = wrong.length / off.length;
  if (share <= MISFIT) return null;
  const usual = percent(median(wrong));
  const far =
    `the body is far from its keypoints in ${percent(share)} of the frames ` +
    `(median ${usual} of the person)`;
  return share <= 0.5
    ? `${far}: wrong detections, or somebody else there?`
    : `${far}, read as ${skeleton}; another skeleton or order of points, or coordinates that are no pixels?`;
}

/** The clip with every point (x, y) read as way(x, y, [width, height]). */
function readAs(clip, way, size) {
  const points = new Float32Array(clip.points.length);
  for (let i = 0; i < points.length; i += 2)
    points.set(way(clip.points[i], clip.points[i + 1], clip.size), i);
  return {...clip, points, size, focal: undefined, centre: undefined};
}

/** What is unusual in how the person is turned: a doubt in words, or null; lift(clip) -> result. */
async function postureDoubt(clip, result, lift) {
  const ups = [...result.valid.keys()]
    .filter(t => result.valid[t])
    .map(t => -result.rotations[9 * JOINTS * t + 4]);
  const share = is => ups.filter(is).length / ups.length;
  const over = share(up => up < -0.7);
  const across = share(up => Math.abs(up) < 0.7);
  if (over <= 0.4 && across <= 0.6) return null;
  const [a, b] = surestFrames(clip);
  const part = partOf({...clip, size: result.size}, a, b);
  const [width, height] = result.size;
  const error = r => {
    let sum = 0;
    for (const e of r) sum += 1000 * e;
    return sum / r.length;
  };
  const surer = async other => {
    const before = error(result.error.subarray(JOINTS * a, JOINTS * b));
    const after = error((await lift(other)).error);
    return after < SURER * before
      ? `the network is surer (${before.toFixed(0)} -> ${after.toFixed(0)} mm)`
      : null;
  };
  const turned = over > 0.4 && (await surer(readAs(part, (x, y) => [x, height - y], [width, height])));
  if (turned)
    return (
      `the person is upside down in ${percent(over)} of the frames; with y counted from below ${turned}: ` +
      'does y point up, or is the film upside down?'
    );
  const changed = across > 0.6 && (await surer(readAs(part, (x, y) => [y, x], [height, width])));
  return changed
    ? `the person lies across the picture in ${percent(across)} of the frames; ` +
        `with x and y exchanged ${changed}: ` +
        'are the points (y, x), or is the film on its side?'
    : null;
}

/** What may be wrong with a result, in a sentence; list of one or none. lift(clip) -> result, the plain
    way. */
export async function doubts(clip, result, lift) {
  if (!result.valid.some(v => v)) return [];
  const doubt = fitDoubt(clip, result) ?? (await postureDoubt(clip, result, lift));
  return doubt ? [doubt] : [];
}

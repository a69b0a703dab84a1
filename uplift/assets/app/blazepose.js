// From a picture to 33 points of a person, as uplift/lift/blazepose.py: one network finds people, one points.
// image = {rgba: Uint8ClampedArray, width, height}; region = {x, y, size (px), angle (radians, clockwise)},
// a square that holds one person, upright in it. Matrices (2, 3) are flat, row-major.
import {loadNetwork} from './litert.js';

export const POINTS = 33;
const FIND = 224, LOOK = 256;       // sides of the pictures that the two networks take, px
const sigmoid = x => 1 / (1 + Math.exp(-Math.max(-60, Math.min(60, x))));

/** The square around a person from the middle of the hips and a point on the circle around the body, px. */
export function regionFromPoints([cx, cy], [rx, ry], margin = 1.25) {
  const dx = rx - cx, dy = ry - cy;
  return {x: cx, y: cy, size: 2 * margin * Math.hypot(dx, dy), angle: Math.atan2(dx, -dy)};
}

/** (2, 3) matrix from pixels of the cut to those of the picture; pixel centres are whole numbers. */
export function regionAffine({x, y, size, angle}, pixels) {
  const c = Math.cos(angle) * size / pixels, s = Math.sin(angle) * size / pixels, half = pixels / 2;
  return [c, -s, x - (c - s) * half, s, c, y - (s + c) * half];
}

/** (pixels, pixels, 3) cut, each value times gain plus offset: bilinear, black outside the picture. */
export function cut({rgba, width, height}, m, pixels, gain = 1, offset = 0) {
  const out = new Float32Array(pixels * pixels * 3), row = 4 * width;
  const inside = (x, y, i) => x >= 0 && x < width && y >= 0 && y < height ? rgba[i] : 0;
  for (let v = 0, o = 0; v < pixels; v++) for (let u = 0; u < pixels; u++) {
    const x = m[0] * u + m[1] * v + m[2], y = m[3] * u + m[4] * v + m[5];
    const x0 = Math.floor(x), y0 = Math.floor(y), fx = x - x0, fy = y - y0;
    const within = x0 >= 0 && y0 >= 0 && x0 + 1 < width && y0 + 1 < height;
    for (let k = 0, i = row * y0 + 4 * x0; k < 3; k++, i++) {
      const a = within ? rgba[i] : inside(x0, y0, i), b = within ? rgba[i + 4] : inside(x0 + 1, y0, i + 4);
      const c = within ? rgba[i + row] : inside(x0, y0 + 1, i + row);
      const d = within ? rgba[i + row + 4] : inside(x0 + 1, y0 + 1, i + row + 4);
      const value = (a + (b - a) * fx) * (1 - fy) + (c + (d - c) * fx) * fy;
      out[o++] = Math.floor(value + .5) * gain + offset;
    }
  }
  return out;
}

/** (2254, 2) centres of grid cells in 0..1: two answers in a fine cell, six in a coarse one. */
export function anchors() {
  const out = [];
  for (const [cells, answers] of [[28, 2], [14, 2], [7, 6]])
    for (let y = 0; y < cells; y++) for (let x = 0; x < cells; x++)
      for (let k = 0; k < answers; k++) out.push((x + .5) / cells, (y + .5) / cells);
  return Float64Array.from(out);
}
const ANCHORS = anchors();

/** Intersection over union of two boxes [left, top, right, bottom]. */
function overlap(a, b) {
  const area = q => (q[2] - q[0]) * (q[3] - q[1]);
  const w = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const h = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  return w * h / (area(a) + area(b) - w * h + 1e-9);
}

/** One answer of the detection network: its box and four points in 0..1. */
function answer(raw, i, score) {
  const o = 12 * i, ax = ANCHORS[2 * i], ay = ANCHORS[2 * i + 1];
  const x = raw[o] / FIND + ax, y = raw[o + 1] / FIND + ay, w = raw[o + 2] / FIND, h = raw[o + 3] / FIND;
  const points = [0, 1, 2, 3].map(k => [raw[o + 4 + 2 * k] / FIND + ax, raw[o + 5 + 2 * k] / FIND + ay]);
  return {score, points, box: [x - w / 2, y - h / 2, x + w / 2, y + h / 2]};
}

/** Points of several answers, averaged by how sure each is. */
function average(answers) {
  const total = answers.reduce((s, a) => s + a.score, 0);
  const mean = (k, d) => answers.reduce((s, a) => s + a.score * a.points[k][d], 0) / total;
  return [0, 1, 2, 3].map(k => [mean(k, 0), mean(k, 1)]);
}

/** People from raw (2254, 12) and score (2254,) 0..1: [{score, points (4, 2) in 0..1}], the surest first;
 *  answers that overlap mean the same person. */
export function mergeAnswers(raw, score, threshold = .5, same = .3) {
  let left = [];
  score.forEach((s, i) => { if (s > threshold) left.push(answer(raw, i, s)); });
  left.sort((a, b) => b.score - a.score);
  const found = [];
  while (left.length) {
    const first = left[0], is = left.map((a, i) => i === 0 || overlap(first.box, a.box) > same);
    found.push({score: first.score, points: average(left.filter((_, i) => is[i]))});
    left = left.filter((_, i) => !is[i]);
  }
  return found;
}

/** Points xy (N, 2) of the cut, px, moved to the centre of mass of their heat maps (side, side, N) nearby;
 *  maps that are nowhere sure leave their point alone. of: what makes 0..1 of a number of the map. */
export function refinePoints(xy, heat, n, {of = h => h, side = 64, cell = 4, reach = 3, least = .5} = {}) {
  const out = Float64Array.from(xy);
  for (let p = 0; p < n; p++) {
    const col = Math.trunc(xy[2 * p] / cell), row = Math.trunc(xy[2 * p + 1] / cell);
    if (row < 0 || row >= side || col < 0 || col >= side) continue;
    let total = 0, most = 0, x = 0, y = 0;
    for (let r = Math.max(0, row - reach); r <= Math.min(side - 1, row + reach); r++)
      for (let c = Math.max(0, col - reach); c <= Math.min(side - 1, col + reach); c++) {
        const h = of(heat[(r * side + c) * n + p]);
        total += h; x += h * c; y += h * r; most = Math.max(most, h);
      }
    if (most >= least) { out[2 * p] = x / total * cell; out[2 * p + 1] = y / total * cell; }
  }
  return out;
}

/** Squares to search, [left, top, side]: the whole picture, then some of its shorter side, overlapping. */
export function searchSquares(w, h) {
  const short = Math.min(w, h), long = Math.max(w, h), squares = [[(w - long) / 2, (h - long) / 2, long]];
  const n = long > 1.1 * short ? Math.ceil((long / short - 1) * 2 - 1e-9) + 1 : 0;
  for (let i = 0; i < n; i++) {
    const at = n > 1 ? i * (long - short) / (n - 1) : 0;
    squares.push(w > h ? [at, 0, short] : [0, at, short]);
  }
  return squares;
}

/** One region a person, of [{score, region}]: of those at one place and of similar size the surest. */
export function surestRegions(found) {
  const kept = [];
  const same = (q, r) => {
    const large = Math.max(q.size, r.size), small = Math.min(q.size, r.size);
    return Math.hypot(q.x - r.x, q.y - r.y) < .35 * large && large < 2.5 * small;
  };
  for (const {region} of [...found].sort((a, b) => b.score - a.score))
    if (!kept.some(q => same(q, region))) kept.push(region);
  return kept;
}

/** The points of a person from the second network's answers: {score, points (33, 3), region}. */
export function readPoints(raw, heat, score, m) {
  const n = 39, xy = new Float64Array(2 * n), points = new Float32Array(3 * POINTS);
  for (let p = 0; p < n; p++) { xy[2 * p] = raw[5 * p]; xy[2 * p + 1] = raw[5 * p + 1]; }
  const fine = refinePoints(xy, heat, n, {of: sigmoid});
  const at = p => { const x = fine[2 * p], y = fine[2 * p + 1];
    return [m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]]; };
  for (let p = 0; p < POINTS; p++)
    points.set([...at(p), sigmoid(raw[5 * p + 3]) * sigmoid(raw[5 * p + 4])], 3 * p);
  return {score, points, region: regionFromPoints(at(33), at(34))};
}

/** The people in the answers to the squares of a picture: raw (2254, 12), logits (2254,) for each square. */
export function readPeople(squares, answers) {
  const found = [];
  squares.forEach(([left, top, side], i) => {
    const place = p => [p[0] * side + left, p[1] * side + top];
    for (const {score, points} of mergeAnswers(answers[i].raw, answers[i].logits.map(sigmoid)))
      found.push({score, region: regionFromPoints(place(points[0]), place(points[1]))});
  });
  return surestRegions(found);
}

/** BlazePose (Bazarevsky et al. 2020): `find` people in a picture, the `points` of one of them. */
export class BlazePose {
  /** base, wasm: addresses of the folders of the tflite files and of LiteRT.js; threads: cores, at most. */
  static async load({base, detector = 'heavy', wasm, threads}) {
    if (!['heavy', 'full'].includes(detector))
      throw new Error(`unknown detector '${detector}': choose heavy or full`);
    const one = new BlazePose();
    one.detector = detector;
    one.finder = await loadNetwork(base, 'pose_detection.tflite', wasm, threads);
    one.pointer = await loadNetwork(base, `pose_landmark_${detector}.tflite`, wasm, threads);
    return one;
  }

  /** Regions of the people in an image, the surest first. */
  async find(image) {
    const squares = searchSquares(image.width, image.height), answers = [];
    for (const [left, top, side] of squares) {
      const scale = side / FIND, shift = scale / 2 - .5;
      const picture = cut(image, [scale, 0, left + shift, 0, scale, top + shift], FIND, 1 / 127.5, -1);
      const out = await this.finder(picture, [1, FIND, FIND, 3]);
      answers.push({raw: out.Identity, logits: out.Identity_1});
    }
    return readPeople(squares, answers);
  }

  /** {score 0..1 that someone is there, points (33, 3) x, y (px), confidence, region of the person now}. */
  async points(image, region) {
    const m = regionAffine(region, LOOK);
    const out = await this.pointer(cut(image, m, LOOK, 1 / 255), [1, LOOK, LOOK, 3]);
    return readPoints(out.Identity, out.Identity_3, out.Identity_1[0], m);
  }

  close() { this.finder.close(); this.pointer.close(); }
}

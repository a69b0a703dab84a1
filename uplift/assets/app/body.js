// The body: joints and 27 surface points of a pose, and how they move with every joint (body/03, body/01).
import {axisAngleToMatrix, multiply} from './rotations.js';

export const JOINTS = 22;
export const POINTS = 27;
export const TURNS = 3 * JOINTS + 3;
export const STANDING_POINTS = [17, 18, 19, 20]; // of the 27: big toes and heels, left before right

/** Rows of numbers as one flat array. */
const flat = rows => Float64Array.from(rows.flat(Infinity));

/** What a table of weights (K x 22) has above zero: for every row a list of [joint, weight]. */
const entries = rows => rows.map(row => row.map((w, j) => [j, w]).filter(([, w]) => w !== 0));

export class Body {
  /** table.body: parents, rest, shape of 22 joints; points: rest, shape, weights of 27; height: of the
      skin. */
  constructor({parents, rest, shape, points, height}) {
    this.parents = parents;
    this.betas = shape[0][0].length;
    this.rest = flat([rest, points.rest]); // (49, 3) m
    this.shape = flat([shape, points.shape]); // (49, 3, betas) m
    this.carried = entries(points.weights);
    this.moved = entries(movesOf(points.weights, parents));
    this.height = {rest: flat(height.rest), shape: flat(height.shape)}; // y of the extreme vertices
    this.joints = new Float64Array(JOINTS * 3); // of the last pose, from the pelvis, m
    this.points = new Float64Array(POINTS * 3);
    this.globals = new Float64Array(JOINTS * 9);
    this.homes = Array.from({length: this.betas}, (_, b) =>
      this.shape.filter((_, i) => i % this.betas === b),
    );
    this.home = this.rest;
  }

  /** Take a shape (betas): home becomes its 22 joints and 27 points at rest (49, 3), m. */
  take(betas) {
    this.home = withShape(this.rest, this.shape, betas);
    return this;
  }

  /** Pose the body by local rotations R[r..] (22 matrices): joints, points and globals. */
  pose(R, r) {
    this.turn(R, r);
    this.place(this.home, this.joints, this.points);
  }

  /** Global rotations of a pose. */
  turn(R, r) {
    const {globals, parents} = this;
    for (let k = 0; k < 9; k++) globals[k] = R[r + k];
    for (let j = 1; j < JOINTS; j++) multiply(globals, 9 * parents[j], R, r + 9 * j, globals, 9 * j);
  }

  /** Joints and points from the pelvis, of any home (49, 3) or direction of one, in the pose that is taken.
   */
  place(home, joints, points) {
    const {globals, parents, carried} = this;
    joints.fill(0);
    points.fill(0);
    for (let j = 1; j < JOINTS; j++) {
      const p = parents[j];
      addTurned(globals, 9 * p, home, 3 * j, 3 * p, 1, joints, 3 * j);
      for (let a = 0; a < 3; a++) joints[3 * j + a] += joints[3 * p + a];
    }
    for (let k = 0; k < POINTS; k++)
      for (const [j, w] of carried[k]) {
        addTurned(globals, 9 * j, home, 3 * (JOINTS + k), 3 * j, w, points, 3 * k);
        for (let a = 0; a < 3; a++) points[3 * k + a] += w * joints[3 * j + a];
      }
  }

  /** Derivatives of point k by the turns of its joints: calls use(column, x, y, z), columns ascending. */
  derivatives(k, use) {
    const {globals: G, joints, points} = this;
    for (const [j, part] of this.moved[k]) {
      const x = part * (points[3 * k] - joints[3 * j]);
      const y = part * (points[3 * k + 1] - joints[3 * j + 1]);
      const z = part * (points[3 * k + 2] - joints[3 * j + 2]);
      for (let a = 0; a < 3; a++) {
        const gx = G[9 * j + a];
        const gy = G[9 * j + 3 + a];
        const gz = G[9 * j + 6 + a];
        use(3 * j + a, gy * z - gz * y, gz * x - gx * z, gx * y - gy * x);
      }
    }
  }

  /** Lowest and highest y of the skin at rest for a shape, m, and the vertices where they are. */
  extent(betas) {
    const y = withShape(this.height.rest, this.height.shape, betas);
    let low = 0;
    let high = 0;
    for (let i = 1; i < y.length; i++) {
      if (y[i] < y[low]) low = i;
      if (y[i] > y[high]) high = i;
    }
    return {low: y[low], high: y[high], from: low, to: high};
  }

  /** How the stature changes with every beta, m. */
  growth({from, to}) {
    const n = this.betas;
    const {shape} = this.height;
    return Array.from({length: n}, (_, b) => shape[to * n + b] - shape[from * n + b]);
  }
}

/** Part of each point (K x 22) that every joint moves: the weights of all that hang on it. */
function movesOf(weights, parents) {
  return weights.map(row => {
    const moves = [...row];
    for (let j = JOINTS - 1; j > 0; j--) moves[parents[j]] += moves[j];
    return moves;
  });
}

/** rest (n) + shape (n, betas) betas. */
function withShape(rest, shape, betas) {
  const B = betas.length;
  const out = Float64Array.from(rest);
  for (let i = 0; i < out.length; i++) for (let b = 0; b < B; b++) out[i] += shape[i * B + b] * betas[b];
  return out;
}

/** out[o..] += w G[g..] (x[i..] - x[from..]). */
function addTurned(G, g, x, i, from, w, out, o) {
  const a = w * (x[i] - x[from]);
  const b = w * (x[i + 1] - x[from + 1]);
  const c = w * (x[i + 2] - x[from + 2]);
  for (let k = 0; k < 3; k++) out[o + k] += G[g + 3 * k] * a + G[g + 3 * k + 1] * b + G[g + 3 * k + 2] * c;
}

const turn = new Float64Array(9);

/** Turn the joints of the pose R[r..] in their own frames by the vectors v[i..] (22, 3), rad; in place. */
export function correct(R, r, v, i) {
  for (let j = 0; j < JOINTS; j++) {
    axisAngleToMatrix(v, i + 3 * j, turn, 0);
    multiply(R, r + 9 * j, turn, 0, R, r + 9 * j);
  }
}

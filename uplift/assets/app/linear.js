// Linear algebra in flat Float64Arrays: small dense systems, and long ones solved by conjugate gradients.

/** Round as Python does: halves to the even neighbour. */
export function roundEven(x) {
  const low = Math.floor(x);
  const part = x - low;
  return part < 0.5 || (part === 0.5 && low % 2 === 0) ? low : low + 1;
}

export const clamp = (x, low, high) => Math.min(high, Math.max(low, x));
export const sigmoid = x => 1 / (1 + Math.exp(-x));

/** Weight of a residual of this squared length: whoever is far off has little to say (Geman, McClure). */
export const doubted = (weight, squared, outlier) => weight / (1 + squared / (outlier * outlier)) ** 2;

/** The middle of some numbers; of an even count the mean of both (as in numpy). */
export function median(values) {
  const sorted = Float64Array.from(values).sort();
  const half = (sorted.length - 1) / 2;
  return (sorted[Math.floor(half)] + sorted[Math.ceil(half)]) / 2;
}

/** The middle of some numbers; of an even count the lower one (as in torch). */
export const lowerMedian = values => Float64Array.from(values).sort()[(values.length - 1) >> 1];

/** Cholesky factor of the symmetric n x n matrix at A[a..], in place of its lower triangle. */
export function cholesky(A, a, n) {
  for (let i = 0; i < n; i++) {
    const row = a + i * n;
    for (let j = 0; j <= i; j++) {
      const other = a + j * n;
      let sum = A[row + j];
      for (let k = 0; k < j; k++) sum -= A[row + k] * A[other + k];
      if (i > j) A[row + j] = sum / A[other + j];
      else if (sum > 0) A[row + i] = Math.sqrt(sum);
      else throw new Error('a matrix that is not positive definite');
    }
  }
}

/** Solve L L^T x = b for the factor at L[l..]; b = x[i..] is overwritten. */
export function choleskySolve(L, l, n, x, i) {
  for (let r = 0; r < n; r++) {
    let sum = x[i + r];
    const row = l + r * n;
    for (let k = 0; k < r; k++) sum -= L[row + k] * x[i + k];
    x[i + r] = sum / L[row + r];
  }
  for (let r = n - 1; r >= 0; r--) {
    const row = l + r * n;
    const value = (x[i + r] /= L[row + r]);
    for (let k = 0; k < r; k++) x[i + k] -= L[row + k] * value;
  }
}

/** Solve A x = b for one symmetric, positive matrix (n x n); A and b are used up, b holds x. */
export function solve(A, b) {
  cholesky(A, 0, b.length);
  choleskySolve(A, 0, b.length, b, 0);
  return b;
}

/** out += weight * D'D x for second differences D over T rows of n; nothing below three rows. */
export function addBend(x, T, n, weight, out) {
  for (let t = 0; t + 2 < T; t++)
    for (let k = 0; k < n; k++) {
      const i = t * n + k;
      const bent = weight[k] * (x[i] - 2 * x[i + n] + x[i + 2 * n]);
      out[i] += bent;
      out[i + n] -= 2 * bent;
      out[i + 2 * n] += bent;
    }
}

const dot = (a, b) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** Solve A x = b; product(x, out) writes A x, precondition(r, out) what is nearly the solution for r. */
export function conjugateGradients(product, precondition, b, steps, tolerance) {
  const x = new Float64Array(b.length);
  const r = Float64Array.from(b);
  const z = new Float64Array(b.length);
  const Ad = new Float64Array(b.length);
  precondition(r, z);
  const d = Float64Array.from(z);
  let rz = dot(r, z);
  const end = tolerance ** 2 * rz;
  for (let step = 0; step < steps; step++) {
    product(d, Ad);
    const a = rz / Math.max(dot(d, Ad), 1e-38);
    for (let i = 0; i < x.length; i++) {
      x[i] += a * d[i];
      r[i] -= a * Ad[i];
    }
    precondition(r, z);
    const old = rz;
    rz = dot(r, z);
    if (rz <= end) break;
    for (let i = 0; i < d.length; i++) d[i] = z[i] + (rz / old) * d[i];
  }
  return x;
}

// The lifter in a browser: what uplift.box, uplift.inference and uplift.body do around the network, in plain JavaScript.
// Used by the page of 56_onnx.ipynb and, without a browser, by its tests. Arrays are flat, row-major Float64Arrays.
//   table: {config: {patch, context, fps, points, betas}, body: {parents, rest, shape}, maps: {skeleton: 27 ids, -1 = absent}}
const uplift = (() => {
  const POINTS = 27, JOINTS = 22, SMOOTH_FRAMES = 51;
  const zeros = n => new Float64Array(n);

  // --- keypoints of any skeleton -> 27 points; not a number or not there: 0 with confidence 0 (map_keypoints)
  function mapKeypoints(keypoints, confidence, ids) {
    const T = keypoints.length, kp = zeros(T * POINTS * 2), conf = zeros(T * POINTS);
    for (let t = 0; t < T; t++) for (let j = 0; j < POINTS; j++) {
      const point = ids[j] < 0 ? null : keypoints[t][ids[j]];
      if (!point || point[0] === null || point[1] === null || !Number.isFinite(+point[0]) || !Number.isFinite(+point[1])) continue;
      const sure = confidence ? confidence[t][ids[j]] : point.length > 2 ? point[2] : 1;
      if (!(sure > 0)) continue;
      kp[2 * (t * POINTS + j)] = point[0]; kp[2 * (t * POINTS + j) + 1] = point[1];
      conf[t * POINTS + j] = Math.min(1, sure);
    }
    return {kp, conf, T};
  }

  // --- weighted moving average with a Hann window; where nothing counts, the weighted mean (smooth_track)
  function smoothTrack(track, weight, T, C, frames) {
    const window = Array.from({length: frames}, (_, i) => .5 - .5 * Math.cos(2 * Math.PI * (i + 1) / (frames + 1)));
    const half = frames >> 1, out = zeros(T * C), mean = zeros(C);
    let sum = 0;
    for (let t = 0; t < T; t++) { sum += weight[t]; for (let c = 0; c < C; c++) mean[c] += track[t * C + c] * weight[t]; }
    for (let t = 0; t < T; t++) {
      let mass = 0; const total = zeros(C);
      for (let i = Math.max(0, t - half); i <= Math.min(T - 1, t + half); i++) {
        const w = window[i - t + half] * weight[i];
        mass += w; for (let c = 0; c < C; c++) total[c] += w * track[i * C + c];
      }
      for (let c = 0; c < C; c++) out[t * C + c] = mass > 1e-6 ? total[c] / mass : mean[c] / Math.max(sum, 1e-9);
    }
    return out;
  }

  // --- another frame rate: average where there are far more frames, straight lines between frames (to_rate)
  function toRate({kp, conf, T}, fps, rate) {
    if (Math.abs(fps - rate) < .1) return {kp, conf, T};
    if (fps > 1.5 * rate) {
      const frames = 2 * Math.round(fps / rate) - 1, calm = zeros(kp.length);
      for (let j = 0; j < POINTS; j++) {
        const track = zeros(2 * T), weight = zeros(T);
        for (let t = 0; t < T; t++) {
          weight[t] = conf[t * POINTS + j];
          for (let a = 0; a < 2; a++) track[2 * t + a] = kp[2 * (t * POINTS + j) + a];
        }
        const smooth = smoothTrack(track, weight, T, 2, frames);
        for (let t = 0; t < T; t++) if (weight[t] > 0) for (let a = 0; a < 2; a++) calm[2 * (t * POINTS + j) + a] = smooth[2 * t + a];
      }
      kp = calm;
    }
    const long = T + Math.ceil(fps / rate), N = Math.floor((long - 1) / fps * rate + 1e-6) + 1;   // the last frame is held, so that it is covered
    const out = {kp: zeros(N * POINTS * 2), conf: zeros(N * POINTS), T: N};
    for (let n = 0; n < N; n++) {
      const at = n * fps / rate, i = Math.min(Math.floor(at + 1e-6), long - 1);
      let w = Math.min(1, Math.max(0, at - i)); if (w < 1e-5) w = 0;
      for (let j = 0; j < POINTS; j++) {
        const a = Math.min(i, T - 1) * POINTS + j, b = Math.min(i + 1, T - 1) * POINTS + j, to = n * POINTS + j;
        const first = (1 - w) * conf[a], second = w * conf[b], total = out.conf[to] = first + second;
        if (total > 0) for (let k = 0; k < 2; k++) out.kp[2 * to + k] = (first * kp[2 * a + k] + second * kp[2 * b + k]) / total;
      }
    }
    return out;
  }

  // --- what the network sees: the camera turned to the person's box, scaled by it (box_input)
  function boxInput({kp, conf, T}, focal, centre) {
    const rays = zeros(T * POINTS * 2), present = new Uint8Array(T * POINTS), track = zeros(T * 3), weight = zeros(T);
    for (let t = 0; t < T; t++) {
      const low = [Infinity, Infinity], high = [-Infinity, -Infinity]; let seen = 0;
      for (let j = 0; j < POINTS; j++) {
        const p = t * POINTS + j;
        if (!(conf[p] > 0)) continue;
        present[p] = 1; seen++;
        for (let a = 0; a < 2; a++) {
          const ray = rays[2 * p + a] = (kp[2 * p + a] - centre[a]) / focal[a];
          low[a] = Math.min(low[a], ray); high[a] = Math.max(high[a], ray);
        }
      }
      weight[t] = (seen / POINTS) ** 2;
      if (seen) { for (let a = 0; a < 2; a++) track[3 * t + a] = (low[a] + high[a]) / 2; track[3 * t + 2] = Math.max(high[0] - low[0], high[1] - low[1]); }
    }
    const smooth = smoothTrack(track, weight, T, 3, SMOOTH_FRAMES);
    const x = {T, points: zeros(T * POINTS * 2), confidence: zeros(T * POINTS), present, condition: zeros(T * 6), toRay: zeros(T * 9)};
    const half = t => Math.max(smooth[3 * t + 2], 1e-4) / 2;
    for (let t = 0; t < T; t++) {
      const mx = smooth[3 * t], my = smooth[3 * t + 1], n = Math.hypot(mx, my, 1), ux = mx / n, uy = my / n, uz = 1 / n, h = 1 / (1 + uz);
      const R = [1 - h * ux * ux, -h * ux * uy, -ux, -h * ux * uy, 1 - h * uy * uy, -uy, ux, uy, uz];
      x.toRay.set(R, 9 * t);
      for (let j = 0; j < POINTS; j++) {
        const p = t * POINTS + j;
        if (!present[p]) continue;
        x.confidence[p] = conf[p];
        const r = [rays[2 * p], rays[2 * p + 1], 1], v = [0, 3, 6].map(i => R[i] * r[0] + R[i + 1] * r[1] + R[i + 2] * r[2]);
        for (let a = 0; a < 2; a++) x.points[2 * p + a] = Math.min(6, Math.max(-6, v[a] / Math.max(v[2], .05) / half(t)));
      }
      const before = Math.max(t - 1, 0), size = Math.log(half(t));
      x.condition.set([mx, my, size + 1.5, 20 * (mx - smooth[3 * before]) / half(t), 20 * (my - smooth[3 * before + 1]) / half(t),
                       20 * (size - Math.log(half(before)))], 6 * t);
    }
    return x;
  }

  // --- two columns -> a rotation (sixd_to_matrix), in place of nine numbers at `to`
  function gramSchmidt(a, b, out, to) {
    const unit = v => { const n = 1 / Math.sqrt(Math.max(v[0] * v[0] + v[1] * v[1] + v[2] * v[2], 1e-24)); return v.map(q => q * n); };
    a = unit(a);
    const d = a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    b = unit(b.map((q, i) => q - d * a[i]));
    const c = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
    for (let i = 0; i < 3; i++) { out[to + 3 * i] = a[i]; out[to + 3 * i + 1] = b[i]; out[to + 3 * i + 2] = c[i]; }
  }

  // --- a clip of any length through the network in overlapping pieces that are blended (lift)
  // run({points, confidence, present, condition, inside}, rows, frames) -> {rotations, log_error, betas, vote}
  async function lift(run, x, config, progress = () => {}) {
    const {patch, context, betas: count} = config, T = x.T, padded = Math.ceil(T / patch) * patch, L = Math.min(context, padded), hop = 45, rows = 8;
    const starts = [];
    if (padded <= L) starts.push(0); else { for (let s = 0; s < padded - L; s += hop) starts.push(s); starts.push(padded - L); }
    const six = zeros(padded * JOINTS * 6), error = zeros(padded * JOINTS), mass = zeros(padded), votes = [];
    const weight = i => 1 - Math.abs(i - (L - 1) / 2) / ((L - 1) / 2 + 1);
    for (let first = 0; first < starts.length; first += rows) {
      const some = starts.slice(first, first + rows), N = some.length;
      const feed = {points: new Float32Array(N * L * POINTS * 2), confidence: new Float32Array(N * L * POINTS), present: new Uint8Array(N * L * POINTS),
                    condition: new Float32Array(N * L * 6), inside: new Uint8Array(N * L)};
      some.forEach((start, n) => {
        for (let i = 0; i < L; i++) {
          const t = Math.min(start + i, T - 1), row = n * L + i, real = start + i < T;
          feed.condition.set(x.condition.subarray(6 * t, 6 * t + 6), 6 * row);
          if (!real) continue;
          feed.inside[row] = 1;
          feed.points.set(x.points.subarray(2 * POINTS * t, 2 * POINTS * (t + 1)), 2 * POINTS * row);
          feed.confidence.set(x.confidence.subarray(POINTS * t, POINTS * (t + 1)), POINTS * row);
          feed.present.set(x.present.subarray(POINTS * t, POINTS * (t + 1)), POINTS * row);
        }
      });
      const out = await run(feed, N, L);
      some.forEach((start, n) => {
        for (let i = 0; i < L; i++) {
          const t = start + i, w = weight(i); mass[t] += w;
          for (let j = 0; j < JOINTS; j++) {
            const from = ((n * L + i) * JOINTS + j), R = 9 * from, to = 6 * (t * JOINTS + j);
            error[t * JOINTS + j] += w * out.log_error[from];
            for (let k = 0; k < 3; k++) { six[to + k] += w * out.rotations[R + 3 * k]; six[to + 3 + k] += w * out.rotations[R + 3 * k + 1]; }
          }
        }
        for (let k = 0; k < L / patch; k++) if (start + k * patch < T) {
          const v = n * L / patch + k; votes.push([out.vote[v], Array.from(out.betas.subarray(count * v, count * v + count))]);
        }
      });
      progress(Math.min(1, (first + N) / starts.length));
    }
    for (let t = 0; t < T; t++) for (let k = 0; k < JOINTS * 6; k++) six[t * JOINTS * 6 + k] /= mass[t];
    const calm = smoothTrack(six.subarray(0, T * JOINTS * 6), zeros(T).fill(1), T, JOINTS * 6, 5), rotations = zeros(T * JOINTS * 9);
    for (let p = 0; p < T * JOINTS; p++) gramSchmidt([...calm.subarray(6 * p, 6 * p + 3)], [...calm.subarray(6 * p + 3, 6 * p + 6)], rotations, 9 * p);
    for (let t = 0; t < T; t++) for (let j = 0; j < JOINTS; j++) error[t * JOINTS + j] = Math.exp(error[t * JOINTS + j] / mass[t]);
    const top = Math.max(...votes.map(v => v[0])), betas = zeros(count); let total = 0;
    for (const [v, b] of votes) { const w = Math.exp(v - top); total += w; b.forEach((q, i) => betas[i] += w * q); }
    return {rotations, error: error.subarray(0, T * JOINTS), betas: betas.map(b => b / total)};
  }

  // --- the axes of the viewing ray -> the camera's (in_camera), and back to the clip's own frames (at_times)
  function inCamera(rotations, toRay, T) {
    for (let t = 0; t < T; t++) {
      const R = Array.from(rotations.subarray(9 * JOINTS * t, 9 * JOINTS * t + 9)), M = toRay.subarray(9 * t, 9 * t + 9);
      for (let i = 0; i < 3; i++) for (let k = 0; k < 3; k++)
        rotations[9 * JOINTS * t + 3 * i + k] = M[i] * R[k] + M[3 + i] * R[3 + k] + M[6 + i] * R[6 + k];
    }
    return rotations;
  }
  function atTimes(values, T, C, times) {
    const out = zeros(times.length * C);
    times.forEach((at, n) => {
      const a = Math.min(T - 1, Math.max(0, Math.floor(at))), b = Math.min(T - 1, a + 1), w = Math.min(1, Math.max(0, at - a));
      for (let c = 0; c < C; c++) out[n * C + c] = values[a * C + c] + w * (values[b * C + c] - values[a * C + c]);
    });
    return out;
  }

  // --- joints relative to the pelvis from rotations and shape (Body.fk)
  function joints(rotations, betas, body, T) {
    const {parents, rest, shape} = body;
    const home = rest.map((p, j) => p.map((v, a) => v + shape[j][a].reduce((sum, s, i) => sum + s * betas[i], 0)));
    const out = zeros(T * JOINTS * 3), world = zeros(JOINTS * 9);
    for (let t = 0; t < T; t++) for (let j = 0; j < JOINTS; j++) {
      const R = rotations.subarray(9 * (t * JOINTS + j), 9 * (t * JOINTS + j) + 9), p = parents[j];
      if (p < 0) { world.set(R, 0); continue; }
      for (let i = 0; i < 3; i++) {
        const row = world.subarray(9 * p + 3 * i, 9 * p + 3 * i + 3);
        for (let k = 0; k < 3; k++) world[9 * j + 3 * i + k] = row[0] * R[k] + row[1] * R[3 + k] + row[2] * R[6 + k];
        out[3 * (t * JOINTS + j) + i] = out[3 * (t * JOINTS + p) + i] + row.reduce((sum, r, a) => sum + r * (home[j][a] - home[p][a]), 0);
      }
    }
    return out;
  }

  // --- from a clip {fps, size, skeleton, keypoints, confidence, focal?, centre?} to poses
  async function solve(clip, table, run, progress) {
    const start = performance.now(), {config, body, maps} = table, [width, height] = clip.size;
    const f = clip.focal ?? Math.max(width, height) / 2 / Math.tan(55 * Math.PI / 360), focal = Array.isArray(f) ? f : [f, f];
    const own = mapKeypoints(clip.keypoints, clip.confidence, maps[clip.skeleton]);
    const x = boxInput(toRate(own, clip.fps, config.fps), focal, clip.centre ?? [width / 2, height / 2]);
    let {rotations, error, betas} = await lift(run, x, config, progress);
    inCamera(rotations, x.toRay, x.T);
    if (Math.abs(clip.fps - config.fps) >= .1) {
      const times = Array.from({length: own.T}, (_, t) => t * config.fps / clip.fps), between = atTimes(rotations, x.T, JOINTS * 9, times);
      error = atTimes(error, x.T, JOINTS, times); rotations = zeros(between.length);
      for (let p = 0; p < own.T * JOINTS; p++) gramSchmidt([0, 3, 6].map(i => between[9 * p + i]), [1, 4, 7].map(i => between[9 * p + i]), rotations, 9 * p);
    }
    const found = {T: own.T, keypoints: own.kp, confidence: own.conf, rotations, error, betas, joints: joints(rotations, betas, body, own.T)};
    return {...found, seconds: (performance.now() - start) / 1000};
  }

  // --- a file's JSON -> a clip: our own form, plain arrays, or a list of COCO results with one person
  function readClip(data, maps) {
    let clip = data;
    if (Array.isArray(data) && data.length && data[0] && data[0].image_id !== undefined) {
      const best = new Map();
      for (const d of data) { const old = best.get(d.image_id); if (!old || (d.score ?? 0) > (old.score ?? 0)) best.set(d.image_id, d); }
      const rows = [...best.values()].sort((a, b) => String(a.image_id).localeCompare(String(b.image_id), 'en', {numeric: true}));
      clip = {keypoints: rows.map(d => Array.from({length: d.keypoints.length / 3}, (_, j) => d.keypoints.slice(3 * j, 3 * j + 3)))};
    } else if (Array.isArray(data)) clip = {keypoints: data};
    const kp = clip && clip.keypoints;
    if (!Array.isArray(kp) || !kp.length || !Array.isArray(kp[0]) || !Array.isArray(kp[0][0]))
      throw new Error('no keypoints in this file: it must hold {fps, size, skeleton, keypoints: [frame][point][x, y]}');
    const J = kp[0].length, names = Object.keys(maps), known = {17: 'coco17', 27: 'uplift27', 33: 'blazepose33'};
    const skeleton = clip.skeleton ?? known[J];
    if (!names.includes(skeleton)) throw new Error(`skeleton ${skeleton} with ${J} points is not known; known: ${names.join(', ')}`);
    if (kp.some(frame => frame.length !== J)) throw new Error(`every frame must have the ${J} points of the first`);
    const need = Math.max(...maps[skeleton]) + 1;
    if (J < need) throw new Error(`${skeleton} needs ${need} points or more, this file has ${J}`);
    let size = clip.size;
    if (!size) {
      let x = 1, y = 1;
      for (const frame of kp) for (const p of frame) if (p && Number.isFinite(p[0]) && Number.isFinite(p[1])) { x = Math.max(x, p[0]); y = Math.max(y, p[1]); }
      size = [x, y];
    }
    const fps = clip.fps ?? 30;
    if (!(fps > 0)) throw new Error(`fps must be a positive number, this file says ${fps}`);
    return {...clip, skeleton, size, fps};
  }

  return {mapKeypoints, smoothTrack, toRate, boxInput, lift, inCamera, atTimes, joints, solve, readClip};
})();
if (typeof module !== 'undefined') module.exports = uplift;

// People followed from frame to frame, as uplift/lift/detection.py; a runner with find and points sees them.
import {POINTS} from './blazepose.js';
import {evenTimes, pointsAt} from './clock.js';

/** One person through the film: frame numbers and, for each, points (33, 3) x, y (px), confidence. */
export class PersonTrack {
  constructor(region) { this.region = region; this.frames = []; this.points = []; this.weight = 0; }

  add(frame, points, region) {
    this.frames.push(frame);
    this.points.push(points);
    this.region = region;
    this.weight += region.size;
  }

  get last() { return this.frames[this.frames.length - 1]; }
}

/** Mean distance between two sets of points (33, 3), px. */
export function apart(a, b) {
  let sum = 0;
  for (let p = 0; p < 3 * POINTS; p += 3) sum += Math.hypot(a[p] - b[p], a[p + 1] - b[p + 1]);
  return sum / POINTS;
}

const jump = (track, points) =>       // from the last frame, in sizes of the person
  track.frames.length ? apart(track.points[track.points.length - 1], points) / track.region.size : Infinity;

/** Follow people; the same choices as in Python, so the same runner gives the same tracks. */
export class PeopleTracker {
  constructor(runner, {fps = 30, mainOnly = false, maxPeople = 6, leastScore = .5, memory = 2} = {}) {
    Object.assign(this, {runner, fps, mainOnly, maxPeople, leastScore});
    this.memory = memory * fps;
    this.lookEvery = Math.max(1, Math.round(fps * (mainOnly ? 1 : 1 / 3)));
    this.tracks = []; this.active = []; this.recent = []; this.looked = -Infinity;
  }

  /** Tracks without a person that could still be continued in frame t. */
  lost(t) {
    this.recent = this.recent.filter(k => t - k.last <= this.memory);
    return this.recent.filter(k => !this.active.includes(k));
  }

  /** The lost track that someone found in a region continues, or null. */
  continued(t, region) {
    let best = null, least = Infinity;
    for (const k of this.lost(t)) {
      const size = Math.max(k.region.size, region.size);
      const distance = Math.hypot(k.region.x - region.x, k.region.y - region.y) / size;
      if (distance > Math.min(1, .5 + (t - k.last) / this.fps)) continue;
      if (Math.min(k.region.size, region.size) < .6 * size) continue;
      if (distance < least) { best = k; least = distance; }
    }
    return best;
  }

  /** The square of the first network, corrected by the second until it stays; null: nobody there. */
  async settle(image, region) {
    for (let i = 0; i < 4; i++) {
      const {score, region: now} = await this.runner.points(image, region);
      if (score < this.leastScore) return null;
      const moved = Math.hypot(now.x - region.x, now.y - region.y) + Math.abs(now.size - region.size);
      region = now;
      if (moved < .1 * now.size) break;
    }
    return region;
  }

  /** Whether someone found in a region is to be followed, who continues the track `known` or none. */
  wanted(region, known) {
    const at = this.active.map(a => a.region);
    const near = q => Math.hypot(q.x - region.x, q.y - region.y) < .2 * Math.max(q.size, region.size);
    if (at.some(near)) return false;
    return !this.mainOnly || known !== null || at.every(q => region.size > 1.5 * q.size);
  }

  /** Search the picture for people that are not followed yet. */
  async look(t, image) {
    this.looked = t;
    const found = (await this.runner.find(image)).map(region => ({known: this.continued(t, region), region}));
    found.sort((a, b) => (a.known === null) - (b.known === null) || b.region.size - a.region.size);
    for (const f of found) {
      if (this.active.length >= this.maxPeople || !this.wanted(f.region, f.known)) continue;
      const region = await this.settle(image, f.region);
      if (region === null) continue;
      const known = this.continued(t, region);
      if (!this.wanted(region, known)) continue;
      const track = known ?? new PersonTrack(region);
      track.region = region;
      this.active.push(track);
    }
  }

  /** One more frame; the tracks that have a person in it. */
  async push(t, image) {
    const every = this.lost(t).length ? Math.min(this.lookEvery, this.fps / 10) : this.lookEvery;
    if (!this.active.length || t - this.looked >= every) await this.look(t, image);
    const seen = [];
    for (const track of this.active) {
      const now = await this.runner.points(image, track.region);
      if (now.score >= this.leastScore) seen.push({track, ...now, jump: jump(track, now.points)});
    }
    const kept = distinct(seen);
    for (const {track, points, region} of kept) {
      if (!track.frames.length) this.tracks.push(track);
      if (!this.recent.includes(track)) this.recent.push(track);
      track.add(t, points, region);
    }
    return this.active = kept.map(k => k.track);
  }

  /** The tracks, largest and longest first; glimpses under a third of a second only if alone. */
  people() {
    const longest = this.tracks.reduce((n, k) => Math.max(n, k.frames.length), 0);
    const kept = this.tracks.filter(k => k.frames.length >= Math.min(longest, this.fps / 3));
    return kept.sort((a, b) => b.weight - a.weight);
  }
}

/** Of those who lie on one another, the one who moved least. */
function distinct(seen) {
  const kept = [], limit = .1;
  for (const s of [...seen].sort((a, b) => a.jump < b.jump ? -1 : Number(a.jump > b.jump)))
    if (!kept.some(k => apart(s.points, k.points) < limit * Math.max(s.region.size, k.region.size)))
      kept.push(s);
  return kept;
}

/** Which frames to keep, booleans: not a glimpse under a tenth of a second, a third of one from the rest. */
export function lasting(frames, fps = 30) {
  let run = 0;
  const runs = frames.map((f, i) => i && f - frames[i - 1] > fps / 3 ? ++run : run);
  const length = new Array(run + 1).fill(0);
  for (const r of runs) length[r]++;
  const least = Math.min(fps / 10, Math.max(...length));
  return runs.map(r => length[r] >= least);
}

/** A track as a clip of the whole film, on even frames; confidence 0 where the person is not. */
export function trackClip(track, times, {name, fps, size, slow = 1}) {
  const row = 3 * POINTS, keep = lasting(track.frames, fps || 30), notes = [];
  let all = new Float32Array(times.length * row);
  track.frames.forEach((f, i) => { if (keep[i]) all.set(track.points[i], f * row); });
  const even = evenTimes(times, fps);
  if (even.grid) {
    all = pointsAt(all, POINTS, times, even.grid);
    const from = times[0].toFixed(3);
    notes.push(`uneven frames, put on an even ${even.fps.toFixed(2)} per second from ${from} s on`);
  }
  const T = all.length / row;
  const points = new Float32Array(2 * T * POINTS), confidence = new Float32Array(T * POINTS);
  for (let i = 0; i < T * POINTS; i++) {
    points[2 * i] = all[3 * i];
    points[2 * i + 1] = all[3 * i + 1];
    confidence[i] = Math.min(1, Math.max(0, all[3 * i + 2]));
  }
  return {name, fps: even.fps, size, skeleton: 'blazepose33', T, J: POINTS, points, confidence, slow, notes};
}

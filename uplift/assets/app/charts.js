// Curves of joint angles, left and right together, with a cursor at the frame shown; their ranges as a table.
// The page's styles colour .left, .right, .middle, .unread, .grid, .zero, .cursor; they hide .wide on phones.
import {baseName, curve} from './angles.js';

const LEFT = 44, RIGHT = 12, TOP = 26, BOTTOM = 40;       // pixels around the plot
const MOST = 600;                                         // points of a curve that are drawn
const SIDES = [['left_', 'left'], ['right_', 'right'], ['', 'middle']];

// Text as markup: nothing in it is read as a tag.
export const escaped = text => String(text).replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);

// 'knee_flexion' as a person writes it.
export const plainName = name => baseName(name).replaceAll('_', ' ');

// A number as a person reads it: a true minus, a dash for none.
const degrees = x => Number.isFinite(x) ? x.toFixed(0).replace(/^-0$/, '0').replace('-', '−') : '–';

// Names of the angles without their sides, in their order.
export const angleNames = angles => [...new Set(angles.names.map(baseName))];

// Both sides of an angle, or its middle: {side, all: T degrees, good: T, NaN where it should not be read}.
function curvesOf(angles, name) {
  return SIDES.filter(([prefix]) => angles.names.includes(prefix + name)).map(([prefix, side]) =>
    ({side, all: curve(angles, prefix + name), good: curve(angles, prefix + name, true)}));
}

// Round numbers along an axis, about `count` steps.
export function roundTicks(low, high, count = 4) {
  const span = Math.max(high - low, 1e-9), power = 10 ** Math.floor(Math.log10(span / count));
  const apart = k => Math.abs(span / (k * power) - count);
  const step = power * [1, 2, 5, 10].reduce((a, b) => apart(b) < apart(a) ? b : a);
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from({length: last - first + 1}, (_, i) => +((first + i) * step).toPrecision(12));
}

// Lowest and highest of all curves with a margin; ten degrees at least.
function spanOf(curves) {
  let low = Infinity, high = -Infinity;
  for (const {all} of curves) for (const x of all.filter(Number.isFinite)) {
    low = Math.min(low, x);
    high = Math.max(high, x);
  }
  if (!(low <= high)) return [-5, 5];
  const margin = Math.max(.06 * (high - low), (10 - high + low) / 2);
  return [low - margin, high + margin];
}

// Frames of a long curve that show its shape: of each short stretch the lowest and the highest, and one hole.
export function thinned(y, most = MOST) {
  const step = Math.ceil(2 * y.length / most), out = [];
  if (y.length <= most) return Array.from(y.keys());
  for (let first = 0; first < y.length; first += step) {
    const some = y.subarray(first, first + step), at = i => first + i, keep = new Set();
    const known = [...some.keys()].filter(i => Number.isFinite(some[i]));
    if (known.length) for (const better of [(a, b) => some[a] < some[b], (a, b) => some[a] > some[b]])
      keep.add(at(known.reduce((best, i) => better(i, best) ? i : best)));
    if (known.length < some.length) keep.add(at(some.findIndex(x => !Number.isFinite(x))));
    out.push(...[...keep].sort((a, b) => a - b));
  }
  return out;
}

// A path through the points that are there.
function path(y, across, up) {
  let out = '', down = false;
  for (const t of thinned(y)) {
    const there = Number.isFinite(y[t]);
    if (there) out += `${down ? 'L' : 'M'}${across(t).toFixed(1)} ${up(y[t]).toFixed(1)}`;
    down = there;
  }
  return out;
}

// 'left from −3° to 64°', of what can be read.
function rangeWords({side, good}) {
  const seen = good.filter(Number.isFinite), who = side === 'middle' ? '' : `${side} `;
  if (!seen.length) return `${who}never to be read`;
  const [low, high] = [Math.min, Math.max].map(pick => seen.reduce((a, b) => pick(a, b)));
  return `${who}from ${degrees(low)}° to ${degrees(high)}°`;
}

// Where frames and degrees lie in a picture of some size.
function frameOf(angles, curves, width, height) {
  const [low, high] = spanOf(curves), last = Math.max(1, angles.T - 1);
  const across = t => LEFT + (width - LEFT - RIGHT) * t / last;
  const up = v => TOP + (height - TOP - BOTTOM) * (high - v) / (high - low);
  return {low, high, across, up, base: height - BOTTOM};
}

// Grid, numbers and the clock.
function axes({low, high, across, up, base}, angles, width) {
  const lines = roundTicks(low, high, 5).map(v => {
    const y = up(v).toFixed(1), word = degrees(v);
    return `<line class="grid${v ? '' : ' zero'}" x1="${LEFT}" x2="${width - RIGHT}" y1="${y}" y2="${y}"/>`
      + `<text x="${LEFT - 6}" y="${(+y + 4).toFixed(1)}" text-anchor="end">${word}°</text>`;
  });
  const below = (x, y, word) => `<text x="${x.toFixed(1)}" y="${y}" text-anchor="middle">${word}</text>`;
  const end = Math.max(.1, (angles.T - 1) / angles.fps);
  const clock = roundTicks(0, end, width < 500 ? 4 : 8).map(s => below(across(s * angles.fps), base + 16, s));
  return [...lines, ...clock, below((LEFT + width - RIGHT) / 2, base + 33, 'time, s')].join('');
}

// Which line is which, above the plot: a piece of each line and its side.
function legend(curves) {
  return curves.filter(c => c.side !== 'middle').map(({side}, i) => {
    const x = LEFT + 80 * i, word = `<text class="${side}-word" x="${x + 30}" y="16">${side}</text>`;
    return `<path class="${side}" d="M${x} 12h24"/>${word}`;
  }).join('');
}

// One angle (a name without side) over time as SVG; grey where it should not be read.
export function angleChart(angles, name, {width = 720, height = 240} = {}) {
  const curves = curvesOf(angles, name), frame = frameOf(angles, curves, width, height);
  if (!curves.length) throw new Error(`no angle is called '${name}'`);
  const id = `chart-${name}`.replace(/[^\w-]/g, ''), title = `${plainName(name)} over time, degrees`;
  const drawn = (kind, y) => `<path class="${kind}" d="${path(y, frame.across, frame.up)}"/>`;
  const lines = curves.map(({side, all, good}) => drawn('unread', all) + drawn(side, good));
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc">`
    + `<title id="${id}-title">${escaped(title)}</title>`
    + `<desc id="${id}-desc">${escaped(curves.map(rangeWords).join(', '))}</desc>`
    + `${axes(frame, angles, width)}${legend(curves)}${lines.join('')}`
    + `<line class="cursor" x1="${LEFT}" x2="${LEFT}" y1="${TOP}" y2="${frame.base}"/></svg>`;
}

// A chart in an element of the page: pressed at a frame it calls seek(frame).
export class Curves {
  constructor(holder, angles, seek) {
    Object.assign(this, {holder, angles, seek, frame: 0});
    holder.onpointerdown = event => this.pressed(event);
    holder.onpointermove = event => { if (event.buttons) this.pressed(event); };
    const resized = () => { if (this.name && holder.clientWidth !== this.width) this.show(this.name); };
    this.watch = new ResizeObserver(resized);
    this.watch.observe(holder);
  }

  // Another takes the holder: its size concerns this one no more.
  close() { this.watch.disconnect(); }

  // Draw one angle (a name without side).
  show(name) {
    this.name = name;
    this.width = this.holder.clientWidth || 720;
    this.curves = curvesOf(this.angles, name);
    this.holder.innerHTML = angleChart(this.angles, name, {width: this.width});
    this.cursor = this.holder.querySelector('.cursor');
    this.move(this.frame);
  }

  // The cursor to a frame; the values there: [[side, degrees], ...], NaN where they should not be read.
  move(frame) {
    this.frame = frame;
    if (!this.name) return [];
    const wide = this.width - LEFT - RIGHT;
    this.cursor.setAttribute('transform', `translate(${wide * frame / Math.max(1, this.angles.T - 1)} 0)`);
    return this.curves.map(({side, good}) => [side, good[frame]]);
  }

  pressed(event) {
    const x = event.clientX - this.holder.getBoundingClientRect().left, last = this.angles.T - 1;
    this.seek(Math.max(0, Math.min(last, Math.round(last * (x - LEFT) / (this.width - LEFT - RIGHT)))));
  }
}

const WIDE = new Set(['mean', 'flagged']);                // columns that a phone can do without
const HEADS = {min: 'Min\u00a0°', max: 'Max\u00a0°', range: 'Range\u00a0°', asymmetry: 'Left − right\u00a0°',
  mean: 'Mean\u00a0°', flagged: 'Frames left out'};

// What stands in a row below a head; the two sides are compared once, beside the left.
function told(row, key) {
  if (key === 'flagged') return row.flagged;
  return key === 'asymmetry' && row.name.startsWith('right_') ? '' : degrees(row[key]);
}

// Rows of rangeOfMotion as the inside of a table: whole degrees, the sides of an angle below each other.
export function rangeTable(rows) {
  const keys = Object.keys(HEADS), wide = key => WIDE.has(key) ? ' class="wide"' : '';
  const head = keys.map(key => `<th scope="col"${wide(key)}>${HEADS[key]}</th>`).join('');
  const body = [...rows].sort((a, b) => firstOf(rows, a) - firstOf(rows, b)).map(row =>
    `<tr><th scope="row">${escaped(row.name.replaceAll('_', ' '))}</th>`
    + `${keys.map(key => `<td${wide(key)}>${told(row, key)}</td>`).join('')}</tr>`);
  return '<caption>Range of motion in the frames that can be read</caption>'
    + `<thead><tr><th scope="col">Angle</th>${head}</tr></thead><tbody>${body.join('')}</tbody>`;
}

// Where an angle's first side stands among the rows: the place of both.
const firstOf = (rows, row) => rows.findIndex(r => baseName(r.name) === baseName(row.name));

// The table in the page.
export function fillRanges(table, rows) { table.innerHTML = rangeTable(rows); }

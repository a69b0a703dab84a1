// What is seen of a lifted clip: its film with points and body drawn over it, and beside it the body that can be turned.
import {make} from './words.js';
import {Overlay} from './overlay.js';

const COLOURS = {left: '#5fb2f5', right: '#ffa052', mid: '#f2f2f2'};

// The demo on top of the page: a body that moves, and one button to stop it.
export async function showHero(holder, address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address} is not there`);
  const stage = make('div'), button = make('button', {type: 'button', class: 'over'}, 'Pause');
  holder.append(stage, button);
  const skin = new UpliftSkin(stage, {glb: await answer.arrayBuffer(), controls: false, height: holder.clientHeight - 14});
  await skin.ready;
  const label = () => { button.textContent = skin.playing ? 'Pause' : 'Play'; };
  button.onclick = () => { skin.toggle(); label(); };
  label();
  return skin;
}

export class Figure {
  // result; clip: of the same frames; glb: ArrayBuffer; film: Blob or null; moved(frame) is told each frame.
  constructor(holder, {result, clip, table, glb, film}, moved) {
    Object.assign(this, {holder, result, clip, table, moved, frame: 0, shows: {body: true, points: true, close: true}});
    const [w, h] = result.size;
    this.dots = make('canvas', {width: w, height: h});
    this.canvas = make('canvas', {});
    this.picture = make('div', {class: 'picture', style: `aspect-ratio: ${w} / ${h}`});
    this.layer = make('div', {class: 'layer'});
    this.picture.append(this.layer);
    if (film) this.openFilm(film);
    this.layer.append(this.canvas, this.dots);
    for (const canvas of [this.canvas, this.dots]) canvas.setAttribute('aria-hidden', 'true');
    this.body = make('div', {class: 'body'});
    holder.replaceChildren(this.picture, this.body);
    holder.classList.toggle('tall', h > w);
    this.ready = this.load(glb);
  }

  openFilm(film) {
    this.url = URL.createObjectURL(film);
    this.video = make('video', {muted: '', playsinline: '', preload: 'auto', 'aria-label': 'the film', src: this.url});
    this.video.muted = true;
    this.layer.append(this.video);
  }

  async load(glb) {
    const {result, clip, video} = this, slow = clip.slow ?? 1, first = clip.firstFrame ?? 0;
    this.player = new UpliftSkin(this.body, {glb, fps: result.fps, contact: result.contact, film: video ?? null, height: 360,
      filmTime: frame => (frame + first) / result.fps * slow});
    this.player.onframe = frame => this.draw(frame);
    this.zoom = 1;
    this.overlay = new Overlay(this.canvas, result.size, result.focal, result.centre);
    await Promise.all([this.player.ready, this.overlay.load(glb)]);
    new ResizeObserver(() => this.resize()).observe(this.picture);
    this.show('close', this.shows.close);
  }

  seek(frame) { this.player?.pause(); this.player?.seek(frame); }

  // 'body' or 'points' over the film, and 'close' to the person: on or off.
  show(what, on) {
    this.shows[what] = on;
    this.canvas.hidden = !this.shows.body;
    const {left, top, zoom} = this.shows.close ? this.near() : {left: 0, top: 0, zoom: 1};
    this.layer.style.transform = `scale(${zoom}) translate(${-100 * left}%, ${-100 * top}%)`;
    this.zoom = zoom;
    this.resize();
    this.draw(this.frame);
  }

  resize() { this.overlay?.resize(this.picture.clientWidth, this.picture.clientHeight, this.zoom); }

  // The part of the picture where the person is all the time, as shares of it: {left, top, zoom}.
  near() {
    const {points, confidence, size} = this.clip, low = [Infinity, Infinity], high = [-Infinity, -Infinity];
    for (let i = 0; i < confidence.length; i++) if (confidence[i] > .3) for (const a of [0, 1]) {
      low[a] = Math.min(low[a], points[2 * i + a] / size[a]); high[a] = Math.max(high[a], points[2 * i + a] / size[a]);
    }
    const side = Math.min(1, 1.15 * Math.max(.05, high[0] - low[0], high[1] - low[1])) || 1;
    const [left, top] = [0, 1].map(a => Math.min(1 - side, Math.max(0, (low[a] + high[a] - side) / 2)) || 0);
    return {left, top, zoom: 1 / side};
  }

  draw(frame) {
    this.frame = frame;
    if (this.shows.body) this.overlay?.draw(frame);
    this.drawPoints(frame);
    this.moved(frame);
  }

  drawPoints(frame) {
    const {points, confidence, J, skeleton, size} = this.clip, g = this.dots.getContext('2d'), r = Math.max(...size) / 260 / Math.sqrt(this.zoom ?? 1);
    g.clearRect(0, 0, ...size);
    if (!this.shows.points) return;
    const sides = this.table.skeletons?.[skeleton]?.sides;
    for (let j = 0; j < J; j++) {
      const i = frame * J + j;
      if (!(confidence[i] > .3)) continue;
      g.fillStyle = COLOURS[sides?.[j]] ?? COLOURS.mid;
      g.strokeStyle = '#101418';
      g.lineWidth = r / 2;
      g.beginPath(); g.arc(points[2 * i], points[2 * i + 1], r, 0, 7); g.stroke(); g.fill();
    }
  }

  // Nobody is told of frames any more; what still loads ends in nothing.
  close() {
    this.moved = () => {};
    this.player?.dispose();
    this.overlay?.close();
    this.overlay = null;
    if (this.url) URL.revokeObjectURL(this.url);
    this.holder.replaceChildren();
  }
}

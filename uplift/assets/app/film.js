// Frames of a film or a webcam, one at a time, upright: Mediabunny opens, the browser decodes.
// A frame is {index, time (s), rgba: Uint8ClampedArray, width, height}.
const ASK = 2000;             // so many frames tell the frame rate

/** Mediabunny from its folder in the site, or from `address`. */
export const loadMediabunny = (address = './vendor/mediabunny/mediabunny.min.mjs') =>
  import(new URL(address, import.meta.url));

/** A film from a File or Blob: {name, size: [w, h], fps, frames (estimate), duration (s), captureFps,
 *  focal35 (mm), read({signal, start, stop}), close()}. Errors say in words what does not fit. */
export async function openFilm(file, {name = file.name ?? 'film', mediabunny} = {}) {
  if (!('VideoDecoder' in globalThis)) throw new Error('this browser cannot decode films (no WebCodecs): '
    + 'use a current Chrome, Edge, Firefox or Safari, and open the page by https or on localhost');
  const lib = mediabunny ?? await loadMediabunny();
  const input = new lib.Input({source: new lib.BlobSource(file), formats: lib.ALL_FORMATS});
  try { return new Film(name, lib, input, await facts(name, input)); }
  catch (e) { input.dispose(); throw e; }
}

/** What a film says about itself, and its track. */
async function facts(name, input) {
  const track = await pictureTrack(name, input);
  const size = [await track.getDisplayWidth(), await track.getDisplayHeight()];
  if (!(Math.min(...size) >= 1))
    throw new Error(`'${name}' says it has pictures of ${size.join('x')}: is it whole?`);
  const {averagePacketRate, packetCount} = await track.computePacketStats(ASK, {metadataOnly: true});
  const duration = await track.getDurationFromMetadata() ?? await track.computeDuration();
  const fps = averagePacketRate || 0, tags = await rawTags(input);
  return {track, size, fps, duration, exact: packetCount < ASK,
          frames: packetCount < ASK ? packetCount : Math.round(duration * fps),
          captureFps: tagNumber(tags, k => k.includes('capture') && /fps|framerate/.test(k), 100_000),
          focal35: tagNumber(tags, k => k.includes('35mm') && k.includes('focal'), 10_000)};
}

/** The moving picture, if there is one and this browser knows its code. */
async function pictureTrack(name, input) {
  let track;
  try { track = await input.getPrimaryVideoTrack(); }
  catch { throw new Error(`'${name}' is not a film that can be read: choose an mp4, mov, webm or mkv`); }
  if (!track) throw new Error(`'${name}' holds no moving picture: choose a film`);
  const codec = await track.getCodec() ?? 'an unknown code';
  if (!await track.canDecode()) throw new Error(`'${name}' is coded as ${codec}, which this browser cannot `
    + 'decode: save it as H.264 (mp4), or try another browser');
  return track;
}

/** Tags of the file as they stand in it, or none. */
async function rawTags(input) {
  try { return (await input.getMetadataTags()).raw ?? {}; } catch { return {}; }
}

/** The first number below `most` among the tags whose key fits. */
function tagNumber(tags, fits, most) {
  for (const [key, value] of Object.entries(tags)) {
    if (typeof value !== 'string' || !fits(key.toLowerCase().replaceAll(/[_.]/g, ''))) continue;
    const [, a, b] = value.match(/^\s*([0-9.]+)(?:\/([0-9.]+))?/) ?? [], number = a / (b || 1);
    if (number > 0 && number < most) return number;
  }
  return null;
}

class Film {
  constructor(name, lib, input, told) { Object.assign(this, {name, lib, input, trouble: null}, told); }

  /** Frames from `start` to before `stop`; AbortError by `signal`. Damage ends the film, `trouble` tells. */
  async *read({signal, start = 0, stop = Infinity} = {}) {
    const pixels = new Pixels(this.size), samples = new this.lib.VideoSampleSink(this.track).samples();
    let index = -1, decoded = 0;
    try {
      for (;;) {
        const sample = await this.next(samples, index + 1);
        if (!sample) return this.missing(decoded);
        decoded++;
        try {
          signal?.throwIfAborted();
          if (sample.timestamp + sample.duration <= 0) continue;        // before the film begins
          if (++index < start) continue;
          if (index >= stop) return;
          const picture = await pixels.read(sample, (c, w, h) => sample.draw(c, 0, 0, w, h));
          yield {index, time: sample.timestamp, ...picture};
        } finally { sample.close(); }
      }
    } finally { await samples.return(); }
  }

  /** A film that ends before its header says so is damaged, and tells. */
  missing(decoded) {
    if (!decoded) throw new Error(`'${this.name}' has no frame that can be decoded: is it cut short?`);
    const lost = this.exact ? this.frames - decoded : 0;
    if (lost > 0) this.trouble ??= `'${this.name}' is damaged: ${lost} of ${this.frames} frames are missing`;
  }

  async next(samples, index) {
    try { return (await samples.next()).value; }
    catch (e) {
      if (!index)
        throw new Error(`'${this.name}' has no frame that can be decoded (${e.message}): is it cut short?`);
      this.trouble = `'${this.name}' is damaged: frames are missing from ${index} on`;
      return null;
    }
  }

  close() { this.input.dispose(); }
}

/** What turns frames, VideoFrame or VideoSample, into upright pixels. */
class Pixels {
  constructor([width, height]) { Object.assign(this, {width, height}); }

  /** {rgba, width, height}: copied where the browser can, else drawn on a canvas off the screen and read. */
  async read(frame, draw) {
    const {width, height} = this, turn = frame.rotation ?? 0;
    const sides = turn % 180 ? [height, width] : [width, height];
    const {width: w, height: h} = frame.visibleRect ?? {};
    if (w !== sides[0] || h !== sides[1] || frame.flip || this.cannot) return this.drawn(draw);
    const rgba = new Uint8ClampedArray(4 * w * h);
    try { await frame.copyTo(rgba, {format: 'RGBX', colorSpace: 'srgb'}); }
    catch { this.cannot = true; return this.drawn(draw); }
    return {rgba: turned(rgba, w, h, turn), width, height};
  }

  drawn(draw) {
    const {width, height} = this, how = {willReadFrequently: true, alpha: false};
    this.context ??= new OffscreenCanvas(width, height).getContext('2d', how);
    draw(this.context, width, height);
    return {rgba: this.context.getImageData(0, 0, width, height).data, width, height};
  }
}

/** Pixels (h, w, 4) turned by a multiple of 90 degrees, clockwise. */
export function turned(rgba, w, h, degrees) {
  if (!degrees) return rgba;
  const from = new Uint32Array(rgba.buffer), to = new Uint32Array(w * h);
  const steps = {90: [w * (h - 1), -w, 1], 180: [w * h - 1, -1, -w], 270: [w - 1, w, -1]};
  const [start, right, down] = steps[degrees];
  const [W, H] = degrees === 180 ? [w, h] : [h, w];
  for (let y = 0, o = 0; y < H; y++)
    for (let x = 0, i = start + y * down; x < W; x++, i += right) to[o++] = from[i];
  return new Uint8ClampedArray(to.buffer);
}

/** In the page: the frames of a webcam as a ReadableStream of VideoFrame, which can be handed to a worker.
 *  Ends when the camera's track does; frames that nobody waits for are dropped. */
export function cameraFrames(stream) {
  const [track] = stream.getVideoTracks();
  if (!track) throw new Error('this camera gives no picture');
  if ('MediaStreamTrackProcessor' in globalThis)
    return new MediaStreamTrackProcessor({track, maxBufferSize: 1}).readable;
  const video = document.createElement('video');
  Object.assign(video, {srcObject: stream, muted: true, playsInline: true});
  const next = () => new Promise((resolve, reject) => {
    track.addEventListener('ended', () => resolve(null), {once: true});
    video.requestVideoFrameCallback(now => {
      try { resolve(new VideoFrame(video, {timestamp: Math.round(now * 1000)})); } catch (e) { reject(e); }
    });
  });
  const hand = frame => frame && track.readyState === 'live' ? frame : null;
  return new ReadableStream({
    start: () => video.play(),
    async pull(out) { const frame = hand(await next()); if (frame) out.enqueue(frame); else out.close(); },
    cancel() { video.srcObject = null; }}, {highWaterMark: 0});
}

/** A webcam as a film that ends with stop() or its stream; frames: a ReadableStream, of cameraFrames. */
export async function openCamera(frames, {name = 'camera', fps = 15} = {}) {
  const reader = frames.getReader(), first = await reader.read();
  if (first.done) throw new Error('the camera gave no picture: is it in use elsewhere?');
  return new Camera(name, reader, first.value, fps);
}

class Camera {
  constructor(name, reader, first, fps) {
    Object.assign(this, {name, reader, first, fps, frames: 0, duration: 0, captureFps: null, focal35: null});
    this.size = [first.displayWidth, first.displayHeight];
    this.stopped = false;
  }

  /** Frames as they come, times from the first. */
  async *read({signal, start = 0, stop = Infinity} = {}) {
    const pixels = new Pixels(this.size), zero = this.first.timestamp;
    let frame = this.first;
    try {
      for (let index = 0; frame && index < stop && !this.stopped; index++) {
        signal?.throwIfAborted();
        const time = (frame.timestamp - zero) / 1e6;
        const picture = await pixels.read(frame, (c, w, h) => c.drawImage(frame, 0, 0, w, h));
        frame.close();
        frame = null;
        if (index >= start) yield {index, time, ...picture};
        if (!this.stopped) frame = (await this.reader.read()).value;
      }
    } finally { frame?.close(); await this.close(); }
  }

  /** End the film: what was seen so far is its whole. */
  stop() { this.stopped = true; }

  async close() { this.stopped = true; await this.reader.cancel().catch(() => {}); }
}

// Frames of a film or a webcam, one at a time, upright and with its time: Mediabunny opens, the browser decodes.
// A frame is {index, time (s), rgba: Uint8ClampedArray, width, height}.
const ASK = 2000;             // so many frames tell the frame rate

/** Mediabunny from its folder in the site, or from `address`. */
export const loadMediabunny = (address = './vendor/mediabunny/mediabunny.min.mjs') =>
  import(new URL(address, import.meta.url));

/** A film from a File or Blob: {name, size: [w, h], fps, frames (estimate), duration (s), captureFps,
 *  focal35 (mm), read({signal, start, stop}), close()}. Errors say in words what does not fit. */
export async function openFilm(file, {name = file.name ?? 'film', mediabunny} = {}) {
  if (!('VideoDecoder' in globalThis)) throw new Error('this browser cannot decode films (no WebCodecs): use a '
    + 'current Chrome, Edge, Firefox or Safari, and open the page by https or on localhost');
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
  return {track, size, fps, duration, frames: packetCount < ASK ? packetCount : Math.round(duration * fps),
          captureFps: tagNumber(tags, k => k.includes('capture') && /fps|framerate/.test(k), 100_000),
          focal35: tagNumber(tags, k => k.includes('35mm') && k.includes('focal'), 10_000)};
}

/** The moving picture, if there is one and this browser knows its code. */
async function pictureTrack(name, input) {
  let track;
  try { track = await input.getPrimaryVideoTrack(); }
  catch (e) {
    throw new Error(`'${name}' is not a film that can be read (mp4, mov, webm, mkv …): ${e.message}`);
  }
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
    const canvas = new Canvas(...this.size), samples = new this.lib.VideoSampleSink(this.track).samples();
    let index = -1;
    try {
      for (;;) {
        const sample = await this.next(samples, index + 1);
        if (!sample) return;
        try {
          signal?.throwIfAborted();
          if (sample.timestamp + sample.duration <= 0) continue;        // before the film begins
          if (++index < start) continue;
          if (index >= stop) return;
          yield {index, time: sample.timestamp, ...canvas.read(c => sample.draw(c, 0, 0, ...this.size))};
        } finally { sample.close(); }
      }
    } finally { await samples.return(); }
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

/** A canvas off the screen, to read pixels from what is drawn on it. */
class Canvas {
  constructor(width, height) {
    this.size = {width, height};
    const how = {willReadFrequently: true, alpha: false};
    this.context = new OffscreenCanvas(width, height).getContext('2d', how);
  }

  read(draw) {
    const {width, height} = this.size;
    draw(this.context);
    return {rgba: this.context.getImageData(0, 0, width, height).data, width, height};
  }
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

/** A webcam as a film that ends with stop() or its stream; frames: ReadableStream of VideoFrame (cameraFrames). */
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
    const canvas = new Canvas(...this.size), zero = this.first.timestamp;
    let frame = this.first;
    try {
      for (let index = 0; frame && index < stop && !this.stopped; index++) {
        signal?.throwIfAborted();
        const time = (frame.timestamp - zero) / 1e6;
        const picture = canvas.read(c => c.drawImage(frame, 0, 0, ...this.size));
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

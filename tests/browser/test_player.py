"The player: Play plays, keys and slider scrub, the camera turns, joints can be picked, numbers are those of Python."
import numpy as np
import pytest
import torch
from plotly_page import click_joint, unnamed, wait_for
from uplift.body.body import Body
from uplift.core.rotations import rotation_x, rotation_y, rotation_z
from uplift.look.player import Player, compare
from uplift.look.tracks import Mesh, Points2D, Track

STATE = '''() => { const gd = document.querySelector('.plotly-graph-div'), t = gd.data[0], p = gd.upliftPlayer;
    return {frame: p.frame, playing: p.playing, joint: p.joint, x: Array.from(t.x), y: Array.from(t.y),
            slider: +document.querySelector('.uplift-player input[type=range]').value,
            eye: gd._fullLayout.scene ? gd._fullLayout.scene.camera.eye : null}; }'''
T, FPS = 100, 50.

@pytest.fixture(scope='module')
def motion():
    "Somebody waves: rotations, place, joints, pixels."
    t, body = torch.arange(T) / FPS, Body.load('open')
    pose = torch.eye(3).repeat(T, 22, 1, 1)
    pose[:, 0] = rotation_x(torch.full((T,), torch.pi)) @ rotation_y(.3 * torch.sin(3 * t))
    pose[:, 16], pose[:, 17] = rotation_z(.5 + 0 * t), rotation_z(1.2 + 0 * t)
    pose[:, 18] = rotation_z(.6 + .5 * torch.sin(6 * t))
    place = torch.tensor([.1, .1, 4.]).expand(T, 3)
    joints = body.fk(pose, transl=place).joints[:, :22].numpy()
    surface = body.points(pose, transl=place).numpy()
    return pose, place, joints, 1000 * surface[..., :2] / surface[..., 2:] + [450, 450], t, body

def comparison(motion):
    "A prediction with holes beside the truth."
    pose, _, joints, _, t, _ = motion
    holes, turned = joints + .03, pose.clone()
    holes[10:40, 18:] = np.nan
    holes[50] = np.nan
    turned[:, 18] = turned[:, 18] @ rotation_x(.5 * torch.sin(3 * t))
    estimate = Track(holes, rotations=turned)
    truth = Track(joints, 'ground truth', ghost=True, rotations=pose)
    return compare(estimate, truth, FPS, joint='left_elbow')

def beside_video(motion):
    "Keypoints beside the figure, and a title that would break a careless page."
    pose, _, joints, pixels, _, _ = motion
    sure = np.random.default_rng(0).uniform(0, 1, pixels.shape[:2])
    points = Points2D(pixels, sure, image_size=(900, 900))
    return Player(Track(joints, rotations=pose), FPS, points, title='Wave </script> & more')

def mesh(motion):
    pose, place, joints, _, _, body = motion
    skin = lambda ids: body.mesh(pose[ids], transl=place[ids])
    return Player(joints, FPS, mesh=Mesh(skin, body.faces, frames=5))

def long_walk(motion):
    joints = motion[2]
    return Player(np.resize(joints, (2500, 22, 3)) + np.linspace([0, 0, 0], [5., 0, 8], 2500)[:, None], FPS)

def points_only(motion): return Player([], FPS, motion[3])

def one_frame(motion): return Player(motion[2][:1], FPS, motion[3][:1], theme='dark')

def opened(player, page, folder):
    "The page of a player, ready, and a function that tells its state."
    page.goto(player.save(folder/'player.html').as_uri())
    page.wait_for_selector('[data-ready=true]', timeout=60_000)
    return lambda: page.evaluate(STATE)

@pytest.mark.parametrize('make', [beside_video, comparison, mesh, long_walk, points_only])
def test_play(make, motion, new_page, shoot, tmp_path):
    page = new_page()
    state = opened(make(motion), page, tmp_path)
    first, last = state(), int(page.get_attribute('.uplift-player input[type=range]', 'max'))
    shoot(page, 'start')
    for key, frame in (('ArrowRight', 1), ('ArrowLeft', 0), ('Shift+ArrowRight', min(10, last)), ('End', last), ('Home', 0)):
        page.keyboard.press(key)
        assert state()['frame'] == frame, key
    speed = lambda: float(page.input_value('.uplift-player .speed'))
    page.keyboard.press('+')
    assert speed() == 1.5
    page.keyboard.press('-')
    assert speed() == 1
    page.click('.uplift-player .play')
    wait_for(page, lambda: (s := state())['playing'] and s['x'] != first['x'] and s['slider'], 'Play does not play')
    page.click('.uplift-player .clock')
    page.keyboard.press('Space')
    held = state()
    page.wait_for_timeout(200)
    assert not held['playing'] and state()['frame'] == held['frame'], 'space does not pause'
    page.eval_on_selector('.uplift-player input[type=range]', '''(e, value) => {
        e.value = value; e.dispatchEvent(new Event('input', {bubbles: true})) }''', last // 2)
    wait_for(page, lambda: state()['frame'] == last // 2 and state()['y'] != first['y'], 'the slider moves nothing')
    assert 'frame' in page.inner_text('.uplift-player .clock')
    assert 'moving figure' in page.get_attribute('.plotly-graph-div', 'aria-label')
    assert unnamed(page, '.uplift-player') == 0
    shoot(page, 'middle')

def test_one_frame_in_the_dark(motion, new_page, shoot, tmp_path):
    page = new_page(scheme='dark')
    state = opened(one_frame(motion), page, tmp_path)
    page.keyboard.press('ArrowRight')
    assert state()['frame'] == 0
    shoot(page, 'start')

def test_camera(motion, new_page, tmp_path):
    "The view turns by itself, comes back, and a view that the reader turned survives the frames that follow."
    page = new_page()
    state = opened(comparison(motion), page, tmp_path)
    first = state()['eye']
    away = lambda eye: abs(eye['x'] - first['x']) > .05
    page.check('.uplift-player .turn')
    wait_for(page, lambda: away(state()['eye']), 'the camera does not turn')
    page.uncheck('.uplift-player .turn')
    page.click('.uplift-player .reset')
    wait_for(page, lambda: abs(state()['eye']['x'] - first['x']) < 1e-6, 'the camera does not come back')
    page.click('.uplift-player .play')
    box = page.locator('.plotly-graph-div #scene').first.bounding_box()
    x, y = box['x'] + box['width'] * .7, box['y'] + box['height'] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for i in range(16):
        page.mouse.move(x + 6 * i, y)
        page.wait_for_timeout(60)
    page.mouse.up()
    wait_for(page, lambda: away(state()['eye']), 'the view cannot be turned by mouse while playing')
    page.wait_for_timeout(800)
    turned = state()
    wait_for(page, lambda: state()['frame'] != turned['frame'], 'time stands still')
    assert abs(state()['eye']['x'] - turned['eye']['x']) < 1e-3, 'the view jumps back'
    reach = lambda: sum(v * v for v in state()['eye'].values())
    near = reach()
    for _ in range(10):
        page.mouse.wheel(0, 20)
        page.wait_for_timeout(40)
    wait_for(page, lambda: reach() > 1.02 * near, 'the wheel does not zoom while playing')

def test_pick(motion, new_page, shoot, tmp_path):
    "The list, keys and a click on the figure pick a joint; panel and curves tell of it and follow the frame."
    page, panel = new_page(), '.uplift-player .panel'
    state = opened(comparison(motion), page, tmp_path)
    joint = lambda: state()['joint']
    page.select_option('.uplift-player .joint', 'left_knee')
    assert joint() == 'left_knee' and 'left knee' in page.inner_text(panel)
    page.click('.uplift-player .clock')
    page.keyboard.press('j')
    assert joint() == 'right_knee'
    page.keyboard.press('Shift+J')
    assert joint() == 'left_knee'
    page.keyboard.press('Escape')
    assert joint() is None and page.is_hidden(panel)
    page.keyboard.press('Home')
    page.wait_for_timeout(300)
    click_joint(page, 'left_wrist')
    wait_for(page, lambda: joint() == 'left_wrist', 'a click on a joint does not pick it')
    page.select_option('.uplift-player .joint', 'left_elbow')
    page.wait_for_selector(panel + ' svg')
    assert page.locator(panel + ' svg').count() == page.locator(panel + ' svg[role=img][aria-label]').count()
    told = lambda: (page.get_attribute(panel + ' svg line', 'x1'), page.inner_text(panel + ' table'))
    cursor, numbers = told()
    page.locator(panel + ' svg').first.click(position=dict(x=60, y=20))
    wait_for(page, lambda: told()[0] != cursor and told()[1] != numbers, 'the panel stands still')
    shoot(page, 'picked')
    page.locator('.uplift-player .track').last.uncheck()
    page.wait_for_function("document.querySelector('.plotly-graph-div').data"
                           ".some(t => t.visible === false && t.name !== 'picked')", timeout=10_000)

def test_curves(motion, new_page, tmp_path):
    "The page computes the same curves as Python."
    page, player = new_page(), comparison(motion)
    opened(player, page, tmp_path)
    for joint in ('left_elbow', 'pelvis', 'head'):
        got = page.evaluate('''name => { const p = document.querySelector('.plotly-graph-div').upliftPlayer;
            return p.pick(name).then(p.curves) }''', joint)
        for mine, wanted in zip(got, player.curves(joint), strict=True):
            assert set(mine) == set(wanted)
            for key in wanted.keys() - {'name'}:
                a, b = np.array(mine[key], float), wanted[key]
                assert (np.isnan(a) == np.isnan(b)).all(), key
                assert np.nanmax(abs(a - b)) < dict(mm=.3).get(key, .03), f'{key} of {joint} differs'

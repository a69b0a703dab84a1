"""The browser page of the lifter: its joints are those of PyTorch. The runtime onnxruntime-web comes from npm
(`npm pack onnxruntime-web`), or from the folder in UPLIFT_ORT_WEB; without either the tests are skipped."""
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
import numpy as np
import pytest
import torch
from uplift.body.body_for import body_for
from uplift.core.cameras import lens
from uplift.core.skeletons import map_keypoints
from uplift.data.keypoints import read_keypoints
from uplift.lift.seen import Seen
from uplift.lift.stretches import lift_stretch
from uplift.model.weights import load_network

onnx = pytest.importorskip('uplift.export.page')
pytest.importorskip('onnxruntime', reason="onnxruntime is not installed (pip install 'uplift[onnx]')")

@pytest.fixture(scope='module')
def runtime(tmp_path_factory, chromium):
    "The folder of onnxruntime-web."
    if given := os.environ.get('UPLIFT_ORT_WEB'): return Path(given)
    version = onnx.ORT_WEB.split('onnxruntime-web@')[1].split('/')[0]
    folder, npm = tmp_path_factory.mktemp('npm'), shutil.which('npm')
    if npm is None: pytest.skip('no npm to fetch onnxruntime-web with')
    try:
        command = [npm, 'pack', '--silent', f'onnxruntime-web@{version}']
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        pytest.skip('the npm registry cannot be reached')
    with tarfile.open(next(folder.glob('*.tgz'))) as tar: tar.extractall(folder, filter='data')
    return folder/'package'/'dist'

def in_python(clip, net):
    "Joints (T, 22, 3) relative to the pelvis: box, network, forward kinematics."
    mapped = map_keypoints(np.array(clip['keypoints']), np.array(clip['confidence']), clip['skeleton'])
    kp, conf = (torch.as_tensor(x) for x in mapped)
    R, _, betas, *_ = lift_stretch(net, Seen(kp, conf, *lens(clip['size']), clip['size'], clip['fps']))
    joints = body_for(betas, 'open').fk(R, betas[None]).joints
    return (joints - joints[:, :1]).numpy()

def wait(page, state='ready'):
    "Wait until the page has done something, and check what."
    page.wait_for_function("['ready', 'failed', 'waiting'].includes(upliftPage.state)", timeout=60_000)
    assert page.evaluate('upliftPage.state') == state, page.inner_text('#message')

def check_joints(page, clip, net):
    wait(page)
    joints = np.array(page.evaluate('Array.from(upliftPage.result.joints)')).reshape(-1, 22, 3)
    assert np.abs(joints - in_python(clip, net)).max() < 1e-3, 'the page and PyTorch disagree'

def pick(page, path):
    page.evaluate("upliftPage.state = 'picked'")
    page.set_input_files('#file', str(path))

def from_npm(runtime):
    "An answer to requests for the public copy of onnxruntime-web."
    def answer(route):
        path = runtime/route.request.url.rsplit('/', 1)[1]
        kind = 'application/wasm' if path.suffix == '.wasm' else 'text/javascript'
        route.fulfill(path=path, headers={'Access-Control-Allow-Origin': '*', 'Content-Type': kind})
    return answer

def test_page(runtime, new_page, serve, shoot, tmp_path):
    net, demo = load_network('lifter')[0], onnx.keypoints_json(read_keypoints('demo')[6:168])
    onnx.onnx_page(tmp_path/'page', 'lifter')
    page = new_page(height=780)
    page.route(onnx.ORT_WEB + '*', from_npm(runtime))
    page.goto(serve(tmp_path/'page'), wait_until='domcontentloaded')
    check_joints(page, demo, net)
    walk(page)
    shoot(page, 'turned')
    slow = demo | dict(fps=30., keypoints=demo['keypoints'][:100], confidence=demo['confidence'][:100])
    (tmp_path/'slow.json').write_text(json.dumps(slow))
    pick(page, tmp_path/'slow.json')
    check_joints(page, slow, net)
    for name, text in dict(other='{"hello": 1}', broken='{').items():
        (tmp_path/f'{name}.json').write_text(text)
        pick(page, tmp_path/f'{name}.json')
        wait(page, 'failed')
    page.emulate_media(color_scheme='dark')
    page.set_viewport_size(dict(width=380, height=800))
    page.click('#demo')
    wait(page)
    shoot(page, 'phone', full_page=True)

def test_model_inside(runtime, new_page, serve, tmp_path):
    "All in one folder: model and runtime come from the page itself. From the disk it says what to do."
    net, demo = load_network('lifter')[0], onnx.keypoints_json(read_keypoints('demo')[6:168])
    onnx.onnx_page(tmp_path/'one', 'lifter', embed=True, ort=runtime)
    page = new_page()
    page.goto(serve(tmp_path/'one'), wait_until='domcontentloaded')
    check_joints(page, demo, net)
    onnx.onnx_page(tmp_path/'page', 'lifter')
    page = new_page(console=False)
    page.goto((tmp_path/'page'/'index.html').as_uri(), wait_until='domcontentloaded')
    wait(page, 'failed')

def walk(page):
    "Keyboard, mouse, slider, play."
    frame = lambda: page.evaluate('upliftPage.frame')
    look = lambda: page.evaluate("document.getElementById('space').toDataURL()")
    page.click('h1')
    page.keyboard.press('ArrowRight')
    assert frame() == 1
    page.keyboard.press('Shift+ArrowRight')
    assert frame() == 11
    seen = look()
    page.keyboard.press('d')
    assert look() != seen, 'the key D does not turn the figure'
    seen, box = look(), page.locator('#space').bounding_box()
    x, y = box['x'] + box['width'] / 2, box['y'] + box['height'] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 90, y - 30, steps=4)
    page.mouse.up()
    assert look() != seen, 'the mouse does not turn the figure'
    seen = look()
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(100)
    assert look() != seen, 'the wheel does not come closer'
    page.keyboard.press('0')
    page.click('#play')
    page.wait_for_timeout(800)
    assert frame() != 11, 'Play does not play'
    page.click('h1')
    page.keyboard.press('Space')
    held = frame()
    page.wait_for_timeout(300)
    assert frame() == held, 'space does not pause'
    page.check('#turn')
    seen = look()
    page.wait_for_timeout(400)
    assert look() != seen, 'the figure does not turn by itself'
    page.uncheck('#turn')

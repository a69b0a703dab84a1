"""The browser page of the lifter in headless Chromium: the joints it computes against those of PyTorch.

    npm pack onnxruntime-web@1.30.0 && tar xzf onnxruntime-web-1.30.0.tgz
    python tools/check_onnx_page.py --ort package/dist [--weights lifter] [--shots DIR]

Needs playwright, a chromium, and the extra `onnx`. Requests for the public copy of onnxruntime-web are answered from --ort."""
import argparse, functools, http.server, json, math, sys, tempfile, threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from browser import CHROMIUM, FLAGS, sync_playwright

import numpy as np
import torch
from uplift.body.body import Body
from uplift.model.box import box_input
from uplift.model.inference import in_camera, lift
from uplift.data.keypoints import read_keypoints
from uplift.lift.stretches import at_times, project_columns, to_rate
from uplift.core.cameras import lens
from uplift.model.weights import load_network
from uplift.export.page import ORT_WEB, keypoints_json, onnx_page
from uplift.core.skeletons import map_keypoints

def in_python(clip, net):
    "Joints (T, 22, 3) relative to the pelvis: box, network, forward kinematics."
    kp, conf = map_keypoints(np.array(clip['keypoints']), np.array(clip['confidence']), clip['skeleton'])
    f, c = lens(clip['size'])
    k, s = to_rate(kp, conf, clip['fps'], net.config.fps)
    x = box_input(torch.as_tensor(k)[None], torch.as_tensor(s)[None], f[None], c[None])
    R, _, betas = lift(net, x)
    R = in_camera(R, x.to_ray)[0]
    if abs(clip['fps'] - net.config.fps) > .1: R = project_columns(at_times(R, torch.arange(len(kp)) * (net.config.fps / clip['fps'])))
    joints = Body.load('open').fk(R, betas).joints
    return (joints - joints[:, :1]).numpy()

class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {'.mjs': 'text/javascript', '.wasm': 'application/wasm'}
    def log_message(self, *args): pass

def serve(folder):
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f'http://127.0.0.1:{server.server_port}/'

def wait(page, state='ready'):
    page.wait_for_function(f"['ready', 'failed', 'waiting'].includes(upliftPage.state)", timeout=120_000)
    got = page.evaluate('upliftPage.state')
    assert got == state, (got, page.inner_text('#message'))

def joints(page): return np.array(page.evaluate('Array.from(upliftPage.result.joints)')).reshape(-1, 22, 3)

def compare(page, clip, net, name):
    off = np.abs(joints(page) - in_python(clip, net)).max()
    print(f'{name}: {page.inner_text("#message")}; joints differ from PyTorch by at most {1000 * off:.4f} mm')
    assert off < 1e-3, 'the page and PyTorch disagree'

def pick(page, path):
    page.evaluate("upliftPage.state = 'picked'"); page.set_input_files('#file', str(path))

def walk(page, shots):
    "Keyboard, mouse, slider, play."
    frame = lambda: page.evaluate('upliftPage.frame')
    look = lambda: page.evaluate("document.getElementById('space').toDataURL()")
    page.click('h1'); page.keyboard.press('ArrowRight'); assert frame() == 1, 'arrow key'
    page.keyboard.press('Shift+ArrowRight'); assert frame() == 11, 'shift and arrow'
    if shots: page.screenshot(path=shots / 'start.png')
    seen = look(); page.keyboard.press('d'); assert look() != seen, 'the key D does not turn the figure'
    seen = look(); box = page.locator('#space').bounding_box(); x, y = box['x'] + box['width'] / 2, box['y'] + box['height'] / 2
    page.mouse.move(x, y); page.mouse.down(); page.mouse.move(x + 90, y - 30, steps=4); page.mouse.up(); assert look() != seen, 'the mouse does not turn the figure'
    seen = look(); page.mouse.wheel(0, -300); page.wait_for_timeout(100); assert look() != seen, 'the wheel does not come closer'
    if shots: page.screenshot(path=shots / 'turned.png')
    page.keyboard.press('0'); page.click('#play'); page.wait_for_timeout(1000); now = frame(); assert now != 11, 'Play does not play'
    page.click('h1'); page.keyboard.press('Space'); held = frame(); page.wait_for_timeout(300); assert frame() == held, 'space does not pause'
    page.check('#turn'); seen = look(); page.wait_for_timeout(400); assert look() != seen, 'the figure does not turn by itself'; page.uncheck('#turn')
    unnamed = page.evaluate("[...document.querySelectorAll('button, input, select, canvas')].filter(e => !e.ariaLabel && !e.textContent && !e.closest('label')).length")
    assert not unnamed, f'{unnamed} controls without a name'

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--ort', type=Path, required=True, help='folder dist of the npm package onnxruntime-web')
    p.add_argument('--weights', default='lifter', help='packaged weights or a .safetensors file')
    p.add_argument('--shots', type=Path, help='folder for screenshots')
    a = p.parse_args()
    if a.shots: a.shots.mkdir(parents=True, exist_ok=True)
    net, demo = load_network(a.weights)[0], keypoints_json(read_keypoints('demo')[6:168])
    with tempfile.TemporaryDirectory() as d, sync_playwright() as play:
        d = Path(d)
        onnx_page(d / 'page', a.weights)
        onnx_page(d / 'one', d / 'page' / 'model.onnx', embed=True, ort=a.ort)
        slow = demo | dict(fps=30., keypoints=demo['keypoints'][:100], confidence=demo['confidence'][:100])
        (d / 'slow.json').write_text(json.dumps(slow)); (d / 'bad.json').write_text('{"hello": 1}'); (d / 'broken.json').write_text('{')
        server, address = serve(d / 'page')
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page, errors = browser.new_page(viewport=dict(width=1000, height=780)), []
        page.on('pageerror', lambda e: errors.append(str(e)))
        page.on('console', lambda m: errors.append(m.text) if m.type == 'error' else None)
        page.route(ORT_WEB + '*', lambda r: r.fulfill(path=a.ort / r.request.url.rsplit('/', 1)[1], headers={'Access-Control-Allow-Origin': '*',
                   'Content-Type': 'application/wasm' if r.request.url.endswith('.wasm') else 'text/javascript'}))
        page.goto(address, wait_until='domcontentloaded'); wait(page); compare(page, demo, net, 'demo')
        walk(page, a.shots)
        pick(page, d / 'slow.json'); wait(page); compare(page, slow, net, '30 frames per second')
        for name in ('bad', 'broken'): pick(page, d / f'{name}.json'); wait(page, 'failed'); print(f'{name}: {page.inner_text("#message")}')
        assert not errors, errors
        page.emulate_media(color_scheme='dark'); page.click('#demo'); page.wait_for_timeout(100); wait(page)
        if a.shots: page.screenshot(path=a.shots / 'dark.png'); page.set_viewport_size(dict(width=380, height=800)); page.screenshot(path=a.shots / 'phone.png', full_page=True)
        page.close(); server.shutdown()
        page = browser.new_page(); page.goto((d / 'page' / 'index.html').as_uri(), wait_until='domcontentloaded')
        wait(page, 'failed'); print(f'opened from the disk: {page.inner_text("#message")}')
        server, address = serve(d / 'one'); page.goto(address, wait_until='domcontentloaded'); wait(page); compare(page, demo, net, 'model inside, local runtime')
        server.shutdown(); browser.close()
if __name__ == '__main__': main()

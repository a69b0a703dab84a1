"""Drive the live viewer in a real JupyterLab (or Notebook 7): move the slider, pick joints, hide a track, change the speed.
`python tools/check_widgets.py [--jupyter FOLDER] [--app lab|notebook|both] [--shots DIR]`; needs playwright, chromium and jupyterlab or notebook."""
import argparse, json, os, re, secrets, shutil, socket, subprocess, sys, tempfile, time
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
from browser import CHROMIUM, FLAGS, skip, sync_playwright
SLOW = 90_000

CELLS = ['''import torch
from uplift.body.body import Body
from uplift.core.rotations import rotation_x, rotation_z
from uplift.look.player import compare
from uplift.look.tracks import Track
from uplift.look.widget import PoseWidget
torch.set_num_threads(1)
t = torch.arange(100) / 50
pose = torch.eye(3).repeat(100, 22, 1, 1)
pose[:, 0] = rotation_x(torch.full((100,), torch.pi))
pose[:, 17], pose[:, 16], pose[:, 18] = rotation_z(1.2 + 0 * t), rotation_z(.4 + 0 * t), rotation_z(.6 + .5 * torch.sin(6 * t))
guess = pose.clone(); guess[:, 18] = guess[:, 18] @ rotation_x(.5 * torch.sin(3 * t))
place = torch.tensor([0., .1, 4.]).expand(100, 3)
mine, true = (Body.load().fk(R, transl=place).joints[:, :22].numpy() for R in (guess, pose))
player = compare(Track(mine, rotations=guess), Track(true, 'ground truth', rotations=pose), 50., joint='left_elbow')
w = PoseWidget(player)''', 'w', "print('state', w.frame.value, w.joint.value, w.play.interval, w.play.step, w.traces[1][0][0].visible)", 'player']

def notebook(folder):
    cell = lambda i, source: dict(cell_type='code', id=f'c{i}', metadata={}, execution_count=None, outputs=[], source=source)
    book = dict(cells=[cell(i, s) for i, s in enumerate(CELLS)], nbformat=4, nbformat_minor=5,
                metadata=dict(kernelspec=dict(name='python3', display_name='python3', language='python')))
    (folder/'viewer.ipynb').write_text(json.dumps(book))

def serve(program, folder):
    "The running server, its address and its key."
    key = secrets.token_hex()
    with socket.socket() as s: s.bind(('127.0.0.1', 0)); port = s.getsockname()[1]
    env = dict(os.environ, PYTHONPATH=f'{ROOT}{os.pathsep}{os.environ.get("PYTHONPATH", "")}', JUPYTER_PATH=str(Path(sys.prefix)/'share'/'jupyter'),
               OMP_NUM_THREADS='1', JUPYTER_CONFIG_DIR=str(folder/'.config'), IPYTHONDIR=str(folder/'.ipython'))
    if os.environ.get('JUPYTER_PATH'): env['JUPYTER_PATH'] += os.pathsep + os.environ['JUPYTER_PATH']
    log = open(folder/'server.log', 'w')
    server = subprocess.Popen([program, '--no-browser', f'--port={port}', '--ServerApp.port_retries=0', f'--IdentityProvider.token={key}',
                               '--allow-root', f'--ServerApp.root_dir={folder}'], env=env, stdout=log, stderr=log)
    for _ in range(120):
        time.sleep(.5)
        if server.poll() is not None: sys.exit(f'{program} stopped:\n{(folder/"server.log").read_text()[-2000:]}')
        try: urlopen(f'http://127.0.0.1:{port}/api/status?token={key}', timeout=2).read(); return server, f'http://127.0.0.1:{port}', key
        except OSError: pass
    server.terminate(); sys.exit(f'{program} does not answer')

def cell(page, i): return page.locator('.jp-CodeCell').nth(i)

def state(page):
    "What the kernel says: frame, joint, pause, step, visibility of the ghost."
    cell(page, 2).locator('.cm-content').click(); page.keyboard.press('Control+Enter')
    page.wait_for_timeout(700)
    page.wait_for_function("!/\\[\\*\\]/.test(document.querySelectorAll('.jp-CodeCell')[2].innerText)", timeout=SLOW)
    return re.search(r'state (.*)', cell(page, 2).locator('.jp-OutputArea-output').last.inner_text())[1].split()

DRAWN = '''() => { const [gd, curves] = document.querySelectorAll('.jp-CodeCell:nth-of-type(n) .js-plotly-plot');
    const sum = t => Array.from(t.z).filter(Number.isFinite).reduce((a, b) => a + Math.abs(b), 0);
    return {z: gd.data.filter(t => t.type === 'scatter3d').map(t => t.z ? sum(t) : 0), curve: Array.from(curves.data[0].y).slice(0, 9),
            cursor: curves.layout.shapes[0].x0, visible: gd.data.map(t => t.visible !== false)}; }'''

def drive(browser, address, key, app, shots):
    page = browser.new_page(viewport=dict(width=1200, height=1150))
    # pages of plotly load their library from the net: give them the packaged one
    import plotly
    library = Path(plotly.__file__).parent/'package_data'/'plotly.min.js'
    page.route('https://cdn.plot.ly/**', lambda route: route.fulfill(path=library, content_type='text/javascript'))
    page.goto(f'{address}/{"lab/tree" if app == "lab" else "notebooks"}/viewer.ipynb?token={key}'); page.wait_for_selector('.jp-CodeCell', timeout=SLOW)
    page.wait_for_timeout(3000)
    shoot = lambda name: shots and page.screenshot(path=shots/f'{app}-{name}.png')
    for i in (0, 1):
        cell(page, i).locator('.cm-content').click(); page.keyboard.press('Control+Enter')
    page.wait_for_selector('.jp-OutputArea .js-plotly-plot .gl-container canvas', timeout=2 * SLOW)
    page.wait_for_function("document.querySelectorAll('.js-plotly-plot').length >= 2 && document.querySelectorAll('.js-plotly-plot')[1].data.length > 2", timeout=SLOW)
    out = cell(page, 1).locator('.jp-OutputArea').first
    page.wait_for_timeout(1500); shoot('start')
    first, told = page.evaluate(DRAWN), state(page)
    assert told[:2] == ['0', 'left_elbow'], told

    out.locator('.noUi-handle').first.focus()
    for _ in range(30): page.keyboard.press('ArrowRight')
    page.wait_for_function("document.querySelectorAll('.js-plotly-plot')[1].layout.shapes[0].x0 > .5", timeout=SLOW); page.wait_for_timeout(1000)
    moved = page.evaluate(DRAWN)
    assert moved['z'] != first['z'] and 'at 0.60 s' in out.inner_text(), 'the slider moves nothing'
    assert state(page)[0] == '30'
    print(f'{app}: slider moved to frame 30, figure, cursor and numbers follow')

    out.locator('select').nth(1).select_option('left_knee'); page.wait_for_timeout(2500)
    knee = page.evaluate(DRAWN)
    assert knee['curve'] != moved['curve'] and state(page)[1] == 'left_knee' and 'left_knee' in out.inner_text(), 'the picker picks nothing'
    shoot('knee')
    out.locator('.js-plotly-plot').first.scroll_into_view_if_needed(); page.wait_for_timeout(500)
    spot = page.evaluate(SPOT, 'left_wrist')
    page.mouse.move(spot[0] - 2, spot[1]); page.wait_for_timeout(500); page.mouse.move(*spot); page.wait_for_timeout(700)
    page.mouse.down(); page.wait_for_timeout(150); page.mouse.up(); page.wait_for_timeout(2500)
    assert state(page)[1] == 'left_wrist', f'a click on the wrist picks {state(page)[1]}'
    out.locator('select').nth(1).select_option('left_elbow'); page.wait_for_timeout(2500)
    out.locator('.js-plotly-plot').first.scroll_into_view_if_needed(); page.wait_for_timeout(500); shoot('elbow')
    print(f'{app}: joints picked from the list and by a click on the figure')

    out.get_by_title('ground truth').first.click(); page.wait_for_timeout(1500)
    assert not page.evaluate(DRAWN)['visible'][3] and state(page)[4] == 'False', 'the ghost stays'
    out.locator('select').nth(0).select_option(label='2×'); page.wait_for_timeout(1500)
    assert float(state(page)[3]) / float(state(page)[2]) * 1000 == 100, 'twice the speed is 100 frames a second'
    out.locator('.jupyter-widgets.widget-play button, .widget-play button').first.click(); page.wait_for_timeout(2500)
    out.locator('.widget-play button').first.click(); page.wait_for_timeout(1500)
    assert state(page)[0] != '30', 'Play does not play'
    print(f'{app}: ghost hidden, speed changed, Play plays')
    out.locator('.js-plotly-plot').first.scroll_into_view_if_needed(); page.wait_for_timeout(500); shoot('end')

    cell(page, 3).locator('.cm-content').click(); page.keyboard.press('Control+Enter')
    frame = cell(page, 3).frame_locator('iframe'); frame.locator('[data-ready=true]').wait_for(timeout=SLOW)
    frame.locator('.joint').select_option('right_elbow'); page.wait_for_timeout(1000)
    expect(frame.locator('.panel')).to_contain_text('right elbow')
    cell(page, 3).locator('iframe').scroll_into_view_if_needed(); page.wait_for_timeout(1000); shoot('player')
    print(f'{app}: the player of a saved page works in an output, too')
    page.close()

SPOT = '''name => { const gd = document.querySelector('.js-plotly-plot'), s = gd._fullLayout.scene._scene, c = s.glplot.cameraParams;
    const t = gd.data.find(t => t.type === 'scatter3d' && t.visible !== false && Array.from(t.hovertext || []).some(h => h.endsWith(name)));
    const i = Array.from(t.hovertext).findIndex(h => h.endsWith(name));
    let v = [t.x[i] * s.dataScale[0], t.y[i] * s.dataScale[1], t.z[i] * s.dataScale[2], 1];
    for (const m of [c.model, c.view, c.projection]) v = [0, 1, 2, 3].map(r => m[r] * v[0] + m[r + 4] * v[1] + m[r + 8] * v[2] + m[r + 12] * v[3]);
    const b = s.container.getBoundingClientRect();
    return [b.left + b.width * (1 + v[0] / v[3]) / 2, b.top + b.height * (1 - v[1] / v[3]) / 2]; }'''

def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('--jupyter', type=Path, help='folder of jupyter-lab and jupyter-notebook; None: from the path')
    p.add_argument('--app', choices=('lab', 'notebook', 'both'), default='lab')
    p.add_argument('--shots', type=Path, help='folder for screenshots')
    a = p.parse_args()
    if a.shots: a.shots.mkdir(parents=True, exist_ok=True)
    for app in ('lab', 'notebook') if a.app == 'both' else (a.app,):
        program = str(a.jupyter/f'jupyter-{app}') if a.jupyter else shutil.which(f'jupyter-{app}')
        if not program or not Path(program).exists(): skip(f'no jupyter-{app} here (pip install jupyterlab notebook)')
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as d, sync_playwright() as play:
            notebook(Path(d))
            server, address, key = serve(program, Path(d))
            try:
                browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                drive(browser, address, key, app, a.shots)
                browser.close()
            finally: server.terminate(); server.wait(20)

if __name__ == '__main__': main()

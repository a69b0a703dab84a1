"""Drive the explorers and the dashboard in headless Chromium: their pages by keyboard, the live widgets in JupyterLab and Notebook 7.
`python tools/check_explorers.py [--shots DIR] [--only pages|lab|notebook]`. Needs playwright, chromium and, for the live ones, jupyterlab and notebook."""
import argparse, json, os, socket, subprocess, sys, tempfile, time, urllib.request
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from browser import CHROMIUM, FLAGS, sync_playwright
DATA = '''i => { const gd = document.querySelectorAll('.js-plotly-plot')[i]; if (!gd || !gd.data) return null;
    return gd.data.map(t => JSON.stringify([...'xyz'].map(a => t[a] ? Array.from(t[a].bdata ? [] : t[a]).map(v => v === null || Number.isNaN(v) ? 0 : +v.toFixed(5)) : 0))); }'''

def logs(folder):
    "Two short made-up runs."
    import numpy as np
    from torch.utils.tensorboard import SummaryWriter
    for name, rate in (('quick', .01), ('slow', .004)):
        writer, rng = SummaryWriter(str(folder/name)), np.random.default_rng(0)
        for s in range(10, 601, 10):
            for k in ('joints', 'angles'):
                writer.add_scalar(f'train/{k}', np.exp(-rate*s + .2*rng.standard_normal()) + .1, s)
                if s % 100 == 0: writer.add_scalar(f'val/{k}', np.exp(-rate*s) + .12, s)
        writer.close()

def changed(before, after): return [i for i, (a, b) in enumerate(zip(before, after)) if a != b]

def pages(browser, folder, shots):
    "Each page: arrow key on its slider, another entry of its menu, light and dark."
    from uplift.learn.dashboard import dashboard_page, read_runs
    from uplift.show.camera_explorer import camera_page
    from uplift.show.rotation_explorer import rotation_page
    made = dict(rotation=rotation_page(), camera=camera_page(), dashboard=dashboard_page(read_runs(folder/'runs')))
    for name, figure in made.items():
        path = figure.save(folder/f'{name}.html', include_plotlyjs=True)
        for scheme in ('light', 'dark'):
            page, errors = browser.new_page(viewport=dict(width=1000, height=820), color_scheme=scheme), []
            page.on('console', lambda m: errors.append(m.text) if m.type == 'error' else None)
            page.on('pageerror', lambda e: errors.append(str(e)))
            page.goto(path.as_uri()); page.wait_for_selector('[data-ready=true]', timeout=60_000)
            first = page.evaluate(DATA, 0)
            page.focus('input[type=range]'); page.keyboard.press('ArrowRight'); page.wait_for_timeout(800)
            moved = page.evaluate(DATA, 0)
            assert changed(first, moved), f'{name}: the arrow key moves nothing'
            table = page.inner_text('table') if page.query_selector('table td') else ''
            if page.query_selector('select'):
                page.select_option('select', index=2); page.wait_for_timeout(800)
                assert changed(moved, page.evaluate(DATA, 0)), f'{name}: the menu moves nothing'
                assert table != page.inner_text('table') or name == 'rotation', f'{name}: the table stays'
            if shots: page.screenshot(path=shots/f'page-{name}-{scheme}.png')
            assert not errors, errors
            page.close()
        print(f'ok  page {name}: {len(figure.to_html())/1000:.0f} KB, arrow key moves traces {changed(first, moved)}')

NAMES = ('rotation', 'camera', 'dashboard')
CELLS = ["from uplift.show.rotation_explorer import RotationExplorer\nw = RotationExplorer()\nw", "from uplift.show.camera_explorer import CameraExplorer\nc = CameraExplorer()\nc",
         "from uplift.learn.dashboard import Dashboard\nd = Dashboard('runs')\nd"]

def write_notebook(path, cell):
    spec = dict(name='python3', display_name='Python 3', language='python')
    code = dict(cell_type='code', id='a', source=cell, metadata={}, outputs=[], execution_count=None)
    path.write_text(json.dumps(dict(cells=[code], metadata=dict(kernelspec=spec), nbformat=4, nbformat_minor=5)))

def server(folder, app):
    "A Jupyter server of our own on a free port of this machine, and its address."
    with socket.socket() as s: s.bind(('127.0.0.1', 0)); port = s.getsockname()[1]
    shares = [str(Path(p).parents[2]/'share/jupyter') for p in sys.path if p.endswith('site-packages')]
    env = os.environ | dict(JUPYTER_PATH=os.pathsep.join(shares), PYTHONPATH=os.pathsep.join([str(Path(__file__).resolve().parents[1])]),
                            JUPYTER_RUNTIME_DIR=str(folder/'runtime'), JUPYTER_CONFIG_DIR=str(folder/'config'), IPYTHONDIR=str(folder/'ipython'))
    log = open(folder/'server.log', 'w')
    process = subprocess.Popen([sys.executable, '-m', app, '--no-browser', '--allow-root', '--ip=127.0.0.1', f'--port={port}', '--IdentityProvider.token=',
                                '--ServerApp.password=', f'--ServerApp.root_dir={folder}', '--LabApp.news_url=None'], cwd=folder, env=env, stdout=log, stderr=log)
    for _ in range(120):
        try: urllib.request.urlopen(f'http://127.0.0.1:{port}/api/status', timeout=2); return process, f'http://127.0.0.1:{port}'
        except OSError: time.sleep(.5)
    process.terminate(); sys.exit(f'{app} did not start: {(folder/"server.log").read_text()[-2000:]}')

def wait_for(page, test, what, seconds=90):
    for _ in range(seconds*4):
        if (got := test()): return got
        page.wait_for_timeout(250)
    raise AssertionError(what)

def drive(page, name, shots, where):
    "Arrow keys on the handles of sliders, as a reader without a mouse would."
    wait_for(page, lambda: page.evaluate(DATA, 0), f'{where} {name}: no figure')
    page.wait_for_timeout(1500)
    if shots: page.screenshot(path=shots/f'{where}-{name}-start.png')
    before = page.evaluate(DATA, 0)
    handle = page.locator('.noUi-handle').nth({'rotation': 1, 'camera': 0, 'dashboard': 0}[name])
    handle.focus()
    for _ in range(8): page.keyboard.press('PageUp' if name != 'dashboard' else 'PageDown')
    wait_for(page, lambda: changed(before, page.evaluate(DATA, 0)), f'{where} {name}: the slider moves nothing', 30)
    page.wait_for_timeout(2500)
    moved, text = page.evaluate(DATA, 0), page.inner_text('.jp-OutputArea')
    print(f'ok  {where} {name}: slider moves traces {changed(before, moved)}')
    if name == 'rotation':
        ends = page.evaluate("() => { const c = document.querySelector('.js-plotly-plot').calcdata[9]; return [c[0].x, c[c.length - 1].x]; }")
        assert ends == [-360, 360], f'{where} rotation: the curves lost their angles: {ends}'
    if name == 'rotation': page.get_by_role('button', name='keep as truth').click()
    if name == 'camera': page.get_by_label('legs').check()
    if name == 'dashboard': page.get_by_label('logarithmic').check()
    page.wait_for_timeout(2500)
    if name != 'dashboard': assert changed(moved, page.evaluate(DATA, 0)), f'{where} {name}: the second control moves nothing'
    else: assert page.evaluate("() => [...document.querySelectorAll('.js-plotly-plot')].pop().layout.yaxis.type") == 'log'
    assert name == 'dashboard' or text != page.inner_text('.jp-OutputArea'), f'{where} {name}: the readouts stay'
    if shots: page.screenshot(path=shots/f'{where}-{name}-moved.png')

def live(browser, folder, shots, app):
    "The widgets on a running kernel, in JupyterLab or in Notebook 7."
    where, process, address = dict(jupyterlab='lab', notebook='notebook')[app], *server(folder, app)
    try:
        for name, cell in zip(NAMES, CELLS):
            write_notebook(folder/f'{name}.ipynb', cell)
            page, errors = browser.new_page(viewport=dict(width=1300, height=1000)), []
            page.on('pageerror', lambda e: errors.append(str(e)))
            page.goto(f'{address}/{"lab/tree" if app == "jupyterlab" else "notebooks"}/{name}.ipynb{"?reset" if app == "jupyterlab" else ""}', wait_until='domcontentloaded')
            page.wait_for_selector('.jp-CodeCell', timeout=90_000)
            page.wait_for_selector('[data-status=idle], .jp-NotebookKernelStatus, .jp-Notebook-ExecutionIndicator', state='attached', timeout=60_000); page.wait_for_timeout(4000)
            page.click('.jp-CodeCell .cm-content:visible'); page.keyboard.press('Shift+Enter')
            drive(page, name, shots, where)
            page.close()
    finally: process.terminate(); process.wait(20)

def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('--shots', type=Path, help='folder for screenshots')
    p.add_argument('--only', choices=('pages', 'lab', 'notebook'))
    args = p.parse_args()
    if args.shots: args.shots.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as d, sync_playwright() as pw:
        folder = Path(d); logs(folder/'runs')
        browser = pw.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        if args.only in (None, 'pages'): pages(browser, folder, args.shots)
        for app, short in (('jupyterlab', 'lab'), ('notebook', 'notebook')):
            if args.only not in (None, short): continue
            if find_spec(app): live(browser, folder, args.shots, app)
            else: print(f'skipped: {app} is not installed')
        browser.close()

if __name__ == '__main__': main()

"""LiftApp on a running kernel, in JupyterLab, Notebook 7 and Voila: a file is chosen, lifted, looked at, taken along.
Skipped where these are not installed.

    UPLIFT_FILM=film.mp4 pytest tests/browser/test_lift_app.py      with a film (and its detector) instead of keypoints"""
import json
import os
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
import pytest
from conftest import ROOT, write_notebook
from plotly_page import wait_for
from test_live import opened, run
from uplift.data.keypoints import read_keypoints
from uplift.export.page import keypoints_json

CODE = 'from uplift.show.lift_app import LiftApp\nLiftApp()'
APPS = [pytest.param(app, marks=pytest.mark.skipif(find_spec(app) is None, reason=f'{app} is not installed'))
        for app in ('jupyterlab', 'notebook', 'voila')]

@pytest.fixture
def voila(tmp_path):
    "A function that serves a notebook as a page without code, and gives its address."
    running = []
    def start(code):
        write_notebook(tmp_path/'app.ipynb', [code])
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            port = s.getsockname()[1]
        shares = [str(Path(p).parents[2]/'share/jupyter') for p in sys.path if p.endswith('site-packages')]
        env = os.environ | dict(JUPYTER_PATH=os.pathsep.join(shares), PYTHONPATH=str(ROOT), OMP_NUM_THREADS='1',
                                JUPYTER_RUNTIME_DIR=str(tmp_path/'run'),
                                IPYTHONDIR=str(tmp_path/'ipython'))
        command = [sys.executable, '-m', 'voila', str(tmp_path/'app.ipynb'), '--no-browser', f'--port={port}',
                   '--Voila.ip=127.0.0.1', '--ServerApp.allow_root=True']
        log = open(tmp_path/'voila.log', 'w')
        running.append(subprocess.Popen(command, cwd=tmp_path, env=env, stdout=log, stderr=log))
        for _ in range(240):
            assert running[-1].poll() is None, (tmp_path/'voila.log').read_text()[-2000:]
            try:
                socket.create_connection(('127.0.0.1', port), 1).close()
                break
            except OSError: time.sleep(.5)
        return f'http://127.0.0.1:{port}/'
    yield start
    for server in running:
        server.terminate()
        server.wait(20)

@pytest.fixture
def source(tmp_path):
    "A second of keypoints, or the film that was given."
    if film := os.environ.get('UPLIFT_FILM'): return film
    path = tmp_path/'squat & <b>.json'
    path.write_text(json.dumps(keypoints_json(read_keypoints('demo')[20:50])))
    return path

@pytest.mark.parametrize('app', APPS)
def test_lift_app(app, jupyter, voila, new_page, shoot, source, tmp_path):
    "What is chosen is lifted; a player, a curve and files are there; then the phone's width, and the dark."
    page = new_page(console=False, scripts=False)
    if app == 'voila': page.goto(voila(CODE), wait_until='domcontentloaded')
    else:
        opened(page, jupyter(app, [CODE]))
        run(page, 0)
    page.get_by_text('Choose a file').first.wait_for()
    shoot(page, 'first')
    assert page.locator('.widget-dropdown select').first.evaluate('e => e.selectedIndex') == 0
    with page.expect_file_chooser() as chooser: page.get_by_text('Choose a file').first.click()
    chooser.value.set_files(str(source))
    said = lambda: page.locator('p[role=status]').first.inner_text()
    bad = page.locator('p[role=status][style*=weight]')
    told = lambda: page.locator('p[role=status]').count() and (bad.count() or 'expected error' in said()) and said()
    words = wait_for(page, told, 'nothing was lifted', 300)
    assert 'expected error of a joint' in words, words
    player = page.frame_locator('iframe').first
    player.locator('canvas').first.wait_for()
    wait_for(page, lambda: player.locator('canvas').first.bounding_box()['height'] > 100, 'the player has no size')
    assert page.locator('.js-plotly-plot .scatterlayer .trace').count() >= 2, 'no curve'
    with page.expect_download() as download: page.locator('a[download$=bvh]').click()
    download.value.save_as(tmp_path/'out.bvh')
    assert (tmp_path/'out.bvh').read_text().startswith('HIERARCHY')
    page.locator('summary').first.click()
    assert 'left knee flexion' in page.locator('details').first.inner_text().replace('_', ' ')
    shoot(page, 'lifted', full_page=True)
    page.emulate_media(color_scheme='dark')
    shoot(page, 'dark', full_page=True)
    if app != 'voila': return
    page.set_viewport_size(dict(width=390, height=844))
    shoot(page, 'phone', full_page=True)
    assert page.evaluate('document.documentElement.scrollWidth') <= 390, 'it scrolls sideways on a phone'

"""A headless Chromium for the tests that look at pages. They are skipped where playwright or Chromium is missing.

    pytest tests/browser                      what CI runs
    UPLIFT_SHOTS=shots pytest tests/browser   the same, and screenshots to look at"""
import functools
import http.server
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.request import urlopen
import pytest

ROOT = Path(__file__).resolve().parents[2]

SHOTS = os.environ.get('UPLIFT_SHOTS')
FLAGS = ('--headless --no-sandbox --disable-gpu --use-gl=swiftshader --disable-quic --no-first-run --disable-sync '
         '--disable-background-networking --disable-component-update '
         '--use-fake-device-for-media-stream --use-fake-ui-for-media-stream').split()       # a webcam that films a clock
NAMES = ('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')

@pytest.fixture(scope='session')
def chromium(tmp_path_factory):
    "The running browser, with a profile of its own."
    sync_api = pytest.importorskip('playwright.sync_api', reason='playwright is not installed (pip install playwright)')
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None: pytest.skip('no Chromium on this machine')
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()

@pytest.fixture
def new_page(chromium):
    "A function that opens an empty page; what went wrong in its scripts fails the test at the end."
    pages, errors = [], []
    def open_page(width=1000, height=900, scheme='light', console=True, scripts=True):
        page = chromium.new_page(viewport=dict(width=width, height=height), color_scheme=scheme)
        page.set_default_timeout(120_000)                # milliseconds: the docs may be built beside it
        if scripts: page.on('pageerror', lambda e: errors.append(str(e)))
        if console: page.on('console', lambda m: errors.append(m.text) if m.type == 'error' else None)
        page.route(lambda url: not url.startswith(('file:', 'data:', 'blob:', 'http://127.0.0.1')), library)
        pages.append(page)
        return page
    yield open_page
    for page in pages: page.close()
    assert not errors, errors

def library(route):
    "No page needs the network: plotly.js comes from the Python package, all else is refused."
    import plotly
    if 'plotly' not in route.request.url: return route.abort()
    path = Path(plotly.__file__).parent/'package_data'/'plotly.min.js'
    route.fulfill(path=path, content_type='text/javascript')

@pytest.fixture
def shoot(request):
    "A function that takes a screenshot of a page where UPLIFT_SHOTS asks for them."
    def take(page, name, **options):
        if SHOTS: page.screenshot(path=Path(SHOTS)/f'{request.node.name}-{name}.png', **options)
    return take

class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        '.mjs': 'text/javascript', '.wasm': 'application/wasm'}
    def log_message(self, *args): pass

class Isolated(Quiet):
    "Pages that may share memory between threads."
    def end_headers(self):
        self.send_header('Cross-Origin-Opener-Policy', 'same-origin')
        self.send_header('Cross-Origin-Embedder-Policy', 'require-corp')
        super().end_headers()

@pytest.fixture
def serve():
    "A function that serves a folder on this machine, to isolated pages if asked, and returns its address."
    servers = []
    def start(folder, isolated=False):
        handler = functools.partial(Isolated if isolated else Quiet, directory=str(folder))
        servers.append(http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f'http://127.0.0.1:{servers[-1].server_port}'
    yield start
    for server in servers: server.shutdown()

def write_notebook(path, cells):
    spec = dict(name='python3', display_name='Python 3', language='python')
    cell = lambda i, text: dict(cell_type='code', id=f'c{i}', source=text, metadata={}, outputs=[], execution_count=None)
    book = dict(cells=[cell(i, c) for i, c in enumerate(cells)], metadata=dict(kernelspec=spec), nbformat=4, nbformat_minor=5)
    path.write_text(json.dumps(book))

@pytest.fixture
def jupyter(tmp_path):
    "A function that starts a server of our own and gives the address of a notebook in it."
    running = []
    def start(app, cells):
        write_notebook(tmp_path/'page.ipynb', cells)
        with socket.socket() as s:
            s.bind(('127.0.0.1', 0))
            port = s.getsockname()[1]
        shares = [str(Path(p).parents[2]/'share/jupyter') for p in sys.path if p.endswith('site-packages')]
        private = {f'JUPYTER_{k}_DIR': str(tmp_path/k.lower()) for k in ('RUNTIME', 'CONFIG')}
        env = os.environ | private | dict(JUPYTER_PATH=os.pathsep.join(shares), PYTHONPATH=str(ROOT), OMP_NUM_THREADS='1',
                                          IPYTHONDIR=str(tmp_path/'ipython'))
        key, log = secrets.token_hex(), open(tmp_path/'server.log', 'w')
        options = ['--no-browser', '--allow-root', '--ip=127.0.0.1', f'--port={port}', '--ServerApp.port_retries=0',
                   f'--IdentityProvider.token={key}', f'--ServerApp.root_dir={tmp_path}', '--LabApp.news_url=None']
        running.append(subprocess.Popen([sys.executable, '-m', app, *options], cwd=tmp_path, env=env, stdout=log, stderr=log))
        for _ in range(120):
            assert running[-1].poll() is None, (tmp_path/'server.log').read_text()[-2000:]
            try:
                urlopen(f'http://127.0.0.1:{port}/api/status?token={key}', timeout=2).read()
                break
            except OSError: time.sleep(.5)
        where = 'lab/tree' if app == 'jupyterlab' else 'notebooks'
        return f'http://127.0.0.1:{port}/{where}/page.ipynb?token={key}'
    yield start
    for server in running:
        server.terminate()
        server.wait(20)

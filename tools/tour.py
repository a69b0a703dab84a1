"""Pictures of the built docs, to look at: `python tools/docs.py && python tools/tour.py [--out DIR]` opens pages in headless Chromium, light
and dark, and each moving figure in its static form, presses its keys, and writes PNGs. Not part of CI; needs playwright and chromium."""
import argparse, functools, http.server, sys, threading
from pathlib import Path

from browser import CHROMIUM, FLAGS, sync_playwright
DOCS = Path(__file__).resolve().parents[1]/'_docs'
PAGES = ('index', 'tutorials/quickstart', 'tutorials/angles', 'tutorials/train', 'rotations', 'skeletons', 'body', 'metrics', 'ik',
         'angles', 'lifting', 'baselines')
WIDGETS = ('view', 'pages', 'explorers', 'dashboard', 'viewer')      # every moving figure of these pages

def plotly():
    "plotly.js of the Python package: pages ask a network address for it."
    import plotly
    return (Path(plotly.__file__).parent/'package_data'/'plotly.min.js').read_bytes()

def serve(folder):
    "A small web server for the pages; returns its address."
    quiet = type('Quiet', (http.server.SimpleHTTPRequestHandler,), {'log_message': lambda *a: None})
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f'http://127.0.0.1:{server.server_port}'

def opened(context, url, errors):
    "A page, its scripts done; script errors are noted."
    page = context.new_page()
    page.on('pageerror', lambda e: errors.append(f'{url}: {e}'))
    page.goto(url, wait_until='domcontentloaded'); page.wait_for_timeout(1500)
    return page

def frames(page, shots, name, errors):
    "Each moving figure of a page: a picture, an arrow key, whether anything moved."
    for n, frame in enumerate(page.query_selector_all('iframe')):
        frame.scroll_into_view_if_needed()
        inside = frame.content_frame()
        try: inside.wait_for_selector('[data-ready=true]', timeout=30_000)
        except Exception: errors.append(f'{name}: figure {n} is not ready'); continue
        page.wait_for_timeout(700)
        frame.screenshot(path=shots/f'{name}-figure{n}.png')
        slider = inside.query_selector('input[type=range]')
        if slider is None: continue
        slider.focus(); before = slider.input_value(); slider.press('ArrowRight'); page.wait_for_timeout(300)
        if slider.input_value() == before: errors.append(f'{name}: figure {n} does not listen to the arrow key')

def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('--out', type=Path, default=Path('tour'), help='folder for the pictures')
    p.add_argument('--docs', type=Path, default=DOCS, help='folder of the built pages')
    p.add_argument('--only', nargs='*', help='pages to visit instead of all')
    p.add_argument('--full', action='store_true', help='whole pages instead of their first screen')
    a = p.parse_args()
    if not (a.docs/'index.html').exists(): sys.exit(f'no pages in {a.docs}: run python tools/docs.py first')
    a.out.mkdir(parents=True, exist_ok=True)
    address, script, errors = serve(a.docs), plotly(), []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for scheme in ('light', 'dark'):
            context = browser.new_context(viewport=dict(width=1280, height=900), color_scheme=scheme)
            answer = lambda r: r.fulfill(body=script, content_type='text/javascript') if 'plotly' in r.request.url else r.abort()
            context.route(lambda url: not url.startswith(address), answer)
            for name in a.only or PAGES + WIDGETS:
                page, shot = opened(context, f'{address}/{name}.html', errors), f'{name.replace("/", "-")}-{scheme}'
                page.screenshot(path=a.out/f'{shot}.png', full_page=a.full)
                frames(page, a.out, shot, errors)
                page.close()
            context.close()
        browser.close()
    for e in errors: print(e)
    print(f'{len(list(a.out.glob("*.png")))} pictures in {a.out}')
    sys.exit(f'{len(errors)} problems' if errors else 0)

if __name__ == '__main__': main()

"The built docs (python tools/docs.py): pages open in light and dark, show first, unfold by keyboard, and every moving figure moves."
import sys
from pathlib import Path
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT/'tools'))
import pages

DOCS = ROOT/'_docs'
PAGES = 'index tutorials/quickstart core/rotations lift/lifting paper/training'.split()
FIGURES = 'look/player look/figures show/rotation_explorer show/camera_explorer learn/dashboard'.split()
pytestmark = pytest.mark.skipif(not (DOCS/'index.html').exists(), reason='no docs here: python tools/docs.py builds them')

@pytest.mark.parametrize('scheme', ['light', 'dark'])
@pytest.mark.parametrize('name', PAGES)
def test_opens(name, scheme, new_page, serve, shoot):
    page = new_page(1280, scheme=scheme, console=False)
    page.goto(f'{serve(DOCS)}/{name}.html', wait_until='domcontentloaded')
    assert page.inner_text('h1').strip()
    page.wait_for_timeout(500)
    shoot(page, 'top')

@pytest.mark.parametrize('name', FIGURES)
def test_figures_move(name, new_page, serve, shoot):
    "An arrow key on the slider of every frame."
    page = new_page(1280, console=False)
    page.goto(f'{serve(DOCS)}/{name}.html', wait_until='domcontentloaded')
    frames = page.query_selector_all('iframe')
    assert frames, 'no moving figure'
    for n, frame in enumerate(frames):
        frame.scroll_into_view_if_needed()
        inside = frame.content_frame()
        inside.wait_for_selector('[data-ready=true]', timeout=30_000)
        if not (slider := inside.query_selector('input[type=range]')): continue
        slider.focus()
        before = slider.input_value()
        slider.press('ArrowRight')
        page.wait_for_timeout(300)
        assert slider.input_value() != before, f'figure {n} does not listen to the arrow key'
    shoot(page, 'last')

@pytest.mark.parametrize('name', ['core/rotations', 'lift/lifting'])
def test_folds_open_by_keyboard(name, new_page, serve, shoot):
    "Tab reaches a fold, Enter opens and closes it, and what was hidden is the source."
    page = new_page(1280, console=False)
    page.goto(f'{serve(DOCS)}/{name}.html', wait_until='domcontentloaded')
    folds = [d for d in page.query_selector_all('main details') if d.query_selector('summary').inner_text().startswith('Source')]
    assert len(folds) > 3, 'no folded sources'
    fold = folds[0]
    code, summary = fold.query_selector('pre'), fold.query_selector('summary')
    assert not code.is_visible()
    summary.focus()
    page.keyboard.press('Enter')
    assert code.is_visible() and 'def ' in code.inner_text()
    shoot(page, 'open')
    page.keyboard.press('Enter')
    assert not code.is_visible()

@pytest.mark.parametrize('width', [1280, 390])
def test_wide_boxes_are_reached(width, new_page, serve):
    "What scrolls sideways has a tab stop and a name; the page itself does not scroll sideways."
    page = new_page(width, console=False)
    page.goto(f'{serve(DOCS)}/bench/results.html', wait_until='load')
    wide = page.evaluate("""() => [...document.querySelectorAll('main pre, main .cell-output-display, main .sd-table')]
        .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => [e.tabIndex, e.getAttribute('aria-label')])""")
    assert wide, 'nothing is wide here: look at another page'
    assert all(tab == 0 and name for tab, name in wide)
    assert page.evaluate('document.documentElement.scrollWidth <= innerWidth')

def test_axe(chromium):
    "axe-core finds nothing serious on ten pages, light and dark."
    script = pages.axe_script(None)
    if script is None: pytest.skip('axe-core is not here: npm i axe-core, or UPLIFT_AXE')
    faults = {page: said for page, said in pages.axe_faults(chromium, DOCS, pages.TEN, script).items() if said}
    assert not faults, faults

def test_pages_show_first(chromium):
    "The ten pages open with a figure or a result, on the first screen and a half, after at most 15 lines of code."
    found = pages.measure(chromium, DOCS, [DOCS/f'{n}.html' for n in pages.TEN])
    late = {n: (t['result'], t['resultLines']) for n, t in found.items()
            if t['code'] and ((t['result'] or 9) > 1.5 or t['resultLines'] > 15)}
    assert not late, late
    assert not any(t['phoneSideways'] or t['raw'] or t['noAlt'] for t in found.values())

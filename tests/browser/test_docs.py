"The built docs (python tools/docs.py): pages open in light and dark, and every moving figure moves."
from pathlib import Path
import pytest

DOCS = Path(__file__).resolve().parents[2]/'_docs'
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

"Pages and figures where something is missing: no network, no library, no kernel, no room, and texts that are no friends."
import json
from pathlib import Path
import numpy as np
import plotly
import plotly.graph_objects as go
import pytest
from plotly.offline import get_plotlyjs_version
from plotly_page import wait_for
from uplift.look.figures import Control, MovingFigure, calm_layout
from uplift.look.player import Player
from uplift.look.tracks import Footing, Points2D, Track
from uplift.show.camera_explorer import camera_page
from uplift.show.rotation_explorer import rotation_page

EVIL = '''<script>window.struck = 1</script><img src=x onerror="window.struck = 2">' " & </script>'''
PLAYER = "document.querySelector('.plotly-graph-div').upliftPlayer"
COPY = Path(plotly.__file__).parent/'package_data/plotly.min.js'
T = 20

@pytest.fixture(scope='module')
def joints():
    "Somebody of 22 joints, four metres away, who sways."
    rest = np.random.default_rng(0).uniform([-.4, -.9, -.2], [.4, .7, .2], (22, 3))
    return rest + [0, 0, 4.] + .1 * np.sin(np.arange(T) / 3)[:, None, None]

@pytest.fixture
def lonely(new_page):
    "A page without a network, and the list of what it asks for."
    page, asked = new_page(console=False), []
    page.route(lambda url: url.startswith('http'), lambda route: route.abort())
    page.on('request', lambda r: asked.append(r.url))
    return page, asked

def ready(page, path):
    page.goto(path.as_uri())
    page.wait_for_selector('[data-ready=true]')
    return path.as_uri()

@pytest.mark.parametrize('kind', ['player', 'figure'])
def test_offline(kind, joints, lonely, tmp_path):
    "A page that carries the library asks for nothing at all."
    page, asked = lonely
    made = Player(joints) if kind == 'player' else rotation_page()
    address = ready(page, made.save(tmp_path/'page.html', offline=True))
    assert [a for a in asked if not a.startswith(('data:', 'blob:'))] == [address]

def test_copy_on_the_disk(joints, lonely, tmp_path):
    "A page on a disk draws from the copy of the package that wrote it, and doesn't ask the network."
    page, asked = lonely
    address = ready(page, Player(joints).save(tmp_path/'page.html'))
    assert asked[:2] == [address, COPY.as_uri()] and not any(a.startswith('http') for a in asked)

def test_copy_beside_the_page(joints, lonely, tmp_path):
    "What was written elsewhere draws from a library that lies beside it."
    page, asked = lonely
    (tmp_path/'page.html').write_text(Player(joints).to_html(), encoding='utf-8')
    (tmp_path/'plotly.min.js').symlink_to(COPY)
    ready(page, tmp_path/'page.html')
    assert str(Path(asked[1]).name) == 'plotly.min.js'

def test_library_nowhere(joints, lonely, tmp_path):
    "Where nobody has the library, the page says so, and what to do."
    page, asked = lonely
    (tmp_path/'page.html').write_text(Player(joints).to_html(), encoding='utf-8')
    page.goto((tmp_path/'page.html').as_uri())
    page.wait_for_selector('[data-ready=lost]')
    said = page.inner_text('[role=alert]')
    for word in ('plotly.js', 'reload', 'plotly.min.js beside', '--offline'): assert word in said
    assert any('cdn.plot.ly' in a for a in asked)

def test_step_buttons(joints, new_page, tmp_path):
    "One frame back, one on, not beyond the ends; and what plays, stops."
    page = new_page()
    ready(page, Player(joints).save(tmp_path/'page.html'))
    frame, on, back = lambda: page.evaluate(f'{PLAYER}.frame'), 'One frame on', 'One frame back'
    for name, wanted in ((back, 0), (on, 1), (on, 2), (back, 1)):
        page.get_by_role('button', name=name).click()
        assert frame() == wanted, name
    page.keyboard.press('End')
    page.get_by_role('button', name=on).click()
    assert frame() == T - 1
    page.click('.play')
    page.get_by_role('button', name=on).click()
    assert not page.evaluate(f'{PLAYER}.playing')
    page = new_page()
    ready(page, rotation_page().save(tmp_path/'figure.html'))
    chosen = lambda: page.evaluate("document.querySelector('.plotly-graph-div').upliftPage.choice")
    first = chosen()
    page.locator('.step').nth(1).click()
    assert sum(chosen()) == sum(first) + 1
    page.locator('.step').nth(0).click()
    assert chosen() == first

def test_floor_and_feet(joints, new_page, tmp_path):
    "The floor lies at its height, marks under the feet that stand and under no others; both can be hidden."
    page, chance = new_page(), np.zeros((T, 4))
    chance[:, 0], chance[10:, 3] = 1, 1
    player = Player(joints).stand_on(Footing([0, .8, 4.], chance))
    ready(page, player.save(tmp_path/'page.html'))
    trace = '''name => { const t = document.querySelector('.plotly-graph-div').data.find(t => t.name === name);
        return {visible: t.visible !== false, points: ['x', 'y', 'z'].map(a => Array.from(t[a], v => Number.isFinite(v) ? v : null))} }'''
    drawn = lambda name: page.evaluate(trace, name)
    for frame in (0, 15):
        page.evaluate(f'{PLAYER}.seek({frame})')
        for name, wanted in player.ground_lines(frame).items():
            got = np.array(drawn(name)['points'], float)
            np.testing.assert_allclose(got, np.stack([wanted[a] for a in 'xyz']), atol=1e-3)
        assert {z is None or round(z, 3) for z in drawn('floor')['points'][2]} == {True, -.8}
        stands = [x is not None for x in drawn('feet')['points'][0]]
        assert stands == [True, False, False, frame == 15]
    for name in ('floor', 'feet'):
        page.uncheck(f'input.{name}')
        wait_for(page, lambda: not drawn(name)['visible'], f'the {name} cannot be hidden')
        page.check(f'input.{name}')
        wait_for(page, lambda: drawn(name)['visible'], f'the {name} does not come back')

@pytest.mark.parametrize('scheme, other', [('light', rotation_page), ('dark', camera_page)])
def test_phone(scheme, other, joints, new_page, shoot, tmp_path):
    "No page is wider than a phone."
    chance, seen = np.ones((T, 4)), 100 * joints[:, :, :2] + 200
    player = Player([Track(joints), Track(joints + .1, 'truth', ghost=True)], keypoints=Points2D(seen, skeleton='body22'),
                    joint='left_knee', title='A title that is longer than a phone is wide, by far and away').stand_on(
                    Footing([0, .8, 4.], chance))
    for name, made in (('player', player), ('explorer', other())):
        page = new_page(390, 844, scheme)
        ready(page, made.save(tmp_path/f'{name}.html'))
        page.wait_for_timeout(300)
        shoot(page, name, full_page=True)
        assert page.evaluate('document.documentElement.scrollWidth') <= 390, f'{name} scrolls sideways'
        page.close()

def test_hostile_texts(joints, new_page, tmp_path):
    "Titles, names, labels and readouts are texts, whatever stands in them."
    figure = MovingFigure(go.Figure(go.Scatter(x=[0], y=[0]), calm_layout()), [Control(EVIL, [EVIL, 'b'])], EVIL, EVIL, (EVIL,))
    figure.move({0: None}, [EVIL], np.zeros((2, 1, 2))).line(EVIL, [EVIL], [EVIL, 'b'])
    player = Player(Track(joints, EVIL), title=EVIL)
    for made, said in ((figure, 5), (player, 0)):
        page = new_page(console=False)
        ready(page, made.save(tmp_path/'page.html'))
        page.wait_for_timeout(300)
        assert page.evaluate('window.struck') is None, 'a text was run'
        assert page.locator('img[onerror]').count() == 0 and EVIL.split('<img')[0] in page.title()
        assert page.evaluate('document.body.innerText').count(EVIL) >= said

# --- live figures, as saved notebooks keep them

MODEL = '''async ([code, state]) => {
    const {default: make} = await import(URL.createObjectURL(new Blob([code], {type: 'text/javascript'})));
    const model = {get: key => state[key], on() {}, off() {}, send() {}, set() {}, save_changes() {}};
    const el = document.body.appendChild(document.createElement('div')), widget = make();
    widget.initialize({model});
    await widget.render({model, el}); }'''

@pytest.mark.parametrize('network', [True, False])
def test_live_figure_without_a_kernel(network, new_page, tmp_path):
    "It is drawn as it was left, from the CDN; where there is none, it says what to do."
    from uplift.look.widget import LiveFigure
    fig, page = LiveFigure(go.Figure(go.Scatter(y=[1, 3, 2]))), new_page(console=False)
    if not network: page.route(lambda url: url.startswith('http'), lambda route: route.abort())
    (tmp_path/'empty.html').write_text('<!doctype html><title>empty</title><body>')
    page.goto((tmp_path/'empty.html').as_uri())
    state = dict(version=get_plotlyjs_version(), _widget_data=[dict(type='scatter', y=[1, 3, 2])], _widget_layout={})
    page.evaluate(MODEL, [fig._esm, state])
    if network: wait_for(page, lambda: page.locator('.scatterlayer path.js-line').count() == 1, 'no figure')
    else: wait_for(page, lambda: 'run the cell again' in page.inner_text('body'), 'no words')

def test_saved_notebook_is_small(tmp_path):
    "A notebook with a live viewer, two figures, saved with its widgets, stays below 1 MB."
    nbclient, nbformat = pytest.importorskip('nbclient'), pytest.importorskip('nbformat')
    pytest.importorskip('ipykernel')
    from test_live import VIEWER
    cells = [nbformat.v4.new_code_cell(c) for c in VIEWER[:2]]
    book = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(book, timeout=120, kernel_name='python3', store_widget_state=True).execute(cwd=str(tmp_path))
    state = book.metadata['widgets']['application/vnd.jupyter.widget-state+json']['state']
    figures = [v for v in state.values() if 'version' in v['state'] and '_esm' in v['state']]
    assert len(figures) == 2, 'the figures were not saved'
    assert len(json.dumps(book)) < 1e6, f'{len(json.dumps(book)):,} bytes'

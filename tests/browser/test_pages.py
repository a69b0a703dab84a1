"The explorers and the dashboard as pages: keyboard, menus, light and dark."
import numpy as np
import pytest
from plotly_page import changed, traces, wait_for
from torch.utils.tensorboard import SummaryWriter
from uplift.learn.dashboard import dashboard_page, read_runs
from uplift.show.camera_explorer import camera_page
from uplift.show.rotation_explorer import rotation_page

def write_runs(folder):
    "Two short made-up trainings."
    rng = np.random.default_rng(0)
    for name, rate in (('quick', .01), ('slow', .004)):
        with SummaryWriter(str(folder/name)) as writer:
            for s in range(10, 601, 10):
                for k in ('joints', 'angles'):
                    writer.add_scalar(f'train/{k}', np.exp(-rate * s + .2 * rng.standard_normal()) + .1, s)
                    if s % 100 == 0: writer.add_scalar(f'val/{k}', np.exp(-rate * s) + .12, s)
    return folder

MAKE = dict(rotation=lambda folder: rotation_page(), camera=lambda folder: camera_page(),
            dashboard=lambda folder: dashboard_page(read_runs(write_runs(folder/'runs'))))

@pytest.mark.parametrize('name, scheme', [('rotation', 'light'), ('camera', 'dark'), ('dashboard', 'light')])
def test_page(name, scheme, new_page, shoot, tmp_path):
    path, page = MAKE[name](tmp_path).save(tmp_path/f'{name}.html'), new_page(scheme=scheme)
    page.goto(path.as_uri(), timeout=120_000)
    page.wait_for_selector('[data-ready=true]', timeout=120_000)
    first = traces(page)
    page.focus('input[type=range]')
    page.keyboard.press('ArrowRight')
    wait_for(page, lambda: changed(first, traces(page)), 'the arrow key moves nothing')
    page.wait_for_timeout(300)
    moved, table = traces(page), page.inner_text('table') if page.query_selector('table td') else ''
    if page.query_selector('select'):
        page.select_option('select', index=2)
        wait_for(page, lambda: changed(moved, traces(page)), 'the menu moves nothing')
        if name != 'rotation': wait_for(page, lambda: table != page.inner_text('table'), 'the table stays')
    shoot(page, 'moved')

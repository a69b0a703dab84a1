"What the tests ask of plotly's figures in a page."
import time

TRACES = '''i => { const gd = document.querySelectorAll('.js-plotly-plot')[i];
    if (!gd || !gd.data) return null;
    const number = v => v === null || Number.isNaN(v) ? 0 : +v.toFixed(5);
    const plain = a => a && !a.bdata ? Array.from(a).map(number) : 0;
    return gd.data.map(t => JSON.stringify(['x', 'y', 'z'].map(a => plain(t[a])))); }'''

SPOT = '''name => { const gd = document.querySelector('.js-plotly-plot'), s = gd._fullLayout.scene._scene;
    const c = s.glplot.cameraParams, is = h => h.endsWith(name);
    const t = gd.data.find(t => t.type === 'scatter3d' && t.visible !== false && Array.from(t.hovertext || []).some(is));
    const i = Array.from(t.hovertext).findIndex(is), row = (m, v) => r =>
        m[r] * v[0] + m[r + 4] * v[1] + m[r + 8] * v[2] + m[r + 12] * v[3];
    let v = [t.x[i] * s.dataScale[0], t.y[i] * s.dataScale[1], t.z[i] * s.dataScale[2], 1];
    for (const m of [c.model, c.view, c.projection]) v = [0, 1, 2, 3].map(row(m, v));
    const b = s.container.getBoundingClientRect();
    return [b.left + b.width * (1 + v[0] / v[3]) / 2, b.top + b.height * (1 - v[1] / v[3]) / 2]; }'''

def traces(page, figure=0):
    "The coordinates of a figure's traces, as texts to compare."
    return page.evaluate(TRACES, figure)

def changed(before, after):
    "Which traces differ."
    return [i for i, (a, b) in enumerate(zip(before, after)) if a != b]

def wait_for(page, test, what, seconds=20):
    "Ask until something holds."
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (got := test()): return got
        page.wait_for_timeout(100)
    raise AssertionError(what)

def unnamed(page, within='body'):
    "How many controls have no name that a screen reader could say."
    return page.evaluate('''within => [...document.querySelectorAll(`${within} :is(button, input, select)`)]
        .filter(e => !e.getAttribute('aria-label') && !e.textContent && !e.closest('label')).length''', within)

def click_joint(page, name):
    "Point at a joint of the first figure, then click."
    x, y = page.evaluate(SPOT, name)
    page.mouse.move(x - 2, y)
    page.wait_for_timeout(300)
    page.mouse.move(x, y)
    page.wait_for_timeout(400)
    page.mouse.down()
    page.wait_for_timeout(100)
    page.mouse.up()

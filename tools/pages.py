"""Look at every built page as a reader's browser does, and print what is poor, page by page and in sum:
code wider than its column, how far down the first figure and the first result stand (in screens of 1280 x 800)
and the lines of code before it, weight, dead links, raw markdown in signatures, poor tables, missing alt texts,
sideways scrolling on a phone, and what axe-core says of ten pages, light and dark.

    python tools/pages.py                               the pages in _docs
    python tools/pages.py FOLDER --json before.json     of another folder; keep the figures
    python tools/pages.py --compare before.json         beside figures that were kept

Needs playwright and Chromium; axe-core where npm put it (`npm i axe-core`), by --axe or UPLIFT_AXE."""
import argparse
import json
import os
import re
import shutil
import sys
from pathlib import Path
from urllib.parse import unquote, urldefrag
from notebooks import ROOT

DESKTOP, PHONE = dict(width=1280, height=800), dict(width=390, height=844)
CHROMIUM = ('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')
TEN = ('index tutorials/quickstart tutorials/video core/rotations body/body look/player lift/lifting '
       'show/rotation_explorer bench/benchmark paper/paper').split()
SUMS = dict(code='code blocks', wide='wider than the column, 1280 px', widePhone='wider than the column, 390 px',
            late='first figure beyond 1.5 screens', lateResult='first result beyond 1.5 screens',
            figureless='no figure', resultless='no result', deep='over 15 lines of code before the first result',
            weight='KB in all', dead='dead links', raw='raw markdown in signatures', bareTables='tables without head or padding',
            longNumbers='numbers of over 4 decimals in tables', noAlt='pictures without alt', phoneSideways='scroll sideways, 390 px',
            dunders='titles with underscores', twoLinks='names that link to two places')

def open_browser(play):
    "The first Chromium that is here."
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None: sys.exit('no Chromium on this machine: tools/pages.py needs one')
    return play.chromium.launch(executable_path=program, args=['--no-sandbox', '--disable-gpu'])

def offline(context):
    "Nothing comes from the network."
    context.route(lambda url: not url.startswith(('file:', 'data:', 'blob:')), lambda route: route.abort())
    return context

def measure(browser, folder, pages):
    "What pages.js finds in every page, at the two widths; scripts of the pages do not run."
    script, found = Path(__file__).with_suffix('.js').read_text(encoding='utf-8'), {}
    context = offline(browser.new_context(viewport=DESKTOP, java_script_enabled=False))
    page = context.new_page()
    for path in pages:
        page.set_viewport_size(DESKTOP)
        page.goto(path.as_uri(), wait_until='load')                   # pictures have their heights
        told = page.evaluate(script)
        page.set_viewport_size(PHONE)
        phone = page.evaluate(script)
        name = path.relative_to(folder).with_suffix('').as_posix()
        found[name] = told | dict(widePhone=phone['wide'], phoneSideways=max(0, phone['sideways']),
                                  weight=path.stat().st_size)
    context.close()
    return found

def local(link): return not re.match(r'[a-z][a-z0-9+.-]*:|//', link)

def dead(folder, found):
    "Links of each page to files or places in pages that are not there."
    ids = {(folder/f'{name}.html').resolve(): set(told['ids']) for name, told in found.items()}
    for name, told in found.items():
        here, told['dead'] = (folder/f'{name}.html').resolve(), []
        for link in filter(local, dict.fromkeys(told['links'])):
            path, anchor = urldefrag(link)
            file = (here.parent/unquote(path.split('?')[0])).resolve() if path else here
            if file.is_dir(): file = file/'index.html'
            if not file.exists(): told['dead'].append(link)
            elif anchor and file in ids and not {anchor, unquote(anchor)} & ids[file]: told['dead'].append(link)

def two_links(found):
    "Names in code that link to different places, over all pages."
    places = {}
    for told in found.values():
        for name, place in told['names']: places.setdefault(name, set()).add(place)
    return {name: sorted(p) for name, p in places.items() if len(p) > 1 and not name.startswith('--')}

def tidy(found):
    "Counts instead of lists that only serve to compare pages."
    for told in found.values():
        told['dunders'] = [t for t in told.pop('titles') if re.fullmatch(r'__\w+__', t)]
        told |= dict(late=(told['figure'] or 0) > 1.5, figureless=told['figure'] is None,
                     lateResult=(told['result'] or 0) > 1.5, resultless=told['result'] is None, deep=told['resultLines'] > 15)
        for key in ('ids', 'links', 'names'): told.pop(key)

def axe_faults(browser, folder, names, script):
    "Serious and critical faults of axe-core: {page scheme: [rule: number of places, first place]}."
    faults = {}
    for scheme in ('light', 'dark'):
        context = offline(browser.new_context(viewport=DESKTOP, color_scheme=scheme, bypass_csp=True))
        page = context.new_page()
        for name in names:
            if not (path := folder/f'{name}.html').exists(): continue
            page.goto(path.as_uri(), wait_until='domcontentloaded')
            page.add_script_tag(path=script)
            said = page.evaluate("() => axe.run(document, {resultTypes: ['violations'], iframes: false})")
            serious = [v for v in said['violations'] if v['impact'] in ('serious', 'critical')]
            faults[f'{name} {scheme}'] = [f"{v['id']}: {len(v['nodes'])}, {v['nodes'][0]['target'][0]}" for v in serious]
        context.close()
    return faults

def axe_script(given):
    "Where axe-core is, or None."
    places = [given, os.environ.get('UPLIFT_AXE'), ROOT/'node_modules/axe-core/axe.min.js']
    return next((Path(p) for p in places if p and Path(p).exists()), None)

def size(value): return len(value) if isinstance(value, (list, dict)) else value

def sums(kept):
    "The figures of all pages together."
    total = {key: sum(size(told.get(key, 0)) or 0 for told in kept['pages'].values()) for key in SUMS}
    total['phoneSideways'] = sum(told['phoneSideways'] > 0 for told in kept['pages'].values())
    return total | dict(weight=total['weight']//1000, twoLinks=len(kept['twoLinks']))

def screens(value): return '    -' if value is None else f'{value:5.1f}'

def line(name, told):
    "One page in one line."
    poor = [f'{size(told[k])} {SUMS[k]}' for k in ('dead', 'raw', 'bareTables', 'longNumbers', 'noAlt', 'dunders') if size(told[k])]
    if told['phoneSideways']: poor.append(f"{told['phoneSideways']} px sideways on a phone")
    return (f"{name:34s} {told['wide']:3d}/{told['code']:3d} wide, figure {screens(told['figure'])} "
            f"({told['figureLines'] or 0:3d} lines), result {screens(told['result'])} ({told['resultLines']:3d} lines), "
            f"{told['weight']//1000:4d} KB" + ''.join(f'; {p}' for p in poor))

def report(kept, before, every):
    "Print pages, what links nowhere, axe's faults, and the sums beside those before."
    for name, told in kept['pages'].items():
        if every: print(line(name, told))
        for key in ('dead', 'raw', 'bareTables', 'noAlt', 'dunders'):
            for what in told[key][:5]: print(f'    {name}: {SUMS[key]}: {what}')
    for name, places in kept['twoLinks'].items(): print(f'    {name} links to {" and ".join(places)}')
    for name, faults in kept['axe'].items():
        for fault in faults: print(f'    axe {name}: {fault}')
    now, then = sums(kept), sums(before) if before else {}
    print(f"\n{len(kept['pages'])} pages" + (f" ({len(before['pages'])} before)" if before else ''))
    for key, what in SUMS.items(): print(f'{now[key]:7d}' + (f'  before {then[key]:7d}' if then else '') + f'  {what}')
    serious = lambda k: sum(map(len, k['axe'].values()))
    if kept['axe']: print(f'{serious(kept):7d}' + (f'  before {serious(before):7d}' if before else '') + '  serious faults by axe-core')

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('folder', nargs='?', type=Path, default=ROOT/'_docs', help='built pages')
    p.add_argument('--only', nargs='*', help='names of pages, `core/rotations`; all otherwise')
    p.add_argument('--axe', help='axe.min.js of axe-core')
    p.add_argument('--json', type=Path, help='write the figures here')
    p.add_argument('--compare', type=Path, help='figures kept before')
    p.add_argument('--quiet', action='store_true', help='no line for each page')
    a = p.parse_args()
    from playwright.sync_api import sync_playwright
    folder = a.folder.resolve()
    pages = [f for f in sorted(folder.rglob('*.html')) if not {'site_libs', 'app'} & set(f.relative_to(folder).parts)]
    if a.only: pages = [f for f in pages if f.relative_to(folder).with_suffix('').as_posix() in a.only]
    if not pages: sys.exit(f'no pages in {folder}: python tools/docs.py builds them')
    script = axe_script(a.axe)
    with sync_playwright() as play:
        browser = open_browser(play)
        found = measure(browser, folder, pages)
        faults = axe_faults(browser, folder, [n for n in TEN if n in found], script) if script else {}
    if not script: print('axe-core is not here (npm i axe-core, or --axe): contrast and names are not checked')
    if not a.only: dead(folder, found)
    else:
        for told in found.values(): told['dead'] = []
    twice = two_links(found)
    tidy(found)
    kept = dict(pages=found, twoLinks={n: [Path(p).name for p in ps] for n, ps in twice.items()}, axe=faults)
    if a.json: a.json.write_text(json.dumps(kept, indent=1), encoding='utf-8')
    report(kept, json.loads(a.compare.read_text(encoding='utf-8')) if a.compare else None, not a.quiet)
    bad = sum(sums(kept)[k] for k in ('dead', 'raw', 'noAlt', 'phoneSideways')) + sum(map(len, faults.values()))
    if bad: sys.exit(f'{bad} faults')

if __name__ == '__main__': main()

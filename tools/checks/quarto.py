"What Quarto would say of the settings and of the notebooks, asked without Quarto: keys, options of cells, callouts, blocks, references."
import re
import yaml
from notebooks import NBS, ROOT, load, notebooks, source

# Quarto 1.8's schema: what a website's settings and a cell of a notebook may hold, as far as this project could use it
PROJECT = set('type title output-dir lib-dir render resources pre-render post-render preview'.split())
WEBSITE = set('''title description site-url site-path repo-url repo-branch repo-subdir repo-actions repo-link-target favicon image
    navbar sidebar page-navigation page-footer search open-graph twitter-card google-analytics comments bread-crumbs draft-mode drafts
    back-to-top-navigation body-header body-footer margin-header margin-footer reader-mode cookie-consent other-links code-links
    llms-txt announcement'''.split())
NAVBAR = set('title logo logo-alt logo-href background foreground search left right tools collapse collapse-below pinned '
             'toggle-position tools-collapse'.split())
SIDEBAR = set('id title logo logo-alt logo-href style contents tools search background foreground border alignment header footer '
              'pinned collapse-level'.split())
ENTRY = set('text href icon aria-label file url menu section contents rel target id'.split())
HTML = set('''theme css toc toc-depth toc-title toc-location toc-expand code-copy code-overflow code-fold code-summary code-tools
    code-line-numbers code-link keep-md keep-ipynb lang respect-user-color-scheme grid page-layout anchor-sections smooth-scroll
    include-in-header include-before-body include-after-body html-math-method highlight-style link-external-newwindow
    link-external-icon fontsize linestretch max-width callout-appearance callout-icon embed-resources lightbox axe
    number-sections fig-align fig-width fig-height fig-responsive df-print notebook-links'''.split())
GRID = set('sidebar-width body-width margin-width gutter-width'.split())
INCLUDE = {'include-in-header', 'include-before-body', 'include-after-body'}
CELL = set('''label echo output eval include warning error code-fold code-summary code-overflow code-line-numbers fig-alt fig-cap
    fig-align fig-width fig-height fig-subcap tbl-cap tbl-colwidths column layout-ncol layout classes show-first'''.split())
CALLOUTS = {'callout-note', 'callout-tip', 'callout-warning', 'callout-important', 'callout-caution'}

def strange(given, known, where):
    "Keys that are not known."
    return [f'{where}: Quarto knows no `{key}`' for key in (given or {}) if key not in known]

def entries(items, where):
    "Links and sections of a menu, and those inside."
    for item in items or []:
        if isinstance(item, str): continue
        yield from strange(item, ENTRY, where)
        yield from entries((item.get('contents') or []) + (item.get('menu') or []), where)

def settings(file):
    "What is strange in one file of settings."
    given, name = yaml.safe_load(file.read_text(encoding='utf-8')) or {}, str(file.relative_to(ROOT))
    site, html = given.get('website') or {}, (given.get('format') or {}).get('html') or {}
    yield from strange(given, {'project', 'website', 'format', 'metadata-files', 'execute', 'filters'}, name)
    yield from strange(given.get('project'), PROJECT, f'{name}: project')
    yield from strange(site, WEBSITE, f'{name}: website')
    yield from strange(html, HTML, f'{name}: format.html')
    yield from strange(html.get('grid'), GRID, f'{name}: grid')
    for key in INCLUDE & set(html):
        for one in html[key] if isinstance(html[key], list) else [html[key]]:
            if isinstance(one, dict): yield from strange(one, {'text', 'file'}, f'{name}: {key}')
    for part, known in (('navbar', NAVBAR), ('sidebar', SIDEBAR)):
        menu = site.get(part) or {}
        yield from strange(menu, known, f'{name}: {part}')
        for side in ('left', 'right', 'contents', 'tools'): yield from entries(menu.get(side), f'{name}: {part}')

def options(text):
    "What is strange in the `#| key: value` lines of a cell; tools/docs.py puts alt texts in quotes."
    lines = re.findall(r'^#\| *([\w-]+: .*)$', text, re.M)
    for line in lines:
        if line.startswith('fig-alt:'): continue
        try: given = yaml.safe_load(line)
        except yaml.YAMLError:
            yield f'`{line[:60]}` is not YAML: put the words in quotes'
            continue
        yield from strange(given, CELL, 'cell option')

def prose(text):
    "Blocks that do not end, callouts and references that are not there."
    bare = re.sub(r'^```.*?^```|`[^`\n]*`', '', text, flags=re.M | re.S)
    for kind in re.findall(r'\{[^}]*\.(callout-[\w-]+)', bare):
        if kind not in CALLOUTS: yield f'Quarto knows no .{kind}'
    for name in re.findall(r'(?<!\w)@((?:fig|tbl|sec|eq|lst)-[\w-]+)', bare): yield f'@{name}: references go by links here'
    if len(re.findall(r'^```', text, re.M)) % 2: yield 'a fence ``` does not end'

def divs(cells):
    "Whether every `:::` that opens a block is closed."
    marks = [m for c in cells if c['cell_type'] == 'markdown' for m in re.findall(r'^:{3,} *(\S.*)?$', source(c), re.M)]
    opened = sum(bool(m) for m in marks)
    if opened != len(marks) - opened: yield f'{opened} blocks open with `:::`, {len(marks) - opened} end'

def check():
    "What Quarto would not understand, and how much was read."
    files = [f for f in (ROOT/'_quarto.yml', *sorted(NBS.glob('*.yml'))) if f.exists()]
    found = [p for f in files for p in settings(f)]
    for path in notebooks():
        cells, name = load(path)['cells'], path.relative_to(NBS)
        found += [f'{name}: {p}' for p in divs(cells)]
        for i, cell in enumerate(cells):
            said = options(source(cell)) if cell['cell_type'] == 'code' else prose(source(cell))
            found += [f'{name}: cell {i}: {p}' for p in said]
    return found, [f'{len(files)} files of settings']

"""What makes a processed notebook a page that shows first: figures at the head, tests and sources folded, plain signatures, tables.
tools/docs.py calls `readable`; the rules stand in the notebooks' own words, so that Quarto and smalldocs show the same page.

show first   a page whose first figure stands further down than a screen opens with it, or with the cell marked `#| show-first: true`
folded       tests, preparations, long code of figures, and below each name its source; a click or Enter opens them
signatures   no links and no backticks in code; `__call__` under its whole name
tables       numbers to the right, under heads to the right"""
import ast
import json
import re
import textwrap
from notebooks import code, source

WIDE = 92                                 # columns of what cells print
SCREEN, LONG, HEAVY = 24, 10, 150_000     # lines above the first figure; of code that stays open; bytes that stand only once
FIGURE = ('image/png', 'image/svg+xml', 'image/jpeg')
CHECKS = ('test_', 'ExceptionExpected', 'gradcheck', 'gradgradcheck', 'fails', 'refuses')

def option(cell, name): return (m := re.search(rf'^#\| *{name}: *(.+)$', source(cell), re.M)) and m[1].strip().strip('"')

def is_doc(cell): return 'show_doc(' in source(cell)

def data_of(cell): return [o['data'] for o in cell.get('outputs', []) if 'data' in o]

def html_of(cell): return ''.join(''.join(d.get('text/html', '')) for d in data_of(cell))

def is_moving(cell): return '<iframe' in html_of(cell) or 'plotly-graph-div' in html_of(cell) or '<script' in html_of(cell)

def has_figure(cell):
    "Whether a cell's output is a picture or a moving figure."
    return not is_doc(cell) and (any(k in d for d in data_of(cell) for k in FIGURE) or is_moving(cell) or '<svg' in html_of(cell))

def has_table(cell): return not is_doc(cell) and '<table' in html_of(cell)

def has_words(cell):
    "Whether a cell shows some words: what it prints, or a value that is no page of numbers."
    short = lambda o: ''.join(o.get('data', {}).get('text/plain', '')).count('\n') < 14
    return not is_doc(cell) and any('data' in o and short(o) or o.get('name') == 'stdout' for o in cell.get('outputs', []))

def weight(cell): return len(json.dumps(cell.get('outputs', [])))

# Folded

def tree(cell):
    try: return ast.parse(code(cell))
    except SyntaxError: return ast.parse('')

def checks(node):
    "Whether a piece of code tests something."
    def name(call): return getattr(call.func, 'id', None) or getattr(call.func, 'attr', '')
    return any(isinstance(n, ast.Assert) or isinstance(n, ast.Call) and name(n).startswith(CHECKS) for n in ast.walk(node))

def fold_name(cell, tutorial):
    "What the fold over a cell is called; None: it stays open."
    text, body = code(cell), tree(cell).body
    lines = sum(bool(s.strip()) for s in text.splitlines())
    if not body or is_doc(cell) or option(cell, 'code-fold') or option(cell, 'echo') == 'false': return None
    silent, calls = not cell.get('outputs'), [s for s in body if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call)]
    if silent and any(map(checks, body)): return 'Test' if checks(body[-1]) else 'Example and test'
    if all(isinstance(s, (ast.Import, ast.ImportFrom)) for s in body): return 'Imports' if lines > 3 else None
    if tutorial: return None
    if silent and not calls: return 'Setup'
    if silent and lines > LONG: return 'Example'
    if (has_figure(cell) or has_table(cell)) and lines > LONG: return 'Code'
    return None

def set_option(cell, name, value):
    "A cell with one of Quarto's options."
    cell['source'] = f'#| {name}: {value}\n{source(cell)}'

def fold(cells, tutorial):
    "Fold what one can read later."
    for cell in cells:
        if cell['cell_type'] == 'code' and (name := fold_name(cell, tutorial)):
            n = len(code(cell).strip().splitlines())
            set_option(cell, 'code-summary', json.dumps(f'{name}, {n} line' + 's'*(n > 1)))
            set_option(cell, 'code-fold', 'true')

def is_source(cell): return cell['cell_type'] == 'code' and (option(cell, 'code-summary') or '').startswith('Source')

def sources_below(cells):
    "Each source below the names that it defines."
    out, waiting = [], []
    for cell in cells:
        if waiting and not (cell['cell_type'] == 'code' and is_doc(cell)): out, waiting = out + waiting, []
        if is_source(cell): waiting.append(cell)
        else: out.append(cell)
    return out + waiting

# Signatures

def plain_code(block):
    "A fenced block without links and backticks inside."
    head, *lines, end = block.split('\n')
    bare = [re.sub(r'\[(`?)([^\]`]+)\1\]\([^)\s]*\)', r'\2', s).replace('`', '') for s in lines]
    return '\n'.join([head, *bare, end])

def signature(text, name):
    "The words of `show_doc` with plain code, under the whole name of a method like `__call__`."
    text = re.sub(r'^```.*?^```', lambda m: plain_code(m[0]), text, flags=re.M | re.S)
    return re.sub(r'^(#+ )(?:\w+\.)*(__\w+__)$', lambda m: m[1] + (name or m[2]).replace('_', r'\_'), text, count=1, flags=re.M)

def signatures(cells):
    for cell in cells:
        if cell['cell_type'] == 'code' and is_doc(cell):
            name = re.search(r'show_doc\(([\w.]+)', source(cell))[1]
            for data in data_of(cell):
                if 'text/markdown' in data: data['text/markdown'] = signature(''.join(data['text/markdown']), name)

def raw_markdown(nb):
    "Signatures of a page that still hold markdown, and titles that lost their underscores."
    for cell in nb['cells']:
        if cell['cell_type'] != 'code' or not is_doc(cell): continue
        for text in (''.join(d.get('text/markdown', '')) for d in data_of(cell)):
            for block in re.findall(r'^```.*?^```', text, re.M | re.S):
                yield from (f'raw markdown in a signature: {s.strip()}' for s in block.split('\n')[1:-1] if '](' in s or '`' in s)
            yield from (f'a title in bold for underscores: {s}' for s in re.findall(r'^#+ .*(?<!\\)__\w+__$', text, re.M))

# What cells print

def prints(cells):
    "No addresses of objects; prose in lines of a page's width, while tables keep theirs and scroll."
    for cell in cells:
        if cell['cell_type'] != 'code' or is_doc(cell): continue
        address = lambda o: re.fullmatch(r'(<[\w.]+.* at 0x\w+>|\[<.* at 0x.*>\]|Text\(.*\))', ''.join(o.get('data', {}).get('text/plain', '')), re.S)
        cell['outputs'] = [o for o in cell.get('outputs', []) if not (address(o) and set(o['data']) == {'text/plain'})]
        for out in cell['outputs']:
            if 'text' in out: out['text'] = narrow(''.join(out['text']))

def narrow(text):
    "Long lines of prose, broken."
    prose = lambda line: len(line) > WIDE and not re.search(r'\S {2,}\S', line)
    fill = lambda line: '\n'.join(textwrap.wrap(line, WIDE, subsequent_indent='    ', break_long_words=False))
    return '\n'.join(fill(line) if prose(line) else line for line in text.split('\n'))

# Tables

NUMBER = re.compile(r'[-+−±]?\d[\d.,]*(?:e[-+]?\d+)?\s?%?|NaN|nan|-?inf|-|–')

def align(table):
    "Columns of numbers to the right, with their heads."
    rows = re.split(r'(?=<tr\b)', table)
    cells = [re.findall(r'<t[dh]\b[^>]*>(.*?)</t[dh]>', r, re.S) for r in rows if '<td' in r]
    width = max(map(len, cells), default=0)
    right = {i for i in range(width) if all(NUMBER.fullmatch(c[i].strip()) for c in cells if len(c) > i)}
    def row(text):
        at = iter(range(10_000))
        return re.sub(r'<(t[dh])\b(?![^>]*class=)', lambda m: f'<{m[1]} class="num"' if next(at) in right else m[0], text)
    table = ''.join(r if 'colspan' in r else row(r) for r in rows).replace(' style="text-align: right;"', '')
    return re.sub(r'<th( class="num")?></th>', r'<td\1></td>', table).replace(' border="1"', '')

def tables(cells):
    for cell in cells:
        for data in data_of(cell) if cell['cell_type'] == 'code' and not is_moving(cell) else []:
            if '<table' in (html := ''.join(data.get('text/html', ''))):
                data['text/html'] = re.sub(r'<table\b.*?</table>', lambda m: align(m[0]), html, flags=re.S)

# Show first

def height(cell):
    "About how many lines of the page a cell takes."
    if cell['cell_type'] == 'markdown':
        prose = re.sub(r'```.*?```|^\|.*$|\]\([^)]*\)', ' ', source(cell), flags=re.S | re.M)
        return len(prose.split())/11 + 1.5*len(re.findall(r'^(?:#|\|).*$', source(cell), re.M)) + 1
    if cell['cell_type'] != 'code': return 0
    text = ''.join(''.join(d.get('text/markdown', d.get('text/plain', ''))) for d in data_of(cell))
    text += ''.join(''.join(o.get('text', '')) for o in cell.get('outputs', []))
    hidden = option(cell, 'echo') == 'false' or is_doc(cell)
    own = 0 if hidden else 1.5 if option(cell, 'code-fold') == 'true' else len(code(cell).splitlines())
    return own + .9*len(text.splitlines()) + 1

def slug(heading):
    "The anchor that pandoc gives a heading."
    text = re.sub(r'\{[^}]*\}|[^\w\s.-]', '', re.sub(r'\[([^\]]*)\]\([^)]*\)', r'\1', heading)).strip().lower()
    return re.sub(r'^[^a-z]+', '', re.sub(r'\s+', '-', text))

def show_of(cells):
    "(index, heading above it) of the cell that a page should open with; None: it does already, or there is none."
    marked = [i for i, c in enumerate(cells) if option(c, 'show-first') == 'true']
    shows = [i for kind in (has_figure, has_table, has_words) for i, c in enumerate(cells) if c['cell_type'] == 'code' and kind(c)]
    first = min(shows, default=None)
    if first is None or sum(map(height, cells[:first])) < SCREEN and not marked: return None
    at = (marked or shows)[0]
    heads = [h for c in cells[:at] if c['cell_type'] == 'markdown' for h in re.findall(r'^##+ +(.+)$', source(c), re.M)]
    return at, heads[-1] if heads else None

def at_head(cell, heading):
    "The cells that open a page with what another cell shows."
    opened = json.loads(json.dumps(cell))
    text = re.sub(r'^#\| *(?:code-|show-first|echo).*\n', '', source(cell), flags=re.M)
    silent = has_figure(cell) or has_table(cell) or len(code(cell).strip().splitlines()) > 6
    opened |= dict(source='#| echo: false\n'*silent + text, id=f"{cell.get('id', 'show')}-first",
                   outputs=[o for o in opened['outputs'] if 'data' in o or o.get('name') == 'stdout'])
    words = f'*Made in [{heading}](#{slug(heading)}), below.*' if heading else '*Made below.*'
    return [opened, dict(cell_type='markdown', metadata={}, source=words, id=f"{opened['id']}-words")]

def show_first(cells):
    "The page with its figure at the head. What moves or is heavy stands there only; all else in both places."
    found = show_of(cells)
    start = next((i for i, c in enumerate(cells) if 'AUTOGENERATED' in source(c)), 0) + 1
    if found:
        at, heading = found
        opening = at_head(cells[at], heading)
        if is_moving(cells[at]) or weight(cells[at]) > HEAVY:
            words = {'text/markdown': '*The figure stands at the head of the page.*'}
            cells[at]['outputs'] = [dict(output_type='display_data', metadata={}, data=words)]
        cells = [*cells[:start], *opening, *cells[start:]]
    for cell in cells:
        if option(cell, 'show-first'): cell['source'] = re.sub(r'^#\| *show-first:.*\n', '', source(cell), flags=re.M)
    return cells

def readable(nb, name):
    "A processed notebook made a page that shows first."
    tutorial = name.startswith(('tutorials/', 'index'))
    cells = sources_below(nb['cells'])
    fold(cells, tutorial)
    signatures(cells)
    prints(cells)
    tables(cells)
    nb['cells'] = cells if name.startswith('index') else show_first(cells)

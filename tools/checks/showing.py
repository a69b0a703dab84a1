"Tutorials show first."
import re
from notebooks import NBS, code, directives, load, notebooks, source

FIRST = 15   # lines of code that a reader may have to pass before the first figure

def unseen(cell):
    "Whether a page leaves out a cell's code."
    told = directives(cell)
    return bool(told.keys() & {'hide', 'hide_input', 'default_exp'}) or told.get('echo') == 'false'

def lines_before(nb):
    "Lines of shown code down to the first figure, its own cell included; None where there is no figure."
    passed = 0
    for cell in nb['cells']:
        if cell['cell_type'] == 'markdown':
            if re.search(r'!\[|<img\b|<svg\b', source(cell)): return passed
        elif cell['cell_type'] == 'code':
            if not unseen(cell): passed += sum(bool(line.strip()) for line in code(cell).splitlines())
            if re.search(r'^#\| *fig-alt:', source(cell), re.M) and 'hide' not in directives(cell): return passed
    return None

def tests_in_sight(nb):
    "Shown cells of a tutorial that only a maintainer wants to read."
    shown = [c for c in nb['cells'] if c['cell_type'] == 'code' and not unseen(c)]
    return [i for i, c in enumerate(shown) if re.search(r'^(assert\b|test_\w+\()', code(c), re.M)]

def check():
    "What breaks the rules, and the figures."
    found, told = [], []
    for path in notebooks():
        if path.parent != NBS/'tutorials': continue
        nb, name = load(path), path.relative_to(NBS)
        n = lines_before(nb)
        if n is None: found.append(f'{name}: no figure: its cell needs `#| fig-alt: words`')
        elif n > FIRST: found.append(f'{name}: {n} lines of code before the first figure, more than {FIRST}')
        found += [f'{name}: shown code cell {i} tests: mark it with `#| hide`' for i in tests_in_sight(nb)]
        told.append(f'{name}: {n} lines before the first figure')
    return found, told

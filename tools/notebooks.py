"What the tools share: the notebooks of this project and their cells."
import json
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NBS = ROOT/'nbs'
ROOMS = 'core body data look model lift learn export show web paper bench cli'.split()   # ground up

@cache
def notebooks():
    "Paths of all notebooks, in order."
    hidden = lambda p: any(part.startswith(('.', '_')) for part in p.relative_to(NBS).parts)
    return [p for p in sorted(NBS.rglob('*.ipynb')) if not hidden(p)]

def page_name(path):
    "The name of a notebook's module and page: `core/00_rotations.ipynb` -> `rotations`."
    return re.sub(r'^\d+[a-z]?_', '', Path(path).stem)

@cache
def load(path): return read(path)

def read(path): return json.loads(path.read_text(encoding='utf-8'))

def source(cell): return ''.join(cell['source'])

def directives(cell):
    "The names after `#|` at the head of a code cell, with what follows them."
    found = re.findall(r'^#\s*\|\s*([\w.:]+)(.*)$', source(cell), re.M)
    return {k.rstrip(':'): v.strip() for k, v in found}

def code(cell):
    "The cell as Python: no directives, no magics; line numbers stay."
    odd = lambda line: re.match(r'\s*([%!]|#\s*\|)', line)
    return '\n'.join('' if odd(line) else line for line in source(cell).splitlines())

def code_cells(nb): return [c for c in nb['cells'] if c['cell_type'] == 'code']

def exported(cell): return bool(directives(cell).keys() & {'export', 'exports', 'exporti'})

def shown(cell):
    "Whether a reader of the page sees the cell's code, the module's own apart."
    return not exported(cell) and not directives(cell).keys() & {'hide', 'hide_input'}

def module(nb):
    "The module that a notebook exports to (`core.rotations`), or None."
    for cell in code_cells(nb):
        if 'default_exp' in (d := directives(cell)): return d['default_exp']

@cache
def modules():
    "(module, path, notebook) of every notebook that exports one."
    loaded = [(path, load(path)) for path in notebooks()]
    return [(name, path, nb) for path, nb in loaded if (name := module(nb))]

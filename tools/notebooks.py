"What the checks share: the notebooks of this project and their cells."
import json, re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NBS = ROOT/'nbs'

def notebooks():
    "Paths of all notebooks, in order."
    return [p for p in sorted(NBS.rglob('*.ipynb')) if not any(part.startswith(('.', '_')) for part in p.relative_to(NBS).parts)]

def read(path): return json.loads(path.read_text(encoding='utf-8'))

def source(cell): return ''.join(cell['source'])

def directives(cell):
    "The names after `#|` at the head of a code cell, with what follows them."
    return {k.rstrip(':'): v.strip() for k, v in re.findall(r'^#\s*\|\s*([\w.:]+)(.*)$', source(cell), re.M)}

def code(cell):
    "The cell as Python: no directives, no magics."
    return '\n'.join('' if re.match(r'\s*([%!]|#\s*\|)', line) else line for line in source(cell).splitlines())

def module(nb):
    "The module that a notebook exports to, or None."
    for cell in nb['cells']:
        if cell['cell_type'] == 'code' and 'default_exp' in (d := directives(cell)): return d['default_exp']

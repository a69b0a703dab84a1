"""Imports only go down: a module may use modules whose notebooks have smaller numbers. `python tools/check_floors.py` shows and checks it.
Cells that are not exported (tests, pictures) may also use modules of their own floor, that is, of the same tens."""
import ast, re, sys
from notebooks import code, directives, module, notebooks, read

def uplift_imports(nb):
    "(module of uplift, whether an exported cell imports it), at the top or inside a function."
    for cell in nb['cells']:
        if cell['cell_type'] != 'code': continue
        exported = bool(directives(cell).keys() & {'export', 'exports', 'exporti'})
        for s in ast.walk(ast.parse(code(cell))):
            if isinstance(s, ast.ImportFrom) and s.module == 'uplift': names = [a.name for a in s.names]
            elif isinstance(s, ast.ImportFrom): names = [s.module.removeprefix('uplift.')] if (s.module or '').startswith('uplift.') else []
            elif isinstance(s, ast.Import): names = [a.name.removeprefix('uplift.') for a in s.names if a.name.startswith('uplift.')]
            else: names = []
            yield from ((n, exported) for n in names)

def main():
    books = {p: read(p) for p in notebooks()}
    floor, bad = {}, []
    for p, nb in books.items():
        if not (name := module(nb)): continue
        number = re.match(r'(\d\d)([a-z]?)_', p.name)
        if number is None: bad.append(f'{p.name} exports uplift.{name} but has no number'); continue
        floor[name] = number[1] + number[2]                       # '18a' lies between '18' and '19'
    for p, nb in books.items():
        used, name = sorted(set(uplift_imports(nb))), module(nb)
        for u, exported in used:
            if u not in floor: bad.append(f'{p.name} imports uplift.{u}, which no notebook exports')
            elif name in floor and u != name:
                up = floor[u] >= floor[name] if exported else floor[u][0] > floor[name][0]
                if up: bad.append(f'{p.name} ({floor[name]}) imports uplift.{u} ({floor[u]}): arrows go down')
        if name: print(f'{p.stem:20} -> {", ".join(u for u, exported in used if exported)}')
    bad = list(dict.fromkeys(bad))
    for b in bad: print(b)
    sys.exit(f'{len(bad)} problems' if bad else 0)

if __name__ == '__main__': main()

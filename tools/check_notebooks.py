"Notebooks are chapters, committed clean: `python tools/check_notebooks.py` lists what breaks the rules of CONTRIBUTING.md."
import ast, re, statistics, sys
from notebooks import NBS, code, directives, module, notebooks, read, source

MAX_KB, MAX_LINE, MAX_CELL = 200, 140, 60

def cell_problems(cell):
    "What is wrong with one code cell."
    if cell.get('outputs') or cell.get('execution_count') is not None: yield 'has outputs: run nbdev_clean'
    d, text = directives(cell), code(cell)
    if d.get('eval') == 'false': yield 'is never run (eval: false)'
    try: body = ast.parse(text).body
    except SyntaxError as e: yield f'is not Python: {e}'; return
    imports = [isinstance(s, (ast.Import, ast.ImportFrom)) for s in body]
    exported = bool(d.keys() & {'export', 'exports', 'exporti'})
    nested = not exported and any(isinstance(s, (ast.Import, ast.ImportFrom)) for s in ast.walk(ast.Module(body, [])))
    if (any(imports) or nested) and not all(imports): yield 'mixes imports with other code: give the imports a cell of their own'
    if any(isinstance(s, ast.ImportFrom) and s.names[0].name == '*' for s in ast.walk(ast.Module(body, []))): yield 'has a star import'
    if exported:
        if n_lines(cell) > MAX_CELL: yield f'exports {n_lines(cell)} lines: split it (at most {MAX_CELL})'
        if any(len(line) > MAX_LINE for line in text.splitlines()): yield f'has a line over {MAX_LINE} characters'

def n_lines(cell): return sum(bool(line.strip()) for line in code(cell).splitlines())

def problems(path):
    "What is wrong with one notebook."
    nb = read(path)
    if path.stat().st_size > MAX_KB*1024: yield f'is larger than {MAX_KB} KB'
    if 'widgets' in nb['metadata']: yield 'holds saved widget state'
    first = next((source(c) for c in nb['cells'] if c['cell_type'] == 'markdown'), '')
    if not re.match(r'# \S.*\n+> \S', first): yield 'does not begin with `# Title` and a one-line `> promise`'
    for i, cell in enumerate(nb['cells']):
        if re.search(r'/(home|root|Users)/\w+/', source(cell)): yield f'cell {i} names a path of one machine'
        if cell['cell_type'] == 'code': yield from (f'cell {i} {p}: {source(cell).strip().splitlines()[-1][:60]!r}' for p in cell_problems(cell))

def main():
    found, sizes, names = [], [], notebooks()
    for path in names:
        found += [f'{path.relative_to(NBS)}: {p}' for p in problems(path)]
        nb = read(path)
        if module(nb): sizes += [n_lines(c) for c in nb['cells'] if c['cell_type'] == 'code' and directives(c).keys() & {'export', 'exports'}]
    for f in found: print(f)
    if sizes:
        s = sorted(sizes)
        print(f'{len(names)} notebooks, {len(s)} export cells: median {statistics.median(s):.0f} lines, '
              f'90 % at most {s[int(.9*(len(s)-1))]}, longest {s[-1]}; {sum(n > 30 for n in s)} over 30')
    sys.exit(f'{len(found)} problems' if found else 0)

if __name__ == '__main__': main()

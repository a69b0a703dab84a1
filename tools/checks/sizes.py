"Small ideas: the sizes of export cells, modules, lines and argument lists."
import ast
import io
import statistics
import tokenize
from notebooks import NBS, ROOT, code, code_cells, exported, load, modules, notebooks, shown

MEDIAN, LONGEST, MODULE = 9, 45, 350              # lines of export cells; of a module
SHOWN, EXPORTED, PARAMETERS = 88, 100, 12         # columns; arguments of a function

def length(cell): return sum(bool(line.strip()) for line in code(cell).splitlines())

def wide(cell, columns): return any(len(line) > columns for line in code(cell).splitlines())

def chained(text):
    "Lines with several statements."
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return sorted({t.start[0] for t in tokens if t.type == tokenize.OP and t.string == ';'})

def crowded(text):
    "(name, number of parameters) of functions with too many."
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            a = node.args
            own = [p for p in [*a.posonlyargs, *a.args, *a.kwonlyargs] if p.arg not in ('self', 'cls')]
            n = len(own) + bool(a.vararg) + bool(a.kwarg)
            if n > PARAMETERS: yield node.name, n

def cell_problems(cell):
    "What is too large in a code cell."
    text = code(cell)
    if exported(cell):
        if length(cell) > LONGEST: yield f'exports {length(cell)} lines, at most {LONGEST}'
        if wide(cell, EXPORTED): yield f'exports lines over {EXPORTED} columns'
        if chained(text): yield f'exports {len(chained(text))} lines with several statements (;)'
    elif shown(cell) and wide(cell, SHOWN): yield f'shows lines over {SHOWN} columns'

def check():
    "What is too large, and the figures of a report."
    found, sizes, lines, options = [], [], {}, []
    for path in notebooks():
        for i, cell in enumerate(load(path)['cells']):
            if cell['cell_type'] == 'code':
                found += [f'{path.relative_to(NBS)}: cell {i} {p}' for p in cell_problems(cell)]
    for name, path, nb in modules():
        own = [c for c in code_cells(nb) if exported(c)]
        sizes += map(length, own)
        made = ROOT/'uplift'/f'{name.replace(".", "/")}.py'
        lines[name] = len(made.read_text(encoding='utf-8').splitlines()) if made.exists() else 0
        if lines[name] > MODULE: found.append(f'uplift.{name} has {lines[name]} lines, at most {MODULE}')
        for function, n in (x for c in own for x in crowded(code(c))):
            if name.startswith('cli.') or function.startswith('uplift_'): options.append(f'{function} {n}')
            else: found.append(f'uplift.{name}.{function} has {n} parameters, at most {PARAMETERS}')
    if statistics.median(sizes) > MEDIAN:
        found.append(f'export cells: median {statistics.median(sizes):g} lines, at most {MEDIAN}')
    return found, report(sorted(sizes), lines, options)

def report(sizes, lines, options):
    "The figures, as lines."
    p90 = sizes[int(.9 * (len(sizes) - 1))]
    yield (f'{len(sizes)} export cells: median {statistics.median(sizes):g} lines (at most {MEDIAN}), '
           f'90 % at most {p90}, longest {sizes[-1]} ({LONGEST}); {sum(n > 30 for n in sizes)} over 30')
    longest = ', '.join(f'{n} {k}' for k, n in sorted(lines.items(), key=lambda x: -x[1])[:5])
    yield f'{len(lines)} modules, {sum(lines.values())} lines; the longest (at most {MODULE}): {longest}'
    seen = [c for p in notebooks() for c in code_cells(load(p)) if shown(c) and length(c)]
    yield f'{len(seen)} shown cells, {sum(wide(c, SHOWN) for c in seen)} over {SHOWN} columns'
    yield f'shown lines with several statements (;): {sum(len(chained(code(c))) for c in seen)}'
    if options: yield f'commands with over {PARAMETERS} options: {", ".join(options)}'

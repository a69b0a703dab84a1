"""The house in figures: `python tools/check_house.py` prints the sizes of export cells and modules, and lists public functions and classes
that are not documented or that no test of their notebook reaches, and imports that nobody uses. It fails on any.
A test names a function or class, or something of the same module that uses it; how many are named themselves is told, too."""
import ast, io, statistics, sys, tokenize
from notebooks import ROOT, code, directives, module, notebooks, read

MAX_MEDIAN, MAX_P90, MAX_CELL, MAX_MODULE = 12, 30, 60, 500

def exported(cell): return bool(directives(cell).keys() & {'export', 'exports'})

def cells(nb, wanted=True):
    "Source of the code cells that are exported, or of those that are not."
    return [code(c) for c in nb['cells'] if c['cell_type'] == 'code' and exported(c) == wanted]

def decorated(node, name): return any(name in ast.unparse(d) for d in node.decorator_list)

def public(text):
    "Public functions and classes of a cell: (name, node, whether it is a method)."
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith('_'):
            yield node.name, node, False
            yield from ((m.name, m, True) for m in node.body if isinstance(m, ast.FunctionDef) and not m.name.startswith('_'))
        if isinstance(node, ast.FunctionDef) and not node.name.startswith('_'): yield node.name, node, decorated(node, 'patch')

PLAIN = {'str', 'int', 'float', 'bool', 'list', 'tuple', 'dict', 'np.ndarray', 'torch.Tensor', 'Tensor'}

def told(annotation):
    "Whether a parameter's annotation says what it is: a class of the package, or `Param` with its help."
    return annotation is not None and ast.unparse(annotation) not in PLAIN

def undocumented(node, text):
    "Parameters of a function with neither a comment on their line nor an annotation that says it."
    comments = {t.start[0] for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type == tokenize.COMMENT}
    a = node.args
    every = [*a.posonlyargs, *a.args, a.vararg, *a.kwonlyargs, a.kwarg]
    return [p.arg for p in every if p and p.arg not in ('self', 'cls') and p.end_lineno not in comments and not told(p.annotation)]

def lacks(text):
    "What public names of a cell lack: (name, what)."
    for name, node, method in public(text):
        if ast.get_docstring(node) is None and not (method and (decorated(node, 'property') or name == 'forward')): yield name, 'has no docstring'
        if isinstance(node, ast.FunctionDef) and not method and (bare := undocumented(node, text)):
            yield name, f'does not say what {", ".join(bare)} {"is" if len(bare) == 1 else "are"}'

def unused(text):
    "Imports of a module that it never uses."
    tree = ast.parse(text)
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    for s in tree.body:
        if isinstance(s, (ast.Import, ast.ImportFrom)):
            yield from (n for a in s.names if (n := (a.asname or a.name).split('.')[0]) not in names)

def mentioned(node):
    "Names and attributes that a piece of code mentions."
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}

def untold(nb):
    "Public functions and classes that no cell outside the module names, and those of them that no such cell reaches through others."
    seen = set().union(*(mentioned(ast.parse(text)) for text in cells(nb, False)))
    uses, names = {}, []
    for text in cells(nb):
        names += [name for name, _, method in public(text) if not method]
        for node in ast.parse(text).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)): uses.setdefault(node.name, set()).update(mentioned(node))
            if isinstance(node, ast.Assign): uses |= {n.id: mentioned(node.value) for n in node.targets if isinstance(n, ast.Name)}
    reached, new = set(seen), set(seen)
    while new:
        new = set().union(*(uses.get(n, set()) for n in new)) - reached
        reached |= new
    return [n for n in names if n not in seen], [n for n in names if n not in reached]

def main():
    found, sizes, lines, counts = [], [], {}, dict(lacks=0, untold=0, public=0, unused=0, unnamed=0)
    for path in notebooks():
        nb = read(path)
        if not (name := module(nb)): continue
        own, made = cells(nb), ROOT/'uplift'/f'{name}.py'
        sizes += [sum(bool(line.strip()) for line in text.splitlines()) for text in own]
        lines[name] = len(made.read_text(encoding='utf-8').splitlines()) if made.exists() else 0
        if lines[name] > MAX_MODULE: found.append(f'{path.name}: uplift/{name}.py has {lines[name]} lines, at most {MAX_MODULE} are allowed')
        report = dict(lacks=[f'{n} {what}' for text in own for n, what in lacks(text)],
                      untold=[f'{n} is reached by no test or example' for n in untold(nb)[1]],
                      unused=[f'imports {n} and never uses it' for n in unused('\n'.join(own))])
        counts['unnamed'] += len(untold(nb)[0])
        counts['public'] += sum(not method for text in own for *_, method in public(text))
        for k, v in report.items():
            counts[k] += len(v)
            found += [f'{path.name}: {x}' for x in v]
    s = sorted(sizes)
    median, p90 = statistics.median(s), s[int(.9*(len(s) - 1))]
    if median > MAX_MEDIAN or p90 > MAX_P90 or s[-1] > MAX_CELL: found.append(f'export cells: median {median:g}, 90 % {p90}, longest {s[-1]}')
    for f in found: print(f)
    longest = ', '.join(f'{n} {k}' for n, k in sorted(lines.items(), key=lambda x: -x[1])[:5])
    print(f'{len(s)} export cells: median {median:g} lines (at most {MAX_MEDIAN}), 90 % at most {p90} ({MAX_P90}), longest {s[-1]} ({MAX_CELL})')
    print(f'{len(lines)} modules, {sum(lines.values())} lines; the longest: {longest} (at most {MAX_MODULE})')
    print(f'{counts["public"]} public functions and classes: {counts["lacks"]} lack documentation, {counts["public"] - counts["unnamed"]} are named by a test or example, '
          f'{counts["unnamed"] - counts["untold"]} more are used by those, {counts["untold"]} are reached by none; {counts["unused"]} unused imports')
    sys.exit(f'{len(found)} problems' if found else 0)

if __name__ == '__main__': main()

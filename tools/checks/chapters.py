"Notebooks are chapters, committed clean."
import ast
import re
from notebooks import NBS, code, directives, exported, load, notebooks, source

MAX_KB = 200
IMPORTS = (ast.Import, ast.ImportFrom)

def mixes(tree, own):
    "Whether a cell has imports and other code; in cells that are not exported, also inside functions."
    top = [isinstance(s, IMPORTS) for s in tree.body]
    nested = not own and any(isinstance(s, IMPORTS) for s in ast.walk(tree))
    return (any(top) or nested) and not all(top)

def cell_problems(cell):
    "What is wrong with one code cell."
    if cell.get('outputs') or cell.get('execution_count') is not None:
        yield 'has outputs: run nbdev_clean'
    if directives(cell).get('eval') == 'false': yield 'is never run (eval: false)'
    try: tree = ast.parse(code(cell))
    except SyntaxError as e:
        yield f'is not Python: {e}'
        return
    if mixes(tree, exported(cell)): yield 'mixes imports with other code'
    froms = [s for s in ast.walk(tree) if isinstance(s, ast.ImportFrom)]
    if any(s.names[0].name == '*' for s in froms): yield 'has a star import'

def walk(tree, inside=True):
    "The nodes of a cell, those inside of functions and classes too or not."
    for node in ast.iter_child_nodes(tree):
        yield node
        if inside or not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda)):
            yield from walk(node, inside)

def bound(tree, inside=True):
    "Names that a cell gives a meaning to."
    for node in walk(tree, inside):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)): yield node.name
        if isinstance(node, ast.arg): yield node.arg
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store): yield node.id
        if isinstance(node, IMPORTS): yield from ((a.asname or a.name).split('.')[0] for a in node.names)

def in_docs(cell, tree):
    "Whether the docs run a cell: what is exported, imports, and what is marked."
    imports = tree.body and all(isinstance(s, IMPORTS) for s in tree.body)
    return imports or exported(cell) or 'exec_doc' in directives(cell)

def missing(nb):
    "(cell, names) of cells that the docs run and that need a cell which the docs do not run."
    cells = [(i, c) for i, c in enumerate(nb['cells']) if c['cell_type'] == 'code']
    trees = [(i, c, ast.parse(code(c))) for i, c in cells if not directives(c).keys() & {'slow', 'gpu'}]
    known = {n for _, c, t in trees if in_docs(c, t) for n in bound(t, False)}
    last = {n: n in known for *_, t in trees for n in bound(t, False)}  # whether the docs have a name
    for i, cell, tree in trees:
        loads = {n.id for n in walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        lost = {n for n in loads - set(bound(tree)) if not last.get(n, True)}
        if 'exec_doc' in directives(cell) and lost: yield i, sorted(lost)
        last |= {n: in_docs(cell, tree) for n in bound(tree, False)}

def problems(path):
    "What is wrong with one notebook."
    nb = load(path)
    if path.stat().st_size > MAX_KB * 1024: yield f'is larger than {MAX_KB} KB'
    if 'widgets' in nb['metadata']: yield 'holds saved widget state'
    first = next((source(c) for c in nb['cells'] if c['cell_type'] == 'markdown'), '')
    if not re.match(r'# \S.*\n+> \S', first):
        yield 'does not begin with `# Title` and a one-line `> promise`'
    for i, cell in enumerate(nb['cells']):
        if re.search(r'/(home|root|Users)/\w+/', source(cell)):
            yield f'cell {i} names a path of one machine'
        if cell['cell_type'] == 'code': yield from (f'cell {i} {p}' for p in cell_problems(cell))
    yield from (f'cell {i} is run for the docs and needs {", ".join(names)}: mark their cell with '
                '`#| exec_doc`, too' for i, names in missing(nb))

def check():
    "What breaks the rules, and how many chapters there are."
    found = [f'{path.relative_to(NBS)}: {p}' for path in notebooks() for p in problems(path)]
    return found, [f'{len(notebooks())} notebooks']

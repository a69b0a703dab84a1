"Public names are documented, reached by a test, and belong to one module."
import ast
import io
import tokenize
from collections import defaultdict
from notebooks import ROOT, code, code_cells, exported, modules

SHARED = set()                                    # names that two modules may export: none
PLAIN = {'str', 'int', 'float', 'bool', 'list', 'tuple', 'dict', 'np.ndarray', 'torch.Tensor', 'Tensor'}

def cells(nb, wanted=True):
    "Source of the code cells that are exported, or of those that are not."
    return [code(c) for c in code_cells(nb) if exported(c) == wanted]

def decorated(node, name): return any(name in ast.unparse(d) for d in node.decorator_list)

def public(text):
    "Public functions and classes of a cell: (name, node, whether it is a method)."
    for node in ast.parse(text).body:
        if not isinstance(node, (ast.ClassDef, ast.FunctionDef)) or node.name.startswith('_'): continue
        yield node.name, node, isinstance(node, ast.FunctionDef) and decorated(node, 'patch')
        if isinstance(node, ast.ClassDef):
            methods = [m for m in node.body if isinstance(m, ast.FunctionDef)]
            yield from ((m.name, m, True) for m in methods if not m.name.startswith('_'))

def told(annotation):
    "Whether an annotation says what a parameter is: a class of the package, or `Param` with its help."
    return annotation is not None and ast.unparse(annotation) not in PLAIN

def bare(node, text):
    "Parameters of a function with neither a comment on their line nor an annotation that says it."
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = {t.start[0] for t in tokens if t.type == tokenize.COMMENT}
    a = node.args
    every = [p for p in (*a.posonlyargs, *a.args, a.vararg, *a.kwonlyargs, a.kwarg) if p]
    silent = [p for p in every if p.end_lineno not in comments and not told(p.annotation)]
    return [p.arg for p in silent if p.arg not in ('self', 'cls')]

def lacks(text):
    "What public names of a cell lack."
    for name, node, method in public(text):
        excused = method and (decorated(node, 'property') or name == 'forward')
        if ast.get_docstring(node) is None and not excused: yield f'{name} has no docstring'
        if isinstance(node, ast.FunctionDef) and not method and (silent := bare(node, text)):
            yield f'{name} does not say what {", ".join(silent)} {"is" if len(silent) == 1 else "are"}'

def unused(text):
    "Imports of a module, or of one of its functions, that it never uses."
    tree = ast.parse(text)
    inner = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    for scope, inside in [(tree, tree.body), *((f, ast.walk(f)) for f in inner)]:
        names = {n.id for n in ast.walk(scope) if isinstance(n, ast.Name)}
        where = f'{scope.name} ' if scope in inner else ''
        for s in inside:
            if isinstance(s, (ast.Import, ast.ImportFrom)):
                given = [(a.asname or a.name).split('.')[0] for a in s.names]
                yield from (f'{where}imports {n} and never uses it' for n in given if n not in names)

def mentioned(node):
    "Names and attributes that a piece of code mentions."
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return names | {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}

def definitions(nb):
    "What each function, class and table of a module mentions."
    uses = defaultdict(set)
    for node in (n for text in cells(nb) for n in ast.parse(text).body):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)): uses[node.name] |= mentioned(node)
        if isinstance(node, ast.FunctionDef) and decorated(node, 'patch'):      # a method of its class
            uses[ast.unparse(node.args.args[0].annotation)] |= mentioned(node)
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name): uses[target.id] |= mentioned(node.value)
    return uses

def unreached(nb):
    "Public functions and classes that no cell outside of the module reaches, through others or itself."
    new = set().union(*(mentioned(ast.parse(text)) for text in cells(nb, False)))
    uses, reached = definitions(nb), set()
    while new:
        reached |= new
        new = set().union(*(uses.get(n, set()) for n in new)) - reached
    names = [name for text in cells(nb) for name, _, method in public(text) if not method]
    return [f'{n} is reached by no test or example' for n in names if n not in reached]

def owners():
    "Which modules export each name, by their `__all__`."
    own = defaultdict(list)
    for name, *_ in modules():
        path = ROOT/'uplift'/f'{name.replace(".", "/")}.py'
        for node in ast.parse(path.read_text(encoding='utf-8')).body if path.exists() else []:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == '__all__':
                for n in ast.literal_eval(node.value): own[n].append(name)
    return own

def check():
    "What public names lack, names with two owners, and how many there are."
    found = []
    for name, _, nb in modules():
        texts = cells(nb)
        problems = [p for text in texts for p in lacks(text)]
        problems += unreached(nb) + list(unused('\n'.join(texts)))
        found += [f'uplift.{name}: {p}' for p in problems]
    twice = {n: o for n, o in owners().items() if len(o) > 1 and n not in SHARED}
    found += [f'{n} has {len(o)} owners: uplift.{", uplift.".join(o)}' for n, o in sorted(twice.items())]
    return found, [f'{len(owners())} public names, {len(twice)} of them with two owners']

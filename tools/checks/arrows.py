"Imports go only down: to lower rooms, and inside a room to smaller numbers."
import ast
from collections import Counter
from notebooks import NBS, ROOMS, code, code_cells, exported, modules, notebooks, load, module

DOORS = {('model.weights', 'paper.networks'), ('export.write', 'export.fbx'), ('export.write', 'export.skin'),
         ('lift.result', 'export.skin')}               # lazy imports that may go up

def imported(tree):
    "Modules of uplift that a piece of code imports, at the top or inside a function: `core.files`."
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            deep = node.module.count('.') > 1        # from uplift.core.files import digest
            names = [node.module if deep else f'{node.module}.{a.name}' for a in node.names]
        else:
            continue
        yield from (n.removeprefix('uplift.') for n in names if n.startswith('uplift.'))

def opened(tree):
    "Modules of uplift that `import_module('uplift.…')` opens."
    for node in ast.walk(tree):
        called = isinstance(node, ast.Call) and ast.unparse(node.func).split('.')[-1] == 'import_module'
        if called and node.args and isinstance(node.args[0], ast.Constant):
            if str(node.args[0].value).startswith('uplift.'):
                yield node.args[0].value.removeprefix('uplift.')

def uses(nb):
    "(module, how) of every use in a notebook: 'export', 'test' or 'door'."
    for cell in code_cells(nb):
        tree = ast.parse(code(cell))
        how = 'export' if exported(cell) else 'test'
        yield from ((m, how) for m in imported(tree))
        yield from ((m, 'door' if exported(cell) else 'test') for m in opened(tree))

def level(name, numbers):
    "Where a module stands: (room, number in the room); names of `uplift` itself stand on `lift`."
    if '.' not in name: return ROOMS.index('lift'), 99
    return ROOMS.index(name.split('.')[0]), numbers[name]

def goes_up(me, other, how):
    "Whether an arrow from one level to another is forbidden; tests may look around in their room."
    return other[0] > me[0] if how == 'test' else other >= me

def check():
    "The arrows that go up, and what a report tells: arrows between and inside rooms, doors."
    numbers = {name: int(path.name[:2]) for name, path, _ in modules() if path.name[:2].isdigit()}
    found, arrows, doors = [], set(), set()
    for path in notebooks():
        nb = load(path)
        me = module(nb)
        for name, how in sorted(set(uses(nb))):
            if name != me and '.' in name and name not in numbers:
                found.append(f'{path.relative_to(NBS)}: uses uplift.{name}, which no notebook exports')
            elif me in numbers and name != me:
                if how == 'door': doors.add((me, name))
                if how == 'export': arrows.add((me, name))
                up = goes_up(level(me, numbers), level(name, numbers), how)
                if how == 'export' and '.' not in name: up = True    # modules import modules
                if up and not (how == 'door' and (me, name) in DOORS):
                    found.append(f'{path.relative_to(NBS)}: {how} uses uplift.{name}: arrows go down')
    return found, report(arrows, doors, numbers)

def report(arrows, doors, numbers):
    "Who uses whom, as lines."
    room = lambda name: name.split('.')[0]
    between = Counter((room(a), room(b)) for a, b in arrows if room(a) != room(b))
    for r in ROOMS:
        down = [f'{b} {n}' for (a, b), n in sorted(between.items(), key=lambda x: -x[1]) if a == r]
        if down: yield f'{r} -> ' + ', '.join(down)
        for name in sorted((n for n in numbers if room(n) == r), key=numbers.get):
            own = sorted((b for a, b in arrows if a == name and room(b) == r), key=numbers.get)
            short = lambda n: f'{numbers[n]:02} {n.split(".")[1]}'
            if own: yield f'    {short(name)} -> ' + ', '.join(map(short, own))
    yield from (f'door: {a} -> {b}' for a, b in sorted(doors))
    yield f'{len(between)} arrows between {len(ROOMS)} rooms, {len(arrows)} between {len(numbers)} modules'

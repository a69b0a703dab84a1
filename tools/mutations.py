"""Mutations: every small change of an exported cell that its chapter's tests ought to feel.

Each is found on the syntax tree and written back into the changed expression alone, so that the cell stays readable.
Left alone: docstrings, type hints, imports, decorators, what is raised or printed, f-strings, `__repr__` and its kin,
colours and sizes of drawings, words of progress bars, thresholds under 1e-5 and over 1e5 (their doubles mean the
same), the default of seed (any is as good) and of progress."""
import ast
import re
from dataclasses import dataclass

OPERATORS = {ast.Add: '+-', ast.Sub: '-+', ast.Mult: '*/', ast.Div: '/*', ast.FloorDiv: ('//', '/'),
             ast.Mod: '%*', ast.Pow: ('**', '*')}
COMPARISONS = {ast.Lt: ('<', '<=', '>='), ast.LtE: ('<=', '<', '>'), ast.Gt: ('>', '>=', '<='),
               ast.GtE: ('>=', '>', '<'), ast.Eq: ('==', '!='), ast.NotEq: ('!=', '==')}
UNARY = {ast.Not: 'not', ast.Invert: 'invert', ast.USub: 'minus'}
PAIRS = [('min', 'max'), ('minimum', 'maximum'), ('argmin', 'argmax'), ('amin', 'amax'), ('nanmin', 'nanmax'),
         ('sin', 'cos'), ('any', 'all'), ('floor', 'ceil')]
NAMES = {a: b for x, y in PAIRS for a, b in ((x, y), (y, x))} | dict(mean='sum', nanmean='nansum')
DROPPED = 'clip clamp clamp_min clamp_max abs detach copy clone'.split()
REDUCE = ('sum mean norm max min amax amin any all argmax argmin std median cumsum diff prod stack cat flip unbind '
          'flatten unsqueeze squeeze softmax sort argsort unflatten').split()
SYMMETRIC = set('min max minimum maximum allclose equal array_equal hypot gcd isclose isinstance print'.split())
STYLE = re.compile(r'colou?rs?$|(^|_)(width|height|size|opacity|margin|font|title|pad|dpi|alpha|template|legend|s|fig'
                   r'|showlegend|marker|line|linewidth|lw|figsize|layout|scene|hover\w*|[xy]axis\d?|style|css|eye)$',
                   re.I)                           # arguments and keys of drawings
LOOKS = re.compile(r'(colou?rs?|palette|layout|style|css|legend)$', re.I)   # variables that are nothing but looks
QUIET = re.compile(r'^(print|plt\.|fig\.update|fig\.add|ax\.|warnings\.|display|tqdm|bar\.)')
SHOWING = re.compile(r'^__(repr|str)__$|^_repr_|^_ipython_display_$')

@dataclass
class Edit:
    kind: str     # what was done
    start: int    # first character of the cell that changes
    end: int      # first one behind it that stays
    text: str     # what stands there instead

class Finder(ast.NodeVisitor):
    "Collects the edits of a cell's source."
    def __init__(self, source):
        self.source, self.edits, self.inputs, self.axes = source, [], [None], set()
        self.starts = [0]
        for line in source.splitlines(True): self.starts.append(self.starts[-1] + len(line))
        self.lines = source.splitlines(True)
        tree = ast.parse(source)
        self.names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        self.visit(tree)

    def place(self, line, column):
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def start(self, node): return self.place(node.lineno, node.col_offset)

    def end(self, node): return self.place(node.end_lineno, node.end_col_offset)

    def text(self, node): return self.source[self.start(node):self.end(node)]

    def add(self, kind, node, text): self.edits.append(Edit(kind, self.start(node), self.end(node), text))

    def between(self, kind, left, right, old, new):
        "The operator between two operands."
        a = self.source.find(old, self.end(left), self.start(right))
        if a >= 0: self.edits.append(Edit(kind, a, a + len(old), new))

    def quiet(self, node): "Nothing in here changes."
    visit_JoinedStr = visit_Raise = visit_Import = visit_ImportFrom = visit_arg = quiet

    def visit_FunctionDef(self, node):
        if SHOWING.match(node.name): return
        named = [a.arg for a in [*node.args.posonlyargs, *node.args.args] if a.arg not in ('self', 'cls')]
        self.inputs.append(named[0] if named else None)
        every = [*node.args.posonlyargs, *node.args.args]
        defaults = [*zip(every[::-1], node.args.defaults[::-1]), *zip(node.args.kwonlyargs, node.args.kw_defaults)]
        for a, default in defaults:
            if a.arg not in ('seed', 'progress') and default: self.visit(default)
        for part in node.body: self.visit(part)
        self.inputs.pop()

    def visit_ClassDef(self, node):
        for part in node.body: self.visit(part)

    def visit_Assign(self, node):
        if not any(LOOKS.search(self.text(t)) for t in node.targets): self.visit(node.value)

    def visit_AnnAssign(self, node):
        if node.value: self.visit(node.value)

    def visit_Expr(self, node):
        if isinstance(node.value, ast.Constant): return
        if isinstance(node.value, ast.Call) and not QUIET.match(self.text(node)): self.add('call', node, 'pass')
        self.generic_visit(node)

    def visit_Return(self, node):
        given = self.inputs[-1]
        if given and node.value is not None and self.text(node.value) != given:
            used = {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
            if given in used: self.add('return', node, f'return {given}')
        self.generic_visit(node)

    def visit_BinOp(self, node):
        text = isinstance(node.left, (ast.JoinedStr, ast.Constant)) and isinstance(getattr(node.left, 'value', ''), str)
        if type(node.op) in OPERATORS and not text:
            self.between('operator', node.left, node.right, *OPERATORS[type(node.op)])
        self.generic_visit(node)

    def visit_Compare(self, node):
        sides = [node.left, *node.comparators]
        for left, op, right in zip(sides, node.ops, sides[1:]):
            old, *others = COMPARISONS.get(type(op), ('',))
            for new in others: self.between('comparison', left, right, old, new)
        self.generic_visit(node)

    def visit_BoolOp(self, node):
        old, new = ('and', 'or') if isinstance(node.op, ast.And) else ('or', 'and')
        for left, right in zip(node.values, node.values[1:]): self.between('boolean', left, right, old, new)
        self.generic_visit(node)

    def visit_UnaryOp(self, node):
        if type(node.op) in UNARY and node not in self.axes:
            self.add(UNARY[type(node.op)], node, f' {self.text(node.operand)}')
        if not isinstance(node.operand, ast.Constant): self.generic_visit(node)

    def visit_Constant(self, node):
        v = node.value
        if node in self.axes: return
        if isinstance(v, bool): self.add('constant', node, str(not v))
        elif isinstance(v, (int, float)): self.number(node, v)
        elif isinstance(v, str): self.side(node)

    def number(self, node, v):
        new = 1 - v if v in (0, 1) else v + 1 if isinstance(v, int) else v * 2
        if v == 0 or 1e-5 < abs(v) < 1e5: self.add('constant', node, repr(new))

    def side(self, node):
        "Left becomes right in a string or a name."
        other = dict(left='right', right='left', Left='Right', Right='Left', LEFT='RIGHT', RIGHT='LEFT')
        old = self.text(node)
        new = re.sub('|'.join(other), lambda m: other[m[0]], old)
        known = not isinstance(node, ast.Name) or new in self.names
        if new != old and known: self.add('side', node, new)

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load): self.side(node)

    def visit_Slice(self, node):
        for end in ('lower', 'upper'):
            if (part := getattr(node, end)) is not None: self.add('slice', part, '')
        self.generic_visit(node)

    def visit_Subscript(self, node):
        for index in getattr(node.slice, 'elts', [node.slice]):
            if not isinstance(index, ast.Slice) and self.text(index) == '-1': self.add('slice', index, '0')
        self.generic_visit(node)

    def visit_If(self, node):
        for new in ('True', 'False'): self.add('condition', node.test, new)
        self.generic_visit(node)
    visit_IfExp = visit_If

    def visit_comprehension(self, node):
        for test in node.ifs: self.add('condition', test, 'True')
        self.generic_visit(node)

    def visit_Call(self, node):
        if QUIET.match(name := self.text(node.func)): return
        last = name.split('.')[-1]
        self.called(node, last)
        self.arguments(node, last)
        styled = last == 'dict' and any(STYLE.search(k.arg or '') for k in node.keywords)
        self.visit(node.func)
        for part in node.args: self.visit(part)
        for k in node.keywords:
            if not (STYLE.search(k.arg or '') or styled): self.visit(k.value)

    def called(self, node, last):
        "The call dropped, or another function called in its place."
        f = node.func
        if last in DROPPED:
            library = not isinstance(f, ast.Attribute) or self.text(f.value) in ('np', 'torch', 'math')
            kept = (node.args[0] if node.args else None) if library else f.value
            if kept is not None: self.add('dropped', node, self.text(kept))
        if last in NAMES:
            end = self.end(f)
            self.edits.append(Edit('function', end - len(last), end, NAMES[last]))

    def arguments(self, node, last):
        "Neighbours swapped, keywords dropped, axes changed."
        texts = [self.text(a) for a in [*node.args, *node.keywords]]
        whole = lambda parts: f'{self.text(node.func)}({", ".join(parts)})'
        starred = any(isinstance(a, ast.Starred) for a in node.args)
        for i in range(0 if starred or last in SYMMETRIC else len(node.args) - 1):
            self.add('swapped', node, whole(texts[:i] + [texts[i + 1], texts[i]] + texts[i + 2:]))
        for i, k in enumerate(node.keywords, len(node.args)):
            if k.arg and not STYLE.search(k.arg): self.add('keyword', node, whole(texts[:i] + texts[i + 1:]))
        axes = [k.value for k in node.keywords if k.arg in ('axis', 'dim')]
        axes += [a for a in node.args[-1:] if last in REDUCE and re.fullmatch(r'-?\d', self.text(a))]
        self.axes |= set(axes)
        for a in axes: self.add('axis', a, '-1' if self.text(a) == '0' else '0')

def meaning(code):
    "What a code object does, without where it stands."
    return code.co_code, code.co_names, tuple(meaning(c) if hasattr(c, 'co_code') else repr(c) for c in code.co_consts)

def mutated(source):
    "(kind, changed source, first line, the lines before, the lines after) of every mutation of a cell, each once."
    seen = {meaning(compile(source, '', 'exec'))}
    for e in sorted(Finder(source).edits, key=lambda e: (e.start, e.end, e.kind, e.text)):
        new = source[:e.start] + e.text + source[e.end:]
        try: does = meaning(compile(new, '', 'exec', dont_inherit=True))
        except (SyntaxError, ValueError): continue
        if does in seen: continue
        seen.add(does)
        a, b = source.rfind('\n', 0, e.start) + 1, source.find('\n', e.end)
        tail = '' if b < 0 else source[b:]
        flat = lambda text: ' '.join(text.split())
        yield e.kind, new, source.count('\n', 0, e.start) + 1, flat(source[a:len(source) - len(tail)]), \
            flat(new[a:len(new) - len(tail)])

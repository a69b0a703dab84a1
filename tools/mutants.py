"""Do the tests bite? Small changes of exported code (`mutations.py`), each run against the tests of its own chapter.

`--sample 200 --seed 0` draws mutants over all rooms: eight a room, the others by the rooms' exported lines, no line
twice. `--notebook lift/03_refinement` or `--room lift` draws among fewer, `--one ID` shows one mutant and runs it, and
`--again` runs all that survived so far and have no reason to.

Every run has a copy of the project made of links, in which the changed notebook lies in its place and is exported by
nbdev: what a chapter asks of its own module, also through a command in another process, is then the changed code
too, and no file of the project is touched. nbdev's own `test_nb` runs the cells, in a child of a process that has
torch and its like in memory. A chapter has to pass unchanged first; three times that long and ten seconds is the
limit, and what runs into it counts as felt. results/mutants.csv keeps every verdict, and the reasons that people
write there behind survivors."""
import argparse
import hashlib
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
import pandas as pd
from tqdm import tqdm
from mutations import Finder, mutated
from notebooks import NBS, ROOMS, ROOT, exported, load, module, modules, source

RESULTS = ROOT/'results'/'mutants.csv'
FLOOR = 8                                          # mutants a room at least
COLUMNS = 'id room chapter line kind before after verdict seconds reason'.split()
HEAVY = ('torch numpy pandas scipy.optimize scipy.signal scipy.interpolate scipy.spatial.transform plotly.subplots '
         'plotly.graph_objects plotly.io matplotlib.pyplot PIL.Image yaml safetensors.torch torch.utils.tensorboard '
         'smplx anywidget ipywidgets fastcore.all IPython.display nbdev.test nbdev.export nbdev.showdoc').split()

@dataclass(frozen=True)
class Mutant:
    path: Path           # the notebook
    cell: int            # which of its cells
    row: int             # line in the cell
    kind: str
    before: str          # its line or lines
    after: str
    source: str = field(repr=False)   # the cell, changed
    again: int = 0       # equal ones before it in the chapter

    @property
    def chapter(self): return str(self.path.relative_to(NBS).with_suffix(''))

    @property
    def room(self): return self.path.parent.name

    @property
    def line(self): return f'{self.cell}.{self.row}'

    @property
    def id(self):
        said = '\n'.join([self.kind, self.before, self.after, str(self.again)])
        return f'{self.chapter}:{hashlib.sha1(said.encode()).hexdigest()[:8]}'

    def notebook(self):
        "The chapter's text with the changed cell."
        nb = json.loads(json.dumps(load(self.path)))       # as it was read, whatever has happened to the file
        nb['cells'][self.cell]['source'] = self.source.splitlines(True)
        return json.dumps(nb, ensure_ascii=False)

def cells(path):
    "(number, source) of the cells that a notebook exports."
    return [(i, source(c)) for i, c in enumerate(load(path)['cells']) if c['cell_type'] == 'code' and exported(c)]

def mutants(path):
    "All mutants of a notebook."
    seen = Counter()
    for i, text in cells(path):
        for kind, new, row, before, after in mutated(text):
            m = Mutant(path, i, row, kind, before, after, new, seen[kind, before, after])
            seen[kind, before, after] += 1
            yield m

def places(path):
    "(notebook, cell, line) of all lines that can change."
    for i, text in cells(path):
        for row in sorted({text.count('\n', 0, e.start) + 1 for e in Finder(text).edits}): yield path, i, row

def shares(lines, n):
    "How many mutants each room gives: {room: lines} -> {room: number}."
    floor = min(FLOOR, n // len(lines))
    spare, total = n - floor * len(lines), sum(lines.values())
    exact = {r: floor + spare * k / total for r, k in lines.items()}
    given = {r: min(int(x), lines[r]) for r, x in exact.items()}
    for r in sorted(exact, key=lambda r: int(exact[r]) - exact[r])[:n - sum(given.values())]: given[r] += 1
    return given

def sample(paths, n, seed):
    "Mutants of `n` different lines: the same seed draws the same ones from the same code."
    found = defaultdict(list)
    for path in paths: found[path.parent.name] += places(path)
    chosen, known = [], {}
    for room, k in shares({r: len(x) for r, x in found.items()}, n).items():
        rng = random.Random(f'{seed} {room}')
        rng.shuffle(found[room])
        for path, cell, row in found[room]:
            if k == 0: break
            if path not in known: known[path] = list(mutants(path))
            if here := [m for m in known[path] if (m.cell, m.row) == (cell, row)]:
                chosen.append(rng.choice(here))
                k -= 1
    return sorted(chosen, key=lambda m: (ROOMS.index(m.room), m.chapter, m.cell, m.row))

# the copy made of links, and a child that runs a chapter in it

def linked(folder, to, apart):
    "Links to everything in a folder, apart from what leads to `apart` (paths below it): that gets folders of its own."
    to.mkdir()
    below = defaultdict(list)
    for first, *rest in apart: below[first].append(rest)
    for p in folder.iterdir():
        if p.name == '__pycache__' or [] in below[p.name]: continue
        if p.name in below and any(below[p.name]): linked(p, to/p.name, below[p.name])
        else: (to/p.name).symlink_to(p)

def copy(top, path, text):
    "A copy of the project in which the notebook `path` holds `text`; its module is still to be exported."
    name = module(load(path))
    own = ('nbs', path.parent.name, path.name), ('uplift', *f'{name.replace(".", "/")}.py'.split('/'))
    tree = top/'tree'
    linked(ROOT, tree, own)
    if (shared := ROOT.parent/'shared').exists(): (top/'shared').symlink_to(shared.resolve())
    (tree/Path(*own[0])).write_text(text, encoding='utf-8')
    return tree, tree/Path(*own[0])

def child(tree, path):
    "Exports the notebook and runs its cells: returns whether all passed."
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.chdir(path.parent)
    os.environ |= dict(PYTHONPATH=str(tree), PYTHONDONTWRITEBYTECODE='1')
    sys.dont_write_bytecode = True
    ours = {str(ROOT), str(ROOT/'tools'), ''}
    sys.path[:] = [str(tree)] + [p for p in sys.path if p not in ours]
    for name in [n for n in sys.modules if n in ('notebooks', 'mutations')]: del sys.modules[name]
    from nbdev.config import get_config
    from nbdev.export import nb_export
    from nbdev.test import test_nb
    nb_export(path, lib_path=tree/'uplift')
    return test_nb(path, skip_flags=get_config().tst_flags.split(), basepath=tree)[0]

def start(path, text):
    "A child that runs a chapter with this text: (process, its folder, when it began)."
    top = Path(tempfile.mkdtemp(prefix='mutant-'))
    tree, nb = copy(top, path, text)
    if pid := os.fork(): return pid, top, time.time()
    rc = 2
    try:
        os.setsid()
        log = os.open(top/'log', os.O_WRONLY | os.O_CREAT)
        for stream in (1, 2): os.dup2(log, stream)
        rc = 0 if child(tree, nb) else 1
    except BaseException as e: os.write(2, f'{type(e).__name__}: {e}\n'.encode())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(rc)

def ended(pid, began, limit):
    "The verdict on a child, or None while it runs."
    done, status = os.waitpid(pid, os.WNOHANG)
    late = not done and time.time() - began > limit
    if not (done or late): return None
    try: os.killpg(pid, signal.SIGKILL)                   # also what it has started
    except ProcessLookupError: pass
    if late: os.waitpid(pid, 0)
    return 'time-out' if late else 'survived' if status == 0 else 'killed'

def error(log):
    "The kind of error that ended a chapter."
    lines = re.sub(r'\x1b\[[\d;]*m', '', log).splitlines()
    found = [m[1] for line in lines if (m := re.match(r'\s*(?:\w+\.)*(\w*(?:Error|Exception|Interrupt|Exit))\b', line))]
    return found[-1] if found else ''

def run_all(jobs, workers):
    """Runs (key, notebook, text, limit) from a deque, `workers` at once: yields (key, verdict, seconds, error, log) as
    they end; what is put into the deque meanwhile runs too."""
    running = {}
    try:
        while jobs or running:
            while jobs and len(running) < workers:
                key, path, text, limit = jobs.popleft()
                running[key] = *start(path, text), limit
            for key, (pid, top, began, limit) in list(running.items()):
                if verdict := ended(pid, began, limit):
                    del running[key]
                    log = (top/'log').read_text(errors='replace')
                    shutil.rmtree(top, ignore_errors=True)
                    yield key, verdict, time.time() - began, error(log), log
            time.sleep(.05)
    finally:
        for pid, top, *_ in running.values():
            ended(pid, 0, 0)
            shutil.rmtree(top, ignore_errors=True)

# verdicts

def known():
    "The table of verdicts so far."
    return pd.read_csv(RESULTS, dtype=str, keep_default_na=False) if RESULTS.exists() else pd.DataFrame(columns=COLUMNS)

def survivors(paths):
    "Mutants of some notebooks that survived without a reason, as far as the code is still the same."
    table = known()
    ids = set(table.id[(table.verdict == 'survived') & (table.reason == '')])
    chapters = {i.split(':')[0] for i in ids}
    own = [p for p in paths if str(p.relative_to(NBS).with_suffix('')) in chapters]
    return [m for p in own for m in mutants(p) if m.id in ids]

def keep(m, verdict, seconds, reason):
    "Writes one verdict into the table; a survivor keeps the reason that is written there."
    table = known()
    old = table[table.id == m.id]
    if verdict == 'survived': reason = old.reason.iloc[0] if len(old) and old.verdict.iloc[0] == 'survived' else ''
    row = [m.id, m.room, m.chapter, m.line, m.kind, m.before, m.after, verdict, f'{seconds:.0f}', reason]
    table = pd.concat([table[table.id != m.id], pd.DataFrame([row], columns=COLUMNS)])
    order = dict(zip(ROOMS, range(99)))
    place = table.line.map(lambda s: tuple(map(int, s.split('.'))))
    table = table.assign(o=table.room.map(order), p=place).sort_values(['o', 'chapter', 'p', 'id'])[COLUMNS]
    table.to_csv(RESULTS, index=False)
    return reason

class Baselines:
    "Seconds of chapters that pass unchanged, remembered until their text changes."
    def __init__(self):
        self.file = Path(tempfile.gettempdir())/'uplift-baselines.json'
        self.seconds = json.loads(self.file.read_text()) if self.file.exists() else {}

    def key(self, path): return hashlib.sha1(path.read_bytes()).hexdigest()

    def get(self, path): return self.seconds.get(self.key(path))

    def put(self, path, seconds):
        self.seconds[self.key(path)] = round(seconds, 1)
        self.file.write_text(json.dumps(self.seconds))

def judge(chosen, workers):
    "Runs chapters unchanged, then their mutants, and keeps the verdicts: [(mutant, verdict, reason)]."
    per, out, base = defaultdict(list), [], Baselines()
    for m in chosen: per[m.path].append(m)
    changed = lambda path: [(m, path, m.notebook(), 3 * base.get(path) + 10) for m in per[path]]
    jobs = deque()
    for p in per: jobs += changed(p) if base.get(p) else [(p, p, p.read_text(encoding='utf-8'), 600)]
    with tqdm(total=len(chosen), smoothing=.1, dynamic_ncols=True) as bar:
        for key, verdict, took, kind, log in run_all(jobs, workers):
            if isinstance(key, Mutant):
                out.append((key, verdict, keep(key, verdict, took, kind)))
                if verdict == 'survived': bar.write(told(*out[-1]))
                bar.update()
            elif verdict == 'survived':
                base.put(key, took)
                jobs.extendleft(changed(key))
            else:
                bar.write(f'{key.relative_to(ROOT)} does not pass unchanged ({verdict}):\n{log[-2000:]}')
                bar.update(len(per[key]))
    return out

def told(m, verdict, reason):
    "A mutant in a few lines."
    because = f' ({reason})' if reason else ''
    return f'{verdict}{because}: {m.id} cell {m.line}, {m.kind}\n    {m.before}\n    {m.after}'

def scores(results):
    "Lines of a table: felt of run, room by room."
    count = Counter((m.room, verdict) for m, verdict, _ in results)
    rooms = [r for r in ROOMS if any(k[0] == r for k in count)]
    for room in [*rooms, None]:
        n = Counter()
        for (r, verdict), k in count.items(): n[verdict] += k * (room in (r, None))
        felt, total = n['killed'] + n['time-out'], sum(n.values())
        late = f', {n["time-out"]} by the clock' if n['time-out'] else ''
        yield f'{room or "all":7s} {felt:4d} of {total:4d} felt, {felt / max(total, 1):4.0%}{late}'

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--sample', type=int, default=200, help='how many mutants')
    p.add_argument('--seed', type=int, default=0, help='which ones')
    p.add_argument('--room', choices=ROOMS, help='among the chapters of one room')
    p.add_argument('--notebook', help='of one chapter, such as lift/03_refinement')
    p.add_argument('--one', metavar='ID', help='show one mutant and run it')
    p.add_argument('--again', action='store_true', help='those that survived so far, without a reason')
    p.add_argument('--list', action='store_true', help='say which, run none')
    p.add_argument('--workers', type=int, choices=(1, 2), default=2)
    args = p.parse_args()
    where = args.one.split(':')[0] if args.one else args.notebook
    paths = [path for _, path, _ in modules() if args.room in (None, path.parent.name)]
    if where: paths = [path for path in paths if str(path.relative_to(NBS).with_suffix('')) == where]
    if not paths: p.error(f'no chapter {where}')
    if args.one: chosen = [m for m in mutants(paths[0]) if m.id == args.one]
    elif args.again: chosen = survivors(paths)
    else: chosen = sample(paths, args.sample, args.seed)
    if not chosen: p.error('there is no such mutant')
    if args.one or args.list: print(*(told(m, m.room, '') for m in chosen), sep='\n')
    if args.list: return
    os.environ |= dict(OMP_NUM_THREADS='1', PLOTLY_RENDERER='notebook_connected', MPLBACKEND='agg')
    for name in HEAVY: __import__(name)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('stopped'))   # children and their folders go, too
    results = judge(chosen, args.workers)
    print(*scores(results), *(told(*r) for r in results if r[1] == 'survived'), sep='\n')

if __name__ == '__main__': main()

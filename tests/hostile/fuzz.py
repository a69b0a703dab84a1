#!/usr/bin/env python
"""Hostile inputs: valid files of every format that uplift reads, damaged, and every option given nonsense.

    python tests/hostile/fuzz.py                       all cases, then a table; ends with 1 if any is bad
    python tests/hostile/fuzz.py --cases 400 --week    a sample of them, another one each week
    python tests/hostile/fuzz.py --only json --seed 7 --match 'image ids' --show

Each case runs in a child of its own with a limit of time and memory. What comes of it:
clear      one line that says what is wrong, exit code 1          accepted   exit code 0, all numbers finite
vague      one line, but in numpy's or torch's words              usage      the parser's own line
bad: traceback, hang, blowup (memory), crash (a signal), nonsense (accepted with numbers that are none, or what had to
be refused), code (a pickle ran), escape (written outside of the output), litter (temporary files stay), lines (several)"""
import argparse
import datetime
import json
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter, defaultdict
from pathlib import Path

os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('CUDA_VISIBLE_DEVICES', '')

import numpy as np
from tqdm import tqdm

from damage import CANARY
from of_keypoints import json_cases, npz_cases, video_cases
from of_models import small_cases, weights_cases
from of_motion import fit3d_cases, motion_cases
from of_options import options_cases

ADDRESSES, MEMORY = 9 << 30, 1800 << 20          # bytes: of address space, of peak memory
GROUPS = dict(npz=npz_cases, json=json_cases, weights=weights_cases, motion=motion_cases, fit3d=fit3d_cases,
              small=small_cases, video=video_cases, options=options_cases)
GOOD = 'clear', 'accepted', 'usage', 'vague'
VERDICTS = *GOOD, 'nonsense', 'traceback', 'hang', 'blowup', 'crash', 'code', 'escape', 'litter', 'lines', 'odd'
OPAQUE = re.compile(
    r': (cannot convert float|Overflow when|array must not contain|cannot reshape|operands could|could not broadcast|'
    r'all input arrays|all the input|invalid literal|could not convert|setting an array|not enough values|too many values|'
    r'probabilities|[Ee]xpected|shapes|matmul|axis|\(|zero-size|need at least|index|invalid|math domain|unable|'
    r'Object arrays|Non-positive)')
CHATTER = re.compile(r'\s*(INFO|WARNING|W0000|I0000|\d+it|.*it/s)|.*XNNPACK')
LAST_WORDS = re.compile(r'(uplift_\w+( \w+)?|library): ')

def commands():
    "Name -> function of every command."
    from uplift.cli import app, batch, bench, export, lift, paper, prepare, report, research
    found = (app.uplift_app, batch.uplift_batch, bench.uplift_benchmark, export.uplift_export, export.uplift_onnx, export.uplift_render,
             lift.uplift_lift, paper.uplift_paper, prepare.uplift_prepare, report.uplift_report, research.uplift_eval,
             research.uplift_train)
    return {f.__name__: f for f in found}

# ------------------------------------------------------------------------------------------------ one case

def run(what, out, limit, table, real):
    "Exit code (None: a hang; negative: a signal), what was said, peak memory in bytes, seconds."
    said, begin = out.with_suffix('.err'), time.time()
    pid = os.fork()
    if pid == 0: _child(what, out, said, table, real)
    while time.time() - begin < limit:
        done, status, usage = os.wait4(pid, os.WNOHANG)
        if done: break
        time.sleep(.005 if time.time() - begin < 1 else .05)
    else:
        os.killpg(pid, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status) if done else None
    return code, said.read_text(errors='replace'), usage.ru_maxrss * 1024, time.time() - begin

def _child(what, out, said, table, real):
    "Run it in the folder `out`, and end."
    os.setsid()
    os.chdir(out)
    for name, number in ((said.with_suffix('.out'), 1), (said, 2)):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if real and isinstance(what, list): os.execvp(what[0], what)
    code = 70
    try: code = _called(what, table)
    except BaseException: traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

def _called(what, table):
    "Exit code of a command line, or of a function and its argument."
    try:
        if isinstance(what, tuple): what[0](what[1])
        else:
            sys.argv = what
            table[what[0]]()
    except SystemExit as e:
        if isinstance(e.code, str): print(e.code, file=sys.stderr)
        return e.code if isinstance(e.code, int) else 0 if e.code is None else 1
    except (ValueError, FileNotFoundError) as e:
        if isinstance(what, list): raise
        print(f'library: {type(e).__name__}: {" ".join(str(e).split())}', file=sys.stderr)
        return 1
    return 0

# ------------------------------------------------------------------------------------------------ its verdict

_NUMBERS = 'poses', 'trans', 'betas', 'joints', 'rotations', 'keypoints', 'focal', 'fps', 'mocap_frame_rate'

def wrong_content(folder):
    "What is not finite, absurd or injected in the files of a folder, or ''."
    for p in folder.rglob('*.npz'):
        try: bad = _wrong_arrays(p)
        except ValueError as e: bad = '' if 'pickle' in str(e) else f'cannot be read: {e}'
        if bad: return f'{p.name}: {bad}'
    for p in [*folder.rglob('*.bvh'), *folder.rglob('*.mot')]:
        if re.search(r'\b(nan|inf)\b', p.read_text(errors='replace')[-200_000:], re.I): return f'{p.name} holds nan'
    for p in folder.rglob('*.html'):
        page = p.read_text(errors='replace')
        if '<script>alert' in page or '<img src=x' in page: return f'{p.name}: injected script'
    return ''

def _wrong_arrays(path):
    with np.load(path, allow_pickle=False) as z: found = {k: z[k] for k in z.files if k in _NUMBERS}
    for k, a in found.items():
        if a.dtype.kind != 'f' or not a.size: continue
        if not np.isfinite(a).all(): return f'{k} has {(~np.isfinite(a)).sum()} values that are not finite'
        if k in ('poses', 'joints', 'trans') and np.abs(a).max() > 1e6: return f'{k} reaches {np.abs(a).max():.3g}'

def judge(case, out, code, said, peak, work):
    "(verdict, what there is to say)"
    lines = [line for line in said.splitlines() if line.strip() and not CHATTER.match(line)]
    last = lines[-1] if lines else ''
    if CANARY.exists():
        CANARY.unlink()
        return 'code', 'A PICKLE RAN CODE'
    if outside := [p for p in work.rglob('escape') if p.is_dir() and any(p.glob('*.npz'))]:
        shutil.rmtree(outside[0])
        return 'escape', f'wrote outside of the output: {outside[0]}'
    if code is None: return 'hang', f'not done after {case.limit} s'
    if peak > MEMORY and case.group != 'options': return 'blowup', f'peak {peak / 2 ** 30:.1f} GB; {last[:150]}'
    if code < 0: return 'crash', f'signal {-code}; {last[:200]}'
    if 'Traceback (most recent call last)' in said or code == 70:
        at = re.findall(r'File ".*/uplift/([\w/]+\.py)", line (\d+)', said)
        return ('blowup' if 'MemoryError' in last else 'traceback'), f'{last[:160]} @ {":".join(at[-1]) if at else "?"}'
    if left := [str(p.relative_to(out)) for p in out.rglob('.*') if p.is_file()]: return 'litter', f'left {left[:3]}'
    if code == 0: return _accepted(case, out)
    if code == 2 and 'usage:' in said: return 'usage', last[:150]
    if code != 1 or not LAST_WORDS.match(last): return 'odd', f'exit code {code}: {said[-200:]}'
    if len(lines) > 1: return 'lines', f'{len(lines)} lines: {lines[0][:100]}'
    return ('vague' if OPAQUE.search(last) else 'clear'), last[:200]

def _accepted(case, out):
    if case.must: return 'nonsense', 'accepted, but had to be refused'
    bad = wrong_content(out)
    return ('nonsense', bad) if bad else ('accepted', '')

# ------------------------------------------------------------------------------------------------ all of them

def all_cases(inputs, groups, seed, match):
    "The cases, one at a time: a case's files are made before the next one is asked for."
    rng = random.Random(seed)
    for name in groups:
        for case in GROUPS[name](inputs, rng):
            if not match or re.search(match, f'{case.group}: {case.kind}'): yield case

def sample(inputs, args):
    "Numbers of the cases to run."
    count = sum(1 for _ in all_cases(inputs, args.only, args.seed, args.match))
    if not args.cases or args.cases >= count: return set(range(count))
    return set(random.Random(args.seed).sample(range(count), args.cases))

def run_all(inputs, args, work):
    "A row for every case."
    table, chosen, log = commands(), sample(inputs, args), open(args.log or os.devnull, 'w')
    chance = random.Random(args.seed)
    bar = tqdm(total=len(chosen), unit='case', disable=args.quiet)
    for n, case in enumerate(all_cases(inputs, args.only, args.seed, args.match)):
        if n not in chosen: continue
        files, out = work/'in'/str(n), work/'out'/str(n)
        for folder in (files, out): folder.mkdir(parents=True)
        what = case.make(files)
        code, said, peak, seconds = run(what, out, case.limit, table, chance.random() < args.real)
        verdict, why = judge(case, out, code, said, peak, work)
        row = dict(n=n, group=case.group, kind=case.kind, verdict=verdict, said=why, mb=peak >> 20,
                   seconds=round(seconds, 1), what=[str(w) for w in what])
        log.write(json.dumps(row) + '\n')
        if verdict not in GOOD and args.show: bar.write(f'{verdict:9s} {case.group}: {case.kind}: {why[:230]}')
        if verdict not in GOOD and args.keep: shutil.copytree(files, Path(args.keep)/f'{n}_{verdict}', symlinks=True)
        for folder in (files, out): shutil.rmtree(folder, ignore_errors=True)
        bar.update()
        yield row
    bar.close()

def report(rows, seconds, seed):
    "The table, then every bad place once."
    shown = [v for v in VERDICTS if any(r['verdict'] == v for r in rows)]
    counts = defaultdict(Counter)
    for r in rows:
        for g in (r['group'], 'all'): counts[g][r['verdict']] += 1
    print(f'{len(rows)} cases in {seconds:.0f} s, seed {seed}')
    print(f'{"format":17s}{"cases":>7s}' + ''.join(f'{v:>10s}' for v in shown))
    for g in sorted(counts, key='all'.__eq__):
        print(f'{g:17s}{sum(counts[g].values()):7d}' + ''.join(f'{counts[g][v] or "":>10}' for v in shown))
    refused = [r for r in rows if r['verdict'] in ('clear', 'vague', 'usage')]
    if refused:
        slow, large = (max(refused, key=lambda r: r[k]) for k in ('seconds', 'mb'))
        print(f'slowest refusal {slow["seconds"]} s ({slow["group"]}: {slow["kind"][:40]}), '
              f'largest {large["mb"]} MB ({large["group"]}: {large["kind"][:40]})')
    places = defaultdict(list)
    for r in rows:
        at = r['said'].split(' @ ')[-1] if r['verdict'] == 'traceback' else r['group']
        if r['verdict'] not in GOOD: places[r['verdict'], at].append(r)
    for (verdict, at), found in sorted(places.items(), key=lambda x: -len(x[1])):
        print(f'  {verdict:9s} x{len(found):<3d} {at[:60]}: {found[0]["kind"][:50]}: {found[0]["said"][:120]}')
    return sum(map(len, places.values()))

def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--only', nargs='+', choices=[*GROUPS], default=[*GROUPS], help='these groups only')
    p.add_argument('--seed', type=int, default=1, help='of all chance')
    p.add_argument('--week', action='store_true', help="the seed is this week's number: 202648")
    p.add_argument('--cases', type=int, help='so many of them, drawn by the seed')
    p.add_argument('--match', help='only cases whose group and kind match this regular expression')
    p.add_argument('--real', type=float, default=.02, help='share of commands that run as a process of their own')
    p.add_argument('--show', action='store_true', help='tell every bad case at once')
    p.add_argument('--keep', help='copy the inputs of bad cases into this folder')
    p.add_argument('--log', help='write a line of JSON for every case here')
    p.add_argument('--quiet', action='store_true', help='no progress bar')
    args = p.parse_args()
    if args.week:
        year, week, _ = datetime.date.today().isocalendar()
        args.seed = 100 * year + week
    return args

def main():
    from inputs import Inputs
    args, begin = arguments(), time.time()
    warnings.simplefilter('ignore')
    with tempfile.TemporaryDirectory(prefix='uplift_hostile_') as work:
        work = Path(work)
        rows = list(run_all(Inputs(work/'base'), args, work))
    bad = report(rows, time.time() - begin, args.seed)
    if bad: sys.exit(f'{bad} bad cases')

if __name__ == '__main__': main()

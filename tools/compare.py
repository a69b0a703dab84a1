"""Two checkouts side by side: did it get faster, and is everything else the same?

    git worktree add ../before c12e61b
    python tools/compare.py step ../before --data mocap_smplx.npz   a training step of the default lifter
    python tools/compare.py demo ../before                          the demo's result.npz, array by array

`step`: a process for each checkout, with the same seed and batches; they take a step in turn, so that a busy machine is busy for both.
Printed are median milliseconds, their ratio, and how far the losses are apart. `demo` fails when an array differs by more than 1e-5."""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
import numpy as np

HERE = Path(__file__).resolve().parents[1]

FIRST = '''
import importlib, json, sys, time
def first(*names):
    "The first of these modules that is there: they moved into rooms after 0.1.0."
    for name in names:
        try: return importlib.import_module(name)
        except ModuleNotFoundError as e: missing = e
    raise missing
'''

STEPS = FIRST + '''
import torch
data, threads, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(threads)
reader = first('uplift.data.motion', 'uplift.motion')
clips = [c for c in reader.read_mocap(data) if (c.split or '') in ('train', '')]
body = first('uplift.body.body', 'uplift.body').Body.load()
training = first('uplift.learn.training', 'uplift.training')
if hasattr(training, 'lifter_trainer'):
    recipe = first('uplift.learn.recipes').lifter_recipe('lifter')
    trainer = training.lifter_trainer(recipe, clips, [], out, body)
else: trainer = training.Trainer(training.get_preset('lifter'), clips, [], out, body, 0)
print(training.__file__, flush=True)
for line in sys.stdin:
    start, busy = time.perf_counter(), time.process_time()
    total = float(trainer.train_step()['total'])
    row = (time.perf_counter() - start, time.process_time() - busy, total)
    print(json.dumps(row), flush=True)
'''

DEMO = FIRST + '''
lift = first('uplift.cli.lift', 'uplift.commands').uplift_lift
lift('demo', out=sys.argv[1], quiet=True)
'''

def start(tree, code, *args, threads=1, **how):
    "A process that runs code with a checkout's package, in a folder where no other is found first."
    env = os.environ | dict(PYTHONPATH=str(tree), OMP_NUM_THREADS=str(threads), OMP_WAIT_POLICY='passive')
    return subprocess.Popen([sys.executable, '-c', code, *map(str, args)], env=env, cwd=tempfile.gettempdir(), text=True, stdout=subprocess.PIPE, **how)

def stepper(tree, data, threads, folder):
    "A process that makes a training step for every line it is sent."
    p = start(tree, STEPS, data, threads, folder, threads=threads, stdin=subprocess.PIPE)
    module = p.stdout.readline().strip()
    if not module.startswith(str(tree)): sys.exit(f'{tree}: no lifter is trained there ({module or "see above"})')
    return p

def one_step(p):
    "Seconds, seconds of processor time, and the loss."
    p.stdin.write('\n')
    p.stdin.flush()
    return json.loads(p.stdout.readline())

def compare_steps(old, new, data, threads, steps, warm=2):
    "Print how long a training step takes in both."
    with tempfile.TemporaryDirectory() as d:
        both = [stepper(tree, data, threads, Path(d, str(i))) for i, tree in enumerate((old, new))]
        rows = np.array([[one_step(p) for p in both] for _ in range(warm + steps)])
        for p in both:
            p.stdin.close()
            p.wait()
    wall, busy = rows[warm:, :, 0], rows[warm:, :, 1]
    apart = abs(rows[:, 1, 2] / rows[:, 0, 2] - 1)
    (before, after), (a, b) = 1000 * np.median(wall, 0), 1000 * np.median(busy, 0)
    print(f'{threads} threads, {steps} steps each: {before:.0f} ms before, {after:.0f} ms now, ratio {before / after:.2f}; '
          f'of neighbouring steps {statistics.median(wall[:, 0] / wall[:, 1]):.2f}; of processor time {a / b:.2f}')
    print(f'losses apart: median {np.median(apart):.1e}, at most {apart.max():.1e}')

def compare_demos(old, new, tolerance=1e-5):
    "Fail when the demo's result has changed."
    with tempfile.TemporaryDirectory() as d:
        for name, tree in (('old', old), ('new', new)):
            p = start(tree, DEMO, Path(d, name))
            said, _ = p.communicate()
            if p.returncode: sys.exit(f'{tree}: the demo was not lifted\n{said}')
        a, b = (dict(np.load(Path(d, name, 'result.npz'))) for name in ('old', 'new'))
    changed = sorted(k for k in a if k not in b or not same(a[k], b[k], tolerance))
    print(f'{len(a)} arrays, {len(changed)} differ by more than {tolerance:g}; new: {", ".join(sorted(set(b) - set(a))) or "none"}')
    if changed: sys.exit(f'changed: {", ".join(changed)}')

def same(a, b, tolerance):
    "Whether two arrays agree; NaN only with NaN."
    if a.shape != b.shape or a.dtype.kind != b.dtype.kind: return False
    return np.allclose(a, b, 0, tolerance, equal_nan=True) if a.dtype.kind == 'f' else bool((a == b).all())

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('what', choices=('step', 'demo'))
    p.add_argument('old', help='checkout to compare with')
    p.add_argument('new', nargs='?', default=HERE, help='this one otherwise')
    p.add_argument('--data', help='step: motion file, as uplift_prepare mocap writes it')
    p.add_argument('--threads', type=int, default=1, help='step: of each process')
    p.add_argument('--steps', type=int, default=10, help='step: of each process, after two that are not counted')
    args = p.parse_args()
    old, new = (Path(tree).resolve() for tree in (args.old, args.new))
    if args.what == 'demo': return compare_demos(old, new)
    if not args.data: p.error('step needs --data')
    compare_steps(old, new, Path(args.data).resolve(), args.threads, args.steps)

if __name__ == '__main__': main()

"""The paper's models on open motion, as published and mended, all on the same budget, and their table in the second benchmark.

    python tools/paper_models.py library.npz runs/models               train what is not there yet (Ctrl-C and again: it goes on)
    python tools/paper_models.py library.npz runs/models --benchmark   then score all of them, into results/paper-models.json

An hour and a quarter of one core, a third of it for the published ones and the inverse kinematics; `library.npz` is what tools/library.py writes."""
import argparse
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODELS = 'N-RM-2', 'S-AA-3', 'V-2', 'PS-AA-3', 'UU'
STARTS = {'': 'paper-joints', '-published': 'paper-joints-discarded'}     # trunk and joint heads that lift positions
BUDGET = '--views 1 --batch 64 --steps 400 --every 400 --seed 0 --set bf16=true lr=1e-3 steps_per_epoch=25 lr_decay=.78 ema=.99 val_subsample=100'.split()
ANCHORS = 'mean', 'results/weights/paper-joints.safetensors', 'lifter'   # rows of other tables, to compare with

def train(model, ending, library, out):
    "One training, from its checkpoint where there is one; its last weights as OUT/NAME.safetensors."
    run, done = out/f'{model}{ending}', out/f'{model}{ending}.safetensors'
    if done.exists(): return done
    words = ['uplift_paper', 'train', model, '--data', str(library), '-o', str(run), '--pretrained', f'results/weights/{STARTS[ending]}.safetensors', *BUDGET]
    if ending: words.append('--compat')
    if (run/'state.pt').exists(): words = [w for w in words if w != '--pretrained' and not w.startswith('results/weights')] + ['--resume']
    print(' '.join(words), flush=True)
    subprocess.run(words, check=True, cwd=ROOT)
    return Path(shutil.copy(run/'last.safetensors', done))

def score(weights, library):
    "The table: results/paper-models.json and .csv."
    names = [f'{w}+ik' if w.stem.startswith('UU') else str(w) for w in weights]
    out = weights[0].parent/'benchmark'
    subprocess.run(['uplift_benchmark', 'accuracy', '--benchmark', '2', '--data', str(library), '-o', str(out), '--conditions', 'detector',
                    '--method', *names, *ANCHORS], check=True, cwd=ROOT)
    for end in ('json', 'csv'): shutil.copy(out/f'benchmark-2.{end}', ROOT/f'results/paper-models.{end}')

def main():
    say = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    say.add_argument('library', type=Path, help='motion file')
    say.add_argument('out', type=Path, help='folder for checkpoints and weights')
    say.add_argument('--benchmark', action='store_true', help='score them at the end')
    args = say.parse_args()
    library, out = args.library.resolve(), args.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    weights = [train(m, e, library, out) for m in MODELS for e in STARTS]
    if args.benchmark: score(weights, library)

if __name__ == '__main__': main()

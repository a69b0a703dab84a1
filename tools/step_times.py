"""A training step of the paper's recipes, the original way and ours, in turn on this machine.

    python tools/step_times.py                                   every recipe, batch 64, one thread
    python tools/step_times.py N-RM-2 UU --batch 64 256 --threads 1 2 --rounds 5

`share` is a step's time as a share of the original way's in the same round (median over the rounds); below 1 is faster.
The wall's clock says what one waits for on a quiet machine; the processor's hardly notices the neighbours.
What "the original way" does is told in nbs/paper/21_original_way.ipynb; PS-AA-3 steps as S-AA-3 does, on other targets."""
import argparse
import tempfile
from uplift.bench.race import paired_table
from uplift.bench.runners import paper_step_tasks
from uplift.paper.recipes import RECIPES

def main():
    "Print a table as the numbers come in."
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('recipes', nargs='*', metavar='recipe', help=f'of {", ".join(RECIPES)}; all otherwise')
    p.add_argument('--batch', type=int, nargs='+', default=[64], help='windows per step')
    p.add_argument('--threads', type=int, nargs='+', default=[1], help='of PyTorch')
    p.add_argument('--rounds', type=int, default=5, help='after one that warms up')
    a = p.parse_args()
    if wrong := [r for r in a.recipes if r not in RECIPES]: p.error(f'unknown recipe {wrong[0]!r}; known: {", ".join(RECIPES)}')
    if min(a.batch + a.threads + [a.rounds]) < 1: p.error('batch, threads and rounds are at least 1')
    if odd := [b for b in a.batch if b % 2]: p.error(f'batch is {odd[0]}, but half of it is mirrored in some recipes: even, please')
    print(f'{"":42s}{"threads":>8s}{"wall, s":>9s}{"CPU, s":>9s}{"share":>8s}{"by CPU":>8s}')
    for name in a.recipes or RECIPES:
        for batch in a.batch:
            with tempfile.TemporaryDirectory() as folder:
                tasks = paper_step_tasks(name, folder, batch)
                for threads in a.threads:
                    for r in paired_table(tasks, a.rounds, threads).itertuples():
                        print(f'{r.name:42s}{r.threads:8d}{r.wall_s:9.2f}{r.cpu_s:9.2f}{r.share_wall:8.2f}{r.share_cpu:8.2f}', flush=True)

if __name__ == '__main__': main()

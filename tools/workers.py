"What --workers brings: one film lifted with one process and with several. See nbs/lift/25_film_workers.ipynb."
import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
import numpy as np

COMMAND = 'from uplift.cli.lift import uplift_lift; uplift_lift()'

def lifted(film, workers, folder, more):
    "Lift a film as a user does: seconds on the clock, seconds of processors, and the result."
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    words = [film, '-o', folder, '--workers', workers, '--quiet', *more]
    subprocess.run([sys.executable, '-c', COMMAND, *map(str, words)], check=True,
                   stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    user = after.ru_utime - before.ru_utime
    return wall, user, dict(np.load(Path(folder) / 'result.npz'))

def differing(one, two):
    "Names of the arrays that differ; the time it took is not one of the numbers."
    def same(a, b): return a.shape == b.shape and a.tobytes() == b.tobytes()
    return [k for k in sorted({*one, *two} - {'seconds'})
            if k not in one or k not in two or not same(one[k], two[k])]

def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('film')
    parser.add_argument('--workers', nargs='+', type=int, default=[1, 2])
    parser.add_argument('--more', nargs=argparse.REMAINDER, default=[], help='options of uplift_lift')
    args = parser.parse_args()
    print(f'{os.cpu_count()} cores\n{"workers":>8s}{"wall, s":>10s}{"user, s":>10s}{"times":>8s}  differs')
    first = None
    for n in args.workers:
        with tempfile.TemporaryDirectory() as folder:
            wall, user, result = lifted(args.film, n, folder, args.more)
        first = first or (wall, result)
        odd = ', '.join(differing(first[1], result)) or 'nothing'
        print(f'{n:8d}{wall:10.1f}{user:10.1f}{first[0] / wall:8.2f}  {odd}', flush=True)

if __name__ == '__main__': main()

"""How long a large table takes: makes clips of keypoints, lifts them with uplift_batch, and prints what a hundred thousand would need.

    python tools/plan.py                              200 clips of 10 s in one process
    python tools/plan.py --workers 8 --clips 1000     on a larger machine"""
import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
import numpy as np
import pandas as pd
from uplift.core.files import save_npz
from uplift.data.keypoints import read_keypoints

BATCH = [sys.executable, '-c', 'from uplift.cli.batch import uplift_batch; uplift_batch()']

def make_clips(folder, count, seconds):
    "Clips of the demo, to and fro, each somewhere else in the picture and with a detector's noise; their table."
    demo, dice = read_keypoints('demo'), np.random.default_rng(0)
    n = round(seconds * demo.fps)
    to_and_fro = np.r_[np.arange(len(demo)), np.arange(len(demo))[::-1]]
    for i in range(count):
        frames = np.resize(to_and_fro, n + len(demo))[dice.integers(len(demo)):][:n]
        seen = demo.confidence[frames][..., None] > 0
        moved = demo.keypoints[frames] + dice.uniform(-50, 50, 2) + dice.normal(0, 2, (n, *demo.keypoints.shape[1:]))
        save_npz(folder/f'clip{i:06d}.npz', keypoints=np.where(seen, moved, 0), confidence=demo.confidence[frames],
                 fps=demo.fps, image_size=demo.image_size)
    lines = ['file', *(f'clip{i:06d}.npz' for i in range(count))]
    (folder/'clips.csv').write_text('\n'.join(lines))
    return folder/'clips.csv'

def processor():
    "Seconds that the processors have spent on processes that ended."
    r = resource.getrusage(resource.RUSAGE_CHILDREN)
    return r.ru_utime + r.ru_stime

def measure(table, out, workers):
    "Seconds of the whole batch and of the processors, and its summary."
    start, spent = time.perf_counter(), processor()
    subprocess.run([*BATCH, table, '-o', out, '--workers', str(workers), '--quiet'], check=True)
    return time.perf_counter() - start, processor() - spent, pd.read_csv(out/'summary.csv')

def report(seconds, spent, summary, size, args):
    "What was measured, and what all would take."
    n, each = len(summary), summary.seconds.mean()
    rows = {f'{n} clips of {args.seconds:g} s, {args.workers} processes': f'{seconds:.0f} s',
            'a clip takes': f'{each:.2f} s (median {summary.seconds.median():.2f})',
            'of a processor, with starting': f'{spent / n:.2f} s',
            'clips per hour and core': f'{3600 / each:.0f} by the clock, {3600 * n / spent:.0f} by the processor',
            'memory of a process': f'{summary.memory_mb.max():.0f} MB',
            'written for a clip': f'{size / n / 1e3:.0f} kB',
            f'{args.total} clips': f'{args.total * spent / n / 3600:.1f} core hours, {args.total * size / n / 1e9:.0f} GB'}
    for k, v in rows.items(): print(f'{k:40s}{v}')

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--clips', type=int, default=200, help='to make and lift')
    p.add_argument('--seconds', type=float, default=10, help='of each')
    p.add_argument('--workers', type=int, default=1, help='processes')
    p.add_argument('--total', type=int, default=100_000, help='clips to plan for')
    args = p.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table, out = make_clips(Path(folder), args.clips, args.seconds), Path(folder)/'out'
        seconds, spent, summary = measure(table, out, args.workers)
        size = sum(f.stat().st_size for f in out.rglob('*') if f.is_file())
        print(f'{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}')
        report(seconds, spent, summary, size, args)

if __name__ == '__main__': main()

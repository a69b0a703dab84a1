"""Speed on one core, side by side in one run: `OMP_NUM_THREADS=1 python tools/speed.py [--frames 10000]`.

The default lifter takes a whole clip of keypoints (everything between pixels and placed joints counts); the paper's network
takes one window per frame, its attention used and discarded. Import times are those of fresh processes."""
import argparse, subprocess, sys, time
import numpy as np
import torch
from uplift.inference import lift_windowed
from uplift.keypoints import read_keypoints
from uplift.lifting import Lifter
from uplift.models import build_network

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument('--frames', type=int, default=10_000, help='length of the clip, frames')
ap.add_argument('--windows', type=int, default=256, help='windows for the paper\'s network')
args = ap.parse_args()
torch.set_num_threads(1)

def seconds(f, repeats=3):
    "Best of a few, by the wall clock and by the processor's."
    f(); best = (np.inf, np.inf)
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        f()
        best = min(best[0], time.perf_counter() - wall), min(best[1], time.process_time() - cpu)
    return best

def imported(module):
    return min(float(subprocess.run([sys.executable, '-c', f'import time; t=time.perf_counter(); import {module}; print(time.perf_counter()-t)'],
                                    capture_output=True, text=True, check=True).stdout) for _ in range(3))

start = time.perf_counter()
lifter = Lifter.from_pretrained()
load = time.perf_counter() - start
clip = read_keypoints('demo')[6:168]                                     # one person, no cut; there and back again, to make it long
there = np.concatenate([clip.keypoints, clip.keypoints[::-1]])
sure = np.concatenate([clip.confidence, clip.confidence[::-1]])
n = -(-args.frames // len(there))
kp, conf = np.tile(there, (n, 1, 1))[:args.frames], np.tile(sure, (n, 1))[:args.frames]
wall, cpu = seconds(lambda: lifter(kp, conf, format=clip.skeleton, fps=50., image_size=clip.image_size))
rows = [('default lifter, whole clip', wall / args.frames, cpu / args.frames)]
window = torch.rand(args.windows, 26, 2) - .5
for attention in ('used', 'discarded'):
    net = build_network(dict(kind='paper', attention=attention)).eval()
    w, c = seconds(lambda: lift_windowed(net, window), 2)
    rows.append((f"the paper's network, attention {attention}, a window a frame", w / args.windows, c / args.windows))
print(f'{"one core":62s}{"frames/s":>10s}{"CPU us a frame":>16s}{"times slower":>14s}')
for name, w, c in rows: print(f'{name:62s}{1 / w:10.0f}{1e6 * c:16.0f}{c / rows[0][2]:14.1f}')
print(f'loading the lifter {load:.2f} s; import uplift.lifting {imported("uplift.lifting"):.2f} s')

"""Memory and time of `uplift_lift` on a long clip, phase by phase: the packaged walk, forwards and backwards, for an hour.

    python tools/memory.py                              an hour at 30 frames per second
    python tools/memory.py --fps 50 --also npz csv      180,000 frames, two files more
    python tools/memory.py --seconds 600 --out folder   ten minutes, and the files stay
    python tools/memory.py --gapless                    one stretch: she does not leave the picture
    python tools/memory.py --limit 1200                 exit code 1 when it takes more MB

`peak MB` is the most that was resident during a phase (VmHWM of Linux, reset when the phase begins); `left MB` what is
resident when it ends. Whatever a phase finds in memory counts in its peak."""
import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from importlib.resources import files
from pathlib import Path
import numpy as np
from uplift.core.clips import Clip

# phase, module, function or method of it
PHASES = (
    ('keypoints read', 'uplift.cli.lift', 'read_people'),
    ('network read', 'uplift.lift.points', 'Lifter.from_pretrained'),
    ('seen', 'uplift.lift.lifting', 'see'),
    ('network', 'uplift.lift.lifting', 'Lifter._stretch'),
    ('shape', 'uplift.lift.lifting', 'Lifter._shape'),
    ('refinement', 'uplift.lift.lifting', 'Lifter._refine'),
    ('smoothing', 'uplift.lift.lifting', 'Lifter._steady'),
    ('ground', 'uplift.lift.lifting', 'Lifter._ground'),
    ('result', 'uplift.lift.lifting', 'Lifter._join'),
    ('doubts', 'uplift.lift.lifting', 'doubts'),
    ('result.npz', 'uplift.lift.result', 'LiftResult.save'),
    ('view.html', 'uplift.lift.result', 'LiftResult.view'),
    ('view.html', 'uplift.look.player', 'Player.save'),
    ('angles.csv', 'uplift.lift.result', 'LiftResult.angles'),
    ('angles.csv', 'uplift.lift.angle_tables', 'save_angles'),
    ('motion', 'uplift.export.write', 'export'))

def resident(key):
    "VmRSS or VmHWM of this process, MB."
    return int(re.search(rf'{key}:\s+(\d+) kB', Path('/proc/self/status').read_text())[1]) / 1024

class Watch:
    "What is resident at most in each phase; phases within phases count for themselves."
    def __init__(self): self.rows, self.open, self.since = {}, ['the rest'], self.clocks()

    def clocks(self): return np.array([time.perf_counter(), time.process_time()])

    def note(self):
        "Add what happened since the last note to the phase that is open."
        now, name = self.clocks(), self.open[-1]
        peak, _, *seconds = self.rows.get(name, (0., 0., 0., 0.))
        self.rows[name] = max(peak, resident('VmHWM')), resident('VmRSS'), *(seconds + now - self.since)
        self.since = now
        Path('/proc/self/clear_refs').write_text('5')             # VmHWM begins anew

    @contextmanager
    def phase(self, name):
        self.note()
        self.open.append(name)
        try: yield
        finally:
            self.note()
            self.open.pop()

    def watched(self, name, module, path):
        "Put a function into its phase."
        *owner, last = path.split('.')
        place = import_module(module)
        for o in owner: place = getattr(place, o)
        kept = place.__dict__[last]
        run = kept.__func__ if isinstance(kept, classmethod) else kept
        @wraps(run)
        def inside(*args, **kwargs):
            title = Path(args[1]).name if name == 'motion' else name
            with self.phase(title): return run(*args, **kwargs)
        setattr(place, last, classmethod(inside) if isinstance(kept, classmethod) else inside)

def watch_lift(clip, out, also):
    "Lift in this process; rows of (phase, peak MB, left MB, seconds, CPU seconds) on the last line."
    watch = Watch()
    with watch.phase('packages'):
        for row in PHASES: watch.watched(*row)
        from uplift.cli.lift import uplift_lift
        from uplift.cli.options import OutputOptions
    uplift_lift(clip, out, output=OutputOptions(also=also), quiet=True)
    watch.note()
    rest = watch.rows.pop('the rest')
    rows = [(k, *v) for k, v in watch.rows.items()] + [('the rest', *rest)]
    print(json.dumps(rows))

def long_clip(seconds, fps, path, gaps=True):
    "The packaged walk, forwards and backwards, until it is long enough; without gaps only what shows her."
    d = np.load(files('uplift') / 'assets' / 'demo_walk_keypoints.npz')
    some = np.flatnonzero(gaps | (d['confidence'] > 0).any(1))
    at, n = np.arange(round(seconds * fps)), len(some)
    there = at % (2 * n - 2)
    frame = some[np.where(there < n, there, 2 * n - 2 - there)]
    Clip('hour', fps, d['keypoints'][frame], d['confidence'][frame], str(d['skeleton']), tuple(d['image_size'])).save(path)

def measure(clip, out, also):
    "Rows of a lift in a process of its own."
    done = subprocess.run([sys.executable, __file__, '--watch', str(clip), '--out', str(out), '--also', *also],
                          text=True, stdout=subprocess.PIPE)
    if done.returncode: sys.exit(done.stdout)
    return json.loads(done.stdout.splitlines()[-1])

def show(rows):
    "Print the table; the peak of all, MB."
    print(f'{"":16s}{"peak MB":>9s}{"left MB":>9s}{"seconds":>9s}{"CPU s":>9s}')
    for name, peak, left, *seconds in rows: print(f'{name:16s}{peak:9.0f}{left:9.0f}{seconds[0]:9.1f}{seconds[1]:9.1f}')
    top, (wall, cpu) = max(r[1] for r in rows), (sum(r[k] for r in rows) for k in (3, 4))
    print(f'{"all":16s}{top:9.0f}{"":9s}{wall:9.1f}{cpu:9.1f}')
    return top

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--seconds', type=float, default=3600., help='of the clip')
    p.add_argument('--fps', type=float, default=30., help='frames per second')
    p.add_argument('--also', nargs='*', default=[], help='files beside result.npz, view.html, angles.csv and motion.bvh')
    p.add_argument('--out', type=Path, help='folder that is kept')
    p.add_argument('--gapless', action='store_true', help='somebody in every frame: one stretch instead of hundreds')
    p.add_argument('--limit', type=float, help='MB that are allowed')
    p.add_argument('--watch', help=argparse.SUPPRESS)
    a = p.parse_args()
    if a.watch: return watch_lift(a.watch, a.out, a.also)
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / 'hour.npz'
        long_clip(a.seconds, a.fps, clip, not a.gapless)
        top = show(measure(clip, a.out or Path(folder) / 'out', a.also))
    if a.limit and top > a.limit: sys.exit(f'{top:.0f} MB, and {a.limit:.0f} are allowed')

if __name__ == '__main__': main()

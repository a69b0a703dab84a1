"""End uplift at random moments, with kill -9, kill or Ctrl-C, and look at what is left.

    python tests/hostile/kill.py                              # every mode and signal, 6 trials each mode
    python tests/hostile/kill.py --trials 2                   # a minute or so, for CI
    python tests/hostile/kill.py --mode lift --signal TERM --trials 20 --seed 3

Each trial begins in an empty folder, or in one that holds what an earlier run with other input wrote. The command is
started and ended after a random share of the time that it takes. Then:

    corrupt       files that cannot be read, or hold neither what was there before nor what the command writes
    lost          files of the earlier run that are gone
    other         trials whose next run (training: with --resume) fails, or ends with other numbers than an
                  undisturbed run: weights, average, optimiser, best score, bit for bit
    tracebacks    trials in which Python showed one
    unclear       ended by SIGTERM or SIGINT without its one line on stderr, or not within two minutes
    left over     hidden files that are still there after the next run

It ends with 1 if any of these is not zero. Everything happens in a temporary folder, with inputs made here.
"""
import argparse
import csv
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from importlib import import_module
from pathlib import Path

os.environ |= dict(OMP_NUM_THREADS='1', CUDA_VISIBLE_DEVICES='')
import numpy as np
import torch
from safetensors.torch import load_file

from uplift.cli import batch, export, lift, paper, prepare, research
from uplift.core.files import save_npz
from uplift.data.keypoints import read_keypoints
from uplift.data.made_up import made_up_bones, made_up_squats, write_amc, write_asf
from uplift.paper.fit3d_files import make_standin_tree

COMMANDS = dict(uplift_lift=lift.uplift_lift, uplift_batch=batch.uplift_batch, uplift_render=export.uplift_render,
                uplift_export=export.uplift_export, uplift_prepare=prepare.uplift_prepare,
                uplift_train=research.uplift_train, uplift_paper=paper.uplift_paper)
HEAVY = 'export.write', 'export.render', 'learn.training', 'lift.points', 'paper.training', 'paper.prior_training'
SIGNALS = 'KILL', 'TERM', 'INT'
BAD = 'corrupt', 'lost', 'other', 'tracebacks', 'unclear', 'left over'
PATIENCE = 120   # seconds

class Mode:
    "A command: its words, those of an earlier run; files that differ from run to run, or grow while it runs."
    def __init__(self, words, before=None, target='', differ=(), grows=(), keeps=True, resumes=False):
        self.words, self.before, self.target = words, before, target
        self.differ, self.grows, self.keeps, self.resumes = differ, grows, keeps, resumes

    def argv(self, out, words=None):
        "The command line that writes into the folder `out`."
        return [*map(str, words or self.words), '-o', str(out / self.target)]

def made_up_motion(folder):
    "Recordings of a marker laboratory: eight people who squat; prepared, two of them to validate."
    for k in range(8):
        write_asf(folder / f'raw/{70 + k}.asf', made_up_bones())
        write_amc(folder / f'raw/{70 + k}_01.amc', made_up_squats(2 + k * .1))
    run(['uplift_prepare', 'mocap', folder / 'raw', '--extra', '--quiet', '-o', folder / 'motion.npz'])
    names = folder / 'motion_clips.json'
    clips = json.loads(names.read_text())
    for i, c in enumerate(clips): c['split'] = 'val' if i < 2 else 'train'
    names.write_text(json.dumps(clips))

def short_clips(folder):
    "Parts of the packaged demo, as files and as tables of a batch."
    demo = read_keypoints('demo')
    for i in range(3):
        part = demo[40 * i:40 * i + 60]
        save_npz(folder / f'clip{i}.npz', keypoints=part.keypoints, confidence=part.confidence, fps=part.fps,
                 image_size=part.image_size)
    for name, first in dict(clips=0, others=1).items():
        with open(folder / f'{name}.csv', 'w', newline='') as f:
            csv.writer(f).writerows([['file', 'name'], *([f'clip{i}.npz', f'row{i - first}'] for i in range(first, 3))])
    for i in range(2):
        words = ['uplift_lift', folder / f'clip{i}.npz', '--weights', 'lifter-s', '--quiet']
        run([*words, '-o', folder / f'lifted{i}'])

def small_recipe(folder):
    "A small network of the paper, prepared stand-ins of its data, and others of the same name."
    for seed in range(2):
        make_standin_tree(folder / f'tree{seed}', ('s03', 's11', 's04'), frames=12, seed=seed)
    run(['uplift_paper', 'prepare', folder / 'tree0', '--quiet', '-o', folder / 'prepared'])
    network = dict(kind='paper', spatial_dim=16, spatial_blocks=1, temporal_dim=32, temporal_blocks=1)
    recipe = dict(network=network, batch=4, steps=16, steps_per_epoch=4, pretrained=None, val_subsample=12)
    (folder / 'recipe.json').write_text(json.dumps(recipe))

def modes(folder):
    "All modes by name, once their inputs are made."
    for make in (made_up_motion, short_clips, small_recipe): make(folder)
    motion = folder / 'motion.npz'
    train = ['uplift_train', 'tiny', '--data', motion, '--steps', 24, '--every', 4, '--quiet']
    prior = ['uplift_train', 'prior', '--data', motion, '--quiet', '--batch', 64,
             '--set', 'epochs=8', 'num_neurons=32', 'latent=4']
    paper_train = ['uplift_paper', 'train', folder / 'recipe.json', '--data', folder / 'prepared', '--quiet']
    lifts = [['uplift_lift', folder / f'clip{i}.npz', '--weights', 'lifter-s', '--quiet', '--also', 'glb', 'csv']
             for i in range(2)]
    batches = [['uplift_batch', folder / f'{n}.csv', '--weights', 'lifter-s', '--quiet'] for n in ('clips', 'others')]
    trees = [['uplift_paper', 'prepare', folder / f'tree{i}', '--original-format', '--quiet'] for i in range(2)]
    mocap = ['uplift_prepare', 'mocap', folder / 'raw', '--extra', '--quiet']
    exports = [['uplift_export', folder / f'lifted{i}'] for i in range(2)]
    renders = [['uplift_render', folder / f'lifted{i}', '--mode', 'turn', '--every', 6, '--size', '320x180', '--quiet']
               for i in range(2)]
    return dict(
        train=Mode(train, resumes=True), paper=Mode(paper_train, resumes=True), prior=Mode(prior, resumes=True),
        lift=Mode(*lifts), batch=Mode(*batches, differ=('done.json', 'summary.csv', 'summary.parquet'), keeps=False),
        prepare=Mode(*trees, grows=('fit3d.json',)), mocap=Mode(mocap, [*mocap, '--subjects', '70', '71'], 'm.npz'),
        export=Mode(*exports, 'm.glb'), render=Mode(*renders, 'm.mp4', differ=('m.mp4',)))

def start(argv, log):
    "Run a command in a process of its own, as its console script would; its number."
    pid = os.fork()
    if pid: return pid
    code = 70
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)      # even where a shell ignores it
        for name, fd in (('out', 1), ('err', 2)):
            os.dup2(os.open(f'{log}.{name}', os.O_WRONLY | os.O_CREAT | os.O_TRUNC), fd)
        sys.argv, code = [str(a) for a in argv], 0
        COMMANDS[sys.argv[0]]()
    except SystemExit as e:
        code = e.code if isinstance(e.code, int) else int(e.code is not None)
        if isinstance(e.code, str): print(e.code, file=sys.stderr)
    except BaseException: traceback.print_exc()
    finally:
        for f in (sys.stdout, sys.stderr): f.flush()
        os._exit(code)

def wait(pid):
    "The exit code; negative for a signal, None for a process that does not end."
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done: return os.waitstatus_to_exitcode(status)
        time.sleep(.005)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)

def run(argv):
    "Run a command to its end; seconds. RuntimeError unless all went well."
    with tempfile.TemporaryDirectory() as d:
        begin = time.monotonic()
        code = wait(start(argv, f'{d}/log'))
        if code: raise RuntimeError(f'{" ".join(map(str, argv))} ended with {code}: {Path(f"{d}/log.err").read_text()}')
        return time.monotonic() - begin

def plain(x):
    "Nested values as bytes that tell all of them."
    if isinstance(x, dict): return b'{' + b''.join(plain(k) + plain(v) for k, v in x.items()) + b'}'
    if isinstance(x, (list, tuple)): return b'[' + b''.join(map(plain, x)) + b']'
    if torch.is_tensor(x): x = x.numpy()
    if isinstance(x, np.ndarray) and x.dtype.hasobject: return plain(x.tolist())
    if isinstance(x, np.ndarray): return f'{x.dtype}{x.shape}'.encode() + x.tobytes()
    return repr(x).encode()

def read(path):
    "What a file holds; any error when it is not whole."
    if path.suffix == '.npz':
        with np.load(path, allow_pickle=path.name.startswith('fit3d_')) as z: return {k: z[k] for k in z.files}
    if path.suffix == '.safetensors':
        data = path.read_bytes()
        return load_file(path), data[8:8 + int.from_bytes(data[:8], 'little')]
    if path.suffix in ('.pt', '.ckpt'): return torch.load(path, weights_only=True)
    text = path.read_bytes()
    if path.suffix == '.json': return json.loads(text)
    if path.suffix == '.html' and not text.rstrip().endswith(b'</html>'): raise ValueError('no end')
    if path.suffix == '.glb' and int.from_bytes(text[8:12], 'little') != len(text): raise ValueError('another length')
    if path.suffix == '.mp4':
        at, boxes = 0, []
        while at < len(text):
            boxes.append(text[at + 4:at + 8])
            at += int.from_bytes(text[at:at + 4], 'big') or len(text)
        if at != len(text) or not {b'moov', b'mdat'} <= set(boxes): raise ValueError(f'boxes {boxes}')
    return text

def look(out):
    "Name -> what it holds (a digest, or what is wrong) of all visible files but logs, and the hidden ones."
    seen, hidden = {}, []
    for path in sorted(p for p in out.rglob('*') if p.is_file()):
        name = str(path.relative_to(out))
        if path.name.startswith('.'): hidden.append(name)
        elif not path.name.startswith('events.out'):
            try: seen[name] = hashlib.md5(plain(read(path))).hexdigest()
            except Exception as e: seen[name] = f'cannot be read: {type(e).__name__}: {e}'
    return seen, hidden

class Trial:
    "One command that is ended at a random moment, and the next one."
    def __init__(self, mode, folder, wanted, before, seconds, rng):
        self.mode, self.folder, self.wanted, self.before = mode, folder, wanted, before
        self.out, self.at, self.told, self.bad = folder / 'out', rng.uniform(.02, 1.02) * seconds, [], Counter()
        shutil.rmtree(self.out, ignore_errors=True)
        self.old = dict(before) if before and rng.random() < .5 else {}
        if self.old: shutil.copytree(folder / 'before', self.out)
        else: self.out.mkdir()

    def say(self, what, why):
        "Note one bad thing."
        self.bad[what] += 1
        self.told.append(f'{what}: {why}')

    def end(self, number):
        "Start the command, end it, and look."
        pid = start(self.mode.argv(self.out), self.folder / 'log')
        time.sleep(self.at)
        try: os.kill(pid, number)
        except ProcessLookupError: pass
        code = wait(pid)
        said = [x for x in Path(f'{self.folder}/log.err').read_text().splitlines() if x.strip()]
        if any('Traceback' in x for x in said): self.say('tracebacks', said[-1])
        elif code is None: self.say('unclear', f'not done after {PATIENCE} s')
        elif code > 0 and (code != 1 or len(said) != 1): self.say('unclear', f'exit code {code}, {said[:3]}')
        return code

    def check(self):
        "What is left: files that are whole, old or new."
        now, _ = look(self.out)
        for name, what in now.items():
            known = self.mode.resumes or name.endswith((*self.mode.differ, *self.mode.grows, '\0'))
            if 'cannot be read' in what: self.say('corrupt', f'{name} {what}')
            elif not known and what not in (self.old.get(name), self.wanted.get(name)):
                self.say('corrupt', f'{name} is neither old nor new')
        gone = [n for n in self.old if n not in now]
        if gone and self.mode.keeps: self.say('lost', ', '.join(gone[:4]))

    def again(self):
        "The next run, and what it leaves."
        more = ['--resume'] if (self.out / 'state.pt').exists() else []
        code = wait(start([*self.mode.argv(self.out), *more], self.folder / 'log'))
        said = Path(f'{self.folder}/log.err').read_text().strip()
        whole = 'already holds' in said     # a prior that was finished, all but the end of its process
        if code != 0 and not whole: self.say('other', f'the next run ended with {code}: {said[-200:]}')

    def compare(self):
        "What the trial ends with against the undisturbed run."
        now, hidden = look(self.out)
        wrong = [n for n in self.wanted if now.get(n) != self.wanted[n] and not n.endswith(self.mode.differ or ('\0',))]
        if wrong and not self.bad['other']: self.say('other', ', '.join(wrong[:4]))
        if hidden: self.say('left over', ', '.join(hidden[:4]))

def measure(mode, folder):
    "What an undisturbed run leaves, what an earlier one leaves, and the seconds it takes."
    for name, words in dict(whole=mode.words, before=mode.before).items():
        (folder / name).mkdir(parents=True)
        if words: took = run(mode.argv(folder / name, words))
        if name == 'whole': seconds = took
    return look(folder / 'whole')[0], look(folder / 'before')[0], seconds

def kill(name, mode, folder, signals, trials, rng):
    "All trials of a mode: counts."
    wanted, before, seconds = measure(mode, folder)
    counts = Counter()
    for i in range(trials):
        sent = signals[i % len(signals)]
        trial = Trial(mode, folder, wanted, before, seconds, rng)
        code = trial.end(getattr(signal, f'SIG{sent}'))
        counts['finished' if code == 0 else 'ended'] += 1
        trial.check()
        if code != 0: trial.again()
        trial.compare()
        counts += trial.bad
        for line in trial.told: print(f'{name}, {sent} after {trial.at:.2f} of {seconds:.2f} s: {line}', flush=True)
    return counts

def main():
    for name in HEAVY: import_module(f'uplift.{name}')    # so that the work is ended, not an import
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = 'train', 'paper', 'prior', 'lift', 'batch', 'prepare', 'mocap', 'export', 'render'
    parser.add_argument('--mode', nargs='+', choices=known, default=known, help='what is ended')
    parser.add_argument('--signal', nargs='+', choices=SIGNALS, default=SIGNALS, help='how, by turns')
    parser.add_argument('--trials', type=int, default=6, help='of each mode')
    parser.add_argument('--seed', type=int, default=0, help='of the moments')
    o, begin = parser.parse_args(), time.monotonic()
    columns, total = ('ended', 'finished', *BAD), Counter()
    print(f'{"":9s}' + ''.join(f'{c:>11s}' for c in columns), flush=True)
    with tempfile.TemporaryDirectory() as d:
        folder = Path(d)
        there = modes(folder)
        for name in o.mode:
            rng = random.Random(f'{o.seed} {name}')
            counts = kill(name, there[name], folder / f'of_{name}', o.signal, o.trials, rng)
            print(f'{name:9s}' + ''.join(f'{counts[c]:11d}' for c in columns), flush=True)
            total += counts
    print(f'{"all":9s}' + ''.join(f'{total[c]:11d}' for c in columns))
    seconds = time.monotonic() - begin
    print(f'{o.trials * len(o.mode)} trials with {", ".join(o.signal)} in {seconds:.0f} s, seed {o.seed}')
    sys.exit(any(total[c] for c in BAD))

if __name__ == '__main__': main()

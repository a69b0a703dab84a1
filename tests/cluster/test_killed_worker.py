"""A batch on a real scheduler with two workers, one of them killed in the middle; and in two processes of this machine.

    pytest tests/cluster"""
import json
import os
import signal
import subprocess
import sys
import time
import pandas as pd
import pytest

pytest.importorskip('distributed', reason="dask is not installed (pip install 'uplift[cluster]')")
from uplift.core.files import save_npz
from uplift.data.keypoints import read_keypoints

CLIPS = 12
BATCH = [sys.executable, '-c', 'from uplift.cli.batch import uplift_batch; uplift_batch()']
SLOW = '''
"Every row that is finished stands in a log, and takes a moment more."
import os, time
from uplift.cli import batch

def logged(own):
    def write_done(folder, done):
        time.sleep(.3)
        own(folder, done)
        with open(os.environ['RUNS'], 'a') as f: f.write(f'{folder.name} {os.getpid()}\\n')
    return write_done

if batch.write_done.__module__ == 'uplift.cli.batch':     # a preload may be run twice
    batch.write_done = logged(batch.write_done)
'''

@pytest.fixture
def clips(tmp_path):
    "A table of short clips, all different."
    demo = read_keypoints('demo')
    for i in range(CLIPS):
        part = demo[10 * i:10 * i + 40]
        save_npz(tmp_path/f'clip{i:02d}.npz', keypoints=part.keypoints, confidence=part.confidence, fps=part.fps,
                 image_size=part.image_size)
    lines = ['file,height', *(f'clip{i:02d}.npz,1.{60 + i}' for i in range(CLIPS))]
    (tmp_path/'clips.csv').write_text('\n'.join(lines))
    return tmp_path/'clips.csv'

@pytest.fixture
def start(tmp_path):
    "Start programs that end with the test."
    running = []
    env = os.environ | dict(OMP_NUM_THREADS='1', RUNS=str(tmp_path/'runs'))
    def run(*words):
        with open(tmp_path/f'log{len(running)}', 'w') as log:
            running.append(subprocess.Popen([*map(str, words)], stdout=log, stderr=log, env=env, cwd=tmp_path))
        return running[-1]
    yield run
    for p in running: p.kill()
    for p in running: p.wait()

def wait_for(found, what, seconds=120):
    "Ask until something is there."
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, f'waited {seconds} s for {what}'
        time.sleep(.02)

def finished(out): return len(list(out.glob('*/done.json')))

def check(out):
    "Everything is there once."
    names = [f'clip{i:02d}' for i in range(CLIPS)]
    summary = pd.read_csv(out/'summary.csv', keep_default_na=False)
    assert summary.name.tolist() == names and set(summary.status) == {'done'}, summary.to_string()
    for name in names:
        done = json.loads((out/name/'done.json').read_text())
        assert done['frames'] == 40 and all((out/name/f).exists() for f in done['files'])
    cohort = pd.read_parquet(out/'cohort')
    assert cohort.groupby('clip').size().to_dict() == dict.fromkeys(names, 40)
    return names

def test_killed_worker(clips, start, tmp_path):
    "A worker of two is killed after the third clip: none is missing, none is done twice."
    out, scheduler, slow = tmp_path/'out', tmp_path/'scheduler.json', tmp_path/'slow.py'
    slow.write_text(SLOW)
    dask = [sys.executable, '-m', 'dask']
    start(*dask, 'scheduler', '--host', '127.0.0.1', '--port', 0, '--no-dashboard', '--scheduler-file', scheduler)
    wait_for(scheduler.exists, 'the scheduler')
    worker = [*dask, 'worker', '--scheduler-file', scheduler, '--host', '127.0.0.1', '--nthreads', 1, '--no-nanny',
              '--no-dashboard', '--preload', slow, '--local-directory', tmp_path/'space']
    workers = [start(*worker) for _ in range(2)]
    logs = [tmp_path/'log1', tmp_path/'log2']
    wait_for(lambda: all('Registered to' in log.read_text() for log in logs), 'two workers')
    batch = start(*BATCH, clips, '-o', out, '--scheduler', scheduler, '--quiet')
    runs = tmp_path/'runs'
    def both(): return runs.exists() and len({x.split()[1] for x in runs.read_text().splitlines()}) == 2
    wait_for(both, 'a clip from each worker')
    wait_for(lambda: finished(out) >= 3, 'three clips')
    assert finished(out) < CLIPS - 2, 'too late to be in the middle'
    os.kill(workers[0].pid, signal.SIGKILL)
    assert batch.wait(120) == 0, (tmp_path/'log3').read_text()
    names = check(out)
    done = [line.split()[0] for line in runs.read_text().splitlines()]
    assert sorted(set(done)) == names and len(done) == len(names), done

def test_killed_process(clips, start, tmp_path):
    "The same in two processes of this machine."
    out = tmp_path/'out'
    batch = start(*BATCH, clips, '-o', out, '--workers', 2, '--quiet')
    def spawned():
        children = subprocess.run(['ps', '-ww', '-o', 'pid=,args=', '--ppid', str(batch.pid)], capture_output=True, text=True)
        return [int(x.split()[0]) for x in children.stdout.splitlines() if 'spawn_main' in x]
    wait_for(lambda: len(spawned()) == 2, 'two processes')
    victim = spawned()[0]
    wait_for(lambda: finished(out) >= 2, 'two clips')
    assert finished(out) < CLIPS, 'too late to be in the middle'
    os.kill(victim, signal.SIGKILL)
    assert batch.wait(120) == 0, (tmp_path/'log0').read_text()
    check(out)

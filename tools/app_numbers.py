"""The page that lifts a film held against Python on the same film, in a real browser: points, joints, speed, memory.

    python tools/app_numbers.py --detector full --browser chromium firefox        the demo film
    python tools/app_numbers.py --film my.mp4 --loops 5                           five times in a row: is memory flat?

Needs Node and puppeteer-core (npm i puppeteer-core, or --npm with its folder), Chromium or Firefox, and the extra `video`."""
import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
import numpy as np
from uplift.lift.detection import detect_video
from uplift.lift.fetch import demo_video
from uplift.lift.lifting import Lifter
from uplift.web.site import build_site, site_server

sys.path.insert(0, str(Path(__file__).resolve().parents[1]/'tests'/'browser'))
PROGRAMS = dict(chromium=('chrome', 'chromium', 'google-chrome'), firefox=('firefox', 'firefox-esr', 'firefox'))
DRIVE = Path(__file__).with_name('app_drive.mjs')

def family(pid):
    "A process and all below it."
    try: below = [child for f in Path(f'/proc/{pid}/task').glob('*/children') for child in f.read_text().split()]
    except OSError: return []
    return [pid, *(p for child in below for p in family(int(child)))]

def resident(pid):
    "Megabytes that a process holds."
    try: return int(Path(f'/proc/{pid}/statm').read_text().split()[1]) * 4096 / 1e6
    except (OSError, IndexError): return 0.

def watch(process):
    "MB of the largest process of a browser, twice a second, until it ends."
    sizes = []
    while process.poll() is None:
        sizes.append(max(map(resident, family(process.pid)[1:]), default=0.))
        time.sleep(.5)
    return sizes

def drive(browser, address, film, detector, npm, shot=None):
    "What the page told of a film, and the megabytes that its largest process held."
    kind, *names = PROGRAMS[browser]
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None: raise SystemExit(f'no {browser} on this machine')
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)/'told.json'
        given = dict(browser=kind, program=program, address=address, film=str(film), detector=detector, out=str(out),
                     puppeteer=str(Path(npm).resolve()/'package.json'), shot=shot)
        process = subprocess.Popen(['node', str(DRIVE), json.dumps(given)], stdout=subprocess.DEVNULL)
        sizes = watch(process)
        if process.returncode: raise SystemExit(f'{browser}: the page was not driven to its end')
        return json.loads(out.read_text(encoding='utf-8')), sizes

def held(told, theirs):
    "Points and joints of the page against Python: px and mm."
    points = np.reshape(told['points'], (-1, 33, 2)).astype(np.float32)
    confidence = np.reshape(told['confidence'], (-1, 33)).astype(np.float32)
    sure = (confidence > .5) & (theirs.confidence > .5)
    px = np.linalg.norm(points - theirs.keypoints, axis=-1)[sure]
    result = Lifter.from_pretrained()(replace(theirs, keypoints=points, confidence=confidence), smooth='light')
    mm = 1000 * np.linalg.norm(np.reshape(told['joints'], (-1, 22, 3)) - result.joints, axis=-1)
    return [np.median(px), np.percentile(px, 95), np.median(mm), mm.max()]

def row(browser, detector, told, sizes, theirs):
    "A line of the table."
    n = len(sizes) // 4 or 1
    numbers = held(told, theirs) if theirs is not None else [float('nan')] * 4
    return (f"{browser:<9}{detector:<7}{told['T']:>6}{told['rate']:>7.1f}{told['seconds']:>8.1f}" +
            ''.join(f'{x:>10.3f}' for x in numbers) +
            f'{np.median(sizes[n:2*n]):>9.0f}{np.median(sizes[-2*n:-n]):>9.0f}{max(sizes):>9.0f}')

HEAD = (f"{'browser':<9}{'points':<7}{'T':>6}{'fps':>7}{'lift s':>8}{'px median':>10}{'px 95 %':>10}{'mm median':>10}"
        f"{'mm most':>10}{'MB 2nd':>9}{'MB 3rd':>9}{'MB most':>9}   (MB: in the second and third quarter of the time)")

def main():
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument('--film', type=Path, help='the demo film if left out')
    parse.add_argument('--detector', nargs='+', default=['full'], choices=['full', 'heavy'])
    parse.add_argument('--browser', nargs='+', default=['chromium'], choices=list(PROGRAMS))
    parse.add_argument('--loops', type=int, default=1, help='the film so often; more than once is not held against Python')
    parse.add_argument('--site', type=Path, help='a built site')
    parse.add_argument('--npm', default='.', help='the folder that holds node_modules/puppeteer-core')
    parse.add_argument('--shot', help='PNG of the page at its end')
    o = parse.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site, film = o.site or build_site(Path(folder)/'site').parent, o.film or demo_video()
        if o.loops > 1:
            from test_app import cut
            film = cut(film, Path(folder)/f'loops{film.suffix}', None, o.loops)
        server = site_server(site, 0)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(HEAD, flush=True)
        for detector in o.detector:
            theirs = detect_video(film, detector, progress=False) if o.loops == 1 else None
            for browser in o.browser:
                told, sizes = drive(browser, f'http://127.0.0.1:{server.server_port}/', film, detector, o.npm, o.shot)
                if told['state'] != 'ready': print(f"{browser:<9}{detector:<7}{told['message']}", flush=True)
                else: print(row(browser, detector, told, sizes, theirs), flush=True)

if __name__ == '__main__': main()

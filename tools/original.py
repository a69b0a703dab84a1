"""The README of the paper's code, sentence by sentence, with our commands, on stand-ins: `python tools/original.py FOLDER`.

Writes FOLDER/index.html: every command and option of the original, ours, what came out and what is different, with a
picture of the film of each model. FOLDER/standins are made of ../shared/parity where it is; of the open body and
weights from chance otherwise. Exit code 1 when a line of the README does not work. `--only lift` walks again those
lines whose command has that word (FOLDER/some.html)."""
import argparse
import html
import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple
import numpy as np
from original_standins import MODELS, SMALL, make_standins, still
from uplift.core.files import load_npz
from uplift.lift.result import LiftResult
from uplift.paper.fit3d import ORIGINAL_FILES, read_nested

TAIL = 12                                                    # lines of a command's own words in the page
BIN = Path(sys.executable).parent

class Line(NamedTuple):
    "One thing that the original's README promises."
    part: str                # of the README
    theirs: str              # command, option or sentence
    ours: str                # typed in the folder; '' where nothing has to be typed
    differs: str = ''        # and why
    makes: tuple = ()        # files that have to be there afterwards, newly written
    look: object = None      # function of the folder and the command's words: a sentence; AssertionError: what is wrong
    picture: str = ''        # film of which a frame is shown

class Told(NamedTuple):
    "What became of a line."
    line: Line
    state: str               # 'works', 'fails', 'not here'
    said: str                # numbers, or what went wrong
    words: str               # of the command
    seconds: float
    picture: str = ''        # file beside the page

# Numbers

def scores(words):
    "The first row of the printed table, as numbers."
    row = next((x for x in words.splitlines() if x.startswith('26 joints ')), None)
    assert row, 'no table was printed'
    return [float(x) for x in re.findall(r'(?<![\w.])\d+\.\d\d(?![\w.])', row)]

def as_theirs(split, after='Results Fit3DOrder26P'):
    "A look at the table beside the numbers that the authors' code printed for the same weights."
    def look(folder, words):
        log = folder / 'standins' / 'their_eval.log'
        have = scores(words)
        told = f'MPJPE {have[0]:.2f} mm, MPJAE {have[3]:.2f}°'
        if not log.exists(): return told
        part = log.read_text().split(after)[split]
        want = [float(next(x for x in part.splitlines() if x.startswith(k)).split(' - ')[1].rstrip('m°'))
                for k in ('MPJPE -', 'NMPJPE -', 'PAMPJPE -', 'MPJAE -')]
        apart = max(abs(a - b) for a, b in zip(have, want))
        assert apart < .011, f'{told}, but the original printed {want}'
        return f'{told}: what the original prints of these weights, to its last digit'
    return look

def table(folder, words):
    "The scores of a small network."
    have = scores(words)
    return f'MPJPE {have[0]:.0f} mm' + (f', MPJAE {have[3]:.0f}°' if len(have) > 3 else '')

def says(*texts, told=''):
    "A look for words."
    def look(folder, words):
        for t in texts: assert t in words, f'nothing is said of "{t}"'
        return told or next(x for x in words.splitlines() if texts[0] in x).strip()
    return look

def same_arrays(folder, words):
    "The six files beside those that the authors' code wrote of the same tree."
    there, worst = folder / 'standins' / 'theirs', {}
    own = {n: read_nested(folder / 'prepared' / f'{n}.npz', k) for n, k in ORIGINAL_FILES.items()}
    if not there.exists(): return f'{len(own)} files'
    for name, key in ORIGINAL_FILES.items():
        theirs = read_nested(there / f'{name}.npz', key)
        assert list(theirs) == list(own[name]), f'{name}: other subjects'
        if name == 'fit3d_cameras_meta': continue
        pairs = [(a, b) for s in theirs for act in theirs[s] for a, b in zip(theirs[s][act], own[name][s][act])]
        worst[name] = max(float(np.abs(np.asarray(a, float) - np.asarray(b, float)).max()) for a, b in pairs)
    assert worst['fit3d_3d_camera'] < 1e-5 and worst['fit3d_rot3d_camera'] < 1e-5, worst
    return (f'joints within {worst["fit3d_3d_camera"]:.0e} m, rotations within {worst["fit3d_rot3d_camera"]:.0e}, '
            f'pixels within {worst["fit3d_2d_gt"]:.2f} of the files that the original wrote')

def predictions(path):
    "What a file of predictions holds."
    def look(folder, words):
        d = load_npz(folder / path)
        return ', '.join(f'{k} {v.shape}' for k, v in d.items() if getattr(v, 'ndim', 0) > 1)
    return look

def lifted(path):
    "How far what was lifted is from the stand-in's truth."
    def look(folder, words):
        r, truth = LiftResult.load(folder / path), np.load(folder / 'standins' / 'truth.npy')
        n = min(len(r), len(truth))
        own, true = (x[:n, :22] - x[:n, :1] for x in (r.joints, truth))
        off = 1000 * np.linalg.norm(own - true, axis=-1).mean()
        return f'{len(r)} frames, MPJPE {off:.0f} mm of the true person, reprojection {np.nanmean(r.reprojection):.0f} px'
    return look

def film(path, frames=None):
    "How long a film is."
    def look(folder, words):
        wrote = next((x for x in words.splitlines() if x.startswith('wrote') and '.mp4' in x), 'wrote nothing')
        if frames: assert f'{frames} frames' in wrote, wrote
        return wrote.split(': ')[-1]
    return look

def betas(path, typed=None, apart=.01):
    "The shape that was used, beside what was typed, or the authors' own answer to the same measurements."
    def look(folder, words):
        b, answer = LiftResult.load(folder / path).betas, folder / 'standins' / 'their_betas.json'
        told = 'betas ' + ' '.join(f'{x:.2f}' for x in b[:5]) + ' …'
        assert typed is None or np.allclose(b[:len(typed)], typed, atol=1e-6), f'{told}, not {typed}'
        if typed or not answer.exists(): return told
        want = np.array(json.loads(answer.read_text())['visualize_A2B_nn_neutral']['subject_1'][:10])
        off = np.abs(b[:10] - want).max()
        assert off < apart, f'{told}, {off:.3f} from what the original makes of the same measurements'
        return f'{told}: what the original makes of the same measurements, within {off:.0e}'
    return look

# The README

def readme(theirs, prior):
    "All its lines. `theirs`: whether weights, files and numbers of the original are at hand."
    BODY, DATA = '--body body/SMPLX_NEUTRAL.npz', '--data prepared'
    small = f'--steps 240 --batch 32 --set {SMALL} steps_per_epoch=60'
    config = {'N-RM-2': 'n_rm_2', 'S-AA-3': 's_aa_3', 'V-2': 'v_2', 'PS-AA-3': 's_aa_3'}
    video = 'fit3d/train/s11/videos/50591643/squat.mp4'
    run = 'python -m'
    yield Line('Paths', 'SMPLX_DIR, FIT3D_DIR, LOG_DIR in paths.py', 'uplift_paper prepare fit3d -o env --subjects s11 --quiet',
               'environment (UPLIFT_SMPLX_DIR, UPLIFT_VPOSER_DIR) or options; no file of code is edited', ('env/fit3d.json',),
               says('written'))
    yield Line('Data preparation', f'{run} dataset.fit3d.preparation.preparation',
               f'uplift_paper prepare fit3d {BODY} -o prepared --original-format --quiet',
               'videos stay closed, one body for all cameras; our own compact files, and with --original-format the six '
               'of the original (pixels as float32)', tuple(f'prepared/{n}.npz' for n in ORIGINAL_FILES), same_arrays)
    yield Line('Data preparation', 'the same again, after a stop', f'uplift_paper prepare fit3d {BODY} -o prepared --quiet',
               'what is up to date is skipped; the original writes everything again', (), says('up to date'))
    yield Line('Data preparation', 'place fit3d_2d_vitpose.npz in the same folder', 'cp standins/fit3d_2d_vitpose.npz prepared/',
               'read without running a pickle', ('prepared/fit3d_2d_vitpose.npz',))
    for name in ('N-RM-2', 'S-AA-3', 'V-2', 'PS-AA-3'):
        weights = f'weights/{name}.pth'
        look = as_theirs(1) if name == 'N-RM-2' and theirs else table
        yield Line('Evaluation', f'{run} run.eval -c fit3d_{config[name]}.json -w {name}/weights.pth',
                   f'uplift_paper eval experiments/fit3d_{config[name]}.json --weights {weights} {DATA} {BODY} --quiet'
                   + (prior if name == 'V-2' else ''), '', (), look)
    one = f'uplift_paper eval N-RM-2 --weights weights/N-RM-2.pth {DATA} {BODY} --quiet'
    yield Line('Evaluation', '--per_joint', f'{one} --per-joint', '', (), says('per joint', 'left_thumb3', told='26 rows'))
    yield Line('Evaluation', '--kpts_37', f'{one} --kpts-37', '', (), says('37 points', told='a row of the 37 points'))
    yield Line('Evaluation', '--val', f'{one} --val', 'the original scores test and val in one run; here one split a run',
               (), as_theirs(2) if theirs else table)
    yield Line('Evaluation', '--log DIR: test_res/*_pred.npz, *_gt.npz, eval_after_training.log',
               f'uplift_paper eval N-RM-2 --weights weights/N-RM-2.pth {DATA} {BODY} --predictions eval/said.npz --json eval/r.json '
               '--csv eval/r.csv --quiet', 'one file of predictions, asked for; the report as json and csv',
               ('eval/said.npz', 'eval/r.json', 'eval/r.csv'), predictions('eval/said.npz'))
    if theirs:
        yield Line('Evaluation', 'the processed folder of the original', f'uplift_paper eval N-RM-2 --weights weights/N-RM-2.pth '
                   f'--data standins/theirs {BODY} --quiet', 'read as it is', (), as_theirs(1))
    for name in MODELS:
        what = f'experiments/fit3d_{config[name]}.json' if name in ('N-RM-2', 'S-AA-3', 'V-2') else name
        yield Line('Training', f'{run} run.train -c ' + (f'fit3d_{config[name]}.json' if name in config else '(uplift and upsample)'),
                   f'uplift_paper train {what} {DATA} {BODY} -o runs/{name} {small} --quiet' + (prior if name == 'V-2' else ''),
                   'small and short here; without --steps, --batch, --set it is the paper\'s'
                   + ('; rotations to learn are fitted to the joints first' if name == 'PS-AA-3' else ''),
                   (f'runs/{name}/best.safetensors', f'runs/{name}/last.safetensors'), says('step 240'))
    yield Line('Training', '"the evaluation script for evaluating your trained model"', f'uplift_paper eval S-AA-3 -w runs/S-AA-3/best.safetensors '
               f'{DATA} {BODY} --predictions eval/trained.npz --quiet', 'the moving average, which validated best; --raw: the weights themselves',
               ('eval/trained.npz',), table)
    yield Line('Training', 'PRETRAINED_WEIGHTS: weights/amass_351.pth',
               f'uplift_paper train S-AA-3 {DATA} {BODY} -o runs/pretrained --pretrained weights/amass_351.pth --steps 2 --batch 8 --quiet',
               'found beside the command or named; said when it is missing', ('runs/pretrained/last.safetensors',), says('tensors copied'))
    yield Line('Training', 'RESUME_TRAINING',
               f'uplift_paper train experiments/fit3d_n_rm_2.json {DATA} {BODY} -o runs/N-RM-2 {small.replace("240", "250")} --quiet --resume',
               'from the folder, to the bit; the original\'s own checkpoint does not load', (), says('step 250'))
    yield Line('Training', 'its habits, for equal loss curves', f'uplift_paper train S-AA-3 {DATA} {BODY} -o runs/compat {small} --quiet --compat',
               'mended without --compat', ('runs/compat/best.safetensors',), says('step 240'))
    yield Line('Training', 'VALIDATION_NAME: null', f'uplift_paper train experiments/no_validation.json {DATA} {BODY} -o runs/noval {small} --quiet',
               '', ('runs/noval/last.safetensors',))
    yield Line('Training', 'TRAIN_NAME: trainval', f'uplift_paper train experiments/trainval.json {DATA} {BODY} -o runs/trainval {small} --quiet',
               '', ('runs/trainval/last.safetensors',))
    yield Line('Training', 'a folder of LOG_DIR: TensorBoard, config.json, metrics_val.csv, weights', 'ls runs/S-AA-3',
               'the folder is yours (-o); scores are printed and in TensorBoard, the recipe stands in the file of weights', (), says('events.out'))
    for name in MODELS:
        yield Line('Visualization', f'{run} visualization.main -c … -w {name} -v VIDEO -o OUT --fit3d vitpose.npz',
                   f'uplift_paper lift -w runs/{name}/best.safetensors -v {video} -o lifted/{name} --fit3d standins/fit3d_2d_vitpose.npz '
                   f'{BODY} --render --quiet', 'the last frame too; view.html, angles.csv and motion.bvh as well',
                   (f'lifted/{name}/result.npz', f'lifted/{name}/video.mp4'), lifted(f'lifted/{name}/result.npz'), f'lifted/{name}/video.mp4')
    lift = f'uplift_paper lift -w runs/S-AA-3/best.safetensors {BODY} --quiet'
    fit3d = 'standins/fit3d_2d_vitpose.npz --recording s11/squat/50591643'
    yield Line('Visualization', '-c CONFIG, when the weights are the authors\'',
               f'uplift_paper lift -c experiments/fit3d_n_rm_2.json -w weights/N-RM-2.pth {fit3d} -o lifted/pth {BODY} --quiet',
               'shapes tell it: -c may be left out', ('lifted/pth/result.npz',), lifted('lifted/pth/result.npz'))
    yield Line('Visualization', '--fit3d FILE, no film at hand', f'{lift} {fit3d} -o lifted/detected',
               'the original needs the film for its size and number of frames', ('lifted/detected/result.npz',), lifted('lifted/detected/result.npz'))
    yield Line('Visualization', 'a recording of the prepared folder', f'{lift} prepared --recording s11/squat/50591643 -o lifted/recording',
               'camera and shape are known there', ('lifted/recording/result.npz',), lifted('lifted/recording/result.npz'))
    yield Line('Visualization', 'no --fit3d: the detector', f'{lift} -v {video} -o lifted/film',
               'the original\'s does not work ("very bad"); ours is BlazePose, whose points lie on the skin', ('lifted/film/result.npz',),
               lifted('lifted/film/result.npz'))
    yield Line('Visualization', '-b [ten betas]', f'{lift} {fit3d} -o lifted/betas -b "[-0.5, 0.3, 0, 0.1, 0, 0, 0, 0, 0, 0]"',
               'estimated, not the mean body, where none are given', ('lifted/betas/result.npz',), betas('lifted/betas/result.npz', [-.5, .3, 0, .1]))
    if theirs:
        yield Line('Visualization', '-a example_anthros.json', f'{lift} {fit3d} -o lifted/a2b -a example_anthros.json '
                   '--a2b weights/neutral_uniform_ext_nn.pth', "the authors' network, by --a2b or UPLIFT_A2B",
                   ('lifted/a2b/result.npz',), betas('lifted/a2b/result.npz'))
    yield Line('Visualization', '-a, any of the measurements', f'{lift} {fit3d} -o lifted/anthros -a example_anthros.json',
               "without the authors' network the shape is fitted to the body in use, and what does not fit is said",
               ('lifted/anthros/result.npz',), says('wrote', told='betas of this body, whose shapes differ from those of SMPL-X'))
    yield Line('Visualization', '--smoothing', f'{lift} {fit3d} -o lifted/smooth --smoothing',
               'rotations are averaged as rotations; the original averages axis-angle, which wraps', ('lifted/smooth/result.npz',),
               lifted('lifted/smooth/result.npz'))
    draw = f'uplift_render lifted/S-AA-3 {BODY} --quiet'
    yield Line('Visualization', 'no --cam, no --pelvis_pos: a figure without the picture', f'{draw} -o films/plain.mp4 --every 4', '',
               ('films/plain.mp4',), film('films/plain.mp4', 15), 'films/plain.mp4')
    yield Line('Visualization', '--matplotlib --cam 30', f'{draw} -o films/matplotlib.mp4 --matplotlib --cam 30 --every 20', '',
               ('films/matplotlib.mp4',), film('films/matplotlib.mp4', 3), 'films/matplotlib.mp4')
    yield Line('Visualization', '--cam [fx, fy, cx, cy] --pelvis_pos offset.npy: over the picture',
               f'{draw} -v {video} -o films/over.mp4 --cam "[1095.46, 1089.54, 469.02, 462.43]" --pelvis_pos pelvis.npy --every 4',
               'neither is needed: both come from the keypoints', ('films/over.mp4',), film('films/over.mp4', 15), 'films/over.mp4')
    yield Line('Visualization', 'pyrender', f'{draw} -v {video} -o films/pyrender.mp4 --backend pyrender --every 20',
               'needs pyrender and EGL; the software painter needs neither', ('films/pyrender.mp4',), film('films/pyrender.mp4', 3), 'films/pyrender.mp4')
    yield Line('Visualization', 'predictions that eval saved', f'uplift_paper lift eval/trained.npz --recording s11/squat/50591643 -v {video} '
               f'-o lifted/said {BODY} --quiet', 'the original has no way back from its files', ('lifted/said/result.npz', 'lifted/said/video.mp4'),
               lifted('lifted/said/result.npz'), 'lifted/said/video.mp4')

NOT_HERE = ("No module named 'pyrender'", 'pyrender is not installed', '`pip install pyrender`', 'detector files', 'could not be fetched')

# The walk

def walk(line, folder, number):
    "Type a line, and look."
    env = os.environ | {'UPLIFT_SMPLX_DIR': str(folder / 'body'), 'PATH': f'{BIN}{os.pathsep}{os.environ["PATH"]}'}
    if (folder / 'V02_05').is_dir(): env['UPLIFT_VPOSER_DIR'] = str(folder / 'V02_05')
    start, clock = time.time(), time.perf_counter()
    try: done = subprocess.run(shlex.split(line.ours), cwd=folder, env=env, text=True, capture_output=True, timeout=600)
    except subprocess.TimeoutExpired: return Told(line, 'fails', 'more than ten minutes', '', 600.)
    words, seconds = (done.stdout + done.stderr).strip(), time.perf_counter() - clock
    tail = '\n'.join(words.splitlines()[-TAIL:])
    if done.returncode:
        state = 'not here' if any(t in words for t in NOT_HERE) else 'fails'
        return Told(line, state, (words.splitlines() or ['no word'])[-1], tail, seconds)
    old = 'up to date' in words or line.ours.startswith('cp ')          # rightly so
    stale = [n for n in line.makes if not (folder / n).exists() or not old and (folder / n).stat().st_mtime < start - 2]
    if stale: return Told(line, 'fails', f'did not write {", ".join(stale)}', tail, seconds)
    try: said = line.look(folder, words) if line.look else ''
    except (AssertionError, ValueError, KeyError, FileNotFoundError) as e: return Told(line, 'fails', str(e), tail, seconds)
    picture = still(folder / line.picture, folder / f'line_{number:02}.png').name if line.picture else ''
    return Told(line, 'works', said, tail, seconds, picture)

# The page

STYLE = '''body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 1500px; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; vertical-align: top; padding: .5rem; border-top: 1px solid #ddd }
code { font-size: 12px; overflow-wrap: anywhere } .works { color: #2a7 } .fails { color: #c22; font-weight: 600 } .not-here { color: #a70 }
h2 { margin-top: 2.5rem } img { max-width: 420px; border: 1px solid #ddd } .films { display: flex; flex-wrap: wrap; gap: 1rem }
figure { margin: 0 } figcaption { font-size: 13px } summary { cursor: pointer; color: #777; font-size: 12px } pre { font-size: 11px; overflow: auto }'''

def cell(told):
    "What came out of a line, as a table cell."
    e, kind = html.escape, told.state.replace(' ', '-')
    words = f'<details><summary>its words, {told.seconds:.0f} s</summary><pre>{e(told.words)}</pre></details>' if told.words else ''
    picture = f'<br><img src="{told.picture}" alt="a frame of {e(told.line.picture)}">' if told.picture else ''
    return f'<span class="{kind}">{told.state}</span> {e(told.said)}{words}{picture}'

def page(all_told, about):
    "The whole walk as HTML."
    e, part = html.escape, None
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>The paper\'s README, walked</title><style>{STYLE}</style>'
    yield f'<h1>The README of the paper\'s code, walked with uplift</h1><p>{e(about)}</p><p>{summary(all_told)}</p>'
    films = [t for t in all_told if t.picture and t.line.picture.split('/')[1] in MODELS]
    shown = ''.join(f'<figure><img src="{t.picture}" alt="body over the film and from the side, {t.line.picture}"><figcaption>'
                    f'{t.line.picture.split("/")[1]}: {e(t.said)}</figcaption></figure>' for t in films)
    yield f'<div class="films">{shown}</div>'
    for t in all_told:
        if t.line.part != part:
            if part: yield '</table>'
            part = t.line.part
            yield f'<h2>{part}</h2><table><tr><th>the original<th>ours<th>what came out<th>what is different'
        yield f'<tr><td><code>{e(t.line.theirs)}</code><td><code>{e(t.line.ours)}</code><td>{cell(t)}<td>{e(t.line.differs)}'
    yield '</table></html>'

def summary(all_told):
    "One sentence."
    count = {s: sum(t.state == s for t in all_told) for s in ('works', 'fails', 'not here')}
    return f'{len(all_told)} lines: {count["works"]} work, {count["fails"]} fail, {count["not here"]} need what is not on this machine.'

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('folder', type=Path, help='folder for stand-ins, outputs and the page')
    p.add_argument('--shared', type=Path, default=Path(__file__).resolve().parents[2] / 'shared' / 'parity', help='assets of the original')
    p.add_argument('--without', action='store_true', help='as if there were no shared assets')
    p.add_argument('--only', help='only lines whose command has this word')
    args = p.parse_args()
    folder, shared = args.folder.resolve(), None if args.without or not args.shared.is_dir() else args.shared
    if not (folder / 'standins').is_dir(): make_standins(folder, shared)
    prior = ' --prior V02_05' if (folder / 'V02_05').is_dir() else ''
    lines = [x for x in readme((folder / 'standins' / 'their_eval.log').exists(), prior) if not args.only or args.only in x.ours]
    done, out = [], folder / ('some.html' if args.only else 'index.html')
    for i, line in enumerate(lines):
        told = walk(line, folder, i)
        print(f'{told.state:8} {told.seconds:4.0f} s  {line.theirs}\n' + (f'{"":17}{line.ours}\n' if told.state == 'fails' else '')
              + f'{"":17}{told.said}', flush=True)
        done.append(told)
        about = ('Stand-ins in the original\'s own formats: ' + ('its weights, files and printed numbers on a made-up body and tree.'
                 if shared else 'the open body, a made-up tree, weights from chance.') + ' Scores mean nothing.')
        out.write_text('\n'.join(page(done, about)), encoding='utf-8')
    print(f'{summary(done)} {out}')
    if any(t.state == 'fails' for t in done): sys.exit(1)

if __name__ == '__main__': main()

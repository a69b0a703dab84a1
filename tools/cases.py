"""Every file of a folder of cases through the product: read, lifted, held against a reference.

python tools/cases.py CASES [NAME ...] [--reference FILE]

Prints a table: the case, the file, and either how far its joints are from those of the reference
(mean over joints and frames, in the camera's axes, and from the pelvis) or the line that refuses it."""
import argparse
import warnings
from pathlib import Path
import numpy as np
from uplift.data.keypoints import read_keypoints
from uplift.lift.lifting import Lifter
from uplift.lift.verdict import DoesNotFit

NOT_KEYPOINTS = {'amass', 'reference'}


def files_of(case):
    "What a user would give of a case: its files, and folders of many small ones."
    folders = [d for d in sorted(case.rglob('*')) if d.is_dir() and len([*d.iterdir()]) > 5]
    files = [f for f in sorted(case.rglob('*')) if f.is_file() and f.parent not in folders]
    return folders + [f for f in files if f.name != 'README.md']


def read(path, fps, size, **how):
    "A clip, and what was said on the way."
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter('always')
        clip = read_keypoints(path, fps=fps, size=size, **how)
    return clip, [str(w.message) for w in said]


def apart(result, reference):
    "Millimetres between the joints of two results: in the camera's axes, and from the pelvis."
    n = min(len(result), len(reference))
    both = result.valid[:n] & reference.valid[:n]
    d = result.joints[:n][both] - reference.joints[:n][both]
    return [1000 * float(np.linalg.norm(x, axis=-1).mean()) for x in (d, d - d[:, :1])]


def lifted(lifter, clip):
    "A result; ValueError where the command would stop, as the body does not fit the points."
    with warnings.catch_warnings():
        warnings.simplefilter('error', DoesNotFit)
        try: return lifter(clip)
        except DoesNotFit as e: raise ValueError(str(e)) from e


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('cases', type=Path)
    p.add_argument('names', nargs='*', help='cases to run; all otherwise')
    p.add_argument('--reference', type=Path)
    p.add_argument('--fps', type=float, default=30.)
    p.add_argument('--size', default='1768x994')
    args = p.parse_args()
    size = tuple(map(int, args.size.split('x')))
    lifter = Lifter.from_pretrained()
    clip, _ = read(args.reference or args.cases / 'reference/coco17.npz', args.fps, size)
    reference = lifter(clip)
    for case in sorted(d for d in args.cases.iterdir() if d.is_dir()):
        if case.name in NOT_KEYPOINTS or args.names and case.name not in args.names: continue
        for path in files_of(case):
            told = f'{case.name:22s}{str(path.relative_to(case)):46s}'
            try:
                clip, said = read(path, args.fps, size)
                mm, own = apart(lifted(lifter, clip), reference)
                word = 'right' if mm < 10 else 'APART'
                print(f'{told}{word} ({mm:.1f} mm, {own:.1f} mm from the pelvis, '
                      f'{clip.skeleton}, {len(clip)} frames)')
                for line in said: print(f'{"":22s}  said: {line}')
            except (ValueError, FileNotFoundError) as e:
                print(f'{told}refused: {e}')
            except Exception as e:
                print(f'{told}BROKEN: {type(e).__name__}: {e}')


if __name__ == '__main__': main()

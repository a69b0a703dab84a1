"What a shaking camera costs a lift, and what undoing it leaves: see nbs/lift/19_moving_camera.ipynb."
import argparse
import numpy as np
import torch
from tqdm.auto import tqdm
from uplift.bench.cases import BenchmarkSpec, case_batch, read_cases, spec_body
from uplift.bench.method import observations
from uplift.core.cameras import lens, project
from uplift.core.clips import Clip
from uplift.data.background import Background, angle_between, made_up_film, shaken_camera
from uplift.data.camera_motion import settle
from uplift.lift.lifting import Lifter

SIZE = (1000, 1000)   # of the virtual cameras' pictures, pixels
FRAMES = 600          # of a clip, at most
WAYS = ('still', 'shaken', 'undone', 'undone with {extra:g} degrees of error',
        'undone, and nothing seen beside the picture')

def measured(turns, fps, seed):
    "What the estimator makes of a made-up film by this camera: turns, and its error in degrees."
    (f, c), small = lens((480, 270)), (480, 270)
    K = np.array([[f[0], 0, c[0]], [0, f[1], c[1]], [0, 0, 1]], float)
    background = Background(K)
    told = [background.push(*frame) for frame in made_up_film(turns, K, small, seed)]
    motion = settle(told, np.arange(len(turns)) / fps)
    if motion.turns is None: return None, np.nan
    rest = angle_between(motion.turns, np.eye(3)).argmin()
    off = angle_between(motion.turns @ turns[rest], turns)   # steady axes: those of frame `rest`
    return motion.turns @ turns[rest], np.degrees(off)

def filmed(seen, turns):
    "The points of a steady camera as the turning one sees them, and which are ahead of it."
    rays = torch.cat([(seen.keypoints - seen.centre) / seen.focal,
                      torch.ones_like(seen.keypoints[..., :1])], -1).double()
    rays = rays @ torch.as_tensor(turns).mT
    ahead = rays[..., 2] > .1
    pixels = project(torch.where(ahead[..., None], rays, 1.), seen.focal, seen.centre)
    return pixels.numpy(), (seen.confidence * ahead).numpy()

def errors(lifter, seen, truth, valid, turns, told, worse):
    "MPJPE of a view, mm: one for each word of WAYS."
    pixels, sure = filmed(seen, turns)
    cut = sure * ((pixels >= 0) & (pixels < SIZE)).all(-1)
    def lift(points, confidence, turn=None):
        clip = Clip('case', seen.fps, points, confidence, 'uplift27', SIZE, turn=turn,
                    camera=dict(f=seen.focal.numpy(), c=seen.centre.numpy()))
        J = lifter(clip).joints
        return 1000 * np.linalg.norm(J - J[:, :1] - truth, axis=-1)[valid].mean()
    return [lift(seen.keypoints.numpy(), seen.confidence.numpy()), lift(pixels, sure),
            lift(pixels, sure, told), lift(pixels, sure, worse), lift(pixels, cut, told)]

def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('data', help='motion: what tools/library.py writes')
    p.add_argument('--weights', default='lifter', help='packaged weights or their path')
    p.add_argument('--split', default='val', help='val to choose by, test to report')
    p.add_argument('--clips', type=int, default=24, help='so many, evenly spread')
    p.add_argument('--degrees', type=float, default=10., help='root mean square of the shake')
    p.add_argument('--extra', type=float, default=.5,
                   help='degrees rms of an error that is added to the measured turns')
    p.add_argument('--condition', default='detector', help='of the benchmark')
    args = p.parse_args()
    torch.set_num_threads(1)
    spec = BenchmarkSpec.load('uplift-bench-2')
    body, lifter = spec_body(spec), Lifter.from_pretrained(args.weights)
    cases, _ = read_cases(args.data, spec, body, args.split)
    cases, rows, off, people, lost = cases[::max(1, len(cases) // args.clips)], [], [], [], 0
    for seed, case in enumerate(tqdm(cases, desc=args.split)):
        case = case._replace(clip=case.clip[:FRAMES])
        turns = shaken_camera(len(case.clip), spec.fps, args.degrees, seed)
        told, error = measured(turns, spec.fps, seed)
        off.append(error)
        lost += told is None
        worse = turns if told is None else told
        worse = shaken_camera(len(case.clip), spec.fps, args.extra, 1000 + seed) @ worse
        batch = case_batch(case, spec, args.condition, body)
        for i, seen in enumerate(observations(batch, spec.fps)):
            truth = (batch.joints[i] - batch.joints[i, :, :1]).numpy()
            valid = batch.valid[i].numpy()
            rows.append(errors(lifter, seen, truth, valid, turns, told, worse))
            people.append(case.clip.subject)
    off = np.concatenate([np.atleast_1d(x) for x in off])
    rows, people = np.array(rows), np.array(people)
    means = np.mean([rows[people == who].mean(0) for who in np.unique(people)], 0)
    print(f'{len(cases)} clips of {len(np.unique(people))} people of {args.split}, '
          f'{args.condition}, shake of {args.degrees:g} degrees rms')
    print(f'turns measured to {np.nanmean(off):.4f} degrees (99 %: {np.nanpercentile(off, 99):.4f}, '
          f'worst {np.nanmax(off):.4f}); not told in {lost} clips')
    for way, mm in zip(WAYS, means):
        print(f'{way.format(extra=args.extra):45s}{mm:6.1f} mm  {100 * (mm / means[0] - 1):+5.1f} %')

if __name__ == '__main__': main()

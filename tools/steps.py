"""How well steps and strides are told of people filmed by virtual cameras: `python tools/steps.py LIBRARY --split test`.

Walking clips of the motion library are seen by the benchmark's cameras and a detector's mistakes, lifted, and
brought to their world. The truth are the same people's feet in the library: a heel or big toe stands when it is slower
than 0.5 m/s (smoothed at 12 Hz) and less than 5 cm above its own resting height; this is not the rule that the lift uses."""
import argparse
import numpy as np
import torch
from uplift.bench.cases import case_batch, make_cases, second_spec, spec_body
from uplift.bench.method import observations
from uplift.core.rotations import axis_angle_to_matrix
from uplift.core.smoothing import smooth_points
from uplift.data.library import read_manifest
from uplift.data.motion import read_mocap
from uplift.lift.events import FOOT_SIDES, Feet, _stances, result_feet, stance_times
from uplift.lift.gait import gait_of
from uplift.lift.lifting import Lifter
from uplift.lift.seen import Lens

def true_feet(case, body):
    "Feet of the library, without any noise."
    R = axis_angle_to_matrix(torch.as_tensor(case.clip.poses)).float()
    betas, pelvis = torch.as_tensor(case.betas).float(), torch.as_tensor(case.clip.pelvis).float()
    points = body.points(R, betas, transl=body.pelvis_to_transl(pelvis, betas))[:, 17:21].double().numpy()
    facing = R[:, 0, :, 2].double().numpy()*[1, 0, 1]
    facing /= np.linalg.norm(facing, axis=-1, keepdims=True)
    return Feet(points, pelvis.double().numpy(), facing, np.ones((len(R), 2), bool), case.clip.fps)

def true_stances(feet):
    "First and last moment of each stance by height and speed."
    X = smooth_points(feet.points, feet.fps, 12.)
    speed = np.linalg.norm(np.gradient(X, axis=0), axis=-1)*feet.fps
    resting = [np.median(X[s < .3, i, 1]) if (s < .3).any() else X[:, i, 1].min() for i, s in enumerate(speed.T)]
    foot = np.maximum(speed/.5, (X[..., 1] - resting)/.05)
    foot = np.minimum(foot[:, :2], foot[:, 2:])
    return {side: _stances(foot[:, i], feet.fps) for i, side in enumerate(FOOT_SIDES)}

def walking(feet, times):
    "Those of the moments at which the pelvis goes faster than 0.5 m/s."
    way = np.gradient(smooth_points(feet.pelvis*[1, 0, 1], feet.fps, 1.), axis=0)*feet.fps
    clock = np.arange(len(way))/feet.fps
    return times[np.isfinite(times) & (np.interp(np.nan_to_num(times), clock, np.linalg.norm(way, axis=-1)) > .5)]

def errors(truth, found):
    "Differences of moments that belong together, seconds: within 0.2 s, each once."
    found, out = found[np.isfinite(found)].tolist(), []
    for t in truth:
        near = min(found, key=lambda f: abs(f - t), default=np.inf)
        if abs(near - t) < .2:
            out.append(near - t)
            found.remove(near)
    return out

def lifted(lifter, o, clip, height):
    "The result of one view."
    return lifter(o.keypoints.numpy(), o.confidence.numpy(), format='uplift27', fps=clip.fps, image_size=(1000, 1000),
                  focal=np.asarray(o.focal), lens=Lens(centre=np.asarray(o.centre)), height=height)

def walks(args, spec, body):
    "Cases of the split whose truth walks, with the truth."
    split = {e['name'] for e in read_manifest() if e['split'] == args.split}
    clips = [c for c in read_mocap(args.library) if c.name in split and len(c) > 100]
    for case in make_cases(clips, spec, body):
        feet = true_feet(case, body)
        gait = gait_of(feet)
        if gait.kind == 'walking' and len(gait.strides) >= 4 and gait.strides.speed.median() > .5:
            yield case, feet, gait

def row(name, x, unit):
    "Bias, median and 90th percentile of differences, as a line."
    x = np.asarray(x, float)
    x = x[np.isfinite(x)]
    return (f'{name:16} {len(x):5} bias {np.median(x):+7.1f}  median {np.median(abs(x)):6.1f}  '
            f'p90 {np.percentile(abs(x), 90):6.1f} {unit}')

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('library', help='motion file, as uplift_prepare writes it')
    p.add_argument('--split', default='val', choices=('val', 'test'))
    p.add_argument('--condition', default='detector', help='of uplift-bench-2')
    p.add_argument('--weights', default='lifter')
    p.add_argument('--height', action='store_true', help="tell the lifter everybody's stature")
    args = p.parse_args()
    torch.set_num_threads(1)
    spec, lifter = second_spec(), Lifter.from_pretrained(args.weights)
    body = spec_body(spec)
    events, total, numbers, kinds = dict(strike=[], off=[]), 0, {}, []
    for case, feet, gait in walks(args, spec, body):
        batch, truth = case_batch(case, spec, args.condition, body), true_stances(feet)
        height = body.stature(torch.as_tensor(case.betas).float()).item() if args.height else None
        for o in observations(batch, spec.fps):
            result = lifted(lifter, o, case.clip, height)
            found = gait_of(result)
            kinds.append(found.kind)
            stances = stance_times(result_feet(result))
            for side in FOOT_SIDES:
                for k, event in enumerate(events):
                    moments = walking(feet, truth[side][:, k])
                    total += len(moments)
                    events[event] += errors(moments, stances[side][:, k])
            if found.kind == 'walking':
                for name in gait.summary.index:
                    numbers.setdefault(name, []).append((found.summary.both[name], gait.summary.both[name]))
    count = sum(map(len, events.values()))
    print(f'{args.split}, {args.condition}: {len(kinds)} views of walks, told as walking {kinds.count("walking")}; '
          f'{total} events of a walk, {100*count/total:.1f} % found')
    for event, x in events.items(): print(row(event, 1000*np.array(x), 'ms'))
    for name, pairs in numbers.items():
        a, b = np.array(pairs, float).T
        unit = gait.summary.unit[name]
        if name == 'flight': continue
        print(row(name, a - b, unit) if unit in ('cm', '% of stride') else row(name, 100*(a/b - 1), '%'))

if __name__ == '__main__': main()

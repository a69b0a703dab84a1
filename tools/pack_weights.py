"""Ship trained weights with the package, float16: half the size.

    python tools/pack_weights.py runs/lifter/best.safetensors lifter --calibrate mocap_smplx.npz

`--calibrate` makes the expected error of a lifter come true on the validation people, seen by the validation cameras through the
modelled detector, as `Lifter` gives it (refined): log(actual) = a + b log(expected), fitted to twenty equal parts and folded into the
last layer that writes it."""
import argparse
from pathlib import Path
import numpy as np
import torch
from uplift.bench.baselines import as_method, lifter_baseline
from uplift.body.body import Body
from uplift.model.checkpoints import load_weights, save_weights
from uplift.lift.lifting import Lifter
from uplift.cli.research import motion_clips
from uplift.learn.windows import clip_betas, test_batch

def told_and_actual(weights, data, every=15):
    "Expected and actual errors (N,) of all joints but the pelvis, metres."
    body, clips, pairs = Body.load('open'), [c for c in motion_clips([data], ('val',)) if len(c) > 30], []
    lifter = as_method(lifter_baseline(Lifter.from_pretrained(weights), 'lifter'))
    for clip, betas in zip(clips, clip_betas(clips, body)):
        batch, frames = test_batch(clip, betas, body), torch.arange(0, len(clip), every)
        poses, valid = lifter.lift(batch, frames, body), batch.valid[:, frames]
        actual = (poses.joints - batch.joints[:, frames]).norm(dim=-1)
        pairs.append(torch.stack([poses.error, actual])[:, valid][..., 1:].flatten(1))
    return torch.cat(pairs, 1).double().numpy()

def fit(told, actual, parts=20):
    "a and b of log(mean actual) = a + b log(mean expected) over parts of equal size."
    order = np.array_split(np.argsort(told, kind='stable'), parts)
    x, y = (np.log([v[i].mean() for i in order]) for v in (told, actual))
    b, a = np.polyfit(x, y, 1)
    return a, b

def tenths(told, actual):
    "Ratio of actual to expected error in tenths."
    return np.array([actual[i].mean() / told[i].mean() for i in np.array_split(np.argsort(told, kind='stable'), 10)])

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('source'); p.add_argument('name'); p.add_argument('--calibrate', metavar='MOTION')
    args = p.parse_args()
    torch.set_num_threads(1)
    state, config = load_weights(args.source)
    if args.calibrate:
        told, actual = told_and_actual(args.source, args.calibrate)
        a, b = fit(told, actual)
        print(f'calibration: log actual = {a:.3f} + {b:.3f} log expected; actual / expected by tenths '
              f'{tenths(told, actual).round(2)} -> {tenths(np.exp(a) * told ** b, actual).round(2)}')
        state['to_error.weight'] = state['to_error.weight'].float() * b
        state['to_error.bias'] = state['to_error.bias'].float() * b + a
        config['training']['calibration'] = dict(a=float(a), b=float(b), data=Path(args.calibrate).name)
    path = Path(__file__).parents[1] / 'uplift' / 'assets' / f'{args.name}.safetensors'
    save_weights(path, {k: v.half() if v.is_floating_point() else v for k, v in state.items()}, config)
    print(f'{path.name}: {path.stat().st_size / 1e6:.1f} MB, step {config["training"]["step"]}; {config["training"].get("command")}')

if __name__ == '__main__': main()

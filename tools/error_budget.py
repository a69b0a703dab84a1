"""Where the default lifter's error comes from: `python tools/error_budget.py mocap_smplx.npz [--weights lifter] [--clips 40]`.

The people of the test split and an even choice of training clips, seen by the cameras of the benchmark. Printed for each: position error
across the picture and along the viewing ray; rotation error by joint; and what is left of the rotation error when the mean deviation of each joint
and person is taken out, that is, what a constant difference of conventions (where a skeleton's zero lies) accounts for."""
import argparse
import numpy as np
import pandas as pd
import torch
from tqdm.auto import tqdm
from uplift.bench.baselines import get_baseline, observations
from uplift.bench.benchmark import BenchmarkSpec, case_batch, read_cases
from uplift.body.body import Body
from uplift.core.rotations import geodesic_distance, rotation_mean
from uplift.core.skeletons import SCORED_JOINTS, SMPLX_JOINTS

def collect(cases, condition, spec, body, method):
    "Per person: differences of rotations (N, 22, 3, 3), trust (N, 22), differences of joints (N, 22, 3), metres."
    people = {}
    for case in tqdm(cases, desc=condition, leave=False):
        batch, at = case_batch(case, spec, condition, body), torch.as_tensor(case.frames[:, ::2]).flatten()
        for i, o in enumerate(observations(batch, spec.fps)):
            p, ok = method.lift(o, at, body), batch.valid[i, at]
            there = people.setdefault(case.clip.subject, ([], [], []))
            for x, y in zip(there, (batch.rotations[i, at].mT @ p.rotations, batch.joint_valid[i, at], p.joints - batch.joints[i, at])): x.append(y[ok])
    return {k: [torch.cat(x) for x in v] for k, v in people.items() if sum(map(len, v[0]))}

def budget(people):
    "One row of numbers, and degrees by joint."
    left, kept = {}, {}
    for D, trust, _ in people.values():
        for j in SCORED_JOINTS:
            d = D[trust[:, j], j]
            if not len(d): continue
            mean = rotation_mean(d, dim=0)
            for store, x in ((left, geodesic_distance(d, torch.eye(3).expand_as(d))), (kept, geodesic_distance(mean.mT @ d, torch.eye(3).expand_as(d)))):
                store.setdefault(j, []).append(x)
    degrees = lambda s: {j: torch.rad2deg(torch.cat(x).mean()).item() for j, x in s.items()}
    all_of = lambda s: torch.rad2deg(torch.cat([torch.cat(x) for x in s.values()]).mean()).item()
    off = 1000 * torch.cat([e for *_, e in people.values()])
    row = {'frames': len(off), 'MPJPE mm': off.norm(dim=-1).mean().item(), 'across mm': off[..., :2].norm(dim=-1).mean().item(),
           'depth mm': off[..., 2].abs().mean().item(), 'MPJAE deg': all_of(left), 'without constant offsets': all_of(kept)}
    return row, degrees(left), degrees(kept)

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('data'); p.add_argument('--weights', default='lifter'); p.add_argument('--clips', type=int, default=40, help='of each split')
    args = p.parse_args()
    torch.set_num_threads(1)
    body, spec = Body.load('open'), BenchmarkSpec.load()
    method, rows, joints = get_baseline(args.weights, body=body), {}, {}
    for split in ('train', 'test'):
        cases, _ = read_cases(args.data, spec, body, split)
        cases = cases[::max(1, len(cases) // args.clips)]
        for condition in ('perfect', 'detector'):
            row, before, after = budget(collect(cases, condition, spec, body, method))
            rows[f'{split}, {condition}'] = row
            if condition == 'detector': joints |= {split: before, f'{split}, no offsets': after}
    print(pd.DataFrame(rows).T.round(1).to_string())
    table = pd.DataFrame(joints); table.index = [SMPLX_JOINTS[j] for j in table.index]
    print(table.sort_values('test', ascending=False).round(1).to_string())

if __name__ == '__main__': main()

"""Learn the open body's way from measurements to betas and ship it: `python tools/build_a2b.py` writes uplift/assets/open_a2b.safetensors
and prints the round trip on bodies that it has not seen. About two minutes on one core; the seed decides everything."""
import argparse, json
from pathlib import Path
import torch
from safetensors.torch import save
from uplift.body.measure import MEASUREMENTS, measure
from uplift.body.a2b_training import draw_bodies, round_trip, train_a2b
from uplift.body.body import Body
from uplift.core.files import atomic_path

def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument('--out', default=Path(__file__).parents[1]/'uplift/assets/open_a2b.safetensors', type=Path)
    ap.add_argument('--num', type=int, default=20000, help='bodies to learn from')
    ap.add_argument('--steps', type=int, default=4000)
    ap.add_argument('--seed', type=int, default=0)
    args = ap.parse_args()
    body = Body.load(Path(__file__).parents[1]/'uplift/assets/OPEN_SMPLX_NEUTRAL.npz')
    net = train_a2b(body, seed=args.seed, num=args.num, steps=args.steps)
    config = dict(kind='a2b', body='open', sizes=net.sizes, training=dict(num=args.num, steps=args.steps, seed=args.seed))
    with atomic_path(args.out) as tmp: tmp.write_bytes(save(net.state_dict(), metadata={'config': json.dumps(config)}))
    unseen = draw_bodies(body, 1000, torch.Generator().manual_seed(args.seed + 1), wide=1)[0]
    errors, joints = (e * 1000 for e in round_trip(net, body, unseen))
    print(f'{args.out.name}: {args.out.stat().st_size/1000:.0f} kB; round trip on 1000 unseen bodies, mm')
    print(f'{"":34}{"mean":>7}{"95 %":>7}{"max":>7}')
    rows = [*zip(MEASUREMENTS, errors.T), ('all measurements', errors.flatten()), ('joints at rest (22)', joints.flatten())]
    for name, e in rows: print(f'{name:34}{e.mean():7.2f}{e.quantile(.95):7.2f}{e.max():7.2f}')

if __name__ == '__main__': main()

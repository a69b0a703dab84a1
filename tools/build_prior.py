"""Train the pose prior that ships with the package: `python tools/build_prior.py ../shared/data/mocap_smplx.npz` (one core, a quarter of an hour).
Deterministic on one machine; replaces uplift/assets/open_prior."""
import shutil, sys, tempfile
from pathlib import Path
import torch
from uplift.body.body import Body
from uplift.data.motion import read_mocap
from uplift.body.prior import PosePrior
from uplift.paper.prior_training import pose_table, prior_errors, train_prior

def main(data, target=Path(__file__).parents[1]/'uplift'/'assets'/'open_prior'):
    torch.set_num_threads(1)
    target = Path(target)
    with tempfile.TemporaryDirectory() as tmp:
        out = Path(tmp)/'prior'
        train_prior(read_mocap(data, 'train'), out, val=read_mocap(data, 'val'))
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(out/'snapshots', target/'snapshots')
        shutil.copy(out/'V02_05.yaml', target)
    for split in ('val', 'test'):
        e = prior_errors(PosePrior.load(target), pose_table(read_mocap(data, split)), Body.load())
        print(f'{split}: {e.degrees:.2f} degrees, {e.millimetres:.1f} mm, {e.kl:.1f} nats')

if __name__ == '__main__': main(*sys.argv[1:])

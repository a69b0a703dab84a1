"Stand-ins for all that the paper's code reads, in its own formats: Fit3D's tree with films, body, prior, weights, keypoints."
import json
import lzma
import runpy
import shutil
import tarfile
from pathlib import Path
import numpy as np
import torch
from PIL import Image
from uplift.core.cameras import project
from uplift.data.video import video_frames, video_info, video_writer
from uplift.look.mesh import blend, paint_software
from uplift.paper.fit3d import nested, read_fit3d
from uplift.paper.fit3d_files import FIT3D_CAMERAS, make_standin_tree
from uplift.paper.prepare import prepare_fit3d
from uplift.paper.recipes import RECIPES
from uplift.paper.spelled_out import recipe_network
from uplift.paper.transformer import paper_body

MODELS = 'N-RM-2', 'S-AA-3', 'V-2', 'PS-AA-3', 'UU'
SMALL = 'spatial_dim=8 spatial_blocks=1 temporal_dim=64 temporal_blocks=2 heads=2 lr=5e-3'
ASSETS = Path(__file__).resolve().parents[1] / 'uplift' / 'assets'
CONFIGS = {'n_rm_2': dict(ROT_REP='ROT_MAT', LOSS_ANGLES='geodesic', IN_BATCH_AUGMENT=False),
           's_aa_3': dict(SMPLX_LAYER=[False, True]), 'v_2': dict(SMPLX_LAYER=[False, True], VPOSER=True, ESTIMATE_HANDS=False)}
COMMON = dict(ARCH='UpliftPoseTransformer', DATASET_NAME='fit3d', NUM_KEYPOINTS=26, ROT_REP='AXIS_ANGLE', LOSS_ANGLES='mse',
              LOSS_ANGLES_ENABLED=True, IN_BATCH_AUGMENT=True, EMA_ENABLED=True, VALIDATION_NAME='val', TRAIN_NAME='train')
FILMED = 's11', 'squat', FIT3D_CAMERAS[0]

def make_standins(folder, shared):
    "Everything that stands in a folder before the first command. `shared`: recorded assets of the original, or None."
    (folder / 'standins').mkdir(parents=True)
    for sub in ('weights', 'experiments', 'body', 'eval', 'films'): (folder / sub).mkdir(exist_ok=True)
    (recorded if shared else made_up)(folder, shared)
    base = json.loads((folder / 'experiments' / 'fit3d_s_aa_3.json').read_text())
    for name, change in dict(no_validation=dict(VALIDATION_NAME=None), trainval=dict(TRAIN_NAME='trainval')).items():
        (folder / 'experiments' / f'{name}.json').write_text(json.dumps(base | change))
    prepare_fit3d(folder / 'fit3d', folder / 'standins' / 'prepared', folder / 'body' / 'SMPLX_NEUTRAL.npz', progress=False)
    sequences = read_fit3d(folder / 'standins' / 'prepared')
    if not shared: noisy_keypoints(folder / 'standins' / 'fit3d_2d_vitpose.npz', sequences)
    s = next(s for s in sequences if (s.subject, s.action, s.camera) == FILMED)
    np.save(folder / 'pelvis.npy', s.joints[:, 0])
    np.save(folder / 'standins' / 'truth.npy', s.joints)
    film_of(s, paper_body(folder / 'body' / 'SMPLX_NEUTRAL.npz'), folder / 'fit3d/train' / s.subject / 'videos' / s.camera / f'{s.action}.mp4')

def recorded(folder, shared):
    "The stand-ins that the original itself was run on, and what it made of them."
    here = shared / 'standin'
    for name in ('fit3d_tree', 'V02_05'):
        with tarfile.open(here / f'{name}.tar.xz') as box: box.extractall(folder, filter='data')
    shutil.copy(here / 'models/smplx/SMPLX_NEUTRAL.npz', folder / 'body')
    for path in (shared / 'configs').iterdir(): shutil.copy(path, folder / 'experiments')
    shutil.copytree(shared / 'prep', folder / 'standins' / 'theirs')
    for place in ('standins', 'standins/theirs'): shutil.copy(here / 'fit3d_2d_vitpose.npz', folder / place)
    shutil.copy(shared / 'a2b' / 'example_anthros.json', folder / 'example_anthros.json')
    shutil.copy(shared / 'a2b' / 'example_betas_neutral_nn.json', folder / 'standins' / 'their_betas.json')
    shutil.copy(shared / 'a2b' / 'neutral_uniform_ext_nn.pth', folder / 'weights')
    shutil.copy(shared / 'eval' / 'fit3d_n_rm_2.log', folder / 'standins' / 'their_eval.log')
    released = {'N-RM-2': 'fit3d_n_rm_2/state_dict_own', 'S-AA-3': 'fit3d_s_aa_3/weights_01', 'PS-AA-3': 'fit3d_s_aa_3/weights_01',
                'amass_351': 'fit3d_n_rm_2/state_dict_own'}
    for name, path in released.items():
        (folder / 'weights' / f'{name}.pth').write_bytes(lzma.decompress((shared / 'models' / f'{path}.pth.xz').read_bytes()))
    make, shapes = runpy.run_path(str(shared / 'scripts' / 'weights_recipe.py'))['make'], chance('V-2').state_dict()
    state = {k: v if k.startswith(('smplx', 'head_poZ.1.', 'head_poZ_c.1.')) else torch.from_numpy(make(k, v.shape)) for k, v in shapes.items()}
    torch.save(dict(model=state), folder / 'weights' / 'V-2.pth')

def made_up(folder, _):
    "A tree, the open body and prior, weights from chance."
    make_standin_tree(folder / 'fit3d', actions=('band_pull_apart', 'squat'))
    shutil.copy(ASSETS / 'OPEN_SMPLX_NEUTRAL.npz', folder / 'body' / 'SMPLX_NEUTRAL.npz')
    for name, own in CONFIGS.items(): (folder / 'experiments' / f'fit3d_{name}.json').write_text(json.dumps(COMMON | own))
    for name in (*MODELS[:4], 'amass_351'):
        torch.save(dict(model=chance('UU' if name == 'amass_351' else name).state_dict()), folder / 'weights' / f'{name}.pth')
    (folder / 'example_anthros.json').write_text(json.dumps(dict(subject_1={'height length': 1.66, 'left thigh length': .36,
                                                                            'waist circumference': .88})))

def chance(name):
    "A network of the paper, as a seed leaves it."
    torch.manual_seed(0)
    return recipe_network(RECIPES[name])

def noisy_keypoints(path, sequences):
    "A file like that of the detections: projections, and three pixels of noise."
    rng = np.random.default_rng(77)
    pairs = (((s.subject, s.action), s.keypoints + rng.normal(0, 3, s.keypoints.shape).astype(np.float32)) for s in sequences)
    np.savez_compressed(path, positions_2d=nested(pairs))

def wall(size):
    "A plain room, (H, W, 3) uint8."
    picture = np.full((size[1], size[0], 3), (196, 196, 190), np.uint8)
    picture[int(.62 * size[1]):] = (150, 146, 138)
    return picture

def film_of(s, body, path):
    "The true person of a sequence as its camera films it, lens and all, at 50 frames a second."
    turns = torch.as_tensor(s.rotations[:, :22])
    shape = torch.as_tensor(s.betas.mean(0))
    skin = body.mesh(turns, shape, body.pelvis_to_transl(torch.as_tensor(s.joints[:, 0]), shape))
    lens = [torch.as_tensor(s.lens[k]).float() for k in 'fckp']
    bent = (project(skin, *lens) - lens[1]) / lens[0]                   # where a lens without distortion would see it
    skin = torch.cat([bent * skin[..., 2:], skin[..., 2:]], -1).numpy()
    size, grey = tuple(map(int, s.size)), np.full((skin.shape[1], 3), .82, np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    with video_writer(path, s.fps) as write:
        for v in skin: write(blend(wall(size), paint_software(v, body.faces, grey, s.lens['f'], s.lens['c'], size, samples=1), 1.))

def still(video, path, at=.55):
    "A frame of a film as PNG, halved where it is large."
    wanted = int(at * (video_info(video).frames - 1))
    rgb = next(rgb for n, _, rgb in video_frames(video) if n >= wanted)
    half = max(1, rgb.shape[1] // 700)
    Image.fromarray(rgb[::half, ::half]).save(path)
    return path

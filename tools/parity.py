"""Everything that was recorded of the authors' code, held against ours, as one table: `python tools/parity.py`.

Needs the folder `shared/parity` beside the checkout. A check is one recorded array, or one printed number; it passes
when the largest difference is within the tolerance that float noise allows (relative to numbers above 1).
`--only networks losses` for some subjects; `--steps 20` for all recorded training steps (minutes); `--csv FILE` for
each check by itself. Ends with 1 when a check fails."""
import argparse
import io
import json
import lzma
import re
import runpy
import sys
import tarfile
import tempfile
import warnings
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
import numpy as np
import pandas as pd
import torch
from uplift.body.body import Body
from uplift.body.measure import MEASUREMENTS
from uplift.body.prior import PosePrior
from uplift.body.shape import load_a2b
from uplift.core.files import shared_dir
from uplift.core.metrics import mpjpe, n_mpjpe, pa_mpjpe, procrustes_align
from uplift.core.rotations import (axis_angle_to_matrix, matrix_to_axis_angle, matrix_to_sixd, project_to_so3,
                                   quaternion_to_matrix, sixd_to_matrix)
from uplift.core.skeletons import SKELETONS, SMPLX_JOINTS
from uplift.paper import compat
from uplift.paper.fit3d import ORIGINAL_FILES, read_fit3d, read_nested, write_original
from uplift.paper.load_original import load_original
from uplift.paper.prepare import prepare_fit3d
from uplift.paper.protocol import SMPLX37_NAMES, evaluate_protocol
from uplift.paper.recipe_files import get_recipe
from uplift.paper.recipes import RECIPES
from uplift.paper.sequences import PaperData, pick
from uplift.paper.training import Guests, paper_trainer
from uplift.paper.transformer import UpliftPoseTransformer, config_from_paper, paper_body

class Ledger:
    "Checks, one row each."
    def __init__(self, parity, folder, steps): self.P, self.folder, self.steps, self.rows = parity, folder, steps, []

    def __call__(self, what, ours, theirs, tol=0.):
        "Hold an array, number or text against the recorded one."
        if isinstance(theirs, str) or tol == 0: off = float(not np.array_equal(np.asarray(ours), np.asarray(theirs)))
        else: off = difference(ours, theirs)
        self.rows.append(dict(subject=self.subject, check=what, difference=off, allowed=tol, passed=off <= tol))

    def arrays(self, name):
        numbers = {k: v for k, v in np.load(self.P/f'{name}.npz').items() if v.dtype.kind in 'fiub'}
        return {k: torch.as_tensor(v) for k, v in numbers.items()}

    @cache
    def body(self, dtype=torch.float32): return Body.load(self.P/'standin/models', 10, dtype)

    @cache
    def prior(self):
        with tarfile.open(self.P/'standin/V02_05.tar.xz') as tar: tar.extractall(self.folder, filter='fully_trusted')
        return PosePrior.load(self.folder/'V02_05')

    @cache
    def made(self): return runpy.run_path(str(self.P/'scripts/weights_recipe.py'))['make']

    @cache
    def sequences(self): return read_fit3d(self.P/'prep', keypoints=self.P/'standin/fit3d_2d_vitpose.npz')

def difference(ours, theirs):
    "Largest difference, relative to numbers above 1; infinite where shapes differ."
    double = lambda x: torch.as_tensor(np.asarray(x.detach() if hasattr(x, 'detach') else x), dtype=torch.float64)
    ours, theirs = double(ours), double(theirs)
    if ours.shape != theirs.shape: return np.inf
    return float(((ours - theirs).abs()/theirs.abs().clamp(min=1)).max())

def network(c, model, attention='discarded', dtype=torch.float32, prior=None):
    "Our network in the original's configuration, with the made-up weights."
    config = config_from_paper(json.loads((c.P/f'configs/{model}.json').read_text()), attention)
    net = UpliftPoseTransformer(config, c.body(dtype), deepcopy(prior or c.prior())).eval()
    keys = json.loads((c.P/'models/info.json').read_text())[model]['state_dict_keys']
    want = {k: tuple(shape) for k, shape, _, owner in keys if owner == 'own'}
    have = {k: tuple(v.shape) for k, v in net.state_dict().items()}
    if dtype == torch.float32: c(f'{model}, attention {attention}: names and shapes', have == want, True)
    net.load_state_dict({k: torch.from_numpy(c.made()(k, s)) for k, s in want.items()})
    return net.to(dtype)

def networks(c):
    given, keys = c.arrays('models/inputs'), ('full_kpts', 'full_rots', 'central_kpts', 'central_rots')
    cases = [(m, 'outputs', 'discarded') for m in ('fit3d_n_rm_2', 'fit3d_s_aa_3', 'fit3d_v_2')]
    for model, file, attention in cases + [('fit3d_n_rm_2', 'outputs_attention_on', 'used')]:
        want = c.arrays(f'models/{model}/{file}')
        for name, dtype, tol in (('f32', torch.float32, 2e-5), ('f64', torch.float64, 1e-9)):
            with torch.no_grad():
                net = network(c, model, attention, dtype)
                out = net(given['kpts2d'].to(dtype), given['betas'].to(dtype))
            for k, v in zip(keys, out): c(f'{model}, attention {attention}, {name}: {k}', v, want[f'{name}_{k}'], tol)
            if f'{name}_central_kpts_betas1d' not in want: continue
            with torch.no_grad(): one = net(given['kpts2d'].to(dtype), given['betas_1d'].to(dtype)).central_joints
            c(f'{model}, {name}: one shape for all', one, want[f'{name}_central_kpts_betas1d'], tol)
    want = c.arrays('models/fit3d_v_2/outputs')['f32_central_kpts']
    with torch.no_grad(): other = network(c, 'fit3d_v_2', prior=PosePrior.load('uplift/assets/open_prior'))(
        given['kpts2d'], given['betas']).central_joints
    c('fit3d_v_2 on the open prior is another network', difference(other, want) > .01, True)

def checkpoints(c):
    info = json.loads((c.P/'models/info.json').read_text())['fit3d_s_aa_3']
    path = c.folder/'weights_01.pth'
    path.write_bytes(lzma.decompress((c.P/'models/fit3d_s_aa_3/weights_01.pth.xz').read_bytes()))
    found = load_original(path)
    own = {k: n for k, n, _, owner in info['state_dict_keys'] if owner == 'own'}
    c('names', str(sorted(found['state'])), str(sorted(own)))
    off = max(difference(v, c.made()(k, tuple(own[k]))) for k, v in found['state'].items())
    c('tensors', [off], [0.], 1e-12)

def windows(c):
    fields = dict(keypoints='kpts2d', joints='kpts3d', rotations='rots', betas='betas', mask='mask',
                  stride_mask='stride_mask', frame='frame')
    for name, n in (('train', 1), ('val', 4)):
        data = PaperData(pick(c.sequences(), name), subsample=n)
        items = c.arrays(f'dataset/items_{name}_ROT_MAT')
        w = data.windows(items['idx'])
        c(f'{name}: locations', data.locations, items['seq_locations'])
        for ours, theirs in fields.items(): c(f'{name}: {ours}', getattr(w, ours), items[theirs])
        c(f'{name}: camera', data.lenses[w.sequence], items['camera'], 1e-14)
        for kind in ('axis_angle', 'quaternion'):
            turns = data.windows(items['idx'], kind).rotations
            c(f'{name}: {kind}', turns, c.arrays(f'dataset/items_{name}_{kind.upper()}')['rots'], 1e-6)

def losses(c):
    j, a = c.arrays('losses_metrics/joint_losses'), c.arrays('losses_metrics/angle_losses')
    def four(z, names): return [z[k].clone().requires_grad_('pred' in k) for k in names]
    p = four(j, ('pred', 'gt', 'pred_central', 'gt_central'))
    loss = compat.original_joint_loss
    c('joints', loss(*p, 6), j['joint_loss'], 1e-6)
    c('joints, batch 256', loss(*p, 256), j['joint_loss_bs256'], 1e-6)
    c('joints, weights', loss(*p, 6, .7, 1.9), j['joint_loss_wc0p7_ws1p9'], 1e-6)
    for k, g in zip(('grad_pred', 'grad_pred_central'), torch.autograd.grad(loss(*p, 6), p[::2])): c(k, g, j[k], 1e-6)
    central = j['pred_central'].clone().requires_grad_()
    c('bones', compat.original_bone_loss(central, j['bones'], 27, 6), j['bone_loss'], 1e-6)
    value = compat.original_bone_length_loss(central, j['gt_central'], j['bones'])
    c('bone lengths', value, j['bone_loss_2'], 1e-6)
    c('bone lengths, gradient', torch.autograd.grad(value, central)[0], j['bone_loss_2_grad_pred_central'], 1e-6)
    for r in ('rotmat', 'aa'):
        for kind in ('mse', 'geodesic'):
            p = four(a, [f'{x}_{r}{end}' for end in ('', '_central') for x in ('pred', 'gt')])
            value = compat.original_angle_loss(kind, *p)
            c(f'{kind} {r}', value, a[f'{kind}_{r}'], 1e-6)
            for end, g in zip(('', '_central'), torch.autograd.grad(value, p[::2])):
                c(f'{kind} {r}: gradient{end}', g, a[f'{kind}_{r}_grad_pred{end}'], 1e-6)
    eye = torch.eye(3).expand(2, 4, 26, 3, 3)
    turn = axis_angle_to_matrix(torch.tensor([torch.pi, 0, 0])).expand(2, 4, 26, 3, 3)
    for k, x in (('geodesic_identical_inputs', eye), ('geodesic_pi', turn)):
        c(k, compat.original_angle_loss('geodesic', x, eye, x[:, 0], eye[:, 0])/2, a[k], 1e-6)

def metrics(c):
    m = c.arrays('losses_metrics/metrics')
    ways = dict(mpjpe={}, nmpjpe_root=dict(align='scale'), nmpjpe_mean=dict(align='scale', root='mean'),
                pmpjpe=dict(align='procrustes'))
    for case in ('all_valid', 'some_invalid'):
        pred, gt, seen = m['pred'], m[f'gt_{case}'][..., :3], m[f'gt_{case}'][..., 3]
        for k, how in ways.items():
            ours = compat.original_joint_errors(pred, gt, seen, **how)
            c(f'{k} {case}', ours, m[f'{k}_{case}_per_kpt'], 1e-12)
        means = dict(mpjpe=mpjpe(pred, gt, seen), nmpjpe_root=n_mpjpe(pred, gt, seen),
                     nmpjpe_mean=n_mpjpe(pred, gt, seen, root='mean'),
                     pmpjpe=compat.original_pa_mpjpe(pred, gt, seen))
        for k, ours in means.items(): c(f'{k} {case}: mean', ours, m[f'{k}_{case}_scalar'], 1e-12)
    pred, gt = m['pred'], m['gt_all_valid'][..., :3]
    for k, ours in dict(mpjpe=mpjpe, nmpjpe=n_mpjpe, pampjpe=pa_mpjpe).items():
        c(f'{k}, frame by frame', 1000*ours(pred, gt), m[f'frame_wise_eval_mm_{k}'], 1e-12)
    scale, turn, shift = (m[f'procrustes_{k}'] for k in 'bTc')
    c('procrustes', procrustes_align(pred, gt), scale[:, None, None]*(pred @ turn) + shift[:, None], 1e-12)
    R, T = (axis_angle_to_matrix(m[k].double()) for k in ('pred_aa', 'gt_aa'))
    c('MPJAE per joint', compat.original_jae(R, T), m['jae_aa_f64_deg'], 1e-6)
    c('MPJAE as in training', compat.original_training_jae(R, T),
      m['jae_rotmat_as_in_training_validation_mean_deg'], 1e-6)

def flips(c):
    f = c.arrays('losses_metrics/flips')
    c('pairs', f['flip_lr_indices'].tolist(), list(SKELETONS['fit3d26'].swap))
    for k in ('kpts2d', 'kpts3d'): c(k, compat.flip_points(f[k]), f['flip_' + k])
    for k, kind in dict(aa='axis_angle', quat='quaternion', rotmat='matrix').items():
        c(kind, compat.flip_rotations(f[k], kind), f['flip_' + k], 1e-6)
    c('camera', compat.original_flip_camera(f['camera']), f['flip_camera_reference'])

def rotations(c):
    for name, tol in (('f4', 2e-5), ('f8', 1e-9)):
        z = c.arrays(f'losses_metrics/rotations_{name}')
        R = z['aa_to_matrix']
        c(f'{name}: axis-angle to matrix', axis_angle_to_matrix(z['aa']), R, tol)
        c(f'{name}: quaternion to matrix', quaternion_to_matrix(z['aa_to_quat']), z['quat_to_matrix'], tol)
        c(f'{name}: matrix to axis-angle', axis_angle_to_matrix(matrix_to_axis_angle(R)),
          axis_angle_to_matrix(z['matrix_to_aa']), tol)
        c(f'{name}: matrix to 6D', matrix_to_sixd(R.mT), z['matrix_to_6d'], tol)
        c(f'{name}: 6D to matrix', sixd_to_matrix(z['random6d']).mT, z['random6d_to_matrix'], tol)
        c(f'{name}: quaternion to axis-angle', compat.original_quaternion_to_axis_angle(z['aa_to_quat']),
          z['quat_to_aa'], tol)
    z = c.arrays('losses_metrics/symmetric_orthogonalization')
    for end, tol in (('', 2e-5), ('_f64', 1e-9), ('_central', 2e-5)):
        M, s = z['x' + end].unflatten(-1, (3, 3)), torch.linalg.svdvals(z['x' + end].unflatten(-1, (3, 3)).double())
        one = s[..., 1] + s[..., 2]*torch.det(M.double()).sign() > 1e-3*s[..., 0]   # only one nearest rotation
        c(f'projection{end}', project_to_so3(M)[one], z['y' + end][one], tol)

def prior(c):
    z, vposer = c.arrays('losses_metrics/vposer'), c.prior()
    c('decode', vposer.decode(z['z']).flatten(-2), z['pose_body_matrot'], 1e-6)
    c('decode, rotation vectors', vposer.decode_axis_angle(z['z']), z['pose_body'], 2e-6)
    c('decode, sequences', vposer.decode_axis_angle(z['z_seq']).flatten(1, 2), z['pose_body_seq'], 2e-6)
    q = vposer.encode(z['encode_in'])
    c('encode, mean', q.mean, z['encode_mean'], 1e-6)
    c('encode, spread', q.stddev, z['encode_scale'], 1e-6)
    z = c.arrays('losses_metrics/vposer_matrot2aa')
    c('matrix to rotation vector', matrix_to_axis_angle(z['matrix']), z['aa'], 1e-6)

def bodies(c):
    face = ['nose', 'right_eye', 'left_eye', 'right_ear', 'left_ear']
    feet = [f'{s}_{k}' for s in ('left', 'right') for k in ('big_toe', 'small_toe', 'heel')]
    skin = {n: i for i, n in enumerate(face + feet, 55)} | dict(left_thumb=66, left_index=67, right_thumb=71,
                                                                right_index=72)
    at = [skin[n] if n in skin else SMPLX_JOINTS.index(n) for n in SMPLX37_NAMES]
    for k in ('aa', 'rotmat'):
        z, body = c.arrays(f'losses_metrics/smplx_layer_{k}'), c.body()
        joints = body.fk(compat.original_smplx_rotations(z['pose']), z['betas']).joints
        c(f'{k}: 55 joints', joints, z['joints_all'][:, :55], 1e-6)
        points = lambda s: compat.original_smplx_points(z['pose'], z['betas'], body, s)
        c(f'{k}: 26 points', points('fit3d26'), z['joints_26'], 1e-6)
        c(f'{k}: 37 points', points('smplx37'), z['joints_all'][:, at], 1e-6)

def preparation(c):
    with tarfile.open(c.P/'standin/fit3d_tree.tar.xz') as t: t.extractall(c.folder/'tree', filter='data')
    out = c.folder/'prepared'
    prepare_fit3d(c.folder/'tree/fit3d', out, c.P/'standin/models/smplx', progress=False)
    write_original(out)
    for name, key in ORIGINAL_FILES.items():
        ours, theirs = (read_nested(d/f'{name}.npz', key) for d in (out, c.P/'prep'))
        for s, a in ((s, a) for s in theirs for a in theirs[s]):
            off, allowed = 0., 1e-4
            for x, y in zip(ours[s][a], theirs[s][a], strict=True):
                values = [(x[k], y[k]) for k in y if k != 'id'] if isinstance(y, dict) else [(x, y)]
                for u, v in values:
                    u, v = np.float64(u), np.asarray(v)
                    if v.dtype == np.float16: allowed = .251    # theirs is rounded to steps of half a pixel
                    off = max(off, abs(u - np.float64(v)).max())
            c(f'{name}: {s} {a}', [off], [0.], allowed)

def printed(c):
    state = torch.load(io.BytesIO(lzma.decompress((c.P/'models/fit3d_n_rm_2/state_dict_own.pth.xz').read_bytes())),
                       weights_only=True)
    net = UpliftPoseTransformer(replace(RECIPES['N-RM-2'].network, attention='discarded')).eval()
    net.load_state_dict(state)
    logs = re.split('Results Fit3DOrder26P', (c.P/'eval/fit3d_n_rm_2.log').read_text())[1:]
    for log, (split, n) in zip(logs, (('test', 1), ('val', 4)), strict=True):
        report = evaluate_protocol(net, pick(c.sequences(), split), paper_body(c.P/'standin/models'), True,
                                   subsample=n, progress=False)
        first, points = log.split('Results SMPLX37Order')
        joints, angles = first.split('MPJAE - ', 1)
        for part, text in (('26', joints), ('37', points), ('angle', 'MPJAE - ' + angles)):
            ours = scores(report, part)
            for name, number in re.findall(r'^([\w ]+?) - (\d+\.\d+)', text, re.M):
                digits = len(number.split('.')[1])
                c(f'{split} {part}: {name}', f'{ours[name]:.{digits}f}', number)

def scores(report, part):
    "Scores of a report by the original's names."
    o = report['overall'] if part != '37' else report['kpts_37']['overall']
    rows = report['joints'] if part != '37' else report['kpts_37']['joints']
    if part == 'angle':
        joints = {n: r['mpjae_deg'] for n, r in rows.items()}
        return joints | {'MPJAE': o['mpjae_deg'], 'MPJAE without Fingers': o['mpjae_body_deg']}
    return {n: r['mpjpe_mm'] for n, r in rows.items()} | dict(
        MPJPE=o['mpjpe_mm'], NMPJPE=o['n_mpjpe_mm'], PAMPJPE=o['pa_mpjpe_mm'])

def training(c):
    data, terms = PaperData(pick(c.sequences(), 'train')), dict(main='total', angles='angles', joints_true='joints')
    for name in ('fit3d_n_rm_2_det', 'fit3d_n_rm_2_det_attn', 'fit3d_s_aa_3_det'):
        record = np.load(c.P/f'train/{name}.npz')
        recipe = get_recipe('N-RM-2' if 'n_rm' in name else 'S-AA-3', compat=True)
        recipe = replace(recipe, batch=32, quirks=tuple(q for q in recipe.quirks if q != 'prior_dropout'))
        recipe = recipe.with_network(drop_path=(0., 0., 0.), attention='used' if 'attn' in name else 'discarded')
        trainer = paper_trainer(recipe, data, None, c.folder/name, Guests(c.body()), 'cpu')
        state = trainer.net.state_dict()
        trainer.net.load_state_dict({k: torch.from_numpy(c.made()(k, v.shape)) for k, v in state.items()})
        trainer.ema = {k: v.clone() for k, v in trainer.net.state_dict().items()}
        for step, ids in enumerate(record['order'][:c.steps]):
            told = trainer.train_step(trainer.batches.at(ids))
            # after the first step Adam makes steps of noise: see paper/16_original_steps
            for k, ours in terms.items():
                c(f'{name} step {step + 1}: {k}', told[ours].item()/record[k][step], 1.,
                  1e-6 if not step else 2e-3 if step < 5 else 2e-2)

def shapes(c):
    folder = c.P/'a2b'
    person = json.loads((folder/'example_anthros.json').read_text())['subject_1']
    answer = json.loads((folder/'example_betas_neutral_nn.json').read_text())['visualize_A2B_nn_neutral']
    got = load_a2b(folder/'neutral_uniform_ext_nn.pth')(torch.tensor([person[m] for m in MEASUREMENTS]))
    c('betas', got, answer['subject_1'], 1e-5)
    c('names', str(list(MEASUREMENTS)), str(json.loads((folder/'a2b_format.json').read_text())['anthro_names_in_order']))

SUBJECTS = dict(networks=networks, checkpoints=checkpoints, windows=windows, losses=losses, metrics=metrics, flips=flips,
                rotations=rotations, prior=prior, bodies=bodies, preparation=preparation, printed=printed,
                training=training, a2b=shapes)

def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--only', nargs='+', choices=list(SUBJECTS), default=list(SUBJECTS))
    parser.add_argument('--steps', type=int, default=3, help='training steps to follow, 20 at most; 3 otherwise')
    parser.add_argument('--csv', help='write each check here')
    args = parser.parse_args()
    shared = shared_dir()
    if shared is None: sys.exit('no shared/parity folder beside the checkout: nothing to compare with')
    warnings.simplefilter('ignore')
    with tempfile.TemporaryDirectory() as d:
        ledger = Ledger(shared/'parity', Path(d), args.steps)
        for name in args.only:
            ledger.subject = name
            SUBJECTS[name](ledger)
    rows = pd.DataFrame(ledger.rows)
    if args.csv: rows.to_csv(args.csv, index=False)
    share = rows.assign(share=rows.difference/rows.allowed.clip(lower=1e-300))
    worst = share.loc[share.groupby('subject', sort=False).share.idxmax()].set_index('subject')
    table = rows.groupby('subject', sort=False).passed.agg(checks='count', passed='sum')
    table['worst difference'] = worst.difference.map('{:.1e}'.format).where(worst.difference > 0, '0')
    table['allowed there'] = worst.allowed.map('{:.1e}'.format).where(worst.allowed > 0, 'equal')
    table['where'] = worst.check.where(worst.difference > 0, '')
    print(table.to_string())
    for _, r in rows[~rows.passed].iterrows(): print(f'FAILED {r.subject}: {r.check}: {r.difference:.1e}')
    print(f'{rows.passed.sum()} of {len(rows)} checks passed')
    sys.exit(int(not rows.passed.all()))

if __name__ == '__main__': main()

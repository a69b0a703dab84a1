"Training data: motion files, AMASS, BVH, ASF and AMC, points in space, the tree of Fit3D and what is made of it."
import json
import re
import shutil

import numpy as np

from cases import Case, arrays, called, file, lift
from damage import EVIL, Evil, bomb, corrupt_bytes, json_mutants, npy_header, npz, odd_arrays, write

def motion_cases(b, rng):
    "Motion files, AMASS, BVH, ASF and AMC."
    for part in (_libraries, _amass, _bvh, _vicon, _points): yield from part(b, rng)

def _train(path): return ['uplift_train', 'tiny', '--data', str(path), '-o', 'out', '--steps', '2', '--batch', '2', '--quiet']

def _score(path): return ['uplift_eval', 'lifter-s', '--data', str(path), '--quiet', '--stride', '8', '--json', 'r.json']

def _libraries(b, rng):
    "A motion file and its table of clips."
    of = lambda group, kind, must=False, use=_train, **what: \
        Case(group, kind, lambda f: use(b.motion_file(f, **what)), must)
    whole = npz(b.folder/'whole.npz', b.library).read_bytes()
    for kind, d in corrupt_bytes(whole, rng): yield of('motion', kind, data=d)
    for start in ('aa_', 't_', 'v_', 'offsets'):
        key = next(k for k in b.library if k.startswith(start))
        for kind, a in odd_arrays(b.library[key]):
            if start == 'v_' and kind in ('1e30', '1e300', 'negative', 'NaN', 'inf'): continue
            must = kind in ('NaN', 'inf', 'object array that runs code')
            yield of('motion', f'{key}: {kind}', must, arrays={**b.library, key: a})
    for kind, text in json_mutants(b.clips, rng, 24):
        yield of('clips.json', kind, use=_train if rng.random() < .5 else _score, clips=text)
    for v in (dict(fps=1e-6), dict(fps='x'), dict(fps=0), dict(fps=[1]), dict(fps=1e9), dict(split=['train']),
              dict(subject='<script>alert(1)</script>'), dict(description=5), dict(offsets_key=5)):
        yield of('clips.json', str(v), clips=[{**c, **v} for c in b.clips])

def _amass(b, rng):
    from uplift.data.motion import read_amass
    of = lambda kind, make, must=False: Case('amass', kind, called(read_amass, make), must)
    whole = npz(b.folder/'a.npz', b.amass).read_bytes()
    for kind, d in corrupt_bytes(whole, rng): yield of(kind, file('a.npz', d))
    for key in ('poses', 'trans', 'betas', 'mocap_frame_rate'):
        for kind, a in odd_arrays(b.amass[key]):
            must = kind in ('NaN', 'inf') and key != 'betas'           # those of another body are not read
            yield of(f'{key}: {kind}', arrays('a.npz', b.amass, **{key: a}), must)

def _bvh(b, rng):
    "A BVH, read by itself, and some through uplift_prepare."
    from uplift.data.bvh import read_bvh
    for kind, d in [*corrupt_bytes(b.bvh, rng), *_odd_bvh(b.bvh.decode())]:
        yield Case('bvh', kind, called(read_bvh, file('x.bvh', d)), kind == 'numbers nan')
        if rng.random() < .4: yield Case('bvh', f'{kind}, prepared', _prepared('bvh', {'x_01.bvh': d}))

_OTHER_WORDS = (
    ('Frames: 40', 'Frames: 1000000000'), ('Frames: 40', 'Frames: -4'), ('Frames: 40', 'Frames: abc'),
    ('Frame Time: ', 'Frame Time: -'), ('CHANNELS 3', 'CHANNELS 1000000000'), ('CHANNELS 3', 'CHANNELS -1'),
    ('Zrotation', 'Qrotation'), ('Zrotation', 'rotation'), ('Xposition', 'Wposition'), ('ROOT', ''), ('MOTION', ''),
    ('OFFSET', 'OFFSET nan nan nan OFFSET'), ('OFFSET ', 'OFFSET 1e300 1e300 1e300 OFFSET '),
    ('JOINT left_hip', 'JOINT pelvis'), ('Zrotation', 'Xrotation'))

def _odd_bvh(text):
    "(kind, bytes): words and numbers that do not belong."
    for old, new in _OTHER_WORDS:
        if old in text: yield f'{old.strip()} -> {new.strip()}', text.replace(old, new).encode()
    for brace in '{}': yield f'without a {brace}', text.replace(brace, '', 1).encode()
    head, numbers = re.split(r'(?<=Frame Time: )', text)
    yield 'numbers nan', (head + re.sub(r'-?\d+\.\d+', 'nan', numbers).replace('nan', '.02', 1)).encode()
    for t in ('1e-300', '1e9'): yield f'frame time {t}', re.sub(r'Frame Time: \S+', f'Frame Time: {t}', text).encode()
    joint = 'JOINT b { OFFSET 0 0 0 CHANNELS 0 '
    yield '100,000 joints deep', ('HIERARCHY ROOT a { OFFSET 0 0 0 CHANNELS 3 Zrotation Xrotation Yrotation '
                                  + joint * 100_000 + '} ' * 100_001 + 'MOTION Frames: 1 Frame Time: .1 0 0 0').encode()

def _prepared(kind, files):
    "make(folder) -> uplift_prepare of these files."
    def make(folder):
        for n, d in files.items(): write(folder/'raw'/n, d)
        extra = ('--extra',) if kind == 'mocap' else ()
        return ['uplift_prepare', kind, str(folder/'raw'), '-o', 'm.npz', '--quiet', *extra]
    return make

_OF_ASF = (
    ('length 0.45', 'length 0'), ('length 0.45', 'length nan'), ('length 0.45', 'length 1e-300'), ('angle deg', 'angle rad'),
    ('dof rx ry rz', 'dof rx rx rx'), ('dof rx ry rz', 'dof tx'), ('direction', 'direction nan'), ('axis', 'axis 1'),
    (':hierarchy', ':nothing'), ('  begin\n', ''), ('name lfemur', 'name rfemur'), ('root lowerback', 'root root'),
    ('length 7.2', 'length -7.2'), ('length 7.2', 'length nan'), ('XYZ', 'QQQ'))
_OF_AMC = (
    (':DEGREES', ':RADIANS'), ('\n1\n', '\n²\n'), ('\n1\n', '\n99999999999999999999\n'), ('root ', 'root nan '),
    ('lfemur', 'foo'), ('lfemur ', 'lfemur inf inf inf '), ('\n2\n', '\n3\n'))

def _vicon(b, rng):
    "ASF and AMC through uplift_prepare."
    both = lambda asf, amc: _prepared('mocap', {'77.asf': asf, '77_01.amc': amc})
    asf, amc = b.asf.decode(), b.amc.decode()
    for kind, d in corrupt_bytes(b.asf, rng): yield Case('asf', kind, both(d, b.amc))
    for kind, d in corrupt_bytes(b.amc, rng): yield Case('amc', kind, both(b.asf, d))
    for old, new in _OF_ASF: yield Case('asf', f'{old.strip()} -> {new}', both(asf.replace(old, new), b.amc))
    for old, new in _OF_AMC:
        yield Case('amc', f'{old.strip()} -> {new.strip()}', both(b.asf, amc.replace(old, new).encode()))

def _points(b, rng):
    "Points in space: npz and TRC."
    names = np.array(['pelvis', 'left_hip', 'right_hip', 'left_knee', 'right_knee', 'left_ankle', 'right_ankle', 'neck'])
    points = np.random.default_rng(0).normal(size=(20, len(names), 3)).astype(np.float32)
    whole = dict(points=points, names=names, fps=np.float64(50))
    of = lambda kind, make: Case('points', kind, lambda f: lift(make(f), '--unit', 'm', '--up', 'z'))
    for key in whole:
        for kind, a in odd_arrays(whole[key]): yield of(f'{key}: {kind}', arrays('points.npz', whole, **{key: a}))
    for kind, d in corrupt_bytes(_trc(points, names).encode(), rng): yield of(f'trc {kind}', file('points.trc', d))

def _trc(points, names):
    "A TRC file of OpenSim's kind."
    head = 'PathFileType\t4\t(X/Y/Z)\tpoints.trc\nDataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\t' \
           f'OrigDataStartFrame\tOrigNumFrames\n50\t50\t{len(points)}\t{len(names)}\tm\t50\t1\t{len(points)}\n'
    axes = '\t'.join(f'{a}{k}' for k in range(1, len(names) + 1) for a in 'XYZ')
    rows = '\n'.join('\t'.join(map(str, [t + 1, t / 50, *p.ravel()])) for t, p in enumerate(points))
    return head + 'Frame#\tTime\t' + '\t\t\t'.join(names) + f'\n\t\t{axes}\n\n{rows}\n'

# ------------------------------------------------------------------------------------------------ Fit3D

def fit3d_cases(b, rng):
    "The tree, prepared folders, processed files with pickles."
    for part in (_info, _recordings, _prepared_folders, _processed): yield from part(b, rng)

def _tree(base, name=None, data=None):
    "make(folder) -> a copy of a tree with one file changed."
    def make(folder):
        tree = shutil.copytree(base, folder/'tree')
        if name: write(tree/name, data)
        return tree
    return make

def _prepare(make): return lambda f: ['uplift_paper', 'prepare', str(make(f)), '-o', 'out', '--quiet']

def _info(b, rng):
    "fit3d_info.json, names that are paths included."
    info = json.loads((b.tree/'fit3d_info.json').read_text())
    of = lambda kind, text, must=False: \
        Case('fit3d info', kind, _prepare(_tree(b.tree, 'fit3d_info.json', text)), must)
    for kind, text in json_mutants(info, rng, 16): yield of(kind, text)
    for v in (dict(fps=0), dict(fps=float('nan')), dict(fps=[5]), dict(fps=None), dict(train_subj_names='s03'),
              dict(subj_to_act=[1]), dict(all_camera_names=[1, 2])):
        yield of(str(v), json.dumps({**info, **v}), v in (dict(fps=0),) or v.get('fps') != v.get('fps'))
    def outside(folder, subject, action):
        tree = _tree(b.tree)(folder)
        shutil.copytree(tree/'train/s03', tree/'escape')
        shutil.copy(tree/'train/s03/smplx/squat.json', tree/'train/s03/up.json')
        for c in info['all_camera_names']:
            recorded = tree/f'train/s03/camera_parameters/{c}/squat.json'
            shutil.copy(recorded, tree/'train/s03/camera_parameters/up.json')
        names = dict(info, train_subj_names=[subject], subj_to_act={subject: [action]})
        write(tree/'fit3d_info.json', json.dumps(names))
        return tree
    yield Case('fit3d info', 'subject ../escape', _prepare(lambda f: outside(f, '../escape', 'squat')), True)
    yield Case('fit3d info', 'action ../up', _prepare(lambda f: outside(f, 's03', '../up')), True)

def _recordings(b, rng):
    "A recording's poses, and its camera."
    name, camera = 'train/s03/smplx/squat.json', 'train/s03/camera_parameters/50591643/squat.json'
    of = lambda group, kind, at, text, must=False: Case(group, kind, _prepare(_tree(b.tree, at, text)), must)
    motion = json.loads((b.tree/name).read_text())
    for kind, text in json_mutants(motion, rng, 16): yield of('fit3d smplx', kind, name, text)
    for k in ('transl', 'betas', 'body_pose'):
        a = np.array(motion[k])
        odd = {'text': 'abc', '10^400': 10 ** 400, 'ragged': [[1], [1, 2]], 'NaN': (a * np.nan).tolist(),
               'first row only': motion[k][:1], '1e30': np.full(a.shape, 1e30).tolist(), 'zeros': (a * 0).tolist()}
        for kind, v in odd.items():
            must = kind in ('NaN', '1e30', 'text') or (k, kind) == ('body_pose', 'zeros')
            yield of('fit3d smplx', f'{k} {kind}', name, json.dumps({**motion, k: v}), must)
    lens = json.loads((b.tree/camera).read_text())
    for kind, text in json_mutants(lens, rng, 14): yield of('fit3d camera', kind, camera, text)

def _prepared_folders(b, rng):
    from uplift.paper.fit3d import read_fit3d
    of = lambda kind, name, data, must=False: \
        Case('fit3d prepared', kind, called(read_fit3d, _tree(b.prepared, name, data)), must)
    path, index = 's03/squat.npz', json.loads((b.prepared/'fit3d.json').read_text())
    for kind, d in corrupt_bytes((b.prepared/path).read_bytes(), rng): yield of(kind, path, d)
    for kind, text in json_mutants(index, rng, 14): yield of(f'index {kind}', 'fit3d.json', text)
    whole = dict(np.load(b.prepared/path))
    packed = lambda members: npz(b.folder/'packed.npz', members).read_bytes()
    for k in whole:
        without = packed({n: v for n, v in whole.items() if n != k})
        yield of(f'without {k}', path, without, k not in ('format', 'source'))
        for kind, a in odd_arrays(whole[k]):
            few = '0-d', 'one axis more', 'empty', 'text', 'declared shape 10^13', 'object array that runs code'
            if kind in few: yield of(f'{k}: {kind}', path, packed({**whole, k: a}))

def _processed(b, rng):
    "The six files of the paper's code, pickles inside."
    from uplift.paper.fit3d import read_fit3d
    def of(kind, name, make): 
        def changed(folder):
            at = shutil.copytree(b.processed, folder/'processed')
            make(at/name)
            return read_fit3d, at
        return Case('fit3d processed', kind, changed, True)
    objects = lambda key, v: lambda p: npz(p, {key: np.array(v, object)})
    raw = lambda key, v: lambda p: npz(p, {key: npy_header('|O', (), v)})
    for i, e in enumerate(EVIL): yield of(f'pickle {i}', 'fit3d_betas.npz', raw('betas', e))
    for kind, v in {'a number': 5, 'a list': [1, 2], 'no subjects': {}, 'subject a list': {'s03': [1]},
                    'action None': {'s03': {'squat': None}}, 'text': {'s03': {'squat': ['a', 'b']}},
                    'numbers as names': {3: {4: [np.zeros(3)]}}, 'evil inside': {'s03': {'squat': [Evil()]}}}.items():
        for name, key in (('fit3d_3d_camera.npz', 'positions_3d'), ('fit3d_betas.npz', 'betas'),
                          ('fit3d_cameras_meta.npz', 'cameras')):
            yield of(f'{key} {kind}', name, objects(key, v))
    points = (b.processed/'fit3d_2d_gt.npz').read_bytes()
    for kind, d in list(corrupt_bytes(points, rng))[:8]:
        yield of(f'2d {kind}', 'fit3d_2d_gt.npz', lambda p: write(p, d))
    yield of('2d is a zip bomb of 3 GB', 'fit3d_2d_gt.npz', lambda p: bomb(p, 'positions_2d.npy'))

"Weights, checkpoints, bodies, priors, measures, recipes, results, states to resume, logs."
import json
import shutil
import struct
import zipfile

import numpy as np

from cases import Case, array, arrays, called, file, lift
from damage import CANARY, EVIL, bomb, corrupt_bytes, json_mutants, memo_bomb, npy_bytes, odd_arrays, write

def weights_cases(b, rng):
    "Weights: safetensors of ours, checkpoints of the authors'."
    yield from _safetensors(b, rng)
    yield from _checkpoints(b, rng)

def _with_weights(b, data):
    return lambda folder: lift(b.clip_file, weights=write(folder/'w.safetensors', data))

def _safetensors(b, rng):
    "Damaged bytes, then a configuration that does not fit."
    case = lambda kind, data, must=False: Case('safetensors', kind, _with_weights(b, data), must)
    data, n = b.weights, struct.unpack('<Q', b.weights[:8])[0]
    head = json.loads(data[8:8 + n])
    config = json.loads(head['__metadata__']['config'])
    for kind, d in corrupt_bytes(data, rng): yield case(kind, d)
    def packed(h):
        text = json.dumps(h).encode()
        return struct.pack('<Q', len(text)) + text + data[8 + n:]
    def told(text): return packed({**head, '__metadata__': dict(config=text)})
    for c in _odd_networks():
        yield case(f'config {c}', told(json.dumps({**config, 'network': {**config['network'], **c}})))
    for kind, text in {'null': 'null', 'a number': '5', 'not json': '{', 'deep': '[' * 5000, 'no network': '{}',
                       'network a list': '{"network": [1]}', 'network null': '{"network": null}'}.items():
        yield case(f'config {kind}', told(text), True)
    yield case('no metadata', packed({k: v for k, v in head.items() if k != '__metadata__'}), True)
    yield case('header of 2^60 bytes', struct.pack('<Q', 1 << 60) + data[8:], True)
    yield case('all weights NaN', data[:8 + n] + b'\xff' * (len(data) - 8 - n), True)

def _odd_networks():
    "Settings of networks that are none."
    for width in (-1, 0, 10 ** 6, 'abc', 20000, 1.5): yield dict(width=width)
    for heads in (0, 7): yield dict(heads=heads)
    for depth in (10 ** 6, -1, None): yield dict(depth=depth)
    for kind in ('paper', 'x', None): yield dict(kind=kind)
    yield from (dict(patch=0), dict(context=-1), dict(fps=0), dict(fps=1e9), dict(feedback=50), dict(nonsense=1),
                dict(dropout='x'))

def _checkpoints(b, rng):
    "What torch.save writes, and what claims to be it."
    import torch
    from uplift.core.safe_torch import read_torch
    from uplift.model.weights import load_network
    def both(kind, make, must=True):
        yield Case('pth', f'{kind}, as a network', called(load_network, make), must)
        yield Case('pth', f'{kind}, as data', called(read_torch, make))
    for i, e in enumerate(EVIL):
        yield from both(f'pickle {i}', file('w.pth', e))
        yield from both(f'zip with pickle {i}', _zipped(e))
    yield from both('zip with a password', _zipped(b'\x80\x02}.', locked=True))
    yield from both('byteorder is no text', _zipped(b'\x80\x02}.', [('archive/byteorder', b'\xff\xfe')]))
    yield from both('two data.pkl', _zipped(b'\x80\x02}.', [('b/data.pkl', b'')]))
    yield from both('lzma', _zipped(b'\x80\x02}.', how=zipfile.ZIP_LZMA))
    good = b.authors[1] or (b.trained/'state.pt').read_bytes()
    for kind, d in corrupt_bytes(good, rng): yield from both(kind, file('w.pth', d), False)
    for kind, x in _odd_states(torch).items():
        yield from both(kind, lambda f: (torch.save(x, f/'w.pth'), f/'w.pth')[1])
    yield from both('storage is a zip bomb of 3 GB', _storage_bomb)
    yield from both('list(bytes(2e9))', _zipped(b'\x80\x02c__builtin__\nlist\n(c__builtin__\nbytes\n(J'
                                                + struct.pack('<i', 2_000_000_000) + b'tRtR.'))
    yield from both('memo bomb', _zipped(memo_bomb()))
    yield from both('100,000 nested lists', _zipped(b'\x80\x02' + b']' * 100_000 + b'a' * 99_999 + b'.'))

def _odd_states(torch):
    "Checkpoints that hold something else, or tensors larger than their file."
    t, none = torch.zeros(3), torch.zeros
    empty = {'keypoint_embedding.weight': none(0, 2), 'temporal_pos_encoding.pe': none(0, 0), 'head4.0.weight': none(9, 0),
             'spatial_pos_encoding.pe': none(26, 0), 'spatial_blocks.0.mlp.fc1.weight': none(0, 0)}
    wide = {'keypoint_embedding.weight': torch.zeros(1).as_strided((10 ** 10,), (0,))}
    return {'numbers for names': {1: t, 2: t}, 'empty': {}, 'a tensor': t, 'list': [t], 'nested': {'model': {'a': {'b': t}}},
            'model None': {'model': None}, 'None keys': {None: t}, 'epoch text': {'model': {'a': t}, 'epoch': 'x'},
            '0 sizes': empty, '10^10 numbers with stride 0': wide}

def _zipped(pickled, more=(), locked=False, how=zipfile.ZIP_STORED):
    "make(folder) -> path of a torch file with this pickle."
    def make(folder):
        path = folder/'w.pth'
        with zipfile.ZipFile(path, 'w', how) as z:
            for k, v in [('archive/data.pkl', pickled), *more]: z.writestr(k, v)
        if locked: write(path, _locked(path.read_bytes()))
        return path
    return make

def _locked(data):
    "A zip that says it has a password."
    data = bytearray(data)
    for mark, at in ((b'PK\x03\x04', 6), (b'PK\x01\x02', 8)):
        i = data.find(mark)
        while i >= 0:
            data[i + at] |= 1
            i = data.find(mark, i + 4)
    return bytes(data)

def _storage_bomb(folder):
    import torch
    torch.save({'a': torch.zeros(4)}, folder/'s.pth')
    with zipfile.ZipFile(folder/'s.pth') as z: members = {n: z.read(n) for n in z.namelist()}
    name = next(n for n in members if n.endswith('data/0'))
    return bomb(folder/'w.pth', name, [m for m in members.items() if m[0] != name], b'')

# ------------------------------------------------------------------------------------------------ one person

def small_cases(b, rng):
    "Measures, betas, recipes, bodies, priors, results, states, logs."
    for part in (_measures, _betas, _recipes, _bodies, _priors, _results, _states): yield from part(b, rng)

def _measures(b, rng):
    of = lambda kind, text, must=False: \
        Case('anthros', kind, lambda f: lift(b.clip_file, '--anthros', write(f/'a.json', text)), must)
    for kind, text in json_mutants(b.measures, rng, 20): yield of(kind, text)
    for v in (10 ** 400, True, float('inf'), '175', -1):
        yield of(f'height {str(v)[:9]}', json.dumps({'height length': v}), True)

def _betas(b, rng):
    of = lambda kind, make, must=False: Case('betas', kind, lambda f: lift(b.clip_file, '--betas', make(f)), must)
    for kind, text in json_mutants(dict(betas=[.1] * 10), rng, 10): yield of(kind, file('b.json', text))
    for words in ('1,2,3', 'nan,0', 'inf', '1e9', 'a,b', ',', '1' * 400, 'x.json', 'x.npy', ','.join(['.1'] * 1000)):
        yield of(f'on the line: {words[:12]}', lambda f: words, len(words) != 3999 and words != '1,2,3')
    for kind, d in corrupt_bytes(npy_bytes(np.zeros(10)), rng): yield of(f'npy {kind}', file('b.npy', d))
    for kind, a in odd_arrays(np.zeros(10)):
        must = kind in ('NaN', 'inf', 'object array that runs code', '1e30')
        yield of(f'npy {kind}', array('b.npy', a), must)
        yield of(f'npz {kind}', arrays('b.npz', {'betas': a}), must)

def _recipes(b, rng):
    "The authors' JSON where it is recorded, and ours."
    train = lambda text: lambda f: ['uplift_paper', 'train', str(write(f/'r.json', text)), '--data', str(b.prepared),
                                    '-o', 'out', '--steps', '1', '--batch', '2', '--quiet']
    config = b.authors[0]
    for kind, text in json_mutants(config, rng, 30) if config else ():
        yield Case('recipe', kind, train(text), limit=60)
    ours = dict(network=dict(kind='paper', rotation='matrix'), batch=2, epochs=1, steps_per_epoch=1)
    odd = dict(losses=5, batch='a', network=5, steps_per_epoch=0, splits=5, subsample=[1], quirks='abc', lr='x',
               optimiser=[], pretrained=5, seed=-1, ema='x', best=5, stride=10 ** 9, root=99, name=['x'])
    for k, v in odd.items(): yield Case('recipe', f'ours, {k} = {v}', train(json.dumps({**ours, k: v})), limit=60)
    for v in (dict(keypoints=-1), dict(frames=10 ** 9), dict(spatial_dim=7), dict(temporal_dim=10 ** 6), dict(heads=0),
              dict(strides=[0]), dict(strides='x'), dict(mlp_ratio=-1), dict(rotation='x')):
        text = json.dumps({**ours, 'network': {**ours['network'], **v}})
        yield Case('recipe', f'ours, network {v}', train(text), True, 60)

def _bodies(b, rng):
    of = lambda kind, make, must=False: Case('body', kind, lambda f: lift(b.clip_file, '--body', make(f)), must)
    for kind, d in corrupt_bytes(b.body_file.read_bytes(), rng): yield of(kind, file('B.npz', d))
    skipped = 'complex', 'header is code', 'declared negative shape', 'dates', 'int64 max', '1e300'
    for key in ('v_template', 'shapedirs', 'J_regressor', 'weights', 'posedirs'):
        for kind, a in odd_arrays(b.body[key]):
            if kind in skipped: continue
            bad = kind in ('NaN', 'inf', 'object array that runs code', 'empty') and key != 'posedirs'
            must = bad or (key, kind) == ('v_template', 'zeros')
            yield of(f'{key}: {kind}', arrays('B.npz', b.body, **{key: a}), must)
        yield of(f'without {key}', arrays('B.npz', b.body, **{key: None}), True)
    yield of('an npy named npz', file('B.npz', npy_bytes(np.zeros(3))), True)
    for i, e in enumerate(EVIL[:4]): yield of(f'pkl {i}', file('SMPLX_NEUTRAL.pkl', e), True)

def _priors(b, rng):
    "Settings and weights of a pose prior."
    from uplift.body.prior import PosePrior
    def of(kind, settings=None, weights=None, must=True):
        def make(folder):
            prior = shutil.copytree(b.prior, folder/'V02_05')
            for found, name, data in (('*.yaml', 'V02_05.yaml', settings), ('snapshots/*', 'snapshots/a.ckpt', weights)):
                if data is None: continue
                for old in prior.glob(found): old.unlink()
                write(prior/name, data)
            return PosePrior.load, prior
        return Case('prior', kind, make, must)
    for kind, text in _odd_yaml().items(): yield of(f'yaml {kind}', settings=text)
    for i, e in enumerate(EVIL): yield of(f'ckpt pickle {i}', weights=e)
    snapshot = next((b.prior/'snapshots').glob('*.ckpt')).read_bytes()
    for kind, d in corrupt_bytes(snapshot, rng): yield of(f'ckpt {kind}', weights=d, must=False)

def _odd_yaml():
    line = lambda i: f'{chr(98 + i)}: &{chr(98 + i)} [' + ','.join([f'*{chr(97 + i)}'] * 6) + ']\n'
    network = lambda n, d: f'model_params:\n  num_neurons: {n}\n  latentD: {d}\n'
    return {'tag that runs code': f'!!python/object/apply:os.system ["touch {CANARY}"]', 'deep': '[' * 3000, 'empty': '',
            'bomb': 'a: &a [x,x,x,x,x,x,x,x,x]\n' + ''.join(map(line, range(20))), 'list': '- 1', 'binary': '\x00\x01',
            'neurons 10^6': network(10 ** 6, 32), 'neurons -1': network(-1, 32), 'neurons 0': network(0, 32),
            'latent 10^9': network(512, 10 ** 9), 'neurons text': network('x', 3), 'neurons inf': network('.inf', 3)}

# ------------------------------------------------------------------------------------------------ what runs leave

def _results(b, rng):
    "A result to export or to draw."
    def export(make, ending='bvh'): return lambda f: ['uplift_export', str(make(f)), '-o', f'm.{ending}']
    for kind, d in corrupt_bytes(b.result_file.read_bytes(), rng): yield Case('result', kind, export(file('r.npz', d)))
    few = ('0-d', 'text', 'empty', 'NaN', 'object array that runs code', 'one axis more', 'declared shape 10^13',
           'negative', 'zeros', 'one row')
    for k, v in b.result.items():
        yield Case('result', f'without {k}', export(arrays('r.npz', b.result, **{k: None}), 'glb'))
        for kind, a in odd_arrays(v):
            code = kind == 'object array that runs code'
            if kind not in few or k in ('gender', 'units', 'surface_model_type', 'joint_names') and not code: continue
            must = code or kind in ('NaN', 'zeros', 'negative') and k == 'fps'
            ending = rng.choice(['bvh', 'html', 'mot', 'csv', 'glb', 'npz'])
            yield Case('result', f'{k}: {kind}, {ending}', export(arrays('r.npz', b.result, **{k: a}), ending), must)
    for fps in (0., 1e-9, 1e12, np.nan):
        yield Case('result', f'fps {fps}, drawn', _drawn(b, '--size', '178x100', fps=np.array(fps)), True)
    for size in ([1e9, 1e9], [0, 0], [np.nan, 1], [1e5, 1e5]):
        yield Case('result', f'image_size {size}, drawn', _drawn(b, image_size=np.array(size)), True)

def _drawn(b, *more, **changes):
    result = arrays('r.npz', b.result, **changes)
    return lambda f: ['uplift_render', str(result(f)), '-o', 'm.mp4', '--mode', 'overlay', '--quiet', '--every', '20', *more]

def _states(b, rng):
    "A training to resume, and the logs of one."
    import torch
    from uplift.learn.dashboard import read_runs
    def resume(data):
        def make(folder):
            run = shutil.copytree(b.trained, folder/'run')
            if isinstance(data, bytes): write(run/'state.pt', data)
            else: torch.save(data, run/'state.pt')
            return ['uplift_train', 'tiny', '--data', str(b.folder/'training/m.npz'), '-o', str(run), '--steps', '4',
                    '--batch', '2', '--quiet', '--resume']
        return make
    for kind, d in corrupt_bytes((b.trained/'state.pt').read_bytes(), rng): yield Case('state', kind, resume(d))
    for i, e in enumerate(EVIL): yield Case('state', f'pickle {i}', resume(e), True)
    state = torch.load(b.trained/'state.pt', weights_only=True)
    odd = {f'without {k}': {n: v for n, v in state.items() if n != k} for k in state}
    odd |= {'a list': [1], 'step text': dict(state, step='x'), 'step -5': dict(state, step=-5),
            'ema empty': dict(state, ema={}), 'net None': dict(state, net=None),
            'optimizer empty': dict(state, optimizer={}), 'best text': dict(state, best='x'),
            'NaN': dict(state, net={k: v * float('nan') for k, v in state['net'].items()})}
    for kind, s in odd.items(): yield Case('state', kind, resume(s), kind != 'best text')
    log = next(b.trained.glob('events.out*')).read_bytes()
    for kind, d in corrupt_bytes(log, rng):
        yield Case('logs', kind, lambda f: (read_runs, write(f/'events.out.tfevents.1.x', d).parent))

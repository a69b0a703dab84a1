"Every option of every command, given nonsense."
import json

import numpy as np

from cases import Case, lift
from damage import EVIL, npy_bytes, npy_header, write

_BAD, _FINE = True, False

def options_cases(b, rng):
    "What can be typed."
    for part in (_lift, _places, _render, _export, _pages, _app, _train, _others): yield from part(b)

def _case(argv, must=_BAD, limit=60):
    said = ' '.join(w if len(w) < 30 else f'…{w[-12:]}' for w in map(str, argv))[:90]
    return Case('options', said, lambda f: argv, must, limit)

def _lift(b):
    "uplift_lift."
    for option, bad, fine in (
            ('--fps', '-1 0 nan inf 1e-9 1e-4 .01 1e9 abc', ''), ('--size', '0x0 -5x5 nanxnan abc 1920 1x2x3 0.5x0.5 infx1 1e30x1e30', ''),
            ('--height', '-1 0 nan inf 1e9 180 .01 abc', ''), ('--format', 'nope coco17 ../../x <b>', ''),
            ('--person', '99 -1 x 1.5', ''), ('--threshold', '-1 2 nan x', '1'), ('--focal', '0 -5 nan inf x', '1e-9 1e30'),
            ('--fov', '0 180 -5 400 nan inf', ''), ('--focal-35mm', '0 -1 nan inf', ''),
            ('--smoothing', 'nan -1 0 inf very', '1e9 1e-9'), ('--also', 'exe ../x npz/../../x', ''),
            ('--body', 'nope /dev/null /etc', ''), ('--weights', f'nope /dev/null /etc {b.clip_file}', ''),
            ('--standing', 'nan -5 1e9', ''), ('--noise', 'nan -1', ''), ('--gravity', 'nan,0,0 0,0,0 x', '')):
        for v in bad.split(): yield _case(lift(b.clip_file, option, v))
        for v in fine.split(): yield _case(lift(b.clip_file, option, v), _FINE)
    for option in ('--fps', '--size', '--format', '--smoothing', '--also'): yield _case(lift(b.clip_file, option, ''))
    for words, must in ((['--focal', '900', '--fov', '55'], _BAD), (['--crop', '0,0,5,5'], _BAD), (['--all-people'], _BAD),
                        (['--betas', '0,0', '--anthros', 'x.json'], _BAD), (['--betas', '0', '--height', '1.8'], _BAD),
                        (['--nonsense'], _BAD), (['--render', '--also'], _FINE)):
        yield _case(lift(b.clip_file, *words), must)
    for tape, must in (('-1', _BAD), ('nan', _BAD), ('0', _FINE)):
        tall = json.dumps({'height length': 1.8})
        yield Case('options', f'lift --tape {tape}',
                   lambda f: lift(b.clip_file, '--tape', tape, '--anthros', write(f/'a.json', tall)), must)

def _places(b):
    "Where to write, what to read."
    for out in ('/proc/nope', '/dev/null', 'x' * 300): yield _case([*lift(b.clip_file), '-o', out])
    yield Case('options', 'lift -o is a file', lambda f: [*lift(b.clip_file), '-o', str(write(f/'file', 'x'))], _BAD)
    yield Case('options', 'lift -o below a file', lambda f: [*lift(b.clip_file), '-o', str(write(f/'file', 'x')/'y')], _BAD)
    for path in ('', 'nope', '/', '/dev/zero', '/dev/null', '/etc/passwd', 'x' * 5000, 'nope.mp4', 'http://127.0.0.1:9/x.mp4'):
        yield _case(lift(path))
    for command in ('uplift_lift', 'uplift_render', 'uplift_export'):
        yield Case('options', f'{command}: output is the input', _onto_itself(b, command), _BAD)

def _onto_itself(b, command):
    "make(folder) -> a command that would write over what it reads."
    def make(folder):
        (folder/'out').mkdir()
        if command == 'uplift_lift':
            kept = write(folder/'out/result.npz', b.clip_file.read_bytes())
            return [command, str(kept), '-o', str(folder/'out'), '--quiet', '--weights', 'lifter-s']
        kept = write(folder/'out/result.npz', b.result_file.read_bytes())
        if command == 'uplift_export': return [command, str(kept), '-o', str(kept)]
        film = write(folder/'out/film.mp4', b.videos.get('c.mp4', b'x'))
        return [command, str(kept), '-v', str(film), '-o', str(film), '--quiet']
    return make

def _render(b):
    "uplift_render."
    def of(*words): return ['uplift_render', str(b.result_file), '-o', 'm.mp4', '--every', '39', '--quiet', '--size', '178x100', *words]
    for option, bad in (('--cam', 'nan nan,nan,nan,nan 0,0,0,0 -1,-1,5,5 1,2,3 a,b,c,d inf,inf,0,0'), ('--mode', 'x'),
                        ('--figure', 'x'), ('--backend', 'x'), ('--start', '-1'), ('--every', '0 -3'),
                        ('--size', '0x0 1x1 1000000x1000000'), ('--pitch', 'nan inf'), ('--smoothing', 'nan'),
                        ('--video', f'nope.mp4 {b.clip_file}'), ('--betas', 'nan'), ('--pelvis-pos', 'nope.npy'),
                        ('-o', 'x.avi /proc/x.mp4 no/such/m.mp4')):
        for v in bad.split(): yield _case(of(option, v))
    for words in (['--start', '99999'], ['--betas', '1,2,3']): yield _case(of(*words), _FINE)
    places = {'too few': npy_bytes(np.zeros((3, 3))), 'NaN': npy_bytes(np.full((40, 3), np.nan)), 'pickle': EVIL[0],
              'declared 10^13': npy_header('<f4', (10 ** 13, 3))}
    for kind, data in places.items():
        yield Case('options', f'render --pelvis-pos {kind}', lambda f: of('--pelvis-pos', str(write(f/'p.npy', data))), _BAD)

def _export(b):
    "uplift_export, uplift_onnx, uplift_report."
    of = lambda *words: ['uplift_export', str(b.result_file), *words]
    for out in ('m.xyz', 'm', 'no/such/m.bvh', '/proc/m.bvh', '/dev/null', '/dev/full'): yield _case(of('-o', out))
    for option, bad in (('--pitch', 'nan inf'), ('--roll', 'nan'), ('--origin', 'moon')):
        for v in bad.split(): yield _case(of('-o', 'm.bvh', option, v))
    for argv in (['uplift_export', 'nope'], ['uplift_export', '/etc'], ['uplift_export', str(b.clip_file)],
                 ['uplift_onnx', '-o', 'm.bvh'], ['uplift_onnx', '--weights', 'nope'],
                 ['uplift_onnx', '--weights', str(b.clip_file)], ['uplift_onnx', '-o', 'no/such/m.onnx'],
                 ['uplift_report', 'nope'], ['uplift_report', str(b.clip_file)]):
        yield _case(argv)

def _pages(b):
    "--skin, --with-film, --offline."
    of = lambda *words: ['uplift_export', str(b.result_file), '-o', *words]
    for words in ('m.bvh --skin', 'm.glb --offline', 'm.html --video x.mp4', 'm.html --skin --video nope.mp4', '/proc/m.html --skin',
                  f'm.html --skin --video {b.clip_file}', 'm.html --skin --pitch 3', 'no/such/m.html --offline'):
        yield _case(of(*words.split()))
    for words in ('m.html --skin', 'm.html --offline', 'm.html --skin --camera-axes'): yield _case(of(*words.split()), _FINE)
    yield _case(lift(b.clip_file, '--with-film'))
    for words in (['--skin'], ['--offline', '--mesh']): yield _case(lift(b.clip_file, *words), _FINE)
    evil = '"><img src=x onerror=alert(1)></script><script>alert(1)</script>'
    def named(f): return lift(write(f/(evil.replace('/', '') + '.npz'), b.clip_file.read_bytes()), '--skin')
    yield Case('options', 'lift --skin: a name that is markup', named)
    yield Case('options', 'report --title: markup', lambda f: ['uplift_report', str(b.result_file), '-o', 'r.html', '--title', evil])

def _app(b):
    "uplift_app: nothing is fetched, nothing that stands there is lost."
    none = str(b.folder/'no-networks')
    def beside(**files): return lambda f: [write(f/'site'/n, text) for n, text in files.items()][0].parent
    for kind, make in {'a file': lambda f: write(f/'x', 'x'), 'below a file': lambda f: write(f/'x', 'x')/'y',
                       'other files': beside(**{'thesis.doc': 'x'}), 'where one is': lambda f: '.',
                       "somebody else's site.json": beside(**{'site.json': '{"title": "x"}', 'thesis.doc': 'x'}),
                       'more than a site': beside(**{'site.json': '{"files": []}', 'thesis.doc': 'x'})}.items():
        yield Case('options', f'app build -o {kind}', lambda f: ['uplift_app', 'build', '-o', str(make(f)), '--detector-dir', none], _BAD)
    for words in ('', '-w nope', '-w x.onnx', '--detector nope', '--detector-dir /dev/null', '--detector-dir /proc/x'):
        more = [] if 'dir' in words else ['--detector-dir', none]
        yield _case(['uplift_app', 'build', '-o', 'out', *words.split(), *more])
    for text in ('{', '5', '[]', '{"files": 5}', '{"files": [5]}', '[' * 9999):
        yield Case('options', f'app serve {text[:14]}', lambda f: ['uplift_app', 'serve', '-d', str(beside(**{'site.json': text})(f))], _BAD)
    site = beside(**{'site.json': '{"files": []}'})
    for words in ('--port -1', '--port 99999', '--port x', '--host nope.invalid', '--host 256.0.0.1'):
        yield Case('options', f'app serve {words}', lambda f: ['uplift_app', 'serve', '-d', str(site(f)), *words.split()], _BAD)
    for words in ('', 'open', 'serve -d nope', 'serve -d /dev/null', 'build nope'): yield _case(['uplift_app', *words.split()])

_SETTINGS = ('nope=1 lr=abc lr=nan lr=-1 width=-1 width=0 width=abc heads=7 heads=0 depth=-1 warmup=-1 length=0 length=-3 '
             'length=100000 skeleton=nope batch=0 decay=x ema=2 ema=x bf16=x lr = network=5 augment=5 weight_decay=x patch=0 '
             'width=1000000 steps=-1').split()

def _train(b):
    "uplift_train and uplift_paper train."
    motion, prepared = str(b.folder/'training/m.npz'), str(b.prepared)
    def of(*words):
        for o in ('--steps', '--batch'): words = words if o in words else (*words, o, '2')
        return ['uplift_train', 'tiny', '--data', motion, '-o', 'out', '--quiet', *words]
    for option, bad in (('--steps', '-5 x nan'), ('--batch', '-1'), ('--seed', str(10 ** 30)), ('--body', 'nope')):
        for v in bad.split(): yield _case(of(option, v))
    for words in (['--every', '-1'], ['--seed', '-1'], ['--set', 'warmup=0']): yield _case(of(*words), _FINE)
    yield _case(of('--resume'))
    for setting in _SETTINGS: yield _case(of('--set', setting))
    for data in ('nope', str(b.clip_file), '/etc'): yield _case(['uplift_train', 'tiny', '--data', data])
    yield _case(['uplift_train', 'nope', '--data', motion])
    yield _case(['uplift_train', 'tiny'])
    paper = lambda recipe, *words: ['uplift_paper', 'train', recipe, '--data', prepared, '-o', 'out', '--quiet', *words]
    for words in ('--device cuda', '--device nope', '--keypoints nope', '--pretrained nope', '--steps -1', '--batch -2',
                  f'--pretrained {b.clip_file}'):
        yield _case(paper('N-RM-2', *words.split()))
    yield _case(paper('V-2', '--prior', 'nope'))

def _others(b):
    "uplift_eval, uplift_prepare, uplift_paper, uplift_benchmark, uplift_batch."
    motion, prepared, clip, vicon = (str(p) for p in (b.folder/'training/m.npz', b.prepared, b.clip_file, b.vicon))
    evaluate = ['uplift_eval', 'lifter-s', '--data', motion, '--quiet', '--stride']
    for argv in (
            ['uplift_eval', 'nope', '--data', motion], ['uplift_eval', 'lifter-s'], ['uplift_eval', 'lifter-s', '--data', 'nope'],
            [*evaluate, '9', '--split', 'nope'], [*evaluate, '-1'], [*evaluate, '9', '--detector', 'nope'],
            [*evaluate, '9', '--json', 'no/such/x.json'], [*evaluate, '9', '--json', '/proc/x.json'],
            ['uplift_paper', 'eval', 'N-RM-2', '--data', prepared], ['uplift_paper', 'nope'],
            ['uplift_paper', 'eval', 'N-RM-2', '--data', prepared, '--weights', 'nope.pth'],
            ['uplift_paper', 'eval', 'N-RM-2', '--data', prepared, '--weights', clip],
            ['uplift_paper', 'prepare', 'nope'], ['uplift_paper', 'prepare', str(b.tree), '--subjects', 'nope', '-o', 'out'],
            ['uplift_paper', 'prepare', str(b.tree), '-o', clip, '--quiet'],
            ['uplift_prepare', 'nope', '/x'], ['uplift_prepare', 'mocap', 'nope'],
            *(['uplift_prepare', 'mocap', vicon, '-o', out, '--quiet', '--extra']
              for out in ('x.txt', '/proc/x.npz', f'{clip}/x.npz')),
            ['uplift_benchmark', 'nope'], ['uplift_benchmark', 'accuracy'],
            *(['uplift_benchmark', 'accuracy', '--data', motion, *words.split()] for words in (
                '--workers 0', '--conditions nope', '--split nope', '--method nope -o out --quiet',
                '--method os:nope -o out --quiet', '--observations no/such/x.npz')),
            *(['uplift_benchmark', 'speed', *words.split(), '--quick', '-o', 'out', '--quiet']
              for words in ('--threads 0', '--threads -1', '--reference nope')),
            ['uplift_batch', 'nope', '-o', 'out'], ['uplift_batch', clip, '-o', '/proc/x'],
            ['uplift_batch', clip, '-o', 'out', '--workers', '-1']):
        yield _case(argv)

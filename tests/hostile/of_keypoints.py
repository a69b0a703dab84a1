"Keypoints: npz of ours, JSON of the detectors, films."
import json
import struct

import numpy as np

from cases import Case, arrays, called, file, lift, lifted
from damage import bomb, corrupt_bytes, json_mutants, npy_bytes, odd_arrays, write

SCRIPT = '</script><script>alert(1)</script><img src=x onerror=alert(1)>'
_NAMES = (SCRIPT, '../../../escaped', 'a\nb\x00c', 'x' * 100_000, '\u202e\U0001f600')

def npz_cases(b, rng):
    "Keypoints as npz."
    for kind, data in corrupt_bytes(b.clip_file.read_bytes(), rng):
        yield Case('npz', kind, lifted(file('points.npz', data)))
    for key, kind, a in _odd_keypoints(b.clip):
        must = kind in ('object array that runs code', 'NaN', 'inf', 'empty') and key in ('keypoints', 'fps')
        yield Case('npz', f'{key}: {kind}', lifted(arrays('points.npz', b.clip, **{key: a})), must)
    yield from _numbers_of_clips(b)
    for name in _NAMES:
        named = dict(name=np.array(name), description=np.array(name))
        yield Case('npz', f'name {name[:20]!r}', lifted(arrays('points.npz', b.clip, **named)))
    yield from _odd_zips(b)
    yield from _odd_content(b)

def _odd_keypoints(clip):
    "(key, kind, array) for the arrays of a clip; of texts, a few kinds only."
    of_texts = ('object array that runs code', 'declared shape 10^13', 'text array', '0-d', 'bytes', 'structured')
    for key in ('keypoints', 'confidence', 'fps', 'image_size', 'skeleton', 'name', 'valid'):
        for kind, a in odd_arrays(clip.get(key, np.zeros(3))):
            if key not in ('skeleton', 'name', 'valid') or kind in of_texts: yield key, kind, a

def _numbers_of_clips(b):
    "Frame rates and sizes that no camera has."
    for fps in (0, -1, np.nan, np.inf, 1e-9, 1e-3, .01, 1e9, 1e5, '25', [25, 25]):
        must = not isinstance(fps, str)
        yield Case('npz', f'fps {fps}', lifted(arrays('points.npz', b.clip, fps=np.array(fps))), must)
    for size in ([0, 0], [-1, 5], [np.nan, 1], [np.inf, np.inf], [1e30, 1e30], [640], [640, 480, 3], [1e-3, 1e-3]):
        yield Case('npz', f'image_size {size}', lifted(arrays('points.npz', b.clip, image_size=np.array(size))), True)

def _odd_zips(b):
    "Archives that are not as they should be."
    twice = [*b.clip.items(), ('keypoints', np.zeros((2, 2)))]
    yield Case('npz', 'same key twice', lifted(arrays('points.npz', twice)))
    yield Case('npz', 'member ../../evil.npy', lifted(arrays('points.npz', {**b.clip, '../../evil.npy': np.zeros(3)})))
    yield Case('npz', 'member that is no npy', lifted(arrays('points.npz', {**b.clip, 'readme.txt': b'hello'})))
    yield Case('npz', 'no keypoints', lifted(arrays('points.npz', {'a': np.zeros(3)})), True)
    yield Case('npz', 'no members', lifted(arrays('points.npz', {})), True)
    members = [(f'{k}.npy', npy_bytes(v)) for k, v in b.clip.items()]
    yield Case('npz', 'zip bomb of 3 GB beside the keypoints',
               lambda f: lift(bomb(f/'points.npz', 'bomb.npy', members)))
    yield Case('npz', 'zip bomb for keypoints',
               lambda f: lift(bomb(f/'points.npz', 'keypoints.npy', [m for m in members if m[0] != 'keypoints.npy'])))

def _odd_content(b):
    "Keypoints of nobody."
    kp = b.clip['keypoints']
    T = np.arange(len(kp))[:, None, None]
    odd = dict(one_frame=kp[:1], half_nan=np.where(T % 2, kp, np.nan), jump=kp + 1e5 * (T % 7 == 3), huge=kp * 1e12,
               tiny=kp * 1e-12, same=kp[:1].repeat(len(kp), 0) * 0 + 5, negative=-kp)
    for kind, k in odd.items(): yield Case('npz', f'content {kind}', lifted(arrays('points.npz', b.clip, keypoints=k)))

# ------------------------------------------------------------------------------------------------ JSON

def json_cases(b, rng):
    "COCO, AlphaPose, MMPose, MediaPipe as one JSON, OpenPose as a folder."
    for layout, base in b.layouts.items():
        for kind, text in json_mutants(base, rng, 26):
            yield Case(layout, kind, lifted(file('found.json', text), '--fps', '25', '--size', '640x480'))
    for kind, text in json_mutants(b.openpose[3], rng, 20):
        yield Case('openpose', kind, _folder(b, text, '--format', 'body25'))
    yield from _names_of_frames(b)
    yield from _ids(b)
    yield from _of_mediapipe(b)

def _folder(b, text, *more):
    "A folder of OpenPose whose fourth frame says `text`."
    def make(folder):
        for t, frame in enumerate(b.openpose):
            write(folder/'frames'/f'v_{t:012d}_keypoints.json', text if t == 3 else json.dumps(frame))
        return lift(folder/'frames', '--fps', '25', *more)
    return make

def _names_of_frames(b):
    "Numbers in the names of OpenPose's files."
    def named(names):
        def make(folder):
            for t, n in enumerate(names): write(folder/'frames'/n, json.dumps(b.openpose[t]))
            return lift(folder/'frames', '--fps', '25')
        return make
    odd = dict(huge_numbers=[f'v_{10 ** 30 + t}_keypoints.json' for t in range(4)],
               gap=['v_1.json', 'v_2.json', 'v_3.json', 'v_99999999.json'],
               unicode=[f'é\u202e{t}.json' for t in range(3)], twice=['v_1.json', 'v_01.json', 'v_001.json'])
    for kind, names in odd.items(): yield Case('openpose', f'names {kind}', named(names))
    def nested(folder):
        (folder/'frames/x_1.json').mkdir(parents=True)
        return lift(folder/'frames')
    yield Case('openpose', 'folder named x_1.json in it', nested, True)
    yield Case('openpose', 'empty folder', lift, True)

def _ids(b):
    "Numbers and names of frames and people."
    c = b.layouts['coco'][0]
    jumps = [{**c, 'image_id': i} for k in range(40) for i in (100_000 * k, 100_000 * k + 1)]
    odd = {'10^400 coordinates': [{**c, 'keypoints': [10 ** 400] * 51}], '10^400 score': [{**c, 'score': 10 ** 400}],
           'huge track id': [{**c, 'track_id': 10 ** 300}], '10^400 track id': [{**c, 'track_id': 10 ** 400}],
           'frames 0..1e5 jumps': jumps, 'image ids 10^30': [{**c, 'image_id': 10 ** 30 + t} for t in range(5)],
           'float ids': [{**c, 'image_id': t + .5} for t in range(5)]}
    for kind, x in odd.items():
        yield Case('coco', kind, lifted(file('found.json', json.dumps(x)), '--fps', '25'))

def _of_mediapipe(b):
    "Numbers of one landmark, of the whole film, and lists in lists."
    m = b.layouts['mediapipe']
    size = '--size', '640x480'
    for kind, x in {'x is an object': {}, 'x is 10^400': 10 ** 400}.items():
        found = json.dumps([[{'x': x, 'y': 1}] * 33])
        yield Case('mediapipe', kind, lifted(file('found.json', found), *size))
    odd = dict(fps=10 ** 400), dict(fps=1e-6), dict(fps='abc'), dict(width=1e30, height=1e30), \
        dict(width=float('inf'), height=float('inf'))
    for x in odd: yield Case('mediapipe', str(x)[:30], lifted(file('found.json', json.dumps({**m, **x}))))
    deep = '[{"landmarks":' + '[' * 400 + ']' * 400 + '}]'
    yield Case('mediapipe', 'landmarks 400 deep', lifted(file('found.json', deep), *size))

# ------------------------------------------------------------------------------------------------ films

def read_film(path):
    "All of a film; it has pictures and a rate, or says so."
    from uplift.data.video import video_frames, video_info
    info = video_info(path)
    if not sum(1 for _ in video_frames(path)): raise AssertionError('no frame, and nobody said so')
    if not (np.isfinite(info.fps) and info.fps >= 0): raise AssertionError(f'fps {info.fps}')

def video_cases(b, rng):
    "Films."
    if not b.videos: return
    read = lambda kind, name, data, must=False: Case('video', kind, called(read_film, file(name, data)), must)
    for name in ('a.mp4', 'b.avi', 'c.mp4'):
        for kind, data in corrupt_bytes(b.videos[name], rng): yield read(f'{name}: {kind}', name, data)
        for k in range(8):
            data = bytearray(b.videos[name])
            for _ in range(30): data[rng.randrange(len(data))] = rng.randrange(256)
            yield read(f'{name}: 30 bytes {k}', name, bytes(data))
    for name, data in b.videos.items(): yield read(name, name, data)
    for size in ((65535, 65535), (0, 0), (16, 65000)):
        yield read(f'size {size} in the header', 'v.mp4', _claims(b.videos['a.mp4'], size))
    for kind, text in {'m3u8 that asks for a file': '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n',
                       'concat script': 'ffconcat version 1.0\nfile /etc/passwd\n'}.items():
        yield read(kind, 'v.mp4', text, True)
    for name in ('a.mp4', 'sound.mp4', 'one.mp4', 'tiny.mp4', 'odd.avi'):
        yield Case('video', f'{name}, uplift_lift', lifted(file(name, b.videos[name])), True, 120)
    yield Case('video', 'keypoints named mp4', lifted(file('k.mp4', b.clip_file.read_bytes())), True)

def _claims(mp4, size):
    "A film whose description of the pictures claims another size."
    data, at = bytearray(mp4), mp4.find(b'mp4v')
    data[at + 28:at + 32] = struct.pack('>HH', *size)
    return bytes(data)

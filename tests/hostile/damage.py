"Ways to damage a file: bytes, arrays of an npz, values of a JSON, pickles that run code."
import io
import json
import pickle
import re
import struct
import warnings
import zipfile
from pathlib import Path

import numpy as np

CANARY = Path('/tmp/uplift_hostile_canary')      # a pickle that runs makes this file

# ------------------------------------------------------------------------------------------------ files

def write(path, data):
    "Write bytes or text, folders included; returns the path."
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data) if isinstance(data, bytes) else path.write_text(data, encoding='utf-8')
    return path

def npy_bytes(a):
    "An array as the bytes of an npy file, Python objects included."
    f = io.BytesIO()
    np.lib.format.write_array(f, np.asarray(a), allow_pickle=True)
    return f.getvalue()

def npy_header(descr, shape, data=b''):
    "An npy file that claims a type and a shape, whatever follows."
    text = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape!r}, }}"
    text += ' ' * (-(len(text) + 11) % 64) + '\n'
    return b'\x93NUMPY\x01\x00' + struct.pack('<H', len(text)) + text.encode('latin1') + data

def npz(path, members):
    "An npz of arrays or raw bytes; a list of pairs allows a name twice."
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as z, warnings.catch_warnings():
        warnings.simplefilter('ignore')
        for k, v in members.items() if isinstance(members, dict) else members:
            z.writestr(k if '.' in k[-4:] else k + '.npy', v if isinstance(v, bytes) else npy_bytes(v))
    return path

def bomb(path, name, others=(), head=npy_header('|u1', (3 << 30,))):
    "A zip whose member `name` unpacks to 3 GB, beside the `others`: pairs of name and bytes."
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as z:
        for k, v in others: z.writestr(k, v)
        with z.open(name, 'w', force_zip64=True) as f:
            f.write(head)
            for _ in range(3 << 10): f.write(bytes(1 << 20))
    return path

# ------------------------------------------------------------------------------------------------ bytes

def corrupt_bytes(data, rng):
    "(kind, bytes) of damaged copies of a file."
    yield 'empty', b''
    yield 'one byte', data[:1]
    for part in (.1, .5, .9): yield f'cut at {part:.0%}', data[:int(len(data) * part)]
    yield 'last byte gone', data[:-1]
    yield 'garbage', rng.randbytes(2000)
    yield 'text', b'hello world\n' * 20
    yield 'zeros', bytes(3000)
    yield 'html', b'<!doctype html><html><body>404</body></html>'
    for n in (1, 3, 20, 200): yield f'{n} flips', flipped(data, rng, n, len(data))
    yield '5 flips in the head', flipped(data, rng, 5, min(400, len(data)))
    yield 'twice', data + data
    yield 'pickle', EVIL[0]

def flipped(data, rng, n, within):
    "Bytes with `n` bits turned among the first `within`."
    data = bytearray(data)
    for _ in range(n): data[rng.randrange(within)] ^= 1 << rng.randrange(8)
    return bytes(data)

# ------------------------------------------------------------------------------------------------ pickles

class Evil:
    "A pickle that leaves a mark when it is run."
    def __reduce__(self):
        import os
        return os.system, (f'touch {CANARY}',)

class Evil2:
    "The same through exec."
    def __reduce__(self): return exec, (f"open({str(CANARY)!r}, 'w')",)

EVIL = [
    pickle.dumps(Evil()), pickle.dumps(Evil2(), 4), pickle.dumps({'model': Evil()}, 2),
    f"cos\nsystem\n(S'touch {CANARY}'\ntR.".encode(), f"(S'touch {CANARY}'\nios\nsystem\n.".encode(),
    f"c__builtin__\neval\n(S'__import__(\"os\").system(\"touch {CANARY}\")'\ntR.".encode(),
    f"cfunctools\npartial\n(cos\nsystem\nS'touch {CANARY}'\ntR(tR.".encode(),
    b"cbuiltins\ngetattr\n(cnumpy\ndtype\nS'__class__'\ntR.",
    f"ctorch.serialization\nload\n(S'{CANARY}'\ntR.".encode(), b"cnumpy\nload\n(S'/x'\ntR.",
    b"cjoblib.numpy_pickle\nload\n(S'/x'\ntR.", f"csubprocess\nPopen\n((S'touch'\nS'{CANARY}'\nltR.".encode()]

def memo_bomb():
    "Two hundred lists, each ten times the one before."
    lists = (b'(' + (b'h%c' % (i - 1) * 10 if i else b'K\x01') + b'lq%c' % i for i in range(200))
    return b'\x80\x02(' + b''.join(lists) + b'.'

# ------------------------------------------------------------------------------------------------ arrays

def odd_arrays(a):
    "(kind, array or bytes) to put in the place of the array `a`."
    a = np.asarray(a)
    yield 'object array that runs code', np.array([Evil(), 1], object)
    yield 'object array of numbers', np.array([1, 2, None], object)
    yield 'declared shape 10^13', npy_header('<f4', (10 ** 13,))
    yield 'declared shape 4e9 x 27 x 2', npy_header('<f4', (4 * 10 ** 9, 27, 2))
    yield 'declared negative shape', npy_header('<f4', (-5, 33, 2))
    yield 'header is code', b'\x93NUMPY\x01\x00' + struct.pack('<H', 64) + b"__import__('os')".ljust(63) + b'\n'
    yield 'header is long', b'\x93NUMPY\x02\x00' + struct.pack('<I', 200_000) + b'(' * 200_000
    yield 'text', np.array('abc')
    yield 'text array', np.full(a.shape[:1] or 3, 'x')
    yield 'complex', a.astype(np.complex64) if a.dtype.kind in 'fi' else np.array(1j)
    yield 'structured', np.zeros(4, [('a', 'f4'), ('b', 'i2')])
    yield 'dates', np.zeros(4, 'datetime64[s]')
    yield 'bytes', np.array(b'\xff\x00')
    yield 'empty', np.zeros((0,) + a.shape[1:], np.float32)
    yield '0-d', np.float64(3)
    yield 'one axis more', a[None] if a.dtype.kind in 'fi' else np.zeros((2, 2, 2))
    yield 'one row', a[:1] if a.ndim else np.zeros(1)
    if a.dtype.kind in 'fi': yield from odd_numbers(a)

def odd_numbers(a):
    "The same of the same shape."
    for kind, x in dict(NaN=np.nan, inf=np.inf).items(): yield kind, np.full(a.shape, x, np.float32)
    yield '1e30', np.full(a.shape, 1e30, np.float32)
    yield '1e300', np.full(a.shape, 1e300)
    yield 'negative', np.full(a.shape, -5.)
    yield 'zeros', np.zeros(a.shape, np.float32)
    yield 'int64 max', np.full(a.shape, 2 ** 63 - 1)

# ------------------------------------------------------------------------------------------------ JSON

NASTY = [None, {}, [], '', 'abc', -1, 0, float('nan'), float('inf'), -float('inf'), 10 ** 400, 1e300, -1e300, True,
         [[]], [None], ['a', {}], {'x': {}}, 'x' * 10000, '\x00\ud83d\ude00\u202e</script>', 3.7, 2 ** 63,
         '<img src=x onerror=alert(1)>', '../../../etc/passwd', [1, [2, [3]]]]

def json_mutants(base, rng, n):
    "(kind, text or bytes) of damaged JSON: its bytes, then `n` values changed or gone."
    text = json.dumps(base)
    yield from broken_json(text)
    paths = [p for p in json_paths(json.loads(text)) if p]
    shallow = [p for p in paths if len(p) <= 3]
    for k in range(n):
        value, path = rng.choice(NASTY), rng.choice(shallow if k % 2 else paths)
        said = '/'.join(map(str, path))
        if k % 6 == 5: yield f'{said} gone', changed(text, path)
        else: yield f'{said} = {str(value)[:24]!r}', changed(text, path, value)

def broken_json(text):
    "(kind, text or bytes): what is no JSON, or no object of the kind."
    yield 'empty', ''
    yield 'cut short', text[:len(text) // 2]
    yield 'deep list', '[' * 100_000
    yield 'deep closed list', '[' * 900 + ']' * 900
    yield 'deep object', '{"a":' * 50_000
    for kind, t in dict(number='5', text='"hello"', null='null').items(): yield kind, t
    yield 'empty object', '{}'
    yield 'empty list', '[]'
    yield 'list of lists', '[[],[[]]]'
    yield 'huge integer', re.sub(r'\d+\.\d+', '1' * 5000, text, count=1)
    yield 'utf-16', text.encode('utf-16')
    yield 'BOM', b'\xef\xbb\xbf' + text.encode()
    yield 'bad utf-8', text.encode()[:50] + b'\xff\xfe\xfa' + text.encode()[50:]
    yield 'NUL bytes', text.encode()[:60] + b'\0\0\0' + text.encode()[60:]
    yield 'all keys twice', re.sub(r'("\w+"): ', r'\1: null, \1: ', text, count=30)

def json_paths(x, path=()):
    "Paths of all values, of a list's only the first six."
    yield path
    inside = x.items() if isinstance(x, dict) else list(enumerate(x))[:6] if isinstance(x, list) else ()
    for k, v in inside: yield from json_paths(v, path + (k,))

def changed(text, path, *value):
    "JSON with the value at a path changed, or gone."
    x = at = json.loads(text)
    for key in path[:-1]: at = at[key]
    if value: at[path[-1]] = value[0]
    else: del at[path[-1]]
    return json.dumps(x)

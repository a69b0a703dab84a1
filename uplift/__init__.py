"2D keypoints in, 3D human pose with joint rotations out: `from uplift import Lifter, read_keypoints`."
__version__ = "0.1.0"

_WHERE = dict(Body='body.body', Clip='core.clips', Lens='lift.seen', Lifter='lift.lifting',
              LiftResult='lift.result', read_keypoints='data.keypoints')
__all__ = [*_WHERE]

def __getattr__(name):
    "The names above are imported when they are asked for (PEP 562): `import uplift` does not load torch."
    if name not in _WHERE: raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    from importlib import import_module
    return getattr(import_module(f'{__name__}.{_WHERE[name]}'), name)

def __dir__(): return sorted([*globals(), *_WHERE])

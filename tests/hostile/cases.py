"What a case is, and how its files come to be."
from typing import Callable, NamedTuple

from damage import npy_bytes, npz, write

class Case(NamedTuple):
    "One hostile input: `make(folder)` writes it and returns a command line, or a function and its argument."
    group: str
    kind: str
    make: Callable
    must: bool = False      # it has to be refused
    limit: float = 25       # seconds

def lift(path, *more, weights='lifter-s'):
    "Lift something into `out`."
    return ['uplift_lift', str(path), '-o', 'out', '--weights', str(weights), '--quiet', *map(str, more)]

def file(name, data):
    "make(folder) -> path of a file with this content."
    return lambda folder: write(folder/name, data)

def arrays(name, members, /, **changes):
    "make(folder) -> path of an npz of `members` with changes; None takes an array out."
    whole = {**members, **changes} if isinstance(members, dict) else members
    if isinstance(whole, dict): whole = {k: v for k, v in whole.items() if v is not None}
    return lambda folder: npz(folder/name, whole)

def lifted(make, *more, **options):
    "The same, lifted."
    return lambda folder: lift(make(folder), *more, **options)

def called(function, make):
    "The same, read by the library."
    return lambda folder: (function, make(folder))

def array(name, a):
    "make(folder) -> path of an npy of an array, or of raw bytes."
    return lambda folder: write(folder/name, a if isinstance(a, bytes) else npy_bytes(a))

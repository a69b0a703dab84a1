"The library that lifters are trained on: every source brought to one zero, and what is in it."
import argparse
import gzip
import json
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np

from uplift.body.body import Body
from uplift.core.files import shared_dir
from uplift.data.accad import prepare_accad
from uplift.data.census import (zero_offsets, coverage, inventory, offset_spread,
                                source_deviations)
from uplift.data.library import read_manifest
from uplift.data.motion import BODY_JOINTS, read_mocap, write_motion
from uplift.data.one_zero import SOURCES, measure_reference, one_zero, read_reference, write_reference
from uplift.data.repair import convert_take
from uplift.data.vicon import read_amc, read_asf

MORE = {'13_29': '14', '13_30': '14', '13_31': '14', '86_01': '86', '86_09': '86'}  # trial: person
DANCERS = dict(indian='94', salsa=('60', '61'))   # of the retargeted files, by CMU's index


def person(name: str, fact: dict) -> str:
    "Who moves in a clip of mocap_more: the skeleton tells, of dances the index."
    if not name.startswith('daz_'): return fact['offsets_key'].removeprefix('offsets_')
    who = DANCERS[name.split('_')[1]]
    return who if isinstance(who, str) else who[int(name.split('_')[2]) > 15]


def cmu_more(folder: Path, bones) -> list:
    "The AMC files of CMU 13 and 86; 13 is the person of 14, whose bones `bones` are."
    asf, clips = read_asf(folder/'aca_cmu86/86.asf'), []
    with tempfile.TemporaryDirectory() as tmp:
        for name, who in MORE.items():
            amc = Path(tmp)/f'{name}.amc'
            amc.write_bytes(gzip.decompress(next(folder.rglob(f'{name}.amc.gz')).read_bytes()))
            clip, _ = convert_take(read_amc(amc, asf))   # all CMU skeletons share their axes
            own = bones if who == '14' else clip.offsets
            clips.append(replace(clip, subject=who, source='CMU', offsets=own))
    return clips


def accad(folder: Path) -> list:
    "ACCAD's BVH channels as files again, and these as clips."
    facts = json.loads(gzip.decompress((folder/'accad_bvh60.json.gz').read_bytes()))
    with tempfile.TemporaryDirectory() as tmp, np.load(folder/'accad_bvh60.npz') as z:
        for name, c in facts['clips'].items():
            rows = '\n'.join(' '.join(f'{x:.4f}' for x in row) for row in z[name])
            head = f"MOTION\nFrames: {len(z[name])}\nFrame Time: {1/c['fps']:.7f}\n"
            tree = facts['hierarchies'][str(c['hier'])].rstrip()
            Path(tmp, f'{name}.bvh').write_text(f'{tree}\n{head}{rows}\n')
        prepare_accad(tmp, Path(tmp)/'accad.npz')
        clips = read_mocap(Path(tmp)/'accad.npz')
    return trusted_in(folder/'accad_smplx_draft.npz', clips)


def trusted_in(draft: Path, clips) -> list:
    "Frames that the first conversion didn't trust, either, are left out."
    with np.load(draft) as z:
        ok = {c.name: z[f'v_{c.name}'] for c in clips if f'v_{c.name}' in z}
    def at(v, n): return v[np.round(np.linspace(0, len(v) - 1, n)).astype(int)]
    return [replace(c, valid=c.valid & at(ok[c.name], len(c))) if c.name in ok else c for c in clips]


def listed(clip):
    "A solved clip under the names of the list of clips, which knows who is kept for tests."
    name, who = (x.removeprefix('UI-PRMD_').removeprefix('prmd_') for x in (clip.name, clip.subject))
    return replace(clip, name=f'prmd_{name}', subject=f'prmd_{who}', offsets=None)


def recorded(data: Path, solved) -> dict:
    "name of the source in SOURCES -> its clips as they were recorded."
    groups = defaultdict(list)
    for c in read_mocap(data/'mocap_smplx.npz'):
        groups['HDM05' if c.name.startswith('HDM') else 'CMU'].append(c)
    for stem, source in (('mocap_more', 'CMU BVH'), ('mocap_more_daz', 'CMU DAZ')):
        facts = {f['name']: f for f in json.loads((data/f'{stem}_clips.json').read_text())}
        groups[source] = [replace(c, subject=person(c.name, facts[c.name]))
                          for c in read_mocap(data/f'{stem}.npz')]
    bones = next(c.offsets for c in groups['CMU'] if c.subject == '14')
    groups['CMU'] += cmu_more(data/'cmu_more', bones)
    for c in accad(data/'accad'): groups[f'ACCAD {c.subject}'].append(c)
    if solved: groups['UI-PRMD'] = [listed(c) for c in read_mocap(solved)]
    manifest = read_manifest()
    split = {e['subject']: e['split'] for e in manifest}
    names = {e['name'] for e in manifest}
    strange = [c.name for c in groups['UI-PRMD'] if c.name not in names]
    if strange: raise SystemExit(f'{solved}: {strange[0]} is not in the list of clips, so nobody knows whether it is for tests')
    return {g: [replace(c, split=split.get(c.subject, 'train'), fps=50) for c in cs]
            for g, cs in groups.items()}


def offsets(groups: dict, body) -> list:
    "(source, constant offsets) of every person, whatever is masked."
    people = []
    for source, clips in groups.items():
        by_name = defaultdict(list)
        for c in clips: by_name[c.subject].append(replace(c, joint_valid=None))
        people += [(source, zero_offsets(cs, body)) for cs in by_name.values()]
    return people


def tell(before: dict, after: dict, body):
    "The tables."
    every = [c for cs in after.values() for c in cs]
    print(f"{'source':9}{'split':7}{'people':>7}{'clips':>7}{'minutes':>9}{'valid':>7}")
    for r in inventory(every):
        print('{source:9}{split:7}{people:7}{clips:7}{minutes:9.1f}{valid:7.2f}'.format(**r))
    first = [c for c in every if not c.name.startswith(('prmd', '86_', '13_')) and c.source != 'ACCAD']
    print(f"\n{'share of frames':20}{'before':>9}{'after':>9}")
    for (k, a), b in zip(coverage(first, body).items(), coverage(every, body).values()):
        print(f'{k:20}{a:9.2%}{b:9.2%}')
    tell_offsets(*(offsets(g, body) for g in (before, after)))


def tell_offsets(*people):
    "Before and after: the spread of each joint, and how far each source is from the mean."
    print(f"\n{'constant offsets, deg':22}{'between sources':>17}{'within a source':>21}")
    was, now = map(offset_spread, people)
    for j in was:
        print(f'{j:22}{was[j][0]:8.1f} ->{now[j][0]:5.1f}{was[j][1]:13.1f} ->{now[j][1]:5.1f}')
    joints = [j for j in was if 'foot' not in j]
    means = [np.nanmean([t[j][i] for j in joints]) for i in (0, 1) for t in (was, now)]
    print('mean but toes         {:8.1f} ->{:5.1f}{:13.1f} ->{:5.1f}'.format(*means))
    was, now = map(source_deviations, people)
    print(f"\n{'from the mean, deg':15}" + ''.join(f'{s:>15}' for s in was))
    for j, name in enumerate(BODY_JOINTS):
        print(f'{name:15}' + ''.join(f'{was[s][j]:8.1f} ->{now[s][j]:4.1f}' for s in was))


def main():
    say = argparse.ArgumentParser(description=__doc__)
    say.add_argument('out', help='motion file to write, npz')
    say.add_argument('--solved', help='UI-PRMD as uplift_prepare markers solves it')
    say.add_argument('--reference', action='store_true',
                     help='measure the reference anew on the training people of UI-PRMD')
    args = say.parse_args()
    shared, body = shared_dir(), Body.load()
    if shared is None: say.error('the recordings lie in a folder shared, which is not there')
    before = recorded(shared/'data', args.solved)
    path = Path('uplift/assets/one_zero.json')
    if args.reference:
        train = [c for c in before['UI-PRMD'] if c.split == 'train']
        write_reference(measure_reference(train, body), path)
    reference = read_reference(path)
    after = {g: one_zero(cs, body, SOURCES[g], reference, posture=g != 'UI-PRMD')
             for g, cs in before.items()}
    write_motion(args.out, [c for cs in after.values() for c in cs])
    tell(before, after, body)


if __name__ == '__main__': main()

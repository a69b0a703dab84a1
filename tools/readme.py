"""README.md from nbs/index.ipynb, and in index and results.ipynb what is said of results/: tables, and the sentences
on the front page, which fail where results no longer say so. `python tools/readme.py` writes, `--check` fails on a difference."""
import json
import re
import sys
from notebooks import NBS, ROOT, code, directives, notebooks, page_name, read, source
from uplift.bench.results import compare_methods, read_results

HEAD = '<!-- Made from nbs/index.ipynb by tools/readme.py: edit the notebook. -->\n\n'
BEGIN, END = '<!-- {}: made by tools/readme.py -->', '<!-- end of {} -->'
ROWS = {
    'mean pose': 'mean pose of the training people',
    'nearest neighbour': 'nearest neighbour among 60,000 training views',
    'paper-joints-discarded': "the paper's network as published (attention discarded), on SMPL-X joints",
    'paper-joints': "the paper's network mended (attention used), on SMPL-X joints",
    'paper-discarded': "the paper's network, attention discarded, on detected points",
    'paper': "the paper's network mended, on detected points",
    'paper + IK': 'its positions + inverse kinematics',
    'lifter + IK': 'positions of **uplift default** + inverse kinematics',
    'lifter-s': '**uplift small**',
    'lifter': '**uplift default**',
    'lifter (coco17)': 'uplift default, COCO-17 points only',
    'lifter (25fps)': 'uplift default, 25 frames per second',
    'lifter (120fps)': 'uplift default, 120 frames per second',
    'lifter (nofocal)': 'uplift default, focal length unknown'}
COLUMNS = dict(mpjpe='MPJPE mm', pa_mpjpe='PA-MPJPE mm', mpjae='MPJAE °', local='local °',
               root='global orientation °', twist='twist °', angles='joint angles °')
RIVALS = 'paper-joints-discarded', 'paper-joints', 'paper', 'paper + IK', 'lifter + IK'

# The table

def all_results():
    "Both runs of the benchmark, which must be of the same motion and weights."
    first, more = (read_results(ROOT/'results'/f'{n}.json') for n in ('benchmark', 'generalisation'))
    same = lambda key: first['scores']['lifter'][key] == more['scores']['lifter'][key]
    if first['data'] != more['data'] or not same('detector'):
        sys.exit('results/generalisation.json and results/benchmark.json are of different motion or weights: run both again')
    first['scores'] |= more['scores']
    return first

def number(x, interval):
    "A mean, with its interval over clips where it is wanted."
    if x['mean'] is None: return '-'
    return f'{x["mean"]:.1f}' + (f' ({x["low"]:.0f}–{x["high"]:.0f})' if interval else '')

def table(scores):
    yield '| method | ' + ' | '.join(COLUMNS.values()) + ' |'
    yield '|---|' + '---:|' * len(COLUMNS)
    for name in [n for n in ROWS if n in scores] + [n for n in scores if n not in ROWS]:
        columns = scores[name]['detector']['columns']
        cells = [number(columns[c], c in ('mpjpe', 'mpjae')) for c in COLUMNS]
        yield f'| {ROWS.get(name, name)} | ' + ' | '.join(cells) + ' |'

def sentences(results):
    "What the default gains, with intervals over clips."
    yield from ('The default lifter, with 95 % intervals over clips:', '')
    percent = lambda x: f'{100 * x:+.0f}'
    say = lambda d: f'{percent(d["change"])} % ({percent(d["low"])} to {percent(d["high"])})'.replace('-', '−')
    for name in (n for n in RIVALS if n in results['scores']):
        gains = [say(compare_methods(results, 'lifter', name, *c)) for c in ((), ('mpjae',))]
        yield f'- against {ROWS[name].replace("**", "")}: MPJPE {gains[0]}, MPJAE {gains[1]}'

OWN_BONES = dict(mpjpe='MPJPE mm', mpjae='MPJAE °', angles='joint angles °', angles_offset_free='without offsets °',
                 knee_slope='slope of the knee', hip_slope='of the hip', elbow_slope='of the elbow')
FILMS = dict(mpjpe='MPJPE mm', pa_mpjpe='PA-MPJPE mm', knee='knee °', hip='hip °', elbow='elbow °', shoulder='shoulder °',
             knee_slope='slope of the knee', rel9='nine rotations °', rel9_best='best axes °')
LIFTED = {'lifter': '**uplift default**', 'lifter-s': '**uplift small**', 'mono': 'OpenCap Monocular', 'wham': 'WHAM + OpenSim'}

def shown(column, value): return '-' if value is None else f'{value:.2f}' if 'slope' in column else f'{value:.1f}'

def own_bones_table():
    "The second benchmark: means over people."
    scores = read_results(ROOT/'results'/'benchmark-2.json')['scores']
    yield '| method | ' + ' | '.join(OWN_BONES.values()) + ' |'
    yield '|---|' + '---:|' * len(OWN_BONES)
    for name in [n for n in ROWS if n in scores]:
        columns = scores[name]['detector']['columns']
        mean = {c: shown(c, columns[c]['mean']) for c in OWN_BONES}
        between = lambda c: f' ({columns[c]["low"]:.0f}–{columns[c]["high"]:.0f})' if c in ('mpjpe', 'mpjae') else ''
        yield f'| {ROWS[name]} | ' + ' | '.join(mean[c] + between(c) for c in OWN_BONES) + ' |'

MODELS = {'N-RM-2': ('rotation matrices', 'true rotations', 'a head'), 'S-AA-3': ('axis-angle', 'true rotations', 'the body'),
          'V-2': ('axis-angle by a pose prior', 'true rotations', 'the body'), 'PS-AA-3': ('axis-angle', 'rotations fitted to the joints', 'the body'),
          'UU': ('positions + inverse kinematics', 'joints alone', 'a head')}
MANNERS = {'-published': 'as published', '': 'mended'}

def models_table():
    "The paper's models on open motion, trained alike."
    scores = read_results(ROOT/'results'/'paper-models.json')['scores']
    columns = {c: OWN_BONES[c] for c in ('mpjpe', 'mpjae', 'angles', 'angles_offset_free', 'knee_slope')} | dict(pa_mpjpe='PA-MPJPE mm', root='global orientation °', local='local °')
    yield '| model | rotations | learned from | central joints | manner | ' + ' | '.join(columns.values()) + ' |'
    yield '|---|---|---|---|---|' + '---:|' * len(columns)
    for model, about in MODELS.items():
        for ending, manner in MANNERS.items():
            name = f'{model}{ending}' + ' + IK' * (model == 'UU')
            if name not in scores: continue
            cells = [shown(c, scores[name]['detector']['columns'][c]['mean']) for c in columns]
            yield f'| {model} | ' + ' | '.join((*about, manner, *cells)) + ' |'
    for name in ('mean pose', 'paper-joints', 'lifter'):
        cells = [shown(c, scores[name]['detector']['columns'][c]['mean']) for c in columns]
        yield f'| {ROWS[name]} | | | | | ' + ' | '.join(cells) + ' |'

def films_table():
    "Films beside markers: means over the films."
    scores = json.loads((ROOT/'results'/'footage.json').read_text(encoding='utf-8'))['scores']
    yield '| method | ' + ' | '.join(FILMS.values()) + ' |'
    yield '|---|' + '---:|' * len(FILMS)
    for name in [n for n in LIFTED if n in scores]:
        films = scores[name].values()
        means = [shown(c, sum(f[c] for f in films) / len(films)) for c in FILMS]
        yield f'| {LIFTED[name]} | ' + ' | '.join(means) + ' |'

WORLD = {'gravity, median, deg': ('gravity °, median', 1), 'gravity, 90 %, deg': ('90 % within °', 1), 'skate, m/s': ('standing feet slide, cm/s', 100),
         'feet from floor, mm': ('they are from the floor, mm', 1), 'tilt, deg': ('tilt of the pelvis °, standing', 1), 'MPJPE, mm': ('MPJPE mm', 1)}
HELD = {'camera axes': 'camera taken for level', 'world': '**gravity, floor and feet found**'}

def world_table():
    "People before cameras that nobody levelled."
    scores = json.loads((ROOT/'results'/'world.json').read_text(encoding='utf-8'))
    yield '| | ' + ' | '.join(head for head, _ in WORLD.values()) + ' |'
    yield '|---|' + '---:|' * len(WORLD)
    for how, words in HELD.items():
        row = scores[f'wide, {how}']
        cells = ['-' if row[k] is None or row[k] != row[k] else f'{unit * row[k]:.1f}' for k, (_, unit) in WORLD.items()]
        yield f'| {words} | ' + ' | '.join(cells) + ' |'
    walks, films = scores['walks'], scores['films']
    yield from ('', f'{walks["walks"]} walks of three metres and more are {walks["length off, median, %"]:.1f} % too long or too short in the median, '
                'with the height and the lens known; seen from 25 degrees above, the pelvis of people who stand is tilted by '
                f'{scores["25 degrees above, world"]["tilt, deg"]:.1f}° too much or too little, {scores["25 degrees above, camera axes"]["tilt, deg"]:.0f}° without gravity. '
                'In the two films gravity is ' + ' and '.join(f'{x:.1f}°' for x in films.values()) + ' off.')

def first_table():
    results = all_results()
    yield from [*table(results['scores']), '', *sentences(results)]

# The front page: four rows, and where they are better and where not

FOUR = {('paper-models', 'UU + IK'): "the paper's positions + inverse kinematics",
        ('paper-models', 'N-RM-2'): "the paper's rotations, N-RM-2 mended",
        ('benchmark-2', 'lifter + IK'): "uplift's positions + inverse kinematics",
        ('benchmark-2', 'lifter'): '**uplift**: rotations in one pass'}
FRONT = {c: re.sub(r' (mm|°)$', '\u00a0\\1', OWN_BONES[c]) for c in ('mpjpe', 'mpjae', 'angles', 'angles_offset_free')}

def holds(*claims):
    "Stop where results say something else than the front page."
    if not all(claims): sys.exit('results/ no longer say what the front page does: change the sentence in tools/readme.py')

def front_scores():
    "Of each of the four the scores at the second benchmark."
    scores = {file: read_results(ROOT/'results'/f'{file}.json')['scores'] for file, _ in FOUR}
    return {method: scores[file][method]['detector'] for file, method in FOUR}

def front_means():
    "Means over people, by method and column."
    return {m: {c: s['columns'][c]['mean'] for c in FRONT} for m, s in front_scores().items()}

def film_means(columns):
    "Means over the films, by method and column."
    scores = json.loads((ROOT/'results'/'footage.json').read_text(encoding='utf-8'))['scores']
    return {m: {c: sum(f[c] for f in films.values()) / len(films) for c in columns} for m, films in scores.items()}

def promise():
    "What a joint is off, under the first picture."
    off = front_means()['lifter']
    yield (f'One camera, no markers: a network reads 2D keypoints and says in one pass how every joint is turned. It is off by some '
           f'{off["mpjpe"]:.0f} mm and {off["mpjae"]:.0f}° a joint on people it has never seen; [what that is worth](#how-good-is-it).')

def four_rows():
    "Where rotations in one pass are better than inverse kinematics, and where not."
    own, films, test = front_means(), film_means(('mpjpe', 'rel9', 'elbow')), front_scores()['lifter']
    one, ik, ours, gpu = own['lifter'], own['lifter + IK'], films['lifter'], films['mono']
    yield from (f'{len(test["clips"])} clips of {len(test["people"])} people nobody trained on, by cameras nobody trained on, through a simulated '
                'detector with noise and drop-outs. Lower is better.', '')
    yield '| method | ' + ' | '.join(FRONT.values()) + ' |'
    yield '|---|' + '---:|' * len(FRONT)
    for (_, name), words in FOUR.items(): yield f'| {words} | ' + ' | '.join(shown(c, own[name][c]) for c in FRONT) + ' |'
    holds(one['mpjae'] < .8 * ik['mpjae'], one['angles'] < .8 * ik['angles'], abs(one['mpjpe'] - ik['mpjpe']) < 2,
          .8 * ik['angles_offset_free'] < one['angles_offset_free'] < ik['angles_offset_free'], one['mpjae'] < own['N-RM-2']['mpjae'])
    yield from ('', f'**Better**: rotations, {one["mpjae"]:.1f}° instead of {ik["mpjae"]:.1f}° by inverse kinematics on the same '
                f'positions, and joint angles. **Not better**: the positions themselves; and where a constant offset does not matter '
                f'(before against after, left against right), inverse kinematics comes close: {ik["angles_offset_free"]:.1f}° '
                f"against {one['angles_offset_free']:.1f}°. The paper's two learned from the same people, but briefly.")
    holds(gpu['mpjpe'] < ours['mpjpe'], gpu['rel9'] < ours['rel9'], ours['elbow'] < gpu['elbow'])
    yield from ('', f'**Worse**: on two phone videos beside markers, than OpenCap Monocular, a cloud service on GPUs: '
                f'{ours["mpjpe"]:.0f} against {gpu["mpjpe"]:.0f} mm, {ours["rel9"]:.1f}° against {gpu["rel9"]:.1f}° between segments '
                f'(elbows are better here: {ours["elbow"]:.1f}° against {gpu["elbow"]:.1f}°).')

# Each in its place

BLOCKS = {'index.ipynb': {'promise': promise, 'four rows': four_rows},
          'results.ipynb': {'own bones': own_bones_table, 'films': films_table, 'world': world_table,
                            "the paper's models": models_table, 'results': first_table}}

def with_blocks(name):
    "A notebook with each block in its place."
    nb = read(NBS/name)
    for block, lines in BLOCKS[name].items():
        begin, end = BEGIN.format(block), END.format(block)
        cell = next((c for c in nb['cells'] if begin in source(c)), None)
        if cell is None: sys.exit(f'nbs/{name} has no cell with {begin}')
        head, rest = source(cell).split(begin)
        cell['source'] = '\n'.join([head + begin, *lines(), end + rest.split(end)[1]]).splitlines(keepends=True)
    return nb

# The README

def local(url):
    "A link of the index, seen from the project's root; a page of the docs becomes the notebook it is made from."
    if re.match(r'[a-z]+:|#|/', url): return url
    pages = {str(p.relative_to(NBS).parent/page_name(p)) + '.html': str(p.relative_to(NBS)) for p in notebooks()}
    page, *anchor = url.split('#')
    return re.sub(r'^nbs/\.\./', '', 'nbs/' + '#'.join([pages.get(page, page), *anchor]))

def relink(text):
    "Markdown with the targets of links and pictures made relative to the project's root."
    text = re.sub(r'(\]\()([^)\s]+)', lambda m: m[1] + local(m[2]), text)
    return re.sub(r'(<(?:img|source|a)\b[^>]*\b(?:src|srcset|href)=")([^"]+)', lambda m: m[1] + local(m[2]), text)

def parts(nb):
    "Markdown as it is, shown code as Python blocks."
    for cell in nb['cells']:
        unseen = directives(cell).keys() & {'hide', 'hide_input', 'default_exp', 'echo'}
        if cell['cell_type'] == 'markdown': yield relink(source(cell).strip())
        elif cell['cell_type'] == 'code' and not unseen and (block := code(cell).strip('\n')):
            yield f'```python\n{block}\n```'

def main():
    books = {name: with_blocks(name) for name in BLOCKS}
    made = {NBS/name: json.dumps(nb, indent=1, ensure_ascii=False, sort_keys=True) + '\n' for name, nb in books.items()}
    made[ROOT/'README.md'] = HEAD + '\n\n'.join(parts(books['index.ipynb'])) + '\n'
    for path, text in made.items():
        if path.exists() and path.read_text(encoding='utf-8') == text: continue
        if '--check' in sys.argv: sys.exit(f'{path.name} is not as tools/readme.py writes it: run python tools/readme.py')
        path.write_text(text, encoding='utf-8')

if __name__ == '__main__': main()

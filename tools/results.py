"""The table of results in nbs/index.ipynb, made from results/benchmark.json and results/generalisation.json (two runs of
`uplift_benchmark accuracy`, see nbs/index.ipynb): `python tools/results.py` writes it, `--check` fails when it differs."""
import json, sys
from uplift.bench.report import compare_methods, read_results
from notebooks import NBS, ROOT

ROWS = {'mean pose': 'mean pose of the training people', 'nearest neighbour': 'nearest neighbour among 60,000 training views',
        'paper-joints-discarded': "the paper's network as published (attention discarded), on SMPL-X joints",
        'paper-joints': "the paper's network mended (attention used), on SMPL-X joints",
        'paper-discarded': "the paper's network, attention discarded, on detected points",
        'paper': "the paper's network mended, on detected points", 'paper + IK': 'its positions + inverse kinematics',
        'lifter + IK': 'positions of **uplift default** + inverse kinematics',
        'lifter-s': '**uplift small**', 'lifter': '**uplift default**', 'lifter (coco17)': 'uplift default, COCO-17 points only',
        'lifter (25fps)': 'uplift default, 25 frames per second', 'lifter (120fps)': 'uplift default, 120 frames per second',
        'lifter (nofocal)': 'uplift default, focal length unknown'}
COLUMNS = dict(mpjpe='MPJPE mm', pa_mpjpe='PA-MPJPE mm', mpjae='MPJAE °', local='local °', root='global orientation °', twist='twist °',
               angles='joint angles °')
BEGIN, END = '<!-- results: made by tools/results.py -->', '<!-- end of results -->'

def cell(x, interval): return '-' if x['mean'] is None else f'{x["mean"]:.1f}' + (f' ({x["low"]:.0f}–{x["high"]:.0f})' if interval else '')

def table(results, condition='detector'):
    lines = ['| method | ' + ' | '.join(COLUMNS.values()) + ' |', '|---|' + '---:|' * len(COLUMNS)]
    scores = results['scores']
    for name in [n for n in ROWS if n in scores] + [n for n in scores if n not in ROWS]:
        columns = scores[name][condition]['columns']
        lines.append(f'| {ROWS.get(name, name)} | ' + ' | '.join(cell(columns[c], c in ('mpjpe', 'mpjae')) for c in COLUMNS) + ' |')
    return '\n'.join(lines)

def sentences(results):
    "What the default gains, with intervals over clips."
    say = lambda d: f'{100 * d["change"]:+.0f} % ({100 * d["low"]:+.0f} to {100 * d["high"]:+.0f})'.replace('-', '−')
    there = [n for n in ('paper-joints-discarded', 'paper-joints', 'paper', 'paper + IK', 'lifter + IK') if n in results['scores']]
    lines = [f'- against {ROWS[n].replace("**", "")}: MPJPE {say(compare_methods(results, "lifter", n))}, '
             f'MPJAE {say(compare_methods(results, "lifter", n, "mpjae"))}' for n in there if 'lifter' in results['scores']]
    return '\n'.join(['The default lifter, with 95 % intervals over clips:', '', *lines]) if lines else ''

def main():
    path, source = NBS/'index.ipynb', ROOT/'results'/'benchmark.json'
    nb, results = json.loads(path.read_text(encoding='utf-8')), read_results(source)
    more = read_results(source.with_name('generalisation.json'))
    if more['data'] != results['data'] or more['scores']['lifter']['detector'] != results['scores']['lifter']['detector']:
        sys.exit('results/generalisation.json and results/benchmark.json are of different motion or weights: run both again')
    results['scores'] |= more['scores']
    cell = next((c for c in nb['cells'] if BEGIN in ''.join(c['source'])), None)
    if cell is None: sys.exit(f'nbs/index.ipynb has no cell with {BEGIN}')
    text = ''.join(cell['source'])
    head, rest = text.split(BEGIN)
    new = f'{head}{BEGIN}\n{table(results)}\n\n{sentences(results)}\n{END}{rest.split(END)[1]}'
    if new == text: return
    if '--check' in sys.argv: sys.exit('the table in nbs/index.ipynb is not what results/ says: run python tools/results.py and tools/readme.py')
    cell['source'] = new.splitlines(keepends=True)
    path.write_text(json.dumps(nb, indent=1, ensure_ascii=False, sort_keys=True) + '\n', encoding='utf-8')

if __name__ == '__main__': main()

"""The table of results in nbs/index.ipynb, made from the reports in results/ (`uplift_eval … --json results/NAME.json`):
`python tools/results.py` writes it, `--check` fails when it differs."""
import json, sys
from notebooks import NBS, ROOT

ROWS = dict(mean='mean pose of the training people', **{'paper-discarded': "the paper's network, attention discarded (as published)"},
            paper="the paper's network, attention used", lifter='**uplift default**', **{'lifter-coco17': 'uplift default, COCO-17 points only'})
COLUMNS = dict(mpjpe_mm='MPJPE mm', pa_mpjpe_mm='PA-MPJPE mm', mpjae_deg='MPJAE °', mpjae_local_deg='local °', root_deg='global orientation °')
BEGIN, END = '<!-- results: made by tools/results.py -->', '<!-- end of results -->'

def table():
    reports = {n: json.loads((ROOT/'results'/f'{n}.json').read_text()) for n in ROWS if (ROOT/'results'/f'{n}.json').exists()}
    lines = ['| method | ' + ' | '.join(COLUMNS.values()) + ' |', '|---|' + '---:|' * len(COLUMNS)]
    for name, r in reports.items():
        lines.append(f'| {ROWS[name]} | ' + ' | '.join(f'{r["summary"][k]:.1f}' for k in COLUMNS) + ' |')
    return '\n'.join(lines)

def main():
    path = NBS/'index.ipynb'
    nb = json.loads(path.read_text(encoding='utf-8'))
    cell = next((c for c in nb['cells'] if BEGIN in ''.join(c['source'])), None)
    if cell is None: sys.exit(f'nbs/index.ipynb has no cell with {BEGIN}')
    text = ''.join(cell['source'])
    head, rest = text.split(BEGIN); new = f'{head}{BEGIN}\n{table()}\n{END}{rest.split(END)[1]}'
    if new == text: return
    if '--check' in sys.argv: sys.exit('the table in nbs/index.ipynb is not what results/ says: run python tools/results.py and tools/readme.py')
    cell['source'] = new.splitlines(keepends=True)
    path.write_text(json.dumps(nb, indent=1, ensure_ascii=False, sort_keys=True) + '\n', encoding='utf-8')

if __name__ == '__main__': main()

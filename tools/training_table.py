"""A table of weights on validation people, by the rules of the second benchmark under its detector:
`python tools/training_table.py library.npz 'released=lifter' 'm=runs/m/last.safetensors' -o results/training.csv`.
A row is NAME=WEIGHTS; words of the benchmark may follow, NAME=WEIGHTS+raw."""
import argparse
import csv
from uplift.bench.benchmark import run_benchmark
from uplift.bench.cases import BenchmarkSpec, read_cases, spec_body
from uplift.core.files import atomic_path
from uplift.model.weights import load_network

COLUMNS = dict(mpjpe='MPJPE mm', mpjae='MPJAE deg', angles='joint angles deg', root='global orientation deg',
               knee_slope='slope of the knee', hip_slope='of the hip', elbow_slope='of the elbow')

def row(name, method, cases, spec, body):
    "One line of the table."
    about = load_network(method.split('+')[0])[1].get('training', {})
    results = run_benchmark([method], cases, spec, body, ['detector'], workers=1)
    scores = next(iter(results['scores'].values()))['detector']['columns']
    told = {title: round(scores[k]['mean'], 2) for k, title in COLUMNS.items()}
    return dict(weights=name, steps=about.get('step'), start=about.get('start') or 'nothing') | told | dict(command=about.get('command'))

def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('data', help='motion: what tools/library.py writes')
    p.add_argument('rows', nargs='+', help='NAME=WEIGHTS')
    p.add_argument('-o', '--out', required=True, help='csv')
    args = p.parse_args()
    spec = BenchmarkSpec.load('uplift-bench-2')
    body = spec_body(spec)
    cases, listed = read_cases(args.data, spec, body, 'val')
    print(f'{len(cases)} of {listed} clips of validation people')
    table = [row(*r.split('=', 1), cases, spec, body) for r in args.rows]
    with atomic_path(args.out) as tmp, open(tmp, 'w', newline='') as f:
        writer = csv.DictWriter(f, table[0])
        writer.writeheader()
        writer.writerows(table)
    for r in table: print(', '.join(f'{k} {v}' for k, v in r.items() if k != 'command'))

if __name__ == '__main__': main()

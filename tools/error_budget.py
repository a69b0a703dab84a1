"Where the default lifter's error comes from, in two tables: see nbs/bench/17_error_budget.ipynb."
import argparse
import torch
from uplift.bench.error_budget import error_budget

def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument('data', help='motion: what tools/library.py writes')
    p.add_argument('--weights', default='lifter', help='packaged weights, their path, or another method')
    p.add_argument('--clips', type=int, default=40, help='clips of each split')
    p.add_argument('--benchmark', default='uplift-bench-2', help='whose people and cameras: uplift-bench-1 or -2')
    args = p.parse_args()
    torch.set_num_threads(1)
    for table in error_budget(args.data, args.weights, args.clips, args.benchmark, progress=True):
        print(table.round(1).to_string())

if __name__ == '__main__': main()

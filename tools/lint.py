"""The rules of the house: `python tools/lint.py` fails on what breaks them, `--report` prints the figures and does not fail.

arrows      imports go down: to lower rooms, and inside a room to smaller numbers
sizes       export cells, modules, widths, statements a line, parameters
chapters    title and promise, no outputs, imports in cells of their own
documented  docstrings, parameters, tests that reach every public name, one owner a name
navigation  numbers, the sidebar, links
showing     tutorials show a figure before much code, and no tests
quarto      settings, cell options, blocks: what Quarto would not understand
python      undefined names and unused imports in tools/ and tests/"""
import argparse
import subprocess
import sys
from checks import arrows, chapters, documented, navigation, quarto, showing, sizes
from notebooks import ROOT

def python():
    "What pyflakes says of the files that no notebook makes."
    files = ['tools', 'tests', 'setup.py']
    done = subprocess.run([sys.executable, '-m', 'pyflakes', *files], cwd=ROOT, text=True, capture_output=True)
    if done.stderr: return [done.stderr.strip()], []
    return done.stdout.splitlines(), []

CHECKS = dict(arrows=arrows.check, sizes=sizes.check, chapters=chapters.check,
              documented=documented.check, navigation=navigation.check, quarto=quarto.check,
              showing=showing.check, python=python)

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('only', nargs='*', help=f'checks to make, of {", ".join(CHECKS)}; all otherwise')
    p.add_argument('--report', action='store_true', help='print figures and do not fail')
    args = p.parse_args()
    if unknown := set(args.only) - set(CHECKS): p.error(f'no such check: {", ".join(unknown)}')
    total = 0
    for name in args.only or CHECKS:
        found, told = CHECKS[name]()
        found = list(dict.fromkeys(found))
        total += len(found)
        for line in (*told, *found) if args.report else found: print(f'{name}: {line}')
    if args.report: print(f'{total} problems')
    elif total: sys.exit(f'{total} problems')

if __name__ == '__main__': main()

"""Build uplift/assets/three.min.js from three.js: `python tools/three.py` needs npm and its registry; `--check` compares.

One classic script with a global THREE that holds what uplift/assets/skin*.js use and nothing else, so that a saved page
works from the disk. The versions are pinned, and the same versions give the same bytes."""
import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ASSETS = ROOT/'uplift'/'assets'
PACKAGES = {'three': '0.187.0', 'esbuild': '0.28.2'}
ADDONS = {'GLTFLoader': 'loaders/GLTFLoader.js', 'OrbitControls': 'controls/OrbitControls.js'}

def used():
    "The names that the player's scripts take from THREE."
    scripts = [p.read_text(encoding='utf-8') for p in ASSETS.glob('skin*.js')]
    return sorted({name for text in scripts for name in re.findall(r'\bTHREE\.(\w+)', text)})

def entry(names):
    "The module that is bundled: one line for three.js, one for each of its addons."
    core = ', '.join(n for n in names if n not in ADDONS)
    addons = [f"export {{ {n} }} from 'three/addons/{path}';" for n, path in ADDONS.items()]
    return '\n'.join([f"export {{ {core} }} from 'three';", *addons]) + '\n'

def banner(folder):
    "The licence of three.js as a comment that no minifier drops."
    licence = (folder/'node_modules'/'three'/'LICENSE').read_text(encoding='utf-8').strip()
    return f'/*! three.js {PACKAGES["three"]}, https://threejs.org\n{licence}\n*/'

def run(*command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode: sys.exit(f'{" ".join(command[:2])} failed:\n{done.stderr[-2000:]}')

def bundle(folder):
    "The bytes of the script, built in a folder."
    (folder/'package.json').write_text(json.dumps({'private': True, 'dependencies': PACKAGES}))
    run('npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', folder=folder)
    (folder/'entry.js').write_text(entry(used()))
    run('node_modules/.bin/esbuild', 'entry.js', '--bundle', '--minify', '--format=iife', '--global-name=THREE',
        '--target=es2020', '--legal-comments=none', '--charset=utf8', f'--banner:js={banner(folder)}',
        '--outfile=three.min.js', folder=folder)
    return (folder/'three.min.js').read_bytes()

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--check', action='store_true', help='build and compare, write nothing')
    args, out = p.parse_args(), ASSETS/'three.min.js'
    with tempfile.TemporaryDirectory() as folder: made = bundle(Path(folder))
    if args.check: sys.exit(None if made == out.read_bytes() else f'{out.name} is not what is built today')
    out.write_bytes(made)
    print(f'{out.name}: {len(made) / 1000:.0f} kB, {len(used())} names')

if __name__ == '__main__': main()

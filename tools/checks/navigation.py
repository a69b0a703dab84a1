"Every chapter has its place, and every link leads somewhere."
import re
from pathlib import Path
import yaml
from notebooks import NBS, ROOMS, ROOT, load, modules, notebooks, page_name, source

TEXTS = ('README.md', 'CONTRIBUTING.md', 'NOTICE')

def numbers():
    "Files of a room have a number of their own, no letters, and export what they are called."
    for room in sorted({p.parent for p in notebooks()} - {NBS, NBS/'tutorials'}):
        if room.name not in ROOMS: yield f'{room.name}: no such room'
        names = [p.name for p in notebooks() if p.parent == room]
        yield from (f'{room.name}/{n}: not NN_name.ipynb' for n in names if not re.match(r'\d\d_[a-z]', n))
        heads = [n[:2] for n in names]
        yield from (f'{room.name}: the number {h} twice' for h in sorted({h for h in heads if heads.count(h) > 1}))
    for name, path, _ in modules():
        if name != f'{path.parent.name}.{page_name(path)}': yield f'{path.relative_to(NBS)} exports uplift.{name}'

def entries(node):
    "Every notebook that the sidebar names, in order."
    if isinstance(node, dict):
        if 'href' in node: yield node['href']
        for v in node.get('contents', []): yield from entries(v)
    elif isinstance(node, str): yield node

def sidebar():
    "Notebooks that the sidebar forgets, names twice or makes up; chapters out of order; mixed sections."
    tree = yaml.safe_load((NBS/'sidebar.yml').read_text(encoding='utf-8'))['website']['sidebar']
    listed, there = list(entries(tree)), [str(p.relative_to(NBS)) for p in notebooks()]
    yield from (f'{n}: not in nbs/sidebar.yml' for n in there if n not in listed)
    yield from (f'{n}: twice in nbs/sidebar.yml' for n in there if listed.count(n) > 1)
    yield from (f'{n}: in nbs/sidebar.yml, but there is no such notebook' for n in listed if n not in there)
    sections = [list(entries(s)) for s in tree['contents'] if 'section' in s]
    for hrefs in sections:
        folders = {str(Path(h).parent) for h in hrefs}
        if len(folders) > 1: yield f'nbs/sidebar.yml: one section holds {", ".join(sorted(folders))}'
        if folders != {'tutorials'} and hrefs != sorted(hrefs):
            yield f'nbs/sidebar.yml: chapters of {folders.pop()} are not in the order of their numbers'
    order = [str(Path(s[0]).parent) for s in sections if s]
    if order != ['tutorials', *ROOMS]: yield f'nbs/sidebar.yml: the sections are {", ".join(order)}'

def links(text):
    "Targets of links and pictures in Markdown."
    text = re.sub(r'```.*?```|`[^`]*`', '', text, flags=re.S)
    found = re.findall(r'\]\(([^)\s]+)', text) + re.findall(r'\b(?:href|src)="([^"]+)"', text)
    return [t for t in found if not re.match(r'[a-z]+:|#', t)]

def broken():
    "Links that lead nowhere: to a notebook, to the page of one (`../core/rotations.html`), or to a file."
    pages = {(p.parent/page_name(p)).with_suffix('.html') for p in notebooks()}
    texts = [(p, source(c)) for p in notebooks() for c in load(p)['cells'] if c['cell_type'] == 'markdown']
    texts += [(ROOT/n, (ROOT/n).read_text(encoding='utf-8')) for n in TEXTS]
    for path, text in texts:
        for target in links(text):
            to = (path.parent/target.split('#')[0]).resolve()
            if to not in pages and not to.exists(): yield f'{path.relative_to(ROOT)}: broken link {target}'
        for name in re.findall(r'\btools/\w+\.py', text):
            if not (ROOT/name).exists(): yield f'{path.relative_to(ROOT)}: there is no {name}'
        for name in re.findall(rf'\buplift[./](?:{"|".join(ROOMS)})[./]\w+', text):
            if not (ROOT/re.sub(r'\.', '/', name)).with_suffix('.py').exists():
                yield f'{path.relative_to(ROOT)}: there is no {name}'

def check():
    "What is out of place."
    return [*numbers(), *sidebar(), *broken()], []

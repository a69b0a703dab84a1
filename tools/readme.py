"README.md from nbs/index.ipynb: `python tools/readme.py` writes it, `python tools/readme.py --check` fails when they differ."
import re, sys
from notebooks import NBS, ROOT, code, directives, notebooks, read, source

HEAD = '<!-- Made from nbs/index.ipynb by tools/readme.py: edit the notebook. -->\n\n'

def local(url):
    "A link of the index, seen from the project's root; a page of the docs becomes the notebook it is made from."
    if re.match(r'[a-z]+:|#|/', url): return url
    page = re.fullmatch(r'(.*?)([^/]+)\.html(#.*)?', url)
    name = lambda p: str(p.relative_to(NBS).with_name(re.sub(r'^\d+[a-z]?_', '', p.stem)))
    if page: url = next((str(p.relative_to(NBS)) for p in notebooks() if name(p) == page[1] + page[2]), url)
    return re.sub(r'^nbs/\.\./', '', f'nbs/{url}')

def relink(text):
    "Markdown with the targets of links and pictures made relative to the project's root."
    text = re.sub(r'(\]\()([^)\s]+)', lambda m: m[1] + local(m[2]), text)
    return re.sub(r'(<img[^>]*\bsrc=")([^"]+)', lambda m: m[1] + local(m[2]), text)

def parts(nb):
    "Markdown as it is, shown code as Python blocks."
    for cell in nb['cells']:
        text = source(cell).strip()
        if cell['cell_type'] == 'markdown': yield relink(text)
        elif cell['cell_type'] == 'code' and not directives(cell).keys() & {'hide', 'hide_input', 'default_exp', 'echo'}:
            if block := code(cell).strip('\n'): yield f'```python\n{block}\n```'

def main():
    index, readme = NBS/'index.ipynb', ROOT/'README.md'
    if not index.exists(): sys.exit('nbs/index.ipynb is missing: README.md is made from it')
    new = HEAD + '\n\n'.join(parts(read(index))) + '\n'
    if '--check' not in sys.argv: readme.write_text(new, encoding='utf-8')
    elif not readme.exists() or readme.read_text(encoding='utf-8') != new:
        sys.exit('README.md is not what nbs/index.ipynb says: run python tools/readme.py')

if __name__ == '__main__': main()

// What tools/pages.py asks of an open page. Screens are windows' heights; closed folds count as not there.
() => {
  const main = document.querySelector('main') || document.body
  const all = (query, node = main) => [...node.querySelectorAll(query)]
  const seen = e => e.getClientRects().length > 0 && !e.closest('details:not([open]) > :not(summary)')
  const top = e => e.getBoundingClientRect().top + scrollY
  const isCode = e => e.matches('.cell-code, .cell-code *')
  const isResult = e => !e.closest('.cell-output-markdown') && (e.textContent.trim() || e.querySelector('img, svg, iframe'))
  const figures = all('img, svg, iframe, video, canvas, model-viewer, .plotly-graph-div, [role=img]')
    .filter(e => seen(e) && e.getBoundingClientRect().height > 60)
  const results = all('.cell-output').filter(e => seen(e) && isResult(e))
  const pres = all('pre').filter(seen)
  const first = list => list.length ? Math.min(...list.map(top)) : null
  const lines = limit => pres.filter(e => isCode(e) && top(e) < limit)
    .reduce((n, e) => n + e.textContent.trimEnd().split('\n').length, 0)
  const tables = all('table').filter(seen)
  const cell = table => table.querySelector('td')
  const name = e => `${e.tagName.toLowerCase()} ${e.textContent.trim().replace(/\s+/g, ' ').slice(0, 50)}`
  const figure = first(figures), result = first([...results, ...figures])
  const told = pres.filter(e => !isCode(e) && e.querySelector('code.sourceCode')).map(e => e.textContent)
  return {
    figure: figure === null ? null : figure / innerHeight,
    result: result === null ? null : result / innerHeight,
    figureLines: figure === null ? null : lines(figure),
    resultLines: result === null ? lines(Infinity) : lines(result),
    screens: document.documentElement.scrollHeight / innerHeight,
    code: pres.length,
    wide: pres.filter(e => e.scrollWidth > e.clientWidth + 1).length,
    sideways: document.documentElement.scrollWidth - innerWidth,
    raw: told.flatMap(t => t.match(/.*(\]\(|`).*/g) || []),
    bareTables: tables.filter(t => !t.querySelector('th') || (cell(t) && parseFloat(getComputedStyle(cell(t)).paddingLeft) < 3)).map(name),
    longNumbers: all('td', main).filter(e => seen(e) && /^-?\d*\.\d{5,}(e[-+]?\d+)?$/.test(e.textContent.trim())).length,
    noAlt: all('img').filter(e => !(e.alt || '').trim()).map(e => (e.getAttribute('src') || '').slice(0, 40)),
    ids: [...document.querySelectorAll('[id], a[name]')].map(e => e.id || e.name),
    links: [...document.querySelectorAll('a[href], link[href], img[src], script[src], iframe[src], source[src]')]
      .map(e => e.getAttribute('href') ?? e.getAttribute('src')).filter(s => s && !s.startsWith('data:')),
    names: all('a[href] > code').map(e => [e.textContent, e.parentNode.href]),
    titles: all('h1, h2, h3, h4').map(e => e.textContent.trim())
  }
}

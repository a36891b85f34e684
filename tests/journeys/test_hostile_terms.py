"""Data that mean harm are shown, and do nothing: no script of theirs runs, and none gets into a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest

from conftest import free_port, served
from journeys.hostile import ADDRESSES, TERMS, spoilt
from journeys.seeing import overflow

pytest.importorskip("playwright", reason="said aloud by the fixture browser")
from playwright.sync_api import Page  # noqa: E402

QUERY = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX foaf: <http://xmlns.com/foaf/0.1/>
SELECT * { ?place skos:prefLabel ?name ; foaf:homepage ?page ; <http://purl.org/dc/terms/identifier> ?said } LIMIT 300"""
EDITOR = ".tabPanel.active .CodeMirror"
# What a page may not have, wherever it comes from.
FOUND = r"""base => [
  ...[...document.querySelectorAll('*')].flatMap(each => [...each.attributes].filter(({name, value}) =>
    /^on/i.test(name) || name === 'srcdoc'
    || (/^(href|src|action|formaction|xlink:href|data|poster|cite|ping|background|srcset|content)$/i.test(name)
        && each.localName !== 'meta' && /^[\s\x00-\x20]*(javascript|data|vbscript|blob|file):/i.test(value)
        && !(each.localName === 'img' && value.startsWith('data:image/')))
  ).map(({name, value}) => `${each.localName} ${name}=${value.slice(0, 80)}`)),
  ...[...document.scripts].filter(each => each.type !== 'application/ld+json' && !each.src.startsWith(base + 'static/'))
    .map(each => `script ${each.outerHTML.slice(0, 80)}`),
  ...[...document.querySelectorAll('iframe, object, embed, base, frame, portal, svg script, svg animate, svg foreignObject, '
                                   + 'meta[http-equiv], link[rel~=import], link[rel=stylesheet]:not([href*="/static/"])')]
    .map(each => each.outerHTML.slice(0, 80)),
  ...(window.hit === undefined ? [] : ['it was hit']),
  ...(document.documentElement.textContent.includes('60481729') ? ['a template was run'] : []),
]"""


@pytest.fixture(scope="module")
def reef(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of data that mean harm."""
    with served(spoilt(tmp_path_factory.mktemp("reef"), f"http://127.0.0.1:{free_port()}/")) as base:
        yield base


def addresses() -> Iterator[str]:
    """Every kind of page, and those of each hostile term where a page shows one of them."""
    yield from ("", "browse/", "browse/Harbour", "browse/Lighthouse", "browse/Harbour?sort=reef-script", "map", "query/", "ns",
                "ns/reef", "ns/sea", "shape/reef", "shape/sea", "scheme/reef", "graph/reef", "dataset", "dumps/", "release/",
                "changes", "cite", "sparql")
    yield "compare?" + urlencode([("thing", f"id/harbour/{name}") for name in list(TERMS)[:5]])
    yield "sparql?" + urlencode({"query": QUERY})
    for name, term in TERMS.items():
        thing = f"id/harbour/{name}"
        yield from (f"doc/{thing}", f"doc/{thing}?lang=de", f"doc/{thing}?panel=reef-{name}", f"doc/scheme/reef/{name}",
                    f"query/reef-{name}", f"query/reef-{name}/run", f"query/reef-{name}/cite", f"map/Harbour/reef-{name}",
                    f"browse/Harbour?values=reef-{name}")
        yield from (f"{page}?thing={thing}" for page in ("reference", "correction", "history"))
        yield from (f"{where}?{urlencode({key: term[:1_000]})}" for key, where in (("q", "search"), ("query", "sparql")))
        yield quote(term[:1_000], safe="")
    for term in (TERMS["script"], TERMS["double"], TERMS["override"]):
        for key, where in (("thing", "compare"), ("thing", "reference"), ("lang", "doc/id/harbour/svg"),
                           ("panel", "doc/id/harbour/svg"), ("reef-script", "browse/Harbour"), ("sort", "browse/Harbour"),
                           ("page", "browse/Harbour"), ("release", ""), ("class", "list"), ("harbour", "query/reef-svg/run")):
            yield f"{where}?{urlencode({key: term})}"
        yield from (where + quote(term, safe="") for where in ("doc/id/", "browse/", "query/", "map/Harbour/", "scheme/", "ns/"))
    yield from (f"doc/id/harbour/{name}" for name in ("'onmouseover='hit=1", "%2522onmouseover=%2522hit=1",
                                                      "%253Cscript%253Ehit=1%253C/script%253E"))
    for address in ADDRESSES:
        yield f"sparql?{urlencode({'query': f'SELECT * {{ VALUES ?x {{ <{address}> }} }}'})}"


@pytest.mark.parametrize("javascript", [True, False])
def test_nothing_of_what_the_data_say_gets_to_be_a_script(reef, visitor, watch, javascript):
    watch.expected.append("the server responded with a status of 4")
    page, found, seen = visitor(javascript=javascript), {}, 0
    for address in addresses():
        answer = page.goto(reef + address)
        told = page.evaluate(FOUND, reef)
        if answer.status >= 500:
            told.append(str(answer.status))
        if told:
            found[address[:150]] = told
        seen += answer.status == 200
    assert found == {} and seen > 150


def test_what_is_looked_for_is_found(browser):
    page = browser.new_page()
    page.set_content('<a href=" JavaScript:hit=1">a</a><p onclick="hit=1">b</p><iframe srcdoc="c"></iframe>'
                     "<script>hit=1</script>")
    found = page.evaluate(FOUND, "http://127.0.0.1/")
    page.close()
    assert {each.split()[0] for each in found} == {"a", "p", "iframe", "script", "<iframe", "it"}


def test_pages_of_hostile_names_fit_a_narrow_window(reef, visitor):
    page = visitor(width=320)
    shown = ["browse/Harbour", "scheme/reef", "ns/reef", "shape/reef", "graph/reef", "query/", "dataset",
             *(f"doc/id/harbour/{name}" for name in TERMS), "compare?thing=id/harbour/long&thing=id/harbour/svg"]
    wide = {}
    for address in shown:
        page.goto(reef + address)
        if wider := overflow(page):
            wide[address] = wider
    assert wide == {}


def test_suggestions_are_text(reef, page: Page):
    page.goto(reef)
    box = page.locator("main").get_by_role("combobox")
    box.press_sequentially("hit", delay=30)
    options = page.get_by_role("option")
    options.first.wait_for()
    assert any("<" in each for each in options.all_inner_texts()) and page.evaluate(FOUND, reef) == []
    box.fill(TERMS["script"])
    page.get_by_role("option", name=TERMS["script"]).first.wait_for()
    assert page.evaluate(FOUND, reef) == []


def test_answers_in_the_editor_are_text(reef, page: Page):
    page.goto(reef + "sparql")
    ask(page, QUERY)
    page.locator(".answer tbody tr").first.wait_for()
    assert page.locator(".answer tbody tr").count() == 100 and page.evaluate(FOUND, reef) == []
    assert page.locator(".answer tbody").get_by_text(re.compile("javascript:hit=1")).count() > 0
    page.goto(reef + "sparql?" + urlencode({"query": f"{QUERY} # {TERMS['separators']}"}))
    page.wait_for_selector(EDITOR)
    assert "\\u2028hit=1" in page.evaluate("place => document.querySelector(place).CodeMirror.getValue()", EDITOR)
    page.reload()
    page.wait_for_selector(EDITOR)
    assert page.evaluate(FOUND, reef) == []


def test_what_is_wrong_is_told_as_text(reef, page: Page, watch):
    watch.expected.append("the server responded with a status of 4")
    page.goto(reef + "sparql")
    for term in TERMS.values():
        ask(page, f"SELECT {term[:99]}")
        page.locator(".problem:not([data-before])").wait_for()
        assert page.evaluate(FOUND, reef) == [], term


def ask(page: Page, query: str) -> None:
    """Writes a query into the editor and runs it."""
    page.wait_for_selector(EDITOR)
    page.evaluate("([place, query]) => document.querySelector(place).CodeMirror.setValue(query)", [EDITOR, query])
    page.evaluate("for (const each of document.querySelectorAll('.problem')) each.dataset.before = true")
    page.get_by_role("button", name="Run", exact=True).click()

"""Search over HTTP, each time for the first time: beside the same texts looked through by SPARQL, at the same server."""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import measure
from benchmarks.bench import ROOT, Bench, Comparison, Section
from benchmarks.load import HOST
from benchmarks.processes import free_port, running

TITLE = "Search"
TEXT = """\
The release of this checkout is served. Each search is asked {rounds} times, each time with a parameter that nothing depends on,
so that no cache has its answer. Beside it stands what the same server takes, in as many rounds, to look for the same letters in
all names, codes and alternative names by `CONTAINS` in SPARQL: what that finds, the search must find too, before anything is
measured; but of one letter, which begins a word in a search. *Page* is the page of results, *suggestions* what the box of each
page asks while somebody writes. 100 ms are aimed at for either."""
ONE_LETTER = "a"
SOUGHT = {"beginning of a name": "tosc", "one letter": ONE_LETTER, "inside of words": "ation", "two words": "manufacture of",
          "nothing, another spelling": "toscanna", "sixteen letters": " ".join("abcdefghijklmnop")}
PAGE, SUGGESTIONS = "search", "suggest"
ROUNDS = 5
QUERY = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
SELECT DISTINCT ?thing WHERE {{
  ?thing skos:prefLabel|rdfs:label|dcterms:title|foaf:name|skos:altLabel|skos:notation ?text
  FILTER(STRSTARTS(STR(?thing), "{base}") && CONTAINS(LCASE(STR(?text)), "{text}"))
}} # {number}"""


def section(bench: Bench) -> Section:
    """The figures of all that is sought."""
    port = free_port()
    base = f"http://{HOST}:{port}/"
    folder = _release(bench, base)
    serve = [sys.executable, "-m", "triplehelix", "serve", str(folder), "--port", str(port)]
    with running(serve, bench.folder, bench.own_environment, port):
        return Section(TITLE, TEXT.format(rounds=ROUNDS), {}, list(comparisons(bench, base)))


def comparisons(bench: Bench, base: str) -> Iterator[Comparison]:
    """Each search of the server at a base beside SPARQL. Raises RuntimeError where the search finds less."""
    for what, text in SOUGHT.items():
        bench.say(what)
        queries = [QUERY.format(base=base, text=text, number=number) for number in range(ROUNDS + 1)]
        missing = _by_sparql(base, queries[0]) - _by_search(base, text)
        if missing and text != ONE_LETTER:
            raise RuntimeError(f"the search for {text!r} does not find {sorted(missing)[:3]}")
        theirs = [_milliseconds(base, "sparql", query=query) for query in queries[1:]]
        for where, named in ((PAGE, "page"), (SUGGESTIONS, "suggestions")):
            mine = [_milliseconds(base, where, q=text, n=str(number)) for number in range(ROUNDS)]
            yield Comparison(f"{what}: {named}", "ms", mine, "SPARQL", theirs, False, "Until the answer is there whole")


def _release(bench: Bench, base: str) -> Path:
    bench.say("building the release of this checkout")
    target = bench.folder / "releases"
    command = [sys.executable, "-m", "triplehelix", "build", str(target), "--base", base, "--project", str(ROOT)]
    measure.run(command, bench.folder, {**os.environ, **bench.own_environment})
    return target


def _milliseconds(base: str, path: str, **values: str) -> float:
    """How long it takes until an answer is there whole."""
    before = time.perf_counter()
    _got(f"{base}{path}?{urlencode(values)}", "text/html" if path == PAGE else "*/*")
    return (time.perf_counter() - before) * 1000


def _by_search(base: str, text: str) -> set[str]:
    """The IRIs of all results."""
    found, address = set(), f"{base}search.json?{urlencode({'q': text})}"
    while address:
        told = json.loads(_got(address, "application/json"))
        found.update(row["iri"] for row in told["results"])
        address = told["next"]
    return found


def _by_sparql(base: str, query: str) -> set[str]:
    told = json.loads(_got(f"{base}sparql?{urlencode({'query': query})}", "application/sparql-results+json"))
    return {row["thing"]["value"] for row in told["results"]["bindings"]}


def _got(address: str, accept: str) -> bytes:
    """The body of a 200. Raises urllib.error.HTTPError for another one."""
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": accept}), timeout=60) as answer:
        return answer.read()

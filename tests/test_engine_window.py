"""The first rows of an answer and the row behind them, by the text alone; and that the engine agrees."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from triplehelix.engine.tokens import tokenise
from triplehelix.engine.window import windowed

ROWS = 10


@pytest.fixture(scope="module")
def store() -> Store:
    filled = Store()
    filled.extend(Quad(NamedNode(f"http://e.example/{n}"), NamedNode("http://e.example/p"), Literal(n), DefaultGraph())
                  for n in range(ROWS))
    return filled


def numbers(store: Store, text: str | None) -> list[int]:
    return [] if text is None else [int(row["n"].value) for row in store.query(text, base_iri="http://e.example/")]


@pytest.mark.parametrize("text", [
    "SELECT ?n { ?s <p> ?n } ORDER BY ?n",
    "SELECT ?n WHERE { ?s <p> ?n } ORDER BY ?n LIMIT 7",
    "SELECT ?n WHERE { ?s <p> ?n } ORDER BY ?n OFFSET 4",
    "select ?n where { ?s <p> ?n } order by ?n limit 5 offset 4 # LIMIT 1",
    "SELECT ?n WHERE { ?s <p> ?n } ORDER BY ?n OFFSET 2 LIMIT 30",
    "SELECT ?n { { SELECT ?n { ?s <p> ?n } ORDER BY ?n LIMIT 6 } } ORDER BY ?n",
    "SELECT (EXISTS { ?x <p> 3 } AS ?has) ?n { ?s <p> ?n } ORDER BY ?n LIMIT 9",
    "SELECT ?n { ?s <p> ?n } GROUP BY ?n HAVING (EXISTS { SELECT * { ?s <p> ?n } LIMIT 1 }) ORDER BY ?n",
    "SELECT ?n { ?s <p> ?n } ORDER BY ?n LIMIT 8 VALUES ?n { 1 2 3 4 5 }",
    "SELECT ?n { ?s <p> ?n } ORDER BY ?n VALUES (?n) { (1) (2) (3) }",
    "SELECT ?n { ?s <p> ?n } ORDER BY ?n LIMIT 0",
    'SELECT ?n { ?s <p> ?n FILTER("}" != "{") } ORDER BY ?n',
])
def test_windows_are_slices_of_the_answer(store: Store, text: str) -> None:
    whole = numbers(store, text)
    for skipped in (0, 1, 3, 7, 50):
        for rows in (1, 2, 6, 50):
            window = windowed(text, list(tokenise(text)), skipped, rows)
            assert numbers(store, window) == whole[skipped:skipped + rows], (skipped, rows, window)

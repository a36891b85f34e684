"""Asking the named queries: planted cases as quads, and answers in a form that can be read."""

from __future__ import annotations

from pyoxigraph import NamedNode, Quad, Store

from conftest import ROOT
from triplehelix import queries
from triplehelix.formats import by_name, parse
from triplehelix.project import Project

PROJECT = Project(ROOT)
QUERIES = queries.read_all(PROJECT.queries())

Row = tuple[str, ...]
Answer = tuple[str, list[Row]]


def answer(known: Store, slug: str, columns: str = "", values: dict[str, str] | None = None) -> list[Row]:
    """The rows of a named query, cut to `columns` (without: all); our IRIs relative to the base, unbound as nothing."""
    query = QUERIES[slug]
    solutions = known.query(query.bound(values or {}), base_iri=PROJECT.base)
    names = columns.split() or [variable.value for variable in solutions.variables]
    return [tuple(shortened(solution[name]) for name in names) for solution in solutions]


def shortened(term) -> str:
    return "" if term is None else term.value.removeprefix(PROJECT.base)


def turtle(text: str) -> list[Quad]:
    """The statements of a planted case, in a graph of their own."""
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PROJECT.prefixes.items())
    quads = parse((prefixes + text).encode(), by_name("ttl"), PROJECT.base).quads
    return [Quad(q.subject, q.predicate, q.object, NamedNode(f"{PROJECT.base}graph/planted")) for q in quads]

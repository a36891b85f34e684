"""Eighteen ways to nest, at five depths: the recursive parser of an engine dies of most of them, from some thousands on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from hostile.vector import Vector, asked, statuses

DEPTHS = (100, 1_000, 10_000, 100_000, 1_000_000)
# What stands before, what opens a level, what is innermost, what closes a level, what stands behind.
KINDS = {
    "parentheses": ("SELECT * { FILTER ", "(", "1", ")", " }"),
    "braces": ("SELECT * ", "{", "", "}", ""),
    "sub-selects": ("SELECT * { ", "{ SELECT * { ", "", "} }", " }"),
    "optional": ("SELECT * ", "{ OPTIONAL ", "{}", "}", ""),
    "union": ("SELECT * ", "{ {} UNION ", "{}", "}", ""),
    "minus": ("SELECT * ", "{ ?s ?p ?o MINUS ", "{}", "}", ""),
    "graph": ("SELECT * ", "{ GRAPH ?g ", "{}", "}", ""),
    "lists": ("SELECT * { ?s ?p ", "(", "1", ")", " }"),
    "blank nodes": ("SELECT * { ?s ?p ", "[ ?q ", "1", "]", " }"),
    "not": ("SELECT * { FILTER (", "!", "true", "", ") }"),
    "unary minus": ("SELECT * { FILTER (", "-", "1", "", ") }"),
    "negated groups": ("SELECT * { FILTER (", "-(", "1", ")", ") }"),
    "if": ("SELECT * { FILTER ", "IF(", "true", ", 1, 2)", " }"),
    "functions": ("SELECT * { BIND(", "STR(", "1", ")", " AS ?x) }"),
    "triple terms": ("SELECT * { ?s ?p ", "<<( ?a ?b ", "1", ")>>", " }"),
    "not exists": ("SELECT * ", "{ FILTER NOT EXISTS ", "{}", "}", ""),
    "path groups": ("SELECT * { ?s ", "(", "a", ")", " ?o }"),
    "path inverses": ("SELECT * { ?s ", "^(", "a", ")*", " ?o }"),
}
# No query at any depth: --1 is none, and levels of two brackets are over the limit of 128 at the first depth already.
NEVER = {"unary minus", "sub-selects", "triple terms"}
# A hundred of these are allowed, and cost what they cost.
DEAR = {"path inverses", "lists", "blank nodes"}
# A query longer than this may be refused for its length, and then there is no place to name.
LONG = 65_536


def nested(kind: str, depth: int) -> str:
    """A query of that kind, so many levels deep."""
    before, opens, core, closes, behind = KINDS[kind]
    return before + opens * depth + core + closes * depth + behind


def vectors() -> Iterator[Vector]:
    for kind, parts in KINDS.items():
        for depth in DEPTHS:
            deep, short = depth > DEPTHS[0], depth * len(parts[1] + parts[3]) < LONG - 100
            refused = deep or kind in NEVER
            answered = (200, 504) if kind in DEAR else (200,)
            expected = answered if not refused else (400,) if short else (400, 413)
            yield Vector(f"{kind} {depth}", asked(partial(nested, kind, depth)), statuses(*expected), placed=refused and short,
                         told="deeper than" if deep and short else "")


NESTING = tuple(vectors())

"""The mistakes that people make in SPARQL: each told in one sentence, with its place and what to write."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import Store

from conftest import ROOT
from test_engine_reading import DATASET, LONG, QUERY
from triplehelix.engine import BadQuery
from triplehelix.engine.mistakes import FUNCTIONS, KEYWORDS, first_mistake
from triplehelix.engine.reading import read
from triplehelix.engine.tokens import tokenise

# The ten commonest, the text of the query, line and column, what is said, what is advised.
TEN = {
    "prefix": ("SELECT * { ?s\n shop:name ?o }", 2, 2, "Prefix shop: is not declared", "Add: PREFIX shop: <...>"),
    "dot": ("ASK {\n ?s a <X>\n ?s <p> ?o }", 3, 2, "A triple is whole before '?s'",
            "Add: . before it, or ; where the subject stays the same."),
    "brace": ("SELECT * {\n ?s ?p ?o", 1, 10, "The { is never closed", "Add: }"),
    "question mark": ("SELECT title {\n ?s ?p ?title }", 1, 8, "'title' is no word of SPARQL",
                      "A variable begins with a question mark: write ?title."),
    "brackets of an IRI": ("SELECT * {\n http://e.example/x ?p ?o }", 2, 2, "An IRI stands in angle brackets",
                           "Write <http://e.example/x>."),
    "name of an aggregate": ("SELECT COUNT(?s) {\n ?s ?p ?o }", 1, 8,
                             "An expression such as COUNT(...) needs a name, and parentheses around both",
                             "Write (COUNT(...) AS ?count)."),
    "grouping": ("SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o }", 1, 8, "?p is neither grouped nor inside an aggregate",
                 "Add: GROUP BY ?p."),
    "operator": ("SELECT * { ?s ?p ?o\n FILTER(?o == 1) }", 2, 12, "'==' is no operator of SPARQL", "Write = for ==."),
    "order": ("SELECT * { ?s ?p ?o }\nLIMIT 10 ORDER BY ?s", 2, 10, "ORDER stands behind LIMIT", "Move it before LIMIT."),
    "quotation": ("SELECT * {\n ?s ?p \u201cx\u201d }", 2, 8, "The character '\u201c' has no meaning here",
                  'Write straight quotation marks: ".'),
}
MORE = {
    "SELECT (COUNT(?s)) { ?s ?p ?o }": "Add: AS ?name before the ).",
    "SELECT ?p COUNT(?s) AS ?n { ?s ?p ?o } GROUP BY ?p": "Write (COUNT(...) AS ?count).",
    "SELECT ?s ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s": "Add: ?p to GROUP BY.",
    "SELECT * { ?s ?p ?o } GROUP BY ?s": "Write them in the place of *.",
    "SELECT ?s, ?p { ?s ?p ?o }": "Leave the comma out: blanks are enough.",
    "SELECT ?s { VALUES ?s { 1, 2 } }": "Leave the comma out: blanks are enough.",
    "SELECT * { ?s ?p ?o FILTER(?o > 1 AND ?o < 3) }": "Write && for AND.",
    "SELECT * { ?s ?p ?o FILTER(?o LIKE 'a%') }": 'Write CONTAINS(?text, "part") or REGEX(?text, "pattern").',
    "SELECT * { ?s ?p ?o FILTER(NOT ?o) }": "Write ! for NOT.",
    "SELECT * { ?s ?p ?o FILTER(?o => 3) }": "Write >= for =>.",
    "SELECT * { ?s ?p ?o FILTER(?o <> 3) }": "Write != for <>.",
    "SELECT * { ?s ?p ?o FILTER ?o > 3 }": "Write FILTER(...).",
    "SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING COUNT(*) > 1": "Write HAVING(...).",
    "SELECT * { ?s ?p ?o FILTER regex ?o 'a' }": "Write regex(...).",
    "SELECT * { ?s ?p ?o FLITER(?o = 1) }": "Write FILTER.",
    "SELECT * { ?s ?p ?o FILTER(contain(?o, 'a')) }": "Write CONTAINS.",
    "SELECT * { ?s ?p ?o FILTER(shout(?o)) }": "There is no function of that name.",
    "SELECT * { ?s ?p ?o optinal { ?s ?q ?z } }": "Write OPTIONAL.",
    "SELECT name { ?s ?p ?name }": "A variable begins with a question mark: write ?name, or NAMED.",
    "SELECT ?s WHERE ?s ?p ?o": "Write WHERE { ... }.",
    "SELECT ?s { ?s ?p ?o OPTIONAL ?s ?q ?z }": "Write OPTIONAL { ... }.",
    "SELECT ?s { ?s ?p ?o UNION { ?s ?q ?z } }": "Write { ... } UNION { ... }.",
    "SELECT ?s": "Add: WHERE { ... }",
    "SELECT ?s { ?s ?p ?o } FILTER(?o > 1)": "Move it before the last }.",
    "SELECT ?s { ?s ?p ?o };": "Leave it out.",
    "SELECT ?s { ?s ?p ?o } ORDER ?s": "Write ORDER BY.",
    "SELECT ?s { ?s ?p ?o } ORDER BY DESC ?s": "Write DESC(...).",
    "SELECT ?s { ?s ?p ?o } LIMIT ten": "Write LIMIT 100.",
    "SELECT * { ?s ?p ?o BIND(?o + 1 ?x) }": "Write BIND(... AS ?name).",
    "SELECT * { ?s ?p ?o BIND(1 AS ?o) }": "Write another name behind AS.",
    "SELECT (1 AS ?o) { ?s ?p ?o }": "Write another name behind AS.",
    "SELECT * { ?s ?p . }": "Add what it lacks: a triple is a subject, a predicate and an object.",
    "SELECT * { <http://e.example/a b> ?p ?o }": "Write %20 for a blank, and > at its end.",
    "SELECT * { ?s ?p 'x }": "Add: ' at its end, or write a string of several lines in '''.",
    "SELECT * { ?s ?p ?o } }": "Leave it out.",
    "SELECT * { ?s ?p (1 }": "Add: ) before it",
    "@prefix e: <http://e.example/> .\nASK {}": "Write PREFIX without the @ and without the . at its end.",
    "PREFIX e: <http://e.example/> .\nASK {}": "Leave the . out: a declaration ends without one.",
    "PREFIX e <http://e.example/>\nASK {}": "Write it like PREFIX ex: <http://example.org/>",
    "SELEC * { ?s ?p ?o }": "Write SELECT.",
}
HARD = ("SELECT COUNT FROM ", "SELECT ", "VALUES ", "AS ?a ", "(AS ?a)", "BY BY ", "?s ", "SELECT{AS ?x}", "(SELECT AS ?x)")


def refused(text: str) -> BadQuery:
    """What is said of a query by our own reading, or by the engine in our words."""
    try:
        reading = read(replace(QUERY, text=text), DATASET, LONG)
        Store().query(reading.text, base_iri=QUERY.base_iri)
    except BadQuery as error:
        return error
    except SyntaxError as error:
        return reading.explain(str(error))
    pytest.fail(f"nobody refuses {text}")


@pytest.mark.parametrize("mistake", TEN)
def test_the_ten_commonest_mistakes(mistake: str) -> None:
    text, line, column, said, advice = TEN[mistake]
    told = refused(text)
    assert told.detail == f"{said} (line {line}, column {column}). {advice}"
    assert (told.line, told.column, told.advice) == (line, column, advice)


@pytest.mark.parametrize("text", MORE)
def test_more_mistakes(text: str) -> None:
    told = refused(text)
    assert told.advice == MORE[text]
    assert told.line and told.column and told.detail.endswith(f"(line {told.line}, column {told.column}). {told.advice}")


def queries() -> Iterator[Path]:
    yield from (ROOT / "queries").rglob("*.rq")


def test_no_rule_finds_a_mistake_in_the_projects_own_queries() -> None:
    assert [path.name for path in queries() if first_mistake(list(tokenise(path.read_text(encoding="utf-8"))))] == []


def nonsense(chance: random.Random, depth: int = 4) -> Iterator[str]:
    """Words and signs of SPARQL in any order, within brackets that match."""
    words = (*sorted(KEYWORDS | FUNCTIONS), "?a", "?b", "<x>", "<>", "e:x", "1", "'s'", "@en", "name", "AND", *".;,=!*/|^-")
    for _ in range(chance.randint(0, 6)):
        if depth and chance.random() < 0.4:
            opening, closing = chance.choice(["{}", "{}", "()", "[]", ("<<", ">>")])
            yield from (opening, *nonsense(chance, depth - 1), closing)
        else:
            yield chance.choice(words)


def test_no_text_is_too_strange_to_be_looked_at() -> None:
    chance = random.Random(4)
    texts = [" ".join(nonsense(chance)) for _ in range(2_000)]
    assert sum(first_mistake(list(tokenise(text))) is not None for text in texts) > 1_000


@pytest.mark.parametrize("piece", HARD)
def test_looking_for_mistakes_costs_little(piece: str) -> None:
    tokens = list(tokenise(piece * (1_000 // len(list(tokenise(piece))))))
    began = time.process_time()
    first_mistake(tokens)
    assert time.process_time() - began < 0.5

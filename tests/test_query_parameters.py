"""Parameters of named queries: terms in the places of their defaults, whatever a value looks like."""

from __future__ import annotations

import pytest

from triplehelix import queries, store

BASE = "https://example.org/"
HEADER = "#+ title: t\n#+ description: d\n#+ parameter: x first\n#+ parameter: y second\n#+ example: none\n"
TWO = queries.read_text("two", HEADER + 'SELECT ?x ?y WHERE { VALUES ?x { "a" } VALUES ?y { <https://example.org/b> } }')


def answer(values: dict[str, str]) -> tuple[str, str]:
    row, = store.rows(store.memory([]), TWO.bound(values), BASE)
    return row["x"].value, row["y"].value


def test_a_query_runs_with_its_defaults() -> None:
    assert answer({}) == ("a", BASE + "b")


def test_a_value_that_looks_like_a_clause_stays_a_value() -> None:
    clause = "VALUES ?y { <urn:x> }"
    assert answer({"x": clause, "y": "urn:y"}) == (clause, "urn:y")


def test_quotes_and_line_ends_stay_in_their_literal() -> None:
    assert answer({"x": '" } ASK {\n\\'}) == ('" } ASK {\n\\', BASE + "b")


@pytest.mark.parametrize("name", ["format", "release"])
def test_no_parameter_is_called_what_addresses_use(name: str) -> None:
    text = f"#+ title: t\n#+ description: d\n#+ parameter: {name} x\n#+ example: none\nASK {{ VALUES ?{name} {{ \"a\" }} }}"
    with pytest.raises(ValueError, match=rf"own\.rq: no parameter is called {name}, .* choose another name"):
        queries.read_text("own", text)


@pytest.mark.parametrize("value", ["", "not an iri", "urn:x> } #", "http://e/{x}"])
def test_a_value_that_is_no_iri_is_refused(value: str) -> None:
    with pytest.raises(queries.BadParameter, match="is not a value like"):
        TWO.bound({"y": value})


def test_an_unknown_parameter_is_refused_with_those_there_are() -> None:
    with pytest.raises(queries.BadParameter, match="two has no parameter z; it has: x, y"):
        TWO.bound({"z": "1"})

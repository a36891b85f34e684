"""Texts that are no query, or a very strange one: numbers, names, signs, escapes, and bytes that are no text."""

from __future__ import annotations

from functools import partial

from hostile.vector import DIRECT, FORM, Vector, asked, bare, sent, statuses

ANSWERED, REFUSED = statuses(200), statuses(400)
XSD = "http://www.w3.org/2001/XMLSchema#"


def prefixes(count: int) -> str:
    """A query that declares so many prefixes."""
    return "".join(f"PREFIX p{n}: <urn:{n}> " for n in range(count)) + "ASK {}"


# Numbers and names of any size are terms like others.
STRANGE = {
    "huge exponent": "SELECT (1E999999999 AS ?x) {}",
    "huge exponent as decimal": f'SELECT ("1E999999999"^^<{XSD}decimal> + 1 AS ?x) {{}}',
    "huge exponent below zero": "SELECT (1E-999999999 * 1E-999999999 AS ?x) {}",
    "integer of 60,000 digits": "SELECT (" + "9" * 60_000 + " + 1 AS ?x) {}",
    "decimal of 60,000 digits": "SELECT (0." + "9" * 60_000 + " * 2 AS ?x) {}",
    "integers overflow": "SELECT (9223372036854775807 + 1 AS ?x) (-9223372036854775808 - 1 AS ?y) {}",
    "divided by zero": "SELECT (1/0 AS ?x) (1.0/0 AS ?y) (1e0/0 AS ?z) {}",
    "smallest integer divided": "SELECT ((-9223372036854775807 - 1) / -1 AS ?x) (ABS(-9223372036854775807 - 1) AS ?y) {}",
    "duration of 5,000 digits of years": f'SELECT ("P{"9" * 5_000}Y"^^<{XSD}duration> AS ?x) {{}}',
    "date of a year long before": f'SELECT (YEAR("-99999999999-01-01T00:00:00Z"^^<{XSD}dateTime>) AS ?x) {{}}',
    "substring from far": 'SELECT (SUBSTR("abc", -9223372036854775807, 9223372036854775807) AS ?x) {}',
    "substring from infinity": 'SELECT (SUBSTR("abc", -1E999, 1E999) AS ?x) {}',
    "substring of clusters": 'SELECT (SUBSTR("a\u0301\U0001f468\u200d\U0001f469", 2, 1) AS ?x) {}',
    "variable of 60,000 letters": "SELECT ?" + "v" * 60_000 + " {}",
    "IRI of 60,000 letters": "ASK { <urn:" + "i" * 60_000 + "> ?p ?o }",
    "string of 60,000 letters": 'ASK { ?s ?p "' + "s" * 60_000 + '" }',
    "language of 60,000 letters": 'ASK { ?s ?p "x"@' + "-".join(["abcdefgh"] * 6_600) + " }",
    "comment of 60,000 letters": "ASK {} # " + "c" * 60_000,
    "60,000 line ends": "ASK {" + "\n" * 60_000 + "}",
    "1,000 prefixes": prefixes(1_000),
    "one prefix 2,000 times": "PREFIX p: <urn:p> " * 2_000 + "ASK {}",
    "bases upon bases": "BASE <http://x.invalid/> " + "BASE <a/> " * 2_000 + "ASK { <> ?p ?o }",
    "climbing base": "ASK { <" + "../" * 15_000 + "x> ?p ?o }",
    "local names of escapes": "PREFIX p: <urn:p> ASK { p:" + r"\-" * 20_000 + " ?p ?o }",
    "NUL in a string": 'SELECT ("a\0b" AS ?x) {}',
    "signs from right to left": 'SELECT ("\u202e\u2066\u200f" AS ?x) {}',
    "mark of byte order in a string": 'SELECT ("\ufeff" AS ?x) {}',
    "last character there is": 'SELECT ("\U0010ffff\uffff" AS ?x) {}',
    "javascript as an IRI": 'SELECT (IRI("javascript:alert(1)") AS ?x) {}',
    "line end for a header": 'SELECT (IRI("http://x.invalid/\\r\\nSet-Cookie: a=b") AS ?x) {}',
    "markup in every place": 'SELECT ?x { BIND("<script>alert(1)</script>" AS ?x) }',
}
# Each of these is refused at a place of its text.
BROKEN = {
    "LIMIT below zero": "SELECT * {} LIMIT -1",
    "LIMIT of words": "SELECT * {} LIMIT many",
    "LIMIT of half": "SELECT * {} LIMIT 0.5",
    "undeclared prefix": "ASK { x:y ?p ?o }",
    "prefix of 60,000 letters": "ASK { " + "p" * 60_000 + ":x ?p ?o }",
    "string never closed": 'ASK { ?s ?p "never }',
    "long string never closed": 'ASK { ?s ?p """' + "x" * 60_000 + "}",
    "60,000 quotation marks": "ASK { ?s ?p " + '"' * 59_999 + " }",
    "60,000 backslashes": 'ASK { ?s ?p "' + "\\" * 59_999 + '" }',
    "IRI never closed": "ASK { <http://x.invalid/ ?p ?o }",
    "60,000 less-than": "ASK { " + "<" * 60_000 + " }",
    "bracket never closed": "ASK { ?s ?p ?o",
    "bracket never opened": "ASK { ?s ?p ?o } }",
    "brackets crossed": "ASK { ( } )",
    "60,000 closing brackets": "ASK {" + "}" * 60_000,
    "60,000 words": "ASK { " + "x " * 30_000 + "}",
    "60,000 dots": "ASK { ?s ?p ?o " + "." * 60_000 + "}",
    "60,000 colons": "ASK { " + ":" * 60_000 + " ?p ?o }",
    "NUL outside a string": "ASK {\0}",
    "two queries in a row": "ASK {} ASK {}",
    "an update": "DELETE WHERE { ?s ?p ?o }",
    "update behind a query": "ASK {} ; DROP ALL",
    "query of another language": "MATCH (n) RETURN n",
    "nonsense": "\U0001f9ec" * 1_000,
    "surrogate by escape": 'ASK { ?s ?p "\\uD800" }',
    "character beyond the last by escape": 'ASK { ?s ?p "\\U00110000" }',
    "escape cut off": 'ASK { ?s ?p "\\u12" }',
    "quotation mark in an IRI by escape": "ASK { <http://x.invalid/\\u0022> ?p ?o }",
    "line end in an IRI by escape": "ASK { <http://x.invalid/\\u000D\\u000A> ?p ?o }",
    "variable selected twice": "SELECT (1 AS ?x) (2 AS ?x) {}",
    "parameter in braces": "SELECT * { ?s ?p {{value}} }",
}
EMPTY = {"nothing": "", "blanks": " \n\t ", "comment only": "# ASK {}", "comment without an end": "#" * 60_000}
# Bytes that are no UTF-8.
BYTES = {
    "byte FF": b"ASK { \xff }",
    "lone surrogate": b'ASK { ?s ?p "\xed\xa0\x80" }',
    "overlong slash": b'ASK { ?s ?p "\xc0\xaf" }',
    "cut-off character": b"ASK {} # \xe2\x82",
    "UTF-16": "ASK {}".encode("utf-16"),
    "zip": b"PK\x03\x04\xff\xfe",
    "Latin-1": b"ASK{} # \xe9",
    "five-byte character": b'ASK { ?s ?p "\xf8\x88\x80\x80\x80" }',
}

TEXTS = (
    *(Vector(name, asked(text), ANSWERED) for name, text in STRANGE.items()),
    *(Vector(name, asked(text), REFUSED, placed=True) for name, text in BROKEN.items()),
    *(Vector(f"empty: {name}", asked(text), REFUSED) for name, text in EMPTY.items()),
    *(
        Vector(f"bytes: {name}", sent("POST", "/sparql", f"Content-Type: {DIRECT}", body=text), REFUSED, told="utf-8")
        for name, text in BYTES.items()
    ),
    *(
        Vector(
            f"bytes in a form: {name}",
            sent("POST", "/sparql", f"Content-Type: {FORM}", body=b"query=" + text),
            REFUSED,
            told="utf-8",
        )
        for name, text in list(BYTES.items())[:4]
    ),
    Vector("bytes in the address", bare("GET", "/sparql?query=%FF%FE"), REFUSED, told="utf-8"),
    Vector("NUL in the address", bare("GET", "/sparql?query=%00"), REFUSED),
    Vector("surrogate in the address", bare("GET", "/sparql?query=%ED%A0%80"), REFUSED, told="utf-8"),
    Vector("mark of byte order at the start", asked("\ufeffASK {}"), statuses(200, 400)),
    Vector("unknown function", asked("SELECT (<http://x.invalid/f>(1) AS ?x) {}"), statuses(200, 400)),
    Vector("LIMIT beyond any number", asked("SELECT * {} LIMIT " + "9" * 40), statuses(200, 400)),
    Vector("5,000 prefixes", asked(partial(prefixes, 5_000)), REFUSED, told="limit"),
    Vector("300,000 prefixes", asked(partial(prefixes, 300_000)), statuses(413)),
)

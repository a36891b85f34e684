"""Queries that cost more than anyone may have: time, memory or bytes; and some that only look so."""

from __future__ import annotations

from functools import partial

from hostile.vector import Vector, asked, statuses

STOPPED, TOO_MUCH = statuses(504), statuses(503, 504)
# A product of five patterns: the number of triples to the power of five.
PRODUCT = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def doubled(times: int) -> str:
    """A string that doubles so many times."""
    binds = "".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1}) " for n in range(times))
    return f'SELECT (STRLEN(?x{times}) AS ?n) {{ BIND("0123456789" AS ?x0) {binds}}}'


def replaced(times: int) -> str:
    """A string in which each character becomes ten, so many times."""
    return "SELECT (STRLEN(" + "REPLACE(" * times + '"aaaaaaaaaa"' + ', "a", "aaaaaaaaaa")' * times + ") AS ?n) {}"


def listed(count: int, start: str, end: str) -> str:
    """A query with so many numbers in a list."""
    return start + ", ".join(map(str, range(count))) + end


RUNAWAYS = {
    "product counted": f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} }}",
    "product sorted": f"SELECT * {{ {PRODUCT} }} ORDER BY ?a ?f LIMIT 1",
    "product made distinct": f"SELECT DISTINCT * {{ {PRODUCT} }} OFFSET 1000000000 LIMIT 1",
    "product joined to one string": f"SELECT (STRLEN(GROUP_CONCAT(?c)) AS ?n) {{ {PRODUCT} }}",
    "product grouped": f"SELECT ?a (COUNT(*) AS ?n) {{ {PRODUCT} }} GROUP BY ?a ?d ?g ?j",
    "product constructed": f"CONSTRUCT {{ ?a ?b ?o }} {{ {PRODUCT} }}",
    "product described": f"DESCRIBE ?a {{ {PRODUCT} }}",
    "product that never holds": f"ASK {{ {PRODUCT} FILTER(CONCAT(STR(?a), STR(?e), STR(?i), STR(?l), STR(?o)) = '') }}",
    "product in sub-selects": f"SELECT (COUNT(*) AS ?n) {{ {{ SELECT * {{ {PRODUCT} }} }} {{ SELECT * {{ {PRODUCT} }} }} }}",
    "product of optionals": "SELECT (COUNT(*) AS ?n) { "
    + "".join(f"OPTIONAL {{ ?a{n} ?b{n} ?c{n} }} " for n in range(6))
    + "}",
    "product of unions": "SELECT (COUNT(*) AS ?n) { " + "{ ?a ?b ?c } UNION { ?d ?e ?f } " * 3 + PRODUCT + " }",
    "random products": f"SELECT (SUM(RAND()) AS ?n) {{ {PRODUCT} }}",
}
# Where the data are few a worker may come to an end in time; then the answer has to be whole, or too large.
HEAVY = {
    "product shown": (f"SELECT * {{ {PRODUCT} }}", statuses(413, 504)),
    "pages of a product": (f"SELECT * {{ {PRODUCT} }} OFFSET 99999999999 LIMIT 1", STOPPED),
    "path both ways": (
        "SELECT (COUNT(*) AS ?n) { ?a (!<urn:x>|!^<urn:x>)* ?b . ?c (!<urn:x>|!^<urn:x>)* ?d . "
        "?e (!<urn:x>|!^<urn:x>)* ?f }",
        STOPPED,
    ),
    "path of nested stars": (f"SELECT (COUNT(*) AS ?n) {{ ?a ((({TYPE}|^{TYPE})*)*)* ?b }}", statuses(200, 504)),
    "path of stars in a row": (
        f"SELECT (COUNT(*) AS ?n) {{ ?a ({TYPE}|^{TYPE})*" + f"/({TYPE}|^{TYPE})*" * 8 + " ?b }",
        TOO_MUCH,
    ),
    "string doubled": (doubled(34), statuses(200, 503, 504)),
    "string doubled a hundred times": (doubled(100), statuses(200, 503, 504)),
    "replace in replace": (replaced(12), statuses(200, 503, 504)),
    "sorted strings": (
        f"SELECT ?x {{ {PRODUCT} BIND(CONCAT(STR(?a), STR(?d), STR(?g)) AS ?x) }} ORDER BY DESC(?x)",
        TOO_MUCH,
    ),
    "repeated string": (
        'SELECT (STRLEN(GROUP_CONCAT(?x; separator="' + "y" * 50_000 + '")) AS ?n) '
        '{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i BIND("z" AS ?x) }',
        TOO_MUCH,
    ),
    "regex of nested repeats": ('SELECT * { FILTER(REGEX("' + "a" * 40 + 'b", "^(a+)+$")) }', statuses(200)),
    "regex of counted repeats": ('SELECT * { FILTER(REGEX("a", "((a{1000}){1000}){1000}")) }', statuses(200, 400)),
    "regex of alternatives": (
        'SELECT * { FILTER(REGEX("' + "a" * 30_000 + '", "(a|aa|aaa)*(a|aa|aaa)*b")) }',
        statuses(200, 504),
    ),
    "regex of 5,000 groups": (
        'SELECT * { FILTER(REGEX("a", "' + "(" * 5_000 + "a" + ")" * 5_000 + '")) }',
        statuses(200, 400),
    ),
    "values crossed": (
        "SELECT (COUNT(*) AS ?n) { "
        + "".join(f"VALUES ?v{n} {{ {' '.join(map(str, range(200)))} }} " for n in range(8))
        + "}",
        STOPPED,
    ),
}
# Lists and chains as long as a query can hold: refused or answered, never more than the limit.
LONG = {
    "IN of 10,000 numbers": (partial(listed, 10_000, "SELECT * { ?s ?p ?o FILTER(?o IN (", ")) }"), statuses(200, 504)),
    "IN of 500,000 numbers": (partial(listed, 500_000, "SELECT * { ?s ?p ?o FILTER(?o IN (", ")) }"), statuses(400, 413)),
    "VALUES of 12,000 rows": ("SELECT * { VALUES ?x { " + "1 " * 12_000 + "} }", statuses(200)),
    "VALUES of a million rows": (lambda: "SELECT * { VALUES ?x { " + "1 " * 1_000_000 + "} }", statuses(413)),
    "VALUES of 500 columns": (
        "SELECT * { VALUES (" + "".join(f"?v{n} " for n in range(500)) + ") { " + ("(" + "1 " * 500 + ") ") * 50 + "} }",
        statuses(200),
    ),
    "3,000 variables selected": ("SELECT " + "".join(f"?v{n} " for n in range(3_000)) + "{}", statuses(200)),
    "900 unions": ("SELECT * { {}" + " UNION { ?s ?p ?o }" * 900 + " }", statuses(200, 413)),
    "5,000 unions": ("SELECT * { {}" + " UNION {}" * 5_000 + " }", statuses(400)),
    "900 optionals": ("SELECT * { " + "OPTIONAL { ?s ?p ?o } " * 900 + "}", statuses(200, 504)),
    "900 binds": ("SELECT ?x899 { " + "".join(f"BIND({n} AS ?x{n}) " for n in range(900)) + "}", statuses(200)),
    "900 disjunctions": ("SELECT * { FILTER(" + " || ".join(["?x = 1"] * 900) + ") }", statuses(200)),
    "9,000 disjunctions": ("SELECT * { FILTER(" + "||".join(["1"] * 9_000) + ") }", statuses(400)),
    "9,000 sums": ("SELECT (" + "+".join(["1"] * 9_000) + " AS ?n) {}", statuses(400)),
    "9,000 alternatives of a path": ("SELECT * { ?s " + "|".join(["a"] * 9_000) + " ?o }", statuses(400)),
    "9,000 steps of a path": ("SELECT * { ?s " + "/".join(["a"] * 9_000) + " ?o }", statuses(400)),
    "6,000 filters": ("SELECT * { " + "FILTER(1) " * 6_000 + "}", statuses(400)),
    "1,000 sort keys": ("SELECT * { ?s ?p ?o } ORDER BY " + "STR(?s) " * 1_000, statuses(200, 504)),
    "900 group keys": (
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY "
        + "".join(f"(CONCAT(STR(?s), '{n}') AS ?k{n}) " for n in range(900)),
        statuses(200, 504),
    ),
    "CONCAT of 12,000": ("SELECT (STRLEN(CONCAT(" + ", ".join(["'a'"] * 12_000) + ")) AS ?n) {}", statuses(200)),
}

COSTS = (
    *(Vector(name, asked(text), TOO_MUCH, told="limit") for name, text in RUNAWAYS.items()),
    *(Vector(name, asked(text), expected) for name, (text, expected) in (HEAVY | LONG).items()),
)

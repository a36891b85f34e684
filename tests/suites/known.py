"""The cases that the engine fails, by IRI, with the reason. All of them fail in the bare engine too."""

from __future__ import annotations

SPARQL_10 = "http://www.w3.org/2001/sw/DataAccess/tests/data-r2/"
SPARQL_11 = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
FORMS = "the store keeps one lexical form of a number, a truth value or a date: terms that differ in their form only are one"
SCOPE = "the variable of GRAPH is bound around the pattern, not after it"
PATH = "a path of no steps from a term that the store does not hold gives no row"
COLUMNS = "the columns of SELECT * come in the order of the alphabet"
REASONS = (
    (FORMS, SPARQL_10, (
        "distinct/manifest#distinct-1", "distinct/manifest#distinct-9", "expr-builtin/manifest#dawg-str-1",
        "expr-builtin/manifest#dawg-str-2", "expr-builtin/manifest#sameTerm-eq", "expr-builtin/manifest#sameTerm-not-eq",
        "expr-builtin/manifest#sameTerm-simple", "expr-equals/manifest#eq-graph-1", "expr-equals/manifest#eq-graph-2",
        "open-world/manifest#date-3", "open-world/manifest#open-eq-01")),
    ("dates with and without a time zone are compared as XML Schema 1.1 has it", SPARQL_10, ("open-world/manifest#date-2",)),
    (SCOPE, SPARQL_10, ("graph/manifest#graph-optional", "graph/manifest#graph-variable-scope")),
    ("true and false are read in small letters only", SPARQL_10, ("expr-builtin/manifest#case-insensitive-booleans",)),
    ("< and > around variables are read as comparisons where the longest token is an IRI", SPARQL_10, (
        "syntax-sparql3/manifest#syn-bad-26",)),
    (FORMS, SPARQL_11, (
        "cast/manifest#cast-bool", "cast/manifest#cast-decimal", "cast/manifest#cast-double", "cast/manifest#cast-float",
        "cast/manifest#cast-int", "cast/manifest#cast-string", "csv-tsv-res/manifest#tsv03")),
    (COLUMNS, SPARQL_11, ("csv-tsv-res/manifest#csv01", "csv-tsv-res/manifest#csv02", "csv-tsv-res/manifest#csv03")),
    (SCOPE, SPARQL_11, ("aggregates/manifest#agg-empty-group-count-graph", "bindings/manifest#graph",
                        "negation/manifest#graph-minus")),
    ("GROUP_CONCAT keeps the language that its values share, so that the text equals no plain string", SPARQL_11, (
        "aggregates/manifest#agg-groupconcat-04", "aggregates/manifest#agg-groupconcat-06")),
    ("BNODE of equal strings gives one node for the whole answer, not one a row", SPARQL_11, ("functions/manifest#bnode01",)),
    (PATH, SPARQL_11, (
        "property-path/manifest#zero_or_more_set_end", "property-path/manifest#zero_or_more_set_start",
        "property-path/manifest#zero_or_one_set_end", "property-path/manifest#zero_or_one_set_start")),
)


def failures() -> dict[str, str]:
    """IRI of a case to the reason why it fails."""
    return {space + name: reason for reason, space, names in REASONS for name in names}

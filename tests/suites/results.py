"""Expected and found answers as one canonical value each, so that equality is a comparison.

Rows are compared without their order, numbers by value within their datatype, blank nodes up to isomorphism.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Hashable, Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    Triple,
    parse,
    parse_query_results,
)

from suites.manifests import RDF, Graph, Node
from triplehelix import formats

RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
XSD = "http://www.w3.org/2001/XMLSchema#"
RESULTS = {".srx": QueryResultsFormat.XML, ".srj": QueryResultsFormat.JSON, ".tsv": QueryResultsFormat.TSV}
NUMERIC = {XSD + name for name in ("integer", "decimal", "double", "float", "int", "long", "short", "byte",
                                   "nonNegativeInteger", "positiveInteger", "negativeInteger", "nonPositiveInteger",
                                   "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte")}
Row = dict[str, Node | Triple]


def format_for(result: str, form: str) -> str:
    """The name of the format in which an answer is asked for, so that it can be held against the result file."""
    if form in ("construct", "describe"):
        return "nt"
    return {".csv": "csv", ".tsv": "tsv", ".srx": "xml"}.get(Path(result).suffix, "json")


def expected(path: Path, base: str) -> Hashable:
    """The canonical value of a result file."""
    if path.suffix == ".csv":
        return _table(path.read_bytes())
    if path.suffix in RESULTS:
        return _results(path.read_bytes(), RESULTS[path.suffix])
    graph = Graph(path, base)
    sets = [q.subject for q in graph.quads if q.predicate.value == RDF + "type" and q.object == NamedNode(RS + "ResultSet")]
    return _result_set(graph, sets[0]) if sets else _graph(graph.quads)


def found(body: bytes, name: str) -> Hashable:
    """The canonical value of an answer in the format of that name."""
    if name == "csv":
        return _table(body)
    fmt = formats.by_name(name)
    if fmt in formats.RESULTS:
        return _results(body, fmt.engine)
    return _graph(parse(body, format=fmt.engine))


def distinct(value: Hashable) -> Hashable:
    """The rows of an answer without how often they come; they have no blank nodes in the cases that need this."""
    return frozenset(row for row, _ in value[1])


def _table(body: bytes) -> Hashable:
    head, *rows = csv.reader(io.StringIO(body.decode()))
    return ("table", tuple(head), frozenset(Counter(map(tuple, rows)).items()))


def _results(body: bytes, fmt: QueryResultsFormat) -> Hashable:
    parsed = parse_query_results(body, format=fmt)
    if isinstance(parsed, QueryBoolean):
        return ("boolean", bool(parsed))
    names = [variable.value for variable in parsed.variables]
    return _rows({name: row[name] for name in names if row[name] is not None} for row in parsed)


def _result_set(graph: Graph, node: Node) -> Hashable:
    """A result set written as RDF, as SPARQL 1.0 has it."""
    if truth := graph.value(node, RS + "boolean"):
        return ("boolean", truth.value == "true")
    return _rows({graph.value(binding, RS + "variable").value: graph.value(binding, RS + "value")
                  for binding in graph.values(solution, RS + "binding")}
                 for solution in graph.values(node, RS + "solution"))


def _rows(rows: Iterable[Row]) -> Hashable:
    counted = Counter(frozenset((name, _term(term)) for name, term in row.items()) for row in rows)
    ground = {row: n for row, n in counted.items() if not any(isinstance(term, BlankNode) for _, term in row)}
    # Rows with blank nodes become triples of a node each, for the canonicalisation of RDF to compare.
    quads = [Quad(BlankNode(f"row{number}"), NamedNode("urn:x-var:" + name), term)
             for number, row in enumerate(sorted(counted.keys() - ground.keys(), key=str))
             for name, term in (*row, ("*", Literal(counted[row])))]
    return ("rows", frozenset(ground.items()), _canonical(quads))


def _graph(quads: Iterable[Quad]) -> Hashable:
    return ("graph", _canonical(Quad(q.subject, q.predicate, _term(q.object)) for q in quads))


def _canonical(quads: Iterable[Quad]) -> frozenset[str]:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return frozenset(map(str, dataset))


def _term(term: Node | Triple) -> Node | Triple:
    """The term with its number in one form and its language in lower case."""
    if not isinstance(term, Literal):
        return term
    if term.language:
        return Literal(term.value, language=term.language.lower())
    if term.datatype.value in NUMERIC:
        try:
            return Literal(f"{Decimal(term.value).normalize():E}", datatype=term.datatype)
        except InvalidOperation:
            return term
    return term

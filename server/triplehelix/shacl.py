"""SHACL validation (SHACL 1.0) by pySHACL, the judge; triples in and findings out are our own."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass

import rdflib
from pyoxigraph import Literal, RdfFormat, Triple, serialize
from pyshacl import validate
from pyshacl.errors import ConstraintLoadError, ReportableRuntimeError, ShapeLoadError
from rdflib import Graph
from rdflib.namespace import RDF, SH, XSD
from rdflib.term import Node, URIRef

from triplehelix.findings import fault

ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?"
# What rdflib takes although XML Schema does not.
LEXICAL = {"gYear": re.compile(r"-?[0-9]{4,}" + ZONE), "gYearMonth": re.compile(r"-?[0-9]{4,}-(?:0[1-9]|1[0-2])" + ZONE),
           "integer": re.compile(r"[+-]?[0-9]+"), "decimal": re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")}
# Both libraries tell on standard error what becomes a finding here.
logging.getLogger("pyshacl").setLevel(logging.ERROR)
logging.getLogger("rdflib.term").setLevel(logging.ERROR)


@dataclass(frozen=True, order=True)
class Result:
    """One sh:ValidationResult: focus node, path (predicate IRI, or "" ), value, message, component and source shape."""

    focus: str
    path: str
    value: str
    message: str
    component: str
    shape: str
    severity: str

    @property
    def violation(self) -> bool:
        return self.severity == "Violation"


def validated(data: Graph, shapes: Graph) -> list[Result]:
    """Validate `data` against `shapes`; sorted results of every severity.

    Always all of it: given focus nodes, pySHACL 0.40 would pass every value outside them without a look.
    """
    try:
        _, report, _ = validate(data, shacl_graph=shapes, inference="none", advanced=False, inplace=True)
    except (ShapeLoadError, ConstraintLoadError, ReportableRuntimeError, re.error) as error:
        raise fault("shapes", f"a shape cannot be used: {error}") from error
    return sorted({_result(report, node) for node in report.subjects(RDF.type, SH.ValidationResult)
                   if (None, SH.result, node) in report})


def is_well_typed(literal: Literal) -> bool:
    """Whether a literal is a value of its datatype, as far as the datatype is known (XML Schema 1.1 part 2)."""
    kind = literal.datatype.value.removeprefix(str(XSD))
    if literal.language or kind == "string":
        return True
    if kind in LEXICAL and not LEXICAL[kind].fullmatch(literal.value):
        return False
    return rdflib.Literal(literal.value, datatype=URIRef(literal.datatype.value)).ill_typed is not True


def graph(triples: Iterable[Triple]) -> Graph:
    """The triples as a graph of rdflib."""
    lines = serialize(triples, format=RdfFormat.N_TRIPLES)
    return Graph().parse(data=lines, format="nt")


def _result(report: Graph, node: Node) -> Result:
    def text(predicate: URIRef) -> str:
        return str(report.value(node, predicate) or "")

    path = report.value(node, SH.resultPath)
    return Result(text(SH.focusNode), str(path) if isinstance(path, URIRef) else "", text(SH.value),
                  text(SH.resultMessage), text(SH.sourceConstraintComponent), text(SH.sourceShape),
                  text(SH.resultSeverity).rpartition("#")[2])

"""SHACL validation (SHACL 1.0) by pySHACL, the judge; triples in and findings out are our own."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import RdfFormat, Triple, serialize
from pyshacl import validate
from rdflib import Graph
from rdflib.namespace import RDF, SH
from rdflib.term import Node, URIRef


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
    logging.getLogger("pyshacl").setLevel(logging.ERROR)
    _, report, _ = validate(data, shacl_graph=shapes, inference="none", advanced=False, inplace=True)
    return sorted({_result(report, node) for node in report.subjects(RDF.type, SH.ValidationResult)
                   if (None, SH.result, node) in report})


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

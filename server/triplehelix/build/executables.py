"""The public named queries as RDF: one sh:SPARQLExecutable each, in the service graph graph/queries."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Quad

from triplehelix import queries
from triplehelix.coverage import coverage
from triplehelix.engine.reading import form_of
from triplehelix.project import Project
from triplehelix.store import Store

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
RDFS_COMMENT = "http://www.w3.org/2000/01/rdf-schema#comment"
DERIVED_FROM = "http://www.w3.org/ns/prov#wasDerivedFrom"
DCTERMS = "http://purl.org/dc/terms/"
SH = "http://www.w3.org/ns/shacl#"
# The class and the property that hold a query of each form (SHACL Advanced Features section 5).
EXECUTABLES = {"select": ("SPARQLSelectExecutable", "select"), "ask": ("SPARQLAskExecutable", "ask"),
               "construct": ("SPARQLConstructExecutable", "construct"), "describe": ("SPARQLExecutable", "select")}


def describe(project: Project, known: Store) -> Iterator[Quad]:
    """Quads that describe every public query: title, description, text, parameters, and what its answer rests on.

    `known` holds the named graphs of the release and their merge, at the canonical base.
    """
    graph = NamedNode(f"{project.base}graph/queries")
    for query in queries.read_all(project.queries()).values():
        rows = [*_rows(project.base, query), *_coverage(project.base, query, known)]
        for subject, predicate, value in rows:
            yield Quad(NamedNode(subject), NamedNode(predicate), value, graph)


def _coverage(base: str, query: queries.Query, known: Store) -> Iterator[tuple[str, str, NamedNode | Literal]]:
    """What the answer of a SELECT rests on, in a sentence and as the graphs its things stand in."""
    if form_of(query.text) == "select":
        found = coverage(known, query, base)
        yield f"{base}query/{query.slug}", RDFS_COMMENT, Literal(found.sentence, language="en")
        for name in found.graphs:
            yield f"{base}query/{query.slug}", DERIVED_FROM, NamedNode(f"{base}graph/{name}")


def _rows(base: str, query: queries.Query) -> Iterator[tuple[str, str, NamedNode | Literal]]:
    subject = f"{base}query/{query.slug}"
    kind, text = EXECUTABLES[form_of(query.text)]
    yield subject, RDF_TYPE, NamedNode(SH + kind)
    yield subject, RDFS_LABEL, Literal(query.title, language="en")
    yield subject, DCTERMS + "description", Literal(query.description, language="en")
    yield subject, DCTERMS + "identifier", Literal(query.slug)
    yield subject, SH + text, Literal(query.text)
    for parameter in query.parameters:
        iri = f"{subject}#{parameter.name}"
        yield subject, SH + "parameter", NamedNode(iri)
        yield iri, RDF_TYPE, NamedNode(SH + "Parameter")
        yield iri, SH + "name", Literal(parameter.name)
        yield iri, SH + "description", Literal(parameter.meaning, language="en")
        yield iri, SH + "defaultValue", parameter.default

"""The vocabularies that the catalogue speaks, and how its parts say something of a subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Literal, NamedNode, Triple

from triplehelix.build.catalogue.counts import Counts
from triplehelix.store import Store

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"
DCAT = "http://www.w3.org/ns/dcat#"
DCTERMS = "http://purl.org/dc/terms/"
FOAF = "http://xmlns.com/foaf/0.1/"
PROV = "http://www.w3.org/ns/prov#"
SD = "http://www.w3.org/ns/sparql-service-description#"
SPDX = "http://spdx.org/rdf/terms#"
VCARD = "http://www.w3.org/2006/vcard/ns#"
VOID = "http://rdfs.org/ns/void#"
TYPE = RDF + "type"

Term = NamedNode | Literal


@dataclass(frozen=True)
class Part:
    """One named graph of the release: IRI, how it takes part (dataset, apart, service), its triples, its dumps' stem."""

    iri: str
    part: str
    triples: int
    stem: str


@dataclass(frozen=True)
class Contents:
    """What a catalogue is made from: base IRI, version, the store of the release, and what is counted of its default graph."""

    base: str
    version: str
    known: Store
    counts: Counts

    @property
    def dataset(self) -> str:
        """The IRI of the dataset."""
        return self.base + "dataset"

    @property
    def date(self) -> str:
        """The newest date that the data state: a version begins with it."""
        return self.version[:10]

    def values(self, subject: str, predicate: str) -> list[Term]:
        """The objects of subject and predicate in the default graph, sorted."""
        found = self.known.quads_for_pattern(NamedNode(subject), NamedNode(predicate), None, DefaultGraph())
        return sorted((quad.object for quad in found), key=str)

    def about(self, subject: str) -> dict[str, list[Term]]:
        """What is said of a subject in the default graph, by predicate; all of it sorted."""
        found: dict[str, list[Term]] = {}
        for quad in sorted(self.known.quads_for_pattern(NamedNode(subject), None, None, DefaultGraph()), key=str):
            found.setdefault(quad.predicate.value, []).append(quad.object)
        return found


def say(subject: str, rows: Iterable[tuple[str, Term]]) -> Iterator[Triple]:
    """Triples of one subject from (predicate, object)."""
    return (Triple(NamedNode(subject), NamedNode(predicate), value) for predicate, value in rows)


def english(text: str) -> Literal:
    return Literal(text, language="en")


def typed(text: str, datatype: str) -> Literal:
    """A literal of a datatype of XML Schema."""
    return Literal(text, datatype=NamedNode(XSD + datatype))

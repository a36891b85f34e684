"""The vocabularies that the catalogue speaks, and how its parts say something of a subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import Literal, NamedNode, Triple

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
    triples: list[Triple]
    stem: str


@dataclass(frozen=True)
class Contents:
    """What a catalogue is made from: base IRI, version, and the merge of the graphs of the dataset."""

    base: str
    version: str
    merge: list[Triple]

    @property
    def dataset(self) -> str:
        """The IRI of the dataset."""
        return self.base + "dataset"

    @property
    def date(self) -> str:
        """The newest date that the data state: a version begins with it."""
        return self.version[:10]

    def values(self, subject: str, predicate: str) -> list[Term]:
        """The objects of subject and predicate, sorted."""
        return sorted(self._said[subject].get(predicate, ()), key=str)

    def about(self, subject: str) -> dict[str, list[Term]]:
        """What is said of a subject, by predicate."""
        return self._said[subject]

    @cached_property
    def _said(self) -> dict[str, dict[str, list[Term]]]:
        found: dict[str, dict[str, list[Term]]] = defaultdict(dict)
        for triple in self.merge:
            if isinstance(triple.subject, NamedNode):
                found[triple.subject.value].setdefault(triple.predicate.value, []).append(triple.object)
        return found


def say(subject: str, rows: Iterable[tuple[str, Term]]) -> Iterator[Triple]:
    """Triples of one subject from (predicate, object)."""
    return (Triple(NamedNode(subject), NamedNode(predicate), value) for predicate, value in rows)


def english(text: str) -> Literal:
    return Literal(text, language="en")


def typed(text: str, datatype: str) -> Literal:
    """A literal of a datatype of XML Schema."""
    return Literal(text, datatype=NamedNode(XSD + datatype))

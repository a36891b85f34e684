"""What the document of each resource shows, as digests: the statements it holds, with their graphs and the names of what they
speak of. Whatever changes a digest may change the document; what the document does not show changes none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
ONTOLOGY = "<http://www.w3.org/2002/07/owl#Ontology>"
DISTRIBUTION = "<http://www.w3.org/ns/dcat#distribution>"
# What the document of a named graph tells of besides: where the graph comes from, and what it is about.
ORIGINS = frozenset({"<http://purl.org/dc/terms/source>", "<http://www.w3.org/ns/prov#wasGeneratedBy>",
                     "<http://xmlns.com/foaf/0.1/primaryTopic>"})
GRAPHS = "graph/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
IS_DEFINED_BY = "<http://www.w3.org/2000/01/rdf-schema#isDefinedBy>"
IN_SCHEME = f"<{SKOS}inScheme>"
# What names a thing on a page or in RDF.
NAMES = frozenset({f"<{SKOS}prefLabel>", "<http://www.w3.org/2000/01/rdf-schema#label>", "<http://purl.org/dc/terms/title>",
                   "<http://xmlns.com/foaf/0.1/name>", "<http://www.w3.org/ns/shacl#name>", "<http://www.w3.org/ns/shacl#prefix>"})
# What a scheme shows of its concepts, besides their texts.
OF_A_CONCEPT = frozenset({RDF_TYPE, IN_SCHEME, f"<{SKOS}broader>", f"<{SKOS}topConceptOf>"})


class Piece(NamedTuple):
    """A part of what a document shows: the document (local name), a digest, whether its own topic says this, and the newest
    date that the graphs in which it stands state ("" where they state none)."""

    local: str
    digest: bytes
    own: bool
    dated: str


@dataclass
class Shown:
    """The quads of a release at its base, in lists that each have those of one subject together.

    `dates` are the newest that each graph states, by its IRI in N-Triples' form; `terms` the local names with a fragment
    that an ontology defines.
    """

    base: str
    lists: tuple[list[Quad], ...]
    dates: dict[str, str]
    terms: set[str] = field(default_factory=set)
    # Digests of names by term; then what shows statements of others: ontologies all of their graphs, a dataset its files, and
    # a graph its origins.
    _names: dict[str, bytes] = field(default_factory=dict)
    _documents: dict[str, set[str]] = field(default_factory=dict)
    _owners: dict[str, set[str]] = field(default_factory=dict)
    _graphs: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for quad in self.quads():
            predicate = str(quad.predicate)
            if predicate in NAMES:
                subject = str(quad.subject)
                self._names[subject] = _digest(self._names.get(subject, b""), predicate.encode(), str(quad.object).encode())
            elif predicate == IS_DEFINED_BY and "#" in (local := self.local(quad.subject)):
                self.terms.add(local)
            elif predicate == RDF_TYPE and str(quad.object) == ONTOLOGY and (document := self.document(quad.subject)):
                self._documents.setdefault(str(quad.graph_name), set()).add(document)
            elif predicate == DISTRIBUTION and (file := self.document(quad.object)) and (owner := self.document(quad.subject)):
                self._owners.setdefault(file, set()).add(owner)
            elif predicate in ORIGINS and (owner := self.local(quad.subject)).startswith(GRAPHS):
                self._graphs.setdefault(str(quad.object), set()).add(owner)

    def quads(self) -> Iterator[Quad]:
        return (quad for quads in self.lists for quad in quads)

    def local(self, term: NamedNode | BlankNode | Literal) -> str:
        """The local name of an IRI of ours; "" for all other terms."""
        return term.value[len(self.base):] if isinstance(term, NamedNode) and term.value.startswith(self.base) else ""

    def document(self, term: NamedNode | BlankNode | Literal) -> str:
        """The local name of the document in which an IRI of ours is described."""
        return self.local(term).partition("#")[0]

    def name(self, term: str) -> bytes:
        """A digest of the names of a term (in N-Triples' form)."""
        return self._names.get(term, b"")

    def pieces(self) -> Iterator[Piece]:
        """Everything that documents show of statements made by their subjects."""
        for quads in self.lists:
            for subject, said in groupby(quads, key=attrgetter("subject")):
                yield from self._of_subject(subject, list(said))

    def _of_subject(self, subject: NamedNode | BlankNode, said: list[Quad]) -> Iterator[Piece]:
        """One piece for each document that shows statements of the subject."""
        local, home = self.local(subject), self.document(subject)
        everywhere = {home, *self._owners.get(home, ()), *self._graphs.get(str(subject), ())} - {""}
        schemes = {self.document(q.object) for q in said if str(q.predicate) == IN_SCHEME} - {""}
        digests: dict[str, hashlib._Hash] = {}
        dated = ""
        for quad in said:
            graph, predicate, value = str(quad.graph_name), str(quad.predicate), str(quad.object)
            documents = everywhere | self._documents[graph] if graph in self._documents else everywhere
            if schemes and (predicate in OF_A_CONCEPT or value[0] == '"'):
                documents = documents | schemes
            if documents:
                names = self._names.get(predicate, b""), self._names.get(value, b"")
                line = b"\0".join((f"{subject}\0{predicate}\0{value}\0{graph}".encode(), *names))
            for document in documents:
                digests.setdefault(document, hashlib.sha256()).update(line)
            dated = max(dated, self.dates.get(graph, ""))
        for document, digest in digests.items():
            own = document == local
            yield Piece(document, digest.digest(), own, dated if own else "")


def _digest(*parts: bytes) -> bytes:
    return hashlib.sha256(b"\0".join(parts)).digest()[:16]

"""What the document of each resource shows, as digests: the statements it holds, with their graphs and the names of what they
speak of. Whatever changes a digest may change the document; what the document does not show changes none.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from triplehelix.build.lines import Line

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
TABLE = "CREATE TABLE name (term TEXT PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID"
# Digests of names that are kept at hand.
KEPT = 50_000

# Statements of a release; whenever they are asked for, from the beginning.
Statements = Callable[[], Iterable[Line]]


class Piece(NamedTuple):
    """A part of what a document shows: the document (local name), a digest, whether its own topic says this, and the newest
    date that the graphs in which it stands state ("" where they state none)."""

    local: str
    digest: bytes
    own: bool
    dated: str


@dataclass
class Shown:
    """The quads of a release at its base, in parts that each have those of one subject together.

    `dates` are the newest that each graph states, by its IRI in N-Triples' form; `aside` is a database for what grows with the
    data. `terms` are the local names with a fragment that an ontology defines.
    """

    base: str
    parts: tuple[Statements, ...]
    dates: Mapping[str, str]
    aside: sqlite3.Connection
    terms: set[str] = field(default_factory=set)
    # What shows statements of others: ontologies all of their graphs, a dataset its files, and a graph its origins.
    _documents: dict[str, set[str]] = field(default_factory=dict)
    _owners: dict[str, set[str]] = field(default_factory=dict)
    _graphs: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.aside.execute(TABLE)
        for part in self.parts:
            for subject, said in groupby(part(), key=attrgetter("subject")):
                self._take(subject, said)
        # Names are complete from here on, so that what is found once can be kept.
        self.name = lru_cache(KEPT)(self._name)

    def _take(self, subject: str, said: Iterable[Line]) -> None:
        """What other documents show of a subject: its names, and where it belongs."""
        name = b""
        for line in said:
            if line.predicate in NAMES:
                name = _digest(name or self._name(subject), line.predicate.encode(), line.object.encode())
            elif line.predicate == IS_DEFINED_BY and "#" in (local := self.local(subject)):
                self.terms.add(local)
            elif line.predicate == RDF_TYPE and line.object == ONTOLOGY and (document := self.document(subject)):
                self._documents.setdefault(line.graph, set()).add(document)
            elif line.predicate == DISTRIBUTION and (file := self.document(line.object)) and (owner := self.document(subject)):
                self._owners.setdefault(file, set()).add(owner)
            elif line.predicate in ORIGINS and (owner := self.local(subject)).startswith(GRAPHS):
                self._graphs.setdefault(line.object, set()).add(owner)
        if name:
            self.aside.execute("INSERT OR REPLACE INTO name VALUES (?, ?)", (subject, name))

    def _name(self, term: str) -> bytes:
        """A digest of the names of a term."""
        row = self.aside.execute("SELECT digest FROM name WHERE term = ?", (term,)).fetchone()
        return row[0] if row else b""

    def local(self, term: str) -> str:
        """The local name of an IRI of ours; "" for all other terms."""
        return term[len(self.base) + 1:-1] if term.startswith(self.base, 1) and term[0] == "<" else ""

    def document(self, term: str) -> str:
        """The local name of the document in which an IRI of ours is described."""
        return self.local(term).partition("#")[0]

    def pieces(self) -> Iterator[Piece]:
        """Everything that documents show of statements made by their subjects."""
        for part in self.parts:
            for subject, said in groupby(part(), key=attrgetter("subject")):
                yield from self._of_subject(subject, list(said))

    def _of_subject(self, subject: str, said: list[Line]) -> Iterator[Piece]:
        """One piece for each document that shows statements of the subject."""
        local, home = self.local(subject), self.document(subject)
        everywhere = {home, *self._owners.get(home, ()), *self._graphs.get(subject, ())} - {""}
        schemes = {self.document(line.object) for line in said if line.predicate == IN_SCHEME} - {""}
        digests: dict[str, hashlib._Hash] = {}
        dated = ""
        for _, predicate, value, graph in said:
            documents = everywhere | self._documents[graph] if graph in self._documents else everywhere
            if schemes and (predicate in OF_A_CONCEPT or value[0] == '"'):
                documents = documents | schemes
            if documents:
                names = self.name(predicate), self.name(value) if value[0] != '"' else b""
                line = b"\0".join((f"{subject}\0{predicate}\0{value}\0{graph}".encode(), *names))
            for document in documents:
                digests.setdefault(document, hashlib.sha256()).update(line)
            dated = max(dated, self.dates.get(graph, ""))
        for document, digest in digests.items():
            own = document == local
            yield Piece(document, digest.digest(), own, dated if own else "")


def _digest(*parts: bytes) -> bytes:
    return hashlib.sha256(b"\0".join(parts)).digest()[:16]

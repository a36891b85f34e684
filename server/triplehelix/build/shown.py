"""What the document of each resource shows, as digests: the statements it holds, with their graphs and the names of what they
speak of; on the page of a thing also who says so and when, what its kinds are, and how it is laid out. Whatever changes a digest
may change the document; what the document does not show changes none.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
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
DEFINITION = f"<{SKOS}definition>"
# By these a thing or a graph says what it was read from.
READ_FROM = frozenset({"<http://purl.org/dc/terms/source>", "<http://www.w3.org/ns/prov#hadPrimarySource>"})
DATED = tuple(f"^^<http://www.w3.org/2001/XMLSchema#{name}>" for name in ("date", "dateTime", "gYear", "gYearMonth"))
TABLE = "CREATE TABLE told (term TEXT, kind INTEGER, digest BLOB NOT NULL, PRIMARY KEY (term, kind)) WITHOUT ROWID"
# What others show of a term.
NAME, DATES, MEANING = range(3)
# Digests of names that are kept at hand.
KEPT = 50_000

# Statements of a release; whenever they are asked for, from the beginning.
Statements = Callable[[], Iterable[Line]]
# How things of some types are laid out, as a digest, and the predicates that have names of their own there; in N-Triples' form.
LaidOut = Callable[[frozenset[str]], tuple[bytes, frozenset[str]]]


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
    laid_out: LaidOut
    aside: sqlite3.Connection
    terms: set[str] = field(default_factory=set)
    # What shows statements of others: ontologies all of their graphs, a dataset its files, and a graph its origins.
    _documents: dict[str, set[str]] = field(default_factory=dict)
    _owners: dict[str, set[str]] = field(default_factory=dict)
    _graphs: dict[str, set[str]] = field(default_factory=dict)
    # What each graph was read from.
    _read_from: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.aside.execute(TABLE)
        for part in self.parts:
            for subject, said in groupby(part(), key=attrgetter("subject")):
                self._take(subject, said)
        # All is told from here on, so that what is found once can be kept.
        self.name = lru_cache(KEPT)(partial(self._told, NAME))
        self._dates = lru_cache(KEPT)(partial(self._told, DATES))
        self._meaning = lru_cache(KEPT)(partial(self._told, MEANING))
        self.source = lru_cache(KEPT)(self._source)

    def _take(self, subject: str, said: Iterable[Line]) -> None:
        """What other documents show of a subject: its names, dates and definition, and where it belongs."""
        told: dict[int, bytes] = {}
        for line in said:
            kind = _kind(line)
            if kind is not None:
                told[kind] = _digest(told.get(kind) or self._told(kind, subject), line.predicate.encode(), line.object.encode())
            elif line.predicate == IS_DEFINED_BY and "#" in (local := self.local(subject)):
                self.terms.add(local)
            elif line.predicate == RDF_TYPE and line.object == ONTOLOGY and (document := self.document(subject)):
                self._documents.setdefault(line.graph, set()).add(document)
            elif line.predicate == DISTRIBUTION and (file := self.document(line.object)) and (owner := self.document(subject)):
                self._owners.setdefault(file, set()).add(owner)
            self._take_origin(line)
        self.aside.executemany("INSERT OR REPLACE INTO told VALUES (?, ?, ?)",
                               ((subject, kind, digest) for kind, digest in told.items()))

    def _take_origin(self, line: Line) -> None:
        """Where a graph is from."""
        if line.predicate in ORIGINS | READ_FROM and (owner := self.local(line.subject)).startswith(GRAPHS):
            if line.predicate in ORIGINS:
                self._graphs.setdefault(line.object, set()).add(owner)
            if line.predicate in READ_FROM:
                self._read_from.setdefault(line.subject, set()).add(line.object)

    def _told(self, kind: int, term: str) -> bytes:
        """A digest of what others show of a term."""
        row = self.aside.execute("SELECT digest FROM told WHERE term = ? AND kind = ?", (term, kind)).fetchone()
        return row[0] if row else b""

    def _source(self, term: str) -> bytes:
        """A digest of how a source is shown: a graph by what it was read from, if it says so, and all with dates."""
        return self._read(term, sorted(self._read_from.get(term, ())))

    def _read(self, graph: str, documents: Iterable[str]) -> bytes:
        """The same for a graph of which what was read from is known."""
        kept = self._dates(graph)
        parts = [part for each in documents for part in (self.name(each), self._dates(each) or kept)]
        return _digest(self.name(graph), *(parts or [kept]))

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
        layout, named = self.laid_out(frozenset(line.object for line in said if line.predicate == RDF_TYPE))
        digests: dict[str, hashlib._Hash] = {}
        dated = ""
        for _, predicate, value, graph in said:
            documents = everywhere | self._documents[graph] if graph in self._documents else everywhere
            if schemes and (predicate in OF_A_CONCEPT or value[0] == '"'):
                documents = documents | schemes
            if documents:
                name = self.name(value) if value[0] != '"' else b""
                line = b"\0".join((f"{subject}\0{predicate}\0{value}\0{graph}".encode(), name))
            for document in documents:
                is_laid_out = document == local and predicate in named
                digests.setdefault(document, hashlib.sha256()).update(line if is_laid_out else line + self.name(predicate))
            dated = max(dated, self.dates.get(graph, ""))
        if local in digests:
            digests[local].update(layout + self._page(said))
        for document, digest in digests.items():
            own = document == local
            yield Piece(document, digest.digest(), own, dated if own else "")

    def _page(self, said: list[Line]) -> bytes:
        """What the page of a subject shows besides: what its types mean, and the source of each graph's word, which is what the
        thing itself was read from, if it says so."""
        types = sorted({line.object for line in said if line.predicate == RDF_TYPE})
        read: dict[str, list[str]] = {line.graph: [] for line in said}
        for line in said:
            if line.predicate in READ_FROM:
                read[line.graph].append(line.object)
        sources = (self._read(graph, own) if own else self.source(graph) for graph, own in read.items())
        return _digest(*map(self._meaning, types), *sources)


def _kind(line: Line) -> int | None:
    """What others show of a subject by a statement."""
    if line.predicate in NAMES:
        return NAME
    if line.predicate == DEFINITION:
        return MEANING
    return DATES if line.object.endswith(DATED) else None


def _digest(*parts: bytes) -> bytes:
    return hashlib.sha256(b"\0".join(parts)).digest()[:16]

"""What the release says of one resource: its statements, what its document holds besides, and what points to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from triplehelix.description.lookups import Pointing
from triplehelix.description.published import Published
from triplehelix.description.vocabulary import (
    CONCEPT_SCHEME,
    DCTERMS,
    DISTRIBUTION,
    IMPORTS,
    IN_DATASET,
    IN_SCHEME,
    IS_DEFINED_BY,
    NAMES,
    NOTATION,
    ONTOLOGY,
    PRIMARY_TOPIC,
    SKOS,
    SUMMARIES,
    TYPE,
    VERSION_IRI,
)
from triplehelix.store import Reading, Statement

PAGE_SIZE, CONCEPTS = 100, 200
SOURCE, GENERATED_BY = NamedNode(DCTERMS + "source"), NamedNode("http://www.w3.org/ns/prov#wasGeneratedBy")
TOP_CONCEPT_OF = NamedNode(SKOS + "topConceptOf")
OF_A_CONCEPT = {TYPE, *NAMES, *SUMMARIES, NOTATION, IN_SCHEME, NamedNode(SKOS + "broader"), TOP_CONCEPT_OF}
# By these the parts of a document point to it: they are shown as parts, and not as links.
OF_PARTS = {IN_SCHEME, TOP_CONCEPT_OF, IS_DEFINED_BY}
# What the document of a named graph tells besides: where it is from, how it came about, whose header it holds.
ORIGINS = (SOURCE, GENERATED_BY, PRIMARY_TOPIC)


@dataclass(frozen=True)
class Inverse:
    """One page of the statements that point to a resource, how many there are by predicate, and how many pages."""

    statements: list[Statement]
    counts: dict[NamedNode, int]
    page: int
    pages: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Parts:
    """Statements of other subjects that belong to a document: the terms of an ontology, the concepts of a scheme, the files
    of a graph. Of `total` concepts a page has some."""

    statements: list[Statement]
    total: int = 0
    pages: int = 1


@dataclass(frozen=True)
class Description:
    """A resource as one page of its document shows it.

    `total` counts the concepts of a scheme on all its `pages`. `apart`: it stands in graphs outside the dataset only.
    `elsewhere`: what graphs that stand apart say of a thing that the dataset describes too; shown on the page, never in RDF.
    """

    topic: NamedNode
    statements: list[Statement]
    parts: list[Statement]
    inverse: Inverse
    apart: bool = False
    elsewhere: tuple[Statement, ...] = ()
    total: int = 0
    page: int = 1
    pages: int = 1

    @property
    def types(self) -> list[NamedNode]:
        return [s.triple.object for s in self.statements if s.triple.predicate == TYPE]

    @property
    def graphs(self) -> list[str]:
        """The named graphs that say something of the topic."""
        return sorted({graph for s in self.statements for graph in s.graphs})

    def values(self, predicate: NamedNode) -> list[NamedNode | BlankNode | Literal]:
        """What the statements of the topic give for a predicate."""
        return [s.triple.object for s in self.statements if s.triple.predicate == predicate]


def describe(release: Published, topic: NamedNode, page: int = 1) -> Description | None:
    """One page of the description of a resource; None where no graph has it as subject.

    A page beyond the last has nothing but the statements of the topic.
    """
    said = release.reading.about(topic)
    told = [s for s in said if _is_told(release, topic, s)]
    if not said:
        return None
    apart = not told
    statements, elsewhere = (said, ()) if apart else (told, tuple(s for s in said if s not in told))
    parts = _parts(release, topic, statements, page, apart)
    inverse = _inverse(release, topic, {s.triple.object for s in statements if s.triple.predicate == TYPE}, page, apart)
    return Description(topic, statements, parts.statements, inverse, apart, elsewhere, parts.total, page,
                       max(parts.pages, inverse.pages))


def _is_told(release: Published, topic: NamedNode, statement: Statement) -> bool:
    """Whether a statement is the release's own word: not that of graphs that stand apart, but of themselves."""
    return statement.merged or topic.value in statement.graphs or not all(map(release.is_apart, statement.graphs))


def _inverse(release: Published, topic: NamedNode, kinds: set[NamedNode], page: int, apart: bool) -> Inverse:
    """A page of what points to the topic. `build` has counted what is in the default graph."""
    pointing = Pointing(release.reading, topic, merged=not apart)
    known = {} if apart else release.resources.inverse(topic.value.removeprefix(release.base))
    counts = {NamedNode(iri): count for iri, count in sorted(known.items())} or pointing.counts()
    if kinds & {ONTOLOGY, CONCEPT_SCHEME}:
        counts = {predicate: count for predicate, count in counts.items() if predicate not in OF_PARTS}
    statements = pointing.page(counts, (page - 1) * PAGE_SIZE, PAGE_SIZE)
    return Inverse(sorted(statements, key=_by_predicate), counts, page, _pages(sum(counts.values()), PAGE_SIZE))


def paged(pointing: list[Statement], page: int) -> Inverse:
    """One page of statements, ordered by predicate and subject."""
    ordered = sorted(pointing, key=_by_predicate)
    counts = dict(Counter(s.triple.predicate for s in ordered))
    return Inverse(ordered[(page - 1) * PAGE_SIZE:page * PAGE_SIZE], counts, page, _pages(len(ordered), PAGE_SIZE))


def _by_predicate(statement: Statement) -> tuple[str, str]:
    return statement.triple.predicate.value, str(statement.triple.subject)


def _pages(count: int, size: int) -> int:
    return max(1, -(-count // size))


def triples(release: Published, told: Description, document: NamedNode) -> list[Triple]:
    """The description as RDF, the topic first."""
    return [s.triple for s in content(release, told, document)]


def quads(release: Published, told: Description, document: NamedNode) -> list[Quad]:
    """The same, each statement in the named graphs it is from; what the document says of itself is in the default graph."""
    rows = [Quad(*s.triple, graph) for s in content(release, told, document) for graph in _origins(release, told, s)]
    return sorted(rows, key=lambda quad: str(quad.graph_name))


def _origins(release: Published, told: Description, statement: Statement) -> list[NamedNode | DefaultGraph]:
    named = [NamedNode(graph) for graph in statement.graphs
             if told.apart or graph == told.topic.value or not release.is_apart(graph)]
    return named or [DefaultGraph()]


def content(release: Published, told: Description, document: NamedNode) -> list[Statement]:
    """All that the document says, the topic first, then the document: an ontology is its own content, and says what its
    version IRI is; anything else also has the names of what it is linked with, and says in which named graphs it stands."""
    rows = [*told.statements, *told.parts]
    if ONTOLOGY in told.types:
        # The version IRI answers with this document too. Of the properties OWL 2 has built in, this one says so.
        versions = [s.triple.object for s in rows if s.triple.predicate == VERSION_IRI]
        rows += [_own(version, IS_DEFINED_BY, told.topic) for version in versions if isinstance(version, NamedNode)]
    else:
        rows += told.inverse.statements
        linked = [*(s.triple.object for s in told.statements), *(s.triple.subject for s in told.inverse.statements)]
        rows += [name for node in dict.fromkeys(linked) if isinstance(node, NamedNode)
                 for name in said_names(release, node, told.apart)]
        rows += _context(release, told, document)
    first = {told.topic: 0, document: 1}
    return sorted(_joined(rows), key=lambda s: (first.get(s.triple.subject, 2), str(s.triple.subject),
                                                s.triple.predicate != TYPE))


def _own(*terms: NamedNode) -> Statement:
    """What the document says on its own account."""
    return Statement(Triple(*terms), (), True)


def _joined(rows: Iterable[Statement]) -> Iterator[Statement]:
    """Each triple once, with all the graphs it was found in."""
    alike: dict[Triple, list[Statement]] = {}
    for s in rows:
        alike.setdefault(s.triple, []).append(s)
    return (same[0] if len(same) == 1 else _one(same) for same in alike.values())


def _one(alike: list[Statement]) -> Statement:
    """Statements of one triple as one."""
    graphs = {graph for s in alike for graph in s.graphs}
    return Statement(alike[0].triple, tuple(sorted(graphs)), any(s.merged for s in alike))


def names(release: Published, node: NamedNode, apart: bool = True) -> list[Triple]:
    """The triples that name a thing for people; those of graphs that stand apart only where `apart` says so."""
    return [s.triple for s in said_names(release, node, apart)]


def said_names(release: Published, node: NamedNode, apart: bool) -> list[Statement]:
    return [s for s in release.names(node) if apart or s.merged or not all(map(release.is_apart, s.graphs))]


def _context(release: Published, told: Description, document: NamedNode) -> Iterator[Statement]:
    if document != told.topic:
        yield _own(document, PRIMARY_TOPIC, told.topic)
    for graph in filter(release.is_described, told.graphs):
        if graph != document.value:
            yield _own(document, IN_DATASET, NamedNode(graph))


def _parts(release: Published, topic: NamedNode, statements: list[Statement], page: int, apart: bool) -> Parts:
    reading = release.reading
    kinds = {s.triple.object: s.graphs for s in statements if s.triple.predicate == TYPE}
    if ONTOLOGY in kinds:
        held = [s for graph in kinds[ONTOLOGY] for s in reading.content(NamedNode(graph)) if s.triple.subject != topic]
        return Parts(held + _terms(reading, topic, statements))
    if CONCEPT_SCHEME in kinds:
        return _concepts(reading, Pointing(reading, topic, merged=not apart), page, apart)
    origins = [s for told in statements if release.is_described(topic.value) and told.triple.predicate in ORIGINS
               for s in reading.about(told.triple.object)]
    return Parts([*origins, *_owned(reading, statements)])


def _concepts(reading: Reading, pointing: Pointing, page: int, apart: bool) -> Parts:
    """A page of the concepts of a scheme, in the order of their IRIs."""
    concepts = pointing.subjects(IN_SCHEME)
    shown = concepts[(page - 1) * CONCEPTS:page * CONCEPTS]
    statements = [s for concept in shown for s in reading.about(concept)
                  if s.triple.predicate in OF_A_CONCEPT and (apart or s.merged)]
    return Parts(statements, len(concepts), _pages(len(concepts), CONCEPTS))


def _terms(reading: Reading, facade: NamedNode, statements: list[Statement]) -> list[Statement]:
    """What the modules that a facade imports say of the terms in the facade's own namespace."""
    modules = [s.triple.object for s in statements if s.triple.predicate == IMPORTS]
    graphs = {graph for module in modules for s in reading.about(module) if s.triple.object == ONTOLOGY for graph in s.graphs}
    return [s for graph in sorted(graphs) for s in reading.content(NamedNode(graph))
            if str(s.triple.subject).startswith(f"<{facade.value}#")]


def _owned(reading: Reading, statements: Iterable[Statement]) -> list[Statement]:
    """What has no document of its own: blank nodes, fragments of the subject's document, files it is distributed in."""
    found: dict[NamedNode | BlankNode, list[Statement]] = {}
    waiting = list(statements)
    while waiting:
        triple = waiting.pop().triple
        if triple.object not in found and _is_part(triple):
            found[triple.object] = reading.about(triple.object)
            waiting.extend(found[triple.object])
    return [s for node in sorted(found, key=str) for s in found[node]]


def _is_part(triple: Triple) -> bool:
    if isinstance(triple.object, BlankNode) or triple.predicate == DISTRIBUTION:
        return True
    document = triple.subject.value.partition("#")[0]
    return isinstance(triple.object, NamedNode) and triple.object.value.startswith(document + "#")

"""What the release says of one resource: its statements, what its document holds besides, and what points to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode, Triple

from triplehelix.store import Reading, Statement
from triplehelix.web.site import Published
from triplehelix.web.vocabulary import (
    CONCEPT_SCHEME,
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

PAGE_SIZE = 100
OF_A_CONCEPT = {TYPE, *NAMES, *SUMMARIES, NOTATION, IN_SCHEME, NamedNode(SKOS + "broader"), NamedNode(SKOS + "topConceptOf")}


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
class Description:
    """A resource as its document shows it.

    `parts` are statements of other subjects that belong to the document: the terms of an ontology, the concepts of a
    scheme, the files of a graph. `apart`: it stands in graphs outside the dataset only. `elsewhere`: what graphs that
    stand apart say of a thing that the dataset describes too; shown on the page, never in RDF.
    """

    topic: NamedNode
    statements: list[Statement]
    parts: list[Statement]
    inverse: Inverse
    apart: bool = False
    elsewhere: tuple[Statement, ...] = ()

    @property
    def types(self) -> list[NamedNode]:
        return [s.triple.object for s in self.statements if s.triple.predicate == TYPE]

    @property
    def graphs(self) -> list[str]:
        """The named graphs that say something of the topic."""
        return sorted({graph for s in self.statements for graph in s.graphs})


def describe(release: Published, topic: NamedNode, page: int = 1) -> Description | None:
    """The description of a resource with one page of what points to it; None where no graph has it as subject."""
    said = release.reading.about(topic)
    told = [s for s in said if s.merged or not all(map(release.is_apart, s.graphs))]
    if not said:
        return None
    statements, elsewhere = (told, tuple(s for s in said if s not in told)) if told else (said, ())
    parts = _parts(release.reading, topic, statements)
    held = {s.triple.subject for s in parts}
    pointing = [s for s in release.reading.pointing(topic) if (s.merged or not told) and s.triple.subject not in held]
    return Description(topic, statements, parts, paged(pointing, page), not told, elsewhere)


def paged(pointing: list[Statement], page: int) -> Inverse:
    """One page of statements, ordered by predicate and subject."""
    ordered = sorted(pointing, key=lambda s: (s.triple.predicate.value, str(s.triple.subject)))
    counts = dict(Counter(s.triple.predicate for s in ordered))
    pages = max(1, -(-len(ordered) // PAGE_SIZE))
    return Inverse(ordered[(page - 1) * PAGE_SIZE:page * PAGE_SIZE], counts, page, pages)


def triples(release: Published, told: Description, document: NamedNode) -> list[Triple]:
    """The description as RDF, the topic first: an ontology is its own content, and says what its version IRI is; anything
    else also has the names of what it is linked with, and says in which named graphs it stands."""
    rows = [s.triple for s in (*told.statements, *told.parts)]
    if ONTOLOGY in told.types:
        # The version IRI answers with this document too. Of the properties OWL 2 has built in, this one says so.
        rows += [Triple(t.object, IS_DEFINED_BY, told.topic) for t in rows if t.predicate == VERSION_IRI]
    else:
        rows += [s.triple for s in told.inverse.statements]
        linked = [*(t.object for t in rows if t.subject == told.topic), *(s.triple.subject for s in told.inverse.statements)]
        rows += [name for node in dict.fromkeys(linked) if isinstance(node, NamedNode)
                 for name in names(release, node, told.apart)]
        rows += _context(release, told, document)
    first = {told.topic: 0, document: 1}
    return sorted(dict.fromkeys(rows), key=lambda t: (first.get(t.subject, 2), str(t.subject), t.predicate != TYPE))


def names(release: Published, node: NamedNode, apart: bool = True) -> list[Triple]:
    """The triples that name a thing for people; those of graphs that stand apart only where `apart` says so."""
    return [s.triple for s in release.reading.about(node) if s.triple.predicate in NAMES
            and (apart or s.merged or not all(map(release.is_apart, s.graphs)))]


def _context(release: Published, told: Description, document: NamedNode) -> Iterator[Triple]:
    if document != told.topic:
        yield Triple(document, PRIMARY_TOPIC, told.topic)
    for graph in filter(release.is_described, told.graphs):
        yield Triple(document, IN_DATASET, NamedNode(graph))


def _parts(reading: Reading, topic: NamedNode, statements: list[Statement]) -> list[Statement]:
    kinds = {s.triple.object: s.graphs for s in statements if s.triple.predicate == TYPE}
    if ONTOLOGY in kinds:
        content = [s for graph in kinds[ONTOLOGY] for s in reading.content(NamedNode(graph)) if s.triple.subject != topic]
        return content + _terms(reading, topic, statements)
    if CONCEPT_SCHEME in kinds:
        return [s for link in reading.pointing(topic, IN_SCHEME) for s in reading.about(link.triple.subject)
                if s.triple.predicate in OF_A_CONCEPT]
    return _owned(reading, statements)


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

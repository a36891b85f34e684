"""What was found in a text, said in the terms of the model (ontology/literature.ttl) under the slug of the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyoxigraph import Literal, NamedNode

from triplehelix.importers.model import Block, Statement
from triplehelix.importers.references.defects import Defect, at_entry, at_pointer
from triplehelix.importers.references.entries import Entry
from triplehelix.importers.references.matching import Link, referred
from triplehelix.importers.references.pointers import Group
from triplehelix.importers.values import slug as slug_of

TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
LABEL = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
DCTERMS = "http://purl.org/dc/terms/"
C4O = "http://purl.org/spar/c4o/"
BIRO = "http://purl.org/spar/biro/"
TARGET = NamedNode("http://www.w3.org/ns/oa#hasTarget")
WORK = NamedNode("http://purl.org/vocab/frbr/core#Work")
DOCUMENT = NamedNode("http://xmlns.com/foaf/0.1/Document")
LONGEST_LABEL = 90


class Reading:
    """Makes the blocks of one text: `base` is the project's, `slug` that of the text, `title` what its file is called."""

    def __init__(self, base: str, slug: str, title: str):
        self.base, self.slug, self.title = base, slug, title

    def blocks(self, links: Sequence[Link], entries: Sequence[Entry], defects: Sequence[Defect]) -> Iterator[Block]:
        """Text, groups and pointers, the list and its entries, the works these may mean, and the defects."""
        yield Block(self._id("text"), [(TYPE, DOCUMENT), (NamedNode(DCTERMS + "title"), Literal(self.title, language="en"))])
        yield self._list(entries)
        for entry in entries:
            yield from self._entry(entry, entries)
        for group in dict.fromkeys(link.group for link in links):
            yield self._group(group)
        for link in links:
            yield from self._pointer(link)
        for number, defect in enumerate(defects, 1):
            yield self._defect(defect, f"D{number:02}")

    def _list(self, entries: Sequence[Entry]) -> Block:
        parts = [(NamedNode(DCTERMS + "hasPart"), self._at(at_entry(entry))) for entry in entries]
        place = [*self._place(entries[0].line), (self._term("lastLine"), Literal(entries[-1].line))]
        return Block(self._id("reference-list"), [*_named(BIRO + "ReferenceList", "Reference list of the text"), *parts, *place])

    def _entry(self, entry: Entry, entries: Sequence[Entry]) -> Iterator[Block]:
        """The entry, the work that it describes, and the match between them, which nobody has checked."""
        subject, work = self._at(at_entry(entry)), self._id("work", entry.number.lower())
        match = self._id("match", f"{entry.number.lower()}-1")
        meant = [self._at(at_entry(target)) for _, _, target in referred(entry, entries) if target]
        yield Block(subject, [
            *_named(BIRO + "BibliographicReference", entry.name), (NamedNode(DCTERMS + "identifier"), Literal(entry.number)),
            (NamedNode(DCTERMS + "isPartOf"), self._id("reference-list")), (NamedNode(C4O + "hasContent"), Literal(entry.text)),
            (self._term("rank"), Literal(entry.rank)), (self._term("candidate"), match), *self._place(entry.line),
            *((self._term("refersToEntry"), other) for other in dict.fromkeys(meant))])
        yield self._work(work, entry.title)
        yield self._match(match, f"{entry.number} as the work it describes", subject, work,
                          "The entry describes it; no catalogue was compared.")

    def _group(self, group: Group) -> Block:
        cited = "; ".join(pointer.name for pointer in group.pointers)
        return Block(self._id("citation-group", group.number.lower()), [
            *_named(self._term("CitationGroup").value, f"{group.number}: {cited}"),
            (NamedNode(DCTERMS + "identifier"), Literal(group.number)), (self._term("asWritten"), Literal(group.written)),
            *self._place(group.line),
            *((self._term("pointer"), self._at(at_pointer(group, pointer))) for pointer in group.pointers)])

    def _pointer(self, link: Link) -> Iterator[Block]:
        """The pointer, with the entry it denotes; where there is none, with the works that it may mean."""
        group, pointer = link.group, link.pointer
        subject, number = self._at(at_pointer(group, pointer)), f"{group.number.lower()}-{pointer.rank}"
        statements = [*_named(C4O + "InTextReferencePointer", f"{group.number}-{pointer.rank}: {pointer.name}"),
                      (NamedNode(C4O + "hasContent"), Literal(pointer.written)), (self._term("rank"), Literal(pointer.rank)),
                      *self._place(pointer.line)]
        if link.entry:
            yield Block(subject, [*statements, (NamedNode(C4O + "denotes"), self._at(at_entry(link.entry)))])
            return
        meant = [(self._id("work", rival.number.lower()), f"The entry {rival.number} fits, and not it alone.")
                 for rival in link.rivals]
        if not meant:
            unlisted = self._id("work", slug_of(pointer.name))
            yield self._work(unlisted, f"[{pointer.name}, of a title that the text does not state]")
            meant = [(unlisted, "The text cites a work by these names and this year, and lists none.")]
        matches = [self._id("match", f"{number}-{rank}") for rank in range(1, len(meant) + 1)]
        yield Block(subject, [*statements, *((self._term("candidate"), match) for match in matches)])
        for match, (work, evidence) in zip(matches, meant, strict=True):
            yield self._match(match, f"{group.number}-{pointer.rank} as a work", subject, work, evidence)

    def _work(self, subject: NamedNode, title: str) -> Block:
        """A work; a title in square brackets is supplied, as library catalogues do."""
        return Block(subject, [(TYPE, WORK), (NamedNode(DCTERMS + "title"), Literal(title))])

    def _match(self, subject: NamedNode, label: str, one: NamedNode, other: NamedNode, evidence: str) -> Block:
        return Block(subject, [
            *_named(self._term("CandidateMatch").value, label), (self._term("from"), one), (self._term("to"), other),
            (self._term("evidence"), Literal(evidence, language="en")), (self._term("status"), self._code("status/candidate"))])

    def _defect(self, defect: Defect, number: str) -> Block:
        label = f"{defect.kind.replace('-', ' ').capitalize()}: {defect.written}"
        short = label if len(label) <= LONGEST_LABEL else label[:LONGEST_LABEL - 1].rstrip() + "…"
        corrected = [(self._term("corrected"), Literal(defect.corrected))] if defect.corrected else []
        return Block(self._id("defect", number.lower()), [
            *_named(self._term("Defect").value, short), (NamedNode(DCTERMS + "identifier"), Literal(number)),
            (self._term("kind"), self._code(f"defect-kind/{defect.kind}")), (TARGET, self._at(defect.target)),
            (self._term("asWritten"), Literal(defect.written)), *corrected,
            *((self._term("evidence"), Literal(evidence, language="en")) for evidence in defect.evidence),
            *((NamedNode(DCTERMS + "relation"), self._at(other)) for other in defect.related),
            (self._term("visibleIn"), self._code("visibility/page")), (self._term("status"), self._code("status/candidate")),
            *self._place(defect.line)])

    def _place(self, line: int) -> list[Statement]:
        return [(self._term("inText"), self._id("text")), (self._term("line"), Literal(line))]

    def _id(self, kind: str, part: str = "") -> NamedNode:
        return NamedNode(f"{self.base}id/{kind}/{self.slug}{'-' * bool(part)}{part}")

    def _at(self, place: str) -> NamedNode:
        """The IRI of a place that a defect names: "entry/b06", "reference-list"."""
        kind, _, part = place.partition("/")
        return self._id(kind, part)

    def _code(self, code: str) -> NamedNode:
        return NamedNode(f"{self.base}scheme/{code}")

    def _term(self, name: str) -> NamedNode:
        return NamedNode(f"{self.base}ns#{name}")


def _named(type_: str, label: str) -> list[Statement]:
    return [(TYPE, NamedNode(type_)), (LABEL, Literal(label, language="en"))]

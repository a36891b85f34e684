"""What importers of classifications share: the scheme of an edition, and what is said of each of its codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from triplehelix.findings import fault
from triplehelix.importers.model import Block, Refused, Run, Statement

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
DCTERMS = "http://purl.org/dc/terms/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
CC_BY = "http://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True)
class Scheme:
    """One edition of a classification: the project's base IRI, its name below scheme/, and what people should know of it."""

    base: str
    name: str
    title: str
    description: str
    source: str
    notes: tuple[str, ...] = ()

    @property
    def iri(self) -> NamedNode:
        return NamedNode(f"{self.base}scheme/{self.name}")

    def concept(self, code: str) -> NamedNode:
        """The concept of a code."""
        return NamedNode(f"{self.iri.value}/{code}")

    def described(self, tops: Iterable[str]) -> Block:
        """The scheme itself, with the codes that have none above them."""
        return Block(self.iri, [
            link(RDF_TYPE, SKOS + "ConceptScheme"), text(DCTERMS + "title", self.title),
            text(DCTERMS + "description", self.description), link(DCTERMS + "license", CC_BY),
            link(DCTERMS + "source", f"{self.base}id/source/{self.source}"),
            *(text(SKOS + "scopeNote", note) for note in self.notes),
            *((NamedNode(SKOS + "hasTopConcept"), self.concept(code)) for code in tops)])

    def coded(self, code: str, parent: str | None, kind: str = SKOS + "Concept") -> Block:
        """A code as a concept (or a class of concepts, `kind`) below its parent, or at the top."""
        above = (NamedNode(SKOS + "broader"), self.concept(parent)) if parent else (NamedNode(SKOS + "topConceptOf"), self.iri)
        return Block(self.concept(code), [link(RDF_TYPE, kind), (NamedNode(SKOS + "notation"), Literal(code)),
                                          (NamedNode(SKOS + "inScheme"), self.iri), above])


@dataclass
class Activities:
    """A classification of activities as it is read: sections, divisions, groups and classes, with their names by language.

    `levels` are the forms of their codes, in that order.
    """

    levels: tuple[re.Pattern[str], ...]
    parents: dict[str, str | None] = field(default_factory=dict)
    names: dict[str, dict[str, Literal]] = field(default_factory=dict)

    def level(self, column: str, code: str) -> int:
        """1 for a section to 4 for a class. Refuses what has the form of no code."""
        found = next((number for number, form in enumerate(self.levels, 1) if form.fullmatch(code)), 0)
        if not found:
            raise Refused(column, code, "has the form of no section, division, group or class")
        return found

    def above(self, level: int, code: str, section: str) -> str | None:
        """The code above: a group's division and a class's group begin the code, a division's section must be told."""
        return None if level == 1 else section if level == 2 else code[:2] if level == 3 else code[:-1]

    def add(self, column: str, code: str, section: str, name: Literal) -> None:
        """Take a code with its name in one language. Refuses a second name, and a second section of a division."""
        above = self.above(self.level(column, code), code, section)
        if self.parents.get(code, above) != above:
            raise Refused(column, code, f"stands below {above} here, and below {self.parents[code]} in an earlier row")
        if name.language in self.names.get(code, {}):
            raise Refused(column, code, f"has a name in {name.language} in an earlier row already")
        self.parents[code] = above
        self.names.setdefault(code, {})[name.language] = name

    def described(self, path: Path, scheme: Scheme) -> Iterator[Block]:
        """The scheme and its concepts. Raises Faulty where a code stands below one that the file does not have."""
        for code, above in self.parents.items():
            if above is not None and above not in self.parents:
                raise fault(path, f"the code {code} stands below {above or 'no section'}, which the file does not have")
        yield scheme.described(code for code, above in self.parents.items() if above is None)
        for code, above in self.parents.items():
            block = scheme.coded(code, above)
            block.statements.extend((NamedNode(SKOS + "prefLabel"), name) for name in self.names[code].values())
            yield block


def wanted(run: Run, code: str) -> bool:
    """Whether a code is selected, or begins one that is, or is a section."""
    return run.wanted is None or len(code) == 1 or any(one.startswith(code) for one in run.wanted)


def link(predicate: str, target: str) -> Statement:
    """A statement whose object is the IRI `target`."""
    return NamedNode(predicate), NamedNode(target)


def text(predicate: str, value: str, language: str = "en") -> Statement:
    """A statement whose object is a text in a language (BCP 47)."""
    return NamedNode(predicate), Literal(value, language=language)

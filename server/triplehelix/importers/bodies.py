"""What importers of registers say alike: bodies with their names, identifiers and places.

A body that another graph of the project names already is the one that has the identifier there: the register adds to it and
does not name it again. Names of places are those of the project where it has the place.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from triplehelix import sources
from triplehelix.importers import countries, values
from triplehelix.importers.lookups import IDENTIFIER, SKOS
from triplehelix.importers.model import Block, Refused, Run, Statement

TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
LABEL = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
COMMENT = NamedNode("http://www.w3.org/2000/01/rdf-schema#comment")
FROM_NAME = Literal("The term is the word in its own name.", language="en")
PREFERRED, OTHER = NamedNode(SKOS + "prefLabel"), NamedNode(SKOS + "altLabel")
NOTATION = NamedNode(SKOS + "notation")
PART_OF = NamedNode("http://purl.org/dc/terms/isPartOf")
ADMS = "http://www.w3.org/ns/adms#"
ORGANIZATION = NamedNode("http://www.w3.org/ns/org#Organization")
OBSERVATION = NamedNode("http://purl.org/linked-data/cube#Observation")
HOMEPAGE = NamedNode("http://xmlns.com/foaf/0.1/homepage")
VINTAGES = ("nuts2024", "nuts2021")
# Words by which bodies call themselves clusters; one that is only part of a longer word counts in Slavic names.
CLUSTER = re.compile(r"\b(?:cl[uú]ster|klaster\w*|p[oô]le|distretto|grozd|клъстер)\b|(?:klastr|klaszter)\w*", re.IGNORECASE)


@dataclass
class Known:
    """What other graphs of the project say: who has an identifier, names, seats, and places by name and country."""

    holders: dict[NamedNode, NamedNode] = field(default_factory=dict)
    names: dict[NamedNode, set[str]] = field(default_factory=lambda: defaultdict(set))
    seated: set[NamedNode] = field(default_factory=set)
    areas: dict[tuple[str, NamedNode], tuple[NamedNode, Literal]] = field(default_factory=dict)


class Register:
    """The makers of blocks for one run, at the project's base."""

    def __init__(self, run: Run):
        self.run, self.base = run, run.lookups.project.base
        self.known = _known(run, self.term("seat"))
        self.placed: set[NamedNode] = set()

    def own(self, path: str) -> NamedNode:
        return NamedNode(f"{self.base}{path}")

    def term(self, name: str) -> NamedNode:
        return self.own(f"ns#{name}")

    def identifier(self, scheme: str, notation: str) -> NamedNode:
        """The IRI of an identifier: id/identifier/<scheme>-<notation>."""
        return self.own(f"id/identifier/{scheme}-{values.slug(notation.removeprefix(f'{scheme}.'))}")

    def holder(self, scheme: str, notation: str, path: str) -> NamedNode:
        """Who has the identifier in another graph, or our IRI of that path."""
        return self.known.holders.get(self.identifier(scheme, notation)) or self.own(path)

    def describe(self, scheme: str, notation: str, label: str, status: str = "verified") -> Block:
        """An identifier (adms:Identifier) of a scheme of scheme/identifier-scheme."""
        return Block(self.identifier(scheme, notation), [
            (TYPE, NamedNode(ADMS + "Identifier")), (LABEL, Literal(label, language="en")), (NOTATION, Literal(notation)),
            (self.term("identifierScheme"), self.own(f"scheme/identifier-scheme/{scheme}")),
            (self.term("status"), self.own(f"scheme/status/{status}"))])

    def has(self, scheme: str, notation: str) -> Statement:
        return NamedNode(IDENTIFIER), self.identifier(scheme, notation)

    def introduces(self, body: NamedNode, name: Literal, others: Iterable[Literal] = ()) -> Iterator[Statement]:
        """Type and names of a body; of one that is named already, the names that it does not have as preferred one.

        A body that a curator has selected and whose name says cluster is a cluster organisation; a name alone makes none.
        """
        known = self.known.names.get(body, set())
        if known:
            others = [name, *others]
        else:
            known = {name.value}
            yield PREFERRED, name
            yield from self._kind(name.value)
        yield from ((OTHER, other) for other in dict.fromkeys(others) if other.value not in known)

    def _kind(self, name: str) -> Iterator[Statement]:
        word = CLUSTER.search(name) if self.run.wanted is not None else None
        yield TYPE, self.term("ClusterOrganisation") if word else ORGANIZATION
        if word:
            yield self.term("sourceTerm"), Literal(word[0])
            yield COMMENT, FROM_NAME

    def seat(self, body: NamedNode, place: NamedNode) -> Iterator[Statement]:
        """The seat, unless another graph states one."""
        if body not in self.known.seated:
            yield self.term("seat"), place

    def country(self, code: str) -> tuple[NamedNode, list[Block]]:
        """The area that is a country (ISO 3166-1 alpha-2), and its description."""
        name = countries.NAMES[code]
        area = self.own(f"id/area/{values.slug(name)}")
        region = self.run.lookups.code("nuts2024", countries.european(code))
        more = [(self.term("approximatedBy"), region)] if region else []
        return area, self._once(area, [(TYPE, self.term("Area")), (PREFERRED, Literal(name, language="en")), *more])

    def town(self, name: str, code: str) -> tuple[NamedNode, list[Block]]:
        """The area of a place in a country, and its description; the country itself where the place has no name."""
        country, blocks = self.country(code)
        if not name:
            return country, blocks
        key = values.slug(name) or hashlib.sha256(name.encode()).hexdigest()[:8]
        minted = self.own(f"id/area/{key}-{code.lower()}"), Literal(name.title() if name.isupper() else name)
        area, label = self.known.areas.get((key, country), minted)
        return area, blocks + self._once(area, [(TYPE, self.term("Area")), (PREFERRED, label), (PART_OF, country)])

    def region(self, column: str, code: str) -> NamedNode | None:
        """The NUTS region of a code; None where the project has no regions of its country. Raises Refused for no code."""
        if not re.fullmatch(r"[A-Z]{2}[0-9A-Z]{0,3}", code):
            raise Refused(column, code, "is no code of a NUTS region")
        found = next(filter(None, (self.run.lookups.code(vintage, code) for vintage in VINTAGES)), None)
        if not found and any(self.run.lookups.code(vintage, code[:2]) for vintage in VINTAGES):
            raise Refused(column, code, "is no region of NUTS 2024 or 2021")
        return found

    def observation(self, path: str, label: str, body: NamedNode, indicator: str, unit: str, period: Literal,
                    value: Literal, source: str) -> Block:
        """An actual figure about a body (qb:Observation)."""
        return Block(self.own(path), [
            (TYPE, OBSERVATION), (LABEL, Literal(label, language="en")), (self.term("observes"), body),
            (self.term("indicator"), self.own(f"scheme/indicator/{indicator}")),
            (self.term("figure"), self.own("scheme/figure/actual")), (self.term("unit"), self.own(f"scheme/unit/{unit}")),
            (self.term("period"), period), (self.term("value"), value),
            (NamedNode("http://purl.org/dc/terms/source"), self.own(f"id/source/{source}"))])

    def _once(self, area: NamedNode, statements: list[Statement]) -> list[Block]:
        """The description of a place the first time it is needed: a place has one name."""
        if area in self.placed:
            return []
        self.placed.add(area)
        return [Block(area, statements)]


def _known(run: Run, seat: NamedNode) -> Known:
    """What the data graphs but the one that is being written say of bodies and places."""
    project, found = run.lookups.project, Known()
    within: dict[NamedNode, NamedNode] = {}
    labels: dict[NamedNode, Literal] = {}
    for source in project.sources:
        if source.part == "dataset" and source.name.startswith("data/") and source.name not in run.lookups.without:
            for triple in sources.read_one(source, project.base).triples:
                if triple.predicate.value == IDENTIFIER:
                    found.holders[triple.object] = triple.subject
                elif triple.predicate == PREFERRED:
                    found.names[triple.subject].add(triple.object.value)
                    labels[triple.subject] = triple.object
                elif triple.predicate == seat:
                    found.seated.add(triple.subject)
                elif triple.predicate == PART_OF:
                    within[triple.subject] = triple.object
    found.areas.update({(values.slug(labels[area].value), country): (area, labels[area])
                        for area, country in within.items() if area in labels})
    return found

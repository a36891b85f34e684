"""The bodies of a project as they are compared: names, places and identifiers, and which bodies the data tell apart."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import Triple

from triplehelix import sources
from triplehelix.matching.names import Name, folded, named
from triplehelix.matching.words import PLACE
from triplehelix.project import Project

SKOS, DCTERMS = "http://www.w3.org/2004/02/skos/core#", "http://purl.org/dc/terms/"
LABEL, OTHER_LABEL, NOTATION = SKOS + "prefLabel", SKOS + "altLabel", SKOS + "notation"
PART_OF, SPATIAL = DCTERMS + "isPartOf", DCTERMS + "spatial"
IDENTIFIER = "http://www.w3.org/ns/adms#identifier"
HOMEPAGE = "http://xmlns.com/foaf/0.1/homepage"
# Schemes of which a body has one identifier: the same one is the same body, two are two bodies.
KEYS = ("grid", "ico", "pic", "ror", "siren", "wikidata")
UNSURE = ("candidate", "rejected", "unverified")
NUTS = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}")


@dataclass(frozen=True)
class Places:
    """Where a body is: the words of each town or area, codes of NUTS regions, and countries."""

    towns: frozenset[frozenset[str]] = frozenset()
    regions: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Body:
    """One body: its IRI, its names as written, where it is, its identifiers (scheme, notation) and its homepages.

    `said` counts the statements about it in the data.
    """

    iri: str
    names: frozenset[str]
    places: Places = Places()
    identifiers: frozenset[tuple[str, str]] = frozenset()
    homepages: frozenset[str] = frozenset()
    said: int = 0

    @cached_property
    def forms(self) -> tuple[Name, ...]:
        """Its names as they are compared, each once; the mere name of its town is none."""
        found = {name.words: name for name in map(named, sorted(self.names, reverse=True))
                 if name.words and not any(town.issuperset(name.words) for town in self.places.towns)}
        return tuple(found[words] for words in sorted(found))

    @property
    def slug(self) -> str:
        return self.iri.rpartition("/")[2]


def located(towns: Iterable[str], codes: Iterable[str], countries: Iterable[str] = ()) -> Places:
    """Places from names of towns, codes of NUTS regions and keys of countries; a code says its country too.

    A code that is all of a country, such as SI0, says no more than that.
    """
    known = {code for code in codes if NUTS.fullmatch(code)}
    words = {frozenset(word for word in folded(town).split() if word.isalpha()) - PLACE for town in towns}
    return Places(frozenset(filter(None, words)), frozenset(code for code in known if code[2:].strip("0")),
                  frozenset({*countries, *(code[:2] for code in known)}))


def identifier(scheme: str, notation: str) -> tuple[str, str]:
    """An identifier as it is compared: of an IRI the last part, without blanks, case and leading zeros."""
    last = notation.strip().rstrip("/").rpartition("/")[2]
    return scheme, re.sub(r"\W", "", last).casefold().lstrip("0")


def homepage(iri: str) -> str:
    """A homepage as it is compared: without scheme, www and what follows the path."""
    return re.sub(r"^\w+://(?:www\.)?|[?#].*$", "", iri.casefold()).rstrip("/")


class Data:
    """What the data of a project say of its bodies; graphs that stand apart are not read."""

    def __init__(self, project: Project):
        self.room, self.terms, self.schemes = (f"{project.base}{path}" for path in ("id/organisation/", "ns#", "scheme/nuts"))
        self.seats = [*map(self._term, ("seat", "serviceArea")), SPATIAL]
        self.kept = {LABEL, OTHER_LABEL, NOTATION, PART_OF, IDENTIFIER, HOMEPAGE, *self.seats,
                     *map(self._term, ("identifierScheme", "status", "approximatedBy"))}
        self.rows: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.counts: Counter[str] = Counter()
        self.mentions: dict[str, set[str]] = defaultdict(set)
        self.newest = ""
        for source in project.sources:
            if source.part == "dataset" and source.name.startswith("data/"):
                for triple in sources.read_one(source, project.base).triples:
                    self._take(triple)

    @cached_property
    def bodies(self) -> list[Body]:
        """Every body that has a name, by IRI."""
        return [body for iri in sorted(self.counts) if (body := self._body(iri)).names]

    def told_apart(self, one: str, other: str) -> bool:
        """Whether one resource names both, or one of them names the other: who wrote that knew two, or has proposed the match."""
        return not self.mentions[one].isdisjoint(self.mentions[other])

    def _take(self, triple: Triple) -> None:
        subject, predicate, value = triple.subject.value, triple.predicate.value, triple.object.value
        if subject.startswith(self.room):
            self.counts[subject] += 1
            self.mentions[subject].add(subject)
        if value.startswith(self.room):
            self.mentions[value].add(subject)
        if predicate in self.kept:
            self.rows[subject, predicate].append(value)
        elif predicate in (self._term("retrievedOn"), DCTERMS + "modified"):
            self.newest = max(self.newest, value)

    def _term(self, name: str) -> str:
        return f"{self.terms}{name}"

    def _own(self, iri: str, name: str) -> list[str]:
        """The last parts of the IRIs that a term of ours leads to."""
        return [value.rpartition("/")[2] for value in self.rows.get((iri, self._term(name)), ())]

    def _body(self, iri: str) -> Body:
        names = frozenset((*self.rows.get((iri, LABEL), ()), *self.rows.get((iri, OTHER_LABEL), ())))
        pages = frozenset(map(homepage, self.rows.get((iri, HOMEPAGE), ())))
        return Body(iri, names, self._places(iri), frozenset(self._identifiers(iri)), pages, self.counts[iri])

    def _identifiers(self, iri: str) -> Iterator[tuple[str, str]]:
        for one in self.rows.get((iri, IDENTIFIER), ()):
            schemes = set(self._own(one, "identifierScheme")) & set(KEYS)
            if schemes and not set(self._own(one, "status")) & set(UNSURE):
                yield from (identifier(scheme, notation) for scheme in schemes for notation in self.rows.get((one, NOTATION), ()))

    def _places(self, iri: str) -> Places:
        areas = [area for term in self.seats for area in self.rows.get((iri, term), ())]
        towns = [name for area in areas if not area.startswith(self.schemes) for name in self.rows.get((area, LABEL), ())]
        return located(towns, (code for area in areas for code in self._codes(area)), map(self._country, areas))

    def _codes(self, area: str) -> list[str]:
        """The NUTS regions that an area is, or is about."""
        return [area.rpartition("/")[2]] if area.startswith(self.schemes) else self._own(area, "approximatedBy")

    def _country(self, area: str) -> str:
        """The two letters of the country an area lies in, or else the IRI of the widest area around it."""
        seen = {area}
        while (wider := next(iter(self.rows.get((area, PART_OF), ())), area)) not in seen:
            seen.add(wider)
            area = wider
        return next(iter(self._codes(area)), "")[:2] or area

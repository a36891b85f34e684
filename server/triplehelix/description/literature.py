"""Works and their expressions in the release, as entries of a bibliography: what the data say of them, and nothing else."""

from __future__ import annotations

import re
from functools import lru_cache

from pyoxigraph import Literal, NamedNode, Triple

from triplehelix.bibliography import KINDS, Author, Entry
from triplehelix.description.describe import Description
from triplehelix.description.lookups import text
from triplehelix.description.published import Published
from triplehelix.description.vocabulary import DCTERMS, FOAF, NAMES, NOTATION, TITLE, TYPE
from triplehelix.formats import DOCUMENT, SUFFIXED, Format

FABIO, FRBR = "http://purl.org/spar/fabio/", "http://purl.org/vocab/frbr/core#"
WORK, EXPRESSION = NamedNode(FRBR + "Work"), NamedNode(FRBR + "Expression")
REALIZATION_OF, PART_OF = NamedNode(FRBR + "realizationOf"), NamedNode(FRBR + "partOf")
IN, CREATOR, ISSUED, PUBLISHER, LANGUAGE = (NamedNode(DCTERMS + name) for name in (
    "isPartOf", "creator", "issued", "publisher", "language"))
FAMILY, GIVEN = NamedNode(FOAF + "familyName"), NamedNode(FOAF + "givenName")
IDENTIFIER = NamedNode("http://www.w3.org/ns/adms#identifier")
JOURNAL, SERIES = NamedNode(FABIO + "Journal"), NamedNode(FABIO + "Series")
NOT_IN_KEY = re.compile(r"[^A-Za-z0-9]+")
# An identifier of another status is told of in words only.
VERIFIED = "scheme/status/verified"
SCHEMES = ("doi", "isbn", "report-number")


def is_literature(told: Description) -> bool:
    """Whether a description is of a work, or of an expression of one."""
    return not {WORK, EXPRESSION}.isdisjoint(told.types)


def forms(told: Description) -> tuple[Format, ...]:
    """The forms in which a description is to be had."""
    return SUFFIXED if is_literature(told) else DOCUMENT


def entries(release: Published, told: Description) -> list[Entry]:
    """An entry for an expression; for a work one for each of its expressions, the oldest first, or one for the work alone."""
    shelf = _Shelf(release, told.apart)
    topic = told.topic
    expressions = [] if EXPRESSION in told.types else [s.subject for s in shelf.pointing(topic, REALIZATION_OF)]
    found = [shelf.entry(node) for node in expressions or [topic]]
    return sorted(found, key=lambda entry: (not entry.issued, entry.issued, entry.key))


class _Shelf:
    """Reads entries; `apart`: from graphs outside the dataset too."""

    def __init__(self, release: Published, apart: bool) -> None:
        self._release, self._apart = release, apart
        self._said = lru_cache(None)(self._about)

    def entry(self, node: NamedNode) -> Entry:
        """The entry of an expression, or of a work."""
        language = self._text(node, LANGUAGE)
        known, other = self._identifiers(node)
        containers = [(each, self._text(each, *NAMES)) for predicate in (IN, PART_OF) for each in self._nodes(node, predicate)]
        journal, series = (next((name for each, name in containers if kind in self._values(each, TYPE)), "")
                           for kind in (JOURNAL, SERIES))
        book = next((name for _, name in containers if name not in (journal, series)), "")
        authors, issued = tuple(self._authors(node)), self._text(node, ISSUED)
        lacking = [what for what, value in (("its authors", authors), ("when it was issued", issued)) if not value]
        missing = f"Not recorded: {' and '.join(lacking)}." if lacking else ""
        return Entry(
            self._key(node), self._kind(node), self._title(node, language), authors, issued, node.value, journal, book, series,
            ", ".join(filter(None, (self._text(each, *NAMES) for each in self._nodes(node, PUBLISHER)))),
            self._text(node, self._term("pages")), self._text(node, self._term("edition")), language,
            known.get("report-number", ""), known.get("doi", ""), known.get("isbn", ""),
            " ".join(filter(None, (*(f"{each}." for each in other), missing))))

    def pointing(self, node: NamedNode, predicate: NamedNode) -> list[Triple]:
        """The triples that point to a thing."""
        return [s.triple for s in self._release.reading.pointing(node, predicate) if s.merged or self._apart]

    def _about(self, node: NamedNode) -> list[Triple]:
        return [s.triple for s in self._release.reading.about(node) if s.merged or self._apart]

    def _values(self, node: NamedNode, predicate: NamedNode) -> list[object]:
        return [triple.object for triple in self._said(node) if triple.predicate == predicate]

    def _nodes(self, node: NamedNode, predicate: NamedNode) -> list[NamedNode]:
        return [value for value in self._values(node, predicate) if isinstance(value, NamedNode)]

    def _text(self, node: NamedNode, *predicates: NamedNode) -> str:
        """The first text that there is by one of these."""
        return next(filter(None, (text(self._values(node, predicate)) for predicate in predicates)), "")

    def _title(self, node: NamedNode, language: str) -> str:
        """The title in the language of the expression, where it has one."""
        own = (value.value for value in self._values(node, TITLE) if isinstance(value, Literal) and value.language == language)
        return next(own, "") or self._text(node, TITLE, *NAMES)

    def _kind(self, node: NamedNode) -> str:
        kinds = {kind.value.removeprefix(FABIO) for kind in self._nodes(node, TYPE)}
        return next((kind for kind in KINDS if kind in kinds), "")

    def _key(self, node: NamedNode) -> str:
        """The end of an address, behind the word for its kind."""
        local = node.value.removeprefix(self._release.base)
        return NOT_IN_KEY.sub("-", local.split("/", 2)[-1]).strip("-").lower() or "work"

    def _term(self, name: str) -> NamedNode:
        return NamedNode(self._release.vocabulary + name)

    def _identifiers(self, node: NamedNode) -> tuple[dict[str, str], list[str]]:
        """By scheme those that were verified, and what the others are called."""
        known, other = {}, []
        for each in self._nodes(node, IDENTIFIER):
            schemes = [scheme.value.rpartition("/")[2] for scheme in self._nodes(each, self._term("identifierScheme"))]
            status = {status.value.removeprefix(self._release.base) for status in self._nodes(each, self._term("status"))}
            scheme = next((scheme for scheme in schemes if scheme in SCHEMES), "")
            if scheme and status <= {VERIFIED} and scheme not in known:
                known[scheme] = self._text(each, NOTATION)
            else:
                other.append(self._text(each, *NAMES) or self._text(each, NOTATION))
        return known, list(filter(None, other))

    def _authors(self, node: NamedNode) -> list[Author]:
        """Those of an expression in their order, else those of its work; who has no place in the order comes last."""
        for each in (node, *self._nodes(node, REALIZATION_OF)):
            ranked = sorted((self._rank(triple.subject), person.value) for triple in self.pointing(each, self._term("of"))
                            for person in self._nodes(triple.subject, self._term("person")))
            found = dict.fromkeys([*(NamedNode(person) for _, person in ranked), *self._nodes(each, CREATOR)])
            if found:
                return [self._author(person) for person in found]
        return []

    def _rank(self, authorship: NamedNode) -> float:
        rank = self._text(authorship, self._term("rank"))
        return float(rank) if rank.isdecimal() else float("inf")

    def _author(self, node: NamedNode) -> Author:
        family, given = self._text(node, FAMILY), self._text(node, GIVEN)
        return Author(family, given) if family and given else Author(self._text(node, *NAMES) or node.value)

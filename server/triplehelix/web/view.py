"""What a page shows of a description: names instead of IRIs, values with their source, sections for what it holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

from markupsafe import Markup
from pyoxigraph import BlankNode, Literal, NamedNode

from triplehelix import jsonld
from triplehelix.description.describe import Description, names
from triplehelix.description.links import Links
from triplehelix.description.published import Published
from triplehelix.description.signposts import licences
from triplehelix.description.vocabulary import (
    CLASS_PARTITION,
    CONCEPT_SCHEME,
    DEFINITION,
    FIRST,
    LESSER_NAMES,
    NAMES,
    NIL,
    NOTATION,
    PROPERTY_PARTITION,
    REST,
    SELECT,
    SUMMARIES,
    TYPE,
    XSD,
)
from triplehelix.engine.determined import is_determined
from triplehelix.formats import DOCUMENT, Format
from triplehelix.queries import Query
from triplehelix.store import Statement

# Predicates that come first in a table, in this order; the others follow by name.
FIRST_SHOWN = (TYPE, *NAMES, NOTATION, *SUMMARIES)
NOT_IN_TABLE = (SELECT, CLASS_PARTITION, PROPERTY_PARTITION)
UNREMARKABLE = {XSD + name for name in ("string", "integer", "decimal", "boolean")}
LANGUAGE = "en"
# The words of a camel-case name; capitals in a row are one word.
WORDS = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# A page carries so many statements in JSON-LD besides.
MOST_EMBEDDED = 300
# What shows inside another is cut on the page at this depth, never in RDF.
DEPTH = 8
MOST_APART = 1_000


@dataclass(frozen=True)
class Shown:
    """A term as text: where it leads, its full IRI, its language, and a word on its datatype or language.

    `rows` are the statements of what shows inside another, `items` the members of a list.
    """

    text: str
    href: str | None = None
    iri: str = ""
    lang: str = ""
    note: str = ""
    rows: tuple[Row, ...] = ()
    items: tuple[Shown, ...] = ()


@dataclass(frozen=True)
class Value:
    """One value of a row, and the named graphs that state it."""

    shown: Shown
    graphs: tuple[Shown, ...]


@dataclass(frozen=True)
class Row:
    """One predicate with its values."""

    predicate: Shown
    values: tuple[Value, ...]
    total: int = 0


@dataclass(frozen=True)
class Section:
    """A resource that a document holds: its name, the anchor it is found at, and its rows."""

    name: Shown
    anchor: str
    rows: tuple[Row, ...]


@dataclass
class View:
    """Names and addresses for the terms of one release; with a description, all that its page shows."""

    release: Published
    links: Links
    told: Description | None = None
    _named: dict[NamedNode, Shown] = field(default_factory=dict)

    @cached_property
    def title(self) -> Shown:
        return self.name(self.told.topic)

    @cached_property
    def kinds(self) -> list[Shown]:
        """The types somebody states; those that are only concluded stand in the table."""
        types = [s for s in self.told.statements if s.triple.predicate == TYPE]
        stated = [s for s in types if not self.release.is_inferred(s.graphs)]
        shown = (self.term_name(s.triple.object) for s in stated or types)
        return list({kind.text: kind for kind in shown}.values())

    @cached_property
    def summary(self) -> Shown | None:
        """The first sentence-long text about the topic, in English where there is one."""
        texts = [s.triple for predicate in SUMMARIES for s in self.told.statements if s.triple.predicate == predicate]
        best = preferred([t.object for t in texts if isinstance(t.object, Literal)])
        return self.literal(best) if best else None

    @cached_property
    def query(self) -> Query | None:
        """The named query that the topic is."""
        return self.release.queries.get((self.links.local(self.told.topic.value) or "").removeprefix("query/"))

    @cached_property
    def is_citable(self) -> bool:
        """Whether the topic is a query whose answer can be cited."""
        return self.query is not None and is_determined(self.query.text)

    @cached_property
    def is_scheme(self) -> bool:
        return CONCEPT_SCHEME in self.told.types

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        return self.table(s for s in self.told.statements if s.triple.predicate not in NOT_IN_TABLE)

    @cached_property
    def elsewhere(self) -> tuple[Row, ...]:
        return self.table(self.told.elsewhere)

    @cached_property
    def graphs(self) -> list[Shown]:
        return [self.graph(iri) for iri in self.told.graphs]

    @cached_property
    def inverse(self) -> list[Row]:
        """This page of what points here, by predicate; `total` counts all pages."""
        groups = groupby(self.told.inverse.statements, key=lambda s: s.triple.predicate)
        return [Row(self.term_name(predicate), tuple(self._value(s.triple.subject, s) for s in statements),
                    self.told.inverse.counts[predicate]) for predicate, statements in groups]

    @cached_property
    def apart_in_it(self) -> list[Shown]:
        """Of a graph that stands apart, the things it speaks of: no page of the dataset leads to them."""
        if not self.release.is_apart(self.told.topic.value):
            return []
        subjects = {s.triple.subject for s in self.release.reading.content(self.told.topic)} - {self.told.topic}
        ours = sorted(node.value for node in subjects if isinstance(node, NamedNode) and self.links.local(node.value))
        # Not by their names, which the graph's own document does not depend on.
        return [Shown(self.links.local(iri), self.links.href(iri), iri) for iri in ours[:MOST_APART]]

    @cached_property
    def sections(self) -> list[Section]:
        """The resources the document holds, by name; what belongs to one of them shows inside it."""
        found = [Section(self.name(node), _anchor(node.value), self.table(said, sourced=False))
                 for node, said in self._held.items() if not self._is_inside(node) and node not in self._counted]
        return sorted(found, key=lambda section: section.name.text.casefold())

    @cached_property
    def _held(self) -> dict[NamedNode | BlankNode, list[Statement]]:
        """The parts of the document by subject."""
        held: dict[NamedNode | BlankNode, list[Statement]] = {}
        for statement in self.told.parts if self.told else ():
            held.setdefault(statement.triple.subject, []).append(statement)
        return held

    @cached_property
    def _counted(self) -> set[NamedNode]:
        """Partitions of the dataset: the home page shows them as counts."""
        return {s.triple.object for s in self.told.statements if s.triple.predicate in NOT_IN_TABLE}

    def _is_inside(self, node: NamedNode | BlankNode) -> bool:
        """Whether a part shows inside another: blank nodes, and fragments of a part."""
        if isinstance(node, BlankNode):
            return True
        document, hash_sign, _ = node.value.partition("#")
        return bool(hash_sign) and NamedNode(document) in self._held

    @cached_property
    def concepts(self) -> list[tuple[Shown, str, Shown | None]]:
        """For a scheme: (concept, code, definition), by code."""
        found = []
        for concept, said in self._held.items():
            codes = [s.triple.object.value for s in said if s.triple.predicate == NOTATION]
            texts = preferred([s.triple.object for s in said if s.triple.predicate == DEFINITION])
            found.append((self.name(concept), codes[0] if codes else "", self.literal(texts) if texts else None))
        return sorted(found, key=lambda row: (row[1], row[0].text.casefold()))

    @cached_property
    def embedded(self) -> Markup:
        """The description as JSON-LD that stands in HTML: what is said of the topic itself; of much, what names it."""
        said = [s.triple for s in self.told.statements]
        if len(said) > MOST_EMBEDDED:
            said = [t for t in said if t.predicate in FIRST_SHOWN]
        text = jsonld.write(said, self.release.manifest.prefixes, self.release.vocabulary).decode().strip()
        # Neither an end tag nor a comment can begin in it (HTML section 4.12.1.3), and to JSON it is the same.
        return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e"))

    @cached_property
    def licences(self) -> list[Shown]:
        """On what terms this is to be had."""
        return [self.name(NamedNode(iri)) for iri in licences(self.release, self.told)]

    def formats(self, local: str) -> list[tuple[Format, str]]:
        """The forms in which a document is to be had, with their addresses."""
        return [(fmt, self.links.path(f"{local}.{fmt.suffix}")) for fmt in DOCUMENT if fmt.engine]

    def table(self, statements: Iterable[Statement], depth: int = 0, sourced: bool = True) -> tuple[Row, ...]:
        """Rows of statements with one subject: what names and defines it first, then by the predicate's name."""
        by_predicate: dict[NamedNode, list[Statement]] = {}
        for statement in statements:
            by_predicate.setdefault(statement.triple.predicate, []).append(statement)
        return tuple(self._row(predicate, by_predicate[predicate], depth, sourced)
                     for predicate in sorted(by_predicate, key=self._place))

    def _row(self, predicate: NamedNode, statements: list[Statement], depth: int, sourced: bool) -> Row:
        """One predicate; what somebody states comes before what is only concluded."""
        ordered = sorted(statements, key=lambda s: self.release.is_inferred(s.graphs))
        return Row(self.term_name(predicate), tuple(self._value(s.triple.object, s, depth, sourced) for s in ordered))

    def _place(self, predicate: NamedNode) -> tuple[int, str]:
        place = FIRST_SHOWN.index(predicate) if predicate in FIRST_SHOWN else len(FIRST_SHOWN)
        return place, self.term_name(predicate).text.casefold()

    def _value(self, term: NamedNode | BlankNode | Literal, statement: Statement, depth: int = 0, sourced: bool = True) -> Value:
        graphs = tuple(self.graph(iri) for iri in statement.graphs) if sourced else ()
        return Value(self.term(term, depth), graphs)

    def term(self, term: NamedNode | BlankNode | Literal, depth: int = 0) -> Shown:
        """Any term as it is shown."""
        if isinstance(term, Literal):
            return self.literal(term)
        return self._inside(term, depth) if self._is_inside(term) else self.name(term)

    def name(self, node: NamedNode) -> Shown:
        """A resource under its name, else as prefix:name, else as IRI."""
        if node not in self._named:
            label = self._label(node)
            text = label.value if label else self.short(node.value)
            lang = (label.language or "") if label else ""
            self._named[node] = Shown(text, self.links.href(node.value), node.value, lang)
        return self._named[node]

    def term_name(self, node: NamedNode) -> Shown:
        """A class or property under its label, else in the words its own name is made of: subClassOf, sub class of."""
        shown = self.name(node)
        if self._label(node):
            return shown
        words = WORDS.findall(re.split("[/#]", node.value)[-1])
        return replace(shown, text=" ".join(w if w.isupper() else w.lower() for w in words) or shown.text, lang="")

    def _label(self, node: NamedNode) -> Literal | None:
        named = [t.object for t in names(self.release, node)]
        lesser = (value for p in LESSER_NAMES for value in self.release.reading.values(node, p)) if not named else ()
        return preferred([name for name in (*named, *lesser) if isinstance(name, Literal)])

    def literal(self, literal: Literal) -> Shown:
        """A literal with a word on its language, or on its datatype where that is not plain to see."""
        datatype = literal.datatype.value
        note = literal.language or ("" if datatype in UNREMARKABLE else self.short(datatype))
        href = self.links.href(literal.value) if datatype == XSD + "anyURI" else None
        return Shown(literal.value, href, lang=literal.language or "", note=note)

    def graph(self, iri: str) -> Shown:
        """A named graph by its path, which says where to look."""
        local = self.links.local(iri) or iri
        return Shown(local.removeprefix("graph/"), self.links.href(iri) if self.release.is_described(iri) else None, iri)

    def short(self, iri: str) -> str:
        """prefix:name where the release declares the namespace, the path below the base for ours, else the IRI."""
        prefixes = self.release.manifest.prefixes
        best = max((p for p in prefixes if iri.startswith(prefixes[p])), key=lambda p: len(prefixes[p]), default=None)
        if best is not None and (name := iri[len(prefixes[best]):]) and "/" not in name and "#" not in name:
            return f"{best}:{name}"
        return self.links.local(iri) or iri

    def _inside(self, node: NamedNode | BlankNode, depth: int) -> Shown:
        if depth >= DEPTH:
            return Shown("…")
        said = self.release.reading.about(node)
        if not said:
            return Shown(str(node))
        if any(s.triple.predicate == FIRST for s in said):
            return Shown("", items=tuple(self.term(member, depth + 1) for member in self._members(node)))
        return Shown("", rows=self.table(said, depth + 1, sourced=False))

    def _members(self, node: BlankNode | NamedNode) -> Iterable[NamedNode | BlankNode | Literal]:
        """The members of an RDF collection."""
        seen = set()
        while node != NIL and node not in seen:
            seen.add(node)
            yield from self.release.reading.values(node, FIRST)
            node = next(iter(self.release.reading.values(node, REST)), NIL)


def preferred(literals: list[Literal]) -> Literal | None:
    """The literal in the language of the interface, else one without language, else the first: given in order of worth."""
    for language in (LANGUAGE, None):
        found = next((literal for literal in literals if literal.language == language), None)
        if found:
            return found
    return literals[0] if literals else None


def _anchor(iri: str) -> str:
    return iri.partition("#")[2] or iri

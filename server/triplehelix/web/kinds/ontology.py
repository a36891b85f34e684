"""The page of an ontology: its terms by module, what each means, what it goes with, and how often the data use it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup
from pyoxigraph import Literal, NamedNode

from triplehelix.description.diagram import CLASSES, DOMAIN, PROPERTIES, RANGE, SUBCLASS, file_of
from triplehelix.description.vocabulary import (
    CONCEPT_SCHEME,
    IMPORTS,
    IN_SCHEME,
    IS_DEFINED_BY,
    NAMES,
    ONTOLOGY,
    OWL,
    RDFS,
    SH,
    SKOS,
    SUMMARIES,
    TYPE,
    VERSION_IRI,
)
from triplehelix.views import ListedTable
from triplehelix.web.answer import with_query
from triplehelix.web.kinds.said import Book, Said, Usage, by_subject
from triplehelix.web.view import Row, Shown, View, preferred
from triplehelix.web.words import _

SUBPROPERTY, SEE_ALSO = NamedNode(RDFS + "subPropertyOf"), NamedNode(RDFS + "seeAlso")
INVERSE, DISJOINT, DEPRECATED, VERSION = (NamedNode(OWL + name) for name in (
    "inverseOf", "disjointWith", "deprecated", "versionInfo"))
EXAMPLE, NOTE = NamedNode(SKOS + "example"), NamedNode(SKOS + "scopeNote")
TARGET_CLASS = NamedNode(SH + "targetClass")
STATUS = NamedNode("http://www.w3.org/2003/06/sw-vocab-status/ns#term_status")
PREFIX = NamedNode("http://purl.org/vocab/vann/preferredNamespacePrefix")
# What a term goes with: a heading, predicates, whether these lead from it, to it, or either way, and whether it is a class.
FROM, TO, BOTH = (True, False), (False, True), (True, True)
LINKS = (
    (_("A kind of"), (SUBCLASS,), FROM, True), (_("A kind of"), (SUBPROPERTY,), FROM, False),
    (_("Kinds of it"), (SUBCLASS,), TO, True), (_("Kinds of it"), (SUBPROPERTY,), TO, False),
    (_("Said of"), DOMAIN, FROM, False), (_("Leads to"), RANGE, FROM, False),
    (_("What is said of it"), DOMAIN, TO, True), (_("What leads to it"), RANGE, TO, True),
    (_("The other way round"), (INVERSE,), BOTH, False), (_("Never at the same time"), (DISJOINT,), BOTH, True),
    (_("See also"), (SEE_ALSO,), FROM, True), (_("See also"), (SEE_ALSO,), FROM, False),
    (_("Rules"), (TARGET_CLASS,), TO, True))
TOLD = frozenset((TYPE, *NAMES, *SUMMARIES, IS_DEFINED_BY, EXAMPLE, NOTE, STATUS, DEPRECATED,
                  *(predicate for _heading, predicates, (out, _back), _is_class in LINKS if out for predicate in predicates)))


@dataclass(frozen=True)
class Used:
    """How often the data use a term: the things of a class and where they are listed, or the statements with a property and
    the things that these are about."""

    count: int
    things: int = 0
    href: str = ""


@dataclass(frozen=True)
class Term:
    """A term as a section of the page. `links` are headings with the names of other terms, `rows` what is said besides."""

    name: Shown
    anchor: str
    written: str
    kind: str
    status: str
    texts: tuple[Shown, ...]
    notes: tuple[Shown, ...]
    examples: tuple[Shown, ...]
    links: tuple[tuple[str, tuple[Shown, ...]], ...]
    rows: tuple[Row, ...]
    used: Used | None


@dataclass(frozen=True)
class Module:
    """The terms that one ontology defines, classes first; its name and what it is about."""

    name: Shown
    text: str
    classes: tuple[Term, ...]
    properties: tuple[Term, ...]
    others: tuple[Term, ...]

    @property
    def terms(self) -> tuple[Term, ...]:
        return (*self.classes, *self.properties, *self.others)


class OntologyPage:
    """What the page of an ontology shows."""

    def __init__(self, view: View) -> None:
        self.view, self.release, self.topic = view, view.release, view.told.topic
        self.usage = Usage(view.release)
        self.book = Book(view.release, {})

    @cached_property
    def head(self) -> Said:
        return Said(self.topic, tuple(self.view.told.statements))

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """What is said of the ontology and does not stand elsewhere on the page."""
        return self.view.table(self.head.but((*SUMMARIES, *NAMES, IMPORTS, VERSION, VERSION_IRI, PREFIX)))

    @cached_property
    def version(self) -> str:
        return self.head.text(VERSION)

    @cached_property
    def version_iri(self) -> Shown | None:
        return next((self.view.name(node) for node in self.head.values(VERSION_IRI) if isinstance(node, NamedNode)), None)

    @cached_property
    def namespace(self) -> tuple[str, str]:
        """The prefix of the terms, and the namespace they are in."""
        return self.head.text(PREFIX), self.release.vocabulary

    @cached_property
    def imports(self) -> list[Shown]:
        return self._named(self.head.values(IMPORTS))

    @cached_property
    def shapes(self) -> list[Shown]:
        """Where the facade gathers all terms: the documents with the rules for what is said with them."""
        return self._documents(ONTOLOGY, "shape/") if self._is_facade else []

    @cached_property
    def schemes(self) -> list[tuple[Shown, int]]:
        """There too: the code lists, and how many codes each has."""
        lists = self._documents(CONCEPT_SCHEME, "scheme/") if self._is_facade else []
        inverse = self.release.resources.inverse
        return [(shown, inverse(self.view.links.local(shown.iri) or "").get(IN_SCHEME.value, 0)) for shown in lists]

    @property
    def _is_facade(self) -> bool:
        return self.topic.value == self.release.vocabulary.removesuffix("#")

    def _documents(self, kind: NamedNode, below: str) -> list[Shown]:
        """The documents of a class at addresses of ours that begin so, by name."""
        found = (s.triple.subject for s in self.release.reading.pointing(kind, TYPE))
        return self._named(node for node in found if str(node).startswith(f"<{self.release.base}{below}"))

    def _named(self, nodes: Iterable) -> list[Shown]:
        named = map(self.view.name, dict.fromkeys(node for node in nodes if isinstance(node, NamedNode)))
        return sorted(named, key=lambda shown: shown.text.casefold())

    @cached_property
    def _tables(self) -> list[ListedTable]:
        return self.release.views.tables()

    @cached_property
    def diagram(self) -> Markup:
        """The drawing that was made with the release, empty where there is none."""
        name = file_of(self.view.links.local(self.topic.value) or "")
        # Its texts were escaped when it was drawn.
        return Markup((self.release.folder / name).read_text(encoding="utf-8") if name in self.release.manifest.files else "")

    @cached_property
    def modules(self) -> list[Module]:
        """The terms of the document, those that one ontology defines together; what others need comes first."""
        found: dict[NamedNode, list[Said]] = {}
        for said in self._terms:
            home = next((node for node in said.values(IS_DEFINED_BY) if isinstance(node, NamedNode)), self.topic)
            found.setdefault(home if self.view.links.local(home.value) else self.topic, []).append(said)
        return [self._module(home, found[home]) for home in sorted(found, key=self._place)]

    @cached_property
    def _terms(self) -> list[Said]:
        """What the document holds and has an anchor for."""
        held = by_subject(self.view.told.parts)
        return [said for node, said in held.items() if isinstance(node, NamedNode) and not self._is_inside(node, held)]

    def _is_inside(self, node: NamedNode, held: dict) -> bool:
        """Whether a part shows inside another: a fragment of it."""
        document, hash_sign, _fragment = node.value.partition("#")
        return bool(hash_sign) and NamedNode(document) in held

    def _place(self, ontology: NamedNode) -> tuple[int, str]:
        needed = [node for node in self.book[ontology].values(IMPORTS) if node != self.topic]
        return len(needed), ontology.value

    def _module(self, home: NamedNode, held: Iterable[Said]) -> Module:
        groups: dict[str, list[Term]] = {"class": [], "property": [], "": []}
        for said in held:
            types = set(said.values(TYPE))
            group = "class" if types & CLASSES else "property" if types & PROPERTIES else ""
            groups[group].append(self._term(said, group))
        ordered = [tuple(sorted(terms, key=lambda term: term.name.text.casefold())) for terms in groups.values()]
        return Module(self.view.name(home), self.book[home].text(*SUMMARIES), *ordered)

    def _term(self, said: Said, group: str) -> Term:
        node = said.subject
        kinds = (self.view.term_name(kind).text for kind in said.values(TYPE) if isinstance(kind, NamedNode))
        status = _("deprecated") if said.text(DEPRECATED) == "true" else said.text(STATUS)
        return Term(self.view.name(node), node.value.partition("#")[2] or node.value, self.view.short(node.value),
                    ", ".join(kinds), status, self._texts(said, *SUMMARIES), self._texts(said, NOTE), self._texts(said, EXAMPLE),
                    tuple(self._links(node, group == "class")) if group else (), self.view.table(said.but(TOLD), sourced=False),
                    self._used(node, group))

    def here(self, shown: Shown) -> str:
        """The address of a term: its anchor where that is in this document."""
        return f"#{shown.iri.partition('#')[2]}" if shown.iri in self._anchors else shown.href or ""

    @cached_property
    def _anchors(self) -> set[str]:
        """The terms of this document that are fragments."""
        return {said.subject.value for said in self._terms if "#" in said.subject.value}

    def _texts(self, said: Said, *predicates: NamedNode) -> tuple[Shown, ...]:
        """Texts in English where there are such; one of each predicate where they are in several languages."""
        texts = [value for value in said.values(*predicates) if isinstance(value, Literal)]
        best = preferred(texts, self.view.language)
        return tuple(self.view.literal(text) for text in texts if text.language == best.language) if best else ()

    def _links(self, node: NamedNode, is_class: bool) -> Iterable[tuple[str, tuple[Shown, ...]]]:
        for heading, predicates, (out, back), of_classes in LINKS:
            if of_classes != is_class:
                continue
            found = dict.fromkeys((*(self._stated(node, predicates) if out else ()),
                                   *(self.book.stated(node, *predicates) if back else ())))
            if found:
                yield heading, tuple(self._named(found))

    def _stated(self, node: NamedNode, predicates: tuple[NamedNode, ...]) -> list[NamedNode]:
        """What a term says by some predicates itself: not what is concluded."""
        return [s.triple.object for s in self.book[node].statements if s.triple.predicate in predicates
                and isinstance(s.triple.object, NamedNode) and not self.release.is_inferred(s.graphs)]

    def _used(self, node: NamedNode, group: str) -> Used | None:
        if not (self.usage and group):
            return None
        if group == "class":
            count = self.usage.things(node)
            return Used(count, href=self._listing(node, count) if count else "")
        found = self.usage.of(node)
        return Used(found.triples, found.subjects) if found else Used(0)

    def _listing(self, kind: NamedNode, count: int) -> str:
        """Where exactly these things are listed: by the table of the class, else in the plain list."""
        table = next((table.name for table in self._tables if kind.value in table.classes and table.count == count), None)
        return self.view.links.path(f"browse/{table}" if table else with_query("list", {"class": kind.value}))

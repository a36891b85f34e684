"""All that the page of a description shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from markupsafe import Markup
from pyoxigraph import Literal, NamedNode

from triplehelix import bibliography, jsonld
from triplehelix.description import literature
from triplehelix.description.describe import PAGE_SIZE
from triplehelix.description.signposts import licences
from triplehelix.description.vocabulary import COMMENT, DEFINITION, SUMMARIES, TYPE
from triplehelix.engine.determined import undetermined
from triplehelix.formats import HTML, Format
from triplehelix.queries import Query
from triplehelix.store import Statement
from triplehelix.web.view.facts import Facts
from triplehelix.web.view.languages import in_itself
from triplehelix.web.view.literals import day
from triplehelix.web.view.names import LANGUAGE, preferred
from triplehelix.web.view.panels import Shelf, Shelves
from triplehelix.web.view.shown import Relation, Row, Shown, Value
from triplehelix.web.view.tables import FIRST_SHOWN, Tables

# A page carries so many statements in JSON-LD besides.
MOST_EMBEDDED = 300
MOST_APART = 1_000
# How a source calls a kind of thing: this term of the release's own vocabulary.
SOURCE_TERM = "sourceTerm"


@dataclass
class View(Tables):
    """Names and addresses for the terms of one release; with a description, all that its page shows.

    `shelf` is the one panel that the page is about, where it is.
    """

    shelf: Shelf | None = field(default=None, kw_only=True)

    @cached_property
    def title(self) -> Shown:
        return self.name(self.told.topic)

    @cached_property
    def is_named(self) -> bool:
        return self.label(self.told.topic) is not None

    @cached_property
    def kinds(self) -> list[Shown]:
        """The types somebody states; those that are only concluded stand in the table."""
        shown = (self.term_name(s.triple.object) for s in self._types)
        return list({kind.text: kind for kind in shown}.values())

    @cached_property
    def _types(self) -> list[Statement]:
        """What is said of its kind, by those who know best: in a graph of the data, else by this site, else by rule."""
        types = [s for s in self.told.statements if s.triple.predicate == TYPE]
        stated = [s for s in types if not self.release.is_inferred(s.graphs)]
        return [s for s in stated if any(map(self.release.is_described, s.graphs))] or stated or types

    @cached_property
    def meaning(self) -> Shown | None:
        """What things of the kind are, as the vocabulary defines it."""
        texts = (value for s in self._types for value in self.release.reading.values(s.triple.object, DEFINITION))
        best = preferred([value for value in texts if isinstance(value, Literal)], self.language)
        return self.literal(best) if best else None

    @cached_property
    def called(self) -> list[Shown]:
        """What the sources call a thing of this kind."""
        return [self.literal(value) for value in self.told.values(NamedNode(self.release.vocabulary + SOURCE_TERM))
                if isinstance(value, Literal)]

    @cached_property
    def summary(self) -> Shown | None:
        """The first sentence-long text about the topic, in the language of the page where there is one."""
        best = self._summary
        return self.literal(best.triple.object) if best else None

    @cached_property
    def lead(self) -> Value | None:
        """What a source says in a sentence that the thing is; a remark is a fact among others."""
        best = self._summary
        if not best or best.triple.predicate == COMMENT:
            return None
        return Value(self.literal(best.triple.object), (), self.facts.sources.of(best.graphs))

    @cached_property
    def _summary(self) -> Statement | None:
        texts = [s for predicate in SUMMARIES for s in self.told.statements
                 if s.triple.predicate == predicate and isinstance(s.triple.object, Literal)]
        best = preferred([s.triple.object for s in texts], self.language)
        return next((s for s in texts if s.triple.object == best), None)

    @cached_property
    def facts(self) -> Facts:
        """What somebody states of the topic."""
        best = self._summary
        # With names of its own: a circle would keep the release open until a collector comes by.
        names = Tables(self.release, self.links, self.told, language=self.language, _named=self._named)
        return Facts(names, self.told, frozenset({best.triple.object} if best and best.triple.predicate != COMMENT else ()))

    @cached_property
    def shelves(self) -> Shelves:
        """What the release knows of the topic from what is said of others."""
        return Shelves(self.facts, self.local)

    @cached_property
    def lacking(self) -> list[tuple[str, str]]:
        """What nobody has recorded of the topic: (name, what it would say), properties of the shapes and whole panels."""
        properties = [(each.name, each.description) for each in self.facts.unknown]
        return [*properties, *((panel.title, panel.description) for panel in self.shelves.empty)]

    @property
    def local(self) -> str:
        """The topic's IRI below the base."""
        return self.links.local(self.told.topic.value) or ""

    @cached_property
    def changed(self) -> str:
        """The day on which what this page says last changed, in words; "" where that is not known."""
        state = self.release.resources.state(self.local)
        return day(state.modified[:len("2020-01-01")]) if state else ""

    @cached_property
    def languages(self) -> list[tuple[str, str]]:
        """The languages in which the topic has texts, and that of the interface: tag, and its name in itself."""
        spoken = {s.triple.object.language for s in self.told.statements if isinstance(s.triple.object, Literal)} - {None}
        return [(tag, in_itself(tag)) for tag in sorted(spoken | {LANGUAGE})]

    @cached_property
    def query(self) -> Query | None:
        """The named query that the topic is."""
        return self.release.queries.get(self.local.removeprefix("query/"))

    @cached_property
    def is_citable(self) -> bool:
        """Whether the topic is a query whose answer can be cited."""
        return self.query is not None and not undetermined(self.query.text)

    @cached_property
    def graphs(self) -> list[Shown]:
        return [self.graph(iri) for iri in self.told.graphs]

    @cached_property
    def inverse(self) -> list[Row]:
        """This page of what points here, by predicate; `total` counts all pages."""
        groups = groupby(self.told.inverse.statements, key=lambda s: s.triple.predicate)
        return [self._pointing(predicate, list(statements)) for predicate, statements in groups]

    def _pointing(self, predicate: NamedNode, statements: list[Statement]) -> Row:
        is_concluded = all(self.release.is_inferred(s.graphs) for s in statements)
        return Row(self.term_name(predicate), tuple(self._value(s.triple.subject, s) for s in statements),
                   self.told.inverse.counts[predicate], is_concluded)

    @cached_property
    def relations(self) -> list[Relation]:
        """The ways in which other things refer here, in the order of the pages."""
        found, before = [], 0
        for predicate, count in self.told.inverse.counts.items():
            found.append(Relation(self.term_name(predicate), count, before // PAGE_SIZE + 1))
            before += count
        return found

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
    def embedded(self) -> Markup:
        """The description as JSON-LD that stands in HTML: what is said of the topic itself; of much, what names it."""
        said = [s.triple for s in self.told.statements]
        if len(said) > MOST_EMBEDDED:
            said = [t for t in said if t.predicate in FIRST_SHOWN]
        text = jsonld.write(said, self.release.manifest.prefixes, self.release.vocabulary).decode().strip()
        # Neither an end tag nor a comment can begin in it (HTML section 4.12.1.3), and to JSON it is the same.
        return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e"))

    @cached_property
    def tags(self) -> list[tuple[str, str]]:
        """The meta tags of a work or an expression, of a work those of its oldest: name and content."""
        found = literature.entries(self.release, self.told) if literature.is_literature(self.told) else []
        return bibliography.tags(found[0]) if found else []

    @cached_property
    def licences(self) -> list[Shown]:
        """On what terms this is to be had."""
        return [self.name(NamedNode(iri)) for iri in licences(self.release, self.told)]

    def formats(self, local: str) -> list[tuple[Format, str]]:
        """The forms in which a document is to be had, with their addresses."""
        return [(fmt, self.links.path(f"{local}.{fmt.suffix}")) for fmt in literature.forms(self.told) if fmt is not HTML]

"""The page of a document of shapes: for each kind of thing what it has to say, what it may say, and what holds besides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import Literal, NamedNode

from triplehelix.description.vocabulary import NAMES, RDFS, SH, SUMMARIES, TYPE
from triplehelix.views import ListedTable
from triplehelix.web.kinds.constraints import AND, MESSAGE, NODE, Constraints
from triplehelix.web.kinds.said import Book, Said, Usage, by_subject
from triplehelix.web.view import Row, Shown, View, preferred
from triplehelix.web.words import _

NODE_SHAPE, PROPERTY_SHAPE, PROPERTY, NAME, ORDER, GROUP, SPARQL, OFF = (NamedNode(SH + name) for name in (
    "NodeShape", "PropertyShape", "property", "name", "order", "group", "sparql", "deactivated"))
CLASS, SUBJECTS, OBJECTS, TARGET = (NamedNode(SH + name) for name in (
    "targetClass", "targetSubjectsOf", "targetObjectsOf", "targetNode"))
TARGETS = ((CLASS, _("every")), (SUBJECTS, _("whatever has the property")), (OBJECTS, _("whatever is a value of")),
           (TARGET, _("this one:")))
LABEL, COMMENT = NamedNode(RDFS + "label"), NamedNode(RDFS + "comment")
NOWHERE = 1e9


@dataclass(frozen=True)
class Rule:
    """What a property shape asks for: in words how many values, of which kinds, and on which conditions.

    `anchor` is where it is found on this page, "" where it stands on another, or higher up; `href` leads there.
    """

    name: str
    anchor: str
    href: str
    path: tuple[Shown, ...]
    amount: str
    is_needed: bool
    values: tuple[Shown, ...]
    conditions: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Target:
    """What a node shape is about: in words, by which term, and how many things that are."""

    words: str
    term: Shown
    count: int


@dataclass(frozen=True)
class Profile:
    """A node shape as a section. `wider` are the shapes that hold besides, `messages` what holds for the thing as a whole."""

    name: Shown
    anchor: str
    text: str
    targets: tuple[Target, ...]
    table: str
    must: tuple[Rule, ...]
    may: tuple[Rule, ...]
    messages: tuple[str, ...]
    wider: tuple[Shown, ...]
    is_off: bool


class ShapesPage:
    """What the page of a document of shapes shows."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.held = by_subject(view.told.parts)
        self.book = Book(view.release, dict(self.held))
        self.words, self.usage = Constraints(view, self.book), Usage(view.release)
        self._given: set[str] = set()

    @cached_property
    def profiles(self) -> list[Profile]:
        """The node shapes that are about things of their own, by name."""
        return [profile for profile in self._all if profile.targets]

    @cached_property
    def parts(self) -> list[Profile]:
        """Those that others are made of."""
        return [profile for profile in self._all if not profile.targets]

    @cached_property
    def shared(self) -> list[Rule]:
        """The rules of this document that no kind of thing above has: those of other documents use them."""
        used = {node for said in self._of_type(NODE_SHAPE) for node in said.values(PROPERTY)}
        return [self._rule(said) for said in self._of_type(PROPERTY_SHAPE) if said.subject not in used]

    @cached_property
    def others(self) -> list[tuple[Shown, str, tuple[Row, ...]]]:
        """What else the document holds: (name, anchor, statements)."""
        shaped = {*self._of_type(NODE_SHAPE), *self._of_type(PROPERTY_SHAPE)}
        return [(self.view.name(node), _anchor(node), self.view.table(said.statements, sourced=False))
                for node, said in self.held.items() if isinstance(node, NamedNode) and said not in shaped]

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """What is said of the document itself."""
        said = Said(self.view.told.topic, tuple(self.view.told.statements))
        return self.view.table(said.but((*NAMES, *SUMMARIES)))

    @cached_property
    def _all(self) -> list[Profile]:
        named = sorted(self._of_type(NODE_SHAPE), key=lambda said: self.view.name(said.subject).text.casefold())
        # Those with targets take the anchors of the rules they share with parts.
        told = {said.subject: self._profile(said) for said in sorted(named, key=lambda said: not self._has_target(said))}
        return [told[said.subject] for said in named]

    def _of_type(self, kind: NamedNode) -> list[Said]:
        return [said for node, said in self.held.items() if isinstance(node, NamedNode) and kind in said.values(TYPE)]

    def _has_target(self, said: Said) -> bool:
        return bool(said.values(*(predicate for predicate, _words in TARGETS)))

    def _profile(self, said: Said) -> Profile:
        rules = [self._rule(self.book[node]) for node in self._in_order(said.values(PROPERTY))]
        wider = [node for node in said.values(NODE) if isinstance(node, NamedNode)]
        wider += [node for head in said.values(AND) for node in self.book.members(head) if isinstance(node, NamedNode)]
        return Profile(self.view.name(said.subject), _anchor(said.subject), said.text(COMMENT), tuple(self._targets(said)),
                       self._table(said), tuple(rule for rule in rules if rule.is_needed),
                       tuple(rule for rule in rules if not rule.is_needed), self._messages(said),
                       tuple(map(self.view.name, wider)), said.text(OFF) == "true")

    def _in_order(self, nodes: Iterable) -> list:
        """Property shapes by the order of their group, their own, and their name."""
        def place(node: NamedNode) -> tuple[float, float, str]:
            said = self.book[node]
            group = next((_number(self.book[each], ORDER) for each in said.values(GROUP)), NOWHERE)
            return group, _number(said, ORDER), said.text(NAME)
        return sorted((node for node in nodes if not isinstance(node, Literal)), key=place)

    def _rule(self, said: Said) -> Rule:
        amount, is_needed = self.words.amount(said)
        path = self.words.path(said)
        name = said.text(NAME) or ", ".join(step.text for step in path)
        anchor = _anchor(said.subject) if said.subject in self.held and isinstance(said.subject, NamedNode) else ""
        href = self.view.links.href(said.subject.value) if isinstance(said.subject, NamedNode) else ""
        anchor = "" if anchor in self._given else anchor
        self._given.add(anchor)
        return Rule(name, anchor, href or "", path, amount, is_needed, self.words.values(said),
                    tuple(self.words.conditions(said)), self._message(said))

    def _targets(self, said: Said) -> Iterable[Target]:
        for predicate, words in TARGETS:
            for node in said.values(predicate):
                if isinstance(node, NamedNode):
                    yield Target(words, self.view.term_name(node), counted(self.usage, predicate, node))

    def _table(self, said: Said) -> str:
        """The address of the table of the things of a shape, "" where there is none."""
        kinds = {node.value for node in said.values(CLASS) if isinstance(node, NamedNode)}
        name = next((table.name for table in self._tables if table.name == _anchor(said.subject) and kinds & table.classes), "")
        return self.view.links.path(f"browse/{name}") if name else ""

    @cached_property
    def _tables(self) -> list[ListedTable]:
        return self.view.release.views.tables()

    def _messages(self, said: Said) -> tuple[str, ...]:
        """What the shape tells people about the thing as a whole, and the queries that judge it."""
        queries = (self.book[node] for node in said.values(SPARQL) if not isinstance(node, Literal))
        return tuple(filter(None, (self._message(said), *map(self._message, queries))))

    def _message(self, said: Said) -> str:
        best = preferred([value for value in said.values(MESSAGE) if isinstance(value, Literal)], self.view.language)
        return best.value if best else ""


def counted(usage: Usage, target: NamedNode, node: NamedNode) -> int:
    """How many things a target of a shape means (SHACL section 2.1.3)."""
    if target in (SUBJECTS, OBJECTS):
        used = usage.of(node)
        return 0 if used is None else used.subjects if target == SUBJECTS else used.objects
    return usage.things(node) if target == CLASS else 1


def _anchor(node: NamedNode) -> str:
    return node.value.partition("#")[2] or node.value


def _number(said: Said, predicate: NamedNode) -> float:
    try:
        return float(said.text(predicate) or NOWHERE)
    except ValueError:
        return NOWHERE

"""What the shapes of a release say of its things: which tables there are, and in which order and under which headings the
properties of a thing stand.

A column is a property shape with a name (SHACL section 2.3.2.1) whose path is a predicate, or an alternative of predicates of
which none has a column already; its place is that of its group, then its own. Shapes without a name are conditions only, and
paths of several steps have no column. Shapes that are deactivated (section 2.1.6) say nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from triplehelix.description.lookups import text
from triplehelix.description.vocabulary import FIRST, NIL, OWL, RDFS, REST, SH, TYPE
from triplehelix.releases import Manifest
from triplehelix.store import Reading, Statement

Term = NamedNode | BlankNode | Literal
NODE_SHAPE, TARGET_CLASS, PROPERTY, PATH, ALTERNATIVE, NAME, ORDER, GROUP, DATATYPE, NODE, OR, XONE, MOST, ONE_A_LANGUAGE, OFF = (
    NamedNode(SH + name) for name in (
        "NodeShape", "targetClass", "property", "path", "alternativePath", "name", "order", "group", "datatype", "node", "or",
        "xone", "maxCount", "uniqueLang", "deactivated"))
DESCRIPTIONS = (NamedNode(SH + "description"), NamedNode(RDFS + "comment"))
CLASSES = {NamedNode(RDFS + "Class"), NamedNode(OWL + "Class")}
LABEL, SUBCLASS = NamedNode(RDFS + "label"), NamedNode(RDFS + "subClassOf")
NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")
NOWHERE = 1e9


@dataclass(frozen=True)
class Column:
    """One property of a table: its title, and the predicates whose objects it holds.

    `datatypes` are the IRIs that the shapes allow; `single` where they allow one value only, `alone` one in each language.
    `group` is the label of the group it stands in, "" for none.
    """

    title: str
    description: str
    predicates: tuple[str, ...]
    datatypes: frozenset[str]
    single: bool
    alone: bool
    group: str


@dataclass(frozen=True)
class Table:
    """One node shape: name of its file, IRI, title, the classes of its rows with their subclasses, and its columns."""

    name: str
    shape: str
    title: str
    description: str
    classes: frozenset[str]
    columns: tuple[Column, ...]

    @property
    def names(self) -> frozenset[str]:
        """Its name, and that of its shape, which others may share."""
        return frozenset((self.name, _word(self.shape)))


class Property(NamedTuple):
    """A property as a page shows it: the predicates whose values stand there, its name and its description; `single` where
    there is one value at most, `alone` one in each language."""

    predicates: tuple[str, ...]
    name: str
    description: str
    single: bool
    alone: bool


class Group(NamedTuple):
    """Properties that stand together, in their order; the label of those in no group is ""."""

    label: str
    properties: tuple[Property, ...]


def tables(reading: Reading, manifest: Manifest) -> list[Table]:
    """The tables of a release whose store is written, by name. Raises OSError where the store is damaged."""
    shapes = _Shapes(reading, manifest)
    found = [shapes.table(node) for node in shapes.nodes()]
    return sorted(_named(table for table in found if table.classes and table.columns), key=lambda table: table.name)


def layout(reading: Reading, manifest: Manifest, classes: Collection[str]) -> tuple[Group, ...]:
    """How the properties of a thing of these classes (IRIs) are laid out: by all the shapes that such things are to keep."""
    shapes = _Shapes(reading, manifest)
    groups: dict[str, list[Property]] = {}
    for column in shapes.columns(shapes.of(classes)):
        groups.setdefault(column.group, []).append(
            Property(column.predicates, column.title, column.description, column.single, column.alone))
    return tuple(Group(label, tuple(groups[label])) for label in groups)


def narrower(reading: Reading, classes: Iterable[NamedNode]) -> set[str]:
    """Classes with all their subclasses, as IRIs."""
    waiting, found = list(classes), set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, NamedNode) and node.value not in found:
            found.add(node.value)
            waiting += [s.triple.subject for s in reading.pointing(node, SUBCLASS) if s.merged]
    return found


def unique(name: str, taken: set[str], form: str) -> str:
    """The name, or where it is taken (capitals or not) the first of that form which is free; it is taken then."""
    number, found = 1, name
    while found.lower() in taken:
        number += 1
        found = form.format(name, number)
    taken.add(found.lower())
    return found


def _named(found: Iterable[Table]) -> Iterator[Table]:
    """Tables by the fragment of their shape; those that share one, or nearly, by its document too."""
    found = sorted(found, key=lambda table: table.shape)
    shared = Counter(table.name.lower() for table in found)
    taken: set[str] = set()
    for table in found:
        long = f"{_word(table.shape.partition('#')[0])}-{table.name}"
        yield replace(table, name=unique(long if shared[table.name.lower()] > 1 else table.name, taken, "{}-{}"))


def _word(iri: str) -> str:
    """The last part of an IRI in the letters that every file system takes."""
    return NOT_IN_A_NAME.sub("-", re.split("[/#]", iri)[-1]).strip("-") or "table"


@dataclass(frozen=True)
class _Shapes:
    """The shapes of a release: what its service graphs say."""

    reading: Reading
    manifest: Manifest
    _said: dict[Term, list[Triple]] = field(default_factory=dict)

    def nodes(self) -> list[NamedNode]:
        """The node shapes that have an IRI."""
        return self._active(s.triple.subject for s in self.reading.pointing(NODE_SHAPE, TYPE) if self._is_ours(s))

    def of(self, classes: Collection[str]) -> list[NamedNode]:
        """The node shapes that things of these classes are to keep: those of wider classes too."""
        waiting, passed, found = [NamedNode(iri) for iri in sorted(classes)], set(), {}
        while waiting:
            node = waiting.pop()
            if isinstance(node, NamedNode) and node not in passed:
                passed.add(node)
                waiting += [s.triple.object for s in self.reading.about(node) if s.merged and s.triple.predicate == SUBCLASS]
                targeting = (s.triple.subject for s in self.reading.pointing(node, TARGET_CLASS) if self._is_ours(s))
                itself = [node] if NODE_SHAPE in self.values(node, TYPE) else []
                found |= dict.fromkeys(self._active([*targeting, *itself]))
        return list(found)

    def table(self, shape: NamedNode) -> Table:
        """The table of a node shape; without a class or a column it is none."""
        named = self.values(shape, LABEL)
        name = _word(shape.value)
        # SHACL section 2.1.3.2 and, of a shape that is a class, 2.1.3.3.
        implicit = [shape] if CLASSES.intersection(self.values(shape, TYPE)) else []
        classes = narrower(self.reading, [*self.values(shape, TARGET_CLASS), *implicit])
        return Table(name, shape.value, text(named) or name, self._description(shape), frozenset(classes),
                     tuple(self.columns([shape])))

    def values(self, subject: Term, *predicates: NamedNode) -> list[Term]:
        """The objects of a subject and some predicates."""
        if isinstance(subject, Literal):
            return []
        if subject not in self._said:
            self._said[subject] = [s.triple for s in self.reading.about(subject) if self._is_ours(s)]
        return [triple.object for triple in self._said[subject] if triple.predicate in predicates]

    def _active(self, shapes: Iterable[Term]) -> list[NamedNode]:
        return [shape for shape in shapes if isinstance(shape, NamedNode)
                and "true" not in (value.value for value in self.values(shape, OFF) if isinstance(value, Literal))]

    def _is_ours(self, statement: Statement) -> bool:
        """Whether a statement is one of the service graphs, where shapes stand."""
        parts = (self.manifest.graphs.get(graph, {}).get("part") for graph in statement.graphs)
        return "service" in parts

    def _description(self, node: Term) -> str:
        return next(filter(None, (text(self.values(node, predicate)) for predicate in DESCRIPTIONS)), "")

    def columns(self, shapes: Iterable[NamedNode]) -> list[Column]:
        """In their order; what several property shapes say of one predicate is one column."""
        properties = dict.fromkeys(node for shape in shapes for node in self.values(shape, PROPERTY))
        nodes = sorted(properties, key=self._place)
        found: dict[tuple[str, ...], Column] = {}
        plain, several = [], []
        for node in nodes:
            predicates = self._predicates(node)
            if predicates and self.values(node, NAME):
                (plain if len(predicates) == 1 else several).append((node, predicates))
        covered = {predicates[0] for _, predicates in plain}
        kept = plain + [(node, predicates) for node, predicates in several if covered.isdisjoint(predicates)]
        for node, predicates in sorted(kept, key=lambda pair: self._place(pair[0])):
            column = self._column(node, predicates)
            found[predicates] = _both(found[predicates], column) if predicates in found else column
        return list(found.values())

    def _place(self, node: Term) -> tuple:
        groups = self.values(node, GROUP)
        order = self._order(groups[0]) if groups else NOWHERE
        return order, self._order(node), text(self.values(node, NAME)), self._predicates(node)

    def _order(self, node: Term) -> float:
        for value in self.values(node, ORDER):
            try:
                return float(value.value)
            except ValueError:
                break
        return NOWHERE

    def _predicates(self, node: Term) -> tuple[str, ...]:
        """The predicates of a path of one step, sorted; none for others."""
        paths = self.values(node, PATH)
        if len(paths) != 1:
            return ()
        heads = self.values(paths[0], ALTERNATIVE) if isinstance(paths[0], BlankNode) else []
        steps = self._members(heads[0]) if heads else paths
        return tuple(sorted(step.value for step in steps)) if all(isinstance(step, NamedNode) for step in steps) else ()

    def _column(self, node: Term, predicates: tuple[str, ...]) -> Column:
        most = [value.value for value in self.values(node, MOST) if isinstance(value, Literal)]
        alone = [value.value for value in self.values(node, ONE_A_LANGUAGE) if isinstance(value, Literal)]
        return Column(text(self.values(node, NAME)), self._description(node), predicates, frozenset(self._datatypes(node)),
                      "1" in most, "true" in alone, self._group(node))

    def _group(self, node: Term) -> str:
        """The label of the group of a property shape."""
        return next((text(self.values(group, LABEL)) for group in self.values(node, GROUP)), "")

    def _datatypes(self, shape: Term, passed: frozenset = frozenset()) -> set[str]:
        """The datatypes that a shape allows: its own, those of its alternatives and of the shapes it points to."""
        if shape in passed:
            return set()
        own = {value.value for value in self.values(shape, DATATYPE) if isinstance(value, NamedNode)}
        members = chain.from_iterable(self._members(head) for head in self.values(shape, OR, XONE))
        return own.union(*(self._datatypes(each, passed | {shape}) for each in (*members, *self.values(shape, NODE))))

    def _members(self, head: Term) -> list[Term]:
        """The members of a list; one that bites its tail is read once."""
        found, passed = [], set()
        while head != NIL and head not in passed and not isinstance(head, Literal):
            passed.add(head)
            found += self.values(head, FIRST)
            head = next(iter(self.values(head, REST)), NIL)
        return found


def _both(one: Column, other: Column) -> Column:
    """What two property shapes say of one predicate; the first gives the title."""
    return replace(one, description=one.description or other.description, datatypes=one.datatypes | other.datatypes,
                   single=one.single or other.single, alone=one.alone or other.alone)

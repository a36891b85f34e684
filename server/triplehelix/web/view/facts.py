"""The facts about a thing as its shapes lay them out: groups of properties, the values of each by who states them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import Literal, NamedNode

from triplehelix.description.describe import Description
from triplehelix.description.shapes import Property
from triplehelix.description.vocabulary import NAMES, TYPE
from triplehelix.store import Statement
from triplehelix.web.view.names import LANGUAGE, Names
from triplehelix.web.view.shown import Fact, Group, Shown, Source, Stated, Value
from triplehelix.web.view.sources import READ_FROM, Sources
from triplehelix.web.view.tables import NOT_IN_TABLE

# What a page says in its head, or of each fact, is no fact in the table.
NOT_FACTS = frozenset({TYPE, *READ_FROM, *NOT_IN_TABLE})
# Of more values of one property these are shown; each has to be looked up.
MOST_VALUES = 100


@dataclass
class Facts:
    """What is said of the topic of a description, for people."""

    names: Names
    told: Description
    hidden: frozenset[Literal] = frozenset()

    @cached_property
    def sources(self) -> Sources:
        """Who states what."""
        return Sources(self.names, [*self.told.statements, *self.told.elsewhere])

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """All that somebody states, in the groups and the order of the shapes; what no shape names comes last."""
        return self._groups([s for s in self._said if not self._is_concluded(s)])

    @cached_property
    def concluded(self) -> tuple[Fact, ...]:
        """What only follows from what is stated; the kinds of thing too."""
        found = [s for s in self.told.statements if self._is_concluded(s)]
        return tuple(fact for group in self._groups(found) for fact in group.facts)

    @cached_property
    def unknown(self) -> tuple[Property, ...]:
        """The properties that the shapes name and nobody gives a value of, each name once."""
        given, naming = {s.triple.predicate.value for s in self.told.statements}, {predicate.value for predicate in NAMES}
        known = given | naming if given & naming else given
        lacking = (each for group in self._layout for each in group.properties if known.isdisjoint(each.predicates))
        return tuple({each.name: each for each in lacking}.values())

    @cached_property
    def all_sources(self) -> tuple[Source, ...]:
        """Whoever states a fact, each once, the one of most facts first."""
        counted = Counter(source for s in self._said if not self._is_concluded(s) for source in self.sources.of(s.graphs)
                          if not source.is_rule)
        return tuple(source for source, _ in counted.most_common())

    @cached_property
    def _said(self) -> list[Statement]:
        """What the dataset and the graphs that stand apart say, but for what the page says elsewhere."""
        return [s for s in (*self.told.statements, *self.told.elsewhere)
                if s.triple.predicate not in NOT_FACTS and s.triple.object not in self.hidden]

    @cached_property
    def _layout(self) -> Sequence:
        return self.names.release.layout(frozenset(kind.value for kind in self.told.types if isinstance(kind, NamedNode)))

    def _is_concluded(self, statement: Statement) -> bool:
        return self.names.release.is_inferred(statement.graphs)

    def _groups(self, statements: Iterable[Statement]) -> tuple[Group, ...]:
        by_predicate: dict[str, list[Statement]] = {}
        for statement in statements:
            by_predicate.setdefault(statement.triple.predicate.value, []).append(statement)
        found = [Group(group.label, tuple(self._laid_out(group.properties, by_predicate))) for group in self._layout]
        rest = sorted((self._unnamed(predicate, said) for predicate, said in by_predicate.items()),
                      key=lambda fact: fact.name.text.casefold())
        return tuple(group for group in (*found, Group("", tuple(rest))) if group.facts)

    def _laid_out(self, properties: Iterable[Property], by_predicate: dict[str, list[Statement]]) -> Iterator[Fact]:
        """Facts in the order of the shapes; what is taken here is taken out."""
        for each in properties:
            said = [s for predicate in each.predicates for s in by_predicate.pop(predicate, ())]
            if said:
                href = self.names.links.href(each.predicates[0])
                yield self._fact(Shown(each.name, href, each.predicates[0]), each.description, said, _differ(each, said))

    def _unnamed(self, predicate: str, said: list[Statement]) -> Fact:
        return self._fact(self.names.term_name(NamedNode(predicate)), "", said, differs=False)

    def _fact(self, name: Shown, hint: str, said: list[Statement], differs: bool) -> Fact:
        main, folded = self._by_language(said)
        return Fact(name, hint, self._stated(main[:MOST_VALUES]), self._stated(folded[:MOST_VALUES]),
                    max(0, len(main) - MOST_VALUES), differs)

    def _by_language(self, said: list[Statement]) -> tuple[list[Statement], list[Statement]]:
        """Of texts in several languages those in one, and the others."""
        spoken = [s.triple.object.language for s in said if isinstance(s.triple.object, Literal) and s.triple.object.language]
        if len(set(spoken)) < 2:
            return said, []
        best = next((tag for tag in (self.names.language, LANGUAGE) if tag in spoken), min(spoken))
        main, others = [], []
        for statement in said:
            tag = getattr(statement.triple.object, "language", None)
            (main if tag in (None, best) else others).append(statement)
        return main, others

    def _stated(self, said: Iterable[Statement]) -> tuple[Stated, ...]:
        """Values by who states them, those in words by their text."""
        found: dict[tuple[Source, ...], list[Value]] = {}
        for statement in said:
            value = self._value(statement)
            found.setdefault(value.sources, []).append(value)
        return tuple(Stated(sources, tuple(sorted(values, key=_place))) for sources, values in found.items())

    def _value(self, statement: Statement) -> Value:
        is_apart = not self.told.apart and statement in self.told.elsewhere
        return Value(self.names.term(statement.triple.object), (), self.sources.of(statement.graphs), is_apart)


def _place(value: Value) -> tuple[bool, str]:
    return value.is_apart, value.shown.text.casefold()


def _differ(each: Property, said: Iterable[Statement]) -> bool:
    """Whether there are several values where the shapes want one, or one in each language."""
    objects = {s.triple.object for s in said}
    if each.single:
        return len(objects) > 1
    spoken = Counter(term.language for term in objects if isinstance(term, Literal))
    return each.alone and max(spoken.values(), default=0) > 1

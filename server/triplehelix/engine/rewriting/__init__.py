"""Queries in a form that the engine answers faster, with the same answers.

The engine orders joins by guesses that know nothing of the data, does not order those of EXISTS, begins nothing with FILTER,
and counts by going through all. Each rewrite here heals one of these; its reason, and why it changes no answer, stand at
the function. They hold for the whole default graph, which is a set of triples. What is not understood stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from triplehelix.engine.algebra import Bind, Element, Expression, Filter, Group, Item, Joined, Order, Select, Term, Union
from triplehelix.engine.grammar import parse
from triplehelix.engine.rewriting.aggregates import (
    with_known_counts,
    with_known_terms,
    with_names_after_counting,
    with_names_after_partial_counting,
)
from triplehelix.engine.rewriting.groups import with_fixed_values, with_tests_for_minus, without_sure_types
from triplehelix.engine.rewriting.joins import ordered, ordered_in_exists
from triplehelix.engine.rewriting.knowledge import Knowledge
from triplehelix.engine.rewriting.slices import with_columns_after_slice
from triplehelix.engine.statistics import Statistics
from triplehelix.engine.tokens import Token

# One pattern, without any of these words, is as fast as it can be; so are queries of a thousand terms and values.
_WORTH_READING = frozenset(("FILTER", "MINUS", "COUNT", "DISTINCT", "OPTIONAL"))
_JOINING = frozenset((".", ";", ",", "/", "*", "+"))
_MOST_TOKENS = 2_000

OnSelect = Callable[[Select, Knowledge], Select]
_OF_SELECTS: tuple[OnSelect, ...] = (
    with_known_counts, with_known_terms, with_names_after_counting, with_names_after_partial_counting, with_columns_after_slice)


def rewritten(tokens: Sequence[Token], base_iri: str, prefixes: Mapping[str, str],
              statistics: Statistics | None = None) -> str | None:
    """Another text for a query over the whole default graph, or None where the query is as good or not understood.

    `base_iri` and `prefixes` are those in force, `statistics` the counts of that very graph. The text may use LATERAL; where
    the engine cannot read it, the query itself is at fault, and its own text tells where.
    """
    if not _is_worth_reading(tokens) or (parsed := parse(tokens)) is None:
        return None
    query, fresh, shows_all = parsed
    knowledge = Knowledge(base_iri, prefixes, statistics, shows_all, fresh)
    better = _Ordering(knowledge).select(_Selects(knowledge).select(_Groups(knowledge).select(query)))
    return None if better == query else str(better)


def _is_worth_reading(tokens: Sequence[Token]) -> bool:
    if len(tokens) > _MOST_TOKENS:
        return False
    return any(token.text in _JOINING or token.text.upper() in _WORTH_READING for token in tokens)


class _Walk:
    """Goes through a query from the outside in and makes it anew; what nothing was changed in stays the same."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def select(self, select: Select) -> Select:
        return replace(
            select, where=self.where(select.where),
            items=select.items and tuple(Item(item.variable, self.expression(item.expression)) for item in select.items),
            groups=tuple(Item(item.variable, self.expression(item.expression)) for item in select.groups),
            having=tuple(self.expression(condition) for condition in select.having),
            order=tuple(Order(key.direction, self.expression(key.expression)) for key in select.order))

    def where(self, group: Group) -> Group:
        """The group of a SELECT."""
        return self.group(group)

    def group(self, group: Group) -> Group:
        return Group(tuple(self.element(element, group) for element in group.elements))

    def element(self, element: Element | Select, around: Group) -> Element | Select:
        if isinstance(element, Select):
            return self.select(element)
        if isinstance(element, Union):
            return Union(tuple(self.group(group) for group in element.groups))
        if isinstance(element, Joined):
            return Joined(element.word, self.group(element.group))
        if isinstance(element, Filter):
            return Filter(self.expression(element.expression, around))
        if isinstance(element, Bind):
            return Bind(self.expression(element.expression, around), element.variable)
        return element

    def expression(self, expression: Expression | None, around: Group | None = None) -> Expression | None:
        if expression is None or not expression.groups:
            return expression
        return Expression(tuple(self.exists(piece, around) if isinstance(piece, Group) else piece
                                for piece in expression.pieces))

    def exists(self, group: Group, _around: Group | None) -> Group:
        return self.group(group)


class _Groups(_Walk):
    """What is done to any group; less is done to one that the engine joins with others as it likes."""

    def group(self, group: Group) -> Group:
        return super().group(without_sure_types(with_fixed_values(group, self._knowledge), self._knowledge))

    def element(self, element: Element | Select, around: Group) -> Element | Select:
        if not isinstance(element, Union):
            return super().element(element, around)
        return Union(tuple(super(_Groups, self).group(with_fixed_values(group, self._knowledge)) for group in element.groups))


class _Selects(_Walk):
    """What is done to a SELECT, and to its group, which sees no variables of others."""

    def select(self, select: Select) -> Select:
        for rewrite in _OF_SELECTS:
            select = rewrite(select, self._knowledge)
        return super().select(select)

    def where(self, group: Group) -> Group:
        return super().where(with_tests_for_minus(group, self._knowledge))

    def exists(self, group: Group, _around: Group | None) -> Group:
        """Variables of the group around have values in a SELECT here: too much to think of."""
        return group


class _Ordering(_Walk):
    """The join orders, which come last; `_bound` are the variables that have values before a group is evaluated."""

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__(knowledge)
        self._bound: frozenset[Term] = frozenset()
        self._in_exists = False

    def select(self, select: Select) -> Select:
        return self._within(frozenset(), self._in_exists, lambda: super(_Ordering, self).select(select))

    def where(self, group: Group) -> Group:
        if self._in_exists:
            return self.group(group)
        return self.group(ordered(group, self._knowledge, self._bound))

    def group(self, group: Group) -> Group:
        if self._in_exists:
            group = ordered_in_exists(group, self._knowledge, self._bound)
        return super().group(group)

    def element(self, element: Element | Select, around: Group) -> Element | Select:
        if isinstance(element, Joined) and element.word != "LATERAL" and not self._in_exists:
            bound = self._bound | _given(around, element) if element.word == "OPTIONAL" else frozenset()
            return Joined(element.word, self._within(bound, False, lambda: self.where(element.group)))
        return super().element(element, around)

    def exists(self, group: Group, around: Group | None) -> Group:
        bound = self._bound | (_given(around) if around else frozenset())
        return self._within(bound, True, lambda: self.group(group))

    def _within(self, bound: frozenset[Term], in_exists: bool, walk: Callable[[], object]) -> object:
        before = self._bound, self._in_exists
        self._bound, self._in_exists = bound, in_exists
        result = walk()
        self._bound, self._in_exists = before
        return result


def _given(around: Group, to: Element | None = None) -> frozenset[Term]:
    """The variables that have mostly values where a filter or another element of a group is evaluated."""
    return frozenset().union(*(_shown(element) for element in around.elements if element is not to))


def _shown(element: Element | Select) -> frozenset[Term]:
    """The variables that an element may give values to."""
    if isinstance(element, Filter) or isinstance(element, Joined) and element.word == "MINUS":
        return frozenset()
    if isinstance(element, Bind):
        return frozenset((element.variable,))
    if isinstance(element, Joined):
        return _given(element.group)
    return frozenset().union(*map(_given, element.groups)) if isinstance(element, Union) else element.variables

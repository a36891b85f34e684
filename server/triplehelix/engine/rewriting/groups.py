"""Rewrites within one group graph pattern: fixed values, type tests that hold anyway, MINUS of much from little."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from triplehelix.engine.algebra import (
    Bind,
    Element,
    Expression,
    Filter,
    Group,
    Joined,
    Select,
    Term,
    Triple,
    Values,
    is_variable,
)
from triplehelix.engine.rewriting.joins import can_be_ordered, certain, depends_on_order, rows
from triplehelix.engine.rewriting.knowledge import Knowledge, expanded
from triplehelix.engine.statistics import RDF_TYPE

# A MINUS must have this many times more on its right than solutions on its left to become a test of each: one test takes
# the engine as long as finding about so many solutions.
_MUCH_MORE = 20
# What sees the solutions so far, and so must stand where it stands.
_IN_ORDER = (Joined, Bind)
_OPENING, _CLOSING = ("(", "["), (")", "]")


def with_fixed_values(group: Group, knowledge: Knowledge) -> Group:
    """FILTER(?x = <iri>), FILTER(?x IN ("a", "b")) and sameTerm become inline data that the engine can begin with.

    Equal, because the variable is bound by a triple pattern before any OPTIONAL, MINUS or BIND, which then see no other
    value in what the filter lets pass; because the data join each solution at most once; and because = with an IRI or a
    plain string is true of that very term alone: all else is false or an error, which a filter takes for false (SPARQL 1.1
    Query, 17.2, 17.3). Numbers, dates and tagged strings equal other terms and stay.
    """
    if depends_on_order(group):
        return group
    bound = certain(Group(tuple(takewhile(lambda element: not isinstance(element, _IN_ORDER), group.elements))))
    fixed, others = [], []
    for element in group.elements:
        if isinstance(element, Filter):
            kept = []
            for part in _conjuncts(element.expression):
                values = _fixed(part, bound, knowledge)
                begins = values and (len(values.rows) == 1 or can_be_ordered(group, knowledge))
                (fixed if begins else kept).append(values if begins else part)
            others += map(Filter, kept)
        else:
            others.append(element)
    return Group((*fixed, *others)) if fixed else group


def _conjuncts(expression: Expression) -> Iterator[Expression]:
    """The parts of a && b; a filter lets pass what all of them let pass, errors included (17.2)."""
    part: list[str | Group] = []
    depth = 0
    parts = [part]
    for piece in expression.pieces:
        depth += (piece in _OPENING) - (piece in _CLOSING)
        if depth == 0 and piece == "||":
            return iter((expression,))
        if depth == 0 and piece == "&&":
            parts.append([])
        else:
            parts[-1].append(piece)
    return (Expression(tuple(part)) for part in parts)


def _fixed(expression: Expression, bound: frozenset[Term], knowledge: Knowledge) -> Values | None:
    """The inline data that a condition stands for, where it fixes one bound variable."""
    variable, terms = _compared(expression.pieces)
    if variable not in bound:
        return None
    named = {knowledge.name(term): term for term in terms}
    if not named or "" in named:
        return None
    return Values((variable,), tuple((term,) for term in named.values()))


def _compared(pieces: Sequence[str | Group]) -> tuple[Term, Sequence[Term]]:
    """The variable and the terms of x = term, term = x, x IN (terms) and sameTerm(x, term); "" where it is none of these."""
    while len(pieces) > 2 and pieces[0] == "(" and pieces[-1] == ")" and _closes_last(pieces):
        pieces = pieces[1:-1]
    if any(isinstance(piece, Group) for piece in pieces):
        return "", ()
    if len(pieces) == 6 and pieces[0].upper() == "SAMETERM" and pieces[3] == ",":
        pieces = (pieces[2], "=", pieces[4])
    if len(pieces) == 3 and pieces[1] == "=":
        one, _, other = pieces
        return (one, (other,)) if is_variable(one) else (other, (one,)) if is_variable(other) else ("", ())
    if len(pieces) > 4 and is_variable(pieces[0]) and pieces[1].upper() == "IN" and pieces[2] == "(" and pieces[-1] == ")":
        listed = pieces[3:-1]
        if len(listed) % 2 and all(piece == "," for piece in listed[1::2]) and "," not in listed[::2]:
            return pieces[0], listed[::2]
    return "", ()


def _closes_last(pieces: Sequence[str | Group]) -> bool:
    """Whether the bracket at the start is closed by the one at the end."""
    depth = 0
    for at, piece in enumerate(pieces):
        depth += (piece in _OPENING) - (piece in _CLOSING)
        if depth == 0:
            return at == len(pieces) - 1
    return False


def without_sure_types(group: Group, knowledge: Knowledge) -> Group:
    """Type tests that every match of another triple pattern passes are left out: ?x a th:NutsRegion beside ?y th:seat ?x.

    FILTER EXISTS of such a test goes too. Equal, because the counts of the release say that all subjects (or all objects) of
    that predicate are instances of the class, and because a triple is in a graph once, so that the test never multiplied
    anything. The other pattern stands before the test, or behind it without OPTIONAL, MINUS or BIND between them. Where
    the joins cannot be ordered the test stays: the engine takes it for rare, and begins with it.
    """
    if knowledge.statistics is None or not can_be_ordered(group, knowledge):
        return group
    sure: dict[Term, set[str]] = {}
    kept: list[Element | Select] = []
    for elements in _stretches(group):
        _learn(elements, sure, knowledge)
        kept += (element for element in elements if not _is_sure(element, sure, knowledge))
    kept = [element for element in kept if not _is_sure_filter(element, sure, knowledge)]
    return Group(tuple(kept)) if len(kept) < len(group.elements) else group


def _stretches(group: Group) -> Iterator[list[Element | Select]]:
    """The elements of a group in runs within which their order does not matter."""
    stretch: list[Element | Select] = []
    for element in group.elements:
        if isinstance(element, _IN_ORDER):
            yield stretch
            yield [element]
            stretch = []
        else:
            stretch.append(element)
    yield stretch


def _learn(elements: Sequence[Element | Select], sure: dict[Term, set[str]], knowledge: Knowledge) -> None:
    """Notes the classes that the variables of triple patterns surely are instances of."""
    for triple in elements:
        for link in expanded(triple, replace(knowledge)) if isinstance(triple, Triple) else ():
            if (counts := knowledge.predicate(link.path)) and knowledge.name(link.path) != RDF_TYPE:
                sure.setdefault(link.subject, set()).update(_all(counts.subject_classes, counts.subjects))
                sure.setdefault(link.object, set()).update(_all(counts.object_classes, counts.objects))


def _all(classes: dict[str, int], count: int) -> Iterator[str]:
    return (name for name, instances in classes.items() if instances == count)


def _is_sure_filter(element: Element | Select, sure: dict[Term, set[str]], knowledge: Knowledge) -> bool:
    if not isinstance(element, Filter) or element.expression.pieces[:1] != ("EXISTS",) or len(element.expression.pieces) != 2:
        return False
    inside = element.expression.pieces[1].elements
    return len(inside) == 1 and _is_sure(inside[0], sure, knowledge)


def _is_sure(element: Element | Select, sure: dict[Term, set[str]], knowledge: Knowledge) -> bool:
    return (isinstance(element, Triple) and is_variable(element.subject) and isinstance(element.path, str)
            and not is_variable(element.path) and not is_variable(element.object)
            and knowledge.name(element.path) == RDF_TYPE and knowledge.name(element.object) in sure.get(element.subject, ()))


def with_tests_for_minus(group: Group, knowledge: Knowledge) -> Group:
    """MINUS becomes FILTER NOT EXISTS where its right side, which the engine finds whole, is much larger than the left.

    Equal, because the right side is triple patterns, with filters on their variables alone, and each variable that it shares
    with anything else of the group is bound by triple patterns before it and in it, at least one: what is compatible there shares
    a variable, and nothing is seen of the other variables around (SPARQL 1.1 Query, 8.3.3).
    """
    if knowledge.statistics is None or not any(_is_minus(element) for element in group.elements):
        return group
    elements: list[Element | Select] = []
    for at, element in enumerate(group.elements):
        bound = certain(Group(group.elements[:at]))
        others = frozenset().union(*(other.variables for other in group.elements if other is not element))
        if _is_minus(element) and _is_plain(element.group) and _agree(element.group, others, bound) and (
                rows(group, knowledge) * _MUCH_MORE < rows(element.group, knowledge)):
            elements.append(Filter(Expression(("NOT", "EXISTS", element.group))))
        else:
            elements.append(element)
    return Group(tuple(elements))


def _is_minus(element: object) -> bool:
    return isinstance(element, Joined) and element.word == "MINUS"


def _is_plain(group: Group) -> bool:
    """Whether a group is triple patterns, with filters that see nothing else."""
    return all(isinstance(element, Triple) or isinstance(element, Filter) and element.variables <= certain(group)
               and not element.expression.groups for element in group.elements)


def _agree(right: Group, others: frozenset[Term], bound: frozenset[Term]) -> bool:
    shared = right.variables & others
    return bool(shared) and shared <= bound and shared <= certain(right)

"""In which order the triple patterns of a group are matched, told to the engine by LATERAL.

LATERAL evaluates what follows it once for each solution so far (SEP-0006). For triple patterns that is the join, in a plan
that the engine keeps; without it, it orders them by guesses that know nothing of the data, and those of EXISTS not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from triplehelix.engine.algebra import (
    Bind,
    Expression,
    Filter,
    Group,
    Joined,
    Path,
    Term,
    Triple,
    Union,
    Values,
    is_variable,
)
from triplehelix.engine.rewriting.knowledge import Knowledge, expanded

Pattern = Triple | Values
# An order must promise to be this much better than the engine's own.
_BETTER = 1.5
# Up to so many patterns are each tried as the first.
_STARTS = 4
_MOST = 12


def ordered(group: Group, knowledge: Knowledge, bound: frozenset[Term]) -> Group:
    """The triple patterns at the start of a group, in an order that the counts of the release recommend.

    `bound` are variables that the engine knows before: those of what an OPTIONAL stands behind.

    Equal, because joins of triple patterns and inline data commute and LATERAL is the join where no path of length zero is
    left unbound (`_closures_are_safe`). The group holds no other joins, which the engine may want to put between them.
    """
    patterns = _expanded(group, knowledge) if knowledge.statistics and can_be_ordered(group, knowledge) else ()
    if len(patterns) < 2:
        return group
    best = _best_order(patterns, bound, knowledge)
    engines = _order_of_engine(patterns, bound)
    is_better = _cost(best, knowledge, bound) * _BETTER < _cost(engines, knowledge, bound)
    return _written(best, group) if is_better and _can_be_told(best, knowledge) else group


def ordered_in_exists(group: Group, knowledge: Knowledge, outside: frozenset[Term]) -> Group:
    """The same for the patterns of EXISTS, where `outside` are the variables of the group around.

    The engine leaves them in a product that is made and thrown away for each solution, so that any order is better. Variables
    of outside have their values in both forms.
    """
    patterns = _expanded(group, knowledge)
    if not 1 < len(patterns) <= _MOST or _holds_other_joins(group) or not _closures_are_safe(patterns):
        return group
    best = _best_order(patterns, outside, knowledge)
    return _written(best, group) if _can_be_told(best, knowledge) else group


def can_be_ordered(group: Group, knowledge: Knowledge) -> bool:
    """Whether all joins of a group are in the run of patterns that it begins with, and may be put into any order."""
    patterns = _expanded(group, replace(knowledge))
    return (0 < len(patterns) <= _MOST and not _holds_other_joins(group) and not depends_on_order(group)
            and _is_connected([pattern for pattern in patterns if isinstance(pattern, Triple)])
            and _closures_are_safe(patterns))


def rows(group: Group, knowledge: Knowledge) -> float:
    """About how many solutions the triple patterns at the start of a group have together."""
    patterns = _expanded(group, replace(knowledge))
    bound: frozenset[Term] = frozenset()
    count = 1.0
    for pattern in _best_order(patterns, bound, knowledge):
        count *= _matches(pattern, bound, knowledge)
        bound |= pattern.variables
    return count


def certain(group: Group) -> frozenset[Term]:
    """The variables that every solution of a group binds, as far as its triple patterns tell."""
    return frozenset().union(*(triple.variables for triple in group.of(Triple)))


def depends_on_order(group: Group) -> bool:
    """Whether the joins of a group hold a path that the engine counts otherwise when it knows both ends beforehand.

    p|q and !p have a solution for each way (SPARQL 1.1 Query, 9.3), but the engine then looks only whether there is one. So
    nothing is done that may change what is known when.
    """
    return any(isinstance(element, Triple) and _has_ways(element.path)
               or isinstance(element, Union) and any(map(depends_on_order, element.groups)) for element in group.elements)


def _has_ways(path: Path | Term) -> bool:
    if not isinstance(path, Path) or path.operator in "*+?":
        return False
    return path.operator in "|!" or any(map(_has_ways, path.parts))


def _run(group: Group) -> tuple[Pattern | Filter, ...]:
    return tuple(takewhile(lambda element: isinstance(element, Triple | Values | Filter), group.elements))


def _holds_other_joins(group: Group) -> bool:
    """Whether anything behind the run is joined to it by more than OPTIONAL or MINUS."""
    return any(not isinstance(element, Filter | Bind | Joined) or isinstance(element, Joined) and element.word == "LATERAL"
               for element in group.elements[len(_run(group)):])


def _expanded(group: Group, knowledge: Knowledge) -> list[Pattern]:
    patterns: list[Pattern] = []
    for element in _run(group):
        if isinstance(element, Triple):
            patterns += expanded(element, knowledge)
        elif isinstance(element, Values):
            patterns.append(element)
    return patterns


def _written(patterns: Sequence[Pattern], group: Group) -> Group:
    """The patterns in a chain; inline data that do not come first as a filter, which the engine applies as soon as it can."""
    run = _run(group)
    first, *others = patterns
    chain = [Joined("LATERAL", Group((pattern,))) for pattern in others if isinstance(pattern, Triple)]
    tests = [_as_filter(pattern) for pattern in others if isinstance(pattern, Values)]
    filters = [element for element in run if isinstance(element, Filter)]
    return Group((first, *chain, *filters, *tests, *group.elements[len(run):]))


def _as_filter(values: Values) -> Filter:
    terms = [piece for row in values.rows for piece in (row[0], ",")][:-1]
    return Filter(Expression((values.names[0], "IN", "(", *terms, ")")))


def _can_be_told(patterns: Sequence[Pattern], knowledge: Knowledge) -> bool:
    """Whether inline data come first, or can be a filter: behind LATERAL they may not name what is in use (SEP-0006).

    A filter says the same of one variable that a triple pattern binds, for different terms that equal none but themselves.
    """
    bound = frozenset().union(*(pattern.variables for pattern in patterns if isinstance(pattern, Triple)))
    return all(isinstance(pattern, Triple) or pattern.variables <= bound and len(pattern.names) == 1
               and len({knowledge.name(row[0]) for row in pattern.rows} - {""}) == len(pattern.rows) for pattern in patterns[1:])


def _is_connected(patterns: Sequence[Pattern]) -> bool:
    reached, left = frozenset().union(*(pattern.variables for pattern in patterns[:1])), list(patterns[1:])
    while left:
        near = [pattern for pattern in left if pattern.variables & reached]
        if not near:
            return False
        reached = reached.union(*(pattern.variables for pattern in near))
        left = [pattern for pattern in left if pattern not in near]
    return True


def _closures_are_safe(patterns: Sequence[Pattern]) -> bool:
    """Whether paths of length zero have a fixed end, or variables that are nodes of the graph whatever the order.

    Unbound, such a path goes from each node to itself; bound, from any term. So both must say the same: the ends are subjects
    or objects of triple patterns too, and not predicates or inline data.
    """
    nodes: set[Term] = set()
    doubtful: set[Term] = set()
    ends: set[Term] = set()
    for pattern in patterns:
        if isinstance(pattern, Values):
            doubtful |= pattern.variables
        elif _may_be_empty(pattern.path):
            ends |= pattern.variables
        else:
            nodes |= {pattern.subject, pattern.object}
            doubtful |= {pattern.path} if is_variable(pattern.path) else set()
    return not ends & doubtful


def _may_be_empty(path: Path | Term) -> bool:
    """Whether a path has a match of length zero."""
    if not isinstance(path, Path) or path.operator == "!":
        return False
    if path.operator == "/":
        return all(map(_may_be_empty, path.parts))
    return path.operator in "*?" or any(map(_may_be_empty, path.parts))


def _matches(pattern: Pattern, bound: frozenset[Term], knowledge: Knowledge) -> float:
    if isinstance(pattern, Values):
        return 0.5 if pattern.variables & bound else len(pattern.rows)
    return knowledge.matches(pattern, bound)


def _best_order(patterns: Sequence[Pattern], bound: frozenset[Term], knowledge: Knowledge) -> list[Pattern]:
    """Each of the smallest patterns is tried as the first; next comes what multiplies the solutions least."""
    starts = sorted(patterns, key=lambda pattern: _matches(pattern, bound, knowledge))[:_STARTS if len(patterns) < 6 else 2]
    return min((_order_from(start, patterns, bound, knowledge) for start in starts),
               key=lambda order: _cost(order, knowledge, bound), default=[])


def _order_from(start: Pattern, patterns: Sequence[Pattern], bound: frozenset[Term], knowledge: Knowledge) -> list[Pattern]:
    order, left = [start], [pattern for pattern in patterns if pattern is not start]
    bound |= start.variables
    while left:
        near = [pattern for pattern in left if pattern.variables & bound or not pattern.variables] or left
        order.append(min(near, key=lambda pattern: _matches(pattern, bound, knowledge)))
        left = [pattern for pattern in left if pattern is not order[-1]]
        bound |= order[-1].variables
    return order


def _cost(order: Sequence[Pattern], knowledge: Knowledge, bound: frozenset[Term]) -> float:
    """Look-ups and solutions: one look-up costs about as much as four solutions that it finds."""
    cost, count = 0.0, 1.0
    for pattern in order:
        found = count * _matches(pattern, bound, knowledge)
        cost += count + found / 4
        count, bound = found, bound | pattern.variables
    return cost


def _order_of_engine(patterns: Sequence[Pattern], bound: frozenset[Term]) -> list[Pattern]:
    """The order that the engine chooses by itself: the smallest by its guesses, then what joins to it with the smallest."""
    blind = Knowledge("", {}, None, False, 0)
    order: list[Pattern] = []
    left, reached = list(patterns), frozenset()
    while left:
        near = [pattern for pattern in left if pattern.variables & reached] or left
        order.append(min(near, key=lambda pattern: _guess(pattern, bound, blind)))
        left = [pattern for pattern in left if pattern is not order[-1]]
        reached |= order[-1].variables
        bound |= order[-1].variables
    return order


def _guess(pattern: Pattern, bound: frozenset[Term], blind: Knowledge) -> float:
    """What the engine takes for the matches of a pattern: rdf:type counts one more, a closure a thousand times its step."""
    if isinstance(pattern, Values):
        return len(pattern.rows)
    if isinstance(pattern.path, Path) and pattern.path.operator in "*+?":
        known = sum(not is_variable(end) or end in bound for end in (pattern.subject, pattern.object))
        step = blind.matches(Triple(pattern.subject, pattern.path.parts[0], pattern.object), bound)
        return (1_000_000_000, step * (1 if pattern.path.operator == "?" else 1_000), 1)[known]
    return blind.matches(pattern, bound) + (pattern.path == "a")

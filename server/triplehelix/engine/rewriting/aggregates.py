"""Rewrites of SELECTs that count: figures that are known beforehand, and names that are looked up after counting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from triplehelix.engine.algebra import (
    Element,
    Expression,
    Filter,
    Group,
    Item,
    Joined,
    Order,
    Select,
    Term,
    Triple,
    Union,
    Values,
    is_variable,
)
from triplehelix.engine.rewriting.joins import certain, depends_on_order
from triplehelix.engine.rewriting.knowledge import Knowledge
from triplehelix.engine.statistics import RDF_TYPE

AGGREGATES = frozenset(("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"))
# The engine reads some thirty rows of inline data in a millisecond.
_MOST_ROWS = 100


@dataclass
class _Aggregates:
    """The aggregates of a SELECT, each with the variable of our own that is to have its value."""

    knowledge: Knowledge
    variables: dict[tuple[str | Group, ...], Term] = field(default_factory=dict)

    def replaced_in(self, select: Select) -> Select:
        """Columns, HAVING and ORDER BY in terms of these variables."""
        items = tuple(_plain(Item(item.variable, item.expression and self._replaced(item.expression)))
                      for item in select.items)
        order = tuple(Order(key.direction, self._replaced(key.expression)) for key in select.order)
        return replace(select, items=items, order=order, having=tuple(map(self._replaced, select.having)))

    def _replaced(self, expression: Expression) -> Expression:
        pieces: list[str | Group] = []
        at = 0
        while at < len(expression.pieces):
            end = end_of_aggregate(expression.pieces, at)
            pieces.append(self._variable(expression.pieces[at:end]) if end else expression.pieces[at])
            at = end or at + 1
        return Expression(tuple(pieces))

    def _variable(self, aggregate: tuple[str | Group, ...]) -> Term:
        if aggregate not in self.variables:
            self.variables[aggregate] = self.knowledge.own_variable()
        return self.variables[aggregate]


def _plain(item: Item) -> Item:
    return item if item.expression is None or item.expression.pieces != (item.variable,) else Item(item.variable)


def end_of_aggregate(pieces: Sequence[str | Group], at: int) -> int:
    """Behind the bracket that closes the aggregate which begins here; 0 where none does."""
    if isinstance(pieces[at], Group) or pieces[at].upper() not in AGGREGATES or pieces[at + 1:at + 2] != ("(",):
        return 0
    depth = 0
    for end in range(at + 1, len(pieces)):
        depth += (pieces[end] == "(") - (pieces[end] == ")")
        if depth == 0:
            return end + 1
    return 0


def _can_be_regrouped(select: Select) -> bool:
    """Whether it groups by plain variables, and its columns have names that mean nothing before."""
    return (bool(select.items) and not select.values and not select.head.endswith(("DISTINCT", "REDUCED"))
            and all(item.expression is None for item in select.groups)
            and not any(expression.groups for expression in _expressions(select))
            and not any(item.expression and item.variable in select.where.variables for item in select.items))


def _expressions(select: Select) -> Iterator[Expression]:
    yield from (item.expression for item in select.items if item.expression)
    yield from select.having
    yield from (key.expression for key in select.order)


def _shows_only(select: Select, names: frozenset[Term]) -> bool:
    """Whether columns, HAVING and ORDER BY need no more than these variables; keys may name columns too."""
    made = names | {item.variable for item in select.items if item.expression}
    return (all(item.variables <= names for item in select.items)
            and all(condition.variables <= names for condition in select.having)
            and all(key.expression.variables <= made for key in select.order))


# Known figures


def with_known_counts(select: Select, knowledge: Knowledge) -> Select:
    """COUNT over one triple pattern, of all or by its predicate or object, becomes the figures counted beforehand.

    Equal, because a pattern of different variables matches each triple once and binds them all, and because the figures are
    exact for the release.
    """
    if (knowledge.statistics is None or len(select.where.elements) != 1 or not _can_be_regrouped(select)
            or len(select.groups) > 1):
        return select
    triple, key = select.where.elements[0], select.groups[0].variable if select.groups else ""
    if not isinstance(triple, Triple) or not _has_different_terms(triple):
        return select
    aggregates = _Aggregates(knowledge)
    regrouped = aggregates.replaced_in(select)
    columns = [_column(aggregate, triple, key, knowledge) for aggregate in aggregates.variables]
    names = (*((key,) if key else ()), *aggregates.variables.values())
    if not columns or None in columns or not _shows_only(regrouped, frozenset(names)):
        return select
    rows = tuple((*((value,) if key else ()), *(str(column[value]) for column in columns)) for value in columns[0])
    if not _can_be_written(rows):
        return select
    where = Group((Values(names, rows), *map(Filter, regrouped.having)))
    return replace(regrouped, where=where, groups=(), having=())


def with_known_terms(select: Select, knowledge: Knowledge) -> Select:
    """SELECT DISTINCT of all predicates, of those of a class, or of the objects of a predicate with few becomes inline data.

    Equal, because the counts of the release list all of them, each once.
    """
    if (knowledge.statistics is None or not select.head.endswith("SELECT DISTINCT") or len(select.where.elements) > 2
            or len(select.items or ()) != 1 or select.items[0].expression or select.groups or select.values or select.having):
        return select
    shown = select.items[0].variable
    if any(key.expression.variables - {shown} or key.expression.groups for key in select.order):
        return select
    rows = tuple((term,) for term in _terms(select.where.elements, shown, knowledge))
    return replace(select, where=Group((Values((shown,), rows),))) if rows and _can_be_written(rows) else select


def _terms(elements: Sequence[Element | Select], shown: Term, knowledge: Knowledge) -> Iterable[Term]:
    """All values of a variable in one triple pattern, or in two of which one is a type test; none where not known."""
    tests = [element for element in elements if isinstance(element, Triple) and not is_variable(element.object)
             and isinstance(element.path, str) and knowledge.name(element.path) == RDF_TYPE]
    triple = next((element for element in elements if element not in tests), None)
    if (len(elements) != len(tests) + 1 or not isinstance(triple, Triple) or not _has_different_terms(triple)
            or not is_variable(triple.object) or shown not in (triple.path, triple.object)):
        return ()
    if not tests:
        return _by_key(triple, shown, knowledge) or ()
    name = knowledge.name(tests[0].object)
    if tests[0].subject != triple.subject or shown != triple.path:
        return ()
    return (predicate for predicate, counts in knowledge.statistics.predicates.items() if name in counts.subject_classes)


def _has_different_terms(triple: Triple) -> bool:
    return (is_variable(triple.subject) and isinstance(triple.path, str)
            and len({triple.subject, triple.path, triple.object}) == 3)


def _can_be_written(rows: Sequence[Sequence[Term]]) -> bool:
    """Whether they are few, and none is a blank node or a literal whose escapes N-Triples and SPARQL may see differently."""
    return len(rows) <= _MOST_ROWS and not any("\\" in row[0] or row[0].startswith("_:") for row in rows)


def _column(aggregate: tuple[str | Group, ...], triple: Triple, key: Term, knowledge: Knowledge) -> Mapping[str, int] | None:
    """The values of COUNT(*), COUNT(?x) or COUNT(DISTINCT ?x), by the key's ("" without a key); None where not known."""
    argument = aggregate[2:-1]
    distinct = argument[:1] == ("DISTINCT",)
    counted = argument[distinct:]
    if aggregate[0].upper() != "COUNT" or len(counted) != 1 or counted[0] not in ("*", *triple.variables):
        return None
    return _distinct_by_key(counted[0], triple, key, knowledge) if distinct else _by_key(triple, key, knowledge)


def _by_key(triple: Triple, key: Term, knowledge: Knowledge) -> Mapping[str, int] | None:
    """How many triples match a pattern."""
    if is_variable(triple.path):
        if not is_variable(triple.object):
            return None
        by_predicate = {name: counts.triples for name, counts in knowledge.statistics.predicates.items()}
        return by_predicate if key == triple.path else None if key else {"": knowledge.statistics.triples}
    counts = knowledge.predicate(triple.path)
    if counts is None:
        return None
    if is_variable(triple.object):
        return {"": counts.triples} if not key else (counts.values or None) if key == triple.object else None
    count = counts.values.get(knowledge.name(triple.object))
    return None if key or count is None else {"": count}


def _distinct_by_key(variable: Term, triple: Triple, key: Term, knowledge: Knowledge) -> Mapping[str, int] | None:
    """How many different terms a variable of a pattern has."""
    if is_variable(triple.path) and is_variable(triple.object):
        predicates = knowledge.statistics.predicates
        if not key and variable == triple.path:
            return {"": len(predicates)}
        if key != triple.path or variable == triple.path:
            return None
        return {name: counts.subjects if variable == triple.subject else counts.objects for name, counts in predicates.items()}
    counts = knowledge.predicate(triple.path)
    if counts and not key and is_variable(triple.object):
        return {"": counts.subjects if variable == triple.subject else counts.objects}
    # With one predicate and one object, each triple has another subject.
    return _by_key(triple, key, knowledge) if variable == triple.subject else None


# Names after counting


def with_names_after_counting(select: Select, knowledge: Knowledge) -> Select:
    """Patterns that only name the keys of a GROUP BY are matched once for each group, not once for each member.

    The core is what the aggregates need. Equal, because what is left out of it has keys alone for variables, and a triple is
    in a graph once: it joins all members of a group alike, and each once for one value of the keys. So it names groups or
    takes whole ones away, and never changes what is in one. What it shares with the core is bound there by triple patterns.
    """
    if not select.groups or not _can_be_regrouped(select) or depends_on_order(select.where):
        return select
    keys = frozenset(item.variable for item in select.groups)
    aggregates = _Aggregates(knowledge)
    regrouped = aggregates.replaced_in(select)
    variables = aggregates.variables
    needed = frozenset(piece for aggregate in variables for piece in aggregate if is_variable(piece))
    core, names = _parted(select.where, keys, needed)
    if not variables or not core or not _shows_only(regrouped, keys.union(variables.values())):
        return select
    inner_keys = tuple(map(Item, sorted(keys & certain(Group(core)))))
    counts = (Item(variable, Expression(aggregate)) for aggregate, variable in variables.items())
    inner = Select("SELECT", (*inner_keys, *counts), Group(core), inner_keys)
    where = Group((Union((Group((inner,)),)), *names, *map(Filter, regrouped.having)))
    return replace(regrouped, where=where, groups=(), having=())


def with_names_after_partial_counting(select: Select, knowledge: Knowledge) -> Select:
    """GROUP BY ?name, where ?name is all that is asked of what the counted have in common: counted by that, then summed up.

    The ?place in ?body th:seat ?place . ?place skos:prefLabel ?name: bodies are counted for each place, and the names are
    matched once a place. Equal, because COUNT of a join is the sum, over the solutions of one side, of how many of the other
    side go with it; DISTINCT is refused. The place is bound by triple patterns on both sides.
    """
    if len(select.groups) != 1 or not _can_be_regrouped(select) or depends_on_order(select.where):
        return select
    key, aggregates = select.groups[0].variable, _Aggregates(knowledge)
    regrouped = aggregates.replaced_in(select)
    names = [element for element in select.where.elements if key in element.variables]
    core = tuple(element for element in select.where.elements if element not in names)
    link, counted = names[0].subject if names and isinstance(names[0], Triple) else "", aggregates.variables
    is_sound = (
        bool(counted) and all(_is_plain_count(aggregate, key) for aggregate in counted) and is_variable(link) and link != key
        and all(isinstance(element, Triple | Filter) for element in core) and link in certain(Group(core))
        and isinstance(names[0].path, str) and not is_variable(names[0].path) and names[0].object == key
        and all(isinstance(name, Filter) and name.variables == {key} and not name.expression.groups for name in names[1:])
        and not any(element.expression.groups for element in core if isinstance(element, Filter))
        and any(len(triple.variables - {link}) for triple in Group(core).of(Triple))
        and _shows_only(regrouped, frozenset((key, *counted.values()))))
    if not is_sound:
        return select
    parts = {aggregate: knowledge.own_variable() for aggregate in counted}
    inner = Select("SELECT", (Item(link), *(Item(part, Expression(aggregate)) for aggregate, part in parts.items())),
                   Group(core), (Item(link),))
    where = Group((Union((Group((inner,)),)), Joined("LATERAL", Group(names[:1])), *names[1:]))
    sums = {counted[aggregate]: ("SUM", "(", part, ")") for aggregate, part in parts.items()}
    return _with_sums(replace(regrouped, where=where), sums)


def _is_plain_count(aggregate: tuple[str | Group, ...], key: Term) -> bool:
    return aggregate[0].upper() == "COUNT" and len(aggregate) == 4 and aggregate[2] != key


def _with_sums(select: Select, sums: Mapping[Term, tuple[str, ...]]) -> Select:
    """Each variable that stands for an aggregate replaced by the sum that it is."""
    def summed(expression: Expression) -> Expression:
        return Expression(tuple(piece for old in expression.pieces for piece in sums.get(old, (old,))))

    items = tuple(Item(item.variable, item.expression and summed(item.expression)) for item in select.items)
    order = tuple(Order(key.direction, summed(key.expression)) for key in select.order)
    return replace(select, items=items, order=order, having=tuple(map(summed, select.having)))


def _parted(where: Group, keys: frozenset[Term], needed: frozenset[Term]) -> tuple[tuple[Element, ...], tuple[Element, ...]]:
    """The elements of the core, and those that name its keys; no core where the two cannot be told apart."""
    triples, filters, optional = (list(where.of(kind)) for kind in (Triple, Filter, Joined))
    core = [triple for triple in triples if not _is_name(triple, keys)]
    core += [triple for triple in triples if triple not in core and triple.variables & (needed - certain(Group(tuple(core))))]
    inside = certain(Group(tuple(core)))
    names = _in_reach([triple for triple in triples if triple not in core], inside)
    reached = inside.union(*(name.variables for name in names))
    late = [element for element in filters if not element.variables <= inside]
    is_sound = (
        len(triples) + len(filters) + len(optional) == len(where.elements) and _stand_last(optional, where)
        and len(core) + len(names) == len(triples)
        and len(names) + len(optional) > 0 and needed <= inside
        and all(_is_optional_name(element, keys) and element.variables & reached for element in optional)
        and all(element.variables <= keys and not element.expression.groups for element in late)
        and keys <= reached.union(*(element.variables for element in optional)))
    if not is_sound:
        return (), ()
    early = (element for element in filters if element not in late)
    return (*core, *early), (*(Joined("LATERAL", Group((name,))) for name in names), *optional, *late)


def _stand_last(optional: Sequence[Element], where: Group) -> bool:
    """Whether no triple pattern comes behind an OPTIONAL."""
    ordered = [element for element in where.elements if not isinstance(element, Filter)]
    return ordered[len(ordered) - len(optional):] == list(optional)


def _is_name(triple: Triple, keys: frozenset[Term]) -> bool:
    return isinstance(triple.path, str) and bool(triple.variables) and triple.variables <= keys


def _is_optional_name(element: Joined, keys: frozenset[Term]) -> bool:
    """Whether an OPTIONAL has keys alone for variables, and a solution at most once."""
    return element.word == "OPTIONAL" and element.variables <= keys and all(
        isinstance(inner, Triple) and isinstance(inner.path, str) or isinstance(inner, Filter) and not inner.expression.groups
        for inner in element.group.elements)


def _in_reach(triples: Sequence[Triple], inside: frozenset[Term]) -> list[Triple]:
    """Those that share a variable with what is inside, or with another that does, each behind one that it shares with."""
    ordered: list[Triple] = []
    while near := [triple for triple in triples if triple not in ordered and triple.variables & inside]:
        ordered += near
        inside = inside.union(*(triple.variables for triple in near))
    return ordered

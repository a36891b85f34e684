"""A rewrite of SELECTs with ORDER BY and LIMIT: optional columns are looked up for the rows that are shown."""

from __future__ import annotations

from dataclasses import replace

from triplehelix.engine.algebra import Bind, Element, Filter, Group, Item, Joined, Select, Triple, Union, Values
from triplehelix.engine.rewriting.aggregates import end_of_aggregate
from triplehelix.engine.rewriting.joins import certain
from triplehelix.engine.rewriting.knowledge import Knowledge


def with_columns_after_slice(select: Select, _knowledge: Knowledge) -> Select:
    """OPTIONALs behind all else are evaluated for the first solutions of the order alone, as many as OFFSET and LIMIT need.

    Equal, because the keys of the order are bound before, by triple patterns, and OPTIONAL keeps every solution, once or
    more: the first n of all come from the first n before. ORDER BY, OFFSET and LIMIT are applied again, for OPTIONAL may
    multiply. Solutions with equal keys have no order in either form.
    """
    if (select.limit is None or not select.order or not select.items or select.groups or select.having or select.values
            or select.head.endswith(("DISTINCT", "REDUCED")) or _has_aggregate(select)):
        return select
    elements = select.where.elements
    first = next((at for at, element in enumerate(elements) if _is_optional(element)), 0)
    core = Group((*elements[:first], *(element for element in elements[first:] if isinstance(element, Filter))))
    columns = tuple(element for element in elements[first:] if not isinstance(element, Filter))
    keys = frozenset().union(*(key.expression.variables for key in select.order))
    new = frozenset().union(*(column.variables for column in columns)) - certain(core)
    is_sound = (
        first and all(map(_is_optional, columns)) and keys <= certain(core)
        and all(isinstance(element, Triple | Filter | Values | Bind) for element in core.elements)
        and not any(key.expression.groups for key in select.order)
        and not any(element.variables & new for element in core.of((Filter, Bind)))
        and not any(item.expression and item.variable in keys for item in select.items))
    if not is_sound:
        return select
    inner = Select("SELECT", tuple(map(Item, sorted(core.variables))), core, order=select.order,
                   limit=select.limit + select.offset)
    return replace(select, where=Group((Union((Group((inner,)),)), *columns)))


def _is_optional(element: Element | Select) -> bool:
    return isinstance(element, Joined) and element.word == "OPTIONAL"


def _has_aggregate(select: Select) -> bool:
    return any(end_of_aggregate(item.expression.pieces, at) for item in select.items if item.expression
               for at in range(len(item.expression.pieces)))

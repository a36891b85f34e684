"""A query as a tree, as far as rewriting needs it, and how the tree is written as SPARQL.

Terms are strings in their spelling; a variable always begins with "?". Expressions stay lists of tokens, but for the groups
of EXISTS in them. LATERAL joins (SEP-0006) are never read, only written: they are how a join order is told to the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

Term = str


@dataclass(frozen=True)
class Path:
    """A property path (SPARQL 1.1 Query, 9.1): its operator, / | ^ * + ? or !, and what it is applied to."""

    operator: str
    parts: tuple[Path | Term, ...]

    def __str__(self) -> str:
        if self.operator in "/|":
            return "(" + self.operator.join(map(str, self.parts)) + ")"
        if self.operator in "^!":
            return f"({self.operator}{self.parts[0]})"
        return f"({self.parts[0]}{self.operator})"


@dataclass(frozen=True)
class Triple:
    """A triple pattern or a path pattern (5.1.5, 9)."""

    subject: Term
    path: Path | Term
    object: Term

    @cached_property
    def variables(self) -> frozenset[Term]:
        return frozenset(term for term in (self.subject, self.path, self.object) if is_variable(term))

    def __str__(self) -> str:
        return f"{self.subject} {self.path} {self.object}"


@dataclass(frozen=True)
class Expression:
    """An expression (17): the spelling of its tokens, and the groups of EXISTS where they stand."""

    pieces: tuple[str | Group, ...]

    @cached_property
    def variables(self) -> frozenset[Term]:
        """All variables that it mentions, also inside EXISTS."""
        own = {piece for piece in self.pieces if is_variable(piece)}
        return frozenset(own.union(*(group.variables for group in self.groups)))

    @property
    def groups(self) -> tuple[Group, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Group))

    def __str__(self) -> str:
        written = ""
        for piece in map(str, self.pieces):
            # A literal's tag and datatype touch it, and brackets what is beside them: not every blank there is read.
            touches = not written or piece[0] == "@" or piece in ("^^", "(", ")", ",") or written.endswith(("^^", "("))
            written += piece if touches else " " + piece
        return written


@dataclass(frozen=True)
class Filter:
    expression: Expression

    @property
    def variables(self) -> frozenset[Term]:
        return self.expression.variables

    def __str__(self) -> str:
        return f"FILTER({self.expression})"


@dataclass(frozen=True)
class Bind:
    expression: Expression
    variable: Term

    @property
    def variables(self) -> frozenset[Term]:
        return self.expression.variables | {self.variable}

    def __str__(self) -> str:
        return f"BIND({self.expression} AS {self.variable})"


@dataclass(frozen=True)
class Values:
    """Inline data (10): in each row a term a variable, "UNDEF" where there is none."""

    names: tuple[Term, ...]
    rows: tuple[tuple[Term, ...], ...]

    @property
    def variables(self) -> frozenset[Term]:
        return frozenset(self.names)

    def __str__(self) -> str:
        rows = " ".join(f"({' '.join(row)})" for row in self.rows)
        return f"VALUES ({' '.join(self.names)}) {{ {rows} }}"


@dataclass(frozen=True)
class Joined:
    """A group after the word that joins it to what stands before: "OPTIONAL", "MINUS" or "LATERAL"."""

    word: str
    group: Group

    @property
    def variables(self) -> frozenset[Term]:
        return self.group.variables

    def __str__(self) -> str:
        return f"{self.word} {self.group}"


@dataclass(frozen=True)
class Union:
    """Groups of which each gives solutions; one alone is a group within a group."""

    groups: tuple[Group, ...]

    @property
    def variables(self) -> frozenset[Term]:
        return frozenset().union(*(group.variables for group in self.groups))

    def __str__(self) -> str:
        return " UNION ".join(map(str, self.groups))


Element = Triple | Filter | Bind | Values | Joined | Union


@dataclass(frozen=True)
class Group:
    """A group graph pattern (5.2): its elements in their order, or one sub-SELECT."""

    elements: tuple[Element | Select, ...]

    @cached_property
    def variables(self) -> frozenset[Term]:
        """All variables that it mentions, at any depth; of a sub-SELECT only those that it lets out."""
        return frozenset().union(*(element.variables for element in self.elements))

    def of(self, kind: type | tuple[type, ...]) -> Iterator[Element | Select]:
        return (element for element in self.elements if isinstance(element, kind))

    def __str__(self) -> str:
        written = "{ "
        for element in self.elements:
            written += f"{element} . " if isinstance(element, Triple) else f"{element} "
        return written + "}"


@dataclass(frozen=True)
class Item:
    """A column of a SELECT or a key of a GROUP BY: a variable, with the expression that makes it where there is one."""

    variable: Term
    expression: Expression | None = None

    @property
    def variables(self) -> frozenset[Term]:
        return self.expression.variables if self.expression else frozenset((self.variable,))

    def __str__(self) -> str:
        if not self.expression:
            return self.variable
        return f"({self.expression} AS {self.variable})" if self.variable else f"({self.expression})"


@dataclass(frozen=True)
class Order:
    """A key of ORDER BY (15.1): "ASC" or "DESC", and what is sorted by."""

    direction: str
    expression: Expression

    def __str__(self) -> str:
        return f"{self.direction}({self.expression})"


@dataclass(frozen=True)
class Select:
    """A query or sub-SELECT. `head` is what stands before the columns; `items` is None for * and where there are none."""

    head: str
    items: tuple[Item, ...] | None
    where: Group
    groups: tuple[Item, ...] = ()
    having: tuple[Expression, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    values: Values | None = None

    @property
    def variables(self) -> frozenset[Term]:
        return self.where.variables if self.items is None else frozenset(item.variable for item in self.items)

    def __str__(self) -> str:
        clauses = [self.head, *map(str, self.items or ()), "WHERE", str(self.where)]
        if self.groups:
            clauses += ["GROUP BY", *map(str, self.groups)]
        clauses += [f"HAVING({condition})" for condition in self.having[:1]]
        clauses += [f"({condition})" for condition in self.having[1:]]
        if self.order:
            clauses += ["ORDER BY", *map(str, self.order)]
        if self.limit is not None:
            clauses.append(f"LIMIT {self.limit}")
        if self.offset:
            clauses.append(f"OFFSET {self.offset}")
        return " ".join(clauses) + (f" {self.values}" if self.values else "")


def is_variable(term: object) -> bool:
    return isinstance(term, str) and term[:1] == "?" and len(term) > 1


def call(function: str, argument: str) -> Expression:
    """A function or an aggregate of one argument."""
    return Expression((function, "(", argument, ")"))


def mention(variable: Term) -> Expression:
    return Expression((variable,))

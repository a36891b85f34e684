"""What importers are made of: what a source promises, what one run has counted, and the blocks it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from triplehelix.findings import Finding
from triplehelix.importers.lookups import Lookups

Statement = tuple[NamedNode, NamedNode | Literal]


@dataclass(frozen=True)
class Block:
    """What one row says of one resource: the subject and (predicate, object) pairs, at the canonical base."""

    subject: NamedNode
    statements: list[Statement]


@dataclass(frozen=True)
class Origin:
    """The source of an importer: slug below id/source/, title, who publishes it, where it is had, and its own terms."""

    slug: str
    title: str
    publisher: str
    locator: str
    rights: str


class Refused(ValueError):
    """A row that cannot be taken: the column (name or number), the value found, and the rule it breaks."""

    def __init__(self, column: str, value: str, rule: str):
        super().__init__(f"{column}: {value!r}: {rule}")
        self.column, self.value, self.rule = column, value, rule


@dataclass
class Run:
    """One import: its file, what the project knows, which rows are wanted, and what has happened to the rows.

    rows in = rows out + rows refused + rows passed over (not among `wanted`); `refusals` counts them by rule.
    """

    path: Path
    lookups: Lookups
    wanted: frozenset[str] | None = None
    rows_in: int = 0
    rows_out: int = 0
    passed_over: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    report: Callable[[Finding], None] = lambda _: None
    step: Callable[[str], None] = lambda _: None

    def told(self) -> str:
        """The counts, for people."""
        counts = f"{self.rows_in:,} rows in, {self.rows_out:,} taken, {self.refusals.total():,} refused"
        return counts + (f", {self.passed_over:,} passed over" if self.passed_over else "")

    def take(self) -> None:
        """A row has come in; every row ends in exactly one of `keep`, `refuse` and `pass_over`."""
        self.rows_in += 1
        if self.rows_in % 10_000 == 0:
            self.step(f"{self.rows_in:,} rows")

    def keep(self) -> None:
        self.rows_out += 1

    def pass_over(self) -> None:
        self.passed_over += 1

    def refuse(self, line: int, refused: Refused) -> None:
        self.refusals[refused.rule] += 1
        self.report(Finding(f"{self.path}", line, f"column {refused.column}", f"{refused.value!r}: {refused.rule}"))

    def wants(self, *keys: str) -> bool:
        """Whether the row of one of these identifiers is to be taken."""
        return self.wanted is None or any(key in self.wanted for key in keys)


@dataclass(frozen=True)
class Importer:
    """One row of the table of importers: its name, what it reads, its origin, and the function that reads it.

    `read` yields the blocks of a file; it raises Faulty where the file is not what the source promises, and hands
    rows that are at fault to `run.refuse`.
    """

    name: str
    reads: str
    origin: Origin
    read: Callable[[Path, Run], Iterator[Block]]

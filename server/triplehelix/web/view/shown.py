"""What pages show, as values: terms, facts and who states them, tables and their rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shown:
    """A term as text: where it leads, its full IRI, its language, and a word on its datatype or language.

    `rows` are the statements of what shows inside another, `items` the members of a list.
    """

    text: str
    href: str | None = None
    iri: str = ""
    lang: str = ""
    note: str = ""
    rows: tuple[Row, ...] = ()
    items: tuple[Shown, ...] = ()


@dataclass(frozen=True)
class Source:
    """Who states a fact: a document by its name, its dates (what happened, the day in words), the earliest first, and the named
    graph that holds the fact. `is_rule`: nobody states it, it follows from what is stated."""

    title: Shown
    dates: tuple[tuple[str, str], ...]
    graph: Shown
    is_rule: bool = False

    @property
    def date(self) -> str:
        """The first date in words."""
        return " ".join(self.dates[0]) if self.dates else ""


@dataclass(frozen=True)
class Value:
    """One value of a row, the named graphs that state it, and the sources these are from. `is_apart`: nobody has verified it."""

    shown: Shown
    graphs: tuple[Shown, ...]
    sources: tuple[Source, ...] = ()
    is_apart: bool = False


@dataclass(frozen=True)
class Row:
    """One predicate with its values. `total` counts them where these are some of many; `is_concluded`: nobody states any."""

    predicate: Shown
    values: tuple[Value, ...]
    total: int = 0
    is_concluded: bool = False


@dataclass(frozen=True)
class Stated:
    """Values that the same sources state."""

    sources: tuple[Source, ...]
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Fact:
    """A property of a thing: its name, what it means, and its values by who states them.

    `folded` are those in other languages than the one that is read. `more` counts what is too much for a page. `differs`: there
    should be one value, and sources give several.
    """

    name: Shown
    hint: str
    stated: tuple[Stated, ...]
    folded: tuple[Stated, ...] = ()
    more: int = 0
    differs: bool = False


@dataclass(frozen=True)
class Group:
    """Facts that belong together, under the name that the shapes give them ("" where they give none)."""

    label: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Section:
    """A resource that a document holds: its name, the anchor it is found at, and its rows."""

    name: Shown
    anchor: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Relation:
    """A way in which other things refer to one: its name, how many there are, and the page on which the first stands."""

    predicate: Shown
    count: int
    page: int

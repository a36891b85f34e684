"""The cells of a table: how the values of a property are spread over fields, and how a field is written.

A property has a field for values without a language, one with the names of what it leads to, and one for each language. A
field that may hold several values says by which mark they are separated; the mark is a character that none of them has.
What a spreadsheet would run as a formula has an apostrophe before it, and so has what begins with apostrophes and then such a
character: who takes one apostrophe off again has the value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from pyoxigraph import Literal, NamedNode

from triplehelix.description.lookups import LANGUAGE
from triplehelix.description.shapes import Column
from triplehelix.description.vocabulary import RDF, XSD
from triplehelix.formulas import STRING, guarded

Namer = Callable[[NamedNode], str]
Value = NamedNode | Literal
LANG_STRING, ANY_URI, DECIMAL = RDF + "langString", XSD + "anyURI", XSD + "decimal"
DERIVED_FROM_DECIMAL = {XSD + name for name in (
    "decimal", "integer", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger", "unsignedLong", "unsignedInt",
    "unsignedShort", "unsignedByte", "nonPositiveInteger", "negativeInteger")}
# The first is the usual one; IRIs never hold it, nor any other mark in ASCII (RFC 3987 section 2.2).
MARKS = "|¦␟"
FURTHER_MARKS = (0x2500, 0xD800)


@dataclass
class Seen:
    """What the rows of a release hold in one column."""

    languages: set[str] = field(default_factory=set)
    datatypes: set[str] = field(default_factory=set)
    characters: set[str] = field(default_factory=set)
    has_iris: bool = False
    has_names: bool = False
    several: bool = False
    several_in: set[str] = field(default_factory=set)

    def look(self, values: Sequence[Value], namer: Namer) -> None:
        """Takes the values of one row into account."""
        in_languages: list[str] = []
        for value in values:
            if isinstance(value, NamedNode):
                self.has_iris = True
                self.characters.update(value.value if not value.value.isascii() else ())
                self.has_names = self.has_names or bool(namer(value))
            elif value.language:
                in_languages.append(value.language)
                self.characters.update(value.value)
            else:
                self.datatypes.add(value.datatype.value)
                self.characters.update(value.value)
        self.several = self.several or len(values) - len(in_languages) > 1
        if in_languages:
            self.languages.update(in_languages)
            self.several_in.update(tag for tag in in_languages if in_languages.count(tag) > 1)

    @property
    def mark(self) -> str:
        """The first mark that no value holds."""
        return next(mark for mark in chain(MARKS, map(chr, range(*FURTHER_MARKS))) if mark not in self.characters)


@dataclass(frozen=True)
class Field:
    """One column of the file. `kind` is "value", "name" or "language"; `language` is the tag of the last.

    `datatype` is an IRI; `mark` separates several values and is "" where there is only one; `leads` where all are IRIs.
    """

    title: str
    column: Column
    kind: str
    datatype: str = STRING
    language: str = ""
    mark: str = ""
    leads: bool = False

    def cell(self, values: Iterable[Value], namer: Namer) -> str:
        """The text of the cell; values are sorted, and names stand in the order of what they name."""
        if self.kind == "language":
            texts = [value.value for value in values if isinstance(value, Literal) and value.language == self.language]
        else:
            plain = [value for value in values if isinstance(value, NamedNode) or not value.language]
            texts = [value.value for value in plain] if self.kind == "value" else self._names(plain, namer)
        return guarded(self.mark.join(texts), self.datatype)

    def _names(self, values: list[Value], namer: Namer) -> list[str]:
        """One for each value, without the mark; none at all where nothing has a name."""
        names = [namer(value) if isinstance(value, NamedNode) else value.value for value in values]
        return [name.replace(self.mark, " ") if self.mark else name for name in names] if any(names) else []


def fields(column: Column, seen: Seen) -> list[Field]:
    """The fields of a column for what is there: values, names, and languages with English first."""
    found = []
    languages = sorted(seen.languages, key=lambda tag: (tag != LANGUAGE, tag))
    if seen.has_iris or seen.datatypes or not languages:
        several = seen.several or not column.single
        mark = seen.mark if several else ""
        leads = seen.has_iris and not seen.datatypes
        found.append(Field(column.title, column, "value", _datatype(column, seen), mark=mark, leads=leads))
        if seen.has_names:
            found.append(Field(f"{column.title} (name)", column, "name", mark=mark))
    for tag in languages:
        several = tag in seen.several_in or not (column.single or column.alone)
        found.append(Field(f"{column.title} ({tag})", column, "language", language=tag, mark=seen.mark if several else ""))
    return found


def _datatype(column: Column, seen: Seen) -> str:
    """One datatype for all that the shapes allow and the rows have: text, where there is none."""
    if seen.has_iris:
        return STRING if seen.datatypes else ANY_URI
    either = (column.datatypes | seen.datatypes) - {LANG_STRING}
    if len(either) == 1:
        return next(iter(either))
    return DECIMAL if either and either <= DERIVED_FROM_DECIMAL else STRING

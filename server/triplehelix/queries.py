"""Named queries: one .rq file each, with a comment header; a parameter is bound as an RDF term, never as text.

Header lines begin with "#+ ": `title`, `description`, `topic` (under which it is listed, in a few words), `question` (number of
the competency question), `also` (of another one that it answers), `importer` (the one that brings the data it lacks), `example`
(values as in a URL, not encoded, or "none"), and one `parameter` line each: its name and what it means. The query itself holds
the default, as `VALUES ?name { term }`, so that its text runs as it is wherever it is pasted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from pathlib import Path

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

HEADER = re.compile(r"#\+ ([a-z]+): (.*)")
PARAMETER = re.compile(r"([A-Za-z][A-Za-z0-9_]*) (.+)")
BASE = re.compile(r"^BASE <([^>]*)>", re.MULTILINE)
VALUES = r"(?<=VALUES \?{name} \{{ ).+?(?= \}})"
NAME = re.compile(r"VALUES \?(\w+) \{ \Z")
# An IRI, or a literal in N-Triples' form.
TERM = r"""<[^\x00-\x20<>"{}|^`\\]*>|"(?:[^"\\\n\r]|\\.)*"(?:@[A-Za-z0-9-]+|\^\^<[^\x00-\x20<>"{}|^`\\]*>)?"""
NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
REQUIRED = ("title", "description", "example")
# What stands in the address of an answer beside the values of its query.
RESERVED = frozenset({"format", "release"})


class BadParameter(ValueError):
    """A parameter the query has not, or a value that is not a term of the kind of its default."""


@dataclass(frozen=True)
class Parameter:
    """A variable of the query that a caller may fix: its default term (IRI or literal) and its meaning."""

    name: str
    default: NamedNode | Literal
    meaning: str

    def term(self, value: str) -> NamedNode | Literal:
        """The value as a term of the default's kind: an IRI, or a literal of the same datatype and language."""
        try:
            if isinstance(self.default, NamedNode):
                return self._iri(value)
            language = self.default.language
            return Literal(value, language=language) if language else Literal(value, datatype=self.default.datatype)
        except ValueError as error:
            raise BadParameter(f"{self.name}: {value!r} is not a value like {self.default}") from error

    def _iri(self, value: str) -> NamedNode:
        if NOT_IN_IRI.search(value):
            raise ValueError("a character that no IRI has")
        return NamedNode(value)


@dataclass(frozen=True)
class Query:
    """One .rq file: slug, title, description, competency question (0: none), parameters, example, and its text.

    `also` is a second question that it answers (0: none), `importer` the one that brings what it lacks ("": none), `topic` what
    it is about ("" where it does not say).
    """

    slug: str
    title: str
    description: str
    question: int
    parameters: tuple[Parameter, ...]
    example: str
    text: str
    also: int = 0
    importer: str = ""
    topic: str = ""

    @property
    def questions(self) -> tuple[int, ...]:
        """The numbers of the competency questions that it answers."""
        return tuple(number for number in (self.question, self.also) if number)

    def bound(self, values: Mapping[str, str]) -> str:
        """The text with each value given in the place of its parameter's default. Raises BadParameter."""
        unknown = set(values) - {p.name for p in self.parameters}
        if unknown:
            known = ", ".join(p.name for p in self.parameters) or "none"
            raise BadParameter(f"{self.slug} has no parameter {', '.join(sorted(unknown))}; it has: {known}")
        terms = {p.name: str(p.term(values[p.name])) for p in self.parameters if p.name in values}
        # One pass over the text: a value that looks like a VALUES clause itself stays a value.
        return re.sub(_places(terms), lambda found: terms[NAME.search(self.text[:found.start()])[1]],
                      self.text) if terms else self.text

    def values(self, text: str) -> dict[str, str] | None:
        """The values with which `bound` gives that text, but for blanks around it; None where no values do."""
        match = self._any_text.fullmatch(text.strip())
        if match is None:
            return None
        places = re.finditer(_places(p.name for p in self.parameters), self.text) if self.parameters else ()
        given = {NAME.search(self.text[:place.start()])[1]: term
                 for place, term in zip(places, match.groups(), strict=True) if term != place[0]}
        try:
            values = {name: _term(self.slug, name, term, None).value for name, term in given.items()}
            return values if self.bound(values).strip() == text.strip() else None
        except ValueError:
            return None

    def has_text(self, text: str) -> bool:
        """Whether that is the query's text, without blanks around it, each parameter at its default or bound to a term."""
        return self._any_text.fullmatch(text) is not None

    @cached_property
    def _any_text(self) -> re.Pattern[str]:
        if not self.parameters:
            return re.compile(re.escape(self.text.strip()))
        places = re.compile(_places(p.name for p in self.parameters))
        between = map(re.escape, places.split(self.text.strip()))
        terms = [f"({re.escape(default)}|{TERM})" for default in places.findall(self.text)]
        return re.compile("".join(part for pair in zip_longest(between, terms, fillvalue="") for part in pair))


def _places(names: Iterable[str]) -> str:
    """The pattern of the defaults of parameters."""
    return "|".join(VALUES.format(name=name) for name in names)


def read(path: Path) -> Query:
    """The query of a file. Raises ValueError naming the header line that is missing or unreadable."""
    return read_text(path.stem, path.read_text(encoding="utf-8"))


def read_text(slug: str, text: str) -> Query:
    rows = header(text)
    fields = {key: value for key, value in rows if key != "parameter"}
    missing = [key for key in REQUIRED if key not in fields]
    if missing:
        raise ValueError(f"{slug}.rq: the header lacks {', '.join(missing)}: add a line '#+ {missing[0]}: ...'")
    parameters = tuple(_parameter(slug, value, text) for key, value in rows if key == "parameter")
    return Query(slug, fields["title"], fields["description"], int(fields.get("question", 0)), parameters,
                 fields["example"], text, int(fields.get("also", 0)), fields.get("importer", ""), fields.get("topic", ""))


def header(text: str) -> list[tuple[str, str]]:
    """The lines of a query's header, each its key and what it says."""
    found = (HEADER.match(line) for line in text.splitlines())
    return [(match[1], match[2]) for match in found if match]


def read_all(paths: Iterable[Path]) -> dict[str, Query]:
    """Slug to query, for the public queries of a project or release."""
    return {path.stem: read(path) for path in paths}


def _parameter(slug: str, line: str, text: str) -> Parameter:
    match = PARAMETER.fullmatch(line)
    if not match:
        raise ValueError(f"{slug}.rq: a parameter line is '#+ parameter: name meaning', not {line!r}")
    name, meaning = match.groups()
    if name in RESERVED:
        raise ValueError(f"{slug}.rq: no parameter is called {name}, which has its meaning in addresses: choose another name")
    defaults = re.findall(VALUES.format(name=name), text)
    if len(defaults) != 1:
        raise ValueError(f"{slug}.rq: say the default of {name} once, as VALUES ?{name} {{ term }}")
    return Parameter(name, _term(slug, name, defaults[0], BASE.search(text)), meaning)


def _term(slug: str, name: str, term: str, base: re.Match[str] | None) -> NamedNode | Literal:
    """A term as the query writes it, its IRI against the query's BASE."""
    try:
        statement = f"<urn:x-s> <urn:x-p> {term} ."
        return next(parse(statement, format=RdfFormat.TURTLE, base_iri=base[1] if base else None)).object
    except (SyntaxError, StopIteration) as error:
        raise ValueError(f"{slug}.rq: the default of {name} is not one IRI in full or one literal: {term}") from error

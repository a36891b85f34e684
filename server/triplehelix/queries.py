"""Named queries: one .rq file each, with a comment header; parameters are bound as RDF terms, never as text.

Header lines begin with "#+ ": `title`, `description`, `question` (number of the competency question), `example`, and
one `parameter` line each: name, default term in N-Triples form, and what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Variable, parse

HEADER = re.compile(r"#\+ ([a-z]+): (.*)")
PARAMETER = re.compile(r'([A-Za-z][A-Za-z0-9_]*) (<[^>]*>|"(?:[^"\\]|\\.)*"(?:@[A-Za-z-]+|\^\^<[^>]*>)?) (.+)')
REQUIRED = ("title", "description", "example")


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
                return _term(f"<{value}>") if not re.search(r'[\x00-\x20<>"{}|^`\\]', value) else _refuse(self, value)
            language = self.default.language
            return Literal(value, language=language) if language else Literal(value, datatype=self.default.datatype)
        except (SyntaxError, ValueError) as error:
            raise BadParameter(f"{self.name}: {value!r} is not a value like {self.default}") from error


@dataclass(frozen=True)
class Query:
    """One .rq file: slug, title, description, competency question (0: none), parameters, example, and its text."""

    slug: str
    title: str
    description: str
    question: int
    parameters: tuple[Parameter, ...]
    example: str
    text: str

    def bindings(self, values: Mapping[str, str]) -> dict[Variable, NamedNode | Literal]:
        """Variable to term: the values given, the defaults for the rest. Raises BadParameter."""
        unknown = set(values) - {p.name for p in self.parameters}
        if unknown:
            known = ", ".join(p.name for p in self.parameters) or "none"
            raise BadParameter(f"{self.slug} has no parameter {', '.join(sorted(unknown))}; it has: {known}")
        return {Variable(p.name): p.term(values[p.name]) if p.name in values else p.default for p in self.parameters}

    def bound(self, values: Mapping[str, str]) -> str:
        """The text with the bindings as a closing VALUES clause (SPARQL 1.1 Query section 10.2), for any endpoint."""
        terms = self.bindings(values)
        if not terms:
            return self.text
        return f"{self.text}\nVALUES ({' '.join(map(str, terms))}) {{ ({' '.join(map(str, terms.values()))}) }}\n"


def read(path: Path) -> Query:
    """The query of a file. Raises ValueError naming the header line that is missing or unreadable."""
    return read_text(path.stem, path.read_text(encoding="utf-8"))


def read_text(slug: str, text: str) -> Query:
    header = [HEADER.match(line) for line in text.splitlines()]
    rows = [match.groups() for match in header if match]
    fields = {key: value for key, value in rows if key != "parameter"}
    missing = [key for key in REQUIRED if key not in fields]
    if missing:
        raise ValueError(f"{slug}.rq: the header lacks {', '.join(missing)}: add a line '#+ {missing[0]}: ...'")
    parameters = tuple(_parameter(slug, value) for key, value in rows if key == "parameter")
    return Query(slug, fields["title"], fields["description"], int(fields.get("question", 0)), parameters,
                 fields["example"], text)


def read_all(paths: Iterable[Path]) -> dict[str, Query]:
    """Slug to query, for the public queries of a project or release."""
    return {path.stem: read(path) for path in paths}


def _parameter(slug: str, line: str) -> Parameter:
    match = PARAMETER.fullmatch(line)
    if not match:
        raise ValueError(f"{slug}.rq: a parameter line is '#+ parameter: name <default> meaning', not {line!r}")
    name, default, meaning = match.groups()
    return Parameter(name, _term(default), meaning)


def _term(text: str) -> NamedNode | Literal:
    """One term written as in N-Triples."""
    return next(parse(f"<urn:x-s> <urn:x-p> {text} .", format=RdfFormat.N_TRIPLES)).object


def _refuse(parameter: Parameter, value: str) -> BlankNode:
    raise ValueError(f"{parameter.name}: {value!r} is not an IRI")

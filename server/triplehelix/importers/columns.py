"""Columns of a mapped table as functions: what the map says of a column is worked out once, before the first row.

A function takes the row and adds what its cell says: statements about the subject of the row, and blocks about
others (identifiers, member counts).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial
from zlib import crc32

from pyoxigraph import Literal, NamedNode

from triplehelix.importers import known, values
from triplehelix.importers.mapping import Column, Map
from triplehelix.importers.model import Block, Refused, Run, Statement
from triplehelix.importers.tables import Row

RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
LABEL = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
SOURCE = NamedNode("http://purl.org/dc/terms/source")
PREF_LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
NOTATION = NamedNode("http://www.w3.org/2004/02/skos/core#notation")
ADMS_IDENTIFIER = NamedNode("http://www.w3.org/ns/adms#Identifier")
IDENTIFIED_BY = NamedNode("http://www.w3.org/ns/adms#identifier")
CURIE = re.compile(r"([A-Za-z][\w-]*):([\w-]+)")
# "350+" and "over 350" are at least 350; "~300", "about 300" and "ca. 300" are about 300.
COUNTED = re.compile(r"(?P<least>(?:over|more than|at least|>)\s*)?(?P<about>(?:about|around|circa|ca\.?|c\.|~|≈)\s*)?"
                     r"(?P<number>\d[\d ,.'\u00a0\u202f]*?)(?P<plus>\s*\+)?", re.IGNORECASE)


@dataclass
class Said:
    """What one row has said so far: of its subject, and of other resources."""

    subject: NamedNode
    name: str
    new: bool
    statements: list[Statement] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


Say = Callable[[Row, Said], None]
Convert = Callable[[str, str], NamedNode | Literal]


@dataclass(frozen=True)
class Compiler:
    """Turns the columns of a map into functions, for one run."""

    map: Map
    run: Run

    def columns(self) -> list[Say]:
        """One function a column. Raises Faulty with the line of the map for a property or scheme that cannot be."""
        return [self._column(column) for column in self.map.columns]

    def constants(self) -> list[Statement]:
        """The classes, and what is said of every subject."""
        classes = [(RDF_TYPE, self.term(name, self.map.subject.line)) for name in self.map.classes]
        return [*classes, *(self._constant(column) for column in self.map.constants)]

    def term(self, curie: str, line: int) -> NamedNode:
        """The IRI of a prefixed name by the project's prefix table."""
        match = CURIE.fullmatch(curie)
        if not match or match[1] not in self.run.lookups.project.prefixes:
            raise self.map.fault(f"{curie!r} is no prefixed name; the prefixes are "
                                 f"{', '.join(sorted(self.run.lookups.project.prefixes))}", line)
        return NamedNode(self.run.lookups.project.prefixes[match[1]] + match[2])

    def own(self, path: str) -> NamedNode:
        return NamedNode(f"{self.run.lookups.project.base}{path}")

    def _constant(self, column: Column) -> Statement:
        value = column.get("value")
        try:
            return self.term(column.get("property"), column.line), self._converter(column)(column.name, value)
        except Refused as refused:
            raise self.map.fault(f"constant: {value!r} {refused.rule}", column.line) from refused

    def _column(self, column: Column) -> Say:
        say = {"identifier": self._identifier, "members": self._members}.get(column.type, self._term)(column)
        return partial(_required, column.name, say) if column.flag("required") else say

    def _term(self, column: Column) -> Say:
        """Cells that are a value of one property."""
        predicate = self.term(column.get("property"), column.line)
        convert, name, mark, new_only = self._converter(column), column.name, column.get("split"), column.flag("new_only")

        def say(row: Row, said: Said) -> None:
            cell = row.cells.get(name)
            if not cell or (new_only and not said.new):
                return
            for part in _parts(cell, mark) if mark else (cell,):
                said.statements.append((predicate, convert(name, part)))
        return say

    def _converter(self, column: Column) -> Convert:
        """The function (column, text) -> term of a type."""
        day_first = {"true": True, "false": False}.get(column.get("day_first"))
        plain: dict[str, Convert] = {
            "text": partial(values.name, language=column.get("language") or None),
            "integer": values.integer, "decimal": values.decimal, "decimal-comma": partial(values.decimal, comma=True),
            "date": partial(values.day, day_first=day_first), "when": partial(values.when, day_first=day_first),
            "iri": values.iri}
        return plain.get(column.type) or (self._body if column.type == "reference" else self._code)(column)

    def _code(self, column: Column) -> Convert:
        """Codes of a scheme: by the map's own look-up, by the code itself, or, if the map says so, by label."""
        scheme = column.get("scheme")
        lookup = {known.folded(label): str(code) for label, code in dict(column.says.get("lookup", {})).items()}
        labels = known.labelled(self.run.lookups, scheme) if column.flag("labels") else {}
        concept = known.code_of(self.run, scheme, column.get("earlier"))
        if not lookup and not labels:
            return concept

        def convert(name: str, value: str) -> NamedNode:
            word = known.folded(value)
            return labels[word] if word in labels and word not in lookup else concept(name, lookup.get(word, value))
        return convert

    def _body(self, column: Column) -> Convert:
        scheme = self._require_code("identifier-scheme", column.get("scheme"), column)

        def convert(name: str, value: str) -> NamedNode:
            if body := self.run.lookups.identified(scheme, value):
                return body
            raise Refused(name, value, f"is the {scheme} of no body of the project")
        return convert

    def _identifier(self, column: Column) -> Say:
        """Identifiers; a body that the graph knows by one of them needs it not said again."""
        name, mark = column.name, column.get("split")
        if column.get("scheme"):
            self._require_code("identifier-scheme", column.get("scheme"), column)

        def say(row: Row, said: Said) -> None:
            for scheme, notation in identifiers(column, row.cells.get(name, ""), mark):
                if not self.run.lookups.code("identifier-scheme", scheme):
                    raise Refused(name, f"{scheme}:{notation}", f"{scheme} is no code of identifier-scheme")
                if not self.run.lookups.identified(scheme, notation):
                    self.identify(said, scheme, notation)
        return say

    def _require_code(self, scheme: str, code: str, column: Column) -> str:
        if not self.run.lookups.code(scheme, code):
            raise self.map.fault(f"column {column.name!r}: {code!r} is no code of {scheme}", column.line)
        return code

    def identify(self, said: Said, scheme: str, notation: str) -> None:
        """Give the subject an identifier of a scheme."""
        identifier = NamedNode(f"{self._prefix}id/identifier/{scheme}-{values.slug(notation)}")
        said.statements.append((IDENTIFIED_BY, identifier))
        said.blocks.append(Block(identifier, [
            (LABEL, Literal(f"{scheme.upper()} {notation} of {said.name}", language="en")), (NOTATION, Literal(notation)),
            (self._identifier_scheme, NamedNode(f"{self._prefix}scheme/identifier-scheme/{scheme}")), *self._of_identifiers]))

    @cached_property
    def _prefix(self) -> str:
        return self.run.lookups.project.base

    @cached_property
    def _identifier_scheme(self) -> NamedNode:
        return self.own("ns#identifierScheme")

    @cached_property
    def _of_identifiers(self) -> list[Statement]:
        """What every identifier says."""
        return [(RDF_TYPE, ADMS_IDENTIFIER), (self.own("ns#status"), self.own("scheme/status/verified"))]

    def _members(self, column: Column) -> Say:
        """Counts of members of one kind, each an observation of its own (th:MemberCount)."""
        name, dated, fixed = column.name, column.get("as_of_column"), column.get("as_of")
        kind = self._require_code("actor-kind", column.get("kind"), column)
        precision_stated = self._require_code("precision", column.get("precision", "exact"), column)
        slug, prefix = self.map.origin.slug, self.run.lookups.project.base
        body, when, count, how = (self.own(f"ns#{term}") for term in ("body", "asOf", "count", "precision"))
        precisions = {code: self.own(f"scheme/precision/{code or precision_stated}")
                      for code in ("", "about", "at-least")}
        always = [(RDF_TYPE, self.own("ns#MemberCount")), (self.own("ns#memberKind"), self.own(f"scheme/actor-kind/{kind}")),
                  (SOURCE, self.own(f"id/source/{slug}"))]

        def say(row: Row, said: Said) -> None:
            if cell := row.cells.get(name):
                number, precision = counted(name, cell)
                as_of = values.when(dated or "as_of", row.cells.get(dated, "") if dated else fixed)
                path = f"id/member-count/{slug}-{said.subject.value.rpartition('/')[2]}-{kind}-{as_of.value}"
                label = Literal(f"Members of {said.name}: {kind.replace('-', ' ')}, {as_of.value}", language="en")
                said.blocks.append(Block(NamedNode(prefix + path), [
                    *always, (LABEL, label), (body, said.subject), (when, as_of), (count, number), (how, precisions[precision])]))
        return say


def identifiers(column: Column, cell: str, mark: str) -> Iterator[tuple[str, str]]:
    """(scheme, notation) of each identifier in a cell: of the column's scheme, or written scheme:notation."""
    for part in _parts(cell, mark) if mark else filter(None, (cell,)):
        scheme, colon, notation = part.partition(":")
        if fixed := column.get("scheme"):
            yield fixed, part
        elif colon and notation.strip():
            yield scheme.strip(), notation.strip()
        else:
            raise Refused(column.name, part, "is no identifier: write scheme:code, as in pic:999963883")


def counted(column: str, cell: str) -> tuple[Literal, str]:
    """The number of a count, and its precision where the cell says it."""
    match = COUNTED.fullmatch(cell)
    if not match:
        raise Refused(column, cell, "is not a count: write 350, 350+ or about 350")
    precision = "about" if match["about"] else "at-least" if match["least"] or match["plus"] else ""
    return values.integer(column, match["number"]), precision


def key(notation: str) -> str:
    """The end of an IRI for an identifier: its slug, with a checksum where that alone would not tell it from others."""
    slug = values.slug(notation)
    return slug if slug == notation.lower() else f"{slug}-{crc32(notation.encode()):08x}"


def _parts(cell: str, mark: str) -> Iterator[str]:
    return filter(None, map(str.strip, cell.split(mark)))


def _required(name: str, say: Say, row: Row, said: Said) -> None:
    if not row.cells.get(name):
        raise Refused(name, "", "is empty; every row needs it")
    say(row, said)

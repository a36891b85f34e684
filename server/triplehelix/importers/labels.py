"""Awards of management labels to cluster organisations: a row says who was given which level, by whom and when.

Holder and giver are bodies of the project: `scheme:notation` (pic:999963883) or the last part of their IRI (aerospace-valley).
A level is awarded by a body and never computed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from triplehelix.importers import known, tables, values
from triplehelix.importers.model import Block, Importer, Origin, Refused, Run, Statement
from triplehelix.importers.tables import Row

COLUMNS = ("holder", "level", "awardedBy", "awardedOn", "validUntil", "source")
RDF_TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
LABEL = NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
SOURCE = NamedNode("http://purl.org/dc/terms/source")
SCHEME = "label-level"


@dataclass(frozen=True)
class Register:
    """What is needed to say one award: the levels, and the bodies with their names."""

    run: Run
    bodies: dict[NamedNode, str]
    levels: dict[str, NamedNode]

    def body(self, column: str, value: str) -> NamedNode:
        """The body that the cell names. Raises Refused where the project has none."""
        scheme, colon, notation = value.partition(":")
        found = self.run.lookups.identified(scheme, notation) if colon else self._named(value)
        if found not in self.bodies:
            raise Refused(column, value, "is no body of the project: add the body first, or write scheme:identifier")
        return found

    def _named(self, value: str) -> NamedNode | None:
        return self.own(f"id/organisation/{value}") if value and values.slug(value) == value else None

    def level(self, value: str) -> NamedNode:
        """The level of that code or name."""
        found = self.run.lookups.code(SCHEME, value.lower()) or self.levels.get(known.folded(value))
        if not found:
            raise Refused("level", value, f"is no level of {SCHEME}: {', '.join(sorted(self.levels))}")
        return found

    def source(self, value: str) -> NamedNode:
        """A web address, or a source of the project by the last part of its IRI."""
        if ":" in value:
            return values.iri("source", value)
        if not value or values.slug(value) != value:
            raise Refused("source", value, "is neither a web address nor the name of a source of the project")
        return self.own(f"id/source/{value}")

    def own(self, path: str) -> NamedNode:
        return NamedNode(f"{self.run.lookups.project.base}{path}")


def read(path: Path, run: Run) -> Iterator[Block]:
    """One award a row. Raises Faulty where the file is not such a table."""
    register = Register(run, known.bodies(run.lookups), known.labelled(run.lookups, SCHEME))
    seen: dict[NamedNode, int] = {}
    for row in tables.read_csv(path, COLUMNS):
        run.take()
        if not run.wants(row["holder"]):
            run.pass_over()
            continue
        try:
            block = _award(register, row)
            if seen.setdefault(block.subject, row.line) != row.line:
                raise Refused("holder", row["holder"], f"has this award in line {seen[block.subject]} already")
        except Refused as refused:
            run.refuse(row.line, refused)
            continue
        run.keep()
        yield block


def _award(register: Register, row: Row) -> Block:
    """The award of one row; its IRI says holder, level and time."""
    holder, level = register.body("holder", row["holder"]), register.level(row["level"])
    given = values.when("awardedOn", row["awardedOn"])
    until = values.when("validUntil", row["validUntil"]) if row["validUntil"] else None
    if until and until.value[:len(given.value)] < given.value[:len(until.value)]:
        raise Refused("validUntil", row["validUntil"], f"lies before {given.value}, when it was awarded")
    code, body = level.value.rpartition("/")[2], holder.value.rpartition("/")[2]
    says: list[Statement] = [
        (RDF_TYPE, register.own("ns#LabelAward")),
        (LABEL, Literal(f"{code.capitalize()} label of {register.bodies[holder]}, {given.value}", language="en")),
        (register.own("ns#holder"), holder), (register.own("ns#level"), level),
        (register.own("ns#awardedBy"), register.body("awardedBy", row["awardedBy"])),
        (register.own("ns#awardedOn"), given), (SOURCE, register.source(row["source"]))]
    if until:
        says.append((register.own("ns#validUntil"), until))
    return Block(register.own(f"id/award/{body}-{code}-{given.value}"), says)


IMPORTER = Importer(
    "labels", f"awards of management labels (CSV with {', '.join(COLUMNS)})",
    Origin("label-awards", "Management labels of cluster organisations", "Compiled from the pages that each award names",
           "the column source of each row", "None stated."), read)

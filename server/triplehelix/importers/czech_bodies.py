"""Bodies of the Czech register of research and development (IS VaVaI), keyed by IČO.

Reads subjekty_vav.json with kraje_kodovnik.json beside it, or the folder of both. A sphere is never read from the
register, nor a field served: the legal form and the activity are kept in its words, the activity as a division of NACE
only where the words are the title of one. Rows of parts of a body, and of natural persons, are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import NamedNode

from triplehelix.findings import fault
from triplehelix.importers import known, values
from triplehelix.importers.bodies import Register
from triplehelix.importers.json_file import read_json, within
from triplehelix.importers.model import Block, Importer, Origin, Refused, Run, Statement
from triplehelix.importers.ris3 import CODEBOOK, code_book, region_of

BODIES = "subjekty_vav.json"
COLUMNS = ("ico", "nazev", "kraj", "pravni_forma", "nace_2", "pocet_zamestnancu")
PERSON = re.compile(r"Fyz\.|- FO$")
UNIVERSITY, UNSTATED = "Vysoká škola", {"", "Neuvedeno"}
WEIGHTS = (8, 7, 6, 5, 4, 3, 2)
Row = dict[str, str]


@dataclass
class Table:
    """What is needed to say one row: the register, the regions, the titles of NACE divisions, the lines of the rows seen."""

    register: Register
    codes: dict[str, str]
    titles: dict[str, NamedNode]
    seen: dict[str, int] = field(default_factory=dict)

    def ico(self, row: Row, line: int) -> str:
        """The IČO of a whole body. Raises Refused for other numbers, parts, persons and repeated numbers."""
        ico, form = row["ico"], row["pravni_forma"]
        if not _is_ico(ico):
            raise Refused("ico", ico, "is no IČO: eight digits, the last of them a check digit")
        if PERSON.search(form):
            raise Refused("pravni_forma", form, "is a natural person, who stays out")
        if not form:
            raise Refused("pravni_forma", form, "is empty: whether it is a body or a natural person is not known")
        if ico in self.seen:
            part = " / " in row["nazev"]
            raise Refused("ico", ico, "is that of the whole body; a part has no identifier of its own" if part
                          else "stands in an earlier row with another name")
        self.seen[ico] = line
        return ico

    def says(self, row: Row) -> Iterator[Statement]:
        """What the register says of a body, in its words and, where they are plain, in codes."""
        term = self.register.term
        for name, column in (("legalForm", "pravni_forma"), ("activityAsWritten", "nace_2"), ("sizeBand", "pocet_zamestnancu")):
            if row[column] not in UNSTATED:
                yield term(name), values.name(column, row[column], "cs")
        if division := self.titles.get(known.folded(row["nace_2"])):
            yield term("registeredActivity"), division
        if row["pravni_forma"] == UNIVERSITY:
            yield term("actorKind"), self.register.own("scheme/actor-kind/university")

    def seat(self, row: Row) -> NamedNode | None:
        return region_of(self.register.run, self.codes, "kraj", row["kraj"]).concept if row["kraj"] else None


def read(path: Path, run: Run) -> Iterator[Block]:
    """One body a row, and its identifier where the graph does not have it yet.

    Raises Faulty where the file, or the code book beside it, is not of the form the source has.
    """
    path = within(path, BODIES)
    document, places = read_json(path)
    rows = document.get("subjekty") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise fault(path, "not the file of bodies: it needs a list 'subjekty'", 1)
    table = Table(Register(run), code_book(path.with_name(CODEBOOK)), _titles(run))
    for number, cells in enumerate(rows, 1):
        row = _row(path, cells, number)
        run.take()
        line = places.line(cells["ico"])
        if not run.wants(row["ico"]):
            run.pass_over()
            continue
        try:
            blocks = _blocks(table, row, line)
        except Refused as refused:
            run.refuse(line, refused)
            continue
        run.keep()
        yield from blocks


def _blocks(table: Table, row: Row, line: int) -> list[Block]:
    register, ico, name = table.register, table.ico(row, line), values.name("nazev", row["nazev"], "cs")
    body, place = register.holder("ico", ico, f"id/organisation/ico-{ico}"), table.seat(row)
    return [Block(body, [*register.introduces(body, name), register.has("ico", ico), *table.says(row),
                         *(register.seat(body, place) if place else ())]),
            register.describe("ico", ico, f"IČO {ico} of {name.value}")]


def _titles(run: Run) -> dict[str, NamedNode]:
    """Czech title of a NACE division to its concept."""
    titles = known.labelled(run.lookups, "nace2", "cs")
    return {title: concept for title, concept in titles.items() if re.fullmatch(r"\d\d", concept.value.rpartition("/")[2])}


def _row(path: Path, cells: object, number: int) -> Row:
    missing = [name for name in COLUMNS if not isinstance(cells, dict) or not isinstance(cells.get(name), str)]
    if missing:
        raise fault(path, f"row {number} of 'subjekty' lacks {', '.join(missing)}")
    return {name: cells[name].strip() for name in COLUMNS}


def _is_ico(number: str) -> bool:
    """Whether it is a Czech IČO: eight digits whose last one checks the others (modulo 11)."""
    if not re.fullmatch(r"\d{8}", number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False))
    return int(number[7]) == (11 - total % 11) % 10


IMPORTER = Importer(
    "czech-bodies", f"bodies of the Czech register of research and development ({BODIES}, with {CODEBOOK} beside it)",
    Origin("czech-is-vavai-bodies", "Bodies of the Czech register of research and development",
           "IS VaVaI of the Czech Republic, exported from Starfos by others",
           "github.com/kristyne/ris3-mapa-cr, public/data/subjekty_vav.json, export of 2026-02-23 from starfos.tacr.cz",
           "None stated."), read)

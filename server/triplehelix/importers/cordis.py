"""Organisations of projects of the EU framework programmes, as CORDIS lists them, keyed by PIC.

Two layouts: the table of 2017, one row an organisation, whose letters beyond ASCII are UTF-8 read as Mac Roman; and today's
organization.csv, one row an organisation in a project. CORDIS codes organisations by legal form: the code is where it lists
them, and neither a kind of actor nor a sphere is read from it. Amounts stay out: the files give no year for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from triplehelix.importers import countries, persons, tables, values
from triplehelix.importers.bodies import HOMEPAGE, LABEL, TYPE, Register
from triplehelix.importers.model import Block, Importer, Origin, Refused, Run, Statement
from triplehelix.importers.tables import Row

SLUG = "cordis"
OF_2017 = ("orgId", "name", "shortName", "activityType", "city", "country", "numProjects")
OF_TODAY = ("projectID", "projectAcronym", "organisationID", "vatNumber", "name", "shortName", "activityType", "city", "country",
            "nutsCode", "organizationURL", "role")
EDITION = values.when("edition", "2017")
# The legal form of which persons who work on their own account are.
PRIVATE = "PRC"
ROLES = {"coordinator": "coordinator", "participant": "partner", "partner": "partner"}
NO_VAT = ("", "MISSING", "NOT APPLICABLE")
FOAF_PROJECT = NamedNode("http://xmlns.com/foaf/0.1/Project")
# A quotation mark that neither begins nor ends a cell, and one that stands before the mark that ends it.
BARE_OPENING, BARE_CLOSING = re.compile(r'(?<=[^,"])"(?=[^,"\r\n])'), re.compile(r'(?<=[^,"])""(?=,|\r?\n|$)')
TITLE = NamedNode("http://purl.org/dc/terms/title")


@dataclass
class Seen:
    """What stood in earlier rows: bodies described, and bodies in projects."""

    bodies: set[str] = field(default_factory=set)
    parts: set[tuple[str, str]] = field(default_factory=set)


def read(path: Path, run: Run) -> Iterator[Block]:
    """One body a row in the layout of 2017; today one participation a row, of a body that many rows may name."""
    today = "orgId" not in _header(path)
    rows = tables.read_csv(path, OF_TODAY, ";") if today else tables.read_csv(path, OF_2017, mend=escaped)
    key, blocks = ("organisationID", _of_today) if today else ("orgId", _of_2017)
    register, seen = Register(run), Seen()
    for row in rows:
        run.take()
        if not run.wants(row[key]):
            run.pass_over()
            continue
        try:
            made = blocks(register, row, seen)
        except Refused as refused:
            run.refuse(row.line, refused)
            continue
        run.keep()
        yield from made


def escaped(line: str) -> str:
    """A line of the table of 2017 with the quotation marks within a cell doubled (RFC 4180), where four rows leave them bare."""
    return BARE_CLOSING.sub('"""', BARE_OPENING.sub('""', line))


def repaired(cell: str) -> str:
    """A cell of the table of 2017 with its letters restored; as written where it was not garbled."""
    if cell.isascii():
        return cell
    try:
        return cell.encode("mac_roman").decode("utf-8")
    except UnicodeError:
        return cell


def _header(path: Path) -> str:
    """The first line, as far as it tells the layouts apart; what is wrong with it, the reader of tables says."""
    with path.open("rb") as file:
        return file.readline(tables.LONGEST_LINE).decode("utf-8", "replace")


def _of_2017(register: Register, garbled: Row, seen: Seen) -> list[Block]:
    row = Row(garbled.line, {column: repaired(cell) for column, cell in garbled.cells.items()})
    pic = _pic("orgId", row["orgId"])
    if pic in seen.bodies:
        raise Refused("orgId", pic, "stands in an earlier row")
    name = _name(row)
    blocks = _body(register, row, pic, name, lambda _: None)
    count = values.integer("numProjects", row["numProjects"])
    seen.bodies.add(pic)
    body = blocks[0].subject
    return [*blocks, register.observation(f"id/observation/{SLUG}-2017-projects-{pic}", f"Projects of {name.value}, 2017", body,
                                          "projects", "one", EDITION, count, SLUG)]


def _of_today(register: Register, row: Row, seen: Seen) -> list[Block]:
    pic, project = _pic("organisationID", row["organisationID"]), values.text("projectID", row["projectID"])
    if not project.isascii() or not project.isdigit():
        raise Refused("projectID", project, "is no number of a project")
    if (pic, project) in seen.parts:
        raise Refused("organisationID", pic, "takes part in the project in an earlier row already")
    name = _name(row)
    blocks = [] if pic in seen.bodies else _body(register, row, pic, name, lambda column: register.region(column, row[column]))
    seen.bodies.add(pic)
    seen.parts.add((pic, project))
    return [*blocks, *_participation(register, row, pic, name.value, project)]


def _pic(column: str, value: str) -> str:
    if not value.isascii() or not value.isdigit() or len(value) != 9:
        raise Refused(column, value, "is no PIC: nine digits")
    return value


def _name(row: Row) -> Literal:
    name = values.name("name", row["name"])
    if row["activityType"] == PRIVATE:
        persons.require_unturned("name", name.value, row["shortName"])
    return name


def _body(register: Register, row: Row, pic: str, name: Literal, region: Callable[[str], NamedNode | None]) -> list[Block]:
    """The body with its identifiers and its place: a NUTS region where the row has its code, else town and country."""
    body = register.holder("pic", pic, f"id/organisation/pic-{pic}")
    country = countries.code("country", row["country"])
    place, areas = (row.cells.get("nutsCode") and region("nutsCode")), []
    if not place:
        place, areas = register.town(values.text("city", row["city"]), country)
    short = values.text("shortName", row["shortName"])
    others = [Literal(short)] if short and short != name.value else []
    codes = [("pic", pic, f"PIC {pic} of {name.value}"), *_vat(row, name.value)]
    says = [*register.introduces(body, name, others), *(register.has(scheme, code) for scheme, code, _ in codes),
            (register.term("listedUnder"), _activity(register, row["activityType"])), *register.seat(body, place),
            *_homepage(row)]
    return [Block(body, says), *(register.describe(*code) for code in codes), *areas]


def _activity(register: Register, code: str) -> NamedNode:
    found = register.run.lookups.code("cordis-activity-type", code)
    if not found:
        raise Refused("activityType", code, "is no activity type of CORDIS (HES, OTH, PRC, PUB, REC)")
    return found


def _vat(row: Row, name: str) -> Iterator[tuple[str, str, str]]:
    number = values.text("vatNumber", row.cells.get("vatNumber", ""))
    if number.upper() not in NO_VAT:
        yield "vat", number, f"VAT number {number} of {name}"


def _homepage(row: Row) -> Iterator[Statement]:
    address = row.cells.get("organizationURL", "")
    if address:
        yield HOMEPAGE, values.iri("organizationURL", address if "://" in address else f"http://{address}")


def _participation(register: Register, row: Row, pic: str, name: str, project: str) -> list[Block]:
    acronym = values.name("projectAcronym", row["projectAcronym"])
    grant = register.identifier("grant", project)
    undertaking = register.holder("grant", project, f"id/project/{SLUG}-{project}")
    says: list[Statement] = [
        (TYPE, register.term("Participation")), (LABEL, Literal(f"{name} in {acronym.value}", language="en")),
        (register.term("body"), register.holder("pic", pic, f"id/organisation/pic-{pic}")), (register.term("in"), undertaking)]
    if role := ROLES.get(row["role"]):
        says.append((register.term("role"), register.own(f"scheme/participation-role/{role}")))
    part = Block(register.own(f"id/participation/{SLUG}-{project}-{pic}"), says)
    if grant in register.known.holders:
        return [part]
    described = register.describe("grant-number", project, f"Grant number {project} of {acronym.value}")
    return [part, Block(undertaking, [(TYPE, FOAF_PROJECT), (TITLE, acronym), register.has("grant", project)]),
            Block(grant, described.statements)]


IMPORTER = Importer(
    "cordis", "organisations of CORDIS: the table of 2017, or organization.csv of today",
    Origin(SLUG, "Organisations in projects of the EU framework programmes", "CORDIS, European Commission",
           "cordis.europa.eu; the edition of 2017 as H2020_Data_2017/stacked_dump.csv in "
           "github.com/spaghetti-open-data/ODFest2017-horizon2020-network",
           "Reuse with attribution to CORDIS, European Commission."), read)

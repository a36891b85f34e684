"""Beneficiaries of the cohesion funds, as Kohesio lists them: one row a beneficiary in a region.

Kohesio gives no identifiers here: a body is keyed on country and name, so that rows of one name in several regions are one
body. The region is that under which the row stands, not a seat. Sums are kept as they stand, a figure a row, for the same
projects may stand under several regions. Natural persons stay out.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from triplehelix.importers import countries, persons, tables, values
from triplehelix.importers.bodies import Register
from triplehelix.importers.model import Block, Importer, Origin, Refused, Run
from triplehelix.importers.tables import Row

SLUG = "kohesio"
COLUMNS = ("Country", "Region", "Beneficiary Name", "Total Budget", "EU Contribution", "Number of Projects",
           "Transliterated Name")
FIGURES = (("Total Budget", "budget", "euro"), ("EU Contribution", "eu-contribution", "euro"),
           ("Number of Projects", "projects", "one"))
EDITION = values.when("edition", "2023-01")
SPATIAL = NamedNode("http://purl.org/dc/terms/spatial")
# A carriage return as spreadsheets write it, left behind in some names.
ESCAPED = "_x000D_"
# Slugs shorter than this say too little, and longer ones are cut.
SHORTEST, LONGEST = 3, 80


class Beneficiaries:
    """What earlier rows have said: the name by which a body was first met, and how many rows it has in a region."""

    def __init__(self, run: Run):
        self.register = Register(run)
        self.names: dict[str, str] = {}
        self.rows: Counter[str] = Counter()


def read(path: Path, run: Run) -> Iterator[Block]:
    """The body of each row, the region it stands under, and its figures."""
    beneficiaries = Beneficiaries(run)
    for row in tables.read_csv(path, COLUMNS, "\t", quoted=False):
        run.take()
        try:
            key = _key(row)
            if not run.wants(key):
                run.pass_over()
                continue
            blocks = _blocks(beneficiaries, row, key)
        except Refused as refused:
            run.refuse(row.line, refused)
            continue
        run.keep()
        yield from blocks


def _key(row: Row) -> str:
    """`kohesio-<country>-<slug of the name>`, of its transliteration where it has one; a digest ends what a slug cannot hold."""
    name = _name(row)
    slug = values.slug(row["Transliterated Name"] or name)
    if len(slug) < SHORTEST or len(slug) == LONGEST:
        slug = f"{slug[:60]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}".strip("-")
    return f"{SLUG}-{values.slug(row['Country'])}-{slug}"


def _name(row: Row) -> str:
    return values.text("Beneficiary Name", row["Beneficiary Name"].replace(ESCAPED, " "))


def _blocks(seen: Beneficiaries, row: Row, key: str) -> list[Block]:
    country = countries.code_of_name("Country", row["Country"])
    name = values.name("Beneficiary Name", _name(row))
    persons.require_body("Beneficiary Name", name.value, country)
    register, region = seen.register, values.name("Region", row["Region"])
    body = register.own(f"id/organisation/{key}")
    place, areas = register.town(region.value, country)
    figures = list(_figures(seen, row, key, body))
    first = seen.names.setdefault(key, name.value)
    others = [name, *_transliterated(row)]
    says = [*register.introduces(body, Literal(first), (other for other in others if other.value != first)), (SPATIAL, place)]
    return [Block(body, says), *areas, *figures]


def _transliterated(row: Row) -> Iterator[Literal]:
    if row["Transliterated Name"]:
        yield Literal(values.text("Transliterated Name", row["Transliterated Name"]))


def _figures(seen: Beneficiaries, row: Row, key: str, body: NamedNode) -> Iterator[Block]:
    """The figures that a row has; rows of one name in one region are numbered from the second on."""
    stem = f"{key}-{values.slug(row['Region'])}"
    terms = [(column, indicator, unit, _number(column, row[column], unit)) for column, indicator, unit in FIGURES if row[column]]
    seen.rows[stem] += 1
    if seen.rows[stem] > 1:
        stem = f"{stem}-{seen.rows[stem]}"
    for column, indicator, unit, value in terms:
        yield seen.register.observation(f"id/observation/{stem}-{indicator}", f"{column} of {_name(row)}, {row['Region']}",
                                        body, indicator, unit, EDITION, value, SLUG)


def _number(column: str, value: str, unit: str) -> Literal:
    return values.decimal(column, value) if unit == "euro" else values.integer(column, value)


IMPORTER = Importer(
    "kohesio", "beneficiaries of Kohesio by country and region (TSV export)",
    Origin(SLUG, "Beneficiaries of the cohesion funds, January 2023", "Kohesio, European Commission",
           "kohesio-data-export.tsv in github.com/zachz3394/kohesio-beneficiaries-exporter, of January 2023",
           "The export is under the MIT licence; it states none for the data, which are the European Commission's."), read)

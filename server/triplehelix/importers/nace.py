"""NACE, the European classification of economic activities: Rev. 2 in many languages, and Rev. 2.1."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from triplehelix.findings import fault
from triplehelix.importers import known
from triplehelix.importers.classifications import RDF_TYPE, RDFS_LABEL, SKOS, Activities, Scheme, link, text, wanted
from triplehelix.importers.lines import read_lines
from triplehelix.importers.lookups import NOTATION
from triplehelix.importers.model import Block, Importer, Origin, Refused, Run
from triplehelix.importers.tables import Row, read_csv
from triplehelix.importers.values import name

EU = "http://data.europa.eu/ux2/"
LEVELS = tuple(map(re.compile, ("[A-Z]", r"\d\d", r"\d\d\.\d", r"\d\d\.\d\d")))
# The columns of code, name, language, code above and level in each layout; "" where it has none.
LABELS = ("code", "label", "lang", "", "level")
CURTAILED = ("code", "name", "", "parentCode", "level")
STRUCTURE = ("CODE", "HEADING", "", "PARENT_CODE", "")
NATIONAL = "5"
# A file that was saved in ASCII has a question mark for the apostrophe after a plural.
LOST_APOSTROPHE = re.compile(r"(?<=s)\?(?= [a-z])")


def read(path: Path, run: Run) -> Iterator[Block]:
    """The codes of one revision, which has a section V from Rev. 2.1 on.

    The layouts: a table of labels by language; the structure with explanatory notes that Eurostat offers (tabs); and
    a list parted by semicolons that adds a national level, whose rows are refused.
    """
    rows, layout = _table(path)
    activities, section = Activities(LEVELS), ""
    for row in rows:
        run.take()
        if len(row[layout[0]]) == 1:
            section = row[layout[0]]
        try:
            _take(run, activities, row, layout, section)
        except Refused as refused:
            run.refuse(row.line, refused)
    scheme = _scheme(run.lookups.project.base, "2.1" if "V" in activities.parents else "2")
    yield from activities.described(path, scheme)
    for code in activities.parents:
        yield Block(scheme.concept(code), [link(SKOS + "exactMatch", f"{EU}{scheme.name}/{code.replace('.', '')}")])
    if scheme.name == "nace2.1":
        yield from _mapped(run, _scheme(scheme.base, "2"), scheme, activities)


def _take(run: Run, activities: Activities, row: Row, layout: tuple[str, ...], section: str) -> None:
    """Keep the activity of a row, or pass it over. In a table of labels divisions follow their section."""
    column, named, lang, above, level = layout
    code = row[column]
    if level and row[level] == NATIONAL:
        raise Refused(level, NATIONAL, "is no level of NACE: the file adds a national one")
    number = activities.level(column, code)
    if level and row[level] != str(number):
        raise Refused(level, row[level], f"is not the level of {code}, which is {number}")
    if not wanted(run, code):
        run.pass_over()
        return
    written = LOST_APOSTROPHE.sub("’", row[named])
    activities.add(column, code, row[above] if above else section, name(named, written, _language(lang, row)))
    run.keep()


def _language(column: str, row: Row) -> str:
    if column and not re.fullmatch("[a-z]{2}", row[column]):
        raise Refused(column, row[column], "is no language: two small letters")
    return row[column] if column else "en"


def _mapped(run: Run, old: Scheme, new: Scheme, activities: Activities) -> Iterator[Block]:
    """The activities of Rev. 2 that have code and English name (but for case and apostrophe) in Rev. 2.1, too.

    There is no table of correspondence in reach; that the contents are the same is not said by this.
    """
    for code, written in sorted(_english(run).items()):
        if _folded(written) != _folded(getattr(activities.names.get(code, {}).get("en"), "value", "")):
            continue
        own, (one, other) = f"{new.base}ns#", (old.concept(code), new.concept(code))
        yield Block(one, [(NamedNode(SKOS + "closeMatch"), other)])
        yield Block(NamedNode(f"{new.base}id/field-mapping/nace2-to-nace2.1-{code}"), [
            link(RDF_TYPE, own + "FieldMapping"), text(RDFS_LABEL, f"{old.title} {code} to {new.title} {code}"),
            (NamedNode(own + "from"), one), (NamedNode(own + "to"), other),
            link(own + "madeBy", f"{new.base}scheme/mapping-maker/curator"),
            (NamedNode(own + "vintage"), Literal("2.1"))])


def _english(run: Run) -> dict[str, str]:
    """Code to English name of the activities of Rev. 2, where the project has them."""
    found = {}
    for said in known.concepts(run.lookups, "nace2").values():
        for label in said.get(known.PREF_LABEL, ()):
            if label.language == "en" and said.get(NOTATION):
                found[said[NOTATION][0].value] = label.value
    return found


def _folded(written: str) -> str:
    return written.replace("’", "'").casefold()


def _table(path: Path) -> tuple[Iterator[Row], tuple[str, ...]]:
    """The rows of the file, and its columns."""
    with path.open("rb") as file:
        first = file.readline(1000)
    if b"parentCode" in first:
        return _curtailed(path), CURTAILED
    layout, delimiter = (STRUCTURE, "\t") if b"PARENT_CODE" in first else (LABELS, ",")
    return read_csv(path, [column for column in layout if column], delimiter), layout


def _curtailed(path: Path) -> Iterator[Row]:
    """The rows of a list that leaves out its two last columns, the dates of validity, wherever they are empty."""
    reader = csv.reader(read_lines(path), delimiter=";", strict=True)
    try:
        header = next(reader)
        if missing := [column for column in CURTAILED if column and column not in header]:
            raise fault(path, f"the header lacks {', '.join(missing)}; it has: {', '.join(header)}", 1)
        for cells in reader:
            if len(cells) not in (len(header), len(header) - 2):
                raise fault(path, f"the row has {len(cells)} cells, the header has {len(header)}", reader.line_num)
            yield Row(reader.line_num, dict(zip(header, map(str.strip, cells))))
    except csv.Error as error:
        raise fault(path, f"not CSV: {error}", reader.line_num) from error


def _scheme(base: str, revision: str) -> Scheme:
    """The scheme of a revision."""
    notes = {"2": ("Names are in the official languages of the European Union, as far as the table of labels has them; those of "
                   "sections are in capitals there.",),
             "2.1": ("Names are in English. Where the file has a question mark for an apostrophe, the apostrophe stands here.",
                     "An activity with code and name of Rev. 2 is its close match, by a mapping of the curators; what was split "
                     "or merged between the revisions is not known here, for want of a table of correspondence.")}
    return Scheme(base, f"nace{revision}", f"NACE Rev. {revision}",
                  f"Economic activities of the European classification NACE in its revision {revision}: sections, divisions, "
                  "groups and classes, with Eurostat's codes.", ORIGIN.slug, notes[revision])


ORIGIN = Origin(
    "eurostat-nace", "NACE: codes and names of economic activities", "Eurostat",
    "Rev. 2: exports of RAMON in 23 languages, as carried by the Python package odoo14-addon-l10n-eu-nace; "
    "Rev. 2.1: nacecodes.csv of the Python package naceconverter 1.0.1",
    "Reuse with source.")
IMPORTER = Importer("nace", "NACE Rev. 2 or Rev. 2.1, as a table of labels or as Eurostat's structure with tabs", ORIGIN, read)

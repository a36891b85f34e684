"""CSVW: the metadata beside the tables (Metadata Vocabulary for Tabular Data), and what a person is told about them.

One file describes all tables; readers find it by its name (Model for Tabular Data, section 5.3).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from triplehelix.build.cells import Field
from triplehelix.build.head import line
from triplehelix.build.record import Record
from triplehelix.description.shapes import unique
from triplehelix.description.vocabulary import XSD

if TYPE_CHECKING:
    from triplehelix.build.tables import Sheet

CONTEXT = "http://www.w3.org/ns/csvw"
KEY, LABEL = "iri", "label"
# The datatypes of XML Schema that CSVW has by their names (Metadata Vocabulary, section 5.11.1).
BUILT_IN = frozenset((
    "anyURI", "base64Binary", "boolean", "byte", "date", "dateTime", "dateTimeStamp", "dayTimeDuration", "decimal",
    "double", "duration", "float", "gDay", "gMonth", "gMonthDay", "gYear", "gYearMonth", "hexBinary", "int", "integer",
    "language", "long", "Name", "negativeInteger", "NMTOKEN", "nonNegativeInteger", "nonPositiveInteger",
    "normalizedString", "positiveInteger", "QName", "short", "string", "time", "token", "unsignedByte", "unsignedInt",
    "unsignedLong", "unsignedShort", "yearMonthDuration"))
NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")
CELLS = """\
One row is one thing: its IRI is in the column iri, its best name in the column label. A cell may hold several values:
csv-metadata.json says for each column by which mark they are separated, of which datatype or language they are, and which
property the column is. A column whose title ends in (name) has the names of what the column before it leads to; (en), (fr) and
so on are languages.

A cell that begins with = + - @, a tab or a line break would be run by a spreadsheet as a formula. If it is text it has an
apostrophe before it, and so has a cell that begins with apostrophes and then one of these: take one apostrophe off again to
have the value. Numbers and dates stand as they are. The files are UTF-8, with commas between cells (RFC 4180).
"""


def metadata(record: Record, sheets: Sequence[Sheet]) -> bytes:
    """The file CSVW: a table group with all tables."""
    about = {"dc:title": record.title, "dc:identifier": record.iri, "dc:hasVersion": record.version,
             "dc:bibliographicCitation": record.citation}
    if record.license:
        about["dc:license"] = {"@id": record.license}
    group = {"@context": CONTEXT, **about, "rdfs:comment": CELLS, "tables": [_table(sheet) for sheet in sheets]}
    return (json.dumps(group, ensure_ascii=False, indent=1) + "\n").encode()


def readme(record: Record) -> str:
    """README.txt: what the tables are, on what terms, and how their cells are to be read."""
    licence = [f"Licence: {record.license}"] if record.license else []
    told = [record.title, f"Tables of the release {record.version}: one for each kind of thing.", *licence,
            f"Cite as: {record.citation}"]
    return "\n".join([*map(line, told), "", CELLS])


def _table(sheet: Sheet) -> dict[str, object]:
    taken = {KEY, LABEL}
    columns = [{"name": KEY, "titles": KEY, "datatype": "anyURI", "required": True, "suppressOutput": True},
               {"name": LABEL, "titles": LABEL, "datatype": "string", "suppressOutput": True}]
    columns += [_column(each, unique(_name(each.title), taken, "{}_{}")) for each in sheet.fields]
    told = {"dc:title": sheet.table.title, "dc:description": sheet.table.description, "dc:conformsTo": {"@id": sheet.table.shape},
            "void:entities": sheet.rows}
    schema = {"columns": columns, "primaryKey": KEY, "aboutUrl": f"{{+{KEY}}}"}
    return {"url": sheet.file, **{name: value for name, value in told.items() if value}, "tableSchema": schema}


def _column(field: Field, name: str) -> dict[str, object]:
    column: dict[str, object] = {"name": name, "titles": field.title, "datatype": _datatype(field.datatype)}
    if field.mark:
        column["separator"] = field.mark
    if field.language:
        column["lang"] = field.language
    if field.column.description:
        column["dc:description"] = field.column.description
    if field.kind == "name" or len(field.column.predicates) > 1:
        return {**column, "suppressOutput": True}
    column["propertyUrl"] = field.column.predicates[0]
    return {**column, "valueUrl": f"{{+{name}}}"} if field.leads else column


def _datatype(iri: str) -> str | dict[str, str]:
    """The name of a datatype that CSVW has, else text with its IRI."""
    name = iri.removeprefix(XSD)
    return name if name in BUILT_IN else {"@id": iri, "base": "string"}


def _name(title: str) -> str:
    """A title as the name of a variable in the letters that need no escape."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return NOT_IN_A_NAME.sub("_", plain).strip("_") or "column"

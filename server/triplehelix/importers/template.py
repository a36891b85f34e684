"""A table to fill in: header from the shape of the thing, one example row, and in a workbook the allowed codes beside it.

What is filled in comes back through `csvmap` by the map of the same kind (docs/add-data.md).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import NamedNode, Triple

from triplehelix import sources
from triplehelix.findings import fault
from triplehelix.importers import known, mapping
from triplehelix.importers.columns import PREF_LABEL, Compiler
from triplehelix.importers.csvmap import WORKBOOK
from triplehelix.importers.lookups import NOTATION, Lookups
from triplehelix.importers.mapping import Column, Map
from triplehelix.importers.model import Run
from triplehelix.project import Project

SH = "http://www.w3.org/ns/shacl#"
# What can be made new, and the map that its table is read by.
KINDS = {"organisation": "sheet"}
CODES = "Codes"


def new(project: Project, kind: str, target: Path) -> Path:
    """Write the table of a kind of thing to `target`, a .csv or .xlsx file that must not be there yet.

    Raises Faulty for an unknown kind or ending, or a file that is there.
    """
    if kind not in KINDS:
        raise fault(kind, f"there is no template of that name; there are: {', '.join(sorted(KINDS))}")
    if target.suffix.lower() not in (".csv", WORKBOOK):
        raise fault(target, f"a template is a .csv or a {WORKBOOK} file")
    if target.exists():
        raise fault(target, "is there already: it may hold your work; give another name")
    table = mapping.load(Path(KINDS[kind]))
    columns = ordered(project, table)
    rows = [[name for name, _ in columns], [example for _, example in columns]]
    if target.suffix.lower() == WORKBOOK:
        _write_workbook(target, table.sheet, rows, list(_codes(project, table)))
    else:
        with target.open("w", encoding=table.encoding, newline="") as file:
            csv.writer(file, delimiter=table.delimiter).writerows(rows)
    return target


def ordered(project: Project, table: Map) -> list[tuple[str, str]]:
    """The columns, (name, example): the key, those of the shape in its order, then the map's others with their dates."""
    compiler = Compiler(table, Run(table.path, Lookups(project)))
    paths = {c.name: compiler.term(c.get("property"), c.line) for c in table.columns if "property" in c.says}
    order = shape_order(project, table.shape)
    shaped = sorted((c for c in table.columns if paths.get(c.name) in order), key=lambda c: order[paths[c.name]])
    others = [column for column in table.columns if column not in shaped]
    dates = dict.fromkeys(column.get("as_of_column") for column in others if column.get("as_of_column"))
    return [(str(table.subject["column"]), str(table.subject.get("example", ""))),
            *((column.name, column.get("example")) for column in (*shaped, *others)), *((name, "2024-12-31") for name in dates)]


def shape_order(project: Project, shape: str) -> dict[NamedNode, tuple]:
    """Each property of a node shape with what it sorts by: the order of its group, then its own (SHACL section 2.3.2)."""
    triples = [t for graph in sources.read(project, [s for s in project.sources if s.part == "service"]) for t in graph.triples]
    orders = {t.subject: float(t.object.value) for t in triples if t.predicate.value == SH + "order"}
    groups, paths = _objects(triples, "group"), _objects(triples, "path")
    own = [t.object for t in triples if t.predicate.value == SH + "property" and t.subject.value == project.base + shape]
    return {paths[node]: (orders.get(groups.get(node), 0), orders.get(node, 0), node.value)
            for node in own if isinstance(paths.get(node), NamedNode)}


def _objects(triples: list[Triple], name: str) -> dict:
    return {t.subject: t.object for t in triples if t.predicate.value == SH + name}


def _codes(project: Project, table: Map) -> Iterator[list[str]]:
    """(column, code, meaning) of every code that a column allows."""
    lookups = Lookups(project)
    for column in table.columns:
        if column.type == "code":
            yield from _codes_of(lookups, column)


def _codes_of(lookups: Lookups, column: Column) -> Iterator[list[str]]:
    for said in known.concepts(lookups, column.get("scheme")).values():
        labels = sorted(said.get(PREF_LABEL, ()), key=lambda label: (label.language != "en", label.language or ""))
        for notation in said.get(NOTATION, ()):
            yield [column.name, notation.value, labels[0].value if labels else ""]


def _write_workbook(target: Path, sheet: str, rows: list[list[str]], codes: list[list[str]]) -> None:
    from openpyxl import Workbook
    book = Workbook()
    data, allowed = book.active, book.create_sheet(CODES)
    data.title = sheet
    for row in rows:
        data.append(row)
    for row in [["column", "code", "meaning"], *codes]:
        allowed.append(row)
    for page in (data, allowed):
        page.freeze_panes = "A2"
        for cells in page.columns:
            page.column_dimensions[cells[0].column_letter].width = min(40, 4 + max(len(str(cell.value or "")) for cell in cells))
    for cells in data.iter_rows():
        for cell in cells:
            cell.number_format = "@"
    book.save(target)

"""Importers: a source's own file becomes one named graph, data/sources/<name>.ttl, with the provenance of the run.

One file an importer; the table below is all that knows them by name.
"""

from __future__ import annotations

import hashlib
import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from triplehelix import releases
from triplehelix.findings import Faulty, Finding, fault
from triplehelix.importers.lookups import Lookups
from triplehelix.importers.model import Block, Importer, Run, Statement
from triplehelix.importers.writing import write
from triplehelix.project import Project
from triplehelix.turtle import Writer

# Name to module; each module has IMPORTER, a row of the table in full.
MODULES = {
    "bcd": "bcd", "bibtex": "bibtex", "cordis": "cordis", "csl": "csl", "csvmap": "csvmap", "czech-bodies": "czech_bodies",
    "isic": "isic", "kohesio": "kohesio", "labels": "labels", "nace": "nace", "nuts": "nuts", "references": "references",
    "ris3": "ris3", "ror": "ror",
}
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
DCTERMS = "http://purl.org/dc/terms/"
PROV = "http://www.w3.org/ns/prov#"
VOID_DATASET = "http://rdfs.org/ns/void#Dataset"
FOAF_DOCUMENT = "http://xmlns.com/foaf/0.1/Document"
XSD_DATE = "http://www.w3.org/2001/XMLSchema#date"
RETRIEVED = re.compile(r'retrievedOn "(\d{4}-\d{2}-\d{2})"')
CC_BY = "http://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True)
class Order:
    """What is to be imported: the importer's name, the file, where to, which rows, by which map, and of which day.

    `target` is data/sources/<name>.ttl by default. `wanted` keeps the rows of these identifiers only. `retrieved` is the
    day the file was had from its source: a file imported again keeps its day, a new one is of today.
    """

    name: str
    file: Path
    target: Path | None = None
    wanted: frozenset[str] | None = None
    mapping: Path | None = None
    retrieved: date | None = None


@dataclass(frozen=True)
class Imported:
    """What an import has written, and its run with the counts."""

    target: Path
    run: Run


def importer(name: str, mapping: Path | None = None) -> Importer:
    """The importer of that name; csvmap's is made by its map. Raises Faulty naming those there are."""
    if name not in MODULES:
        raise fault(name, f"there is no importer of that name; there are: {', '.join(sorted(MODULES))}")
    module = importlib.import_module(f"triplehelix.importers.{MODULES[name]}")
    return module.mapped(mapping) if name == "csvmap" else module.IMPORTER


def read_selection(path: Path | None) -> frozenset[str] | None:
    """The identifiers of a selection, one a line; what follows a # is a remark. None where there is no selection."""
    if path is None:
        return None
    if not path.is_file():
        raise fault(path, "there is no such file")
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return frozenset(filter(None, lines))


def import_file(project: Project, order: Order, report: Callable[[Finding], None] = lambda _: None,
                step: Callable[[str], None] = lambda _: None) -> Imported:
    """Import one file of a source, whole or not at all; rows that are refused are told to `report`.

    Raises Faulty where the file is not what the source promises.
    """
    kind = importer(order.name, order.mapping)
    stem = order.mapping.stem if order.mapping else order.name
    target = order.target or project.root / "data" / "sources" / f"{stem}.ttl"
    if not order.file.exists():
        raise fault(order.file, "there is no such file")
    own = target.relative_to(project.root).as_posix() if target.is_relative_to(project.root) else str(target)
    run = Run(order.file, Lookups(project, frozenset({own})), order.wanted, report=report, step=step)
    checksum = _checksum(order.file)
    day = order.retrieved or _known_day(target, checksum) or date.today()
    blocks = _with_provenance(project, kind, run, target, checksum, day)
    write(target, blocks, Writer(project.base, project.prefixes))
    return Imported(target, run)


def _with_provenance(project: Project, kind: Importer, run: Run, target: Path, checksum: str, day: date) -> Iterator[Block]:
    """The importer's blocks; behind them, when the rows are counted, graph, source and activity."""
    yield from kind.read(run.path, run)
    if not run.rows_out:
        raise Faulty([Finding(str(run.path), 0, "", f"none of the {run.rows_in} rows was taken: nothing is written")])
    graph, source, activity = (f"{project.base}{part}" for part in (
        f"graph/{_place(project, target)}", f"id/source/{kind.origin.slug}", f"id/activity/import-{target.stem}"))
    yield Block(NamedNode(graph), list(_graph(project, kind, source, activity, day)))
    yield Block(NamedNode(source), list(_source(project, kind, day)))
    yield Block(NamedNode(activity), list(_activity(project, kind, run, source, checksum, day)))


def _place(project: Project, target: Path) -> str:
    """The graph's name after graph/: the file's place below data/, as `check` wants it; elsewhere sources/<name>."""
    room, whole = (project.root / "data").resolve(), target.resolve()
    below = whole.relative_to(room) if whole.is_relative_to(room) else Path("sources", target.name)
    return below.with_suffix("").as_posix()


def _graph(project: Project, kind: Importer, source: str, activity: str, day: date) -> Iterator[Statement]:
    yield _link(RDF_TYPE, VOID_DATASET)
    yield _text(RDFS_LABEL, kind.origin.title)
    yield _text(DCTERMS + "title", kind.origin.title)
    yield _text(DCTERMS + "description", f"Imported by the importer {kind.name}: {kind.reads}.")
    yield _link(DCTERMS + "source", source)
    yield _link(DCTERMS + "license", CC_BY)
    yield _link(PROV + "wasGeneratedBy", activity)
    yield _day(f"{project.base}ns#retrievedOn", day)


def _source(project: Project, kind: Importer, day: date) -> Iterator[Statement]:
    yield _link(RDF_TYPE, PROV + "Entity")
    yield _link(RDF_TYPE, FOAF_DOCUMENT)
    yield _text(RDFS_LABEL, f"{kind.origin.publisher}: {kind.origin.title}")
    yield _plain(f"{project.base}ns#locator", kind.origin.locator)
    yield _text(DCTERMS + "rights", kind.origin.rights)
    yield _day(f"{project.base}ns#retrievedOn", day)


def _activity(project: Project, kind: Importer, run: Run, source: str, checksum: str, day: date) -> Iterator[Statement]:
    """The run: what it used, and what became of its rows."""
    yield _link(RDF_TYPE, PROV + "Activity")
    yield _text(RDFS_LABEL, f"Import of {kind.origin.title}")
    yield _day(DCTERMS + "date", day)
    yield _link(PROV + "used", source)
    yield _plain(f"{project.base}ns#fileName", run.path.name)
    yield _plain(f"{project.base}ns#fileChecksum", checksum)
    for name, count in (("rowsIn", run.rows_in), ("rowsOut", run.rows_out), ("rowsRefused", run.refusals.total()),
                        ("rowsPassedOver", run.passed_over)):
        yield NamedNode(f"{project.base}ns#{name}"), Literal(count)
    for rule, count in sorted(run.refusals.items()):
        yield _text(f"{project.base}ns#refusal", f"{count} x {rule}")


def _checksum(path: Path) -> str:
    """SHA-256 of a file; of a folder, over the names and checksums of its files."""
    if path.is_file():
        return releases.sha256(path)
    inside = (file for file in sorted(path.rglob("*")) if file.is_file())
    rows = (f"{releases.sha256(file)}  {file.relative_to(path).as_posix()}\n" for file in inside)
    return hashlib.sha256("".join(rows).encode()).hexdigest()


def _known_day(target: Path, checksum: str) -> date | None:
    """The retrieval date that an earlier import of the very same file has written; line by line, for it may be long."""
    if not target.is_file():
        return None
    day = None
    with target.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            # The graph's own record stands first in a canonical file.
            if day is None and (found := RETRIEVED.search(line)):
                day = date.fromisoformat(found[1])
            if f'"{checksum}"' in line:
                return day
    return None


def _link(predicate: str, target: str) -> Statement:
    return NamedNode(predicate), NamedNode(target)


def _text(predicate: str, value: str) -> Statement:
    return NamedNode(predicate), Literal(value, language="en")


def _plain(predicate: str, value: str) -> Statement:
    return NamedNode(predicate), Literal(value)


def _day(predicate: str, day: date) -> Statement:
    return NamedNode(predicate), Literal(day.isoformat(), datatype=NamedNode(XSD_DATE))

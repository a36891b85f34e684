"""What a release holds: each named graph as a file of sorted N-Triples, and the version that all of them give."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, RdfFormat

from triplehelix import sources, store
from triplehelix.build import executables, lines
from triplehelix.build.hands import ALONE, Hands
from triplehelix.build.infer import infer
from triplehelix.build.rebase import rebase
from triplehelix.build.sorting import ordered, unique
from triplehelix.findings import fault
from triplehelix.project import TURTLE, Project, Source

NEWEST_DATE = "queries/pages/newest-date.rq"
INFERRED = "graph/inferred"
# What queries are asked of is held in memory up to so many statements, a kilobyte and a half for each.
IN_MEMORY = 200_000


@dataclass
class Content:
    """The named graphs of a release at one base: files of N-Triples in the order of their bytes, each statement once.

    `parts` has how each graph (IRI) takes part: "dataset" (the inferred graph too), "apart" or "service"; `counts` its triples,
    `merged` those of the merge of the dataset.
    """

    base: str
    folder: Path
    parts: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    merged: int = 0

    def file(self, graph: str) -> Path:
        return self.folder / f"{graph.removeprefix(self.base)}.nt"

    @property
    def whole(self) -> Path:
        """All quads of the dataset and of what stands apart, sorted; where the content is that of a release."""
        return self.folder / "dataset.nq"

    @property
    def merge(self) -> Path:
        """The merge of the dataset, sorted; as `whole`."""
        return self.folder / "dataset.nt"

    def quads_file(self, graph: str) -> Path:
        """The same as N-Quads; as `whole`."""
        file = self.file(graph)
        return file.with_name(f"{file.stem}.nq")

    def take(self, graph: str, part: str, count: int) -> None:
        """Take up a graph whose file is written; one that says nothing is none."""
        if count:
            self.parts[graph], self.counts[graph] = part, count
        else:
            self.file(graph).unlink()

    def graphs(self, *parts: str) -> list[str]:
        """The graphs that take part in one of these ways, sorted."""
        return sorted(graph for graph, part in self.parts.items() if part in parts)

    def statements(self, *parts: str) -> int:
        """The sum over those graphs."""
        return sum(self.counts[graph] for graph in self.graphs(*parts))

    def quads(self, *parts: str) -> Iterator[bytes]:
        """Their statements as lines of N-Quads, graph by graph."""
        return (line for graph in self.graphs(*parts) for line in lines.named(lines.read(self.file(graph)), graph))


def content(project: Project, folder: Path, hands: Hands = ALONE) -> tuple[Content, store.Store]:
    """The content of a release of a project that was found sound, at the canonical base; and a store that knows it, the merge
    of the dataset as its default graph. Both stand in `folder`. Raises Faulty."""
    held = Content(project.base, folder)
    files = [source for source in project.sources if source.part != "service"]
    tasks = ((source, project.base, held.file(source.graph)) for source in files)
    for source, count in zip(files, hands.each(_write_source, tasks), strict=True):
        held.take(source.graph, source.part, count)
    known = _known(held)
    graph = held.base + INFERRED
    held.take(graph, "dataset", lines.write(held.file(graph), infer(project, known, folder)))
    if graph in held.parts:
        known.bulk_load(path=held.file(graph), format=RdfFormat.N_TRIPLES, to_graph=NamedNode(graph))
    _write_service(project, held, known)
    return held, known


def _write_source(source: Source, base: str, file: Path) -> int:
    """The triples of a source, sorted, as a file; how many. Raises Faulty where it cannot be read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    said = lines.parsed(source.path, TURTLE.engine, base, file.parent)
    try:
        return lines.write(file, unique(ordered(said, file.parent)))
    except SyntaxError as error:
        raise fault(source.name, f"cannot be read: {error.msg}", error.lineno or 0) from error


def _known(held: Content) -> store.Store:
    """A store with the named graphs, and the merge of the dataset as default graph: all in one load, of which each takes time."""
    small = held.statements("dataset", "apart") <= IN_MEMORY
    known = store.Store() if small else store.Store(held.folder / "store")
    merge = (line for graph in held.graphs("dataset") for line in lines.read(held.file(graph)))
    store.load(known, chain(held.quads("dataset", "apart"), merge), held.folder)
    return known


def _write_service(project: Project, held: Content, known: store.Store) -> None:
    """Shapes and queries: as large as the software, not as the data; so they alone may have blank nodes, named by RDFC-1.0."""
    shapes = sources.read(project, [source for source in project.sources if source.part == "service"])
    said = Dataset(quad for graph in shapes for quad in graph.quads)
    said.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    found: dict[str, set[bytes]] = {}
    for quad in (*said, *executables.describe(project, known)):
        found.setdefault(quad.graph_name.value, set()).add(f"{quad.triple} .\n".encode())
    for graph, triples in found.items():
        held.take(graph, "service", lines.write(held.file(graph), sorted(triples)))


def dates(project: Project, held: Content, known: store.Store) -> dict[str, str]:
    """Named graph (IRI) to the newest date it states, as queries/pages/newest-date.rq finds them. Raises Faulty without one."""
    path = project.root / NEWEST_DATE
    if not path.is_file():
        raise fault(NEWEST_DATE, "missing: a release is dated by the answer of this query")
    rows = list(store.rows(known, path.read_text(encoding="utf-8"), project.base))
    if any(not {"graph", "date"} <= set(row) for row in rows):
        raise fault(NEWEST_DATE, "the query selects ?graph and ?date, bound in each row", 1)
    found = {row["graph"].value: row["date"].value for row in rows}
    if found.keys().isdisjoint(held.graphs("dataset")):
        raise fault(NEWEST_DATE, "no graph states a date of retrieval or modification: a release is dated by its data")
    return found


def version(held: Content, dated: dict[str, str]) -> str:
    """`<YYYY-MM-DD>-<12 hex>`: the newest date of the dataset, and a SHA-256 over sorted canonical N-Quads (RDFC-1.0: a graph
    without blank nodes is in that form already)."""
    digest = hashlib.sha256()
    for line in ordered(held.quads("dataset", "apart"), held.folder):
        digest.update(line)
    return f"{max(dated[graph] for graph in held.graphs('dataset') if graph in dated)}-{digest.hexdigest()[:12]}"


def moved(held: Content, base: str, folder: Path, hands: Hands) -> Content:
    """The same content at another base, in another folder."""
    result = Content(base, folder)
    moves = [(graph, base + graph.removeprefix(held.base)) for graph in held.parts]
    tasks = ((held.file(old), held.base, Content(base, folder), new) for old, new in moves)
    for (old, new), count in zip(moves, hands.each(_move, tasks), strict=True):
        result.take(new, held.parts[old], count)
    return result


def _move(source: Path, old: str, target: Content, graph: str) -> int:
    """A file at another base, sorted again, as N-Triples and as N-Quads; how many triples."""
    file = target.file(graph)
    file.parent.mkdir(parents=True, exist_ok=True)
    lines.write(file, unique(ordered(map(rebase(old, target.base), lines.read(source)), file.parent)))
    return lines.write(target.quads_file(graph), lines.named(lines.read(file), graph))

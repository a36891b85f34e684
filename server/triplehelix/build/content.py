"""What a release holds: all quads by the part they take, with blank nodes in canonical form, and the version they give."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad

from triplehelix import store
from triplehelix.build import executables
from triplehelix.build.infer import infer
from triplehelix.findings import fault
from triplehelix.project import Project
from triplehelix.sources import Graph

NEWEST_DATE = "queries/pages/newest-date.rq"


@dataclass(frozen=True)
class Content:
    """Quads in their named graphs: the dataset (with the inferred graph), what stands apart, the service graphs."""

    dataset: list[Quad]
    apart: list[Quad]
    service: list[Quad]

    def map(self, function: Callable[[Quad], Quad]) -> Content:
        return Content(*([function(q) for q in quads] for quads in (self.dataset, self.apart, self.service)))

    def graphs(self) -> dict[str, tuple[str, list[Quad]]]:
        """Graph IRI to (part, its quads), sorted by IRI."""
        found: dict[str, tuple[str, list[Quad]]] = {}
        for part, quads in (("dataset", self.dataset), ("apart", self.apart), ("service", self.service)):
            for quad in quads:
                found.setdefault(quad.graph_name.value, (part, []))[1].append(quad)
        return dict(sorted(found.items()))


def content(project: Project, graphs: Iterable[Graph]) -> Content:
    """The content of a release of the project, at the canonical base."""
    parts: dict[str, list[Quad]] = {"dataset": [], "apart": [], "service": []}
    for graph in graphs:
        parts[graph.source.part].extend(graph.quads)
    parts["dataset"].extend(infer(project, parts["dataset"]))
    known = store.memory(parts["dataset"])
    known.extend(parts["apart"])
    parts["service"].extend(executables.describe(project, known))
    return Content(*(_canonical(quads) for quads in parts.values()))


def dates(project: Project, held: Content) -> dict[str, str]:
    """Named graph (IRI) to the newest date it states, as queries/pages/newest-date.rq finds them. Raises Faulty without one."""
    path = project.root / NEWEST_DATE
    if not path.is_file():
        raise fault(NEWEST_DATE, "missing: a release is dated by the answer of this query")
    known = store.Store()
    known.extend([*held.dataset, *held.apart])
    rows = list(store.rows(known, path.read_text(encoding="utf-8"), project.base))
    if any(not {"graph", "date"} <= set(row) for row in rows):
        raise fault(NEWEST_DATE, "the query selects ?graph and ?date, bound in each row", 1)
    found = {row["graph"].value: row["date"].value for row in rows}
    if found.keys().isdisjoint(q.graph_name.value for q in held.dataset):
        raise fault(NEWEST_DATE, "no graph states a date of retrieval or modification: a release is dated by its data")
    return found


def version(held: Content, dated: dict[str, str]) -> str:
    """`<YYYY-MM-DD>-<12 hex>`: the newest date of the dataset, and a SHA-256 over sorted canonical N-Quads (RDFC-1.0)."""
    lines = sorted(f"{quad} .\n" for quad in (*held.dataset, *held.apart))
    digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    graphs = {quad.graph_name.value for quad in held.dataset}
    return f"{max(date for graph, date in dated.items() if graph in graphs)}-{digest[:12]}"


def _canonical(quads: list[Quad]) -> list[Quad]:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(dataset, key=str)

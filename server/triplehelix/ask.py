"""Asking a named query, or a .rq file, of a release on this machine or of an endpoint elsewhere."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from triplehelix import project, queries, releases
from triplehelix.engine import Dataset, Engine, Limits, QueryError, start_room
from triplehelix.engine import Query as EngineQuery
from triplehelix.engine.remote import RemoteEndpoint
from triplehelix.findings import fault
from triplehelix.formats import DATASET, GRAPH, RESULTS, by_name

# One question is answered before a copy in memory would be ready.
LIMITS = Limits(memory_triples=0)


def answer(name: str, values: Iterable[str], fmt: str, folder: Path | None, endpoint: str | None = None,
           home: Path | None = None) -> bytes:
    """The answer of the query `name` (slug or path of a .rq file) in the format of that name.

    Asks the endpoint where one is given, else the current release in `folder`. `values` are "name=value" for the
    query's parameters. Raises Faulty for an unknown query, parameter or format, and for a query that cannot be answered.
    """
    asked = _query(name, folder, home)
    if by_name(fmt, (*RESULTS, *GRAPH, *DATASET)) is None:
        raise fault(name, f"there is no format {fmt}; there are {', '.join(f.name for f in (*RESULTS, *GRAPH, *DATASET))}")
    try:
        text = asked.bound(dict(_pairs(values)))
        with _engine(endpoint) as engine:
            dataset = Dataset("") if endpoint else _dataset(folder)
            return engine.execute(EngineQuery(text, endpoint or dataset.release_base + "sparql", fmt), dataset, LIMITS).body
    except QueryError as error:
        raise fault(name, f"{error.title}: {error.detail}", error.line or 0) from error
    except ValueError as error:
        raise fault(name, str(error)) from error


def _query(name: str, folder: Path | None, home: Path | None) -> queries.Query:
    """The query of a file, of the release, or of the project, in that order."""
    path = Path(name)
    if path.suffix == ".rq":
        if not path.is_file():
            raise fault(path, "there is no such file")
        return queries.read(path) if path.read_text(encoding="utf-8").startswith("#+") else _bare(path)
    room = releases.current(folder) / "queries" if folder else project.find(home).root / "queries"
    known = {path.stem: path for path in room.glob("*.rq")}
    if name not in known:
        raise fault(name, f"there is no query of that name; there are: {', '.join(sorted(known))}")
    return queries.read(known[name])


def _bare(path: Path) -> queries.Query:
    return queries.Query(path.stem, path.stem, "", 0, (), "none", path.read_text(encoding="utf-8"))


def _pairs(values: Iterable[str]) -> Iterator[tuple[str, str]]:
    for value in values:
        name, equals, text = value.partition("=")
        if not equals:
            raise ValueError(f"write a value as name=value, not {value!r}")
        yield name, text


@contextlib.contextmanager
def _engine(endpoint: str | None) -> Iterator[Engine]:
    if endpoint:
        yield RemoteEndpoint(endpoint)
        return
    with tempfile.TemporaryDirectory(prefix="triplehelix-") as folder, start_room(Path(folder) / "engine.sock", LIMITS) as room:
        yield room


def _dataset(folder: Path | None) -> Dataset:
    if folder is None:
        raise ValueError("say where to ask: --releases FOLDER or --endpoint URL")
    release = releases.current(folder)
    return releases.dataset(release, releases.require_whole(release))

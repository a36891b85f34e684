"""What one process of the subject `building` does: `python -m benchmarks.making WHAT FILE FOLDER`.

FILE holds N-Triples; what is made of it stands in FOLDER. `publish` and `check` are of a project, and FILE is its folder.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

from pyoxigraph import RdfFormat

from benchmarks.terms import BASE, PREFIXES
from triplehelix import build, store
from triplehelix.build import dumps, lines, seal
from triplehelix.build.hands import hired
from triplehelix.build.packing import packed
from triplehelix.build.sorting import ordered, unique
from triplehelix.project import Project

STEM, SYNTAXES = "out", ("ttl", "nt")


def dump(file: Path, folder: Path) -> None:
    """Turtle, N-Triples and the .gz of both, as a build writes them."""
    target = folder / f"{STEM}.nt"
    with hired(file.stat().st_size) as hands:
        count = lines.write(target, unique(ordered(lines.parsed(file, RdfFormat.N_TRIPLES, BASE, folder), folder)))
        tasks = [dumps.Task(target.with_suffix(f".{name}"), name, (target,), count, PREFIXES, b"") for name in SYNTAXES]
        list(hands.each(dumps.write_file, ((task,) for task in tasks)))


def rdflib_dump(file: Path, folder: Path) -> None:
    """The same by rdflib."""
    from rdflib import Graph
    graph = Graph().parse(file, format="nt")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    for syntax in SYNTAXES:
        graph.serialize(folder / f"{STEM}.{syntax}", format=syntax, encoding="utf-8")
    pack(file, folder)


def pack(_: Path, folder: Path) -> None:
    """The .gz of Turtle and N-Triples that stand in the folder."""
    for syntax in SYNTAXES:
        plain = folder / f"{STEM}.{syntax}"
        with plain.open("rb") as data, packed(Path(f"{plain}.gz")) as target:
            shutil.copyfileobj(data, target)


def load(file: Path, folder: Path) -> None:
    """A store on disk that can be asked."""
    store.write(folder / "store", lines.parsed(file, RdfFormat.N_TRIPLES, BASE, folder))


def rdflib_load(file: Path, _: Path) -> None:
    """A graph of rdflib in memory."""
    from rdflib import Graph
    Graph().parse(file, format="nt")


def publish(root: Path, folder: Path) -> None:
    """Everything that a build does after its check: from the project's files to a sealed release."""
    project = Project(root)
    with seal.workshop(folder) as aside:
        build.publish(project, build.inputs(project), folder, aside, project.base, _tell)


def judge(root: Path, _: Path) -> None:
    """The check that comes before."""
    from triplehelix import check
    check.check(Project(root), _tell)


def _tell(step: str) -> None:
    print(step, flush=True)


DOES: MappingProxyType[str, Callable[[Path, Path], None]] = MappingProxyType({
    "dump": dump, "rdflib-dump": rdflib_dump, "pack": pack, "load": load, "rdflib-load": rdflib_load, "publish": publish,
    "judge": judge})

if __name__ == "__main__":
    DOES[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))

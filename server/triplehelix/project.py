"""The four folders of a project: where they are, which files they hold, and which named graph each file is.

Knows paths and names only; what the files say is read by `sources`. A project is `ontology/ data/ shapes/ queries/`
side by side; the installed package carries the project's own ontology, shapes and queries as `share/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from triplehelix.findings import fault
from triplehelix.formats import SyntaxFault, by_name, parse

TURTLE = by_name("ttl")
PREFIX_TABLE = Path("ontology/prefixes.ttl")
SH_PREFIX, SH_NAMESPACE = "http://www.w3.org/ns/shacl#prefix", "http://www.w3.org/ns/shacl#namespace"
# Graphs of other rooms and of the release itself; no file of data may take their names.
RESERVED = ("catalogue", "inferred", "ontology", "queries", "shapes")
# Published by name, yet kept out of the default graph, the counts and the inferred graph.
APART = ("data/unverified/", "data/candidates/")


@dataclass(frozen=True)
class Source:
    """One Turtle file: its path below the root, its named graph (canonical IRI), and how that graph takes part.

    `part` is "dataset" (merged into the default graph), "apart" (by name only) or "service" (shapes).
    """

    path: Path
    name: str
    graph: str
    part: str


@dataclass(frozen=True)
class Project:
    """A folder with ontology/, shapes/, queries/ and, unless it is the packaged share, data/."""

    root: Path

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """Every Turtle file of ontology, data and shapes, sorted by name."""
        return tuple(self._source(path) for room in ("data", "ontology", "shapes")
                     for path in sorted((self.root / room).rglob("*.ttl")))

    def _source(self, path: Path) -> Source:
        name = path.relative_to(self.root).as_posix()
        stem = name.removesuffix(".ttl").removeprefix("data/")
        if name.startswith("data/") and stem.partition("/")[0] in RESERVED:
            raise fault(name, f"graph/{stem} is a name of the software's own graphs: call the file otherwise")
        part = "service" if name.startswith("shapes/") else "apart" if name.startswith(APART) else "dataset"
        return Source(path, name, f"{self.base}graph/{stem}", part)

    def queries(self, room: str = "") -> tuple[Path, ...]:
        """The .rq files of queries/ ("" the public ones, else "checks", "pages", "rules"), sorted by name."""
        return tuple(sorted((self.root / "queries" / room).glob("*.rq")))

    @property
    def base(self) -> str:
        """The canonical base IRI in which the sources are written: the base of the prefix table."""
        return self._table[0]

    @property
    def prefixes(self) -> dict[str, str]:
        """Prefix to namespace IRI, as declared in ontology/prefixes.ttl (SHACL section 5.2.1)."""
        return self._table[1]

    @cached_property
    def _table(self) -> tuple[str, dict[str, str]]:
        path = self.root / PREFIX_TABLE
        try:
            parsed = parse(path.read_bytes(), TURTLE, "urn:x-no-base:")
        except SyntaxFault as error:
            raise fault(PREFIX_TABLE, error.message, error.line) from error
        if not (parsed.base or "").startswith("http"):
            raise fault(PREFIX_TABLE, "state the project's base IRI as @base on the first line", 1)
        declared: dict[str, dict[str, str]] = {}
        for quad in parsed.quads:
            declared.setdefault(str(quad.subject), {})[quad.predicate.value] = getattr(quad.object, "value", "")
        return parsed.base, {row[SH_PREFIX]: row[SH_NAMESPACE] for row in declared.values()
                             if SH_PREFIX in row and SH_NAMESPACE in row}


def find(folder: Path | None = None) -> Project:
    """The project at `folder`, else the nearest one at or above the working directory, else the packaged share.

    Raises Faulty where `folder` is given and is not a project.
    """
    if folder is not None:
        return _required(folder)
    here = Path.cwd()
    for candidate in (here, *here.parents):
        if _is_project(candidate):
            return Project(candidate)
    return packaged()


def packaged() -> Project:
    """The ontology, shapes and queries that came with the software: the wheel's share/, or this checkout."""
    share = Path(__file__).parent / "share"
    return Project(share if share.is_dir() else Path(__file__).resolve().parents[2])


def _required(folder: Path) -> Project:
    if not _is_project(folder):
        raise fault(folder, "not a project: it needs ontology/ (with prefixes.ttl), data/, shapes/ and queries/ side by side")
    return Project(folder)


def _is_project(folder: Path) -> bool:
    rooms = ("ontology", "data", "shapes", "queries")
    return (folder / PREFIX_TABLE).is_file() and all((folder / room).is_dir() for room in rooms)

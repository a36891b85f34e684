"""Building: a checked project becomes a sealed release. The one place where authoring and publishing meet.

    check -> infer -> version -> re-base -> store -> dumps -> tables -> catalogue -> views -> resources -> search and
    documents -> gate -> seal -> publish

After the check nothing is held whole: statements go from file to file as sorted lines, and questions are asked of a store.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
from dataclasses import dataclass, replace
from importlib import metadata
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from pyoxigraph import NamedNode, Quad, Triple, parse

import triplehelix
from triplehelix import store
from triplehelix.build import (
    changes,
    diagrams,
    dumps,
    gate,
    lines,
    registry,
    representations,
    resources,
    seal,
    search,
    sums,
    tables,
    views,
)
from triplehelix.build.catalogue import Contents, Part, catalogue
from triplehelix.build.catalogue.counts import counted
from triplehelix.build.content import Content, content, dates, moved, version
from triplehelix.build.hands import Hands, hired
from triplehelix.build.progress import Progress, Step
from triplehelix.build.rebase import rebase_text
from triplehelix.build.record import record
from triplehelix.description.published import Published
from triplehelix.engine.statistics import count
from triplehelix.findings import Faulty, fault
from triplehelix.formats import serialise
from triplehelix.project import TURTLE, Project
from triplehelix.releases import CURRENT, PRUNED, STATISTICS, Manifest, current, day_of, read_manifest, verify
from triplehelix.resources import Resources

CATALOGUE = "graph/catalogue"
BASE = re.compile(r"[^?#]+/")
# What decides the bytes of a release, besides the code in build/ and description/.
WRITERS = ("engine/statistics/__init__", "formats", "jsonld", "letters", "panels", "project", "queries", "releases",
           "representations", "resources", "search", "sources", "store", "views")
REPORT = """@prefix sh: <http://www.w3.org/ns/shacl#> .

<{base}report> a sh:ValidationReport ;
    sh:conforms true .
"""


@dataclass(frozen=True)
class Plan:
    """What a release is to be: of which project, at which base and under which name (`<version>` or `<version>.2`).

    `dates` are the newest that each graph states (graphs at the canonical base), `before` is what the release before knew,
    `follows` its version.
    """

    project: Project
    inputs: str
    base: str
    name: str
    dates: dict[str, str]
    before: Resources
    follows: str | None
    step: Step

    @property
    def prefixes(self) -> dict[str, str]:
        return {prefix: rebase_text(iri, self.project.base, self.base) for prefix, iri in self.project.prefixes.items()}

    @property
    def day(self) -> str:
        """The date of the release."""
        return day_of(self.name)


def build(project: Project, releases: Path, base: str | None = None, step: Step = lambda _: None) -> Path:
    """Build, seal and publish a release of the project at `base` (default: the canonical one); its folder.

    A version that is there already, made of the same inputs by the same software, is verified and left; a sealed folder
    is never replaced. Raises Faulty where the check fails, the release fails its gate, it lacks an IRI that the current one
    has and the registry does not explain, or the folder is not fit for it.
    """
    # The processes that are hired read this module too, and judge nothing.
    from triplehelix import check
    base = _required_base(base or project.base)
    with seal.workshop(releases) as folder:
        _require_same_base(releases, base)
        read = inputs(project)
        if findings := check.check(project, step)[1]:
            raise Faulty(findings)
        return publish(project, read, releases, folder, base, step)


def is_current(project: Project, releases: Path) -> bool:
    """Whether the current release of a folder was made of the project as it is, by this software."""
    return os.path.lexists(releases / CURRENT) and _made(current(releases)) == (inputs(project), software())


def publish(project: Project, read: str, releases: Path, folder: Path, base: str, step: Step) -> Path:
    """What `build` does after the check: for a project of which the files, whose `inputs` were `read`, are known to be sound.

    `folder` is the workshop of `releases`.
    """
    with hired(sum(source.path.stat().st_size for source in project.sources)) as hands:
        held, dated = _content(project, folder / "work", hands, step)
        if inputs(project) != read:
            raise fault(project.root, "a file was changed while the release was built: build again")
        target = _target(releases, version(held, dated), (read, software()))
        plan = Plan(project, read, base, target.name, dated, Resources(releases / CURRENT), _current(releases), step)
        if target.exists():
            step("verifying the release that is there")
            verify(target)
            _require_kept(plan, releases, target)
        else:
            manifest = _write(plan, folder, held, hands)
            _require_kept(plan, releases, folder)
            step("sealing")
            seal.seal(folder, target, manifest)
        seal.publish(releases, target.name)
    return target


def _content(project: Project, folder: Path, hands: Hands, step: Step) -> tuple[Content, dict[str, str]]:
    """The content at the canonical base, and the newest date that each graph states."""
    step("sorting and inferring")
    folder.mkdir()
    held, known = content(project, folder, hands)
    return held, dates(project, held, known)


def _require_kept(plan: Plan, releases: Path, made: Path) -> None:
    """No IRI that the current release knows is lost. Raises Faulty."""
    if plan.before:
        registry.require_kept(plan.before, Resources(made), current(releases).name)


def inputs(project: Project) -> str:
    """SHA-256 over the name and bytes of every file that a build reads."""
    digest = hashlib.sha256()
    for room in ("ontology", "data", "shapes", "queries"):
        for path in sorted((project.root / room).rglob("*")):
            if path.suffix in (".ttl", ".rq"):
                digest.update(f"{path.relative_to(project.root).as_posix()}\0".encode())
                for block in dumps.blocks(path):
                    digest.update(block)
                digest.update(b"\0")
    return digest.hexdigest()


def software() -> str:
    """The versions of this package and of the engine, and a hash of the code that decides the bytes of a release."""
    home = Path(triplehelix.__file__).parent
    rooms = (sorted((home / room).rglob("*.py")) for room in ("build", "changes", "description"))
    code = [*chain.from_iterable(rooms), *(home / f"{name}.py" for name in WRITERS)]
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in code))
    engines = f"pyoxigraph {metadata.version('pyoxigraph')}, SQLite {sqlite3.sqlite_version}"
    return f"{triplehelix.__version__}+{digest.hexdigest()[:12]}, {engines}"


def _write(plan: Plan, folder: Path, canonical: Content, hands: Hands) -> Manifest:
    """Every file of the release but the manifest, which is returned."""
    plan.step("moving to the base")
    held = moved(canonical, plan.base, folder / "dumps", hands)
    shutil.rmtree(canonical.folder)
    dumps.merge(held)
    _write_store(plan, folder, held)
    about = _write_dumps(plan, folder, held, hands)
    store.add(folder / "store", (Quad(*triple, NamedNode(plan.base + CATALOGUE)) for triple in about))
    _write_queries(plan, folder)
    manifest = _manifest(plan, held)
    release = Published(folder, manifest)
    _write_views(plan, release, hands)
    _write_resources(plan, release, held, about)
    _write_what_follows(plan, release, hands)
    seal.hash_store(folder)
    manifest = replace(manifest, files=seal.inventory(folder))
    gate.require_fit(folder, manifest, hands, Progress(plan.step, "reading it all again", what="files").add)
    return manifest


def _write_what_follows(plan: Plan, release: Published, hands: Hands) -> None:
    """The files that are made from the store, the dumps and the queries of the release: one step a piece."""
    indexed = hands.begin(search.write, release, _own_queries(plan))
    representations.write(release, hands, Progress(plan.step, "writing documents", what="documents").add)
    plan.step("indexing names")
    indexed()
    plan.step("drawing the ontology")
    diagrams.write(release)
    plan.step("writing checksums")
    sums.write(release)
    plan.step("telling what changed")
    changes.write(release.folder, release.folder.parent / plan.follows if plan.follows else None)


def _write_store(plan: Plan, folder: Path, held: Content) -> None:
    """The store, but for the catalogue, and its statistics."""
    plan.step("writing the store")
    service = (quad for graph in held.graphs("service") for quad in parse(path=held.quads_file(graph)))
    store.write(folder / "store", chain(lines.read(held.whole), lines.read(held.merge)), service)
    plan.step("counting")
    (folder / STATISTICS).write_bytes(count(store.opened(folder / "store")).to_json())


def _write_dumps(plan: Plan, folder: Path, held: Content, hands: Hands) -> list[Triple]:
    """The dumps and tables, then the catalogue that tells of them, and the report; the triples of the catalogue, sorted."""
    counts = counted(lines.read(held.merge), plan.base, folder)
    contents = Contents(plan.base, plan.name, store.opened(folder / "store"), counts)
    told, progress = record(plan.base, plan.name, contents.values), Progress(plan.step, "writing dumps", dumps.size(held))
    tables_written = hands.begin(tables.write, Published(folder, _manifest(plan, held)))
    dumps.write(held, told, plan.prefixes, hands, progress.add)
    tables_written()
    plan.step("writing the catalogue")
    parts = [Part(graph, held.parts[graph], held.counts[graph], graph.removeprefix(plan.base)) for graph in sorted(held.parts)]
    about = sorted(catalogue(contents, parts, folder), key=str)
    (folder / "catalogue.ttl").write_bytes(serialise(about, TURTLE, plan.prefixes))
    (folder / "report.ttl").write_text(REPORT.format(base=plan.base))
    return about


def _write_views(plan: Plan, release: Published, hands: Hands) -> None:
    views.write(release, plan.project, hands, Progress(plan.step, "asking what pages show", what="queries").add)


def _write_resources(plan: Plan, release: Published, held: Content, about: list[Triple]) -> None:
    """resources.sqlite, with the registry's word on the IRIs that are in use no more."""
    plan.step("writing what is known of each IRI")
    folder = release.folder
    known = store.opened(folder / "store")
    rows = registry.registry(plan.base, known)
    registry.require_retired(rows, known)
    dated = {f"<{plan.base}{graph.removeprefix(plan.project.base)}>": date for graph, date in plan.dates.items()}
    said = resources.Said(held, about, dated, views.laid_out(release))
    resources.write(folder, said, rows.resolved(), plan.before, plan.day)
    registry.require_successors(plan.base, Resources(folder))


def _manifest(plan: Plan, held: Content) -> Manifest:
    """The manifest without the files."""
    counts = {"triples": held.merged, "quads": held.statements("dataset", "apart"), "graphs": len(held.parts)}
    graphs = {graph: {"part": held.parts[graph], "triples": held.counts[graph],
                      "dump": f"dumps/{graph.removeprefix(plan.base)}.ttl"} for graph in sorted(held.parts)}
    return Manifest(plan.name, plan.base, plan.project.base, plan.inputs, software(), counts, plan.prefixes, graphs, {},
                    plan.follows)


def _own_queries(plan: Plan) -> dict[str, str]:
    """The queries of the project for the software's own use, by name, at the base."""
    return {path.stem: rebase_text(path.read_text(encoding="utf-8"), plan.project.base, plan.base)
            for path in plan.project.queries("pages")}


def _write_queries(plan: Plan, folder: Path) -> None:
    (folder / "queries").mkdir()
    for path in plan.project.queries():
        text = rebase_text(path.read_text(encoding="utf-8"), plan.project.base, plan.base)
        (folder / "queries" / path.name).write_text(text, encoding="utf-8")


def _required_base(base: str) -> str:
    if not _is_base(base):
        raise fault(base, "not a base IRI: give http(s)://host/path/ with a slash at the end")
    return base


def _is_base(base: str) -> bool:
    try:
        NamedNode(base)
        parts = urlsplit(base)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and BASE.fullmatch(base) is not None
    except ValueError:
        return False


def _current(releases: Path) -> str | None:
    """The version that is current, if any is."""
    return current(releases).name if os.path.lexists(releases / CURRENT) else None


def _require_same_base(releases: Path, base: str) -> None:
    """A folder of releases has one base: readers of `current` must not find their IRIs changed."""
    if before := _current(releases):
        present = read_manifest(releases / before).base
        if present != base:
            raise fault(releases, f"holds releases of base {present}, not {base}: build into another folder")


def _made(release: Path) -> tuple[str, str] | None:
    """What a sealed release was made of and by; None where its manifest cannot be read, which no build mends."""
    try:
        manifest = read_manifest(release)
    except Faulty:
        return None
    return manifest.inputs, manifest.software


def _target(releases: Path, name: str, made: tuple[str, str]) -> Path:
    """The folder of that version made of the same by the same; else the next free name `<version>.2`, `.3` ...

    The name of a release that was pruned is not free: it stays that of what is gone.
    """
    target, number = releases / name, 1
    while target.exists() or (releases / PRUNED / target.name).exists():
        if _made(target) == made:
            return target
        number += 1
        target = releases / f"{name}.{number}"
    return target

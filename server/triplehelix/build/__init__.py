"""Building: a checked project becomes a sealed release. The one place where authoring and publishing meet.

    check -> infer -> version -> re-base -> dumps -> catalogue -> store -> resources -> documents -> gate -> seal -> publish
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import metadata
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from pyoxigraph import NamedNode, Quad

import triplehelix
from triplehelix import check, store
from triplehelix.build import dumps, gate, registry, representations, resources, seal
from triplehelix.build.catalogue import Part, catalogue
from triplehelix.build.content import Content, content, dates, version
from triplehelix.build.rebase import rebase, rebase_text
from triplehelix.build.shown import Shown
from triplehelix.description.published import Published
from triplehelix.engine.statistics import count
from triplehelix.findings import Faulty, fault
from triplehelix.project import Project
from triplehelix.releases import CURRENT, STATISTICS, Manifest, current, read_manifest, verify
from triplehelix.resources import Resources

Step = Callable[[str], None]
BASE = re.compile(r"[^?#]+/")
# What decides the bytes of a release, besides the code in build/ and description/.
WRITERS = ("engine/statistics/__init__", "formats", "jsonld", "project", "queries", "releases", "representations", "resources",
           "sources", "store")
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
        return self.name[:len("YYYY-MM-DD")]


def build(project: Project, releases: Path, base: str | None = None, step: Step = lambda _: None) -> Path:
    """Build, seal and publish a release of the project at `base` (default: the canonical one); its folder.

    A version that is there already, made of the same inputs by the same software, is verified and left; a sealed folder
    is never replaced. Raises Faulty where the check fails, the release fails its gate, it lacks an IRI that the current one
    has and the registry does not explain, or the folder is not fit for it.
    """
    base = _required_base(base or project.base)
    with seal.workshop(releases) as folder:
        _require_same_base(releases, base)
        graphs, findings = check.check(project, step)
        if findings:
            raise Faulty(findings)
        step("inferring")
        held = content(project, graphs)
        dated = dates(project, held)
        target = _target(releases, version(held, dated), (inputs(project), software()))
        plan = Plan(project, base, target.name, dated, Resources(releases / CURRENT), _current(releases), step)
        if target.exists():
            step("verifying the release that is there")
            verify(target)
            _require_kept(plan, releases, target)
        else:
            manifest = _write(plan, folder, held.map(rebase(project.base, base)))
            _require_kept(plan, releases, folder)
            step("sealing")
            seal.seal(folder, target, manifest)
        seal.publish(releases, target.name)
    return target


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
                digest.update(f"{path.relative_to(project.root).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def software() -> str:
    """The versions of this package and of the engine, and a hash of the code that decides the bytes of a release."""
    home = Path(triplehelix.__file__).parent
    rooms = (sorted((home / room).rglob("*.py")) for room in ("build", "description"))
    code = [*chain.from_iterable(rooms), *(home / f"{name}.py" for name in WRITERS)]
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in code))
    engines = f"pyoxigraph {metadata.version('pyoxigraph')}, SQLite {sqlite3.sqlite_version}"
    return f"{triplehelix.__version__}+{digest.hexdigest()[:12]}, {engines}"


def _write(plan: Plan, folder: Path, held: Content) -> Manifest:
    """Every file of the release but the manifest, which is returned."""
    graphs = held.graphs()
    merged = store.merged(held.dataset)
    merge = dumps.triples(merged)
    plan.step("writing dumps")
    dumps.write_dataset(folder / "dumps", merge, [*held.dataset, *held.apart], plan.prefixes)
    parts = [Part(iri, part, dumps.triples(quads), iri.removeprefix(plan.base)) for iri, (part, quads) in graphs.items()]
    for part in parts:
        dumps.write_graph(folder / "dumps" / part.stem, graphs[part.iri][1], plan.prefixes)
    plan.step("writing the catalogue")
    about = catalogue(plan.base, plan.name, merge, parts, folder)
    dumps.write_catalogue(folder / "catalogue.ttl", about, plan.prefixes)
    (folder / "report.ttl").write_text(REPORT.format(base=plan.base))
    _write_queries(plan, folder)
    plan.step("writing the store")
    catalogue_graph = dumps.ordered(dumps.in_graph(about, f"{plan.base}graph/catalogue"))
    store.write(folder / "store", [*held.dataset, *held.apart, *held.service, *catalogue_graph], merged)
    (folder / STATISTICS).write_bytes(count(store.opened(folder / "store")).to_json())
    plan.step("writing what is known of each IRI")
    _write_resources(plan, folder, held, merged, catalogue_graph)
    manifest = _manifest(plan, held, parts, len(merge))
    plan.step("writing documents")
    representations.write(Published(folder, manifest))
    seal.hash_store(folder)
    manifest = replace(manifest, files=seal.inventory(folder))
    plan.step("reading it all again")
    gate.require_fit(folder, manifest)
    return manifest


def _write_resources(plan: Plan, folder: Path, held: Content, merged: list[Quad], catalogue_graph: list[Quad]) -> None:
    """resources.sqlite, with the registry's word on the IRIs that are in use no more."""
    base, canonical = plan.base, plan.project.base
    others = (held.dataset, held.service, catalogue_graph)
    dated = {f"<{base}{graph.removeprefix(canonical)}>": date for graph, date in plan.dates.items()}
    shown = Shown(base, (*others, held.apart), dated)
    rows = registry.registry(base, held.dataset)
    registry.require_retired(rows, shown.quads())
    apart = resources.apart_only(base, held.apart, (quad for quads in others for quad in quads))
    resources.write(folder, shown, resources.Links(merged, shown.quads(), apart), rows.resolved(), plan.before, plan.day)
    registry.require_successors(base, Resources(folder))


def _manifest(plan: Plan, held: Content, parts: list[Part], merge: int) -> Manifest:
    """The manifest without the files."""
    counts = {"triples": merge, "quads": len(held.dataset) + len(held.apart),
              "graphs": len(parts)}
    graphs = {part.iri: {"part": part.part, "triples": len(part.triples), "dump": f"dumps/{part.stem}.ttl"} for part in parts}
    return Manifest(plan.name, plan.base, plan.project.base, inputs(plan.project), software(), counts, plan.prefixes, graphs, {},
                    plan.follows)


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
    return current(releases).name if (releases / CURRENT).is_symlink() else None


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
    """The folder of that version made of the same by the same; else the next free name `<version>.2`, `.3` ..."""
    target, number = releases / name, 1
    while target.exists():
        if _made(target) == made:
            return target
        number += 1
        target = releases / f"{name}.{number}"
    return target

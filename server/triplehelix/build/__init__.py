"""Building: a checked project becomes a sealed release. The one place where authoring and publishing meet.

    check -> infer -> version -> re-base -> dumps -> catalogue -> store -> gate -> seal -> publish
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit

from pyoxigraph import NamedNode

import triplehelix
from triplehelix import check, store
from triplehelix.build import dumps, gate, seal
from triplehelix.build.catalogue import Part, catalogue
from triplehelix.build.content import Content, content, version
from triplehelix.build.rebase import rebase, rebase_text
from triplehelix.findings import Faulty, fault
from triplehelix.project import Project
from triplehelix.releases import CURRENT, Manifest, current, read_manifest, verify

Step = Callable[[str], None]
BASE = re.compile(r"[^?#]+/")
# What decides the bytes of a release, besides the code in build/.
WRITERS = ("formats", "project", "queries", "releases", "sources", "store")
REPORT = """@prefix sh: <http://www.w3.org/ns/shacl#> .

<{base}report> a sh:ValidationReport ;
    sh:conforms true .
"""


def build(project: Project, releases: Path, base: str | None = None, step: Step = lambda _: None) -> Path:
    """Build, seal and publish a release of the project at `base` (default: the canonical one); its folder.

    A version that is there already, made of the same inputs by the same software, is verified and left; a sealed folder
    is never replaced. Raises Faulty where the check fails, the release fails its gate, or the folder is not fit for it.
    """
    base = _required_base(base or project.base)
    with seal.workshop(releases) as folder:
        _require_same_base(releases, base)
        graphs, findings = check.check(project, step)
        if findings:
            raise Faulty(findings)
        step("inferring")
        held = content(project, graphs)
        target = _target(releases, version(project, held), (inputs(project), software()))
        if target.exists():
            step("verifying the release that is there")
            verify(target)
        else:
            manifest = _write(project, folder, held.map(rebase(project.base, base)), base, target.name, step)
            step("sealing")
            seal.seal(folder, target, manifest)
        seal.publish(releases, target.name)
    return target


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
    code = [*sorted((home / "build").glob("*.py")), *(home / f"{name}.py" for name in WRITERS)]
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in code))
    return f"{triplehelix.__version__}+{digest.hexdigest()[:12]}, pyoxigraph {metadata.version('pyoxigraph')}"


def _write(project: Project, folder: Path, held: Content, base: str, name: str, step: Step) -> Manifest:
    """Every file of the release but the manifest, which is returned."""
    graphs = held.graphs()
    merged = store.merged(held.dataset)
    merge = dumps.triples(merged)
    step("writing dumps")
    dumps.write_dataset(folder / "dumps", merge, [*held.dataset, *held.apart], _prefixes(project, base))
    parts = [Part(iri, part, dumps.triples(quads), iri.removeprefix(base)) for iri, (part, quads) in graphs.items()]
    for part in parts:
        dumps.write_graph(folder / "dumps" / part.stem, graphs[part.iri][1], _prefixes(project, base))
    step("writing the catalogue")
    about = catalogue(base, name, merge, parts, folder)
    dumps.write_catalogue(folder / "catalogue.ttl", about, _prefixes(project, base))
    (folder / "report.ttl").write_text(REPORT.format(base=base))
    _write_queries(project, folder, base)
    step("writing the store")
    catalogue_graph = dumps.in_graph(about, f"{base}graph/catalogue")
    store.write(folder / "store", [*held.dataset, *held.apart, *held.service, *catalogue_graph], merged)
    manifest = _manifest(project, folder, base, name, held, parts, len(merge))
    step("reading it all again")
    gate.require_fit(folder, manifest)
    return manifest


def _manifest(project: Project, folder: Path, base: str, name: str, held: Content, parts: list[Part], merge: int) -> Manifest:
    seal.hash_store(folder)
    counts = {"triples": merge, "quads": len(held.dataset) + len(held.apart),
              "graphs": len(parts)}
    graphs = {part.iri: {"part": part.part, "triples": len(part.triples), "dump": f"dumps/{part.stem}.ttl"} for part in parts}
    return Manifest(name, base, project.base, inputs(project), software(), counts, _prefixes(project, base), graphs,
                    seal.inventory(folder))


def _write_queries(project: Project, folder: Path, base: str) -> None:
    (folder / "queries").mkdir()
    for path in project.queries():
        text = rebase_text(path.read_text(encoding="utf-8"), project.base, base)
        (folder / "queries" / path.name).write_text(text, encoding="utf-8")


def _prefixes(project: Project, base: str) -> dict[str, str]:
    return {prefix: rebase_text(iri, project.base, base) for prefix, iri in project.prefixes.items()}


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


def _require_same_base(releases: Path, base: str) -> None:
    """A folder of releases has one base: readers of `current` must not find their IRIs changed."""
    if (releases / CURRENT).is_symlink():
        present = read_manifest(current(releases)).base
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

"""Importers of registers in tests: a small project with the real ontology, one run, and what it has said."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from triplehelix.findings import Faulty
from triplehelix.importers import Order, import_file, importer, read_selection
from triplehelix.importers.lookups import Lookups
from triplehelix.importers.model import Run
from triplehelix.project import Project

ROOT = Path(__file__).resolve().parents[1]
BASE = "https://w3id.org/triplehelix/"
PREFIXES = {"th": BASE + "ns#", "skos": "http://www.w3.org/2004/02/skos/core#", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
            "adms": "http://www.w3.org/ns/adms#", "dcterms": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/",
            "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "org": "http://www.w3.org/ns/org#"}
# What the small project knows: a body with its identifiers and its seat, two towns, and regions of three countries.
KNOWN = """
@base <https://w3id.org/triplehelix/> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix th: <https://w3id.org/triplehelix/ns#> .
<id/organisation/forest-guild> skos:prefLabel "Forest Guild"@en ; th:seat <id/area/graz> ;
    adms:identifier <id/identifier/pic-999000001>, <id/identifier/ror-026cgcq38> .
<id/organisation/oak-agency> skos:prefLabel "Oak Agency"@en ; adms:identifier <id/identifier/ror-02h4kvn10> .
<id/area/graz> a th:Area ; skos:prefLabel "Graz"@en ; dcterms:isPartOf <id/area/austria> .
<id/area/prague> a th:Area ; skos:prefLabel "Prague"@en ; dcterms:isPartOf <id/area/czechia> .
<id/project/wood-plus> adms:identifier <id/identifier/grant-692471> .
<scheme/nuts2024/AT> skos:notation "AT" ; skos:inScheme <scheme/nuts2024> .
<scheme/nuts2024/AT221> skos:notation "AT221" ; skos:inScheme <scheme/nuts2024> .
<scheme/nuts2021/PT> skos:notation "PT" ; skos:inScheme <scheme/nuts2021> .
<scheme/nuts2021/PT16B> skos:notation "PT16B" ; skos:inScheme <scheme/nuts2021> .
"""


@dataclass(frozen=True)
class Said:
    """What one run has written, and told of refused rows as (row and column, message)."""

    run: Run
    told: list[str]
    triples: list[Triple]
    data: bytes

    def of(self, path: str) -> dict[str, set[str]]:
        """Property (prefixed) to values of the resource at that path; IRIs of ours as paths."""
        found: dict[str, set[str]] = {}
        for triple in self.triples:
            if triple.subject == NamedNode(BASE + path):
                found.setdefault(_short(triple.predicate.value), set()).add(_short(triple.object.value))
        return found

    def subjects(self, path: str) -> set[str]:
        """The resources below that path, as paths."""
        return {short for t in self.triples if (short := t.subject.value.removeprefix(BASE)).startswith(path)}


def small_project(folder: Path) -> Project:
    """The real ontology with the data of KNOWN alone."""
    shutil.copytree(ROOT / "ontology", folder / "ontology")
    for room in ("data", "shapes", "queries"):
        (folder / room).mkdir()
    (folder / "data/known.ttl").write_text(KNOWN, encoding="utf-8")
    return Project(folder)


def imported(project: Project, name: str, file: Path, target: Path, *wanted: str) -> Said:
    """Import the file into `target`, with a selection where one is given."""
    told: list[str] = []
    done = import_file(project, Order(name, file, target, frozenset(wanted) or None, retrieved=date(2026, 11, 23)),
                       report=lambda finding: told.append(str(finding).removeprefix(str(file))))
    data = target.read_bytes()
    return Said(done.run, told, [quad.triple for quad in parse(data, format=RdfFormat.TURTLE)], data)


def faults(project: Project, name: str, file: Path, target: Path) -> list[str]:
    """What is said of a file that is not taken; nothing is written then."""
    try:
        import_file(project, Order(name, file, target))
    except Faulty as error:
        assert not target.exists()
        assert not list(target.parent.glob(".import-*"))
        return [str(finding).removeprefix(str(file)) for finding in error.findings]
    return []


def recreated(root: Path, name: str, file: Path, folder: Path) -> tuple[bytes, bytes, Said, frozenset[str]]:
    """A committed graph and the one that its selection gives now, made beside the project's other graphs."""
    own = f"data/sources/{name}.ttl"
    for path in sorted((root / "data").rglob("*.ttl")):
        link = folder / path.relative_to(root)
        link.parent.mkdir(parents=True, exist_ok=True)
        if path != root / own:
            link.symlink_to(path)
    for room in ("ontology", "shapes", "queries"):
        (folder / room).symlink_to(root / room)
    wanted = read_selection(root / f"server/triplehelix/importers/selections/{name}.txt")
    said = imported(Project(folder), name, file, folder / own, *wanted)
    return (root / own).read_bytes(), said.data, said, wanted


def streamed(project: Project, name: str, file: Path) -> tuple[Run, str]:
    """All blocks of the file read and let go: the run with its counts, and a digest of what was said."""
    run, digest = Run(file, Lookups(project)), hashlib.sha256()
    for block in importer(name).read(file, run):
        digest.update(f"{block.subject} {block.statements}".encode())
    return run, digest.hexdigest()


def _short(iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri.removeprefix(BASE)

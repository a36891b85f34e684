"""The ontology as OWL: in the DL profile, consistent with the data, and able to contradict a planted mistake."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import owlready2
import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

from conftest import require
from triplehelix import sources
from triplehelix.project import Project

HERMIT = Path(owlready2.__file__).parent / "hermit" / "HermiT.jar"
CHECKER = Path(__file__).parent / "Owl2Dl.java"
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
IMPORTS = NamedNode("http://www.w3.org/2002/07/owl#imports")


@pytest.fixture(scope="module")
def graphs(repository: Project) -> list[sources.Graph]:
    return sources.read(repository)


def merged(graphs: Iterable[sources.Graph], *rooms: str) -> list[Triple]:
    """The triples of the rooms without imports: everything imported is merged in, nothing is to be fetched."""
    return [t for g in graphs if g.source.name.startswith(rooms) for t in g.triples if t.predicate != IMPORTS]


def modules(graphs: list[sources.Graph]) -> list[Triple]:
    schemes = set(merged(graphs, "ontology/schemes/"))
    return [t for t in merged(graphs, "ontology/") if t not in schemes]


def test_every_module_is_imported_by_the_facade(graphs: list[sources.Graph], repository: Project) -> None:
    facade = NamedNode(repository.base + "ns")
    imported = {t.object.value for g in graphs for t in g.triples if t.subject == facade and t.predicate == IMPORTS}
    paths = [g.source.name for g in graphs if g.source.name.startswith("ontology/") and "/schemes/" not in g.source.name]
    documents = {f"{repository.base}ns/{Path(p).relative_to('ontology').with_suffix('').as_posix()}" for p in paths}
    assert imported == documents - {repository.base + "ns/all"}


def test_ontology_is_in_owl_2_dl(graphs: list[sources.Graph], tmp_path: Path) -> None:
    require("java")
    done = owl2dl(modules(graphs), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_owl_2_dl_checker_finds_a_planted_breach(graphs: list[sources.Graph], tmp_path: Path) -> None:
    require("java")
    undeclared = Triple(NamedNode("urn:x:a"), NamedNode("urn:x:undeclared"), NamedNode("urn:x:b"))
    assert owl2dl([*modules(graphs), undeclared], tmp_path).returncode == 1


def test_ontology_and_data_are_consistent(graphs: list[sources.Graph], tmp_path: Path) -> None:
    require("java")
    assert consistent(merged(graphs, "ontology/", "data/"), tmp_path)


@pytest.mark.parametrize("classes", [("Cluster", "ClusterOrganisation"), ("Policy", "Instrument"), ("Effect", "Finding")])
def test_reasoner_finds_a_planted_contradiction(graphs: list[sources.Graph], repository: Project, classes: tuple[str, str],
                                                tmp_path: Path) -> None:
    require("java")
    both = [Triple(NamedNode("urn:x:both"), TYPE, NamedNode(f"{repository.base}ns#{name}")) for name in classes]
    assert not consistent([*merged(graphs, "ontology/"), *both], tmp_path)


def owl2dl(triples: list[Triple], folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "ontology.rdf"
    file.write_bytes(serialize(list(dict.fromkeys(triples)), format=RdfFormat.RDF_XML))
    return subprocess.run([shutil.which("java"), "-cp", HERMIT, CHECKER, file], capture_output=True, text=True, timeout=120)


def consistent(triples: list[Triple], folder: Path) -> bool:
    """HermiT's verdict; datatypes outside the OWL 2 map (dates, years) are left out of its account."""
    file = folder / "merged.nt"
    file.write_bytes(serialize(list(dict.fromkeys(triples)), format=RdfFormat.N_TRIPLES))
    world = owlready2.World()
    world.get_ontology(file.as_uri()).load()
    try:
        owlready2.sync_reasoner_hermit(world, debug=0, ignore_unsupported_datatypes=True)
    except owlready2.OwlReadyInconsistentOntologyError:
        return False
    return not list(world.inconsistent_classes())

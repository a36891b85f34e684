"""What the tests of classification importers share: one import into a folder of the test, read back as a graph."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import SKOS

from triplehelix.findings import Faulty, Finding
from triplehelix.importers import Order, import_file
from triplehelix.importers.model import Run
from triplehelix.project import Project

BASE = "https://w3id.org/triplehelix/"


@dataclass(frozen=True)
class Written:
    """A graph that an import has written, with the counts of its run and what it told of refused rows."""

    path: Path
    graph: Graph
    run: Run
    told: list[Finding]

    def codes(self, scheme: str) -> dict[str, URIRef]:
        """Code to concept of a scheme."""
        return {str(self.graph.value(concept, SKOS.notation)): concept
                for concept in self.graph.subjects(SKOS.inScheme, iri(f"scheme/{scheme}"))}

    def lengths(self, scheme: str) -> Counter[int]:
        """How many codes have how many characters, points left out."""
        return Counter(len(code.replace(".", "")) for code in self.codes(scheme))

    def value(self, subject: str, predicate: URIRef) -> URIRef | Literal | None:
        return self.graph.value(iri(subject), predicate)


def iri(path: str) -> URIRef:
    """An IRI of ours by its path."""
    return URIRef(BASE + path)


def written(project: Project, name: str, file: Path, folder: Path, wanted: frozenset[str] | None = None) -> Written:
    """Import a file of a classification into the folder."""
    told: list[Finding] = []
    done = import_file(project, Order(name, file, folder / f"{name}.ttl", wanted, retrieved=date(2026, 11, 23)), told.append)
    return Written(done.target, Graph().parse(done.target, publicID=BASE), done.run, told)


def refused(project: Project, name: str, file: Path, folder: Path) -> str:
    """Why a file as a whole is not taken; nothing is written then."""
    with pytest.raises(Faulty) as caught:
        written(project, name, file, folder)
    assert not (folder / f"{name}.ttl").exists()
    return str(caught.value).replace(str(file), file.name)


def told_of(graph: Written, file: Path) -> list[str]:
    """The refused rows, as they are printed."""
    return [str(finding).replace(str(file), file.name) for finding in graph.told]

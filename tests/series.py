"""Releases of one folder that differ in their data, so that a mixture of two would show; and what becomes of such folders."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from conftest import ROOT, absent, triplehelix
from forge import Forge, Outcome
from triplehelix import store
from triplehelix.releases import current, verify

MINI = ROOT / "tests/project"
CANONICAL, DECIMAL = "https://example.org/mini/", NamedNode("http://www.w3.org/2001/XMLSchema#decimal")
LIGHTS = 20
HEAD = """@base <https://example.org/mini/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix sea: <https://example.org/mini/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<graph/lights>
    a void:Dataset ;
    dcterms:title "Lights"@en ;
    dcterms:license <http://creativecommons.org/publicdomain/zero/1.0/> ;
    dcterms:modified "2020-02-03"^^xsd:date ;
.
"""
LIGHT = """
<id/lighthouse/{name}>
    a sea:Lighthouse ;
    skos:prefLabel "Light {name} of {number}"@en ;
    sea:guards <id/harbour/east> ;
    sea:height {number}.5 ;
.
"""


class Series:
    """Releases of one folder that differ in their data: in number n, every light is `n`.5 high and says n in its label."""

    def __init__(self, folder: Path, forge: Forge, releases: Path | None = None, base: str = CANONICAL):
        self.project = Path(shutil.copytree(MINI, folder / "project"))
        self.releases, self.base, self._forge = releases or folder / "releases", base, forge
        self.versions: dict[int, str] = {}

    def build(self, number: int, **more: object) -> Outcome:
        """Build that number; what is acknowledged is remembered."""
        lights = (LIGHT.format(name=f"l{each:02}", number=number) for each in range(LIGHTS))
        (self.project / "data/lights.ttl").write_text(HEAD + "".join(lights))
        outcome = self._forge("build", self.releases, project=self.project, base=self.base, **more)
        if outcome.done:
            self.versions[number] = outcome.done
        return outcome

    def prune(self, keep: int, **more: object) -> Outcome:
        return self._forge("prune", self.releases, keep=keep, **more)

    def holds(self) -> int:
        """The number of the current release, which is as it was sealed: in its dump, store and documents it is one."""
        release = current(self.releases)
        verify(release)
        heights = set(re.findall(r'/ns#height> "(\d+)\.5"', (release / "dumps/dataset.nt").read_text()))
        number, = map(int, heights)
        height = Literal(f"{number}.5", datatype=DECIMAL)
        found = list(store.opened(release / "store").quads_for_pattern(None, NamedNode(f"{self.base}ns#height"), None, None))
        # Once in its graph, once in the merge.
        assert [quad.object for quad in found] == [height] * 2 * LIGHTS
        assert f"Light l00 of {number}".encode() in (release / "representations.sqlite").read_bytes()
        return number


@pytest.fixture(scope="module", name="forge")
def forge_fixture() -> Iterator[Forge]:
    """A forge that has read its modules."""
    with Forge(MINI) as started:
        yield started


def sealed(releases: Path) -> set[str]:
    """The versions that are there."""
    return {path.parent.name for path in releases.glob("[!.c]*/manifest.json")}


def check_tidy(releases: Path) -> None:
    """There is nothing in the folder but releases, what stays of those that were pruned, the link and the lock."""
    names = {path.name for path in releases.iterdir()}
    assert names - {"pruned", "serve.log"} == {*sealed(releases), ".lock", "current"}
    for remains in releases.glob("pruned/*"):
        assert {path.name for path in remains.iterdir()} <= {"manifest.json", "changes"}


def free(folder: Path) -> int:
    """The bytes that are free on the disk of a folder."""
    return shutil.disk_usage(folder).free


@contextmanager
def disk(size: int) -> Iterator[Path]:
    """A small file system of its own."""
    folder = Path(tempfile.mkdtemp())
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "triplehelix", folder], capture_output=True, text=True)
    try:
        if made.returncode:
            absent(f"a file system of its own ({made.stderr.strip()})")
        yield folder
    finally:
        if not made.returncode:
            subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


def refused(*arguments: object) -> str:
    """The one line with which a verb refuses."""
    result = triplehelix(*arguments)
    assert (result.returncode, result.stdout) == (1, "")
    line, = result.stderr.splitlines()
    return line

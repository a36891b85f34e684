"""Releases with a branch, as after a rollback, and a client of the application that serves them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import free_port
from triplehelix import build as building
from triplehelix.build import build
from triplehelix.build.rollback import rollback
from triplehelix.project import Project
from web_release import Visitor, client_of

ZOO = '''
<id/lighthouse/zoo>
    a sea:Lighthouse ;
    skos:prefLabel "Zoo <Light>"@en ;
    sea:guards <id/harbour/north> ;
    sea:height 12 ;
.
'''
HTML = {"Accept": "text/html"}


@dataclass
class Built:
    """Releases: the first; one built on it, the same by other software, and after a rollback another built on the first."""

    folder: Path
    base: str
    first: str
    second: str
    again: str
    third: str

    def dataset(self, version: str) -> set[bytes]:
        return set((self.folder / version / "dumps/dataset.nq").read_bytes().splitlines(keepends=True))


@pytest.fixture(scope="module", name="built")
def built_fixture(mini: Project, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Not to be changed: see `copied`."""
    root = tmp_path_factory.mktemp("changing")
    releases, base = root / "releases", f"http://127.0.0.1:{free_port()}/"
    draft = Project(shutil.copytree(mini.root, root / "draft"))
    lights = draft.root / "data/lights.ttl"
    text = lights.read_text()
    first = build(draft, releases, base).name
    lights.write_text(text.replace("2020-02-03", "2020-03-03").replace("Rock Light", "Rock Lighthouse") + ZOO)
    second = build(draft, releases, base).name
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "software", lambda: "other software")
        again = build(draft, releases, base).name
    rollback(releases, first)
    lights.write_text(text.replace("2020-02-03", "2020-03-04").replace("height 17", "height 18"))
    third = build(draft, releases, base).name
    return Built(releases, base, first, second, again, third)


@pytest.fixture(name="visitor")
def visitor_fixture(built: Built, room) -> Visitor:
    return client_of(built.folder, room, built.base)


@pytest.fixture(name="copied")
def copied_fixture(built: Built, tmp_path: Path) -> Built:
    """The same for one test to change."""
    folder = Path(shutil.copytree(built.folder, tmp_path / "releases", symlinks=True))
    return Built(folder, *(getattr(built, name) for name in ("base", "first", "second", "again", "third")))

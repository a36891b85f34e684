"""Three releases of the miniature, side by side, and clients of the application that serves them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from conftest import free_port
from test_build import reworded
from triplehelix.build import build
from triplehelix.project import Project
from triplehelix.releases import kept, read_manifest
from web_release import Visitor, client_of

CAPE = "id/lighthouse/cape"
# Its height in each of them.
HEIGHTS = ("41.5", "41.6", "41.7")
# In the first release there is no such thing.
NEW = "id/lighthouse/pier"
PIER = f'\n<{NEW}>\n    a sea:Lighthouse ;\n    skos:prefLabel "Pier Light"@en ;\n    sea:guards <id/harbour/east> ;\n.\n'

PAGE = {"Accept": "text/html,*/*;q=0.1"}


@pytest.fixture(scope="session", name="three")
def three_fixture(mini: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three releases at a loopback address: the second has a thing more and a later date, the third is of that
    date too. Not to be changed: see `copied`."""
    releases, base = tmp_path_factory.mktemp("versions") / "releases", f"http://127.0.0.1:{free_port()}/"
    draft = Project(shutil.copytree(mini.root, releases.parent / "draft"))
    build(draft, releases, base)
    lights = draft.root / "data/lights.ttl"
    lights.write_text(lights.read_text().replace("2020-02-03", "2021-03-04") + PIER)
    build(reworded(draft, *HEIGHTS[:2]), releases, base)
    build(reworded(draft, *HEIGHTS[1:]), releases, base)
    return releases


@pytest.fixture(name="versions")
def versions_fixture(three: Path) -> list[str]:
    """The three, the current one last."""
    found = list(kept(three))
    assert found[-1] == os.readlink(three / "current")
    return found


@pytest.fixture(name="copied")
def copied_fixture(three: Path, tmp_path: Path) -> Path:
    """The same folder for one test to change."""
    return Path(shutil.copytree(three, tmp_path / "releases", symlinks=True))


@pytest.fixture(scope="session", name="visitor")
def visitor_fixture(three: Path, room: object) -> Visitor:
    """A client of the application over the three, at their own base."""
    return visitor_of(three, room)


class Guest(Visitor):
    """A visitor who may name a path as it stands below the root."""

    def open(self, path: object, *args: object, **kwargs: object):
        kwargs.setdefault("buffered", True)
        below = isinstance(path, str) and not path.startswith("/")
        return super().open(f"/{path}" if below else path, *args, **kwargs)


def visitor_of(releases: Path, room: object) -> Visitor:
    visitor = client_of(releases, room, base_of(releases))
    visitor.__class__ = Guest
    return visitor


def base_of(releases: Path) -> str:
    return read_manifest(releases / "current").base


def told(answer: TestResponse, status: int) -> dict:
    """The problem that an answer is."""
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.json["status"] == status and answer.json["detail"]
    return answer.json

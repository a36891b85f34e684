"""Folders of releases that are not as they should be: each verb says in a line what is wrong, and leaves them as they are."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import free_port, hashes, triplehelix
from forge import Forge
from series import CANONICAL, MINI, Series, check_tidy, disk, forge_fixture, refused  # noqa: F401
from test_releases import alter
from triplehelix.releases import current, kept

NOBODY = 65_534


@pytest.fixture(scope="module")
def origin(forge: Forge, tmp_path_factory: pytest.TempPathFactory) -> Series:
    """A folder of two releases. Not to be changed: see `folder`."""
    series = Series(tmp_path_factory.mktemp("origin"), forge)
    assert series.build(1).done and series.build(2).done
    return series


@pytest.fixture
def folder(origin: Series, tmp_path: Path) -> Path:
    """The same for one test to spoil."""
    return Path(shutil.copytree(origin.releases, tmp_path / "releases", symlinks=True))


def verbs(folder: Path) -> list[tuple[object, ...]]:
    """Every verb that reads the current release, as it is given."""
    return [("build", folder, "--base", CANONICAL, "--project", MINI), ("serve", folder, "--port", free_port()),
            ("releases", folder), ("verify", folder), ("rollback", folder), ("prune", folder, "--keep", 1)]


def test_a_manifest_of_a_newer_form_is_told_by_every_verb(folder: Path):
    path = current(folder) / "manifest.json"
    path.write_text(path.read_text().replace('"form": 1', '"form": 2'))
    before = hashes(folder)
    for verb in verbs(folder):
        assert refused(*verb) == f"{path}: written in another form than 1: serve it with the software that built it"
    assert hashes(folder) == before


def test_a_link_that_leads_nowhere_is_told_by_every_verb_and_can_be_mended(folder: Path):
    (folder / "current").unlink()
    (folder / "current").symlink_to("gone")
    before = hashes(folder)
    for verb in verbs(folder):
        assert refused(*verb).startswith(f"{folder / 'current'}: leads to {folder / 'gone'}, which is not there: ")
    assert hashes(folder) == before
    first = next(iter(kept(folder)))
    assert triplehelix("rollback", folder, first).returncode == 0 and current(folder) == folder / first


def test_a_folder_in_the_place_of_the_link_is_told_by_every_verb(folder: Path):
    release = current(folder)
    (folder / "current").unlink()
    shutil.copytree(release, folder / "current")
    for verb in verbs(folder):
        assert refused(*verb).startswith(f"{folder / 'current'}: is no link")
    shutil.rmtree(folder / "current")
    assert triplehelix("rollback", folder, release.name).returncode == 0


def test_a_release_without_its_manifest_is_told_by_every_verb(folder: Path):
    path = current(folder) / "manifest.json"
    path.unlink()
    for verb in verbs(folder):
        assert refused(*verb) .startswith(f"{path}: missing: this is not a sealed release; ")


def test_one_altered_byte_is_named_by_verify_and_not_served(folder: Path):
    path = current(folder) / "catalogue.ttl"
    alter(path)
    said = f"{path}: altered: its SHA-256 is not the one it was sealed with"
    assert refused("verify", folder, current(folder).name) == said
    assert refused("serve", folder, "--verify") == said


def test_releases_may_be_on_another_file_system_than_the_project(forge: Forge, tmp_path: Path):
    with disk(64 << 20) as other:
        series = Series(tmp_path, forge, other / "releases")
        assert other.stat().st_dev != series.project.stat().st_dev
        assert series.build(1).done and series.build(2).done and series.holds() == 2
        assert series.prune(1).fault is None
        check_tidy(series.releases)


@contextmanager
def not_ours(folder: Path) -> Iterator[int | None]:
    """The folder may be read and not written; gives the user as whom to work, for root may do all."""
    if os.geteuid() == 0:
        yield NOBODY
        return
    folder.chmod(0o555)
    yield None
    folder.chmod(0o755)


def test_a_folder_that_is_not_ours_is_told_and_left(forge: Forge):
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        series = Series(Path(place), forge)
        assert series.build(1).done and series.build(2).done
        before = hashes(series.releases)
        with not_ours(series.releases) as user:
            for outcome in (series.build(3, user=user), series.prune(1, user=user)):
                assert outcome.fault.startswith(f"{series.releases}: cannot be written: Permission denied")
        assert hashes(series.releases) == before and series.holds() == 2

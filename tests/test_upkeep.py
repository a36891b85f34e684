"""Backup, restore and upgrade as docs/operate.md has them, with its scripts."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from conftest import ROOT, free_port, hashes, served, triplehelix
from drill import COUNT, Drill, script
from triplehelix.build import build
from triplehelix.project import Project
from triplehelix.releases import MANIFEST, Manifest, current, kept, read_manifest, verify

# What the software makes since releases are compared, cited and given as tables.
NEWER = ("changes/", "dumps/tables", "dumps/SHA256SUMS", "dumps/ro-crate-metadata.json", "statistics.json")


# --- the drill

def test_all_is_lost_and_comes_back(tmp_path: Path):
    drill = Drill(tmp_path, ROOT / "tests/project")
    drill.run()
    assert drill.lost() < 60
    assert set(drill.seconds) >= {"build", "back up", "destroy", "restore", "verify", "serve and ask"}


# --- backup and restore

@pytest.fixture(name="place")
def place_fixture(mini_release: Path, tmp_path: Path) -> Path:
    """A folder with a project and two releases, of which the older one is current, and a pruned one."""
    (tmp_path / "project/data").mkdir(parents=True)
    (tmp_path / "project/data/a file.ttl").write_text("# a\n")
    (tmp_path / "project/.venv/bin").mkdir(parents=True)
    for version in ("2020-01-01-000000000000", "2020-02-02-000000000000.2"):
        shutil.copytree(mini_release, tmp_path / "releases" / version)
    (tmp_path / "releases/pruned/2019-01-01-000000000000").mkdir(parents=True)
    (tmp_path / "releases/pruned/2019-01-01-000000000000/manifest.json").write_text("{}")
    (tmp_path / "releases/.half").mkdir()
    os.symlink("2020-01-01-000000000000", tmp_path / "releases/current")
    return tmp_path


def backed_up(place: Path) -> Path:
    script("backup.sh", place / "project", place / "releases", place / "backup")
    return place / "backup"


def restored(place: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / "docs/deploy/restore.sh", place / "backup", place / "again/project", place / "again/releases"],
                          capture_output=True, text=True, check=False)


def test_what_was_sealed_comes_back_and_nothing_else(place: Path):
    backed_up(place)
    assert restored(place).returncode == 0
    again = place / "again"
    assert hashes(again / "project") == {"data/a file.ttl": hashes(place / "project")["data/a file.ttl"]}
    assert hashes(again / "releases") == hashes(place / "releases")
    assert os.readlink(again / "releases/current") == "2020-01-01-000000000000"
    assert sorted(path.name for path in (again / "releases").iterdir()) == [
        "2020-01-01-000000000000", "2020-02-02-000000000000.2", "current", "pruned"]


def test_a_release_is_written_once_and_the_project_each_time(place: Path):
    target = backed_up(place)
    before = {path.name: path.stat().st_ino for path in target.iterdir()}
    (place / "project/data/new.ttl").write_text("# b\n")
    shutil.copytree(place / "releases/2020-01-01-000000000000", place / "releases/2020-03-03-000000000000")
    backed_up(place)
    after = {path.name: path.stat().st_ino for path in target.iterdir()}
    same = {name for name in before if before[name] == after[name]}
    assert {"2020-01-01-000000000000.tar", "2020-02-02-000000000000.2.tar"} <= same and "project.tar" not in same
    assert after.keys() - before.keys() == {"2020-03-03-000000000000.tar", "2020-03-03-000000000000.tar.sha256"}
    assert restored(place).returncode == 0 and (place / "again/project/data/new.ttl").exists()


def test_a_backup_that_was_broken_off_is_made_whole_by_the_next(place: Path):
    target = backed_up(place)
    whole = hashes(target)
    (target / ".part").write_bytes(b"half")
    (target / "2020-01-01-000000000000.tar").unlink()  # its checksum was there first
    backed_up(place)
    assert hashes(target).keys() == whole.keys() and restored(place).returncode == 0


@pytest.mark.parametrize("name", ["project.tar", "2020-02-02-000000000000.2.tar", "pruned.tar"])
def test_an_altered_archive_is_not_restored(place: Path, name: str):
    archive = backed_up(place) / name
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 1
    archive.write_bytes(data)
    done = restored(place)
    assert done.returncode != 0 and name in done.stdout + done.stderr
    assert not (place / "again/releases/current").is_symlink() and hashes(place / "again") == {}


def test_an_archive_without_its_checksum_is_not_restored(place: Path):
    (backed_up(place) / "project.tar.sha256").unlink()
    assert restored(place).returncode != 0 and hashes(place / "again") == {}


def test_a_backup_without_what_was_current_is_not_restored(place: Path):
    (backed_up(place) / "2020-01-01-000000000000.tar").unlink()
    done = restored(place)
    assert done.returncode != 0 and "no archive of 2020-01-01-000000000000" in done.stderr


def test_nothing_that_is_there_is_written_over(place: Path):
    backed_up(place)
    (place / "again/releases").mkdir(parents=True)
    (place / "again/releases/mine").write_text("x")
    done = restored(place)
    assert done.returncode == 1 and "is not empty" in done.stderr
    assert sorted(path.name for path in (place / "again").rglob("*")) == ["mine", "project", "releases"]


@pytest.mark.parametrize("name", ["backup.sh", "restore.sh"])
def test_a_script_says_what_it_wants(name: str):
    done = subprocess.run([ROOT / "docs/deploy" / name], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.startswith(f"usage: {name} ")


# --- upgrade

@pytest.fixture(name="old")
def old_fixture(mini: Project, tmp_path: Path) -> Path:
    """A release as the software before sealed it: without what has come since, in its manifest and in its folder."""
    release = build(mini, tmp_path / "releases", f"http://127.0.0.1:{free_port()}/")
    path = release / MANIFEST
    told = json.loads(path.read_text())
    optional = {each.name for each in dataclasses.fields(Manifest) if each.default is not dataclasses.MISSING} - {"form"}
    gone = [name for name in told["files"] if name.startswith(NEWER)]
    assert optional and gone
    for name in gone:
        (release / name).unlink()
    told = {name: value for name, value in told.items() if name not in optional}
    path.write_text(json.dumps(told | {"files": {name: row for name, row in told["files"].items() if name not in gone}}))
    return release


def test_a_release_of_the_software_before_is_read_listed_verified_and_served(old: Path):
    assert verify(old) == read_manifest(old) and list(kept(old.parent)) == [old.name]
    with served(old, "--verify") as base:
        for path in ("", "health", "ns", "doc/id/harbour/east", "dumps/", "dumps/dataset.ttl", "catalogue", "report",
                     "graph/harbours", f"release/{old.name}/", "release/", "sparql?" + urlencode({"query": COUNT})):
            assert _status(base + path) == 200, path
        # What only newer software makes is not there, and nothing breaks by that.
        for path in ("changes", "changes.atom", "dumps/tables.zip", f"release/{old.name}/changes"):
            assert _status(base + path) < 500, path


def _status(url: str) -> int:
    try:
        with urlopen(url, timeout=20) as response:
            return response.status
    except HTTPError as error:
        with error:
            return error.code


def test_the_build_after_an_upgrade_makes_a_release_of_its_own_beside_it(old: Path, mini: Project):
    data = hashes(old)
    new = build(Project(mini.root), old.parent, read_manifest(old).base)
    assert hashes(old) == data and current(old.parent) == new


def test_a_release_of_newer_software_is_refused_in_a_sentence(old: Path):
    told = json.loads((old / MANIFEST).read_text())
    (old / MANIFEST).write_text(json.dumps(told | {"form": told["form"] + 1}))
    done = triplehelix("serve", old.parent)
    assert done.returncode == 1 and "written in another form" in done.stderr

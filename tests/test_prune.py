"""Pruning: the oldest releases go, the current one never; what is told of them stays; nothing is ever half there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from conftest import hashes, triplehelix
from forge import Forge
from series import forge_fixture  # noqa: F401
from test_releases import alter
from triplehelix.build import seal
from triplehelix.build.prune import prune
from triplehelix.build.rollback import rollback
from triplehelix.findings import Faulty
from triplehelix.releases import Manifest, current, history, kept, pruned, verify, verify_remains

BASE = "http://127.0.0.1:8000/"
ONE, TWO, THREE, FOUR = VERSIONS = ["2026-01-01-00000000000a", "2026-01-01-00000000000b", "2026-01-02-00000000000c",
                                    "2026-01-03-00000000000d"]
REMAINS = {"changes/added.nq.gz", "changes/summary.json", "manifest.json"}
LARGE = 50_000


def sealed(releases: Path, version: str, before: str | None) -> Path:
    """A release of a few files, sealed and made current as a build does it."""
    with seal.workshop(releases) as folder:
        for name, size in (("store/1.sst", LARGE), ("dumps/graph/all.ttl", LARGE), ("changes/added.nq.gz", 300),
                           ("changes/summary.json", 20), ("catalogue.ttl", 1_000)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(version[-1].encode() * size)
        seal.hash_store(folder)
        counts = {"triples": 1, "quads": 1, "graphs": 1}
        manifest = Manifest(version, BASE, BASE, "0", "0", counts, {}, {}, seal.inventory(folder), before)
        seal.seal(folder, releases / version, manifest)
        seal.publish(releases, version)
    return releases / version


@pytest.fixture
def four(tmp_path: Path) -> Path:
    """A folder of four releases."""
    releases = tmp_path / "releases"
    for before, version in zip([None, *VERSIONS], VERSIONS):
        sealed(releases, version, before)
    return releases


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def fault(releases: Path, keep: int = 1) -> str:
    """The one line with which pruning refuses; nothing has changed."""
    before = hashes(releases)
    with pytest.raises(Faulty) as caught:
        prune(releases, keep)
    assert hashes(releases) == before
    finding, = caught.value.findings
    return str(finding)


def check_sound(releases: Path, now: str) -> None:
    """Every release is kept whole or pruned with all that stays of it; the current one is there."""
    assert current(releases).name == now
    assert list(history(releases)) == VERSIONS
    assert kept(releases).keys() | pruned(releases).keys() == set(VERSIONS)
    for version in kept(releases):
        verify(releases / version)
    for version in pruned(releases):
        verify_remains(releases / "pruned" / version)


def test_the_oldest_go_and_what_is_told_of_them_stays(four: Path):
    manifests = {version: (four / version / "manifest.json").read_bytes() for version in VERSIONS}
    assert prune(four, 2).versions == (ONE, TWO)
    check_sound(four, FOUR)
    assert list(kept(four)) == [THREE, FOUR] and list(pruned(four)) == [ONE, TWO]
    for version in (ONE, TWO):
        place = four / "pruned" / version
        assert hashes(place).keys() == REMAINS
        assert (place / "manifest.json").read_bytes() == manifests[version]
        assert (place / "changes/added.nq.gz").read_bytes() == version[-1].encode() * 300


def test_where_there_are_no_more_than_that_nothing_goes(four: Path):
    before = hashes(four)
    done = prune(four, 4)
    assert (done.versions, done.freed, hashes(four)) == ((), 0, before)


def test_the_current_release_stays_however_old_it_is(four: Path):
    rollback(four, ONE)
    assert prune(four, 2).versions == (TWO, THREE)
    check_sound(four, ONE)
    assert prune(four, 1).versions == (FOUR,)
    check_sound(four, ONE)


def test_what_a_killed_build_has_left_goes_too(four: Path):
    (four / ".building/dumps").mkdir(parents=True)
    (four / ".building/dumps/half.nt").write_bytes(bytes(1_234))
    assert prune(four, 4).freed == 1_234 and not (four / ".building").exists()


def test_the_bytes_that_are_free_again_are_counted(four: Path):
    before = size(four)
    assert prune(four, 1).freed == before - size(four) > 3 * 2 * LARGE


def test_bytes_that_another_name_holds_are_not_free_again(four: Path):
    os.link(four / ONE / "store/1.sst", four.parent / "backup")
    assert prune(four, 3).freed < 2 * LARGE and (four.parent / "backup").stat().st_size == LARGE


def test_a_release_without_changes_is_pruned_too(four: Path):
    shutil.rmtree(four / ONE / "changes")
    assert prune(four, 3).versions == (ONE,)
    assert sorted(hashes(four / "pruned" / ONE)) == ["manifest.json"]


def test_a_release_that_was_brought_back_from_a_backup_is_pruned_again(four: Path):
    shutil.copytree(four / ONE, four.parent / "backup")
    prune(four, 3)
    shutil.copytree(four.parent / "backup", four / ONE)
    assert list(kept(four)) == VERSIONS and not pruned(four)
    assert prune(four, 3).versions == (ONE,)
    check_sound(four, FOUR)


def test_rollback_says_what_was_pruned(four: Path):
    prune(four, 2)
    with pytest.raises(Faulty) as caught:
        rollback(four, ONE)
    assert str(caught.value) == f"{four}: release {ONE} was pruned: name one of {THREE}, {FOUR}"


def test_fewer_than_one_is_refused(four: Path):
    assert fault(four, 0).startswith(f"{four}: 0 releases cannot be kept")


def test_while_a_build_is_at_work_nothing_is_pruned(four: Path):
    with seal.held(four):
        assert "another build is at work" in fault(four)


def test_where_nothing_is_current_nothing_is_pruned(four: Path):
    (four / "current").unlink()
    assert "there is no current release" in fault(four)
    (four / "current").symlink_to("gone")
    assert f"leads to {four / 'gone'}, which is not there" in fault(four)


def test_a_release_that_cannot_be_read_stops_it(four: Path):
    (four / TWO / "manifest.json").write_text('{"form": 99}')
    assert fault(four).startswith(f"{four / TWO / 'manifest.json'}: written in another form")


def test_a_folder_that_is_not_there_is_told_and_not_made(tmp_path: Path):
    with pytest.raises(Faulty, match="no such folder"):
        prune(tmp_path / "none", 1)
    assert not (tmp_path / "none").exists()


def test_a_kill_before_any_change_leaves_each_release_whole_or_pruned(four: Path, forge: Forge):
    origin, number = four.rename(four.parent / "origin"), 0
    while True:
        number += 1
        shutil.rmtree(four, ignore_errors=True)
        shutil.copytree(origin, four, symlinks=True)
        if forge("prune", four, keep=2, dies_at=number).done:
            break
        check_sound(four, FOUR)
        assert set(kept(four)) >= {THREE, FOUR}
        prune(four, 2)
        check_sound(four, FOUR)
        assert {name for version in (ONE, TWO) for name in hashes(four / "pruned" / version)} == REMAINS
    assert number > 10


def test_a_disk_that_is_full_to_the_last_byte_can_be_pruned(four: Path, forge: Forge):
    (four / "pruned").mkdir()
    assert forge("prune", four, keep=1, full_at=2).done == f"{ONE} {TWO} {THREE}"
    check_sound(four, FOUR)


def test_the_verb_says_what_it_removed_and_how_much_is_free(four: Path):
    before = size(four)
    result = triplehelix("prune", four, "--keep", 3)
    told = f"{four / ONE} is removed\n1 release removed, 3 releases kept, {before - size(four):,} bytes free again\n"
    assert (result.returncode, result.stdout, result.stderr) == (0, told, "")
    assert triplehelix("prune", four, "--keep", 3).stdout == "nothing to remove: 3 releases kept\n"


def test_the_verb_verify_reads_what_stays_too(four: Path):
    prune(four, 3)
    told = triplehelix("verify", four).stdout
    assert told.count("whole and unaltered") == 3 and f"{four / 'pruned' / ONE}: what stays of it is unaltered\n" in told
    path = four / "pruned" / ONE / "changes/added.nq.gz"
    alter(path)
    result = triplehelix("verify", four)
    assert (result.returncode, result.stderr) == (1, f"{path}: altered: its SHA-256 is not the one it was sealed with\n")


@pytest.mark.parametrize("arguments", [(), ("--keep",), ("--keep", "0"), ("--keep", "-1"), ("--keep", "all")])
def test_the_verb_wants_a_number(four: Path, arguments: tuple[str, ...]):
    result = triplehelix("prune", four, *arguments)
    assert result.returncode == 2 and "--keep" in result.stderr and list(kept(four)) == VERSIONS

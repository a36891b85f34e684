"""Releases kept side by side: their order, an earlier one made current again, and the verbs that show and check them."""

import os
import shutil
from pathlib import Path

import pytest

from conftest import triplehelix
from test_build import reworded
from test_releases import alter
from triplehelix.build import build, seal
from triplehelix.build.rollback import rollback
from triplehelix.findings import Faulty
from triplehelix.project import Project
from triplehelix.releases import kept, read_manifest


@pytest.fixture(scope="module")
def three(mini: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three releases, each made after the one before, of one date. Not to be changed: see `copy`."""
    releases = tmp_path_factory.mktemp("three") / "releases"
    draft = Project(shutil.copytree(mini.root, releases.parent / "draft"))
    build(draft, releases)
    build(reworded(draft, "41.5", "41.6"), releases)
    build(reworded(draft, "41.6", "41.7"), releases)
    return releases


@pytest.fixture
def copy(three: Path, tmp_path: Path) -> Path:
    """The same for one test to change."""
    return Path(shutil.copytree(three, tmp_path / "releases", symlinks=True))


def fault(releases: Path, version: str | None = None) -> str:
    """The one line with which rollback refuses; what is current stays so."""
    before = os.readlink(releases / "current")
    with pytest.raises(Faulty) as caught:
        rollback(releases, version)
    assert os.readlink(releases / "current") == before
    finding, = caught.value.findings
    return str(finding)


def test_each_release_names_the_one_before(three: Path):
    manifests = list(kept(three).values())
    assert [manifest.before for manifest in manifests] == [None, *(manifest.version for manifest in manifests[:-1])]
    assert os.readlink(three / "current") == manifests[-1].version


def test_all_sealed_folders_are_releases_and_nothing_else_is(copy: Path):
    folders = {path.name for path in copy.iterdir() if path.is_dir() and not path.is_symlink()}
    (copy / ".building").mkdir()
    (copy / "notes").mkdir()
    assert set(kept(copy)) == folders


def test_manifests_that_name_each_other_end_the_search(copy: Path):
    first, last = list(kept(copy))[0], list(kept(copy))[-1]
    path = copy / first / "manifest.json"
    path.write_text(path.read_text().replace('"before": null', f'"before": "{last}"'))
    assert len(kept(copy)) == 3


def test_rollback_goes_to_the_release_before(copy: Path):
    first, second, third = kept(copy)
    assert rollback(copy).version == second and os.readlink(copy / "current") == second
    assert rollback(copy).version == first and os.readlink(copy / "current") == first
    assert list(kept(copy)) == [first, second, third]


def test_rollback_goes_to_any_release_and_forward_again(copy: Path):
    first, _, third = kept(copy)
    assert rollback(copy, first).version == first
    assert rollback(copy, third).version == third and os.readlink(copy / "current") == third


def test_there_is_nothing_before_the_first(copy: Path):
    first, second, third = kept(copy)
    rollback(copy, first)
    assert fault(copy) == f"{copy}: no release was current before this one: name one of {first}, {second}, {third}"


@pytest.mark.parametrize("version", ["2026-01-01-000000000000", "current", ".building", "../releases", "/"])
def test_what_is_no_release_is_refused(copy: Path, version: str):
    assert fault(copy, version).startswith(f"{copy}: there is no release {version!r}: name one of ")


def test_a_release_that_was_altered_is_not_made_current(copy: Path):
    second = list(kept(copy))[1]
    alter(copy / second / "dumps/dataset.nt")
    assert fault(copy) == f"{copy / second / 'dumps/dataset.nt'}: altered: its SHA-256 is not the one it was sealed with"


def test_rollback_waits_for_no_build(copy: Path):
    with seal.held(copy):
        assert "another build is at work" in fault(copy)


def test_a_folder_without_releases_is_told_and_left(tmp_path: Path):
    with pytest.raises(Faulty, match="no current release"):
        rollback(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_release_after_a_rollback_follows_the_one_that_was_current(copy: Path, mini: Project, tmp_path: Path):
    first = next(iter(kept(copy)))
    rollback(copy, first)
    draft = reworded(Project(shutil.copytree(mini.root, tmp_path / "draft")), "41.5", "41.8")
    assert read_manifest(build(draft, copy)).before == first


def test_the_verb_releases_lists_them_and_marks_the_current_one(three: Path):
    result = triplehelix("releases", three)
    lines = result.stdout.splitlines()
    assert (result.returncode, result.stderr) == (0, "")
    assert [line[2:].split()[0] for line in lines] == list(kept(three))
    assert [line[0] for line in lines] == [" ", " ", "*"]
    counts = [f"{manifest.counts['triples']:,} triples" for manifest in kept(three).values()]
    assert all(count in line for count, line in zip(counts, lines, strict=True))


def test_the_verb_rollback_says_what_is_current(copy: Path):
    second = list(kept(copy))[1]
    result = triplehelix("rollback", copy)
    assert (result.returncode, result.stdout) == (0, f"{copy / second} is the current release\n")


def test_the_verb_verify_reads_all_releases_or_one(copy: Path):
    first, second, third = kept(copy)
    assert triplehelix("verify", copy).stdout.count("whole and unaltered") == 3
    path = copy / second / "representations.sqlite"
    alter(path)
    result = triplehelix("verify", copy)
    assert (result.returncode, result.stdout) == (1, f"{copy / first}: whole and unaltered\n")
    assert result.stderr == f"{path}: altered: its SHA-256 is not the one it was sealed with\n"
    assert triplehelix("verify", copy, third).stdout == f"{copy / third}: whole and unaltered\n"
    assert triplehelix("verify", copy, "no-such").returncode == 1


def test_serving_with_verify_refuses_what_was_altered(copy: Path):
    path = copy / os.readlink(copy / "current") / "dumps/dataset.nt"
    alter(path)
    result = triplehelix("serve", copy, "--verify")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"{path}: altered: its SHA-256 is not the one it was sealed with\n"

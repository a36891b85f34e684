"""Reading releases: what is current, and whether a sealed release is whole and unaltered."""

import json
import shutil
from pathlib import Path

import pytest

from triplehelix.findings import Faulty
from triplehelix.releases import (
    Manifest,
    current,
    history,
    kept,
    moments,
    pruned,
    read_manifest,
    require_whole,
    sha256,
    verify,
)


@pytest.fixture
def copy(mini_release: Path, tmp_path: Path) -> Path:
    """A copy of a sealed release that one test may damage."""
    return Path(shutil.copytree(mini_release, tmp_path / "release"))


def faults(step, release: Path) -> list[str]:
    with pytest.raises(Faulty) as caught:
        step(release)
    return [str(finding) for finding in caught.value.findings]


def largest(release: Path, pattern: str) -> Path:
    return max(release.glob(pattern), key=lambda path: path.stat().st_size)


def alter(path: Path) -> None:
    """Another value for one byte in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_sealed_release_is_whole_and_unaltered(copy: Path):
    assert verify(copy) == require_whole(copy) == read_manifest(copy)


def test_the_real_release_is_whole_and_unaltered(release: Path):
    assert verify(release).version == release.name


def test_the_manifest_lists_every_file_but_itself_and_the_store(copy: Path):
    names = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    listed = set(read_manifest(copy).files)
    assert {name for name in names - listed if not name.startswith("store/")} == {"manifest.json", "store.sha256"}
    assert listed <= names


def test_the_hashes_of_the_store_stand_apart(copy: Path):
    rows = dict(reversed(line.split("  ", 1)) for line in (copy / "store.sha256").read_text().splitlines())
    assert set(rows) == {path.relative_to(copy).as_posix() for path in (copy / "store").iterdir()}
    assert all(sha256(copy / name) == value for name, value in rows.items())


@pytest.mark.parametrize("name", ["dumps/dataset.ttl", "dumps/graph/lights.rdf.gz", "catalogue.ttl", "report.ttl",
                                  "queries/lights-of-a-harbour.rq"])
def test_a_missing_file_is_named(copy: Path, name: str):
    (copy / name).unlink()
    assert faults(require_whole, copy) == [f"{copy / name}: missing from the release"]


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"\n", lambda data: data[:0]],
                         ids=["shorter", "longer", "empty"])
def test_a_file_of_another_size_is_named(copy: Path, change):
    path = copy / "dumps/dataset.nt"
    before = path.stat().st_size
    path.write_bytes(change(path.read_bytes()))
    assert faults(require_whole, copy) == [f"{path}: has {path.stat().st_size} bytes; the release was sealed with {before}"]


def test_a_missing_file_of_the_store_is_named(copy: Path):
    path = largest(copy, "store/*.sst")
    path.unlink()
    assert faults(require_whole, copy) == [f"{path}: missing from the store"]


def test_a_missing_list_of_the_store_is_named(copy: Path):
    (copy / "store.sha256").unlink()
    told, = faults(require_whole, copy)
    assert told.startswith(f"{copy / 'store.sha256'}: ")


def test_every_missing_file_is_named_at_once(copy: Path):
    for name in ("catalogue.ttl", "report.ttl"):
        (copy / name).unlink()
    assert len(faults(require_whole, copy)) == 2


@pytest.mark.parametrize("name", ["dumps/dataset.jsonld", "dumps/dataset.nq.gz", "catalogue.ttl"])
def test_one_altered_byte_is_found(copy: Path, name: str):
    alter(copy / name)
    assert require_whole(copy)
    assert faults(verify, copy) == [f"{copy / name}: altered: its SHA-256 is not the one it was sealed with"]


def test_one_altered_byte_of_the_store_is_found(copy: Path):
    path = largest(copy, "store/*.sst")
    alter(path)
    told, = faults(verify, copy)
    assert told.startswith(f"{path}: altered")


def test_a_folder_without_manifest_is_no_release(tmp_path: Path):
    told, = faults(read_manifest, tmp_path)
    assert told.startswith(f"{tmp_path / 'manifest.json'}: missing")


@pytest.mark.parametrize(("text", "words"), [
    ("{", "cannot be read"), ("\x00", "cannot be read"), ("[]", "another form"), ("{}", "another form"),
    ('{"form": 2}', "another form"), ('{"form": 1}', "fields are missing"),
])
def test_an_unreadable_manifest_is_told(copy: Path, text: str, words: str):
    (copy / "manifest.json").write_text(text)
    told, = faults(read_manifest, copy)
    assert words in told


def test_a_manifest_of_bytes_that_are_no_text_is_told(copy: Path):
    (copy / "manifest.json").write_bytes(b"\xff\xfe")
    assert "cannot be read" in faults(read_manifest, copy)[0]


def test_a_manifest_comes_back_as_it_was_written(copy: Path):
    data = (copy / "manifest.json").read_bytes()
    assert Manifest(**json.loads(data)).to_json() == data


def test_current_is_the_folder_the_link_names(mini_release: Path):
    assert current(mini_release.parent) == mini_release


def test_a_folder_without_a_current_release_is_told(tmp_path: Path):
    assert faults(current, tmp_path) == [
        f"{tmp_path / 'current'}: there is no current release: run `triplehelix build` first"]


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path):
    (tmp_path / "current").symlink_to("gone")
    told, = faults(current, tmp_path)
    assert told.startswith(f"{tmp_path / 'current'}: leads to {tmp_path / 'gone'}, which is not there: ") and "rollback" in told


def test_a_folder_in_the_place_of_the_link_is_told(tmp_path: Path):
    (tmp_path / "current").mkdir()
    told, = faults(current, tmp_path)
    assert told.startswith(f"{tmp_path / 'current'}: is no link") and "rollback" in told


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    assert "there is no current release" in faults(current, tmp_path / "file")[0]


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """A folder with the manifests of releases, of which the second was pruned; the last two follow the third."""
    for version, before in zip(VERSIONS, [None, *VERSIONS[:3], VERSIONS[2]], strict=True):
        folder = tmp_path / ("pruned" if version == VERSIONS[1] else "") / version
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_bytes(Manifest(version, "", "", "", "", {}, {}, {}, {}, before).to_json())
    return tmp_path


VERSIONS = ["2026-01-02-ffffffffffff", "2026-01-01-eeeeeeeeeeee", "2026-01-02-dddddddddddd", "2026-01-02-bbbbbbbbbbbb",
            "2026-01-02-cccccccccccc"]


def test_the_order_of_releases_is_that_in_which_they_were_made(chain: Path):
    assert list(history(chain)) == VERSIONS
    assert list(kept(chain)) == [VERSIONS[0], *VERSIONS[2:]]
    assert list(pruned(chain)) == [VERSIONS[1]]


def test_a_copy_under_another_name_is_no_release(chain: Path):
    shutil.copytree(chain / VERSIONS[0], chain / "copy")
    assert list(history(chain)) == VERSIONS


def test_releases_of_one_date_are_a_second_apart(chain: Path):
    told = [moment.isoformat() for moment in moments(history(chain)).values()]
    assert told == ["2026-01-02T00:00:00+00:00", "2026-01-01T00:00:00+00:00", "2026-01-02T00:00:01+00:00",
                    "2026-01-02T00:00:02+00:00", "2026-01-02T00:00:03+00:00"]


def test_a_name_without_a_date_has_no_moment(chain: Path):
    manifest = read_manifest(chain / VERSIONS[0])
    with pytest.raises(Faulty, match="does not begin with a date"):
        moments({"one": manifest})

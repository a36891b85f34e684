"""The folder of dumps as a research object (RO-Crate 1.1); the validator of others judges it in tests/clients."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import require
from triplehelix.build.crate import Hashed, crate
from triplehelix.build.record import Agent, Record
from triplehelix.releases import read_manifest, sha256

BASE, VERSION = "http://127.0.0.1:8000/", "2026-11-23-0123456789ab"
OFFICE, ANNA = Agent("http://example.org/office", "Office"), Agent("http://example.org/anna", "Anna", is_person=True)
# Every name that the crate may use: in the context of RO-Crate 1.1, or defined beside it.
KNOWN = {"@id", "@type", "about", "author", "conformsTo", "contentSize", "datePublished", "description", "encodingFormat",
         "hasPart", "identifier", "license", "name", "publisher", "url", "version"}


def told(license: str = "", creators: tuple = (), publishers: tuple = (), title: str = "Harbours", **files: Hashed) -> dict:
    record = Record(BASE, VERSION, title, "", license, creators, publishers)
    return json.loads(crate(record, files))


def entities(read: dict) -> dict[str, dict]:
    found = {entity["@id"]: entity for entity in read["@graph"]}
    assert len(found) == len(read["@graph"]), "two entities of one name"
    return found


def test_every_file_of_the_folder_is_a_part_by_size_and_checksum(mini_release: Path):
    folder = mini_release / "dumps"
    found = entities(json.loads((folder / "ro-crate-metadata.json").read_bytes()))
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    parts = {part["@id"] for part in found["./"]["hasPart"]}
    assert parts == files - {"ro-crate-metadata.json", "SHA256SUMS"}
    for name in parts:
        file = found[name]
        assert (file["@type"], file["contentSize"]) == ("File", str((folder / name).stat().st_size))
        assert file["sha256"] == sha256(folder / name)
    kinds = {"dataset.ttl": "text/turtle", "dataset.ttl.gz": "application/gzip", "tables/Harbour.csv": "text/csv",
             "tables/csv-metadata.json": "application/csvm+json"}
    assert {name: found[name]["encodingFormat"] for name in kinds} == kinds


def test_the_root_says_what_the_record_says(mini_release: Path):
    manifest = read_manifest(mini_release)
    found = entities(json.loads((mini_release / "dumps/ro-crate-metadata.json").read_bytes()))
    assert found["ro-crate-metadata.json"] == {
        "@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"}}
    root = found["./"]
    assert (root["name"], root["version"], root["datePublished"]) == (
        "Harbours and their lights", manifest.version, manifest.version[:10])
    assert root["license"] == {"@id": "http://creativecommons.org/publicdomain/zero/1.0/"} and root["license"]["@id"] in found
    assert root["identifier"] == f"{manifest.base}release/{manifest.version}/"


def test_persons_and_bodies_are_told_apart_and_named_once():
    found = entities(told(creators=(OFFICE, ANNA), publishers=(OFFICE,)))
    assert found["./"]["author"] == [{"@id": OFFICE.iri}, {"@id": ANNA.iri}] and found["./"]["publisher"] == {"@id": OFFICE.iri}
    assert (found[OFFICE.iri]["@type"], found[ANNA.iri]["@type"]) == ("Organization", "Person")


def test_nothing_is_made_up():
    root = entities(told())["./"]
    assert not {"license", "author", "publisher"} & root.keys() and root["description"] and root["hasPart"] == []


def test_names_are_relative_iris_and_text_is_json():
    read = told(title='"\n</script>', **{"a b/ü#?.ttl": Hashed(1, "0")})
    assert entities(read)["./"]["name"] == '"\n</script>' and "a%20b/%C3%BC%23%3F.ttl" in entities(read)


def test_every_name_is_defined(mini_release: Path):
    read = json.loads((mini_release / "dumps/ro-crate-metadata.json").read_bytes())
    beside = read["@context"][1].keys()
    assert {name for entity in read["@graph"] for name in entity} <= KNOWN | beside


@pytest.mark.parametrize("spoiled", [False, True])
def test_sha256sum_checks_the_folder(mini_release: Path, tmp_path: Path, spoiled: bool):
    folder = shutil.copytree(mini_release / "dumps", tmp_path / "dumps")
    if spoiled:
        (folder / "tables.zip").write_bytes(b"other")
    done = subprocess.run([require("sha256sum"), "--check", "--quiet", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True,
                          text=True, timeout=60)
    assert (done.returncode, "tables.zip: FAILED" in done.stdout) == (int(spoiled), spoiled)

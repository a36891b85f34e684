"""The files of a release over HTTP: the page that lists them, what each says of itself, and downloads that are resumed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conftest import require, served
from tabular import tables
from triplehelix.releases import CURRENT, Manifest, read_manifest
from web_release import Visitor, client_of, releases_fixture, room_fixture, small_fixture  # noqa: F401

KINDS = {
    "dataset.ttl": "text/turtle; charset=utf-8", "dataset.nq": "application/n-quads", "dataset.ttl.gz": "application/gzip",
    "tables/Harbour.csv": "text/csv; charset=utf-8; header=present", "tables/Harbour.csv.gz": "application/gzip",
    "tables/csv-metadata.json": "application/csvm+json", "tables/README.txt": "text/plain; charset=utf-8",
    "tables.zip": "application/zip", "ro-crate-metadata.json": "application/ld+json", "SHA256SUMS": "text/plain; charset=utf-8"}
LARGE, CUT = 24_000_000, 5_000_000
PARTIAL = 18


@pytest.fixture(scope="module")
def visitor(mini_release: Path, room) -> Visitor:
    return client_of(mini_release.parent, room, read_manifest(mini_release).base)


@pytest.mark.parametrize("name", KINDS)
def test_a_file_says_what_it_is_and_how_long(visitor: Visitor, mini_release: Path, name: str):
    data, response = (mini_release / "dumps" / name).read_bytes(), visitor.get(f"/dumps/{name}", buffered=True)
    assert (response.status_code, response.headers["Content-Type"], response.data) == (200, KINDS[name], data)
    assert response.headers["ETag"] == f'"{hashlib.sha256(data).hexdigest()}"' and response.headers["Accept-Ranges"] == "bytes"
    part = visitor.get(f"/dumps/{name}", headers={"Range": "bytes=10-"}, buffered=True)
    assert (part.status_code, part.data) == (206, data[10:])


def test_a_table_leads_to_what_describes_it(visitor: Visitor, mini_release: Path):
    base = read_manifest(mini_release).base
    described = f'<{base}dumps/tables/csv-metadata.json>; rel="describedby"; type="application/csvm+json"'
    for name, is_told in {"tables/Harbour.csv": True, "tables/Harbour.csv.gz": True, "tables/csv-metadata.json": False,
                          "dataset.ttl": False, "tables.zip": False}.items():
        link = visitor.head(f"/dumps/{name}").headers["Link"]
        assert (described in link, f'<{base}dumps/>; rel="collection"' in link) == (is_told, True), name


def test_a_table_is_sent_packed_to_who_takes_gzip(visitor: Visitor, mini_release: Path):
    packed = (mini_release / "dumps/tables/Harbour.csv.gz").read_bytes()
    response = visitor.get("/dumps/tables/Harbour.csv", headers={"Accept-Encoding": "gzip"}, buffered=True)
    assert (response.headers["Content-Encoding"], response.data) == ("gzip", packed)
    assert response.headers["Content-Type"] == KINDS["tables/Harbour.csv"]
    assert response.headers["ETag"] == f'"{hashlib.sha256(packed).hexdigest()}"'


def test_the_page_lists_every_table_and_what_checks_the_folder(visitor: Visitor, mini_release: Path):
    page = visitor.get("/dumps/").text
    found = set(re.findall(r'href="/(dumps/[^"#?]+)"', page))
    assert {name for name in found if visitor.head(f"/{name}").status_code != 200} == set()
    listed = {name for name in read_manifest(mini_release).files if name.startswith("dumps/")}
    assert listed <= found
    for table in tables(mini_release).values():
        row = re.search(rf'{table.told["dc:title"]}<br>.*?</tr>', page, re.DOTALL)[0]
        assert f'<td class="number">{table.told["void:entities"]:,}</td>' in row


def test_a_release_without_tables_has_a_page_without_them(small: Visitor):
    page = small.get("/dumps/").text
    assert 'id="whole"' in page and 'id="tables"' not in page and 'id="folder"' not in page
    assert small.get("/dumps/tables.zip").status_code == small.get("/dumps/tables/csv-metadata.json").status_code == 404


def test_below_its_own_address_a_release_has_the_same_files(visitor: Visitor, mini_release: Path):
    version = read_manifest(mini_release).version
    for name in KINDS:
        own, latest = (visitor.get(f"{room}/dumps/{name}", buffered=True) for room in (f"/release/{version}", ""))
        assert (own.status_code, own.data, own.headers["ETag"]) == (200, latest.data, latest.headers["ETag"])


# --- downloads that are cut

@pytest.fixture(scope="module")
def large(mini_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, bytes]]:
    """A server of a release in which one file is large; its URL and bytes."""
    root, data = tmp_path_factory.mktemp("large"), random.Random(5).randbytes(LARGE)
    folder = shutil.copytree(mini_release, root / mini_release.name)
    (folder / "dumps/dataset.nt").write_bytes(data)
    manifest: Manifest = read_manifest(folder)
    manifest.files["dumps/dataset.nt"] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    (folder / "manifest.json").write_bytes(manifest.to_json())
    (root / CURRENT).symlink_to(folder.name)
    with served(folder) as base:
        yield base + "dumps/dataset.nt", data


@contextlib.contextmanager
def cutting(port: int, length: int) -> Iterator[int]:
    """A port from which one connection is passed on to another one, until so many bytes have come back."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)

        def pass_on() -> None:
            visitor, _ = listener.accept()
            with visitor, socket.create_connection(("127.0.0.1", port), 30) as server:
                server.sendall(visitor.recv(65_536))
                passed = 0
                while passed < length and (block := server.recv(min(65_536, length - passed))):
                    visitor.sendall(block)
                    passed += len(block)

        thread = threading.Thread(target=pass_on)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(30)


def curl(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [require("curl"), "--silent", "--max-time", "60", "--write-out", "%{json}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=90)


def test_curl_resumes_a_download_that_was_cut(large: tuple[str, bytes], tmp_path: Path):
    url, data = large
    target, port = tmp_path / "dataset.nt", urlsplit(url).port
    for cuts in (1, 2):
        with cutting(port, CUT) as through:
            broken = curl("--continue-at", "-", "--output", str(target), "--connect-to", f"::127.0.0.1:{through}", url)
        assert broken.returncode == PARTIAL and 0 < target.stat().st_size <= cuts * CUT
    before = target.stat().st_size
    done = curl("--continue-at", "-", "--output", str(target), url)
    told = json.loads(done.stdout)
    assert (done.returncode, told["http_code"], told["size_download"]) == (0, 206, LARGE - before)
    assert hashlib.sha256(target.read_bytes()).digest() == hashlib.sha256(data).digest()


def test_a_whole_download_is_not_begun_again(large: tuple[str, bytes], tmp_path: Path):
    url, data = large
    (tmp_path / "dataset.nt").write_bytes(data)
    told = json.loads(curl("--continue-at", "-", "--output", str(tmp_path / "dataset.nt"), url).stdout)
    assert (told["http_code"], (tmp_path / "dataset.nt").stat().st_size) == (416, LARGE)


def test_a_part_of_what_has_changed_is_not_sent(large: tuple[str, bytes]):
    """If-Range: whoever has the beginning of another file gets this one whole (RFC 9110 section 13.1.5)."""
    url, _ = large
    for tag, status in (('"other"', 200), (f'"{hashlib.sha256(large[1]).hexdigest()}"', 206)):
        told = json.loads(curl("--range", "100-199", "--header", f"If-Range: {tag}", "--output", "/dev/null", url).stdout)
        assert (told["http_code"], told["size_download"]) == (status, LARGE if status == 200 else 100)

"""What the pages load that others have written is what the table says; and what is our own asks nobody."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from pathlib import Path

import pytest

from conftest import ROOT

ASSETS, WEB = ROOT / "server" / "assets", ROOT / "server" / "triplehelix" / "web"
VENDOR = WEB / "static" / "vendor"
TABLE = {name: checksum for checksum, _, name in (
    line.partition("  ") for line in (ASSETS / "SHA256SUMS").read_text(encoding="utf-8").splitlines())}
OWN = sorted(path for path in (WEB / "static").rglob("*") if path.suffix in (".css", ".js") and VENDOR not in path.parents)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_file_is_as_the_table_says(name: str):
    assert hashlib.sha256((WEB / name).read_bytes()).hexdigest() == TABLE[name]


def test_the_wheel_has_them(wheel: Path):
    with zipfile.ZipFile(wheel) as packed:
        held = {name: hashlib.sha256(packed.read(f"triplehelix/web/{name}")).hexdigest() for name in TABLE}
    assert held == TABLE


def test_nothing_else_is_vendored():
    found = {path.relative_to(WEB).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert found == {name for name in TABLE if name.startswith("static/")}


def test_each_version_is_one_and_locked():
    wanted = json.loads((ASSETS / "package.json").read_text())["dependencies"]
    locked = json.loads((ASSETS / "package-lock.json").read_text())["packages"]
    assert wanted == {"@zazuko/yasgui": "4.6.2", "leaflet": "1.9.4", "world-atlas": "2.0.2"}
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(row["integrity"].startswith("sha512-") for path, row in locked.items() if path)


def test_each_comes_with_its_licence():
    for folder in (path for path in VENDOR.iterdir() if path.is_dir()):
        texts = [path.read_text(encoding="utf-8") for path in folder.glob("LICENSE*.txt")]
        assert texts and "opyright" in texts[0], folder
    locked = json.loads((ASSETS / "package-lock.json").read_text())["packages"]
    told = (VENDOR / "yasgui" / "LICENSES.txt").read_text(encoding="utf-8")
    bundled = {path.removeprefix("node_modules/") for path in locked if path} - {"leaflet", "world-atlas"}
    assert {name for name in bundled if not re.search(rf"^{re.escape(name)} \d", told, re.MULTILINE)} == set()


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_our_own_files_name_no_other_host_and_write_no_html(path: Path):
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\s\"'`)]+", text)) <= {"http://www.w3.org/2001/XMLSchema#", "http://www.w3.org/2000/svg"}
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|style=", text)

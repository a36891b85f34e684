"""The wheel, built from the sdist, in an environment that has never seen the checkout."""

from __future__ import annotations

import zipfile
from pathlib import Path

from conftest import run_clean

STRANGER = """@prefix th: <https://w3id.org/triplehelix/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://example.org/alpine-wood> a th:ClusterOrganisation ;
    skos:prefLabel "Alpine Wood"@en{rest} .
"""


def test_wheel_holds_the_four_folders(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for room in ("ontology", "data", "shapes", "queries"):
        assert any(name.startswith(f"triplehelix/share/{room}/") for name in names), room
    assert not any(name.startswith(("server/", "tests/")) for name in names)


def test_check_accepts_a_strangers_good_file(installed: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.ttl"
    mine.write_text(STRANGER.format(rest=';\n    th:sourceTerm "cluster"'))
    done = run_clean(installed / "triplehelix", "check", mine, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout) == (0, "conforms: no finding\n"), done.stderr


def test_check_says_what_is_wrong_with_a_strangers_file(installed: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.ttl"
    mine.write_text(STRANGER.format(rest=""))
    done = run_clean(installed / "triplehelix", "check", mine, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert f"{mine}:4: <https://example.org/alpine-wood>:" in done.stderr
    assert "sourceTerm" in done.stderr or "source" in done.stderr


def test_help_needs_no_development_packages(installed: Path, tmp_path: Path) -> None:
    assert "publish linked data" in run_clean(installed / "triplehelix", "--help", cwd=tmp_path).stdout

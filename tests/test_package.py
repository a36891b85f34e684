"""The wheel, built from the sdist, in an environment that has never seen the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STRANGER = """@prefix th: <https://w3id.org/triplehelix/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<https://example.org/alpine-wood> a th:ClusterOrganisation ;
    skos:prefLabel "Alpine Wood"@en{rest} .
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that `python -m build` makes from the sdist it has just made."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of a clean environment with the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=True)
    done = run(folder / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, check=False)
    if done.returncode and not os.environ.get("CI"):
        pytest.skip(f"the package index is not in reach, so the wheel was not installed: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stderr
    return folder / "bin"


def test_wheel_holds_the_four_folders(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for room in ("ontology", "data", "shapes", "queries"):
        assert any(name.startswith(f"triplehelix/share/{room}/") for name in names), room
    assert not any(name.startswith(("server/", "tests/")) for name in names)


def test_check_accepts_a_strangers_good_file(installed: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.ttl"
    mine.write_text(STRANGER.format(rest=';\n    th:sourceTerm "cluster"'))
    done = run(installed / "triplehelix", "check", mine, cwd=tmp_path, check=False)
    assert (done.returncode, done.stdout) == (0, "conforms: no finding\n"), done.stderr


def test_check_says_what_is_wrong_with_a_strangers_file(installed: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.ttl"
    mine.write_text(STRANGER.format(rest=""))
    done = run(installed / "triplehelix", "check", mine, cwd=tmp_path, check=False)
    assert done.returncode == 1
    assert f"{mine}:4: <https://example.org/alpine-wood>:" in done.stderr
    assert "sourceTerm" in done.stderr or "source" in done.stderr


def test_help_needs_no_development_packages(installed: Path, tmp_path: Path) -> None:
    assert "publish linked data" in run(installed / "triplehelix", "--help", cwd=tmp_path).stdout


def run(*words: object, check: bool = True, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    command = [str(word) for word in words]
    return subprocess.run(command, capture_output=True, text=True, check=check, cwd=cwd, env=environment, timeout=280)

"""The drill for the day on which all is lost: build, back up, destroy, restore, verify, serve, ask; each step with its seconds.

`python -m drill [--project FOLDER]`, or `make drill`. It works on copies in a folder of its own, with the scripts of
docs/deploy/ as an operator has them, and ends with an error where anything comes back other than it was.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from conftest import ROOT, free_port, hashes, served, triplehelix
from triplehelix.releases import current, kept

SCRIPTS = ROOT / "docs/deploy"
NEVER_COPIED = shutil.ignore_patterns(".git", ".venv*", ".releases", "__pycache__", "node_modules")
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"


class Drill:
    """A project with its releases in one folder, a backup in another."""

    def __init__(self, folder: Path, project: Path) -> None:
        self.project, self.releases, self.backup = folder / "live/project", folder / "live/releases", folder / "backup"
        self.seconds: dict[str, float] = {}
        shutil.copytree(project, self.project, ignore=NEVER_COPIED)
        self._base = f"http://127.0.0.1:{free_port()}/"

    def run(self) -> None:
        """All of it. Raises AssertionError where anything is not as it was, CalledProcessError where a step fails."""
        self._timed("build", self._build)
        before, triples = self._held(), self._ask()
        self._timed("back up", lambda: script("backup.sh", self.project, self.releases, self.backup))
        self._timed("back up again, with nothing new", lambda: script("backup.sh", self.project, self.releases, self.backup))
        self._timed("destroy", lambda: shutil.rmtree(self.project.parent))
        self._timed("restore", lambda: script("restore.sh", self.backup, self.project, self.releases))
        assert self._held() == before, "files came back other than they were"
        self._timed("verify", lambda: command("verify", self.releases))
        self._timed("serve and ask", lambda: self._same(triples))
        version = current(self.releases)
        self._timed("build from the project that came back", self._build)
        assert current(self.releases) == version and list(kept(self.releases)) == [version.name], "the same data, another version"

    def lost(self) -> float:
        """Seconds from the loss of all to an answer."""
        return sum(self.seconds[step] for step in ("restore", "verify", "serve and ask"))

    def _timed(self, step: str, act: Callable[[], object]) -> None:
        began = time.perf_counter()
        act()
        self.seconds[step] = time.perf_counter() - began

    def _held(self) -> list[dict[str, str]]:
        """Every file that is to come back, as a hash."""
        return [hashes(self.project), *(hashes(self.releases / version) for version in kept(self.releases))]

    def _build(self) -> None:
        command("build", self.releases, "--base", self._base, "--project", self.project)

    def _ask(self) -> int:
        """The triples that the server counts, and a page of it."""
        with served(current(self.releases)) as base:
            asked = Request(base + "sparql?" + urlencode({"query": COUNT}), headers={"Accept": "application/sparql-results+json"})
            with urlopen(base, timeout=30) as page, urlopen(asked, timeout=30) as answer:
                assert page.status == 200
                return int(json.load(answer)["results"]["bindings"][0]["n"]["value"])

    def _same(self, triples: int) -> None:
        assert self._ask() == triples, "the server counts other triples than before"


def script(name: str, *arguments: Path) -> None:
    subprocess.run([SCRIPTS / name, *arguments], check=True)


def command(*arguments: object) -> None:
    triplehelix(*arguments).check_returncode()


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the seconds of each step."""
    parser = argparse.ArgumentParser(prog="drill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, default=ROOT / "tests/project", help="default: the miniature")
    with tempfile.TemporaryDirectory(prefix="drill-") as folder:
        drill = Drill(Path(folder), parser.parse_args(arguments).project)
        drill.run()
    for step, seconds in drill.seconds.items():
        print(f"{seconds:8.2f} s  {step}")
    print(f"{drill.lost():8.2f} s  from the loss of all to an answer")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Asks for the known vulnerabilities of all that the lock files name, by pip-audit, and fails where it could not ask.

`python -m audit LOCK ... [--osv-url URL]`, or `make audit`. Exit status 0: asked, and none is known. 1: some are. 2: it did not
run: no network, no tool, no lock file, or an index that knows nothing. To tell such an index from a clean bill, it is asked
first for a release that is known to be vulnerable.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

OSV = "https://api.osv.dev/v1/query"
# Advisories of years stand against it, and stay.
KNOWN = ("jinja2", "2.10")
PINNED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}(?![0-9a-f])")
ERROR = re.compile(r"(Error|Exception): \S")
SECONDS = 600
CLEAN, VULNERABLE, DID_NOT_RUN = 0, 1, 2
Requirement = tuple[str, str]


class DidNotRun(Exception):
    """Why the audit cannot say anything."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status; what was found, or why nothing could be, is printed."""
    parser = argparse.ArgumentParser(prog="audit", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("locks", nargs="+", type=Path, metavar="LOCK")
    parser.add_argument("--osv-url", default=OSV, help="the index to ask, in the form of osv.dev (default: %(default)s)")
    given = parser.parse_args(arguments)
    try:
        wanted = sorted({requirement for lock in given.locks for requirement in locked(lock)})
        found = audited(wanted, given.osv_url)
    except DidNotRun as error:
        print(f"The audit did not run: {error}", file=sys.stderr)
        return DID_NOT_RUN
    for (name, version), faults in sorted(found.items()):
        for fault in faults:
            print(f"{name} {version}: {fault}")
    total = sum(map(len, found.values()))
    print(f"{len(wanted)} packages of {len(given.locks)} lock files: "
          + (f"known vulnerabilities: {total}" if total else "no known vulnerability"))
    return VULNERABLE if total else CLEAN


def locked(lock: Path) -> Iterator[Requirement]:
    """Name and version of each requirement of a lock file. Raises DidNotRun where one is not pinned, or has no hash."""
    try:
        text = lock.read_text(encoding="utf-8")
    except OSError as error:
        raise DidNotRun(f"{lock}: {error.strerror}") from error
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise DidNotRun(f"{lock}: names no package")
    for line in lines:
        pinned = PINNED.match(line)
        if not pinned or not HASH.search(line):
            raise DidNotRun(f"{lock}: not pinned to one version with its sha256: {line.split(' --hash')[0].strip()}")
        yield pinned[1].lower(), pinned[2]


def audited(wanted: Sequence[Requirement], url: str) -> dict[Requirement, list[str]]:
    """What is known against each requirement. Raises DidNotRun where the index does not answer for all of them."""
    if not _asked([KNOWN], url)[KNOWN]:
        raise DidNotRun(f"{url} knows nothing of {' '.join(KNOWN)}, which is vulnerable: it has no advisories to compare with")
    return _asked(wanted, url)


def _asked(wanted: Sequence[Requirement], url: str) -> dict[Requirement, list[str]]:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        # Without the markers: what is for another Python or system is audited too.
        file.write("".join(f"{name}=={version}\n" for name, version in wanted))
        file.flush()
        told = _run(["-r", file.name, "--no-deps", "--disable-pip", "--strict", "--progress-spinner", "off", "--format", "json",
                     "--desc", "off", "-s", "osv", "--osv-url", url])
    answers = {(row["name"].lower(), row["version"]): [_told(fault) for fault in row["vulns"]]
               for row in told if "vulns" in row}
    if missing := [" ".join(each) for each in wanted if each not in answers]:
        raise DidNotRun(f"no answer for {', '.join(missing)}")
    return answers


def _told(fault: dict) -> str:
    return f"{fault['id']}, mended in {', '.join(fault['fix_versions']) or 'no version yet'}"


def _run(arguments: list[str]) -> list[dict]:
    """What pip-audit says of each package. It ends with 1 for a vulnerability and for a failure alike: what it prints decides."""
    try:
        done = subprocess.run([sys.executable, "-m", "pip_audit", *arguments], capture_output=True, text=True, timeout=SECONDS,
                              check=False)
        return json.loads(done.stdout)["dependencies"]
    except subprocess.TimeoutExpired as error:
        raise DidNotRun(f"no answer in {SECONDS} seconds") from error
    except (OSError, ValueError, LookupError, TypeError) as error:
        lines = done.stderr.splitlines() or ["pip-audit said nothing"]
        # The first error of a chain is the cause.
        raise DidNotRun(next((line for line in lines if ERROR.search(line)), lines[-1])) from error


if __name__ == "__main__":
    sys.exit(main())

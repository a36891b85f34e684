"""Lighthouse on the pages that most visitors see: fails where one is not wholly accessible, or not whole for search engines.

`python -m lighthouse.measure [RELEASES]`, or `make lighthouse`: serves the current release of the folder at its own address.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from conftest import ROOT, served

PAGES = ("", "doc/id/organisation/aerospace-valley", "doc/scheme/nuts2024/ES21", "browse/ClusterOrganisation", "sparql")
# Those of which all is asked, and those that are told only: they depend on the machine and on its load.
ASKED, TOLD = ("accessibility", "seo"), ("best-practices", "performance")
SCORED = ("binary", "numeric", "metricSavings")
PROGRAM = ROOT / "tests/lighthouse/node_modules/.bin/lighthouse"
CHROMIUM = "--headless=new --no-sandbox --disable-gpu --disable-quic --disable-background-networking --disable-component-update"


def main(releases: Path) -> int:
    """Prints the figures of each page, of 100; 1 where one that is asked for is lower."""
    failed = False
    with served((releases / "current").resolve()) as base:
        print("".join(f"{name:>16}" for name in (*ASKED, *TOLD)))
        for page in PAGES:
            report = measured(base + page)
            scores = (100 * report["categories"][name]["score"] for name in (*ASKED, *TOLD))
            print("".join(f"{score:>16.0f}" for score in scores), f"/{page}", flush=True)
            found = faults(report)
            failed |= bool(found)
            for name in found:
                print(f"  {name}: {report['audits'][name]['title']}", file=sys.stderr)
    return int(failed)


def measured(url: str) -> dict:
    """Lighthouse's report on a page. Raises CalledProcessError where it makes none."""
    words = (PROGRAM, url, "--quiet", "--output=json", f"--only-categories={','.join((*ASKED, *TOLD))}",
             f"--chrome-flags={CHROMIUM}")
    environment = {"CHROME_PATH": "/usr/bin/chromium", **os.environ}
    return json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE, env=environment).stdout)


def faults(report: dict) -> list[str]:
    """The audits that lower a figure that is asked for."""
    named = [each["id"] for name in ASKED for each in report["categories"][name]["auditRefs"] if each["weight"]]
    audits = [report["audits"][name] for name in named]
    return [audit["id"] for audit in audits if audit["scoreDisplayMode"] in SCORED and audit["score"] < 1]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""How many triples a file holds, and a figure that two files share if they hold the same ones: `python -m benchmarks.triples`.

A process of its own, so that what it takes is not counted as the memory of those who are measured.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from pyoxigraph import RdfFormat, parse

BASE = "https://w3id.org/triplehelix/"
# What an import says of itself.
PROVENANCE = tuple(f"<{BASE}{path}" for path in ("graph/", "id/activity/", "id/source/"))


def fingerprint(path: Path) -> tuple[int, int]:
    """The number of triples and the sum of their hashes, in whatever order they stand; provenance is left out."""
    count = total = 0
    for quad in parse(path=str(path), format=RdfFormat.from_extension(path.suffix.removeprefix(".")), base_iri=BASE):
        line = str(quad.triple)
        if not line.startswith(PROVENANCE):
            count += 1
            total += int.from_bytes(hashlib.blake2b(line.encode(), digest_size=8).digest(), "big")
    return count, total % 2 ** 64


if __name__ == "__main__":
    print(*fingerprint(Path(sys.argv[1])))

"""A table to triples: `triplehelix import csvmap` beside morph-kgc, by the same mapping."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from benchmarks import measure, organisations
from benchmarks.bench import ROOT, Bench, Comparison, Section
from benchmarks.measure import Cost
from benchmarks.peers import Peer

TITLE = "A table to triples"
TEXT = """\
A table of organisations drawn from a seed goes through `triplehelix import csvmap` and through morph-kgc, by the same mapping
(`tests/benchmarks/maps/`), {triples} triples a row. Both give the same triples at every size: their number and a sum of their
hashes are compared. Each figure is that of a whole command, start included: ours, one process, reads the project's graphs
first, checks codes against them, refuses keys that come twice and writes sorted, canonical Turtle with its provenance;
morph-kgc, as it comes, works in several processes and writes N-Triples as they fall. Memory is the peak of the largest single
process.

Peak memory grows {growth}."""
# Rows of the table to rounds, by default and with --full.
SIZES = {10_000: (3, 3), 100_000: (3, 3), 1_000_000: (1, 3)}
TABLE, OURS, THEIRS = "organisations.csv", "organisations.ttl", "morph-kgc.nt"
MIB = 2 ** 20


def section(bench: Bench) -> Section:
    """The rates and the memory of both at every size. Raises RuntimeError where they do not say the same triples."""
    peer = bench.peer("morph-kgc")
    shutil.copytree(Path(__file__).parent / "maps", bench.folder, dirs_exist_ok=True)
    comparisons, peaks, triples = [], [], 0
    for rows, rounds in SIZES.items():
        costs = _rounds(bench, peer, rows, rounds[bench.full])
        triples = _same_triples(bench)
        comparisons.extend(_comparisons(rows, costs))
        peaks.append([max(cost.peak for cost in side) for side in zip(*costs, strict=True)])
    text = TEXT.format(triples=triples // max(SIZES), growth="; ".join(_growth(peaks)))
    return Section(TITLE, text, {peer.name: peer.version}, comparisons)


def ours(bench: Bench) -> Cost:
    """Our import of the table in the folder."""
    (bench.folder / OURS).unlink(missing_ok=True)
    command = [sys.executable, "-m", "triplehelix", "import", "csvmap", TABLE, "--map", "organisations.yaml", "--to", OURS,
               "--project", str(ROOT)]
    return measure.run(command, bench.folder, bench.own_environment)


def _theirs(bench: Bench, peer: Peer) -> Cost:
    (bench.folder / THEIRS).unlink(missing_ok=True)
    return measure.run([str(peer.python), "-m", "morph_kgc", "morph-kgc.ini"], bench.folder, {})


def _rounds(bench: Bench, peer: Peer, rows: int, rounds: int) -> list[tuple[Cost, Cost]]:
    organisations.write(bench.folder / TABLE, rows)
    costs = []
    for number in range(1, rounds + 1):
        bench.say(f"{rows:,} rows, round {number} of {rounds}")
        costs.append((ours(bench), _theirs(bench, peer)))
    return costs


def _comparisons(rows: int, costs: list[tuple[Cost, Cost]]) -> list[Comparison]:
    mine, other = zip(*costs, strict=True)
    return [Comparison(f"{rows:,} rows", "rows/s", [rows / cost.seconds for cost in mine], "morph-kgc",
                       [rows / cost.seconds for cost in other], more_is_better=True),
            Comparison(f"{rows:,} rows, peak memory", "MiB", [cost.peak / MIB for cost in mine], "morph-kgc",
                       [cost.peak / MIB for cost in other], more_is_better=False)]


def _growth(peaks: list[list[int]]) -> Iterator[str]:
    """How many times more memory each size takes than the one before it, for us and for the peer."""
    for (fewer, more), (before, after) in zip(pairwise(SIZES), pairwise(peaks), strict=True):
        mine, other = (last / first for first, last in zip(before, after, strict=True))
        yield f"{mine:.2f}-fold here and {other:.2f}-fold for morph-kgc from {fewer:,} to {more:,} rows"


def _same_triples(bench: Bench) -> int:
    """The number of triples, if both files hold the same ones."""
    said = [fingerprint(bench, name) for name in (OURS, THEIRS)]
    if said[0] != said[1]:
        raise RuntimeError(f"not the same triples: (count, hash) is {said[0]} here and {said[1]} there")
    return said[0][0]


def fingerprint(bench: Bench, name: str) -> tuple[int, int]:
    """The number of triples of a file in the folder, and the sum of their hashes."""
    command = [sys.executable, "-m", "benchmarks.triples", name]
    said = subprocess.run(command, cwd=bench.folder, env=bench.own_environment, check=True, capture_output=True, text=True).stdout
    count, total = map(int, said.split())
    return count, total

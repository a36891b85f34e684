"""From files to a sealed release: what of it rdflib and Oxigraph do too, and what it takes at every size."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from benchmarks import measure, processes, synthetic
from benchmarks.bench import ROOT, Bench, Comparison, Section
from benchmarks.making import STEM, SYNTAXES
from benchmarks.measure import Cost
from benchmarks.page import table
from benchmarks.peers import Peer
from benchmarks.tables import fingerprint
from triplehelix.build import lines

TITLE = "From files to a release"
TEXT = """\
N-Triples drawn from a seed (`tests/benchmarks/synthetic.py`) are made into what people take home. Each figure is that of whole
commands, start included; memory is the peak of the largest single process. **Dump**: Turtle and N-Triples, sorted, and the .gz
of both, with the functions by which a build writes its dumps; rdflib parses into memory, writes both and packs them by Python's
gzip; Oxigraph loads a store on disk and dumps it twice, packed in the same way. **Load**: until queries can be asked; rdflib in
memory, Oxigraph and we on disk.

A whole build has no peer. `triplehelix build` is measured here from the end of its check to the published release, by the library
(`build.publish`): the project's own ontology, shapes, rules and record with the synthetic graph as its data, and so with what the
rules infer; every dump of every graph, store, tables, documents of all things, the gate. The check by SHACL stands beside it, as
far as it is measured. Here memory is that of all processes together, what they share counted once.

{builds}

Memory grows {growth}."""
SIZES, WHOLE = (100_000, 1_000_000), 10_000_000
JUDGED, JUDGED_FULL = 100_000, 1_000_000
ROUNDS, MIB, PAUSE = 3, 2 ** 20, 0.2
MADE = "made"


def section(bench: Bench) -> Section:
    """The figures of all sizes."""
    peer = bench.peer("oxigraph")
    comparisons, builds = [], []
    for size in bench.sizes or (*SIZES, *([WHOLE] if bench.full else ())):
        file = bench.folder / f"{size}.nt"
        count = synthetic.write(file, size)
        if size <= max(SIZES):
            comparisons.extend(_beside(bench, peer, file, count))
        builds.append(_built(bench, file, count, size <= (JUDGED_FULL if bench.full else JUDGED)))
        file.unlink()
    text = TEXT.format(builds="\n".join(table(HEAD, map(_row, builds))), growth="; ".join(_growth(builds)) or "not")
    return Section(TITLE, text, {peer.name: peer.version}, comparisons)


def _beside(bench: Bench, peer: Peer, file: Path, count: int) -> Iterator[Comparison]:
    """Dump and load beside both peers, each round one after the other."""
    for what in ("dump", "load"):
        sides: dict[str, Callable[[], Cost]] = {
            "": lambda what=what: _made(bench, what, file), "rdflib": lambda what=what: _made(bench, f"rdflib-{what}", file),
            peer.name: lambda what=what: _oxigraph(bench, peer, what, file)}
        costs: dict[str, list[Cost]] = {name: [] for name in sides}
        said = set()
        for number in range(ROUNDS):
            for name, side in sides.items():
                bench.say(f"{count:,} triples, {what}, round {number + 1} of {ROUNDS}: {name or 'here'}")
                costs[name].append(side())
                said |= {fingerprint(bench, f"{MADE}/{STEM}.{syntax}") for syntax in SYNTAXES if what == "dump" and not number}
        if len(said) > 1:
            raise RuntimeError(f"not the same triples: (count, hash) is one of {sorted(said)}")
        for name in ("rdflib", peer.name):
            yield from _comparisons(f"{count:,} triples", what, costs[""], name, costs[name])


def _comparisons(under: str, what: str, mine: Sequence[Cost], peer: str, theirs: Sequence[Cost]) -> Iterator[Comparison]:
    yield Comparison(what, "s", [cost.seconds for cost in mine], peer, [cost.seconds for cost in theirs], False, under)
    yield Comparison(f"{what}, peak memory", "MiB", [cost.peak / MIB for cost in mine], peer,
                     [cost.peak / MIB for cost in theirs], False, under)


def _fresh(bench: Bench) -> Path:
    """An empty folder to make things in."""
    folder = bench.folder / MADE
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _command(what: str, source: Path, folder: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.making", what, str(source), str(folder)]


def _made(bench: Bench, what: str, file: Path) -> Cost:
    return measure.run(_command(what, file, _fresh(bench)), bench.folder, bench.own_environment)


def _oxigraph(bench: Bench, peer: Peer, what: str, file: Path) -> Cost:
    folder, program = _fresh(bench), str(peer.python.with_name("oxigraph"))
    store = ["--location", str(folder / "store")]
    commands = [[program, "load", *store, "--file", str(file)]]
    if what == "dump":
        commands += [[program, "dump", *store, "--graph", "default", "--file", str(folder / f"{STEM}.{syntax}")]
                     for syntax in SYNTAXES]
        commands.append(_command("pack", file, folder))
    costs = [measure.run(command, bench.folder, bench.own_environment) for command in commands]
    return Cost(sum(cost.seconds for cost in costs), max(cost.peak for cost in costs))


HEAD = ("triples", "inferred besides", "build after the check", "triples/s", "peak memory", "release", "check", "its memory")
Built = tuple[int, int, Cost, int, Cost | None]


def _built(bench: Bench, file: Path, count: int, judged: bool) -> Built:
    """A build, and the check before it where that is asked for."""
    root, folder = _project(bench, file), _fresh(bench)
    bench.say(f"{count:,} triples: build")
    cost = _watched(bench, _command("publish", root, folder))
    inferred = sum(1 for _ in lines.read(folder / "current/dumps/graph/inferred.nt"))
    size = processes.size((folder / "current").resolve())
    if judged:
        bench.say(f"{count:,} triples: check")
    return count, inferred, cost, size, _watched(bench, _command("judge", root, folder)) if judged else None


def _project(bench: Bench, file: Path) -> Path:
    """A project of the synthetic graph: ontology, shapes, rules and the record of this one."""
    root = bench.folder / "project"
    shutil.rmtree(root, ignore_errors=True)
    for room in ("ontology", "shapes", "queries/rules", "queries/pages", "queries/checks"):
        shutil.copytree(ROOT / room, root / room)
    (root / "data").mkdir()
    shutil.copy(ROOT / "data/dataset.ttl", root / "data")
    os.link(file, root / "data/synthetic.ttl")
    return root


def _watched(bench: Bench, command: Sequence[str]) -> Cost:
    """The command, with the memory of all processes that it starts. Raises Failed."""
    peak = [0]
    over = threading.Event()
    with (bench.folder / "said.log").open("wb") as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=bench.folder, env=bench.own_environment, stdout=said, stderr=subprocess.STDOUT)

        def watch() -> None:
            while not over.wait(PAUSE):
                peak[0] = max(peak[0], processes.memory(process))

        watcher = threading.Thread(target=watch)
        watcher.start()
        status = process.wait()
        seconds = time.perf_counter() - start
        over.set()
        watcher.join()
    if status:
        said = (bench.folder / "said.log").read_text(errors="replace")[-2000:]
        raise measure.Failed(f"{' '.join(command[:4])} ended with {status}: {said}")
    return Cost(seconds, peak[0])


def _row(built: Built) -> tuple[str, ...]:
    count, inferred, cost, size, check = built
    judged = (f"{check.seconds:,.0f} s", f"{check.peak / MIB:,.0f} MiB") if check else ("not measured", "")
    return (f"{count:,}", f"{inferred:,}", f"{cost.seconds:,.0f} s", f"{count / cost.seconds:,.0f}",
            f"{cost.peak / MIB:,.0f} MiB", f"{size / MIB:,.0f} MiB", *judged)


def _growth(builds: Sequence[Built]) -> Iterator[str]:
    for (fewer, _, before, *_), (more, _, after, *_) in pairwise(builds):
        yield f"{after.peak / before.peak:.2f}-fold from {fewer:,} to {more:,} triples"

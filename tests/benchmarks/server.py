"""SPARQL over HTTP: `triplehelix serve` beside other servers, on a synthetic graph of our model."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from benchmarks import answers, load, questions, servers, synthetic, wrk
from benchmarks.bench import Bench, Comparison, Section
from benchmarks.processes import memory, pause, resume, running, size
from benchmarks.questions import Question
from benchmarks.server_text import Found, text
from benchmarks.servers import OURS, Missing, Server

TITLE = "SPARQL over HTTP"
HERE = Path(__file__).parent
SETS = {"queries": HERE / "queries", "second queries": HERE / "queries2"}
POINT = questions.read(SETS["queries"] / "point.rq")
SIZES, LARGEST = (10_000, 100_000, 1_000_000), 10_000_000
# Rates of point look-ups differ more from round to round.
ROUNDS, POINT_ROUNDS = 3, 7
CONNECTIONS = (1, 8)
MODES = ("cold", "repeated")
# How long a cell goes on sending (seconds), and the time for one answer beyond which eight at once are not asked.
SECONDS, WARMING, SLOW = 0.12, 0.1, 1.0
# How many texts of a rotating question are compared.
COMPARED = 20
US = next(iter(OURS))
MIB = 2 ** 20


@dataclass
class Asked:
    """A server under way: its process, how long it took until its first answer, which questions it is slow at,
    and how often it said that it was busy.
    """

    server: Server
    process: Popen
    start: float
    slow: set[str] = field(default_factory=set)
    refused: int = 0

    def answers(self, question: Question, triples: int, connections: int) -> bool:
        """Whether it has an answer of its own to this, so many times at once, on a graph of that size."""
        if question is POINT or self.server.bare:
            return not self.server.bare
        return triples <= self.server.most and (connections == 1 or question.name not in self.slow)


    def is_asked(self, cell: Cell, triples: int) -> bool:
        """Whether a cell is measured of it."""
        if self.server.bare:
            return cell.question is POINT and cell.mode == "repeated"
        return self.answers(cell.question, triples, cell.connections)


@dataclass(frozen=True)
class Cell:
    """What is measured of every server in turn: under which heading it stands, as what, and how it is asked."""

    under: str
    what: str
    unit: str
    question: Question
    mode: str
    connections: int


def section(bench: Bench) -> Section:
    """All sizes. Raises RuntimeError where two servers do not answer alike."""
    missing: dict[str, str] = {}
    sizes = [_measured(bench, triples, missing) for triples in bench.sizes or (*SIZES, *((LARGEST,) if bench.full else ()))]
    versions = {row[1]: row[2] for found in sizes for row in found.servers if row[1] not in OURS}
    return Section(TITLE, text(sizes, missing, SLOW, servers.RDFLIB_MOST), versions,
                   [comparison for found in sizes for comparison in found.comparisons])


def _measured(bench: Bench, triples: int, missing: dict[str, str]) -> Found:
    folder = bench.folder / str(triples)
    folder.mkdir()
    file = folder / "data.nt"
    triples = synthetic.write(file, triples)
    bench.say(f"{triples:,} triples")
    with contextlib.ExitStack() as stack:
        asked = [_started(server, stack) for server in _ready(bench, file, folder, triples, missing)]
        sets = {name: questions.read_all(queries) for name, queries in SETS.items()}
        require_alike(bench, asked, [POINT, *(question for each in sets.values() for question in each)], triples)
        cells = [*_points(triples), *(cell for name, each in sets.items() for cell in _cells(triples, name, each))]
        figures = _rounds(bench, asked, cells, triples)
        comparisons = [comparison for cell in cells for comparison in _comparisons(cell, figures[cell])]
        client = max(rate for cell in cells if cell.question is not POINT and cell.unit != "ms"
                     for rates in figures[cell].values() for rate in rates)
        return Found(triples, comparisons, [_line(one, triples) for one in asked], client)


def _ready(bench: Bench, file: Path, folder: Path, triples: int, missing: dict[str, str]) -> Iterator[Server]:
    """All servers that can be had, with the data in them; we come first, and are under way when the last is made."""
    mine = list(servers.ours(bench, file, _room(folder, "here"), triples))
    yield from mine
    for name in bench.servers:
        bench.say(f"{name}: loading")
        try:
            yield servers.PEERS[name](bench, file, _room(folder, name))
        except Missing as error:
            bench.say(f"{name} is MISSING and left out: {error}")
            missing[name] = str(error)
    yield servers.bare(bench, _room(folder, "bare"), mine[0], POINT.texts[0])


def _room(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def _started(server: Server, stack: contextlib.ExitStack) -> Asked:
    begin = time.perf_counter()
    process = stack.enter_context(running(server.command, server.folder, server.environment, server.port))
    answers.ask(server.port, server.path, POINT.text)
    return Asked(server, process, time.perf_counter() - begin)


def require_alike(bench: Bench, asked: Sequence[Asked], every: Sequence[Question], triples: int) -> None:
    """Every server answers every question, and all say the same. Raises RuntimeError that tells of each that does not."""
    faults = []
    for question in every:
        said = {one.server.name: _answers(one, question) for one in asked if one.answers(question, triples, 1)}
        expected = said[US]
        if isinstance(expected, str) or not all(expected):
            faults.append(f"{question.name}: {expected if isinstance(expected, str) else 'an answer is empty'} here")
        faults.extend(f"{question.name}: {name} says {_difference(expected, other)}" for name, other in said.items()
                      if other != expected)
    for fault in faults:
        bench.say(f"DISAGREEMENT: {fault}")
    if faults:
        raise RuntimeError("not the same answers:\n" + "\n".join(faults))


def _answers(one: Asked, question: Question) -> list[answers.Answer] | str:
    """The answers to the first texts of a question, or why there are none."""
    texts, begin = question.texts[:COMPARED], time.perf_counter()
    try:
        said = [answers.ask(one.server.port, one.server.path, text) for text in texts]
    except load.Refused as error:
        return str(error)
    if time.perf_counter() - begin > SLOW * len(texts):
        one.slow.add(question.name)
    return said


def _difference(expected: list[answers.Answer] | str, other: list[answers.Answer] | str) -> str:
    if isinstance(expected, str) or isinstance(other, str):
        return str(other)[:300]
    mine, theirs = next(pair for pair in zip(expected, other, strict=True) if pair[0] != pair[1])
    more, less = next(iter(theirs - mine), None), next(iter(mine - theirs), None)
    return f"{theirs.total()} rows, not {mine.total()}; such as {more}, not {less}"


def _points(triples: int) -> Iterator[Cell]:
    for mode in MODES:
        for connections in CONNECTIONS:
            yield Cell(f"{triples:,} triples, point look-up", f"{mode}, {_clients(connections)}", "requests/s", POINT, mode,
                       connections)


def _cells(triples: int, name: str, each: Sequence[Question]) -> Iterator[Cell]:
    for mode in MODES:
        for connections in CONNECTIONS:
            under = f"{triples:,} triples, {name}, {mode}, {_clients(connections)}"
            for question in each:
                yield Cell(under, question.name, "ms" if connections == 1 else "requests/s", question, mode, connections)


def _clients(number: int) -> str:
    return f"{number} client{'s' if number > 1 else ''}"


def _rounds(bench: Bench, asked: Sequence[Asked], cells: Sequence[Cell], triples: int) -> dict[Cell, dict[str, list[float]]]:
    """For every cell and server a figure a round; in each cell of a round the servers are asked one after the other."""
    figures: dict[Cell, dict[str, list[float]]] = {cell: {} for cell in cells}
    for one in asked:
        pause(one.process)
    for cell in cells:
        for one in asked:
            if cell.mode == "cold" and cell.connections == 1 and one.answers(cell.question, triples, 1):
                with _alone(one):
                    _load(one, cell, WARMING)
    for number in range(1, POINT_ROUNDS + 1):
        bench.say(f"{triples:,} triples, round {number} of {POINT_ROUNDS}")
        for cell in cells if number <= ROUNDS else _points(triples):
            for one in asked:
                if one.is_asked(cell, triples):
                    with _alone(one):
                        figure = _figure(one, cell, f"{triples}-{number}-{cell.connections}")
                    figures[cell].setdefault(one.server.name, []).append(figure)
    return figures


@contextlib.contextmanager
def _alone(one: Asked) -> Iterator[None]:
    """Lets one of the servers, all of which are paused, go on meanwhile."""
    resume(one.process)
    try:
        yield
    finally:
        pause(one.process)


def _figure(one: Asked, cell: Cell, run: str) -> float:
    """Milliseconds of the median request, or requests a second."""
    if cell.question is POINT and wrk.present():
        return wrk.rate(one.server.port, one.server.path, POINT, run if cell.mode == "cold" else "", cell.connections)
    done = _load(one, cell, SECONDS)
    return done.milliseconds if cell.unit == "ms" else done.rate


def _load(one: Asked, cell: Cell, seconds: float) -> load.Load:
    texts = cell.question.cold() if cell.mode == "cold" else cell.question.repeated()
    requests = (load.get(one.server.port, one.server.path, text) for text in texts)
    try:
        done = load.run(one.server.port, requests, cell.connections, seconds, primed=cell.mode == "repeated")
    except load.Refused as error:
        raise load.Refused(f"{one.server.name}, {cell.under}, {cell.what}: {error}") from error
    one.refused += done.refused
    return done


def _comparisons(cell: Cell, figures: dict[str, list[float]]) -> Iterator[Comparison]:
    for peer, theirs in figures.items() if US in figures else ():
        if peer != US:
            yield Comparison(cell.what, cell.unit, figures[US], peer, theirs, more_is_better=cell.unit != "ms", under=cell.under)


def _line(one: Asked, triples: int) -> tuple[str, ...]:
    loaded = f"{one.server.load:.1f}" if one.server.load else "at the start"
    return (f"{triples:,}", one.server.name, one.server.version, loaded, f"{one.start:.1f}", f"{memory(one.process) / MIB:,.0f}",
            f"{size(one.server.folder) / MIB:,.0f}", f"{one.refused:,}")

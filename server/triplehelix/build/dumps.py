"""Dumps: the dataset and each named graph as files in every RDF syntax of the format table, plain and gzipped.

All are made from lines in the order of their bytes, and no file is ever held whole: statements of one subject stand together,
so that each syntax can be written as they come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from pyoxigraph import Quad, RdfFormat, parse, serialize

from triplehelix import jsonld
from triplehelix.build import lines
from triplehelix.build.content import Content
from triplehelix.build.hands import ALONE, Hands
from triplehelix.build.head import head, of_dataset, of_graph
from triplehelix.build.packing import packed
from triplehelix.build.progress import Done, unheard
from triplehelix.build.record import Record
from triplehelix.build.sorting import ordered, unique
from triplehelix.formats import DATASET, GRAPH, Format, by_name

# These hold named graphs, so the whole dataset goes into them graph by graph; the others hold the merge.
NAMED = ("nq", "trig", "jsonld")
# These are lines themselves; all others are made from them.
LINES = (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
BLOCK = 1 << 20


@dataclass(frozen=True)
class Task:
    """A file to be written with its .gz: from which files of lines, in which syntax (its name), of how many statements."""

    target: Path
    syntax: str
    sources: tuple[Path, ...]
    statements: int
    prefixes: Mapping[str, str]
    head: bytes


def merge(held: Content) -> None:
    """dumps/dataset.nq, and dataset.nt, the merge of the dataset: both in the order of their bytes."""
    lines.write(held.whole, ordered(held.quads("dataset", "apart"), held.folder))
    held.merged = lines.write(held.merge, unique(lines.unnamed(of_part(held, "dataset"))))


def of_part(held: Content, part: str) -> Iterator[bytes]:
    """The lines of dumps/dataset.nq that are of graphs which take part so."""
    graphs = {f"<{graph}>".encode() for graph in held.graphs(part)}
    return (line for line in lines.read(held.whole) if lines.graph_of(line) in graphs)


def write(held: Content, told: Record, prefixes: Mapping[str, str], hands: Hands = ALONE, done: Done = unheard) -> None:
    """Every dump that is not there yet, and the .gz of each."""
    tasks = [*_of_dataset(held, told, prefixes),
             *(task for graph in held.parts for task in _of_graph(held, graph, told, prefixes))]
    tasks.sort(key=lambda task: (-task.statements, task.target))
    for task, _ in zip(tasks, hands.each(write_file, ((task,) for task in tasks)), strict=True):
        done(task.statements)


def size(held: Content) -> int:
    """How many statements `write` goes through."""
    merged, named = len(GRAPH) + len(DATASET) - len(NAMED), len(NAMED)
    return merged * held.merged + named * held.statements("dataset", "apart") + (len(GRAPH) + 1) * sum(held.counts.values())


def _of_dataset(held: Content, told: Record, prefixes: Mapping[str, str]) -> Iterator[Task]:
    """dumps/dataset.*: the merge as triples; in .nq, .trig and .jsonld the named graphs, those that stand apart too."""
    quads, graphs = held.statements("dataset", "apart"), held.graphs("dataset", "apart")
    for fmt in (*GRAPH, *DATASET):
        named, target = fmt.name in NAMED, held.folder / f"dataset.{fmt.suffix}"
        sources = tuple(map(held.quads_file, graphs)) if named else (held.merge,)
        yield Task(target, fmt.name, sources, quads if named else held.merged, prefixes, head(told, of_dataset(named)))


def _of_graph(held: Content, graph: str, told: Record, prefixes: Mapping[str, str]) -> Iterator[Task]:
    """The files of one named graph: its triples; in .nq as quads of that graph."""
    file = held.file(graph)
    for fmt in (*GRAPH, by_name("nq")):
        target = file.with_name(f"{file.stem}.{fmt.suffix}")
        yield Task(target, fmt.name, (file,), held.counts[graph], prefixes, head(told, of_graph(graph)))


def write_file(task: Task) -> None:
    """A file, and what is packed of it. Syntaxes of which the beginning depends on all that follows go aside first."""
    fmt = by_name(task.syntax)
    with packed(task.target.with_name(f"{task.target.name}.gz")) as zipped:
        if fmt.engine in LINES:
            zipped.writelines(blocks(task.target))
            return
        with TemporaryFile(dir=task.target.parent) as aside, task.target.open("wb") as plain:
            for block in _blocks(task, fmt, aside):
                plain.write(block)
                zipped.write(block)


def blocks(path: Path) -> Iterator[bytes]:
    """The bytes of a file."""
    with path.open("rb") as file:
        yield from _rest(file)


def _rest(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


def _blocks(task: Task, fmt: Format, aside: BinaryIO) -> Iterator[bytes]:
    """The bytes of the file, from those in `aside`."""
    if fmt.engine is RdfFormat.JSON_LD:
        return _json_ld(task, aside)
    serialize(_statements(task), output=aside, format=fmt.engine, prefixes=dict(task.prefixes))
    aside.seek(0)
    return _with_head(task.head, aside) if fmt.engine in (RdfFormat.TURTLE, RdfFormat.TRIG) else _rest(aside)


def _statements(task: Task) -> Iterator[Quad]:
    return (quad for source in task.sources for quad in parse(path=source))


def _with_head(head: bytes, aside: BinaryIO) -> Iterator[bytes]:
    """Turtle and TriG with a head, and of the prefixes those they use, sorted: the engine writes all of them, in any order."""
    declared, start = [], 0
    while (line := aside.readline()).startswith(b"@prefix "):
        declared.append(line)
        start += len(line)
    unused, end = {line.split(b" ", 2)[1]: line for line in declared}, line
    for block in _rest(aside):
        text = end + block
        unused = {prefix: line for prefix, line in unused.items() if prefix not in text}
        end = block[-BLOCK // 1000:]
    aside.seek(start)
    yield head + b"".join(sorted(set(declared) - set(unused.values()))) + b"\n"
    yield from _rest(aside)


def _json_ld(task: Task, aside: BinaryIO) -> Iterator[bytes]:
    """Compact JSON-LD: by which names it is written, and which no prefix may be, is known at its end."""
    names = jsonld.Names(task.prefixes)
    _write_nodes(task, names, aside)
    if names.clashing:
        names = jsonld.Names(task.prefixes, "", names.schemes)
        _write_nodes(task, names, aside)
    aside.seek(0)
    yield jsonld.opening(names).encode()
    yield from _rest(aside)
    yield jsonld.CLOSING.encode()


def _write_nodes(task: Task, names: jsonld.Names, aside: BinaryIO) -> None:
    aside.seek(0)
    aside.truncate()
    texts = jsonld.nodes(_statements(task), names)
    while some := "".join(islice(texts, lines.TOGETHER)):
        aside.write(some.encode())

"""Writing an import: blocks in any order become one canonical Turtle file, through sorted runs on disk.

Memory does not grow with the rows: blocks are spooled in sorted chunks and merged, statements of one subject together.
"""

from __future__ import annotations

import heapq
import itertools
import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize

from triplehelix import files
from triplehelix.importers.model import Block
from triplehelix.store import normalised
from triplehelix.turtle import Writer, subject_key

CHUNK = 50_000
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
# What its subject sorts by, and its statements as N-Triples.
Entry = tuple[list, str]


def write(path: Path, blocks: Iterable[Block], writer: Writer) -> None:
    """Write the blocks as canonical Turtle in place of `path`, by rename; nothing is written where a block fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".import-", dir=path.parent) as folder:
        runs = [_spooled(Path(folder) / f"{number}.run", chunk) for number, chunk in enumerate(_chunks(blocks))]
        body = Path(folder) / "body"
        with body.open("wb") as file:
            file.writelines(_bodies(heapq.merge(*map(_entries, runs), key=_key), writer))
        with body.open("rb") as file:
            files.replace_by(path, itertools.chain([writer.head().encode()], iter(lambda: file.read(1 << 20), b"")))


def _chunks(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    stream = iter(blocks)
    while chunk := list(itertools.islice(stream, CHUNK)):
        yield chunk


def _spooled(run: Path, chunk: list[Block]) -> Path:
    """One chunk, sorted, a JSON line an entry."""
    entries = sorted(map(_entry, chunk), key=_key)
    with run.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
    return run


def _entry(block: Block) -> Entry:
    triples = [Triple(block.subject, predicate, value) for predicate, value in block.statements]
    key = subject_key(block.subject, (value for predicate, value in block.statements if predicate == TYPE))
    return list(key), serialize(triples, format=RdfFormat.N_TRIPLES).decode()


def _entries(run: Path) -> Iterator[Entry]:
    with run.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _bodies(entries: Iterable[Entry], writer: Writer) -> Iterator[bytes]:
    """The text of each subject, statements of all its blocks together."""
    for _, group in itertools.groupby(entries, key=_key):
        lines = "".join(lines for _, lines in group)
        triples = [quad.triple for quad in parse(lines, format=RdfFormat.N_TRIPLES)]
        yield "".join(writer.body(normalised(triples))).encode()


def _key(entry: Entry) -> list:
    return entry[0]

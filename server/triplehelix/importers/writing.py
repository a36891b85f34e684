"""Writing an import: blocks in any order become one canonical Turtle file, through sorted runs on disk.

Memory does not grow with the rows: a block is written out as Turtle at once, the texts are spooled in sorted runs, and
the runs are merged. Only where several blocks speak of one subject are their texts read again and put together.
"""

from __future__ import annotations

import heapq
import itertools
import tempfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from triplehelix import files
from triplehelix.formats import parse
from triplehelix.importers.model import Block
from triplehelix.project import TURTLE
from triplehelix.store import normal_forms
from triplehelix.turtle import Writer, subject_key

# Characters of text that are sorted in memory at a time, and typed literals whose normal form is remembered.
RUN, REMEMBERED = 16_000_000, 50_000
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
STRING = Literal("").datatype
# Canonical Turtle escapes both and no IRI has them, so they can part the fields of a spooled line and stand for its breaks.
FIELD, BREAK = "\t", "\r"
HEADER, BODY = "0", "1"


def write(path: Path, blocks: Iterable[Block], writer: Writer) -> None:
    """Write the blocks as canonical Turtle in place of `path`, by rename; nothing is written where a block fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".import-", dir=path.parent) as folder:
        rendering = Rendering(writer)
        runs = list(_spooled(Path(folder), map(rendering.line, blocks)))
        body = Path(folder) / "body"
        headers = _parted(rendering.subjects(heapq.merge(*map(_lines, runs))), body)
        with body.open("rb") as file:
            head = "".join([writer.head(), *headers]).encode()
            files.replace_by(path, itertools.chain([head], iter(lambda: file.read(1 << 20), b"")))


class Rendering:
    """Blocks as lines that sort by subject: its IRI, whether it is a header, and the canonical Turtle of the block."""

    def __init__(self, writer: Writer):
        self.writer = writer
        self._normal = lru_cache(REMEMBERED)(lambda literal: normal_forms([literal])[literal])

    def line(self, block: Block) -> str:
        rows: dict[str, set] = {}
        for predicate, value in block.statements:
            rows.setdefault(predicate.value, set()).add(self._value(value))
        not_header, iri = subject_key(block.subject, rows.get(TYPE.value, ()))
        text = self.writer.block(block.subject, rows).replace("\n", BREAK)
        return f"{iri}{FIELD}{BODY if not_header else HEADER}{FIELD}{text}\n"

    def subjects(self, lines: Iterable[str]) -> Iterator[tuple[bool, str]]:
        """Of each subject, in the order of the lines, whether it is a header, and what all its blocks say."""
        for _, group in itertools.groupby(lines, key=lambda line: line.partition(FIELD)[0]):
            fields = [line.removesuffix("\n").split(FIELD) for line in group]
            texts = dict.fromkeys(text.replace(BREAK, "\n") for _, _, text in fields)
            yield any(kind == HEADER for _, kind, _ in fields), self._together(list(texts))

    def _together(self, texts: list[str]) -> str:
        if len(texts) == 1:
            return texts[0]
        quads = parse("".join([self.writer.head(), *texts]).encode(), TURTLE, self.writer.base).quads
        return "".join(self.writer.body(quad.triple for quad in quads))

    def _value(self, value: NamedNode | Literal) -> NamedNode | Literal:
        """A term in the form that the store keeps; names and texts are kept as they are."""
        plain = isinstance(value, NamedNode) or value.language or value.datatype == STRING
        return value if plain else self._normal(value)


def _spooled(folder: Path, lines: Iterable[str]) -> Iterator[Path]:
    """Files of sorted lines, each of about `RUN` characters."""
    for number, run in enumerate(_runs(lines)):
        path = folder / f"{number}.run"
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(run)
        yield path


def _runs(lines: Iterable[str]) -> Iterator[list[str]]:
    run, size = [], 0
    for line in lines:
        run.append(line)
        size += len(line)
        if size >= RUN:
            yield sorted(run)
            run, size = [], 0
    if run:
        yield sorted(run)


def _lines(run: Path) -> Iterator[str]:
    with run.open(encoding="utf-8", newline="\n") as file:
        yield from file


def _parted(subjects: Iterable[tuple[bool, str]], body: Path) -> list[str]:
    """The texts of headers, which a graph has few of; those of all other subjects are written to `body`."""
    headers = []
    with body.open("w", encoding="utf-8", newline="\n") as file:
        for is_header, text in subjects:
            if is_header:
                headers.append(text)
            else:
                file.write(text)
    return headers

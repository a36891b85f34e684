"""Statements as lines of N-Triples and N-Quads in canonical form (RDF 1.2 N-Quads section 4): bytes that end with a newline.

In that form terms stand apart by one blank, which no IRI and no blank node label holds; so a line is taken apart without a
parser, and sorted lines have their statements by subject, predicate and object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

from pyoxigraph import RdfFormat, parse, serialize

END = b" .\n"
# Lines handed over at once: a hundred kilobytes or so.
TOGETHER = 1000


class Line(NamedTuple):
    """The terms of a statement in N-Triples' form; `graph` is empty in a line of N-Triples."""

    subject: str
    predicate: str
    object: str
    graph: str = ""


def triple(line: bytes) -> Line:
    """The terms of a line of N-Triples."""
    return Line(*line[:-len(END)].decode().split(" ", 2))


def quad(line: bytes) -> Line:
    """The terms of a line of N-Quads."""
    subject, predicate, rest = line[:-len(END)].decode().split(" ", 2)
    value, _, graph = rest.rpartition(" ")
    return Line(subject, predicate, value, graph)


def named(lines: Iterable[bytes], graph: str) -> Iterator[bytes]:
    """Triples as quads of the graph with that IRI."""
    end = f"<{graph}>".encode() + END
    return (line[:1 - len(END)] + end for line in lines)


def unnamed(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Quads as triples."""
    return (line[:line.rindex(b" ", 0, -len(END))] + END for line in lines)


def graph_of(line: bytes) -> bytes:
    """The graph of a line of N-Quads, in N-Triples' form."""
    return line[line.rindex(b" ", 0, -len(END)) + 1:-len(END)]


def read(path: Path) -> Iterator[bytes]:
    """The lines of a file."""
    with path.open("rb") as file:
        yield from file


def write(path: Path, lines: Iterable[bytes]) -> int:
    """Write a file of lines, in a folder that is made where there is none; how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    count, rest = 0, iter(lines)
    with path.open("wb") as file:
        while some := list(islice(rest, TOGETHER)):
            file.write(b"".join(some))
            count += len(some)
    return count


def parsed(path: Path, syntax: RdfFormat, base: str, folder: Path) -> Iterator[bytes]:
    """The triples of a document, as lines in its own order; they pass through a file without a name in `folder`.

    Raises SyntaxError where it cannot be read.
    """
    with TemporaryFile(dir=folder) as aside:
        serialize(parse(path=path, format=syntax, base_iri=base), output=aside, format=RdfFormat.N_TRIPLES)
        aside.seek(0)
        yield from aside

"""Changes as files: RDF Patch as Apache Jena reads it (https://jena.apache.org/documentation/rdf-patch/), and N-Quads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from triplehelix.changes.lines import ADDED, Change

BLOCK = 1 << 16


def rdf_patch(changes: Iterable[Change], before: str | None, after: str) -> Iterator[bytes]:
    """One transaction. The header names the state that it makes and the one that it is made for, by the IRIs of releases."""
    yield f"H id <{after}> .\n".encode()
    if before:
        yield f"H prev <{before}> .\n".encode()
    yield b"TX .\n"
    yield from ((b"A " if sign == ADDED else b"D ") + _with_labels(line) for line, sign in changes)
    yield b"TC .\n"


def n_quads(changes: Iterable[Change], sign: int) -> Iterator[bytes]:
    """The lines that were added, or those that were removed."""
    return (line for line, fate in changes if fate == sign)


def blocks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines in pieces worth sending."""
    held, size = [], 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= BLOCK:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _with_labels(line: bytes) -> bytes:
    """A blank node as <_:label>, which stands for the node of that label and not for a new one."""
    if b"_:" not in line:
        return line
    subject, predicate, rest = line.split(b" ", 2)
    if subject.startswith(b"_:"):
        subject = b"<" + subject + b">"
    if rest.startswith(b"_:"):
        label, rest = rest.split(b" ", 1)
        rest = b"<" + label + b"> " + rest
    return b" ".join((subject, predicate, rest))

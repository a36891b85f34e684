"""What the catalogue counts of the default graph, in one pass over its lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from triplehelix.build import lines
from triplehelix.build.lines import Line
from triplehelix.build.sorting import ordered, unique
from triplehelix.description import vocabulary

TYPE = str(vocabulary.TYPE)


@dataclass
class Counts:
    """Triples, distinct subjects and objects; the instances of each class, the triples of each property (IRIs), and those that
    link a thing of ours to a namespace of others, by that and the property."""

    triples: int = 0
    subjects: int = 0
    objects: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    properties: Counter[str] = field(default_factory=Counter)
    links: Counter[tuple[str, str]] = field(default_factory=Counter)


def counted(said: Iterable[bytes], base: str, folder: Path) -> Counts:
    """The counts of sorted lines of N-Triples. Objects are sorted with the help of files in `folder`."""
    counts = Counts()
    counts.objects = sum(1 for _ in unique(ordered(_objects(counts, said, f"<{base}"), folder)))
    return counts


def _objects(counts: Counts, said: Iterable[bytes], ours: str) -> Iterator[bytes]:
    """Count everything else, and give each object as a line."""
    for subject, triples in groupby(map(lines.triple, said), key=lambda line: line.subject):
        counts.subjects += 1
        for triple in triples:
            counts.triples += 1
            counts.properties[triple.predicate[1:-1]] += 1
            if triple.predicate == TYPE:
                counts.classes[triple.object[1:-1]] += 1
            elif subject.startswith(ours) and (space := _linked_space(ours, triple)):
                counts.links[space, triple.predicate[1:-1]] += 1
            yield f"{triple.object}\n".encode()


def _linked_space(ours: str, triple: Line) -> str | None:
    """The namespace of others into which a triple links."""
    return None if triple.object[0] != "<" or triple.object.startswith(ours) else namespace(triple.object[1:-1])


def namespace(iri: str) -> str | None:
    """The beginning of an IRI up to its name; None where it has none: the address of a site or of a folder."""
    end = max(iri.rfind("#"), iri.rfind("/")) + 1
    return None if end == len(iri) or iri[:end].endswith("://") or not end else iri[:end]

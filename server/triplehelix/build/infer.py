"""The inferred graph: CONSTRUCT rules of queries/rules/, run until they say nothing new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, Quad, RdfFormat

from triplehelix import store
from triplehelix.build import lines
from triplehelix.build.sorting import ordered, unique
from triplehelix.findings import fault
from triplehelix.project import Project

# A chain of rules longer than this is a rule that never ends, not a deep hierarchy.
ROUNDS = 50


def infer(project: Project, known: store.Store, folder: Path) -> Iterator[bytes]:
    """What the rules add to the default graph of a store: sorted lines of N-Triples that nobody asserted.

    They are in that graph then, and stand in files of `folder` until they are read. Raises Faulty for a rule that cannot be
    read, that makes blank nodes, or that does not come to an end.
    """
    rules = project.queries("rules")
    found: list[Path] = []
    for number in range(ROUNDS):
        said = folder / f"round-{number}.nt"
        new = (line for rule in rules for line in _new(rule, known, project.base))
        if not lines.write(said, unique(ordered(new, folder))):
            return ordered((line for path in found for line in lines.read(path)), folder)
        known.bulk_load(path=said, format=RdfFormat.N_TRIPLES)
        found.append(said)
    raise fault("queries/rules", f"the rules still say new things after {ROUNDS} rounds: one of them never ends")


def _new(rule: Path, known: store.Store, base: str) -> Iterator[bytes]:
    """What one rule says and the store does not know. A blank node would be another one in each round, without end."""
    name = f"queries/rules/{rule.name}"
    try:
        for triple in store.construct(known, rule.read_text(encoding="utf-8"), base):
            if isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode):
                raise fault(name, "the rule makes blank nodes: let it name what it makes by an IRI")
            if Quad(*triple, DefaultGraph()) not in known:
                yield f"{triple} .\n".encode()
    except SyntaxError as error:
        raise fault(name, f"cannot be read: {error}", error.lineno or 0) from error

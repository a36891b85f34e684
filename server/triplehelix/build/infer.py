"""The inferred graph: CONSTRUCT rules of queries/rules/, run until they say nothing new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad

from triplehelix import store
from triplehelix.findings import fault
from triplehelix.project import Project

# A chain of rules longer than this is a rule that never ends, not a deep hierarchy.
ROUNDS = 50


def infer(project: Project, quads: Iterable[Quad]) -> list[Quad]:
    """Quads of the inferred graph: what the rules add to the merge of `quads` and nobody asserted.

    Raises Faulty for a rule that cannot be read, that makes blank nodes, or that does not come to an end.
    """
    known = store.memory(quads)
    rules = project.queries("rules")
    inferred: dict[Quad, None] = {}
    for _ in range(ROUNDS):
        found = {quad for rule in rules for quad in _applied(rule, known, project.base)}
        new = [quad for quad in found if quad not in known]
        if not new:
            graph = NamedNode(f"{project.base}graph/inferred")
            return sorted((Quad(q.subject, q.predicate, q.object, graph) for q in inferred), key=str)
        known.extend(new)
        inferred.update(dict.fromkeys(new))
    raise fault("queries/rules", f"the rules still say new things after {ROUNDS} rounds: one of them never ends")


def _applied(rule: Path, known: store.Store, base: str) -> Iterator[Quad]:
    """What one rule says. A blank node would be another one in each round, without end."""
    try:
        triples = store.construct(known, rule.read_text(encoding="utf-8"), base)
    except SyntaxError as error:
        raise fault(f"queries/rules/{rule.name}", f"cannot be read: {error}", error.lineno or 0) from error
    for triple in triples:
        if isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode):
            raise fault(f"queries/rules/{rule.name}", "the rule makes blank nodes: let it name what it makes by an IRI")
        yield Quad(triple.subject, triple.predicate, triple.object, DefaultGraph())

"""The inferred graph: CONSTRUCT rules of queries/rules/, run until they say nothing new."""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import DefaultGraph, NamedNode, Quad

from triplehelix import store
from triplehelix.project import Project

# A chain of rules longer than this is a rule that never ends, not a deep hierarchy.
ROUNDS = 50


def infer(project: Project, quads: Iterable[Quad]) -> list[Quad]:
    """Quads of the inferred graph: what the rules add to the merge of `quads` and nobody asserted.

    Raises RuntimeError for rules that do not come to an end.
    """
    known = store.memory(quads)
    rules = [path.read_text(encoding="utf-8") for path in project.queries("rules")]
    inferred: dict[Quad, None] = {}
    for _ in range(ROUNDS):
        found = {Quad(t.subject, t.predicate, t.object, DefaultGraph())
                 for rule in rules for t in store.construct(known, rule, project.base)}
        new = [quad for quad in found if quad not in known]
        if not new:
            graph = NamedNode(f"{project.base}graph/inferred")
            return sorted((Quad(q.subject, q.predicate, q.object, graph) for q in inferred), key=str)
        known.extend(new)
        inferred.update(dict.fromkeys(new))
    raise RuntimeError(f"the rules of queries/rules/ still say new things after {ROUNDS} rounds")

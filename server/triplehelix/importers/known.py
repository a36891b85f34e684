"""What the project's own graphs call their concepts and bodies, for importers whose source writes names, not codes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pyoxigraph import Literal, NamedNode, Triple

from triplehelix import sources
from triplehelix.importers.lookups import IN_SCHEME, NOTATION, SKOS, Lookups
from triplehelix.importers.model import Refused, Run

PREF_LABEL = SKOS + "prefLabel"


def concepts(lookups: Lookups, scheme: str) -> dict[NamedNode, dict[str, list[Literal]]]:
    """Each concept of the scheme (its name below scheme/) with its notations and preferred labels."""
    wanted, whole = {NOTATION, PREF_LABEL}, NamedNode(f"{lookups.project.base}scheme/{scheme}")
    said: dict[NamedNode, dict[str, list[Literal]]] = {}
    members = set()
    for triple in _triples(lookups, f"scheme/{scheme}"):
        if triple.predicate.value in wanted:
            said.setdefault(triple.subject, {}).setdefault(triple.predicate.value, []).append(triple.object)
        elif triple.predicate.value == IN_SCHEME and triple.object == whole:
            members.add(triple.subject)
    return {concept: said.get(concept, {}) for concept in sorted(members, key=str)}


def labelled(lookups: Lookups, scheme: str, language: str = "") -> dict[str, NamedNode]:
    """Label (folded, see `folded`) to concept; a label that two concepts share names neither."""
    found: dict[str, set[NamedNode]] = {}
    for concept, said in concepts(lookups, scheme).items():
        for label in said.get(PREF_LABEL, ()):
            if not language or label.language == language:
                found.setdefault(folded(label.value), set()).add(concept)
    return {label: owners.pop() for label, owners in found.items() if len(owners) == 1}


def bodies(lookups: Lookups) -> dict[NamedNode, str]:
    """Each body of the project's graphs with its preferred name."""
    room = f"{lookups.project.base}id/organisation/"
    return {t.subject: t.object.value for t in _triples(lookups, "id/organisation/")
            if t.predicate.value == PREF_LABEL and t.subject.value.startswith(room)}


def folded(label: str) -> str:
    """A label without the differences of blanks and case."""
    return " ".join(label.split()).casefold()


def code_of(run: Run, scheme: str, earlier: str = ""):
    """A function (column, code) -> concept of the scheme, which remembers what it has looked up.

    It raises Refused for an unknown code; for one of the `earlier` vintage it says which codes stand in its place now.
    """
    @lru_cache(maxsize=10_000)
    def concept(column: str, code: str) -> NamedNode:
        if found := run.lookups.code(scheme, code):
            return found
        if earlier and run.lookups.code(earlier, code):
            now = ", ".join(run.lookups.successors(earlier, code))
            raise Refused(column, code, f"is a code of {earlier}; in {scheme} it is now {now or 'without a successor'}")
        raise Refused(column, code, f"is no code of {scheme}")
    return concept


def _triples(lookups: Lookups, mark: str) -> Iterator[Triple]:
    """The triples of the dataset's files that hold the mark at all."""
    for source in lookups.project.sources:
        if source.part == "dataset" and source.name not in lookups.without and mark.encode() in source.path.read_bytes():
            yield from sources.read_one(source, lookups.project.base).triples

"""Our own reading of a query: checked, re-based, with its form and dataset; and the engine's complaints in its terms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triplehelix.engine.determined import comparable, determined
from triplehelix.engine.guard import check_federation, check_length, check_shape
from triplehelix.engine.lookups import is_lookup
from triplehelix.engine.mistakes import first_mistake
from triplehelix.engine.model import BadQuery, Dataset, Limits, Query
from triplehelix.engine.prologue import absolute_iri, check_prefixes, dataset_clauses, read_prologue
from triplehelix.engine.rewriting import rewritten
from triplehelix.engine.tokens import Token, offset_of, original_offset, position, refusal, respell, tokenise, write

_WHERE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
# The engine lists its own sentences among the tokens it expected; these help, the rest does not.
_SENTENCES = {
    "The SELECT contains a variable that is unbound":
        "A variable of the SELECT is neither grouped nor inside an aggregate.",
    "The SELECT overrides an existing variable using an expression": "AS names a variable that is already in use.",
    "IRI parsing failed": "An IRI there is not valid: it may not hold blanks, quotes or braces.",
    "The query limit should be a non negative integer": "LIMIT takes a whole number.",
    "The query offset should be a non negative integer": "OFFSET takes a whole number.",
    "Prefix not found": "A prefix there is not declared.",
}


@dataclass(frozen=True)
class Reading:
    """What was read: `text` is what the engine is to see; positions in it lead back to `original`.

    `default_graphs` and `named_graphs` are None together where the query has the whole dataset; it is `whole` where it
    looks at the default graph alone, as it stands in the release, and may then have been `rewritten` into a text that is
    answered faster; a `lookup` reads what is said of one thing only. `federated` says that it asks other endpoints, `ordered`
    that the rows of a canonical answer have an order.
    """

    original: str
    tokens: Sequence[Token]
    text: str
    form: str
    prefixes: Mapping[str, str]
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    rebased: bool
    whole: bool
    federated: bool
    ordered: bool
    lookup: bool = False
    rewritten: str | None = None

    def explain(self, message: str) -> BadQuery:
        """The engine's syntax error as a sentence, at its place in the visitor's own text."""
        if mistake := first_mistake(self.tokens):
            return refusal(self.original, mistake.token.start, mistake.said, mistake.advice)
        where = _WHERE.match(message)
        if not where:
            return BadQuery(f"The engine cannot read the query: {message}")
        shown = offset_of(self.text, int(where[1]), int(where[2])) - _overshoot(where[3])
        offset = original_offset(self.tokens, shown)
        line, column = position(self.original, offset)
        found = next((t.text for t in self.tokens if t.start <= offset < t.end), "")
        near = f", at {found[:40]!r}" if found else ", at its end" if not self.original[offset:].strip() else ""
        helpful = [plain for sentence, plain in _SENTENCES.items() if sentence in message]
        return BadQuery(" ".join([f"The query cannot be read at line {line}, column {column}{near}.", *helpful]),
                        line, column)


def _overshoot(expected: str) -> int:
    """How far behind the place it tried the engine reports: it takes as many characters as a keyword has, then compares.

    Where it names a character beside the keywords, its report is exact.
    """
    if "'" in expected or '"' in expected:
        return 0
    return max((len(word) for word in expected.split(", ") if word.isalpha() and word.isupper()), default=0)


def form_of(text: str, limits: Limits | None = None) -> str:
    """The form of a query: "select", "ask", "construct" or "describe".

    Raises BadQuery for an update, an empty or overlong text, and for anything that is no query.
    """
    check_length(text, limits or Limits())
    return read_prologue(text, tokenise(text), "").form


def read(query: Query, dataset: Dataset, limits: Limits) -> Reading:
    """Checks a query and makes it ready for the engine. Raises BadQuery, FederationOff or Undetermined."""
    check_length(query.text, limits)
    found = list(tokenise(query.text))
    check_shape(query.text, found, limits)
    tokens = respell(found, dataset.canonical_base, dataset.release_base)
    tokens, ordered = determined(query.text, tokens) if query.canonical else (comparable(tokens), False)
    prologue = read_prologue(query.text, tokens, query.base_iri)
    federated = check_federation(query.text, tokens, prologue, limits.services)
    check_prefixes(query.text, tokens, prologue.prefixes, dataset.prefixes)
    default, named = _graphs(query, dataset) or dataset_clauses(tokens, prologue)
    chosen = bool(default or named)
    whole = not (chosen or federated or any(token.word == "GRAPH" for token in tokens))
    lookup = whole and not query.canonical and is_lookup(tokens)
    # There is but one way to evaluate a look-up.
    planned = whole and not lookup
    return Reading(
        original=query.text, tokens=tokens, text=write(query.text, tokens), form=prologue.form, prefixes=prologue.prefixes,
        default_graphs=default if chosen else None, named_graphs=named if chosen else None,
        rebased=_is_rebased(found, query, dataset), federated=federated, whole=whole, ordered=ordered,
        lookup=lookup,
        rewritten=rewritten(tokens, prologue.base_iri, prologue.prefixes, dataset.statistics) if planned else None)


def _graphs(query: Query, dataset: Dataset) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The graphs that the protocol's parameters name, resolved and re-based like the IRIs of the query; None for none."""
    if not (query.default_graphs or query.named_graphs):
        return None
    return (tuple(_resolved(graph, query, dataset) for graph in query.default_graphs),
            tuple(_resolved(graph, query, dataset) for graph in query.named_graphs))


def _resolved(iri: str, query: Query, dataset: Dataset) -> str:
    canonical, absolute = dataset.canonical_base, absolute_iri(iri, query.base_iri)
    return dataset.release_base + absolute[len(canonical):] if canonical and absolute.startswith(canonical) else absolute


def _is_rebased(found: Sequence[Token], query: Query, dataset: Dataset) -> bool:
    if not dataset.canonical_base or dataset.canonical_base == dataset.release_base:
        return False
    return any(token.text.startswith("<" + dataset.canonical_base) for token in found) or any(
        graph.startswith(dataset.canonical_base) for graph in (*query.default_graphs, *query.named_graphs))

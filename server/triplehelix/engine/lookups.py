"""Queries that read no more than what is said of one thing: they need nobody who could be killed.

What such a query costs is bounded by the statements about its subject, as the cost of that thing's document is, so the process
that is asked answers it itself, from the store on disk. A worker would spend more on its messages than on the answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import MappingProxyType

from triplehelix.engine.tokens import IRI, NUMBER, PNAME, VARIABLE, Token

_MOST_TOKENS = 200
_KINDS = MappingProxyType({IRI: "i", PNAME: "i", VARIABLE: "v", NUMBER: "n"})
_WORDS = MappingProxyType({"PREFIX": "P", "BASE": "B", "SELECT": "S", "ASK": "A", "DESCRIBE": "D", "DISTINCT": "U", "WHERE": "W",
                           "LIMIT": "L", "OFFSET": "O"})
_MARKS = frozenset("{}.*")
# One triple pattern whose subject is given, without a path; or the description of one thing.
_LOOKUP = re.compile(r"(?:Pii|Bi)*(?:(?:SU?(?:v+|\*)|A)W?\{i[iva][iv]\.?\}(?:Ln)?(?:On)?|Di)")


def is_lookup(tokens: Sequence[Token]) -> bool:
    """Whether a query over the whole default graph reads the statements about one subject only, if it can be read at all."""
    return len(tokens) <= _MOST_TOKENS and _LOOKUP.fullmatch("".join(map(_sign, tokens))) is not None


def _sign(token: Token) -> str:
    """One character for a token; "?" for what no look-up has."""
    if token.word:
        return "a" if token.text == "a" else _WORDS.get(token.word, "?")
    return token.text if token.text in _MARKS else _KINDS.get(token.kind, "?")

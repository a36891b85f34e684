"""What a query may not be, decided from its tokens before any engine sees it.

The engine's parser is recursive and dies by stack overflow, which no one can catch; here that becomes a plain sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from triplehelix.engine.model import BadQuery, FederationOff, Limits
from triplehelix.engine.tokens import PNAME, Token, position, refusal

_CLOSED_BY = {"(": ")", "{": "}", "[": "]", "<<": ">>"}
_CLOSERS = frozenset(_CLOSED_BY.values())
_UNARY = frozenset({"!", "-", "+", "^", "^^"})
# Each of these makes the engine's parse tree one level deeper. A comma does so between objects only.
_CHAINED = frozenset({"||", "&&", "|", "/", "*", "+", "-", ".", ";", ",",
                      "UNION", "OPTIONAL", "MINUS", "GRAPH", "LATERAL", "BIND", "FILTER", "AS"})


def check_length(text: str, limits: Limits) -> None:
    """Raises BadQuery for a text over the length limit, or one that is not Unicode (lone surrogates)."""
    try:
        length = len(text.encode())
    except UnicodeEncodeError as error:
        line, column = position(text, error.start)
        raise BadQuery(f"The query is not Unicode text (line {line}, column {column}).", line, column) from None
    if length > limits.query_bytes:
        raise BadQuery(f"The query is {length} bytes long; the limit is {limits.query_bytes}. "
                       "Give long lists of values in several queries.")


def check_shape(text: str, tokens: Sequence[Token], limits: Limits) -> None:
    """Raises BadQuery where brackets do not match, nest too deeply, or one operator is repeated too often."""
    opened: list[Token] = []
    seen: Counter[str] = Counter()
    unary = 0
    for token in tokens:
        if token.text in _CLOSED_BY:
            opened.append(token)
        elif token.text in _CLOSERS:
            _close(text, token, opened)
        unary = unary + len(token.text) if token.text in _UNARY else 0
        if max(len(opened), unary) > limits.nesting:
            raise refusal(text, token.start, f"The query nests deeper than {limits.nesting} levels")
        chained = token.word or token.text
        if chained in _CHAINED and not (chained == "," and opened and opened[-1].text == "("):
            seen[chained] += 1
            if seen[chained] > limits.chain:
                raise refusal(text, token.start, f"The query holds more than {limits.chain} of {chained}")
    if opened:
        raise refusal(text, opened[-1].start, f"The {opened[-1].text} is never closed", f"Add: {_CLOSED_BY[opened[-1].text]}")


def _close(text: str, token: Token, opened: list[Token]) -> None:
    if opened and _CLOSED_BY[opened[-1].text] == token.text:
        opened.pop()
    elif opened:
        line, column = position(text, opened[-1].start)
        wanted = _CLOSED_BY[opened[-1].text]
        raise refusal(text, token.start, f"Found {token.text} where the {opened[-1].text} of line {line}, column {column} is "
                                         f"still to be closed by {wanted}", f"Add: {wanted} before it")
    else:
        raise refusal(text, token.start, f"Found {token.text} without an opening bracket", "Leave it out.")


def check_federation(text: str, tokens: Sequence[Token]) -> None:
    """Raises FederationOff for a SERVICE clause (SPARQL 1.1 Federated Query, 2).

    The engine asks for no blank around keywords: it reads `SERVICEex:sparql {` and `trueSERVICE<...>` as SERVICE too.
    """
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token.text == "{") - (token.text == "}")
        clause = "SERVICE" in token.word
        if not clause and depth and token.kind == PNAME and "SERVICE" in token.prefix.upper():
            clause = tokens[at + 1].text == "{" and tokens[at - 1].word != "GRAPH"
        if clause:
            line, column = position(text, token.start)
            raise FederationOff(f"SERVICE at line {line}, column {column} would ask another endpoint, and this one "
                                "asks no other. Query that endpoint yourself and join the answers, or send it a query "
                                "with SERVICE that names this one.", line, column)

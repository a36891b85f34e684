"""What a query may not be, decided from its tokens before any engine sees it.

The engine's parser is recursive and dies by stack overflow, which no one can catch; here that becomes a plain sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from triplehelix.engine.model import BadQuery, FederationOff, Limits
from triplehelix.engine.prologue import Prologue, resolve
from triplehelix.engine.tokens import IRI, PNAME, Token, position, refusal

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
            raise refusal(text, token.start, f"The query nests deeper than {limits.nesting} levels",
                          "Write it flatter, or ask in several queries.")
        chained = token.word or token.text
        if chained in _CHAINED and not (chained == "," and opened and opened[-1].text == "("):
            seen[chained] += 1
            if seen[chained] > limits.chain:
                raise refusal(text, token.start, f"The query holds more than {limits.chain} of {chained}",
                              "Give long lists in VALUES, or ask in several queries.")
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


def check_federation(text: str, tokens: Sequence[Token], prologue: Prologue, services: Sequence[str]) -> bool:
    """Whether the query has SERVICE clauses (SPARQL 1.1 Federated Query, 2), all for endpoints that are allowed.

    Raises FederationOff for any other. The engine asks for no blank around keywords: it reads `SERVICEex:sparql {` and
    `trueSERVICE<...>` as SERVICE too; what is not spelled `SERVICE <...> {` or `SERVICE ex:sparql {` is never allowed.
    """
    depth, federated = 0, False
    for at, token in enumerate(tokens):
        depth += (token.text == "{") - (token.text == "}")
        clause = "SERVICE" in token.word
        if not clause and depth and token.kind == PNAME and "SERVICE" in token.prefix.upper():
            clause = tokens[at + 1].text == "{" and tokens[at - 1].word != "GRAPH"
        if clause and _service(tokens, at, prologue) not in services:
            raise _federation_off(text, token, services)
        federated = federated or clause
    return federated


def _service(tokens: Sequence[Token], at: int, prologue: Prologue) -> str | None:
    """The endpoint of a SERVICE clause that is spelled out, or None."""
    rest = [token for token in tokens[at + 1:at + 4] if token.word != "SILENT"]
    if tokens[at].word != "SERVICE" or len(rest) < 2 or rest[0].kind not in (IRI, PNAME):
        return None
    return resolve(rest[0], prologue.base_iri, prologue.prefixes) if rest[1].text == "{" else None


def _federation_off(text: str, token: Token, services: Sequence[str]) -> FederationOff:
    line, column = position(text, token.start)
    allowed = f"no other than {', '.join(f'<{service}>' for service in services)}" if services else "no other"
    return FederationOff(f"SERVICE at line {line}, column {column} would ask another endpoint, and this one asks {allowed}. "
                         "Query that endpoint yourself and join the answers, or send it a query with SERVICE that names "
                         "this one.", line, column)

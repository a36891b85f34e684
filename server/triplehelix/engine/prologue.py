"""What stands outside the braces of a query: base, prefixes, form, and dataset (SPARQL 1.1 Query, 4.1, 13.2, 16)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from triplehelix.engine.model import BadQuery
from triplehelix.engine.tokens import IRI, PNAME, STRING, Token, position

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_UNICODE_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


@dataclass(frozen=True)
class Prologue:
    """The base IRI in force, the declared prefixes with their IRIs, and the query's form in lower case."""

    base_iri: str
    prefixes: Mapping[str, str]
    form: str


def read_prologue(text: str, tokens: Iterable[Token], base_iri: str) -> Prologue:
    """Declarations and form of the query whose tokens these are; reads no further than the form's own word.

    Raises BadQuery for an update, an empty query, a broken declaration and an unknown form.
    """
    prefixes: dict[str, str] = {}
    stream = iter(tokens)
    for token in stream:
        if token.word == "BASE":
            base_iri = resolve(_expect(IRI, text, token, stream), base_iri, prefixes)
        elif token.word == "PREFIX":
            name = _expect(PNAME, text, token, stream)
            prefixes[name.prefix] = resolve(_expect(IRI, text, token, stream), base_iri, prefixes)
        elif token.word == "VERSION":
            _expect(STRING, text, token, stream)
        else:
            return Prologue(base_iri, prefixes, _form(text, token))
    raise BadQuery("The query is empty. It begins with SELECT, ASK, CONSTRUCT or DESCRIBE.", 1, 1)


def _expect(kind: str, text: str, declaration: Token, stream: Iterator[Token]) -> Token:
    found = next(stream, None)
    if found and found.kind == kind:
        return found
    line, column = position(text, declaration.start)
    example = {"BASE": "BASE <http://example.org/>", "PREFIX": "PREFIX ex: <http://example.org/>",
               "VERSION": 'VERSION "1.1"'}[declaration.word]
    raise BadQuery(f"The {declaration.word} at line {line}, column {column} is not complete. Write it like "
                   f"{example}", line, column)


def _form(text: str, token: Token) -> str:
    if token.word in FORMS:
        return token.word.lower()
    line, column = position(text, token.start)
    if token.word in UPDATES:
        raise BadQuery(f"This endpoint is read-only: {token.word} is an update, and updates are refused.", line, column)
    raise BadQuery(f"A query begins with SELECT, ASK, CONSTRUCT or DESCRIBE, not with {token.text[:40]!r} "
                   f"(line {line}, column {column}).", line, column)


def resolve(token: Token, base_iri: str, prefixes: Mapping[str, str]) -> str:
    """The absolute IRI that an IRI token or a prefixed name stands for (RFC 3986, 5.2; SPARQL 1.1 Query, 4.1.1)."""
    if token.kind == PNAME:
        prefix, _, local = token.text.partition(":")
        return prefixes.get(prefix, "") + local.replace("\\", "")
    iri = _UNICODE_ESCAPE.sub(_unescaped, token.text[1:-1])
    return iri if _SCHEME.match(iri) else urljoin(base_iri, iri)


def _unescaped(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2], 16)
    return chr(code) if code <= 0x10FFFF else escape[0]


def check_prefixes(text: str, tokens: Sequence[Token], declared: Mapping[str, str], known: Mapping[str, str]) -> None:
    """Raises BadQuery at the first prefixed name whose prefix is not declared, with the line to add."""
    for token in tokens:
        if token.kind == PNAME and token.prefix not in declared:
            line, column = position(text, token.start)
            raise BadQuery(f"Prefix {token.prefix}: is not declared (line {line}, column {column}). "
                           f"Add: PREFIX {token.prefix}: <{known.get(token.prefix, '...')}>", line, column)


def dataset_clauses(tokens: Sequence[Token], prologue: Prologue) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The absolute IRIs of FROM and of FROM NAMED."""
    default: list[str] = []
    named: list[str] = []
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0 and token.word == "FROM":
            graphs = named if tokens[at + 1:at + 2] and tokens[at + 1].word == "NAMED" else default
            graph = tokens[at + (2 if graphs is named else 1):][:1]
            if graph and graph[0].kind in (IRI, PNAME):
                graphs.append(resolve(graph[0], prologue.base_iri, prologue.prefixes))
    return tuple(default), tuple(named)

"""What stands outside the braces of a query: base, prefixes, form, and dataset (SPARQL 1.1 Query, 4.1, 13.2, 16)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from triplehelix.engine.mistakes import similar
from triplehelix.engine.model import BadQuery
from triplehelix.engine.tokens import IRI, PNAME, STRING, Token, refusal

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_TO_THE_BLANK = re.compile(r"[^\s<>\"{}|^`\\]+")
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
    example = {"BASE": "BASE <http://example.org/>", "PREFIX": "PREFIX ex: <http://example.org/>",
               "VERSION": 'VERSION "1.1"'}[declaration.word]
    raise refusal(text, declaration.start, f"The {declaration.word} is not complete", f"Write it like {example}")


def _form(text: str, token: Token) -> str:
    if token.word in FORMS:
        return token.word.lower()
    if token.word in UPDATES:
        raise refusal(text, token.start, f"This endpoint is read-only: {token.word} is an update, and updates are refused")
    raise refusal(text, token.start, f"A query begins with SELECT, ASK, CONSTRUCT or DESCRIBE, not with {token.text[:40]!r}",
                  _form_advice(token))


def _form_advice(token: Token) -> str:
    """For declarations as Turtle has them, and for a misspelt word."""
    if token.text.lower() in ("@prefix", "@base"):
        return f"Write {token.text[1:].upper()} without the @ and without the . at its end."
    if token.text in (".", ";"):
        return f"Leave the {token.text} out: a declaration ends without one."
    meant = similar(token.word) if token.word else ""
    return f"Write {meant}." if meant else ""


def resolve(token: Token, base_iri: str, prefixes: Mapping[str, str]) -> str:
    """The absolute IRI that an IRI token or a prefixed name stands for (RFC 3986, 5.2; SPARQL 1.1 Query, 4.1.1)."""
    if token.kind == PNAME:
        prefix, _, local = token.text.partition(":")
        return prefixes.get(prefix, "") + local.replace("\\", "")
    return absolute_iri(_UNICODE_ESCAPE.sub(_unescaped, token.text[1:-1]), base_iri)


def absolute_iri(reference: str, base_iri: str) -> str:
    """A reference as an absolute IRI (RFC 3986, 5.2); one that is none stays as it is, for the engine to refuse."""
    try:
        if _SCHEME.match(reference):
            return reference
        # urljoin drops a fragment or query that is empty, as in PREFIX th: <ns#>.
        joined = urljoin(base_iri, reference)
        return joined + reference[-1] if reference.endswith(("#", "?")) and not joined.endswith(reference[-1]) else joined
    except ValueError:
        return reference


def _unescaped(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2], 16)
    return chr(code) if code <= 0x10FFFF else escape[0]


def check_prefixes(text: str, tokens: Sequence[Token], declared: Mapping[str, str], known: Mapping[str, str]) -> None:
    """Raises BadQuery at the first prefixed name whose prefix is not declared, with the line to add."""
    for token in tokens:
        if token.kind == PNAME and token.prefix not in declared:
            if text[token.end:token.end + 2] == "//" or token.prefix in ("urn", "mailto"):
                raise _bare(text, token)
            raise refusal(text, token.start, f"Prefix {token.prefix}: is not declared",
                          f"Add: PREFIX {token.prefix}: <{known.get(token.prefix, '...')}>")


def _bare(text: str, token: Token) -> BadQuery:
    """An IRI that is not in angle brackets, or that holds what no IRI may hold."""
    if text[token.start - 1:token.start] == "<":
        return refusal(text, token.start - 1, "The IRI that begins here holds a blank or another sign that no IRI may hold",
                       "Write %20 for a blank, and > at its end.")
    iri = _TO_THE_BLANK.match(text, token.start)[0]
    return refusal(text, token.start, "An IRI stands in angle brackets", f"Write <{iri[:200]}>.")


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

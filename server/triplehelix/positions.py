"""Where a statement stands in a Turtle file: parsers forget lines, people who mend a file need them.

Reads the tokens of Turtle 1.1 (section 6.5) of a file that the strict parser has accepted; decides nothing about syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urljoin

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
TOKEN = re.compile(r'''
    (?P<comment>\#[^\n]*)
  | (?P<string>"""(?:[^"\\]|\\.|"(?!""))*""" | \'\'\'(?:[^'\\]|\\.|'(?!\'\'))*\'\'\' | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*')
  | (?P<iri><[^<>\s]*>)
  | (?P<mark>\^\^|[\[\](),;.])
  | (?P<word>(?:[^\s<>"'()\[\],;.\\^\#]|\\.|\.(?=[^\s<>"'()\[\],;\#]))+)
''', re.VERBOSE | re.DOTALL)


class Token(NamedTuple):
    """One token: its kind (comment, string, iri, mark, word), its text and the line it starts on."""

    kind: str
    text: str
    line: int


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a Turtle document in order, comments included."""
    line, position = 1, 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", position, match.start())
        position = match.start()
        yield Token(match.lastgroup, match.group(), line)


def first_comment(text: str) -> Token | None:
    return next((token for token in tokens(text) if token.kind == "comment"), None)


class Positions:
    """The lines of a Turtle file: of each subject, and of each predicate under a subject."""

    def __init__(self, text: str, base: str):
        self.base = base
        self.prefixes: dict[str, str] = {}
        self.lines: dict[tuple[str, ...], int] = {}
        self.words: dict[str, int] = {}
        self._read([t for t in tokens(text) if t.kind != "comment"])

    def line(self, subject: str, predicate: str | None = None) -> int:
        """The line of the predicate under the subject, else of the subject, else of its first mention, else 0."""
        found = self.lines.get((subject, predicate)) if predicate else None
        return found or self.lines.get((subject,)) or self.words.get(subject, 0)

    def first_blank(self) -> int:
        """The line of the first blank node that begins a statement or has a label, else 0."""
        subjects = [line for key, line in self.lines.items() if key[0].startswith(("_:", "["))]
        return min([*subjects, *(line for word, line in self.words.items() if word.startswith("_:"))], default=0)

    def _read(self, stream: list[Token]) -> None:
        start = 0
        for end, depth in _statement_ends(stream):
            if stream[start].text.lower() in ("@prefix", "prefix", "@base", "base"):
                self._declare(stream[start:end])
            else:
                self._statement(stream[start:end])
            start = end + (depth == 0)

    def _declare(self, statement: list[Token]) -> None:
        iri = self._resolved(statement[-1].text[1:-1])
        if len(statement) == 2:
            self.base = iri
        else:
            self.prefixes[statement[1].text[:-1]] = iri

    def _statement(self, statement: list[Token]) -> None:
        """Record subject and predicates: a predicate follows the subject, or a ";" outside brackets."""
        if not statement:
            return
        subject = self._iri(statement[0])
        self.lines.setdefault((subject,), statement[0].line)
        depth, expecting = 0, True
        for token in statement[1:]:
            if token.kind == "mark":
                depth += (token.text in "[(") - (token.text in "])")
                expecting = expecting or (depth == 0 and token.text == ";")
            else:
                iri = self._iri(token)
                self.words.setdefault(iri, token.line)
                if expecting and depth == 0:
                    self.lines.setdefault((subject, iri), token.line)
                    expecting = False

    def _resolved(self, reference: str) -> str:
        """The reference against the base (RFC 3986 section 5.2); urljoin alone drops an empty fragment."""
        if SCHEME.match(reference):
            return reference
        return urljoin(self.base, reference) + ("#" if reference.endswith("#") else "")

    def _iri(self, token: Token) -> str:
        if token.kind == "iri":
            return self._resolved(token.text[1:-1])
        if token.text == "a":
            return RDF_TYPE
        prefix, colon, local = token.text.partition(":")
        known = self.prefixes.get(prefix) if colon else None
        return known + re.sub(r"\\(.)", r"\1", local) if known is not None else token.text


def _statement_ends(stream: list[Token]) -> Iterator[tuple[int, int]]:
    """(index of the end, 0 where a "." ends it, 1 where a SPARQL-style directive ends without one)."""
    directive = 0
    for index, token in enumerate(stream):
        if token.kind == "mark" and token.text == ".":
            yield index, 0
        elif token.text.lower() in ("prefix", "base") and token.kind == "word":
            directive = 2 if token.text.lower() == "prefix" else 1
        elif directive:
            directive -= 1
            if not directive:
                yield index + 1, 1

"""A tokenizer of SPARQL (SPARQL 1.1 Query, 19.8), and the re-spelling of IRI tokens.

Guard, prologue, federation test, base rewriting and error messages all read these tokens, never the bare text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType
from typing import NamedTuple

from triplehelix.engine.model import BadQuery

IRI, PNAME, BLANK, VARIABLE, LANGUAGE, NUMBER, STRING, WORD, MARK = (
    "iri", "pname", "blank", "variable", "language", "number", "string", "word", "mark")

_BASE = (r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F"
         r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF")
_NAME = _BASE + r"_\-0-9\u00B7\u0300-\u036F\u203F-\u2040"
_ESCAPE = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_IRI_CHARACTER = r'[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}'
_IRI = rf"<(?:{_IRI_CHARACTER})*>"
# A prefix is bounded, so that text such as a.a.a.a cannot cost the square of its length.
_PREFIX = rf"(?:[{_BASE}](?:[{_NAME}.]{{0,126}}[{_NAME}])?)?"
_LOCAL = rf"(?:[{_NAME}:]|{_ESCAPE})(?:(?:[{_NAME}.:]|{_ESCAPE})*(?:[{_NAME}:]|{_ESCAPE}))?"

_PATTERNS = {
    "space": r"[ \t\r\n]+|\#[^\r\n]*",
    IRI: _IRI,
    STRING: (r"'''(?:[^'\\]|\\.|'(?!''))*'''" r'|"""(?:[^"\\]|\\.|"(?!""))*"""'
             r"|'(?:[^'\\\r\n]|\\[^\r\n])*'" r'|"(?:[^"\\\r\n]|\\[^\r\n])*"'),
    BLANK: rf"_:[{_BASE}_0-9](?:[{_NAME}.]*[{_NAME}])?",
    PNAME: rf"{_PREFIX}:(?:{_LOCAL})?",
    VARIABLE: rf"[?$][{_BASE}_0-9][{_NAME}]*",
    LANGUAGE: r"@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--[A-Za-z]+)?",
    NUMBER: r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+\-]?[0-9]+)?",
    WORD: r"[A-Za-z][A-Za-z0-9_]*",
    # "<" before an IRI is "less than", even after another "<": the engine reads <<http://e/x> so.
    MARK: rf"\^\^|&&|\|\||[!<>]=|<(?={_IRI})|<<|>>|[(){{}}\[\].,;^/|*+\-!=<>?~]",
    "unreadable": r".",
}
_SCANNER = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS.items()), re.DOTALL)
# What word processors and other languages put into a query.
_INSTEAD = MappingProxyType({
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", 'Write straight quotation marks: ".'),
    **dict.fromkeys("\u2018\u2019\u201a\u00b4`", "Write straight quotation marks: '."),
    **dict.fromkeys("\u2013\u2014", "Write a plain hyphen: -."),
    "\u00a0": "Write a plain blank: this one does not break the line.", "&": "Write && for &.", "@": 'A language tag: "text"@en.',
    "$": "A parameter in braces is no SPARQL: write a variable or a value."})
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*://")


class Token(NamedTuple):
    """One token: its kind, its spelling, and where it stands in the text (`start` to `end`, in characters).

    `word` is the keyword in capitals, or "" where the token is not a bare word.
    """

    kind: str
    text: str
    start: int
    end: int
    word: str = ""

    @property
    def prefix(self) -> str:
        """The prefix of a prefixed name, without the colon."""
        return self.text.partition(":")[0]


def tokenise(text: str) -> Iterator[Token]:
    """The tokens of a query, comments and blanks left out.

    Raises BadQuery at the first character that begins no token: going on behind it would cost more than it tells.
    """
    for match in _SCANNER.finditer(text):
        kind = match.lastgroup or ""
        if kind == "unreadable":
            raise _unreadable(text, match.start())
        if kind != "space":
            found = match.group()
            yield Token(kind, found, *match.span(), found.upper() if kind == WORD else "")


def _unreadable(text: str, offset: int) -> BadQuery:
    found = text[offset]
    if found in "'\"":
        return refusal(text, offset, "The string that begins here is never closed",
                       f"Add: {found} at its end, or write a string of several lines in {found * 3}.")
    return refusal(text, offset, f"The character {found!r} has no meaning here", _INSTEAD.get(found, ""))


def refusal(text: str, offset: int, said: str, advice: str = "") -> BadQuery:
    """A mistake at a place of the text: one sentence without its full stop, the place, and what to write."""
    line, column = position(text, offset)
    return BadQuery(f"{said} (line {line}, column {column}). {advice}".rstrip(), line, column, advice=advice)


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of a place in the text."""
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def offset_of(text: str, line: int, column: int) -> int:
    """The place in the text of a line and a column, both from 1; the end where the text is shorter."""
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return min(start + column - 1, len(text))


def respell(tokens: Iterable[Token], canonical_base: str, release_base: str) -> list[Token]:
    """The tokens with IRIs moved to the release's base, and spelled so that they can be read in one way only.

    In a short IRI such as <#x> or <'x> the engine may see "less than" and a comment or a string, and so another query
    than the one that was checked. Escaped, # and ' can stand in an IRI only: it reads what we read, or nothing.
    """
    return [_respelled(token, canonical_base, release_base) if token.kind == IRI else token for token in tokens]


def _respelled(token: Token, canonical_base: str, release_base: str) -> Token:
    spelling = token.text
    if canonical_base and spelling.startswith("<" + canonical_base):
        spelling = "<" + release_base + spelling[1 + len(canonical_base):]
    if not _ABSOLUTE.match(spelling):
        spelling = spelling.replace("#", r"\u0023").replace("'", r"\u0027")
    return token._replace(text=spelling)


def write(text: str, tokens: Sequence[Token]) -> str:
    """The text with each token in its own spelling; what stands between the tokens stays."""
    pieces, end = [], 0
    for token in tokens:
        pieces += (text[end:token.start], token.text)
        end = token.end
    return "".join(pieces) + text[end:]


def original_offset(tokens: Sequence[Token], offset: int) -> int:
    """The place in the original text that a place in the text made by `write` stands for."""
    grown = 0
    for token in tokens:
        start = token.start + grown
        if offset < start:
            break
        if offset < start + len(token.text):
            return min(token.start + offset - start, token.end)
        grown += len(token.text) - (token.end - token.start)
    return offset - grown

"""A cursor over the tokens of a query, with what it reads alone: constants and property paths."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from triplehelix.engine.algebra import Expression, Path, Term, is_variable
from triplehelix.engine.tokens import IRI, LANGUAGE, NUMBER, PNAME, STRING, VARIABLE, WORD, Token

# Variables of our own begin so; a query that has such a variable is not read.
OWN = "?th_own_"
_DEEPEST = 40
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


class Unknown(Exception):
    """The query holds what is not covered."""


class Reader:
    """Reads from left to right; `_at` is the next token. Raises Unknown, and IndexError at the end of the tokens."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._kinds = [token.kind for token in tokens]
        self._texts = ["?" + token.text[1:] if token.kind == VARIABLE else token.text for token in tokens]
        self._words = [token.text.upper() if token.kind == WORD else "" for token in tokens]
        self._at = 0
        self._depth = 0
        self.fresh = 0
        self.shows_all = False
        if any(text.startswith(OWN) for text in self._texts):
            raise Unknown

    def _deeper(self) -> None:
        """Raises Unknown where brackets nest deeper than people write them."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unknown

    # Terms

    def _constant(self) -> Term:
        """An IRI, a literal or a number with its sign, in one spelling without blanks."""
        kind, text = self._kinds[self._at], self._next()
        if kind in (IRI, PNAME, NUMBER):
            return text
        if kind == WORD and text.upper() in ("TRUE", "FALSE"):
            return text
        if text in ("+", "-") and self._kinds[self._at] == NUMBER:
            return text + self._next()
        if kind != STRING:
            raise Unknown
        if self._kinds[self._at] == LANGUAGE:
            return text + self._next()
        if self._texts[self._at] == "^^" and self._kinds[self._at + 1] in (IRI, PNAME):
            self._at += 2
            return text + "^^" + self._texts[self._at - 1]
        return text

    # Paths

    def _verb(self) -> Path | Term:
        return self._next() if self._kinds[self._at] == VARIABLE else self._alternatives()

    def _alternatives(self) -> Path | Term:
        return self._operated("|", self._sequence)

    def _sequence(self) -> Path | Term:
        return self._operated("/", self._step)

    def _operated(self, operator: str, read: Callable[[], Path | Term]) -> Path | Term:
        parts = [read()]
        while self._texts[self._at] == operator:
            self._at += 1
            parts.append(read())
        return Path(operator, tuple(parts)) if len(parts) > 1 else parts[0]

    def _step(self) -> Path | Term:
        if self._texts[self._at] == "^":
            self._at += 1
            return Path("^", (self._repeated(),))
        return self._repeated()

    def _repeated(self) -> Path | Term:
        path = self._primary()
        if self._texts[self._at] in ("*", "+", "?"):
            return Path(self._next(), (path,))
        return path

    def _primary(self) -> Path | Term:
        text = self._next()
        if text == "(":
            self._deeper()
            path = self._alternatives()
            self._depth -= 1
            self._expect(")")
            return path
        if text == "!":
            start = self._at
            if self._texts[self._at] == "(":
                self._skip_brackets()
            else:
                self._at += 1 + (self._texts[self._at] == "^")
            return Path("!", ("(" + "".join(self._texts[start:self._at]) + ")",))
        if self._kinds[self._at - 1] in (IRI, PNAME) or text == "a":
            return text
        raise Unknown

    # Steps

    def _next(self) -> str:
        self._at += 1
        return self._texts[self._at - 1]

    def _variable(self) -> Term:
        name = self._next()
        if not is_variable(name):
            raise Unknown
        return name

    def _expect(self, text: str) -> None:
        if self._next() != text:
            raise Unknown

    def _expect_word(self, word: str) -> bool:
        """True, for it raises Unknown where the keyword is not the next token."""
        if not self._found(word):
            raise Unknown
        return True

    def _found(self, word: str) -> bool:
        """Passes over a keyword, where it is the next token."""
        found = self._at < len(self._words) and self._words[self._at] == word
        self._at += found
        return found

    def _skip_brackets(self) -> None:
        """Goes behind the bracket that closes the one here."""
        depth = 0
        while True:
            text = self._next()
            depth += (text in _OPENING) - (text in _CLOSING)
            if depth == 0:
                return

    def _joined(self, start: int, end: int) -> str:
        return str(Expression(tuple(self._texts[start:end])))

"""The first rows of an answer, and the row behind them: LIMIT and OFFSET of a SELECT (SPARQL 1.1 Query, 15.4 and 15.5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triplehelix.engine.tokens import Token, write

_OPENING, _CLOSING = frozenset("({["), frozenset(")}]")


def windowed(text: str, tokens: Sequence[Token], skipped: int, rows: int) -> str | None:
    """The SELECT query for so many rows of this one's answer behind the skipped ones; None where it can have none there.

    `tokens` are those of the text; their brackets match.
    """
    end = _end_of_pattern(tokens)
    modifiers = [at for at in _outside_brackets(tokens) if at > end]
    values = next((at for at in modifiers if tokens[at].word == "VALUES"), len(tokens))
    slices = {tokens[at].word: at + 1 for at in modifiers if tokens[at].word in ("LIMIT", "OFFSET")}
    limit, offset = (_number(tokens, slices.get(word)) for word in ("LIMIT", "OFFSET"))
    rows = rows if limit is None else min(rows, limit - skipped)
    if rows <= 0:
        return None
    changed = [token._replace(text="") if at in slices.values() or at + 1 in slices.values() else token
               for at, token in enumerate(tokens)]
    last = changed[values - 1]
    changed[values - 1] = last._replace(text=f"{last.text} LIMIT {rows} OFFSET {(offset or 0) + skipped} ")
    return write(text, changed)


def _outside_brackets(tokens: Sequence[Token]) -> Iterator[int]:
    """The indexes of the tokens that stand in no bracket, closing brackets among them."""
    depth = 0
    for at, token in enumerate(tokens):
        depth -= token.text in _CLOSING
        if depth == 0:
            yield at
        depth += token.text in _OPENING


def _end_of_pattern(tokens: Sequence[Token]) -> int:
    """The index of the brace that closes the WHERE clause; the last token's where there is none."""
    return next((at for at in _outside_brackets(tokens) if tokens[at].text == "}"), len(tokens) - 1)


def _number(tokens: Sequence[Token], at: int | None) -> int | None:
    text = tokens[at].text if at is not None and at < len(tokens) else ""
    return int(text) if text.isdecimal() else None

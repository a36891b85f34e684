"""The commonest mistakes of people who write SPARQL, found in the tokens of a query that the engine has refused.

Nothing here refuses a query. Each rule knows a spelling that no SPARQL 1.1 query has, and is asked only after the engine
has said no: the first mistake in the text is then told in its place, with what to write instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from types import MappingProxyType

from triplehelix.engine.tokens import IRI, MARK, NUMBER, STRING, VARIABLE, WORD, Token


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


AGGREGATES = _set("COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT")
# These take their arguments in parentheses (SPARQL 1.1 Query, 17.4 and 18.5.1); ASC and DESC likewise.
FUNCTIONS = AGGREGATES | _set(
    "ABS ASC BNODE BOUND CEIL COALESCE CONCAT CONTAINS DATATYPE DAY DESC ENCODE_FOR_URI FLOOR HOURS IF IRI ISBLANK ISIRI "
    "ISLITERAL ISNUMERIC ISURI LANG LANGMATCHES LCASE MD5 MINUTES MONTH NOW RAND REGEX REPLACE ROUND SAMETERM SECONDS SHA1 "
    "SHA256 SHA384 SHA512 STR STRAFTER STRBEFORE STRDT STRENDS STRLANG STRLEN STRSTARTS STRUUID SUBSTR TIMEZONE TZ UCASE URI "
    "UUID YEAR")
KEYWORDS = _set(
    "A AS ASK BASE BIND BY CONSTRUCT DESCRIBE DISTINCT EXISTS FALSE FILTER FROM GRAPH GROUP HAVING IN LATERAL LIMIT MINUS "
    "NAMED NOT OFFSET OPTIONAL ORDER PREFIX REDUCED SELECT SEPARATOR SERVICE SILENT TRUE UNDEF UNION VALUES VERSION WHERE")
# What other languages write, and SPARQL otherwise.
FOREIGN = MappingProxyType({"AND": "Write && for AND.", "OR": "Write || for OR.",
                            "LIKE": 'Write CONTAINS(?text, "part") or REGEX(?text, "pattern").'})
BRACED = _set("WHERE OPTIONAL MINUS UNION EXISTS")
INSIDE = _set("FILTER OPTIONAL BIND MINUS GRAPH UNION")
# Solution modifiers in the order of the grammar (SPARQL 1.1 Query, 19.8, rule 18), VALUES behind them.
MODIFIERS = ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")
RANKS = MappingProxyType({"GROUP": 1, "HAVING": 2, "ORDER": 3, "LIMIT": 4, "OFFSET": 4, "VALUES": 5})
COMPARISONS = frozenset(["=", "!=", "<", ">", "<=", ">=", "&&", "||", "IN"])
OPENING = MappingProxyType({"(": ")", "{": "}", "[": "]", "<<": ">>"})
END = Token(MARK, "", 0, 0)
# People write shorter queries. Some rules look behind each word for its end, and a text that is all such words costs time.
LONGEST = 1_000


@dataclass(frozen=True)
class Mistake:
    """What is wrong, at which token, and what to write."""

    token: Token
    said: str
    advice: str


@dataclass(frozen=True)
class Text:
    """The tokens of a query and, for each opening bracket, the index of the closing one."""

    tokens: Sequence[Token]
    closing: Mapping[int, int]

    def next(self, at: int) -> Token:
        """The token behind an index; one without text at the end."""
        return self.tokens[at + 1] if at + 1 < len(self.tokens) else END

    def touches(self, at: int) -> bool:
        """Whether no blank stands between a token and the next."""
        return self.tokens[at].end == self.next(at).start

    def top(self, begin: int, end: int) -> Iterator[int]:
        """The indexes from begin to end that stand in no bracket opened there; opening brackets are among them."""
        at = begin
        while at < end:
            yield at
            at = self.closing.get(at, at) + 1

    def words(self, *words: str) -> Iterator[int]:
        """The indexes of these keywords."""
        return (at for at, token in enumerate(self.tokens) if token.word in words)

    def selects(self) -> Iterator[tuple[int, int]]:
        """Where each SELECT clause begins, behind the word, and ends, before WHERE, FROM or the brace."""
        for at in self.words("SELECT"):
            yield at + 1, next((i for i in range(at + 1, len(self.tokens)) if self.tokens[i].text == "{"
                                or self.tokens[i].word in ("WHERE", "FROM", "SELECT")), len(self.tokens))


def first_mistake(tokens: Sequence[Token]) -> Mistake | None:
    """The first mistake in a refused query, or None where no rule knows it. Brackets must match."""
    if not tokens or len(tokens) > LONGEST:
        return None
    text = Text(tokens, brackets(tokens))
    found = [mistake for rule in RULES for mistake in islice(rule(text), 1)]
    # A triple may lack a term only because of another mistake.
    return min(found, key=lambda mistake: mistake.token.start, default=next(_triples(text), None))


def similar(word: str) -> str:
    """The keyword or function that a word in capitals was probably meant to be, or ""."""
    return next(iter(get_close_matches(word, sorted(KEYWORDS | FUNCTIONS), 1, 0.8)), "")


def brackets(tokens: Sequence[Token]) -> dict[int, int]:
    """For each opening bracket, the index of the one that closes it."""
    opened: list[int] = []
    pairs = {}
    for at, token in enumerate(tokens):
        if token.text in OPENING:
            opened.append(at)
        elif opened and token.text == OPENING[tokens[opened[-1]].text]:
            pairs[opened.pop()] = at
    return pairs


def _words(text: Text) -> Iterator[Mistake]:
    """A variable without its question mark, a misspelt keyword, a word of another language."""
    for at, token in enumerate(text.tokens):
        if token.word in FOREIGN:
            yield Mistake(token, f"{token.text!r} is no operator of SPARQL", FOREIGN[token.word])
        elif token.word == "NOT" and text.next(at).word not in ("EXISTS", "IN"):
            yield Mistake(token, "NOT stands before EXISTS and IN only", "Write ! for NOT.")
        elif token.kind == WORD and token.word not in KEYWORDS | FUNCTIONS:
            yield Mistake(token, f"{token.text[:40]!r} is no word of SPARQL", _word_advice(token, text.next(at)))


def _word_advice(token: Token, following: Token) -> str:
    meant = similar(token.word)
    if following.text == "(":
        return f"Write {meant}." if meant else "There is no function of that name."
    if meant and (token.text.isupper() or (following.text == "{" and meant in BRACED)):
        return f"Write {meant}."
    variable = f"A variable begins with a question mark: write ?{token.text[:40]}"
    return f"{variable}, or {meant}." if meant else f"{variable}."


def _operators(text: Text) -> Iterator[Mistake]:
    """== and => for = and >=, and <> for !=, which SPARQL reads as an empty IRI."""
    for at, token in enumerate(text.tokens):
        if token.text == "=" and text.touches(at) and text.next(at).text in ("=", ">"):
            wrong = token.text + text.next(at).text
            yield Mistake(token, f"{wrong!r} is no operator of SPARQL", f"Write {'=' if wrong == '==' else '>='} for {wrong}.")
    for at in text.words("FILTER", "HAVING", "IF", "BIND"):
        for inner in range(at + 2, text.closing.get(at + 1, 0)):
            if text.tokens[inner].text == "<>" and text.tokens[inner - 1].kind in (VARIABLE, NUMBER, STRING):
                yield Mistake(text.tokens[inner], "<> is an empty IRI in SPARQL", "Write != for <>.")


def _commas(text: Text) -> Iterator[Mistake]:
    """Commas between variables of SELECT, GROUP BY and ORDER BY, and between the values of VALUES."""
    lists = [*text.selects(), *_lists(text)]
    for at in (at for begin, end in lists for at in text.top(begin, end)):
        if text.tokens[at].text == ",":
            yield Mistake(text.tokens[at], "A comma stands between two of a list", "Leave the comma out: blanks are enough.")


def _lists(text: Text) -> Iterator[tuple[int, int]]:
    for at in text.words("BY"):
        yield at + 1, next((i for i in range(at + 1, len(text.tokens)) if text.tokens[i].text in "{}"
                            or text.tokens[i].word in ("BY", *MODIFIERS)), len(text.tokens))
    yield from ((begin + 1, text.closing[begin]) for begin in _data(text))


def _data(text: Text) -> Iterator[int]:
    """The opening braces of VALUES."""
    for at in text.words("VALUES"):
        brace = text.closing.get(at + 1, at + 1) + 1
        if text.tokens[brace:brace + 1] and text.tokens[brace].text == "{":
            yield brace


def _expressions(text: Text) -> Iterator[Mistake]:
    """An expression of SELECT, or of BIND, without its parentheses or its AS."""
    for begin, end in text.selects():
        for at in text.top(begin, end):
            token = text.tokens[at]
            if token.word in FUNCTIONS and text.next(at).text == "(":
                yield Mistake(token, f"An expression such as {token.text}(...) needs a name, and parentheses around both",
                              f"Write ({token.text}(...) AS ?{token.text.lower()}).")
            elif token.text == "(" and not _named(text, at):
                yield Mistake(token, "The expression in these parentheses has no name", "Add: AS ?name before the ).")
    for at in text.words("BIND"):
        if text.next(at).text != "(" or not _named(text, at + 1):
            yield Mistake(text.tokens[at], "BIND gives a name to an expression", "Write BIND(... AS ?name).")


def _new_names(text: Text) -> Iterator[Mistake]:
    """A name that BIND gives to what the group has before it, or SELECT to what its pattern has (SPARQL 1.1 Query, 18.2.1)."""
    for at in text.words("AS"):
        token = text.next(at)
        begin, end = _scope(text, at)
        if any(text.tokens[i].text[1:] == token.text[1:] for i in _patterns(text, begin, end) if text.tokens[i].kind == VARIABLE):
            yield Mistake(token, f"{token.text} is in use already, and AS gives a new name", "Write another name behind AS.")


def _patterns(text: Text, begin: int, end: int) -> Iterator[int]:
    """The indexes from begin to end but for those in conditions, which bind nothing."""
    at = begin
    while at < end:
        yield at
        at = text.closing.get(at + 1, at) + 1 if text.tokens[at].word == "FILTER" else at + 1


def _scope(text: Text, at: int) -> tuple[int, int]:
    """Where the names stand that an AS may not give again: in its group before BIND, or in the pattern of its SELECT."""
    around = [opening for opening, closing in text.closing.items() if opening < at < closing]
    brace = max((opening for opening in around if text.tokens[opening].text == "{"), default=-1)
    outer = min((opening for opening in around if opening > brace), default=at)
    if outer and text.tokens[outer - 1].word == "BIND":
        return brace + 1, outer
    pattern = next((i for i in range(at, len(text.tokens)) if text.tokens[i].text == "{"), at)
    return pattern, text.closing.get(pattern, pattern) if _is_clause(text, at) else pattern


def _is_clause(text: Text, at: int) -> bool:
    return any(begin <= at < end for begin, end in text.selects())


def _named(text: Text, opening: int) -> bool:
    return any(text.tokens[at].word == "AS" for at in text.top(opening + 1, text.closing[opening]))


def _conditions(text: Text) -> Iterator[Mistake]:
    """A condition of FILTER or HAVING without parentheses."""
    for at in text.words("FILTER", "HAVING"):
        first, word = text.next(at), text.tokens[at].text
        call_ends = text.closing.get(at + 2) if first.kind not in (MARK, VARIABLE) else None
        goes_on = call_ends is not None and (text.next(call_ends).text in COMPARISONS or text.next(call_ends).word in COMPARISONS)
        if first.kind in (VARIABLE, STRING, NUMBER) or first.text in ("!", "-") or goes_on:
            yield Mistake(first, f"The condition that begins with {first.text[:40]!r} stands in parentheses",
                          f"Write {word}(...).")


def _arguments(text: Text) -> Iterator[Mistake]:
    """A function without parentheses, and ORDER BY DESC ?x."""
    for at, token in enumerate(text.tokens):
        if token.word in FUNCTIONS and text.next(at).text != "(":
            yield Mistake(token, f"{token.text} takes what it works on in parentheses", f"Write {token.text}(...).")


def _braces(text: Text) -> Iterator[Mistake]:
    """A pattern without braces."""
    for at, token in enumerate(text.tokens):
        if token.word == "UNION" and at and text.tokens[at - 1].text != "}":
            yield Mistake(token, "UNION stands between two patterns in braces", "Write { ... } UNION { ... }.")
        elif token.word in BRACED and text.next(at).text != "{":
            yield Mistake(token, f"{token.text} takes a pattern in braces", f"Write {token.text} {{ ... }}.")
    if not any(token.text == "{" or token.word == "DESCRIBE" for token in text.tokens):
        yield Mistake(text.tokens[-1], "The query ends without a pattern", "Add: WHERE { ... }")


def _modifiers(text: Text) -> Iterator[Mistake]:
    """What stands behind the pattern: in the wrong order, without BY, without a number, or where it may not stand."""
    before: list[Token] = [END]
    outside = set(text.top(0, len(text.tokens)))
    for at, token in enumerate(text.tokens):
        if token.text == "{":
            before.append(END)
        elif token.text == "}" and len(before) > 1:
            before.pop()
        elif token.word in RANKS and (token.word != "VALUES" or len(before) == 1):
            yield from _misplaced(text, at, before[-1])
            before[-1] = token
        elif at in outside and at and (token.text in (".", ";") or token.word in INSIDE):
            yield Mistake(token, f"Nothing takes {token.text} outside the braces",
                          "Leave it out." if token.kind == MARK else "Move it before the last }.")


def _misplaced(text: Text, at: int, before: Token) -> Iterator[Mistake]:
    token, following = text.tokens[at], text.next(at)
    if before.text and RANKS[token.word] < RANKS[before.word]:
        yield Mistake(token, f"{token.text} stands behind {before.text}", f"Move it before {before.text}.")
    elif token.word in ("GROUP", "ORDER") and following.word != "BY":
        yield Mistake(token, f"{token.text} is followed by BY", f"Write {token.text} BY.")
    elif token.word in ("LIMIT", "OFFSET") and not following.text.isdecimal():
        yield Mistake(following if following.text else token, f"{token.text} takes a whole number, not {following.text[:40]!r}",
                      f"Write {token.text} 100.")


def _groups(text: Text) -> Iterator[Mistake]:
    """A variable of SELECT that is neither grouped nor inside an aggregate (SPARQL 1.1 Query, 11.4)."""
    for begin, end in text.selects():
        chosen = [text.tokens[at] for at in text.top(begin, end)]
        grouped = _grouped(text, end)
        if grouped is None and not any(token.word in AGGREGATES for token in text.tokens[begin:end]):
            continue
        for token in chosen:
            if token.kind == VARIABLE and token.text[1:] not in (grouped or ()):
                advice = f"Add: {token.text} to GROUP BY" if grouped else f"Add: GROUP BY {token.text}"
                yield Mistake(token, f"{token.text} is neither grouped nor inside an aggregate", advice + ".")
            elif token.text == "*":
                yield Mistake(token, "With GROUP BY the variables are named one by one", "Write them in the place of *.")


def _grouped(text: Text, pattern: int) -> set[str] | None:
    """The names that the GROUP BY of a SELECT gives or takes, or None where it has none; `pattern` ends its clause."""
    opening = next((at for at in range(pattern, len(text.tokens)) if at in text.closing and text.tokens[at].text == "{"), None)
    if opening is None:
        return None
    behind = text.closing[opening] + 1
    if not (text.tokens[behind:behind + 1] and text.tokens[behind].word == "GROUP"):
        return None
    return {token.text[1:] for token in _until(text, behind + 1) if token.kind == VARIABLE}


def _until(text: Text, begin: int) -> Iterator[Token]:
    """The tokens up to the next modifier or brace."""
    for token in text.tokens[begin:]:
        if token.text in ("{", "}") or token.word in MODIFIERS:
            return
        yield token


def _triples(text: Text) -> Iterator[Mistake]:
    """A triple that another follows without a dot, or that ends before its object."""
    data = set(_data(text))
    terms, depth, joined, at, begun = 0, 0, False, 0, END
    while at < len(text.tokens):
        token = text.tokens[at]
        if token.text in ("{", "}") or (token.kind == WORD and token.word not in ("A", "TRUE", "FALSE")):
            if depth and terms == 2:
                yield _unfinished(begun)
            depth += (token.text == "{") - (token.text == "}")
            terms, at = 0, _behind(text, at, data)
        elif token.text in (".", ";", ","):
            if terms == 2 and depth:
                yield _unfinished(begun)
            terms = (".", ";", ",").index(token.text)
        elif token.text in ("/", "|", "^^"):
            joined = True
        elif depth and (token.kind not in (MARK, "language") or token.text in ("(", "[", "<<")):
            begun = begun if terms else token
            if terms == 3 and not joined:
                yield Mistake(token, f"A triple is whole before {token.text[:40]!r}",
                              "Add: . before it, or ; where the subject stays the same.")
            terms, joined = min(3, terms + (not joined)), False
            at = text.closing.get(at, at)
        at += 1


def _unfinished(begun: Token) -> Mistake:
    return Mistake(begun, f"The triple that begins with {begun.text[:40]!r} is not whole",
                   "Add what it lacks: a triple is a subject, a predicate and an object.")


def _behind(text: Text, at: int, data: set[int]) -> int:
    """The index to go on behind: past a clause of SELECT or BY, an expression, the graph of GRAPH, the data of VALUES."""
    word = text.tokens[at].word
    if at in data:
        return text.closing[at] - 1
    if word in ("FILTER", "BIND"):
        call = at + 1 if text.next(at).text == "(" else at + 2
        return text.closing.get(call, at)
    if word == "VALUES":
        return text.closing.get(at + 1, at + 1)
    if word in ("SELECT", "BY", "HAVING"):
        return at + sum(1 for _ in _until(text, at + 1))
    return at + 1 if word in ("GRAPH", "AS") and text.next(at).kind in (IRI, VARIABLE, "pname") else at


RULES: tuple[Callable[[Text], Iterator[Mistake]], ...] = (
    _modifiers, _words, _operators, _commas, _expressions, _new_names, _conditions, _arguments, _braces, _groups)

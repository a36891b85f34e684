"""What a release has for those who look for something: each thing with its names, codes and identifiers.

`build` writes the file search.sqlite, everybody else reads it here. A thing is named by what follows the base in its IRI. Things
are numbered in the order in which they are offered: kind by kind, and within a kind those first to which most points. So the
things of one kind stand together, and of what matches in one way the best are read first, however much there is.

Capital letters, accents and alphabets are not told apart (`letters`), and nothing but letters and figures counts. Where a release
has no such file, nothing is found.
"""

from __future__ import annotations

import json
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import chain, islice
from pathlib import Path

from triplehelix.letters import plain
from triplehelix.sealed import SealedFile

FILE = "search.sqlite"
# The characters and the words that a query may have, and how many things that match in one way are looked at.
LONGEST, MOST_WORDS, MOST = 200, 16, 20_000
# What is looked at for words that are spelled alike: so many letters of a word, so many things that have three of them in a row,
# and of those so many that have the most; from how alike (0 to 1) a word is offered.
LONGEST_WORD, FEW, NEAREST, ALIKE = 24, 5_000, 60, 0.75
# In the index each word stands behind two of these: so a trigram tells the beginning of a word, even of one letter.
GAP = "  "
# The letters that a trigram needs.
TRIGRAM = 3
WORD = re.compile(r"[^\W_]+")
# An address, and in it what registers have behind their own: https://doi.org/10.1000/1, https://ror.org/05wzskb47.
ADDRESS = re.compile(r"(?:https?://)?(?P<whole>[\w.-]+\.[a-z]{2,}(?:/(?P<path>\S*))?)", re.IGNORECASE)
# What stands before the key of an address: such a key is equal to no other, and no other begins so.
AT = "@"
# How a thing can match, best first: a text of it is the query, or begins so; words of it begin so; words beside it do; words of
# it hold the letters.
EXACT, START, WORDS, BESIDE, PARTS = range(5)
# How far a text is from what it only begins with, from a word that begins so, that holds it, and that is missing.
ALMOST, BEGINS, INSIDE, BLANK = 0.5, 1, 2, 3
# The texts that are written with points and dashes, or without.
CODES = ("code", "identifier")
BEYOND = "\U0010ffff"


@dataclass(frozen=True)
class Kind:
    """Things that are looked for together: its name in addresses and for people, its first and its last thing."""

    slug: str
    name: str
    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True)
class Text:
    """One text by which a thing is found: what it is to the thing ("name", "also", "code", "identifier", "term"), and its
    language, "" for none."""

    role: str
    text: str
    lang: str


@dataclass(frozen=True)
class Thing:
    """A thing as it is listed: local name, name and class with their languages, code, what stands beside it, its texts."""

    local: str
    name: str
    lang: str
    class_name: str
    class_lang: str
    code: str
    beside: tuple[Text, ...]
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Found:
    """What a query finds: its words as they are looked for, the things in order of worth, and how many match in which way.

    `complete` is false where more than `MOST` things match in one way: there are more than those listed then.
    """

    words: tuple[str, ...]
    things: tuple[int, ...] = ()
    ways: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    complete: bool = True

    def way(self, place: int) -> int:
        """How the thing at a place of the list matches."""
        return next(way for way in range(len(self.ways)) if place < sum(self.ways[:way + 1]))

    @cached_property
    def _sorted(self) -> list[int]:
        return sorted(self.things)

    def of(self, kind: Kind) -> int:
        """How many of the things found are of a kind."""
        return bisect_right(self._sorted, kind.last) - bisect_left(self._sorted, kind.first)


class Search(SealedFile):
    """The file of one release."""

    def __init__(self, folder: Path):
        super().__init__(folder / FILE)

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds in the order in which they are offered."""
        return tuple(Kind(*row) for row in self._rows("SELECT slug, name, first, last FROM kind ORDER BY first"))

    def kind(self, slug: str) -> Kind | None:
        return next((kind for kind in self.kinds if kind.slug == slug), None)

    def find(self, query: str, kind: Kind | None = None, local: str = "") -> Found:
        """The things that hold all words of a query, at least as parts of words; `local` is the thing that it is the IRI of.

        What that costs is bounded where `query` is: by `LONGEST` characters and `MOST_WORDS` words.
        """
        words = tuple(dict.fromkeys(words_of(query)))
        if not words:
            return Found(())
        key, bounds = key_of(query), (kind.first, kind.last) if kind else self._all
        ways: Sequence[Callable[[], Iterable[tuple]]] = (
            lambda: self._exact(query, local, bounds),
            lambda: self._rows("SELECT thing FROM key WHERE key > ? AND key < ? AND thing BETWEEN ? AND ? LIMIT ?",
                               key, key + BEYOND, *bounds, MOST),
            lambda: self._matching(_own(beginning(words)), bounds),
            lambda: self._matching(" AND ".join(beginning(words)), bounds),
            lambda: self._matching(_own(within(words)), bounds))
        return _ranked(words, ways)

    def _exact(self, query: str, local: str, bounds: tuple[int, int]) -> Iterator[tuple]:
        """Things that a text of theirs names whole: the query, or the identifier at the end of an address."""
        yield from self._rows("SELECT id FROM thing WHERE local = ? AND id BETWEEN ? AND ?", local, *bounds)
        for form in _forms(query):
            yield from self._rows("SELECT thing FROM key WHERE key = ? AND thing BETWEEN ? AND ? LIMIT ?", form, *bounds, MOST)

    def _matching(self, expression: str, bounds: tuple[int, int]) -> Iterator[tuple]:
        return self._rows("SELECT rowid FROM part WHERE part MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid LIMIT ?",
                          expression, *bounds, MOST)

    @cached_property
    def _all(self) -> tuple[int, int]:
        return 1, max((kind.last for kind in self.kinds), default=0)

    def things(self, numbers: Iterable[int]) -> list[Thing]:
        """The things of these numbers, in their order."""
        query = "SELECT local, name, lang, class, class_lang, code, beside, texts FROM thing WHERE id = ?"
        return [_thing(*row) for number in numbers for row in self._rows(query, number)]

    def spelled_like(self, word: str) -> str:
        """The word of a thing that is most like a word that nothing has; "" where none is."""
        word = word[:LONGEST_WORD]
        triples = {word[at:at + TRIGRAM] for at in range(len(word) - TRIGRAM + 1)}
        rows = (islice(self._matching(f'words : "{triple}"', self._all), FEW) for triple in sorted(triples))
        shared = Counter(number for number, in chain.from_iterable(rows))
        nearest = sorted(shared, key=lambda number: (-shared[number], number))[:NEAREST]
        others = {other for thing in self.things(nearest) for text in thing.texts for other in words_of(text.text)}
        return next(iter(get_close_matches(word, others, 1, ALIKE)), "")


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return WORD.findall(plain(text))


def key_of(text: str) -> str:
    """A text as it is compared whole."""
    return " ".join(words_of(text))


def address_key(iri: str) -> str:
    """An address as it is compared whole, whichever scheme it has; "" for what is none."""
    address = ADDRESS.fullmatch(iri.strip())
    return AT + key_of(address["whole"]) if address else ""


def beginning(words: Iterable[str]) -> list[str]:
    """The terms of FTS5 for words that begin so."""
    return [f'"{GAP}{word}"' for word in words]


def within(words: Iterable[str]) -> list[str]:
    """The same for words that hold the letters; fewer than three begin a word."""
    return [f'"{word if len(word) >= TRIGRAM else GAP + word}"' for word in words]


def _own(terms: Sequence[str]) -> str:
    """The expression of FTS5 for things that have all of the terms, one at least in a text of their own."""
    return f"({' AND '.join(terms)}) AND words : ({' OR '.join(terms)})"


def _forms(query: str) -> list[str]:
    """The whole texts that a query may stand for, as they are compared."""
    if not (address := ADDRESS.fullmatch(query.strip())):
        return [key_of(query)]
    path = (address["path"] or "").rstrip("/")
    forms = (key_of(query), address_key(query), key_of(path), key_of(path.rpartition("/")[2]))
    return [form for form in dict.fromkeys(forms) if form]


def _ranked(words: tuple[str, ...], ways: Iterable[Callable[[], Iterable[tuple]]]) -> Found:
    """What matches in several ways, each thing by its best one, in the order of the things."""
    found: dict[int, None] = {}
    counts, complete = [], True
    for way in ways:
        numbers = {number for number, in way()}
        complete = complete and len(numbers) < MOST
        new = sorted(number for number in numbers if number not in found)
        counts.append(len(new))
        found.update(dict.fromkeys(new))
    return Found(words, tuple(found), tuple(counts), complete)


def _thing(local: str, name: str, lang: str, class_name: str, class_lang: str, code: str, beside: str, texts: str) -> Thing:
    return Thing(local, name, lang, class_name, class_lang, code, *(
        tuple(Text(*row) for row in json.loads(rows)) for rows in (beside, texts)))


def keys_of(role: str, text: str) -> tuple[str, ...]:
    """A text as it is compared whole; a code also without what divides it."""
    key = key_of(text)
    return (key, key.replace(" ", "")) if role in CODES else (key,)


def matched(thing: Thing, words: Sequence[str]) -> Text | None:
    """The text by which a thing is found: the first of those that match best; None where only what stands beside it does."""
    costs = [min(_distance(key, words) for key in keys_of(text.role, text.text)) for text in thing.texts]
    best = min(costs, default=BLANK)
    return thing.texts[costs.index(best)] if costs and best < BLANK * len(words) else None


def _distance(key: str, words: Sequence[str]) -> float:
    """How far a text is from words: nothing where it is them, little where it begins with them, else by each word."""
    whole = " ".join(words)
    if key.startswith(whole):
        return 0 if key == whole else ALMOST
    own = key.split()
    return sum(min((_cost(word, other) for other in own), default=BLANK) for word in words)


def _cost(word: str, other: str) -> int:
    return BEGINS if other.startswith(word) else INSIDE if word in other else BLANK


def marked(text: str, words: Iterable[str]) -> list[tuple[str, bool]]:
    """A text in pieces, and whether each is a word that holds one of those looked for."""
    words, pieces, end = tuple(words), [], 0
    text = unicodedata.normalize("NFC", text)
    for match in WORD.finditer(text):
        if any(word in own for own in words_of(match[0]) for word in words):
            pieces += [(text[end:match.start()], False), (match[0], True)]
            end = match.end()
    return [piece for piece in (*pieces, (text[end:], False)) if piece[0]]

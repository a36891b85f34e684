"""Names of bodies as they are compared: folded words without the form in law, and how far two names agree."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from triplehelix.letters import plain
from triplehelix.matching.words import CLUSTER, FORM, PART

# A name that is written as a single word of no more letters is a short name: many bodies share one.
SHORT = 5
# How alike (0..100) two words are that count as one: endings, spellings and slips, not other words.
ALIKE = 80
# The weight of what two names share from which on their agreement is taken as it is: one word that is not common.
TELLING = 0.6


@dataclass(frozen=True)
class Name:
    """One name: as it is written, its words in their order, and the words without the form in law."""

    written: str
    whole: tuple[str, ...]
    words: tuple[str, ...]

    @property
    def short(self) -> bool:
        return len(self.whole) == 1 and len(self.whole[0]) <= SHORT

    @property
    def of_part(self) -> bool:
        """Whether the name is that of a part: a faculty, a department."""
        return any(PART.match(word) for word in self.words)

    @property
    def initials(self) -> set[str]:
        """The first letters of all words, and of the longer ones."""
        found = {"".join(word[0] for word in words) for words in
                 (self.whole, self.words, [word for word in self.words if len(word) > 3])}
        return {letters for letters in found if len(letters) > 2}


def named(written: str) -> Name:
    """The name as it is compared; what stands in brackets is left out where more than that is written."""
    text = folded(re.sub(r"\([^()]*\)", " ", written)) or folded(written)
    bare = FORM.sub(" ", text).split() or text.split()
    return Name(written, tuple(text.split()), tuple("cluster" if CLUSTER.fullmatch(word) else word for word in bare))


def folded(text: str) -> str:
    """Words in small Latin letters and digits; letters that stand alone are one word, so that "z. s." is "zs".

    An apostrophe parts the article from a word (l'energia), not the halves of a name (Mov'eo).
    """
    joined = re.sub(r"(?<=\w\w)['\u2019](?=\w)", "", plain(text))
    spaced = re.sub(r"[^a-z0-9]+", " ", joined)
    return re.sub(r"\b(?:[a-z] )+[a-z]\b", lambda run: run[0].replace(" ", ""), spaced).strip()


class Weights:
    """How much a word says, from 0 to 1: the inverse of how many of the bodies have it in a name."""

    def __init__(self, bodies: Iterable[Iterable[Name]]):
        listed = [{word for name in names for word in name.words} for names in bodies]
        counts, most = Counter(itertools.chain.from_iterable(listed)), math.log1p(len(listed))
        self.weight = {word: math.log1p(len(listed) / count) / most for word, count in counts.items()}

    def agreement(self, one: Name, other: Name) -> float:
        """From 0 to 1: the weight of the words that both have, in any order, against that of the words that differ.

        Words that only one name has more speak little against it; words that stand in place of each other speak doubly.
        """
        if set(one.words) == set(other.words):
            return 1.0
        shared = self._shared(one.words, other.words)
        more, less = (max(0.0, sum(self.weight[word] for word in name.words) - shared) for name in (one, other))
        against = 2 * min(more, less) + min(abs(more - less), shared) / 2
        return shared and shared / (shared + against) * min(1.0, shared / TELLING)

    def _shared(self, words: tuple[str, ...], others: tuple[str, ...]) -> float:
        """The weight of the words that have a like among the others, each used once.

        One word against several counts only where it is one of them: likeness is no proof there.
        """
        left, total, least = list(others), 0.0, 1.0 if (len(words) == 1) != (len(others) == 1) else 0.0
        for word in sorted(words, key=lambda word: (-self.weight[word], word)):
            best = max(((likeness(word, other), other) for other in left), default=(0.0, ""))
            if best[0] and best[0] >= least:
                left.remove(best[1])
                total += best[0] * (self.weight[word] + self.weight[best[1]]) / 2
        return total


def likeness(word: str, other: str) -> float:
    """How far two words are one, 0 or from 0.8 to 1.

    Short words, words with digits and words that begin with other letters are one only where they are the same.
    """
    if word == other:
        return 1.0
    if word[0] != other[0] or min(len(word), len(other)) <= 3 or not (word.isalpha() and other.isalpha()):
        return 0.0
    return fuzz.ratio(word, other, score_cutoff=ALIKE) / 100

"""Pairs of bodies that may be one: found by rare words, judged by names, places and identifiers."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass

from triplehelix.matching.bodies import KEYS, Body
from triplehelix.matching.names import Name, Weights, named

# From which score on a pair is proposed, and how many bodies may share a word by which pairs are sought.
PROPOSED, CROWD = 0.5, 100
# What each agreement leaves of the doubt (names leave 1 - their agreement).
SAME_SHORT, SAME_ONLY_SHORT, INITIALS, SAME_HOMEPAGE = 0.6, 0.3, 0.65, 0.4
# What is left of the score for each agreement of places, and where one name is that of a part of the other body.
SAME_TOWN, SAME_REGION, SAME_COUNTRY, UNKNOWN, OTHER_REGION, OTHER_COUNTRY, PART = 1.0, 0.97, 0.92, 0.85, 0.85, 0.6, 0.5


@dataclass(frozen=True)
class Merge:
    """Two IRIs of one body, by an identifier (scheme, notation) that both have; `keep` is the one to stay.

    `against` are the schemes in which they have other identifiers: then nothing is certain.
    """

    keep: Body
    give_up: Body
    by: tuple[str, str]
    against: tuple[str, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """Two bodies that may be one: a score from 0 to 1 (two decimals) and what speaks for and against it, in sentences."""

    keep: Body
    give_up: Body
    score: float
    evidence: tuple[str, ...]


def merges(bodies: Iterable[Body]) -> list[Merge]:
    """The pairs that are one by an identifier: each body that is to go, with the one to keep."""
    holders: dict[tuple[str, str], list[Body]] = defaultdict(list)
    for body in bodies:
        for key in sorted(body.identifiers):
            if key[0] in KEYS:
                holders[key].append(body)
    found = {}
    for key, several in sorted(holders.items()):
        for pair in itertools.combinations(sorted(several, key=_standing), 2):
            if not is_part(*pair):
                found.setdefault(pair[1].iri, Merge(*pair, key, conflict(*pair)))
    return [found[iri] for iri in sorted(found)]


def candidates(bodies: Iterable[Body], told_apart: Callable[[str, str], bool]) -> list[Candidate]:
    """The pairs from PROPOSED on, best first, without those that identifiers decide or that the data tell apart."""
    listed = list(bodies)
    weights = Weights(body.forms for body in listed)
    found = []
    for one, other in _pairs(listed):
        if same(one, other) or conflict(one, other) or told_apart(one.iri, other.iri):
            continue
        candidate = judged(*sorted((one, other), key=_standing), weights)
        if candidate.score >= PROPOSED:
            found.append(candidate)
    return sorted(found, key=lambda c: (-c.score, c.keep.iri, c.give_up.iri))


def same(one: Body, other: Body) -> bool:
    """Whether they have an identifier in common."""
    return not one.identifiers.isdisjoint(other.identifiers)


def conflict(one: Body, other: Body) -> tuple[str, ...]:
    """The schemes of which each has identifiers, and none in common: by these they are two."""
    mine, yours = ({scheme for scheme, _ in body.identifiers} for body in (one, other))
    shared = {scheme for scheme, _ in one.identifiers & other.identifiers}
    return tuple(sorted(mine & yours & set(KEYS) - shared))


def is_part(one: Body, other: Body) -> bool:
    """Whether one is named as a part of a body (a faculty; "body / part") and the other is not."""
    return _named_as_part(one) != _named_as_part(other)


def judged(keep: Body, give_up: Body, weights: Weights) -> Candidate:
    """The two bodies with the score of their likeness and its evidence."""
    doubt, evidence = 1.0, []
    for left, sentence in (*_by_name(keep, give_up, weights), *_by_homepage(keep, give_up)):
        doubt *= left
        evidence.append(sentence)
    kept, sentence = _by_place(keep, give_up)
    score = (1 - doubt) * kept
    evidence.append(sentence)
    if is_part(keep, give_up):
        score *= PART
        evidence.append("One name is that of a part of a body.")
    return Candidate(keep, give_up, round(score, 2), tuple(evidence))


def _named_as_part(body: Body) -> bool:
    return all(" / " in name or named(name).of_part for name in body.names)


def _standing(body: Body) -> tuple[bool, int, str]:
    """Which of two IRIs is kept: one of its own before one made from an identifier, then the one more is said about."""
    minted = body.slug.startswith((*(f"{scheme}-" for scheme in KEYS), "kohesio-"))
    return (minted, -body.said, body.iri)


def _by_name(one: Body, other: Body, weights: Weights) -> Iterator[tuple[float, str]]:
    """What the names leave of the doubt: the best pair of long ones, and the short ones."""
    long, longer = ([name for name in body.forms if not name.short] for body in (one, other))
    scored = [(weights.agreement(a, b), a, b) for a in long for b in longer]
    if scored:
        agreed, a, b = max(scored, key=lambda row: (row[0], row[1].written, row[2].written))
        yield 1 - agreed, _how(agreed, a, b)
    shorts, others = ({name.words[0]: name for name in body.forms if name.short} for body in (one, other))
    if common := sorted(shorts.keys() & others.keys()):
        yield SAME_SHORT if scored else SAME_ONLY_SHORT, f"Both have the short name {shorts[common[0]].written}."
    else:
        yield from _by_initials(shorts, longer)
        yield from _by_initials(others, long)


def _by_initials(shorts: dict[str, Name], names: Iterable[Name]) -> Iterator[tuple[float, str]]:
    """What it leaves of the doubt that a short name is the initials of the other body's name, or a word of it."""
    found = [(short, name, "a word" if letters in name.words else "the initials")
             for letters, short in shorts.items() for name in names if letters in name.initials or letters in name.words]
    if found:
        short, name, what = found[0]
        yield INITIALS, f"The short name {short.written} is {what} of {name.written}."


def _how(agreed: float, one: Name, other: Name) -> str:
    """In words how two names agree."""
    if one.whole == other.whole:
        return f"Same name: {one.written}."
    both = f"{one.written} and {other.written}"
    if one.words == other.words:
        return f"Same name but for the legal form: {both}."
    if agreed == 1:
        return f"Same words in another order: {both}."
    if set(one.words) < set(other.words) or set(other.words) < set(one.words):
        return f"One name holds the other: {both}."
    return f"Names agree by {agreed:.2f} of 1: {both}."


def _by_homepage(one: Body, other: Body) -> Iterator[tuple[float, str]]:
    if common := sorted(one.homepages & other.homepages):
        yield SAME_HOMEPAGE, f"Same homepage: {common[0]}."


def _by_place(one: Body, other: Body) -> tuple[float, str]:
    """What is left of the score for the places, and the sentence that says why."""
    here, there = one.places, other.places
    if not here.countries or not there.countries:
        return UNKNOWN, "The place of one of them is not stated."
    if here.countries.isdisjoint(there.countries):
        return OTHER_COUNTRY, "They are in different countries."
    if any(town <= other_town or other_town <= town for town in here.towns for other_town in there.towns):
        return SAME_TOWN, "Same town or area by name."
    if any(a.startswith(b) or b.startswith(a) for a in here.regions for b in there.regions):
        return SAME_REGION, "One's region is, or lies in, that of the other."
    if here.regions and there.regions:
        return OTHER_REGION, "Same country, other regions."
    return SAME_COUNTRY, "Same country."


def _pairs(bodies: list[Body]) -> Iterator[tuple[Body, Body]]:
    """Each pair that shares a key once; a word that more than CROWD bodies have is no key."""
    holders: dict[Hashable, list[int]] = defaultdict(list)
    for number, body in enumerate(bodies):
        for key in _keys(body):
            holders[key].append(number)
    seen: set[tuple[int, int]] = set()
    for several in holders.values():
        if len(several) <= CROWD:
            seen.update(itertools.combinations(several, 2))
    return ((bodies[a], bodies[b]) for a, b in sorted(seen))


def _keys(body: Body) -> set[Hashable]:
    """What a body is found by: the beginnings of its words, its whole names, initials and homepages."""
    words = {word[:5] for name in body.forms for word in name.words}
    initials = {letters for name in body.forms for letters in name.initials if len(letters) <= 5}
    return {*words, *initials, *(frozenset(name.words) for name in body.forms), *body.homepages}

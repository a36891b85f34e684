"""The limits in words, and as an operator writes them: the one table that page, service description and command read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from types import MappingProxyType
from urllib.parse import urlsplit

from triplehelix.engine.model import Limits
from triplehelix.findings import fault

_DAY = 86_400
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\#]')


@dataclass(frozen=True)
class Meaning:
    """What a limit bounds, in words; its unit; the answer to what is over it, if there is one; and what it may be set to."""

    words: str
    unit: str
    over: HTTPStatus | None
    least: float = 1
    most: float = 10**12


@dataclass(frozen=True)
class Figure:
    """A limit as it stands: its name for `serve --limit`, what it means, and its value with its unit."""

    name: str
    meaning: Meaning
    value: str


def _seconds(words: str, over: HTTPStatus | None, least: float = 0.1) -> Meaning:
    return Meaning(words, "seconds", over, least, _DAY)


MEANINGS = MappingProxyType({
    "seconds": _seconds("Time of a query", HTTPStatus.GATEWAY_TIMEOUT),
    # An idle worker takes 200 MB; its stack was seen to hold what the most of nesting and of chain makes of it.
    "memory_bytes": Meaning("Memory of a query", "bytes", HTTPStatus.SERVICE_UNAVAILABLE, least=300_000_000),
    "answer_bytes": Meaning("Length of an answer", "bytes", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    "rows": Meaning("Rows of an answer", "", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    "query_bytes": Meaning("Length of a query", "bytes", HTTPStatus.BAD_REQUEST),
    "nesting": Meaning("Brackets within brackets", "", HTTPStatus.BAD_REQUEST, most=500),
    "chain": Meaning("Uses of one operator or pattern keyword in a query", "", HTTPStatus.BAD_REQUEST, most=4_000),
    "merged_triples": Meaning("Triples of several default graphs together", "", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    "workers": Meaning("Long queries at once", "", HTTPStatus.SERVICE_UNAVAILABLE, most=1_000),
    "quick_seconds": _seconds("Time after which a query is a long one", None, least=0.01),
    "queue": Meaning("Queries that wait", "", HTTPStatus.SERVICE_UNAVAILABLE),
    "wait_seconds": _seconds("Time a query waits", HTTPStatus.SERVICE_UNAVAILABLE),
    "client_seconds": _seconds("Engine time of one client in a minute", HTTPStatus.TOO_MANY_REQUESTS),
    "client_queue": Meaning("Queries of one client that wait", "", HTTPStatus.TOO_MANY_REQUESTS),
    "memory_triples": Meaning("Triples of the largest release that is answered from memory", "", None, least=0),
})


def figures(limits: Limits) -> Iterator[Figure]:
    """Every limit that is a number, in the order of the tuple."""
    return (Figure(name, meaning, _told(getattr(limits, name), meaning)) for name, meaning in MEANINGS.items())


def _told(value: float, meaning: Meaning) -> str:
    number = f"{value:g}" if isinstance(value, float) else f"{value:,}"
    return f"{number} {meaning.unit if value != 1 else meaning.unit[:-1]}".rstrip()


def chosen(settings: Iterable[str], services: Iterable[str]) -> Limits:
    """The limits with those changed that are given as NAME=VALUE, and the endpoints that SERVICE may name.

    Raises Faulty for an unknown name, a value that the limit cannot have, and what is not the address of an endpoint.
    """
    return replace(Limits(), services=tuple(map(_endpoint, services)), **dict(map(_setting, settings)))


def _setting(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    if name not in MEANINGS:
        raise fault(text, f"write NAME=VALUE; the limits are {', '.join(MEANINGS)}")
    kind, meaning = type(getattr(Limits(), name)), MEANINGS[name]
    try:
        number = kind(value)
    except ValueError:
        number = math.nan
    if not meaning.least <= number <= meaning.most:
        raise fault(text, f"{name} is a {'whole ' if kind is int else ''}number from {meaning.least:,} to {meaning.most:,}")
    return name, number


def _endpoint(iri: str) -> str:
    """An absolute http(s) IRI without a fragment, and without a password: it is published."""
    try:
        parts = urlsplit(iri)
        fit = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        fit = False
    if not fit or _NOT_IN_IRI.search(iri):
        raise fault(iri, "not the address of an endpoint: give http(s)://host[:port]/path")
    return iri

"""What goes into the engine and what comes out: query, limits, answer, and the family of errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    """The one settings tuple of the engine: what a query may cost, and how many run at once.

    Times are in seconds, sizes in bytes. `memory_bytes` is address space, of which an idle worker takes 200 MB.
    `nesting` bounds brackets within brackets and runs of unary operators, `chain` how often one operator or pattern
    keyword occurs, `merged_triples` the union of several default graphs. `workers` queries run at once, `queue` wait,
    none longer than `wait_seconds`.
    """

    seconds: float = 30.0
    memory_bytes: int = 1_500_000_000
    answer_bytes: int = 10_000_000
    query_bytes: int = 65_536
    nesting: int = 128
    chain: int = 1_000
    merged_triples: int = 200_000
    workers: int = 2
    queue: int = 16
    wait_seconds: float = 5.0


@dataclass(frozen=True)
class Query:
    """A visitor's query, with the dataset and the format it is to be answered from and in.

    `store` is the path of the release's store, `format` a name in the table of formats. Relative IRIs resolve against
    `base_iri`. `default_graphs` and `named_graphs` are the protocol's parameters and outrank FROM and FROM NAMED
    (SPARQL 1.1 Protocol, 2.1.4). IRIs that begin with `canonical_base` are read as beginning with `release_base`.
    `prefixes` are the well-known ones, only ever suggested to a visitor who forgot to declare one.
    """

    text: str
    store: str
    base_iri: str
    format: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    canonical_base: str = ""
    release_base: str = ""
    prefixes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """A whole answer: `kind` is "results", "graph" or "boolean", `format` a name in the table of formats.

    `rebased` says that an IRI of the query was read with the release's base in the place of the canonical one.
    """

    kind: str
    format: str
    body: bytes
    rebased: bool = False


class QueryError(Exception):
    """A query without an answer: an HTTP status, a title for the kind of error, and a sentence for this one.

    `line` and `column` count from 1 in the visitor's own text; `retry_after` is in seconds. `advice` says what to write
    instead, in words that `detail` holds too.
    """

    status = 500
    title = "The query failed"

    def __init__(self, detail: str, line: int | None = None, column: int | None = None,
                 retry_after: int | None = None, advice: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.line = line
        self.column = column
        self.retry_after = retry_after
        self.advice = advice


class BadQuery(QueryError):
    status = 400
    title = "The query cannot be answered as it is written"


class FederationOff(QueryError):
    status = 403
    title = "Federation is off"


class TooLarge(QueryError):
    status = 413
    title = "The answer is too large"


class OutOfMemory(QueryError):
    status = 503
    title = "The query needs too much memory"


class Busy(QueryError):
    status = 503
    title = "The query engine is busy"


class Unavailable(QueryError):
    status = 503
    title = "The query engine is not available"


class Timeout(QueryError):
    status = 504
    title = "The query took too long"

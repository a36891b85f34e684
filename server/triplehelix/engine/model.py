"""What goes into the engine and what comes out: query, limits, answer, and the family of errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from triplehelix.engine.statistics import Statistics


@dataclass(frozen=True)
class Limits:
    """The one settings tuple of the engine: what a query may cost, how many run at once, and what one client may take.

    Times are in seconds, sizes in bytes. `memory_bytes` is address space beside the copy of the store that all workers
    share; an idle worker takes 200 MB of it. `nesting` bounds brackets within brackets and runs of unary operators, `chain`
    how often one operator or pattern keyword occurs, `merged_triples` the union of several default graphs.

    `workers` long queries run at once, and one more for the first `quick_seconds` of its life; `queue` queries wait, none
    longer than `wait_seconds`. The server's own pages have a lane of their own beside these. A client may use
    `client_seconds` of engine time in a minute and have `client_queue` queries waiting. A release of up to
    `memory_triples` triples is answered from memory. `services` are the endpoints that SERVICE may name.
    """

    seconds: float = 30.0
    memory_bytes: int = 1_500_000_000
    answer_bytes: int = 10_000_000
    rows: int = 100_000
    query_bytes: int = 65_536
    nesting: int = 128
    chain: int = 1_000
    merged_triples: int = 200_000
    workers: int = 2
    quick_seconds: float = 1.0
    queue: int = 64
    wait_seconds: float = 5.0
    client_seconds: float = 60.0
    client_queue: int = 16
    memory_triples: int = 2_000_000
    services: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """A release, as an engine sees it: the path of its store, and the number of triples of its default graph.

    IRIs of a query that begin with `canonical_base` are read as beginning with `release_base`. `prefixes` are the
    well-known ones, only ever suggested to a visitor who forgot to declare one. `statistics` are counts of the default
    graph, by which queries over it are rewritten. Of a release that is not `current` nothing is held in memory.
    """

    store: str
    triples: int = 0
    canonical_base: str = ""
    release_base: str = ""
    prefixes: Mapping[str, str] = field(default_factory=dict)
    statistics: Statistics | None = None
    current: bool = True


@dataclass(frozen=True)
class Query:
    """A visitor's query, with the part of the dataset and the format it is to be answered from and in.

    `format` is a name in the table of formats. Relative IRIs resolve against `base_iri`. `default_graphs` and
    `named_graphs` are the protocol's parameters and outrank FROM and FROM NAMED (SPARQL 1.1 Protocol, 2.1.4). `max_rows`
    asks for a cut answer, `canonical` for the one answer that the release alone decides, with the same bytes each time, or a
    refusal; never with `max_rows`. `client` is who is charged for it; `own` says that the text is one of the release's own.
    `visitor` opens the descriptor of the visitor's connection, or None: where that hangs up, the query ends.
    """

    text: str
    base_iri: str
    format: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    max_rows: int | None = None
    canonical: bool = False
    client: str = ""
    own: bool = False
    visitor: Callable[[], AbstractContextManager[int | None]] = nullcontext


@dataclass(frozen=True)
class Answer:
    """A whole answer: `kind` is "results", "graph" or "boolean", `format` a name in the table of formats.

    `rebased` says that an IRI of the query was read with the release's base in the place of the canonical one, `cut` that
    there are more rows than the query's `max_rows`.
    """

    kind: str
    format: str
    body: bytes
    rebased: bool = False
    cut: bool = False


class Engine(Protocol):
    """What every engine does."""

    def execute(self, query: Query, dataset: Dataset, limits: Limits) -> Answer:
        """The whole answer to a query. Raises a QueryError, and ValueError for a format that cannot hold the answer."""
        ...


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


class Undetermined(QueryError):
    status = 422
    title = "The query leaves its answer open"


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


class FairUse(QueryError):
    status = 429
    title = "Your share of engine time is used up"


class Unavailable(QueryError):
    status = 503
    title = "The query engine is not available"


class Timeout(QueryError):
    status = 504
    title = "The query took too long"

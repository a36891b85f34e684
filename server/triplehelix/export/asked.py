"""The site, asked in this process by WSGI (PEP 3333) as a client asks it over HTTP: no port, no negotiation of codings."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from triplehelix.engine.model import Answer as Results
from triplehelix.engine.model import Dataset, Engine, Limits, Query, Undetermined
from triplehelix.export.addresses import Address
from triplehelix.formats import HTML
from triplehelix.web.front import RELEASE

BROWSER = f"{HTML.media_type},application/xhtml+xml;q=0.9,*/*;q=0.8"


@dataclass(frozen=True)
class Answer:
    """The status of an answer, its header fields by their names in small letters, and its bytes."""

    status: int
    fields: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.fields.get("content-type", "").partition(";")[0]

    @property
    def is_page(self) -> bool:
        return self.status == 200 and self.media_type == HTML.media_type

    @property
    def modified(self) -> datetime | None:
        """Last-Modified, where it is told."""
        with suppress(TypeError, ValueError):
            return parsedate_to_datetime(self.fields.get("last-modified", ""))
        return None


@dataclass(frozen=True)
class Asked:
    """An application at its origin, asked as if the release of that version were the current one."""

    application: Callable[..., Iterable[bytes]]
    origin: str
    version: str

    def get(self, address: Address, accept: str = BROWSER, method: str = "GET") -> Answer:
        """The whole answer to a GET, or to another method without a body."""
        told: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, fields: list[tuple[str, str]], _: object = None) -> None:
            told.append((status, fields))

        body = b"".join(_closing(self.application(self._environ(address, accept, method), start)))
        status, fields = told[0]
        return Answer(int(status[:3]), {name.lower(): value for name, value in fields}, body)

    def _environ(self, address: Address, accept: str, method: str) -> dict[str, Any]:
        site = urlsplit(self.origin)
        return {
            "REQUEST_METHOD": method, "SCRIPT_NAME": site.path.rstrip("/"), "QUERY_STRING": address.query,
            "PATH_INFO": "/" + address.path.encode().decode("latin-1"), "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_ACCEPT": accept,
            "HTTP_HOST": site.netloc, "SERVER_NAME": site.hostname or "", "SERVER_PORT": str(site.port or ""),
            RELEASE: self.version, "wsgi.version": (1, 0), "wsgi.url_scheme": site.scheme, "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr, "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False}


@dataclass(frozen=True)
class Settled:
    """An engine that gives each answer in the one order that its release decides, so that two exports are equal; a query that
    leaves its answer open is answered as it comes. Asked are named queries only, each for several pages: all answers are kept.
    """

    engine: Engine
    _kept: dict[tuple[object, ...], Results] = field(default_factory=dict)

    def execute(self, query: Query, dataset: Dataset, limits: Limits) -> Results:
        """The whole answer to a query. Raises as the engine does."""
        key = (query.text, query.format, query.default_graphs, query.named_graphs, query.max_rows, dataset.store)
        if key not in self._kept:
            self._kept[key] = self._executed(query, dataset, limits)
        return self._kept[key]

    def _executed(self, query: Query, dataset: Dataset, limits: Limits) -> Results:
        try:
            return self.engine.execute(replace(query, canonical=True), dataset, limits)
        except Undetermined:
            return self.engine.execute(query, dataset, limits)


def _closing(blocks: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from blocks
    finally:
        if close := getattr(blocks, "close", None):
            close()

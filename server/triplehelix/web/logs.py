"""The log of requests: one line each, with nothing in it that says who asked.

There is no address, no agent, and of a query no text: values in it may be names. A hash under a key that each start of the
server makes anew tells the same query again, and nothing else.
"""

from __future__ import annotations

from hashlib import blake2b
from io import BytesIO
from urllib.parse import quote

from triplehelix import journal
from triplehelix.web.front import KEPT, RELEASE, Environment
from triplehelix.web.watching import ENGINE, Seen

KEY_BYTES, HASH_BYTES = 16, 6
# What a path may hold as it is (RFC 3986 section 3.3); all else is told as it came over the wire, percent-encoded.
PLAIN = "/:@!$&'()*+,;="
PATH_CHARACTERS, METHOD_CHARACTERS = 1_000, 20


class RequestLog:
    """Writes down each request that it is told of. `key` makes hashes of queries that mean nothing to others."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, seen: Seen) -> None:
        environ = seen.environ
        kind = next((value for name, value in seen.headers if name.lower() == "content-type"), "")
        engine = environ.get(ENGINE)
        journal.write(
            "request", method=seen.method[:METHOD_CHARACTERS], path=path_sent(environ)[:PATH_CHARACTERS], **self._query(environ),
            status=seen.status, bytes=seen.length, ms=round(seen.seconds * 1000, 3), format=kind.partition(";")[0],
            release=environ.get(RELEASE, ""), kept=KEPT in environ,
            **({} if engine is None else {"engine_ms": round(engine * 1000, 3)}), **({} if seen.whole else {"whole": False}))

    def _query(self, environ: Environment) -> dict[str, str | int]:
        """How long the query string and a short body are, and their hash; nothing where there is neither."""
        body = environ.get("wsgi.input")
        # The front has read a body that belongs to a query, and left it so.
        asked = environ.get("QUERY_STRING", "").encode("latin-1", "replace") + (
            body.getvalue() if isinstance(body, BytesIO) else b"")
        if not asked:
            return {}
        return {"query": blake2b(asked, digest_size=HASH_BYTES, key=self._key).hexdigest(), "query_bytes": len(asked)}


def path_sent(environ: Environment) -> str:
    """The path of a request as it came over the wire, in plain characters."""
    return quote(environ.get("PATH_INFO", "").encode("latin-1", "replace"), safe=PLAIN)

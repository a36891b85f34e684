"""An application that does nothing: `python -m benchmarks.bare PORT URL` gives what is found at the URL, whatever is asked.

It stands on the HTTP server of `serve`, set up in the same way: no application on that can be faster.
"""

from __future__ import annotations

import sys
from functools import partial
from urllib.request import Request, urlopen

from benchmarks.load import HOST, PATIENCE, ROWS
from triplehelix.engine.sandbox import take_turns
from triplehelix.web.front import Application
from triplehelix.web.server import http_server

# What the HTTP server adds by itself, or says of the connection.
ITS_OWN = {"connection", "date", "server"}


def answered(url: str) -> tuple[list[tuple[str, str]], bytes]:
    """The header fields and the body of the answer at a URL."""
    with urlopen(Request(url, headers={"Accept": ROWS}), timeout=PATIENCE) as response:
        return [(name, value) for name, value in response.headers.items() if name.lower() not in ITS_OWN], response.read()


def loaded(headers: list[tuple[str, str]], body: bytes) -> Application:
    """The application, made inside a worker process."""
    take_turns()

    def application(_environ, start_response):
        start_response("200 OK", list(headers))
        return [body]

    return application


if __name__ == "__main__":
    http_server(HOST, int(sys.argv[1])).serve(target_loader=partial(loaded, *answered(sys.argv[2])), wrap_loader=False)

"""The permanent URL of an answer: it holds the query and names the release, so that nothing has to be kept for it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from triplehelix.web.site import PARAMETER, published

if TYPE_CHECKING:
    from triplehelix.web.sparql import Asked

# RFC 9110, section 4.1: what everyone on the way of a request is asked to take.
URL_BYTES = 8_000
# What may stand as it is in the query of a URL (RFC 3986, section 3.4).
PLAIN = "/:?@,"


def fields_of(asked: Asked) -> list[tuple[str, str]]:
    """The parameters that say what is asked, whatever the format of the answer."""
    return [("query", asked.query), *(("default-graph-uri", graph) for graph in asked.default_graphs),
            *(("named-graph-uri", graph) for graph in asked.named_graphs)]


def permanent(asked: Asked) -> str:
    """What follows the base in the URL of the answer to a query from the release of this request.

    A named query is in it by its name and by the values of its parameters that are not the defaults.
    """
    graphs = asked.default_graphs or asked.named_graphs
    query = None if graphs else published().named(asked.query)
    values = query and query.values(asked.query.replace("\r\n", "\n"))
    if values is None:
        address, fields = "cite", fields_of(asked)
    else:
        address, fields = f"query/{query.slug}/cite", list(values.items())
    return f"{address}?{urlencode([*fields, (PARAMETER, published().manifest.version)], safe=PLAIN, quote_via=quote)}"


def is_too_long(local: str) -> bool:
    """Whether a URL would be longer than many programs pass on."""
    return len(published().base + local) > URL_BYTES

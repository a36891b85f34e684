"""From a format and a body to a response: negotiation, validators, and the label that equals the body."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from flask import Response, render_template, request
from pyoxigraph import Quad, Triple
from werkzeug.exceptions import BadRequest, NotAcceptable

from triplehelix.description.document import fields, written
from triplehelix.formats import DATASET, DOCUMENT, GRAPH, HTML, Format, negotiate
from triplehelix.web.site import published

# A page of the site: HTML unless RDF is named.
SITE_PAGE = (HTML, *GRAPH)
# What its address is a hash of.
IMMUTABLE = "public, max-age=31536000, immutable"
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
          "form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
# Without one of these there is nothing to be conditional on (RFC 9110 section 13.1).
CONDITIONS = frozenset({"HTTP_IF_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_NONE_MATCH", "HTTP_IF_UNMODIFIED_SINCE"})


def chosen(offered: Sequence[Format], html_by_wildcard: bool = False, name: str | None = None,
           last: Sequence[Format] = ()) -> Format:
    """The format of that name, or of ?format= where `name` is None, else the one Accept likes best.

    Those of `last` are given only where Accept takes none of the others. Raises NotAcceptable listing what there is.
    """
    name = request.args.get("format") if name is None else name
    if name:
        found = next((f for f in offered if name.lower() in _spellings(f)), None)
    else:
        accept = request.headers.get("Accept")
        found = negotiate(accept, [f for f in offered if f not in last], html_by_wildcard) or negotiate(accept, last)
    require(found, offered)
    return found


def require(wanted: Format | None, offered: Sequence[Format]) -> None:
    """Raises NotAcceptable, listing what there is, for a format that is not offered, or for none."""
    if wanted not in offered:
        raise NotAcceptable("This is to be had as " + ", ".join(f"{f.media_type} (?format={f.name})" for f in offered)
                            + "; name one of them in Accept or in ?format=.")


def chosen_of_document(offered: Sequence[Format] = DOCUMENT) -> Format:
    """The format of a document of RDF, which may have others besides. Clients that name N-Quads first mean triples, and look
    into the default graph, where ours has none: named graphs are for those who take nothing else, or ask by name.
    """
    return chosen(offered, last=DATASET)


def _spellings(fmt: Format) -> set[str]:
    """How clients write a format in ?format=: SPARQLWrapper says turtle, json-ld, rdf+xml; others the media type."""
    media_types = (fmt.media_type, *fmt.aliases)
    return {fmt.name, fmt.suffix, fmt.label.lower(), *media_types, *(m.partition("/")[2] for m in media_types)}


def page_number() -> int:
    """The number in ?page=, from 1. Raises BadRequest for anything else."""
    text = request.args.get("page", "1")
    if not re.fullmatch("[1-9][0-9]{0,7}", text):
        raise BadRequest("page is a whole number from 1.")
    return int(text)


def answer(body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """A negotiated 200 with a strong ETag of its content, or 304 where the client has it already."""
    response = Response(body, headers=fields(body, content_type, headers))
    return response.make_conditional(request) if CONDITIONS.intersection(request.environ) else response


def rdf(content: Iterable[Triple | Quad], fmt: Format, headers: Mapping[str, str] | None = None) -> Response:
    """Triples, or quads, in one syntax of the format table, with the prefixes of the release."""
    return answer(written(content, fmt, published()), fmt.content_type, headers)


def page(template: str, headers: Mapping[str, str] | None = None, **values: object) -> Response:
    """A page of HTML."""
    return answer(render_template(template, **values).encode(), HTML.content_type, headers)


def with_query(address: str, values: Mapping[str, str] | Sequence[tuple[str, object]]) -> str:
    """An address with further query parameters."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"

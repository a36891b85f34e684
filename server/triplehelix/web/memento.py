"""Memento (RFC 7089): things and documents as they were in the releases that are kept, found by date.

The TimeGate of an address leads to the release that was current at a date (section 4.2), its TimeMap lists all of them (section
5); an answer that names its release says so, and of what it is an earlier state (section 2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import quote, urlencode

from flask import Blueprint, Flask, Response, g, redirect, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.http import parse_date

from triplehelix.description.document import OF_THINGS, THING, TIMEGATE
from triplehelix.description.links import PATH, RELEASES, Links, uri
from triplehelix.description.linksets import LINK_FORMAT
from triplehelix.findings import Faulty
from triplehelix.formats import SUFFIXED, by_suffix
from triplehelix.resources import Resources
from triplehelix.web import answer
from triplehelix.web.discovery import DESCRIBED
from triplehelix.web.front import READ
from triplehelix.web.site import Known, arguments, published, same, site
from triplehelix.web.versions import OF_THE_MOMENT

routes = Blueprint("memento", __name__)
TIMEMAP = "timemap/"
RFC_1123 = re.compile("[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")
# A proxy may have made one slash of two.
SCHEME = re.compile("(https?):/+")
OF_A_GATE = re.compile(', <[^>]*>; rel="timegate"')
LINKED_BYTES = 1_000
# Answers of which other releases may have another one.
OF_RESOURCES = ("resource.thing", "resource.document_of_thing", "resource.document")


@dataclass(frozen=True)
class Original:
    """A thing or document of this site, by its decoded path below the root and its query, and the releases that hold it."""

    base: str
    local: str
    query: str
    held: list[Known]

    def url(self, version: str = "") -> str:
        """Its address, or that of its state in a release."""
        return Links(self.base, site().settings.origin, version).url(quote(self.local, safe=PATH) + self.query)

    def links(self) -> Iterator[str]:
        """It, its TimeGate and its states, as links."""
        yield _link(self.url(), "original")
        yield _link(_about(TIMEGATE, self.url()), "timegate")
        for at, known in enumerate(self.held):
            place = "first " * (not at) + "last " * (at == len(self.held) - 1)
            yield _link(self.url(known.version), place + "memento", datetime=_date(known.moment))


@routes.get("/timegate/<path:iri>")
def timegate(iri: str) -> Response:
    """302 to the state at the date of Accept-Datetime, else the newest; before the first release, the first."""
    asked, found = _accepted(), original(iri)
    past = [known for known in found.held if asked is None or known.moment <= asked]
    response = redirect(found.url((past[-1] if past else found.held[0]).version), 302)
    response.headers["Link"] = ", ".join([_link(found.url(), "original"), _timemap(found.url())])
    response.vary.add("accept-datetime")
    return response


@routes.get("/timemap/<path:iri>")
def timemap(iri: str) -> Response:
    """All states, oldest first, in application/link-format."""
    wanted, found = answer.chosen((LINK_FORMAT,)), original(iri)
    first, last = _date(found.held[0].moment), _date(found.held[-1].moment)
    itself = _link(_about(TIMEMAP, found.url()), "self", type=LINK_FORMAT.media_type, **{"from": first, "until": last})
    body = ",\n".join([itself, *found.links()]) + "\n"
    return answer.answer(body.encode(), wanted.content_type, OF_THE_MOMENT)


def _accepted() -> datetime | None:
    """The date asked for. Raises BadRequest for another form than that of RFC 7089 section 2.1.1."""
    given = request.headers.get("Accept-Datetime")
    moment = parse_date(given) if given and RFC_1123.fullmatch(given) else None
    if given and not moment:
        raise BadRequest("Accept-Datetime is a date such as Sun, 06 Nov 1994 08:49:37 GMT. Write it so, or leave it out.")
    return moment


def original(iri: str) -> Original:
    """The thing or document of an IRI, or address, of this site. Raises NotFound where no kept release holds it."""
    iri, here, base = SCHEME.sub(r"\1://", iri, count=1), site(), published().base
    root = next((root for root in (here.settings.origin, base) if iri.startswith(root)), None)
    local = iri.removeprefix(root or "")
    names = list(_names(base, local)) if root else []
    held = [known for known in here.history().values() if names and here.is_kept(known.version) and _holds(known, names)]
    if not held:
        raise NotFound(f"No release that is kept here holds <{iri}>. Things and their documents have a TimeGate and a TimeMap: "
                       "write the whole address of one.")
    query = urlencode(arguments())
    return Original(base, local, "?" * bool(query) + query, sorted(held, key=lambda known: known.moment))


def _names(base: str, local: str) -> Iterator[str]:
    """The resources that a path may be the address of, or of a document of: what follows the base in their IRIs."""
    name = local.removeprefix(OF_THINGS)
    stem, fmt = by_suffix(name, SUFFIXED)
    for each in (name, stem) if fmt and (name != local or not THING.match(name)) else (name,):
        if DESCRIBED.match(each) and (name == local or THING.match(each)):
            yield from (_below(base, iri) for iri in Links(base, base).iris(each))


def _below(base: str, iri: NamedNode) -> str:
    return iri.value.removeprefix(base)


def _holds(known: Known, names: list[str]) -> bool:
    """Whether a release has a document of one of these."""
    with closing(Resources(site().releases / known.version)) as resources:
        return any(resources.state(name) for name in names)


def install(app: Flask) -> None:
    """Has answers that name their release say of what they are a state."""
    app.after_request(dated)


def dated(response: Response) -> Response:
    """Memento-Datetime, and the links to the original, its TimeGate and its TimeMap, where a release is named."""
    if "named" not in g or "published" not in g or request.method not in READ or response.status_code not in (200, 303):
        return response
    address, known = same(g.current), _known(g.named)
    # What is below the address of a release is of that release in any other. A long query is no name for its answer, and
    # proxies take so many bytes of headers and no more.
    if known and len(address) <= LINKED_BYTES and not address.startswith(site().settings.origin + RELEASES):
        response.headers["Memento-Datetime"] = _date(known.moment)
        # A TimeGate may be told already: that of the original, whatever form of it was asked for.
        told = [OF_A_GATE.sub("", link) for link in response.headers.getlist("Link")] + [_link(address, "original")]
        if request.endpoint in OF_RESOURCES:
            told += [_link(_about(TIMEGATE, address), "timegate"), _timemap(address)]
        response.headers["Link"] = ", ".join(told)
    return response


def _known(version: str) -> Known | None:
    """What is known of a release; None where the list of them cannot be read, which takes nothing from the others."""
    with suppress(Faulty):
        return site().history().get(version)
    return None


def _timemap(address: str) -> str:
    return _link(_about(TIMEMAP, address), "timemap", type=LINK_FORMAT.media_type)


def _about(room: str, address: str) -> str:
    """The TimeGate or TimeMap of an address."""
    return site().settings.origin + room + address


def _link(target: str, relation: str, **attributes: str) -> str:
    """One link (RFC 8288 section 3)."""
    return "; ".join([f"<{uri(target)}>", f'rel="{relation}"', *(f'{name}="{value}"' for name, value in attributes.items())])


def _date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)

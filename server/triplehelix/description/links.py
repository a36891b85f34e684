"""Base and origin: IRIs in RDF have the base, addresses of pages the origin; here is the way from one to the other."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

from pyoxigraph import NamedNode

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
DEFAULT_PORTS = {"http": 80, "https": 443}
# RFC 3986: what may stand unescaped in a path (section 3.3), and in a reference that is already one (section 4.1).
PATH, REFERENCE = "/:@!$&'()*+,;=~", "/:@!$&'()*+,;=~%?#[]"
# quote() would take most of the time of a document with many links.
NOTHING_TO_ESCAPE = re.compile(rf"[A-Za-z0-9_.\-{re.escape(REFERENCE)}]*")
LINKED_SCHEMES = ("http", "https", "mailto")
# What is below this path names its release itself; files are there, so that each has a name of its own.
RELEASES, FILES = "release/", "dumps/"


@dataclass(frozen=True)
class Links:
    """The base IRI of a release and the origin it is visited at; both end with a slash, either may have a path.

    `release` is the version in which addresses stay; "" is the current one, whatever that is.
    """

    base: str
    origin: str
    release: str = ""

    @property
    def root(self) -> str:
        """The path of the origin, with slashes around it."""
        return urlsplit(self.origin).path

    def path(self, local: str) -> str:
        """The address, on this site, of a reference below the root."""
        return self.root + self._reference(local)

    def url(self, local: str) -> str:
        """The same as a whole URL, for Location and Link."""
        return self.origin + self._reference(local)

    @property
    def of_current(self) -> Links:
        """The addresses of the same without a release."""
        return replace(self, release="") if self.release else self

    def _reference(self, local: str) -> str:
        """A reference as a URI that stays in the release."""
        if not self.release or local.startswith(RELEASES):
            return uri(local)
        if local.startswith(FILES):
            return f"{RELEASES}{self.release}/{uri(local)}"
        address, hash_sign, fragment = uri(local).partition("#")
        path, _, query = address.partition("?")
        return f"{path}?release={self.release}{'&' if query else ''}{query}{hash_sign}{fragment}"

    def local(self, iri: str) -> str | None:
        """The part of an IRI of ours after the base; None for an IRI of others."""
        return iri[len(self.base):] if iri.startswith(self.base) else None

    def href(self, iri: str) -> str | None:
        """Where a page may link for an IRI: ours on this site, others over http, https or mailto, else nowhere."""
        local = self.local(iri)
        if local is not None:
            return self.path(local)
        return iri if iri.partition(":")[0].lower() in LINKED_SCHEMES else None

    def iris(self, local: str) -> list[NamedNode]:
        """The IRIs that a decoded path may mean: as it reads, and percent-encoded, all of it or ASCII only. Not IRIs: none."""
        ascii_only = "".join(quote(c, safe=PATH) if c.isascii() else c for c in local)
        forms = dict.fromkeys((local, quote(local, safe=PATH), ascii_only))
        return [node for node in (_node(self.base + form) for form in forms) if node]


def uri(iri: str) -> str:
    """An IRI, or a part of one, as a URI (RFC 3987 section 3.1), fit for a header: what is escaped stays as it is."""
    return iri if NOTHING_TO_ESCAPE.fullmatch(iri) else quote(iri, safe=REFERENCE)


def _node(iri: str) -> NamedNode | None:
    try:
        return NamedNode(iri)
    except ValueError:
        return None


def hosts(origin: str, aliases: tuple[str, ...] = ()) -> frozenset[str]:
    """The values of Host that are this site: the origin's, the aliases, and on a loopback its other names."""
    parts = urlsplit(origin)
    name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    names = LOOPBACK if name in LOOPBACK else (name,)
    default = DEFAULT_PORTS[parts.scheme]
    port = parts.port or default
    ports = (f":{port}", "") if port == default else (f":{port}",)
    return frozenset([*(n + p for n in names for p in ports), *(alias.lower() for alias in aliases)])

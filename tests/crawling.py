"""A client that crawls a site: it follows one redirect, and knows where the documents of its things are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from urllib.parse import quote, urldefrag, urljoin, urlsplit

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Answer:
    """The last answer to a request, its URL, and how many redirects led there."""

    url: str
    status: int
    headers: Message
    body: bytes
    hops: int

    @property
    def kind(self) -> str:
        return self.headers.get_content_type()


class Crawler:
    """A client of one server that follows one redirect, to our own origin alone, over one connection."""

    def __init__(self, base: str):
        self.base = base
        self._connection = HTTPConnection(urlsplit(base).netloc, timeout=60)

    def get(self, url: str, accept: str, **conditions: str) -> Answer:
        first = self._once(url, accept, conditions, 0)
        if first.status not in REDIRECTS:
            return first
        target = urljoin(url, first.headers["Location"])
        assert target.startswith(self.base), f"{url} leads away to {target}"
        return self._once(target, accept, conditions, 1)

    def _once(self, url: str, accept: str, conditions: dict[str, str], hops: int) -> Answer:
        path = urldefrag(url).url.removeprefix(self.base)
        fields = {"Accept": accept, **{name.replace("_", "-"): value for name, value in conditions.items()}}
        self._connection.request("GET", "/" + quote(path, safe="/%?=&:+;,@~!$'()*"), headers=fields)
        answer = self._connection.getresponse()
        return Answer(url, answer.status, answer.headers, answer.read(), hops)

    def close(self) -> None:
        self._connection.close()


def allowed(robots: str, url: str) -> bool:
    """Whether a crawler may visit an address: by the longest of the rules for all that fit (RFC 9309 section 2.2.2)."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    rules = [(key == "Allow", value) for key, value in re.findall(r"(?m)^(Allow|Disallow): *(\S+)", robots)]
    fitting = [(len(value), is_open) for is_open, value in rules if _pattern(value).match(path)]
    return max(fitting, default=(0, True))[1]


def _pattern(rule: str) -> re.Pattern[str]:
    pattern = ".*".join(map(re.escape, rule.removesuffix("$").split("*")))
    return re.compile(pattern + "$" * rule.endswith("$"))


def document(iri: str, base: str) -> str:
    """The address of the document about an IRI of ours: things redirect, documents are their own."""
    local = iri.removeprefix(base)
    thing = local.startswith("id/") or local.startswith("scheme/") and local.count("/") > 1
    return base + "doc/" * thing + quote(local, safe="/%?=&:+;,@~!$'()*")

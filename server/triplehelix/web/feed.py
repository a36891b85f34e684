"""The releases as a feed: Atom (RFC 4287), older ones in archives that do not change any more (RFC 5005 section 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from triplehelix.changes.steps import Summary
from triplehelix.formats import ATOM, HTML, PATCH
from triplehelix.web.stream import Shelf

# Characters that no document of XML 1.0 may have (section 2.2).
NO_CHARACTERS = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NAMESPACE, HISTORY = "http://www.w3.org/2005/Atom", "http://purl.org/syndication/history/1.0"


@dataclass(frozen=True)
class Entry:
    """A release: its IRI, version and moment, what it changed, and the address of the page that tells of it."""

    iri: str
    version: str
    moment: datetime
    summary: Summary
    address: str


@dataclass(frozen=True)
class Feed:
    """The feed as a whole: its IRI and address, that of the page it stands for, title, licence, and who publishes it."""

    iri: str
    address: str
    page: str
    title: str
    licence: str | None
    authors: tuple[str, ...]

    def document(self, page: Shelf, entries: Iterable[Entry]) -> bytes:
        """One document of the feed, the newest release first."""
        entries = sorted(entries, key=lambda entry: entry.moment, reverse=True)
        lines = [f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="{NAMESPACE}" xmlns:fh="{HISTORY}">',
                 _element("id", self.iri), _element("title", f"{self.title}: changes"),
                 _element("updated", _time(entries[0].moment)), *self._links(page),
                 *(f"<author>{_element('name', name)}</author>" for name in self.authors or (self.title,))]
        if self.licence:
            lines += [_element("rights", self.licence), _link("license", self.licence)]
        return "\n".join([*lines, *map(_entry, entries), "</feed>\n"]).encode()

    def _links(self, page: Shelf) -> Iterator[str]:
        yield _link("self", self._of(page.number), ATOM.media_type)
        yield _link("alternate", self.page, HTML.media_type)
        if page.number:
            yield "<fh:archive/>"
            yield _link("current", self.address, ATOM.media_type)
        if page.older:
            yield _link("prev-archive", self._of(page.older), ATOM.media_type)
        if page.newer:
            yield _link("next-archive", self._of(page.newer), ATOM.media_type)

    def _of(self, number: int | None) -> str:
        return f"{self.address}?page={number}" if number else self.address


def in_words(summary: Summary) -> str:
    """What a release changed, in a sentence."""
    if summary.before is None:
        return f"The first release: {summary.added:,} statements about {summary.created:,} entities."
    if not summary.added + summary.removed:
        return f"The same data as release {summary.before}, made again by other software."
    return (f"Since release {summary.before}: {summary.added:,} statements added, {summary.removed:,} removed. Entities: "
            f"{summary.created:,} new, {summary.changed:,} changed, {summary.deleted:,} gone.")


def _entry(entry: Entry) -> str:
    return "\n".join(["<entry>", _element("id", entry.iri), _element("title", f"Release {entry.version}"),
                      _element("updated", _time(entry.moment)), _element("summary", in_words(entry.summary)),
                      _link("alternate", entry.address, HTML.media_type),
                      _link("related", f"{entry.address}?format={PATCH.name}", PATCH.media_type), "</entry>"])


def _time(moment: datetime) -> str:
    """RFC 3339."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(NO_CHARACTERS.sub('', text))}</{name}>"


def _link(relation: str, target: str, kind: str = "") -> str:
    return f"<link rel={quoteattr(relation)} href={quoteattr(target)}{f' type={quoteattr(kind)}' if kind else ''}/>"

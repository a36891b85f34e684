"""Search: a page of what a query finds and the same as JSON, and suggestions while somebody writes.

All is looked up in search.sqlite, by work that is bounded: a query is short, and of what matches so much is looked at.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, NotFound

from triplehelix.description.document import link_header
from triplehelix.formats import HTML, ROWS, Format
from triplehelix.search import (
    BESIDE,
    EXACT,
    LONGEST,
    MOST_WORDS,
    PARTS,
    START,
    WORDS,
    Found,
    Kind,
    Search,
    Text,
    Thing,
    marked,
    matched,
    words_of,
)
from triplehelix.web import answer, landing
from triplehelix.web.site import links, published, site
from triplehelix.web.view import View
from triplehelix.web.words import _

routes = Blueprint("search", __name__)
PAGE_SIZE, SUGGESTED = 20, 8
# So much of what stands beside a name is always shown.
SHOWN_BESIDE = 3
# So many words that nothing has are looked for in another spelling.
RESPELT = 2
# Letters and figures with their marks, blanks, and what stands between words.
NOT_MARKS = re.compile(r"[\w\s\u0300-\u036f.,;:'\u2019\u2013&/()-]+")
# What `search` calls EXACT, START, WORDS, BESIDE and PARTS, in JSON.
WAYS = ("exact", "start", "words", "beside", "parts")
Pieces = list[tuple[str, bool]]


@dataclass(frozen=True)
class Result:
    """A thing found, in which way, the text by which it was found (None: by what stands beside it), and what was looked for."""

    thing: Thing
    way: int
    text: Text | None
    words: tuple[str, ...]

    @property
    def href(self) -> str:
        return links().path(self.thing.local)

    @property
    def by(self) -> Text | None:
        """The same where neither name nor code shows it."""
        shown = {self.thing.name, self.thing.code}
        return self.text if self.text and self.text.text not in shown else None

    @property
    def beside(self) -> list[Text]:
        """What stands beside the name: the first of it, and all that was looked for."""
        return [each for place, each in enumerate(self.thing.beside)
                if place < SHOWN_BESIDE or any(sought for _, sought in self.marked(each.text))]

    def marked(self, text: str) -> Pieces:
        """A text of it in pieces, and whether each is what was looked for."""
        return marked(text, self.words)

    def row(self) -> dict[str, object]:
        """As JSON."""
        thing, by = self.thing, self.text
        found = {"as": by.role, "text": by.text, "language": by.lang} if by else None
        return {"iri": published().base + thing.local, "address": links().url(thing.local), "name": thing.name,
                "language": thing.lang, "kind": thing.class_name, "code": thing.code, "match": WAYS[self.way],
                "beside": [each.text for each in thing.beside], "found": found}


@dataclass(frozen=True)
class Asked:
    """One search: its text, the kind it is narrowed down to, and the page of its results."""

    text: str
    kind: Kind | None
    page: int

    @property
    def search(self) -> Search:
        return published().search

    @cached_property
    def whole(self) -> Found:
        """What is found, of all kinds."""
        return self.search.find(self.text, local=_own(self.text))

    @cached_property
    def found(self) -> Found:
        """What is found, of the kind asked for."""
        return self.search.find(self.text, self.kind, _own(self.text)) if self.kind else self.whole

    @property
    def total(self) -> int:
        return len(self.found.things)

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))

    @property
    def start(self) -> int:
        """The place of the first result of this page, from 0."""
        return (self.page - 1) * PAGE_SIZE

    @cached_property
    def results(self) -> list[Result]:
        """Those of this page."""
        return results(self.search, self.found, self.start, PAGE_SIZE)

    @property
    def ways(self) -> list[tuple[int, str]]:
        """How many match in which way, in words; best first."""
        said = {EXACT: _("named exactly so"), START: _("with a name or code that begins so"),
                WORDS: _("with words that begin so"), BESIDE: _("by what stands beside the name"),
                PARTS: _("with words that have it inside")}
        return [(count, said[way]) for way, count in enumerate(self.found.ways) if count]

    @property
    def kinds(self) -> list[tuple[Kind, int | None]]:
        """The kinds with results and how many of each; without the number, all of them, where not all was counted."""
        if not self.whole.complete:
            return [(kind, None) for kind in self.search.kinds]
        return [(kind, count) for kind in self.search.kinds if (count := self.whole.of(kind))]

    @cached_property
    def alone(self) -> dict[str, int]:
        """Each word, and how many things it finds alone."""
        return {word: len(self.search.find(word).things) for word in self.whole.words}

    @cached_property
    def respelt(self) -> list[tuple[str, int]]:
        """The query with words that there are in the place of those that nothing has, and how many things it finds; where it
        finds none, these words alone."""
        missing = [word for word, count in self.alone.items() if not count][:RESPELT]
        better = {word: like for word in missing if (like := self.search.spelled_like(word))}
        text = " ".join(better.get(word, word) for word in self.whole.words)
        for texts in ([text], better.values()) if better else ():
            if found := [(each, count) for each in texts if (count := len(self.search.find(each).things))]:
                return found
        return []

    @property
    def left_out(self) -> bool:
        """Whether the query has marks that are not looked for, and that people do not write between words."""
        return NOT_MARKS.sub("", self.text) != ""

    def address(self, text: str, kind: str = "", page: int = 0) -> str:
        """The address of a search below the root."""
        values = {"q": text, "kind": kind, "page": page}
        return links().path("search?" + urlencode({name: value for name, value in values.items() if value}))


def results(search: Search, found: Found, start: int, size: int) -> list[Result]:
    """Some of what was found."""
    things = enumerate(search.things(found.things[start:start + size]), start)
    return [Result(thing, found.way(place), matched(thing, found.words), found.words) for place, thing in things]


@routes.get("/search")
def search() -> Response:
    """What a query finds."""
    return _answer(answer.chosen((HTML, ROWS), html_by_wildcard=True))


@routes.get("/search.json")
def search_json() -> Response:
    """The same as JSON."""
    return _answer(ROWS)


def _answer(fmt: Format) -> Response:
    asked = _asked()
    if fmt is ROWS:
        return answer.answer(_json(_told(asked)), ROWS.content_type)
    view = View(published(), links())
    return answer.page("search.html", link_header(landing.of_a_list()), view=view, asked=asked)


@routes.get("/suggest")
def suggest() -> Response:
    """The first things that a query finds, for the box in which it is written."""
    text = _text()
    known = published().search
    found = known.find(text, local=_own(text))
    rows = [{"name": result.thing.name, "kind": result.thing.class_name, "address": result.href, "language": result.thing.lang,
             "beside": ", ".join(filter(None, (result.thing.code, *(each.text for each in result.beside)))),
             "found": result.by.text if result.by else "", "foundLanguage": result.by.lang if result.by else ""}
            for result in results(known, found, 0, SUGGESTED)]
    return answer.answer(_json(rows), ROWS.content_type)


def _asked() -> Asked:
    """The search of this request. Raises BadRequest for one that is none, NotFound beyond its last page."""
    text, page, slug = _text(), answer.page_number(), request.args.get("kind", "")
    kind = published().search.kind(slug)
    if slug and not kind:
        known = ", ".join(each.slug for each in published().search.kinds)
        raise BadRequest(f"There is no kind {slug!r} to narrow a search down to. Leave it out, or name one of: {known}.")
    asked = Asked(text, kind, page)
    if page > asked.pages:
        raise NotFound(f"The results of this search have {asked.pages} page(s), and no page {page}.")
    return asked


def _text() -> str:
    """What is looked for. Raises BadRequest where that is too much, NotFound where the release cannot be searched."""
    if not published().search:
        raise NotFound("This release was made without an index, so that it cannot be searched. Search the current one, or ask "
                       "the SPARQL endpoint.")
    text = request.args.get("q", "").strip()
    if len(text) > LONGEST:
        raise BadRequest(f"A search takes at most {LONGEST} characters; this one has {len(text):,}. Give a name or a code.")
    if (count := len(set(words_of(text)))) > MOST_WORDS:
        raise BadRequest(f"A search takes at most {MOST_WORDS} words; this one has {count}. Leave some of them out.")
    return text


def _own(text: str) -> str:
    """The local name where a text is an IRI of ours, at the base, at the origin, or canonical; else ""."""
    release = published()
    for start in (release.base, site().settings.origin, release.manifest.canonical):
        if text.startswith(start):
            return text.removeprefix(start).removeprefix("doc/").partition("?")[0]
    return ""


def _told(asked: Asked) -> dict[str, object]:
    """A search as JSON."""
    kind = asked.kind.slug if asked.kind else ""
    more = urlencode({"q": asked.text, "kind": kind, "page": asked.page + 1}) if asked.page < asked.pages else ""
    return {"query": asked.text, "words": asked.found.words, "kind": kind,
            "total": asked.total, "complete": asked.found.complete, "page": asked.page, "pages": asked.pages,
            "next": links().url("search.json?" + more) if more else None,
            "ways": dict(zip(WAYS, asked.found.ways, strict=True)),
            "kinds": [{"kind": kind.slug, "name": kind.name, "count": count} for kind, count in asked.kinds],
            "results": [result.row() for result in asked.results]}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace")

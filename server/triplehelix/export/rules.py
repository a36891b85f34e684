"""What a static host is told: redirects, what is gone, types, and which form a client gets. One table, written for nginx and
for Apache. Both can do what the server does, but for q-values in Accept: of several forms the one named first counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import MappingProxyType

from triplehelix.formats import DOCUMENT, FORMATS, GRAPH, HTML

# Files that are no syntax of RDF, and results under the names they are asked for by.
OTHERS = MappingProxyType({
    "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "png": "image/png", "woff2": "font/woff2",
    "txt": "text/plain", "xml": "application/xml", "json": "application/json",
    "gz": "application/gzip", "zip": "application/zip"})
# Whoever names none of our forms is given this one; a page where there is no other.
DEFAULT = GRAPH[0]

# Signs that mean something to PCRE, to nginx or to Apache: all of ASCII but these.
PLAIN = re.compile("[\x00-\x7f](?<![A-Za-z0-9/_-])")


@dataclass(frozen=True)
class Moved:
    """A path below the root that leads to a URL: 301 or 303."""

    path: str
    status: int
    target: str


@dataclass
class Rules:
    """The table. `origin` is the address of the site, `version` that of the release.

    `headers` are the fields of every answer. `gone` has paths, each with the file that says why; `lists` the class as it is
    asked for, with the path of its list. `untyped` are paths without a suffix, with their media types; `typed` the media types
    of paths whose suffix tells another one: regular expressions for whole paths. `suffixed` are folders whose files have a
    suffix that their addresses have not, with the media type.
    """

    origin: str
    root: str
    version: str
    headers: dict[str, str] = field(default_factory=dict)
    moved: list[Moved] = field(default_factory=list)
    gone: dict[str, str] = field(default_factory=dict)
    untyped: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    suffixed: dict[str, tuple[str, str]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)

    def type_of(self, path: str, media_type: str) -> None:
        """Note the media type of a path where a host would not find it by the suffix."""
        stem, _, suffix = path.rpartition("/")[2].rpartition(".")
        if not stem:
            self.untyped[path] = media_type
        elif types().get(suffix) != media_type:
            self.typed[exactly(path)] = media_type

    def textual(self) -> set[str]:
        """The media types that say their charset."""
        kinds = (*types().values(), *self.untyped.values(), *self.typed.values(), *(kind for _, kind in self.suffixed.values()))
        return {kind for kind in kinds if kind.startswith("text/")}

    def type_of_form(self, path: str, form: str, media_type: str) -> None:
        """The same for a form of a document; those of one kind differ in the second part of their path."""
        if types().get(form) != media_type:
            room, _, name = path.partition("/")
            below = name.partition("/")[2]
            pattern = f"{exactly(room)}/[^/]+/{exactly(below)}" if below else exactly(path)
            self.typed[f"{pattern}[.]{form}"] = media_type


def types() -> dict[str, str]:
    """Suffix to media type: those of the table of formats, then the others."""
    return {fmt.suffix: fmt.media_type for fmt in FORMATS if "." not in fmt.suffix} | dict(OTHERS)


def accepted() -> Iterator[tuple[str, str]]:
    """(regular expression over the header Accept, suffix), in the order in which they count: a form that is named first,
    a page that is named at all, other forms, and what else their media types are called.
    """
    mains = {fmt: [fmt.media_type, *(fmt.aliases if fmt is HTML else ())] for fmt in (HTML, *DOCUMENT)}
    for fmt, kinds in mains.items():
        yield f"^ *{_one_of(kinds)}", fmt.suffix
    for fmt, kinds in mains.items():
        yield f", *{_one_of(kinds)}", fmt.suffix
    for fmt in DOCUMENT:
        if fmt.aliases and fmt is not HTML:
            yield f"(?:^|,) *{_one_of(fmt.aliases)}", fmt.suffix


def _one_of(media_types: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(exactly, media_types))}) *(?:[,;]|$)"


def exactly(text: str) -> str:
    """A regular expression for a text: in it neither PCRE nor a file of settings finds a sign of its own."""
    return PLAIN.sub(lambda sign: f"\\x{ord(sign[0]):02x}", text)


def suffixes() -> str:
    """The suffixes of documents, as alternatives of a regular expression."""
    return "|".join(fmt.suffix for fmt in DOCUMENT)

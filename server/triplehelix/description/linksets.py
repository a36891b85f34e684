"""Sets of links as documents of their own (RFC 9264): in JSON, and in the form of the Link header field."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from triplehelix.formats import Format

JSON = Format("json", "application/linkset+json", "json", "linkset", label="Linkset in JSON", aliases=("application/json",))
TEXT = Format("txt", "application/linkset", "txt", "linkset", label="Linkset", aliases=("text/plain",))
LINKSET = (JSON, TEXT)
# RFC 6690 section 2, as RFC 7089 section 5 has it for the states of one resource.
LINK_FORMAT = Format("link", "application/link-format", "link", "links", label="TimeMap")


@dataclass(frozen=True)
class Link:
    """One link: from which URI (anchor) to which, the relation, and the media type of what is there, "" where not told."""

    anchor: str
    target: str
    relation: str
    media_type: str = ""


def document(links: Iterable[Link], fmt: Format) -> bytes:
    """The links in one of the formats of LINKSET. URIs are to be absolute, and escaped."""
    return as_json(links) if fmt is JSON else as_text(links)


def as_json(links: Iterable[Link]) -> bytes:
    """RFC 9264 section 4.2: by anchor and relation, in the order in which they come."""
    anchors: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for link in links:
        kind = {"type": link.media_type} if link.media_type else {}
        anchors[link.anchor][link.relation].append({"href": link.target} | kind)
    members = [{"anchor": anchor, **relations} for anchor, relations in anchors.items()]
    return (json.dumps({"linkset": members}, ensure_ascii=False, indent=1) + "\n").encode()


def as_text(links: Iterable[Link]) -> bytes:
    """RFC 9264 section 4.1: as in a Link header (RFC 8288), each with its anchor, one a line."""
    return (",\n".join(map(_line, links)) + "\n").encode()


def _line(link: Link) -> str:
    kind = f'; type="{link.media_type}"' if link.media_type else ""
    return f'<{link.target}>; rel="{link.relation}"{kind}; anchor="{link.anchor}"'

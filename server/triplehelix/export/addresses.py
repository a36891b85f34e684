"""Which file has which address. A plain host finds a file by the path alone, percent-decoded (RFC 3986 section 2.4), answers
a folder by its index.html, and passes over what stands behind the question mark.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urljoin, urlsplit

from triplehelix.description.links import PATH

INDEX = "index.html"
# Folders where further answers stand that have no path of their own: lists by class, and what the export says of itself.
LISTS, OWN = "list/", "_static/"
WELL_KNOWN = ".well-known"
# What file systems and servers take as a name, and as a path below a folder that has itself a path.
NAME_BYTES, PATH_BYTES = 255, 2_048
HASH_HEX = 16
# What no name may hold; halves of characters stand for bytes that are not UTF-8.
UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Address(NamedTuple):
    """An address of the site: its path below the root, percent-decoded, and its query as it stands there."""

    path: str
    query: str = ""

    @property
    def arguments(self) -> dict[str, str]:
        """The parameters by name; empty where one is given twice, which no address of ours does."""
        found = parse_qsl(self.query, keep_blank_values=True)
        return dict(found) if len(dict(found)) == len(found) else {"": ""}

    def spelled(self, name: str) -> str:
        """The value of a parameter as it stands in the query."""
        return next((value for each, _, value in (pair.partition("=") for pair in self.query.split("&")) if each == name), "")

    def without(self, name: str, value: str) -> Address:
        """The same without a parameter, where it has that value."""
        kept = [pair for pair in self.query.split("&") if pair != f"{name}={quote(value, safe='')}"]
        return self._replace(query="&".join(kept))


def address_of(reference: str, here: str, origin: str) -> Address | None:
    """The address of ours that a reference on the page at the URL `here` leads to; None where it leads elsewhere."""
    try:
        url = urlsplit(urljoin(here, reference))
    except ValueError:
        return None
    path, root = unquote(url.path, errors="surrogateescape"), urlsplit(origin)
    if (url.scheme, url.netloc) != (root.scheme, root.netloc) or not path.startswith(root.path):
        return None
    # The first page of several is what has no number.
    return Address(path.removeprefix(root.path), url.query).without("page", "1")


def quoted(path: str) -> str:
    """A path as it stands in a URI."""
    return quote(path, safe=PATH, errors="surrogateescape")


def page_file(path: str, number: int = 1) -> str:
    """The file of a page of HTML: the first is what its folder answers, further ones stand beside it."""
    folder = path if not path or path.endswith("/") else path + "/"
    return folder + (INDEX if number == 1 else f"page-{number}.html")


def form_file(path: str, suffix: str, number: int = 1) -> str:
    """The file of a document in another form."""
    if number > 1:
        return f"{path}/page-{number}.{suffix}"
    return f"{path}index.{suffix}" if not path or path.endswith("/") else f"{path}.{suffix}"


def list_path(kind: str, prefixes: Mapping[str, str]) -> str:
    """The path of the list of the things of a class: by its prefix and name, else by a hash of its IRI."""
    best = max((p for p in prefixes if kind.startswith(prefixes[p])), key=lambda p: (len(prefixes[p]), p), default="")
    name = kind[len(prefixes[best]):] if best else ""
    if not name or not name.isascii() or not name.isalnum():
        return LISTS + hashlib.sha256(kind.encode()).hexdigest()[:HASH_HEX]
    return f"{LISTS}{best}/{name}"


def is_storable(file: str) -> bool:
    """Whether a file may have that path below a folder: nothing that leads out of it or hides in it, and no name too long.

    Names with a dot in front are those of servers and repositories (.htaccess, .git), and steps to elsewhere.
    """
    names = file.split("/")
    shown = names[1:] if names[0] == WELL_KNOWN else names
    return (not UNFIT.search(file) and all(name and not name.startswith(".") for name in shown)
            and all(len(name.encode()) <= NAME_BYTES for name in names) and len(file.encode()) <= PATH_BYTES)

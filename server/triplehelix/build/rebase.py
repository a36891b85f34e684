"""Re-basing: the canonical base of the sources replaced by the address a release is served from; one function for all."""

from __future__ import annotations

import re
from collections.abc import Callable

SH = b"http://www.w3.org/ns/shacl#"
ANY_URI = b"^^<http://www.w3.org/2001/XMLSchema#anyURI>"
# Literals of these properties hold IRIs (whole, as a beginning, or inside a query); no other literal is touched.
IRI_BEARING = re.compile(b" <(?:http://purl.org/vocab/vann/preferredNamespaceUri|http://rdfs.org/ns/void#uriSpace|" + SH
                         + b"(?:namespace|select|ask|construct|pattern))> $")


def rebase(old: str, new: str) -> Callable[[bytes], bytes]:
    """The function that moves one statement, a line of N-Triples or N-Quads, from base IRI `old` to `new`."""
    before, after = old.encode(), new.encode()
    opening, opened = b"<" + before, b"<" + after

    def moved(line: bytes) -> bytes:
        """No IRI holds a quotation mark, nor < but where it begins: what is between the quotation marks is the literal."""
        if before not in line:
            return line
        head, mark, rest = line.partition(b'"')
        if not mark:
            return line.replace(opening, opened)
        text, _, tail = rest.rpartition(b'"')
        if IRI_BEARING.search(head) or tail.startswith(ANY_URI):
            text = text.replace(before, after)
        return b'"'.join((head.replace(opening, opened), text, tail.replace(opening, opened)))

    return moved if old != new else lambda line: line


def rebase_text(text: str, old: str, new: str) -> str:
    """A query's text with its IRIs moved to the new base."""
    return text.replace(old, new)

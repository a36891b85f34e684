"""Answers in an order that no engine chooses: rows and triples by the bytes of their lines, blank nodes by RDFC-1.0.

The canonical form of rows is their TSV (SPARQL 1.1 Query Results CSV and TSV Formats, section 4), that of triples canonical
N-Triples; each other syntax is written from it, so that whoever sorts the lines of the one gets the order of all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    QueryResultsFormat,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
    serialize,
)

from triplehelix.engine.model import TooLarge, Undetermined
from triplehelix.formats import PREFIXED, Format

# The datatypes whose addition rounds, and so depends on its order.
ROUNDED = ("http://www.w3.org/2001/XMLSchema#double", "http://www.w3.org/2001/XMLSchema#float")
# A term that is a blank node, or a triple that begins with one or has one behind a blank.
_BLANK = re.compile(rb"_:|<<.* _:")


class Exactness:
    """Looks at each value that a query adds to others, and remembers whether any was of a type that rounds."""

    def __init__(self) -> None:
        self._rounded = False

    def __call__(self, value: object) -> object:
        """The value itself."""
        self._rounded = self._rounded or isinstance(value, Literal) and value.datatype.value in ROUNDED
        return value

    def require(self) -> None:
        """Raises Undetermined where a sum depends on the order in which it was added up."""
        if self._rounded:
            raise Undetermined("SUM or AVG adds floating-point numbers, which round, so that the last digits depend on the order "
                               "in which they are added. Add exact ones: SUM(xsd:decimal(?x)).")


def rows(tsv: bytes, ordered: bool, most: int) -> bytes:
    """Rows in TSV in canonical order; those that are `ordered` stay as they are.

    Raises TooLarge for more than `most`, and Undetermined where a row holds a blank node, which has no name that lasts.
    """
    head, *lines = tsv.split(b"\n")[:-1]
    if len(lines) > most:
        raise TooLarge(f"The answer has more than {most} rows. Ask for fewer, or download the dump.")
    for line in lines if b"_:" in tsv else ():
        _require_names(head, line)
    return b"".join(line + b"\n" for line in (head, *(lines if ordered else sorted(lines))))


def _require_names(head: bytes, line: bytes) -> None:
    for variable, term in zip(head.split(b"\t"), line.split(b"\t"), strict=True):
        if _BLANK.match(term):
            raise Undetermined(f"{variable.decode()} has blank nodes, which have no name that lasts. Leave it out, or ask for "
                               "their triples by CONSTRUCT: there they get canonical names.")


def triples(nt: bytes) -> bytes:
    """Triples in N-Triples, each once, in canonical order and with canonical names for blank nodes (RDFC-1.0)."""
    if b"_:" in nt:
        dataset = Dataset(parse(nt, format=RdfFormat.N_TRIPLES))
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        nt = serialize((quad.triple for quad in dataset), format=RdfFormat.N_TRIPLES)
    return b"".join(line + b"\n" for line in sorted(set(nt.split(b"\n")[:-1])))


def written_rows(tsv: bytes, wanted: Format) -> bytes:
    """Rows in TSV in another syntax."""
    if wanted.engine is QueryResultsFormat.TSV:
        return tsv
    return parse_query_results(tsv, format=QueryResultsFormat.TSV).serialize(format=wanted.engine)


def written_triples(nt: bytes, wanted: Format, prefixes: Mapping[str, str]) -> bytes:
    """Triples in N-Triples in another syntax."""
    if wanted.engine is RdfFormat.N_TRIPLES:
        return nt
    content = (Triple(quad.subject, quad.predicate, quad.object) for quad in parse(nt, format=RdfFormat.N_TRIPLES))
    shortening = dict(prefixes) if wanted.engine in PREFIXED else None
    return serialize(content, format=wanted.engine, prefixes=shortening)

"""The one table of formats, content negotiation over it (RFC 9110 section 12.5.1), and the gate that parses RDF.

Negotiation, dumps, command line and service description all read `FORMATS`; a new format is one row here.
Pure: no Flask, no rdflib, no files.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from pyoxigraph import Quad, QueryResultsFormat, RdfFormat, Triple
from pyoxigraph import parse as rdf_parse
from pyoxigraph import serialize as rdf_serialize

from triplehelix import jsonld

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
W3C_FORMATS = "http://www.w3.org/ns/formats/"


@dataclass(frozen=True)
class Format:
    """One syntax: `name` (also the value of ?format=), media type, suffix, what it can hold, and the engine's own name.

    `holds` is "graph" (triples), "dataset" (quads), "results" (SPARQL rows and booleans), "page" (HTML), "sheet" (rows for
    spreadsheets), "changes" (of quads), "feed" or "citation";
    `sd` is the IRI in http://www.w3.org/ns/formats/; `aliases` are further media types that mean the same.
    """

    name: str
    media_type: str
    suffix: str
    holds: str
    engine: RdfFormat | QueryResultsFormat | None = None
    sd: str | None = None
    label: str = ""
    aliases: tuple[str, ...] = ()
    charset: bool = True

    @property
    def content_type(self) -> str:
        """The value of Content-Type: text types say their charset."""
        textual = self.charset and self.media_type.startswith("text/")
        return f"{self.media_type}; charset=utf-8" if textual else self.media_type


FORMATS: tuple[Format, ...] = (
    Format("ttl", "text/turtle", "ttl", "graph", RdfFormat.TURTLE, W3C_FORMATS + "Turtle", "Turtle",
           ("application/x-turtle", "application/turtle")),
    Format("nt", "application/n-triples", "nt", "graph", RdfFormat.N_TRIPLES, W3C_FORMATS + "N-Triples", "N-Triples",
           ("text/plain",)),
    Format("rdf", "application/rdf+xml", "rdf", "graph", RdfFormat.RDF_XML, W3C_FORMATS + "RDF_XML", "RDF/XML",
           ("application/xml", "text/xml")),
    Format("jsonld", "application/ld+json", "jsonld", "graph", RdfFormat.JSON_LD, W3C_FORMATS + "JSON-LD", "JSON-LD",
           ("application/json",)),
    Format("nq", "application/n-quads", "nq", "dataset", RdfFormat.N_QUADS, W3C_FORMATS + "N-Quads", "N-Quads"),
    Format("trig", "application/trig", "trig", "dataset", RdfFormat.TRIG, W3C_FORMATS + "TriG", "TriG"),
    Format("json", "application/sparql-results+json", "srj", "results", QueryResultsFormat.JSON,
           W3C_FORMATS + "SPARQL_Results_JSON", "JSON results", ("application/json",)),
    Format("xml", "application/sparql-results+xml", "srx", "results", QueryResultsFormat.XML,
           W3C_FORMATS + "SPARQL_Results_XML", "XML results", ("application/xml", "text/xml")),
    Format("csv", "text/csv", "csv", "results", QueryResultsFormat.CSV, W3C_FORMATS + "SPARQL_Results_CSV", "CSV"),
    Format("tsv", "text/tab-separated-values", "tsv", "results", QueryResultsFormat.TSV,
           W3C_FORMATS + "SPARQL_Results_TSV", "TSV"),
    Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "sheet", None, None, "Excel"),
    Format("rows", "application/json", "json", "sheet", None, None, "JSON"),
    Format("html", "text/html", "html", "page", None, None, "HTML", ("application/xhtml+xml",)),
    Format("patch", "application/rdf-patch", "rdfp", "changes", None, None, "RDF Patch"),
    Format("atom", "application/atom+xml", "atom", "feed", None, None, "Atom"),
    Format("citation", "text/x-bibliography", "txt", "citation", None, None, "Text"),
    Format("bibtex", "application/x-bibtex", "bib", "citation", None, None, "BibTeX", ("text/x-bibtex",)),
    Format("ris", "application/x-research-info-systems", "ris", "citation", None, None, "RIS",
           ("application/research-info-systems",)),
    Format("csl", "application/vnd.citationstyles.csl+json", "csl.json", "citation", None, None, "CSL-JSON"),
)

# Syntaxes that shorten IRIs by prefixes.
PREFIXED = (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.RDF_XML)
# Syntaxes of results whose head can name further documents.
LINKED = (QueryResultsFormat.JSON, QueryResultsFormat.XML)
GRAPH = tuple(f for f in FORMATS if f.holds == "graph")
DATASET = tuple(f for f in FORMATS if f.holds == "dataset")
RESULTS = tuple(f for f in FORMATS if f.holds == "results")
PAGE = tuple(f for f in FORMATS if f.holds == "page")
HTML = PAGE[0]
CSV, XLSX, ROWS = (next(f for f in FORMATS if f.name == name) for name in ("csv", "xlsx", "rows"))
CITATIONS = tuple(f for f in FORMATS if f.holds == "citation")
PATCH = next(f for f in FORMATS if f.holds == "changes")
ATOM = next(f for f in FORMATS if f.holds == "feed")
# The forms of a document of RDF, in the server's own order: HTML only where it is named, quads for those who take nothing else.
DOCUMENT = (*GRAPH, HTML, *DATASET)
# The forms that documents of works have besides, for those who name them: entries of a bibliography.
LITERATURE = tuple(f for f in CITATIONS if f.name in ("bibtex", "ris", "csl"))
# All whose suffixes addresses of documents end with.
SUFFIXED = (*DOCUMENT, *LITERATURE)

CSVW, CRATE, SHA256SUMS = "csv-metadata.json", "ro-crate-metadata.json", "SHA256SUMS"
# Files of a release that are in none of these syntaxes: what their names end with, and their type.
FILES: tuple[tuple[str, str], ...] = (
    (".gz", "application/gzip"),
    (CSVW, "application/csvm+json"),
    (CRATE, "application/ld+json"),
    (".csv", "text/csv; charset=utf-8; header=present"),
    (".zip", "application/zip"),
    (".txt", "text/plain; charset=utf-8"),
    (SHA256SUMS, "text/plain; charset=utf-8"))
OCTETS = "application/octet-stream"


def content_type(name: str) -> str:
    """The Content-Type of a file of a release by its name: compressed ones are files of their own, not encodings of others."""
    found = next((kind for ending, kind in FILES if name.endswith(ending)), None)
    fmt = by_suffix(name, (*GRAPH, *DATASET))[1]
    return found or (fmt.content_type if fmt else OCTETS)


def by_name(name: str, offered: Sequence[Format] = FORMATS) -> Format | None:
    """The offered format of that name (?format=ttl) or media type, or None."""
    return next((f for f in offered if name in (f.name, f.media_type, f.suffix)), None)


def by_suffix(path: str, offered: Sequence[Format] = FORMATS) -> tuple[str, Format | None]:
    """The path without a known suffix, and that suffix's format: codes such as 62.10 keep their dots."""
    found = max((f for f in offered if path.endswith(f".{f.suffix}")), key=lambda f: len(f.suffix), default=None)
    stem = path.removesuffix(f".{found.suffix}") if found else ""
    return (stem, found) if stem else (path, None)


@dataclass(frozen=True)
class MediaRange:
    """One member of an Accept header: a media range, its quality, and how precisely it names a type (0 to 2)."""

    type: str
    quality: float
    precision: int

    def matches(self, media_type: str) -> bool:
        kind = self.type.partition("/")[0]
        return self.precision == 0 or media_type == self.type or (
            self.precision == 1 and media_type.startswith(kind + "/"))


def media_ranges(accept: str) -> list[MediaRange]:
    """The ranges of an Accept header; parameters other than q are dropped, unreadable members ignored."""
    ranges = (_media_range(member) for member in accept.split(","))
    return [r for r in ranges if r]


def _media_range(member: str) -> MediaRange | None:
    name, *parameters = (part.strip().lower() for part in member.split(";"))
    if name == "*":
        name = "*/*"
    kind, slash, subtype = name.partition("/")
    if not (kind and slash and subtype):
        return None
    precision = 0 if kind == "*" else 1 if subtype == "*" else 2
    return MediaRange(name, _quality(parameters), precision)


def _quality(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def negotiate(accept: str | None, offered: Sequence[Format], html_by_wildcard: bool = False) -> Format | None:
    """The offered format the client likes best, or None where it accepts none of them (then answer 406).

    `offered` is in the server's own order, which decides among equals; a missing or blank Accept means */*.
    HTML is given for a wildcard only where `html_by_wildcard` says so: tools send */* and want RDF.
    A format's main media type beats an alias of another at the same quality (application/json, text/plain). A page that is
    named before all else beats what is liked as well.
    """
    ranges = media_ranges(accept) if accept and accept.strip() else [MediaRange("*/*", 1.0, 0)]
    best, best_rank = None, (0.0, 0, 0, False)
    for candidate in offered:
        rank = _rank(candidate, ranges, html_by_wildcard)
        if rank[0] > 0 and rank > best_rank:
            best, best_rank = candidate, rank
    return best


def _rank(candidate: Format, ranges: list[MediaRange], html_by_wildcard: bool) -> tuple[float, int, int, bool]:
    """(quality, precision of the match, main type or alias, page named first) of the best way in which the ranges take it."""
    named_only = candidate.holds == "page" and not html_by_wildcard
    ranks = [(0.0, 0, 0, False)]
    for main, media_type in enumerate((*candidate.aliases, candidate.media_type), start=1 - len(candidate.aliases)):
        # An alias counts where it is named; a wildcard speaks of the main type alone.
        matching = [r for r in ranges if r.matches(media_type) and (main == 1 or r.precision == 2)]
        if matching:
            closest = max(matching, key=lambda r: r.precision)
            if not (named_only and closest.precision < 2):
                ranks.append((closest.quality, closest.precision, max(main, 0), named_only and closest is ranges[0]))
    return max(ranks)


class SyntaxFault(Exception):
    """A document that is not what its format promises; `line` and `column` count from 1, 0 where not known."""

    def __init__(self, message: str, line: int = 0, column: int = 0):
        super().__init__(message)
        self.message, self.line, self.column = message, line, column


@dataclass(frozen=True)
class Parsed:
    """The quads of one document in its own order, its prefixes and its base IRI."""

    quads: list[Quad]
    prefixes: dict[str, str]
    base: str | None


def parse(data: bytes, fmt: Format, base: str) -> Parsed:
    """The one gate for RDF from outside: pyoxigraph's strict parser, relative IRIs against `base`.

    Raises SyntaxFault with line and column for broken UTF-8 and for any breach of the syntax.
    """
    if data.startswith(BYTE_ORDER_MARK):
        raise SyntaxFault("the file begins with a byte order mark; save it as UTF-8 without one", 1, 1)
    require_utf8(data)
    parser = rdf_parse(data, format=fmt.engine, base_iri=base)
    try:
        return Parsed(list(parser), dict(parser.prefixes), parser.base_iri)
    except SyntaxError as error:
        raise SyntaxFault(_plain(error.msg), error.lineno or 0, error.offset or 0) from error


def serialise(content: Iterable[Quad | Triple], fmt: Format, prefixes: Mapping[str, str], vocabulary: str = "") -> bytes:
    """The bytes of triples, or of quads, in one syntax; equal content in equal order gives equal bytes.

    `vocabulary` is the namespace whose names JSON-LD writes without a prefix.
    """
    if fmt.engine is RdfFormat.JSON_LD:
        return jsonld.write(content, prefixes, vocabulary)
    shortening = dict(prefixes) if fmt.engine in PREFIXED else None
    return tidy(rdf_serialize(content, format=fmt.engine, prefixes=shortening), fmt)


def tidy(data: bytes, fmt: Format) -> bytes:
    """Turtle and TriG with the prefixes they use, sorted: the engine writes all of them, in any order."""
    if fmt.engine not in (RdfFormat.TURTLE, RdfFormat.TRIG):
        return data
    lines = data.splitlines(keepends=True)
    head = list(itertools.takewhile(lambda line: line.startswith(b"@prefix "), lines))
    body = b"".join(lines[len(head):])
    return b"".join(sorted(line for line in head if line.split(b" ", 2)[1] in body)) + b"\n" + body


def linked(results: bytes, fmt: Format, iri: str) -> bytes:
    """Rows as the engine writes them, with a link in their head (SPARQL 1.1 Query Results JSON, 3.1.2; XML, 2.3.1)."""
    if fmt.engine is QueryResultsFormat.JSON:
        end, link = b"}", f',"link":[{json.dumps(iri)}]'
    else:
        end, link = b"</head>", f"<link href={quoteattr(iri)}/>"
    head, found, rest = results.partition(end)
    return b"".join([head, link.encode(), found, rest])


def require_utf8(data: bytes) -> str:
    """The text of `data`; raises SyntaxFault with the line of the first byte that is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        message = f"the file is not UTF-8 (byte 0x{data[error.start]:02x}); save it as UTF-8"
        raise SyntaxFault(message, line, column) from error


def _plain(message: str) -> str:
    """The parser's own words without the place, which is told apart."""
    place, colon, words = message.partition(": ")
    return words if colon and place.startswith("Parser error") else message

"""Works of the literature as entries of a bibliography: in BibTeX, in RIS, in CSL-JSON, and as tags that Zotero reads on a page.

What an entry says may come from hostile text: each form escapes what would end a value in it, or begin a command. Nothing is
written of what is not known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from triplehelix.citation import line, tex

DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
PAGES = re.compile(r"\s*[-–—]+\s*")
# What would end a name of BibTeX, or part it otherwise (BibTeXing, section 4).
PARTS_NAMES = re.compile(r",|(?:^|\s)and(?:\s|$)|^[{}]", re.IGNORECASE)


@dataclass(frozen=True)
class Kind:
    """What a class of FaBiO is called in BibTeX, in RIS, in CSL and in the Bibliographic Ontology; the field of BibTeX that
    names the publisher, and the tag of a page that does."""

    bibtex: str
    ris: str
    csl: str
    bibo: str
    publisher: str = "publisher"
    tag: str = "citation_publisher"


_REPORT = Kind("techreport", "RPRT", "report", "Report", "institution", "citation_technical_report_institution")
KINDS = MappingProxyType({
    "JournalArticle": Kind("article", "JOUR", "article-journal", "AcademicArticle"),
    "Book": Kind("book", "BOOK", "book", "Book"),
    "BookChapter": Kind("incollection", "CHAP", "chapter", "Chapter"),
    "ConferencePaper": Kind("inproceedings", "CONF", "paper-conference", "Article"),
    "ReportDocument": _REPORT, "PolicyDocument": _REPORT,
    "Thesis": Kind("phdthesis", "THES", "thesis", "Thesis", "school", "citation_dissertation_institution"),
    "Preprint": Kind("unpublished", "UNPB", "article", "Manuscript"),
    "WebPage": Kind("online", "ELEC", "webpage", "Webpage")})
OTHER = Kind("misc", "GEN", "document", "Document")


@dataclass(frozen=True)
class Author:
    """A person by family and given name; a body, or a person whose name nobody has parted, by `family` alone."""

    family: str
    given: str = ""

    @property
    def name(self) -> str:
        """The name as lists of authors have it."""
        return ", ".join(filter(None, map(line, (self.family, self.given))))


@dataclass(frozen=True)
class Entry:
    """What is known of one expression of a work; "" is not known.

    `key` names it in a file: letters, digits and hyphens. `kind` is the local name of a class of FaBiO, `issued` a date of XSD
    from a year to a day; `journal`, `book` and `series` are what it is part of. `note` says what no field holds.
    """

    key: str
    kind: str
    title: str
    authors: tuple[Author, ...]
    issued: str
    url: str
    journal: str = ""
    book: str = ""
    series: str = ""
    publisher: str = ""
    pages: str = ""
    edition: str = ""
    language: str = ""
    number: str = ""
    doi: str = ""
    isbn: str = ""
    note: str = ""

    @property
    def called(self) -> Kind:
        """What the forms call its kind."""
        return KINDS.get(self.kind, OTHER)

    @property
    def date(self) -> tuple[str, ...]:
        """Year, month and day, as far as they are known."""
        found = DATE.match(self.issued)
        return tuple(part for part in found.groups() if part) if found else ()

    @property
    def span(self) -> tuple[str, str]:
        """The first and the last page."""
        first, *rest = PAGES.split(line(self.pages), maxsplit=1)
        return first, rest[0] if rest else ""


def bibtex(entries: Iterable[Entry]) -> str:
    """The entries of a file of BibTeX, which BibLaTeX reads as well."""
    return "\n".join(map(_bibtex, entries))


def _bibtex(entry: Entry) -> str:
    year, month, day = (*entry.date, "", "", "")[:3]
    fields = {
        "author": " and ".join(map(_name, entry.authors)), "title": f"{{{tex(entry.title)}}}" if entry.title else "",
        "journal": tex(entry.journal), "booktitle": tex(entry.book), "series": tex(entry.series),
        entry.called.publisher: tex(entry.publisher), "year": year, "month": month.lstrip("0"), "day": day.lstrip("0"),
        "pages": tex("-".join(filter(None, entry.span))), "edition": tex(entry.edition), "number": tex(entry.number),
        "doi": tex(entry.doi), "isbn": tex(entry.isbn), "langid": tex(entry.language), "url": entry.url, "note": tex(entry.note)}
    rows = (f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@{entry.called.bibtex}{{{entry.key},\n" + ",\n".join(rows) + "\n}\n"


def _name(author: Author) -> str:
    """A name as BibTeX parts it; one that is not parted stands in braces."""
    if not author.given:
        return f"{{{tex(author.family)}}}"
    parts = (f"{{{tex(part)}}}" if PARTS_NAMES.search(line(part)) else tex(part) for part in (author.family, author.given))
    return ", ".join(parts)


def ris(entries: Iterable[Entry]) -> str:
    """The records of a file of RIS: a tag and a value on each line."""
    return "\r\n".join("".join(f"{tag}  - {line(value)}\r\n" for tag, value in _ris(entry)) for entry in entries)


def _ris(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "TY", entry.called.ris
    yield "ID", entry.key
    yield from (("AU", author.name) for author in entry.authors)
    first, last = entry.span
    year = entry.date[0] if entry.date else ""
    fields = (("TI", entry.title), ("T2", entry.journal or entry.book), ("T3", entry.series), ("PB", entry.publisher),
              ("PY", year), ("DA", "/".join(entry.date) if len(entry.date) > 1 else ""), ("SP", first), ("EP", last),
              ("ET", entry.edition), ("M1", entry.number), ("SN", entry.isbn), ("DO", entry.doi), ("LA", entry.language),
              ("UR", entry.url), ("N1", entry.note))
    yield from ((tag, value) for tag, value in fields if line(value))
    yield "ER", ""


def csl(entries: Iterable[Entry]) -> str:
    """A list of items of CSL-JSON (input schema of CSL 1.0.2)."""
    return json.dumps([_csl(entry) for entry in entries], ensure_ascii=False, indent=1) + "\n"


def _csl(entry: Entry) -> dict[str, object]:
    texts = {"title": entry.title, "container-title": entry.journal or entry.book, "collection-title": entry.series,
             "publisher": entry.publisher, "page": "-".join(filter(None, entry.span)), "edition": entry.edition,
             "number": entry.number, "DOI": entry.doi, "ISBN": entry.isbn, "language": entry.language, "URL": entry.url,
             "note": entry.note}
    authors = [{"family": line(each.family), "given": line(each.given)} if each.given else {"literal": line(each.family)}
               for each in entry.authors]
    item = {"id": entry.key, "type": entry.called.csl, "author": authors,
            "issued": {"date-parts": [[int(part) for part in entry.date]]} if entry.date else None,
            **{name: line(value) for name, value in texts.items()}}
    return {name: value for name, value in item.items() if value}


def tags(entry: Entry) -> list[tuple[str, str]]:
    """The entry as meta tags of a page (name, content): those of Highwire Press, and the kind in the Bibliographic Ontology,
    since they have none for books. An author each, in their order; none is empty."""
    first, last = entry.span
    of_kind = (("bibo:type", entry.called.bibo),) if entry.kind in KINDS else ()
    fields = (*of_kind, ("DC.title", entry.title), ("citation_title", entry.title),
              *(("citation_author", author.name) for author in entry.authors),
              ("citation_publication_date", "/".join(entry.date)), ("citation_journal_title", entry.journal),
              ("citation_book_title", entry.book), ("citation_series_title", entry.series), (entry.called.tag, entry.publisher),
              ("citation_technical_report_number", entry.number), ("citation_firstpage", first), ("citation_lastpage", last),
              ("citation_isbn", entry.isbn), ("citation_doi", entry.doi), ("citation_language", entry.language),
              ("citation_public_url", entry.url))
    return [(name, line(content)) for name, content in fields if line(content)]

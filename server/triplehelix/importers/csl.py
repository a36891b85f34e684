"""Works from CSL-JSON (citation style language 1.0.2) and from Crossref: a record, a list of them, or an answer of its API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyoxigraph import Literal

from triplehelix.findings import fault
from triplehelix.importers import values
from triplehelix.importers.json_records import read_records
from triplehelix.importers.model import Block, Importer, Origin, Refused, Run
from triplehelix.importers.works import (
    UNKNOWN_KIND,
    Author,
    Record,
    Shelf,
    doi,
    isbn,
    language,
    located,
    orcid,
    pages,
    required_names,
    taken,
)

# Types of CSL, then those of Crossref.
KINDS = {"article-journal": "JournalArticle", "book": "Book", "chapter": "BookChapter", "report": "ReportDocument",
         "article": "Preprint", "manuscript": "Preprint", "paper-conference": "ConferencePaper", "thesis": "Thesis",
         "webpage": "WebPage",
         "journal-article": "JournalArticle", "monograph": "Book", "edited-book": "Book", "reference-book": "Book",
         "proceedings": "Book", "book-chapter": "BookChapter", "book-section": "BookChapter",
         "proceedings-article": "ConferencePaper", "posted-content": "Preprint", "dissertation": "Thesis"}
MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,80}>")


def read(path: Path, run: Run) -> Iterator[Block]:
    """The works of a JSON file. Raises Faulty where it is not JSON, or holds no records of works."""
    if path.is_file() and not path.stat().st_size:
        raise fault(path, "the file is empty")
    yield from taken(run, Shelf(run), _rows(path), _record)
    if not run.rows_in:
        raise fault(path, "the file holds no record of a work")


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    """(line, record) of each work, also of those within an answer of Crossref (message, message.items, items)."""
    for line, record in read_records(path):
        inner = record.get("message", record) if isinstance(record, dict) else record
        items = inner.get("items") if isinstance(inner, dict) and isinstance(inner.get("items"), list) else [inner]
        yield from ((line, item) for item in items)


def _record(item: Any) -> Record:
    """The record that a JSON object is. Raises Refused for a type that is not known, and for values of another form."""
    if not isinstance(item, dict):
        raise Refused("record", str(item)[:80], "is no JSON object")
    kind = KINDS.get(_text(item, "type"))
    if not kind:
        raise Refused("type", _text(item, "type"), UNKNOWN_KIND)
    dois = tuple(doi("DOI", value) for value in _texts(item, "DOI"))
    return required_names(Record(
        _text(item, "id") or next(iter(dois), ""), kind, _title(item), tuple(_authors(item)), _issued(item),
        _text(item, "container-title") if kind == "JournalArticle" else "", _text(item, "publisher"),
        located("" if kind == "JournalArticle" else _text(item, "container-title"), _text(item, "volume"), _text(item, "issue")),
        pages(_text(item, "page")), _text(item, "edition") or _text(item, "edition-number"),
        language(_text(item, "language")), dois,
        tuple(isbn("ISBN", value) for field in _texts(item, "ISBN") for value in re.split(r"[,;]\s*|\s+(?=97[89])", field))))


def _title(item: dict) -> str:
    """Title and subtitle; of several titles the first."""
    title, subtitle = _text(item, "title"), _text(item, "subtitle")
    return f"{title}: {subtitle}" if subtitle and subtitle.casefold() not in title.casefold() else title


def _authors(item: dict) -> Iterator[Author]:
    authors = item.get("author") or []
    if not isinstance(authors, list) or not all(isinstance(author, dict) for author in authors):
        raise Refused("author", str(authors)[:80], "is no list of JSON objects")
    for author in authors:
        whole = _text(author, "literal") or _text(author, "name")
        if whole:
            yield Author(whole, written=whole, body=True)
            continue
        particles = [_text(author, "dropping-particle"), _text(author, "non-dropping-particle")]
        family = " ".join(filter(None, [*particles, _text(author, "family"), _text(author, "suffix")]))
        given = _text(author, "given")
        if not family:
            family, given = given, ""
        identifier = orcid("ORCID", author["ORCID"]) if isinstance(author.get("ORCID"), str) else ""
        yield Author(family, given, f"{family}, {given}" if given else family, identifier)


def _issued(item: dict) -> Literal | None:
    """The date of issue: date-parts (the first, of an interval), or a date as text."""
    issued = item.get("issued")
    if not isinstance(issued, dict):
        return None
    date = _of_parts(issued["date-parts"]) if issued.get("date-parts") else _text(issued, "raw") or _text(issued, "literal")
    return values.when("issued", date) if date else None


def _of_parts(parts: Any) -> str:
    """The date of [[2004, 8, 15]], of which month and day may be missing."""
    try:
        numbers = [int(part) for part in parts[0] if part is not None]
    except (TypeError, ValueError, LookupError) as error:
        raise Refused("issued", str(parts)[:80], "is no date of CSL") from error
    return "-".join(f"{number:0{2 if place else 4}}" for place, number in enumerate(numbers[:3]))


def _text(item: dict, name: str) -> str:
    return next(iter(_texts(item, name)), "")


def _texts(item: dict, name: str) -> list[str]:
    """The texts of a member: Crossref writes lists where CSL writes one; tags within titles are left out."""
    found = item.get(name)
    listed = found if isinstance(found, list) else [found]
    plain = [str(value) for value in listed if isinstance(value, str | int | float)]
    return [text for value in plain if (text := values.text(name, MARKUP.sub("", value)))]


IMPORTER = Importer(
    name="csl",
    reads="works from CSL-JSON or an answer of the Crossref API (.json)",
    origin=Origin("csl-file", "Works of a CSL-JSON file", "Who keeps the file",
                  "A file of the user's own; its name stands at the activity of the import.", "None stated."),
    read=read)

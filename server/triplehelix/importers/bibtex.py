"""Works from BibTeX and BibLaTeX files (.bib), entry by entry; LaTeX accents become letters."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

from bibtexparser import parse_string
from bibtexparser.middlewares.names import InvalidNameError, parse_single_name_into_parts, split_multiple_persons_names
from bibtexparser.model import Entry, Field, ParsingFailedBlock
from pylatexenc.latex2text import LatexNodes2Text
from pyoxigraph import Literal

from triplehelix.findings import fault
from triplehelix.importers import values
from triplehelix.importers.lines import read_lines
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
    pages,
    required_names,
    taken,
)

# What the library would tell of on stderr is told as a refusal.
logging.getLogger("bibtexparser").addHandler(logging.NullHandler())
KINDS = {"article": "JournalArticle", "book": "Book", "mvbook": "Book", "collection": "Book", "proceedings": "Book",
         "inbook": "BookChapter", "incollection": "BookChapter", "inproceedings": "ConferencePaper",
         "conference": "ConferencePaper", "techreport": "ReportDocument", "report": "ReportDocument",
         "phdthesis": "Thesis", "mastersthesis": "Thesis", "thesis": "Thesis", "unpublished": "Preprint",
         "online": "WebPage", "electronic": "WebPage"}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
BEGINS = re.compile(r"\s*@\s*(?P<type>\w+)\s*[{(]\s*(?P<key>[^,\s=]*)", re.IGNORECASE)
NO_ENTRY = ("comment", "preamble", "string")
# An entry of more lines has lost its end.
LONGEST_ENTRY = 5_000
TO_TEXT = LatexNodes2Text(math_mode="verbatim")
BRACED = re.compile(r"\{.*\}", re.DOTALL)


def read(path: Path, run: Run) -> Iterator[Block]:
    """The works of a .bib file. Raises Faulty where it holds no entry at all."""
    yield from taken(run, Shelf(run), _rows(path), _record)
    if not run.rows_in:
        raise fault(path, "the file holds no BibTeX entry, such as: @book{key, title = {A Title}, year = 2001}")


def _rows(path: Path) -> Iterator[tuple[int, Entry | Refused]]:
    """(line, entry, or why it is none) of each entry; a file of any length is read one entry at a time."""
    strings: dict[str, str] = {}
    for line, kind, key, text in _chunks(path):
        if kind == "string":
            strings[key.casefold()] = text
        elif kind not in NO_ENTRY:
            used = {word.casefold() for word in re.findall(r"[=#]\s*([A-Za-z][\w:.-]*)", text)}
            defined = "".join(strings[word] for word in sorted(used & strings.keys()))
            yield line, _parsed(defined + text, key)


def _chunks(path: Path) -> Iterator[tuple[int, str, str, str]]:
    """(line, type, key, text) from one @ at the beginning of a line up to the next."""
    first, held, begun = 0, [], None
    for number, line in enumerate(read_lines(path), 1):
        match = BEGINS.match(line)
        if match:
            if begun:
                yield first, begun["type"].lower(), begun["key"], "\n".join([*held, ""])
            first, held, begun = number, [], match
        held.append(line)
        if begun and len(held) > LONGEST_ENTRY:
            raise fault(path, f"the entry {begun['key']} has more than {LONGEST_ENTRY:,} lines: its end is missing", first)
        if not begun:
            held.clear()
    if begun:
        yield first, begun["type"].lower(), begun["key"], "\n".join([*held, ""])


def _parsed(text: str, key: str) -> Entry | Refused:
    library = parse_string(text)
    failed = [block for block in library.blocks if isinstance(block, ParsingFailedBlock)]
    if len(library.entries) == 1 and not failed:
        return library.entries[0]
    error = failed[0].error if failed else "it does not end where the next begins"
    reason = getattr(error, "abort_reason", str(error))
    return Refused("entry", key, f"cannot be read as BibTeX: {' '.join(reason.split()).rstrip('.')}")


def _record(row: Entry | Refused) -> Record:
    """The record that an entry is. Raises Refused for a type that is not known, and for values that are not what they say."""
    if isinstance(row, Refused):
        raise row
    if row.entry_type.lower() not in KINDS:
        raise Refused("type", row.entry_type, UNKNOWN_KIND)
    fields = {field.key.lower(): _single(field) for field in row.fields}
    text = {name: _plain(name, value) for name, value in fields.items() if name not in ("author", "doi", "isbn")}
    kind = KINDS[row.entry_type.lower()]
    journal = text.get("journal") or text.get("journaltitle", "") if kind == "JournalArticle" else ""
    subtitle = f": {text['subtitle']}" if text.get("subtitle") else ""
    return required_names(Record(
        row.key, kind, text.get("title", "") + subtitle, tuple(_authors(fields.get("author", ""))), _issued(text), journal,
        text.get("publisher") or text.get("institution") or text.get("school", ""),
        located(text.get("booktitle", ""), text.get("volume", ""), text.get("number") or text.get("issue", "")),
        pages(text.get("pages", "")),        text.get("edition", ""), language(text.get("langid") or text.get("language", "")),
        tuple(doi("doi", value) for value in [fields.get("doi", "").replace("\\_", "_")] if value.strip()),
        tuple(isbn("isbn", value) for value in re.split(r"[,;]\s*|\s+(?=97[89])", fields.get("isbn", "")) if value.strip())))


def _single(field: Field) -> str:
    """The value of a field, which stands alone: the library leaves values that are joined by # as they are."""
    if field.enclosing == "no-enclosing" and "#" in field.value:
        raise Refused(field.key, field.value, "joins values by #: write the value in full")
    return field.value


def _authors(field: str) -> Iterator[Author]:
    """The persons and bodies of an author field; a name in braces of its own is that of a body. "and others" is none."""
    for name in split_multiple_persons_names(" ".join(field.split())):
        plain = _plain("author", name)
        if BRACED.fullmatch(name):
            yield Author(plain, written=plain, body=True)
        elif name.casefold() != "others":
            try:
                parts = parse_single_name_into_parts(name)
            except InvalidNameError as error:
                raise Refused("author", name, "is no name as BibTeX writes names") from error
            family = _plain("author", " ".join([*parts.von, *parts.last, *parts.jr]))
            yield Author(family, _plain("author", " ".join(parts.first)), plain)


def _plain(column: str, latex: str) -> str:
    """The text that LaTeX sets; a percent sign begins no comment in BibTeX, and a lone dollar sign no formula."""
    signs = "%$" if len(re.findall(r"(?<!\\)\$", latex)) % 2 else "%"
    return values.text(column, TO_TEXT.latex_to_text(re.sub(rf"(?<!\\)([{signs}])", r"\\\1", latex)))


def _issued(text: dict[str, str]) -> Literal | None:
    """The date of an entry: BibLaTeX's date (its beginning, if it is an interval), else year and month."""
    if text.get("date"):
        return values.when("date", text["date"].partition("/")[0])
    year, month = text.get("year", ""), text.get("month", "").lower()
    if not year:
        return None
    number = int(month) if month.isdigit() else next((n for n, name in enumerate(MONTHS, 1) if month.startswith(name)), 0)
    return values.when("year", f"{year}-{number:02}" if 1 <= number <= 12 and year.isdigit() else year)


IMPORTER = Importer(
    name="bibtex",
    reads="works from a BibTeX or BibLaTeX file (.bib, UTF-8)",
    origin=Origin("bibtex-file", "Works of a BibTeX file", "Who keeps the file",
                  "A file of the user's own; its name stands at the activity of the import.", "None stated."),
    read=read)

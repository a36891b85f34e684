"""Works as entries of a bibliography: the project's own importers read them back, and whatever stands in a name ends no value."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from triplehelix.bibliography import KINDS, Author, Entry, bibtex, csl, ris, tags
from triplehelix.importers import bibtex as bibtex_importer
from triplehelix.importers import csl as csl_importer
from triplehelix.importers.works import Record

ARTICLE = Entry(
    "lanterns-2004", "JournalArticle", "Lanterns: A Dim View of 50 % of Them & More",
    (Author("Øre", "Åse"), Author("von der Lint", "Muñoz"), Author("Guild of Wicks")), "2004-08-05",
    "https://example.org/id/expression/lanterns-2004", journal="Journal of Invented Things", publisher="Pretend Press",
    pages="351–370", edition="2nd", language="en", doi="10.5555/joi.2004.7_a", isbn="9783161484100", note="What else is known.")
BARE = Entry("wicks", "", "Wicks", (), "", "https://example.org/id/work/wicks")
# What the text of a value may hold, and a reader has to give back.
READABLE = ("100 % of $5 & #1_a", "back\\slash", "10--20", "Žluťoučký kůň, 東京", "a = b, c", '"straight"', "@misc and @string",
            "and others", "one and two", "title = #x#", "TY - BOOK", "von der Lint")
HOSTILE = (*READABLE, "}", "{", "}}}, title = {Eve}\n}\n@misc{eve,", "\\end{document}", "a\x00b\nER  - \nTY  - BOOK\r\nc\u2028d",
           "{{{", "%\n}", '","type":"x', "x}, author = {Eve", '"><script>')


def read_bibtex(text: str, folder: Path) -> list[Record]:
    """The records that the importer makes of a file."""
    path = folder / "works.bib"
    path.write_text(text, encoding="utf-8")
    return [bibtex_importer._record(row) for _, row in bibtex_importer._rows(path)]


def read_csl(text: str) -> list[Record]:
    return [csl_importer._record(item) for item in json.loads(text)]


def read_ris(text: str) -> list[list[tuple[str, str]]]:
    """The records of RIS, each a list of (tag, value)."""
    records: list[list[tuple[str, str]]] = [[]]
    for row in text.split("\r\n"):
        if not row:
            continue
        tag, value = re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", row).groups()
        if tag == "ER":
            records.append([])
        else:
            records[-1].append((tag, value))
    assert not records.pop()
    return records


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "PolicyDocument"])
def test_the_importers_read_back_what_was_written(kind: str, tmp_path: Path):
    entry = replace(ARTICLE, kind=kind, journal=ARTICLE.journal if kind == "JournalArticle" else "")
    for record in (*read_bibtex(bibtex([entry]), tmp_path), *read_csl(csl([entry]))):
        assert (record.kind, record.title, record.journal, record.publisher) == (
            kind, entry.title, entry.journal, entry.publisher)
        assert [(a.family, a.given, a.body) for a in record.authors] == [
            ("Øre", "Åse", False), ("von der Lint", "Muñoz", False), ("Guild of Wicks", "", True)]
        assert (record.issued.value[:7], record.pages, record.edition, record.language) == ("2004-08", "351-370", "2nd", "en")
        assert (record.dois, record.isbns) == ((entry.doi,), (entry.isbn,))


def test_a_policy_document_is_a_report(tmp_path: Path):
    entry = replace(ARTICLE, kind="PolicyDocument", journal="")
    assert {r.kind for r in (*read_bibtex(bibtex([entry]), tmp_path), *read_csl(csl([entry])))} == {"ReportDocument"}
    assert ("TY", "RPRT") in read_ris(ris([entry]))[0]


def test_ris_has_a_tag_for_all_that_is_known():
    (record,) = read_ris(ris([ARTICLE]))
    assert record == [
        ("TY", "JOUR"), ("ID", "lanterns-2004"), ("AU", "Øre, Åse"), ("AU", "von der Lint, Muñoz"), ("AU", "Guild of Wicks"),
        ("TI", ARTICLE.title), ("T2", ARTICLE.journal), ("PB", "Pretend Press"), ("PY", "2004"), ("DA", "2004/08/05"),
        ("SP", "351"), ("EP", "370"), ("ET", "2nd"), ("SN", "9783161484100"), ("DO", ARTICLE.doi), ("LA", "en"),
        ("UR", ARTICLE.url), ("N1", ARTICLE.note)]


def test_several_entries_are_told_apart(tmp_path: Path):
    both = (ARTICLE, replace(ARTICLE, key="lanterns-2005", title="Lanterns again"))
    titles = [entry.title for entry in both]
    assert [record.title for record in read_bibtex(bibtex(both), tmp_path)] == titles
    assert [record.title for record in read_csl(csl(both))] == titles
    assert [dict(record)["TI"] for record in read_ris(ris(both))] == titles


def test_nothing_is_written_of_what_is_not_known():
    assert bibtex([BARE]) == "@misc{wicks,\n  title = {{Wicks}},\n  url = {https://example.org/id/work/wicks}\n}\n"
    assert ris([BARE]) == "TY  - GEN\r\nID  - wicks\r\nTI  - Wicks\r\nUR  - https://example.org/id/work/wicks\r\nER  - \r\n"
    assert json.loads(csl([BARE])) == [
        {"id": "wicks", "type": "document", "title": "Wicks", "URL": "https://example.org/id/work/wicks"}]
    assert tags(BARE) == [("DC.title", "Wicks"), ("citation_title", "Wicks"),
                          ("citation_public_url", "https://example.org/id/work/wicks")]
    odd = replace(BARE, issued="long ago")
    assert odd.date == () and "year" not in bibtex([odd]) and "issued" not in csl([odd])


def test_the_tags_of_a_page_name_each_author_in_order():
    found = tags(ARTICLE)
    authors = [content for name, content in found if name == "citation_author"]
    assert authors == ["Øre, Åse", "von der Lint, Muñoz", "Guild of Wicks"]
    assert dict(found) | {"citation_author": ""} == {
        "bibo:type": "AcademicArticle", "DC.title": ARTICLE.title, "citation_title": ARTICLE.title, "citation_author": "",
        "citation_publication_date": "2004/08/05", "citation_journal_title": ARTICLE.journal,
        "citation_publisher": "Pretend Press", "citation_firstpage": "351", "citation_lastpage": "370",
        "citation_isbn": "9783161484100", "citation_doi": ARTICLE.doi, "citation_language": "en",
        "citation_public_url": ARTICLE.url}


@pytest.mark.parametrize(("kind", "tag"), [
    ("Book", "citation_publisher"), ("ReportDocument", "citation_technical_report_institution"),
    ("Thesis", "citation_dissertation_institution")])
def test_the_publisher_stands_under_the_tag_that_tells_the_kind(kind: str, tag: str):
    found = dict(tags(replace(ARTICLE, kind=kind, journal="")))
    assert found[tag] == "Pretend Press" and found["bibo:type"] == KINDS[kind].bibo and "citation_journal_title" not in found


@pytest.mark.parametrize("value", READABLE)
def test_any_text_comes_back_as_it_went_in(value: str, tmp_path: Path):
    entry = replace(ARTICLE, title=value, journal=value, publisher=value, authors=(Author(value, "Ann"), Author(value)))
    for record in (*read_bibtex(bibtex([entry]), tmp_path), *read_csl(csl([entry]))):
        assert (record.title, record.journal, record.publisher) == (value, value, value)
        assert [author.family for author in record.authors] == [value, value]


@pytest.mark.parametrize("value", HOSTILE)
def test_no_text_ends_a_value_or_an_entry(value: str, tmp_path: Path):
    names = ("title", "journal", "book", "series", "publisher", "edition", "number", "doi", "isbn", "note", "pages", "language")
    entry = replace(ARTICLE, **dict.fromkeys(names, value), authors=(Author(value, value), Author(value)))
    path = tmp_path / "hostile.bib"
    path.write_text(bibtex([entry, ARTICLE]), encoding="utf-8")
    rows = [row for _, row in bibtex_importer._rows(path)]
    assert [(row.entry_type, row.key) for row in rows] == [("article", ARTICLE.key)] * 2
    assert {field.key for field in rows[0].fields} <= {
        "author", "title", "journal", "booktitle", "series", "publisher", "year", "month", "day", "pages", "edition", "number",
        "doi", "isbn", "langid", "url", "note"}
    assert [dict(record)["TY"] for record in read_ris(ris([entry, ARTICLE]))] == ["JOUR", "JOUR"]
    assert [len(record) for record in read_ris(ris([entry]))][0] >= 12
    item, other = json.loads(csl([entry, ARTICLE]))
    assert item["type"] == "article-journal" and other["title"] == ARTICLE.title
    assert not any(re.search(r"[\x00-\x1f\u2028]", content) or not content for _, content in tags(entry))

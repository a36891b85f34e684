"""How an answer is cited, as text, BibTeX, RIS and CSL-JSON: what stands in a title or name ends no value and is no command."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from triplehelix.citation import GENRE, Citation, bibtex, csl, ris, text
from triplehelix.importers import bibtex as importer

PLAIN = Citation(
    "Peers. Answer to a query of Harbours", ("Harbour project",), "Harbour office", "2026-11-23-0123456789ab", "2026-11-23",
    "https://example.org/cite?query=ASK%20%7B%7D&release=2026-11-23-0123456789ab", "ab" * 32, "JSON results",
    "http://creativecommons.org/licenses/by/4.0/")
# What a reader of BibTeX gives back as it was.
READABLE = (
    "100 % of $5 & #1_a", "back\\slash", "a `quoted' ''word''", "10--20 and --- more", "Žluťoučký kůň, 東京", "a = b, c", "a~b",
    '"straight"', "@string and @misc", "and others", "one and two", "author = Eve, title = #x#")
# These only have to stay inside of the value.
UNREADABLE = ("}", "{", "}}}, title = {Eve}\n}\n@misc{eve,", "\\end{document}", "^", "a\x00b\nc\u2028d", "{{{", "\\", "%\n}",
              "\\}", "x}, author = {Eve")
# Members of an item in the input schema of CSL 1.0.2 that a citation has.
MEMBERS = {"id": str, "type": str, "genre": str, "title": str, "author": list, "publisher": str, "issued": dict, "version": str,
           "URL": str, "note": str, "custom": dict}


def fields(entry: str, folder: Path) -> dict[str, str]:
    """The fields of the one entry that the importer's reader finds."""
    path = folder / "cite.bib"
    path.write_text(entry, encoding="utf-8")
    (_, row), = importer._rows(path)
    assert row.entry_type == "misc"
    return {field.key: field.value for field in row.fields} | {"key": row.key}


def test_text_names_who_when_what_which_and_where():
    assert text(PLAIN) == (
        "Harbour project (2026). Peers. Answer to a query of Harbours (version 2026-11-23-0123456789ab) [Query result]. Harbour "
        f"office. {PLAIN.url} SHA-256 of its JSON results: {'ab' * 32}. Licence: http://creativecommons.org/licenses/by/4.0/.")


def test_what_is_not_known_is_left_out():
    bare = replace(PLAIN, creators=(), publisher="", licence="")
    assert text(bare).startswith("(2026). Peers.") and text(bare).endswith("ab.")
    assert "author" not in bibtex(bare) and f"howpublished = {{{GENRE}}}" in bibtex(bare)
    assert {"author", "publisher"}.isdisjoint(json.loads(csl(bare))[0]) and "licence" not in json.loads(csl(bare))[0]["custom"]
    assert re.fullmatch("2026-11-23-[0-9a-f]{12}", bare.key)


def test_a_publisher_who_is_the_creator_is_named_once():
    assert text(replace(PLAIN, publisher="Harbour project")).count("Harbour project") == 1
    assert text(replace(PLAIN, creators=())).count("Harbour office") == 1


def test_the_key_tells_queries_and_releases_apart():
    other = replace(PLAIN, url=PLAIN.url.replace("ab&", "ac&") + "&x")
    assert PLAIN.key != other.key
    for creators in (("Ünïcode, {and} \\more",), ("", "b"), ("%%%",)):
        assert re.fullmatch("[a-z0-9-]+", replace(PLAIN, creators=creators).key)


def test_bibtex_is_read_by_the_importer(tmp_path: Path):
    found = fields(bibtex(PLAIN), tmp_path)
    assert found["key"] == PLAIN.key and found["url"] == PLAIN.url
    assert (found["year"], found["month"], found["day"], found["version"]) == ("2026", "11", "23", PLAIN.version)
    assert importer._plain("title", found["title"]) == PLAIN.title
    assert list(importer._authors(found["author"]))[0].body
    assert importer._plain("note", found["note"]) == PLAIN.remark


@pytest.mark.parametrize("value", READABLE)
def test_bibtex_gives_back_what_went_in(value: str, tmp_path: Path):
    found = fields(bibtex(replace(PLAIN, title=value, creators=(value, "Second"))), tmp_path)
    assert importer._plain("title", found["title"]).translate({0x201c: "``", 0x201d: "''"}) == value
    assert [author.family for author in importer._authors(found["author"])] == [value, "Second"]


@pytest.mark.parametrize("value", [*UNREADABLE, *READABLE])
def test_no_value_of_bibtex_ends_before_its_end(value: str, tmp_path: Path):
    hostile = replace(PLAIN, title=value, creators=(value, value), publisher=value, licence=value)
    entry = bibtex(hostile)
    found = fields(entry, tmp_path)
    assert set(found) == {"key", "author", "title", "howpublished", "year", "month", "day", "version", "url", "note"}
    assert entry.count("{") == entry.count("}")
    depth = 0
    for sign in entry.rstrip()[:-1]:
        depth += (sign == "{") - (sign == "}")
        assert depth > 0 or "{" not in entry[:entry.index(sign) + 1]
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", entry)
    assert not re.findall(r"\\(?!text|[$%&#_])", entry)


@pytest.mark.parametrize("value", [*UNREADABLE, *READABLE, "\ud800", "</script>", '","type":"book'])
def test_csl_has_the_shape_of_its_schema(value: str):
    hostile = replace(PLAIN, title=value, creators=(value, "Second"), publisher=value, licence=value)
    item, = json.loads(csl(hostile).encode())
    assert item.keys() <= MEMBERS.keys() and {"id", "type"} <= item.keys()
    assert all(isinstance(item[name], MEMBERS[name]) for name in item)
    assert item["type"] == "dataset" and item["issued"] == {"date-parts": [[2026, 11, 23]]}
    assert all(author.keys() == {"literal"} for author in item["author"]) and item["custom"]["sha256"] == "ab" * 32


@pytest.mark.parametrize("value", [*UNREADABLE, *READABLE])
def test_text_stays_on_one_line(value: str):
    assert re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", text(replace(PLAIN, title=value, creators=(value,)))) is None


@pytest.mark.parametrize("value", [*UNREADABLE, *READABLE, "a\r\nER  - \r\nTY  - BOOK"])
def test_ris_has_a_tag_and_a_value_on_each_line(value: str):
    rows = ris(replace(PLAIN, title=value, creators=(value, "Second"), publisher=value)).split("\r\n")
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - [^\x00-\x1f\x7f-\x9f\u2028\u2029]*", row) for row in rows[:-1]) and rows[-1] == ""
    assert [row[:2] for row in rows[:2]] == ["TY", "ID"] and rows[-2] == "ER  - " and rows.count("ER  - ") == 1
    assert rows[0] == "TY  - DATA" and f"UR  - {PLAIN.url}" in rows and "DA  - 2026/11/23" in rows and "AU  - Second" in rows

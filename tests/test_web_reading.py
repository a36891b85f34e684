"""The reading view of a text: all that is recorded of the page stands in it once, on its line, with what is marked there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest
from pyoxigraph import RdfFormat, parse

from conftest import ROOT
from triplehelix.releases import read_manifest
from triplehelix.web.view.reading import parts
from triplehelix.web.view.shown import Shown
from web_release import client_of, room_fixture  # noqa: F401

TEXT, BASE = "/doc/id/text/s3p-clusters.html", "https://w3id.org/triplehelix/"
TH, C4O, OA, DCTERMS = BASE + "ns#", "http://purl.org/spar/c4o/", "http://www.w3.org/ns/oa#", "http://purl.org/dc/terms/"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
# What stands in the text once: its class, the property that has the words shown, and how many there are.
ONCE = {"statement": (TH + "Statement", DCTERMS + "description", 53), "group": (TH + "CitationGroup", TH + "asWritten", 12),
        "entry": ("http://purl.org/spar/biro/BibliographicReference", C4O + "hasContent", 18),
        "quotation": ("http://purl.org/spar/fabio/Quotation", C4O + "hasContent", 2)}


@dataclass(frozen=True)
class Seen:
    """A passage as the page shows it: the part it is in, its line, its item and words, and the marks (how, what, is a defect)."""

    part: str
    line: str
    item: str
    words: str
    marks: tuple[tuple[str, str, bool], ...]


@pytest.fixture(scope="module")
def data() -> dict[str, dict[str, list[str]]]:
    """What the files on the page say, by subject and predicate."""
    found: dict[str, dict[str, list[str]]] = {}
    for path in sorted((ROOT / "data/page").glob("*.ttl")):
        for quad in parse(path.read_bytes(), format=RdfFormat.TURTLE):
            found.setdefault(quad.subject.value, {}).setdefault(quad.predicate.value, []).append(quad.object.value)
    return found


@pytest.fixture(scope="module")
def page(release, room) -> str:
    return client_of(release.parent, room, read_manifest(release).base).get(TEXT).text


@pytest.fixture(scope="module")
def sections(page: str) -> list[ElementTree.Element]:
    """The parts of the text on the page."""
    opening, closing = '<section class="text-part"', "</section>"
    found = (each.partition(closing)[0] for each in page.split(opening)[1:])
    return [ElementTree.fromstring(opening + each + closing) for each in found]


@pytest.fixture(scope="module")
def seen(sections, release) -> list[Seen]:
    return list(passages(sections, read_manifest(release).base))


def passages(sections: list[ElementTree.Element], base: str) -> Iterator[Seen]:
    for section in sections:
        for line in section.iter("div"):
            number = line.find("p[@class='line']")
            if line.get("class") == "text-line":
                for each in line.iter("div"):
                    if each.get("class") == "passage":
                        yield passage(each, section.get("id"), number.find("span").tail, base)


def passage(found: ElementTree.Element, part: str, line: str, base: str) -> Seen:
    item = found.find("p[@class='source']/a").get("title").replace(base, BASE)
    return Seen(part, line, item, "".join(found.find("p[@class='words']").itertext()).strip(), tuple(marks(found, base)))


def marks(found: ElementTree.Element, base: str) -> Iterator[tuple[str, str, bool]]:
    for each in found.iter("li"):
        how, what = each.findall("span[@class='how']"), each.find("a") if each.find("a") is not None else each.findall("span")[-1]
        yield how[0].text, (what.get("title") or what.text).replace(base, BASE), each.get("class") == "defect"


def of_class(data, kind: str) -> dict[str, dict[str, list[str]]]:
    return {subject: said for subject, said in data.items() if kind in said.get(TYPE, ())}


@pytest.mark.parametrize("kind", ONCE)
def test_each_stands_once_on_its_line_in_its_part_in_its_words(kind: str, data, seen):
    of, words, count = ONCE[kind]
    expected = of_class(data, of)
    assert len(expected) == count
    shown = [each for each in seen if each.item in expected]
    assert sorted(each.item for each in shown) == sorted(expected)
    ranks = {iri: said[TH + "rank"][0] for iri, said in of_class(data, TH + "TextPart").items()}
    for each in shown:
        said = expected[each.item]
        assert (each.line, " ".join(each.words.split())) == (said[TH + "line"][0], " ".join(said[words][0].split())), each.item
        assert each.part == f"part-{ranks[said[TH + 'inPart'][0]]}"


def test_nothing_stands_twice_on_a_line(seen):
    assert [each for each, count in Counter((each.line, each.item) for each in seen).items() if count > 1] == []


def test_lines_come_in_their_order(seen):
    lines = [int(each.line) for each in seen]
    assert lines == sorted(lines)


def test_every_defect_is_marked_once_where_it_stands_and_in_words(data, seen):
    defects = of_class(data, TH + "Defect")
    assert len(defects) == 69 and all(TH + "line" in said for said in defects.values())
    marked = [(what, each.line) for each in seen for _, what, is_defect in each.marks if is_defect]
    alone = [(each.item, each.line) for each in seen if each.item in defects]
    assert sorted(marked + alone) == sorted((iri, said[TH + "line"][0]) for iri, said in defects.items())
    assert {how for each in seen for how, _, is_defect in each.marks if is_defect} == {"defect"}
    assert not any(how == "defect" for each in seen for how, _, is_defect in each.marks if not is_defect)


def test_every_claim_is_marked_at_its_statement(data, seen):
    statements = of_class(data, TH + "Statement").items()
    claims = sorted((iri, effect) for iri, said in statements for effect in said.get(TH + "asserts", ()))
    assert len(claims) == 7
    assert sorted((each.item, what) for each in seen for how, what, _ in each.marks if how == "asserts") == claims


def test_every_citation_leads_to_its_entries(data, seen):
    by_group = {iri: sorted({entry for pointer in said[TH + "pointer"] for entry in data[pointer].get(C4O + "denotes", ())})
                for iri, said in of_class(data, TH + "CitationGroup").items()}
    assert {each.item: sorted(what for how, what, _ in each.marks if how == "denotes") for each in seen
            if each.item in by_group} == by_group


def test_a_citation_stands_behind_the_statement_that_gives_it(data, seen):
    order = [each.item for each in seen]
    credits = {pointer: iri for iri, said in of_class(data, TH + "Statement").items() for pointer in said.get(TH + "credits", ())}
    for group, said in of_class(data, TH + "CitationGroup").items():
        giving = [credits[pointer] for pointer in said[TH + "pointer"] if pointer in credits]
        assert all(order.index(statement) < order.index(group) for statement in giving)


def test_the_parts_stand_in_order_under_their_headings_as_written(data, sections, page):
    expected = sorted(of_class(data, TH + "TextPart").values(), key=lambda said: int(said[TH + "rank"][0]))
    headings = [section.find("h3") for section in sections]
    assert [heading.findtext("q", "") for heading in headings] == [said.get(TH + "asWritten", [""])[0] for said in expected]
    assert [heading.findtext("em") for heading in headings if heading.find("q") is None] == ["Without a heading"] * 3
    for number, section in enumerate(sections, 1):
        assert section.get("id") == f"part-{number}" and page.count(f'href="#part-{number}"') == 1


def test_a_text_that_says_little_is_read_all_the_same():
    part, line, item, kind, words = Shown("P", iri="p"), Shown("3"), Shown("I", iri="i"), Shown("k"), Shown("w")
    bare = parts([(part, None, part, None, None, None, None), (None, None, None, None, None, None, None)])
    assert [(each.name, each.heading.words if each.heading else None, each.lines) for each in bare] == [
        (part, None, ()), (None, bare[1].heading.words, ())]
    found, = parts([(part, line, item, kind, words, Shown("defect", iri="x#Defect"), Shown("d")),
                    (part, line, item, kind, words, None, Shown("e"))])
    (only,) = found.lines
    (alone,) = only.passages
    assert found.heading is None and [(mark.what.text, mark.is_defect) for mark in alone.marks] == [("d", True), ("e", False)]
    assert parts([]) == []

"""Pictures: what they show, what they say they leave out, and that nothing in the rows can break them."""

from __future__ import annotations

import itertools
import random
import re
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest
from pyoxigraph import Literal, NamedNode

from conftest import ROOT
from triplehelix.web import pictures
from triplehelix.web.pictures.bars import MOST_BARS, bars, composition
from triplehelix.web.pictures.europe import BOX, COUNTRIES, FILE, KEYS, MOST_CLASSES, classes, europe, key_of, place, shade
from triplehelix.web.pictures.network import MOST_LINES, MOST_THINGS, Net, layered, network
from triplehelix.web.pictures.svg import Picture, Plain, Row, clipped, columns, counted, figure, number
from triplehelix.web.pictures.timeline import MOST_DATES, timeline

STATIC = ROOT / "server/triplehelix/web/static"
ALL = [bars, composition, europe, network, timeline]
RIGHT_TO_LEFT = "مجموعة تكنولوجيا المعلومات"
HOSTILE = ["<script>alert(1)</script>", "\"' onload=alert(1) x='", "</text></svg><img src=x onerror=alert(1)>", "&lt;b&gt;&#0;",
           "x" * 5_000, RIGHT_TO_LEFT * 200, "\u202eabc\u2066", "a\nb\tc\x00\x1b", "", " ", "javascript:alert(1)",
           "e\u0301" * 3_000, "😀" * 2_500]
NO_NUMBERS = ["NaN", "INF", "-INF", "1e999", "", "twelve", "٣", "1_000", "0x10", "1" * 5_000, "--1", "1,5", "1e101", "-1e-101"]


def said(text: str, iri: str = "", lang: str = "") -> Plain:
    return Plain(text, iri, lang)


def country(code: str, value: str | None, scheme: str = "nuts2024") -> Row:
    return said(f"Country {code}", f"http://example.org/scheme/{scheme}/{code}"), None if value is None else said(value)


def root(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(str(picture.svg))


def texts(picture: Picture) -> list[str]:
    """What stands written in a picture."""
    return [element.text or "" for element in root(picture).iter("text")]


def widths(picture: Picture) -> list[str | None]:
    """The width of each bar, "hatched" for one without data."""
    return ["hatched" if "url(#" in rect.get("fill", "") else rect.get("width") for rect in root(picture).iter("rect")]


# --- what holds for all

@pytest.mark.parametrize("draw", ALL)
def test_a_picture_is_an_image_with_a_name_and_a_description(draw):
    svg = root(draw("A <title>", "key", [country("ES", "3")], 0))
    assert (svg.tag, svg.get("role"), [child.tag for child in svg][:2]) == ("svg", "img", ["title", "desc"])
    assert svg[0].text == "A <title>" and svg[1].text


@pytest.mark.parametrize("draw", ALL)
def test_no_row_breaks_a_picture(draw):
    things = [*HOSTILE, *NO_NUMBERS, "2020-01-01", "2020-13-45", "99999-01-01", "-0044", "12"]
    rows = [tuple(None if part is None else said(part, part if n % 2 else "", "ar") for part in row)
            for n, row in enumerate(itertools.product([*things, None], repeat=2))]
    picture = draw("Title", "key", [*rows, (None,), (None, None, None)], 0)
    text = str(picture.svg)
    found = root(picture)
    assert not [name for element in found.iter() for name in element.attrib if name == "style" or name.startswith("on")]
    assert {element.tag for element in found.iter()} <= {"svg", "title", "desc", "defs", "pattern", "g", "path", "rect", "line",
                                                         "text", "circle"}
    assert all(sum(map(columns, element.text or "")) <= 73 for element in found.iter("text"))
    assert not re.search("[\u0000-\u0008\u202a-\u202e\u2066-\u2069]", text) and "href" not in text and len(text) < 250_000
    assert picture.notes


@pytest.mark.parametrize("draw", ALL)
def test_nothing_to_draw_is_no_fault(draw):
    assert root(draw("Title", "key", [], 0)).tag == "svg"


@pytest.mark.parametrize("draw", ALL)
def test_the_same_rows_give_the_same_bytes(draw):
    rows = [country(code, str(n)) for n, code in enumerate(("ES", "FR", "SI"))]
    assert draw("T", "k", rows, 0) == draw("T", "k", rows, 0)


def test_no_two_pictures_of_a_page_share_an_id():
    drawn = [f"{picture.svg}{''.join(key.sample for key in picture.legend)}" for n, draw in enumerate(ALL)
             for picture in [draw("T", f"panel-{n}", [country("ES", None), country("FR", "2")], 0)]]
    ids = re.findall(r' id="([^"]*)"', "".join(drawn))
    assert ids and len(ids) == len(set(ids)) and all(name.startswith("hatch-panel-") for name in ids)


@pytest.mark.parametrize("draw", ALL)
def test_no_number_breaks_a_picture(draw):
    rolled, known = random.Random(3), ["1e100", "1e99", "1e-100", "5e-324", "1e308", "0.0", "-0", "-1e99", "3", *NO_NUMBERS]
    for _ in range(50):
        values = rolled.choices(known, k=6)
        rows = [country(code, value) for code, value in zip(("ES", "ES", "FR", "CZ", "DE", "SI"), values)]
        assert not {"nan", "inf"} & set(re.findall("[a-z]+", " ".join(texts(draw("T", "k", rows, 0)))))


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number_is_none(text):
    assert number(said(text)) is None


@pytest.mark.parametrize(("text", "value", "written"), [
    ("1234567", 1234567, "1,234,567"), ("-3", -3, "−3"), ("1234.50", 1234.5, "1,234.50"), ("1.5E3", 1500, "1.5E3"),
    ("+7", 7, "7"), (".5", .5, ".5"), ("0", 0, "0")])
def test_numbers_are_written_as_stated(text, value, written):
    assert (number(said(text)), figure(said(text))) == (value, written)


def test_a_long_label_ends_in_an_ellipsis():
    assert clipped("a" * 5_000, 10) == "a" * 10 + "…" and clipped("語" * 50, 10) == "語" * 5 + "…"
    assert clipped("ab  c\n", 10) == "ab c"
    assert clipped(RIGHT_TO_LEFT * 9, 10).endswith("…") and counted(1e300) == "1e+300"


def test_a_label_keeps_its_language_and_its_whole_text():
    rows = [(said(RIGHT_TO_LEFT * 5, lang="ar"), said("1"))]
    found = root(bars("T", "k", rows, 0)).findall("text")
    assert [(text.get("lang"), text.get("class")) for text in found[:2]] == [("ar", "where-wide"), ("ar", "where-narrow")]
    assert found[1].find("title").text == RIGHT_TO_LEFT * 5


# --- bars

def test_bars_are_as_long_as_their_numbers():
    rows = [(said("a"), said("40")), (said("b"), said("10")), (said("c"), said("0")), (said("d"), None), (said("e"), said("-4"))]
    picture = bars("T", "k", rows, 0)
    assert widths(picture) == ["100.00%", "25.00%", "0.00%", "hatched", "0.00%"]
    assert texts(picture) == ["a", "40", "b", "10", "c", "0", "d", "no data", "e", "−4"]
    assert picture.notes == ("Numbers below zero have no bar: 1.",)


def test_what_is_no_number_has_no_bar():
    picture = bars("T", "k", [(said("a"), said("NaN")), (said("b"), said("2"))], 0)
    assert widths(picture) == ["hatched", "100.00%"] and "not a number" in texts(picture)
    assert picture.notes == ("What is stated is not a number that can be drawn: 1.",)


def test_a_picture_says_how_much_it_leaves_out():
    rows = [(said(str(n)), said(str(n))) for n in range(MOST_BARS + 10)]
    assert bars("T", "k", rows, 0).notes == (f"The first {MOST_BARS} of {MOST_BARS + 10} are drawn.",)
    assert bars("T", "k", rows[:3], 1_234).notes == ("The first 3 of 1,234 are drawn.",)


def test_a_sphere_nobody_reported_is_not_none():
    rows = [(said("Industry"), said("12")), (said("Academia"), said("0")), (said("Government"), None),
            (said("Civil society"), said("3"))]
    picture = composition("T", "k", rows, 0)
    assert widths(picture) == ["100.00%", "0.00%", "hatched", "25.00%"]
    assert "not reported" in texts(picture) and "Government: not reported" in root(picture)[1].text
    colours = [rect.get("class").split()[1] for rect in root(picture).iter("rect") if rect.get("class").startswith("fill")]
    assert colours == ["one", "two", "four"]


# --- timeline

def test_things_stand_at_their_date():
    rows = [(said("2020-01-01"), said("later")), (said("2010"), said("first")), (said("2012-07"), said("between"))]
    picture = timeline("T", "k", rows, 0)
    marks = [float(mark.get("cx")[:-1]) for mark in root(picture).iter("circle")]
    assert marks == sorted(marks) and len(set(marks)) == 3
    assert [text for text in texts(picture) if text.isalpha()] == ["first", "between", "later"]
    assert texts(picture)[:4] == ["2010", "2015", "2020", "2025"]


def test_what_lasts_is_drawn_to_its_end():
    rows = [(said("2014-01-01"), said("a"), said("2020-12-31")), (said("2021"), said("b"), said("2019"))]
    found = root(timeline("T", "k", rows, 0))
    assert [line.get("class") for line in found.iter("line")].count("span") == 1
    assert "2014–2020" in [text.text for text in found.iter("text")]


def test_what_has_no_date_is_counted():
    rows = [(None, said("a")), (said("soon"), said("b")), (said("2020-02-30"), said("c")), (said("2020-00"), said("d"))]
    picture = timeline("T", "k", rows, 0)
    assert picture.notes == ("Without a date that can be drawn: 3.",) and "c" in texts(picture)


def test_a_timeline_has_an_end():
    rows = [(said(f"{1900 + n}"), said("x")) for n in range(MOST_DATES + 5)]
    picture = timeline("T", "k", rows, 0)
    assert len(list(root(picture).iter("circle"))) == MOST_DATES
    assert picture.notes == (f"The first {MOST_DATES} of {MOST_DATES + 5} are drawn.",)


@pytest.mark.parametrize(("first", "last"), [(2020, 2020), (0, 9999), (1999, 2001), (1776, 2026)])
def test_years_are_marked_evenly(first, last):
    picture = timeline("T", "k", [(said(f"{first:04}"), said("a")), (said(f"{last:04}"), said("b"))], 0)
    years = [int(text.text) for text in root(picture).iter("text") if text.get("y") == "1em"]
    assert 2 <= len(years) <= 6 and years[0] <= first and years[-1] > last
    assert len({b - a for a, b in zip(years, years[1:])}) == 1


# --- map

def look(picture: Picture, code: str) -> str:
    return next(path.get("class") for path in root(picture).iter("path") if path.get("data-code") == code)


def test_countries_are_shaded_and_the_others_hatched():
    picture = europe("T", "k", [country("ES", "61"), country("SI", "1"), country("LU", "0"), country("FR", None)], 0)
    assert (look(picture, "ES"), look(picture, "LU"), look(picture, "FR"), look(picture, "DE")) == (
        "land shade-4", "land zero", "nothing", "nothing")
    assert sorted(texts(picture)) == ["0", "1", "61"]
    assert [key.text for key in picture.legend] == ["0", "1", "61", "no data"]
    assert all("url(#hatch-k)" in path.get("fill") for path in root(picture).iter("path") if path.get("class") == "nothing")


def test_a_map_says_what_it_cannot_show():
    rows = [country("ES", "2"), (said("United States", "http://example.org/id/area/us"), said("5")), country("FR", "-1"),
            country("DE", "NaN"), (None, said("4"))]
    picture = europe("T", "k", rows, 9)
    assert picture.notes == ("The first 5 of 9 rows are drawn.", "Not on this map: United States (5), no country stated (4).",
                             "What is stated is not a number that can be drawn: Country FR, Country DE.")
    assert look(picture, "FR") == "nothing"


def test_editions_of_a_code_count_together():
    assert texts(europe("T", "k", [country("EL", "2", "nuts2021"), country("EL", "3", "nuts2024")], 0)) == ["5"]


def test_classes_are_few_and_hold_all_values():
    rolled = random.Random(7)
    for _ in range(300):
        values = [rolled.choice([1, .3]) * rolled.randint(1, 10 ** rolled.randint(1, 6)) for _ in range(rolled.randint(1, 50))]
        bounds = classes(values)
        assert bounds == sorted(set(bounds)) and bounds[-1] == max(values) and len(bounds) <= MOST_CLASSES
        assert {shade(value, bounds) for value in values} <= {f"shade-{n}" for n in range(1, MOST_CLASSES + 1)}
        assert shade(max(values), bounds) == f"shade-{MOST_CLASSES}"


def test_the_legend_has_the_numbers_that_there_are():
    rows = [country(code, value) for code, value in zip(("ES", "FR", "CZ", "DE", "SI", "SE"), ("61", "40", "20", "9", "3", "1"))]
    assert [key.text for key in europe("T", "k", rows, 0).legend] == ["1", "3", "9–20", "40–61", "no data"]
    rows[0] = country("ES", "61.5")
    assert europe("T", "k", rows, 0).legend[3].text == "40–61.5"


def test_the_shapes_are_small_and_those_of_all_countries():
    assert FILE.stat().st_size < 120_000
    assert {"EL", "UK", "XK", "UA", "MT", "LI", "CY", "IS", "TR"} <= {shape.code for shape in COUNTRIES}
    assert len(set(KEYS.values())) == len(COUNTRIES)
    _, _, width, height = map(int, BOX.split())
    for shape in COUNTRIES:
        assert re.fullmatch(r"(?:M\d+ \d+|m-?\d+[ -]\d+)?(?:[Mmlz]|-?\d+| )+z", shape.path) and shape.name
        assert 0 <= shape.x <= width and 0 <= shape.y <= height


@pytest.mark.parametrize(("iri", "key"), [
    ("http://e.org/nuts/EL", "EL"), ("http://e.org/nuts#UK", "UK"), ("http://e.org/area/united-kingdom", "UK"),
    ("http://e.org/area/belarus", "belarus"), ("http://e.org/nuts/EL30", ""), ("http://e.org/nuts/el", ""), ("", ""),
    ("EL/", "")])
def test_a_country_is_known_by_the_last_part_of_its_iri(iri, key):
    assert key_of(iri) == key


# --- network

def line(start: str, end: str, kind: str = "cites") -> Row:
    return tuple(said(f"Work {name}", f"http://example.org/{name}") for name in (start, end)) + (said(kind),)


def net_of(rows: list[Row]) -> Net:
    net = Net()
    for row in rows:
        net.add(row)
    return net


def test_what_is_cited_stands_below():
    rows = [line("c", "a"), line("b", "a"), line("c", "b"), line("d", "c")]
    layers = layered(net_of(rows))
    assert {iri[-1]: layer for iri, layer in layers.items()} == {"d": 0, "c": 1, "b": 2, "a": 3}
    assert texts(network("T", "k", rows, 0)) == ["Work d", "Work c", "Work b", "Work a"]


def test_circles_come_to_an_end():
    rows = [line("a", "b"), line("b", "c"), line("c", "a"), line("a", "a"), line("d", "d")]
    assert sorted(texts(network("T", "k", rows, 0))) == [f"Work {name}" for name in "abcd"]
    assert len(set(layered(net_of(rows)).values())) <= 4


def test_a_network_is_bounded_and_says_so():
    rows = [line(f"w{n}", "hub", f"kind {n % 9}") for n in range(5_000)]
    picture = network("T", "k", rows, 6_000)
    assert len(texts(picture)) == MOST_THINGS
    assert picture.notes == ("39 links between 40 things are drawn; 5,961 are left out.",)
    dense = [line(f"a{n % 20}", f"b{n // 20}") for n in range(400)]
    assert len([path for path in root(network("T", "k", dense, 0)).iter("path") if path.get("fill") == "none"]) <= MOST_LINES


def test_each_kind_of_line_has_a_name_and_a_look():
    picture = network("T", "k", [line("a", "b"), line("a", "c", "disputes"), line("a", "b"), (said("x"), None)], 0)
    assert [key.text for key in picture.legend] == ["cites", "disputes"]
    assert len({str(key.sample) for key in picture.legend}) == 2
    assert picture.notes == ("Links without one of their ends are not drawn: 1.",)
    assert "Work a → Work c (disputes)" in root(picture)[1].text


# --- of panels and facets

@dataclass(frozen=True)
class Panel:
    picture: str
    columns: tuple[tuple[str, str], ...]
    slug: str = "slug"
    title: str = "Title"


class Names:
    """A view that knows the names of all terms."""

    def term(self, term: NamedNode | Literal) -> Plain:
        return said(term.value.rpartition("/")[2], term.value if isinstance(term, NamedNode) else "")


def test_the_first_columns_of_a_panel_are_drawn():
    spain, graph = NamedNode("http://example.org/nuts/ES"), NamedNode("http://example.org/graph/source")
    rows = [(spain, Literal(4), Literal("more"), graph)]
    three = (("country", "Country"), ("count", "Count"), ("note", "Note"))
    assert look(pictures.drawn(Names(), Panel("map", three), rows), "ES") == "land shade-4"
    net = pictures.drawn(Names(), Panel("network", three[:2]), [(spain, NamedNode("http://example.org/x"), graph)])
    assert net.legend == ()
    dates = [(Literal("2010"), Literal("what"), Literal("kind"), Literal("2012"))]
    lasting = pictures.drawn(Names(), Panel("timeline", (("from", "F"), ("what", "W"), ("kind", "K"), ("until", "U"))), dates)
    assert "2010–2012" in texts(lasting)


def test_a_panel_without_picture_or_rows_has_none():
    assert pictures.drawn(Names(), Panel("", ()), [(Literal(1),)]) is None
    assert pictures.drawn(Names(), Panel("bars", ()), []) is None
    undated = [(None, Literal("what")), (Literal("soon"), Literal("what"))]
    assert pictures.drawn(Names(), Panel("timeline", (("date", "D"), ("what", "W"))), undated) is None


def test_tallies_are_mapped_where_they_are_of_countries():
    spain, greece = (NamedNode(f"http://example.org/nuts2024/{code}") for code in ("ES", "EL"))
    picture = pictures.shaded(Names(), "k", "T", [(spain, 3), (greece, 1), (NamedNode("http://example.org/us"), 2), (None, 9)])
    assert (look(picture, "ES"), picture.notes) == ("land shade-4", ("Not on this map: us (2).",))
    assert pictures.shaded(Names(), "k", "T", [(Literal("ES"), 3), (None, 1)]) is None
    assert pictures.shaded(Names(), "k", "T", [(None, 1)]) is None
    assert not pictures.is_of_countries([spain, NamedNode(spain.value + "21"), NamedNode(spain.value + "22")])


# --- colours

def properties(style: str) -> list[dict[str, str]]:
    """The custom properties of site.css: for light, and for dark over those."""
    blocks = [dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)]
    return [blocks[0], blocks[0] | blocks[1]]


def contrast(one: str, two: str) -> float:
    """WCAG 2.2, contrast ratio."""
    def luminance(colour: str) -> float:
        parts = (int(colour[n:n + 2], 16) / 255 for n in (1, 3, 5))
        return sum(weight * (part / 12.92 if part <= .04045 else ((part + .055) / 1.055) ** 2.4)
                   for weight, part in zip((.2126, .7152, .0722), parts))
    darker, lighter = sorted((luminance(one), luminance(two)))
    return (lighter + .05) / (darker + .05)


def test_colours_can_be_told_from_the_paper():
    for colours in properties((STATIC / "site.css").read_text()):
        assert all(contrast(colours[name], colours["paper"]) >= 4.5 for name in ("ink", "quiet"))
        assert all(contrast(colours[name], colours["paper"]) >= 3 for name in ("one", "two", "three", "four", "five", "six"))


@pytest.mark.parametrize("name", ["pictures.css", "map.css"])
def test_pictures_have_no_colours_of_their_own(name):
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsl", (STATIC / name).read_text())


def test_a_place_points_its_country_out_and_says_nothing_of_the_others():
    picture = place("Where it lies", "here", [country("ES", "14")], 1)
    assert picture.drawn == 1 and [key.text for key in picture.legend] == ["Country ES"]
    assert picture.svg.count("shade-4") == 1 and "no data" not in picture.svg and "hatch" not in picture.svg
    assert not place("Where it lies", "here", [country("XX", "1")], 1).drawn

"""The diagram of an ontology: which boxes it has, and that any of them can be drawn."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from pyoxigraph import NamedNode

from coast import with_ferries
from conftest import free_port
from triplehelix.build import build, diagrams
from triplehelix.build.drawing import COLUMNS, MOST_ROWS, drawing
from triplehelix.description.diagram import Box, Diagram, Row
from triplehelix.description.published import Published
from triplehelix.project import Project

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module", name="ferries")
def ferries_fixture(mini: Project, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A release of the miniature with one ontology more."""
    root = tmp_path_factory.mktemp("ferries")
    draft = with_ferries(mini, root / "draft")
    return Published(build(draft, root / "releases", f"http://127.0.0.1:{free_port()}/"))


def boxes(release: Published, name: str) -> dict[str, Box]:
    return {box.title: box for box in Diagram(release, NamedNode(release.base + name)).boxes}


def test_an_ontology_shows_its_classes_and_those_it_links_with_them(ferries: Published):
    found = boxes(ferries, "ns/ferries")
    assert list(found) == ["car ferry", "ferry <b>", "harbour"]
    assert [box.own for box in found.values()] == [True, True, False]
    assert found["car ferry"].above == (ferries.vocabulary + "Ferry",)
    assert found["ferry <b>"].rows == (Row("calls at", "harbour", (ferries.vocabulary + "Harbour",)),)
    assert found["harbour"].rows == (Row("served by", "ferry <b>", (ferries.vocabulary + "Ferry",)),)


def test_a_facade_shows_the_ontologies_it_gathers(ferries: Published):
    found = boxes(ferries, "ns")
    assert list(found) == ["Ferries", "Harbours and their lights"]
    assert found["Ferries"].above == (ferries.base + "ns/sea",)
    assert [row.text for row in found["Harbours and their lights"].rows] == ["harbour", "lighthouse"]


def test_the_release_has_the_drawings_of_those_that_have_boxes(ferries: Published):
    drawn = {name for name in ferries.manifest.files if name.startswith("diagrams/")}
    assert drawn == {"diagrams/ns.svg", "diagrams/ns/ferries.svg", "diagrams/ns/sea.svg"}
    assert not Diagram(ferries, NamedNode(ferries.base + "ns/align")).boxes
    before = (ferries.folder / "diagrams/ns/ferries.svg").read_bytes()
    diagrams.write(ferries)
    assert (ferries.folder / "diagrams/ns/ferries.svg").read_bytes() == before


def test_a_drawing_names_itself_and_all_it_shows(ferries: Published):
    text = (ferries.folder / "diagrams/ns/ferries.svg").read_text()
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img" and root.get("aria-labelledby") == "diagram-title diagram-text"
    assert root.findtext(f"{SVG}title") == "Ferries" and "car ferry, ferry <b>, harbour" in root.findtext(f"{SVG}desc")
    assert {"car ferry", "ferry <b>", "harbour"} <= {each.text for each in root.iter(f"{SVG}text")}
    assert "style=" not in text and "<b>" not in text and "href" not in text
    assert len(root.findall(f"{SVG}path[@class='above']")) == 1 and len(root.findall(f"{SVG}path[@class='to']")) == 2


def drawn(*found: Box) -> ElementTree.Element:
    return ElementTree.fromstring(drawing(found, "Title", "Text"))


def inside(root: ElementTree.Element) -> bool:
    """Whether all boxes stand in the picture, and none on another."""
    frames = [[float(each.get(name)) for name in ("x", "y", "width", "height")] for each in root.iter(f"{SVG}rect")]
    fits = all(x >= 0 and y >= 0 and x + w <= float(root.get("width")) and y + h <= float(root.get("height"))
               for x, y, w, h in frames)
    apart = all(one is other or one[0] + one[2] <= other[0] or other[0] + other[2] <= one[0]
                or one[1] + one[3] <= other[1] or other[1] + other[3] <= one[1] for one in frames for other in frames)
    return fits and apart


def test_boxes_in_a_circle_and_a_box_that_leads_to_itself_are_drawn():
    circle = [Box(f"b{n}", f"Box {n}", (f"b{(n + 1) % 7}",), (Row("again", "", (f"b{n}",)),)) for n in range(7)]
    root = drawn(*circle)
    assert inside(root) and len(root.findall(f"{SVG}path")) == 14


def test_a_long_chain_and_boxes_without_links_share_the_columns():
    chain = [Box(f"c{n}", f"Link {n}", (f"c{n + 1}",)) for n in range(12)] + [Box("c12", "End", ())]
    root = drawn(*chain, *(Box(f"alone{n}", f"Alone {n}", ()) for n in range(9)))
    assert inside(root) and len({each.get("x") for each in root.iter(f"{SVG}rect")}) == COLUMNS


def test_a_box_names_so_many_properties_and_counts_the_rest():
    rows = tuple(Row(f"property {n:02} with a name that is longer than any box is wide", "text") for n in range(40))
    texts = ["".join(each.itertext()) for each in drawn(Box("b", "B" * 200, (), rows)).iter(f"{SVG}text")]
    assert len(texts) == 1 + MOST_ROWS + 1 and texts[-1] == f"… {40 - MOST_ROWS} more" and all(len(text) < 40 for text in texts)
    exact = drawn(Box("b", "B", (), rows[:MOST_ROWS + 1]))
    assert "more" not in "".join(exact.itertext())


def test_links_to_what_has_no_box_are_left_to_the_words():
    assert not drawn(Box("b", "B", ("elsewhere",), (Row("to", "there", ("elsewhere",)),))).findall(f"{SVG}path")

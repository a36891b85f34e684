"""Canonical Turtle: one text for one graph, and nothing lost on the way."""

import re
from pathlib import Path

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad

from conftest import hashes
from triplehelix.findings import Faulty, Finding
from triplehelix.project import Project
from triplehelix.sources import read_one
from triplehelix.store import normalised
from triplehelix.turtle import Writer, canonical, fmt

HEAD = "@base <https://example.org/mini/> .\n@prefix sea: <https://example.org/mini/ns#> .\n" \
       "@prefix dcterms: <http://purl.org/dc/terms/> .\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\n"


def written(draft: Project, text: str) -> str:
    """The canonical text of a file with that body, without its first lines of prefixes."""
    path = draft.root / "data/new.ttl"
    path.write_text(HEAD + text)
    fmt(draft, [source(draft)])
    return path.read_text().partition("\n\n")[2]


def source(draft: Project):
    return next(s for s in Project(draft.root).sources if s.name == "data/new.ttl")


def refused(draft: Project, text: str) -> Finding:
    path = draft.root / "data/new.ttl"
    path.write_text(HEAD + text)
    before = hashes(draft.root)
    with pytest.raises(Faulty) as caught:
        fmt(draft, [source(draft)])
    assert hashes(draft.root) == before
    found, = caught.value.findings
    return found


def same(one: list, other: list) -> bool:
    """Whether two lists of triples are one graph (RDFC-1.0)."""
    datasets = []
    for triples in (one, other):
        dataset = Dataset(Quad(t.subject, t.predicate, t.object) for t in triples)
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        datasets.append({str(quad) for quad in dataset})
    return datasets[0] == datasets[1]


def test_the_real_files_are_canonical(repository: Project):
    assert [s.name for s in fmt(repository, repository.sources, check=True)] == []


def test_the_miniature_is_canonical(mini: Project):
    assert fmt(mini, mini.sources, check=True) == []


def test_canonical_text_is_a_fixed_point_with_the_same_graph(repository: Project, tmp_path: Path):
    home = Project(repository.root)
    for number, one in enumerate(home.sources):
        before = read_one(one, home.base)
        copy = tmp_path / f"{number}.ttl"
        copy.write_bytes(canonical(one, home))
        moved = type(one)(copy, one.name, one.graph, one.part)
        assert canonical(moved, home) == copy.read_bytes(), one.name
        assert same(normalised(before.triples), read_one(moved, home.base).triples), one.name


def test_order_and_layout_of_the_input_do_not_matter(draft: Project):
    one = written(draft, "<id/b> sea:height 2 , 1 .\n<id/a> dcterms:title 'x' ; a sea:Harbour .\n")
    other = written(draft, '<id/a> a sea:Harbour . <id/b> sea:height 1 . <id/b> sea:height 2 .\n'
                           '<https://example.org/mini/id/a> <http://purl.org/dc/terms/title> """x""" .')
    assert one == other == ('<id/a>\n    a sea:Harbour ;\n    dcterms:title "x" ;\n.\n\n'
                            "<id/b>\n    sea:height 1 ,\n        2 ;\n.\n")


def test_only_used_prefixes_are_declared_and_sorted(draft: Project):
    written(draft, "<id/a> dcterms:title 'x' .")
    head = (draft.root / "data/new.ttl").read_text().partition("\n\n")[0]
    assert head == "@base <https://example.org/mini/> .\n@prefix dcterms: <http://purl.org/dc/terms/> ."


def test_the_header_of_a_file_stands_first(draft: Project):
    text = written(draft, "<a> dcterms:title 'x' .\n<graph/new> a <http://rdfs.org/ns/void#Dataset> .")
    assert text.startswith("<graph/new>\n")


@pytest.mark.parametrize(("literal", "canonical_form"), [
    ("1.50", "1.5"), ("007", "7"), ("+5", "5"), ('"1"^^xsd:boolean', "true"), ("-0.0", None), ('"a"', '"a"'),
    ('"2016-12-01"^^xsd:date', '"2016-12-01"^^xsd:date'), ('"é\\u00e9"@FR', '"éé"@fr'), ("'''a\nb'''", '"a\\nb"'),
    ('"\\u202E\\uFEFF\\u0000"', '"\\u202E\\uFEFF\\u0000"'), ('"a\\\\b\\"c\\td"', '"a\\\\b\\"c\\td"'),
    ('"https://example.org/mini/x"^^xsd:anyURI', '"https://example.org/mini/x"^^xsd:anyURI'),
    ('"x"^^xsd:integer', '"x"^^xsd:integer'), ('"\u0661"^^xsd:integer', '"\u0661"^^xsd:integer'),
])
def test_a_literal_is_written_in_the_form_the_store_keeps(draft: Project, literal: str, canonical_form: str | None):
    text = written(draft, f"<id/a> dcterms:title {literal} .")
    assert canonical_form is None or text == f"<id/a>\n    dcterms:title {canonical_form} ;\n.\n"
    assert fmt(draft, [source(draft)], check=True) == []


@pytest.mark.parametrize("iri", [
    "https://example.org/mini/", "https://example.org/mini/id/a", "https://example.org/mini/id/a:b",
    "https://example.org/mini/doi:10", "https://example.org/mini/../up", "https://example.org/mini//twice",
    "https://example.org/mini/./dot", "https://example.org/mini/id/../up", "https://example.org/mini/?query", "https://example.org/mini/#part",
    "https://example.org/mini", "https://example.org/mini/ns#", "https://example.org/mini/ns#a.b", "https://example.org/mini/ns#1",
    "https://example.org/mini/é", "https://example.org/mini/id/a/", "mailto:a@example.org", "https://example.org/minima/x",
])
def test_an_iri_is_the_same_after_writing(draft: Project, iri: str):
    written(draft, f"<id/a> dcterms:relation <{iri}> .")
    assert [t.object.value for t in read_one(source(draft), draft.base).triples] == [iri]


def test_brackets_and_lists_stand_where_they_are_used(draft: Project):
    text = written(draft, "<id/a> sea:guards [ sea:height 1 ; dcterms:relation ( 2 [ sea:height 3 ] () ) ] .")
    assert "_:" not in text and "( 2 [" in text
    graph = read_one(source(draft), draft.base).triples
    assert len(graph) == 10


def test_brackets_are_indented_by_their_depth(draft: Project):
    text = written(draft, "<id/a> sea:guards [ sea:height 1 ] , [ sea:height 2 ] .")
    depths = [len(re.match(" *", line).group()) for line in text.splitlines() if "sea:height" in line]
    closing = [len(re.match(" *", line).group()) for line in text.splitlines() if line.strip().startswith("]")]
    assert closing[1] == 8 and depths[1] == 12


def test_a_comment_is_refused_with_its_line(draft: Project):
    found = refused(draft, "<id/a> sea:height 1 .\n# lost\n")
    assert (found.path, found.line) == ("data/new.ttl", 7)
    assert "comment" in found.message


def test_a_comment_glued_to_a_name_is_refused(draft: Project):
    assert refused(draft, "<id/a> dcterms:relation sea:x#lost\n.").line == 6


@pytest.mark.parametrize("text", [
    "<id/a> dcterms:relation _:b .\n<id/c> dcterms:relation _:b .",
    "<id/a> sea:height 1 .\n_:b dcterms:relation <id/a> .",
    "<id/a> sea:height 1 .\n_:b dcterms:relation _:c . _:c dcterms:relation _:b .",
], ids=["shared", "unused", "circle"])
def test_a_blank_node_that_brackets_cannot_say_is_refused_with_its_line(draft: Project, text: str):
    found = refused(draft, text)
    assert "blank node" in found.message
    assert found.path == "data/new.ttl" and found.line in (6, 7)


@pytest.mark.parametrize("text", ["<id/a> dcterms:relation <<( <a> <b> <c> )>> .", '<id/a> dcterms:title "x"@en--ltr .'])
def test_what_rdf_1_1_cannot_say_is_refused(draft: Project, text: str):
    assert refused(draft, text).line == 6


def test_a_failed_fmt_leaves_every_file_as_it_was(draft: Project):
    (draft.root / "data/lights.ttl").write_text((draft.root / "data/lights.ttl").read_text() + "\n\n")
    (draft.root / "data/new.ttl").write_text("<a> <b> .")
    before = hashes(draft.root)
    with pytest.raises(Faulty):
        fmt(draft, draft.sources)
    assert hashes(draft.root) == before


def test_checking_writes_nothing_and_names_the_files(draft: Project):
    (draft.root / "data/lights.ttl").write_text((draft.root / "data/lights.ttl").read_text() + "\n\n")
    before = hashes(draft.root)
    assert [s.name for s in fmt(draft, draft.sources, check=True)] == ["data/lights.ttl"]
    assert hashes(draft.root) == before


def test_writing_leaves_nothing_aside(draft: Project):
    (draft.root / "data/lights.ttl").write_text((draft.root / "data/lights.ttl").read_text() + "\n\n")
    names = set(hashes(draft.root))
    assert [s.name for s in fmt(draft, draft.sources)] == ["data/lights.ttl"]
    assert set(hashes(draft.root)) == names


def test_a_writer_without_prefixes_writes_whole_iris(mini: Project):
    graph = next(read_one(s, mini.base) for s in mini.sources if s.name == "data/lights.ttl")
    text = Writer("urn:x-none:", {}).text(graph.triples)
    assert "<https://example.org/mini/id/harbour/east>\n" in text and "@prefix" not in text

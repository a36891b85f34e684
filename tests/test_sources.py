"""Reading a project: each file through the strict parser, every unreadable file told at once."""

from pathlib import Path

import pytest
from pyoxigraph import BlankNode

from triplehelix.findings import Faulty, Finding
from triplehelix.project import Project
from triplehelix.sources import named, read


def told(draft: Project, name: str, data: bytes) -> Finding:
    """The one finding of reading the draft with these bytes at the end of one file."""
    path = draft.root / name
    path.write_bytes(path.read_bytes() + data)
    with pytest.raises(Faulty) as caught:
        read(draft)
    found, = caught.value.findings
    return found


def length(draft: Project, name: str) -> int:
    return len((draft.root / name).read_bytes().splitlines())


def test_each_file_becomes_the_quads_of_its_graph(mini: Project):
    lights = next(g for g in read(mini) if g.source.name == "data/lights.ttl")
    assert {q.graph_name.value for q in lights.quads} == {"https://example.org/mini/graph/lights"}
    assert len(list(lights.quads)) == len(lights.triples) == 14


def test_a_relative_iri_is_read_against_the_base_of_the_project(draft: Project):
    (draft.root / "data/extra.ttl").write_text("<id/a> <id/b> <id/c> .")
    extra = next(g for g in read(draft) if g.source.name == "data/extra.ttl")
    assert extra.triples[0].subject.value == "https://example.org/mini/id/a"


def test_blank_nodes_of_two_files_stay_apart(draft: Project):
    for name in ("one", "two"):
        (draft.root / f"shapes/{name}.ttl").write_text("<urn:x:s> <urn:x:p> _:same .")
    ends = {t.object for g in read(draft) for t in g.triples if t.subject.value == "urn:x:s"}
    assert len(ends) == 2 and all(isinstance(end, BlankNode) for end in ends)


def test_a_syntax_error_has_file_and_line(draft: Project):
    lines = length(draft, "data/lights.ttl")
    found = told(draft, "data/lights.ttl", b"<id/x>\n  a sea:Harbour\n<id/y> a sea:Harbour .\n")
    assert (found.path, found.line) == ("data/lights.ttl", lines + 3)


def test_an_unknown_prefix_comes_with_advice(draft: Project):
    lines = length(draft, "data/lights.ttl")
    found = told(draft, "data/lights.ttl", b"<id/x> a ship:Ship .\n")
    assert (found.path, found.line) == ("data/lights.ttl", lines + 1)
    assert found.message == "the prefix ship: is not declared; add: @prefix ship: <...> . at the top of the file"


def test_the_empty_prefix_comes_with_advice(draft: Project):
    assert "add: @prefix : <...> ." in told(draft, "data/lights.ttl", b"<id/x> a :Ship .\n").message


def test_bytes_that_are_not_utf8_have_their_line(draft: Project):
    lines = length(draft, "data/lights.ttl")
    found = told(draft, "data/lights.ttl", '<id/x> a "\nété" .\n'.encode("latin-1"))
    assert (found.path, found.line) == ("data/lights.ttl", lines + 2)
    assert "UTF-8" in found.message


def test_a_byte_order_mark_is_named(draft: Project):
    path = draft.root / "data/lights.ttl"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    with pytest.raises(Faulty, match="byte order mark"):
        read(draft)


def test_a_triple_term_is_refused_with_its_line(draft: Project):
    lines = length(draft, "data/lights.ttl")
    found = told(draft, "data/lights.ttl", b"<id/x> dcterms:relation <<( <id/a> <id/b> <id/c> )>> .\n")
    assert (found.path, found.line) == ("data/lights.ttl", lines + 1)


def test_every_unreadable_file_is_told_at_once(draft: Project):
    for name in ("data/lights.ttl", "shapes/sea.ttl"):
        (draft.root / name).write_text("<a> <b> .")
    with pytest.raises(Faulty) as caught:
        read(draft)
    assert [f.path for f in caught.value.findings] == ["data/lights.ttl", "shapes/sea.ttl"]


def test_a_file_of_a_stranger_is_a_graph_named_by_its_place(mini: Project, tmp_path: Path):
    path = tmp_path / "mine.ttl"
    assert (named(path, mini).graph, named(path, mini).part) == (path.as_uri(), "dataset")


def test_a_file_of_the_project_keeps_its_part_and_graph(mini: Project):
    source = named(mini.root / "data/unverified/rumours.ttl", mini)
    assert (source.graph, source.part) == ("https://example.org/mini/graph/unverified/rumours", "apart")

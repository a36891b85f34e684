"""Blocks in any order become the canonical text of their graph, whatever the size of the runs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from triplehelix.findings import fault
from triplehelix.importers import writing
from triplehelix.importers.model import Block
from triplehelix.project import Project
from triplehelix.sources import read_one
from triplehelix.store import normalised
from triplehelix.turtle import Writer, fmt

XSD = "http://www.w3.org/2001/XMLSchema#"
TYPE, LABEL = writing.TYPE, NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
DATASET, NOTE = NamedNode("http://rdfs.org/ns/void#Dataset"), NamedNode("http://example.org/a\u00e9-note")


def typed(value: str, datatype: str) -> Literal:
    return Literal(value, datatype=NamedNode(XSD + datatype))


def awkward(base: str) -> list[Block]:
    """Two blocks of one subject, one said twice, a header whose type comes late, and texts with every sign of the format."""
    things = [NamedNode(f"{base}id/thing/{name}") for name in ("a", "a-b", "a/b", "z")]
    graph = NamedNode(f"{base}graph/thing")
    texts = [Literal('tab\t, line\nbreak\r, "quote" and \\'), Literal("Łódź \U0001f332", language="pl"),
             Literal("", language="en-GB")]
    numbers = [typed("1.50", "decimal"), typed("+007", "integer"), typed("2020-01-01Z", "date"), typed("maybe", "boolean")]
    return [
        Block(things[3], [(TYPE, things[0]), (LABEL, texts[0])]),
        Block(graph, [(LABEL, texts[1])]),
        *(Block(thing, [(NOTE, value) for value in (*texts, *numbers, thing)]) for thing in things),
        Block(things[0], [(LABEL, texts[1]), (NOTE, numbers[0]), (NOTE, typed("1.5", "decimal"))]),
        Block(things[3], [(TYPE, things[0]), (LABEL, texts[0])]),
        Block(graph, [(TYPE, DATASET)]),
    ]


def canonical(blocks: list[Block], project: Project) -> bytes:
    triples = {Triple(block.subject, *statement) for block in blocks for statement in block.statements}
    return Writer(project.base, project.prefixes).text(normalised(triples)).encode()


def written(path: Path, blocks: list[Block], project: Project) -> bytes:
    writing.write(path, iter(blocks), Writer(project.base, project.prefixes))
    return path.read_bytes()


@pytest.mark.parametrize("run", [1, 300, 16_000_000])
def test_the_text_is_the_canonical_one_whatever_the_order(repository: Project, tmp_path: Path, monkeypatch, run: int):
    monkeypatch.setattr(writing, "RUN", run)
    blocks = awkward(repository.base)
    expected = canonical(blocks, repository)
    for seed in range(5):
        random.Random(seed).shuffle(blocks)
        assert written(tmp_path / "thing.ttl", blocks, repository) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["thing.ttl"]


def test_fmt_has_nothing_to_change(draft: Project):
    path = draft.root / "data/written.ttl"
    written(path, awkward(draft.base), draft)
    source = next(source for source in draft.sources if source.path == path)
    assert fmt(draft, [source], check=True) == []


def test_a_graph_of_the_project_is_written_as_it_stands(repository: Project, tmp_path: Path):
    source = next(source for source in repository.sources if source.name == "data/sources/isic.ttl")
    blocks = [Block(t.subject, [(t.predicate, t.object)]) for t in read_one(source, repository.base).triples]
    random.Random(0).shuffle(blocks)
    assert written(tmp_path / "isic.ttl", blocks, repository) == source.path.read_bytes()


def test_nothing_is_left_where_a_block_fails(repository: Project, tmp_path: Path):
    def broken() -> Iterator[Block]:
        yield from awkward(repository.base)
        raise fault("table.csv", "is no table")
    (tmp_path / "thing.ttl").write_text("as before")
    with pytest.raises(Exception, match="is no table"):
        writing.write(tmp_path / "thing.ttl", broken(), Writer(repository.base, repository.prefixes))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"thing.ttl": "as before"}

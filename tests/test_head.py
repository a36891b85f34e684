"""The head of a Turtle dump: what it says, and that nothing in it can end a comment."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from triplehelix.build.head import head, of_graph
from triplehelix.build.record import record
from triplehelix.releases import read_manifest

BASE, VERSION = "http://127.0.0.1:8000/", "2026-11-23-0123456789ab"
DCTERMS = "http://purl.org/dc/terms/"
BREAKS = ("\n", "\r", "\r\n", "\x00", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029")


def said(title: str, **more: object) -> object:
    """What a record says: a title, and by the last part of its predicate whatever else."""
    known = {(BASE + "dataset", DCTERMS + "title"): [Literal(title)]} | {
        (BASE + "dataset", DCTERMS + name): values for name, values in more.items()}
    return record(BASE, VERSION, lambda subject, predicate: known.get((subject, predicate), []))


@pytest.mark.parametrize("line_break", BREAKS)
def test_no_title_ends_a_comment(line_break: str):
    title = f"Harbours{line_break}<urn:s> <urn:p> <urn:o> .{line_break}# {line_break}"
    text = head(said(title), of_graph(f"{BASE}graph/lights")).decode()
    assert all(line.startswith("#") for line in text.split("\n")[:-2]) and text.endswith("\n\n")
    assert text.splitlines()[0] == "# Harbours <urn:s> <urn:p> <urn:o> . #"
    for syntax in (RdfFormat.TURTLE, RdfFormat.TRIG):
        assert list(parse(text.encode(), format=syntax)) == []


def test_it_says_what_of_which_release_on_what_terms_and_how_to_cite():
    creator = NamedNode("http://example.org/office")
    told = said("Harbours", license=[NamedNode("http://example.org/licence")], creator=[creator])
    assert head(told, "Some lights.").decode() == (
        "# Harbours\n# Some lights.\n#\n"
        f"# Release: {VERSION}\n# Address: {BASE}release/{VERSION}/\n# Licence: http://example.org/licence\n"
        f"# Cite as: http://example.org/office (2026). Harbours (version {VERSION}) [Dataset]. {BASE}release/{VERSION}/\n\n")


def test_titles_are_taken_in_english_then_without_language():
    values = [Literal("Phares", language="fr"), Literal("Lights"), Literal("The lights", language="en")]
    for kept, title in ((values, "The lights"), (values[:2], "Lights"), (values[:1], "Phares"), ([], BASE)):
        assert record(BASE, VERSION, lambda _, predicate, kept=kept: kept if predicate.endswith("title") else []).title == title


def test_each_turtle_file_of_a_release_begins_with_it(mini_release: Path):
    manifest = read_manifest(mini_release)
    paths = [path for path in sorted((mini_release / "dumps").rglob("*")) if path.suffix in (".ttl", ".trig")]
    assert len(paths) == len(manifest.graphs) + 2
    for path in paths:
        lines = path.read_text(encoding="utf-8").splitlines()
        end = lines.index("")
        assert lines[0] == "# Harbours and their lights" and f"# Release: {manifest.version}" in lines[:end]
        assert all(line.startswith("#") for line in lines[:end]) and lines[end + 1].startswith("@prefix ")
    told = (mini_release / "dumps/graph/lights.ttl").read_text().splitlines()[1]
    assert told == f"# The named graph {manifest.base}graph/lights"

"""Where a statement stands in a Turtle file."""

import pytest
from pyoxigraph import NamedNode

from triplehelix.positions import RDF_TYPE, Positions, first_comment, tokens
from triplehelix.project import Project
from triplehelix.sources import read

TEXT = r'''@base <https://example.org/> .
PREFIX x: <ns#>
@prefix : <https://example.org/d/> .
BASE <https://example.org/>
# a comment . with ; marks and <iris>
<a> a x:Class ;
  x:long """one
two ; . <zz> # no comment
three""" ;
  x:bracket [ x:inner 1 ;
        x:deep 2 ] , ( 1 2 ) ;
  x:s\,t 0.5 ;   # a tail
  :plain "it's" .
:d.e x:glued 1. x:f x:glued <b>.
_:b x:blank 'y' ; x:other "z"@en .
<https://example.org/last>
   x:p
     "v"^^x:type ,
     <only-here> .
'''
NS = "https://example.org/ns#"


@pytest.fixture(scope="module")
def positions() -> Positions:
    return Positions(TEXT, "https://elsewhere.example/")


@pytest.mark.parametrize(("subject", "predicate", "line"), [
    ("https://example.org/a", None, 6),
    ("https://example.org/a", RDF_TYPE, 6),
    ("https://example.org/a", NS + "long", 7),
    ("https://example.org/a", NS + "bracket", 10),
    ("https://example.org/a", NS + "s,t", 12),
    ("https://example.org/a", "https://example.org/d/plain", 13),
    ("https://example.org/d/d.e", NS + "glued", 14),
    (NS + "f", None, 14),
    ("_:b", NS + "other", 15),
    ("https://example.org/last", None, 16),
    ("https://example.org/last", NS + "p", 17),
])
def test_a_statement_has_the_line_of_its_predicate(positions: Positions, subject: str, predicate: str | None, line: int):
    assert positions.line(subject, predicate) == line


def test_a_predicate_within_brackets_is_not_one_of_the_subject(positions: Positions):
    assert positions.line("https://example.org/a", NS + "inner") == positions.line("https://example.org/a")


def test_what_is_only_mentioned_has_the_line_of_the_mention(positions: Positions):
    assert positions.line("https://example.org/only-here") == 19


def test_what_is_nowhere_has_no_line(positions: Positions):
    assert positions.line("https://example.org/zz") == 0


@pytest.mark.parametrize(("text", "comment"), [
    ("<a> <b> <c> . # said", "# said"), ("# first\n<a> <b> <c> .", "# first"), ("<a#b> <b> 'a # b' .", None),
    ("<a> <b> true#glued\n.", "#glued"), ("@prefix x: <y#> . x:a x:b x:c#glued\n.", "#glued"),
    (r"@prefix x: <y#> . x:a x:b x:c\#d .", None), ('<a> <b> """\n# inside\n""" .', None),
    ('<a> <b> "x"@en#glued\n.', "#glued"), ("<a> <b> [] .#end", "#end"),
])
def test_a_comment_is_told_from_a_hash_within_a_term(text: str, comment: str | None):
    found = first_comment(text)
    assert (found and found.text) == comment


@pytest.mark.parametrize("text", ["'''a'b''c'''", '"""a"b""c"""', r'"a\"b"', r'"""a\"""b"""', '""', "''"])
def test_a_string_of_any_quotes_is_one_token(text: str):
    assert [(t.kind, t.text) for t in tokens(f"{text} .")] == [("string", text), ("mark", ".")]


def test_every_named_subject_of_the_real_project_has_its_line(repository: Project):
    for graph in read(repository):
        lines = graph.text.decode().splitlines()
        positions = Positions(graph.text.decode(), repository.base)
        for triple in graph.triples:
            if isinstance(triple.subject, NamedNode):
                line = positions.line(triple.subject.value, triple.predicate.value)
                assert line and lines[line - 1].strip(), (graph.source.name, triple)

"""The format table, negotiation over it, and the gate that parses RDF."""

import time

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, Store, parse_query_results, serialize

from triplehelix import jsonld
from triplehelix.formats import (
    DATASET,
    FORMATS,
    GRAPH,
    PAGE,
    RESULTS,
    Format,
    SyntaxFault,
    by_name,
    by_suffix,
    media_ranges,
    negotiate,
    parse,
    serialise,
)
from triplehelix.project import Project
from triplehelix.sources import read

BASE = "https://example.org/"
TURTLE = by_name("ttl")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
PROTEGE = "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09"
RDFLIB = "text/plain, */*;q=0.1"


def chosen(accept: str | None, offered: tuple[Format, ...] = GRAPH + PAGE, html_by_wildcard: bool = False) -> str | None:
    found = negotiate(accept, offered, html_by_wildcard)
    return found and found.name


@pytest.fixture(scope="module")
def quads(mini: Project) -> list[Quad]:
    return [quad for graph in read(mini) for quad in graph.quads if graph.source.part == "dataset"]


@pytest.mark.parametrize("field", ["name", "media_type"])
def test_no_two_rows_share_a_name(field: str):
    values = [getattr(f, field) for f in FORMATS]
    assert len(values) == len(set(values))


def test_no_two_rows_share_a_suffix():
    assert len({f.suffix for f in FORMATS}) == len(FORMATS)


def test_every_syntax_has_its_iri_in_the_w3c_registry():
    assert all(f.sd.startswith("http://www.w3.org/ns/formats/") for f in FORMATS if f.engine)


def test_only_text_types_state_their_charset():
    stated = {f.name for f in FORMATS if f.content_type.endswith("; charset=utf-8")}
    assert stated == {"ttl", "csv", "tsv", "html", "citation"}


@pytest.mark.parametrize("fmt", GRAPH, ids=lambda f: f.name)
def test_triples_come_back_from_every_graph_syntax(fmt: Format, quads: list[Quad]):
    triples = {q.triple for q in quads}
    again = parse(serialize(triples, format=fmt.engine), fmt, BASE).quads
    assert {q.triple for q in again} == triples


@pytest.mark.parametrize("fmt", DATASET, ids=lambda f: f.name)
def test_quads_come_back_from_every_dataset_syntax(fmt: Format, quads: list[Quad]):
    assert set(parse(serialize(quads, format=fmt.engine), fmt, BASE).quads) == set(quads)


@pytest.mark.parametrize("fmt", [f for f in RESULTS if f.name != "csv"], ids=lambda f: f.name)
def test_rows_come_back_from_every_result_syntax(fmt: Format, mini: Project, quads: list[Quad]):
    written = answer(mini, quads).serialize(format=fmt.engine)
    expected = [list(row) for row in answer(mini, quads)]
    assert [list(row) for row in parse_query_results(written, format=fmt.engine)] == expected


def test_csv_rows_are_plain_values(mini: Project, quads: list[Quad]):
    written = answer(mini, quads).serialize(format=by_name("csv").engine).decode()
    assert written.splitlines()[:2] == ["lighthouse,height", "https://example.org/mini/id/lighthouse/cape,41.5"]


def answer(mini: Project, quads: list[Quad]):
    store = Store()
    store.extend(Quad(*q.triple) for q in quads)
    return store.query((mini.root / "queries/lights-of-a-harbour.rq").read_text())


@pytest.mark.parametrize("name", ["ttl", "text/turtle"])
def test_a_format_is_found_by_name_and_by_media_type(name: str):
    assert by_name(name) is TURTLE


def test_a_format_that_is_not_offered_is_not_found():
    assert by_name("ttl", RESULTS) is None


@pytest.mark.parametrize(("path", "stem", "name"), [
    ("doc/work/buzz.ttl", "doc/work/buzz", "ttl"),
    ("scheme/nace2/62.10", "scheme/nace2/62.10", None),
    ("scheme/nace2/62.10.jsonld", "scheme/nace2/62.10", "jsonld"),
    ("doc/a.exe", "doc/a.exe", None),
    (".ttl", ".ttl", None),
    ("plain", "plain", None),
    ("id/work/x.csl.json", "id/work/x", "csl"),
    ("x.csl", "x.csl", None),
    (".csl.json", ".csl.json", None),
])
def test_only_the_suffixes_of_the_table_are_suffixes(path: str, stem: str, name: str | None):
    found, fmt = by_suffix(path)
    assert (found, fmt and fmt.name) == (stem, name)


@pytest.mark.parametrize(("accept", "name"), [
    (None, "ttl"), ("", "ttl"), ("  ", "ttl"), ("*/*", "ttl"), ("*", "ttl"),
    ("text/turtle", "ttl"), ("TEXT/Turtle", "ttl"), ("application/x-turtle", "ttl"),
    ("application/rdf+xml", "rdf"), ("application/n-triples", "nt"), ("application/ld+json", "jsonld"),
    ("application/json", "jsonld"), ("application/xml", "rdf"), ("text/plain", "nt"),
    ("text/html", "html"), ("application/xhtml+xml", "html"),
    (BROWSER, "html"), (PROTEGE, "rdf"), (RDFLIB, "nt"),
    ("application/rdf+xml,text/rdf+n3;q=0.9,application/xhtml+xml;q=0.5, */*;q=0.1", "rdf"),
    ("text/turtle;q=0.5,application/n-triples;q=0.6", "nt"),
    ("text/turtle;q=0.5, application/n-triples;q=0.5", "ttl"),
    ("text/turtle;charset=utf-8;q=0.4, application/n-triples;q=0.3", "ttl"),
    ("application/ld+json;profile=\"http://www.w3.org/ns/json-ld#compacted\"", "jsonld"),
    ("*/*;q=0.1, application/n-triples", "nt"), ("text/*", "ttl"), ("text/html;q=0.5, text/turtle", "ttl"),
    ("image/png", None), ("application/trig", None), ("text/turtle;q=0", None), ("*/*;q=0", None),
])
def test_a_document_in_the_syntax_the_client_likes_best(accept: str | None, name: str | None):
    assert chosen(accept) == name


@pytest.mark.parametrize(("accept", "name"), [
    (None, "json"), ("*/*", "json"), ("application/json", "json"), ("application/sparql-results+json", "json"),
    ("application/sparql-results+xml", "xml"), ("text/xml", "xml"), ("text/csv", "csv"),
    ("text/tab-separated-values", "tsv"), ("text/turtle", None), (BROWSER, "xml"),
])
def test_rows_in_the_syntax_the_client_likes_best(accept: str | None, name: str | None):
    assert chosen(accept, RESULTS) == name


@pytest.mark.parametrize("accept", ["*/*", "text/*", None])
def test_a_wildcard_never_means_html_unless_the_page_says_so(accept: str | None):
    assert chosen(accept, PAGE) is None
    assert chosen(accept, PAGE, html_by_wildcard=True) == "html"


def test_the_order_of_the_offer_decides_among_equals():
    assert chosen("*/*", tuple(reversed(GRAPH))) == "jsonld"


@pytest.mark.parametrize("accept", ["text/turtle;q=0, */*", "*/*, text/turtle;q=0", "text/turtle;q=0.0, text/*"])
def test_an_excluded_type_is_never_given(accept: str):
    assert chosen(accept, (TURTLE,)) is None


def test_the_closest_range_decides_the_quality():
    assert chosen("text/turtle;q=0.2, */*;q=0.5", (TURTLE, by_name("rdf"))) == "rdf"


@pytest.mark.parametrize("member", ["", ";", ";q=1", "turtle", "/", "text/", "/turtle", " "])
def test_unreadable_members_are_passed_over(member: str):
    assert chosen(f"{member},application/n-triples") == "nt"


@pytest.mark.parametrize("quality", ["nan", "-1", "x", ""])
def test_an_unreadable_quality_accepts_nothing(quality: str):
    assert chosen(f"text/turtle;q={quality}") is None


@pytest.mark.parametrize("quality", ["2", "inf", "1.000"])
def test_a_quality_is_at_most_one(quality: str):
    assert [r.quality for r in media_ranges(f"text/turtle;q={quality}")] == [1.0]


@pytest.mark.parametrize("accept", ["text/turtle," * 8000, "," * 100_000, "a/b;" * 25_000, "x" * 100_000, "*/*;q=0.1," * 9000])
def test_a_huge_header_is_read_at_once(accept: str):
    start = time.process_time()
    chosen(accept)
    assert time.process_time() - start < 1


def test_a_parsed_document_keeps_its_prefixes_and_base():
    parsed = parse(b"@base <https://example.org/x/> . @prefix e: <e#> . <a> e:b <c> .", TURTLE, BASE)
    assert parsed.base == "https://example.org/x/"
    assert parsed.prefixes == {"e": "https://example.org/x/e#"}
    assert str(parsed.quads[0].subject) == "<https://example.org/x/a>"


@pytest.mark.parametrize(("text", "line", "column", "words"), [
    ("<a> <b> <c>\n<d> .", 2, 1, "dot"),
    ("<a> <b> <c> .\n<a> <b> x:c .", 2, 9, "prefix x:"),
    ("<a> <b> \"one\ntwo\" .", 1, 13, "Line jumps"),
    ("<a> <b>\n  <c d> .", 2, 3, "IRI"),
])
def test_a_breach_of_syntax_has_line_and_column(text: str, line: int, column: int, words: str):
    with pytest.raises(SyntaxFault) as caught:
        parse(text.encode(), TURTLE, BASE)
    assert (caught.value.line, words in caught.value.message) == (line, True)
    assert abs(caught.value.column - column) <= 2


def test_a_message_does_not_repeat_the_place():
    with pytest.raises(SyntaxFault) as caught:
        parse(b"<a> <b> x:c .", TURTLE, BASE)
    assert "line" not in caught.value.message


def test_a_byte_that_is_not_utf8_has_line_and_column():
    with pytest.raises(SyntaxFault) as caught:
        parse(b"<a> <b> <c> .\n<a> <b> \"\xff\" .", TURTLE, BASE)
    assert (caught.value.line, caught.value.column) == (2, 10)
    assert "UTF-8" in caught.value.message and "0xff" in caught.value.message


@pytest.mark.parametrize("fmt", [f for f in FORMATS if isinstance(f.engine, RdfFormat)], ids=lambda f: f.name)
def test_every_syntax_refuses_what_it_is_not(fmt: Format):
    with pytest.raises(SyntaxFault):
        parse(b"<<< this is nothing >>>", fmt, BASE)


# --- JSON-LD, compact

PREFIXES = {"e": BASE + "ns#", "doi": "https://doi.org/", "org": "http://www.w3.org/ns/org#", "bare": "https://example.org/x",
            "xsd": "http://www.w3.org/2001/XMLSchema#", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}
SAYINGS = [
    "<a> a e:Cluster, e:org, org:Organization, [], <urn:x:y> .",
    "<a> a 'no IRI' .",
    "<a> e:p 'a', 'a'@en, 'a'@en-gb, '', '@id', '_:b', 'https://example.org/', 'x\\u0000\\u2028y', '</script>' .",
    "<a> e:p 1, 01, +1, -1, -0, 0, 9007199254740993, 999999999999999, 1.0, 1e0, true, false .",
    "<a> e:p '1'^^xsd:boolean, '2020'^^xsd:gYear, '{}'^^rdf:JSON, '<b/>'^^rdf:HTML, 'x'^^<doi:y>, 'x'^^e:own .",
    "<a> e:p <doi:10.1/x>, <org:y>, <mailto:a@example.org>, <https://doi.org//x>, <//example.net/b>, <c#d>, <urn:\u00e9> .",
    "<a> <doi:p> 1 ; <https://doi.org/10> 2 ; <https://doi.org///x> 3 ; e:a\\/b 4 ; e: 5 ; <ns#@type> 6 ; e:org 7 ; e:7 8 .",
    "<a> e:p (1 2 ('x')), [ e:q [ e:r 's' ] ] . <b> e:p <a> . <a> e:p <b> .",
]


def canonical(quads: list[Quad]) -> Dataset:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


@pytest.mark.parametrize("vocabulary", ["", BASE + "ns#"], ids=["plain", "own"])
@pytest.mark.parametrize("graph", [None, BASE + "g", "urn:g"], ids=["default", "named", "urn"])
@pytest.mark.parametrize("text", SAYINGS)
def test_compact_json_ld_loses_nothing(text: str, graph: str | None, vocabulary: str):
    head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    said = [Quad(*q.triple, NamedNode(graph)) if graph else q for q in parse((head + text).encode(), TURTLE, BASE).quads]
    written = jsonld.write(said, PREFIXES, vocabulary)
    assert canonical(parse(written, by_name("jsonld"), "urn:nowhere").quads) == canonical(said)
    assert written == serialise(said, by_name("jsonld"), PREFIXES, vocabulary)


def test_a_context_has_the_prefixes_it_needs_and_no_other():
    said = parse(b"<a> <http://www.w3.org/ns/org#x> 1 .", TURTLE, BASE).quads
    assert jsonld.write(said, PREFIXES).splitlines()[0] == b'{"@context":{"org":"http://www.w3.org/ns/org#"},'
    assert b"bare" not in jsonld.context(PREFIXES) and jsonld.context(PREFIXES, BASE + "ns#").count(b"@vocab") == 1
    assert jsonld.write([], PREFIXES) == b'{"@context":{},\n"@graph":[\n\n]}\n'

"""What each client gets for the Accept it sends: documents, the site's own pages, and answers of the endpoint.

The headers are those of the clients themselves: sent by the program in the version named, or read in the file named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from conftest import served

TURTLE, NT, XML, JSONLD = "text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"
NQUADS, HTML = "application/n-quads", "text/html"
ROWS_JSON, ROWS_XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV = "text/csv", "text/tab-separated-values"
PROBLEMS = {"application/problem+json", "text/plain", HTML}
NONE = ""

FIREFOX = ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/png,image/svg+xml,*/*;q=0.8")
CHROME = ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
          "application/signed-exchange;v=b3;q=0.7")
RDFLIB = ("application/rdf+xml, text/n3, text/turtle, application/n-triples, application/ld+json, application/n-quads, "
          "application/trix, application/trig")
RDF4J = ("application/rdf+xml;q=0.1, application/xml;q=0.1, application/n-triples;q=0.4, text/plain;q=0.4, text/turtle;q=0.5, "
         "application/x-turtle;q=0.5, text/n3;q=0.5, text/rdf+n3;q=0.5, application/trix, application/trig, application/x-trig, "
         "application/x-binary-rdf, application/n-quads;q=0.9, text/x-nquads;q=0.9, text/nquads;q=0.9, application/ld+json, "
         "application/rdf+json;q=0.9, application/xhtml+xml;q=0.5, application/html;q=0.5, text/html;q=0.5")
COMUNICA = ("application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,text/turtle;q=0.6,"
            "application/rdf+xml;q=0.5,text/n3;q=0.35,application/xml;q=0.3,image/svg+xml;q=0.3,text/xml;q=0.3,text/html;q=0.2,"
            "application/xhtml+xml;q=0.18,application/json;q=0.135,text/shaclc;q=0.1,text/shaclc-ext;q=0.05")
RUBY = ("text/turtle, text/rdf+turtle, application/turtle;q=0.2, application/x-turtle;q=0.2, application/ld+json, "
        "application/x-ld+json, application/n-triples, text/plain;q=0.2, application/n-quads, text/x-nquads;q=0.2, "
        "application/rdf+json, text/html;q=0.5, application/xhtml+xml;q=0.7, image/svg+xml;q=0.4, text/n3, text/rdf+n3;q=0.2, "
        "application/rdf+n3;q=0.2, application/normalized+n-quads, application/x-normalized+n-quads, application/rdf+xml, "
        "text/csv;q=0.4, text/tab-separated-values;q=0.4, application/csvm+json, application/trig, application/x-trig;q=0.2, "
        "application/trix")
EASYRDF = ("application/json,application/ld+json,application/n-triples,text/json;q=0.9,application/rdf+json;q=0.9,"
           "text/plain;q=0.9,text/ntriples;q=0.9,application/ntriples;q=0.9,application/x-ntriples;q=0.9,text/turtle;q=0.8,"
           "application/rdf+xml;q=0.8,application/turtle;q=0.7,application/x-turtle;q=0.7,text/html;q=0.4,text/xml;q=0.5,"
           "application/xml;q=0.5,application/xhtml+xml;q=0.4")
RDFLIB_JS = ("image/*;q=0.9, */*;q=0.1, application/rdf+xml;q=0.9, application/xhtml+xml;q=0.8, text/xml;q=0.5, "
             "application/xml;q=0.5, text/html;q=0.8, application/ld+json;q=0.9, text/plain;q=0.5, text/n3, text/turtle")
SQUIN = ("application/rdf+xml;q=1,text/xml;q=0.6,text/rdf+n3;q=0.9,application/octet-stream;q=0.5,application/xml q=0.5,"
         "application/rss+xml;q=0.5,text/plain; q=0.5,application/x-turtle;q=0.5,application/x-trig;q=0.5,"
         "application/xhtml+xml;q=0.5, text/html;q=0.5")
ANANSI = ("application/rdf+xml;q=1.0, text/rdf;q=0.6, application/n-triples;q=1.0, text/plain;q=0.1, text/turtle;q=1.0, "
          "application/x-turtle;q=1.0, application/turtle;q=1.0, text/n3;q=0.3, text/rdf+n3;q=0.3, application/rdf+n3;q=0.3, "
          "application/x-trig;q=1.0, text/x-nquads;q=1.0, */*;q=0.1")
OWL_API_5 = ("application/ld+json; q=1.0, application/x-trig; q=1.0, application/owl+xml; q=1.0, application/rdf+xml; q=1.0, "
             "application/x-binary-rdf; q=1.0, text/owl-manchester; q=1.0, text/turtle; q=1.0, application/trix; q=1.0, "
             "application/xhtml+xml; q=1.0, text/owl-functional; q=1.0, application/rdf+json; q=1.0, text/n3; q=1.0, "
             "text/plain; q=1.0, text/x-nquads; q=1.0, application/xml; q=0.5, application/x-turtle; q=0.5, "
             "application/html; q=0.5, text/xml; q=0.5, text/rdf+n3; q=0.5, text/html; q=0.3, */*; q=0.09")
PAGED = ("application/ld+json, application/trig;q=0.98, text/turtle;q=0.95, application/n-quads;q=0.9, "
         "application/n-triples;q=0.9, application/rdf+xml;q=0.5, text/html;q=0.3, */*;q=0.1")
JSONLD_JAVA = ("application/ld+json, application/json;q=0.9, application/javascript;q=0.5, text/javascript;q=0.5, "
               "text/plain;q=0.2, */*;q=0.1")
ACTIVITY = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams", text/html;q=0.1'
PROFILED = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted", application/json;q=.5'

# (client and where its header stands, Accept, what a document is given in, what the home page is given in).
# "" is 406. Named graphs are for those who take nothing else: Comunica likes N-Quads best, and then asks the default graph
# of what it has read, in which a document that puts its statements into named graphs says nothing.
READERS = [
    # Browsers and their kin
    ("Firefox 131", FIREFOX, HTML, HTML),
    ("Chrome 120", CHROME, HTML, HTML),
    ("Safari 17", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML, HTML),
    ("Chrome, an image", "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", TURTLE, HTML),
    ("Firefox, a style sheet", "text/css,*/*;q=0.1", TURTLE, HTML),
    ("Googlebot", "text/html,application/xhtml+xml,application/signed-exchange;v=b3,application/xml;q=0.9,*/*;q=0.8", HTML, HTML),
    ("a prefetch", "text/html", HTML, HTML),
    ("XHTML alone", "application/xhtml+xml", HTML, HTML),
    ("Java 17, HttpURLConnection", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", HTML, HTML),
    # Programs that take anything
    ("curl 7.88, Wget 1.21, requests 2.34, LinkChecker 10.6, ultimate-sitemap-parser 1.8", "*/*", TURTLE, HTML),
    ("OpenRefine: main/src/com/google/refine/commands/HttpHeadersSupport.java", "*/*", TURTLE, HTML),
    ("urllib, and so pandas, Owlready2 0.51 and signposting 0.9.9", None, TURTLE, HTML),
    ("an empty header", "", TURTLE, HTML),
    ("a lone asterisk", "*", TURTLE, HTML),
    ("Old scripts", "text/*", TURTLE, HTML),
    # Python
    ("rdflib 7.6, no format", RDFLIB, TURTLE, TURTLE),
    ("rdflib 7.6, turtle", "text/turtle, application/x-turtle, */*;q=0.1", TURTLE, TURTLE),
    ("rdflib 7.6, xml", "application/rdf+xml, */*;q=0.1", XML, XML),
    ("rdflib 7.6, json-ld", "application/ld+json, application/json;q=0.9, */*;q=0.1", JSONLD, JSONLD),
    ("rdflib 7.6, nt", "text/plain, */*;q=0.1", NT, NT),
    ("rdflib 7.6, n3", "text/n3, */*;q=0.1", TURTLE, HTML),
    ("rdflib 7.6, trig", "application/trig, */*;q=0.1", TURTLE, HTML),
    ("PyLD: lib/pyld/jsonld.py; jsonld.js 8: lib/util.js", "application/ld+json, application/json", JSONLD, JSONLD),
    ("F-UJI: fuji_server/helper/request_helper.py, rdf",
     "text/turtle, application/turtle, application/x-turtle;q=0.8, application/rdf+xml, text/n3;q=0.9, text/rdf+n3;q=0.9,"
     "application/ld+json", TURTLE, TURTLE),
    ("F-UJI, turtle", "text/ttl, text/turtle, application/turtle, application/x-turtle;q=0.6, text/n3;q=0.3, text/rdf+n3;q=0.3, "
     "application/rdf+n3;q=0.3", TURTLE, TURTLE),
    ("F-UJI, rdfxml", "application/rdf+xml, text/rdf;q=0.5, application/xml;q=0.1, text/xml;q=0.1", XML, XML),
    ("F-UJI, ntriples", "text/plain,application/n-triples", NT, NT),
    ("F-UJI, nt", "text/n3, application/n-triples", NT, NT),
    ("F-UJI, json", "application/json, text/json;q=0.5", JSONLD, JSONLD),
    ("F-UJI, rdfjson", "application/rdf+json", NONE, NONE),
    ("F-UJI, atom", "application/atom+xml", NONE, NONE),
    # Java and Scala
    ("Apache Jena: riot/WebContent.java, a graph",
     "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3", TURTLE, TURTLE),
    ("Apache Jena, a dataset", "application/trig,application/n-quads;q=0.9,application/ld+json;q=0.8,*/*;q=0.3",
     JSONLD, JSONLD),
    ("Apache Jena, either",
     "text/turtle,application/n-triples;q=0.9,application/rdf+xml;q=0.7,application/trig,application/n-quads;q=0.9,"
     "application/ld+json;q=0.8,*/*;q=0.5", TURTLE, TURTLE),
    ("Eclipse RDF4J: rio/RDFFormat.java, getAcceptParams for a repository", RDF4J, JSONLD, JSONLD),
    ("OWL API 3, in HermiT", "application/rdf+xml, application/xml; q=0.5, text/xml; q=0.3, */*; q=0.2", XML, XML),
    ("OWL API 4: io/DocumentSources.java, and so Protege 5 and WebProtege",
     "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09", XML, XML),
    ("OWL API 5, the formats it has installed: protegeproject/protege issue 849", OWL_API_5, TURTLE, TURTLE),
    ("Mobi: ImportsResolverImpl.java",
     "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6,text/turtle; q=0.5, application/ld+json; q=0.4, "
     "application/trig; q=0.3, application/n-triples; q=0.2, application/n-quads; q=0.19, text/n3; q=0.18, text/plain; q=0.1, "
     "*/*; q=0.09", XML, XML),
    ("Apache Marmotta, LDClient", "application/rdf+xml, text/rdf+n3;q=0.8, text/turtle;q=0.6", XML, XML),
    ("LDSpider: CrawlerConstants.java", "application/rdf+xml, application/xml", XML, XML),
    ("SQUIN, one member without its semicolon", SQUIN, XML, XML),
    ("Silk: RemoteSparqlEndpoint.scala", "application/n-triples", NT, NT),
    ("DBpedia: RDF_ACCEPT_HEADER", "text/n3, text/rdf+n3, application/rdf+xml;q=0.9, text/turtle;q=0.8", XML, XML),
    ("jsonld-java: core/DocumentLoader.java, and so Karma", JSONLD_JAVA, JSONLD, JSONLD),
    ("a test bed for paged linked data", PAGED, JSONLD, JSONLD),
    # JavaScript
    ("Comunica 4.5, rdf-dereference 4, link traversal 0.5", COMUNICA, JSONLD, JSONLD),
    ("Comunica 1, LDflex", "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
     "*/*;q=0.1", JSONLD, JSONLD),
    ("ldfetch 1.2", "application/trig;q=1.0,application/n-quads,application/ld+json;q=0.9,application/rdf+xml;q=0.8,text/turtle,"
     "application/n-triples", TURTLE, TURTLE),
    ("rdflib.js: src/fetcher.ts", RDFLIB_JS, TURTLE, TURTLE),
    ("Solid clients", "text/turtle, application/ld+json", TURTLE, TURTLE),
    ("Mastodon: app/helpers/jsonld_helper.rb", "application/activity+json, application/ld+json", JSONLD, JSONLD),
    ("ActivityPub servers", ACTIVITY, JSONLD, JSONLD),
    # C, Prolog, PHP, Ruby, C#
    ("raptor 2, rapper guessing", "application/rdf+xml, text/rdf;q=0.6, */*;q=0.1", XML, XML),
    ("raptor 2, rapper -i turtle", "text/turtle, application/x-turtle, application/turtle, text/n3;q=0.3, text/rdf+n3;q=0.3, "
     "application/rdf+n3;q=0.3, */*;q=0.1", TURTLE, TURTLE),
    ("Anansi with librdf: processor rdf", ANANSI, TURTLE, TURTLE),
    ("SWI-Prolog: semweb/rdf_http_plugin.pl",
     "application/rdf+xml, text/rdf+xml; q=0.9, text/turtle, application/x-turtle; q=0.8, */*; q=0.1", TURTLE, TURTLE),
    ("EasyRdf 1: lib/Format.php", EASYRDF, NT, NT),
    ("ARC2: tests of getPreferredFormat", "application/rdf+xml,text/html;q=0.9,*/*;q=0.8", XML, XML),
    ("RDF.rb 3.2 with linkeddata", RUBY, TURTLE, TURTLE),
    # Those who want something else, and may have it
    ("Crossref's guide to DOIs", "application/vnd.citationstyles.csl+json, application/rdf+xml", XML, XML),
    ("citation managers", "application/vnd.citationstyles.csl+json, application/json;q=0.9", JSONLD, JSONLD),
    ("Zotero: DOI Content Negotiation.js", "application/vnd.datacite.datacite+json, application/vnd.crossref.unixref+xml, "
     "application/vnd.citationstyles.csl+json", NONE, NONE),
    ("feed readers", "application/rss+xml, application/atom+xml, application/rdf+xml;q=0.9, application/xml;q=0.8, "
     "text/xml;q=0.8, */*;q=0.1", XML, XML),
    # Section 12.5.1 of RFC 9110, by the letter
    ("named graphs alone", "application/n-quads", NQUADS, NONE),
    ("a profile of JSON-LD", PROFILED, JSONLD, JSONLD),
    ("a charset", "text/turtle;charset=utf-8", TURTLE, TURTLE),
    ("a version", "text/turtle;version=1.2", TURTLE, TURTLE),
    ("anything but HTML", "text/html;q=0, */*", TURTLE, TURTLE),
    ("less HTML than Turtle", "text/html;q=0.1, text/turtle;q=0.9", TURTLE, TURTLE),
    ("HTML and then Turtle alike", "text/html, text/turtle", HTML, HTML),
    ("Turtle and then HTML alike: a browser of graphs, RDF_ACCEPT",
     "text/turtle,application/n-triples,application/n-quads,application/rdf+xml,application/ld+json,text/html", TURTLE, HTML),
    ("capitals", "Text/Turtle; Q=1", TURTLE, TURTLE),
    ("an image", "image/png", NONE, NONE),
    ("what nobody has", "application/x-nonsense", NONE, NONE),
    ("Turtle never", "text/turtle;q=0", NONE, NONE),
    ("no header at all", ";;q=,", NONE, NONE),
]

# (client, Accept, rows are given in, triples are given in).
ASKERS = [
    ("SPARQLWrapper 2, JSON", "application/sparql-results+json,application/json,text/javascript,application/javascript",
     ROWS_JSON, JSONLD),
    ("Comunica 4.5, rows", "application/sparql-results+json;q=1.0,application/sparql-results+xml;q=0.7", ROWS_JSON, NONE),
    ("Comunica 4.5, triples", "text/turtle", NONE, TURTLE),
    ("Apache Jena: riot/WebContent.java, rows",
     "application/sparql-results+json,application/sparql-results+xml;q=0.9,text/tab-separated-values;q=0.7,text/csv;q=0.5,"
     "application/json;q=0.2,application/xml;q=0.2,*/*;q=0.1", ROWS_JSON, XML),
    ("Karma: er/helper/TripleStoreUtil.java", "application/sparql-results+json, */*;q=0.5", ROWS_JSON, TURTLE),
    ("Silk: RemoteSparqlEndpoint.scala, triples", "application/n-triples", NONE, NT),
    ("EasyRdf 1: lib/Sparql/Client.php", "application/sparql-results+json,application/sparql-results+xml;q=0.8", ROWS_JSON, NONE),
    ("pandas and curl", "*/*", ROWS_JSON, TURTLE),
    ("urllib", None, ROWS_JSON, TURTLE),
    ("a spreadsheet", "text/csv", CSV, NONE),
    ("R", "text/tab-separated-values", TSV, NONE),
    ("XML tools", "application/xml", ROWS_XML, XML),
    ("Firefox 131", FIREFOX, HTML, HTML),
    ("Protege", "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09", ROWS_XML, XML),
    ("an image", "image/png", NONE, NONE),
]
DOCUMENTS = ("id/harbour/east", "scheme/region/1.1", "doc/id/harbour/east", "ns", "ns/sea", "scheme/region", "shape/sea",
             "graph/harbours", "query/lights-of-a-harbour", "dataset")
SELECT, CONSTRUCT = "SELECT ?s { ?s a ?c } LIMIT 2", "CONSTRUCT WHERE { ?s a ?c }"
MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")


class Visitor:
    """A client of one server that says exactly what it is told to say, over one connection."""

    def __init__(self, base: str):
        self.base = base
        self._connection = HTTPConnection(urlsplit(base).netloc, timeout=30)
        self._offered: dict[str, list[str]] = {}

    def get(self, address: str, accept: str | None) -> tuple[HTTPResponse, bytes]:
        """The last answer, after at most one redirect, which has the same Accept."""
        answer, body = self._once(address, accept)
        assert "Accept" in answer.headers.get("Vary", ""), address
        return self._once(answer.headers["Location"], accept) if answer.status == 303 else (answer, body)

    def _once(self, address: str, accept: str | None) -> tuple[HTTPResponse, bytes]:
        path = address if "://" not in address else address.removeprefix(self.base)
        self._connection.request("GET", "/" + path, headers={} if accept is None else {"Accept": accept})
        answer = self._connection.getresponse()
        return answer, answer.read()

    def close(self) -> None:
        self._connection.close()

    def offered(self, address: str) -> list[str]:
        """The media types there are, as the 406 tells them."""
        if address not in self._offered:
            answer, body = self.get(address, "application/x-nonsense")
            assert answer.status == 406
            self._offered[address] = MEDIA_TYPE.findall(body.decode())
        return self._offered[address]


@pytest.fixture(scope="module")
def visitor(mini_release: Path) -> Iterator[Visitor]:
    with served(mini_release) as base:
        asking = Visitor(base)
        yield asking
        asking.close()


def given(visitor: Visitor, address: str, accept: str | None) -> str:
    """The media type of the answer, which says what it is; "" where it is 406, which says what there is."""
    answer, body = visitor.get(address, accept)
    kind = answer.headers.get_content_type()
    assert "Accept" in answer.headers["Vary"]
    if answer.status == 406:
        assert kind in PROBLEMS and all(name in body.decode() for name in visitor.offered(address))
        return NONE
    assert answer.status == 200 and body
    assert (kind == HTML) == body.lstrip().lower().startswith(b"<!doctype html")
    return kind


@pytest.mark.parametrize(("accept", "document", "home"), [row[1:] for row in READERS], ids=[row[0] for row in READERS])
def test_a_reader_gets_what_it_likes_best(visitor: Visitor, accept: str | None, document: str, home: str) -> None:
    assert {address: given(visitor, address, accept) for address in DOCUMENTS} == dict.fromkeys(DOCUMENTS, document)
    assert given(visitor, "", accept) == home


@pytest.mark.parametrize(("accept", "rows", "triples"), [row[1:] for row in ASKERS], ids=[row[0] for row in ASKERS])
def test_an_asker_gets_what_it_likes_best(visitor: Visitor, accept: str | None, rows: str, triples: str) -> None:
    assert given(visitor, f"sparql?query={quote(SELECT)}", accept) == rows
    assert given(visitor, f"sparql?query={quote(CONSTRUCT)}", accept) == triples


@pytest.mark.parametrize("accept", [row[1] for row in (*READERS, *ASKERS)])
def test_a_missing_thing_is_missing_for_everybody(visitor: Visitor, accept: str | None) -> None:
    answer, body = visitor.get("id/harbour/none", accept)
    kind = answer.headers.get_content_type()
    assert answer.status == 404 and kind in PROBLEMS and b"id/harbour/none" in body
    assert kind != HTML or "html" in (accept or "")


def test_suffix_and_parameter_beat_what_is_accepted(visitor: Visitor) -> None:
    for suffix, kind in (("ttl", TURTLE), ("nt", NT), ("rdf", XML), ("jsonld", JSONLD), ("html", HTML)):
        for accept in (FIREFOX, "image/png", None, RDFLIB):
            assert given(visitor, f"doc/id/harbour/east.{suffix}", accept) == kind
            assert given(visitor, f"id/harbour/east?format={suffix}", accept) == kind

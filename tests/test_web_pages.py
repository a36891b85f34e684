"""Home, lists, queries, downloads, catalogue, releases."""

from __future__ import annotations

import re

import pytest

from triplehelix.web.server import fronted
from web_release import BASE, VERSION, releases_fixture, room_fixture, small_fixture  # noqa: F401

PAGES = ["/", "/query/", "/dumps/", "/sparql?format=html", f"/release/{VERSION}/?format=html", "/list?class=http://xmlns.com/foaf/0.1/Person",
         "/doc/id/person/anna.html", "/ns.html", "/shape/core.html", "/dataset.html", "/query/names.html", "/graph/people.html"]
# JSON-LD inside a page is data, which no browser runs.
DATA_BLOCK = '<script type="application/ld+json">'
# What makes a page easier, from this site itself.
OWN_SCRIPT = r'<script src="/static/[\w./-]+" (?:defer|type="module")></script>'


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_html_that_needs_nothing_from_elsewhere(small, path):
    response = small.get(path)
    assert (response.status_code, response.mimetype) == (200, "text/html")
    scripts = re.sub(OWN_SCRIPT, "", response.text.replace(DATA_BLOCK, ""))
    assert "<script" not in scripts and " style=" not in response.text and not re.search(r"<[^>]* on\w+=", response.text)
    assert 'src="http' not in response.text and 'rel="stylesheet" href="/static/site.css"' in response.text
    assert response.text.count("<h1") == 1 and '<html lang="en">' in response.text


def test_home_says_what_this_is(small):
    page = small.get("/").text
    assert "A tiny dataset." in page and "Tiny" in page and "253" in page and VERSION in page


@pytest.mark.parametrize("path", ["/", "/dumps/", "/query/"])
def test_site_pages_are_rdf_only_where_it_is_named(small, path):
    assert small.get(path, headers={"Accept": "*/*"}).mimetype == "text/html"
    assert small.get(path, headers={"Accept": "text/turtle"}).mimetype == "text/turtle"


@pytest.mark.parametrize("path", ["/.well-known/void", "/catalogue", f"/release/{VERSION}/", "/report"])
def test_the_release_describes_itself(small, path):
    assert small.get(path).mimetype == "text/turtle"
    assert small.get(path, headers={"Accept": "application/ld+json"}).mimetype == "application/ld+json"


def test_another_release_is_not_here(small):
    assert small.get("/release/2020-01-01-000000000000/").status_code == 404


def test_lists_come_in_pages(small):
    address = "/list?class=http%3A%2F%2Fxmlns.com%2Ffoaf%2F0.1%2FPerson"
    assert "253 in the dataset" in small.get(address).text
    assert "Page 3 of 3" in small.get(address + "&page=3").text
    assert small.get(address + "&page=4").status_code == 404


def test_a_query_page_runs_it(small):
    page = small.get("/query/names.html").text
    assert 'action="/query/names/run"' in page and "All names" in page and "VALUES ?who" in page


def test_dumps_have_checksums_as_tags_and_ranges(small):
    whole = small.get("/dumps/dataset.ttl", buffered=True)
    assert whole.mimetype == "text/turtle" and whole.headers["Accept-Ranges"] == "bytes"
    assert len(whole.headers["ETag"]) == 66 and "Last-Modified" not in whole.headers
    part = small.get("/dumps/dataset.ttl", headers={"Range": "bytes=2-5"}, buffered=True)
    assert (part.status_code, part.data) == (206, whole.data[2:6])
    assert small.get("/dumps/dataset.ttl", headers={"Range": "bytes=9999-"}).status_code == 416
    assert small.get("/dumps/dataset.ttl", headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304


def test_compressed_dumps_are_files_of_their_own(small):
    response = small.head("/dumps/dataset.ttl.gz")
    assert response.mimetype == "application/gzip" and "Content-Encoding" not in response.headers


@pytest.mark.parametrize("name", ["none.ttl", "../manifest.json", "%2e%2e/manifest.json", ""])
def test_only_listed_files_are_given(small, name):
    assert small.get(f"/dumps/{name}").status_code == (200 if not name else 404)


def test_health(small):
    assert small.get("/health").json == {"status": "ok", "release": VERSION}


def test_the_front_strips_the_path_of_the_origin_and_ends_bodies():
    seen = {}
    front = fronted(lambda environ, _: seen.update(environ) or [], "https://example.org/kg/")
    front({"PATH_INFO": "/kg/ns", "SCRIPT_NAME": "", "wsgi.input_terminated": True}, None)
    assert (seen["SCRIPT_NAME"], seen["PATH_INFO"]) == ("/kg", "/ns") and "wsgi.input_terminated" not in seen
    seen.clear()
    front({"PATH_INFO": "/ns", "SCRIPT_NAME": ""}, None)
    assert (seen["SCRIPT_NAME"], seen["PATH_INFO"]) == ("", "/ns")


def test_base_is_not_hidden(small):
    assert BASE in small.get("/doc/id/person/anna.html").text


def test_a_query_runs_with_values_of_its_parameters(small):
    anna = f"/query/names/run?who={BASE}id/person/anna"
    answer = small.get(anna, headers={"Accept": "text/csv"}, follow_redirects=True)
    assert (answer.status_code, answer.text) == (200, "name\r\nAnna\r\n")
    assert small.get("/query/names/run?other=x").status_code == 400
    assert small.get("/query/names/run?who=a%20b").status_code == 400
    assert small.get("/query/none/run").status_code == 404

"""The SPARQL page as the server gives it: the form, answers as pages and as files, and what the editor asks for."""

from __future__ import annotations

import gzip
import io
import json
import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from openpyxl import load_workbook

from web_release import BASE, VERSION, Visitor, releases_fixture, room_fixture, small_fixture  # noqa: F401

PAGE = {"Accept": "text/html"}
NUMBERS = "SELECT ?n ?half ?text WHERE { VALUES (?n ?half ?text) { (1 0.5 'a') (2 1.5 '=1+1') (3 UNDEF 'é') } } ORDER BY ?n"
DAY = VERSION[:10]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a page with all its files may have, in bytes of gzip.
BUDGET = 350_000


def ask(small: Visitor, query: str, **fields: str):
    return small.get("/sparql", query_string={"query": query, **fields}, headers=PAGE)


# Files


@pytest.mark.parametrize(("fields", "kind", "name"), [
    ({"format": "csv"}, "text/csv", "query-{}.csv"), ({"format": "csv", "bom": "1"}, "text/csv", "query-{}.csv"),
    ({"format": "xlsx"}, XLSX, "query-{}.xlsx"), ({"format": "json"}, "application/sparql-results+json", "query-{}.srj"),
    ({"format": "tsv"}, "text/tab-separated-values", "query-{}.tsv")])
def test_an_answer_that_is_asked_for_by_format_is_a_named_file(small: Visitor, fields: dict, kind: str, name: str):
    response = ask(small, NUMBERS, **fields)
    assert (response.status_code, response.mimetype) == (200, kind)
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name.format(DAY)}"'


def test_an_answer_that_is_negotiated_is_no_file(small: Visitor):
    for accept in ("text/csv", "text/html", "*/*"):
        response = small.get("/sparql", query_string={"query": NUMBERS}, headers={"Accept": accept})
        assert "Content-Disposition" not in response.headers


def test_the_file_of_a_named_query_has_its_title(small: Visitor):
    text = next(iter(small.application.extensions["triplehelix"].named(VERSION).examples)).text
    assert f'filename="all-names-{DAY}.csv"' in ask(small, text, format="csv").headers["Content-Disposition"]


def test_csv_for_excel_has_its_mark_and_runs_nothing(small: Visitor):
    for_excel = ask(small, NUMBERS, format="csv", bom="1").data.decode()
    assert for_excel == "\ufeffn,half,text\r\n1,0.5,a\r\n2,1.5,'=1+1\r\n3,,é\r\n"
    assert ask(small, NUMBERS, format="csv").text == "n,half,text\r\n1,0.5,a\r\n2,1.5,=1+1\r\n3,,é\r\n"


def test_a_workbook_has_all_rows_and_equal_bytes(small: Visitor):
    query = f"SELECT ?n WHERE {{ VALUES ?n {{ {' '.join(map(str, range(700)))} }} }}"
    book = load_workbook(io.BytesIO(ask(small, query, format="xlsx").data))
    assert [cell.value for cell in book.active["A"]] == ["n", *range(700)]
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(ask(small, NUMBERS, format="xlsx").data)).active]
    assert rows == [["n", "half", "text"], [1, 0.5, "a"], [2, 1.5, "=1+1"], [3, None, "é"]]
    assert ask(small, query, format="xlsx").data == ask(small, query, format="xlsx").data


def test_a_yes_or_no_is_a_file_too(small: Visitor):
    rows = load_workbook(io.BytesIO(ask(small, "ASK {}", format="xlsx").data)).active
    assert [[cell.value for cell in row] for row in rows] == [["answer"], [True]]
    assert ask(small, "ASK { FILTER(false) }", format="csv", bom="1").text == "\ufeffanswer\r\nfalse\r\n"


def test_a_workbook_is_to_be_had_by_accept_but_is_nobodys_default(small: Visitor):
    for accept, kind in ((XLSX, XLSX), ("*/*", "application/sparql-results+json"), (f"text/csv, {XLSX};q=0.5", "text/csv")):
        assert small.get("/sparql", query_string={"query": NUMBERS}, headers={"Accept": accept}).mimetype == kind


@pytest.mark.parametrize(("query", "fields", "status"), [
    ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1", {"format": "xlsx"}, 406),
    (NUMBERS, {"format": "xlsx", "max-rows": "1"}, 400), (NUMBERS, {"format": "csv", "bom": "1", "max-rows": "1"}, 400)])
def test_what_no_sheet_can_hold_or_say_is_refused(small: Visitor, query: str, fields: dict, status: int):
    assert ask(small, query, **fields).status_code == status


# Pages


def test_a_page_of_rows_aligns_numbers_and_says_what_is_not_there(small: Visitor):
    page = ask(small, NUMBERS).text
    heads, cells = re.findall(r'<th scope="col"[^>]*>', page), re.findall(r"<td[^>]*>", page)
    assert heads == ['<th scope="col" class="number">'] * 2 + ['<th scope="col">']
    assert cells == ['<td class="number">', '<td class="number">', "<td>"] * 3
    assert page.count("no data") == 2 and 'role="region" aria-label="Rows of the answer" tabindex="0"' in page


def test_a_page_of_an_answer_tells_how_to_use_it(small: Visitor):
    page = unescape(ask(small, "SELECT ?s { ?s ?p 'a' }").text)
    address = f"{BASE}sparql?query=SELECT+%3Fs+%7B+%3Fs+%3Fp+%27a%27+%7D"
    for text in (f"<code>{address}</code>", f"curl -o answer.csv '{address}&format=csv'",
                 f'pd.read_csv("{address}&format=csv")', f'read.csv("{address}&format=csv")'):
        assert text in page
    assert re.findall(r'<a href="[^"]+&(format=[^"]+)"', page) == [
        "format=csv", "format=csv&bom=1", "format=xlsx", "format=json", "format=xml", "format=tsv"]
    graph = unescape(ask(small, "DESCRIBE <urn:x>").text)
    assert 'Graph().parse("' in graph and "read_csv" not in graph.partition("<template")[0]


def test_a_cut_page_says_so_and_is_to_be_had_where_that_can_be_said(small: Visitor):
    page = unescape(ask(small, NUMBERS, **{"max-rows": "1"}).text)
    assert "This answer is cut" in page
    assert re.findall(r'<a href="[^"]+&(format=[^"]+)"', page) == ["format=json&max-rows=1", "format=xml&max-rows=1"]


def test_a_page_of_a_mistake_has_its_place_and_the_form(small: Visitor):
    response = ask(small, "SELECT * {\n ?s foaf:name ?o }")
    page = unescape(response.text)
    assert response.status_code == 400 and 'role="alert"' in page and page.count("<h1") == 1
    assert 'data-line="2" data-column="5" data-advice="Add: PREFIX foaf: <http://xmlns.com/foaf/0.1/>"' in page
    assert "<textarea" in page and "data-asked" in page


def test_questions_stand_by_topic_and_run_at_a_click(small: Visitor):
    page = small.get("/sparql", headers=PAGE).text
    address = unescape(re.search(r'<a href="([^"]+)" data-query="/query/names"[^>]*>All names</a>', page)[1])
    assert small.get(address, headers=PAGE).status_code == 200


@pytest.mark.parametrize("path", ["/sparql", "/sparql?query=ASK+%7B%7D", "/sparql?query=SELECT"])
def test_the_policy_lets_nothing_in_from_elsewhere_and_nothing_inline(small: Visitor, path: str):
    response = small.get(path, headers=PAGE)
    policy = dict(part.strip().partition(" ")[::2] for part in response.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'" and "unsafe" not in " ".join(policy.values())
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/ld\+json)|<style|\sstyle=|\son[a-z]+=", response.text)
    loaded = re.findall(r'(?:src|<link[^>]* href)="([^"]+)"', response.text)
    assert {urlsplit(each).netloc for each in loaded} <= {"", urlsplit(BASE).netloc}


def test_the_page_with_all_its_files_is_within_its_budget(small: Visitor):
    page = small.get("/sparql", headers=PAGE).text
    files = {*re.findall(r'(?:src|href)="(/static/[^"]+)"', page), "/completions.json", "/prefixes.json"}
    assert {"/static/vendor/yasgui/yasgui.min.js", "/static/answer.js", "/static/site.css"} <= files
    bodies = {"/sparql": page.encode(), **{path: small.get(path).data for path in files}}
    assert all(small.get(path).status_code == 200 for path in files)
    sizes = {path: len(gzip.compress(body, 6)) for path, body in bodies.items()}
    assert sum(sizes.values()) <= BUDGET, sizes


# What the editor asks for


def test_prefixes_are_those_of_the_release(small: Visitor):
    told = small.get("/prefixes.json")
    assert told.mimetype == "application/json" and told.json["foaf"] == "http://xmlns.com/foaf/0.1/" and told.headers["ETag"]


def test_completions_are_the_terms_of_the_catalogue(small: Visitor):
    assert small.get("/completions.json").json == {
        "classes": [{"iri": "http://xmlns.com/foaf/0.1/Person", "name": "person", "count": 253}], "properties": []}


def test_names_are_given_for_iris(small: Visitor):
    anna = f"{BASE}id/person/anna"
    asked = [anna, f"{BASE}scheme/nace/62.10", "urn:x", "javascript:alert(1)", "no iri", "\ud800"]
    given = small.post("/names.json", json=asked).json
    assert given[anna] == {"text": "Anna", "lang": "", "href": "/id/person/anna"}
    assert given[f"{BASE}scheme/nace/62.10"]["lang"] == "en"
    assert given["urn:x"]["href"] is None and given["javascript:alert(1)"]["href"] is None and "no iri" not in given


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'"x"', b"\xff", b"[" * 100_000, json.dumps(["urn:x"] * 2_001).encode()])
def test_what_is_no_list_of_iris_is_refused(small: Visitor, body: bytes):
    response = small.post("/names.json", data=body, content_type="application/json")
    assert response.status_code == 400 and "list of IRIs" in response.json["detail"]

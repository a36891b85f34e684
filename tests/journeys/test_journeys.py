"""What people come for, step by step, in a real browser and by real programs; the site is served from the wheel alone.

Journey 15, a list that is matched in OpenRefine, is not possible yet: there is no reconciliation service.
"""

from __future__ import annotations

import contextlib
import csv
import gzip
import hashlib
import http.client
import io
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from openpyxl import load_workbook
from pyoxigraph import RdfFormat, parse

from conftest import free_port, run_clean, served
from journeys.seeing import overflow
from journeys.wheel import Stranger
from triplehelix.build import build
from triplehelix.project import Project

pytest.importorskip("playwright", reason="said aloud by the fixture browser")
from playwright.sync_api import Page, expect  # noqa: E402

PROTEGE = "application/rdf+xml, application/xml;q=0.7, text/xml;q=0.6, text/plain;q=0.1, */*;q=0.09"
JARGON = re.compile(r"\b(triples?|URIs?|IRIs?|node shapes?)\b")
BODIES = "SELECT ?body WHERE { ?body a th:ClusterOrganisation }"
PREFIXES = ("@prefix th: <https://w3id.org/triplehelix/ns#> .\n"
            "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n")
EDITOR = ".tabPanel.active .CodeMirror"


@pytest.fixture
def site(stranger: Stranger) -> str:
    return stranger.base


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers by small names, and body; redirects are followed."""
    with contextlib.closing(answered(urllib.request.Request(url, headers=headers))) as answer:
        return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()


def answered(request: urllib.request.Request) -> http.client.HTTPResponse | urllib.error.HTTPError:
    """An answer of any status, to be closed."""
    try:
        return urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        return error


def asked(site: str, query: str) -> str:
    """The URL of a query's answer in CSV."""
    text = f"PREFIX th: <{site}ns#>\n{query}"
    return f"{site}sparql?{urlencode({'query': text, 'format': 'csv'})}"


# A. Researchers running SPARQL


def test_1_first_query(page: Page, stranger: Stranger):
    assert stranger.told.count(stranger.base) == 1 and "Ctrl-C stops" in stranger.told
    page.goto(stranger.base)
    expect(page.locator("h1")).to_have_text("Triple Helix")
    assert len(page.locator(".lead").inner_text().split(".")[0]) > 30
    assert page.locator("dl.counts dd").count() == 4 and page.locator("main").get_by_role("combobox").is_visible()
    assert re.search(r"As of \d{4}-\d\d-\d\d", page.locator("main").inner_text())
    ways = page.get_by_role("list", name="Ways in").get_by_role("link")
    assert ways.all_inner_texts() == ["Browse", "Query", "Download"]
    ways.nth(1).click()
    page.wait_for_selector(EDITOR)
    page.locator(EDITOR).click()
    page.keyboard.press("Control+Enter")
    rows = page.locator(".answer tbody tr")
    expect(rows.first).to_be_visible()
    told = page.locator(".tabPanel.active").get_by_role("status").inner_text()
    assert re.fullmatch(r"[\d,]+ rows? in \d+\.\d\d s|Rows 1 to 100 of [\d,]+", told)
    assert page.locator(".answer tbody a[href^='/']").count() > 0


def test_2_examples_to_excel(page: Page, site: str):
    page.goto(site + "sparql")
    page.wait_for_selector(EDITOR)
    page.get_by_text("Questions that are ready to run").click()
    question = page.locator("#examples").get_by_role("link", name="Organisations across the helix").or_(
        page.locator("#examples").get_by_role("link")).first
    question.click()
    expect(page.locator(".answer tbody tr").first).to_be_visible()
    query = page.evaluate("place => document.querySelector(place).CodeMirror.getValue()", EDITOR)
    with page.expect_download() as coming:
        page.get_by_role("link", name="Excel", exact=True).click()
    assert re.fullmatch(r"[a-z0-9-]+-\d{4}-\d\d-\d\d\.xlsx", coming.value.suggested_filename)
    sheet = load_workbook(io.BytesIO(coming.value.path().read_bytes())).active
    _, _, body = get(f"{site}sparql?{urlencode({'query': query, 'format': 'csv'})}")
    assert len(list(sheet.rows)) == len(list(csv.reader(io.StringIO(body.decode()))))


def test_3_mistake(page: Page, site: str, watch):
    watch.expected.append("status of 4")
    page.goto(site + "sparql")
    page.wait_for_selector(EDITOR)
    page.evaluate("place => document.querySelector(place).CodeMirror.setValue('SELECT * { ?s foo:bar ?o }')", EDITOR)
    page.get_by_role("button", name="Run", exact=True).click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("Prefix foo: is not declared (line 1, column 15)")
    assert page.locator(".faulty").count() and told.get_attribute("tabindex") == "-1"
    status, headers, body = get(f"{site}sparql?query={quote('SELECT * { ?s foo:bar ?o }')}", Accept="application/json")
    assert status == 400 and headers["content-type"] == "application/problem+json" and json.loads(body)["status"] == 400


def test_3_a_product_is_stopped_with_ways_on_and_the_next_query_is_answered(site: str):
    status, _, body = get(f"{site}sparql?query={quote('SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }')}", Accept="application/json")
    told = json.loads(body)
    assert status in (413, 504) and "LIMIT" in told["detail"] and told["dumps"] and told["queries"]
    assert get(asked(site, BODIES))[0] == 200


def test_4_notebook(site: str):
    url = asked(site, BODIES)
    count = len(list(csv.reader(io.StringIO(get(url)[2].decode(), newline="")))) - 1
    script = f"import pandas as pd\nprint(len(pd.read_csv({url!r})))"
    assert int(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout) == count > 100
    query = f"PREFIX th: <{site}ns#> {BODIES}"
    assert b"\r\n" in get(url)[2]
    for body, kind, status in ((urlencode({"query": query}), "application/x-www-form-urlencoded", 200),
                               (query, "application/sparql-query", 200), (query, "text/plain", 415)):
        request = urllib.request.Request(site + "sparql", body.encode(), {"Content-Type": kind})
        with contextlib.closing(answered(request)) as answer:
            assert answer.status == status


# B. Harvesters


def test_5_follow_your_nose(site: str):
    address = site + "id/organisation/aerospace-valley"
    opener = urllib.request.build_opener(Unmoved)
    with pytest.raises(urllib.error.HTTPError) as moved:
        opener.open(urllib.request.Request(address, headers={"Accept": "text/turtle"}), timeout=30)
    moved.value.close()
    assert moved.value.code == 303
    status, headers, body = get(address, Accept="text/turtle")
    assert status == 200 and headers["content-type"].startswith("text/turtle") and "Accept" in headers["vary"]
    assert 'rel="canonical"' in headers["link"] and 'rel="license"' in headers["link"]
    triples = list(parse(body, format=RdfFormat.TURTLE))
    ours = sorted({node.value for triple in triples for node in (triple.subject, triple.predicate, triple.object)
                   if str(node).startswith(f"<{site}")})
    assert len(ours) > 20
    for iri in ours[:200]:
        assert get(iri, Accept="text/turtle")[0] == 200, iri
    json_ld = get(address, Accept="application/ld+json")[2]
    assert any(parse(json_ld, format=RdfFormat.JSON_LD))


class Unmoved(urllib.request.HTTPRedirectHandler):
    """Redirects are not followed."""

    def redirect_request(self, *_: object) -> None:
        return None


def located(sitemap: str) -> list[str]:
    return re.findall("<loc>(.*?)</loc>", sitemap)


def test_6_sitemap_and_again(site: str):
    robots = get(site + "robots.txt")[2].decode()
    index = get(re.search(r"Sitemap: (\S+)", robots)[1])[2].decode()
    pages = [url for each in located(index) for url in located(get(each)[2].decode())]
    assert len(pages) > 1_000
    for url in pages[::len(pages) // 60]:
        status, headers, _ = get(url, Accept="text/turtle")
        assert status == 200 and get(url, **{"Accept": "text/turtle", "If-None-Match": headers["etag"]})[0] == 304, url
    status, headers, body = get(site + "id/organisation/nobody", Accept="text/html")
    assert status == 404 and b"<h1" in body


def test_7_discovery(site: str):
    wells = [get(site + path, Accept="text/turtle")[2].decode() for path in (".well-known/void", "sparql", "dataset")]
    versions = [set(re.findall(r"\d{4}-\d\d-\d\d-[0-9a-f]{12}", text)) for text in wells]
    assert versions[0] == versions[2] and len(versions[0]) == 1
    link = get(site)[1]["link"]
    assert all(f'rel="{name}"' in link for name in ("cite-as", "describedby", "item", "license"))
    home = get(site, Accept="text/html")[2].decode()
    told = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', home, re.DOTALL)[1])
    assert told["name"] and len(told["description"]) >= 50 and told["license"]
    assert all(get(file["contentUrl"], Range="bytes=0-9")[0] == 206 for file in told["distribution"][:3])


@pytest.fixture
def series(draft: Project, tmp_path: Path) -> Iterator[tuple[str, Callable[[], Path]]]:
    """The address of a server of the miniature, and what builds it again after an edit."""
    base = f"http://127.0.0.1:{free_port()}/"

    def edited() -> Path:
        lights = draft.root / "data/lights.ttl"
        lights.write_text(lights.read_text().replace("sea:height 17 ", "sea:height 18 ").replace("2020-02-03", "2020-03-01"))
        return build(draft, tmp_path / "releases", base)

    with served(build(draft, tmp_path / "releases", base)):
        yield base, edited


def test_6_after_an_edit_only_what_it_touched_is_new(series):
    site, edit = series
    pages = [url for each in located(get(site + "sitemap.xml")[2].decode()) for url in located(get(each)[2].decode())]
    things = [url for url in pages if "/id/" in url]
    tags = {url: get(url, Accept="text/turtle")[1]["etag"] for url in things}
    version = edit().name
    wait_for(lambda: version in get(site + "release/")[2].decode())
    new = [url for url in things if get(url, **{"Accept": "text/turtle", "If-None-Match": tags[url]})[0] == 200]
    assert len(things) == 5 and [url.rpartition("/")[2] for url in new] == ["rock"]


def test_9_both_versions_are_listed_with_what_changed(series, page: Page):
    site, edit = series
    page.goto(site + "release/")
    first = page.locator("tbody th a").first.inner_text()
    before = get(f"{site}release/{first}/dumps/dataset.nt")
    second = edit().name
    wait_for(lambda: second in get(site + "release/")[2].decode())
    assert get(f"{site}release/{first}/dumps/dataset.nt")[2] == before[2] != get(site + "dumps/dataset.nt")[2]
    page.goto(site + "release/")
    told = page.locator("main table").inner_text()
    assert first in told and second in told and re.search(r"\d+ added, \d+ removed", told)


def wait_for(holds: Callable[[], bool]) -> None:
    """Until it holds, ten seconds at most."""
    for _ in range(100):
        if holds():
            return
        time.sleep(0.1)
    pytest.fail("the new release is not served")


# C. Those who download


def test_8_download(page: Page, site: str):
    page.goto(site + "dumps/")
    assert re.search(r"[\d,]{6,} statements", page.locator("main").inner_text())
    row = page.get_by_role("row", name=re.compile(r"dataset\.nt\.gz"))
    checksum = row.locator(".hash").inner_text().strip()
    status, headers, body = get(site + "dumps/dataset.nt.gz")
    assert hashlib.sha256(body).hexdigest() == checksum and get(site + "dumps/dataset.nt.gz", Range="bytes=5-9")[2] == body[5:10]
    count = gzip.decompress(body).count(b"\n")
    _, _, counted = get(asked(site, "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"))
    assert int(counted.split()[1]) == count and f"{count:,}" in page.locator("main").inner_text()
    head = get(site + "dumps/dataset.ttl")[2].decode().splitlines()[:60]
    assert any(line.startswith("@prefix") for line in head) and any("licen" in line.lower() for line in head)


def test_9_pin_a_version(page: Page, site: str):
    page.goto(site + "release/")
    version = page.locator("tbody th a").first.inner_text()
    dated = get(f"{site}release/{version}/dumps/dataset.nt.gz")
    assert dated[0] == 200 and dated[2] == get(site + "dumps/dataset.nt.gz")[2]
    assert version in get(site + ".well-known/void", Accept="text/turtle")[2].decode()


def test_10_open_in_protege(page: Page, site: str):
    status, headers, body = get(site + "ns", Accept=PROTEGE)
    assert status == 200 and headers["content-type"].startswith("application/rdf+xml")
    said = {(t.predicate.value, str(t.object)) for t in parse(body, format=RdfFormat.RDF_XML) if t.subject.value == site + "ns"}
    named = {predicate.rpartition("#")[2].rpartition("/")[2] for predicate, _ in said}
    assert {"title", "license", "versionIRI"} <= named
    page.goto(site + "ns#Cluster")
    assert page.get_by_role("link", name="Turtle").first.is_visible()
    expect(page.locator("#Cluster")).to_be_in_viewport()


# D. Policy analysts


def test_11_find_my_region(page: Page, site: str):
    page.goto(site)
    box = page.locator("main").get_by_role("combobox")
    box.press_sequentially("tosc", delay=40)
    option = page.get_by_role("option", name=re.compile("Toscana"))
    expect(option.first).to_be_visible()
    for _ in range(10):
        page.keyboard.press("ArrowDown")
        if "Toscana" in (page.locator("[role=option][aria-selected=true]").inner_text() or ""):
            break
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Toscana")
    page.goto(site + "scheme/nuts2024/ES21")
    text = page.locator("main").inner_text()
    assert "ES21" in text and page.locator("svg").count() >= 1 and page.locator("section.shelf table").count() >= 3
    assert page.locator(".source").count() > 5


def test_12_compare(page: Page, site: str, visitor: Callable[..., Page]):
    page.goto(site + "browse/ClusterOrganisation")
    before = page.locator("#count").inner_text()
    page.locator(".facets").get_by_role("link", name="Spain", exact=True).click()
    assert page.locator("#count").inner_text() != before and "country=" in page.url
    page.go_back()
    expect(page.locator("#count")).to_have_text(before)
    page.go_forward()
    for box in page.locator("td.tick input").all()[:2]:
        box.check()
    page.get_by_role("button", name="Compare the ticked").click()
    expect(page.locator("h1")).to_have_text("Side by side")
    assert page.locator("td .nothing").count() > 0 and page.locator("thead").get_by_role("columnheader").count() == 2
    plain = visitor(javascript=False, width=390)
    plain.goto(page.url)
    assert plain.locator("table.compared").inner_text() and overflow(page) <= 0
    named = "thead th a[title]"
    assert plain.locator(named).all_inner_texts() == page.locator(named).all_inner_texts()


def test_11_csv_for_excel_has_its_accents(page: Page, site: str):
    page.goto(site + "browse/ClusterOrganisation")
    with page.expect_download() as coming:
        page.get_by_role("link", name="CSV for Excel").click()
    data = coming.value.path().read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and "é" in data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(rows) - 1 == int(re.search(r"([\d,]+) recorded", page.locator("#count").inner_text())[1].replace(",", ""))


def test_13_cite_and_understand(page: Page, site: str):
    page.goto(site + "id/organisation/aerospace-valley")
    assert not JARGON.findall(page.locator("main").inner_text())
    page.get_by_role("link", name="Cite this").click()
    text = page.locator("main").inner_text()
    assert "BibTeX" in text and "RIS" in text and "aerospace-valley" in text
    for address in ("browse/", "browse/ClusterOrganisation", "map", "search?q=valley", "scheme/nuts2024/ES21"):
        page.goto(site + address)
        assert not JARGON.findall(page.locator("main").inner_text()), address


# E. Curators


def test_14_a_table_is_checked_row_by_row(stranger: Stranger, tmp_path: Path):
    table = tmp_path / "organisations.csv"
    columns = "id,called,name,seat,members,members as of"
    oak, elm = "oak,cluster,Oak Cluster,FRX,80,2024", "elm,cluster,Elm Cluster,CZ063,-5,2024"
    fir, ash = "fir,cluster,Fir Cluster,CZ063,,", "fir,cluster,Ash Cluster,CZ064,9,2024"

    def checked(*rows: str, form: str = "text") -> subprocess.CompletedProcess[str]:
        table.write_text("\n".join([columns, *rows, ""]))
        words = ("check", table, "--map", "sheet", "--format", form)
        return run_clean(stranger.bin / "triplehelix", *words, cwd=tmp_path, check=False)

    told = checked(oak, elm, fir, ash)
    assert told.returncode == 1 and told.stdout == ""
    for place, value in (("2: column seat", "'FRX'"), ("3: column members", "'-5'"), ("5: column id", "'fir'")):
        assert re.search(rf"organisations\.csv:{place}: {value}", told.stderr), told.stderr
    told = checked(oak, elm, fir, ash, form="json")
    assert told.returncode == 1 and len(json.loads(told.stdout)) == 3
    told = checked(oak.replace("FRX", "CZ064"), elm.replace("-5", "5"), fir, ash.replace("fir", "ash"))
    assert (told.returncode, told.stdout) == (0, "conforms: no finding\n"), told.stderr


def test_14_a_graph_is_checked_before_it_counts(stranger: Stranger, tmp_path: Path):
    mine = tmp_path / "mine.ttl"

    def checked(text: str, *options: str) -> subprocess.CompletedProcess[str]:
        mine.write_text(PREFIXES + text)
        return run_clean(stranger.bin / "triplehelix", "check", *options, mine, cwd=tmp_path, check=False)

    bad = "<https://example.org/alpine> a th:ClusterOrganisation .\n"
    told = checked(bad, "--format", "github")
    assert told.returncode == 1 and f"file={mine},line=3" in told.stdout
    told = checked(bad.replace(" .", ' ; skos:prefLabel "Alpine"@en ; th:sourceTerm "cluster" .'))
    assert (told.returncode, told.stdout) == (0, "conforms: no finding\n"), told.stderr

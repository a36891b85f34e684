"""The SPARQL page as people use it, with JavaScript and without."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from openpyxl import load_workbook

from conftest import require
from journeys.seeing import overflow, violations

pytest.importorskip("playwright", reason="said aloud by the fixture browser")
from playwright.sync_api import Download, Page, Route, expect  # noqa: E402

QUESTION = "Lights of a harbour"
MANY = f"SELECT ?n ?half WHERE {{ VALUES ?n {{ {' '.join(map(str, range(1, 251)))} }} BIND(?n / 2 AS ?half) }} ORDER BY ?n"
LIGHTS = "PREFIX sea: <ns#>\nSELECT ?light WHERE { ?light a sea:Lighthouse }"
REFUSED = "status of 4"
EDITOR = ".tabPanel.active .CodeMirror"


def opened(page: Page, site: str) -> Page:
    """The page with its editor ready."""
    page.goto(site + "sparql")
    page.wait_for_selector(EDITOR)
    return page


def write(page: Page, query: str) -> None:
    """Puts a query in the place of what stands in the editor."""
    page.evaluate("([place, query]) => document.querySelector(place).CodeMirror.setValue(query)", [EDITOR, query])


def written(page: Page) -> str:
    return page.evaluate("place => document.querySelector(place).CodeMirror.getValue()", EDITOR)


def ask(page: Page, query: str) -> None:
    """Writes a query and runs it; what comes of it stands in the page then."""
    write(page, query)
    page.evaluate("for (const each of document.querySelectorAll('.answer, .problem')) each.dataset.before = true")
    page.get_by_role("button", name="Run", exact=True).click()
    page.locator(".tabPanel.active :is(.answer, .problem):not([data-before])").wait_for()


def status(page: Page) -> str:
    return page.locator(".tabPanel.active").get_by_role("status").inner_text()


def column(page: Page, place: int) -> list[str]:
    return page.locator(f".tabPanel.active tbody td:nth-child({place})").all_inner_texts()


# The first query


def test_the_editor_is_ready_within_two_seconds(visitor: Callable[..., Page], site: str):
    assert min(seconds_to_open(visitor(), site) for _ in range(3)) < 2


def seconds_to_open(page: Page, site: str) -> float:
    """For a visitor who has none of the files yet."""
    began = time.monotonic()
    opened(page, site)
    return time.monotonic() - began


def test_an_example_is_there_and_ctrl_enter_answers_it(page: Page, site: str):
    opened(page, site)
    assert "SELECT" in written(page)
    page.locator(EDITOR).click()
    page.keyboard.press("Control+Enter")
    row = page.locator(".answer tbody tr")
    expect(row.first).to_be_visible()
    assert re.fullmatch(r"\d+ rows? in \d+\.\d\d s", status(page))


def test_names_lead_to_their_pages_and_numbers_stand_at_the_right(page: Page, site: str):
    opened(page, site).get_by_text("Questions that are ready to run").click()
    page.get_by_role("link", name=QUESTION).click()
    row = page.locator(".answer tbody tr")
    expect(row).to_have_count(1)
    link = row.get_by_role("link", name='Cape "Long" Light')
    assert link.get_attribute("href").startswith("/") and link.get_attribute("title").startswith(site)
    assert row.locator("td.number").inner_text() == "41.5"
    assert page.locator(".answer th").evaluate_all("all => all.map(each => each.scope)") == ["col", "col"]
    link.click()
    expect(page.locator("h1")).to_have_text('Cape "Long" Light')


def test_rows_come_by_pages_of_a_hundred(page: Page, site: str):
    ask(opened(page, site), MANY)
    assert status(page).startswith("250 rows in ") or status(page) == "Rows 1 to 100 of 250"
    assert column(page, 1) == [str(n) for n in range(1, 101)] and column(page, 2)[0] == "0.5"
    numbers = page.locator(".answer td.number").first
    assert numbers.evaluate("each => getComputedStyle(each).textAlign") == "right"
    region = page.get_by_role("region", name="Rows of the answer")
    assert region.get_attribute("tabindex") == "0"
    following = page.get_by_role("button", name="Next")
    following.click()
    expect(page.locator(".answer caption")).to_have_text("Rows 101 to 200 of 250")
    assert status(page) == "Rows 101 to 200 of 250"
    following.click()
    expect(page.locator(".answer tbody tr")).to_have_count(50)
    assert following.get_attribute("aria-disabled") == "true" and column(page, 1)[-1] == "250"


def test_what_is_not_there_is_no_data_and_nothing_is_taken_for_html(page: Page, site: str):
    ask(opened(page, site), 'SELECT ?a ?b WHERE { VALUES (?a ?b) { ("<img src=x onerror=document.title=1>"@de UNDEF) '
                            '("{{b}} <script>1</script>" <javascript:alert(1)>) } }')
    assert column(page, 1) == ["<img src=x onerror=document.title=1>", "{{b}} <script>1</script>"]
    assert column(page, 2) == ["no data", "javascript:alert(1)"]
    assert page.locator(".answer tbody :is(img, script, [href^=javascript])").count() == 0
    assert page.locator(".answer tbody [lang]").first.get_attribute("lang") == "de"


def test_a_yes_and_a_graph_are_answers_too(page: Page, site: str):
    ask(opened(page, site), "ASK {}")
    expect(page.locator(".answer .lead")).to_have_text("Yes")
    ask(page, "CONSTRUCT { ?s a ?o } WHERE { ?s a ?o }")
    expect(page.locator(".answer > pre[tabindex='0']")).to_contain_text(f"{site}id/lighthouse/rock> a")
    ask(page, "CONSTRUCT { ?s a ?o } WHERE { ?s a ?o FILTER(false) }")
    expect(page.locator(".answer .told")).to_contain_text("Statements")


# Questions that are ready, and their answers as files


def test_a_question_loads_and_runs_at_a_click_and_its_answer_is_to_be_had_whole(page: Page, site: str):
    opened(page, site)
    write(page, "")
    page.get_by_text("Questions that are ready to run").click()
    expect(page.locator("#examples h2").first).to_have_text("Lights")
    page.get_by_role("link", name=QUESTION).click()
    expect(page.locator(".answer h2")).to_have_text(QUESTION)
    assert "sea:guards" in written(page) and page.locator(".tab.active").inner_text().startswith(QUESTION)
    with page.expect_download() as coming:
        page.get_by_role("link", name="Excel", exact=True).click()
    assert re.fullmatch(r"lights-of-a-harbour-\d{4}-\d\d-\d\d\.xlsx", coming.value.suggested_filename)
    assert sheet_rows(coming.value) == 1 + len(column(page, 1))


def sheet_rows(file: Download) -> int:
    """How many rows a workbook has, the header among them."""
    return len(list(load_workbook(io.BytesIO(file.path().read_bytes())).active.rows))


def test_files_hold_all_rows_and_not_those_shown(page: Page, site: str):
    ask(opened(page, site), MANY)
    with page.expect_download() as coming:
        page.get_by_role("link", name="CSV for Excel").click()
    data = coming.value.path().read_bytes()
    assert data.startswith(b"\xef\xbb\xbfn,half\r\n") and data.count(b"\r\n") == 251
    assert re.fullmatch(r"query-\d{4}-\d\d-\d\d\.csv", coming.value.suggested_filename)
    with page.expect_download() as coming:
        page.get_by_role("link", name="JSON results").click()
    assert len(json.loads(coming.value.path().read_bytes())["results"]["bindings"]) == 250


def test_a_query_too_long_for_an_address_is_sent_as_a_form(page: Page, site: str):
    ask(opened(page, site), MANY + "#" * 9_000)
    expect(page.locator(".answer")).to_contain_text("too long for an address")
    assert page.url == site + "sparql"
    with page.expect_download() as coming:
        page.get_by_role("link", name="Excel", exact=True).click()
    assert sheet_rows(coming.value) == 251


# Mistakes


def test_a_missing_prefix_is_named_marked_and_added(page: Page, site: str, watch):
    watch.expected.append(REFUSED)
    ask(opened(page, site), "SELECT * WHERE {\n  ?light sea:height ?height }")
    told = page.get_by_role("alert")
    expect(told).to_contain_text("Prefix sea: is not declared (line 2, column 10)")
    assert told.get_attribute("tabindex") == "-1" and "row" not in status(page)
    expect(page.locator(".CodeMirror-line:has-text('sea:height')").locator("..").locator(".faulty")).to_have_count(1)
    page.get_by_role("button", name="Go to line 2, column 10").click()
    place = page.evaluate("place => document.querySelector(place).CodeMirror.getCursor()", EDITOR)
    assert (place["line"], place["ch"]) == (1, 9)
    page.get_by_role("button", name="Add PREFIX sea:").click()
    expect(page.locator(".answer tbody tr").first).to_be_visible()
    assert written(page).startswith(f"PREFIX sea: <{site}ns#>\n") and page.locator(".faulty").count() == 0


def test_a_prefix_that_nobody_knows_is_not_offered(page: Page, site: str, watch):
    watch.expected.append(REFUSED)
    ask(opened(page, site), "SELECT * { ?s foo:bar ?o }")
    expect(page.get_by_role("alert")).to_contain_text("Prefix foo: is not declared")
    assert page.get_by_role("button", name="Add PREFIX").count() == 0


@pytest.mark.parametrize(("code", "title"), [(504, "The query took too long"), (503, "The query engine is busy"),
                                             (429, "Your share of engine time is used up")])
def test_what_is_refused_never_looks_like_no_rows(page: Page, site: str, watch, code: int, title: str):
    watch.expected.append(f"status of {code}")
    opened(page, site)
    told = {"status": code, "title": title, "detail": "Add LIMIT.", "dumps": site + "dumps/", "queries": site + "query/"}
    page.route("**/sparql", lambda route: refused(route, told))
    ask(page, "SELECT * { ?a ?b ?c . ?d ?e ?f }")
    expect(page.get_by_role("alert")).to_contain_text(title)
    assert page.locator(".answer, .yasr table").count() == 0 and "row" not in page.locator(".yasr").inner_text()
    assert page.get_by_role("alert").get_by_role("link").all_inner_texts() == ["Download the dumps", "Use a named query"]
    page.unroute("**/sparql")
    ask(page, LIGHTS)
    expect(page.locator(".answer tbody tr")).to_have_count(2)


def test_a_server_that_is_gone_is_told_of(page: Page, site: str, watch):
    watch.expected.append("ERR_CONNECTION")
    opened(page, site)
    page.route("**/sparql", lambda route: route.abort("connectionreset"))
    ask(page, LIGHTS)
    expect(page.get_by_role("alert")).to_contain_text("There is no answer")


def test_an_answer_that_is_too_large_is_offered_cut_and_says_so(page: Page, site: str, watch):
    watch.expected.append(REFUSED)
    opened(page, site)
    page.route("**/sparql", lambda route: refused_unless_cut(route))
    every = " ".join(map(str, range(40)))
    ask(page, f"SELECT ?a ?b WHERE {{ VALUES ?a {{ {every} }} VALUES ?b {{ {every} }} }}")
    page.get_by_role("button", name="Show the first 1,000 rows only").click()
    expect(page.get_by_role("note")).to_contain_text("This answer is cut")
    assert page.locator(".told").inner_text().startswith("1,000 rows")


def refused(route: Route, told: dict[str, int | str]) -> None:
    route.fulfill(status=told["status"], content_type="application/problem+json", body=json.dumps(told))


def refused_unless_cut(route: Route) -> None:
    if "max-rows=1000" in route.request.post_data:
        route.continue_()
    else:
        refused(route, {"status": 413, "title": "The answer is too large", "detail": "Add LIMIT."})


def test_a_query_can_be_stopped(page: Page, site: str):
    opened(page, site)
    page.route("**/sparql", lambda _: None)
    write(page, LIGHTS)
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".tabPanel.active").get_by_role("status")).to_have_text("Stopped. There is no answer.")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()


def test_a_query_run_while_another_runs_takes_its_place(page: Page, site: str):
    opened(page, site)
    page.route("**/sparql", lambda route: "one" not in route.request.post_data and route.continue_())
    write(page, "ASK { <urn:one> ?p ?o }")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    ask(page, LIGHTS)
    expect(page.locator(".answer tbody tr")).to_have_count(2)
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()


def test_a_tab_can_be_closed_while_its_query_runs(page: Page, site: str):
    opened(page, site)
    page.get_by_role("button", name="New tab").click()
    page.route("**/sparql", lambda _: None)
    write(page, LIGHTS)
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Close tab").click()
    expect(page.get_by_role("tab")).to_have_count(1)
    page.unroute("**/sparql")
    ask(page, LIGHTS)
    expect(page.locator(".answer tbody tr")).to_have_count(2)


# Sharing, and use elsewhere


def test_the_address_asks_again_wherever_it_is_opened(page: Page, site: str, visitor: Callable[..., Page]):
    ask(opened(page, site), LIGHTS)
    address = page.url
    assert address == f"{site}sparql?query={quote(LIGHTS, safe='')}".replace("%20", "+")
    page.get_by_text("Share it, or use it in a program").click()
    assert page.locator("pre.use").first.inner_text() == address
    plain = visitor(javascript=False)
    plain.goto(address)
    expect(plain.locator("tbody tr")).to_have_count(2)
    other = visitor()
    other.goto(address)
    other.wait_for_selector(EDITOR)
    assert written(other) == LIGHTS
    expect(other.locator("#answer tbody tr")).to_have_count(2)
    ask(other, "ASK {}")
    expect(other.locator("#answer")).to_have_count(0)


def test_python_runs_as_it_is_copied(page: Page, site: str):
    ask(opened(page, site), MANY)
    page.get_by_text("Share it, or use it in a program").click()
    link, curl, python, r = page.locator("pre.use").all_inner_texts()
    assert "read.csv(" in r and link in curl
    script = python + "\nprint(len(table), *(kind.kind for kind in table.dtypes))"
    # pandas warns of what other packages deprecate.
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ran.stdout.split() == ["250", "i", "f"], ran.stderr
    told = subprocess.run([require("bash"), "-c", curl.replace("answer.csv", "-")], capture_output=True)
    assert told.stdout.startswith(b"n,half\r\n") and told.stdout.count(b"\r\n") == 251


def test_a_text_is_copied_at_a_click(page: Page, site: str):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(opened(page, site), LIGHTS)
    page.get_by_text("Share it, or use it in a program").click()
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == page.url


# Tabs, completion, keyboard


def test_tabs_are_kept_and_answers_are_not(page: Page, site: str):
    ask(opened(page, site), 'SELECT ("a secret" AS ?x) {}')
    page.get_by_role("button", name="New tab").click()
    expect(page.get_by_role("tab")).to_have_count(2)
    ask(page, LIGHTS)
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "sea:Lighthouse" in stored and "head" not in stored and "bindings" not in stored and "Light " not in stored
    page.goto(site + "sparql")
    page.wait_for_selector(EDITOR)
    expect(page.get_by_role("tab")).to_have_count(2)
    assert written(page) == LIGHTS and page.context.cookies() == []
    page.get_by_role("button", name="Close tab").click()
    expect(page.get_by_role("tab")).to_have_count(1)
    page.get_by_role("button", name="Close tab").click()
    expect(page.get_by_role("tab")).to_have_count(1)
    assert written(page) == ""


def test_windows_do_not_overwrite_each_others_tabs(page: Page, site: str):
    opened(page, site)
    write(page, "ASK { <urn:one> ?p ?o }")
    other = opened(page.context.new_page(), site)
    write(other, "ASK { <urn:two> ?p ?o }")
    other.get_by_role("button", name="New tab").click()
    page.reload()
    page.wait_for_selector(EDITOR)
    assert written(page) == "ASK { <urn:one> ?p ?o }" and page.get_by_role("tab").count() == 1


def test_words_are_completed_from_this_release(page: Page, site: str):
    opened(page, site)
    write(page, "")
    page.locator(EDITOR).click()
    page.keyboard.type("SELECT * WHERE { ?x a lightho")
    page.keyboard.press("Control+Space")
    hint = page.get_by_role("option")
    expect(hint).to_have_text("sea:Lighthouse  lighthouse (2)")
    page.keyboard.press("Enter")
    expect(page.locator(".cm-keyword").first).to_have_text("PREFIX")
    assert written(page) == f"PREFIX sea: <{site}ns#>\nSELECT * WHERE {{ ?x a sea:Lighthouse"
    page.keyboard.type(" ; sea:hei")
    page.keyboard.press("Control+Space")
    expect(hint).to_have_text(re.compile(r"sea:height  height \(\d\)"))
    assert violations(page) == []


def test_the_keyboard_is_enough(page: Page, site: str):
    opened(page, site)
    page.get_by_role("button", name="Run", exact=True).focus()
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "SPARQL query"
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".answer tbody tr")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Text of the query"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.answer') !== null")


# Everyone


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visitor: Callable[..., Page], site: str, watch, scheme: str):
    watch.expected.append(REFUSED)
    page = opened(visitor(scheme=scheme), site)
    page.get_by_text("Questions that are ready to run").click()
    assert violations(page) == []
    ask(page, MANY)
    page.get_by_text("Share it, or use it in a program").click()
    assert violations(page) == []
    page.get_by_role("button", name="New tab").click()
    ask(page, "SELECT * { ?s sea:bar ?o }")
    assert violations(page) == []
    page.goto(f"{site}sparql?query={quote(LIGHTS)}")
    page.wait_for_selector(EDITOR)
    assert violations(page) == []
    page.goto(f"{site}sparql?query=SELECT")
    page.wait_for_selector(EDITOR)
    assert violations(page) == []


def test_nothing_is_wider_than_a_narrow_window(visitor: Callable[..., Page], site: str, watch):
    watch.expected.append(REFUSED)
    page = opened(visitor(width=320), site)
    page.get_by_text("Questions that are ready to run").click()
    assert overflow(page) <= 0
    ask(page, f'SELECT {" ".join(f"({n} AS ?a_rather_long_name_{n})" for n in range(12))} ("{"x" * 300}" AS ?long) {{}}')
    page.get_by_text("Share it, or use it in a program").click()
    assert overflow(page) <= 0
    ask(page, "SELECT * { ?s <" + "x" * 200 + "> }")
    assert overflow(page) <= 0


def test_the_form_works_without_javascript(visitor: Callable[..., Page], site: str, watch):
    watch.expected.append(REFUSED)
    page = visitor(javascript=False)
    page.goto(site + "sparql")
    page.get_by_label("SPARQL query").fill("SELECT * { ?s foo:bar ?o }")
    page.get_by_role("button", name="Run the query").click()
    expect(page.get_by_role("alert")).to_contain_text("Prefix foo: is not declared (line 1, column 15)")
    page.get_by_label("SPARQL query").fill(LIGHTS)
    page.get_by_role("button", name="Run the query").click()
    expect(page.locator("tbody tr")).to_have_count(2)
    with page.expect_download() as coming:
        page.get_by_role("link", name="Excel", exact=True).click()
    assert coming.value.suggested_filename.endswith(".xlsx")
    page.goto(site + "sparql")
    page.get_by_text("Questions that are ready to run").click()
    page.get_by_role("link", name=QUESTION).click()
    expect(page.locator("#answer-title")).to_have_text(QUESTION)
    assert violations_without_javascript(page) == 0


def violations_without_javascript(page: Page) -> int:
    """Headings that are out of order: axe itself needs JavaScript."""
    levels = [int(tag[1]) for tag in re.findall(r"<(h[1-6])\b", page.content())]
    return sum(later > earlier + 1 for earlier, later in zip(levels, levels[1:])) + (levels.count(1) != 1)

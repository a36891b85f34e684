"""Changes over HTTP: pages, patches and N-Quads between any two releases, and what is said where they cannot be told."""

from __future__ import annotations

import shutil

import pytest

from changing import HTML, Built, built_fixture, copied_fixture, visitor_fixture  # noqa: F401
from triplehelix.build.prune import prune
from triplehelix.web import changes as room_of_changes
from triplehelix.web import differences
from web_release import Visitor, client_of, room_fixture  # noqa: F401


def applied(patch: bytes, dataset: set[bytes]) -> set[bytes]:
    """The dataset after a patch, whose blank nodes have their labels in brackets."""
    result = set(dataset)
    rows = patch.splitlines(keepends=True)
    assert rows[-1] == b"TC .\n" and rows.count(b"TX .\n") == 1
    for row in rows[rows.index(b"TX .\n") + 1:-1]:
        line = row[2:].replace(b"<_:", b"_:").replace(b"> _:", b"> _:")
        if line.startswith(b"_:") or b" _:" in line:
            line = b" ".join(word.removesuffix(b">") if word.startswith(b"_:") else word for word in line.split(b" "))
        (result.remove if row.startswith(b"D ") else result.add)(line)
    return result


# --- patches and N-Quads

def test_a_patch_between_any_two_releases(built: Built, visitor: Visitor):
    versions = (built.first, built.second, built.again, built.third)
    for before in versions:
        for after in versions:
            response = visitor.get(f"/release/{after}/changes?since={before}&format=patch")
            assert response.status_code == 200 and response.headers["Content-Type"] == "application/rdf-patch"
            assert applied(response.data, built.dataset(before)) == built.dataset(after)


def test_without_since_it_is_against_the_release_before(built: Built, visitor: Visitor):
    for version, before in ((built.second, built.first), (built.third, built.first), (built.again, built.second)):
        said = visitor.get(f"/release/{version}/changes.rdfp").data
        assert said == visitor.get(f"/release/{version}/changes?since={before}&format=patch").data
        assert f"H id <{built.base}release/{version}/> .\nH prev <{built.base}release/{before}/> .\n".encode() in said
    assert applied(visitor.get(f"/release/{built.first}/changes.rdfp").data, set()) == built.dataset(built.first)


def test_the_lines_that_came_and_went(built: Built, visitor: Visitor):
    old, new = built.dataset(built.second), built.dataset(built.third)
    for name, expected in (("added", new - old), ("removed", old - new)):
        response = visitor.get(f"/release/{built.third}/changes/{name}.nq?since={built.second}")
        assert response.headers["Content-Type"] == "application/n-quads"
        assert response.data == b"".join(sorted(expected)) and expected


def test_files_are_given_as_they_are_read_and_have_a_validator(built: Built, visitor: Visitor):
    address = f"/release/{built.first}/changes/added.nq"
    response = visitor.get(address, buffered=False)
    assert response.is_streamed and "Content-Length" not in response.headers
    assert visitor.get(address, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
    assert visitor.get(f"/release/{built.second}/changes/added.nq").headers["ETag"] != response.headers["ETag"]


# --- pages

def test_the_page_tells_by_entity(built: Built, visitor: Visitor):
    page = visitor.get(f"/release/{built.second}/changes", headers=HTML).get_data(as_text=True)
    assert "Zoo &lt;Light&gt;</a> <small>new, 5 added, 0 removed</small>" in page
    assert f'href="/id/lighthouse/zoo?release={built.second}"' in page
    assert "Rock Lighthouse" in page and "<td>removed</td>" in page
    assert f'href="/release/{built.second}/changes.rdfp"' in page and 'type="application/atom+xml"' in page


def test_what_is_gone_is_named_and_reached_in_the_older_release(built: Built, visitor: Visitor):
    page = visitor.get(f"/release/{built.third}/changes?since={built.second}", headers=HTML).get_data(as_text=True)
    assert "Zoo &lt;Light&gt;</a> <small>gone, 0 added, 5 removed</small>" in page
    assert f'href="/id/lighthouse/zoo?release={built.second}"' in page


def test_what_only_changed_in_between_is_not_told(built: Built, visitor: Visitor):
    """The name of Rock Light was changed and is as it was: only its height differs."""
    page = visitor.get(f"/release/{built.first}/changes?since={built.third}", headers=HTML).get_data(as_text=True)
    assert "Rock Lighthouse" not in page and "<dt>statements added</dt><dd>2</dd>" in page


def test_the_same_data_by_other_software_are_said_to_be_the_same(built: Built, visitor: Visitor):
    assert built.again == built.second + ".2"
    page = visitor.get(f"/release/{built.again}/changes", headers=HTML).get_data(as_text=True)
    assert "made into a release again, by other software" in page
    assert visitor.get(f"/release/{built.again}/changes/added.nq").data == b""


def test_a_release_against_itself_is_the_same(built: Built, visitor: Visitor):
    page = visitor.get(f"/release/{built.first}/changes?since={built.first}", headers=HTML).get_data(as_text=True)
    assert "both releases have the same statements" in page


def test_pages_and_long_lists_have_an_end(built: Built, visitor: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(room_of_changes, "ON_A_PAGE", 7)
    monkeypatch.setattr(differences, "OF_EACH", 2)
    address, names = f"/release/{built.first}/changes", []
    while address:
        page = visitor.get(address, headers=HTML).get_data(as_text=True)
        found = page.split("<h3>")[1:]
        assert 0 < len(found) <= 7 and all(part.count("<td>added</td>") <= 2 for part in found)
        names += [part.split("title=\"")[1].split('"')[0] for part in found]
        address = page.split('<a rel="next" href="')[1].split('"')[0].replace("&amp;", "&") if 'rel="next"' in page else ""
    subjects = {line.split(b" ")[0].decode()[1:-1] for line in built.dataset(built.first) if not line.startswith(b"_:")}
    assert len(names) == len(set(names)) and subjects <= set(names)


def test_of_very_many_changes_the_page_has_the_counts(built: Built, visitor: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(differences, "MOST_WALKED", 1)
    page = visitor.get(f"/release/{built.second}/changes", headers=HTML).get_data(as_text=True)
    assert "new, 5 added, 0 removed" in page and "<td>added</td>" not in page
    several = visitor.get(f"/release/{built.third}/changes?since={built.second}", headers=HTML).get_data(as_text=True)
    assert "<small>gone</small>" in several and "statements added" not in several


def test_one_entity(built: Built, visitor: Visitor):
    address, iri = f"/release/{built.second}/changes", built.base + "id/lighthouse/zoo"
    page = visitor.get(address, query_string={"entity": iri}, headers=HTML).get_data(as_text=True)
    assert page.count("<h3>") == 1 and page.count("<td>added</td>") == 5
    missing = visitor.get(address, query_string={"entity": built.base + "id/lighthouse/cape"})
    assert missing.status_code == 404 and "Nothing was added" in missing.json["detail"]


# --- refusals

@pytest.mark.parametrize("address", ["/release/none/changes", "/release/{first}/changes?since=none", "/release/../changes",
                                     "/release/{first}/changes?since=..", "/release/{first}/changes.foo", "/changes.foo",
                                     "/release/{first}/changes/other.nq", "/changes?page=1", "/changes?page=99",
                                     "/release/{first}/changes?entity=%3Cx%00"])
def test_what_is_not_there(built: Built, visitor: Visitor, address: str):
    response = visitor.get(address.format(first=built.first))
    assert response.status_code == 404 and response.mimetype == "application/problem+json"


@pytest.mark.parametrize("address", ["/release/{first}/changes?since={first}&since={first}", "/changes?page=x",
                                     "/release/{first}/changes?release={second}"])
def test_what_cannot_be_meant(built: Built, visitor: Visitor, address: str):
    assert visitor.get(address.format(first=built.first, second=built.second)).status_code == 400


def test_a_format_that_is_none_is_refused(built: Built, visitor: Visitor):
    response = visitor.get(f"/release/{built.second}/changes", headers={"Accept": "image/png"})
    assert response.status_code == 406 and "application/rdf-patch" in response.json["detail"]


def test_pruned_releases_are_still_told_of(copied: Built, room):
    before = {version: copied.dataset(version) for version in (copied.first, copied.second, copied.third)}
    prune(copied.folder, 1)
    visitor = client_of(copied.folder, room, copied.base)
    for old in (copied.first, copied.second):
        patch = visitor.get(f"/release/{copied.third}/changes?since={old}&format=patch")
        assert applied(patch.data, before[old]) == before[copied.third]
    page = visitor.get(f"/release/{copied.second}/changes", headers=HTML)
    text = page.get_data(as_text=True)
    assert page.status_code == 200 and "5 added, 0 removed" in text
    assert f"{copied.first} (removed)" in text and f'href="/release/{copied.first}/"' not in text
    listed = visitor.get(f"/release/{copied.first}/changes", headers=HTML)
    assert listed.status_code == 200 and "was the first" in listed.get_data(as_text=True)
    gone = visitor.get(f"/release/{copied.first}/changes/added.nq")
    assert gone.status_code == 410 and "pruned" in gone.json["detail"]
    assert visitor.get("/changes.atom").data.count(b"<entry>") == 4


@pytest.mark.parametrize("name", ["changes/added.nq", "changes/removed.nq", "changes.rdfp"])
def test_a_file_that_is_gone_is_told_by_the_status_and_not_by_a_body_that_breaks_off(copied: Built, room, name: str):
    visitor = client_of(copied.folder, room, copied.base)
    assert visitor.get(f"/release/{copied.second}/{name}").status_code == 200
    (copied.folder / copied.second / "changes/added.nq.gz").unlink()
    response = visitor.get(f"/release/{copied.second}/{name}")
    assert response.status_code == 503 and int(response.headers["Retry-After"]) > 0


def test_where_no_chain_is_left_the_dumps_are_compared(copied: Built, room):
    shutil.rmtree(copied.folder / copied.second)
    visitor = client_of(copied.folder, room, copied.base)
    address = f"/release/{copied.again}/changes?since={copied.first}"
    patch = visitor.get(f"{address}&format=patch").data
    assert applied(patch, copied.dataset(copied.first)) == copied.dataset(copied.again)
    assert "no list by entity" in visitor.get(address, headers=HTML).get_data(as_text=True)
    prune(copied.folder, 2)
    gone = visitor.get(address)
    assert gone.status_code == 410 and "no chain of changes" in gone.json["detail"]

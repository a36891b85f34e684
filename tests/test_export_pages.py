"""How an address becomes a file, and a page of the server one that stands alone."""

from __future__ import annotations

import pytest

from triplehelix.export.addresses import Address, address_of, is_storable, list_path
from triplehelix.export.pages import static_page


@pytest.mark.parametrize(("file", "is_one"), [
    ("doc/x.ttl", True), (".well-known/void", True), ("a/" + "x" * 255, True), ("doc/é/x..y/index.html", True),
    ("a" + "/b" * 1_000, True), ("../x", False), ("a/../x", False), ("/x", False), ("a//b", False), ("a/", False), ("", False),
    (".htaccess", False), ("a/.well-known/b", False), (".well-known/.x", False), ("a/" + "x" * 256, False),
    ("a/" + "é" * 128, False), ("a" + "/b" * 1_100, False), ("a\0b", False), ("a\nb", False), ("a\udcff", False)])
def test_which_names_a_file_may_have(file: str, is_one: bool):
    assert is_storable(file) is is_one


@pytest.mark.parametrize(("reference", "found"), [
    ("/site/doc/x", Address("doc/x")), ("page-2.html", Address("doc/page-2.html")), ("?page=2", Address("doc/", "page=2")),
    ("?page=1", Address("doc/")), ("?a=1&page=1", Address("doc/", "a=1")), ("?page=10", Address("doc/", "page=10")),
    ("/site/a%20b%C3%A4?q=%20#f", Address("a bä", "q=%20")), ("/elsewhere", None), ("https://other.example/site/x", None),
    ("mailto:a@b.example", None), ("http://[", None), ("//host/site/x", None)])
def test_which_address_a_reference_leads_to(reference: str, found: Address | None):
    assert address_of(reference, "https://a.example/site/doc/", "https://a.example/site/") == found


def test_where_the_list_of_a_class_stands():
    prefixes = {"a": "http://x/", "b": "http://x/y#"}
    assert list_path("http://x/y#Thing", prefixes) == "list/b/Thing"
    others = {list_path(kind, prefixes) for kind in ("http://x/y#A/B", "http://x/../B", "http://z/A", "http://x/")}
    assert len(others) == 4 and all(len(path) == len("list/") + 16 for path in others)


RESOLVED = {"/a?b=1&c=2": "/a/'2'.html", "/gone": None, "#f": "#f"}


def test_a_page_is_changed_in_its_references_alone():
    text = ('<p id="a&amp;b"><a class="x" href="/a?b=1&amp;c=2" title="&lt;t">one</a> <a href="/gone">two</a> '
            '<a href="#f">3</a></p><link rel="alternate" href="/gone"><link rel="x" href="/a?b=1&amp;c=2">'
            '<article>&lt;a href="/gone"&gt;</article>')
    assert static_page(text, RESOLVED.get) == (
        '<p id="a&amp;b"><a class="x" href="/a/&#x27;2&#x27;.html" title="&lt;t">one</a> '
        '<span title="On the live server only">two</span> <a href="#f">3</a></p>'
        '<link rel="x" href="/a/&#x27;2&#x27;.html"><article>&lt;a href="/gone"&gt;</article>')


def test_scripts_and_pictures_are_followed_and_a_script_without_a_file_is_left_out():
    text = ('<script src="/a?b=1&amp;c=2" defer></script><script src="/gone"></script><img src="/a?b=1&amp;c=2" alt="">'
            '<div data-src="/gone"></div><script type="application/ld+json">{"a": "src=b"}</script>')
    assert static_page(text, RESOLVED.get) == (
        '<script src="/a/&#x27;2&#x27;.html" defer></script><img src="/a/&#x27;2&#x27;.html" alt="">'
        '<div data-src="/gone"></div><script type="application/ld+json">{"a": "src=b"}</script>')


def test_fields_of_a_form_elsewhere_on_the_page_cannot_be_used():
    assert static_page('<input type="checkbox" form="x"><input name="form">', RESOLVED.get) == (
        '<input disabled type="checkbox" form="x"><input name="form">')


def test_a_form_can_be_read_and_not_sent():
    fields = "<fieldset disabled>\n<legend>On the live server only</legend><button>Go</button></fieldset>"
    assert static_page('<form action="/gone" method="get"><button>Go</button></form>', RESOLVED.get) == fields
    assert static_page('<form action="/a?b=1&amp;c=2"><button>Go</button></form>', RESOLVED.get) == (
        f'<p><a href="/a/&#x27;2&#x27;.html">The answer to it, as it stands here</a></p>\n{fields}')

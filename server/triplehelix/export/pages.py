"""A page of the site as it stands without its server: links lead to files, and what only a server can do says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape
from types import MappingProxyType

# Our own pages: every < and > of the data is escaped in them.
LIVE_ONLY = "On the live server only"
TAG = re.compile(r"<(/?)(a|area|link|form|img|input|script)\b([^<>]*)>")
TARGET = re.compile(r'\b(href|action|src)="([^"]*)"')
# A field that belongs to a form elsewhere on the page.
OF_A_FORM = re.compile(r'\bform="')
# What a tag that leads nowhere becomes, and its end.
NOWHERE = MappingProxyType({"a": (f'<span title="{LIVE_ONLY}">', "</span>"), "script": ("", "")})
ANSWER = "The answer to it, as it stands here"

# What a reference on a page becomes; None where nothing here answers it.
Resolve = Callable[[str], str | None]


def static_page(text: str, resolve: Resolve) -> str:
    """The page with each reference as it is resolved; what leads nowhere is no link, and no form can be sent."""
    ends: list[str] = []

    def changed(tag: re.Match[str]) -> str:
        slash, name, attributes = tag.groups()
        if name == "form":
            return "</fieldset>" if slash else _fields(_resolved(attributes, resolve))
        if slash:
            return ends.pop() if ends else tag[0]
        if name == "input":
            return f"<input disabled{attributes}>" if OF_A_FORM.search(attributes) else tag[0]
        found = _resolved(attributes, resolve)
        begin, end = NOWHERE.get(name, ("", ""))
        if name in NOWHERE:
            ends.append(end if found is None else f"</{name}>")
        if found is None:
            return begin
        return TARGET.sub(lambda target: f'{target[1]}="{escape(found)}"', tag[0], count=1) if found else tag[0]

    return TAG.sub(changed, text)


def _resolved(attributes: str, resolve: Resolve) -> str | None:
    """What the reference of a tag becomes; "" where there is none."""
    found = TARGET.search(attributes)
    return resolve(unescape(found[2])) if found else ""


def _fields(address: str | None) -> str:
    """What a form begins with: what stands in it can be read; where there is an answer to it as it stands, that is linked."""
    answer = f'<p><a href="{escape(address)}">{ANSWER}</a></p>\n' if address else ""
    return f"{answer}<fieldset disabled>\n<legend>{LIVE_ONLY}</legend>"


def moved_page(address: str, url: str) -> str:
    """A page that leads on to an address, which is this URL among others: for hosts that cannot redirect."""
    target = escape(address)
    return ('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>It stands elsewhere</title>\n'
            f'<meta http-equiv="refresh" content="0; url={target}">\n<link rel="canonical" href="{escape(url)}">\n</head>\n'
            f'<body><p>It stands <a href="{target}">elsewhere</a>.</p></body>\n</html>\n')

"""Which page of a description a visitor asks for: its language, and the one panel it is to show."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import BadRequest, NotFound

from triplehelix.description.describe import Description
from triplehelix.web import answer
from triplehelix.web.site import links, published
from triplehelix.web.view import View

LANGUAGE, PANEL = "lang", "panel"


def page_of_links() -> int:
    """The page of what links here that is asked for: the first where the pages are those of a panel. Raises BadRequest."""
    page = answer.page_number()
    return 1 if PANEL in request.args else page


def view_of(told: Description) -> View:
    """What the page shows. Raises BadRequest for a language nobody uses here, NotFound for a panel or page that is not there."""
    view = View(published(), links(), told)
    if LANGUAGE in request.args:
        view = View(published(), links(), told, language=_language(view, request.args[LANGUAGE]))
    if PANEL in request.args:
        _open(view, request.args[PANEL])
    return view


def _language(view: View, wanted: str) -> str:
    known = [tag for tag, _ in view.languages]
    if wanted.lower() not in known:
        raise BadRequest(f"Nothing on this page is in the language {wanted[:40]!r}. lang is one of: {', '.join(known)}.")
    return wanted.lower()


def _open(view: View, slug: str) -> None:
    """Shows one panel alone."""
    panels = {panel.slug: panel for panel in view.shelves.panels}
    if slug not in panels:
        raise NotFound(f"This page has no list {slug[:40]!r}; it has: {', '.join(panels) or 'none'}.")
    shelf = view.shelves.shelf(panels[slug], answer.page_number())
    if shelf.page > shelf.pages:
        raise NotFound(f"There are {shelf.pages} pages of this list.")
    view.shelf = shelf

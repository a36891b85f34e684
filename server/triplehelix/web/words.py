"""The words of the interface. They are English, and each passes through `_`, so that a catalogue of gettext can give others."""

from __future__ import annotations

from flask import Flask


def _(text: str) -> str:
    """A text of the interface, marked for xgettext."""
    return text


def number(value: int) -> str:
    """A count as people read it."""
    return f"{value:,}"


def install(app: Flask) -> None:
    """`_` and {% trans %} in templates, and the filter `number`."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_null_translations(newstyle=True)
    app.jinja_env.filters["number"] = number

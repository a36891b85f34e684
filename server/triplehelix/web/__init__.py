"""The web server: rooms for SPARQL, resources, dumps, the catalogue and pages, wired together here and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask

from triplehelix.web import (
    about,
    answer,
    browse,
    catalogue,
    changes,
    cite,
    compare,
    discovery,
    dumps,
    editor,
    errors,
    graphs,
    manners,
    map,
    memento,
    pages,
    resource,
    search,
    sparql,
    versions,
    words,
)
from triplehelix.web.site import Settings, Site, of_templates

if TYPE_CHECKING:
    from triplehelix.engine.model import Engine

__all__ = ["Settings", "create_app"]
ROOMS = (sparql.routes, editor.routes, graphs.routes, resource.routes, dumps.routes, catalogue.routes, discovery.routes,
         pages.routes, versions.routes, versions.of_release, memento.routes, changes.routes, cite.routes, about.routes,
         browse.routes, compare.routes, map.routes, search.routes)


def create_app(releases: Path, engine: Engine, settings: Settings) -> Flask:
    """The application that serves the current release of a folder; it writes nothing."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit
    # A path with // is another path: redirecting it would be a guess, and a way off our own origin.
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = True
    app.url_map.redirect_defaults = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(with_query=answer.with_query)
    words.install(app)
    app.extensions["triplehelix"] = Site(releases, engine, settings)
    app.context_processor(lambda: {"root": urlsplit(settings.origin).path, **of_templates()})
    manners.install(app, settings)
    memento.install(app)
    errors.install(app)
    for room in ROOMS:
        app.register_blueprint(room)
    return app

"""What the release is: catalogue, validation report, its facts under release/<version>/, and a sign of life."""

from __future__ import annotations

import json

from flask import Blueprint, Response, redirect
from pyoxigraph import Literal, NamedNode, Triple
from werkzeug.exceptions import NotFound

from triplehelix.description.describe import Description, paged, triples
from triplehelix.description.document import link_header
from triplehelix.description.vocabulary import DATASET, DCTERMS, LICENSE, TITLE, TRIPLES, TYPE, VERSION
from triplehelix.formats import GRAPH, HTML
from triplehelix.store import Statement
from triplehelix.web import answer, landing
from triplehelix.web.site import links, published
from triplehelix.web.view import View

routes = Blueprint("catalogue", __name__)
IS_VERSION_OF = NamedNode(DCTERMS + "isVersionOf")


@routes.get("/.well-known/void", endpoint="void")
@routes.get("/catalogue")
def catalogue() -> Response:
    """The catalogue: VoID section 7.2 asks for it at a well-known address."""
    headers = link_header([(published().dataset.value, "describes", ""), *landing.licence()])
    return file_of_release(published().catalogue, headers)


@routes.get("/report")
def report() -> Response:
    """The SHACL validation report with which the release was sealed."""
    return file_of_release(published().document("report.ttl"))


def file_of_release(rows: list[Triple], headers: dict[str, str] | None = None) -> Response:
    wanted = answer.chosen(GRAPH)
    return answer.rdf(rows, wanted, headers)


@routes.get("/release/<version>")
def without_slash(version: str) -> Response:
    """A release is a folder; its address ends with a slash."""
    return redirect(links().url(f"release/{required(version)}/"), 301)


@routes.get("/release/<version>/")
def release(version: str) -> Response:
    """The facts of the release that is served."""
    topic = NamedNode(f"{published().base}release/{required(version)}/")
    told = Description(topic, [Statement(row, (), False) for row in facts(topic)], [], paged([], 1))
    wanted = answer.chosen_of_document()
    if wanted is HTML:
        return answer.page("release.html", view=View(published(), links(), told), manifest=published().manifest)
    rows = triples(published(), told, topic)
    return answer.rdf(rows, wanted)


def required(version: str) -> str:
    """The version, if it is the one that is served."""
    current = published().manifest.version
    if version != current:
        raise NotFound(f"Release {version!r} is not served here; the current one is {current}.")
    return version


def facts(topic: NamedNode) -> list[Triple]:
    """What the manifest says of the release."""
    dataset, counts = published().dataset, published().manifest.counts
    rows = [(TYPE, DATASET), (TITLE, Literal(f"Release {published().manifest.version}", language="en")),
            (VERSION, Literal(published().manifest.version)), (IS_VERSION_OF, dataset), (TRIPLES, Literal(counts["triples"]))]
    if published().license:
        rows.append((LICENSE, NamedNode(published().license)))
    return [Triple(topic, predicate, value) for predicate, value in rows]


@routes.get("/health")
def health() -> Response:
    """200 while the current release can be read."""
    return Response(json.dumps({"status": "ok", "release": published().manifest.version}), content_type="application/json")

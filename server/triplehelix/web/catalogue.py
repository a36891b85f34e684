"""What the release is: catalogue, validation report, and a sign of life."""

from __future__ import annotations

import json

from flask import Blueprint, Response
from pyoxigraph import Triple

from triplehelix.description.document import link_header
from triplehelix.formats import GRAPH
from triplehelix.web import answer, landing
from triplehelix.web.site import published

routes = Blueprint("catalogue", __name__)


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


@routes.get("/health")
def health() -> Response:
    """200 while the current release can be read."""
    return Response(json.dumps({"status": "ok", "release": published().manifest.version}), content_type="application/json")

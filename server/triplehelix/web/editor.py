"""What the editor of the SPARQL page asks for while somebody writes a query: prefixes, terms to complete, names of things."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode
from werkzeug.exceptions import BadRequest

from triplehelix.description.document import REVALIDATED
from triplehelix.description.vocabulary import CLASS, CLASS_PARTITION, ENTITIES, PROPERTY_PARTITION, TRIPLES, VOID
from triplehelix.web import answer
from triplehelix.web.site import links, published
from triplehelix.web.view import View

routes = Blueprint("editor", __name__)
JSON = "application/json"
PROPERTY = NamedNode(VOID + "property")
# A page of rows asks for the names in it at once.
MOST_NAMES = 2_000


@routes.get("/prefixes.json")
def prefixes() -> Response:
    """The prefixes of the release, each with its namespace."""
    return _json(dict(sorted(published().manifest.prefixes.items())), {"Cache-Control": REVALIDATED})


@routes.get("/completions.json")
def completions() -> Response:
    """The classes and properties that the dataset uses, the commonest first, each with its name and count."""
    view = View(published(), links())
    found = {"classes": list(_used(view, CLASS_PARTITION, CLASS, ENTITIES)),
             "properties": list(_used(view, PROPERTY_PARTITION, PROPERTY, TRIPLES))}
    return _json({kind: sorted(rows, key=lambda row: (-row["count"], row["iri"])) for kind, rows in found.items()},
                 {"Cache-Control": REVALIDATED})


def _used(view: View, partition: NamedNode, term: NamedNode, counted: NamedNode) -> Iterator[dict[str, str | int]]:
    """The terms of the catalogue's partitions of one kind (VoID, 4.5), and how often each is used."""
    reading = published().reading
    for part in reading.values(published().dataset, partition):
        count = next(iter(reading.values(part, counted)), Literal(0))
        for node in reading.values(part, term):
            yield {"iri": node.value, "name": view.term_name(node).text, "count": int(count.value)}


@routes.post("/names.json")
def names() -> Response:
    """The names of things by their IRIs, which the body lists: text, language, and the address of its page, null for none."""
    view = View(published(), links())
    shown = {node.value: view.name(node) for node in map(_node, _listed()) if node}
    return _json({iri: {"text": name.text, "lang": name.lang, "href": name.href} for iri, name in shown.items()})


def _listed() -> list[str]:
    """The IRIs in the body. Raises BadRequest where it is no list of so many strings."""
    try:
        listed = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError):
        listed = None
    if not isinstance(listed, list) or len(listed) > MOST_NAMES or not all(isinstance(iri, str) for iri in listed):
        raise BadRequest(f"Send a list of IRIs as JSON, of at most {MOST_NAMES:,}: [\"{published().base}dataset\"].")
    return listed


def _node(iri: str) -> NamedNode | None:
    try:
        return NamedNode(iri)
    except ValueError:
        return None


def _json(told: object, headers: dict[str, str] | None = None) -> Response:
    return answer.answer(json.dumps(told, ensure_ascii=False).encode("utf-8"), JSON, headers)

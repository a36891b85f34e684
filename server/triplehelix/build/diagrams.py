"""diagrams/: one drawing for each ontology of a release that defines classes, or gathers others that do."""

from __future__ import annotations

from pyoxigraph import NamedNode

from triplehelix.build.drawing import drawing
from triplehelix.description.diagram import Diagram, file_of
from triplehelix.description.published import Published
from triplehelix.description.vocabulary import ONTOLOGY, TYPE

TEXT = ("{count} boxes: {names}. A line with a closed tip leads from what is narrower to what is wider, any other from a "
        "property to what it leads to; dashed boxes are of other modules. The terms stand in words below.")


def write(release: Published) -> None:
    """Write the files of a release that is being built. Raises OSError where they cannot be written."""
    for ontology in ontologies(release):
        if boxes := Diagram(release, ontology).boxes:
            path = release.folder / file_of(ontology.value.removeprefix(release.base))
            path.parent.mkdir(parents=True, exist_ok=True)
            text = TEXT.format(count=len(boxes), names=", ".join(box.title for box in boxes))
            path.write_text(drawing(boxes, release.name(ontology), text), encoding="utf-8")


def ontologies(release: Published) -> list[NamedNode]:
    """The ontologies of a release that have an IRI of ours."""
    found = (s.triple.subject for s in release.reading.pointing(ONTOLOGY, TYPE) if s.merged)
    return [node for node in found if isinstance(node, NamedNode) and node.value.startswith(release.base)]

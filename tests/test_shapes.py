"""Every shape has its cases: a valid case conforms, an invalid one fails for its own reason and no other.

A case is a small Turtle file, judged by pySHACL together with the ontology and its schemes; `invalid.<fault>.expected.ttl`
holds the results (SHACL section 3.6) that `invalid.<fault>.ttl` must have.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyshacl import validate
from pyshacl.graph_abstraction import DataGraph
from pyshacl.validator import Validator
from rdflib import Graph
from rdflib.namespace import OWL, RDF, RDFS, SH
from rdflib.term import BNode, Node, URIRef

ROOT = Path(__file__).parent.parent
BASE = "https://w3id.org/triplehelix/"
CASES = sorted(path for path in (ROOT / "tests/shapes").rglob("*.ttl") if not path.name.endswith(".expected.ttl"))
TOPICS = sorted(path.stem for path in (ROOT / "shapes").glob("*.ttl"))

# Focus node, path, constraint component and source shape; None stands for a blank node and for a path that has no IRI.
Result = tuple[Node | None, Node | None, Node, Node]


def parsed(*paths: Path) -> Graph:
    graph = Graph()
    for path in paths:
        graph.parse(path, publicID=BASE)
    return graph


@dataclass(frozen=True)
class Judge:
    """pySHACL with our shapes, which it reads once, and the ontology that every case is merged with."""

    ontology: Graph
    validator: Validator

    def results(self, case: Graph) -> set[Result]:
        """What pySHACL says of the nodes that the case describes; the ontology's own nodes are judged only once."""
        added = case - self.ontology
        try:
            for triple in added:
                self.ontology.add(triple)
            return set(results_of(self.report(set(case.subjects()))))
        finally:
            for triple in added:
                self.ontology.remove(triple)

    def report(self, described: set[Node]) -> Graph:
        # Not `validate(focus_nodes=...)`: pySHACL 0.40 then leaves values outside that list unchecked.
        data, executor = DataGraph.from_rdflib(self.ontology), self.validator.make_executor()
        reports = []
        for shape in self.validator.shacl_graph.shapes:
            if focus := shape.focus_nodes(data) & described:
                reports += shape.validate(executor, data, focus=focus)[1]
        return self.validator.create_validation_report(self.validator.shacl_graph, not reports, reports)[0]


def results_of(report: Graph) -> Iterator[Result]:
    def iri(node: Node | None) -> Node | None:
        return None if isinstance(node, BNode) else node

    for result in report.objects(None, SH.result):
        yield (iri(report.value(result, SH.focusNode)), iri(report.value(result, SH.resultPath)),
               report.value(result, SH.sourceConstraintComponent), report.value(result, SH.sourceShape))


def terms_of_ours(shapes: Graph) -> set[URIRef]:
    """Every IRI of ours in the shapes, but for the version of the prefix table."""
    return {node for triple in shapes if triple[1] != OWL.versionIRI for node in triple
            if isinstance(node, URIRef) and node.startswith(BASE)}


@pytest.fixture(scope="session")
def ontology() -> Graph:
    return parsed(*(ROOT / "ontology").rglob("*.ttl"))


@pytest.fixture(scope="session")
def shapes() -> Graph:
    return parsed(*(ROOT / "shapes").glob("*.ttl"), ROOT / "ontology/prefixes.ttl")


@pytest.fixture(scope="session")
def judge(ontology: Graph, shapes: Graph) -> Judge:
    validate(Graph(), shacl_graph=shapes)  # pySHACL sets up rdflib in this call
    return Judge(ontology, Validator(DataGraph.from_rdflib(Graph()), shacl_graph=shapes))


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_case(case: Path, judge: Judge):
    expected = case.with_suffix(".expected.ttl")
    assert expected.exists() == case.name.startswith("invalid.")
    assert judge.results(parsed(case)) == (set(results_of(parsed(expected))) if expected.exists() else set())


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_cases(topic: str):
    names = [case.name for case in CASES if case.parent.name == topic]
    assert any(name.startswith("valid.") for name in names)
    assert sum(name.startswith("invalid.") for name in names) >= 3


def test_ontology_and_schemes_conform(ontology: Graph, shapes: Graph):
    conforms, _, text = validate(ontology, shacl_graph=shapes)
    assert conforms, text


def test_every_property_shape_can_be_laid_out_and_speaks_to_a_curator(shapes: Graph):
    named = set(shapes.subjects(RDF.type, SH.PropertyShape))
    for predicate in (SH.path, SH.name, SH.order, SH.group, SH.message):
        assert not [shape for shape in named if len(list(shapes.objects(shape, predicate))) != 1], predicate
    assert {(group, RDF.type, SH.PropertyGroup) in shapes for group in shapes.objects(None, SH.group)} == {True}


def test_every_constraint_on_a_node_has_a_message(shapes: Graph):
    constrained = {shape for predicate in (SH["not"], SH["or"], SH.nodeKind, SH["class"])
                   for shape in shapes.subjects(predicate, None) if isinstance(shape, URIRef)}
    helpers = {shape for shape in constrained if "#InScheme-" in shape}
    assert not [shape for shape in constrained - helpers if (shape, SH.message, None) not in shapes]


def test_shapes_refer_only_to_what_is_described(shapes: Graph, ontology: Graph):
    described = set(shapes.subjects()) | set(ontology.subjects()) | {URIRef(BASE + "dataset")}
    assert not sorted(terms_of_ours(shapes) - described)


def test_every_property_of_ours_is_in_a_shape(shapes: Graph, ontology: Graph):
    properties = {term for kind in (OWL.ObjectProperty, OWL.DatatypeProperty) for term in ontology.subjects(RDF.type, kind)}
    assert not sorted(term for term in properties - terms_of_ours(shapes) if term.startswith(BASE))


def test_every_class_of_ours_is_guarded_by_a_shape(shapes: Graph, ontology: Graph):
    classes = {term for term in ontology.subjects(RDF.type, OWL.Class) if term.startswith(BASE)}
    guarded = set(shapes.objects(None, SH.targetClass))
    assert not [term for term in classes if not guarded & set(ontology.transitive_objects(term, RDFS.subClassOf))]

"""The catalogue as DCAT-AP 3.0.0 wants it, and VoID: nothing that is required is missing, and nothing is made up."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse, serialize
from pyshacl import validate
from rdflib import RDF, Graph, Namespace, URIRef

from triplehelix import store
from triplehelix.build.catalogue import Contents, Part, catalogue, counts
from triplehelix.build.catalogue.counts import namespace
from triplehelix.formats import DATASET, GRAPH
from triplehelix.releases import read_manifest, sha256

BASE, VERSION = "http://127.0.0.1:8000/", "2026-11-23-0123456789ab"
DCAT, DCTERMS, VOID = (Namespace(iri) for iri in (
    "http://www.w3.org/ns/dcat#", "http://purl.org/dc/terms/", "http://rdfs.org/ns/void#"))
SH, SPDX = Namespace("http://www.w3.org/ns/shacl#"), Namespace("http://spdx.org/rdf/terms#")
EU, ADMS = "http://publications.europa.eu/resource/authority/", "http://purl.org/adms/"
# What the recommended shapes warn of, and why it stays out. Nothing else may be warned of, and each of these must be.
AVAILABILITY = "http://data.europa.eu/r5r/availability"
PROMISED_BY_NOBODY = {("Distribution", AVAILABILITY): "nobody has said for how long the files will stay"}
NOT_KNOWN = PROMISED_BY_NOBODY | {
    ("Catalog", str(DCTERMS.issued)): "the record says when work began, not when the catalogue was first published",
    ("Catalog", str(DCTERMS.spatial)): "the data are of several continents, each part of its own; no one area is stated",
    ("Dataset", str(DCTERMS.spatial)): "the same",
    ("Dataset", str(DCTERMS.temporal)): "each statement has its own date; no one period is stated",
    ("Agent", str(DCTERMS.type)): "the project is no body of any of the kinds of publisher that the EU lists",
    ("Dataset", str(DCAT.contactPoint)): "the project has no address yet",
    ("DataService", str(DCAT.contactPoint)): "the same"}
PREFIXES = """
@base <http://127.0.0.1:8000/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
BARE = PREFIXES + """
<dataset> dcterms:title "Harbours"@en ; dcterms:description "Harbours and lights."@en ; dcterms:publisher <id/body/office> .
<id/body/office> skos:prefLabel "Harbour Office"@en .
"""
FULL = BARE + f"""
<dataset> dcterms:accessRights <{EU}access-right/PUBLIC> ; dcterms:creator <id/body/office> ;
    dcterms:issued "2020-01-01"^^xsd:date ; dcterms:modified "2021-01-01"^^xsd:date ;
    dcterms:language <{EU}language/ENG> ; dcterms:identifier "10.1234/harbours" ;
    dcterms:license <http://creativecommons.org/licenses/by/4.0/> ; dcterms:spatial <id/area/sea> ;
    dcterms:temporal <id/period/century> ; dcat:contactPoint <id/contact/desk> ; dcat:keyword "harbour"@en ;
    dcat:theme <{EU}data-theme/TRAN> .
<http://creativecommons.org/licenses/by/4.0/> dcterms:type <{ADMS}licencetype/Attribution> .
<{ADMS}licencetype/Attribution> skos:prefLabel "Attribution"@en .
<{ADMS}publishertype/LocalAuthority> skos:prefLabel "Local Authority"@en .
<id/body/office> dcterms:type <{ADMS}publishertype/LocalAuthority> .
<id/area/sea> dcat:bbox "POLYGON((0 0, 0 1, 1 1, 0 0))" ; dcat:centroid "POINT(0.3 0.6)" ; skos:narrower <id/area/bay> .
<id/period/century> dcat:startDate "1900-01-01"^^xsd:date ; dcat:endDate "1999-12-31"^^xsd:date .
<id/contact/desk> vcard:fn "Desk" ; vcard:hasEmail <mailto:desk@example.org> .
<{EU}data-theme/TRAN> skos:prefLabel "Transport"@en ; skos:inScheme <{EU}data-theme> .
<{EU}data-theme> dcterms:title "Data theme"@en .
"""


def catalogue_of(text: str, folder: Path) -> Graph:
    """The catalogue of a release whose dataset says what `text` does, and whose dumps are files of a few bytes."""
    (folder / "dumps").mkdir()
    for fmt in (*GRAPH, *DATASET):
        for ending in ("", ".gz"):
            (folder / f"dumps/dataset.{fmt.suffix}{ending}").write_bytes(fmt.name.encode() + ending.encode())
    return as_graph(catalogue(contents(text, folder), [], folder))


def contents(text: str, folder: Path) -> Contents:
    """What a catalogue is made from: a store whose default graph says what the text does, and what is counted of that."""
    said = triples(text)
    lines = sorted({f"{triple} .\n".encode() for triple in said})
    known = Store()
    known.extend(Quad(*triple) for triple in said)
    return Contents(BASE, VERSION, known, counts.counted(lines, BASE, folder))


def triples(text: str) -> list[Triple]:
    return [quad.triple for quad in parse(text.encode(), format=RdfFormat.TURTLE)]


def as_graph(rows: list[Triple]) -> Graph:
    return Graph().parse(data=serialize(rows, format=RdfFormat.N_TRIPLES), format="nt")


@pytest.fixture
def full(tmp_path: Path) -> Graph:
    return catalogue_of(FULL, tmp_path)


@pytest.fixture
def bare(tmp_path: Path) -> Graph:
    return catalogue_of(BARE, tmp_path)


@pytest.fixture(scope="module")
def published(release: Path) -> Graph:
    """The catalogue of the release of this checkout."""
    return Graph().parse(release / "catalogue.ttl")


def results(data: Graph, shapes: Path) -> dict[tuple[str, str], list[str]]:
    """(name of the shape's class, path) to the nodes of which the shapes have something to say."""
    known = Graph().parse(shapes)
    report = validate(data, shacl_graph=known, advanced=True)[1]
    found: dict[tuple[str, str], list[str]] = {}
    for result in report.subjects(RDF.type, SH.ValidationResult):
        shape = next(known.subjects(SH.property, report.value(result, SH.sourceShape)), report.value(result, SH.sourceShape))
        kind = str(known.value(shape, SH.targetClass)).rpartition("#")[2].rpartition("/")[2]
        found.setdefault((kind, str(report.value(result, SH.resultPath))), []).append(str(report.value(result, SH.focusNode)))
    return found


# --- the shapes of DCAT-AP

@pytest.mark.parametrize("shapes", ["shapes.ttl", "range.ttl"])
@pytest.mark.parametrize("text", [BARE, FULL], ids=["bare", "full"])
def test_no_record_gives_a_violation(text: str, shapes: str, shared: Path, tmp_path: Path):
    assert results(catalogue_of(text, tmp_path), shared / "suites/dcat-ap" / shapes) == {}


@pytest.mark.parametrize("shapes", ["shapes.ttl", "range.ttl"])
def test_the_published_catalogue_gives_no_violation(published: Graph, shapes: str, shared: Path):
    assert results(published, shared / "suites/dcat-ap" / shapes) == {}


def test_the_shapes_do_judge_the_catalogue(full: Graph, shared: Path):
    full.remove((None, DCAT.accessURL, None))
    assert {path for _, path in results(full, shared / "suites/dcat-ap/shapes.ttl")} == {str(DCAT.accessURL)}


def test_what_a_full_record_says_leaves_nothing_to_recommend(full: Graph, shared: Path):
    assert results(full, shared / "suites/dcat-ap/shapes_recommended.ttl").keys() == PROMISED_BY_NOBODY.keys()


def test_the_published_catalogue_lacks_only_what_is_not_known(published: Graph, shared: Path):
    assert results(published, shared / "suites/dcat-ap/shapes_recommended.ttl").keys() == NOT_KNOWN.keys()


# --- what the record says, and no more

def test_nothing_is_made_up(bare: Graph):
    said = {predicate for subject in (BASE + "dataset", BASE + "catalogue") for predicate in bare.predicates(URIRef(subject))}
    assert said.isdisjoint({DCAT.contactPoint, DCAT.theme, DCTERMS.spatial, DCTERMS.temporal, DCTERMS.issued, DCTERMS.license,
                            DCTERMS.accessRights, DCTERMS.language, DCTERMS.accrualPeriodicity})


def test_the_release_dates_and_names_what_the_record_does_not(bare: Graph):
    dataset = URIRef(BASE + "dataset")
    assert str(bare.value(dataset, DCTERMS.modified)) == VERSION[:10]
    assert str(bare.value(dataset, DCTERMS.identifier)) == BASE + "dataset"
    assert str(bare.value(dataset, DCAT.version)) == VERSION


def test_the_record_has_the_last_word(full: Graph):
    dataset = URIRef(BASE + "dataset")
    assert [str(value) for value in full.objects(dataset, DCTERMS.modified)] == ["2021-01-01"]
    assert [str(value) for value in full.objects(dataset, DCTERMS.identifier)] == ["10.1234/harbours"]


def test_of_what_the_record_names_only_the_names_are_repeated(full: Graph):
    assert (URIRef(BASE + "id/area/sea"), None, URIRef(BASE + "id/area/bay")) not in full


def test_each_file_stands_with_its_size_checksum_and_type(release: Path, published: Graph):
    manifest = read_manifest(release)
    found = set()
    for file in published.objects(URIRef(manifest.base + "dataset"), DCAT.distribution):
        name = str(file).removeprefix(manifest.base)
        checksum = published.value(published.value(file, SPDX.checksum), SPDX.checksumValue)
        assert int(published.value(file, DCAT.byteSize)) == manifest.files[name]["bytes"] == (release / name).stat().st_size
        assert str(checksum) == manifest.files[name]["sha256"] == sha256(release / name)
        assert (published.value(file, DCAT.compressFormat) is not None) == name.endswith(".gz")
        found.add(name)
    assert found == {name for name in manifest.files if name.startswith("dumps/dataset.")} | {"dumps/tables.zip"}


# --- VoID

def test_void_counts_what_the_store_holds(mini_release: Path):
    manifest, said = read_manifest(mini_release), Graph().parse(mini_release / "catalogue.ttl")
    dataset = URIRef(manifest.base + "dataset")
    assert int(said.value(dataset, VOID.triples)) == counted(mini_release, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    for partition in said.objects(dataset, VOID.propertyPartition):
        query = f"SELECT (COUNT(*) AS ?n) {{ ?s <{said.value(partition, VOID.property)}> ?o }}"
        assert int(said.value(partition, VOID.triples)) == counted(mini_release, query)
    for partition in said.objects(dataset, VOID.classPartition):
        query = f"SELECT (COUNT(*) AS ?n) {{ ?s a <{said.value(partition, VOID['class'])}> }}"
        assert int(said.value(partition, VOID.entities)) == counted(mini_release, query)
    for graph, row in manifest.graphs.items():
        query = f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        assert int(said.value(URIRef(graph), VOID.triples)) == row["triples"] == counted(mini_release, query)
    parts = {iri for iri, row in manifest.graphs.items() if row["part"] == "dataset"}
    assert {str(graph) for graph in said.objects(dataset, VOID.subset)} == parts


def counted(release: Path, query: str) -> int:
    return int(next(store.rows(store.opened(release / "store"), query, BASE))["n"].value)


def test_the_partitions_are_a_whole(published: Graph, release: Path):
    base = read_manifest(release).base
    dataset, rows = URIRef(base + "dataset"), Counter()
    for partition in published.objects(dataset, VOID.propertyPartition):
        rows[published.value(partition, VOID.property)] += int(published.value(partition, VOID.triples))
    assert sum(rows.values()) == int(published.value(dataset, VOID.triples)) == read_manifest(release).counts["triples"]
    assert len(rows) == int(published.value(dataset, VOID.properties))
    assert len(set(published.objects(dataset, VOID.classPartition))) == int(published.value(dataset, VOID.classes))


LINKS = BARE + """
<id/a> skos:exactMatch <http://example.org/x/1>, <http://example.org/x/2> ; skos:closeMatch <http://example.org/x/3> ;
    foaf:homepage <http://one.example/>, <http://two.example> ; skos:related <id/b>, <id/c> .
<id/b> skos:exactMatch <http://example.org/x/1>, <http://example.org/y#1>, <http://example.org/y#2> ;
    a <http://example.org/x/Kind> .
<http://elsewhere.example/1> skos:exactMatch <http://example.org/x/1> .
"""


def test_linksets_are_counted_by_target_and_predicate(tmp_path: Path):
    said = catalogue_of(LINKS, tmp_path)
    found = {(str(said.value(said.value(links, VOID.objectsTarget), VOID.uriSpace)), str(said.value(links, VOID.linkPredicate))):
             int(said.value(links, VOID.triples)) for links in said.subjects(RDF.type, VOID.Linkset)}
    exact = "http://www.w3.org/2004/02/skos/core#exactMatch"
    assert found == {("http://example.org/x/", exact): 3, ("http://example.org/y#", exact): 2}
    dataset = URIRef(BASE + "dataset")
    assert set(said.subjects(VOID.subjectsTarget, dataset)) == set(said.objects(dataset, VOID.subset))


@pytest.mark.parametrize(("iri", "space"), [
    ("http://example.org/x/1", "http://example.org/x/"), ("http://example.org/x#1", "http://example.org/x#"),
    ("http://example.org/x/a#b/c", "http://example.org/x/a#b/"), ("http://example.org/", None), ("http://example.org", None),
    ("http://example.org/x/", None), ("urn:isbn:1", None), ("mailto:a@example.org", None)])
def test_a_namespace_is_what_stands_before_a_name(iri: str, space: str | None):
    assert namespace(iri) == space


def test_a_partition_has_the_same_name_in_every_release(tmp_path: Path):
    names = []
    for number, text in enumerate((BARE, FULL)):
        folder = tmp_path / str(number)
        folder.mkdir()
        said = catalogue_of(text, folder)
        names.append({said.value(p, VOID.property): p for p in said.subjects(VOID.property)})
    assert names[0].items() <= names[1].items() and len(names[0]) < len(names[1])


def test_a_graph_that_says_nothing_of_itself_is_named(tmp_path: Path):
    catalogue_of(BARE, tmp_path)
    part = Part(BASE + "graph/inferred", "dataset", 3, "graph/inferred")
    rows = catalogue(contents(BARE, tmp_path), [part], tmp_path)
    title = Triple(NamedNode(part.iri), NamedNode(str(DCTERMS.title)), Literal("Inferred statements", language="en"))
    assert title in rows

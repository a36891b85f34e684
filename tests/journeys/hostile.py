"""A miniature that means harm: its names, values, codes, addresses, questions and rules would all run a script if they could."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import Literal

from conftest import ROOT
from triplehelix.build import build
from triplehelix.project import Project

TERMS = {
    "script": "<script>hit=1</script>",
    "image": "<img src=x onerror=hit=1>",
    "double": '" onmouseover="hit=1" autofocus onfocus="hit=1" x="',
    "single": "' onmouseover='hit=1' autofocus onfocus='hit=1' x='",
    "end": "</script><script>hit=1</script>",
    "comment": "<!--<script>hit=1</script>--!><script>hit=1</script>",
    "elsewhere": "</title></textarea></style></noscript></template><script>hit=1</script>",
    "svg": "<svg onload=hit=1><animate onbegin=hit=1 attributeName=x dur=1s></svg>",
    "frame": '<iframe srcdoc="<script>parent.hit=1</script>"></iframe><object data="data:text/html,x">',
    "template": "{{7777*7777}} ${7777*7777} {% if 1 %} <%= 7777*7777 %> #{7777*7777} {{constructor.constructor('hit=1')()}}",
    "separators": "a\u2028hit=1\u2029b\u0085c",
    "override": "\u202egnp.hit=1\u202c \u2066\u202ehit\u2069",
    "long": "m" * 5_000,
    "formula": '=HYPERLINK("javascript:hit=1","1")',
    "command": "+cmd|' /C hit'!A0\t@hit",
    "style": "url(javascript:hit=1);}</style>*{background:url(//example.org/hit)}",
    "entities": "&lt;script&gt;hit=1&lt;/script&gt;&#x3c;script>hit=1</script>",
    "address": "javascript:hit=1//",
    "document": "data:text/html,<script>hit=1</script>",
    "notation": '"}]},"hit":[{"<\\u0073cript>hit=1</script>\\" \\" [a](javascript:hit=1)',
}
ADDRESSES = ("javascript:hit=1", "JaVaScRiPt:hit=1", "data:text/html,%3Cscript%3Ehit=1%3C/script%3E", "vbscript:hit", "blob:hit",
             "http://example.org/'onmouseover='hit=1", "http://example.org/%22%3E%3Cscript%3Ehit=1%3C/script%3E",
             "http://example.org/\u202ehit", "javascript://example.org/%0Ahit=1", "urn:hit:&lt;script&gt;")
HEAD = """@base <https://example.org/mini/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sea: <https://example.org/mini/ns#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix void: <http://rdfs.org/ns/void#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
ALIGN = """
foaf:homepage a owl:ObjectProperty .
rdfs:seeAlso a owl:ObjectProperty .
dcterms:description a owl:AnnotationProperty .
skos:altLabel a owl:AnnotationProperty .
"""
GRAPH = """
<graph/reef> a void:Dataset ; dcterms:title {all} ; dcterms:description {all} ; dcterms:modified "2020-02-29"^^xsd:date ;
    dcterms:license {addresses} .
"""
CODES = """
<scheme/reef> a skos:ConceptScheme ; dcterms:title {all} ; dcterms:description {all} .
"""
CODE = """
<scheme/reef/{name}> a skos:Concept ; skos:inScheme <scheme/reef> ; skos:notation {term} ; skos:prefLabel {term}@en ;
    skos:definition {term}@en .
"""
PLACE = """
<id/harbour/{name}> a sea:Harbour ; skos:prefLabel {term}@en , {term}@de ; skos:altLabel {term} ; rdfs:comment {term}@en ;
    dcterms:description {term}@en ; dcterms:identifier {term} , {term}^^xsd:anyURI , {term}^^{address} ;
    sea:region <scheme/reef/{name}> ; foaf:homepage {addresses} ; rdfs:seeAlso {addresses} .
<id/lighthouse/{name}> a sea:Lighthouse ; skos:prefLabel {term}@en ; sea:guards <id/harbour/{name}> ; sea:height {place} .
"""
# Their own addresses would leave an attribute or a script.
NAMED = """
<id/harbour/'onmouseover='hit=1> a sea:Harbour ; sea:region <scheme/reef/script> ; skos:prefLabel "Single"@en .
<id/harbour/%22onmouseover=%22hit=1> a sea:Harbour ; sea:region <scheme/reef/script> ; skos:prefLabel "Double"@en .
<id/harbour/%3Cscript%3Ehit=1%3C/script%3E> a sea:Harbour ; sea:region <scheme/reef/script> ; skos:prefLabel "Script"@en .
"""
ONTOLOGY = """
<ns/reef> a owl:Ontology ; dcterms:title {all} ; dcterms:description {all} ; dcterms:license {addresses} .
sea:Reef a owl:Class ; rdfs:label {all} ; skos:definition {all} ; rdfs:isDefinedBy <ns/reef> .
sea:danger a owl:DatatypeProperty ; rdfs:label {all} ; skos:definition {all} ; rdfs:isDefinedBy <ns/reef> .
"""
SHAPES = """
<shape/reef> a owl:Ontology ; dcterms:title {all} ; dcterms:description {all} .
<shape/reef#Reef> a sh:NodeShape ; rdfs:label {all} ; rdfs:comment {all} ; sh:message {all} ; sh:targetClass sea:Reef ;
    sh:property [ sh:path sea:danger ; sh:name {all} ; sh:description {all} ; sh:message {all} ; sh:pattern {pattern} ;
        sh:in ( {list} ) ] .
"""
QUESTION = """#+ title: {term}
#+ description: {term}
#+ topic: {term}
#+ parameter: harbour {term}
#+ example: harbour=https://example.org/mini/id/harbour/svg
# {term}
BASE <https://example.org/mini/>
PREFIX sea: <ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?harbour ?name WHERE {{
  VALUES ?harbour {{ <id/harbour/{name}> }}
  ?harbour skos:prefLabel ?name .
}} ORDER BY ?name
"""
PANEL = """#+ title: {term}
#+ description: {term}
#+ panel: sea:Harbour
#+ order: {place}
#+ picture: {picture}
#+ column: what {term}
#+ column: height {term}
BASE <https://example.org/mini/>
PREFIX sea: <ns#>
SELECT ?thing ?what ?height ?source WHERE {{ GRAPH ?source {{ ?what sea:guards ?thing ; sea:height ?height }} }} ORDER BY ?thing
"""
FACET = """#+ title: {term}
#+ description: {term}
#+ facet: Harbour
#+ order: {place}
BASE <https://example.org/mini/>
PREFIX sea: <ns#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?thing ?value WHERE {{ ?thing a sea:Harbour ; {path} ?value }}
"""
PICTURES = ("bars", "network", "composition", "timeline", "map")
PATHS = ("skos:prefLabel", "sea:region", "<http://xmlns.com/foaf/0.1/homepage>")


def spoilt(folder: Path, base: str) -> Path:
    """Builds it below a folder; the release."""
    return build(project(folder / "project"), folder / "releases", base)


def project(folder: Path) -> Project:
    """The miniature with all that in it."""
    home = Project(shutil.copytree(ROOT / "tests/project", folder))
    every = {"all": joined(f"{text(term)}@en" for term in TERMS.values()), "list": " ".join(map(text, TERMS.values())),
             "addresses": joined(f"<{address}>" for address in ADDRESSES), "pattern": text(TERMS["script"])}
    each = [{"name": name, "term": text(term), "place": place, "address": f"<{ADDRESSES[place % len(ADDRESSES)]}>", **every}
            for place, (name, term) in enumerate(TERMS.items())]
    align = home.root / "ontology/align.ttl"
    files = {"ontology/align.ttl": [align.read_text(), ALIGN],
             "data/reef.ttl": [GRAPH.format(**every), NAMED, *(PLACE.format(**one) for one in each)],
             "ontology/schemes/reef.ttl": [CODES.format(**every), *(CODE.format(**one) for one in each)],
             "ontology/reef.ttl": [ONTOLOGY.format(**every)], "shapes/reef.ttl": [SHAPES.format(**every)]}
    for name, parts in files.items():
        (home.root / name).write_text(HEAD + "".join(parts))
    for place, (name, term) in enumerate(TERMS.items()):
        words = {"name": name, "term": " ".join(term.split())[:500], "place": place, "picture": PICTURES[place % len(PICTURES)],
                 "path": PATHS[place % len(PATHS)]}
        for kind, form in (("", QUESTION), ("panels/", PANEL), ("facets/", FACET)):
            (home.root / f"queries/{kind}reef-{name}.rq").write_text(form.format(**words))
    return home


def text(value: str) -> str:
    """A literal as Turtle writes it."""
    return str(Literal(value))


def joined(terms: Iterable[str]) -> str:
    return " , ".join(terms)

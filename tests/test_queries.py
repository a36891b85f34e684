"""The public named queries against answers read by hand, and the rules of the inferred graph on planted cases.

Lines in comments are those of the page on clusters and smart specialisation; editions, years and the order of authors
are those of the publications.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from pyoxigraph import Quad, RdfFormat, Store, parse

from asking import PROJECT, QUERIES, Answer, Row, answer, shortened, turtle
from conftest import serving, statements
from triplehelix import store
from triplehelix.build.content import Content
from triplehelix.build.infer import infer

RULES = {path.stem: path for path in PROJECT.queries("rules")}

MARSHALL, PIORE = "id/work/principles-of-economics", "id/work/second-industrial-divide"
BUZZ, DAHMEN = "id/work/buzz", "id/work/svensk-industriell-foretagarverksamhet"
HIRSCHMAN, HIPPEL = "id/work/strategy-of-economic-development", "id/work/democratizing-innovation"
MASKELL, PORTER = "id/work/competitiveness-of-firms-and-regions", "id/work/on-competition"
HELMSING, BORRAS = "id/work/externalities-learning-and-governance", "id/work/innovation-policy-of-the-european-union"
GREENBOOK, KETELS_2012 = "id/work/cluster-initiative-greenbook", "id/work/strengthening-clusters-and-competitiveness"
WHITEBOOK, SMART_GUIDE = "id/work/cluster-policies-whitebook", "id/work/smart-guide-to-cluster-policy"
NATIONS, REDBOOK = "id/work/competitive-advantage-of-nations", "id/work/clusters-balancing-forces"
HELIX, EAP_REVIEW = "id/work/triple-helix", "id/work/review-of-clusters-in-eap-countries"
CSC, S3P = "id/organisation/center-for-strategy-and-competitiveness", "id/organisation/s3-platform"
OBSERVATORY, PAGE = "id/portal/european-cluster-observatory", "id/text/s3p-clusters"

DEFINITION_1 = ("a cluster is a geographically proximate group of interconnected companies and associated institutions in a "
                "particular field, linked by commonalities and complementarities. The geographic scope of clusters ranges from "
                "a region, a state, or even a single city to span nearby or neighbouring countries (e.g., southern Germany and "
                "German-speaking Switzerland). The geographic scope of a cluster relates to the distance over which "
                "informational, transactional, incentive, and other efficiencies occur")
DEFINITION_2 = ("… organized efforts to increase the growth and competitiveness of a cluster within a region, involving "
                "cluster firms, government and/or the research community")

# Lines 37 and 43: claim to the works credited.
CREDITED = {"E00": (), "E01": (PORTER,), "E02": (BUZZ, MARSHALL), "E03": (MARSHALL, PIORE), "E04": (HIPPEL, HIRSCHMAN, DAHMEN),
            "E05": (MASKELL, PIORE), "E06": (HELMSING, BORRAS)}
TALKING = (("R08", "networking"), ("R14", "network-meetings"))
SAVING = (("R14", "matchmaking"), ("R15", "business-intelligence"))
# Mechanism to the claims that name it or a narrower one (lines 37 and 43), and to the activities (lines 60-71) that act on
# it by the curators' reading, with the role that names them.
MECHANISMS: dict[str, tuple[tuple[str, ...], tuple[Row, ...]]] = {
    "competition": (("E01",), ()), "externality": (("E00",), SAVING), "informal-contact": (("E02",), TALKING),
    "joint-action": (("E05", "E06"), (
        ("R08", "human-resource-upgrading"), ("R08", "influencing-business-environment"), ("R08", "innovation"),
        ("R12", "project-initiation"), ("R13", "lobbying"), ("R16", "international-research-projects"))),
    "knowledge-spill-over": (("E02",), TALKING), "labour-rotation": (("E02",), ()),
    "labour-specialisation": (("E03",), (("R08", "human-resource-upgrading"),)),
    "lower-transaction-costs": (("E00",), SAVING), "supplier-specialisation": (("E03",), ()),
    "user-producer-learning": (("E04",), (("R14", "matchmaking"),)),
}

# Slug to (columns, rows in order): the whole answer with the default parameters, cut to these columns.
WHOLE: dict[str, Answer] = {
    # Lines 25 (R01-R03), 27 (R04), 29 (R05-R07); only line 29 names phases.
    "roles-by-phase": ("number line phase modalityName modalityAsWritten", [
        ("R01", "25", "", "Can", "can"), ("R02", "25", "", "Can", "can"), ("R03", "25", "", "Need to", "need to"),
        *((f"R03{part}", "25", "", "Need to", "need to") for part in "abcde"),
        ("R04", "27", "", "", ""), ("R04a", "27", "", "Many", "Many"), ("R04b", "27", "", "Quite often", "quite often"),
        ("R04c", "27", "", "Quite often", "quite often"), ("R04d", "27", "", "", ""),
        *((number, "29", f"scheme/strategy-phase/{phase}", "Can", "can") for number, phase in (
            ("R05", "design"), ("R06", "design"), ("R07", "implementation")))]),
    # Line 37 (E00, no citation) and line 43; listed or not on lines 79-96. Porter 1998 and Dahmén 1950 are mixed entries.
    "effects-and-works": ("number citedAs work listed settled", [
        ("E00", "", "", "", ""),
        ("E01", "Porter, 1998", PORTER, "true", "false"),
        ("E02", "Marshall, 1890", MARSHALL, "true", "true"), ("E02", "Storper and Venables, 2003", BUZZ, "true", "true"),
        ("E03", "Marshall, 1890", MARSHALL, "true", "true"), ("E03", "Piore and Sabel, 1984", PIORE, "false", "false"),
        ("E04", "Dahmén, 1950", DAHMEN, "true", "false"), ("E04", "Hirschman, 1958", HIRSCHMAN, "true", "true"),
        ("E04", "Von Hippel, 2005", HIPPEL, "true", "true"),
        ("E05", "Malmberg and Maskell, 1999", MASKELL, "true", "true"),
        ("E05", "Piore and Sabel 1984", PIORE, "false", "false"),
        ("E06", "Borrás, 2003", BORRAS, "true", "true"),
        ("E06", "Helmsing, 2001", HELMSING, "true", "true")]),
    # Line 92; lines 90 and 91 end in "in Porter (2008b)".
    "uncited-entries": ("number line asWritten referringNumber", [
        ("B14", "92", "Porter, M.E. (2008b) On Competition, Updated and Expanded Edition, Harvard Business School Press.", other)
        for other in ("B12", "B13")]),
    # Citations on lines 23, 51, 60, 43; entries on lines 84, 81, 94, 88, 96; the article is by Maskell and Malmberg.
    "citation-conflicts": ("number citedAs entryNumber asWritten corrected statusName", [
        ("M01", "Foray and Goenaga, 2012", "B06", "Foray and Goenaga, 2012", "Foray and Goenaga, 2013", "Page only"),
        ("M02", "Borras and Tsagidis, 2009", "B03", "Borras and Tsagidis, 2009", "Borrás and Tsagdis, 2008", "Verified"),
        ("M03", "Sölvell et al., 2003", "B16", "(20023)", "(2003)", "Verified"),
        ("M08a", "Malmberg and Maskell, 1999", "B10", "Malmberg and Maskell, 1999", "Maskell and Malmberg, 1999", "Verified"),
        ("M08b", "Malmberg and Maskell, 1999", "B10", "Malmberg, A. and Maskell. P.", "Maskell, P. and Malmberg, A.", "Verified"),
        ("M11", "Borras and Tsagidis, 2009", "B03", "Borras", "Borrás", "Page only"),
        ("M12", "Von Hippel, 2005", "B18", "Von Hippel", "von Hippel", "Page only")]),
    # Line 43: Marshall in ii and iii, Piore and Sabel in iii and v; iv has three works.
    "works-and-effects": ("answer count thing", [
        ("work credited for several effects", "2", MARSHALL), ("work credited for several effects", "2", PIORE),
        ("effect with most works", "3", "id/effect/user-producer-learning")]),
    # Lines 23 (the page's own), 39, 60; what line 39 quotes may come from either edition or from the article of 1998.
    "definitions": ("concept line words edition year settled", [
        ("scheme/subject/cluster-organisation", "23", "", "", "", ""),
        *(("scheme/subject/cluster", "39", DEFINITION_1, f"id/expression/{edition}", edition[-4:], "false") for edition in (
            "clusters-and-the-new-economics-of-competition-1998", "on-competition-1998", "on-competition-2008")),
        ("scheme/subject/cluster-initiative", "60", DEFINITION_2, "id/expression/cluster-initiative-greenbook-2003", "2003",
         "false")]),
    # Entries on lines 93, 95, 90, 91, 89, 82, 83 against the editions that exist.
    "work-expressions": ("work expression cited", [
        (work, f"id/expression/{expression}", cited) for work, *expressions in (
            (BUZZ, ("buzz-cep-dp-0598", "cited"), ("buzz-article-2004", "not cited")),
            (REDBOOK, ("clusters-balancing-forces-2008", "not cited"), ("clusters-balancing-forces-2009", "cited")),
            (NATIONS, ("competitive-advantage-of-nations-1990", "candidate"),
             ("competitive-advantage-of-nations-1998", "not cited")),
            (PORTER, ("on-competition-1998", "candidate"), ("on-competition-2008", "candidate")),
            (MARSHALL, ("principles-of-economics-1890", "cited"), ("principles-of-economics-1920", "not cited")),
            (DAHMEN, ("svensk-industriell-foretagarverksamhet-1950", "candidate"),
             ("entrepreneurial-activity-1970", "candidate")),
            (HELIX, ("triple-helix-2008", "cited"), ("triple-helix-2017", "not cited"))) for expression, cited in expressions]),
    # Ketels wrote two cited works (lines 87, 94) and the guide of lines 33 and 112-114, and belongs to the centre that ran
    # the Observatory of line 46; Sörvik wrote a cited work (line 79) and later worked at the platform of the page.
    "people-on-both-sides": ("personName citedWork tie named body", [
        *(("Christian Ketels", work, *tie) for work in (GREENBOOK, KETELS_2012) for tie in (
            ("author of a publication named", SMART_GUIDE, ""),
            ("member of a body behind a portal named", OBSERVATORY, CSC))),
        ("Jens Sörvik", WHITEBOOK, "member of the publisher of the text", PAGE, S3P)]),
    # Line 43: Marshall stands beside 2003 and 1984, Dahmén and Hirschman beside 2005; E00 on line 37 credits nobody.
    "claims-on-old-works": ("statement", []),
    # Line 43 and the years of first appearance (On Competition 1998, Dahmén 1950, Maskell and Malmberg 1999).
    "claims-and-evidence": ("number works oldest newest findings", [
        ("E00", "0", "", "", "0"), ("E01", "1", "1998", "1998", "0"), ("E02", "2", "1890", "2003", "0"),
        ("E03", "2", "1890", "1984", "0"), ("E04", "3", "1950", "2005", "0"), ("E05", "2", "1984", "1999", "0"),
        ("E06", "2", "2001", "2003", "0")]),
    "mechanisms-claims-activities": ("mechanism part number thing", [
        (f"scheme/mechanism/{mechanism}", *row) for mechanism, (claims, activities) in MECHANISMS.items() for row in (
            *(("activity", number, f"scheme/activity/{name}") for number, name in activities),
            *(("claim", number, f"id/statement/s3p-{number.lower()}") for number in claims),
            *(("work", number, work) for number in claims for work in CREDITED[number]))]),
    # Counted on the page: citations in lines 23-64, entries in 79-96, news and events in 5-17 and 100-104. The numbered
    # items are 13 parts, 46 concepts, 7 effects, 16 roles, 34 bodies, 27 persons, 4 news, 4 publications, 12 groups,
    # 18 entries, 31 defects and 17 further statements.
    "page-tallies": ("figure count names", [
        ("pointers", "22", ""), ("pointers-with-entry", "20", ""), ("cited-works", "18", ""), ("resolved-works", "17", ""),
        ("missing-works", "1", "The Second Industrial Divide: Possibilities for Prosperity"), ("entries", "18", ""),
        ("uncited-entries", "1", "Porter 2008b"), ("year-conflicts", "3", "M01; M02; M03"), ("effects", "7", ""),
        ("roles", "16", ""), ("events", "3", "; ".join((
            "European Cluster Conference 2014: Boosting SME growth, industrial renewal and regional structural change through "
            "modern cluster policies and support", "European Cluster Conference 2016", "Workshop on Cluster Excellence"))),
        ("persons", "27", ""), ("numbered-items", "229", "")]),
}

# Slug to (columns, rows that must be there): answers that grow with the data.
PART: dict[str, Answer] = {
    # Fifty-three statements: 7 E, 16 R with 11 parts, 17 S and the two quoted definitions; 123 mentions: 52 of concepts,
    # 36 of bodies (line 75 has two parts), 27 of persons, 4 of news and 4 of publications; two authors besides the 27 persons
    # wrote with Porter in 2014, one with Etzkowitz in 2017.
    "whats-in-here": ("class things", [
        ("ns#Statement", "53"), ("ns#Mention", "123"), ("ns#Effect", "7"), ("ns#TextPart", "13"), ("ns#CitationGroup", "12"),
        ("http://purl.org/spar/c4o/InTextReferencePointer", "22"), ("http://purl.org/spar/biro/BibliographicReference", "18"),
        ("http://purl.org/spar/fabio/Quotation", "2"), ("http://schema.org/Event", "3"),
        ("http://xmlns.com/foaf/0.1/Person", "30")]),
    # Title pages and catalogue records of the works.
    "works-and-authors": ("work firstYear rank authorName", [
        (EAP_REVIEW, "2017", "", "inno TSD"), *((work, year, str(rank), name) for work, year, *names in (
            (WHITEBOOK, "2004", "Thomas Andersson", "Sylvia Schwaag Serger", "Jens Sörvik", "Emily Wise Hansson"),
            (BORRAS, "2003", "Susana Borrás"), (HELMSING, "2001", "Bert Helmsing"), (HELIX, "2008", "Henry Etzkowitz"),
            ("id/work/cluster-policies-in-europe", "2008", "Susana Borrás", "Dimitrios Tsagdis"),
            ("id/work/goals-of-smart-specialisation", "2013", "Dominique Foray", "Xabier Goenaga"),
            (DAHMEN, "1950", "Erik Dahmén"), (HIRSCHMAN, "1958", "Albert O. Hirschman"), (HIPPEL, "2005", "Eric von Hippel"),
            (KETELS_2012, "2012", "Christian Ketels", "Göran Lindqvist", "Örjan Sölvell"),
            (MASKELL, "1999", "Peter Maskell", "Anders Malmberg"), (MARSHALL, "1890", "Alfred Marshall"),
            (NATIONS, "1990", "Michael E. Porter"), (PORTER, "1998", "Michael E. Porter"),
            (BUZZ, "2003", "Michael Storper", "Anthony J. Venables"), (REDBOOK, "2008", "Örjan Sölvell"),
            (GREENBOOK, "2003", "Örjan Sölvell", "Göran Lindqvist", "Christian Ketels"),
            ("id/work/cluster-initiative-greenbook-2", "2013", "Göran Lindqvist", "Christian Ketels", "Örjan Sölvell"),
            (PIORE, "1984", "Michael J. Piore", "Charles F. Sabel"),
            ("id/work/defining-clusters-of-related-industries", "2014", "Mercedes Delgado", "Michael E. Porter", "Scott Stern"),
            (SMART_GUIDE, "2016", "Kincsö Izsak", "Christian Ketels", "Gerd Meier zu Köcker", "Thomas Lämmer-Gamp"))
            for rank, name in enumerate(names, 1))]),
    # What the portals and bodies say of themselves; the Innovation Policy Platform has no successor.
    "organisations-and-successors": ("former successor date", [
        ("id/organisation/tci-network", "id/organisation/tci-network", "2008"),
        ("id/organisation/esca", "id/organisation/eucles", "2020-12"),
        ("id/organisation/s3-platform", "id/portal/s3-community-of-practice", ""),
        (OBSERVATORY, "id/portal/eocic", ""), ("id/portal/eocic", "id/portal/eccp", ""),
        ("id/portal/eu-cluster-portal", "id/portal/eccp", "")]),
    # The statements but R08 and S13, which line 60 shares with another page, and the two quoted definitions; the matches of
    # B04, B12, B13, the quotations and the two pointers to Piore and Sabel; corrections from memory to M06, M07, M24, M26.
    "statement-status": ("graph source licence status records", [
        (f"graph/{graph}", f"id/source/{source}", "http://creativecommons.org/licenses/by/4.0/", f"scheme/status/{status}", count)
        for graph, source, status, count in (
            ("page/statements", "s3p-clusters-page", "page-only", "49"), ("page/matches", "s3p-clusters-page", "candidate", "11"),
            ("unverified/defects", "curated-here", "unverified", "4"),
            ("unverified/identifiers", "from-memory", "unverified", "12"))]),
    # Identifiers and editions that nobody looked up, and what they would say of the page.
    "unverified-statements": ("graph record inDataset", [
        (f"graph/unverified/{graph}", f"id/{record}", known) for graph, known, records in (
            ("defects", "false", ("defect/s3p-m06u", "defect/s3p-m07u", "defect/s3p-m24u", "defect/s3p-m26u")),
            ("identifiers", "false", (
                "identifier/isbn-9780415964517", "identifier/doi-10-4324-9780203929605", "identifier/report-number-jrc82213",
                "identifier/isbn-9789279305474", "identifier/doi-10-2791-20158", "identifier/doi-10-1111-1467-7660-00206",
                "identifier/doi-10-1177-096977649900600102", "identifier/isbn-0029253616", "identifier/isbn-0875847951",
                "identifier/isbn-9781422126967", "identifier/isbn-0262002744", "identifier/doi-10-7551-mitpress-2333-001-0001")),
            ("matches", "false", ("match/s3p-b12-2",)),
            ("works", "false", ("work/competitive-advantage-of-nations-article", "work/clusters-and-competition",
                                "work/role-of-clusters-in-smart-specialisation", "match/s3p-u01-1", "organisation/irwin")),
            ("works", "true", ("expression/on-competition-1998", "expression/entrepreneurial-activity-1970")))
        for record in records]),
}

# Slug, parameters as a visitor gives them, columns and whole answer.
OTHER: list[tuple[str, dict[str, str], str, list[Row]]] = [
    # Lines 60 and 64-71: "most often" and "idealised" stand on line 62, R10b, R15 and R16 have words of their own.
    ("roles-by-phase", {"part": f"{PROJECT.base}id/part/s3p-p09"}, "number modalityName", [
        ("R08", "Most often"), ("R09", "Idealised"), ("R09", "Most often"), ("R10", ""), ("R10a", "Idealised"),
        ("R10a", "Most often"), ("R10b", "Sometimes"),
        *((f"R{number}", name) for number in (11, 12, 13, 14) for name in ("Idealised", "Most often")),
        ("R15", "Often"), ("R16", "Often")]),
    # E03 credits 1890 and 1984 alone.
    ("claims-on-old-works", {"before": "1985"}, "statement works oldest newest evidence",
     [("id/statement/s3p-e03", "2", "1890", "1984", "no finding recorded")]),
    ("uncited-entries", {"text": f"{PROJECT.base}id/text/no-such-text"}, "number", []),
]

CLAIMS = """
<id/statement/old> a th:Statement ; rdfs:label "On Marshall alone"@en ; th:credits <id/pointer/old> ; th:asserts <id/effect/x> .
<id/statement/mixed> a th:Statement ; rdfs:label "On a lost work too"@en ; th:credits <id/pointer/old>, <id/pointer/lost> .
<id/statement/undated> a th:Statement ; rdfs:label "On a work of no known year"@en ; th:credits <id/pointer/undated> .
<id/statement/young> a th:Statement ; rdfs:label "On a work of 1960"@en ; th:credits <id/pointer/young> .
<id/statement/none> a th:Statement ; rdfs:label "On nobody"@en ; th:asserts <id/effect/x> .
<id/pointer/old> c4o:denotes <id/entry/old> . <id/entry/old> biro:references <id/expression/principles-1890> .
<id/pointer/undated> c4o:denotes <id/entry/undated> . <id/entry/undated> biro:references <id/work/undated> .
<id/pointer/young> th:candidate <id/match/young> . <id/match/young> th:to <id/expression/young> .
<id/pointer/lost> a c4o:InTextReferencePointer .
<id/expression/principles-1890> frbr:realizationOf <id/work/principles> ; dcterms:issued "1890"^^xsd:gYear .
<id/expression/principles-1920> frbr:realizationOf <id/work/principles> ; dcterms:issued "1920-05"^^xsd:gYearMonth .
<id/expression/young> frbr:realizationOf <id/work/young> ; dcterms:issued "1960-01-01"^^xsd:date .
<id/work/principles> a frbr:Work . <id/work/undated> a frbr:Work . <id/work/young> a frbr:Work .
"""

# Rule to (what is said, all that follows from it, whichever rule says it).
PLANTED: dict[str, tuple[str, str]] = {
    "type-of-superclass": (
        "th:Sub rdfs:subClassOf th:Mid . th:Mid rdfs:subClassOf owl:Thing . owl:Class rdfs:subClassOf rdfs:Class ."
        "<id/a> a th:Sub . th:Sub a owl:Class .",
        "<id/a> a th:Mid ."),
    "subclass-of-superclass": (
        "th:A rdfs:subClassOf th:B . th:B rdfs:subClassOf th:C . th:C rdfs:subClassOf th:D . owl:Class rdfs:subClassOf th:A .",
        "th:A rdfs:subClassOf th:C, th:D . th:B rdfs:subClassOf th:D ."),
    "value-of-superproperty": (
        "th:seat rdfs:subPropertyOf dcterms:spatial . <id/a> th:seat <id/area/x> . <id/b> dcterms:spatial <id/area/y> .",
        "<id/a> dcterms:spatial <id/area/x> ."),
    "subproperty-of-superproperty": (
        "th:p rdfs:subPropertyOf th:q . th:q rdfs:subPropertyOf th:r .  <id/a> th:p 1 .",
        "th:p rdfs:subPropertyOf th:r . <id/a> th:q 1 ; th:r 1 ."),
    "inverse": (
        "th:leadsInitiative owl:inverseOf th:ledBy . <id/body> th:leadsInitiative <id/i> . <id/j> th:ledBy <id/body> .",
        "<id/i> th:ledBy <id/body> . <id/body> th:leadsInitiative <id/j> ."),
    "transitive": (
        "th:partOfMeasure a owl:TransitiveProperty . <id/a> th:partOfMeasure <id/b> . <id/b> th:partOfMeasure <id/c> ."
        "<id/c> th:partOfMeasure <id/d> . <id/a> th:ledBy <id/b> . <id/b> th:ledBy <id/c> .",
        "<id/a> th:partOfMeasure <id/c>, <id/d> . <id/b> th:partOfMeasure <id/d> ."),
    "symmetric": ("skos:related a owl:SymmetricProperty . <id/a> skos:related <id/b> .", "<id/b> skos:related <id/a> ."),
    "candidate": (
        "<id/match/m> a th:CandidateMatch ; th:from <id/a> . <id/relatedness/r> a th:Relatedness ; th:from <id/b> .",
        "<id/a> th:candidate <id/match/m> ."),
    # A kind in no sphere, a count of zero and a member of unknown kind say nothing.
    "has-member-in": (
        "<k/sme> th:inSphere <s/industry> . <k/university> th:inSphere <s/academia> . <k/ngo> th:inSphere <s/civil> ."
        "<id/uni> th:actorKind <k/university> . <id/club> th:actorKind <k/association> ."
        "<m/1> a org:Membership ; org:organization <id/a> ; org:member <id/x> ; th:memberSphere <s/government> ."
        "<m/2> a org:Membership ; org:organization <id/a> ; org:member <id/uni> ."
        "<m/3> a org:Membership ; org:organization <id/b> ; org:member <id/club> ."
        "<n/1> a th:MemberCount ; th:body <id/b> ; th:memberKind <k/sme> ; th:count 12 ."
        "<n/2> a th:MemberCount ; th:body <id/b> ; th:memberKind <k/ngo> ; th:count 0 ."
        "<n/3> a th:MemberCount ; th:body <id/b> ; th:memberKind <k/association> ; th:count 3 .",
        "<id/a> th:hasMemberIn <s/government>, <s/academia> . <id/b> th:hasMemberIn <s/industry> ."),
    # An entry with candidates alone is no citation.
    "citation": (
        "<g/1> a th:CitationGroup ; th:inText <id/text/t> ; th:pointer <id/pointer/t-1>, <id/pointer/t-2> ."
        '<id/pointer/t-1> rdfs:label "T1: Marshall 1890"@en ; c4o:denotes <id/entry/1> .'
        '<id/pointer/t-2> rdfs:label "T2: Porter 1998"@en ; c4o:denotes <id/entry/2> .'
        "<id/entry/1> biro:references <id/expression/principles> . <id/entry/2> th:candidate <id/match/1> .",
        '<id/citation/t-1> a cito:Citation ; rdfs:label "Citation T1: Marshall 1890"@en ; cito:hasCitingEntity <id/text/t> ;'
        "cito:hasCitedEntity <id/expression/principles> ; prov:wasDerivedFrom <id/pointer/t-1> ."),
    "related": (
        "<r/1> a th:Relatedness ; th:from <f/a> ; th:to <f/b> ; th:score 0.8 ."
        "<r/2> a th:Relatedness ; th:from <f/a> ; th:to <f/c> .",
        "<f/a> skos:related <f/b> . <f/b> skos:related <f/a> ."),
}


def test_every_rule_has_a_case():
    assert sorted(PLANTED) == sorted(RULES)


def test_every_named_query_has_a_topic_that_others_have():
    topics = [query.topic for query in QUERIES.values()]
    assert all(topics) and min(map(topics.count, topics)) > 1


@pytest.mark.parametrize("slug", sorted(WHOLE))
def test_whole_answer(filled: Store, slug: str):
    columns, expected = WHOLE[slug]
    assert answer(filled, slug, columns) == expected


@pytest.mark.parametrize("slug", sorted(PART))
def test_part_of_an_answer_that_grows(filled: Store, slug: str):
    columns, expected = PART[slug]
    assert set(expected) - set(answer(filled, slug, columns)) == set()


@pytest.mark.parametrize(("slug", "values", "columns", "expected"), OTHER)
def test_answer_for_other_parameters(filled: Store, slug: str, values: dict[str, str], columns: str, expected: list[Row]):
    assert answer(filled, slug, columns, values) == expected


@pytest.mark.parametrize("slug", sorted(QUERIES))
def test_example_of_the_header_runs(filled: Store, slug: str):
    query = QUERIES[slug]
    values = {} if query.example == "none" else dict(parse_qsl(query.example, strict_parsing=True))
    assert set(values) == {parameter.name for parameter in query.parameters}
    assert answer(filled, slug, values=values)


def test_order_is_total(held: Content, filled: Store):
    """A store filled from the other end gives the same rows in the same order."""
    other = serving(held, -1)
    assert {slug: answer(other, slug) for slug in QUERIES} == {slug: answer(filled, slug) for slug in QUERIES}


def test_claims_on_old_works_finds_a_planted_claim():
    columns = "statement works oldest newest evidence"
    finding = "<id/finding/f> a th:Finding ; th:of <id/effect/x> ."
    for more, evidence in (("", "no finding recorded"), (finding, "finding recorded")):
        known = store.memory(turtle(CLAIMS + more))
        assert answer(known, "claims-on-old-works", columns) == [("id/statement/old", "1", "1890", "1890", evidence)]


@pytest.mark.parametrize("rule", sorted(PLANTED))
def test_rule(rule: str, tmp_path: Path):
    said, follows = PLANTED[rule]
    text = RULES[rule].read_text(encoding="utf-8")
    assert text.startswith("# "), "a rule states itself in words on its first line"
    assert list(store.construct(store.memory(turtle(said)), text, PROJECT.base)), "the case is one of this very rule"
    assert triples(inferred(store.memory(turtle(said)), tmp_path)) == triples(turtle(follows))


def test_citations_of_the_page(held: Content):
    """20 pointers have an entry; what B04, B12 and B13 stand for is open (T02 twice, T03, T04 and T07 cite them)."""
    found = {shortened(q.subject) for q in statements(held, "dataset") if q.predicate.value == "http://purl.org/spar/cito/hasCitedEntity"}
    assert found == {f"id/citation/s3p-t{pointer}" for pointer in (
        "01-1", "05-1", "05-2", "06-1", "07-2", "07-3", "08-2", "09-1", "09-2", "10-1", "10-2", "10-3", "10-4", "11-1", "12-1")}


def inferred(known: Store, folder: Path) -> list[Quad]:
    return list(parse(b"".join(infer(PROJECT, known, folder)), format=RdfFormat.N_TRIPLES))


def triples(quads: list[Quad]) -> set[tuple]:
    return {(q.subject, q.predicate, q.object) for q in quads}

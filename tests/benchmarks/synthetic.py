"""A synthetic graph of our own model, drawn from a seed: `python -m benchmarks.synthetic TRIPLES FILE`.

What it holds is what the default graph of a release would: asserted statements and the ones that follow (types of
superclasses, th:hasMemberIn, th:leadsInitiative). Few regions and many bodies; how many members a body has, how often a
work is cited and how many bodies sit in a region fall off as in a Zipf distribution. Equal numbers give equal bytes; every
line is another triple. Codes look like those of NUTS and NACE and are none.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.drawing import COUNTRIES, LANGUAGES, Zipf, coined, date, trade
from benchmarks.terms import Names, iri, text, typed

SEED = 2026
# Kinds of actor with their sphere ("" for none) and their share among the bodies.
KINDS = {"sme": ("industry", 50), "large-firm": ("industry", 12), "university": ("academia", 9), "rto": ("academia", 6),
         "public-authority": ("government", 8), "agency": ("government", 5), "association": ("", 6), "ngo": ("civil-society", 4)}
SPHERES = ("industry", "academia", "government", "civil-society")
SOURCES = 12
# What one body brings with it: about so many triples of its own, of its memberships, of the works it stands for.
PER_BODY = 24.7

# How a term begins that is written out; others are prefixed names.
WRITTEN = ("<", '"')

# Subject, predicate and object.
Block = Iterator[tuple[str, str, str]]


@dataclass(frozen=True)
class World:
    """The things there are, as IRIs: drawn from by all sections, so that they refer to each other."""

    regions: list[str]
    territories: list[str]
    fields: list[str]
    bodies: list[str]
    clusters: list[str]
    cluster_bodies: list[str]
    persons: list[str]
    works: list[str]
    strategies: list[str]


def world(triples: int) -> World:
    """The world of a graph of about that many triples."""
    countries = COUNTRIES[:max(3, min(30, triples // 10_000))]
    regions = [country + code for country in countries for code in _codes("123", 3)]
    fields = _fields(deep=triples >= 100_000)
    bodies = max(100, round((triples - 8.6 * len(regions) - 7.6 * len(fields)) / PER_BODY))
    return World(
        regions, [code for code in regions if len(code) <= 4], fields, _things("organisation/body", bodies),
        _things("cluster/synthetic", bodies // 50), _things("organisation/cluster", bodies // 12),
        _things("person/synthetic", bodies // 5), _things("work/synthetic", bodies // 6),
        _things("strategy/synthetic", bodies // 60))


def triples(size: int) -> Iterator[str]:
    """The lines of the graph, N-Triples, about `size` of them."""
    names, made = Names(), world(size)
    for section in SECTIONS:
        for subject, predicate, value in section(made, random.Random(f"{SEED} {section.__name__}")):
            yield f"{subject} {names[predicate]} {value if value.startswith(WRITTEN) else names[value]} .\n"


def write(path: Path, size: int) -> int:
    """Write about `size` triples; how many it has become."""
    with path.open("w", encoding="utf-8") as file:
        return sum(1 for line in triples(size) if file.write(line))


def _codes(digits: str, depth: int) -> Iterator[str]:
    """The empty code and all codes below it, each after the one it belongs to."""
    yield ""
    if depth:
        for digit in digits:
            yield from (digit + rest for rest in _codes(digits, depth - 1))


def _fields(deep: bool) -> list[str]:
    sections = [chr(ord("A") + number) for number in range(21)]
    divisions = [f"{number:02}" for number in range(1, 89)]
    return sections + divisions + [f"{division}{rest}" for division in divisions if deep for rest in _groups()]


def _groups() -> Iterator[str]:
    for group in "123":
        yield from (f".{group}", f".{group}1", f".{group}2")


def _things(path: str, number: int) -> list[str]:
    return [iri(f"id/{path}-{n}") for n in range(max(3, number))]


def _sourced(drawn: random.Random) -> str:
    return iri(f"id/source/synthetic-{drawn.randrange(SOURCES)}")


def _concept(scheme: str, code: str, kind: str, wider: str) -> Block:
    subject = iri(f"scheme/{scheme}/{code}")
    yield subject, "rdf:type", kind
    yield subject, "skos:notation", f'"{code}"'
    yield subject, "skos:inScheme", iri(f"scheme/{scheme}")
    if wider:
        yield subject, "skos:broader", iri(f"scheme/{scheme}/{wider}")


def code_lists(_: World, drawn: random.Random) -> Block:
    """Spheres, kinds of actor, sources."""
    for sphere in SPHERES:
        yield from _concept("sphere", sphere, "skos:Concept", "")
        yield iri(f"scheme/sphere/{sphere}"), "skos:prefLabel", text(sphere.replace("-", " "), "en")
    for kind, (sphere, _) in KINDS.items():
        yield from _concept("actor-kind", kind, "skos:Concept", "")
        yield iri(f"scheme/actor-kind/{kind}"), "skos:prefLabel", text(kind.replace("-", " "), "en")
        if sphere:
            yield iri(f"scheme/actor-kind/{kind}"), "th:inSphere", iri(f"scheme/sphere/{sphere}")
    for number in range(SOURCES):
        yield iri(f"id/source/synthetic-{number}"), "rdfs:label", text(f"Register of {coined(drawn)}", "en")


def regions(made: World, drawn: random.Random) -> Block:
    for code in made.regions:
        subject = iri(f"scheme/nuts2024/{code}")
        yield from _concept("nuts2024", code, "th:NutsRegion", code[:-1] if len(code) > 2 else "")
        yield subject, "rdf:type", "dcterms:Location"
        yield subject, "rdf:type", "skos:Concept"
        for language in ("en", LANGUAGES[1 + len(code) % 3]):
            yield subject, "skos:prefLabel", text(f"{coined(drawn)} {code}", language)


def industries(made: World, drawn: random.Random) -> Block:
    for code in made.fields:
        wider = code[:-1].removesuffix(".") if "." in code else chr(ord("A") + int(code) % 21) if code.isdigit() else ""
        yield from _concept("nace2", code, "skos:Concept", wider)
        for language in LANGUAGES:
            yield iri(f"scheme/nace2/{code}"), "skos:prefLabel", text(f"{trade(drawn, language)} {code}", language)


def _seats(made: World) -> Zipf:
    smallest = [iri(f"scheme/nuts2024/{code}") for code in made.regions if len(code) == 5]
    random.Random(SEED).shuffle(smallest)
    return Zipf(smallest, 3)


def _industries(made: World) -> Zipf:
    deepest = max(map(len, made.fields))
    codes = [iri(f"scheme/nace2/{code}") for code in made.fields if len(code) == deepest]
    random.Random(SEED).shuffle(codes)
    return Zipf(codes, 3)


def _divisions(made: World) -> Zipf:
    return Zipf([iri(f"scheme/nace2/{code}") for code in made.fields if code.isdigit()], 5)


def bodies(made: World, drawn: random.Random) -> Block:
    seats, industries = _seats(made), _industries(made)
    kinds = drawn.choices(list(KINDS), [share for _, share in KINDS.values()], k=len(made.bodies))
    for number, (body, kind) in enumerate(zip(made.bodies, kinds, strict=True)):
        name, language = coined(drawn), drawn.choice(LANGUAGES)
        yield body, "rdf:type", "org:Organization"
        yield body, "skos:prefLabel", text(f"{name} {trade(drawn, language)} {number}", language)
        if language != "en" and drawn.random() < 0.6:
            yield body, "skos:prefLabel", text(f"{name} {trade(drawn, 'en')} {number}", "en")
        if drawn.random() < 0.2:
            yield body, "skos:altLabel", text(f"{name[:3].upper()} {number}", "en")
        yield body, "th:actorKind", iri(f"scheme/actor-kind/{kind}")
        yield body, "th:seat", seats.draw(drawn)
        yield body, "th:registeredActivity", industries.draw(drawn)
        yield body, "dcterms:source", _sourced(drawn)
        if drawn.random() < 0.7:
            yield from _identifier(body, f"pic-{100_000_000 + number}", "pic")


def _identifier(of: str, name: str, scheme: str) -> Block:
    subject = iri(f"id/identifier/{name}")
    yield of, "adms:identifier", subject
    yield subject, "rdf:type", "adms:Identifier"
    yield subject, "skos:notation", f'"{name.partition("-")[2]}"'
    yield subject, "th:identifierScheme", iri(f"scheme/identifier-scheme/{scheme}")
    yield subject, "th:status", iri("scheme/status/verified")


def cluster_bodies(made: World, drawn: random.Random) -> Block:
    seats, divisions = _seats(made), _divisions(made)
    for number, body in enumerate(made.cluster_bodies):
        name, language = coined(drawn), drawn.choice(LANGUAGES)
        yield body, "rdf:type", "th:ClusterOrganisation"
        yield body, "rdf:type", "org:Organization"
        yield body, "skos:prefLabel", text(f"{name} cluster {trade(drawn, language)} {number}", language)
        yield body, "th:seat", (seat := seats.draw(drawn))
        yield body, "th:serviceArea", f"{seat[:-3]}>"
        for field in divisions.some(drawn, 3):
            yield body, "th:servesField", field
        yield body, "th:sourceTerm", '"cluster"'
        yield body, "dcterms:source", _sourced(drawn)
        if drawn.random() < 0.5:
            yield body, "th:initiatedBy", iri(f"scheme/origin/{drawn.choice(('public', 'private', 'mixed'))}")
        yield from _member_counts(body, number, drawn)


def _member_counts(body: str, number: int, drawn: random.Random) -> Block:
    for kind in sorted(drawn.sample(list(KINDS), drawn.randint(0, 4))):
        subject = iri(f"id/member-count/cluster-{number}-{kind}")
        yield subject, "rdf:type", "th:MemberCount"
        yield subject, "th:body", body
        yield subject, "th:memberKind", iri(f"scheme/actor-kind/{kind}")
        yield subject, "th:count", typed(drawn.randint(1, 200), "integer")
        yield subject, "th:asOf", date(drawn, 2012, 2025)
        yield subject, "th:precision", iri("scheme/precision/exact")
        yield subject, "dcterms:source", _sourced(drawn)


def memberships(made: World, drawn: random.Random) -> Block:
    """Who is a member of what, from when to when; and from that, in which spheres a cluster organisation has members."""
    hosts = Zipf(made.cluster_bodies)
    spheres: dict[str, set[str]] = {}
    for number in range(len(made.bodies)):
        subject, host = iri(f"id/membership/synthetic-{number}"), hosts.draw(drawn)
        sphere = drawn.choices(SPHERES, (60, 18, 15, 7))[0]
        yield subject, "rdf:type", "org:Membership"
        yield subject, "org:member", drawn.choice(made.bodies)
        yield subject, "org:organization", host
        yield subject, "dcterms:source", _sourced(drawn)
        if drawn.random() < 0.8:
            yield subject, "th:memberSphere", iri(f"scheme/sphere/{sphere}")
            spheres.setdefault(host, set()).add(sphere)
        if drawn.random() < 0.85:
            yield subject, "th:validFrom", date(drawn, 1998, 2019)
        if drawn.random() < 0.25:
            yield subject, "th:validUntil", date(drawn, 2020, 2026)
    for host in made.cluster_bodies:
        for sphere in sorted(spheres.get(host, ())):
            yield host, "th:hasMemberIn", iri(f"scheme/sphere/{sphere}")


def clusters(made: World, drawn: random.Random) -> Block:
    seats, divisions = _seats(made), _divisions(made)
    for number, cluster in enumerate(made.clusters):
        identification = iri(f"id/identification/cluster-{number}")
        yield cluster, "rdf:type", "th:Cluster"
        yield cluster, "skos:prefLabel", text(f"{trade(drawn, 'en')} in {coined(drawn)} {number}", "en")
        yield cluster, "th:clusterArea", f"{seats.draw(drawn)[:-2]}>"
        for field in divisions.some(drawn, 3):
            yield cluster, "th:field", field
        yield cluster, "th:identification", identification
        yield identification, "rdf:type", "th:ClusterIdentification"
        yield identification, "th:basis", iri(f"scheme/identification-basis/{drawn.choice(('statistical', 'case-study'))}")
        yield identification, "th:asOf", date(drawn, 2005, 2025)
        yield identification, "prov:hadPrimarySource", _sourced(drawn)


def initiatives(made: World, drawn: random.Random) -> Block:
    leaders = Zipf(made.cluster_bodies)
    for number in range(len(made.bodies) // 25):
        initiative = iri(f"id/initiative/synthetic-{number}")
        yield initiative, "rdf:type", "th:ClusterInitiative"
        yield initiative, "rdfs:label", text(f"{coined(drawn)} {trade(drawn, 'en')} {number}", "en")
        yield initiative, "th:targets", drawn.choice(made.clusters)
        yield initiative, "th:validFrom", date(drawn, 2000, 2018)
        if drawn.random() < 0.5:
            yield initiative, "th:validUntil", date(drawn, 2019, 2026)
        for leader in leaders.some(drawn, 2) if drawn.random() < 0.8 else ():
            yield initiative, "th:ledBy", leader
            yield leader, "th:leadsInitiative", initiative


def strategies(made: World, drawn: random.Random) -> Block:
    divisions, helpers = _divisions(made), Zipf(made.cluster_bodies, 10)
    for number, strategy in enumerate(made.strategies):
        code, language = drawn.choice(made.territories), drawn.choice(LANGUAGES)
        yield strategy, "rdf:type", "th:SmartSpecialisationStrategy"
        yield strategy, "rdfs:label", text(f"Strategy of {code} {number}", "en")
        yield strategy, "th:territory", iri(f"scheme/nuts2024/{code}")
        yield strategy, "th:validFrom", typed(drawn.choice((2014, 2021)), "gYear")
        for place in range(drawn.randint(3, 8)):
            priority = iri(f"id/priority/synthetic-{number}-{place}")
            yield priority, "rdf:type", "th:PriorityArea"
            yield priority, "rdf:type", "skos:Concept"
            yield priority, "skos:prefLabel", text(f"{trade(drawn, language)} {number}-{place}", language)
            yield priority, "th:priorityOf", strategy
            for field in divisions.some(drawn, 4):
                yield priority, "th:coversField", field
            for helper in helpers.some(drawn, 2) if drawn.random() < 0.7 else ():
                yield helper, "th:supportsPriority", priority


def policies(made: World, drawn: random.Random) -> Block:
    for number in range(len(made.bodies) // 40):
        measure, kind = iri(f"id/measure/synthetic-{number}"), drawn.choice(("Policy", "Programme", "Instrument"))
        yield measure, "rdf:type", f"th:{kind}"
        yield measure, "rdf:type", "th:PolicyMeasure"
        yield measure, "skos:prefLabel", text(f"{coined(drawn)} {kind.lower()} {number}", "en")
        yield measure, "th:responsible", drawn.choice(made.bodies)
        yield measure, "th:territory", iri(f"scheme/nuts2024/{drawn.choice(made.territories)}")
        yield measure, "th:policyAim", iri(f"scheme/policy-aim/{drawn.choice(('grow-emerging', 'grow-existing', 'revitalise'))}")
        yield measure, "th:validFrom", date(drawn, 2000, 2020)
        if number and drawn.random() < 0.5:
            yield measure, "th:partOfMeasure", iri(f"id/measure/synthetic-{drawn.randrange(number)}")


def works(made: World, drawn: random.Random) -> Block:
    writers = Zipf(made.persons, 20)
    for number, person in enumerate(made.persons):
        yield person, "rdf:type", "foaf:Person"
        yield person, "foaf:name", f'"{coined(drawn)} {coined(drawn)} {number}"'
    for number, work in enumerate(made.works):
        expression = iri(f"id/expression/work-{number}")
        title = text(f"{coined(drawn)}: {trade(drawn, 'en')} and {trade(drawn, 'en')} {number}", "en")
        yield work, "rdf:type", "frbr:Work"
        yield work, "dcterms:title", title
        for writer in writers.some(drawn, 3):
            yield work, "dcterms:creator", writer
        yield expression, "rdf:type", "fabio:JournalArticle"
        yield expression, "rdf:type", "frbr:Expression"
        yield expression, "dcterms:title", title
        yield expression, "frbr:realizationOf", work
        yield expression, "dcterms:issued", typed(drawn.randint(1970, 2025), "gYear")
        yield from _identifier(expression, f"doi-10.5555/{number}", "doi")


def citations(made: World, drawn: random.Random) -> Block:
    cited = Zipf(made.works)
    for number, work in enumerate(made.works):
        for place, other in enumerate(cited.some(drawn, 9)):
            citation = iri(f"id/citation/synthetic-{number}-{place}")
            yield citation, "rdf:type", "cito:Citation"
            yield citation, "cito:hasCitingEntity", work
            yield citation, "cito:hasCitedEntity", other


SECTIONS: tuple[Callable[[World, random.Random], Block], ...] = (
    code_lists, regions, industries, bodies, cluster_bodies, memberships, clusters, initiatives, strategies, policies, works,
    citations)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.synthetic", description=__doc__)
    parser.add_argument("triples", type=int, help="about how many triples")
    parser.add_argument("file", type=Path, help="where to write them, as N-Triples")
    arguments = parser.parse_args()
    print(f"{write(arguments.file, arguments.triples):,} triples")


if __name__ == "__main__":
    main()

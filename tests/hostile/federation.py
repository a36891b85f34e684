"""Requests that want the service to ask or fetch elsewhere: LISTENER is a server that must never hear of it."""

from __future__ import annotations

from hostile.vector import FORM, Vector, asked, bare, raw, sent, statuses

# SERVICE in every place and spelling (SPARQL 1.1 Federated Query, 2).
SERVICE = {
    "plain": "SELECT * { SERVICE <LISTENER> { ?s ?p ?o } }",
    "silent": "SELECT * { SERVICE SILENT <LISTENER> { ?s ?p ?o } }",
    "small letters": "SELECT * { service silent <LISTENER> { ?s ?p ?o } }",
    "mixed letters": "SELECT * { sErViCe <LISTENER> { ?s ?p ?o } }",
    "without a blank": "SELECT * {SERVICE<LISTENER>{?s ?p ?o}}",
    "behind a word": "SELECT * { FILTER(1 = 1 || true)SERVICE<LISTENER> { ?s ?p ?o } }",
    "behind true": "SELECT * { ?s ?p trueSERVICE<LISTENER> { ?s ?p ?o } }",
    "with a comment": "SELECT * { SERVICE # here\n<LISTENER> { ?s ?p ?o } }",
    "with comments all over": "SELECT * { SERVICE#\n#SILENT\nSILENT#<\n<LISTENER>#{\n{ ?s ?p ?o } }",
    "behind a hash in an IRI": "SELECT * { ?s <http://x.invalid/#> ?o SERVICE <LISTENER> { ?s ?p ?o } }",
    "behind a hash in a short IRI": "SELECT * { ?s <#x> ?o . FILTER(1<2) SERVICE <LISTENER> { ?s ?p ?o } }",
    "behind a quotation mark": "SELECT * { ?s <'> ?o SERVICE <LISTENER> { ?s ?p ?o } }",
    "behind a string of quotation marks": "SELECT * { ?s ?p '''it's \"\"\"''' SERVICE <LISTENER> { ?s ?p ?o } }",
    "by a prefix": "PREFIX l: <LISTENER> SELECT * { SERVICE l: { ?s ?p ?o } }",
    "by a prefix called service": "PREFIX service: <LISTENER> SELECT * { SERVICE service: { ?s ?p ?o } }",
    "by a prefix without a blank": "PREFIX l: <LISTENER> SELECT * { SERVICEl: { ?s ?p ?o } }",
    "by the base": "BASE <LISTENER> SELECT * { SERVICE <> { ?s ?p ?o } }",
    "in itself": "SELECT * { SERVICE <LISTENER> { SERVICE <LISTENER> { ?s ?p ?o } } }",
    "in a sub-select": "SELECT * { { SELECT * { SERVICE <LISTENER> { ?s ?p ?o } } } }",
    "in OPTIONAL": "SELECT * { OPTIONAL { SERVICE SILENT <LISTENER> { ?s ?p ?o } } }",
    "in UNION": "SELECT * { {} UNION { SERVICE <LISTENER> { ?s ?p ?o } } }",
    "in MINUS": "SELECT * { ?s ?p ?o MINUS { SERVICE <LISTENER> { ?s ?p ?o } } }",
    "in GRAPH": "SELECT * { GRAPH ?g { SERVICE <LISTENER> { ?s ?p ?o } } }",
    "in EXISTS": "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE <LISTENER> { ?s ?p ?o } } }",
    "in an aggregate": "SELECT (SUM(IF(EXISTS { SERVICE <LISTENER> {} }, 1, 0)) AS ?n) { ?s ?p ?o }",
    "in HAVING": "SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING (EXISTS { SERVICE <LISTENER> {} })",
    "in ORDER BY": "SELECT ?s { ?s ?p ?o } ORDER BY EXISTS { SERVICE <LISTENER> {} }",
    "in ASK": "ASK { SERVICE <LISTENER> { ?s ?p ?o } }",
    "in CONSTRUCT": "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <LISTENER> { ?s ?p ?o } }",
    "in DESCRIBE": "DESCRIBE ?s { SERVICE <LISTENER> { ?s ?p ?o } }",
    "by a variable of BIND": "SELECT * { BIND(<LISTENER> AS ?e) SERVICE ?e { ?s ?p ?o } }",
    "by a variable of VALUES": "SELECT * { VALUES ?e { <LISTENER> } SERVICE ?e { ?s ?p ?o } }",
    "by a variable made of a string": "SELECT * { BIND(IRI(CONCAT('LISTENER', '')) AS ?e) SERVICE SILENT ?e { ?s ?p ?o } }",
    "by a file": "SELECT * { SERVICE <file:///etc/passwd> { ?s ?p ?o } }",
    "by an escaped IRI": "SELECT * { SERVICE <\\u0068ttp://127.0.0.1/> { ?s ?p ?o } }",
}
# The word where it is none: a server that looks for it refuses these, and is wrong.
INNOCENT = {
    "in a string": "SELECT ('SERVICE <LISTENER> { }' AS ?x) {}",
    "in a comment": "SELECT * { } # SERVICE <LISTENER> { ?s ?p ?o }",
    "as a variable": "SELECT ?service { BIND(1 AS ?service) }",
    "as a prefix": "PREFIX service: <urn:x> ASK { service:x ?p ?o }",
    "in an IRI": "ASK { <http://x.invalid/SERVICE> ?p ?o }",
    "as a language": "ASK { ?s ?p 'x'@service }",
    "as a blank node": "ASK { _:SERVICE ?p ?o }",
    "as a local name": "PREFIX x: <urn:x> ASK { x:SERVICE ?p ?o }",
}
# Not SPARQL at all: unlike other engines, no escape outside strings and IRIs.
ESCAPED = {
    "escaped S": "SELECT * { \\u0053ERVICE <LISTENER> { ?s ?p ?o } }",
    "escaped brace": "SELECT * \\u007B SERVICE <LISTENER> { ?s ?p ?o } }",
    "escaped and silent": "SELECT * { SERV\\u0049CE SILENT <LISTENER> { ?s ?p ?o } }",
}
# Graphs of elsewhere are not here, and are never fetched.
FOREIGN = {
    "FROM": "SELECT * FROM <LISTENER> { ?s ?p ?o }",
    "FROM NAMED": "SELECT * FROM NAMED <LISTENER> { GRAPH ?g { ?s ?p ?o } }",
    "FROM by a prefix": "PREFIX l: <LISTENER> SELECT * FROM l: { ?s ?p ?o }",
    "FROM by the base": "BASE <LISTENER> SELECT * FROM <> { ?s ?p ?o }",
    "FROM in ASK": "ASK FROM <LISTENER> { ?s ?p ?o }",
    "FROM in DESCRIBE": "DESCRIBE <LISTENER> FROM <LISTENER>",
    "FROM in CONSTRUCT": "CONSTRUCT { ?s ?p ?o } FROM <LISTENER> WHERE { ?s ?p ?o }",
    "FROM a file": "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
    "FROM NAMED a file": "SELECT * FROM NAMED <file:///etc/hostname> { GRAPH ?g { ?s ?p ?o } }",
    "FROM of two": "SELECT * FROM <LISTENER> FROM <file:///etc/passwd> { ?s ?p ?o }",
    "FROM ftp": "SELECT * FROM <ftp://127.0.0.1/x> { ?s ?p ?o }",
    "FROM data": "SELECT * FROM <data:text/turtle,> { ?s ?p ?o }",
}
UPDATES = {
    "LOAD": "LOAD <LISTENER>",
    "LOAD SILENT": "LOAD SILENT <LISTENER> INTO GRAPH <urn:x>",
    "LOAD a file": "LOAD <file:///etc/passwd>",
    "USING": "DELETE { ?s ?p ?o } USING <LISTENER> WHERE { ?s ?p ?o }",
    "INSERT by SERVICE": "INSERT { ?s ?p ?o } WHERE { SERVICE <LISTENER> { ?s ?p ?o } }",
}
JSON_LD = b'{"@context": "LISTENER", "@id": "urn:x"}'
READ_ONLY, NO_QUERY, ABSENT = statuses(403), statuses(400, 415), statuses(400, 404)


def _updates() -> tuple[Vector, ...]:
    update = "Content-Type: application/sparql-update"
    return (
        *(
            Vector(f"{name} as a query", asked(text), statuses(400, 403), told="read-only")
            for name, text in UPDATES.items()
        ),
        *(
            Vector(f"{name} as an update", sent("POST", "/sparql", update, body=text.encode()), READ_ONLY, told="read-only")
            for name, text in UPDATES.items()
        ),
        Vector(
            "LOAD as a field",
            sent("POST", "/sparql", f"Content-Type: {FORM}", body=b"update=LOAD+%3CLISTENER%3E"),
            READ_ONLY,
        ),
        Vector("LOAD in the address", bare("GET", "/sparql?update=LOAD%20%3CLISTENER%3E"), READ_ONLY),
    )


FEDERATION = (
    *(
        Vector(f"SERVICE {name}", asked(text), statuses(403), told="endpoint", placed=True)
        for name, text in SERVICE.items()
    ),
    *(Vector(f"SERVICE {name}, innocent", asked(text), statuses(200)) for name, text in INNOCENT.items()),
    *(Vector(f"SERVICE {name}", asked(text), statuses(400, 403), placed=True) for name, text in ESCAPED.items()),
    *(Vector(name, asked(text), statuses(400), told="no graph") for name, text in FOREIGN.items()),
    *(
        Vector(f"{field} of elsewhere", asked("ASK { ?s ?p ?o }", **{field: "LISTENER"}), statuses(400), told="no graph")
        for field in ("default-graph-uri", "named-graph-uri")
    ),
    Vector(
        "default-graph-uri of a file",
        asked("ASK { ?s ?p ?o }", **{"default-graph-uri": "file:///etc/passwd"}),
        statuses(400),
    ),
    *_updates(),
    Vector(
        "JSON-LD with a context of elsewhere",
        sent("POST", "/sparql", "Content-Type: application/ld+json", body=JSON_LD),
        statuses(415),
    ),
    Vector(
        "RDF/XML with an entity of elsewhere",
        sent("POST", "/sparql", "Content-Type: application/rdf+xml", body=b'<!DOCTYPE r SYSTEM "LISTENER"><r/>'),
        statuses(415),
    ),
    Vector("graph of elsewhere read", bare("GET", "/graphs?graph=LISTENER"), ABSENT),
    Vector("graph of a file read", bare("GET", "/graphs?graph=file%3A%2F%2F%2Fetc%2Fpasswd"), ABSENT),
    Vector(
        "graph of elsewhere written",
        sent("PUT", "/graphs?graph=LISTENER", "Content-Type: text/turtle", body=b""),
        statuses(403, 405),
    ),
    # The HTTP server does not tell whose address was asked for: it is taken as ours.
    Vector(
        "address of elsewhere asked for", raw("\r\n", first="GET LISTENERhealth HTTP/1.1"), statuses(200, 400, 404, 421)
    ),
    Vector("tunnel asked for", raw("\r\n", first="CONNECT LISTENER HTTP/1.1"), statuses(400, 404, 405, 421), unseen=True),
    Vector(
        "headers of elsewhere",
        asked(
            "ASK {}",
            "Referer: LISTENER",
            "Origin: LISTENER",
            "X-Forwarded-Host: x.invalid",
            "Link: <LISTENER>; rel=describedby",
            "Content-Location: LISTENER",
        ),
        statuses(200),
    ),
    Vector(
        "profile of elsewhere", bare("GET", "/sparql", 'Accept: application/ld+json;profile="LISTENER"'), statuses(200, 406)
    ),
)

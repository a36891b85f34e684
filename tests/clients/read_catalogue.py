"""Run by an environment that has ckanext-dcat: prints what a CKAN would harvest from a catalogue, as JSON."""

import json
import sys
from urllib.request import Request, urlopen

from ckanext.dcat.processors import RDFParser

address, profile = sys.argv[1:]
with urlopen(Request(address, headers={"Accept": "text/turtle"}), timeout=30) as answer:
    catalogue = answer.read().decode()
parser = RDFParser(profiles=[profile])
parser.parse(catalogue, _format="turtle")
json.dump(list(parser.datasets()), sys.stdout)

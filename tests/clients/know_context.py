"""Run by an environment that has the RO-Crate validator: puts the context of RO-Crate 1.1 where the validator looks first.

The package rocrate has it as a file, so that nothing is fetched. Argument: the name of the cache.
"""

import io
import sys
from importlib.resources import files

from requests import Request, Response
from requests_cache import CachedSession
from urllib3 import HTTPResponse

ADDRESS = "https://w3id.org/ro/crate/1.1/context"
data = files("rocrate").joinpath("data/ro-crate.jsonld").read_bytes()
assert ADDRESS.encode() in data
answer = Response()
answer.url, answer.status_code, answer.reason = ADDRESS, 200, "OK"
answer.headers["Content-Type"] = "application/ld+json"
answer.raw = HTTPResponse(io.BytesIO(data), answer.headers, 200, preload_content=False)
answer.request = Request("GET", ADDRESS).prepare()
CachedSession(sys.argv[1], backend="sqlite").cache.save_response(answer)

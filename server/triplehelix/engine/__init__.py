"""The engine room: visitors' SPARQL, answered outside the web process by workers that can be killed.

`triplehelix.engine.remote` has the same `execute` for an endpoint elsewhere; it is imported by name, where it is needed.
"""

from triplehelix.engine.client import EngineRoom, start_room
from triplehelix.engine.model import (
    Answer,
    BadQuery,
    Busy,
    Dataset,
    Engine,
    FairUse,
    FederationOff,
    Limits,
    OutOfMemory,
    Query,
    QueryError,
    Timeout,
    TooLarge,
    Unavailable,
    Undetermined,
)
from triplehelix.engine.reading import form_of

__all__ = [
    "Answer", "BadQuery", "Busy", "Dataset", "Engine", "EngineRoom", "FairUse", "FederationOff", "Limits", "OutOfMemory", "Query",
    "QueryError", "Timeout", "TooLarge", "Unavailable", "Undetermined", "form_of", "start_room",
]

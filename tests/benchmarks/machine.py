"""The machine and the software of a run, as they state themselves; nothing that names the machine."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from datetime import date

from triplehelix import __version__

LIBRARIES = ("pyoxigraph", "rdflib", "pyshacl", "flask", "granian")


def facts() -> dict[str, str]:
    """What a reader needs to know to judge the figures: processors, memory, load before the start, versions, and the day."""
    return {
        "Day of the run": date.today().isoformat(),
        "Processors": f"{len(os.sched_getaffinity(0))}, {platform.machine()}",
        "Memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2 ** 30:.0f} GiB",
        "Load before the start": f"{os.getloadavg()[0]:.1f} processes",
        "System": platform.system(),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "Triple Helix": __version__,
        **{name: importlib.metadata.version(name) for name in LIBRARIES},
    }

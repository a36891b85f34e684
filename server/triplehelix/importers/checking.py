"""Checking a table before it is imported: its cells by the map, and what they say by the project's own rules."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from triplehelix import check
from triplehelix.findings import Faulty, Finding
from triplehelix.importers import Order, import_file
from triplehelix.project import Project


def check_table(project: Project, path: Path, mapping: Path, step: Callable[[str], None] = lambda _: None) -> list[Finding]:
    """The findings of a table: refused rows with row and column, then what shapes and query checks say of its subjects.

    Nothing is written into the project.
    """
    refused: list[Finding] = []
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"{mapping.stem}.ttl"
        try:
            import_file(project, Order("csvmap", path, target, mapping=mapping), refused.append, step)
        except Faulty as error:
            return sorted({*refused, *error.findings})
        found = check.check_file(project, target, step)
    return sorted({*refused, *(Finding(str(path), 0, finding.focus, finding.message) for finding in found)})

"""The miniature with facets whose values are countries, as a release."""

from __future__ import annotations

import shutil
from pathlib import Path

from conftest import ROOT
from triplehelix.build import build
from triplehelix.project import Project

FACET = """#+ title: {title}
#+ description: {title}, as nobody but a test says.
#+ facet: {table}
#+ order: 3
BASE <https://example.org/mini/>
SELECT ?thing ?value WHERE {{ VALUES (?thing ?value) {{ {rows} }} }}
"""
FACETS = {
    "land": ("Country", "Harbour", "(<id/harbour/east> <scheme/land/ES>) (<id/harbour/north> <scheme/land/ES>) "
                                   "(<id/harbour/north> <scheme/land/EL>)"),
    "owner": ("Country of the owner", "Lighthouse", "(<id/lighthouse/cape> <scheme/land/FR>)"),
    "maker": ("Country of the maker", "Lighthouse", "(<id/lighthouse/cape> <id/land/us>) "
                                                    "(<id/lighthouse/rock> <scheme/land/FR>)")}


def coast(folder: Path, base: str) -> Path:
    """A release below the folder of the miniature with these facets."""
    draft = Project(shutil.copytree(ROOT / "tests/project", folder / "project"))
    for slug, (title, table, rows) in FACETS.items():
        (draft.root / f"queries/facets/{slug}.rq").write_text(FACET.format(title=title, table=table, rows=rows))
    return build(draft, folder / "releases", base)

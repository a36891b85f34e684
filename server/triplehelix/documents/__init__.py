"""Documents made from the project's own data, written as Markdown: the seed page, the data, the competency questions."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from triplehelix import files
from triplehelix.build.content import content
from triplehelix.documents.data import data_graphs
from triplehelix.documents.page import page_items
from triplehelix.documents.questions import questions
from triplehelix.project import Project

PAGE, DATA, QUESTIONS = "page.md", "data.md", "questions.md"


def write(project: Project, folder: Path, check: bool = False) -> list[Path]:
    """Write the generated documents into `folder`; those that were not as they should be. With `check` nothing is written.

    Raises Faulty where the project has no query for a document, or its data cannot be read.
    """
    made = {PAGE: page_items(project), DATA: data_graphs(project), QUESTIONS: _questions(project)}
    changed = [(folder / name, text.encode()) for name, text in made.items() if not _is(folder / name, text.encode())]
    if not check:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in changed:
            files.replace(path, text)
    return [path for path, _ in changed]


def _is(path: Path, text: bytes) -> bool:
    return path.is_file() and path.read_bytes() == text


def _questions(project: Project) -> str:
    """The competency questions, asked of what a release of the project would hold."""
    with TemporaryDirectory() as folder:
        return questions(project, content(project, Path(folder))[1])

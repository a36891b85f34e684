"""The folder of an export: written beside its place, put there whole, and never on top of what is not an earlier export."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from triplehelix import files
from triplehelix.export.addresses import OWN, is_storable
from triplehelix.findings import fault

# The file by which a folder is known as an export.
MARK = OWN + "export.json"
# A file may have so many names at most, and not on every file system, nor across two of them.
NOT_LINKED = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
ONE_FOR_TWO = ("is one with another file to this file system, which does not tell capital letters from small ones, or composed "
               "letters from others: export to one that does")


class Folder:
    """The files of an export; `size` is in bytes, and what has two names counts twice."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: set[str] = set()
        self._folders: set[str] = set()
        self.size = 0

    @property
    def count(self) -> int:
        return len(self._files)

    @property
    def alike(self) -> int:
        """How many files differ from another by capital letters only."""
        return len(self._files) - len({file.casefold() for file in self._files})

    def holds(self, file: str) -> bool:
        """Whether the name is taken by a file."""
        return file in self._files

    def reserve(self, file: str) -> bool:
        """Take the name of a file; False where none can have it, or another file or a folder of others has it already."""
        above = [file[:place] for place, character in enumerate(file) if character == "/"]
        if not is_storable(file) or file in self._files or file in self._folders or not self._files.isdisjoint(above):
            return False
        self._files.add(file)
        self._folders.update(above)
        return True

    def write(self, file: str, body: bytes, moment: datetime) -> None:
        """Write a file whose name is reserved, last changed at a moment. Raises Faulty and OSError."""
        path = self._place(file)
        with path.open("xb") as opened:
            opened.write(body)
        os.utime(path, (moment.timestamp(),) * 2)
        self.size += len(body)

    def write_own(self, file: str, body: bytes, moment: datetime) -> None:
        """Write a file that is no answer: its name begins with a dot, or its folder's with a low line, as no answer's does."""
        self._files.add(file)
        self.write(file, body, moment)

    def link(self, file: str, source: Path) -> None:
        """The same for a file that is there already: the same bytes under another name, or a copy where there can be none."""
        path = self._place(file)
        try:
            os.link(source, path)
        except OSError as error:
            if error.errno not in NOT_LINKED:
                raise
            shutil.copy2(source, path)
        self.size += path.stat().st_size

    def repeat(self, file: str, other: str) -> None:
        """The same for a file of this folder."""
        self.link(file, self._root / other)

    def _place(self, file: str) -> Path:
        """Where a file is to stand. Names are not reserved twice: what is there is there under another name."""
        path = self._root / file
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise fault(path.parent, ONE_FOR_TWO) from error
        if os.path.lexists(path):
            raise fault(path, ONE_FOR_TWO)
        return path


@contextmanager
def replacing(target: Path) -> Iterator[Folder]:
    """A folder to write into, which takes the place of the target when the block ends; after a fault nothing has changed.

    Raises Faulty where the target is anything but an earlier export or an empty folder, while another export writes there,
    and where the disk refuses.
    """
    target = target.resolve()
    aside = target.with_name(f".{target.name}.export")
    try:
        require_replaceable(target)
        with _held(aside), ExitStack() as failing:
            failing.callback(shutil.rmtree, aside, ignore_errors=True)
            yield Folder(aside)
            os.sync()
            _put(aside, target)
            failing.pop_all()
    except OSError as error:
        what = f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}"
        advice = "; free some space" if error.errno in FULL else ""
        raise fault(target, f"cannot be written: {what}{advice}. What was here before is as it was") from error


def require_replaceable(target: Path) -> None:
    """Raises Faulty for what an export would destroy."""
    if target.is_dir() and ((target / MARK).is_file() or not any(target.iterdir())):
        return
    if os.path.lexists(target):
        raise fault(target, "is there already, and is neither an empty folder nor an earlier export: name another one")


@contextmanager
def _held(aside: Path) -> Iterator[None]:
    """The empty folder to write in, for this process alone. What an export that was killed has left goes."""
    aside.mkdir(parents=True, exist_ok=True)
    opened = os.open(aside, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if not _is_mine(opened, aside):
            raise fault(aside, "another export is at work here; wait until it has ended")
        for path in aside.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        yield
    finally:
        os.close(opened)


def _is_mine(opened: int, aside: Path) -> bool:
    """Whether nobody else holds the folder that is open, and nobody has renamed it since."""
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(opened), os.lstat(aside))
    except (BlockingIOError, FileNotFoundError):
        return False


def _put(aside: Path, target: Path) -> None:
    """Two renames: between them, for a moment, there is no target."""
    before = target.with_name(f".{target.name}.before")
    shutil.rmtree(before, ignore_errors=True)
    with suppress(FileNotFoundError):
        os.rename(target, before)
    try:
        os.rename(aside, target)
    except OSError:
        os.rename(before, target)
        raise
    files.sync(target.parent)
    shutil.rmtree(before, ignore_errors=True)

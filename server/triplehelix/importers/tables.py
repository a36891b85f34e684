"""Tables from outside, row by row: CSV and xlsx whose header is checked, and whose every oddity is told with its place."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from triplehelix.findings import fault

LONGEST_LINE = 1_000_000
# A workbook that unpacks to more than this many times its size is not a table but an attack.
UNPACKED_RATIO, UNPACKED_BYTES = 100, 200_000_000
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class Row:
    """One row: its line in the file (or row of the sheet) and its cells by column name, stripped; empty cells are ""."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


def read_csv(path: Path, columns: Sequence[str], delimiter: str = ",", encoding: str = "utf-8",
             quoted: bool = True, mend: Callable[[str], str] = str) -> Iterator[Row]:
    """The rows of a CSV file (RFC 4180) whose header holds `columns`; other columns are read too.

    Where cells are not `quoted`, a quotation mark is a letter like others; each line passes `mend` before it is parsed.

    Raises Faulty with the line for a wrong encoding or delimiter, a header that is missing or moved, a row of another
    width, a line of more than a million characters, and a file that changes while it is read.
    """
    before = _state(path)
    lines = _Lines(path, encoding)
    quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(map(mend, lines), delimiter=delimiter, strict=True, quoting=quoting)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        _require_columns(path, header, columns, delimiter)
        for cells in reader:
            if cells and any(cell.strip() for cell in cells):
                if len(cells) != len(header):
                    raise fault(path, f"the row has {len(cells)} cells, the header has {len(header)}", reader.line_num)
                yield Row(reader.line_num, dict(zip(header, map(str.strip, cells), strict=True)))
    except csv.Error as error:
        raise fault(path, f"not CSV: {error}", reader.line_num) from error
    _require_unchanged(path, before)


def read_xlsx(path: Path, sheet: str, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of one sheet whose first row holds `columns`.

    Raises Faulty for a workbook that unpacks to far more than its size, an unknown sheet, a moved header, a merged
    cell and a formula: what such a cell means, only its author knows.
    """
    before = _state(path)
    book = _workbook(path)
    if sheet not in book.sheetnames:
        raise fault(path, f"there is no sheet {sheet!r}; there are: {', '.join(book.sheetnames)}")
    table = book[sheet]
    if table.merged_cells.ranges:
        raise fault(path, f"sheet {sheet!r} has merged cells ({sorted(map(str, table.merged_cells.ranges))[0]}): unmerge them, "
                          "so that every row says its own values")
    rows = table.iter_rows()
    header = [_cell(path, cell) for cell in next(rows, ())]
    _require_columns(path, header, columns, None)
    for number, cells in enumerate(rows, 2):
        values = [_cell(path, cell) for cell in cells]
        if any(values):
            yield Row(number, {name: value for name, value in zip(header, values, strict=False) if name})
    _require_unchanged(path, before)


def _workbook(path: Path):
    """The workbook, if it is one and unpacks to a size that a table has."""
    from openpyxl import load_workbook
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
        if size > UNPACKED_BYTES or size > UNPACKED_RATIO * path.stat().st_size:
            raise fault(path, f"the workbook would unpack to {size:,} bytes, far more than a table of its size holds")
        return load_workbook(path)
    except (zipfile.BadZipFile, KeyError) as error:
        raise fault(path, f"not a workbook (.xlsx): {error}") from error


def _cell(path: Path, cell) -> str:
    if cell.value is None:
        return ""
    if cell.data_type == "f" or (isinstance(cell.value, str) and cell.value.startswith("=")):
        raise fault(path, f"cell {cell.coordinate} is a formula: paste it as a value", cell.row)
    if isinstance(cell.value, float) and cell.value.is_integer():
        return str(int(cell.value))
    value = cell.value.date().isoformat() if hasattr(cell.value, "date") else str(cell.value)
    return value.strip()


class _Lines:
    """The lines of a text file, decoded strictly; knows the line where that fails."""

    def __init__(self, path: Path, encoding: str):
        self.path, self.encoding, self.number = path, encoding, 0

    def __iter__(self) -> Iterator[str]:
        with self.path.open("rb") as file:
            while line := file.readline(LONGEST_LINE + 1):
                self.number += 1
                yield self._text(line)

    def _text(self, line: bytes) -> str:
        if len(line) > LONGEST_LINE:
            raise fault(self.path, f"the line has more than {LONGEST_LINE:,} bytes: this is not a table", self.number)
        try:
            text = line.decode(self.encoding)
        except UnicodeDecodeError as error:
            raise fault(self.path, f"not {self.encoding.upper()} (byte 0x{line[error.start]:02x} at column "
                                   f"{error.start + 1}): save the file in that encoding", self.number) from error
        return text.removeprefix("\ufeff") if self.number == 1 else text


def _require_columns(path: Path, header: Sequence[str], columns: Sequence[str], delimiter: str | None) -> None:
    missing = [column for column in columns if column not in header]
    if not missing:
        repeated = sorted({name for name in header if name and header.count(name) > 1} & set(columns))
        if repeated:
            raise fault(path, f"the header names {', '.join(repeated)} twice", 1)
        return
    other = next((sign for sign in DELIMITERS if sign != delimiter and sign in "".join(header)), None)
    if delimiter and other and len(header) == 1:
        raise fault(path, f"the columns are parted by a {DELIMITERS[other]}, not by a {DELIMITERS[delimiter]}", 1)
    raise fault(path, f"the header lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}; it has: "
                      f"{', '.join(filter(None, header))[:300] or 'nothing'}", 1)


def _state(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError as error:
        raise fault(path, f"cannot be read: {error.strerror}") from error
    return stat.st_size, stat.st_mtime_ns


def _require_unchanged(path: Path, before: tuple[int, int]) -> None:
    if _state(path) != before:
        raise fault(path, "the file changed while it was read: import it again when it is at rest")

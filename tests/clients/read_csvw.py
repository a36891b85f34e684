"""Run by an environment that has csvw: prints the rows of all tables that a metadata file describes, read strictly, as JSON."""

import json
import sys

from csvw import TableGroup

group = TableGroup.from_file(sys.argv[1])
rows = {table.local_name: list(table.iterdicts(strict=True)) for table in group.tables}
json.dump(rows, sys.stdout, default=lambda value: {type(value).__name__: str(value)})

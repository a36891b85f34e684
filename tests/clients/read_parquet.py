"""Run by an environment that has pandas and pyarrow: prints types and rows of Parquet files, as JSON by the name of the file."""

import json
import sys
from pathlib import Path

import pandas

frames = {path.stem: pandas.read_parquet(path) for path in sorted(Path(sys.argv[1]).glob("*.parquet"))}
json.dump({name: {"kinds": {column: frame[column].dtype.kind for column in frame}, "rows": json.loads(
    frame.to_json(orient="records"))} for name, frame in frames.items()}, sys.stdout)

"""The script that cuts the shapes of the map out of Natural Earth."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from conftest import ROOT


def cutter():
    spec = importlib.util.spec_from_file_location("europe_shapes", ROOT / "server/assets/europe.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def topology(path: Path) -> Path:
    """Two squares with a border in common, and an island far away."""
    arcs = [[[0, 0], [0, 10]], [[0, 10], [10, 0]], [[10, 10], [0, -10]], [[10, 0], [-10, 0]], [[10, 10], [10, 0]],
            [[20, 10], [0, -10]], [[20, 0], [-10, 0]], [[-160, 0], [5, 5], [5, -5], [-10, 0]]]
    # Steps are from the point before; the border is arc 2.
    ring = {"Cyprus": [[0, 1, 2, 3]], "N. Cyprus": [[4, 5, 6, ~2]], "Far": [[7]]}
    geometries = [{"type": "Polygon", "arcs": rings, "id": "196" if name == "Cyprus" else "000", "properties": {"name": name}}
                  for name, rings in ring.items()]
    path.write_text(json.dumps({"arcs": arcs, "transform": {"scale": [1, 1], "translate": [0, 45]},
                                "objects": {"countries": {"geometries": geometries}}}))
    return path


def test_shapes_are_cut_joined_and_named(tmp_path, monkeypatch):
    module = cutter()
    monkeypatch.setattr(module, "JOINED", (("Cyprus", "N. Cyprus", None),))
    atlas = module.Atlas(json.loads(topology(tmp_path / "t.json").read_text()))
    assert list(atlas.polygons) == ["Cyprus", "Far"] and set(atlas.polygons["Cyprus"][0][0]) == {0, 1, 3, 4, 5, 6}
    row = module.country(atlas, "Cyprus")
    assert (row["code"], row["path"].count("z"), module.country(atlas, "Far")) == ("CY", 1, None)
    monkeypatch.setattr(module, "JOINED", (("Cyprus", "Far", (0, 0)),))
    with pytest.raises(SystemExit, match="Far has no land"):
        module.Atlas(json.loads((tmp_path / "t.json").read_text()))


def test_a_country_that_is_lost_stops_the_script(tmp_path, monkeypatch):
    module = cutter()
    monkeypatch.setattr(module, "JOINED", ())
    with pytest.raises(SystemExit, match="no shape for AL"):
        module.europe(topology(tmp_path / "t.json"))


def test_the_centre_of_the_projection_is_where_it_is_said_to_be():
    module = cutter()
    x, y = module.projected((10, 52))
    assert (round(x, 6), round(y, 6)) == (round(-module.WEST * module.SCALE, 6), round(module.NORTH * module.SCALE, 6))

"""Copies what the pages load that others have written from npm into the package, so that no installation asks npm.

    python server/assets/vendor.py            the files of package-lock.json, each as SHA256SUMS says
    python server/assets/vendor.py --accept   the same, and SHA256SUMS is written anew: for a version that somebody has read

npm checks what it downloads against package-lock.json and runs no script of it. A file that is not as the table says is copied
nowhere, and the files in the package stay as they are.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import MappingProxyType

from europe import europe

HERE = Path(__file__).resolve().parent
# The room of the pages, below which all paths are; what is in the folder of vendored files is of this program alone.
WEB = HERE.parent / "triplehelix" / "web"
VENDOR = "static/vendor/"
TABLE = HERE / "SHA256SUMS"
# What is copied as it is: where it stands in the folder of vendored files, and in that of npm.
COPIED = MappingProxyType({
    "leaflet/LICENSE.txt": "leaflet/LICENSE",
    "leaflet/images/layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "leaflet/images/layers.png": "leaflet/dist/images/layers.png",
    "leaflet/images/marker-icon-2x.png": "leaflet/dist/images/marker-icon-2x.png",
    "leaflet/images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "leaflet/images/marker-shadow.png": "leaflet/dist/images/marker-shadow.png",
    "leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "world-atlas/LICENSE.txt": "world-atlas/LICENSE",
    "yasgui/yasgui.min.css": "@zazuko/yasgui/build/yasgui.min.css",
    "yasgui/yasgui.min.js": "@zazuko/yasgui/build/yasgui.min.js",
})
BUNDLE = "@zazuko/yasgui"
LICENCES = ("licen[cs]e*", "LICEN[CS]E*", "Licen[cs]e*")


def main(accept: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = made(installed(Path(folder)))
    table = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items()))
    if accept:
        TABLE.write_text(table, encoding="utf-8")
    differing = set(table.splitlines()) ^ set(TABLE.read_text(encoding="utf-8").splitlines())
    if differing:
        raise SystemExit("\n".join(["Not as SHA256SUMS says; nothing is copied:", *sorted(differing)]))
    shutil.rmtree(WEB / VENDOR, ignore_errors=True)
    for name, data in files.items():
        (WEB / name).parent.mkdir(parents=True, exist_ok=True)
        (WEB / name).write_bytes(data)
    print(f"{len(files)} files in {WEB}, each as SHA256SUMS says")


def installed(folder: Path) -> Path:
    """The folder of modules that npm makes of package-lock.json, aside from the checkout."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True)
    return folder / "node_modules"


def made(modules: Path) -> dict[str, bytes]:
    """The bytes of each file of the package, by its name below the room of the pages."""
    return {**{VENDOR + name: (modules / source).read_bytes() for name, source in COPIED.items()},
            VENDOR + "yasgui/LICENSES.txt": licences(modules).encode(),
            "pictures/europe.json": europe(modules / "world-atlas" / "countries-50m.json").encode()}


def licences(modules: Path) -> str:
    """The licences of the bundle and of all that may be in it, one after the other."""
    locked = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    others = {f"node_modules/{name}" for name in locked[""]["dependencies"] if name != BUNDLE}
    return "\n\n".join(licence(modules.parent / path) for path in sorted(locked.keys() - others - {""})) + "\n"


def licence(package: Path) -> str:
    """Name, version and licence of a package, with the texts that it carries."""
    told = json.loads((package / "package.json").read_text(encoding="utf-8"))
    texts = sorted({path for pattern in LICENCES for path in package.glob(pattern) if path.is_file()})
    head = f"{told['name']} {told['version']}: {told.get('license', 'see below')}"
    author = told.get("author", "")
    named = author["name"] if isinstance(author, dict) else author
    body = [text.read_text(encoding="utf-8").strip().replace("\r\n", "\n") for text in texts]
    return "\n\n".join([f"{head}\n{'=' * len(head)}", *(body or [f"By {named}. The package carries no text of its licence."])])


if __name__ == "__main__":
    main("--accept" in sys.argv[1:])

"""The index by which ReaPack finds the actions, ``reaper_scripts/index.xml``.

``python -m stemkit.reaper.reapack ADDRESS`` prints it. Whoever publishes the actions gives the address of the folder
``reaper_scripts`` in their repository; until somebody does, the index carries `PLACEHOLDER`, which leads nowhere.
"""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.parse import quote

from stemkit.reaper.install import ACTIONS, SHARED_SCRIPT

__all__ = ["PLACEHOLDER", "index_text"]

PLACEHOLDER = "https://put-the-address-of-reaper_scripts-here.invalid"  # no name under .invalid is ever anybody's
_CATEGORY = "Stemkit"
_TIME = "2026-11-23T00:00:00Z"


def index_text(scripts: Path, address: str = PLACEHOLDER) -> str:
    """Write the index.

    Parameters
    ----------
    scripts
        The folder of the actions, whose headers tell version and author.
    address
        Where the folder ``reaper_scripts`` can be fetched from.
    """
    root = ET.Element("index", version="1", name=_CATEGORY)
    category = ET.SubElement(root, "category", name=_CATEGORY)
    for file, name in ACTIONS.items():
        text = (scripts / file).read_text(encoding="utf-8")
        package = ET.SubElement(category, "reapack", name=file, type="script", desc=name)
        ET.SubElement(package, "metadata")
        version = ET.SubElement(package, "version", name=_tag(text, "version"), author=_tag(text, "author"), time=_TIME)
        ET.SubElement(version, "source", main="main").text = _url(address, file)
        ET.SubElement(version, "source", file=SHARED_SCRIPT).text = _url(address, SHARED_SCRIPT)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _tag(text: str, name: str) -> str:
    found = re.search(rf"(?m)^# @{name} (.+)$", text)
    assert found is not None, f"an action has no @{name}"
    return found[1]


def _url(address: str, file: str) -> str:
    return f"{address.rstrip('/')}/{_CATEGORY}/{quote(file)}"


if __name__ == "__main__":
    folder = Path(__file__).resolve().parents[2] / "reaper_scripts" / _CATEGORY
    sys.stdout.write(index_text(folder, *sys.argv[1:2]))

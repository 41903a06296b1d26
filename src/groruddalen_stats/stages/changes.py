"""What a site changes since the one it takes the place of, and the feed that tells it."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from groruddalen_stats.paths import write_text

__all__ = ["changed", "write_feed"]

_FILE = "changes.json"
_MOST = 50
_ATOM = "http://www.w3.org/2005/Atom"


def changed(
    old: Path, new: Path, reports: Mapping[str, Mapping[str, str]], revision: tuple[str, str, bool] | None
) -> list[dict[str, Any]]:
    """Return what has changed from site to site, newest first, and write it down for the next one.

    Args:
        old: the site that is shown now, if any.
        new: the one that takes its place.
        reports: ``title`` and ``language`` of each report, by its folder.
        revision: the commit and its moment, as the manifest has them; without one nothing is added.
    """
    known = json.loads((old / _FILE).read_text(encoding="utf-8")) if (old / _FILE).is_file() else []
    found = [
        {"folder": folder, **said, "new": not (old / folder).is_dir(), **counts}
        for folder, said in reports.items()
        if (counts := _counts(old / folder, new / folder))
    ]
    if found and revision is not None and (old / _FILE).is_file():
        known = [{"commit": revision[0], "moment": revision[1], "reports": found}, *known]
    write_text(new / _FILE, json.dumps(known[:_MOST], ensure_ascii=False, indent=1) + "\n")
    return list(known[:_MOST])


def _counts(old: Path, new: Path) -> dict[str, int]:
    """Return how many numbers of a report are other ones, new or gone; nothing where all are the same."""
    before, after = _numbers(old), _numbers(new)
    if before == after:
        return {}
    pairs = [(before.get(key, ""), after.get(key, "")) for key in before.keys() | after.keys()]
    return {
        "other": sum(bool(one and two and one != two) for one, two in pairs),
        "added": sum(bool(two and not one) for one, two in pairs),
        "gone": sum(bool(one and not two) for one, two in pairs),
    }


def _numbers(folder: Path) -> dict[tuple[str, str, str], str]:
    """Return the numbers of a report by their places; empty where it has none."""
    found = {}
    for file in sorted((folder / "data").glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as rows:
            found.update(
                {
                    (file.stem, row["row"], row["column"]): row["value"]
                    for row in csv.DictReader(rows)
                    if row.get("row") and "value" in row
                }
            )
    return found


def write_feed(target: Path, title: str, url: str, changes: Sequence[Mapping[str, Any]], told: Sequence[str]) -> None:
    """Write an Atom feed with an entry for each change.

    Without ``url`` links are relative to the feed; ``told`` has each change in words.
    """
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed")

    def add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
        element = ET.SubElement(parent, f"{{{_ATOM}}}{tag}", attributes)
        element.text = text or None
        return element

    add(feed, "title", title)
    add(feed, "id", url or "urn:groruddalen-stats")
    add(feed, "updated", changes[0]["moment"] if changes else "1970-01-01T00:00:00Z")
    add(feed, "link", rel="self", href=f"{url}feed.xml")
    add(feed, "link", href=url or "index.html")
    author = add(feed, "author")
    add(author, "name", "groruddalen_stats")
    for change, said in zip(changes, told, strict=True):
        entry = add(feed, "entry")
        add(entry, "title", ", ".join(report["title"] for report in change["reports"]))
        add(entry, "id", f"urn:sha1:{change['commit']}")
        add(entry, "updated", change["moment"])
        add(entry, "link", href=f"{url}{change['reports'][0]['folder']}/appendix.html")
        add(entry, "summary", said)
    ET.indent(feed)
    write_text(target, f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(feed, encoding="unicode")}\n')

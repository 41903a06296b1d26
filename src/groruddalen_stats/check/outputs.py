"""The files of a check: CSV, JUnit XML, JSON and a badge, byte for byte the same for the same check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd
from jinja2 import Environment, StrictUndefined

from groruddalen_stats.check import coverage
from groruddalen_stats.check.compare import COLUMNS
from groruddalen_stats.check.result import CheckResult
from groruddalen_stats.config.models import Place
from groruddalen_stats.paths import write_text

# The sign stands beside the word, so that neither colour nor sign alone carries the verdict.
SIGNS = {"exact": "=", "last_digit": "≈", "deviates": "≠", "not_checkable": "–", "not_comparable": "·"}
# Dark enough for white letters.
_COLOURS = {"brightgreen": "#1b6e3c", "red": "#b3261e", "orange": "#8a4b00", "lightgrey": "#5a5a5a"}


def write_files(result: CheckResult, folder: Path) -> None:
    """Write what is read for itself, each file whole: the table, the test results and the badge."""
    write_text(folder / "check.csv", csv(result))
    write_text(folder / "check.xml", junit(result))
    write_json(badge(result), folder / "badge.json")
    write_text(folder / "badge.svg", badge_svg(result))


def write_json(document: Any, target: Path) -> None:
    """Write the audit, which the report shows, or the badge."""
    write_text(target, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def csv(result: CheckResult) -> str:
    """Return one row per printed number, in the order of the print; numbers with a decimal point.

    After the verdict stands what the number is held against, and what could be fetched where no source has it.
    """
    found = coverage.Coverage(result)
    columns = (result.checks[name] for name in ("object", "row", "column"))
    places = [Place(*at) for at in zip(*columns, strict=True)]
    table = result.checks[COLUMNS].assign(
        against=[" ".join(found.against[place]) for place in places],
        closes=[" ".join(found.closes(place)) for place in places],
    )
    return table.to_csv(index=False, lineterminator="\n")


def junit(result: CheckResult) -> str:
    """Return the check as JUnit XML: one test case per printed number, and one per fault of the ledger.

    A number that cannot be checked is skipped; an unexplained one fails; an explained one passes and says why.
    """
    root = ET.Element("testsuites", name="print")
    for name in result.tables.tables:
        suite = ET.SubElement(root, "testsuite", name=name)
        for check in result.checks[result.checks["object"] == name].to_dict("records"):
            case = ET.SubElement(suite, "testcase", classname=name, name=f"{check['row']}/{check['column']}")
            said = f"printed {check['published']}, rebuilt {check['rebuilt']}"
            if check["result"] in {"not_checkable", "not_comparable"}:
                ET.SubElement(case, "skipped", message=str(check["result"]))
            elif check["deviation"]:
                explained = f"{said}: {check['explanation']}, {check['deviation']}"
                ET.SubElement(case, "system-out").text = explained
            elif check["result"] != "exact":
                ET.SubElement(case, "failure", message=f"{said}, unexplained")
    others = [fault for fault in result.faults if not fault.what.endswith(": unexplained")]
    if others:
        suite = ET.SubElement(root, "testsuite", name="ledger")
        for fault in others:
            case = ET.SubElement(suite, "testcase", classname="ledger", name=f"{fault.where}: {fault.what}")
            ET.SubElement(case, "failure", message=f"{fault}")
    for element in (*root, root):
        for key, path in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            element.set(key, f"{len(element.findall(f'.//{path}'))}")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def badge(result: CheckResult) -> dict[str, object]:
    """Return the badge in the form that shields.io reads.

    Red says that a number differs without an entry, orange that the ledger or the transcription has faults of its
    own, grey that no number is confirmed.
    """
    counts = {**result.counts, "faults": len(result.faults)}
    colour, message = "brightgreen", "badge_message"
    if counts["unexplained"]:
        colour = "red"
    elif result.faults:
        colour, message = "orange", "badge_faults"
    elif not counts["confirmed"]:
        colour = "lightgrey"
    return {
        "schemaVersion": 1,
        "label": result.text("badge"),
        "message": result.text(message, **counts),
        "color": colour,
    }


def badge_svg(result: CheckResult) -> str:
    """Return the badge as a picture with its text as alternative text."""
    shown = badge(result)
    label, message = str(shown["label"]), str(shown["message"])
    # Verdana at 11 pixels is near seven pixels a letter; the text is stretched to the width it is given.
    left, right = 7 * len(label) + 10, 7 * len(message) + 10
    return _ENVIRONMENT.from_string(_BADGE).render(
        label=label,
        message=message,
        left=left,
        right=right,
        colour=_COLOURS[str(shown["color"])],
    )


def overview_columns(result: CheckResult) -> list[str]:
    """Return the results that an overview has a column for."""
    return [key for key in SIGNS if key != "not_comparable" or result.counts[key]]


def terminal(result: CheckResult) -> str:
    """Return a short table of verdicts per table the headline and what is known of the differences, for a terminal."""
    keys, objects = overview_columns(result), result.catalogue.appendix.objects
    counts = {objects[name].number: result.counts_of(name) for name in result.tables.tables}
    table = pd.DataFrame.from_dict({**counts, result.text("total"): result.counts}, orient="index")[keys]
    table.columns = pd.Index(map(result.text, keys), name=result.text("object"))
    notes = [result.text("differences_note", **result.counts)] if result.counts["different"] else []
    return "\n".join([table.to_string(), "", result.headline(), *notes, ""])


_ENVIRONMENT = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)

_BADGE = """<svg xmlns="http://www.w3.org/2000/svg" width="{{ left + right }}" height="20" role="img" aria-label="{{ label }}: {{ message }}">
  <title>{{ label }}: {{ message }}</title>
  <rect width="{{ left }}" height="20" fill="#444"/>
  <rect x="{{ left }}" width="{{ right }}" height="20" fill="{{ colour }}"/>
  <g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
    <text x="{{ left / 2 }}" y="14" textLength="{{ left - 10 }}">{{ label }}</text>
    <text x="{{ left + right / 2 }}" y="14" textLength="{{ right - 10 }}">{{ message }}</text>
  </g>
</svg>
"""

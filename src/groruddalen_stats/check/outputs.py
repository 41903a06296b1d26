"""The files of a check: CSV, HTML, JUnit XML, JSON and a badge, byte for byte the same for the same check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from jinja2 import Environment, StrictUndefined

from groruddalen_stats.check import coverage
from groruddalen_stats.check.compare import COLUMNS, place_of
from groruddalen_stats.check.printed import in_language
from groruddalen_stats.check.result import CheckResult
from groruddalen_stats.config.models import Place
from groruddalen_stats.numbers import display_number
from groruddalen_stats.paths import write_text

# The sign stands beside the word, so that neither colour nor sign alone carries the verdict.
SIGNS = {"exact": "=", "last_digit": "≈", "deviates": "≠", "not_checkable": "–", "not_comparable": "·"}
_POWER = Path(__file__).parents[1] / "report" / "templates" / "power.html.j2"
# Dark enough for white letters.
_COLOURS = {"brightgreen": "#1b6e3c", "red": "#b3261e", "orange": "#8a4b00", "lightgrey": "#5a5a5a"}


def write_pages(
    result: CheckResult, document: dict[str, Any], folder: Path, power: dict[str, Any] | None = None
) -> None:
    """Write what is read for itself, each file whole: the page, the table, the test results and the badge.

    Args:
        result: the check.
        document: the same as the report shows it.
        folder: where the files go.
        power: what the page shows of how much the check sees; nothing where that was not measured.
    """
    write_text(folder / "check.csv", csv(result))
    write_text(folder / "check.html", html(result, document, power))
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
    totals = [0, 0, 0]
    for name in result.tables.tables:
        checks = result.checks[result.checks["object"] == name]
        suite = ET.SubElement(root, "testsuite", name=name)
        failures = skipped = 0
        for check in checks.to_dict("records"):
            case = ET.SubElement(suite, "testcase", classname=name, name=f"{check['row']}/{check['column']}")
            if check["result"] in {"not_checkable", "not_comparable"}:
                skipped += 1
                ET.SubElement(case, "skipped", message=str(check["result"]))
            elif check["deviation"]:
                said = (
                    f"printed {check['published']}, rebuilt {check['rebuilt']}: {check['explanation']}, "
                    f"{check['deviation']}"
                )
                ET.SubElement(case, "system-out").text = said
            elif check["result"] != "exact":
                failures += 1
                said = f"printed {check['published']}, rebuilt {check['rebuilt']}, unexplained"
                ET.SubElement(case, "failure", message=said)
        _count(suite, len(checks), failures, skipped)
        totals = [total + new for total, new in zip(totals, (len(checks), failures, skipped), strict=True)]
    others = [fault for fault in result.faults if not fault.what.endswith(": unexplained")]
    if others:
        suite = ET.SubElement(root, "testsuite", name="ledger")
        for fault in others:
            case = ET.SubElement(suite, "testcase", classname="ledger", name=f"{fault.where}: {fault.what}")
            ET.SubElement(case, "failure", message=f"{fault}")
        _count(suite, len(others), len(others), 0)
        totals = [totals[0] + len(others), totals[1] + len(others), totals[2]]
    _count(root, *totals)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _count(element: ET.Element, tests: int, failures: int, skipped: int) -> None:
    element.set("tests", f"{tests}")
    element.set("failures", f"{failures}")
    element.set("errors", "0")
    element.set("skipped", f"{skipped}")


def badge(result: CheckResult) -> dict[str, object]:
    """Return the badge in the form that shields.io reads.

    Red says that a number differs without an entry, orange that the ledger or the transcription has faults of its
    own, grey that no number is confirmed.
    """
    texts, language = result.catalogue.labels.check, result.language
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
        "label": texts["badge"][language],
        "message": texts[message][language].format(**counts),
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


def _columns(result: CheckResult) -> list[str]:
    """Return the results that an overview has a column for."""
    return [key for key in SIGNS if key != "not_comparable" or result.counts[key]]


def terminal(result: CheckResult) -> str:
    """Return a short table of verdicts per table the headline and what is known of the differences, for a terminal."""
    texts, language = result.catalogue.labels.check, result.language
    keys = _columns(result)
    head = [texts["object"][language], *(texts[key][language] for key in keys)]
    numbers = result.catalogue.appendix.objects
    rows = [
        [numbers[name].number, *(f"{result.counts_of(name)[key]}" for key in keys)] for name in result.tables.tables
    ]
    rows.append([texts["total"][language], *(f"{result.counts[key]}" for key in keys)])
    widths = [max(len(row[index]) for row in [head, *rows]) for index in range(len(head))]
    lines = [
        "  ".join(
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [head, *rows]
    ]
    notes = [texts["differences_note"][language].format(**result.counts)] if result.counts["different"] else []
    return "\n".join([*lines, "", result.headline(), *notes, ""])


def html(result: CheckResult, document: dict[str, Any], power: dict[str, Any] | None = None) -> str:
    """Return the check as one self-contained page: headline, overview, audit, and every printed number."""
    language = result.language
    tables = []
    for name in result.tables.tables:
        checks = []
        for check in result.checks[result.checks["object"] == name].to_dict("records"):
            place = place_of(check)
            cell = result.tables.by_place[place]
            rebuilt = display_number(float(check["rebuilt"]), cell.decimals, language) if check["rebuilt"] else ""
            printed = in_language(str(check["printed"]), language)
            checks.append({**check, "names": result.names(place), "printed": printed, "rebuilt": rebuilt})
        spec = result.catalogue.appendix.objects[name]
        tables.append(
            {
                "id": name,
                "number": spec.number,
                "title": result.catalogue.text(spec.title, language),
                "checks": checks,
            }
        )
    finding = result.catalogue.labels.words["audit_finding"][language]
    text = {key: text[language] for key, text in result.catalogue.labels.check.items()}
    held = coverage.shown(coverage.Coverage(result))
    return _ENVIRONMENT.from_string(_PAGE).render(
        document=document,
        finding={
            item["id"]: finding.replace("{number}", str(number))
            for number, item in enumerate(document["items"], start=1)
        },
        language=language,
        tables=tables,
        numbers={item["id"]: item["number"] for item in document["items"]},
        faults=[str(fault) for fault in result.faults],
        text=text,
        power=_ENVIRONMENT.from_string(_POWER.read_text(encoding="utf-8")).render(text=text, power=power, held=held),
        signs=SIGNS,
        columns=_columns(result),
    )


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

_PAGE = """<!DOCTYPE html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ text.title }}</title>
<style>
body { font: 16px/1.5 "DejaVu Sans", Verdana, sans-serif; color: #1a1a1a; background: #fff; max-width: 62rem; margin: 0 auto; padding: 1rem; }
h1, h2, h3 { line-height: 1.25; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; }
caption { text-align: left; font-weight: bold; padding: .25rem 0; }
th, td { border-bottom: 1px solid #767676; padding: .2rem .6rem; text-align: left; vertical-align: top; }
td.number { text-align: right; white-space: nowrap; }
tr.last_digit td, tr.last_digit th { background: #fff6d6; }
tr.deviates td, tr.deviates th { background: #fde3df; }
tr.deviates th, tr.deviates td.number { font-weight: bold; }
a { color: #00458a; }
.scroll { overflow-x: auto; }
@media (max-width: 36rem) {
  table { font-size: .8rem; }
  th, td { padding-inline: .3rem; }
  thead th { hyphens: auto; overflow-wrap: anywhere; }
  tbody th a > span { display: none; }
}
.faults { border: 3px solid #b3261e; padding: .5rem 1rem; }
</style>
</head>
<body>
<main>
<h1>{{ text.title }}</h1>
<p><strong>{{ document.headline }}</strong></p>
{% for note in document.notes %}
<p>{{ note }}</p>
{% endfor %}
{% if faults %}
<div class="faults" role="alert"><ul>
{% for fault in faults %}
<li>{{ fault }}</li>
{% endfor %}
</ul></div>
{% endif %}
<div class="scroll" role="region" tabindex="0" aria-label="{{ text.overview }}"><table>
<caption>{{ text.overview }}</caption>
<thead><tr><th scope="col">{{ text.object }}</th>{% for key in columns %}<th scope="col">{{ signs[key] }} {{ text[key] }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in document.tables %}
<tr><th scope="row"><a href="#{{ row.object }}">{{ row.number }}<span> {{ row.title }}</span></a></th>{% for key in columns %}<td class="number">{{ row[key] }}</td>{% endfor %}</tr>
{% endfor %}
</tbody>
<tfoot><tr><th scope="row">{{ text.total }}</th>{% for key in columns %}<td class="number">{{ document.counts[key] }}</td>{% endfor %}</tr></tfoot>
</table></div>
<h2>{{ text.audit }}</h2>
{% for item in document["items"] %}
<section id="{{ item.id }}">
<h3>{{ text.finding }} {{ item.number }}. {{ text[item.cells[0].names.kind] }} {{ item.cells[0].names.number }}: {{ item.class_label }} ({{ text.severity|lower }} {{ item.severity }})</h3>
<p>{{ item.reason }}</p>
<ul>
{% for cell in item.cells %}
<li>{{ cell.names.row }}, {{ cell.names.column }}: {{ text.published|lower }} {{ cell.printed }}{% if cell.rebuilt %}, {{ text.rebuilt|lower }} {{ cell.rebuilt }}{% endif %}{% if cell.explanation_label %} ({{ cell.explanation_label }}){% endif %}</li>
{% endfor %}
</ul>
<p>{{ text.evidence }}: {{ item.evidence }}</p>
{% if item.found_by %}
<p>{{ text.found_by }}:</p>
<ul>
{% for found in item.found_by %}
<li>{{ found.label }} ({{ found.strength_label }}): {{ found.text }}{% if found.candidates %} {{ text.candidates }}: {% for cell in found.candidates %}{{ cell.names.column }} {{ cell.needed }}{{ "; " if not loop.last else "." }}{% endfor %}{% endif %}</li>
{% endfor %}
</ul>
{% endif %}
{% if item.touches %}
<p>{{ text.touches }}:
{% for touched in item.touches %}{{ text[touched.kind] }} {{ touched.number }} {{ touched.row_label }} ({{ touched.column_labels|join(", ") }}){{ "; " if not loop.last else "." }}
{% endfor %}</p>
{% endif %}
</section>
{% endfor %}
<h2>{{ text.open_questions }}</h2>
{% if document.open_questions %}
<ul>
{% for found in document.open_questions %}
<li>{{ text.table }} {{ found.cells[0].names.number }}, {% for cell in found.cells %}{{ cell.names.row }} {{ cell.names.column }}{{ ", " if not loop.last }}{% endfor %}: {{ found.text }}</li>
{% endfor %}
</ul>
{% else %}
<p>{{ document.no_open_questions }}</p>
{% endif %}
<h2>{{ text.unknown_values }}</h2>
{% for unknown in document.unknown_values %}
<p>{{ unknown.note }}</p>
{% if unknown.inference %}
<p>{{ unknown.inference }}</p>
{% endif %}
<div class="scroll" role="region" tabindex="0" aria-label="{{ text.unknown_values }}"><table>
<thead><tr><th scope="col">{{ text.cell }}</th><th scope="col">{{ text.published }}</th><th scope="col">{{ text.low }}</th><th scope="col">{{ text.high }}</th></tr></thead>
<tbody>
{% for cell in unknown["values"] %}
<tr><th scope="row">{{ text[cell.names.kind] }} {{ cell.names.number }} {{ cell.names.row }}, {{ cell.names.column }}</th><td class="number">{{ cell.printed }}</td><td class="number">{{ cell.low }}</td><td class="number">{{ cell.high }}</td></tr>
{% endfor %}
{% if unknown.moved %}
<tr><th scope="rowgroup" colspan="4">{{ text.would_be }}</th></tr>
{% for cell in unknown.moved %}
<tr><th scope="row">{{ text[cell.names.kind] }} {{ cell.names.number }} {{ cell.names.row }}, {{ cell.names.column }}</th><td class="number">{{ cell.printed }}</td><td class="number">{{ cell.low or cell.largest_change ~ " %" }}</td><td class="number">{{ cell.high or cell.smallest_change ~ " %" }}</td></tr>
{% endfor %}
{% endif %}
</tbody>
</table></div>
{% endfor %}
<h2>{{ text.corroborations }}</h2>
<p>{{ text.corroborations_note }}</p>
<div class="scroll" role="region" tabindex="0" aria-label="{{ text.corroborations }}"><table>
<thead><tr><th scope="col">{{ text.cell }}</th><th scope="col">{{ text.published }}</th><th scope="col">{{ text.other }}</th><th scope="col">{{ text.difference }}</th><th scope="col">{{ text.result }}</th></tr></thead>
<tbody>
{% for group in document.corroborations|groupby("label") %}
<tr><th scope="rowgroup" colspan="5">{{ group.grouper }}</th></tr>
{% for beside in group.list %}
<tr><th scope="row">{{ beside.cells|map(attribute="names.row")|join(" + ") }}, {{ beside.cells[0].names.column }}</th><td class="number">{{ beside.printed }}</td><td class="number">{{ beside.other }}</td><td class="number">{{ beside.difference }}</td><td>{{ text.supports if beside.supports else text.contradicts }}</td></tr>
{% endfor %}
{% endfor %}
</tbody>
</table></div>
{% if document.searches %}
<h2>{{ text.searches }}</h2>
{% for search in document.searches %}
<p>{{ search.note }}</p>
<div class="scroll" role="region" tabindex="0" aria-label="{{ text.searches }}: {{ text.table }} {{ search.number }}"><table>
<caption>{{ text.table }} {{ search.number }}</caption>
<thead><tr><th scope="col">{{ text.counted_year }}</th><th scope="col">{{ text.ages }}</th><th scope="col">{{ text.base_years }}</th><th scope="col">{{ text.hits }}</th></tr></thead>
<tbody>
{% for trial in search.trials %}
<tr><th scope="row">{{ trial.year }}{{ " (" ~ text.stated ~ ")" if trial.stated }}</th><td>{{ trial.age|replace("-", "–") }}</td><td>{{ trial.dates|join(" / ") }}</td><td class="number">{{ trial.hits }}</td></tr>
{% endfor %}
</tbody>
</table></div>
{% endfor %}
{% endif %}
<h2>{{ text.dating }}</h2>
<p>{{ text.dating_note }}</p>
<div class="scroll" role="region" tabindex="0" aria-label="{{ text.dating }}"><table>
<thead><tr><th scope="col">{{ text.object }}</th><th scope="col">{{ text.counted_year }}</th><th scope="col">{{ text.base_years }}</th><th scope="col">{{ text.hits }}</th><th scope="col">{{ text.tried }}</th></tr></thead>
<tbody>
{% for row in document.dating %}
<tr><th scope="row">{{ row.number }} {{ row.series }}</th><td>{{ row.year }}{{ " (" ~ text.stated ~ ")" if row.stated }}</td><td>{{ row.base_years|join(" / ") }}</td><td class="number">{{ row.hits }}</td><td class="number">{{ row.tried }}</td></tr>
{% endfor %}
</tbody>
</table></div>
{{ power|safe }}
<h2>{{ text.all_values }}</h2>
{% for table in tables %}
<div class="scroll" role="region" tabindex="0" aria-label="{{ text.table }} {{ table.number }} {{ table.title }}"><table id="{{ table.id }}">
<caption>{{ text.table }} {{ table.number }} {{ table.title }}</caption>
<thead><tr><th scope="col">{{ text.row }}</th><th scope="col">{{ text.column }}</th><th scope="col">{{ text.published }}</th><th scope="col">{{ text.rebuilt }}</th><th scope="col">{{ text.result }}</th><th scope="col">{{ text.basis }}</th><th scope="col">{{ text.deviation }}</th></tr></thead>
<tbody>
{% for check in table.checks %}
{% set place = table.id ~ "/" ~ check.row ~ "/" ~ check.column %}
<tr class="{{ check.result }}"><th scope="row">{{ check.names.row }}</th><td>{{ check.names.column }}</td><td class="number">{{ check.printed }}</td><td class="number">{{ check.rebuilt }}</td><td>{{ signs[check.result] }} {{ text[check.result] }}</td><td>{{ text[check.basis] if check.basis }}</td><td>{% for id in document.cells.get(place, []) %}<a href="#{{ id }}">{{ text.finding }} {{ numbers[id] }}</a>{{ ", " if not loop.last }}{% endfor %}{% if check.explanation %} ({{ text[check.explanation] }}){% endif %}</td></tr>
{% endfor %}
</tbody>
</table></div>
{% endfor %}
</main>
</body>
</html>
"""

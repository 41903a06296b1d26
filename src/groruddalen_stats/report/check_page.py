"""The check as one self-contained page: the verdict, an overview, every finding, and every printed number."""

from __future__ import annotations

from typing import Any

from groruddalen_stats.check import coverage
from groruddalen_stats.check.compare import place_of
from groruddalen_stats.check.outputs import SIGNS, overview_columns
from groruddalen_stats.check.printed import in_language
from groruddalen_stats.check.result import CheckResult
from groruddalen_stats.numbers import display_number
from groruddalen_stats.report.html import TEMPLATES, page_templates


def check_page(result: CheckResult, document: dict[str, Any], power: dict[str, Any] | None = None) -> str:
    """Return the check as one self-contained page: headline, overview, audit, and every printed number.

    ``document`` is the check as the report shows it; ``power`` is nothing where that was not measured.
    """
    language = result.language
    tables = []
    rows: set[str] = set()
    for name in result.tables.tables:
        checks = []
        for check in result.checks[result.checks["object"] == name].to_dict("records"):
            place = place_of(check)
            cell = result.tables.by_place[place]
            rebuilt = display_number(float(check["rebuilt"]), cell.decimals, language) if check["rebuilt"] else ""
            printed = in_language(str(check["printed"]), language)
            # A run of other years shows not every cell of the print, but every object.
            href = f"appendix.html#{'-'.join(place) if result.catalogue.is_print else name}"
            rows.add("-".join(place))
            checks.append({**check, "href": href, "names": result.names(place), "printed": printed, "rebuilt": rebuilt})
        spec = result.catalogue.appendix.objects[name]
        tables.append(
            {"id": name, "number": spec.number, "title": result.catalogue.text(spec.title, language), "checks": checks}
        )
    return (
        page_templates(TEMPLATES)
        .get_template("check.html.j2")
        .render(
            document=document,
            language=language,
            tables=tables,
            rows=rows,
            numbers={item["id"]: item["number"] for item in document["items"]},
            faults=[str(fault) for fault in result.faults],
            skip=result.catalogue.labels.words["skip"][language],
            contents=result.catalogue.labels.words["contents"][language],
            report=result.catalogue.edition.title[language],
            text={key: text[language] for key, text in result.catalogue.labels.check.items()},
            power=power,
            held=coverage.shown(coverage.Coverage(result)),
            signs=SIGNS,
            columns=overview_columns(result),
        )
    )

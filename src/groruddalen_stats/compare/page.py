"""The comparison as files: one self-contained HTML page, and one CSV file per object."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from groruddalen_stats.appendix.layout import Item
from groruddalen_stats.appendix.model import Basis, Cell, FlagKind
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.compare import charts
from groruddalen_stats.compare.sentences import main_lines, sentences
from groruddalen_stats.compare.sides import (
    Compared,
    ComparedCell,
    ComparedColumn,
    ComparedLine,
    compare,
    series_breaks,
    step_between,
)
from groruddalen_stats.compare.words import CompareWords
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.paths import write_text
from groruddalen_stats.report.html import inline_svg, page_templates

SIGNS = {
    "borders": "¤",
    "base": "‡",
    "approximate": "≈",
    "zero": "0",
    "missing": "",
    "adjusted": "¹",
    "series": "#",
    "basis": "†",
    "source": "°",
}
_OWN = Path(__file__).parent / "templates"


def write(catalogues: Sequence[Catalogue], cells: Sequence[Sequence[Cell]]) -> Path:
    """Write ``report/compare-<edition>-<edition>/``: the page and ``data/<object>.csv``.

    Args:
        catalogues: one per edition, in the order wanted; the language is that of the first.
        cells: the cells of each edition.

    Returns:
        The page.

    Raises:
        ConfigError: for fewer than two editions, or one named twice.
    """
    names = [catalogue.run.edition for catalogue in catalogues]
    if len(names) < 2 or len(set(names)) < len(names):
        what = f"{len(names)} editions ({', '.join(names)})" if names else "no edition"
        remedy = "name two or more different ones, such as 2011 2018"
        raise ConfigError(f"cannot compare {what}", where="compare", remedy=remedy)
    first = catalogues[0]
    words = CompareWords(first)
    objects = [key for section in first.appendix.sections for key in section.objects]
    compared = {key: compare(key, catalogues, cells) for key in objects}
    folder = first.paths.report(f"compare-{'-'.join(names)}")
    records = {key: list(_records(part, words)) for key, part in compared.items()}
    columns = next((list(rows[0]) for rows in records.values() if rows), [])
    for key, rows in records.items():
        table = pd.DataFrame(rows, columns=columns)
        write_text(folder / "data" / f"{key}.csv", table.to_csv(index=False, lineterminator="\n"))
    page = folder / "compare.html"
    write_text(page, render(catalogues, compared, words))
    return page


def render(catalogues: Sequence[Catalogue], compared: dict[str, Compared], words: CompareWords) -> str:
    """Return the page; the same cells give the same text."""
    first = catalogues[0]
    editions = words.joined([catalogue.run.edition for catalogue in catalogues])
    counts = [len(part.comparable()) for part in compared.values()]
    model = {
        "language": words.language,
        "words": words,
        "title": words("title", editions=editions),
        "subtitle": words("subtitle", editions=editions),
        "lead": words(
            "lead",
            comparable=words.number(sum(counts)),
            all=words.number(sum(len(part.lines) for part in compared.values())),
        ),
        "editions": [catalogue.run.edition for catalogue in catalogues],
        "topics": _topics(catalogues, words),
        "reading": [
            *((sign, words(f"sign_{key}")) for key, sign in SIGNS.items() if sign),
            (words("italics"), words("sign_ours")),
        ],
        "sections": [
            {
                "id": f"section-{number}",
                "title": first.text(section.title, words.language),
                "objects": [_object(compared[key], catalogues, words) for key in section.objects],
            }
            for number, section in enumerate(first.appendix.sections, start=1)
        ],
    }
    return page_templates(_OWN, _OWN / "compare.css").get_template("compare.html.j2").render(model)


def _topics(catalogues: Sequence[Catalogue], words: CompareWords) -> list[dict[str, Any]]:
    """Return the years of every topic in every edition, as ranges, for the topics that the appendix uses."""
    used = dict.fromkeys(topic for spec in catalogues[0].appendix.objects.values() for topic in spec.topics)
    rows = []
    for topic in used:
        years = [catalogue.edition.listed(topic) for catalogue in catalogues]
        shown = [str(found[0]) if len(found) == 1 else f"{found[0]}–{found[-1]}" for found in years]
        users = [spec for spec in catalogues[0].appendix.objects.values() if topic in spec.topics]
        numbers = ", ".join(f"{words(spec.kind)} {spec.number}" for spec in users)
        rows.append({"numbers": numbers, "years": shown})
    return rows


def _object(compared: Compared, catalogues: Sequence[Catalogue], words: CompareWords) -> dict[str, Any]:
    spec, language = compared.spec, words.language
    said = " ".join(sentences(compared, words))
    comparable = compared.comparable()
    units = {line.step.unit for line in comparable}
    # A scheme that changed its name between the editions goes by both.
    title, subtitle = (
        " · ".join(dict.fromkeys(words.catalogue.text(text, language, of.edition) for of in catalogues))
        for text in (spec.title, spec.subtitle)
    )
    counts = {"comparable": words.number(len(comparable)), "all": words.number(len(compared.lines))}
    unit = words(f"in_{next(iter(units))}" if len(units) == 1 else "in_mixed")
    return {
        "id": compared.object_id,
        "number": f"{words(spec.kind)} {spec.number}",
        "title": title,
        "sentence": said,
        "caption": words("caption" if comparable else "caption_none", subtitle=subtitle, unit=unit, **counts),
        "open": bool(comparable),
        "roles": [_head(compared, role, words) for role in compared.roles],
        "rows": [_row(compared, row, words) for row in compared.rows],
        "notes": _notes(compared, words),
        "chart": _chart(compared, said, words),
    }


def _head(compared: Compared, role: ComparedColumn, words: CompareWords) -> dict[str, Any]:
    label = role.label[words.language] if role.label is not None else words(f"{role.id}_year")
    sides = zip(*(line.sides for line in compared.lines.values() if line.role is role), strict=True)
    years = [next((str(side.cell.spec.year) for side in column if side is not None), "–") for column in sides]
    return {"label": label, "years": years}


def _row(compared: Compared, row: Item, words: CompareWords) -> dict[str, Any]:
    nothing = {"sides": [{"text": words("none"), "missing": True}] * len(compared.editions), "step": None}
    lines = [compared.lines.get((row.id, role.id)) for role in compared.roles]
    groups = [
        {"sides": [_shown(side, words) for side in line.sides], "step": _step(line, words)} if line else nothing
        for line in lines
    ]
    return {"label": row.label[words.language], "ours": row.ours, "groups": groups}


def _shown(side: ComparedCell | None, words: CompareWords) -> dict[str, Any]:
    if side is None:
        return {"text": words("not_in"), "missing": True}
    return {"text": side.display, "missing": side.cell.basis == Basis.MISSING}


def _step(line: ComparedLine, words: CompareWords) -> dict[str, Any]:
    before, after = (line.places[0], line.places[-1]) if line.places else (None, None)
    place = ""
    if before is not None and after is not None:
        place = words("place_same", place=before) if before == after else words("place", before=before, after=after)
    return {
        "text": words.signed(line.step) or words("none"),
        "missing": line.step.why is not None,
        "signs": [
            (SIGNS[key], words(f"sign_{key}")) for key in ([line.step.why] if line.step.why else line.step.marks)
        ],
        "place": place,
    }


def _notes(compared: Compared, words: CompareWords) -> list[str]:
    """Return the footnotes of the breaks and the caveats of the sources that occur in an object."""
    sides = [side for line in compared.lines.values() for side in line.sides if side is not None]
    breaks = dict.fromkeys(key for side in sides for key in side.cell.about(FlagKind.BORDER))
    caveats = dict.fromkeys(note for side in sides for note in side.cell.about(FlagKind.CAVEAT))
    catalogue = words.catalogue
    for line in compared.lines.values():
        if line.sides[0] and line.sides[-1]:
            caveats |= dict.fromkeys(series_breaks(*line.ends, catalogue))
    return [
        *(catalogue.regions.breaks[key].footnote(words.language) for key in breaks),
        *(catalogue.text(catalogue.labels.notes[key]) for key in caveats if key in catalogue.labels.notes),
    ]


def _chart(compared: Compared, said: str, words: CompareWords) -> Markup:
    lines = main_lines(compared)
    if not lines:
        return Markup()
    cell, label = lines[0].ends[0].cell, words.label(lines[0])
    if lines[0].step.unit == "percent":
        title = words("chart_change", label=label, year=cell.spec.year)
    else:
        unit = words.catalogue.indicators.units[cell.unit].label[words.language]
        title = words("chart_value", label=label, unit=unit)
    drawn = charts.svg(charts.draw(lines, title, words))
    return inline_svg(drawn, f"{compared.object_id}-chart", words("chart_alt", sentence=said))


def _records(compared: Compared, words: CompareWords) -> Iterator[dict[str, Any]]:
    """Yield one record per row, column and edition; the change is from the edition before."""
    for line in compared.lines.values():
        for index, (edition, side) in enumerate(zip(compared.editions, line.sides, strict=True)):
            step = step_between(line.sides[index - 1], side, words.catalogue) if index else None
            yield {
                "object": compared.object_id,
                "row": line.row.id,
                "row_label": words.region(line),
                "column": line.role.id,
                "column_label": words.label(line),
                "edition": edition,
                "year": None if side is None else str(side.cell.spec.year),
                "value": math.nan if side is None else side.cell.number,
                "display": "" if side is None else side.display,
                "unit": "" if side is None else side.cell.unit,
                "basis": "" if side is None else side.cell.basis,
                "sources": "" if side is None else " ".join(side.sources),
                "note": "" if side is None else side.note,
                "place": str(line.places[index] or "") if line.places else "",
                "change": math.nan if step is None else step.value,
                "change_unit": "" if step is None else step.unit,
                "change_from": "" if step is None else compared.editions[index - 1],
                "not_comparable": "" if step is None or step.why is None else step.why,
                "marks": "" if step is None else " ".join(step.marks),
            }

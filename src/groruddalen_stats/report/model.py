"""The report as one document of plain strings that HTML and PDF both show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

import pandas as pd

from groruddalen_stats.appendix.fill import fill, known_part, mostly_missing
from groruddalen_stats.appendix.headlines import headline
from groruddalen_stats.appendix.layout import Layout, layout
from groruddalen_stats.appendix.model import Basis, Cell, FlagKind
from groruddalen_stats.appendix.notes import shown_notes, source_line, sources_of
from groruddalen_stats.appendix.terms import terms_of
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Object, Sidecar
from groruddalen_stats.report import audit, chapters, front
from groruddalen_stats.report.formulas import formula_in_words, formulas_of
from groruddalen_stats.report.grids import DIFFERS, OTHER_METHOD, OURS, SIGNS, AtCell, grid, printed_numbers
from groruddalen_stats.report.words import Words

_FORMATS = {
    "appendix.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "appendix.pdf": "application/pdf",
    "tidy.csv": "text/csv",
    "codebook.csv": "text/csv",
}


def build_model(
    catalogue: Catalogue,
    cells: Sequence[Cell],
    published: pd.DataFrame,
    check: Mapping[str, Any] | None = None,
    claims: Sequence[Mapping[str, Any]] = (),
    *,
    sidecars: Mapping[str, Sidecar] | None = None,
    lock_sha256: str = "",
) -> dict[str, Any]:
    """Return the whole report but its drawings as nested lists, dicts and strings, in the language of the run.

    Every number is already text, so that no template can format one differently. ``check`` is
    report/<edition>/check.json and ``claims`` are the verdicts on what the report's text says, where they have been
    reached. ``sidecars`` say where each raw file comes from, by path below data/raw.
    """
    words = Words(catalogue)
    of_objects: dict[str, list[Cell]] = {}
    for cell in cells:
        of_objects.setdefault(cell.place.object, []).append(cell)
    printed = printed_numbers(catalogue, published)
    explanations = audit.explanations(check)
    sections = [
        {
            "id": f"section-{index}",
            "title": catalogue.text(section.title),
            "objects": [
                _object(words, name, of_objects[name], printed.get(name, {}), explanations.get(name, []))
                for name in section.objects
            ],
        }
        for index, section in enumerate(catalogue.appendix.sections, start=1)
    ]
    after = [
        *audit.chapters(check, claims, words),
        chapters.methods(words),
        chapters.definitions(words),
        *chapters.regions(words),
        chapters.sources(words, of_objects, sidecars or {}),
        chapters.licences(words, of_objects),
        chapters.reproducibility(words, lock_sha256),
    ]
    kinds = Counter(spec.kind for spec in catalogue.appendix.objects.values())
    return {
        "language": words.language,
        "date": catalogue.edition.date.isoformat(),
        "title": catalogue.edition.title[words.language],
        "subtitle": words("subtitle", tables=kinds["table"], figures=kinds["figure"]),
        "words": words.every(),
        "front": _front(words, of_objects, check, _reading(words, sections)),
        "opening": front.opening(words, of_objects, check),
        "matrix": front.matrix(words, of_objects),
        "sections": sections,
        "chapters": after,
        "dataset": _dataset(words, cells),
    }


def _object(
    words: Words, name: str, cells: Sequence[Cell], printed: Mapping[AtCell, Any], found: Sequence[audit.CellsExplained]
) -> dict[str, Any]:
    catalogue = words.catalogue
    spec = catalogue.appendix.objects[name]
    plan = layout(name, catalogue)
    empty = _empty(cells, words)
    few = spec.kind == "figure" and not empty and mostly_missing(cells)
    part = known_part(plan, cells) if few else plan
    in_part = [cell for cell in cells if (cell.place.row, cell.place.column) in part.places] if few else cells
    explained = [entry for entry in (entry.within(printed) for entry in found) if entry.places]
    method = {place for entry in explained if entry.other_method for place in entry.places}
    method -= {place for entry in explained if not entry.other_method for place in entry.places}
    table = grid(words, part, in_part, printed, [entry.places for entry in explained], method)
    placed = {note["text"] for note in table["notes"]}
    notes = [
        catalogue.text(catalogue.labels.notes[key])
        for key in shown_notes(spec, plan, cells, print_area=catalogue.is_print_area, of_oslo=catalogue.is_of_oslo)
    ]
    plain = [{"mark": "", "text": text} for text in notes if text not in placed]
    if few:
        # The sentence has the reason too.
        why = words("legend_missing", reason="").strip().lower()
        marked = [note for note in table["notes"] if note["mark"] or not note["text"].lower().startswith(why)]
        table["notes"] = [{"mark": "", "text": _few(cells, words)}, *marked]
    borders = catalogue.run.borders
    if borders != "report" and any(cell.about(FlagKind.BORDER) for cell in cells):
        plain.append({"mark": "", "text": words(f"borders_note_{borders}")})
    # What an object shows of another year than its edition asks for, since nothing newer has figures.
    earlier = catalogue.earlier.items() if any(cell.known for cell in cells) else ()
    for topic, by in ((topic, by) for topic, by in earlier if topic in spec.every_topic):
        year = catalogue.edition.year(topic)
        plain.append({"mark": "", "text": words("newest_year", year=f"{year}", wanted=f"{year + by}")})
    if any(cell.spec.ours for cell in in_part):
        plain.append({"mark": OURS, "text": words("ours_note")})
    title, subtitle = catalogue.text(spec.title), catalogue.text(spec.subtitle)
    sentence = headline(catalogue, spec, plan, cells)
    regions = [[item.label[words.language] for item in axis if item.spec.region] for axis in (plan.rows, plan.columns)]
    alt = catalogue.text(spec.alt).replace("{places}", words.listed(max(regions, key=len)))
    return {
        "id": name,
        "kind": spec.kind,
        "label": words.label(name),
        "drawn": spec.kind == "figure" and not few and not empty,
        "title": title,
        "subtitle": subtitle,
        "headline": sentence,
        "alt": ". ".join(
            text.removesuffix(".") for text in (sentence, subtitle, alt, _result(spec, plan, cells, words)) if text
        ),
        "grid": {key: table[key] for key in ("columns", "rows")},
        "deviations": [
            {
                "mark": f"{mark}",
                "text": f"{entry.text} {words('audit_see', number=entry.number)}",
                "said": entry.text,
                "see": words("audit_see", number=entry.number),
                "finding": f"finding-{entry.number}",
                "places": [f"{row}-{column}" for row, column in entry.places],
            }
            for mark, entry in enumerate(explained, start=1)
        ],
        "empty": empty,
        "notes": [] if empty else table["notes"] + plain,
        "source": source_line(spec, cells, catalogue, words.language),
        "basis": _basis_text(words, cells),
        "data": f"data/{name}.csv",
        "formulas": formulas_of(plan, words),
        "example": _example(plan, cells, words),
    }


def _example(plan: Layout, cells: Sequence[Cell], words: Words) -> str:
    """Return how one number of an object is read: the first that is computed, else the first that is known."""
    known = [cell for cell in cells if cell.known and cell.spec.counted]
    cell = next((cell for cell in known if cell.numerator), next(iter(known), None))
    if cell is None:
        return ""
    labels = plan.labels(words.language)
    formula = formula_in_words(cell.spec, words)
    if not formula[1:2].isupper():
        formula = f"{formula[:1].lower()}{formula[1:]}"
    named = {"row": labels[cell.place.row], "column": labels[cell.place.column], "formula": formula}
    return words("read_example", value=words.cell(cell), **named)


def _empty(cells: Sequence[Cell], words: Words) -> str:
    """Return what is said in place of an object that has no number at all: for which years, and what was searched.

    In the appendix of another area than the report's it is none either where only the whole has numbers.
    """
    catalogue = words.catalogue
    counted = catalogue.of_own((cell for cell in cells if cell.spec.counted), lambda cell: cell.spec.region)
    if not counted or any(cell.value for cell in counted):
        return ""
    years = sorted({cell.spec.year for cell in counted})
    known = catalogue.indicators
    asked = {term.series for cell in counted for term in terms_of(cell.spec, known).numerator}
    searched = [known.series[series].none_known for series in sorted(asked)]
    said = dict.fromkeys(text[words.language] for text in searched if text)
    return " ".join([words("empty", years=words.listed([str(year) for year in years])), *said])


def _few(cells: Sequence[Cell], words: Words) -> str:
    """Return how much is known of a figure of which most is not, and why the rest is not."""
    counted = [cell for cell in cells if cell.spec.counted]
    known = sum(cell.known for cell in counted)
    said, text = words.catalogue.labels.reasons, words.catalogue.text
    reasons = dict.fromkeys(text(said[cell.missing.reason]) for cell in counted if cell.missing)
    return words("few", known=known, cells=len(counted), reason="; ".join(reasons))


def _result(spec: Object, plan: Layout, cells: Sequence[Cell], words: Words) -> str:
    """Return the highest and the lowest number of a figure: of its last column, or of the largest part of a whole."""
    if spec.chart is None or spec.chart.kind == "map":
        return ""
    known = [cell for cell in cells if cell.known and cell.spec.counted]
    sums = {item.id: sum(c.number for c in known if c.place.column == item.id) for item in plan.columns}
    column = max(sums, key=sums.__getitem__) if spec.chart.kind == "stacked" else plan.columns[-1].id
    of_column = sorted((cell for cell in known if cell.place.column == column), key=lambda cell: cell.number)
    if len(of_column) < 2:
        return ""
    labels = plan.labels(words.language)

    def told(cell: Cell) -> str:
        return f"{labels[cell.place.row]} {words.cell(cell)}"

    whole = all(cell.known for cell in cells if cell.place.column == column and cell.spec.counted)
    key = "alt_result" if whole else "alt_result_known"
    return words(key, column=labels[column], highest=told(of_column[-1]), lowest=told(of_column[0]))


def _basis_text(words: Words, cells: Sequence[Cell]) -> str:
    counted = [cell for cell in cells if cell.spec.counted]
    if not counted:
        return words("basis_none")
    shown = [cell for cell in counted if cell.missing or cell.known]
    counts = Counter(cell.basis for cell in shown)
    parts = [words("basis_part", count=counts[basis], basis=words.basis(basis)) for basis in Basis if counts[basis]]
    ours = sum(cell.spec.ours for cell in shown)
    added = words("ours_part", count=ours) if ours else ""
    return f"{words.listed(parts)}{added}."


def fill_sentence(words: Words, cells: Iterable[Cell]) -> str:
    """Return how many of the cells of the report's objects show a number."""
    whole, _ = fill(cells, words.catalogue)
    return words.fill(whole.filled, whole.cells, whole.percent)


def _front(
    words: Words,
    of_objects: Mapping[str, Sequence[Cell]],
    check: Mapping[str, Any] | None,
    reading: Sequence[Mapping[str, str]],
) -> dict[str, Any]:
    tally: dict[str, Counter[str]] = {name: Counter() for name in ("table", "figure", "ours")}
    dashes = 0
    for cell in chain.from_iterable(of_objects.values()):
        if cell.spec.counted and (cell.missing or cell.known):
            kind = words.catalogue.appendix.objects[cell.place.object].kind
            tally["ours" if cell.spec.ours else kind][cell.basis] += 1
        elif cell.spec.counted:
            dashes += not cell.spec.ours
    rows = [
        {
            "basis": basis.value,
            "sign": SIGNS[basis],
            "label": words.basis(basis),
            "meaning": words(f"meaning_{basis}"),
            "cells": [words.count(tally[kind][basis]) for kind in tally],
        }
        for basis in Basis
        if any(counts[basis] for counts in tally.values())
    ]
    key = "basis_note_print" if words.catalogue.is_print else "basis_note"
    note = words(key, count=tally["table"].total(), dashes=dashes)
    return {
        "lead": [*_lead(words)],
        "headline": str(check["headline"]) if check else "",
        "headline_notes": [*map(str, check["notes"])] if check else [],
        "basis": {
            "rows": rows,
            "total": [words.count(counts.total()) for counts in tally.values()],
            "note": f"{note} {fill_sentence(words, chain.from_iterable(of_objects.values()))}",
        },
        "reading": reading,
    }


def _lead(words: Words) -> Iterator[str]:
    """Yield what the document is, and what of the report's appendix it leaves out."""
    catalogue = words.catalogue
    if catalogue.is_print_area:
        yield words("lead_print" if catalogue.is_print else "lead_other")
        yield words("lead_method")
        return
    yield words("lead_area", area=catalogue.area.name[words.language])
    specs = [catalogue.printed.objects[name] for name in catalogue.left_out]
    for why in ("print", "oslo"):
        if left := [words(spec.kind, number=spec.number) for spec in specs if spec.of_oslo is (why == "oslo")]:
            yield words(f"left_out_{why}", objects=words.listed(left))
    yield words("lead_method_area")


def _reading(words: Words, sections: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return what each sign in the tables means, for those that occur."""
    objects = [entry for section in sections for entry in section["objects"]]
    cells = [cell for entry in objects for row in entry["grid"]["rows"] for cell in row["cells"]]
    marks = {note["mark"] for entry in objects for note in entry["notes"]}
    about = words("about", value="").strip()
    signs = [
        (DIFFERS, "differs", any(cell["differs"] == DIFFERS for cell in cells)),
        (OTHER_METHOD, "other_method", any(cell["differs"] == OTHER_METHOD for cell in cells)),
        (OURS, "ours", OURS in marks),
        (words("missing"), "missing", any(cell["basis"] == "missing" for cell in cells)),
        (about, "about", any(cell["text"].startswith(about) for cell in cells)),
        ("1, 2", "numbers", any(entry["deviations"] for entry in objects)),
        ("a, b", "letters", "a" in marks),
    ]
    return [{"sign": sign, "text": words(f"reading_{key}")} for sign, key, shown in signs if shown]


def _dataset(words: Words, cells: Iterable[Cell]) -> dict[str, Any]:
    """Return the description of a report for search engines, a schema.org Dataset: what it is, of where and when, and its files."""
    catalogue, listed = words.catalogue, list(cells)
    known = catalogue.sources
    used = [known.sources[key] for key in sources_of(listed, known)]
    years = sorted({cell.spec.year for cell in listed if cell.known}) or [catalogue.edition.date.year]
    licences = [known.licences[key].url for key in dict.fromkeys(source.licence for source in used)]
    publishers = dict.fromkeys(source.publisher for source in used)
    tables = {f"data/{name}.csv": "text/csv" for name in catalogue.appendix.objects}
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": catalogue.edition.title[words.language],
        "description": words("dataset_description"),
        "inLanguage": words.language,
        "isAccessibleForFree": True,
        "license": [url for url in licences if url],
        "creator": {"@type": "Organization", "name": "groruddalen_stats contributors"},
        "dateModified": catalogue.edition.date.isoformat(),
        "temporalCoverage": f"{years[0]}/{years[-1]}",
        "spatialCoverage": {"@type": "Place", "name": catalogue.area.name[words.language]},
        "variableMeasured": [catalogue.text(spec.title) for spec in catalogue.appendix.objects.values()],
        "isBasedOn": [
            {
                "@type": "CreativeWork",
                "name": known.publishers[key].name[words.language],
                "url": known.publishers[key].url,
            }
            for key in publishers
        ],
        "distribution": [
            {"@type": "DataDownload", "contentUrl": name, "encodingFormat": form}
            for name, form in {**_FORMATS, **tables}.items()
        ],
    }

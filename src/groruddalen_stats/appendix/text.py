"""A cell in writing: its number in a reader's language, and its formula and raw figures for machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from groruddalen_stats.appendix.layout import Spec
from groruddalen_stats.appendix.model import Cell, Origin, Way
from groruddalen_stats.appendix.terms import Term, terms_of
from groruddalen_stats.config.models import Indicators, Text
from groruddalen_stats.numbers import Language, display_number, runs_of


def shown(cell: Cell, words: Mapping[str, Text], language: Language) -> str:
    """Return the number as readers see it: the only place where it is rounded for them."""
    if cell.value is None:
        return words["missing"][language]
    if cell.value.sign:
        return cell.value.sign
    number = display_number(cell.number, cell.decimals, language)
    return words[cell.approximate][language].replace("{value}", number) if cell.approximate else number


def formula_text(cell: Cell, indicators: Indicators) -> str:
    """Return the formula of a cell: what is counted over what, with the year of each."""
    if cell.way == Way.REMAINDER:
        return f"remainder(100 - {' - '.join(cell.spec.remainder_of)})"
    if cell.way == Way.PUBLISHED:
        published = terms_of(cell.spec, indicators).published
        assert published is not None
        return f"published({_term(published)})"
    return _formula(cell.spec, indicators)


def _formula(spec: Spec, indicators: Indicators) -> str:
    indicator = indicators.indicators[spec.indicator]
    if indicator.formula == "sum_displayed":
        return f"sum_displayed({' + '.join(spec.sum_of)})"
    terms = terms_of(spec, indicators)
    sides = (terms.numerator, terms.denominator, *terms.base)
    top, bottom, base, base_bottom = (" + ".join(map(_term, side)) for side in sides)
    if base:
        level, base_level = (f"{top} / {bottom}", f"{base} / {base_bottom}") if bottom else (top, base)
        return f"{indicator.formula}(({level}) / ({base_level}))"
    if bottom:
        return f"{indicator.formula}(({top}) / ({bottom}) * {indicator.scale:g})"
    return f"{indicator.formula}({top})"


def _term(term: Term) -> str:
    narrowed = [
        term.sex if term.sex != "both" else "",
        term.age if term.age != "all" else "",
        term.background if term.background != "all" else "",
        term.detail,
    ]
    words = ", ".join(word for word in narrowed if word)
    parts = [f"{term.series}[{words}{', ' if words else ''}{year}]" for year in term.years]
    return f"mean({', '.join(parts)})" if term.mean else parts[0]


def inputs_text(cell: Cell) -> str:
    """Return the raw figures behind a cell, those of numerator and denominator apart."""
    return " | ".join(
        " ".join("#".join(filter(None, line)) for line in origin_lines(part.origins)) for part in cell.parts
    )


def origin_text(origin: Origin) -> str:
    """Return one raw figure: its file, and its line and column or its flat index there."""
    return "#".join(filter(None, origin_lines([origin])[0]))


def origin_lines(origins: Iterable[Origin]) -> list[tuple[str, str]]:
    """Return raw figures in short form, each as the file, none for another cell of the object, and the place in it.

    Runs of lines or of flat indices of one file are written as a range.
    """
    groups: dict[tuple[str, str], list[int]] = {}
    loose = []
    for origin in origins:
        if origin.row:
            loose.append((origin.snapshot, f"{origin.row}/{origin.column}"))
        elif origin.cells > 1:
            loose.append((origin.snapshot, f"v{origin.first}..{origin.last}/{origin.cells}"))
        else:
            groups.setdefault((origin.snapshot, origin.column), []).append(origin.first)
    lines = []
    for (path, column), numbers in groups.items():
        mark = "L" if column else "v"
        runs = (f"{mark}{first}" + (f"-{mark}{last}" if last > first else "") for first, last in runs_of(numbers))
        lines.append((path, ",".join(runs) + (f":{column}" if column else "")))
    return [*lines, *loose]


def note_keys(cell: Cell) -> Iterator[tuple[str, str]]:
    """Yield what a reader must know of a cell: the kind of each note and what it is about, in the order shown."""
    yield from (("note", key) for key in cell.spec.notes)
    if cell.missing:
        yield "reason", cell.missing.reason
    for kind in ("caveat", "border", "known_wrong", "undated"):
        yield from ((kind, flag.about) for flag in cell.flags if flag.kind == kind)


_PREFIX = {"note": "", "reason": "reason_", "caveat": "caveat_", "border": "break_"}


def written_notes(cell: Cell, *, ours: bool = False) -> str:
    """Return the notes of a cell as CSV files write them, ``ours`` among them if wanted."""
    keys = [f"{_PREFIX[kind]}{about}" for kind, about in note_keys(cell) if kind in _PREFIX]
    return " ".join(["ours", *keys] if ours and cell.spec.ours else keys)

"""Turns the cells of one object into the notes that apply to it and the line that names its sources."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from groruddalen_stats.appendix.layout import Layout
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import NoteRule, Object, text_in
from groruddalen_stats.numbers import Language

_PATH = re.compile(r"([\w./-]+\.(?:csv|json))#")
PRINTED = frozenset({"transcribed", "prose"})


def shown_notes(spec: Object, plan: Layout, cells: pd.DataFrame) -> list[str]:
    """Return the keys of the notes under an object: its own that apply, then caveats of the sources it used.

    Args:
        spec: the object.
        plan: its layout, for the years it covers.
        cells: its cells.
    """
    years = [year for cell in plan.cells.values() for year in (cell.year, cell.base) if year is not None]
    printed = bool(cells["basis"].isin(PRINTED).any()) or bool(cells["inputs"].str.contains("published/").any())
    keys = []
    for note in spec.notes:
        if isinstance(note, str):
            keys.append(note)
        elif _applies(note, min(years), printed=printed):
            keys.append(note.key)
    words = [word for text in cells["note"] for word in text.split()]
    keys.extend(word.removeprefix("caveat_") for word in words if word.startswith("caveat_"))
    return list(dict.fromkeys(keys))


def _applies(note: NoteRule, first: int, *, printed: bool) -> bool:
    early = note.before is None or first < note.before
    return early and (printed or not note.printed)


def sources_of(inputs: Iterable[str], catalogue: Catalogue) -> list[str]:
    """Return the ids of the sources that stand behind cells, in the order of config/sources.yaml.

    Args:
        inputs: the column ``inputs`` of the cells.
        catalogue: the configuration.
    """
    used = {path for text in inputs for path in _PATH.findall(text)}
    return [key for key, source in catalogue.sources.sources.items() if used.intersection(source.paths(key))]


def source_line(spec: Object, cells: pd.DataFrame, catalogue: Catalogue, language: Language) -> str:
    """Return who published what the cells are computed from, and, for printed numbers, what the print cites."""
    sources, words = catalogue.sources, catalogue.labels.words
    tables: dict[str, list[str]] = {}
    for key in sources_of(cells["inputs"], catalogue):
        source = sources.sources[key]
        if source.kind == "independent":
            publisher = sources.publishers[source.publisher].name[language]
            name = text_in(source.table, language)
            # A table that has only a number is told to be one.
            told = words["table"][language].lower().replace("{number}", name) if name.isdecimal() else name
            tables.setdefault(publisher, []).append(told)
    parts = [f"{publisher} ({', '.join(dict.fromkeys(names))})" for publisher, names in tables.items()]
    if cells["basis"].isin(PRINTED).any() or cells["inputs"].str.contains("published/").any():
        parts.append(words["source_print"][language].replace("{source}", spec.source_note[language]))
    return "; ".join(parts) if parts else words["source_none"][language]

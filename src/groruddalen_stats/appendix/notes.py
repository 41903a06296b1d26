"""The notes that apply to an object, and the line that names its sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from groruddalen_stats.appendix.layout import Layout
from groruddalen_stats.appendix.model import Cell, FlagKind
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Object, Sources, text_in
from groruddalen_stats.numbers import Language


def shown_notes(
    spec: Object, plan: Layout, cells: Sequence[Cell], *, print_area: bool = True, of_oslo: bool = True
) -> list[str]:
    """Return the keys of the notes under an object: its own that apply, then caveats of the sources it used."""
    years = [year for cell in plan.cells.values() for year in (cell.year, cell.base) if year is not None]
    printed = print_area and any(cell.printed for cell in cells)
    keys = []
    for note in spec.notes:
        if isinstance(note, str):
            keys.append(note)
        elif (
            (note.before is None or min(years) < note.before)
            and (printed or not note.printed)
            and (print_area or not note.own_area)
            and note.of_oslo in {None, of_oslo}
        ):
            keys.append(note.key)
    keys += [note for cell in cells for note in cell.about(FlagKind.CAVEAT)]
    return list(dict.fromkeys(keys))


def sources_of(cells: Iterable[Cell], sources: Sources) -> list[str]:
    """Return the ids of the sources that stand behind cells, in the order of the configuration."""
    used = {origin.snapshot for cell in cells for part in cell.parts for origin in part.origins}
    found = {key for path in used for key in sources.of_file.get(path, ())}
    return [key for key in sources.sources if key in found] if len(found) > 1 else list(found)


def source_line(spec: Object, cells: Sequence[Cell], catalogue: Catalogue, language: Language) -> str:
    """Return who published what the cells are computed from, and, for printed numbers, what the print cites."""
    sources, words = catalogue.sources, catalogue.labels.words
    tables: dict[str, list[str]] = {}
    for key in sources_of(cells, sources):
        source = sources.sources[key]
        if source.kind == "independent":
            publisher = sources.publishers[source.publisher].name[language]
            name = text_in(source.table, language)
            # A table that has only a number is told to be one.
            told = words["table"][language].lower().replace("{number}", name) if name.isdecimal() else name
            tables.setdefault(publisher, []).append(told)
    parts = [f"{publisher} ({', '.join(dict.fromkeys(names))})" for publisher, names in tables.items()]
    if any(cell.printed for cell in cells):
        parts.append(words["source_print"][language].replace("{source}", spec.source_note[language]))
    return "; ".join(parts) if parts else words["source_none"][language]

"""The tables that the documentation shows of what is in config/: the 25 objects, and how sure each live source is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from groruddalen_stats.appendix.model import Basis, Cell
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.check.power import PRINT, SOURCES
from groruddalen_stats.config.fetch import PxWebFetch
from groruddalen_stats.config.models import Source, text_in
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.paths import write_text
from groruddalen_stats.stages import power


def marks(name: str) -> tuple[str, str]:
    """Return the lines that a table called ``name`` stands between."""
    return f"<!-- {name}: written by `groruddalen-stats readme` -->", f"<!-- /{name} -->"


def object_table(catalogue: Catalogue, cells: Sequence[Cell]) -> str:
    """Return a Markdown table: one row per object with its number, title and printed cells per basis."""
    counted = Counter((cell.place.object, cell.basis) for cell in cells if cell.spec.counted and not cell.spec.ours)
    lines = [f"| id | number | what it shows | {' | '.join(Basis)} |", f"|---|---|---|{'--:|' * len(Basis)}"]
    for section in catalogue.appendix.sections:
        for name in section.objects:
            spec = catalogue.appendix.objects[name]
            kind = "Tabell" if spec.kind == "table" else "Figur"
            numbers = " | ".join(str(counted[name, basis] or "") for basis in Basis)
            lines.append(f"| `{name}` | {kind} {spec.number} | {catalogue.text(spec.title, 'en')} | {numbers} |")
    return "\n".join(lines)


def evidence_table(sources: Mapping[str, Source]) -> str:
    """Return a Markdown table: one row per source that can be fetched, how sure its table is, and what is less sure."""
    lines = ["| source | table | state | known from | less sure |", "|---|---|---|---|---|"]
    for key, source in sources.items():
        fetch = source.fetch
        if fetch is None:
            continue
        chosen = fetch.select if isinstance(fetch, PxWebFetch) else []
        less = []
        for entry in chosen:
            if entry.known:
                state, _, by = entry.known.partition(": ")
                less.append(f"{entry.name.replace('|', 'or')}: {state}{by and f' ({by})'}")
        state, _, by = fetch.known.partition(": ")
        state = "no table known" if isinstance(fetch, PxWebFetch) and not fetch.asks else state
        lines.append(f"| `{key}` | {text_in(source.table, 'en')} | {state} | {by} | {'; '.join(less)} |")
    return "\n".join(lines)


def power_line(recorded: Mapping[str, Any]) -> str:
    """Return how much the check sees, in a sentence."""
    kinds, numbers = recorded[PRINT]["kinds"], recorded[PRINT]["numbers"]
    counted, sources = recorded[PRINT]["all"], recorded[SOURCES]["all"]
    seen, named, first = (_percent(counted, name) for name in ("seen", "named", "first"))
    return (
        f"Of {counted['planted']} errors of {len(kinds)} kinds, planted one at a time in the {numbers} printed cells, the "
        f"check sees {seen}, names the wrong number in {named} and names it first in {first} (95 per cent confidence); of "
        f"{sources['planted']} errors in the sources it sees {_percent(sources, 'seen')}. Seed {recorded['seed']}."
    )


def _percent(counted: Mapping[str, Any], name: str) -> str:
    low, high = (f"{edge * 100:.0f}" for edge in counted[f"{name}_interval"])
    return f"{counted[name] / counted['planted'] * 100:.0f} per cent ({low}–{high})"


def filled(text: str, name: str, table: str, where: str) -> str:
    """Return a text with a table put between the two marks that have its name."""
    first, last = marks(name)
    before, start, rest = text.partition(first)
    _, end, after = rest.partition(last)
    if not (start and end):
        raise ConfigError(
            f"the marks of the table of {name} are missing", where=where, remedy=f"add {first} and {last}"
        )
    return f"{before}{first}\n{table}\n{last}{after}"


def write(catalogue: Catalogue, cells: Sequence[Cell], *, check: bool = False) -> None:
    """Bring what is written between marks in README.md and docs/live-sources.md up to date.

    Raises:
        ConfigError: when a mark is missing, or with ``check`` when something is out of date; then nothing is written.
    """
    root = catalogue.paths.root
    written = [
        (root / "README.md", "objects", object_table(catalogue, cells)),
        (root / "docs" / "live-sources.md", "sources", evidence_table(catalogue.sources.sources)),
    ]
    if (recorded := power.read(catalogue.paths)) is not None:
        if check and recorded["inputs"] != power.digest(catalogue, cells):
            what = "the print, the ledger, the code of the check or a computed number has changed since it was measured"
            raise ConfigError(what, where=str(catalogue.paths.power), remedy="run 'make power'")
        written.append((root / "README.md", "power", power_line(recorded)))
    for path, name, table in written:
        old = path.read_text(encoding="utf-8")
        new = filled(old, name, table, str(path))
        if check and new != old:
            what = f"the table of {name} is out of date"
            raise ConfigError(what, where=str(path), remedy="run 'groruddalen-stats readme'")
        if new != old:
            write_text(path, new)

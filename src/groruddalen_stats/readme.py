"""The tables that the documentation shows of what is in config/: the 25 objects, and how sure each live source is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from groruddalen_stats.appendix.model import Basis, Cell
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.fetch import PxWebFetch
from groruddalen_stats.config.models import text_in
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.paths import write_text


def marks(name: str) -> tuple[str, str]:
    """Return the lines that a table called ``name`` stands between."""
    return f"<!-- {name}: written by `groruddalen-stats readme` -->", f"<!-- /{name} -->"


def object_table(catalogue: Catalogue, cells: Iterable[Cell]) -> str:
    """Return a Markdown table: one row per object with its number, title and printed cells per basis.

    Args:
        catalogue: the configuration.
        cells: the cells of the print's edition; those added by this project, and coordinates and bases
            that are what they are by definition, are left out.
    """
    counted = Counter((cell.place.object, cell.basis) for cell in cells if cell.spec.counted and not cell.spec.ours)
    lines = [
        f"| id | number | what it shows | {' | '.join(Basis)} |",
        f"|---|---|---|{'--:|' * len(Basis)}",
    ]
    for section in catalogue.appendix.sections:
        for name in section.objects:
            spec = catalogue.appendix.objects[name]
            kind = "Tabell" if spec.kind == "table" else "Figur"
            numbers = " | ".join(str(counted[name, basis] or "") for basis in Basis)
            lines.append(f"| `{name}` | {kind} {spec.number} | {catalogue.text(spec.title, 'en')} | {numbers} |")
    return "\n".join(lines)


def evidence_table(catalogue: Catalogue) -> str:
    """Return a Markdown table: one row per source that can be fetched, how sure its table is, and what is less sure."""
    lines = ["| source | table | state | known from | less sure |", "|---|---|---|---|---|"]
    for key, source in catalogue.sources.sources.items():
        fetch = source.fetch
        if fetch is None:
            continue
        chosen = fetch.select if isinstance(fetch, PxWebFetch) else []
        less = "; ".join(
            f"{entry.name.replace('|', 'or')}: {entry.known.state}{f' ({entry.known.by})' if entry.known.by else ''}"
            for entry in chosen
            if entry.known
        )
        state = "no table known" if isinstance(fetch, PxWebFetch) and not fetch.asks else fetch.known.state
        lines.append(f"| `{key}` | {text_in(source.table, 'en')} | {state} | {fetch.known.by} | {less} |")
    return "\n".join(lines)


def filled(text: str, name: str, table: str, where: str) -> str:
    """Return a text with a table put between the two marks that have its name.

    Raises:
        ConfigError: when a mark is missing.
    """
    first, last = marks(name)
    before, start, rest = text.partition(first)
    _, end, after = rest.partition(last)
    if not (start and end):
        raise ConfigError(
            f"the marks of the table of {name} are missing", where=where, remedy=f"add {first} and {last}"
        )
    return f"{before}{first}\n{table}\n{last}{after}"


def write(catalogue: Catalogue, cells: Iterable[Cell], *, check: bool = False) -> None:
    """Bring the table of objects in README.md and that of live sources in docs/live-sources.md up to date.

    Raises:
        ConfigError: when a mark is missing, or with ``check`` when a table is out of date; then nothing is written.
    """
    root = catalogue.paths.root
    for path, name, table in (
        (root / "README.md", "objects", object_table(catalogue, cells)),
        (root / "docs" / "live-sources.md", "sources", evidence_table(catalogue)),
    ):
        old = path.read_text(encoding="utf-8")
        new = filled(old, name, table, str(path))
        if check and new != old:
            what = f"the table of {name} is out of date"
            raise ConfigError(what, where=str(path), remedy="run 'groruddalen-stats readme'")
        if new != old:
            write_text(path, new)

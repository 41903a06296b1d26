"""The table of the 25 objects that README.md shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from groruddalen_stats.appendix.model import Basis, Cell
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.paths import write_text

START, END = "<!-- objects: written by `groruddalen-stats readme` -->", "<!-- /objects -->"


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


def filled(readme: str, table: str, where: str = "README.md") -> str:
    """Return the text of README.md with the table put between its two marks.

    Raises:
        ConfigError: when a mark is missing.
    """
    before, start, rest = readme.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ConfigError("the marks of the object table are missing", where=where, remedy=f"add {START} and {END}")
    return f"{before}{START}\n{table}\n{END}{after}"


def write(catalogue: Catalogue, cells: Iterable[Cell], path: Path, *, check: bool = False) -> None:
    """Bring the object table of README.md up to date.

    Raises:
        ConfigError: when a mark is missing, or with ``check`` when the table is out of date; then nothing is written.
    """
    old = path.read_text(encoding="utf-8")
    new = filled(old, object_table(catalogue, cells), str(path))
    if check and new != old:
        raise ConfigError("the object table is out of date", where=str(path), remedy="run 'groruddalen-stats readme'")
    if new != old:
        write_text(path, new)

"""Which one number, printed or in a source, could by itself be what is wrong.

Every fault names the numbers it rests on. The number that all of them rest on comes first; among several, the one that
fewest other tests speak for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from groruddalen_stats.appendix.model import Cell, Origin
from groruddalen_stats.appendix.text import inputs_text, origin_text
from groruddalen_stats.check.compare import named
from groruddalen_stats.config.models import Place
from groruddalen_stats.errors import Fault

if TYPE_CHECKING:
    from groruddalen_stats.check.result import CheckResult

REMEDY = "compare it with where it comes from"
_MANY = 6


@dataclass(frozen=True)
class Behind:
    """Tells what rebuilt cells are made of."""

    cells: Mapping[Place, Cell]
    published: pd.DataFrame

    @cached_property
    def lines(self) -> dict[tuple[str, int], Place]:
        """Where each printed cell stands in the transcription."""
        found: dict[tuple[str, int], Place] = {}
        lines: Counter[str] = Counter()
        columns = (self.published[name].tolist() for name in ("object", "row", "column"))
        for place in map(Place, *columns):
            lines[place.object] += 1
            found[f"published/{place.object}.csv", lines[place.object] + 1] = place
        return found

    def __call__(self, place: Place) -> tuple[str, ...]:
        """Return the names of the figures that the rebuilt number of a cell is made of."""
        found = map(self._at, self._origins(self.cells[place])) if place in self.cells else ()
        return tuple(dict.fromkeys(named(at) if isinstance(at, Place) else at for at in found))

    def text(self, place: Place) -> str:
        """Return these figures in short."""
        return inputs_text(self.cells[place]) if place in self.cells else ""

    def printed(self, place: Place) -> Iterator[Place]:
        """Yield the printed cells that the rebuilt number of a cell is made of."""
        for origin in self._origins(self.cells[place]):
            if isinstance(at := self._at(origin), Place):
                yield at

    def _at(self, origin: Origin) -> Place | str:
        if origin.snapshot.startswith("published/tabell") and origin.row:
            return Place(origin.snapshot[len("published/") : -len(".csv")], origin.row, origin.column)
        return self.lines.get((origin.snapshot, origin.first)) or origin_text(origin)

    def _origins(self, cell: Cell) -> Iterator[Origin]:
        for part in cell.parts:
            for origin in part.origins:
                beside = self.cells.get(Place(cell.place.object, origin.row, origin.column))
                if origin.snapshot or beside is None or beside is cell:
                    yield origin
                else:
                    yield from self._origins(beside)


def ranked(faults: Iterable[Fault], spoken_for: Callable[[], Mapping[str, int]]) -> list[str]:
    """Return the numbers that most faults rest on.

    Of several first those of a fault about few, then printed ones, then those that few tests speak for.

    Args:
        faults: what is wrong; those that are about no number are left out.
        spoken_for: how many tests that came out right rest on each number; asked only where that decides.
    """
    resting = [dict.fromkeys(fault.about) for fault in faults if fault.about]
    count = Counter(name for names in resting for name in names)
    leading = [name for name in count if count[name] == max(count.values())]
    right = spoken_for() if len(leading) > 1 else {}
    # Raw figures are many where one number is the sum of many.
    printed = [(names, sum(not _is_raw(name) for name in names)) for names in resting]
    few = {name: min(number for names, number in printed if name in names) for name in leading}
    return sorted(leading, key=lambda name: (few[name], _is_raw(name), right.get(name, 0)))


def _is_raw(name: str) -> bool:
    """Return whether a name is that of a raw figure, with the line of its file."""
    return "#" in name


def told(faults: Sequence[Fault], result: CheckResult) -> list[Fault]:
    """Return what is wrong with the faults of the likeliest number first.

    Where none of them names it first, or other printed numbers could be wrong instead, a line of its own says so.
    """
    if not any(fault.about for fault in faults):
        return list(faults)
    first, *others = ranked(faults, lambda: result.spoken_for)
    printed = {named(cell.place): f"{cell.printed} " for cell in result.tables.cells}
    instead = [name for name in others if name in printed]
    of_first = [fault for fault in faults if fault.where == first]
    rest = [fault for fault in faults if fault.where != first]
    if of_first and not instead:
        return [*of_first, *rest]
    resting = sum(first in fault.about for fault in faults)
    what = f"{printed.get(first, '')}alone could be what is wrong: {resting} of {len(faults)} faults rest on it"
    if instead:
        more = f" and {len(instead) - _MANY} more" if len(instead) > _MANY else ""
        what += f", as on {', '.join(instead[:_MANY])}{more}"
    return [Fault(what, first, REMEDY, (first,)), *of_first, *rest]

"""What a reader is told of one compared object; who is higher or lower is said only where a claim of it holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.compare.lines import OWN, WHOLE, Line, Side, Step, of_areas, series_breaks
from groruddalen_stats.config.models import Text, text_in
from groruddalen_stats.numbers import display_number, round_half_up
from groruddalen_stats.report.front import own_region
from groruddalen_stats.report.profiles import AreaNumbers, holding, said_of
from groruddalen_stats.report.words import Words
from groruddalen_stats.runs import BY_YEAR


class Sentences:
    """Says in the language of the sides what was compared.

    Attributes:
        areas: whether the sides are of different areas.
        names: what each side is called.
        run: how the sides are named on the command line.
    """

    def __init__(self, sides: Sequence[Side]) -> None:
        self.sides, self.areas, self.catalogue = sides, of_areas(sides), sides[0][0]
        self.words = Words(self.catalogue)
        self.language = self.words.language
        both = [(of.area.name[self.language], of.run.edition.removeprefix(BY_YEAR)) for of, _ in sides]
        years = not self.areas or len({year for _, year in both}) > 1
        self.run = " ".join(of.numbers_name for of, _ in sides)
        names = [" ".join([area] * self.areas + [year] * years) for area, year in both]
        self.names = names if len(set(names)) == len(names) else self.run.split()

    def text(self, texts: Iterable[Text]) -> str:
        """Return what a text of each side says, once where it is the same; all areas are named where it names its own."""
        names = self.words.listed(list(dict.fromkeys(of.area.name[self.language] for of, _ in self.sides)))
        said = []
        for (of, _), text in zip(self.sides, texts, strict=True):
            filled = text[self.language].replace("{area}", names)
            filled = filled.replace("{districts}", names) if self.areas else filled
            said.append(of.text(Text(nb=filled, en=filled)))
        return " · ".join(dict.fromkeys(said))

    def value(self, cell: Cell) -> str:
        """Return a number with its unit."""
        return self.words.cell(cell) + text_in(self.catalogue.indicators.units[cell.unit].sign, self.language)

    def change(self, step: Step, form: str = "unit") -> str:
        """Return a change with its sign and its unit, as a sentence has it or, in ``short``, a table."""
        rounded = round_half_up(step.value, 1)
        signed = ("+" if rounded > 0 else "") + display_number(rounded, 1, self.language)
        return self.words(f"compare_{form}_{step.unit}", change=signed)

    def said(self, name: str, lines: Sequence[Line]) -> list[str]:
        """Return what is said of one object: of all areas together, else of each side and the next."""
        last = len(self.sides) - 1
        spans = [(0, last)] if self.areas else [(at, at + 1) for at in range(last)]
        tell = self._told if lines or self.areas else self._rows
        return [" ".join(tell(name, lines, *span)) for span in spans]

    def _told(self, _: str, lines: Sequence[Line], at: int, last: int) -> Iterator[str]:
        """Yield what is said of some sides: of the area as a whole, what it is part of, or else the first row.

        Told is what is no count, which says how large a place is and no more, of the latest year, and most different.
        """
        area = self.sides[at][0].area
        rows = [OWN] if self.areas else [own_region(area), area.whole, *(line.place for line in lines)]
        found = [line for line in lines if not any(step.why for step in line.steps[at:last])]
        own = next(filter(None, ([line for line in found if line.place == row] for row in rows)), [])
        if not own:
            yield self._cannot([line for line in lines if line.place in rows], at, last)
            return

        def weight(line: Line) -> tuple[bool, int, float]:
            cells = [cell for cell in line.cells[at : last + 1] if cell]
            numbers = [cell.number for cell in cells]
            return line.steps[at].unit != "percent", cells[-1].spec.year, max(numbers) - min(numbers)

        main = max(own, key=weight)
        told = {line.place: line for line in (lines if self.areas else found) if line.measure == main.measure}
        yield from self._areas(main, told.get(WHOLE)) if self.areas else self._years(main, told, at)

    def _years(self, main: Line, told: Mapping[str, Line], at: int) -> Iterator[str]:
        """Yield how a number moved from one side to the next, beside those of the parts and of the whole."""
        words, catalogue = self.words, self.sides[at][0]
        area, (before, after) = catalogue.area, (cell for cell in main.cells[at : at + 2] if cell)
        notes = series_breaks(before, after, catalogue)
        yield from (catalogue.text(catalogue.labels.notes[note]) for note in notes)
        if notes:
            yield words("compare_as_they_stand")
        decimals = min(before.decimals, after.decimals)
        moved = AreaNumbers({main.place: {0: before.number, 1: after.number}}, 1, decimals)
        (claim,) = said_of(moved, main.place)
        numbers = {"before": self.value(before), "after": self.value(after), "change": self.change(main.steps[at])}
        years = {"first": f"{before.spec.year}", "last": f"{after.spec.year}"}
        yield words(f"compare_{claim.form}", label=main.statistic, region=main.region, **numbers, **years)
        # A break moves places differently, so that whose number moved most is not said across one.
        if not notes and len(area.parts) > 1 and told.keys() >= set(area.parts):
            changes = AreaNumbers({part: {0: told[part].steps[at].value} for part in area.parts}, 0, 1)
            ends = [holding(changes, form) for form in ("highest", "lowest")]
            if all(ends):
                most, least = (f"{told[part].region} ({self.change(told[part].steps[at])})" for (part,) in ends)
                yield words("compare_most", districts=area.called[self.language], most=most, least=least)
        whole = told.get(area.whole, main)
        if whole is not main:
            yield words("compare_other", region=whole.region, change=self.change(whole.steps[at]))

    def _areas(self, main: Line, whole: Line | None) -> Iterator[str]:
        """Yield how areas as a whole stand to each other and to what they are part of."""
        words, cells = self.words, {name: cell for name, cell in zip(self.names, main.cells, strict=True) if cell}
        yield words(
            "compare_each",
            label=main.dated(main.statistic),
            values=words.listed([f"{name} {self.value(cell)}" for name, cell in cells.items()]),
        )
        limit = next((cell for cell in whole.cells if cell), None) if whole else None
        own = {name: {0: cell.number} for name, cell in cells.items()}
        beside = {} if limit is None else {name: {0: limit.number} for name in own}
        decimals = min(cell.decimals for cell in cells.values())
        one = AreaNumbers(own, 0, decimals, next(cell.unit for cell in cells.values()), beside)
        yield from (words("compare_highest", region=name) for name in holding(one, "highest"))
        # Of counts it would say that a part is smaller.
        if whole and limit and not one.counts and {step.why for step in whole.steps} == {"same"}:
            above = words.listed(holding(one, "above_whole"))
            key = "compare_above" if above else "compare_none_above"
            yield words(key, region=whole.region, value=self.value(limit), names=above)

    def _cannot(self, lines: Sequence[Line], at: int, last: int) -> str:
        """Return why nothing can be compared between some sides."""
        whys = dict.fromkeys(
            step.why for line in lines for step in line.steps[at:last] if step.why not in {"", "missing"}
        )
        known = {side for line in lines for side, cell in enumerate(line.cells) if cell and cell.known}
        empty = self.words.listed([self.names[side] for side in range(at, last + 1) if side not in known])
        missing = self.words("compare_cannot_missing" if empty else "compare_cannot_part", names=empty)
        said = [self.words(f"compare_sign_{why}") for why in whys] or [missing]
        return self.words("compare_cannot", why=self.words.listed(said))

    def _rows(self, name: str, _: Sequence[Line], *span: int) -> Iterator[str]:
        """Yield which rows of a map only one of two sides has."""
        sides = [self.names[at] for at in span]
        first, last = (
            {row.id: row.label[self.language] for row in layout(name, self.sides[at][0]).rows} for at in span
        )
        yield self.words("compare_rows", before=len(first), after=len(last), first=sides[0], last=sides[1])
        for side, own, other in zip(sides, (first, last), (last, first), strict=True):
            if names := self.words.listed([label for key, label in own.items() if key not in other]):
                yield self.words("compare_only", side=side, names=names)

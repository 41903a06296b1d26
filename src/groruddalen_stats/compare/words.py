"""The words of the comparison of editions, with their numbers filled in."""

from __future__ import annotations

import math

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.compare.sides import ComparedCell, ComparedLine, Step
from groruddalen_stats.numbers import Language, display_number, round_half_up


class CompareWords:
    """The words of the comparison in one language."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.language: Language = catalogue.run.language
        self._texts = catalogue.labels.compare

    def __call__(self, key: str, **values: str | int) -> str:
        """Return one text with its placeholders filled.

        Raises:
            ConfigError: when config/words.csv has no such word.
        """
        text = self._texts[key][self.language]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def number(self, number: float, decimals: int = 0) -> str:
        """Return a number as it is written in the language."""
        return display_number(number, decimals, self.language)

    def value(self, side: ComparedCell) -> str:
        """Return a value with its unit, as it stands in a sentence."""
        return side.display + self.catalogue.indicators.units[side.cell.unit].sign[self.language]

    def signed(self, step: Step) -> str:
        """Return a change with its sign and one decimal: ``+1,2``; nothing when there is none."""
        if math.isnan(step.value):
            return ""
        rounded = round_half_up(step.value, 1)
        return ("+" if rounded > 0 else "") + display_number(rounded, 1, self.language)

    def change(self, step: Step) -> str:
        """Return a change with its unit, as it stands in a sentence."""
        return self(f"unit_{step.unit}", change=self.signed(step))

    def region(self, line: ComparedLine) -> str:
        """Return what the row of a line is called."""
        return line.row.label[self.language]

    def label(self, line: ComparedLine) -> str:
        """Return what a line counts: its column, or its indicator when the column is a year."""
        if line.role.label is not None:
            return line.role.label[self.language]
        return self.catalogue.indicators.indicators[line.indicator].label[self.language]

    def joined(self, parts: list[str]) -> str:
        """Return ``a, b and c``."""
        return self("and").join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)

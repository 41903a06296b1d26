"""The words of the report in the language of the run, with their numbers filled in."""

from __future__ import annotations

from collections.abc import Sequence

from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.appendix.text import shown
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.load import Named
from groruddalen_stats.numbers import Language, display_number


class Words:
    """The report's own words in the language of the run."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.language: Language = catalogue.run.language

    def __call__(self, key: str, **values: str | int) -> str:
        """Return one text of ``words``; whole numbers are written as numbers are in the language.

        Raises:
            ConfigError: when config/words.csv has no such word.
        """
        text = self.catalogue.labels.words[key][self.language]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", self.count(value) if isinstance(value, int) else value)
        return text

    def basis(self, basis: str) -> str:
        """Return what a basis is called in tables and in the legends of figures."""
        return self("missing") if basis == "missing" else self(f"legend_{basis}")

    def label(self, name: str) -> str:
        """Return an object's number as readers see it: ``Tabell v.1.1``."""
        spec = self.catalogue.appendix.objects[name]
        return self(spec.kind, number=spec.number)

    def cell(self, cell: Cell) -> str:
        """Return what a cell shows."""
        return shown(cell, self.catalogue.labels.words, self.language)

    def fill(self, filled: int, cells: int, percent: float) -> str:
        """Return how many cells show a number."""
        return self("fill", filled=filled, cells=cells, share=display_number(percent, 1, self.language))

    def every(self) -> dict[str, str]:
        """Return all words, for a template that sets them itself; one that is missing is named as a fault of its file."""
        return Named(
            {key: text[self.language] for key, text in self.catalogue.labels.words.items()}, "config/words.csv words"
        )

    def count(self, number: int) -> str:
        return display_number(number, 0, self.language)

    def listed(self, parts: Sequence[str]) -> str:
        """Return ``a, b and c``."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self('and')} {parts[-1]}"

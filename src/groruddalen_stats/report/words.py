"""The words of the report in the language of the run, with their numbers filled in."""

from __future__ import annotations

from collections.abc import Sequence

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.errors import ConfigError, did_you_mean
from groruddalen_stats.numbers import Language, display_number

_LABELS = (
    "skip",
    "contents",
    "find",
    "source",
    "basis",
    "data",
    "code",
    "formula_more",
    "data_table",
    "deviations",
    "notes",
    "page_of",
    "origins",
    "origin_table",
    "origin_printed",
    "origin_check",
    "origin_finding",
    "origin_link",
    "close",
    "audit_links",
    "link_here",
    "workbook",
    "all_numbers",
    "codebook",
    "csv_excel",
    "cite",
    "about_statistic",
    "read_as",
    "findings_title",
    "findings_beside",
)


class Words:
    """The report's own words in one language.

    Attributes:
        catalogue: the project's configuration.
        language: the language of the run.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.language: Language = catalogue.run.language

    def __call__(self, key: str, **values: str | int) -> str:
        """Return one text of ``words``; whole numbers are written as numbers are in the language.

        Raises:
            ConfigError: when config/words.csv has no such word.
        """
        known = self.catalogue.labels.words
        if key not in known:
            where = "config/words.csv: words"
            raise ConfigError(f"the word '{key}' is missing", where=where, remedy=did_you_mean(key, known))
        text = known[key][self.language]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", self.count(value) if isinstance(value, int) else value)
        return text

    def basis(self, basis: str) -> str:
        """Return what a basis is called in tables and in the legends of figures."""
        return self("missing") if basis == "missing" else self(f"legend_{basis}")

    def labels(self) -> dict[str, str]:
        """Return the fixed labels that the templates set themselves."""
        return {key: self(key) for key in _LABELS}

    def fill(self, filled: int, cells: int, percent: float) -> str:
        """Return how many cells show a number."""
        return self("fill", filled=filled, cells=cells, share=display_number(percent, 1, self.language))

    def every(self) -> dict[str, str]:
        """Return all words, for a page that sets them itself."""
        return {key: text[self.language] for key, text in self.catalogue.labels.words.items()}

    def count(self, number: int) -> str:
        return display_number(number, 0, self.language)

    def listed(self, parts: Sequence[str]) -> str:
        """Return ``a, b and c``."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self('and')} {parts[-1]}"

"""Turns the numbers of cells into the text that readers see, in one language: the only rounding."""

from __future__ import annotations

import pandas as pd

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.numbers import display_number


def displayed(cells: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    """Return cells with one more column, ``display``: the number as it is shown in the language of the run.

    Args:
        cells: in the cell contract.
        catalogue: the configuration; its run says the language.
    """
    language, words = catalogue.run.language, catalogue.labels.words

    def text(value: float, decimals: int, sign: str, basis: str, qualifier: str) -> str:
        if basis == "missing":
            return words["missing"][language]
        if sign:
            return sign
        number = display_number(value, decimals, language)
        return words[qualifier][language].replace("{value}", number) if qualifier else number

    names = ("value", "decimals", "sign", "basis", "qualifier")
    return cells.assign(display=[text(*cell) for cell in zip(*(cells[name] for name in names), strict=True)])

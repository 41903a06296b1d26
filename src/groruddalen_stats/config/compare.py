"""Turns config/compare.yaml into the words of the comparison of editions."""

from __future__ import annotations

from groruddalen_stats.config.load import Strict
from groruddalen_stats.config.models import Key, Text


class CompareFile(Strict):
    """config/compare.yaml.

    Attributes:
        words: texts by key; ``{...}`` is filled in.
    """

    words: dict[Key, Text]

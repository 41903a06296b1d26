"""What the rows of CSV files in config/ are made of."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from groruddalen_stats.config.load import OneOf
from groruddalen_stats.config.models import Given, Key, Reference, Series, Text


class Row(BaseModel):
    """Base of what a CSV file has on one row: every column is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def text(self, name: str) -> Text:
        """Return what the columns of both languages say, such as ``label_nb`` and ``label_en``."""
        return Text(nb=getattr(self, f"{name}_nb"), en=getattr(self, f"{name}_en"))


def _listed(text: object) -> object:
    return tuple(text.split()) if isinstance(text, str) else text


LISTED = BeforeValidator(_listed)
"""Several values stand in one field with blanks between them."""

Listed = Annotated[tuple[str, ...], LISTED]
Keys = Annotated[tuple[Key, ...], LISTED]
Numbers = Annotated[tuple[int, ...], LISTED]


class SeriesRow(Row):
    """One row of config/series.csv."""

    series: Key
    label_nb: Given
    label_en: Given
    reference: Reference
    sources: Annotated[Keys, OneOf("source")] = ()
    backgrounds: Annotated[Keys, OneOf("group")] = ()
    none_known_nb: str = ""
    none_known_en: str = ""

    @model_validator(mode="after")
    def _in_both_languages(self) -> Self:
        if bool(self.none_known_nb) != bool(self.none_known_en):
            raise ValueError("'none_known' stands in one language only")
        return self

    @property
    def plain(self) -> Series:
        """What the row says, with its texts in both languages."""
        return Series(
            label=self.text("label"),
            reference=self.reference,
            sources=self.sources,
            none_known=self.text("none_known") if self.none_known_nb else None,
            backgrounds=self.backgrounds,
        )

"""What the rows of CSV files in config/ are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from groruddalen_stats.config.models import Key, Text


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

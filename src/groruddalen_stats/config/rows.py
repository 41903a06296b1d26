"""What the rows of CSV files in config/ are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from groruddalen_stats.config.models import Key


class Row(BaseModel):
    """Base of what a CSV file has on one row: every column is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _listed(text: object) -> object:
    return tuple(text.split()) if isinstance(text, str) else text


LISTED = BeforeValidator(_listed)
"""Several values stand in one field with blanks between them."""

Listed = Annotated[tuple[str, ...], LISTED]
Keys = Annotated[tuple[Key, ...], LISTED]
Numbers = Annotated[tuple[int, ...], LISTED]

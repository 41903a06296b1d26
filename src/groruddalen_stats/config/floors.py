"""Turns config/floors.yaml into strict models: the cells that had numbers when somebody last looked."""

from __future__ import annotations

from pydantic import Field

from groruddalen_stats.config.load import Strict
from groruddalen_stats.config.models import Key


class Lowered(Strict):
    """A deliberate loss of cells, and why."""

    edition: str
    object: Key
    cells: int
    reason: str = Field(min_length=1)


Rows = dict[str, str]
"""By row, the columns with a number, separated by blanks."""


class Computed(Strict):
    """The cells of one object by what they are computed from."""

    source: Rows = Field(default_factory=dict)
    recomputed: Rows = Field(default_factory=dict)


class FloorsFile(Strict):
    """config/floors.yaml: the computed cells by edition and object."""

    editions: dict[str, dict[Key, Computed]] = Field(default_factory=dict)
    lowered: list[Lowered] = Field(default_factory=list)

    def cells(self, edition: str) -> dict[str, dict[tuple[str, str], str]]:
        """Return the basis of the recorded cells of an edition, by object and by row and column."""
        return {
            name: {
                (row, column): basis
                for basis, rows in (("recomputed", entry.recomputed), ("source", entry.source))
                for row, columns in rows.items()
                for column in columns.split()
            }
            for name, entry in self.editions.get(edition, {}).items()
        }

"""What figures must agree on: config/identities.yaml as typed rules."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from groruddalen_stats.config.load import Strict, load_model
from groruddalen_stats.config.models import Key

KeyColumn = Literal["source", "series", "region", "period", "sex", "age", "background", "detail"]


class Identity(Strict):
    """Two ways to add up figures that must come to the same.

    Attributes:
        says: what must be so, as a sentence.
        left, right: what is added on either side: one value or several of each dimension named. All of several must
            have figures, or nothing is compared.
        by: the dimensions whose every combination is compared by itself.
        within: the most that the sides may differ by.
        because: why they may differ.
    """

    says: str
    left: dict[KeyColumn, str | list[str]]
    right: dict[KeyColumn, str | list[str]]
    by: list[KeyColumn] = Field(min_length=1)
    within: float = Field(default=0.0, ge=0)
    because: str | None = None

    @model_validator(mode="after")
    def _has_a_reason(self) -> Self:
        if self.within and not self.because:
            raise ValueError("'within' needs 'because'")
        return self


class Jumps(Strict):
    """When a change from one year to the next is a jump.

    Attributes:
        times: how many times as large as any other change.
        years: how many other changes there must be to compare with.
        known: changes that are so in official figures too: one value or several of any dimension but age.
    """

    times: float = Field(gt=1)
    years: int = Field(ge=3)
    known: list[dict[KeyColumn, str | list[str]]] = Field(default_factory=list)


class Identities(Strict):
    """config/identities.yaml."""

    identities: dict[Key, Identity] = Field(default_factory=dict)
    jumps: Jumps | None = None


def load_identities(path: Path) -> Identities:
    """Return the identities of a project; none where it has no such file."""
    return load_model(Identities, path) if path.exists() else Identities()

"""Turns config/identities.yaml into strict models: what holds between numbers of sources, whatever the edition."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from groruddalen_stats.config.load import Strict
from groruddalen_stats.config.models import Key


class Side(Strict):
    """One side of an identity: the total of a series for a region, in every year that the source has it."""

    source: Key
    series: Key
    region: str
    background: str = "all"


class Identity(Strict):
    """Two numbers that are equal, or of which the first is the smaller one.

    Attributes:
        tolerance: how far apart the numbers may be in truth, and ``reason`` why.
    """

    says: str
    left: Side
    right: Side
    relation: Literal["equal", "at_most"] = "equal"
    tolerance: float = Field(0.0, ge=0)
    reason: str = ""

    @model_validator(mode="after")
    def _with_reason(self) -> Self:
        if bool(self.tolerance) != bool(self.reason):
            raise ValueError("a 'tolerance' and its 'reason' go together")
        return self


class Whole(Strict):
    """A region and parts of it: what the parts have of a counted series is no more than the whole has."""

    region: str
    parts: list[str] = Field(min_length=1)
    series: list[Key] = Field(min_length=1)


class Range(Strict):
    """The smallest and the largest number a series can have."""

    low: float
    high: float


class Jumps(Strict):
    """When a number lies outside its series' own history.

    Attributes:
        at_least: smallest distance from the mean of the neighbouring years, as a part of it.
        times: and so many times the median of these distances in the series.
        known: jumps that are true, by ``source/series/region/year``, and why.
    """

    at_least: float = Field(gt=0)
    times: float = Field(gt=0)
    known: dict[str, str] = Field(default_factory=dict)


class IdentitiesFile(Strict):
    """config/identities.yaml."""

    identities: dict[Key, Identity] = Field(default_factory=dict)
    wholes: dict[Key, Whole] = Field(default_factory=dict)
    ranges: dict[Key, Range] = Field(default_factory=dict)
    jumps: Jumps | None = None

"""The models of config/regions.yaml and its tables: what each place is called, when it is valid and what follows."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PositiveInt

from groruddalen_stats.config.load import OneOf, Strict
from groruddalen_stats.config.models import Given, Key, Text
from groruddalen_stats.config.rows import LISTED, Listed, Row
from groruddalen_stats.numbers import Language, display_number

Pattern = Annotated[str, Field(pattern=r"\{\}")]
Day = Annotated[dt.date, BeforeValidator(lambda text: dt.date.fromisoformat(text) if isinstance(text, str) else text)]


Reason = Literal["old_bydeler", "moved_border", "unknown_borders"]
"""Why a region has no value at a date."""


class KnownPeriod(Strict):
    """The period in which every municipality and bydel of the file is followed without gaps."""

    first: dt.date
    last: dt.date


class PlaceRow(Row):
    """A row of config/regions/places.csv: the country, a county, or a bydel of one of Oslo's divisions."""

    id: Key
    kind: Literal["country", "counties", "bydeler", "bydeler_1988"]
    code: str = ""
    name_nb: Given
    name_en: Given
    valid_from: Day = dt.date.min
    valid_to: Day = dt.date.max
    successors: Listed = ()


class Municipality(Row):
    """A row of config/regions/municipalities.csv; the first two digits of its code are its county's."""

    id: Key
    code: str = Field(pattern=r"^\d{4}u?$")
    name: Given
    valid_from: Day = dt.date.min
    valid_to: Day = dt.date.max
    successors: Listed = ()


class Delbydel(Strict):
    """A part of a bydel, as the City of Oslo divides it."""

    name: str
    bydel: Annotated[str, OneOf("bydel")]
    valid_from: dt.date
    valid_to: dt.date = dt.date.max


class Group(Row):
    """A row of config/regions/groups.csv: a sum of municipalities, of bydeler or of other groups.

    ``equals`` is a county that is the very same area for as long as it exists.
    """

    id: Key
    name_nb: Given
    name_en: Given
    equals: Annotated[str | None, OneOf("county")] = None
    members: Annotated[Listed, OneOf("region")] = Field(min_length=1)

    @property
    def name(self) -> Text:
        """What readers call it."""
        return self.text("name")


class Break(Row):
    """A row of config/regions/breaks.csv: a merger, an adjustment too small to undo, or only a change of codes.

    ``people`` are the inhabitants of each of ``municipalities`` before it. Groups that a merger crosses are in ``stays_in``
    (they have the whole new ``unit``) or in ``leaves`` (they have none of it).
    """

    id: Given
    date: Day
    kind: Literal["merger", "adjustment", "codes"]
    unit: Annotated[str | None, OneOf("municipality")] = None
    municipalities: Annotated[Listed, OneOf("municipality")] = Field(min_length=2)
    people: Annotated[tuple[PositiveInt, ...], LISTED] = ()
    newcomers: Listed = ()
    stays_in: Annotated[Listed, OneOf("group")] = ()
    leaves: Annotated[Listed, OneOf("group")] = ()
    label_nb: Given
    label_en: Given

    @property
    def share(self) -> float | None:
        """The newcomers' part of the new municipality's inhabitants in per cent, ``None`` where not counted."""
        if not self.people:
            return None
        counted = dict(zip(self.municipalities, self.people, strict=True))
        return 100 * sum(counted[unit] for unit in self.newcomers) / sum(self.people)

    def crosses(self, area: frozenset[str]) -> bool:
        """Tell whether the border of ``area`` (municipalities at the reference date) moved."""
        inside = sum(unit in area for unit in self.municipalities)
        return self.kind != "codes" and 0 < inside < len(self.municipalities)

    def footnote(self, language: Language) -> str:
        """Return the label with the share in words of ``language``: whole per cent, one decimal below ten."""
        share = "" if self.share is None else display_number(self.share, 0 if self.share >= 10 else 1, language)
        return self.text("label").put(share=share)[language]


class SourceCode(Strict):
    """One code of a source that no pattern gives; its dates narrow the validity of the unit."""

    unit: Annotated[str, OneOf("unit")]
    valid_from: dt.date = dt.date.min
    valid_to: dt.date = dt.date.max


class Scheme(Strict):
    """How one source writes regions: a pattern per kind of unit, and single codes."""

    patterns: dict[Literal["municipalities", "counties", "bydeler", "bydeler_1988"], Pattern] = Field(
        default_factory=dict
    )
    codes: dict[str, SourceCode] = Field(default_factory=dict)


class RegionsFile(Strict):
    """The whole of config/regions.yaml."""

    reference_date: dt.date
    known: KnownPeriod
    delbydeler: dict[str, Delbydel]
    schemes: dict[str, Scheme]

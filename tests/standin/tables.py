"""Tables in the shapes of the real ones, from the embedded snapshot or with visibly synthetic numbers."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from groruddalen_stats.pxtable.jsonstat import Variable

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT / "data" / "raw"
Cells = Mapping[Any, float | str]
Column = Variable


@dataclass(frozen=True)
class StandTable:
    """A table as a PxWeb server holds it: row-major values, None where there is no number, signs by flat index."""

    id: str
    title: str
    columns: tuple[Column, ...]
    values: tuple[float | None, ...]
    signs: Mapping[int, str] = field(default_factory=dict)
    folder: str = ""
    updated: str = "2026-03-01T07:00:00Z"
    discontinued: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(column.codes) for column in self.columns)

    def column(self, code: str) -> Column:
        return next(column for column in self.columns if column.code == code)

    def take(self, chosen: Mapping[str, Sequence[str] | None]) -> StandTable:
        """Return the part with the codes of ``chosen``; None drops a variable, and leaves its first value."""
        at = [[column.codes.index(code) for code in chosen[column.code] or column.codes[:1]] for column in self.columns]
        cells = np.arange(math.prod(self.shape)).reshape(self.shape)[np.ix_(*at)].ravel().tolist()
        columns = tuple(
            replace(column, codes=tuple(column.codes[n] for n in own), labels=tuple(column.labels[n] for n in own))
            for column, own in zip(self.columns, at, strict=True)
            if chosen[column.code] is not None
        )
        signs = {new: self.signs[old] for new, old in enumerate(cells) if old in self.signs}
        return replace(self, columns=columns, values=tuple(self.values[cell] for cell in cells), signs=signs)

    def jsonstat(self) -> dict[str, Any]:
        """Return the table as PxWeb writes JSON-stat 2, the made-up content variable included."""
        columns = list(self.columns)
        if not any(column.role == "contents" for column in columns):
            made_up = (("EliminatedValue",), (self.title,))
            columns.insert(0, Column("ContentsCode", "EliminatedContents", *made_up, role="contents"))
        named = {"time": "time", "geo": "geo", "contents": "metric"}
        document: dict[str, Any] = {
            "version": "2.0",
            "class": "dataset",
            "label": self.title,
            "updated": self.updated,
            "role": {named[column.role]: [column.code] for column in columns if column.role in named},
            "id": [column.code for column in columns],
            "size": [len(column.codes) for column in columns],
            "dimension": {
                column.code: {
                    "label": column.label,
                    "category": {
                        "index": {code: at for at, code in enumerate(column.codes)},
                        "label": dict(zip(column.codes, column.labels, strict=True)),
                    },
                }
                for column in columns
            },
            "value": [int(v) if v is not None and float(v).is_integer() else v for v in self.values],
        }
        if self.signs:
            document["status"] = {str(index): sign for index, sign in self.signs.items()}
        return document

    def metadata_v1(self) -> dict[str, Any]:
        variables = [
            {"code": column.code, "text": column.label, "values": column.codes, "valueTexts": column.labels}
            | ({"time": True} if column.role == "time" else {})
            for column in self.columns
        ]
        return {"title": self.title, "variables": variables}


def table(
    id_: str, title: str, columns: Sequence[Column], cells: Cells, *, other: float | str = 0.0, **more: Any
) -> StandTable:
    """Return a table with ``cells`` by code or label, and ``other`` everywhere else: each a number or a sign."""
    shape = [len(column.codes) for column in columns]
    places = [
        {name: at for names in (column.labels, column.codes) for at, name in enumerate(names)} for column in columns
    ]
    laid: list[float | str] = [other] * math.prod(shape)
    for names, value in cells.items():
        index = 0
        for place, name, length in zip(places, names, shape, strict=True):
            index = index * length + place[name]
        laid[index] = value
    values = tuple(None if isinstance(value, str) else float(value) for value in laid)
    signs = {at: value for at, value in enumerate(laid) if isinstance(value, str)}
    return StandTable(id_, title, tuple(columns), values, signs, **more)


def synthetic(
    columns: Sequence[Column], *, id_: str = "99999", folder: str = "", signs: Mapping[int, str] | None = None
) -> StandTable:
    """Return a table whose values are plainly not figures: 1000001, 1000002, ... in cell order."""
    size = math.prod(len(column.codes) for column in columns)
    values = tuple(None if signs and index in signs else float(1_000_001 + index) for index in range(size))
    return StandTable(id_, "Synthetic", tuple(columns), values, dict(signs or {}), folder=folder)


def years(first: int, last: int, *, label: str = "år", code: str = "Tid", sequence: bool = False) -> Column:
    """Return a time variable; with ``sequence`` its codes are numbers from 0, as at Oslo."""
    names = tuple(str(year) for year in range(first, last + 1))
    codes = tuple(str(at) for at in range(len(names))) if sequence else names
    return Column(code, label, codes, names, role="time")


def oslo_years(first: int, last: int) -> Column:
    """Return a time variable whose codes are numbers from 0."""
    return years(first, last, code="år", sequence=True)


def region(codes: Iterable[str], code: str = "Region") -> Column:
    listed = tuple(dict.fromkeys(codes))
    return Column(code, "region", listed, tuple(f"Sted {name}" for name in listed), role="geo")


def contents(code: str, label: str, *more: tuple[str, str]) -> Column:
    codes, labels = zip((code, label), *more, strict=True)
    return Column("ContentsCode", "statistikkvariabel", codes, labels, role="contents")


def numbered(label: str, labels: Sequence[str]) -> Column:
    """Return a variable of Oslo's: no code but a number."""
    return Column(label, label, tuple(map(str, range(len(labels)))), tuple(labels))


def rows(*paths: str) -> list[dict[str, str]]:
    """Return the rows of raw files."""
    found: list[dict[str, str]] = []
    for path in paths:
        with (RAW / path).open(encoding="utf-8", newline="") as file:
            found += csv.DictReader(file)
    return found


SEXES = Column("Kjonn", "kjønn", ("1", "2"), ("Menn", "Kvinner"))
SINGLE_YEARS = Column(
    "Alder",
    "alder",
    (*(f"{age:03}" for age in range(105)), "105+"),
    (*(f"{age} år" for age in range(105)), "105 år eller eldre"),
)
PERSONS = contents("Personer1", "Personer")
POPULATION = ("ssb/10826_bydel_sex_age_2005_2026.csv", "ssb/10826_bydel_sex_age_2005_2026_andre.csv")


def first_year(band: str) -> str:
    """Return the code of the first year of a band; it carries the whole band, so that sums are the same."""
    return f"{int(band.split('-', maxsplit=1)[0].rstrip('+')):03}"


def population_of_bydeler() -> dict[tuple[str, ...], float]:
    """Return the cells of SSB's 10826 since 2005: region, sex, age, content, year."""
    return {
        (
            "030100aa" if row["region_code"] == "0301" else f"{row['region_code']}a",
            {"men": "1", "women": "2"}[row["sex"]],
            first_year(row["age"]),
            "Personer",
            row["year"],
        ): float(row["persons"])
        for row in rows(*POPULATION)
    }


def ssb_10826() -> StandTable:
    """A part of SSB's 10826 with a code of the old division; before 2005 all is zero, as where a code did not exist."""
    places = ("030101a", "030109a", "030110a", "030111a", "030112a", "030100aa", "030109")
    columns = (region(places), SEXES, SINGLE_YEARS, contents("Personer", "Personer"), years(2003, 2012))
    cells = {at: n for at, n in population_of_bydeler().items() if at[0] in places and at[-1] <= "2012"}
    return table("10826", "10826: Alders- og kjønnsfordeling (B)", columns, cells)


# The city districts that are not the report's, by their number.
OTHERS = {
    1: "Gamle Oslo",
    2: "Grünerløkka",
    3: "Sagene",
    4: "St.Hanshaugen",
    5: "Frogner",
    6: "Ullern",
    7: "Vestre Aker",
    8: "Nordre Aker",
    13: "Østensjø",
    14: "Nordstrand",
    15: "Søndre Nordstrand",
}
BYDELS = ("Bydel Bjerke", "Bydel Grorud", "Bydel Stovner", "Bydel Alna", *(f"Bydel {name}" for name in OTHERS.values()))
STO013_REGIONS = ("Oslo i alt", "Sum bydeler", *BYDELS[:4])
STO013_FOLDER = "Trygd, sosiale tjenester og barnevern/Sosialtjenesten"


def oslo_sto013(regions: Sequence[str] = STO013_REGIONS) -> StandTable:
    """Social assistance as in Oslo's STØ013: numbers for codes, no content variable, totals among the rows."""
    what = "sosialhjelpsmottakere og berørte"
    measures = {"recipients": "Sosialhjelpsmottakere i alt", "persons_affected": "Berørte av sosialhjelp"}
    cells = {}
    for row in rows("oslo/sto013_sosialhjelp_2005_2023.csv", "oslo/sto013_sosialhjelp_2005_2023_andre.csv"):
        name = row.get("region") or f"Bydel {OTHERS[int(row['region_code'][-2:])]}"
        if name in regions:
            cells[row["year"], name, measures[row["measure"]], "Antall"] = float(row["persons"])
    columns = (
        oslo_years(2005, 2023),
        numbered("bydel", regions),
        numbered(what, tuple(measures.values())),
        numbered("statistikkvariabel", ("Antall",)),
    )
    title, moment = "Sosialhjelpsmottakere og berørte etter bydel (B)", "2024-03-10T19:11:00Z"
    return table("OK-STØ013.px", title, columns, cells, other="-", folder=STO013_FOLDER, updated=moment)

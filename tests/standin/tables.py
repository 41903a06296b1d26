"""Tables in the shapes of the real ones, from the embedded snapshot or with visibly synthetic numbers."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT / "data" / "raw"


@dataclass(frozen=True)
class Column:
    """One variable of a table; ``total`` is the code that stands in when it is left out."""

    code: str
    label: str
    codes: tuple[str, ...]
    labels: tuple[str, ...]
    eliminable: bool = False
    total: str | None = None
    role: str = ""


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
    source: str = "Stand-in"
    unit: str = "personer"
    discontinued: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(column.codes) for column in self.columns)

    def column(self, code: str) -> Column | None:
        return next((column for column in self.columns if column.code.casefold() == code.casefold()), None)

    def take(self, chosen: Mapping[str, Sequence[str] | None]) -> StandTable:
        """Return the part with the codes of ``chosen``; None eliminates the variable."""
        values = np.array([np.nan if value is None else value for value in self.values]).reshape(self.shape)
        signs = np.full(values.size, "", dtype=object)
        for index, sign in self.signs.items():
            signs[index] = sign
        signs = signs.reshape(self.shape)
        columns: list[Column] = []
        axis = 0
        for column in self.columns:
            codes = chosen[column.code]
            if codes is None:
                if column.total:
                    at = column.codes.index(column.total)
                    values, signs = np.take(values, at, axis), np.take(signs, at, axis)
                else:
                    values = np.sum(values, axis)
                    signs = np.full(values.shape, "", dtype=object)
                continue
            at_codes = [column.codes.index(code) for code in codes]
            values, signs = np.take(values, at_codes, axis), np.take(signs, at_codes, axis)
            labels = tuple(column.labels[at] for at in at_codes)
            columns.append(replace(column, codes=tuple(codes), labels=labels))
            axis += 1
        flat = [None if math.isnan(value) else value for value in values.ravel().tolist()]
        kept = {index: sign for index, sign in enumerate(signs.ravel().tolist()) if sign}
        return replace(self, columns=tuple(columns), values=tuple(flat), signs=kept)

    def jsonstat(self) -> dict[str, Any]:
        """Return the table as PxWeb writes JSON-stat 2, the made-up content variable included."""
        columns = list(self.columns)
        invented = not any(column.role == "contents" for column in columns)
        if invented:
            columns.insert(
                0, Column("ContentsCode", "EliminatedContents", ("EliminatedValue",), (self.title,), role="contents")
            )
        roles: dict[str, list[str]] = {}
        for column in columns:
            name = {"contents": "metric"}.get(column.role, column.role)
            if name:
                roles.setdefault(name, []).append(column.code)
        document: dict[str, Any] = {
            "version": "2.0",
            "class": "dataset",
            "label": self.title,
            "source": self.source,
            "updated": self.updated,
            "role": roles,
            "id": [column.code for column in columns],
            "size": [len(column.codes) for column in columns],
            "dimension": {column.code: self._dimension(column) for column in columns},
            "extension": {"px": {"tableid": self.id, "decimals": 0}},
            "value": [int(v) if v is not None and float(v).is_integer() else v for v in self.values],
        }
        if self.signs:
            document["status"] = {str(index): sign for index, sign in self.signs.items()}
        return document

    def _dimension(self, column: Column) -> dict[str, Any]:
        category: dict[str, Any] = {
            "index": {code: at for at, code in enumerate(column.codes)},
            "label": dict(zip(column.codes, column.labels, strict=True)),
        }
        if column.role == "contents":
            category["unit"] = {code: {"base": self.unit, "decimals": 0} for code in column.codes}
        extension: dict[str, Any] = {"elimination": column.eliminable, "show": "value"}
        if column.total:
            extension["eliminationValueCode"] = column.total
        return {"label": column.label, "category": category, "extension": extension}

    def metadata_v1(self) -> dict[str, Any]:
        variables = []
        for column in self.columns:
            entry: dict[str, Any] = {"code": column.code, "text": column.label}
            entry |= {"values": list(column.codes), "valueTexts": list(column.labels)}
            if column.eliminable:
                entry["elimination"] = True
            if column.role == "time":
                entry["time"] = True
            variables.append(entry)
        return {"title": self.title, "variables": variables}


def filled(
    columns: Sequence[Column], number: Callable[..., float | str | None]
) -> tuple[tuple[float | None, ...], dict[int, str]]:
    """Return values and signs: ``number`` gets one label per column and gives a number, a sign, or None."""
    values: list[float | None] = []
    signs: dict[int, str] = {}
    shape = [len(column.codes) for column in columns]
    for index in range(math.prod(shape)):
        at = np.unravel_index(index, shape)
        answer = number(*(column.labels[int(place)] for column, place in zip(columns, at, strict=True)))
        if isinstance(answer, str):
            signs[index] = answer
            answer = None
        values.append(answer)
    return tuple(values), signs


def years(first: int, last: int, *, label: str = "år", code: str = "Tid", sequence: bool = False) -> Column:
    """Return a time variable; with ``sequence`` its codes are numbers from 0, as at Oslo."""
    names = tuple(str(year) for year in range(first, last + 1))
    codes = tuple(str(at) for at in range(len(names))) if sequence else names
    return Column(code, label, codes, names, role="time")


def rows(path: str) -> list[dict[str, str]]:
    with (RAW / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


BYDELER = {
    "030101a": "Bydel 1 Gamle Oslo",
    "030109a": "Bydel 9 Bjerke",
    "030110a": "Bydel 10 Grorud",
    "030111a": "Bydel 11 Stovner",
    "030112a": "Bydel 12 Alna",
    "030100aa": "Oslo i alt",
    "030109": "Bydel 9 (-2003)",
}


def ssb_10826() -> StandTable:
    """Population of bydeler by sex and single year of age 2004-2012, as in SSB's 10826.

    The embedded snapshot has age bands: the first year of a band carries all of it, so that band sums are the same.
    Before 2005 and for other bydeler all is zero, as SSB shows codes that did not exist.
    """
    known: dict[tuple[str, str, str, int], float] = {}
    for row in rows("ssb/10826_bydel_sex_age_2005_2026.csv"):
        code = "030100aa" if row["region_code"] == "0301" else f"{row['region_code']}a"
        first = int(row["age"].split("-")[0].rstrip("+"))
        known[BYDELER[code], row["year"], {"women": "Kvinner", "men": "Menn"}[row["sex"]], first] = float(
            row["persons"]
        )
    ages = [f"{age} år" for age in range(105)] + ["105 år eller eldre"]
    columns = (
        Column("Region", "region", tuple(BYDELER), tuple(BYDELER.values()), role="geo"),
        Column("Kjonn", "kjønn", ("1", "2"), ("Menn", "Kvinner"), eliminable=True),
        Column("Alder", "alder", (*(f"{age:03}" for age in range(105)), "105+"), tuple(ages), eliminable=True),
        Column("ContentsCode", "statistikkvariabel", ("Personer",), ("Personer",), role="contents"),
        years(2003, 2012),
    )

    def number(region: str, sex: str, age: str, _: str, year: str) -> float:
        return known.get((region, year, sex, int(age.split(maxsplit=1)[0])), 0.0)

    values, signs = filled(columns, number)
    return StandTable("10826", "10826: Alders- og kjønnsfordeling (B)", columns, values, signs, source="SSB")


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
    measures = {"Sosialhjelpsmottakere i alt": "recipients", "Berørte av sosialhjelp": "persons_affected"}
    known = {
        (row["region"], row["year"], row["measure"]): float(row["persons"])
        for row in rows("oslo/sto013_sosialhjelp_2005_2023.csv")
    }
    for row in rows("oslo/sto013_sosialhjelp_2005_2023_andre.csv"):
        name = f"Bydel {OTHERS[int(row['region_code'][-2:])]}"
        known[name, row["year"], row["measure"]] = float(row["persons"])
    columns = (
        years(2005, 2023, code="år", sequence=True),
        Column("bydel", "bydel", tuple(map(str, range(len(regions)))), tuple(regions), eliminable=True, total="0"),
        Column(what, what, ("0", "1"), tuple(measures), eliminable=True, total="0"),
        Column("statistikkvariabel", "statistikkvariabel", ("0",), ("Antall",), eliminable=True, total="0"),
    )
    values, signs = filled(columns, lambda year, region, what, _: known.get((region, year, measures[what]), "-"))
    title, moment = "Sosialhjelpsmottakere og berørte etter bydel (B)", "2024-03-10T19:11:00Z"
    return StandTable("OK-STØ013.px", title, columns, values, signs, folder=STO013_FOLDER, updated=moment)


def synthetic(
    columns: Sequence[Column], *, id_: str = "99999", folder: str = "", signs: Mapping[int, str] | None = None
) -> StandTable:
    """Return a table whose values are plainly not figures: 1000001, 1000002, ... in cell order."""
    size = math.prod(len(column.codes) for column in columns)
    values = tuple(None if signs and index in signs else float(1_000_001 + index) for index in range(size))
    return StandTable(id_, "Synthetic", tuple(columns), values, dict(signs or {}), folder=folder)

"""Every formula whose counts no embedded source has, fed with counts: the rate with the right date and base."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import small
from groruddalen_stats.appendix.compute import Compute
from groruddalen_stats.appendix.find import Observations
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.appendix.terms import terms_of
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Source
from groruddalen_stats.raw.store import Store
from groruddalen_stats.tidy.observations import SCHEMA
from groruddalen_stats.tidy.published import read_prose, read_published
from workbench import Place, by_place, catalogue

TRIAL = "trial"


class Count(NamedTuple):
    """One figure of a source that does not exist: a series of one region and year."""

    series: str
    year: int
    value: float
    age: str = "all"
    sex: str = "both"
    background: str = "all"
    detail: str = ""
    region: str = ""


@cache
def with_trial_source() -> Catalogue:
    """Return the project's catalogue with one source that has everything, and no other."""
    made = catalogue(edition="2011")
    told = {"publisher": "ssb", "table": "trial", "reference": "1_january", "licence": "cc_by_4"}
    trial = Source.model_validate({**told, "title": {"nb": "prøve", "en": "trial"}})
    series = {key: entry.model_copy(update={"sources": [TRIAL]}) for key, entry in made.indicators.series.items()}
    made.__dict__["indicators"] = made.indicators.model_copy(update={"series": series})
    made.__dict__["sources"] = made.sources.model_copy(update={"sources": {**made.sources.sources, TRIAL: trial}})
    return made


@cache
def of_the_report() -> tuple[pd.DataFrame, pd.DataFrame]:
    store = Store(catalogue().paths)
    return read_published(store), read_prose(store)


def built(name: str, region: str, *counts: Count) -> dict[Place, Cell]:
    """Return the cells of one object that follow from counts of one region."""
    made = with_trial_source()
    rows = [
        count._asdict()
        | {"region": count.region or region, "period": str(count.year), "first": number, "last": number}
        | {"source": TRIAL, "status": "", "snapshot": "trial.csv", "cells": 1, "column": "value"}
        for number, count in enumerate(counts, start=2)
    ]
    observed = pd.DataFrame(rows, columns=SCHEMA.names)
    return by_place(Compute(made, Observations(observed), *of_the_report()).cells(name))


def population(year: int, value: float, age: str = "all", sex: str = "both", background: str = "all") -> Count:
    return Count("population", year, value, age, sex, background)


def detailed(series: str, year: int, detail: str, part: int, whole: int, share: float) -> tuple[list[Count], float]:
    return [Count(series, year, part, detail=detail), Count(series, year, whole)], share


def per_1000(series: str, year: int = 2010) -> tuple[list[Count], float]:
    return [Count(series, year, 33), Count("households", 2010, 12000)], 33 / 12000 * 1000


# Object, column (table 9: row), the counts, and what must come out, each written down from the report.
OTHERS = "asia_africa_etc"
BANDS = (("0_5", "0-5"), ("6_15", "6-15"), ("16_59", "16-59"), ("60_plus", "60+"))
IMMIGRANT, OTHER = ({"age": "20-66", "background": background} for background in ("immigrant", "other"))
PENSIONS, RESIDENTS = "disability_pension_recipients", "residents_end_of_year"
FED: dict[tuple[str, str, str], tuple[list[Count], float]] = {
    ("figur_02", "d1002", "blocks"): detailed("dwellings", 2001, "blocks", 310, 400, 77.5),
    ("figur_02", "d1002", "row_houses"): detailed("dwellings", 2001, "row_houses", 50, 400, 12.5),
    ("figur_02", "d1002", "detached"): detailed("dwellings", 2001, "detached", 40, 400, 10.0),
    ("figur_03a", "grorud", "2008"): (
        [
            Count("flat_price_per_m2", 2008, 27500),
            Count("flat_price_per_m2", 2003, 16400),
            Count("consumer_price_index", 2008, 123.1, region="norge"),
            Count("consumer_price_index", 2003, 112.8, region="norge"),
        ],
        27500 / 123.1 / (16400 / 112.8) * 100,
    ),
    ("figur_03b", "grorud", "first"): ([Count("flat_price_per_m2", 2003, 17000)], 17000.0),
    ("figur_03b", "grorud", "last"): ([Count("flat_price_per_m2", 2010, 27000)], 27000.0),
    ("tabell_02", "follo", "2010"): ([Count("households", 2010, 52000)], 52000.0),
    **{
        ("figur_07", "grorud", size): detailed("persons_in_households", 2010, size, persons, 26000, persons / 260)
        for size, persons in (("size_1", 6100), ("size_2_3", 10100), ("size_4_plus", 9800))
    },
    **{
        ("tabell_04", "grorud", f"share_{column}"): (
            [Count("immigrant_population", 2011, 700, age), population(2011, 1600, age)],
            43.75,
        )
        for column, age in BANDS
    },
    **{
        ("tabell_05", "grorud", f"share_{column}"): (
            [Count("immigrant_population", 2011, 600, age, background=OTHERS), population(2011, 1600, age)],
            37.5,
        )
        for column, age in BANDS
    },
    ("tabell_05", "grorud", "count"): ([Count("immigrant_population", 2011, 9798, background=OTHERS)], 9798.0),
    ("tabell_05", "grorud", "share_all"): (
        [Count("immigrant_population", 2011, 9798, background=OTHERS), population(2011, 26291)],
        9798 / 26291 * 100,
    ),
    **{
        ("tabell_06", "follo", f"{series}{suffix}"): ([Count(series, 2011, 12927), *below], value)
        for series in ("immigrants", "immigrant_population")
        for suffix, below, value in (("", [], 12927.0), ("_share", [population(2011, 127691)], 12927 / 127691 * 100))
    },
    ("tabell_07", "grorud", "affected_share"): (
        [Count("social_assistance_affected", 2009, 2200), population(2010, 26074)],
        2200 / 26074 * 100,
    ),
    ("tabell_07", "follo", "recipients_share"): (
        [Count("social_assistance_recipients", 2010, 2506), population(2010, 125810)],
        2506 / 125810 * 100,
    ),
    ("tabell_09", "residents_other", "oslo"): ([Count(RESIDENTS, 2010, 285412, **OTHER)], 285412.0),
    ("tabell_09", "share_immigrant", "oslo"): (
        [Count(PENSIONS, 2010, 5000, **IMMIGRANT), Count(RESIDENTS, 2010, 122000, **IMMIGRANT)],
        5000 / 122000 * 100,
    ),
    ("tabell_09", "share_all", "oslo"): (
        [
            Count(PENSIONS, 2010, 5000, **IMMIGRANT),
            Count(PENSIONS, 2010, 18000, **OTHER),
            Count(RESIDENTS, 2010, 122000, **IMMIGRANT),
            Count(RESIDENTS, 2010, 285000, **OTHER),
        ],
        23000 / 407000 * 100,
    ),
    **{
        ("figur_09", "grorud", sex): (
            [Count("employed", 2009, 6000, "15-74", sex), population(2010, 9600, "15-74", sex)],
            62.5,
        )
        for sex in ("women", "men")
    },
    **{
        ("figur_10", "bjerke", group): (
            [
                Count("unemployed_or_on_schemes", 2010, 150, "16-66", background=group),
                population(2010, 2000, "16-66", background=group),
            ],
            7.5,
        )
        for group in ("all", "norway", "oecd", "outside_oecd")
    },
    **{
        ("figur_11", "bjerke", column): (
            [
                Count("higher_education", 2009, 650, "16+", background=background),
                population(2010, 2000, "16+", background=background),
            ],
            32.5,
        )
        for column, background in (("norwegian", "other"), ("western", "western"), ("non_western", "non_western"))
    },
    ("tabell_10", "follo", "housing_allowance"): per_1000("housing_allowance_granted"),
    ("tabell_10", "follo", "housing_allowance_applications"): per_1000("housing_allowance_applications"),
    ("tabell_10", "grorud", "start_loans"): per_1000("start_loan_dwellings"),
    ("tabell_10", "grorud", "establishment_grants"): per_1000("establishment_grant_dwellings"),
    ("tabell_11", "grorud", "purchase_grants"): per_1000("purchase_grants"),
    ("tabell_11", "grorud", "municipal_housing_allowance"): per_1000("municipal_housing_allowance_recipients"),
    ("tabell_11", "grorud", "municipal_housing_supplement"): per_1000("municipal_housing_supplement_recipients"),
    ("tabell_12", "grorud", "applications"): per_1000("municipal_dwelling_applications"),
    ("tabell_12", "grorud", "allocations"): per_1000("municipal_dwelling_allocations"),
    ("tabell_12", "grorud", "deposit_guarantees"): per_1000("deposit_guarantees"),
    ("tabell_12", "grorud", "deposit_loans"): per_1000("deposit_loans"),
    ("tabell_12", "grorud", "temporary_housing"): per_1000("temporary_housing_households"),
    ("figur_12", "follo", "first"): (
        [Count("municipal_dwellings", 2005, 700), Count("households", 2005, 47072)],
        700 / 47072 * 1000,
    ),
    ("figur_12", "follo", "last"): per_1000("municipal_dwellings"),
}


@pytest.mark.parametrize("place", FED, ids="-".join)
def test_counts_that_nobody_has_today_would_fill_the_cell(place: Place) -> None:
    counts, value = FED[place]
    region = place[2] if place[0] == "tabell_09" else place[1]
    cell = built(place[0], region, *counts)[place]
    assert cell.number == pytest.approx(value, abs=1e-9)
    assert cell.basis == "source"
    # With any one of them of the year before, or gone, there is no such number.
    for index in range(len(counts)):
        moved = counts[index]._replace(year=counts[index].year - 1)
        other = built(place[0], region, *counts[:index], moved, *counts[index + 1 :])[place]
        assert other.basis != "source"


def test_every_cell_has_terms_or_is_made_of_others_but_the_model_of_figure_4(cells: list[Cell]) -> None:
    indicators = catalogue().indicators
    without = {
        cell.place.object
        for cell in cells
        if not terms_of(cell.spec, indicators).numerator and not cell.spec.sum_of and not cell.spec.remainder_of
    }
    assert without == {"figur_04"}
    formulas = {indicators.indicators[cell.spec.indicator].formula for cell in cells}
    assert formulas == {"value", "share", "rate", "index", "sum_displayed", "model"}


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_rate_is_the_count_over_the_households_of_the_year(count: int, households: int) -> None:
    observed = small.observed()
    own = (observed["region"] == "alna") & (observed["period"] == "2010")
    counted = observed.copy()
    counted.loc[own & (observed["series"] == "recipients"), "value"] = count
    counted.loc[own & (observed["series"] == "households"), "value"] = households
    cell = small.cell(small.compute(counted).cells("tabell_03"), "tabell_03/alna/rate")
    assert cell.number == pytest.approx(count / households * 1000, rel=1e-12)
    assert [part.number for part in cell.parts] == [count, households]

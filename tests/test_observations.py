from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.errors import ContractError, SnapshotError
from groruddalen_stats.paths import Paths
from groruddalen_stats.sources.store import Store
from groruddalen_stats.tidy import observations
from groruddalen_stats.tidy.contracts import OBSERVATIONS


def value(observed: pd.DataFrame, **key: str) -> float:
    rows = observed
    for column, word in key.items():
        rows = rows[rows[column] == word]
    assert len(rows) == 1, rows
    return float(rows["value"].iloc[0])


def test_known_source_cells_come_through_unchanged(observed: pd.DataFrame) -> None:
    assert (
        value(observed, source="ssb_innvbef", series="immigrant_population", region="grorud", period="2011")
        == 11123
    )
    assert (
        value(
            observed,
            source="oslo_sto013",
            series="social_assistance_recipients",
            region="oslo",
            period="2010",
            detail="",
        )
        == 18163
    )
    assert (
        value(
            observed,
            source="oslo_sto013",
            series="social_assistance_recipients",
            region="oslo",
            period="2010",
            detail="sum_of_bydeler",
        )
        == 19301
    )
    assert value(observed, source="oslo_sos006", region="stovner", period="2010", sex="women") == 1157
    assert (
        value(
            observed,
            source="husbanken_bostotte",
            series="housing_allowance_applications",
            region="bjerke",
            period="2010",
        )
        == 1071
    )
    assert (
        value(observed, source="oslo_husholdninger", series="households", region="alna", period="2010")
        == 21992.3
    )


def test_the_same_digits_before_and_after_2004_are_different_places(observed: pd.DataFrame) -> None:
    population = observed[(observed["source"] == "ssb_10826") & (observed["age"] == "0-5")]
    assert set(population[population["period"] == "2003"]["region"]) == {
        "oslo",
        "b1988_18",
        "b1988_19",
        "b1988_20",
    }
    assert set(population[population["period"] == "2004"]["region"]) == {
        "oslo",
        "bjerke",
        "grorud",
        "stovner",
        "alna",
    }


def test_every_observation_points_at_its_raw_cell(observed: pd.DataFrame, catalogue: Catalogue) -> None:
    sample = observed[observed["source"].isin(["ssb_07459", "oslo_sto013", "nibr_tabell_02"])].iloc[::97]
    for row in sample.to_dict("records"):
        path, _, locator = row["origin"].partition("#L")
        line, _, column = locator.partition(":")
        lines = (catalogue.paths.raw / path).read_text(encoding="utf-8").splitlines()
        header = lines[0].split(",")
        cell = pd.read_csv(catalogue.paths.raw / path, dtype=str).iloc[int(line) - 2][column]
        assert column in header
        assert float(cell) == row["value"]


def test_the_table_keeps_its_contract_and_order(observed: pd.DataFrame) -> None:
    assert list(observed.columns) == list(OBSERVATIONS.columns)
    keys = ["source", "series", "region", "period", "sex", "age", "background", "detail", "origin"]
    assert observed[keys].apply(tuple, axis=1).is_monotonic_increasing


STO013 = "oslo/sto013_sosialhjelp_2005_2023.csv"


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (
            STO013,
            "persons_affected,2620",
            "persons_affected,26x0",
            [":4: '26x0' in column 'persons' is not a number"],
        ),
        (STO013, "persons_affected,2620", "persons_affected,", [":4: '' in column 'persons'"]),
        (
            STO013,
            "region,year,measure,persons",
            "region,year,measure,person",
            ["the column 'persons' is missing", "did you mean 'person'?"],
        ),
        (
            STO013,
            "Bydel Alna,2007,persons_affected",
            "Bydel Alnaa,2007,persons_affected",
            [":4: unknown region label 'Bydel Alnaa'", "did you mean 'Bydel Alna'?"],
        ),
        (
            STO013,
            "Bydel Alna,2007,persons_affected",
            "Bydel Alna,2006,persons_affected",
            ["lines 3, 4 give the same cell twice"],
        ),
        ("ssb/07459_municipality_age_2005_2026.csv", "0220,Asker,2005", "0220,Asker,2021", ["0220", "3025"]),
    ],
    ids=["no number", "empty", "no column", "no region", "twice", "code not valid"],
)
def test_damage_is_named_with_file_line_and_remedy(
    copied: Callable[..., Paths], name: str, old: str, new: str, words: list[str]
) -> None:
    paths = copied()
    content = (paths.raw / name).read_text(encoding="utf-8")
    assert old in content
    with pytest.raises(SnapshotError) as caught:
        observations.build(load(paths), Store(paths, {name: content.replace(old, new, 1).encode()}))
    assert Path(name).name in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_a_status_sign_travels_with_the_observation(copied: Callable[..., Paths]) -> None:
    paths = copied()
    name = "oslo/sto013_sosialhjelp_2005_2023.csv"
    content = (
        (paths.raw / name)
        .read_bytes()
        .replace(b"Bydel Alna,2007,persons_affected,2620", b"Bydel Alna,2007,persons_affected,:")
    )
    table = observations.build(load(paths), Store(paths, {name: content}))
    row = table[
        (table["series"] == "social_assistance_affected")
        & (table["region"] == "alna")
        & (table["period"] == "2007")
    ]
    assert row["status"].tolist() == [":"]
    assert row["value"].isna().all()


def test_the_contract_names_the_rows_that_break_it() -> None:
    good: dict[str, list[object]] = {name: ["x"] for name in OBSERVATIONS.columns}
    good |= {"value": [1.0], "sex": ["both"]}
    assert len(OBSERVATIONS.enforce(pd.DataFrame(good))) == 1
    with pytest.raises(ContractError, match="'sex' is not one of both, men, women"):
        OBSERVATIONS.enforce(pd.DataFrame(good | {"sex": ["other"]}))
    with pytest.raises(ContractError, match="'value' is not a number"):
        OBSERVATIONS.enforce(pd.DataFrame(good | {"value": ["many"]}))
    with pytest.raises(ContractError, match="missing columns: origin"):
        OBSERVATIONS.enforce(pd.DataFrame(good).drop(columns="origin"))
    with pytest.raises(ContractError, match="more than one row"):
        OBSERVATIONS.enforce(pd.DataFrame({name: column * 2 for name, column in good.items()}))

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import small
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.errors import SnapshotError
from groruddalen_stats.raw.store import Store
from groruddalen_stats.stages.work import Work
from groruddalen_stats.tidy import observations
from groruddalen_stats.tidy.observations import KEY, SCHEMA
from workbench import embedded

WELFARE = "oslo/welfare.csv"
PERSONS = "ssb/persons.csv"


def rows(observed: pd.DataFrame, **key: str) -> pd.DataFrame:
    for column, word in key.items():
        observed = observed[observed[column] == word]
    return observed


def with_change(name: str, old: str, new: str) -> pd.DataFrame:
    content = (small.paths().raw / name).read_text(encoding="utf-8")
    assert old in content
    store = Store(small.paths(), {name: content.replace(old, new, 1).encode()})
    return observations.build(load(small.paths()), store)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ({"source": "welfare", "region": "oslo", "period": "2010", "detail": ""}, [252]),
        ({"series": "recipients", "region": "oslo", "period": "2010", "detail": "sum_of_bydeler"}, [315]),
        ({"source": "persons", "region": "alna", "period": "2010", "sex": "women"}, [210, 840]),
        ({"source": "persons", "region": "k3025", "age": "18+"}, [320, 320]),
        ({"source": "printed_households", "region": "bjerke", "period": "2010"}, [550]),
        ({"source": "printed_population", "region": "oslo", "period": "2010"}, [6300]),
        ({"source": "printed_welfare"}, [105, 110, 315]),
    ],
)
def test_source_cells_come_through_unchanged(key: dict[str, str], expected: list[float]) -> None:
    assert sorted(rows(small.observed(), **key)["value"]) == expected


def test_every_observation_points_at_its_raw_cell() -> None:
    for name, own in small.observed().groupby("snapshot"):
        raw = pd.read_csv(small.paths().raw / str(name), dtype=str)
        for row in own.to_dict("records"):
            cell = raw.iloc[row["first"] - 2][row["column"]]
            assert cell == ":" if row["status"] else float(cell) == row["value"]


def test_the_table_has_its_columns_and_order() -> None:
    assert list(small.observed().columns) == SCHEMA.names
    assert small.observed()[list(KEY)].apply(tuple, axis=1).is_monotonic_increasing


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (WELFARE, "Bydel Frogner,2010,100", "Bydel Frogner,2010,1o0", [":4: '1o0' in column 'recipients'"]),
        (WELFARE, "Bydel Frogner,2010,100", "Bydel Frogner,2010,", [":4: '' in column 'recipients'"]),
        (
            WELFARE,
            "district,year,recipients",
            "district,year,recipient",
            ["the column 'recipients' is missing", "did you mean 'recipient'?"],
        ),
        (
            WELFARE,
            "Bydel Frogner,2010",
            "Bydel Frogne,2010",
            [":4: unknown region label 'Bydel Frogne'", "did you mean 'Bydel Frogner'?"],
        ),
        (WELFARE, "Bydel Frogner,2010", "Bydel Alna,2010", ["lines 3, 4 give the same cell twice"]),
        (PERSONS, "0220,2009", "0220,2021", ["0220", "3025"]),
        (PERSONS, "030109,2009", "030109,2003", ["030109"]),
    ],
    ids=["no number", "empty", "no column", "no region", "twice", "code not valid", "code of another division"],
)
def test_damage_is_named_with_file_line_and_remedy(name: str, old: str, new: str, words: list[str]) -> None:
    with pytest.raises(SnapshotError) as caught:
        with_change(name, old, new)
    assert Path(name).name in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_a_file_of_other_regions_is_read_only_by_a_run_that_wants_one_of_them(tmp_path: Path) -> None:
    paths = small.place(tmp_path)
    config = paths.config / "sources.yaml"
    path = f"      - path: {WELFARE}\n"
    text = config.read_text(encoding="utf-8").replace(path, f"{path}        of: others\n")
    config.write_text(f"{text}shared: {{others: [frogner]}}\n", encoding="utf-8")
    every_run, wants_alna, wants_frogner = load(paths), load(paths).wanting(["alna"]), load(paths).wanting(["frogner"])
    assert every_run.unread == wants_alna.unread == {WELFARE}
    assert rows(observations.build(every_run, Store(paths)), snapshot=WELFARE).empty
    found = rows(observations.build(wants_frogner, Store(paths)), source="welfare", region="oslo", period="2010")
    assert sorted(found["value"]) == [252, 315]


@pytest.fixture(scope="module")
def everywhere(catalogue: Catalogue) -> pd.DataFrame:
    """Return the shipped observations of every region."""
    whole = catalogue.wanting(catalogue.regions.ids)
    assert len(catalogue.unread) > len(whole.unread) == 0
    return embedded(Work(whole).observations)


@pytest.mark.parametrize(
    ("key", "oslo"),
    [
        ({"source": "oslo_utd027", "series": "higher_education", "period": "2009", "sex": "both"}, 197344),
        ({"source": "oslo_sys002", "series": "employed", "sex": "both"}, 404239),
    ],
)
def test_the_shipped_sub_districts_with_what_lies_in_none_add_up_to_oslo(
    everywhere: pd.DataFrame, key: dict[str, str], oslo: int
) -> None:
    found = rows(everywhere, **key)
    within = found["region"].str.fullmatch(r"d\d{4}") | found["region"].isin(["sentrum", "marka", "oslo_uoppgitt"])
    assert found[within]["value"].sum() == found[found["region"].eq("oslo")]["value"].sum() == oslo


def test_residents_aged_16_and_over_are_those_of_the_population_statistics(everywhere: pd.DataFrame) -> None:
    ours = rows(everywhere, series="population_utd", sex="both").assign(
        period=lambda found: found["period"].astype(int) + 1
    )
    people = rows(everywhere, source="ssb_10826")
    people = people[~people["age"].isin(["0-5", "6-12", "13-14", "15"])]
    totals = people.assign(period=people["period"].astype(int)).groupby(["region", "period"])["value"].sum()
    both = ours.set_index(["region", "period"])["value"].to_frame("ours").join(totals, how="inner")
    assert (both["ours"] == both["value"]).all()
    assert len(both) == 19 * 21

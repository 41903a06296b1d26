"""Many areas at once: batches of one process each, none that takes the others along, and the same bytes as alone."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import small
from groruddalen_stats.areas import settings_of
from groruddalen_stats.batches import Batches, batches_of
from groruddalen_stats.errors import StatsError
from groruddalen_stats.paths import Paths
from groruddalen_stats.raw.store import Store
from groruddalen_stats.stages.build import build
from test_workflow import files, snakemake

SITE = """runs: [{edition: "2010"}]
columns:
  - {object: tabell_01, column: last, label: {nb: Folk, en: People}}
  - {object: figur_01, column: last, label: {nb: Indeks, en: Index}}
  - {object: tabell_03, column: share, label: {nb: Andel, en: Share}, short: {nb: andelen, en: the share}}
"""
AREAS = ("bjerke", "frogner", "nowhere", "alna")
SET = ("--config", "set=some", "batch=2", "edition=2010")


def a_set(paths: Paths, *areas: str) -> None:
    text = f"name: {{nb: Noen, en: Some}}\ncalled: {{nb: noen, en: some}}\nparts: [{', '.join(areas)}]\nwhole: oslo\n"
    (paths.areas / "some.yaml").write_text(text, encoding="utf-8")
    (paths.config / "site.yaml").write_text(SITE, encoding="utf-8")
    small.copy_shipped(paths.root, ["data/raw/boundaries/oslo"])
    Store(paths).relock()


def batches(paths: Paths, **settings: object) -> Batches:
    own = settings_of({"edition": "2010", **settings}, paths.config)
    return batches_of({"set": "some", **own}, paths)


def test_areas_are_in_batches_in_their_order(tmp_path: Path) -> None:
    paths = small.place(tmp_path)
    a_set(paths, *AREAS)
    made = batches(paths, batch=3)
    assert made.listed == {"001": AREAS[:3], "002": AREAS[3:]}
    assert made.batch_of("alna") == "002"
    with pytest.raises(StatsError, match="did you mean 'alna'"):
        made.batch_of("alma")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"set": "sme"}, "there is no set of areas 'sme' -> did you mean 'some'"),
        ({"batch": "0"}, "batch is '0'"),
        ({"batch": "many"}, "batch is 'many'"),
    ],
)
def test_a_set_or_a_size_that_is_wrong_is_one_named_fault(
    tmp_path: Path, settings: dict[str, object], said: str
) -> None:
    paths = small.place(tmp_path)
    a_set(paths, *AREAS)
    with pytest.raises(StatsError, match=said):
        _ = batches(paths, **settings).areas


@pytest.mark.build
def test_an_area_that_fails_is_named_and_the_others_are_as_if_built_alone(tmp_path: Path) -> None:
    paths = small.place(tmp_path, *small.CODE)
    a_set(paths, *AREAS)
    done = snakemake(paths, "areas", *SET)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "nowhere is not built: " in said
    assert "there is no area 'nowhere'" in said
    assert "[4/4]" in said
    pages = paths.root / "report" / "areas" / "2010+some"
    index = (pages / "index.html").read_text(encoding="utf-8")
    assert "nowhere" in index
    assert not (pages / "nowhere.html").exists()
    for area in ("bjerke", "frogner", "alna"):
        assert f'href="{area}.html"' in index
        assert (paths.report(f"2010+{area}") / "appendix.pdf").exists()
    built = files(paths)

    # What is done stays as it is while the next run, with the area put right, builds only that one.
    moments = {area: (paths.report(f"2010+{area}") / "appendix.html").stat().st_mtime_ns for area in ("bjerke", "alna")}
    (paths.areas / "nowhere.yaml").write_text(
        "name: {nb: Begge, en: Both}\ncalled: {nb: begge, en: both}\nparts: [bjerke, alna]\ntogether: groruddalen\nwhole: oslo\n",
        encoding="utf-8",
    )
    done = snakemake(paths, "areas", *SET)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[1/1] nowhere" in done.stderr
    assert {area: (paths.report(f"2010+{area}") / "appendix.html").stat().st_mtime_ns for area in moments} == moments
    both = json.loads((paths.processed / "2010+nowhere" / "profile.json").read_text(encoding="utf-8"))
    assert both["columns"][0]["own"]["2010"] == 1100 + 2100
    (people,) = (row for row in numbers(paths) if (row["area"], row["indicator"]) == ("nowhere", "tabell_01/last"))
    assert (people["shown"], people["rank"], people["of"]) == ("3200", "1", "4")
    again = snakemake(paths, "areas", *SET)
    assert again.returncode == 0
    assert "Nothing to be done" in again.stdout + again.stderr

    # The report of an area is, byte for byte, that of a run of its own.
    for folder in ("report", "figures", "data/processed"):
        (paths.root / folder).rename(paths.root / f"{folder}.before")
    build(paths, {"edition": "2010", "area": "frogner"}, "place")
    alone = files(paths)
    assert alone
    assert alone.items() <= built.items()


def test_a_set_is_asked_for_by_name(tmp_path: Path) -> None:
    paths = small.place(tmp_path, *small.CODE)
    done = snakemake(paths, "areas")
    assert done.returncode != 0
    assert "which areas? -> name a set: --config set=oslo_bydeler year=2024" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def numbers(paths: Paths) -> list[dict[str, str]]:
    text = (paths.root / "report" / "areas" / "2010+some" / "areas.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))

from __future__ import annotations

from pathlib import Path

import pytest

import small
from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.catalogue import Catalogue, fill_years, load
from groruddalen_stats.config.load import load_model
from groruddalen_stats.config.models import Edition
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.paths import Paths
from groruddalen_stats.strictyaml import read_yaml


@pytest.fixture
def project(tmp_path: Path) -> Paths:
    return small.place(tmp_path)


def faults_of(paths: Paths) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(paths).require_valid()
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "words"),
    [
        ("appendix.yaml", "    alt: ", "    alts: ", "objects.tabell_01.alts", "did you mean 'alt'?"),
        ("appendix.yaml", "{kind: bars", "{kind: bar", "objects.figur_02.chart.kind", "did you mean 'bars'?"),
        ("appendix.yaml", ": persons\n", ": person\n", "tabell_01.indicator", "did you mean 'persons'?"),
        ("appendix.yaml", "[bjerke, alna", "[bjerka, alna", "tabell_01.rows.0", "did you mean 'bjerke'?"),
        (
            "appendix.yaml",
            "    indicator: persons\n",
            "    notes: [households_2041]\n    indicator: persons\n",
            "objects.tabell_01.notes.0",
            "did you mean 'households_2014'?",
        ),
        (
            "appendix.yaml",
            "figur_01, tabell_02]",
            "figur_01, tabell_2]",
            "sections.0.objects.2",
            "did you mean 'tabell_02'?",
        ),
        (
            "series.csv",
            ",persons printed",
            ",person printed",
            "population: sources: unknown source",
            "did you mean 'persons'?",
        ),
        ("indicators.yaml", "decimals: 1", "decimals: one", "share_of_population.decimals", "valid integer"),
        ("indicators.yaml", "unit: index\n", "unit: indexx\n", "index.unit", "did you mean 'index'?"),
        ("sources.yaml", "publisher: oslo", "publisher: olso", "welfare.publisher", "did you mean 'oslo'?"),
        (
            "sources.yaml",
            "      - path: oslo/welfare.csv\n",
            "      - of: others\n        path: oslo/welfare.csv\n",
            "welfare.snapshots.0.of",
            "unknown list 'others'",
        ),
        ("sources.yaml", "ence: year", "ence: yaer", "welfare.reference", "did you mean 'year'?"),
        ("config.yaml", "language: nb", "language: no", "language", "unknown False -> known: en, nb"),
        ("config.yaml", "edition:", "editon:", "editon", "did you mean 'edition'?"),
        ("editions/2010.yaml", "  welfare:", "  wellfare:", "years.wellfare", "did you mean 'welfare'?"),
        ("editions/2010.yaml", "  flats: 2010", "  flats: next year", "years.flats", ""),
        (
            "editions/2010.yaml",
            "population: [2009, 2010]",
            "population: [2010, 2009]",
            "years.population",
            "years must rise",
        ),
        ("words.csv", "words,missing,mangler,missing", "words,missing,mangler,", "words/missing: en", "at least 1"),
        ("palette.csv", "other,#6b6b6b", "other,#6b6b6", "other: colour", "string should match pattern"),
        ("palette.csv", "alna,#006ba2", "alna,#f2f2f2", "alna", "contrast"),
    ],
)
def test_a_fault_names_file_line_place_and_remedy(
    project: Paths, file: str, old: str, new: str, place: str, words: str
) -> None:
    path = project.config / file
    small.edit(path, old, new)
    changed = next(
        number
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if new.strip("\n").split("\n")[0] in line
    )
    named = [fault for fault in faults_of(project) if place in fault]
    assert named
    assert f"{file}:{changed}: " in named[0]
    assert words in named[0]
    assert "\n" not in named[0]


def test_an_object_stands_in_exactly_one_section(project: Paths) -> None:
    small.edit(project.config / "appendix.yaml", "[tabell_03, figur_02]", "[tabell_03, tabell_01]")
    faults = [fault for fault in faults_of(project) if "list it in exactly one section" in fault]
    assert [fault.partition("the object stands in ")[2][:1] for fault in faults] == ["2", "0"]


def test_a_cell_without_an_indicator_is_named(project: Paths) -> None:
    small.edit(project.config / "appendix.yaml", "    indicator: persons\n    series: population\n", "")
    with pytest.raises(ConfigError, match=r"the cell bjerke/2009 of v\.1\.1 has no indicator"):
        layout("tabell_01", load(project))


def test_faults_of_several_files_come_together(project: Paths) -> None:
    small.edit(project.config / "words.csv", "reasons,image_only", "raesons,image_only")
    small.edit(project.config / "editions" / "2010.yaml", "title:", "titel:")
    faults = faults_of(project)
    assert any("words.csv" in fault and "raesons/image_only: section" in fault for fault in faults)
    assert any("2010.yaml" in fault and "'title'" in fault for fault in faults)


def test_a_key_written_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.yaml"
    path.write_text("a: 1\nb: 2\na: 3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"twice.yaml:3: key 'a' is already set in line 1"):
        read_yaml(path)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"a: [1, 2\n", "twice.yaml:2"), (b"\xff\xfe", "not UTF-8"), (b"a: {b: 1\n c: 2}\n", "twice.yaml:2")],
)
def test_what_is_no_yaml_is_refused_with_its_line(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "twice.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=words):
        load_model(Edition, path)


def test_an_unknown_edition_suggests_one() -> None:
    with pytest.raises(ConfigError, match="there is no edition '2021' -> did you mean '2020'"):
        _ = small.catalogue(edition="2021").edition


def test_a_missing_file_suggests_its_neighbours(project: Paths) -> None:
    (project.config / "regions.yaml").rename(project.config / "region.yaml")
    with pytest.raises(ConfigError, match=r"did you mean 'region\.yaml'"):
        _ = load(project).regions


def test_a_topic_that_an_edition_forgets_is_named(project: Paths) -> None:
    small.edit(project.editions / "2020.yaml", "  welfare: 2020\n", "")
    with pytest.raises(ConfigError, match=r"2020\.yaml:\d+: years\.welfare: the key is missing -> add 'welfare'"):
        _ = load(project, {"edition": "2020"}).edition


def test_years_are_put_into_texts() -> None:
    text = "{population.span} {population.first} {population.last} {welfare} {welfare.next} {other}"
    assert fill_years(text, small.catalogue().edition) == "2009–2010 2009 2010 2010 2011 {other}"


def test_the_run_can_replace_single_years() -> None:
    changed = small.catalogue(edition=2010, years={"welfare": 2020}, on_missing="fail")
    assert changed.edition.year("welfare") == 2020
    assert changed.edition.year("flats") == 2010
    assert changed.edition.on_missing == "fail"


def test_every_placeholder_of_every_shipped_text_is_a_topic(catalogue: Catalogue) -> None:
    for name, spec in catalogue.appendix.objects.items():
        for text in (spec.title, spec.subtitle, spec.alt):
            for language in ("nb", "en"):
                assert "{" not in catalogue.text(text, language).replace("{places}", ""), name

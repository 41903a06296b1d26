from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from groruddalen_stats.catalogue import Catalogue, fill_years, load
from groruddalen_stats.config.load import load_model, read_yaml
from groruddalen_stats.config.models import Edition
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.paths import Paths


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults_of(paths: Paths) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(paths).require_valid()
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "words"),
    [
        (
            "appendix.yaml",
            "    subtitle:\n",
            "    subtitel:\n",
            "objects.figur_01.subtitel",
            "did you mean 'subtitle'?",
        ),
        ("appendix.yaml", "kind: table", "kind: tabel", "objects.tabell_01.kind", "did you mean 'table'?"),
        (
            "appendix.yaml",
            "indicator: persons\n",
            "indicator: person\n",
            "objects.tabell_01.indicator",
            "did you mean 'persons'?",
        ),
        (
            "appendix.yaml",
            "[bjerke, grorud, stovner, alna, oslo, nedre_romerike,",
            "[bjerke, grorudd, stovner, alna, oslo, nedre_romerike,",
            "objects.tabell_01.rows.0",
            "did you mean 'grorud'?",
        ),
        (
            "appendix.yaml",
            "{key: okern_joined,",
            "{key: okern_joind,",
            "objects.figur_01.notes.1",
            "did you mean 'okern_joined'?",
        ),
        (
            "indicators.yaml",
            "    sources: [ssb_10826, ssb_07459,",
            "    sources: [ssb_10862, ssb_07459,",
            "series.population.sources.0",
            "did you mean 'ssb_10826'?",
        ),
        (
            "indicators.yaml",
            "decimals: 1",
            "decimals: one",
            "indicators.population_index.decimals",
            "valid integer",
        ),
        (
            "indicators.yaml",
            "    unit: index\n",
            "    unit: indexx\n",
            "indicators.population_index.unit",
            "did you mean 'index'?",
        ),
        (
            "sources.yaml",
            "    publisher: husbanken",
            "    publisher: husbankn",
            "sources.husbanken_bostotte.publisher",
            "did you mean 'husbanken'?",
        ),
        (
            "sources.yaml",
            "reference: december",
            "reference: desember",
            "sources.husbanken_bostotte.reference",
            "did you mean 'december'?",
        ),
        ("config.yaml", "language: nb ", "language: no ", "language", "False is not one of"),
        ("config.yaml", "edition:", "editon:", "editon", "did you mean 'edition'?"),
        (
            "editions/2011.yaml",
            "  disability: 2010",
            "  disabillity: 2010",
            "years.disabillity",
            "did you mean 'disability'?",
        ),
        ("editions/2011.yaml", "  disability: 2010", "  disability: next year", "years.disability", ""),
        (
            "editions/2011.yaml",
            "immigrants: [2005, 2011]",
            "immigrants: [2011, 2005]",
            "years.immigrants",
            "years must rise",
        ),
        (
            "labels.yaml",
            "missing: {nb: mangler, en: missing}",
            "missing: {nb: mangler, sv: saknas}",
            "words.missing.sv",
            "known: en, nb",
        ),
    ],
)
def test_a_fault_names_file_line_place_and_remedy(
    copied: Callable[..., Paths], file: str, old: str, new: str, place: str, words: str
) -> None:
    paths = copied("config")
    path = paths.config / file
    edit(path, old, new)
    changed = next(
        number
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if new.strip("\n").split("\n")[0] in line
    )
    faults = faults_of(paths)
    named = [fault for fault in faults if place in fault]
    assert named, faults
    assert f"{file}:{changed}: " in named[0]
    assert words in named[0]
    assert "\n" not in named[0]


def test_faults_of_several_files_come_together(copied: Callable[..., Paths]) -> None:
    paths = copied("config")
    edit(paths.config / "labels.yaml", "reasons:", "raesons:")
    edit(paths.config / "editions" / "2011.yaml", "title:", "titel:")
    faults = faults_of(paths)
    assert any("labels.yaml" in fault and "'reasons'" in fault for fault in faults)
    assert any("2011.yaml" in fault and "'title'" in fault for fault in faults)


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


def test_an_unknown_edition_suggests_one(copied: Callable[..., Paths]) -> None:
    with pytest.raises(ConfigError, match="there is no edition '2012'"):
        _ = load(copied("config"), {"edition": "2012"}).edition


def test_a_missing_file_suggests_its_neighbours(copied: Callable[..., Paths]) -> None:
    paths = copied("config")
    (paths.config / "labels.yaml").rename(paths.config / "label.yaml")
    with pytest.raises(ConfigError, match=r"did you mean 'label\.yaml'"):
        _ = load(paths).labels


def test_years_are_put_into_texts(catalogue: Catalogue) -> None:
    edition = catalogue.edition
    text = "{population.span} {immigrants.first} {immigrants.last} {disability} {disability.next} {other}"
    assert fill_years(text, edition) == "2001–2011 2005 2011 2010 2011 {other}"


def test_the_run_can_replace_single_years(catalogue: Catalogue) -> None:
    changed = load(catalogue.paths, {"edition": 2011, "years": {"disability": 2015}, "on_missing": "fail"})
    assert changed.edition.year("disability") == 2015
    assert changed.edition.year("housing_allowance") == 2010
    assert changed.edition.on_missing == "fail"


def test_every_placeholder_of_every_text_is_a_topic(catalogue: Catalogue) -> None:
    for name, spec in catalogue.appendix.objects.items():
        for text in (spec.title, spec.subtitle, spec.alt):
            for language in ("nb", "en"):
                assert "{" not in fill_years(text[language], catalogue.edition), name

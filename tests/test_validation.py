"""What the print, the claims and the appendix must say of each other, told before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest

import small
from groruddalen_stats.cli import main
from groruddalen_stats.paths import Paths
from groruddalen_stats.raw.store import Store
from groruddalen_stats.workflow import of_another_run

PRINT, CLAIMS, WORDS = "data/raw/published/tabell_01.csv", "config/claims.csv", "config/words.csv"
LINES = (small.OWN / PRINT).read_text(encoding="utf-8").splitlines(keepends=True)
(OF_OSLO,) = (line for line in LINES if line.startswith("oslo,2010"))
APPENDIX, PALETTE, IDENTITIES = "config/appendix.yaml", "config/palette.csv", "config/identities.yaml"


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (PRINT, OF_OSLO, "", "oslo/2010 is in config/appendix.yaml and not in the print"),
        (PRINT, "oslo,2010", "osla,2010", "tabell_01 has no row 'osla' -> did you mean 'oslo'?"),
        (PRINT, "oslo,2010", "oslo,2081", "tabell_01 has no column '2081'"),
        (CLAIMS, ",bjerke,", ",bjerka,", "unknown row 'bjerka' -> did you mean 'bjerke'?"),
        (CLAIMS, "*/2010", "*/2081", "unknown column '2081'"),
        (CLAIMS, "tabell_01/*/2010", "figur_02/*/bloks", "unknown column 'bloks' -> did you mean 'blocks'?"),
        (CLAIMS, "tabell_01/*/2010", "tabell_21/*/2010", "unknown object 'tabell_21' -> did you mean 'tabell_02'?"),
        (WORDS, "words,missing,", "words,misssing,", "misssing: nothing shows it -> did you mean 'missing'?"),
        (WORDS, "words,missing,mangler,", "words,missing,,", "words/missing: nb: string should have at least 1"),
        (WORDS, "words,missing,", "wrods,missing,", "wrods/missing: section: unknown 'wrods' -> did you mean 'words'?"),
        (
            WORDS,
            "has figures for {years}",
            "has figures for {year}",
            "words/empty: {years}, {year} stands in one language",
        ),
        (PALETTE, "\nalna,", "\nanla,", "unknown name 'anla' -> did you mean 'alna'?"),
        (
            APPENDIX,
            "rows: [bjerke, alna]\n",
            "rows: [bjerke, anla]\n",
            "headline.rows: unknown row 'anla' -> did you mean",
        ),
        (
            APPENDIX,
            "      column: last\n",
            "      column: lst\n",
            "headline.column: unknown column 'lst' -> did you mean",
        ),
        (
            APPENDIX,
            "    column: blocks\n",
            "    column: bloks\n",
            "key_figures.4.column: unknown column 'bloks' -> did you",
        ),
        (
            APPENDIX,
            "  - object: figur_01",
            "  - object: figr_01",
            "key_figures.3.object: unknown object 'figr_01' -> did you",
        ),
        (APPENDIX, "nb: Befolkning,", 'nb: "",', "objects.tabell_01.title.nb: the text is empty"),
        (
            "config/series.csv",
            ",persons printed",
            ",welfare printed",
            "'welfare' has no series 'population' -> known",
        ),
    ],
)
def test_what_one_file_names_and_the_other_lacks_is_told_in_one_line(
    inside: Paths, capsys: pytest.CaptureFixture[str], name: str, old: str, new: str, said: str
) -> None:
    small.edit(inside.root / name, old, new)
    Store(inside).relock(None)
    assert main(["validate"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert any(said in line and line.split(":")[0].endswith(Path(name).name) for line in lines), lines


def test_mistakes_of_every_kind_are_told_in_one_go_and_what_follows_from_them_is_not(
    inside: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    config = inside.config
    # Table 3 is left out for its chart, and table 2 for its region; the topic, the claims and the print of them are there.
    small.edit(
        config / "appendix.yaml",
        "    topics: [welfare, households]\n",
        "    topics: [welfare, households]\n    chart: {}\n",
    )
    small.edit(
        config / "appendix.yaml",
        "indicator: households\n    rows:\n      - {regions: [bjerke,",
        "indicator: households\n    rows:\n      - {regions: [bjerka,",
    )
    small.edit(config / "appendix.yaml", 'subtitle: {nb: "I løpet', 'subtitel: {nb: "I løpet')
    small.edit(config / "series.csv", "Boliger,Dwellings,", "Boliger,,")
    small.edit(config / "claims.csv", ",value,", ",vaule,")
    small.edit(config / "claims.csv", "*/2010,oslo", "*/2081,oslo")
    small.edit(config / "editions" / "2020.yaml", "title:", "titel:")
    (config / "areas" / "two.yaml").write_text("name: {nb: To, en: Two}\n\tparts: [alna]\n", encoding="utf-8")
    (inside.raw / "oslo" / "welfare.csv.meta.yaml").unlink()
    assert main(["validate"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "config/series.csv:5: dwellings: label_en: string should have at least 1 character (got '') -> correct this value",
        "config/appendix.yaml:73: objects.tabell_03.subtitle: the key is missing -> add 'subtitle'",
        "config/appendix.yaml:79: objects.tabell_03.chart.kind: the key is missing -> add 'kind'",
        "config/appendix.yaml:76: objects.tabell_03.subtitel: unknown key 'subtitel' -> did you mean 'subtitle'?",
        "config/appendix.yaml:70: objects.tabell_02.rows.0.regions.0: unknown region 'bjerka' -> did you mean 'bjerke'?",
        "config/editions/2020.yaml:1: title: the key is missing -> add 'title'",
        "config/editions/2020.yaml:1: titel: unknown key 'titel' -> did you mean 'title'?",
        "config/areas/two.yaml:2: a tabulator at the beginning of the line -> write blanks in its place",
        "config/claims.csv:3: bjerke_exact: form: unknown 'vaule' -> did you mean 'value'?",
        "data/raw/oslo/welfare.csv.meta.yaml: the raw file has no sidecar -> write where the file comes from",
        "config/claims.csv:2: oslo_about: unknown column '2081' -> did you mean '2010'?",
    ]


def test_a_whole_table_that_the_print_lacks_is_told_once(inside: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (PRINT, f"{PRINT}.meta.yaml"):
        (inside.root / name).unlink()
    Store(inside).relock(None)
    assert main(["validate"]) == 1
    said = capsys.readouterr().err
    assert said.count("the table of the print is missing") == 1
    assert "tabell_01.csv" in said


@pytest.mark.parametrize(
    ("target", "stranger"),
    [
        ("report/2018/appendix.html", True),
        ("figures/2018/figur_05.svg", True),
        ("data/processed/2018/cells.parquet", True),
        ("report/2011/appendix.html", False),
        ("data/processed/2011/cells.parquet", False),
        ("data/processed/observations.parquet", False),
        ("tables", False),
        ("--cores", False),
        ("", False),
    ],
)
def test_a_target_of_another_run_is_told(target: str, stranger: bool) -> None:
    found = of_another_run([target], "2011", "2011")
    assert [fault.where for fault in found] == ([target] if stranger else [])

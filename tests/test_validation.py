"""What the print, the claims and the appendix must say of each other, told before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest

import small
from groruddalen_stats.cli import main
from groruddalen_stats.raw.store import Store
from groruddalen_stats.workflow import of_another_run


def changed(tmp_path: Path, name: str, old: str, new: str) -> Path:
    paths = small.place(tmp_path / "project")
    small.edit(paths.root / name, old, new)
    Store(paths).relock(None)
    return paths.root


def first_line(path: str, begins: str) -> str:
    lines = (small.OWN / path).read_text(encoding="utf-8").splitlines(keepends=True)
    return next(line for line in lines if line.startswith(begins))


PRINT, WORDS = "data/raw/published/tabell_01.csv", "config/words.csv"


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (
            PRINT,
            first_line(PRINT, "oslo,2010"),
            "",
            "oslo/2010 is in config/appendix.yaml and not in the print",
        ),
        (PRINT, "oslo,2010", "osla,2010", "tabell_01 has no row 'osla' -> did you mean 'oslo'?"),
        (PRINT, "oslo,2010", "oslo,2081", "tabell_01 has no column '2081'"),
        ("config/claims.csv", ",bjerke,", ",bjerka,", "unknown row 'bjerka' -> did you mean 'bjerke'?"),
        ("config/claims.csv", "*/2010", "*/2081", "unknown column '2081'"),
        (
            "config/claims.csv",
            "tabell_01/*/2010",
            "figur_02/*/bloks",
            "unknown column 'bloks' -> did you mean 'blocks'?",
        ),
        (
            "config/claims.csv",
            "tabell_01/*/2010",
            "tabell_21/*/2010",
            "unknown object 'tabell_21' -> did you mean 'tabell_02'?",
        ),
        (WORDS, "words,missing,", "words,misssing,", "misssing: nothing shows it -> did you mean 'missing'?"),
        (WORDS, "words,missing,mangler,", "words,missing,,", "words/missing: nb: string should have at least 1"),
        (WORDS, "words,missing,", "wrods,missing,", "wrods/missing: section: unknown 'wrods' -> did you mean 'words'?"),
    ],
)
def test_what_one_file_names_and_the_other_lacks_is_told_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    old: str,
    new: str,
    said: str,
) -> None:
    root = changed(tmp_path, name, old, new)
    monkeypatch.setenv("GRORUDDALEN_STATS_ROOT", str(root))
    assert main(["validate"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert any(said in line and line.split(":")[0].endswith(Path(name).name) for line in lines), lines


def test_a_whole_table_that_the_print_lacks_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = small.place(tmp_path)
    for name in (PRINT, f"{PRINT}.meta.yaml"):
        (paths.root / name).unlink()
    Store(paths).relock(None)
    monkeypatch.setenv("GRORUDDALEN_STATS_ROOT", str(paths.root))
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

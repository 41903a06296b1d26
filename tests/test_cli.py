from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import small
from groruddalen_stats.appendix import tables
from groruddalen_stats.catalogue import editions, load
from groruddalen_stats.cli import main
from groruddalen_stats.paths import Paths


@pytest.mark.parametrize("edition", ["2010", "2020"])
@pytest.mark.usefixtures("inside")
def test_validate_says_that_all_is_well(edition: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--edition", edition]) == 0
    assert "in order" in capsys.readouterr().out


def test_the_shipped_project_is_in_order(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRORUDDALEN_STATS_ROOT", str(root))
    assert main(["validate"]) == 0
    # Of another edition all but what the edition names is the same.
    for edition in editions(Paths(root)):
        load(Paths(root), {"edition": edition}).require_valid()


def test_a_mistake_is_one_line_and_exit_code_1(inside: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    small.edit(inside.config / "indicators.yaml", "decimals: 0", "decimal: 0")
    assert main(["validate"]) == 1
    error = capsys.readouterr().err
    assert "config/indicators.yaml:" in error
    assert "did you mean 'decimals'?" in error
    assert "Traceback" not in error


def test_the_steps_write_what_the_next_one_reads_and_the_same_bytes_again(inside: Paths) -> None:
    assert main(["build", "observations"]) == 0
    first = inside.observations.read_bytes()
    inside.observations.unlink()
    # A step does what it needs first.
    assert main(["build", "cells", "--edition", "2010", "--language", "en"]) == 0
    assert inside.observations.read_bytes() == first
    cells = tables.read_cells(inside.cells("2010"))
    assert len(cells) == 10 + 6 + 16 + 14 + 3
    assert small.cell(cells, "tabell_01/oslo/2010").number == 6300


def test_a_run_as_json_replaces_the_config(inside: Paths) -> None:
    main(["build", "observations"])
    run = inside.root / "run.json"
    run.write_text(json.dumps({"edition": "2010", "language": "nb", "years": {"welfare": 2020}}))
    assert main(["build", "cells", "--run", str(run)]) == 0
    share = small.cell(tables.read_cells(inside.cells("2010+welfare-2020")), "tabell_03/alna/share")
    assert share.number == 5.0
    assert share.spec.year == 2020


def test_a_run_that_is_no_json_is_named(inside: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("{edition", "[2011]"):
        (inside.root / "run.json").write_text(text)
        assert main(["validate", "--run", str(inside.root / "run.json")]) == 1
        assert "run.json: not a JSON" in capsys.readouterr().err


@pytest.mark.usefixtures("inside")
def test_the_check_ends_with_the_headline(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--language", "en"]) == 0
    headline = capsys.readouterr().out.splitlines()[-2]
    # Of 29 numbers in the report: confirmed, by its other numbers, deviating, and not to be checked.
    assert re.findall(r"\d+", headline) == ["11", "29", "3", "3", "12"]


def test_the_check_names_a_damaged_file_and_what_it_moves(inside: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    small.edit(inside.raw / "oslo" / "welfare.csv", "Bydel Alna,2010,105", "Bydel Alna,2010,195")
    assert main(["check"]) == 1
    error = capsys.readouterr().err
    assert "welfare.csv: the file has sha256" in error
    assert "tabell_03 alna/recipients" in error


def test_lock_takes_over_a_meant_change(inside: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    small.edit(inside.raw / "oslo" / "welfare.csv", "Bydel Frogner,2010,100", "Bydel Frogner,2010,101")
    assert main(["validate"]) == 1
    assert main(["lock", "oslo/welfare.csv"]) == 0
    assert "oslo/welfare.csv" in capsys.readouterr().out
    assert main(["validate"]) == 0


def test_an_unknown_command_is_wrong_use() -> None:
    with pytest.raises(SystemExit) as caught:
        main(["biuld"])
    assert caught.value.code == 2


def test_no_module_uses_the_built_in_rounding(root: Path) -> None:
    for path in sorted((root / "src").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        # A fixed format of one or more decimals rounds halves to even; round_half_up does not.
        assert not re.search(r"[ (=\[]round\(|:\.[1-9]f\}", text), path.name

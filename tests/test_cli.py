from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from groruddalen_stats.check import load_ledger
from groruddalen_stats.cli import main
from groruddalen_stats.paths import Paths
from workbench import catalogue


@pytest.fixture
def inside(copied: Callable[..., Paths], monkeypatch: pytest.MonkeyPatch) -> Paths:
    paths = copied("config", "data/raw")
    monkeypatch.chdir(paths.root)
    monkeypatch.delenv("GRORUDDALEN_STATS_ROOT", raising=False)
    return paths


@pytest.mark.usefixtures("inside")
def test_validate_says_that_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 0
    assert "in order" in capsys.readouterr().out


def test_a_mistake_is_one_line_and_exit_code_1(inside: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    path = inside.config / "indicators.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("decimals: 0", "decimal: 0", 1), encoding="utf-8"
    )
    assert main(["validate"]) == 1
    error = capsys.readouterr().err
    assert "config/indicators.yaml:" in error
    assert "did you mean 'decimals'?" in error
    assert "Traceback" not in error


def test_the_steps_write_what_the_next_one_reads(inside: Paths) -> None:
    assert main(["build", "observations"]) == 0
    assert main(["build", "cells", "--edition", "2011", "--language", "en"]) == 0
    cells = pd.read_parquet(inside.cells("2011"))
    text = pd.read_csv(inside.cells("2011").with_suffix(".csv"), keep_default_na=False)
    assert len(cells) == len(text) > 800
    assert 599230 in set(cells["value"])


@pytest.mark.usefixtures("inside")
def test_a_step_without_its_input_says_what_to_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "cells"]) == 1
    assert "data/processed/observations.parquet" in capsys.readouterr().err


def test_the_same_input_gives_the_same_bytes(inside: Paths) -> None:
    main(["build", "observations"])
    first = inside.observations.read_bytes()
    inside.observations.unlink()
    main(["build", "observations"])
    assert inside.observations.read_bytes() == first


def test_a_run_as_json_replaces_the_config(inside: Paths) -> None:
    main(["build", "observations"])
    run = inside.root / "run.json"
    run.write_text(json.dumps({"edition": "2011", "language": "nb", "years": {"disability": 2015}}))
    assert main(["build", "cells", "--run", str(run)]) == 0
    cells = pd.read_parquet(inside.cells("2011+disability-2015"))
    found = cells[(cells["object"] == "tabell_08") & (cells["row"] == "alna") & (cells["column"] == "both")]
    assert "2015" in found["formula"].iloc[0]
    assert "2016" in found["formula"].iloc[0]


def test_a_run_that_is_no_json_is_named(inside: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("{edition", "[2011]"):
        (inside.root / "run.json").write_text(text)
        assert main(["validate", "--run", str(inside.root / "run.json")]) == 1
        assert "run.json: not a JSON" in capsys.readouterr().err


@pytest.mark.usefixtures("inside")
def test_the_check_ends_with_the_headline(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--language", "en"]) == 0
    told = re.escape(load_ledger(catalogue()).texts["headline"].en)
    found = re.search(re.sub(r"\\{(\w+)\\}", r"(?P<\1>\\d+)", told), capsys.readouterr().out)
    assert found is not None
    counts = {name: int(number) for name, number in found.groupdict().items()}
    assert counts["printed"] == 424
    parts = ("confirmed", "internal", "different", "not_checkable")
    assert counts["printed"] == sum(counts[name] for name in parts)


def test_the_check_names_a_damaged_file_and_what_it_moves(
    inside: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    path = inside.raw / "oslo" / "sto013_sosialhjelp_2005_2023.csv"
    content = path.read_text(encoding="utf-8")
    path.write_text(
        content.replace("Bydel Alna,2010,recipients,1349", "Bydel Alna,2010,recipients,1949"),
        encoding="utf-8",
    )
    assert main(["check"]) == 1
    error = capsys.readouterr().err
    assert "sto013_sosialhjelp_2005_2023.csv: the file has sha256" in error
    assert "line 26: Bydel Alna,2010,recipients,1949" in error
    assert "tabell_07 alna/recipients" in error


def test_lock_takes_over_a_meant_change(inside: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    path = inside.raw / "nef" / "flat_prices_2008_12.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("42000", "42100"), encoding="utf-8")
    assert main(["validate"]) == 1
    assert main(["lock", "nef/flat_prices_2008_12.csv"]) == 0
    assert "nef/flat_prices_2008_12.csv" in capsys.readouterr().out
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

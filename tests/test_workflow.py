from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from groruddalen_stats.config.models import Run
from groruddalen_stats.paths import Paths
from groruddalen_stats.workflow import RUN_KEYS, code, objects, raw_files, run_faults, run_file

EVERYTHING = ("config", "data/raw", "src", "profiles", "Snakefile", "pyproject.toml")


def names(files: list[str]) -> set[str]:
    return {file.partition("groruddalen_stats/")[2] for file in files}


def test_code_follows_imports_through_the_package() -> None:
    found = names(code("appendix.build"))
    assert {
        "appendix/build.py",
        "appendix/quantities.py",
        "numbers.py",
        "indicators/__init__.py",
        "regions/units.py",
    } <= found
    assert "figures/__init__.py" not in found
    assert "appendix/build.py" not in names(code("tidy.observations"))


def test_templates_belong_to_the_code_of_the_report() -> None:
    assert any(name.startswith("report/templates/") for name in names(code("report")))


def test_the_snakefile_is_read_without_heavy_imports() -> None:
    script = "import sys, groruddalen_stats.workflow; print(sorted({'pandas', 'pydantic', 'matplotlib', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_the_25_objects_are_listed_in_order(root: Path) -> None:
    found = objects(root / "config" / "appendix.yaml")
    assert len(found) == 25
    assert list(found.values()).count("figure") == 13


def test_unfinished_downloads_are_no_raw_files(tmp_path: Path) -> None:
    for name in ("a.csv", ".hidden", "b.csv.part"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert [Path(name).name for name in raw_files(tmp_path)] == ["a.csv"]


def test_a_wrong_run_key_suggests_the_right_one(root: Path) -> None:
    faults = run_faults({"editon": "2011", "edition": "2011"}, root / "config" / "editions")
    assert [str(fault) for fault in faults] == [
        "config/config.yaml or --config: unknown key 'editon' -> did you mean 'edition'?"
    ]
    assert "there is no edition '2081'" in str(run_faults({"edition": 2081}, root / "config" / "editions")[0])


def test_the_snakefile_knows_the_same_settings_as_the_model() -> None:
    assert set(Run.model_fields) == RUN_KEYS


def test_the_run_is_written_only_when_it_changes(tmp_path: Path) -> None:
    path = Path(run_file({"language": "nb", "edition": 2011}, tmp_path))
    assert path == tmp_path / "2011" / "run.json"
    os.utime(path, (0, 0))
    run_file({"edition": "2011", "language": "nb"}, tmp_path)
    assert path.stat().st_mtime == 0
    run_file({"edition": "2011", "language": "en"}, tmp_path)
    assert path.stat().st_mtime > 0


def snakemake(paths: Paths, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(paths.root / "src")}
    return subprocess.run(
        [sys.executable, "-m", "snakemake", *arguments],
        cwd=paths.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def jobs(done: subprocess.CompletedProcess[str]) -> set[str]:
    text = done.stdout + done.stderr
    known = ("observations", "cells", "draw", "compare_with_print", "write_report")
    table = text.partition("Job stats:")[2].partition("total")[0]
    return {name for name in known if f"\n{name} " in table}


@pytest.mark.build
def test_an_edit_reruns_exactly_what_depends_on_it(copied: Callable[..., Paths]) -> None:
    paths = copied(*EVERYTHING)
    first = snakemake(paths)
    assert first.returncode == 0, first.stderr
    again = snakemake(paths, "-n")
    assert "Nothing to be done" in again.stdout + again.stderr

    def edited(name: str, old: str, new: str) -> set[str]:
        path = paths.root / name
        before = path.read_text(encoding="utf-8")
        assert old in before
        path.write_text(before.replace(old, new, 1), encoding="utf-8")
        found = jobs(snakemake(paths, "-n"))
        path.write_text(before, encoding="utf-8")
        return found

    everything = {"observations", "cells", "draw", "compare_with_print", "write_report"}
    after_cells = everything - {"observations"}
    assert edited("src/groruddalen_stats/indicators/__init__.py", "def share", "def  share") == after_cells
    assert edited("src/groruddalen_stats/figures/style.py", '"""', '""" ') == {"draw", "write_report"}
    assert edited("src/groruddalen_stats/report/html.py", '"""', '""" ') == {"write_report"}
    assert edited("config/indicators.yaml", "scale: 100", "scale: 100.0") == after_cells
    assert edited("config/deviations.yaml", "\n", "\n# a remark\n") == {"compare_with_print", "write_report"}
    raw = "data/raw/husbanken/bostotte_desember_2010_2025.csv"
    assert edited(raw, "1366", "1367") == everything
    # A file touched but not changed reruns nothing.
    os.utime(paths.root / raw)
    assert "Nothing to be done" in snakemake(paths, "-n").stdout + snakemake(paths, "-n").stderr

    # Damage stops the run with one line, and the outputs of the last good run stay.
    outputs = sorted((paths.root / "report").rglob("*.*")) + sorted((paths.root / "figures").rglob("*.*"))
    kept = {path: path.read_bytes() for path in outputs}
    damaged = paths.root / raw
    good = damaged.read_text(encoding="utf-8")
    damaged.write_text(good.replace("1366", "1367", 1), encoding="utf-8")
    failed = snakemake(paths)
    assert failed.returncode != 0
    text = failed.stdout + failed.stderr
    assert "bostotte_desember_2010_2025.csv: the file has sha256" in text
    assert "Traceback" not in text
    assert {path: path.read_bytes() for path in outputs} == kept
    damaged.write_text(good, encoding="utf-8")
    wrong = snakemake(paths, "--config", "editon=2011")
    assert wrong.returncode != 0
    assert "did you mean 'edition'?" in wrong.stdout + wrong.stderr

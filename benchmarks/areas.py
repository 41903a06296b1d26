"""Fifteen areas beside a cold build of one in the same run, how level cost and memory stay, and where the time goes."""

from __future__ import annotations

import itertools
import json
import pstats
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.pipeline import Run, copied, over, run, told

YEAR = "year=2024"
SET = "oslo_bydeler"
ONE = (sys.executable, "-m", "snakemake", "--quiet", "all", "--config", "area=sagene", YEAR)
ALL = (sys.executable, "-m", "snakemake", "areas", "--quiet", "all", "--config", f"set={SET}", YEAR)
IN_ONE = (*ALL, "batch=15")
#: Largest allowed values; memory in MB, the proportional share of the process tree.
LIMITS = {
    "15 areas / cold build of one": 4.0,
    "cost of the last five areas of a process / of five before": 1.25,
    "memory of 15 areas in one process in MB": 700.0,
}
#: What a batch spends its time on: the function that does it, by module and name.
STEPS = {
    "reading observations": ("stages/areas.py", "_read"),
    "newest years that have figures": ("appendix/newest.py", "settled"),
    "cells": ("appendix/compute.py", "cells"),
    "numbers through the years": ("stages/profile.py", "write"),
    "figures": ("stages/figures.py", "write"),
    "page: model": ("report/model.py", "build_model"),
    "page: HTML": ("report/html.py", "render_html"),
    "waiting for the PDF": ("stages/build.py", "wait_for"),
    "putting in place": ("workflow.py", "put_in_place"),
}


def main() -> dict[str, float]:
    """Return what :data:`LIMITS` speaks of, and print where a batch spends its time."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copied(folder)
        run(ONE, folder)
        _clean(folder)
        one = min(_cold(ONE, folder).seconds for _ in range(2))
        many = _cold(ALL, folder).seconds
        in_one = _cold(IN_ONE, folder, weighed=True)
        moments = sorted(result.stat().st_mtime for result in (folder / "data/processed/areas").glob("*/built/*.json"))
        steps = [later - earlier for earlier, later in itertools.pairwise(moments)]
        _clean(folder)
        for step, share in _profile(folder).items():
            print(f"  {share:6.1%} {step}")
    found = (many / one, sum(steps[-5:]) / sum(steps[-10:-5]), in_one.megabytes)
    return dict(zip(LIMITS, found, strict=True))


def _cold(command: tuple[str, ...], folder: Path, *, weighed: bool = False) -> Run:
    _clean(folder)
    return run(command, folder, weighed=weighed)


def _clean(folder: Path) -> None:
    for built in ("data/processed", "figures", "report", ".snakemake"):
        shutil.rmtree(folder / built, ignore_errors=True)


def _profile(folder: Path) -> Mapping[str, float]:
    """Return the share of each step in the time of a batch, as cProfile sees it in the thread that does the work."""
    subprocess.run([*IN_ONE, "--dry-run"], cwd=folder, check=True, capture_output=True)
    (settings,) = (folder / "data/processed/areas").glob("*/run.json")
    assert json.loads(settings.read_text(encoding="utf-8"))["set"] == SET
    target = folder / "profile"
    batch = ("groruddalen_stats.cli", "areas", "001", "--run", settings.relative_to(folder).as_posix())
    subprocess.run(
        [sys.executable, "-m", "cProfile", "-o", target, "-m", *batch], cwd=folder, check=True, capture_output=True
    )
    stats = pstats.Stats(str(target))
    total: float = stats.total_tt  # type: ignore[attr-defined]
    spent = dict.fromkeys(STEPS, 0.0)
    for (file, _, function), (_, _, _, cumulative, _) in stats.stats.items():  # type: ignore[attr-defined]
        for step, (module, name) in STEPS.items():
            if function == name and file.endswith(f"groruddalen_stats/{module}"):
                spent[step] += cumulative / total
    return {**spent, "all else": 1 - sum(spent.values())}


def missed(found: Mapping[str, float]) -> list[str]:
    """Return what is over its limit."""
    return over(found, LIMITS)


if __name__ == "__main__":
    sys.exit(told(main(), LIMITS))

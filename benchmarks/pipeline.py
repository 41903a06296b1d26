"""Turns builds of the report into ratios to the time of importing pandas, pyarrow and matplotlib in the same run."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("config", "data/raw", "src", "profiles", "Snakefile", "pyproject.toml", "requirements.lock")
BASELINE = (sys.executable, "-c", "import pandas, pyarrow, matplotlib.pyplot")
BUILD = (sys.executable, "-m", "snakemake", "--quiet", "all")

#: Largest allowed ratio to the baseline.
LIMITS = {"cold build / imports": 12.0, "nothing to do / imports": 1.5}


def seconds(command: Sequence[str], folder: Path) -> float:
    """Return how long a command takes in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> dict[str, float]:
    """Return the ratios of :data:`LIMITS`, each the median of several runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in PARTS:
            target = folder / part
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / part, target)
        seconds(BASELINE, folder)
        seconds(BUILD, folder)
        cold, idle, baseline = [], [], []
        for _ in range(3):
            for built in ("data/processed", "figures", "report", ".snakemake"):
                shutil.rmtree(folder / built, ignore_errors=True)
            baseline.append(seconds(BASELINE, folder))
            cold.append(seconds(BUILD, folder))
            idle.append(seconds(BUILD, folder))
    unit = statistics.median(baseline)
    return {
        "cold build / imports": statistics.median(cold) / unit,
        "nothing to do / imports": statistics.median(idle) / unit,
    }


def missed(ratios: dict[str, float]) -> list[str]:
    """Return the ratios that are over their limit."""
    return [name for name, limit in LIMITS.items() if ratios[name] > limit]


if __name__ == "__main__":
    found = main()
    for name, ratio in found.items():
        print(f"{name}: {ratio:.2f} (at most {LIMITS[name]:g})")
    sys.exit(1 if missed(found) else 0)

"""Builds of the report beside importing pandas, pyarrow and matplotlib in the same run, and the memory they take."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("config", "data/raw", "src", "profiles", "Snakefile", "pyproject.toml", "requirements.lock")
BASELINE = (sys.executable, "-c", "import pandas, pyarrow, matplotlib.pyplot")
BUILD = (sys.executable, "-m", "snakemake", "--quiet", "all")
LOCK = (sys.executable, "-m", "groruddalen_stats.cli", "lock")
#: A raw file, and the number in it that is changed by one.
FIGURE = ("data/raw/oslo/sto013_sosialhjelp_2005_2023.csv", b"recipients,1231", b"recipients,1232")

#: Largest allowed ratio to the baseline; memory in MB, the proportional share of the process tree.
LIMITS = {
    "cold build / imports": 8.0,
    "one number changed / imports": 4.0,
    "nothing to do / imports": 1.3,
    "memory of a cold build in MB": 380.0,
}


@dataclass(frozen=True)
class Run:
    """What one command took."""

    seconds: float
    megabytes: float


def run(command: Sequence[str], folder: Path, *, weighed: bool = False) -> Run:
    """Run a command in a folder; return how long it took and, where it is weighed, what all its processes held at most.

    To ask the system for that fifty times a second takes a core that the command would use: what is weighed is slower.
    """
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    # What Python keeps of modules it has read is there for a user, also where a container says not to write it.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start, most = time.perf_counter(), 0.0
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while weighed and process.poll() is None:
            most = max(most, sum(_share(one) for one in _tree(process.pid)))
            time.sleep(0.02)
        process.wait()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(time.perf_counter() - start, most)


def _tree(process: int) -> Iterator[int]:
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            listed = children.read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in listed:
            yield from _tree(int(child))


def _share(process: int) -> float:
    """Return the proportional share of memory of a process in MB; nothing where the system does not tell."""
    try:
        told = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in told.splitlines() if line.startswith("Pss:")) / 1024


def copied(folder: Path) -> None:
    """Put the project into a folder, without what is built."""
    for part in PARTS:
        target = folder / part
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / part, target)


def main() -> dict[str, float]:
    """Return what :data:`LIMITS` speaks of, each the median of several runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copied(folder)
        run(BASELINE, folder)
        memory = run(BUILD, folder, weighed=True).megabytes
        raw = folder / FIGURE[0]
        before = raw.read_bytes()
        after = before.replace(FIGURE[1], FIGURE[2], 1)
        cold, changed, idle, baseline = [], [], [], []
        for _ in range(3):
            for built in ("data/processed", "figures", "report", ".snakemake"):
                shutil.rmtree(folder / built, ignore_errors=True)
            baseline.append(run(BASELINE, folder))
            cold.append(run(BUILD, folder))
            idle.append(run(BUILD, folder))
            raw.write_bytes(after)
            run(LOCK, folder)
            changed.append(run(BUILD, folder))
            raw.write_bytes(before)
            run(LOCK, folder)
    unit = statistics.median(one.seconds for one in baseline)
    found = dict(zip(LIMITS, (_seconds(runs) / unit for runs in (cold, changed, idle)), strict=False))
    return {**found, "memory of a cold build in MB": memory}


def _seconds(runs: Sequence[Run]) -> float:
    return statistics.median(one.seconds for one in runs)


def over(found: Mapping[str, float], limits: Mapping[str, float]) -> list[str]:
    """Return what is over its limit."""
    return [name for name, limit in limits.items() if found[name] > limit]


def told(found: Mapping[str, float], limits: Mapping[str, float]) -> int:
    """Print each figure beside its limit, and return the exit code."""
    for name, value in found.items():
        print(f"{name}: {value:.2f} (at most {limits[name]:g})")
    return 1 if over(found, limits) else 0


def missed(found: Mapping[str, float]) -> list[str]:
    """Return what is over its limit."""
    return over(found, LIMITS)


if __name__ == "__main__":
    sys.exit(told(main(), LIMITS))

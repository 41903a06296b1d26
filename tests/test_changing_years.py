from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from groruddalen_stats.catalogue import load
from groruddalen_stats.paths import Paths
from groruddalen_stats.raw.store import Store
from groruddalen_stats.stages.work import Work
from small import CODE, copy_shipped
from workbench import PROJECT

PAGE = PROJECT / "docs" / "changing-years.md"
STEP = re.compile(
    r"(?:(?P<verb>Create|Below|Above) `(?P<first>[^`]+)`(?: in\s+`(?P<second>[^`]+)`)?[^`]*?(?:`[^`/]+`[^`]*?)*:\n\n)?"
    r"```(?P<kind>bash|yaml|csv)\n(?P<body>.*?)```\n",
    re.DOTALL,
)
# Cloning is where the reader comes from; the copy in the test stands for the clone, and is set up already.
ALREADY = ("git clone", "cd ", "make report", "source .venv")
NOT_YET_FOLLOWED = pytest.mark.skipif(
    (PROJECT / "config/editions/2022.yaml").exists(), reason="the page has been followed in this project"
)


class Step(NamedTuple):
    """One block of the page: commands, or text that goes into a file."""

    verb: str
    line: str
    path: str
    body: str


def steps() -> Iterator[Step]:
    for found in STEP.finditer(PAGE.read_text(encoding="utf-8")):
        if found["kind"] == "bash":
            yield Step("run", "", "", found["body"])
        elif found["verb"] == "Create":
            yield Step("Create", "", found["first"], found["body"])
        else:
            assert found["second"], f"where does this go? {found['body'][:60]}"
            yield Step(found["verb"], found["first"], found["second"], found["body"])


def write(root: Path, step: Step) -> None:
    path = root / step.path
    if step.verb == "Create":
        assert not path.exists()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(step.body, encoding="utf-8")
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    assert lines.count(f"{step.line}\n") == 1
    at = lines.index(f"{step.line}\n") + (step.verb == "Below")
    path.write_text("".join([*lines[:at], step.body, *lines[at:]]), encoding="utf-8")


def run(root: Path, commands: str) -> None:
    todo = "\n".join(line for line in commands.splitlines() if not line.startswith(ALREADY))
    environ = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(root / "src"),
    }
    result = subprocess.run(
        ["bash", "-ec", todo], cwd=root, env=environ, capture_output=True, text=True, check=False, timeout=600
    )
    assert result.returncode == 0, f"{todo}\n{result.stdout}\n{result.stderr}"


def test_every_block_of_the_page_is_a_step() -> None:
    text = PAGE.read_text(encoding="utf-8")
    found = list(steps())
    assert len(found) == len(re.findall(r"^```(?:bash|yaml|csv)$", text, re.MULTILINE))
    assert [step.path for step in found if step.path] == [
        "config/editions/2022.yaml",
        "data/raw/ssb/05803_population_norway.csv",
        "data/raw/ssb/05803_population_norway.csv.meta.yaml",
        "config/sources/ssb_05803.yaml",
        "config/series.csv",
        "config/indicators.yaml",
        "config/regions/groups.csv",
        "config/appendix.yaml",
        "config/objects/tabell_13.yaml",
    ]


def follow(paths: Paths) -> None:
    """Follow the page in a copy of the project, but for what only builds or checks."""
    for step in steps():
        if step.verb != "run":
            write(paths.root, step)
        else:
            run(paths.root, "\n".join(line for line in step.body.splitlines() if line.startswith("for ")))
    Store(paths).relock()


@NOT_YET_FOLLOWED
def test_what_the_page_adds_is_in_order_and_has_its_numbers(tmp_path: Path) -> None:
    paths = copy_shipped(tmp_path, ("config", "data/raw"))
    follow(paths)
    catalogue = load(paths, {"edition": "2022", "years": {"disability": 2020}})
    catalogue.require_valid()
    made = Work(catalogue).compute
    assert {cell.spec.year for cell in made.cells("tabell_08")} == {2020}
    cells = {cell.place[1:]: cell for cell in made.cells("tabell_13")}
    # Added up from data/raw by hand: bydeler and municipalities on 1 January 2022; households of December and January 2018.
    people = {"groruddalen": 145206, "nordre_follo": 61032, "oslo": 699827, "norge": 5425270}
    assert {row: cells[row, "population"].number for row in people} == people
    bases = {"groruddalen": "source", "nordre_follo": "missing", "oslo": "source", "norge": "missing"}
    assert {row: cells[row, "paid"].basis for row in people} == bases


@pytest.mark.slow
@pytest.mark.build
@NOT_YET_FOLLOWED
def test_the_page_can_be_followed_to_the_letter(tmp_path: Path) -> None:
    root = copy_shipped(tmp_path / "groruddalen_stats", ("config", "data/raw", *CODE)).root
    for step in steps():
        run(root, step.body) if step.verb == "run" else write(root, step)

    assert (root / "report" / "2024" / "appendix.pdf").exists()
    assert (root / "report" / "compare-2018-2022" / "compare.html").exists()
    page = (root / "report" / "2022+disability-2020+en" / "appendix.html").read_text(encoding="utf-8")
    assert "Population and housing allowance paid" in page
    assert "61,032" in page

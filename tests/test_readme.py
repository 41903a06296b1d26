from __future__ import annotations

import re
from pathlib import Path

import pytest

import small
from groruddalen_stats import readme
from groruddalen_stats.catalogue import load
from groruddalen_stats.cli import main
from groruddalen_stats.paths import Paths


def test_the_table_counts_only_what_is_printed() -> None:
    lines = readme.object_table(small.catalogue(), small.cells()).splitlines()
    counts = {
        line.split("`")[1]: [part.strip() for part in line.split("|")[4:9]] for line in lines if line.startswith("| `")
    }
    assert counts == {
        "tabell_01": ["8", "", "", "", ""],
        "figur_01": ["3", "", "", "", ""],
        "tabell_02": ["", "", "12", "", ""],
        "tabell_03": ["6", "3", "", "", ""],
        "figur_02": ["", "", "", "1", "2"],
    }


def test_a_table_that_is_out_of_date_is_told_and_brought_up_to_date(
    inside: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    page, sources = inside.root / "README.md", inside.root / "docs" / "live-sources.md"
    sources.parent.mkdir()
    for path, name in ((page, "objects"), (sources, "sources")):
        path.write_text("before\n{}\nold\n{}\nafter\n".format(*readme.marks(name)), encoding="utf-8")
    assert main(["readme", "--check"]) == 1
    assert "the table of objects is out of date -> run 'groruddalen-stats readme'" in capsys.readouterr().err
    assert "old" in page.read_text(encoding="utf-8")
    assert main(["readme"]) == main(["readme", "--check"]) == 0
    assert "| `figur_02` |" in page.read_text(encoding="utf-8")
    text = sources.read_text(encoding="utf-8")
    assert (text[:7], text[-7:], "\nold\n" in text) == ("before\n", "\nafter\n", False)
    sources.write_text("# nothing here", encoding="utf-8")
    assert main(["readme"]) == 1
    assert "the marks of the table of sources are missing" in capsys.readouterr().err


def test_the_table_of_sources_says_how_sure_each_is(root: Path) -> None:
    table = readme.evidence_table(load(Paths(root)).sources.sources)
    row = next(line for line in table.splitlines() if line.startswith("| `ssb_06079` |"))
    assert row.split(" | ")[2] == "confirmed"
    assert row.endswith("husholdningsstørrelse: guess |")


def test_the_two_commands_stand_first(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```\n(.*?)```", text, re.DOTALL)
    assert block is not None
    assert block.group(1).splitlines() == ["make report", "make test"]


def test_every_room_of_the_package_has_its_line(root: Path) -> None:
    package = root / "src" / "groruddalen_stats"
    rooms = {path.parent.name for path in package.glob("*/*.py")} | {path.stem for path in package.glob("*.py")}
    text = (root / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    named = [name for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for name in re.findall(r"`(\w+)/?`", row)]
    assert sorted(named) == sorted(rooms - {"__init__"})

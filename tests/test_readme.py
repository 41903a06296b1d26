from __future__ import annotations

import re
from pathlib import Path

import pytest

import small
from groruddalen_stats import readme
from groruddalen_stats.cli import main
from groruddalen_stats.errors import ConfigError


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


def test_the_table_takes_the_place_of_the_old_one() -> None:
    text = f"before\n{readme.START}\nold\n{readme.END}\nafter\n"
    assert readme.filled(text, "| new |") == f"before\n{readme.START}\n| new |\n{readme.END}\nafter\n"
    with pytest.raises(ConfigError, match="marks of the object table"):
        readme.filled("# nothing here", "| a |")


def test_a_table_that_is_out_of_date_is_told_and_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GRORUDDALEN_STATS_ROOT", str(small.place(tmp_path).root))
    page = tmp_path / "README.md"
    page.write_text(f"{readme.START}\nold\n{readme.END}\n", encoding="utf-8")
    assert main(["readme", "--check"]) == 1
    assert "the object table is out of date -> run 'groruddalen-stats readme'" in capsys.readouterr().err
    assert "old" in page.read_text(encoding="utf-8")
    assert main(["readme"]) == main(["readme", "--check"]) == 0
    assert "| `figur_02` |" in page.read_text(encoding="utf-8")


def test_the_two_commands_stand_first(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```\n(.*?)```", text, re.DOTALL)
    assert block is not None
    assert block.group(1).splitlines() == ["make report", "make test"]


def test_every_link_of_the_readme_leads_somewhere(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (root / target).exists(), target


def test_every_room_of_the_package_has_its_line(root: Path) -> None:
    package = root / "src" / "groruddalen_stats"
    rooms = {path.parent.name for path in package.glob("*/*.py")} | {path.stem for path in package.glob("*.py")}
    text = (root / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    named = [name for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for name in re.findall(r"`(\w+)/?`", row)]
    assert sorted(named) == sorted(rooms - {"__init__"})

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from groruddalen_stats import readme
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.errors import ConfigError


def test_the_object_table_is_up_to_date(root: Path, catalogue: Catalogue, cells: pd.DataFrame) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    assert readme.filled(text, readme.object_table(catalogue, cells)) == text, (
        "run `groruddalen-stats readme`"
    )


def test_the_table_counts_only_what_is_printed(catalogue: Catalogue, cells: pd.DataFrame) -> None:
    lines = readme.object_table(catalogue, cells).splitlines()
    assert len(lines) == 2 + 25
    first = next(line for line in lines if "`tabell_01`" in line)
    assert [part.strip() for part in first.split("|")[4:9]] == ["86", "", "4", "", ""]


def test_a_readme_without_the_marks_is_refused() -> None:
    with pytest.raises(ConfigError, match="marks of the object table"):
        readme.filled("# nothing here", "| a |")


def test_the_two_commands_stand_first(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```\n(.*?)```", text, re.DOTALL)
    assert block is not None
    assert block.group(1).splitlines() == ["make report", "make test"]


def test_every_link_of_the_readme_leads_somewhere(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (root / target).exists(), target

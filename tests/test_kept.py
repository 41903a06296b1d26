"""What is kept of earlier builds: never stale, never damaged, and of use to another clone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import small
from groruddalen_stats import kept
from groruddalen_stats.catalogue import load
from groruddalen_stats.figures import files
from groruddalen_stats.figures.page import Canvas
from groruddalen_stats.kept import Kept
from groruddalen_stats.paths import Paths
from groruddalen_stats.report.html import page_templates
from groruddalen_stats.stages import figures
from groruddalen_stats.stages.work import Work

PARTS = st.lists(st.text(max_size=5), min_size=1, max_size=4)


@given(shows=PARTS, others=PARTS, content=st.binary(max_size=40), cut=st.integers(0, 80), bit=st.integers(0, 7))
def test_only_the_whole_of_what_was_kept_for_the_same_comes_back(
    tmp_path_factory: pytest.TempPathFactory, shows: list[str], others: list[str], content: bytes, cut: int, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    store = Kept(folder, "code")
    assert store.get(*shows) is None
    store.put(content, *shows)
    assert store.get(*shows) == content
    assert Kept(folder, "other code").get(*shows) is None
    assert store.get(*others) == (content if others == shows else None)
    (entry,) = folder.iterdir()
    whole = bytearray(entry.read_bytes())
    entry.write_bytes(whole[:cut])
    assert store.get(*shows) == (content if cut >= len(whole) else None)
    whole[cut % len(whole)] ^= 1 << bit
    entry.write_bytes(whole)
    assert store.get(*shows) is None


def test_a_compiled_template_follows_its_text_and_may_be_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    template = tmp_path / "page.html.j2"

    def rendered() -> str:
        page_templates.cache_clear()
        return page_templates(tmp_path).get_template(template.name).render()

    for text in ("one", "two"):
        template.write_text(text)
        assert rendered() == text
    compiled = [*(tmp_path / "__pycache__").iterdir()]
    assert len(compiled) == 2
    for path in compiled:
        whole = path.read_bytes()
        for damaged in (b"", whole[:60], whole[:-1] + b"x"):
            path.write_bytes(damaged)
            assert rendered() == "two"


def test_the_oldest_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 2)
    store = Kept(tmp_path, "code")
    for name in "abc":
        store.put(b"x", name)
    ages = {name: number for number, name in enumerate("bca")}
    for name, age in ages.items():
        os.utime(store._path((name,)), (age, age))
    store.tidy()
    assert [name for name in "abc" if store.get(name)] == ["a", "c"]


def test_a_folder_that_cannot_be_written_or_has_something_else_in_it_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    store = Kept(tmp_path / "file", "code")
    store.put(b"x", "a")
    assert store.get("a") is None
    store.tidy()
    store = Kept(tmp_path / "kept", "code")
    store._path(("a",)).mkdir(parents=True)
    store.put(b"x", "a")
    store.put(b"y", "b")
    store.put(b"z", "c")
    store._path(("c",)).write_bytes(store._path(("b",)).read_bytes())
    assert store.get("c") is None
    store.tidy()
    assert (store.get("a"), store.get("b")) == (None, b"y")


def drawn(paths: Paths, monkeypatch: pytest.MonkeyPatch, **run: object) -> list[str]:
    """Draw the figures of a run in this process and return the names of those that were drawn anew."""
    names: list[str] = []
    write = files.write

    def noted(figure: Canvas, svg: Path) -> str:
        names.extend([] if ".narrow" in svg.name else [svg.stem])
        return write(figure, svg)

    monkeypatch.setattr(files, "write", noted)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert figures.write(Work(load(paths, run))) is None
    monkeypatch.undo()
    return names


def test_only_what_changed_is_drawn_again_for_any_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = small.place(tmp_path / "one")
    assert drawn(paths, monkeypatch) == ["figur_01", "figur_02"]
    first = {path.name: path.read_bytes() for path in paths.figures("2010").iterdir()}
    assert drawn(paths, monkeypatch) == []
    # Figure 2 is of a year of its own: another year of welfare changes neither.
    assert drawn(paths, monkeypatch, years={"welfare": 2020}) == []
    assert drawn(paths, monkeypatch, years={"population": [2010, 2019]}) == ["figur_01"]
    # Another clone may use what this one has drawn, and a damaged or deleted store costs only time.
    other = small.place(tmp_path / "two")
    shutil.copytree(paths.kept, other.kept)
    assert drawn(other, monkeypatch) == []
    for entry in other.kept.iterdir():
        entry.write_bytes(entry.read_bytes()[:-1])
    assert drawn(other, monkeypatch) == ["figur_01", "figur_02"]
    shutil.rmtree(other.kept)
    assert drawn(other, monkeypatch) == ["figur_01", "figur_02"]
    assert {path.name: path.read_bytes() for path in other.figures("2010").iterdir()} == first


def test_what_a_figure_shows_has_one_hash_in_every_process() -> None:
    # Sets of names come in another order in every process: in a hash they would make the store useless.
    script = (
        "from groruddalen_stats.catalogue import load; from groruddalen_stats.paths import project;"
        "from groruddalen_stats.stages import figures; from groruddalen_stats.stages.work import Work;"
        "print([content.shows for content in figures.contents(Work(load(project(), {})))])"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=small.SHIPPED,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

import pytest

import small
from groruddalen_stats.areas import settings_of
from groruddalen_stats.catalogue import load
from groruddalen_stats.config.models import Run
from groruddalen_stats.errors import ConfigError, SnapshotError
from groruddalen_stats.paths import Paths
from groruddalen_stats.stages.build import build
from groruddalen_stats.workflow import (
    CHOICES,
    RUN_KEYS,
    TARGETS,
    Orders,
    Stage,
    names_of,
    objects,
    orders_of,
    put_in_place,
    require_run,
    restore,
    run_file,
    stages,
)


def test_the_snakefile_is_read_without_heavy_imports() -> None:
    heavy = "{'pandas', 'pydantic', 'matplotlib', 'numpy', 'fcntl'}"
    script = f"import sys; sys.modules['fcntl'] = None; import groruddalen_stats.workflow; print(sorted({heavy} & {{name for name, found in sys.modules.items() if found}}))"
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    # Only filelock may want fcntl, and does without it.
    assert done.stdout.strip() == "[]", done.stderr


def test_the_objects_are_listed_in_order() -> None:
    assert list(objects(small.paths().config / "appendix.yaml").items()) == [
        ("tabell_01", "table"),
        ("figur_01", "figure"),
        ("tabell_02", "table"),
        ("tabell_03", "table"),
        ("figur_02", "figure"),
    ]


@pytest.mark.parametrize("content", [b"objects: [", b"\xff\xfe", b"objects: {a: {kind: \xe5}}"])
def test_an_unreadable_catalogue_is_one_named_fault(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "appendix.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"appendix\.yaml"):
        objects(path)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"editon": "2010"}, "editon: unknown key 'editon' -> did you mean 'edition'?"),
        ({"edition": 2081}, "there is no edition '2081'"),
        ({"language": "de"}, "language: unknown 'de' -> known: en, nb"),
        ({"borders": "curent"}, "did you mean 'current'?"),
        ({"years": 2015}, "years: input should be a valid dictionary (got 2015)"),
        ({"years": {"welfare": "soon"}}, "years.welfare: input should be a valid integer (got 'soon')"),
        ({"years": {"wellfare": 2015}}, "no object has the topic 'wellfare' -> did you mean 'welfare'?"),
        *(({"year": year}, f"'{year}' is no year -> write a year such as 2024") for year in ("abc", 1850, 20244)),
        *(({"edition": name}, "edition: string should match") for name in ("2018 ny", "../2010", "20'10", ".hidden")),
        ({"area": "../bjerke"}, "area: string should match"),
    ],
)
def test_a_setting_that_is_wrong_is_blamed_on_who_gave_it(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)) as caught:
        require_run(settings_of(given, small.paths().config), given, small.paths())
    blamed = "config.yaml" if "no object has" in said else "--config"
    assert {fault.where.rpartition("/")[2].partition(":")[0] for fault in caught.value.faults} == {blamed}


def test_settings_that_are_right_are_told_without_the_slow_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groruddalen_stats.catalogue.load", None)
    for given in ({}, {"year": 2024, "area": "alna"}, {"borders": "current", "years": {"welfare": "2015"}}):
        require_run(settings_of(given, small.paths().config), given, small.paths())


def test_the_snakefile_knows_the_same_settings_as_the_model() -> None:
    assert set(Run.model_fields) == RUN_KEYS
    for key, words in CHOICES.items():
        assert set(re.findall(r"'(\w+)'", str(Run.model_fields[key].annotation))) == set(words), key


def test_the_run_is_written_only_when_it_changes(tmp_path: Path) -> None:
    path = Path(run_file({"language": "nb", "edition": 2011}, tmp_path))
    assert path == tmp_path / "run.json"
    os.utime(path, (0, 0))
    run_file({"edition": "2011", "language": "nb"}, tmp_path)
    assert path.stat().st_mtime == 0
    run_file({"edition": "2011", "language": "en"}, tmp_path)
    assert path.stat().st_mtime > 0


@pytest.mark.parametrize(
    ("settings", "numbers", "readers"),
    [
        ({}, "2011", "2011"),
        ({"language": "en"}, "2011", "2011+en"),
        ({"year": 2024, "area": "sagene", "language": "en"}, "year-2024+sagene", "year-2024+sagene+en"),
        # What an edition takes over from the report is its own year as much as one that it lists.
        ({"edition": "2018", "years": {"disability": 2017}}, "2018", "2018"),
        ({"year": 2024, "years": {"disability": 2023}}, "year-2024", "year-2024"),
        ({"year": 2024, "years": {"disability": 2022}}, "year-2024+disability-2022", "year-2024+disability-2022"),
        ({"borders": "harmonised", "years": {"disability": 2010}}, "2011", "2011"),
        ({"years": {"disability": "2015"}}, "2011+disability-2015", "2011+disability-2015"),
        (
            {"borders": "current", "language": "en", "years": {"immigrants": [2006, "2010"]}},
            "2011+borders-current+immigrants-2006_2010",
            "2011+borders-current+immigrants-2006_2010+en",
        ),
    ],
)
def test_what_a_run_differs_in_is_in_its_name(
    root: Path, settings: dict[str, object], numbers: str, readers: str
) -> None:
    config = {"edition": "2011", "language": "nb", **settings}
    paths = Paths(root)
    assert names_of(settings_of(config, paths.config), paths.editions) == (numbers, readers)
    catalogue = load(paths, config)
    assert (catalogue.numbers_name, catalogue.reader_name) == (numbers, readers)
    assert catalogue.is_print == (numbers == "2011")


# ---- orders -----------------------------------------------------------------------------------------------------


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Orders]:
    """Return a function that makes the orders of two stages anew, in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    Path("in/raw.csv").write_text("1", encoding="utf-8")
    made = {
        "cells": Stage("cells", ("in",), outputs=("cells.txt",)),
        "place": Stage("place", (), ("cells",), ("language",), ("place.txt",)),
    }
    return lambda **settings: Orders(Path("orders"), made, {"edition": "2011", **settings})


def ordered(make: Callable[..., Orders], **settings: str) -> set[str]:
    """Place orders, do what a job would do, and return the stages that were done."""
    orders = make(**settings)
    before = {name: note(orders, name) for name in orders.stages}
    orders.place()
    new = {name for name in orders.stages if note(orders, name) not in {"", before[name]}}
    found = {name for name in orders.behind("place") if not orders.is_done(name)}
    # Whatever is not done has a new order, for itself and for all that is made from it.
    assert new == ({"cells", "place"} if "cells" in found else found)
    for name in orders.behind("place"):
        if name in found:
            Path(f"{name}.txt").write_text(f"made {name}", encoding="utf-8")
            orders.finish(name)
    return found


def note(orders: Orders, name: str) -> str:
    path = Path(orders.order(name))
    return path.read_text(encoding="utf-8") if path.exists() and path.stat().st_mtime > 0 else ""


def test_contents_decide_what_is_ordered(make: Callable[..., Orders]) -> None:
    raw = Path("in/raw.csv")
    assert ordered(make) == {"cells", "place"}
    assert ordered(make) == set()
    os.utime(raw)
    assert ordered(make) == set(), "touched, not changed"
    kept = raw.stat()
    raw.write_text("2", encoding="utf-8")
    os.utime(raw, (kept.st_atime - 10**6, kept.st_mtime - 10**6))
    assert ordered(make) == {"cells", "place"}, "changed, with an older date"
    assert ordered(make, language="en") == {"place"}
    assert ordered(make, language="nb") == {"place"}


def test_an_output_that_is_gone_or_edited_is_ordered_again(make: Callable[..., Orders]) -> None:
    ordered(make)
    Path("place.txt").write_text("edited", encoding="utf-8")
    assert ordered(make) == {"place"}
    Path("cells.txt").unlink()
    assert ordered(make) == {"cells"}
    assert ordered(make) == set()


def test_what_was_ordered_and_not_done_is_ordered_again(make: Callable[..., Orders]) -> None:
    ordered(make)
    Path("in/raw.csv").write_text("2", encoding="utf-8")
    make().place()  # and the job fails
    assert ordered(make) == {"cells", "place"}
    assert ordered(make) == set()


def test_what_was_ordered_for_contents_that_are_gone_is_not_done(make: Callable[..., Orders]) -> None:
    ordered(make)
    raw = Path("in/raw.csv")
    raw.write_text("2", encoding="utf-8")
    make().place()  # a dry run
    raw.write_text("1", encoding="utf-8")
    orders = make()
    orders.place()
    for name in orders.stages:
        assert Path(orders.order(name)).stat().st_mtime < Path(f"{name}.txt").stat().st_mtime
    assert ordered(make) == set()


def test_inputs_that_change_while_a_stage_works_are_ordered_again(make: Callable[..., Orders]) -> None:
    orders = make()
    assert orders.keys
    Path("in/raw.csv").write_text("2", encoding="utf-8")
    for name in orders.stages:
        Path(f"{name}.txt").write_text("made from the old", encoding="utf-8")
        orders.finish(name)
    assert ordered(make) == {"cells", "place"}


def test_a_whole_folder_takes_the_place_of_the_last_one(tmp_path: Path) -> None:
    paths, staged = Paths(tmp_path), Paths(tmp_path, staged=True)
    place = stages("2011", "2011", {"figur_01": "figure"})["place"]
    for kind in ("figures", "report"):
        for folder, text in ((getattr(paths, kind)("2011"), "old"), (getattr(staged, kind)("2011"), "new")):
            folder.mkdir(parents=True)
            (folder / f"{text}.txt").write_text(text, encoding="utf-8")
    put_in_place(paths, "2011", place)
    for kind in ("figures", "report"):
        assert [path.name for path in (tmp_path / kind).rglob("*.*")] == ["new.txt"]


def test_a_folder_that_a_killed_process_moved_aside_comes_back(tmp_path: Path) -> None:
    aside = tmp_path / ".2011.old"
    aside.mkdir()
    (aside / "good.txt").write_text("good", encoding="utf-8")
    restore(tmp_path / "2011")
    assert (tmp_path / "2011" / "good.txt").read_text(encoding="utf-8") == "good"
    assert not aside.exists()


# ---- whole builds -----------------------------------------------------------------------------------------------


def snakemake(paths: Paths, *arguments: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, "-m", "snakemake", *arguments],
        cwd=paths.root,
        env={**os.environ, "PYTHONPATH": str(paths.root / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def jobs(done: subprocess.CompletedProcess[str]) -> set[str]:
    table = (done.stdout + done.stderr).partition("Job stats:")[2].partition("total")[0]
    return {name for name in TARGETS if f"\n{name} " in table}


@contextmanager
def edited(path: Path, content: bytes) -> Iterator[None]:
    """Let a file have another content for a while."""
    before = path.read_bytes()
    path.write_bytes(content)
    yield
    path.write_bytes(before)


def is_done(paths: Paths) -> bool:
    """Return whether nothing is left to do for the report, as the Snakefile asks."""
    with chdir(paths.root):
        orders, _, _ = orders_of(settings_of({}, Path("config")), Paths(Path()))
        return all(map(orders.is_done, orders.behind("place")))


def files(paths: Paths) -> dict[str, str]:
    """Return the sha256 of every file that readers get."""
    found = [path for kind in ("report", "figures") for path in (paths.root / kind).rglob("*.*") if path.is_file()]
    return {path.relative_to(paths.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@pytest.mark.build
def test_a_run_never_lies(tmp_path: Path) -> None:
    paths = small.place(tmp_path / "Mine [æ] 'dok'", *small.CODE)
    # A part is built alone, and the rest after it.
    assert snakemake(paths, "tables").returncode == 0
    assert {Path(name).suffix for name in files(paths)} == {".csv"}
    first = snakemake(paths)
    assert first.returncode == 0, first.stderr
    good = files(paths)
    # Per object two tables of data, per figure a drawing in three formats, pages, workbook, and what goes with them.
    assert len(good) == 2 * 5 + 2 * 3 + 15
    again = snakemake(paths, "-n")
    assert "Nothing to be done" in again.stdout + again.stderr
    style = paths.root / "src/groruddalen_stats/figures/style.py"
    with edited(style, style.read_bytes() + b"\n"):
        assert jobs(snakemake(paths, "-n")) == {"place"}
    assert is_done(paths)
    for name in (
        "requirements.lock",
        "config/indicators.yaml",
        "config/appendix.yaml",
        "config/words.csv",
        "config/claims-headings.csv",
    ):
        path = paths.root / name
        with edited(path, path.read_bytes() + b"\n"):
            assert not is_done(paths), name
    assert files(paths) == good, "a dry run changes nothing"

    # While a raw file is damaged every run fails, whatever is asked for, and what readers have stays.
    raw = paths.root / "data/raw/oslo/welfare.csv"
    kept = raw.stat()
    text = raw.read_text(encoding="utf-8")
    raw.write_text(text.replace("252", "253", 1), encoding="utf-8")
    for target in ((), ("figures/2010/figur_01.svg",)):
        failed = snakemake(paths, *target)
        assert failed.returncode != 0
        assert "welfare.csv: the file has sha256" in failed.stdout + failed.stderr
        assert "Traceback" not in failed.stdout + failed.stderr
        assert files(paths) == good
    for stage in ("place", "place_tables"):
        with pytest.raises(SnapshotError, match=r"welfare\.csv: the file has sha256"):
            build(paths, {}, stage)
    # Put back with its old date it is seen all the same.
    raw.write_text(text, encoding="utf-8")
    os.utime(raw, (kept.st_atime, kept.st_mtime))
    assert snakemake(paths).returncode == 0
    assert files(paths) == good

    # Half an intermediate and an edited output heal.
    for name in ("data/processed/observations.parquet", "report/2010/appendix.html", "figures/2010/figur_01.svg"):
        path = paths.root / name
        with edited(path, path.read_bytes()[:-1]):
            assert not is_done(paths), name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert snakemake(paths).returncode == 0
    assert files(paths) == good

    # Another year is another run, in a folder of its own, and the command on its page makes the same bytes again.
    assert snakemake(paths, "--config", "language=en", "years={welfare: 2020}").returncode == 0
    name = "2010+welfare-2020+en"
    other = files(paths)
    assert other.items() >= good.items()
    page = (paths.report(name) / "appendix.html").read_text(encoding="utf-8")
    said = re.search(r"snakemake (--config [^<]+)<", page)
    assert said is not None
    checked = json.loads((paths.report(name) / "check.json").read_text(encoding="utf-8"))
    assert checked["counts"]["not_comparable"] == 9, "table 3 is of another year than the report's"
    shutil.rmtree(paths.report(name))
    shutil.rmtree(paths.processed)
    assert snakemake(paths, *shlex.split(html.unescape(said[1]))).returncode == 0
    assert files(paths) == other

    wrong = snakemake(paths, "--config", "editon=2010")
    assert wrong.returncode != 0
    assert "did you mean 'edition'?" in wrong.stdout + wrong.stderr


@pytest.mark.slow
def test_a_build_that_is_killed_leaves_the_last_good_report(tmp_path: Path) -> None:
    paths = small.place(tmp_path, *small.CODE)
    assert snakemake(paths).returncode == 0
    good = files(paths)
    labels = paths.root / "config" / "appendix.yaml"
    text = labels.read_text(encoding="utf-8")
    for tenths in range(4, 64, 6):
        # A remark changes the contents of the input and no byte of what readers get but the manifest.
        labels.write_text(f"{text}# {tenths}\n", encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", "snakemake"],
            cwd=paths.root,
            env={**os.environ, "PYTHONPATH": str(paths.root / "src")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(timeout=tenths / 10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        without = {name: sha for name, sha in files(paths).items() if not name.endswith("manifest.json")}
        assert without.items() <= good.items()
        assert len(without) == len(good) - 1
    labels.write_text(text, encoding="utf-8")
    assert snakemake(paths).returncode == 0
    assert files(paths) == good

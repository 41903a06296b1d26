"""Raw files are handed out only as the lock has them, and change together or not at all."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import small
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.errors import ConfigError, SnapshotError
from groruddalen_stats.paths import Paths
from groruddalen_stats.raw.files import WHOLE, listed
from groruddalen_stats.raw.store import Store

TABLE = "oslo/welfare.csv"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return small.place(tmp_path)


def test_every_shipped_raw_file_is_locked_and_its_sidecar_repeats_nothing(catalogue: Catalogue) -> None:
    store = Store(catalogue.paths)
    assert store.faults() == []
    store.require_sidecars(catalogue.sources)
    assert len(store.names()) == len(store.lock.files) > 0
    named = {s.path for source in catalogue.sources.sources.values() for s in source.snapshots}
    assert named <= set(store.lock.files)


def test_a_changed_digit_names_both_hashes_and_the_remedy(paths: Paths) -> None:
    path = paths.raw / TABLE
    content = path.read_bytes()
    path.write_bytes(content.replace(b"Bydel Alna,2020,130", b"Bydel Alna,2020,131"))
    with pytest.raises(SnapshotError) as caught:
        Store(paths).read(TABLE)
    (fault,) = caught.value.faults
    digests = [hashlib.sha256(bytes_).hexdigest() for bytes_ in (path.read_bytes(), content)]
    assert fault.what == f"the file has sha256 {digests[0]} but the lock says {digests[1]}"
    assert fault.where == path.as_posix()
    assert "groruddalen-stats lock" in fault.remedy


def test_a_missing_and_an_unlocked_file_are_named(paths: Paths) -> None:
    (paths.raw / TABLE).unlink()
    (paths.raw / "ssb" / "new.csv").write_text("a\n1\n", encoding="utf-8")
    assert [(fault.what, Path(fault.where).name) for fault in Store(paths).faults()] == [
        ("the raw file cannot be read (No such file or directory)", "welfare.csv"),
        ("the raw file is not in data/raw/lock.yaml", "new.csv"),
        ("the raw file has no sidecar", "new.csv.meta.yaml"),
        ("the sidecar's raw file is gone", "welfare.csv.meta.yaml"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (TABLE, "obtained: typed\nlicence: nlod_2\n", "config/sources.yaml says the licence already"),
        ("ssb/own.csv", "obtained: typed\npublisher: sbb\n", "unknown publisher 'sbb' -> did you mean 'ssb'?"),
        ("ssb/own.csv", "table: '1'\n", "say how the file was made in either 'obtained' or 'fetched'"),
    ],
)
def test_a_sidecar_says_only_what_its_source_does_not(paths: Paths, name: str, text: str, said: str) -> None:
    (paths.raw / f"{name}.meta.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        Store(paths).require_sidecars(load(paths).sources)
    (fault,) = caught.value.faults
    assert said in str(fault)
    assert f"{name}.meta.yaml" in fault.where


def test_relocking_changes_only_what_changed(paths: Paths) -> None:
    before = paths.lock.read_bytes()
    assert Store(paths).relock() == []
    assert paths.lock.read_bytes() == before
    path = paths.raw / TABLE
    path.write_bytes(path.read_bytes().replace(b"315", b"316"))
    assert Store(paths).relock(["ssb/persons.csv"]) == []
    assert paths.lock.read_bytes() == before
    assert Store(paths).relock([TABLE]) == [TABLE]
    assert Store(paths).faults() == []
    assert b"316" in Store(paths).read(TABLE)
    path.unlink()
    assert Store(paths).relock() == [TABLE]
    assert TABLE not in Store(paths).lock.files


def test_what_is_hidden_unfinished_or_litter_is_no_raw_file(tmp_path: Path) -> None:
    for name in ("a.csv", ".hidden", "b.csv.part", "Thumbs.db", "desktop.ini"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert listed(tmp_path) == [tmp_path / "a.csv"]


class Killed(BaseException):
    """Stands for the end of the process: no handler of the program sees it as an error."""


OLD, NEW = {"a/one.json": b"old one"}, {"a/one.json": b"new one", "b/two.json": b"new two"}
OLD_BESIDE = {"a/one.json.meta.yaml": b"old side"}
NEW_BESIDE = {"a/one.json.meta.yaml": b"s", "b/two.json.meta.yaml": b"s", "../vintages/one/1.csv": b"diff"}


def kept(paths: Paths) -> dict[str, bytes]:
    return {
        os.path.relpath(path, paths.raw): path.read_bytes()
        for path in paths.raw.parent.rglob("*")
        if path.is_file() and path != paths.lock and not path.name.startswith(".")
    }


@pytest.mark.parametrize("steps", range(25))
def test_a_process_killed_after_any_step_leaves_the_old_state_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    paths = Paths(tmp_path)
    Store(paths).put(OLD, OLD_BESIDE)
    left = steps

    def mortal(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            return real(*arguments, **more)

        return call

    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr(os, "fsync", mortal(os.fsync))
        for name in ("replace", "mkdir"):
            patch.setattr(Path, name, mortal(getattr(Path, name)))
        Store(paths).put(NEW, NEW_BESIDE)
        left = -1
    new = left == -1 or (paths.raw / WHOLE).exists()
    assert all(
        content in {*OLD.values(), *NEW.values(), *OLD_BESIDE.values(), b"s", b"diff"}
        for content in kept(paths).values()
    )
    # Looking is what every reader does first, whatever it finds.
    assert Store(paths).faults() == []
    assert kept(paths) == ({**NEW, **NEW_BESIDE} if new else {**OLD, **OLD_BESIDE})
    assert (new, left == -1) == (steps >= 17, steps >= 23)
    Store(paths).put(NEW, NEW_BESIDE)
    hidden = {path.name for path in paths.raw.parent.rglob(".*")}
    assert hidden == {".guard"}


def test_a_damaged_lock_refuses_the_change(paths: Paths) -> None:
    before = kept(paths)
    paths.lock.write_text("files: [", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"lock\.yaml"):
        Store(paths).put(NEW, NEW_BESIDE)
    assert kept(paths) == before


HAMMER = """
import itertools, sys
from pathlib import Path
from groruddalen_stats.paths import Paths
from groruddalen_stats.raw.store import Store
for number in itertools.count(int(sys.argv[2])):
    new = f"{number}".encode()
    Store(Paths(Path(sys.argv[1]))).put({"a/1.json": new, "b/2.json": new}, {"a/1.json.meta.yaml": new})
    print(number, flush=True)
"""


def test_kill_9_at_random_moments_leaves_one_whole_change(tmp_path: Path) -> None:
    paths, chance, last = Paths(tmp_path), random.Random(4), 0
    for _ in range(10):
        command = [sys.executable, "-c", HAMMER, str(tmp_path), str(last + 1)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.05))
            process.kill()
            said = [last + 1, *map(int, process.stdout.read().split())]
        assert Store(paths).read("a/1.json") == Store(paths).read("b/2.json")
        last = int(Store(paths).read("a/1.json"))
        # The change after the last one that was said may have been whole already.
        assert said[-1] <= last <= said[-1] + 1
        assert (paths.raw / "a/1.json.meta.yaml").read_text(encoding="utf-8") == str(last)
        (paths.raw / "b/2.json.meta.yaml").write_text("x", encoding="utf-8")
        assert Store(paths).faults() == []

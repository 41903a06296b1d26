from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import small
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.errors import SnapshotError
from groruddalen_stats.paths import Paths
from groruddalen_stats.sources.store import Store

TABLE = "oslo/welfare.csv"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return small.place(tmp_path)


def test_every_shipped_raw_file_is_locked_and_has_a_sidecar(catalogue: Catalogue) -> None:
    store = Store(catalogue.paths)
    assert store.faults() == []
    assert len(store.names()) == len(store.lock.files) > 0
    for name in store.names():
        sidecar = store.sidecar(name)
        assert sidecar.publisher in catalogue.sources.publishers, name
        assert sidecar.licence in catalogue.sources.licences, name
    named = {s.path for source in catalogue.sources.sources.values() for s in source.snapshots}
    assert named <= set(store.lock.files)


def test_a_changed_digit_names_both_hashes_the_line_and_the_remedy(paths: Paths) -> None:
    path = paths.raw / TABLE
    content = path.read_bytes()
    path.write_bytes(
        content.replace(
            b"Bydel Alna,2020,130",
            b"Bydel Alna,2020,131",
        )
    )
    with pytest.raises(SnapshotError) as caught:
        Store(paths).read(TABLE)
    message = str(caught.value)
    assert hashlib.sha256(content).hexdigest() in message
    assert hashlib.sha256(path.read_bytes()).hexdigest() in message
    assert "Bydel Alna,2020,131" in message
    assert "groruddalen-stats lock" in message


def test_a_lost_line_says_where_the_file_starts_to_differ(paths: Paths) -> None:
    path = paths.raw / TABLE
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:5] + lines[6:]), encoding="utf-8")
    with pytest.raises(
        SnapshotError,
        match=f"has {len(lines) - 1} lines where {len(lines)} were locked, and differs from line 6",
    ):
        Store(paths).read(TABLE)


def test_a_missing_and_an_unlocked_file_are_named(paths: Paths) -> None:
    (paths.raw / TABLE).unlink()
    (paths.raw / "ssb" / "new.csv").write_text("a\n1\n", encoding="utf-8")
    faults = [str(fault) for fault in Store(paths).faults()]
    assert any("cannot be read" in fault and TABLE in fault for fault in faults)
    assert any("not in data/raw/lock.yaml" in fault and "new.csv" in fault for fault in faults)
    assert any("no sidecar" in fault and "new.csv" in fault for fault in faults)
    assert any("raw file is gone" in fault and TABLE in fault for fault in faults)


def test_relocking_changes_only_what_changed(paths: Paths) -> None:
    before = paths.lock.read_bytes()
    assert Store(paths).relock() == []
    assert paths.lock.read_bytes() == before
    path = paths.raw / TABLE
    path.write_bytes(path.read_bytes().replace(b"315", b"316"))
    assert Store(paths).relock([TABLE]) == [TABLE]
    assert Store(paths).faults() == []
    assert b"316" in Store(paths).read(TABLE)

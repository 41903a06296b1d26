"""A downloaded file becomes a snapshot whole, or is refused with its own line and column and nothing changes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

import small
from groruddalen_stats.catalogue import load
from groruddalen_stats.cli import main
from groruddalen_stats.errors import ConfigError
from groruddalen_stats.paths import Paths
from groruddalen_stats.raw.store import Store
from groruddalen_stats.stages.work import Work

SNAPSHOT = "oslo/welfare.csv"
PLACE = ["--url", "https://example.org/welfare", "--date", "2026-11-01"]
BLOCK = """    import:
      encoding: latin-1
      skip: 1
      columns: {Bydel: district, År: year, Mottakere: recipients}
      words: {district: {"01 Bjerke": Bydel Bjerke, "I alt": Oslo i alt}, recipients: {"*": ":"}}
      without: {district: [Ukjent]}
    snapshots:
      - path: oslo/welfare.csv
"""
GOOD = """Mottakere av sosialhjelp
Nr;Bydel;År;Mottakere
1;01 Bjerke;2010;110
2;Bydel Alna;2010;105
3;Bydel Frogner;2010;100
4;Sum bydeler;2010;315
5;I alt;2010;252
;Ukjent;2010;?

1;01 Bjerke;2020;80
2;Bydel Alna;2020;1 130,50
3;Bydel Frogner;2020;*
4;Sum bydeler;2020;294
5;I alt;2020;252
1;01 Bjerke;2021;85
"""


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    paths = small.place(tmp_path / "project")
    config = paths.config / "sources.yaml"
    text = config.read_text(encoding="utf-8")
    old = "    snapshots:\n      - path: oslo/welfare.csv\n"
    assert text.count(old) == 1
    config.write_text(text.replace(old, BLOCK), encoding="utf-8")
    sidecar = paths.raw / f"{SNAPSHOT}.meta.yaml"
    sidecar.write_text("obtained: made up\ntitle: {nb: Sosialhjelp, en: Assistance}\n", encoding="utf-8")
    monkeypatch.setenv("GRORUDDALEN_STATS_ROOT", str(paths.root))
    return paths


@pytest.fixture
def bring(inside: Paths) -> Callable[..., int]:
    def run(text: str = GOOD, *more: str, encoding: str = "cp1252") -> int:
        file = inside.root / "download.csv"
        file.write_bytes(text.encode(encoding))
        return main(["import", "welfare", str(file), *PLACE, *more])

    return run


def everything(paths: Paths) -> dict[str, bytes]:
    data = paths.root / "data"
    return {p.as_posix(): p.read_bytes() for p in sorted(data.rglob("*")) if p.is_file() and p.name != ".guard"}


def recipients(paths: Paths) -> float | None:
    cells = Work(load(paths, {"edition": "2020"})).cells
    (part,) = small.cell(cells, "tabell_03/alna/recipients").parts
    return part.number


def test_a_good_file_becomes_the_snapshot_and_the_cell_changes(
    bring: Callable[..., int], inside: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recipients(inside) == 130
    assert bring(GOOD, "--query", "alle bydeler") == 0
    said = capsys.readouterr().out
    assert "welfare: 1 revised, 1 added" in said
    assert "revised: recipients alna 2020: 130 -> 1130.5" in said
    assert "added: recipients bjerke 2021: nothing -> 85" in said
    content = (inside.raw / SNAPSHOT).read_text(encoding="utf-8")
    assert content.splitlines()[:3] == ["district,year,recipients", "Bydel Bjerke,2010,110", "Bydel Alna,2010,105"]
    assert content.splitlines()[7:9] == ["Bydel Alna,2020,1130.50", "Bydel Frogner,2020,:"]
    assert len(content.splitlines()) == 1 + 11
    store = Store(inside)
    assert store.faults() == []
    sidecar = store.sidecar(SNAPSHOT)
    assert sidecar.obtained is None
    assert sidecar.title is not None
    assert sidecar.fetched is not None
    assert (sidecar.fetched.moment, sidecar.fetched.url) == ("2026-11-01", "https://example.org/welfare")
    assert sidecar.fetched.query == {"chosen": "alle bydeler"}
    assert sidecar.fetched.sha256 == hashlib.sha256(GOOD.encode("cp1252")).hexdigest()
    (vintage,) = (inside.root / "data" / "vintages" / "welfare").glob("*.csv")
    assert pd.read_csv(vintage)["change"].tolist() == ["revised", "added"]
    assert recipients(inside) == 1130.5
    assert main(["validate"]) == 0
    assert main(["sources"]) == 0
    (listed,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("welfare"))
    assert listed.split()[2:6] == ["imported", "downloaded", "2026-11-01", "2010-2021"]
    first = everything(inside)
    assert bring(GOOD, "--query", "alle bydeler") == 0
    assert "no observation changed" in capsys.readouterr().out
    assert everything(inside) == first


def test_a_dry_run_tells_the_same_and_changes_nothing(
    bring: Callable[..., int], inside: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(inside)
    assert bring(GOOD, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "revised: recipients alna 2020: 130 -> 1130.5" in said
    assert "nothing under data/raw was changed" in said
    assert everything(inside) == before


REFUSED = [
    ([("Nr;Bydel;", "Nr;Bydeel;")], "download.csv:2: the column 'Bydel' is missing -> did you mean 'Bydeel'?"),
    ([("Nr;", "År;")], "download.csv:2: the column 'År' stands 2 times"),
    ([("1 130,50", "1.130,50")], "download.csv:11: '1.130,50' in column 'Mottakere' is not a number with the decimal"),
    ([(";294", ";")], "download.csv:13: '' in column 'Mottakere' is not a number"),
    (
        [("2;Bydel Alna;2010", "2;Bydel Allna;2010")],
        "download.csv:4: unknown region label 'Bydel Allna' (column 'Bydel')",
    ),
    ([("2010;105", "2O10;105")], "download.csv:4: '2O10' is not a year of 2004-2026 (column 'År')"),
    ([(";2021;85", ";2020;85")], "download.csv: lines 10, 15 give the same cell twice"),
    ([(";105", ";-105")], "download.csv:4: '-105' in column 'Mottakere' is below zero"),
    ([("2;Bydel Alna;2010;105", "2;Bydel Alna;2010")], "download.csv:4: the row has 3 fields, the header 4"),
    (
        [("2;Bydel Alna;2010;105\n", ""), ("2;Bydel Alna;2020;1 130,50\n", "")],
        "download.csv: only zeros or nothing for region alna -> download all that the snapshot in force has",
    ),
    ([(GOOD[GOOD.index("\n1;01 Bjerke;2020") :], "")], "download.csv: only zeros or nothing for period 2020"),
]


@pytest.mark.parametrize(("wrong", "said"), REFUSED, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_wrong_is_named_with_the_files_line_and_column(
    wrong: list[tuple[str, str]],
    said: str,
    bring: Callable[..., int],
    inside: Paths,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text, before = GOOD, everything(inside)
    for old, new in wrong:
        assert text.count(old) == 1
        text = text.replace(old, new)
    assert bring(text) == 1
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1
    assert everything(inside) == before


def test_another_encoding_is_named(
    bring: Callable[..., int], inside: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(inside)
    assert bring(encoding="utf-8") == 1
    assert "download.csv: the file is in UTF-8, not latin-1" in capsys.readouterr().err
    config = inside.config / "sources.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("encoding: latin-1", "encoding: utf-8"))
    assert bring() == 1
    assert "download.csv:2: byte 0xc5 is not utf-8 -> correct 'encoding'" in capsys.readouterr().err
    assert everything(inside) == before
    assert bring(GOOD.replace("\n", "\r\n"), encoding="utf-8-sig") == 0
    assert b"\r" not in (inside.raw / SNAPSHOT).read_bytes()


def test_less_is_accepted_when_the_snapshot_in_force_is_deleted(bring: Callable[..., int], inside: Paths) -> None:
    less = GOOD[: GOOD.index("\n1;01 Bjerke;2020")]
    assert bring(less) == 1
    (inside.raw / SNAPSHOT).unlink()
    assert bring(less) == 1
    assert main(["lock"]) == 0
    assert bring(less) == 0
    assert Store(inside).sidecar(SNAPSHOT).title is not None
    assert len((inside.raw / SNAPSHOT).read_text(encoding="utf-8").splitlines()) == 1 + 5


def test_a_full_disk_leaves_no_partly_written_file(
    bring: Callable[..., int], inside: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(inside)
    synced: list[int] = []

    def full(handle: int) -> None:
        synced.append(handle)
        if len(synced) == 2:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("groruddalen_stats.raw.files.os.fsync", full)
        assert bring() == 1
    assert "No space left" in capsys.readouterr().err
    assert {p: c for p, c in everything(inside).items() if not p.endswith(".part")} == before
    assert Store(inside).faults() == []
    assert bring() == 0
    assert not [path for path in everything(inside) if path.endswith(".part")]


def test_names_addresses_and_provenance_are_asked_for(
    bring: Callable[..., int], inside: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(inside)
    file = str(tmp_path / "none.csv")
    assert main(["import", "welfaer", file, *PLACE]) == 2
    assert "did you mean 'welfare'?" in capsys.readouterr().err
    assert main(["import", "persons", file, *PLACE]) == 2
    assert "Others need an 'import' block" in capsys.readouterr().err
    assert main(["import", "welfare", file, *PLACE]) == 1
    assert "none.csv: the file cannot be read (No such file or directory)" in capsys.readouterr().err
    assert bring(GOOD, "--url", "a friend") == 2
    assert "--url: 'a friend' is no web address" in capsys.readouterr().err
    for lacking in (PLACE[:2], PLACE[2:], [*PLACE[:3], "yesterday"]):
        with pytest.raises(SystemExit) as caught:
            main(["import", "welfare", file, *lacking])
        assert caught.value.code == 2
    assert everything(inside) == before


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("År: year", "År: aar", "'import' fills no column 'year', which the snapshot needs"),
        ("År: year", "År: district", "column 'district' is filled twice"),
        ("without: {district", "without: {distrikt", "nothing fills the column 'distrikt'"),
    ],
)
def test_a_block_that_cannot_make_the_snapshot_is_a_fault(old: str, new: str, said: str, inside: Paths) -> None:
    config = inside.config / "sources.yaml"
    text = config.read_text(encoding="utf-8")
    assert text.count(old) == 1
    config.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        _ = load(inside).sources


SHIPPED = {
    "husbanken_bostotte": (
        "utf-8",
        "KommuneNr;År;BostøtteSøknadTeller;BostøtteAvslagTeller;BostøtteVedtakTeller;BostøtteUtbetalingTeller\n",
        {"Bjerke": "0319", "Grorud": "0320", "Stovner": "0321", "Alna": "0322"},
        "",
    ),
    "nav_uforepensjon": (
        "cp1252",
        "Fylkesnr;Fylke;År;Kjønn;Prosent\n",
        {"both": "Begge kjønn", "women": "Kvinner"},
        "46;Vestland;2020;Menn;1,0\n",
    ),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_blocks_read_the_snapshot_in_force_back(
    name: str, copied: Callable[..., Paths], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = copied()
    monkeypatch.setenv("GRORUDDALEN_STATS_ROOT", str(paths.root))
    encoding, header, words, left = SHIPPED[name]
    source = load(paths).sources.sources[name]
    path = paths.raw / source.snapshots[0].path
    before = path.read_bytes()
    rows = [line.split(",") for line in before.decode().splitlines()[1:]]
    text = header + "".join(
        ";".join(words.get(cell, re.sub(r"(?<=\d)\.(?=\d)", ",", cell)) for cell in row) + "\n" for row in rows
    )
    file = paths.root / "export.csv"
    file.write_bytes((text + left).encode(encoding))
    assert main(["import", name, str(file), *PLACE]) == 0
    assert "no observation changed" in capsys.readouterr().out
    assert path.read_bytes() == before
    assert Store(paths).faults() == []

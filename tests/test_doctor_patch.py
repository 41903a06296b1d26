"""`doctor --write` proposes what a drift with one clear answer asks for, and nothing where there are two."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from groruddalen_stats.cli import main
from groruddalen_stats.config.load import own_nodes
from groruddalen_stats.live.doctor import title_stem
from groruddalen_stats.live.patch import Edit, patch
from groruddalen_stats.paths import Paths
from groruddalen_stats.pxtable.selection import respelled
from standin import StandIn
from standin.server import V2
from standin.tables import BYDELS, STO013_REGIONS, oslo_sto013, ssb_10826
from standin.world import environment

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not there")
FILE, TABLE = "oslo_sto013", "OK-STØ013.px"


@pytest.fixture
def stand(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with StandIn([ssb_10826(), oslo_sto013((*STO013_REGIONS, *BYDELS[4:]))]) as server:
        for name, url in environment(server.root).items():
            monkeypatch.setenv(name, url)
        yield server


@pytest.fixture
def inside(copied: Callable[..., Paths], monkeypatch: pytest.MonkeyPatch) -> Paths:
    paths = copied("config")
    monkeypatch.setenv("GRORUDDALEN_STATS_ROOT", str(paths.root))
    return paths


def source(paths: Paths, name: str = FILE) -> Path:
    return paths.config / "sources" / f"{name}.yaml"


def edited(path: Path, *pairs: tuple[str, str]) -> bytes:
    """Write each second text for the first and return what stood there before."""
    before = path.read_bytes()
    text = before.decode()
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_bytes(text.encode())
    return before


def apply(paths: Paths) -> None:
    subprocess.run(["git", "apply", paths.patch], cwd=paths.root, check=True)


CLEAR = [
    (FILE, [("    alna: Bydel Alna\n", "    alna: Bydel Allna  # as they spell it\n")]),
    (FILE, [("stovner: Bydel Stovner\n", 'stovner: "Bydel Stovnar"\n')]),
    (FILE, [("variable: bydel\n", "variable: bydeler\n")]),
    (FILE, [("_affected: Berørte av sosialhjelp", "_affected: 'Berørte av sosial-hjelp'")]),
    (FILE, [("only: Antall}", "only: Antal}")]),
    (FILE, [("required: [2009, 2010]", "required: [2004, 2009, 2010]")]),
    ("ssb_10826", [("women: Kvinner}", "women: Kvinnner}")]),
    ("ssb_10826", [(" 030100aa]", " 030100aaa]")]),
]


@pytest.mark.parametrize(("name", "wrong"), CLEAR, ids=lambda value: value[0][1] if isinstance(value, list) else value)
def test_a_wrong_entry_becomes_the_right_one_again(
    name: str,
    wrong: list[tuple[str, str]],
    stand: StandIn,
    inside: Paths,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = source(inside, name)
    before = edited(path, *wrong)
    damaged = path.read_bytes()
    assert main(["doctor", name]) == 3
    assert not inside.patch.exists()
    assert main(["doctor", "--write", name]) == 3
    assert f"config/sources/{name}.yaml:" in capsys.readouterr().out.partition("proposed:")[2]
    assert path.read_bytes() == damaged
    apply(inside)
    right = path.read_text(encoding="utf-8").replace("  # as they spell it", "")
    for sign in "'\"":  # the style of what stood there is kept
        right = right.replace(f"{sign}Bydel Stovner{sign}", "Bydel Stovner")
        right = right.replace(f"{sign}Berørte av sosialhjelp{sign}", "Berørte av sosialhjelp")
    assert right.encode() == before
    assert main(["doctor", "--write", name]) == 0
    assert not inside.patch.exists()
    assert not any(method == "POST" or "/data" in path for method, path, _ in stand.asked)


AMBIGUOUS = [
    # Two labels that are gone are both near the one on offer; one that is near is what another entry means.
    [("alna: Bydel Alna\n", "alna: Bydel Allna\n"), ("grorud: Bydel Grorud\n", "grorud: Bydel Alnna\n")],
    [("alna: Bydel Alna\n", "alna: Bydel Bjerkee\n")],
    # Other words, one word more, or another number may mean something else.
    [("alna: Bydel Alna\n", "alna: Bydel Alna vest\n")],
    [("alna: Bydel Alna\n", "alna: Bydel Alna 2\n")],
    # A year to come is no year that is gone.
    [("required: [2009, 2010]", "required: [2009, 2030]")],
    [("table: OK-STØ013\n", "table: OK-STØ113\n")],
]


@pytest.mark.parametrize("wrong", AMBIGUOUS, ids=lambda value: value[-1][1])
@pytest.mark.usefixtures("stand")
def test_what_is_not_clear_is_only_told(
    wrong: list[tuple[str, str]], inside: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    edited(source(inside), *wrong)
    inside.patch.parent.mkdir()
    inside.patch.write_text("of an earlier day")
    assert main(["doctor", "--write", FILE]) == 3
    said = capsys.readouterr()
    assert "sources/oslo_sto013.yaml:" in said.err
    assert "there is no patch" in said.out
    assert not inside.patch.exists()


def test_the_snapshot_in_force_is_still_read_by_its_own_wording(stand: StandIn, inside: Paths) -> None:
    assert main(["fetch", FILE]) == 0
    table = stand.tables[TABLE]
    bydel = table.columns[1]
    labels = tuple("Alna bydel" if label == "Bydel Alna" else label for label in bydel.labels)
    stand.tables[TABLE] = replace(table, columns=(table.columns[0], replace(bydel, labels=labels), *table.columns[2:]))
    assert main(["doctor", "--write", FILE]) == 3
    apply(inside)
    assert "alna: Bydel Alna | Alna bydel\n" in source(inside).read_text(encoding="utf-8")
    assert main(["doctor", FILE]) == 0
    assert main(["fetch", FILE]) == 0  # what is lost since would be refused: both are read


@pytest.mark.parametrize("folder", ["", "Trygd/Ny"])
def test_a_table_that_is_gone_has_the_successor_of_its_title(folder: str, stand: StandIn, inside: Paths) -> None:
    assert main(["fetch", FILE, "ssb_10826"]) == 0
    old = stand.tables.pop(TABLE)
    stand.tables["OK-STØ031.px"] = replace(old, id="OK-STØ031.px", folder=folder or old.folder)
    title = "99826: Alders- og kjønnsfordeling (B) 2003-2012"
    stand.tables["99826"] = replace(stand.tables.pop("10826"), id="99826", title=title)
    assert main(["doctor", "--write", FILE, "ssb_10826"]) == 3
    apply(inside)
    text = source(inside).read_text(encoding="utf-8")
    assert "\ntable: OK-STØ031\n" in text
    assert not folder or f"  folder: {folder}\n" in text
    assert '\ntable: "99826"\n' in source(inside, "ssb_10826").read_text(encoding="utf-8")
    assert main(["doctor", FILE, "ssb_10826"]) == 0


def test_of_two_successors_none_is_chosen(stand: StandIn, inside: Paths) -> None:
    assert main(["fetch", "ssb_10826"]) == 0
    old = stand.tables.pop("10826")
    for name in ("10827", "10828"):
        stand.tables[name] = replace(old, id=name)
    assert main(["doctor", "--write", "ssb_10826"]) == 3
    assert not inside.patch.exists()
    assert any(path.startswith(f"{V2}/tables?") for _, path, _ in stand.asked)


def test_a_title_is_compared_without_what_publishers_add() -> None:
    assert title_stem("06493: N1. Konsern - Kommunale boliger (K) (avslutta serie) 2000-2016") == (
        "N1. Konsern - Kommunale boliger"
    )
    assert title_stem("OK-STØ013: Berørte etter bydel (D) 2005 – 2023") == "Berørte etter bydel"
    for title in ("Husholdninger etter bydel", "Folketelling 2001"):
        assert title_stem(title) == title


def test_another_spelling_is_no_other_meaning() -> None:
    def one(wording: str, *offered: str) -> str | None:
        return respelled(wording, [(name,) for name in offered])

    assert one("Bydel Bjerke | Bjerke", "Bjerke bydel", "Bydel Grorud") == "Bjerke bydel"
    assert one("Sosialhjelpsmottakere i alt", "Sosialhjelpmottakere i alt") == "Sosialhjelpmottakere i alt"
    for old, new in (("menn", "kvinner"), ("men", "women"), ("bosatte", "ikke bosatte"), ("with", "without")):
        assert one(old, new) is None
    assert one("0319", "0311") is None
    assert one("Bydel Alna", "Bydel Allna", "Bydel Alnna") is None
    assert respelled("region", [("Region", "KOKregion0000"), ("regionen", "x")]) is None


def test_an_edit_changes_its_own_place_only(tmp_path: Path) -> None:
    config = tmp_path / "sources.yaml"
    text = "a: &names [x, y]\nb: *names\nc: {d: æ, e: one}\nf:\n  - 1  # why\n  - 2\ng:\r\n  - 3\r\n  - 4"
    config.write_bytes(text.encode())
    assert ("a", 0) not in own_nodes(text)
    edits = [
        Edit(("a", 0), "z"),
        Edit(("c", "e"), "two, three"),
        Edit(("f",), (2,)),
        Edit(("g",), (4,)),
        Edit(("h",), "none"),
    ]
    diff, told = patch(config, tmp_path, edits)
    assert told == ["sources.yaml:3: 'two, three'", "sources.yaml:8: [4]"]
    (tmp_path / "p").write_bytes(diff.encode())
    subprocess.run(["git", "apply", "p"], cwd=tmp_path, check=True)
    after = text.replace("e: one", 'e: "two, three"').replace("- 3\r\n  - 4", "[4]")
    assert config.read_bytes() == after.encode()

"""Bad input: each fault is named in one line with file, line and remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import small
from groruddalen_stats.catalogue import load
from groruddalen_stats.cli import main
from groruddalen_stats.errors import ConfigError, SnapshotError
from groruddalen_stats.paths import Paths
from groruddalen_stats.strictyaml import read_yaml
from groruddalen_stats.tidy.observations import read_snapshot
from groruddalen_stats.workflow import objects

HEADER = "region,year,measure,persons\n"
GOOD = "Oslo i alt,2010,recipients,18163\nOslo i alt,2010,persons_affected,30000\n"
ROW_3 = ":4: "  # the header, two good rows, and then the bad one


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: 1\ndate: 2011-13-45\n", ":2: '2011-13-45' is no value"),
        (b"a: 1\n\tb: 2\n", ":2: a tabulator at the beginning of the line -> write blanks"),
        (b"a: 1\nb: caf\xe9\n", ":2: not UTF-8: byte 0xe9"),
        ("a: 1\n".encode("utf-16"), ":1: not UTF-8 but UTF-16"),
        (b"a: 1\nb: x\0y\n", ":2: the character 0x00"),
        (b"a: 1\nb: *gone\n", ":2: found undefined alias"),
        (b"a: 1\n? [x]\n: 2\n", ":1: "),
    ],
    ids=["date", "tab", "latin-1", "utf-16", "nul", "alias", "list as key"],
)
def test_a_file_that_is_no_yaml_is_named_with_its_line(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_yaml(path)
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_yaml(path) == {"a": 1}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Oslo i alt,2011,recipient,1\n", "'recipient' in column 'measure' is not 'recipients'"),
        ("Oslo i alt,2011,Persons Affected,1\n", "is not 'persons_affected'"),
        ("Oslo i alt,1811,recipients,1\n", "'1811' is not a year"),
        ("Oslo i alt,2011-13,recipients,1\n", "'2011-13' is not a year"),
        ("Oslo i alt,2011K1,recipients,1\n", "'2011K1' is not a year"),
        ("Oslo i alt,2011,recipients,-1\n", "below zero"),
        ("Oslo i alt,2011,recipients\n", "the row has 3 fields"),
        ("Oslo i alt,2011,recipients,1,2\n", "the row has 5 fields"),
        ("Oslo i allt,2011,recipients,1\n", "did you mean 'Oslo i alt'?"),
    ],
)
def test_a_bad_row_is_named_with_its_line(copied: Callable[..., Paths], row: str, words: str) -> None:
    catalogue = load(copied("config"))
    source = catalogue.sources.sources["oslo_sto013"]
    content = (HEADER + GOOD + row).encode()
    with pytest.raises(SnapshotError) as caught:
        read_snapshot("oslo_sto013", source, source.snapshots[0], content, catalogue)
    assert ROW_3 in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("sources/oslo_sto013.yaml", "Bydel Bjerke: bjerke\n", "Bydel Bjerke: bjerka\n", "did you mean 'bjerke'?"),
        ("sources.yaml", "licence: quotation", "licence: quotaton", "did you mean 'quotation'?"),
        ("sources/oslo_utdanning.yaml", "fetch: {search: utdanningsnivå}", "fetch: utdanningsnivå", "fetch: "),
        ("sources/oslo_sos006.yaml", "Kvinner: women", "Kvinner: woman", "did you mean 'women'?"),
        ("sources/ssb_07459.yaml", "take_of: akershus\n", "take_of: akershuss\n", "did you mean 'akershus'?"),
        ("objects/tabell_01.yaml", "{population.span}", "{populatoin.span}", "did you mean 'population'?"),
        ("objects/tabell_01.yaml", "{population.span}", "{population.spam}", "did you mean 'span'?"),
        ("palette.csv", "other,#6b6b6b", "other,grayish", "other: colour"),
        ("indicators.yaml", "scale: 100", "scale: 0", "scale"),
    ],
)
def test_a_word_that_stands_for_nothing_is_named(
    copied: Callable[..., Paths], file: str, old: str, new: str, words: str
) -> None:
    paths = copied("config")
    small.edit(paths.config / file, old, new)
    with pytest.raises(ConfigError) as caught:
        load(paths).require_valid()
    assert words in str(caught.value)
    assert f"{file}:" in str(caught.value)


def test_validity_that_runs_backwards_is_named(copied: Callable[..., Paths]) -> None:
    paths = copied("config")
    small.edit(paths.config / "regions.yaml", "known: {first: 2001-01-01", "known: {first: 2031-01-01")
    with pytest.raises(ConfigError, match="2031-01-01 is after"):
        _ = load(paths).regions


@pytest.mark.parametrize("content", ["", "[]", "objects:\n", "objects: {}\n"])
def test_an_appendix_without_objects_is_no_success(tmp_path: Path, content: str) -> None:
    path = tmp_path / "appendix.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match="no objects"):
        objects(path)


def test_a_word_of_the_report_that_is_missing_is_named(copied: Callable[..., Paths]) -> None:
    labels = load(copied("config")).labels
    with pytest.raises(
        ConfigError, match=r"config/words.csv words: the key 'mising' is missing -> did you mean 'missing'"
    ):
        _ = labels.words["mising"]


def test_a_wrong_value_is_blamed_on_who_gave_it(copied: Callable[..., Paths]) -> None:
    paths = copied("config")
    with pytest.raises(ConfigError, match=r"^--config: borders"):
        load(paths, {"borders": "moved"})
    small.edit(paths.config / "config.yaml", "borders: harmonised", "borders: moved")
    with pytest.raises(ConfigError, match=r"config\.yaml:\d+: borders"):
        load(paths, {"edition": "2018"})


IDENTITIES = """identities:
  districts:
    says: the districts together are Oslo
    left: {series: population, source: persons, region: [bjerke, alna, frogner]}
    right: {series: population, source: persons, region: [oslo]}
    by: [period, sex]
jumps: {times: 4, years: 3}
"""


def test_ten_persons_too_many_in_a_year_that_is_not_printed_are_seen(
    inside: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    (inside.config / "identities.yaml").write_text(IDENTITIES, encoding="utf-8")
    assert main(["validate"]) == 0
    raw = inside.raw / "ssb" / "persons.csv"
    line = next(line for line in raw.read_text(encoding="utf-8").splitlines() if "2020,women," in line)
    head, _, number = line.rpartition(",")
    small.edit(raw, line, f"{head},{int(number) + 10}")
    assert main(["lock"]) == 0
    for command in ("validate", "check"):
        capsys.readouterr()
        assert main([command]) == 1
        said = capsys.readouterr().err
        (told,) = (line for line in said.splitlines() if "not so: the districts together are Oslo: 2020/women " in line)
        assert told.count("persons.csv#L") == 2


def test_a_lost_row_falls_below_the_floor(inside: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["floors"]) == 0
    assert main(["check"]) == 0
    small.edit(inside.raw / "oslo" / "welfare.csv", "Bydel Alna,2020,130\n", "")
    assert main(["lock"]) == 0
    capsys.readouterr()
    assert main(["check"]) == 1
    said = capsys.readouterr().err
    assert "edition 2020, " in said
    assert "alna/" in said
    assert main(["floors"]) == 1
    assert main(["floors", "--lower", "the table was withdrawn"]) == 0
    assert main(["check"]) == 0


def test_validate_names_every_fault_in_one_go(inside: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    path = inside.raw / "oslo" / "welfare.csv.meta.yaml"
    wrong = "".join(f"licence{number}: x\n" for number in range(15))
    path.write_text(path.read_text(encoding="utf-8") + wrong, encoding="utf-8")
    assert main(["validate"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 15
    assert "did you mean 'licence'?" in said[0]

from __future__ import annotations

import csv
import datetime as dt
import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import small
from groruddalen_stats.appendix.compute import finder
from groruddalen_stats.appendix.find import Observations
from groruddalen_stats.appendix.model import Value
from groruddalen_stats.appendix.terms import Term
from groruddalen_stats.catalogue import load as load_catalogue
from groruddalen_stats.config.load import load_model
from groruddalen_stats.errors import ConfigError, RegionError
from groruddalen_stats.paths import Paths
from groruddalen_stats.regions import Policy, Resolution, load
from groruddalen_stats.regions.models import RegionsFile
from groruddalen_stats.regions.units import places_in
from groruddalen_stats.stages.work import Work
from workbench import embedded

PROJECT = Path(__file__).parents[1]
CONFIG = PROJECT / "config" / "regions.yaml"
REGIONS = load(CONFIG)
FILE = load_model(RegionsFile, CONFIG)
PLACES = places_in(CONFIG)
MUNICIPALITIES = {unit.id: unit for unit in PLACES if unit.kind == "municipalities"}
COUNTIES = {unit.id: unit for unit in PLACES if unit.kind == "counties"}
BYDELER = [unit.id for unit in PLACES if unit.kind == "bydeler"]
DAY = dt.timedelta(days=1)
FIRST, LAST = dt.date(2001, 1, 1), dt.date(2026, 12, 31)
AKERSHUS = ("follo", "nedre_romerike", "ovre_romerike", "asker_og_baerum")
AREAS = ("indre_ost", "indre_vest", "ytre_vest", "groruddalen", "ytre_sor")
RINGS = ("drammensregionen", *(key for key in REGIONS.groups() if "ring" in key.split("_")))
POLICIES: tuple[Policy, ...] = get_args(Policy)

dates = st.dates(FIRST, LAST)
spans = st.tuples(dates, dates).map(lambda pair: (min(pair), max(pair)))
places = st.sampled_from(REGIONS.groups()) | st.sampled_from([*MUNICIPALITIES, *COUNTIES, "norge"])


def day(year: int, month: int = 1, number: int = 1) -> dt.date:
    return dt.date(year, month, number)


def units(
    region: str, date: dt.date, policy: Policy = "harmonised", span: tuple[dt.date, dt.date] | None = None
) -> tuple[str, ...]:
    """Return the municipalities or bydeler that a region is the sum of; nothing when it is missing."""
    found = REGIONS.resolve(region, date, policy, span)
    if found.exact and len(found.alternatives) > 1:
        return found.alternatives[1]
    return found.alternatives[0] if found.alternatives else ()


def validity() -> Iterator[tuple[str, dt.date, dt.date, Sequence[str]]]:
    for place in PLACES:
        if place.kind not in {"country", "counties"}:
            yield place.id, place.first, place.last, place.successors


VALID = {key: (first, last) for key, first, last, _ in validity()}
CHANGES = sorted({FIRST, *(last + DAY for _, _, last, _ in validity() if last < LAST)})  # nothing moves in between


def closed_world(seed: int) -> dict[dt.date, dict[str, int]]:
    """Return synthetic people per unit after every change of borders: nobody is born, dies or moves.

    Only the successors in the file carry people on; where a place was divided each part gets someone. The sum over
    a region that is on one border must then be the same at every date.
    """
    chance = random.Random(seed)
    here = {key: chance.randrange(1000, 10**6) for key, first, last, _ in validity() if first <= FIRST <= last}
    world = {FIRST: dict(here)}
    for change in CHANGES[1:]:
        for key, _, last, successors in validity():
            if last > LAST or last + DAY != change:
                continue
            people = here.pop(key)
            for successor in successors[:-1]:
                part = chance.randrange(1, people // len(successors))
                here[successor] = here.get(successor, 0) + part
                people -= part
            here[successors[-1]] = here.get(successors[-1], 0) + people
        world[change] = dict(here)
    return world


WORLD = closed_world(2011)


def people(names: tuple[str, ...], date: dt.date) -> int:
    now = WORLD[max(change for change in CHANGES if change <= date)]
    return sum(now[name] for name in names)


def settled(place: str, policy: Policy, date: dt.date, last: dt.date) -> dt.date:
    """Return the date whose borders a place has in a series until a last date."""
    at = {"report": FILE.reference_date, "current": date, "harmonised": last}[policy]
    unit = {**MUNICIPALITIES, **COUNTIES}.get(place)
    return unit.nearest(at) if unit else at


@settings(max_examples=200)
@given(dates, spans, st.sampled_from(POLICIES), places)
def test_a_place_is_a_sum_of_units_each_once_with_the_same_people_at_every_date(
    date: dt.date, span: tuple[dt.date, dt.date], policy: Policy, place: str
) -> None:
    span = (min(date, span[0]), max(date, span[1]))
    try:
        found = REGIONS.resolve(place, date, policy, span)
    except RegionError:
        assert place not in VALID or not VALID[place][0] <= date <= VALID[place][1]
        return
    assert bool(found.alternatives) == (found.missing is None)
    assert all(len(set(way)) == len(way) > 0 for way in found.alternatives)
    at = settled(place, policy, date, span[1])
    if place in REGIONS.groups():
        assert found.exact == ((place,) in found.alternatives)
        now, whole = (
            units(place, date, policy, span),
            units(place, at, policy, span if policy == "harmonised" else None),
        )
    elif found.missing is None:
        assert found.exact == ((place,) in found.alternatives) or found.alternatives[-1] == (place,)
        now, whole = found.alternatives[-1], REGIONS.municipalities_in(place, at)
    if found.missing is None:
        assert all(VALID[name][0] <= date <= VALID[name][1] for name in now)
        assert people(now, date) == people(whole, at) > 0


@given(dates, spans, st.sampled_from(POLICIES))
def test_parts_add_up_to_their_whole(date: dt.date, span: tuple[dt.date, dt.date], policy: Policy) -> None:
    span = (min(date, span[0]), max(date, span[1]))
    parts = [units(group, date, policy, span) for group in AKERSHUS]
    whole = units("akershus", date, policy, span)
    if whole:
        assert sorted(name for part in parts for name in part) == sorted(whole)
    else:
        assert policy == "report"
        assert date >= day(2020)
    rings = [name for ring in RINGS for name in units(ring, date, policy, span)]
    assert len(set(rings)) == len(rings)
    bydeler = [name for area in AREAS for name in units(area, date, policy, span)]
    if date >= day(2004):
        assert len(set(bydeler)) == len(bydeler) == 17
        assert set(bydeler) == set(BYDELER) - {"oslo_uoppgitt"}
    else:
        assert not bydeler


@given(dates)
def test_the_current_border_is_the_harmonised_one_of_a_single_date(date: dt.date) -> None:
    for group in REGIONS.groups():
        assert units(group, date, "current", (FIRST, LAST)) == units(group, date, "harmonised")


@given(spans)
def test_harmonised_is_the_border_of_the_report_until_a_break_is_reached(span: tuple[dt.date, dt.date]) -> None:
    for group in (*AKERSHUS, "akershus", "vestomradet", *RINGS):
        found = REGIONS.resolve(group, span[0], "harmonised", span)
        assert found.breaks == REGIONS.breaks_between(group, dt.date.min, span[1])
        assert found.exact == (set(found.breaks) <= {"B5"})


def test_back_cast_regions_have_the_people_that_the_mergers_brought() -> None:
    span = (day(2005), day(2024))

    def total(group: str, policy: Policy) -> int:
        return sum(persons()[unit, 2011] for unit in units(group, day(2011), policy, span))

    assert total("nedre_romerike", "report") == 151_252
    assert total("asker_og_baerum", "harmonised") - total("asker_og_baerum", "report") == 28_419
    assert total("ovre_romerike", "harmonised") - total("ovre_romerike", "report") == 678
    assert total("akershus", "harmonised") - total("akershus", "report") == 28_419 + 678


def test_akershus_is_the_county_only_while_there_is_one() -> None:
    assert REGIONS.resolve("akershus", day(2019, 12, 31)).alternatives[2:] == (("f02",), AKERSHUS)
    for policy in POLICIES:
        late = REGIONS.resolve("akershus", day(2024), policy)
        assert not [way for way in late.alternatives if way[0].startswith("f")]
    back_cast = REGIONS.resolve("akershus", day(2011), "harmonised", (day(2005), day(2024)))
    assert (len(back_cast.alternatives), len(back_cast.alternatives[0])) == (1, 25)


DRAMMEN = "k0602 k0621 k0623 k0624 k0625 k0626 k0711"


@pytest.mark.parametrize(
    ("group", "date", "policy", "last", "expected"),
    [
        ("asker_og_baerum", day(2015), "harmonised", day(2024), ("k0219 k0220 k0627 k0628", "B1")),
        ("asker_og_baerum", day(2015), "current", day(2024), ("k0219 k0220", "")),
        ("vestomradet", day(2024), "current", day(2024), ("k3201 k3203", "B1")),
        ("ovre_romerike", day(2020), "harmonised", day(2020), ("k3026 k3033 k3034 k3035 k3036 k3037", "B4 B5")),
        ("nedre_romerike", day(2024), "report", day(2024), ("k3205 k3222 k3224 k3230 k3232", "B5")),
        ("drammensregionen", day(2011), "harmonised", day(2020), (DRAMMEN, "B1 B2")),
        ("indre_ring_nord_ost", day(2026), "current", day(2026), ("k3205 k3222 k3224 k3230 k3232 k3234", "B3")),
        ("ytre_ring_nord_ost", day(2024), "current", day(2024), ("k3209 k3226 k3228 k3238 k3240 k3242", "B3 B4")),
        ("asker_og_baerum", day(2020), "report", day(2020), ("", "B1")),
        ("follo", day(2020), "report", day(2020), ("k3019 k3020 k3021 k3022 k3023 k3028", "")),
    ],
)
def test_regions_after_a_break(
    group: str, date: dt.date, policy: Policy, last: dt.date, expected: tuple[str, str]
) -> None:
    parts, breaks = expected
    found = REGIONS.resolve(group, date, policy, (date, last))
    assert units(group, date, policy, (date, last)) == tuple(parts.split())
    assert found.breaks == tuple(breaks.split())
    assert found.missing == (None if parts else "moved_border")


def test_ekstra_ring_gives_and_takes() -> None:
    report = set(units("ekstra_ring", day(2011), "report"))
    for last, left, joined in [
        (day(2017, 12, 31), set(), set()),
        (day(2018), {"k0728"}, {"k0723"}),
        (day(2020), {"k0728", "k0711", "k0121"}, {"k0723"}),
    ]:
        assert set(units("ekstra_ring", day(2011), "harmonised", (day(2011), last))) == report - left | joined
    assert {"k0716u", "k0718"} < set(units("ekstra_ring", day(2001)))
    assert {"k0716u", "k0718", "k0716"} & set(units("ekstra_ring", day(2002))) == {"k0716"}


def test_bydeler_before_2004_come_from_whole_old_ones_or_not_at_all() -> None:
    eve = day(2003, 12, 31)
    assert REGIONS.resolve("bjerke", eve).alternatives == (("bjerke",), ("b1988_20",))
    assert REGIONS.resolve("grorud", eve).alternatives == (("grorud",), ("b1988_18", "b1988_19"))
    for region in ("stovner", "alna", *AREAS):
        missing = Resolution(eve, missing="old_bydeler")
        assert REGIONS.resolve(region, eve, span=(FIRST, LAST)) == missing
    for bydel in BYDELER:
        assert REGIONS.resolve(bydel, day(2004)).alternatives == ((bydel,),)
    parts = ("bjerke", "grorud", "stovner", "alna")
    assert REGIONS.resolve("groruddalen", day(2004)).alternatives == (("groruddalen",), parts)


def test_outside_the_known_period_a_region_is_missing_with_a_reason() -> None:
    for date in (day(2000, 12, 31), day(2027)):
        assert REGIONS.resolve("follo", date).missing == "unknown_borders"
        assert REGIONS.resolve("bjerke", date).missing == "unknown_borders"
    assert REGIONS.resolve("oslo", day(2030)).alternatives == (("oslo",),)


@pytest.mark.parametrize(
    ("scheme", "code", "year", "unit"),
    [
        ("ssb_statbank", "030109a", 2004, "bjerke"),
        ("ssb_statbank", "030109", 2003, "b1988_09"),
        ("ssb_statbank", "030120", 2001, "b1988_20"),
        ("ssb_statbank", "030100aa", 2011, "oslo"),
        ("ssb_statbank", "030100a", 2001, "oslo"),
        ("ssb_statbank", "030199a", 2011, "oslo_uoppgitt"),
        ("ssb_statbank", "0301", 2011, "oslo"),
        ("ssb_statbank", "03", 2011, "oslo"),
        ("ssb_statbank", "0", 2011, "norge"),
        ("ssb_statbank", "0716u", 2001, "k0716u"),
        ("klass", "0716", 2001, "k0716u"),
        ("klass", "0716", 2002, "k0716"),
        ("klass", "0219", 2019, "k0219"),
        ("klass", "02", 2019, "f02"),
        ("klass", "32", 2024, "f32"),
        ("klass", "030109", 2004, "bjerke"),
        ("kostra", "030109", 2015, "bjerke"),
        ("kostra", "EAK", 2015, "norge"),
    ],
)
def test_a_code_is_the_unit_it_stands_for_at_the_date(scheme: str, code: str, year: int, unit: str) -> None:
    assert REGIONS.unit(scheme, code, day(year)) == unit


@pytest.mark.parametrize(
    ("scheme", "code", "year", "told"),
    [
        ("klass", "030109", 2003, ["Bjerke from 2004-01-01", "Søndre Nordstrand until 2003-12-31", "030120"]),
        ("klass", "030111", 2003, ["Bøler until 2003-12-31", "030117", "the borders differ"]),
        ("ssb_statbank", "030109", 2011, ["use 030115a (Søndre Nordstrand)", "030109a is Bjerke"]),
        ("ssb_statbank", "030109a", 2003, ["use 030120 (Bjerke)"]),
        ("ssb_statbank", "030100aa", 2003, ["Oslo from 2004-01-01"]),
        ("ssb_statbank", "0716", 2001, ["use 0716u (Våle) + 0718 (Ramnes)"]),
        ("klass", "0219", 2021, ["Bærum until 2019-12-31", "use 3024 (Bærum)"]),
        ("klass", "0219", 2025, ["use 3201 (Bærum)"]),
        ("klass", "3025", 2015, ["use 0220 (Asker) + 0627 (Røyken) + 0628 (Hurum)"]),
        ("klass", "0220", 2021, ["use 3025 (Asker); the borders differ"]),
        ("klass", "02", 2021, ["Akershus fylke until 2019-12-31", "sum the municipalities"]),
        ("klass", "030120", 2011, ["Bjerke until 2003-12-31", "use 030109 (Bjerke)"]),
        ("klass", "9999", 2011, ["no such code"]),
        ("klas", "0219", 2011, ["did you mean 'klass'?"]),
    ],
)
def test_a_code_outside_its_validity_is_an_error_with_the_right_one(
    scheme: str, code: str, year: int, told: list[str]
) -> None:
    with pytest.raises(RegionError) as caught:
        REGIONS.unit(scheme, code, day(year))
    assert [part for part in told if part not in str(caught.value)] == []
    assert len(caught.value.faults) == 1


def test_unknown_and_outdated_regions_are_named() -> None:
    with pytest.raises(RegionError, match=r"did you mean 'follo'\?"):
        REGIONS.require("folo")
    with pytest.raises(RegionError, match=r"use k3025 \(Asker\); the borders differ"):
        REGIONS.resolve("k0220", day(2020))
    with pytest.raises(RegionError, match="sum the municipalities"):
        REGIONS.resolve("f02", day(2020))
    with pytest.raises(ValueError, match="outside the span"):
        REGIONS.resolve("follo", day(2020), span=(day(2011), day(2015)))
    REGIONS.require("follo")


def test_names_definitions_and_footnotes_are_for_readers() -> None:
    assert REGIONS.name("asker_og_baerum", "en") == "Asker and Bærum"
    assert REGIONS.name("vestomradet", "nb") == "Vestområdet"
    assert REGIONS.definition("follo", "nb") == "Vestby, Ski, Ås, Frogn, Nesodden, Oppegård, Enebakk"
    assert REGIONS.definition("akershus", "en") == "Follo, Nedre Romerike, Øvre Romerike, Asker and Bærum"
    assert REGIONS.definition("bjerke", "nb") == "Bjerke"
    assert "34 prosent" in REGIONS.breaks["B1"].footnote("nb")
    assert "6,7 prosent" in REGIONS.breaks["B2"].footnote("nb")
    assert "6.7 per cent" in REGIONS.breaks["B2"].footnote("en")
    assert not [entry for entry in REGIONS.breaks.values() if "{" in entry.footnote("en")]
    delbydeler = {key for key in REGIONS.ids if key[0] == "d" and key[1:].isdigit()}
    # The 96 of the division from 2017, and the four that were divided then.
    assert len(delbydeler) == 100
    assert set(REGIONS.ids) == set(VALID) | set(REGIONS.groups()) | {"norge"} | set(COUNTIES) | delbydeler


def test_delbydeler_follow_their_division() -> None:
    assert len(REGIONS.delbydeler("groruddalen", day(2011))) == 22
    assert len(REGIONS.delbydeler("groruddalen", day(2018))) == 23
    assert REGIONS.delbydeler("bjerke", day(2017)) == ("d0901", "d0902", "d0904", "d0905", "d0906")
    known = {year: REGIONS.division_known("d0903", day(year)) for year in (2006, 2007, 2016, 2017)}
    assert known == {2006: False, 2007: True, 2016: True, 2017: False}
    assert REGIONS.division_known("d0905", day(2026))
    assert not REGIONS.division_known("d0905", day(2027))
    assert REGIONS.name("d0903", "en") == "Økern"
    assert REGIONS.bydel_of["d1205"] == "alna"


def test_a_series_crosses_the_breaks_after_its_first_date() -> None:
    assert REGIONS.breaks_between("asker_og_baerum", day(2019), day(2020)) == ("B1",)
    assert REGIONS.breaks_between("asker_og_baerum", day(2020), day(2024)) == ()
    assert REGIONS.breaks_between("akershus", day(2001), day(2026)) == ("B1", "B4")
    assert REGIONS.breaks_between("ekstra_ring", day(2011), day(2019)) == ("B6a", "B6b")
    assert REGIONS.breaks_between("ytre_ring_sor", day(2001), day(2026)) == ()
    assert REGIONS.breaks_between("oslo", day(2001), day(2026)) == ()


def altered(folder: Path, old: str, new: str) -> Path:
    """Copy the configuration of regions with one text changed, in the file that has it."""
    shutil.copytree(CONFIG.with_suffix(""), folder / "regions")
    shutil.copy(CONFIG, folder)
    found = 0
    for path in (folder / "regions.yaml", *(folder / "regions").iterdir()):
        text = path.read_text(encoding="utf-8")
        found += text.count(old)
        path.write_text(text.replace(old, new), encoding="utf-8")
    assert found == 1, old
    return folder / "regions.yaml"


GROUPS = "id,name_nb,name_en,equals,members\n"
B1 = "k0220 k0627 k0628,61402 22603 9513,k0627 k0628,asker_og_baerum indre_ring_vest,drammensregionen"
BAERUM = "k0219,0219,Bærum,1838-01-01,2019-12-31,k3024"
FOLLO = "Follo,Follo,,k0211 k0213 k0214 k0215 k0216 k0217 k0229"


def test_a_group_nobody_has_decided_for_is_missing_after_the_break(tmp_path: Path) -> None:
    regions = load(altered(tmp_path, GROUPS, f"{GROUPS}own,Egen,Own,,k0219 k0220\n"))
    assert regions.resolve("own", day(2019)).alternatives == (("own",), ("k0219", "k0220"))
    for policy in POLICIES:
        assert regions.resolve("own", day(2020), policy).missing == "moved_border"
    assert regions.resolve("own", day(2020)).breaks == ("B1",)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (FOLLO, FOLLO.replace("k0213", "k0212"), "follo: members: unknown region 'k0212'"),
        (FOLLO, FOLLO.replace("k0213", "k0211"), "'k0211' is counted twice"),
        (FOLLO, FOLLO.replace("k0213", "k3020"), "'k3020' is not a municipality or bydel of 2011-01-01"),
        (FOLLO, FOLLO.replace("k0213", "akershus"), "'akershus' contains 'follo' itself"),
        (",gamle_oslo grun", ",oslo gamle_oslo grun", "has both oslo and some of its bydeler"),
        (",f02,follo", ",f2,follo", "unknown county 'f2'"),
        (BAERUM, BAERUM.replace("k3024", "k9999"), "municipalities.csv:26: k0219.successors.0: no unit 'k9999'"),
        (BAERUM, BAERUM.replace("k3024", ""), "ends 2019-12-31 without"),
        (BAERUM, BAERUM.replace("k3024", "k3201"), "'k3201' is not valid on the day after 'k0219'"),
        (BAERUM, BAERUM.replace("2019-12-31", "31.12.2019"), "k0219: valid_to: invalid isoformat string: '31.12.2019'"),
        (BAERUM, BAERUM.replace("0219,B", "219,B"), "k0219: code: string should match pattern"),
        (BAERUM, BAERUM + ",", "the row has more or fewer fields than the header"),
        (BAERUM, BAERUM.replace("k0219,", "k0213,"), "k0213: already stands in line"),
        ("id,code,name,", "id,number,name,", "write id, code, name, valid_from, valid_to, successors"),
        ("Re,2002-01-01", "Re,2020-01-01", "is after valid_to 2019-12-31"),
        ("norge,country", "follo,country", "the id 'follo' is used twice"),
        ("stovner,bydeler,030111", "stovner,bydeler,030112", "030112a' is both"),
        (B1, B1.replace(" k0628,61402", ",61402"), "'k3025' follows k0220, k0627, k0628"),
        ("k0226 k0236,", "k0226 k0326,", "unknown municipality 'k0326'"),
        ("merger,k3025", "merger,k3024", "'k3024' follows k0219"),
        ("merger,k3025", "merger,k9999", "unknown municipality 'k9999'"),
        ("merger,k3025", "merger,f02", "unknown municipality 'f02'"),
        (BAERUM, BAERUM.replace("k3024", "f30"), "k0219.successors.0: no unit 'f30'"),
        ("merger,k0729", "merger,k3811", "'k3811' begins 2020-01-01"),
        (B1, B1.replace("k0627 k0628,a", "k0219,a"), "must be some, not all, of municipalities"),
        (B1, B1.replace("61402 ", ""), "must count exactly the municipalities"),
        (",adjustment,", ",codes,k3034", "only a merger has unit"),
        ("Svelvik ble del av Drammen 1. januar 2020, sammen med Nedre Eiker, og var {share}", "Svelvik", "{share}"),
        (B1, B1.replace("asker_og_baerum indre_ring_vest", "follo"), "border of 'follo' itself does not"),
        (B1, B1.replace("asker_og_baerum indre_ring_vest", "akershus"), "border of 'akershus' itself does"),
        (B1, B1.replace("asker_og_baerum", "asker"), "unknown group 'asker'"),
        (B1, f"{B1} indre_ring_vest", "'indre_ring_vest' is in both lists"),
        (B1, B1.replace("asker_og_baerum indre_ring_vest,d", "indre_ring_vest d") + ",", "share no municipality"),
        ('"EAK": {unit: norge}', '"EAK": {unit: norg}', "unknown unit 'norg' -> did you mean 'norge'?"),
        ('bydeler: "{}a"', 'bydeler: "a"', "schemes.ssb_statbank.patterns.bydeler: string should match"),
        ('"030100a": {unit: oslo, valid_to: 2003-12-31}', '"030109": {unit: oslo}', "is both 'b1988_09' and 'oslo'"),
        ("known: {first: 2001-01-01,", "known: {from: 2001-01-01,", "unknown key 'from'"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_with_the_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = altered(tmp_path, old, new)
    with pytest.raises(ConfigError) as caught:
        load(path)
    lines = [str(fault) for fault in caught.value.faults if told in str(fault)]
    assert lines, str(caught.value)
    assert all(line.startswith((f"{path}:", f"{tmp_path}/regions/")) for line in lines)


def parts(region: str, year: int, last: int = 2026, policy: Policy = "harmonised") -> str:
    """Return the municipalities of a 1 January that have the area of a place in the last year; "" for none."""
    try:
        found = REGIONS.resolve(region, day(year), policy, (day(year), day(last)))
    except RegionError:
        return ""
    assert bool(found.alternatives) == (found.missing is None)
    return " ".join(found.alternatives[-1]) if found.alternatives else ""


@pytest.mark.parametrize(
    ("region", "year", "last", "expected"),
    [
        ("k3203", 2015, 2024, "k0220 k0627 k0628"),  # merged in 2020
        ("k3201", 2001, 2026, "k0219"),  # only new codes
        ("k0219", 2024, 2024, "k3201"),
        ("k0220", 2024, 2024, ""),  # nobody counts the old Asker any more
        ("k1103", 2015, 2024, "k1103 k1141 k1142"),  # a merger that kept the code
        ("k1103", 2015, 2015, "k1103"),
        ("k5057", 2005, 2024, "k1621 k1627"),  # Trøndelag had new codes in 2018, mergers in 2020
        ("k5035", 2010, 2026, "k1714"),
        ("k1508", 2024, 2026, "k1508"),  # Ålesund was divided in 2024
        ("k1507", 2024, 2024, "k1508 k1580"),
        ("k1507", 2015, 2023, "k1504 k1523 k1529 k1534 k1546"),
        ("k1806", 2020, 2026, "k1806"),  # Tysfjord was divided in 2020
        ("k3905", 2017, 2026, "k0704 k0716"),  # Stokke was divided in 2017
        ("f32", 2023, 2024, " ".join(f"k{code}" for code in [*range(3019, 3038), 3053, 3054])),
        ("f02", 2020, 2020, ""),
        ("f20", 2024, 2024, " ".join(key for key, unit in MUNICIPALITIES.items() if unit.code.startswith("56"))),
    ],
)
def test_a_municipality_or_county_is_what_had_its_area(region: str, year: int, last: int, expected: str) -> None:
    assert parts(region, year, last) == expected


def test_only_the_parts_of_what_was_divided_have_no_earlier_area() -> None:
    today = REGIONS.municipalities_in("norge", LAST)
    lost = {unit: [year for year in range(2005, LAST.year + 1) if not parts(unit, year)] for unit in today}
    assert {unit: (years[0], years[-1]) for unit, years in lost.items() if years} == {
        **dict.fromkeys(("k1508", "k1580"), (2005, 2023)),
        **dict.fromkeys(("k1806", "k1875", "k5055", "k5056", "k5059"), (2005, 2019)),
        **dict.fromkeys(("k3905", "k3907"), (2005, 2016)),
    }
    assert (
        sum(map(len, lost.values())) == 137
    )  # as many unit-years as Statistics Norway's table on today's borders lacks


def test_places_keep_the_borders_that_the_policy_says() -> None:
    assert [parts("k1103", 2019, 2026, policy) for policy in POLICIES] == ["k1103", "k1103", "k1103 k1141 k1142"]
    late = {policy: REGIONS.resolve("k1103", day(2024), policy, (day(2001), day(2026))) for policy in POLICIES}
    assert [late[policy].missing for policy in POLICIES] == ["moved_border", None, None]
    early = REGIONS.resolve("k3203", day(2011), span=(day(2011), day(2026)))
    assert (early.alternatives, early.exact) == ((("k3203",), ("k0220", "k0627", "k0628")), True)
    joined = REGIONS.resolve("k1103", day(2011), span=(day(2011), day(2026)))
    assert (joined.alternatives, joined.exact) == ((("k1103", "k1141", "k1142"),), False)


def test_a_group_that_a_division_crosses_is_missing(tmp_path: Path) -> None:
    own = {
        "part": "k1504 k1534",
        "whole": "k1504 k1523 k1529 k1534 k1546",
        "north": "k1805 k1854 k1850",
        "both": "k1805 k1854 k1850 k1849",
    }
    rows = "".join(f"{name},Egen,Own,,{members}\n" for name, members in own.items())
    regions = load(altered(tmp_path, GROUPS, GROUPS + rows))
    assert regions.resolve("part", day(2020)).missing == "moved_border"
    assert regions.resolve("whole", day(2023)).alternatives[-1] == ("k1507",)
    assert regions.resolve("whole", day(2024)).alternatives[-1] == ("k1508", "k1580")
    assert regions.resolve("north", day(2019)).alternatives[-1] == ("k1805", "k1850", "k1854")
    assert regions.resolve("north", day(2020)).missing == "moved_border"
    assert regions.resolve("both", day(2020)).alternatives[-1] == ("k1806", "k1875")


def test_the_municipalities_of_a_county_and_of_the_country() -> None:
    assert len(REGIONS.municipalities_in("f02", day(2011))) == 22
    assert REGIONS.municipalities_in("f02", day(2020)) == ()
    assert REGIONS.municipalities_in("f20", day(2011))[:2] == ("k2002", "k2003")
    for year in range(FIRST.year, LAST.year + 1):
        counties = [key for key, unit in COUNTIES.items() if unit.valid(day(year))]
        inside = ["oslo", *(unit for key in counties for unit in REGIONS.municipalities_in(key, day(year)))]
        assert sorted(inside) == sorted(REGIONS.municipalities_in("norge", day(year)))
    assert REGIONS.municipalities_in("oslo", day(2011)) == ("oslo",)
    assert REGIONS.municipalities_in("follo", day(2011)) == ()


def test_a_code_of_today_is_another_name_of_its_place() -> None:
    assert {code: REGIONS.require(code) for code in ("3201", "0301", "46", "k3201", "follo")} == {
        "3201": "k3201",
        "0301": "oslo",
        "46": "f46",
        "k3201": "k3201",
        "follo": "follo",
    }
    assert REGIONS.name("3203", "nb") == "Asker"
    assert REGIONS.resolve("3203", day(2019)).alternatives == REGIONS.resolve("k3203", day(2019)).alternatives
    assert len(REGIONS.codes) == 357 + 14
    # The code of a place that is no more may be a year.
    for old in ("0219", "2011", "2012"):
        with pytest.raises(RegionError, match=f"no region '{old}'"):
            REGIONS.require(old)


def test_a_row_may_name_its_municipality_by_the_code_of_today(tmp_path: Path) -> None:
    paths = small.place(tmp_path)
    appendix = paths.config / "appendix.yaml"
    old, new = "[bjerke, alna, oslo, vest]", '[bjerke, alna, "0301", vest, "3024"]'
    appendix.write_text(appendix.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    cells = Work(load_catalogue(paths)).compute.cells("tabell_01")
    assert small.cell(cells, "tabell_01/oslo/2009").number == 6000
    assert small.cell(cells, "tabell_01/k3024/2009").number == 600  # Bærum, whose code was 0219 then
    appendix.write_text(appendix.read_text(encoding="utf-8").replace('"3024"', '"0219"', 1), encoding="utf-8")
    with pytest.raises(ConfigError, match="unknown region '0219'"):
        _ = load_catalogue(paths).appendix


RAW = PROJECT / "data" / "raw" / "ssb"


def shipped(pattern: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for path in sorted(RAW.glob(pattern)):
        with path.open(encoding="utf-8") as file:
            rows += csv.DictReader(file)
    return rows


def population() -> Iterator[tuple[str, int, str, int]]:
    """Yield code, year, age and persons of every municipality since 2005; Oslo's stand in table 10826, by sex."""
    for row in shipped("07459_kommuner_*.csv"):
        yield row["region_code"], int(row["year"]), row["age"], int(row["persons"])
    for row in shipped("10826_bydel_sex_age_2005_2026.csv"):
        if row["region_code"] == "0301":
            yield row["region_code"], int(row["year"]), row["age"], int(row["persons"])


@cache
def persons() -> dict[tuple[str, int], int]:
    """Return the shipped population of every municipality and year, by unit."""
    found = Counter[tuple[str, int]]()
    for row in shipped("befolkning_kommuner_alle_*.csv"):
        found[REGIONS.unit("klass", row["region_code"], day(int(row["year"]))), int(row["year"])] += int(row["persons"])
    for code, year, _, count in population():
        found[REGIONS.unit("klass", code, day(year)), year] += count
    return found


def test_the_shipped_population_is_of_every_municipality_of_every_year() -> None:
    assert len(list(RAW.glob("07459_kommuner_*.csv"))) == len([u for u in COUNTIES.values() if u.valid(LAST)])
    for year in range(FIRST.year, LAST.year + 1):
        assert {unit for unit, when in persons() if when == year} == set(REGIONS.municipalities_in("norge", day(year)))
    country = {year: sum(persons()[key] for key in persons() if key[1] == year) for year in (2001, 2005, 2020, 2026)}
    assert country == {2001: 4_503_436, 2005: 4_606_363, 2020: 5_367_580, 2026: 5_627_400}
    # The report's own regions have the same numbers in the file that every run reads.
    ours, theirs = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    for row in shipped("07459_municipality_age_*.csv"):
        theirs[row["region_code"], int(row["year"])] += int(row["persons"])
    for code, year, _, count in population():
        ours[code, year] += count
    assert len(theirs) == 530
    assert {key: ours[key] for key in theirs} == theirs


def test_the_shipped_population_adds_up_to_the_country() -> None:
    told = {(int(row["year"]), row["age"]): int(row["persons"]) for row in shipped("07459_landet_*.csv")}
    ours = Counter[tuple[int, str]]()
    for _, year, age, count in population():
        ours[year, age] += count
    assert len(ours) == 264
    assert ours == {key: count for key, count in told.items() if key[0] >= 2005}
    for year in range(2001, 2005):
        country = sum(count for (when, _), count in told.items() if when == year)
        assert sum(count for (_, when), count in persons().items() if when == year) == country


def test_a_run_of_one_municipality_finds_its_people() -> None:
    catalogue = load_catalogue(Paths(PROJECT)).wanting(["k3203"])
    # What was fetched comes before what is embedded, and may be of fewer places.
    find = finder(catalogue, Observations(embedded(Work(catalogue).observations)))

    def found(region: str, year: int, series: str = "population", age: str = "all") -> float | str:
        value = find(Term(series, region, year, age=age), span=(2001, 2026))
        return value.number if isinstance(value, Value) else value.reason

    # Asker with Røyken and Hurum, also before they were one.
    assert [found("k3203", year) for year in (2001, 2011, 2019, 2020, 2026)] == [
        74_695,
        83_703,
        93_679,
        94_441,
        101_509,
    ]
    assert (found("k3203", 2011, age="6-15"), found("k3203", 2011, age="80+")) == (12_199, 3_032)
    assert found("k3203", 2011, "immigrants") == 9_512
    assert found("f32", 2011) == 589_763
    assert found("norge", 2024) == 5_550_203
    assert (found("k0220", 2019), found("k0220", 2020)) == (61_523, "moved_border")
    assert found("k1103", 2011) == "no_source"


def test_the_file_of_a_county_has_all_that_its_municipalities_came_from() -> None:
    for path in [*RAW.glob("07459_kommuner_*.csv"), *RAW.glob("innvandrere_kommuner_??_*.csv")]:
        code, first, last = path.stem.split("_")[2:]
        county = REGIONS.require(code)
        inside = {REGIONS.unit("klass", row["region_code"], day(int(row["year"]))) for row in shipped(path.name)}
        for unit in REGIONS.municipalities_in(county, LAST):
            for year in range(int(first), int(last) + 1):
                assert set(parts(unit, year).split()) <= inside
        assert inside <= REGIONS.ever_in(county)


def test_the_shipped_immigrants_are_of_every_municipality_of_every_year() -> None:
    rows = shipped("innvandrere_kommuner_??_2005_2015.csv")
    for year in range(2005, 2016):
        found = {REGIONS.unit("klass", row["region_code"], day(year)) for row in rows if int(row["year"]) == year}
        assert {*found, "oslo"} == set(REGIONS.municipalities_in("norge", day(year)))
    names = ("immigrants", "norwegian_born_to_immigrant_parents")
    every = {(row["region_code"], row["year"], name): row[name] for row in rows for name in names}
    # The report's own regions have the same numbers in the file that every run reads.
    report = [row for row in shipped("innvandrere_kommuner_2005_2015.csv") if row["region_code"] != "0301"]
    assert len(report) == 484
    assert [row for row in report if every[row["region_code"], row["year"], row["measure"]] != row["persons"]] == []
    assert Counter(every.values())["."] == 251


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    path = altered(tmp_path, BAERUM, BAERUM)
    table = tmp_path / "regions" / "places.csv"
    table.unlink()
    with pytest.raises(ConfigError, match="the file does not exist") as caught:
        load(path)
    assert [fault.where for fault in caught.value.faults] == [str(table)]


def test_loading_is_quick() -> None:
    def seconds() -> float:
        start = time.process_time()  # a loaded machine is slow, not wrong
        load(CONFIG)
        return time.process_time() - start

    assert min(seconds() for _ in range(5)) < 0.08

"""What each rule must find in a made-up print with one planted fault, and that it finds nothing in one without."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from groruddalen_stats.appendix.compute import finder
from groruddalen_stats.appendix.find import Observations
from groruddalen_stats.appendix.terms import Term
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.check import corroborate, rules
from groruddalen_stats.check.printed import KnownFigures, Print, PrintedCell
from groruddalen_stats.config.deviations import Corroboration
from groruddalen_stats.config.models import Place, Sex
from groruddalen_stats.numbers import display_number, round_half_up
from groruddalen_stats.tidy.observations import SCHEMA

# Nothing here is a statistic: the numbers are multiples of 11111 and their growth.
BYDELER = {"bjerke": 11111, "grorud": 22222, "stovner": 33333, "alna": 44444, "oslo": 555555}
PARTS = {"follo": 66666, "nedre_romerike": 77777, "ovre_romerike": 88888, "asker_og_baerum": 99999}
YEARS = range(2006, 2012)
AGES = {"0-15": 0.21, "16-59": 0.57, "60+": 0.22}
SMALL, WHOLE = 0.31, 0.47
GRANTED, APPLIED = 0.0523, 0.0591


def population(region: str, year: int, age: str = "all", sex: Sex = "both") -> int:
    if age == "all":
        return sum(population(region, year, band, sex) for band in AGES)
    if sex == "both":
        return population(region, year, age, "women") + population(region, year, age, "men")
    start = {**BYDELER, **PARTS}[region]
    wobble = 1 + 0.001 * ((start // 11111 + year) % 3)
    half = 0.51 if sex == "women" else 0.49
    return int(start * 1.02 ** (year - YEARS[0]) * wobble * AGES[age] * half) + 1


def households(region: str, year: int) -> int:
    return int(population(region, year) * 0.47) + (year % 2) * 3 + 1


def group(region: str, age: str, part: float) -> int:
    """Return a made-up group of persons: ``part`` of the young, a little less of the old."""
    if age == "all":
        return sum(group(region, band, part) for band in AGES)
    return int(population(region, 2011, age) * part * {"0-15": 1.1, "16-59": 1.0, "60+": 0.7}[age])


def housed(region: str, part: float) -> int:
    return int(households(region, 2010) * (part + 0.001 * (len(region) % 3)))


def observation(source: str, term: Term, value: float) -> tuple[object, ...]:
    what = (term.series, term.region, f"{term.year}", term.sex, term.age, term.background, term.detail)
    return (source, *what, value, "", "made up", 0, 0, 1, "")


def observations() -> pd.DataFrame:
    rows = []
    for region in {**BYDELER, **PARTS}:
        for year in range(YEARS[0], YEARS[-1] + 1):
            for age in AGES:
                for sex in ("women", "men"):
                    term = Term("population", region, year, sex, age)
                    rows.append(observation("ssb_10826", term, population(region, year, age, sex)))
    for region in BYDELER:
        for series, part in (("housing_allowance_granted", GRANTED), ("housing_allowance_applications", APPLIED)):
            rows.append(observation("husbanken_bostotte", Term(series, region, 2010), housed(region, part)))
        wide = group(region, "16-59", 0.11) + 77
        rows.append(observation("oslo_sos006", Term("disability_pension_recipients", region, 2011, age="16+"), wide))
    return pd.DataFrame(rows, columns=SCHEMA.names)


def cell(place: tuple[str, str, str], value: float, decimals: int = 0, **more: object) -> PrintedCell:
    rounded = round_half_up(value, decimals)
    text = display_number(rounded, decimals, "nb").replace("\N{NARROW NO-BREAK SPACE}", " ")
    told = {"unit": "persons", "year": 2011, "decimals": decimals, "region": place[1], **more}
    return PrintedCell(place=place, printed=text, value=float(rounded), **told)  # type: ignore[arg-type]


def share(
    place: tuple[str, str, str], top: float, bottom: float, numerator: Term, denominator: Term, per: int = 100
) -> PrintedCell:
    told = {"unit": "percent" if per == 100 else "per_1000_households", "year": numerator.year, "scale": float(per)}
    return cell(place, top / bottom * per, 1, numerator=(numerator,), denominator=(denominator,), **told)


def clean() -> list[PrintedCell]:
    """Return a print in which every number is what its heading says."""
    cells = []
    for table, series, value in (("t_pop", "population", population), ("t_hh", "households", households)):
        for region in BYDELER:
            for year in YEARS:
                term = Term(series, region, year)
                number = value(region, year)
                cells.append(cell((table, region, f"{year}"), number, year=year, numerator=(term,)))
    for table, background, part in (("t_all", "all", WHOLE), ("t_some", "asia_africa_etc", SMALL)):
        for region in BYDELER:
            term = Term("immigrant_population", region, 2011, background=background)
            below = Term("population", region, 2011)
            cells.append(cell((table, region, "count"), group(region, "all", part), numerator=(term,)))
            for age in ("all", *AGES):
                at, of = term._replace(age=age), below._replace(age=age)
                place = (table, region, "share" if age == "all" else f"share_{age}")
                cells.append(share(place, group(region, age, part), population(region, 2011, age), at, of))
    of_parts = {region: group(region, "all", WHOLE) for region in PARTS}
    for region, number in {**of_parts, "akershus": sum(of_parts.values())}.items():
        term, below = Term("immigrants", region, 2011), Term("population", region, 2011)
        people = sum(population(part, 2011) for part in PARTS) if region == "akershus" else population(region, 2011)
        cells.append(cell(("t_parts", region, "count"), number, numerator=(term,)))
        cells.append(share(("t_parts", region, "share"), number, people, term, below))
    for region in BYDELER:
        for sex, part in (("both", 0.0), ("women", 0.12), ("men", 0.08)):
            term = Term("disability_pension_recipients", region, 2011, sex, "16-59")  # type: ignore[arg-type]
            below = Term("population", region, 2011, sex, "16-59")  # type: ignore[arg-type]
            people = population(region, 2011, "16-59", sex)  # type: ignore[arg-type]
            women, men = (population(region, 2011, "16-59", s) for s in ("women", "men"))
            top = women * 0.12 + men * 0.08 if sex == "both" else people * part
            cells.append(share(("t_sex", region, sex), top, people, term, below))
        granted, below = Term("housing_allowance_granted", region, 2010), Term("households", region, 2010)
        place = ("t_rate", region, "rate")
        cells.append(share(place, housed(region, GRANTED), households(region, 2010), granted, below, 1000))
        all_ages, below = population(region, 2011), Term("population", region, 2011)
        shares = [
            share(("t_sum", region, age), population(region, 2011, age), all_ages, below._replace(age=age), below)
            for age in AGES
        ]
        total = sum(part.number for part in shares)
        cells += [*shares, cell(("t_sum", region, "sum"), total, 1, unit="percent", sum_of=tuple(AGES))]
    return cells


def known(catalogue: Catalogue) -> KnownFigures:
    return KnownFigures(catalogue, observations(), finder(catalogue, Observations(observations())))


def find(catalogue: Catalogue, cells: list[PrintedCell], *names: str) -> list[rules.Finding]:
    told = rules.find(Print(tuple(cells)), known(catalogue), names or rules.RULES)
    return [one for one in told if isinstance(one, rules.Finding)]


def changed(place: tuple[str, str, str], **fields: object) -> list[PrintedCell]:
    """Return the clean print with one cell changed; a new value is also written as text."""
    cells = clean()
    index = next(i for i, c in enumerate(cells) if c.place == place)
    if "value" in fields:
        written = cell(place, float(str(fields["value"])), cells[index].decimals)
        fields = {"printed": written.printed, **fields}
    cells[index] = replace(cells[index], **fields)  # type: ignore[arg-type]
    return cells


def at(place: tuple[str, str, str]) -> float:
    return next(c.number for c in clean() if c.place == place)


def test_a_clean_print_gives_nothing(catalogue: Catalogue) -> None:
    assert find(catalogue, clean()) == []


# A rule, a cell, and what is added to its number, written in its place, or changed otherwise.
PLANTED: dict[str, tuple[str, tuple[str, str, str], float | dict[str, object]]] = {
    "a share of the wrong size": ("count_shares", ("t_all", "grorud", "share"), 0.1),
    "a count with one digit changed": ("age_sums", ("t_all", "alna", "count"), 1000),
    "a share by age with one digit changed": ("age_sums", ("t_some", "oslo", "share_60+"), 2),
    "a subgroup above its group": ("subgroups", ("t_some", "bjerke", "share_0-15"), 40),
    "a total that is not the sum": ("region_totals", ("t_parts", "akershus", "count"), 6),
    "a share that is not the mean": ("region_totals", ("t_parts", "akershus", "share"), 1),
    "a share of both sexes off": ("sexes", ("t_sex", "stovner", "both"), 0.3),
    "a sum column off": ("sum_columns", ("t_sum", "alna", "sum"), {"value": 99.0}),
    "a share that breaks the hundred": ("sum_columns", ("t_sum", "alna", "60+"), 3),
    "a jump in a row": ("jumps", ("t_pop", "stovner", "2011"), 10000),
    "a number out of step": ("paired_rows", ("t_hh", "grorud", "2009"), 100),
    "a share above the whole": ("possible_range", ("t_sex", "alna", "men"), {"value": 106.0}),
}


@pytest.mark.parametrize(("rule", "place", "change"), PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_error_is_found(
    catalogue: Catalogue, rule: str, place: Place, change: float | dict[str, object]
) -> None:
    fields = change if isinstance(change, dict) else {"value": at(place) + change}
    found = find(catalogue, changed(place, **fields), rule)
    assert found, rule
    assert any(place in {*f.cells, *f.candidates} for f in found)
    assert all(f.rule == rule for f in found)


def test_a_wrong_part_is_found_at_the_total_that_it_does_not_add_up_to(catalogue: Catalogue) -> None:
    (found,) = find(catalogue, changed(place := ("t_parts", "follo", "count"), value=at(place) + 1), "region_totals")
    assert (found.says, found.cells) == ("sum", (("t_parts", "akershus", "count"),))
    assert place in found.others


def test_a_column_of_another_series_is_told_by_name(catalogue: Catalogue) -> None:
    cells = []
    for old in clean():
        if old.object != "t_rate":
            cells.append(old)
            continue
        rate = housed(old.row, APPLIED) / households(old.row, 2010) * 1000
        cells.append(replace(old, value=float(round_half_up(rate, 1))))
    (found,) = find(catalogue, cells, "headings")
    assert found.says == "other_series"
    assert found.parts["series"] == rules.Name("series", "housing_allowance_applications")
    assert found.parts["hits"] == rules.Amount(5)
    assert {place[1] for place in found.cells} == set(BYDELER)


def test_a_column_of_another_years_population_is_told(catalogue: Catalogue) -> None:
    cells = []
    for old in clean():
        bottom = (population(old.row, 2010) + population(old.row, 2011)) / 2 if old.row in BYDELER else 0.0
        if (old.object, old.column) == ("t_sum", "16-59"):
            top = population(old.row, 2011, "16-59")
            cells.append(replace(old, value=float(round_half_up(top / bottom * 100, 1))))
        else:
            cells.append(old)
    (found,) = find(catalogue, cells, "headings")
    assert (found.says, found.parts["base_year"], found.parts["next_year"]) == ("mean_of_years", "2010", "2011")


def test_a_share_of_another_year_in_one_cell_is_told_apart(catalogue: Catalogue) -> None:
    people = population("oslo", 2010)
    value = float(round_half_up(at(("t_all", "oslo", "count")) / people * 100, 1))
    (found,) = find(catalogue, changed(("t_all", "oslo", "share"), value=value), "count_shares")
    assert (found.says, found.strength, found.parts["year"]) == ("other_year", "medium", "2010")


def test_a_repeated_run_is_found_at_its_second_place(catalogue: Catalogue) -> None:
    cells = clean()
    by_place = {c.place: i for i, c in enumerate(cells)}
    for year, again in (("2006", "2010"), ("2007", "2011")):
        first = cells[by_place[Place("t_hh", "alna", year)]]
        second = by_place[Place("t_hh", "alna", again)]
        cells[second] = replace(cells[second], value=first.value, printed=first.printed)
    (found,) = find(catalogue, cells, "repeated_runs")
    assert found.cells == (("t_hh", "alna", "2010"), ("t_hh", "alna", "2011"))
    (jump,) = find(catalogue, cells, "jumps")
    assert jump.cells == (("t_hh", "alna", "2010"),)
    shifts = [f.cells for f in find(catalogue, cells, "paired_rows")]
    assert shifts == [(("t_pop", "alna", "2010"), ("t_hh", "alna", "2010"))]


def test_one_quantity_with_two_values_is_found(catalogue: Catalogue) -> None:
    twice = clean()
    old = next(c for c in twice if c.place == ("t_all", "oslo", "count"))
    again = replace(old, place=Place("t_again", "oslo", "count"))
    assert find(catalogue, [*twice, again], "same_quantity") == []
    (found,) = find(catalogue, [*twice, replace(again, value=old.number + 1)], "same_quantity")
    assert found.cells == (old.place, again.place)


def divided(ages: str, backgrounds: dict[str, int]) -> list[PrintedCell]:
    """Return counts of recipients in Oslo by background, and their share in all, under one age heading."""
    terms = {b: Term("disability_pension_recipients", "oslo", 2011, age=ages, background=b) for b in backgrounds}
    counts = [
        cell(("t_back", f"n_{b}", "oslo"), number, region="oslo", numerator=(terms[b],))
        for b, number in backgrounds.items()
    ]
    below = Term("population", "oslo", 2011, age=ages)
    told = {"unit": "percent", "denominator": (below,), "scale": 100.0, "numerator": tuple(terms.values())}
    whole = cell(("t_back", "share", "oslo"), 10.0, 1, region="oslo", **told)
    return [*counts, whole]


def test_a_sum_that_belongs_to_other_ages_is_told(catalogue: Catalogue) -> None:
    wide = group("oslo", "16-59", 0.11) + 77
    (found,) = find(catalogue, divided("16-59", {"immigrant": 1234, "other": wide - 1234}), "labels")
    assert (found.says, found.parts["ages"], found.parts["sum"]) == ("other_ages", "16+", rules.Amount(wide))
    assert find(catalogue, divided("16+", {"immigrant": 1234, "other": wide - 1234}), "labels") == []
    near = divided("16+", {"immigrant": 1234, "other": wide - 1234 + 5})
    assert [f.says for f in find(catalogue, near, "labels")] == ["not_equal"]


def test_a_share_too_small_for_a_narrower_count_is_found(catalogue: Catalogue) -> None:
    people = population("oslo", 2011, "16-59")
    term = Term("disability_pension_recipients", "oslo", 2011)
    below = Term("population", "oslo", 2011)
    for part, expected in ((0.05, 1), (0.5, 0)):
        wide = share(("t_wide", "oslo", "all"), population("oslo", 2011) * part, population("oslo", 2011), term, below)
        narrow = divided("16-59", {"immigrant": int(people * 0.1), "other": int(people * 0.1)})
        found = find(catalogue, [*narrow, wide], "nested_ages")
        assert [f.cells for f in found] == [(wide.place,)] * expected


def test_an_independent_figure_too_far_away_is_found(catalogue: Catalogue) -> None:
    cells = {"object": "t_pop", "rows": "oslo alna", "columns": "2010"}
    figure = {"series": "population", "sources": "ssb_10826", "decimals": 0, "within": 3}
    names = {"name": "made_up", "label_nb": "oppdiktet", "label_en": "made up"}
    entry = Corroboration.model_validate({**names, **cells, **figure})
    for apart, expected in ((3, []), (4, [("t_pop", "oslo", "2010")])):
        tables = Print(tuple(changed(("t_pop", "oslo", "2010"), value=population("oslo", 2010) + apart)))
        found = list(corroborate.corroborate([entry], tables, known(catalogue)))
        assert [b.difference for b in found] == [apart, 0]
        told = [one.told for one in found]
        assert [f.cells[0] for f in told if isinstance(f, rules.Finding)] == expected
        assert len(told) == len(found)


def test_what_a_suspect_share_would_have_to_be_is_told(catalogue: Catalogue) -> None:
    place = Place("t_some", "oslo", "share_60+")
    (found,) = find(catalogue, changed(place, value=at(place) + 2), "age_sums")
    assert found.candidates[place].value == pytest.approx(at(place), abs=0.5)

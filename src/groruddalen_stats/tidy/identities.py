"""Turns observations into faults where numbers that belong together contradict one another."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.identities import IdentitiesFile, Jumps, Side
from groruddalen_stats.config.load import fault_at, load_model
from groruddalen_stats.errors import ConfigError, ContractError, Fault, RegionError, StatsError, did_you_mean
from groruddalen_stats.sources.store import Store
from groruddalen_stats.tidy import observations
from groruddalen_stats.tidy.observations import date_of

_HALF = 0.5  # counts are whole, and shares are rounded by their publisher
_BOUNDS = 3  # years a jump is seen in: the one before, the year, the one after


@dataclass(frozen=True, slots=True)
class _Total:
    """A number of one file and what it is the sum of."""

    value: float
    origins: tuple[str, ...]

    def where(self, raw: Path) -> str:
        path, _, place = self.origins[0].partition("#")
        line = place.removeprefix("L").partition(":")[0]
        return (
            f"{(raw / path).as_posix()}:{line}"
            if place.startswith("L")
            else (raw / self.origins[0]).as_posix()
        )


# source, series, background, region, period -> path -> total
_Key = tuple[str, str, str, str, str]
_Totals = Mapping[_Key, Mapping[str, _Total]]


def load(catalogue: Catalogue) -> IdentitiesFile:
    """Return config/identities.yaml; empty for a project without the file.

    Raises:
        ConfigError: when it is wrong, or names a source, series or region that does not exist.
    """
    path = catalogue.paths.config / "identities.yaml"
    if not path.exists():
        return IdentitiesFile()
    file = load_model(IdentitiesFile, path)
    faults: list[Fault] = []
    # A series that no indicator uses is known by the snapshots that give it.
    given = {
        value.series
        for s in catalogue.sources.sources.values()
        for shot in s.snapshots
        for value in shot.values
    }
    series = {*catalogue.indicators.series, *given}

    def check(place: tuple[int | str, ...], kind: str, word: str, known: object) -> None:
        assert isinstance(known, (set, frozenset, dict))
        if word not in known:
            faults.append(fault_at(path, place, f"unknown {kind} '{word}'", did_you_mean(word, known)))

    regions = catalogue.regions.ids
    for key, identity in file.identities.items():
        for name, side in (("left", identity.left), ("right", identity.right)):
            here = ("identities", key, name)
            check((*here, "source"), "source", side.source, catalogue.sources.sources)
            check((*here, "series"), "series", side.series, series)
            check((*here, "region"), "region", side.region, regions)
    for key, whole in file.wholes.items():
        check(("wholes", key, "region"), "region", whole.region, regions)
        for index, part in enumerate(whole.parts):
            check(("wholes", key, "parts", index), "region", part, regions)
        for index, name in enumerate(whole.series):
            check(("wholes", key, "series", index), "series", name, series)
    for name in file.ranges:
        check(("ranges", name), "series", name, series)
    if faults:
        raise ConfigError(faults=faults)
    return file


def require(catalogue: Catalogue, table: pd.DataFrame) -> None:
    """Hold the observations of independent sources against config/identities.yaml.

    Raises:
        ContractError: one fault per contradiction, with both numbers and where each stands.
    """
    faults = list(contradictions(catalogue, table, load(catalogue)))
    if faults:
        raise ContractError(faults=faults)


def read_soundly(catalogue: Catalogue, store: Store) -> pd.DataFrame:
    """Return all observations of data/raw, with everything that can be said of them without building.

    Raises:
        StatsError: one fault per number that cannot be read, or that contradicts another one.
    """
    table = observations.build(catalogue, store)
    try:
        require(catalogue, table)
    except StatsError as error:
        raise ContractError(faults=error.faults) from None
    return table


def contradictions(catalogue: Catalogue, table: pd.DataFrame, file: IdentitiesFile) -> Iterator[Fault]:
    """Yield one fault per identity and year that does not hold."""
    kinds = {key: source.kind for key, source in catalogue.sources.sources.items()}
    known = table[
        table["source"].map(kinds).eq("independent") & table["value"].notna() & table["detail"].eq("")
    ]
    raw = catalogue.paths.raw
    yield from _sexes(known, raw)
    totals = _totals(known)
    yield from _identities(catalogue, totals, file)
    yield from _wholes(totals, file, raw)
    for key, found in totals.items():
        limits = file.ranges.get(key[1])
        for total in found.values() if limits else ():
            assert limits is not None
            if not limits.low <= total.value <= limits.high:
                what = f"{key[1]} of {key[3]} {key[4]} is {total.value:.10g}, outside {limits.low:g} to {limits.high:g}"
                yield Fault(what, total.where(raw), "correct the number")
    if file.jumps is not None:
        yield from _jumps(totals, file.jumps, raw)


def _sexes(known: pd.DataFrame, raw: Path) -> Iterator[Fault]:
    """Yield where women and men together are not both; shares add up to nothing and are left out by their size."""
    keys = ["source", "series", "region", "period", "age", "background"]
    with_both = known[known["sex"].eq("both")].set_index(keys)["value"]
    counted = known[known["sex"].ne("both")]
    sums = counted.groupby(keys)["value"].agg(["sum", "count"])
    joined = sums[sums["count"].eq(2)].join(with_both.groupby(keys).first(), how="inner")
    # A share of both lies between those of women and men and is no sum.
    bounds = counted.groupby(keys)["value"].agg(["min", "max"]).reindex(joined.index)
    between = joined["value"].between(bounds["min"], bounds["max"])
    for index in joined[joined["sum"].sub(joined["value"]).abs().gt(_HALF) & ~between].index:
        rows = known.set_index(keys).loc[[index]]
        parts = {
            sex: _Total(float(value), (str(origin),))
            for sex, value, origin in zip(rows["sex"], rows["value"], rows["origin"], strict=True)
        }
        women, men, both = (parts[sex] for sex in ("women", "men", "both"))
        what = (
            f"{index[1]} of {index[2]} {index[3]}: women {women.value:.10g} ({women.where(raw)}) and men {men.value:.10g} "
            f"({men.where(raw)}) are not both sexes {both.value:.10g}"
        )
        yield Fault(what, both.where(raw), "correct the number that changed")


def _totals(known: pd.DataFrame) -> _Totals:
    """Return every number of a whole region: ages and sexes added up, where a file has no total of its own."""
    table = known.assign(path=known["origin"].str.partition("#")[0])
    keys = ["source", "series", "background", "region", "period", "path"]
    result: dict[_Key, dict[str, _Total]] = defaultdict(dict)
    for key, rows in table.groupby(keys, sort=False):
        taken = rows
        for column, whole in (("sex", "both"), ("age", "all")):
            own = taken[taken[column].eq(whole)]
            taken = own if len(own) else taken
        source, series, background, region, period, path = (str(part) for part in key)
        total = _Total(math.fsum(taken["value"]), tuple(taken["origin"]))
        result[source, series, background, region, period][path] = total
    return result


def _identities(catalogue: Catalogue, totals: _Totals, file: IdentitiesFile) -> Iterator[Fault]:
    raw = catalogue.paths.raw
    periods = sorted({key[4] for key in totals})
    for identity in file.identities.values():
        for period in periods:
            for left in _of(identity.left, period, totals, catalogue):
                for right in _of(identity.right, period, totals, catalogue):
                    over = left.value - right.value
                    apart = abs(over) if identity.relation == "equal" else over
                    if apart <= identity.tolerance + _HALF:
                        continue
                    says = "are not equal" if identity.relation == "equal" else "the first is larger"
                    allowed = f", {identity.tolerance:g} is explained" if identity.tolerance else ""
                    what = (
                        f"{identity.says}, {period}: {left.value:.10g} and {right.value:.10g} ({right.where(raw)}) {says} "
                        f"(difference {over:+.10g}{allowed})"
                    )
                    yield Fault(what, left.where(raw), "restore the number that changed")


def _of(side: Side, period: str, totals: _Totals, catalogue: Catalogue) -> Iterator[_Total]:
    """Yield the side's number in each file of its source that has it: its own, or that of its parts."""
    reference = catalogue.sources.sources[side.source].reference
    try:
        ways = catalogue.regions.resolve(side.region, date_of(period, reference), "report").alternatives
    except (RegionError, ValueError):
        return
    for units in ways:
        found = [totals.get((side.source, side.series, side.background, unit, period), {}) for unit in units]
        paths = set.intersection(*(set(of_unit) for of_unit in found))
        for path in sorted(paths):
            parts = [of_unit[path] for of_unit in found]
            origins = tuple(origin for part in parts for origin in part.origins)
            yield _Total(math.fsum(part.value for part in parts), origins)
        if paths:
            return


def _wholes(totals: _Totals, file: IdentitiesFile, raw: Path) -> Iterator[Fault]:
    for whole in file.wholes.values():
        for key, found in totals.items():
            source, series, background, region, period = key
            if region != whole.region or series not in whole.series:
                continue
            for path, total in found.items():
                parts = [
                    of_part[path]
                    for part in whole.parts
                    if path in (of_part := totals.get((source, series, background, part, period), {}))
                ]
                inside = math.fsum(part.value for part in parts)
                if inside > total.value + _HALF:
                    largest = max(parts, key=lambda part: part.value)
                    what = (
                        f"{series} {period}: {', '.join(whole.parts)} have {inside:.10g} together ({largest.where(raw)}), "
                        f"more than {region} with {total.value:.10g}"
                    )
                    yield Fault(what, total.where(raw), "correct the number that changed")


def _jumps(totals: _Totals, jumps: Jumps, raw: Path) -> Iterator[Fault]:
    """Yield numbers far from the mean of the years beside them, measured by how far the series' others are."""
    lines: dict[tuple[str, ...], dict[int, _Total]] = defaultdict(dict)
    for (source, series, background, region, period), found in totals.items():
        for path, total in found.items():
            if period.isdigit() and total.value > 0:
                lines[source, series, background, region, path][int(period)] = total
    for (source, series, _, region, _), years in lines.items():
        apart = {
            year: abs(years[year].value / math.sqrt(years[year - 1].value * years[year + 1].value) - 1)
            for year in years
            if year - 1 in years and year + 1 in years
        }
        if len(apart) < _BOUNDS:
            continue
        usual = statistics.median(apart.values())
        for year, distance in apart.items():
            name = f"{source}/{series}/{region}/{year}"
            # The years beside a wrong number are far from their own neighbours too; only the farthest is meant.
            beside = max(apart.get(year - 1, 0.0), apart.get(year + 1, 0.0))
            if distance > max(jumps.at_least, jumps.times * usual, beside) and name not in jumps.known:
                what = (
                    f"{series} of {region} {year} is {years[year].value:.10g}, between {years[year - 1].value:.10g} and "
                    f"{years[year + 1].value:.10g} ({years[year - 1].where(raw)})"
                )
                remedy = (
                    f"correct the number, or say why under jumps.known in config/identities.yaml as {name}"
                )
                yield Fault(what, years[year].where(raw), remedy)

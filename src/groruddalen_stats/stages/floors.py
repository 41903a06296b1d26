"""Turns the cells of an edition into the floor that a later run may not fall below, and a loss into a named fault."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

import pandas as pd
import yaml

from groruddalen_stats.appendix.build import build
from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.catalogue import Catalogue, editions, load
from groruddalen_stats.config.floors import FloorsFile
from groruddalen_stats.config.load import load_model
from groruddalen_stats.errors import ConfigError, Fault
from groruddalen_stats.paths import write_text
from groruddalen_stats.sources.store import Store
from groruddalen_stats.tidy.inputs import Inputs, read_all

COMPUTED = ("source", "recomputed")
_NAMED = 6  # cells a fault names; the rest is counted
_HEAD = (
    "# The cells of each edition that are computed from sources or from other numbers of the report. 'make check' fails\n"
    "# when one has lost its number. Written by 'groruddalen-stats floors'; not edited by hand.\n"
    "# yaml-language-server: $schema=../src/groruddalen_stats/config/schemas/floors.json\n\n"
)

Places = dict[tuple[str, str], str]
"""Basis by row and column."""

_NONE: Places = {}


class Fallen(NamedTuple):
    """What has fallen below its floor, and what there is to say of what has risen above."""

    faults: tuple[Fault, ...]
    said: str


def fallen(catalogue: Catalogue, cells: pd.DataFrame, inputs: Inputs | None = None) -> Fallen:
    """Hold every recorded edition against config/floors.yaml; without ``inputs`` only that of the run.

    Args:
        catalogue: the configuration of the run; its own cells are ``cells``.
        cells: the cells of the run.
        inputs: what the cells of the other editions are computed from.
    """
    recorded = _read(catalogue)
    if not recorded.editions:
        return Fallen((), "no floor is recorded -> 'groruddalen-stats floors' records what is there now\n")
    faults: list[Fault] = []
    risen: list[str] = []
    for edition in recorded.editions:
        if inputs is None and edition != catalogue.numbers_name:
            continue
        if edition not in editions(catalogue.paths):
            what, remedy = (
                "the edition is gone",
                "restore it, or run 'groruddalen-stats floors --lower \"why\"'",
            )
            faults.append(Fault(what, f"edition {edition}", remedy))
            continue
        had, has = recorded.cells(edition), _computed(catalogue, edition, cells, inputs)
        for name, places in had.items():
            faults.extend(_faults(catalogue, edition, name, places, has.get(name, _NONE)))
        more = sum(len(_less(places, had.get(name, _NONE))) for name, places in has.items())
        if more:
            risen.append(
                f"edition {edition} has {more} cells above its floor -> raise with 'groruddalen-stats floors'"
            )
    return Fallen(tuple(faults), "".join(f"{line}\n" for line in risen))


def write(catalogue: Catalogue, reason: str | None) -> list[str]:
    """Record the computed cells of every edition; return what was changed, one line per object.

    Args:
        catalogue: the project's configuration.
        reason: why cells may be lost; without it floors only rise.

    Raises:
        ConfigError: when cells were lost and no reason is given; nothing is written.
    """
    recorded = _read(catalogue)
    inputs = read_all(catalogue, Store(catalogue.paths))
    lowered: list[dict[str, Any]] = [entry.model_dump() for entry in recorded.lowered]
    lost: list[Fault] = []
    said: list[str] = []
    made: dict[str, dict[str, dict[str, dict[str, str]]]] = {}
    for edition in dict.fromkeys([*recorded.editions, *editions(catalogue.paths)]):
        exists = edition in editions(catalogue.paths)
        had, has = recorded.cells(edition), _computed(catalogue, edition, None, inputs) if exists else {}
        for name in dict.fromkeys([*had, *has]):
            before, now = had.get(name, _NONE), has.get(name, _NONE)
            gone = _less(before, now)
            if gone:
                lost.extend(_faults(catalogue, edition, name, before, now))
                entry = {"edition": edition, "object": name, "cells": len(gone), "reason": reason}
                lowered.append(entry)
            if before != now:
                said.append(f"{edition} {name}: {len(before)} -> {len(now)}")
        if exists:
            made[edition] = {name: _by_basis(places) for name, places in has.items()}
    if lost and not reason:
        remedy = "restore them, or run 'groruddalen-stats floors --lower \"why\"'"
        raise ConfigError(faults=[Fault(fault.what, fault.where, remedy) for fault in lost])
    document = {"editions": made, **({"lowered": lowered} if lowered else {})}
    dumped = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=10**9)
    if said:
        write_text(_path(catalogue), _HEAD + dumped)
    return said


def _path(catalogue: Catalogue) -> Any:
    return catalogue.paths.config / "floors.yaml"


def _read(catalogue: Catalogue) -> FloorsFile:
    path = _path(catalogue)
    return load_model(FloorsFile, path) if path.exists() else FloorsFile()


def _computed(
    catalogue: Catalogue, edition: str, cells: pd.DataFrame | None, inputs: Inputs | None
) -> dict[str, Places]:
    if cells is None or catalogue.numbers_name != edition:
        assert inputs is not None
        cells = build(
            load(catalogue.paths, {"edition": edition, "years": {}, "borders": "harmonised"}), *inputs
        )
    known = cells[cells["basis"].isin(COMPUTED) & (cells["value"].notna() | cells["sign"].ne(""))]
    result: dict[str, Places] = defaultdict(dict)
    for name, row, column, basis in known[["object", "row", "column", "basis"]].itertuples(index=False):
        result[str(name)][str(row), str(column)] = str(basis)
    return result


def _less(before: Places, now: Places) -> list[tuple[str, str]]:
    """Return the cells of ``before`` that are no longer computed, or no longer from an independent source."""
    return sorted(
        place
        for place, basis in before.items()
        if place not in now or (basis == "source" and now[place] != "source")
    )


def _by_basis(places: Places) -> dict[str, dict[str, str]]:
    rows: dict[str, dict[str, list[str]]] = {}
    for (row, column), basis in sorted(places.items(), key=lambda item: (item[1] != "source", item[0])):
        rows.setdefault(basis, {}).setdefault(row, []).append(column)
    return {
        basis: {row: " ".join(columns) for row, columns in of_basis.items()}
        for basis, of_basis in rows.items()
    }


def _faults(catalogue: Catalogue, edition: str, name: str, had: Places, has: Places) -> list[Fault]:
    gone = _less(had, has)
    if not gone:
        return []
    named = ", ".join(f"{row}/{column}" for row, column in gone[:_NAMED])
    more = f" and {len(gone) - _NAMED} more" if len(gone) > _NAMED else ""
    what = f"{len(had) - len(gone)} of {len(had)} computed cells are left, lost: {named}{more}"
    served = _sources(catalogue, edition, name, gone)
    remedy = f"see what is gone from {served}" if served else "see what is gone from its sources"
    lower = "or lower the floor with 'groruddalen-stats floors --lower \"why\"'"
    return [Fault(what, f"edition {edition}, {name}", f"{remedy}, {lower}")]


def _sources(catalogue: Catalogue, edition: str, name: str, gone: list[tuple[str, str]]) -> str:
    """Return the sources that the series of lost cells list."""
    from groruddalen_stats.appendix.terms import terms_of  # noqa: PLC0415 - only for a fault

    if name not in catalogue.appendix.objects:
        return ""
    plan = layout(name, catalogue, catalogue.edition_of(edition))
    series = catalogue.indicators.series
    found = {
        source: None
        for place in gone
        if place in plan.cells
        for term in terms_of(plan.cells[place], catalogue.indicators).all()
        for source in (series[term.series].sources if term.series in series else [])
        if catalogue.sources.sources[source].kind == "independent"
    }
    return " or ".join(found)

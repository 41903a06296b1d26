"""Turns cells, observations and the print into the check's files, and a check into an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from groruddalen_stats.appendix import tables
from groruddalen_stats.appendix.compute import Compute, finder
from groruddalen_stats.appendix.find import Observations
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.catalogue import Catalogue, editions, load
from groruddalen_stats.check import (
    CheckResult,
    check_print,
    claims,
    floors,
    identities,
    load_ledger,
    outputs,
)
from groruddalen_stats.config.claims import load_claims
from groruddalen_stats.config.identities import load_identities
from groruddalen_stats.errors import CheckError, Fault
from groruddalen_stats.paths import write_text
from groruddalen_stats.raw.store import Store
from groruddalen_stats.report import write_tables
from groruddalen_stats.tidy.inputs import read_all
from groruddalen_stats.tidy.published import read_published


def write(catalogue: Catalogue) -> Path:
    """Write check.*, claims.csv and one CSV file per object, also when the check fails; return the folder.

    Raises:
        ContractError: when the cells or observations were not built.
        CheckError: when they do not name the cells of the print.
        ConfigError: when the ledger or the claims are wrong.
    """
    ledger = load_ledger(catalogue)
    paths = catalogue.paths
    # The printed cells are read as they stand, changed or not: saying what a change does is what the check is for.
    published = read_published(Store(paths).as_it_stands())
    cells = tables.read_cells(paths.cells(catalogue.numbers_name))
    table = tables.read_observations(paths.observations)
    folder = paths.report(catalogue.reader_name)
    result = check_print(catalogue, ledger, published, cells, table, finder(catalogue, Observations(table)))
    faults = [*result.faults, *breaches_of(catalogue, table)]
    if catalogue.numbers_name == catalogue.run.edition:
        faults += floors.shortfalls(floors.read(catalogue.paths.floors), cells, catalogue.run.edition)
    outputs.write(replace(result, faults=tuple(faults)), folder)
    verdicts = claims_of(catalogue, published, cells)
    write_text(folder / "claims.csv", verdicts.to_csv(index=False, lineterminator="\n"))
    write_tables(catalogue, cells, published)
    return folder


def claims_of(catalogue: Catalogue, published: pd.DataFrame, cells: Sequence[Cell]) -> pd.DataFrame:
    """Return the verdict on every claim of the report's text; none for an edition of other years than the print's."""
    if not catalogue.is_print:
        return pd.DataFrame(columns=claims.COLUMNS, dtype="str")
    language = catalogue.run.language

    def name(key: str) -> str:
        if key in catalogue.appendix.objects:
            spec = catalogue.appendix.objects[key]
            return catalogue.labels.words[spec.kind][language].replace("{number}", spec.number)
        return catalogue.regions.name(key, language) if key in catalogue.regions.ids else key

    return claims.evaluate(
        load_claims(catalogue.paths.config / "claims.yaml"),
        claims.printed_lookup(published),
        claims.rebuilt_lookup(cells),
        language,
        name,
    )


def run(catalogue: Catalogue) -> CheckResult:
    """Compare the report and the appendix computed from data/raw as it stands, and print the headline; write nothing.

    A damaged raw file does not hide what it changes: its bytes are used all the same, and both the file and every
    number it moves are named. Whatever the run, no edition may have fewer computed cells than recorded, or a share
    that cannot be.

    Raises:
        CheckError: one fault per damaged file, per unexplained number, per entry of the ledger that does not hold,
            per identity of config/identities.yaml that does not hold, per share that cannot be and per object with
            fewer computed cells than recorded.
        ConfigError: when the configuration or the ledger is wrong.
    """
    ledger = load_ledger(catalogue)
    store = Store(catalogue.paths)
    inputs = read_all(catalogue, store.as_it_stands())
    among = Observations(inputs.observations)
    compute = Compute(catalogue, among, inputs.published, inputs.prose)
    result = check_print(catalogue, ledger, inputs.published, compute.cells(), inputs.observations, compute.find)
    sys.stdout.write(outputs.terminal(result))
    recorded = floors.read(catalogue.paths.floors)
    lost: list[Fault] = []
    for name in editions(catalogue.paths):
        edition = load(catalogue.paths, {"edition": name})
        of_edition = Compute(edition, among, inputs.published, inputs.prose).cells()
        lost += identities.impossible(of_edition, name)
        lost += floors.shortfalls(recorded, of_edition, name)
    faults = [*store.faults(), *breaches_of(catalogue, inputs.observations), *lost, *result.faults]
    if faults:
        raise CheckError(faults=faults)
    return result


def breaches_of(catalogue: Catalogue, observations: pd.DataFrame) -> list[Fault]:
    """Return where the figures of data/raw do not agree with each other."""
    independent = [key for key, source in catalogue.sources.sources.items() if source.kind == "independent"]
    return identities.breaches(load_identities(catalogue.paths.identities), observations, independent)


def renew_floors(catalogue: Catalogue, reason: str = "") -> list[str]:
    """Record how many cells of every edition are computed today; return what changed, a line each.

    Raises:
        CheckError: when fewer are computed than recorded and no reason is given.
    """
    inputs = read_all(catalogue, Store(catalogue.paths))
    among = Observations(inputs.observations)
    found = []
    for name in editions(catalogue.paths):
        edition = load(catalogue.paths, {"edition": name})
        found.append(floors.counted(Compute(edition, among, inputs.published, inputs.prose).cells(), name))
    return floors.renew(catalogue.paths.floors, pd.concat(found, ignore_index=True), reason)

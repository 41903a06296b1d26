"""The files of the check, and the check as an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.catalogue import Catalogue, editions, load
from groruddalen_stats.check import (
    CheckResult,
    audit,
    check_print,
    claims,
    floors,
    identities,
    load_ledger,
    outputs,
)
from groruddalen_stats.check.suspects import told
from groruddalen_stats.config.identities import load_identities
from groruddalen_stats.errors import CheckError, Fault
from groruddalen_stats.paths import write_text
from groruddalen_stats.raw.store import Store
from groruddalen_stats.report import write_tables
from groruddalen_stats.report.check_page import check_page
from groruddalen_stats.stages import power
from groruddalen_stats.stages.work import Work


@dataclass(frozen=True)
class Checked:
    """What the check of one run came to.

    Attributes:
        result: the printed numbers beside the rebuilt ones, and the faults found in them.
        document: the same as plain words and numbers, as the report and the page of the check show it.
        claims: the verdict on every claim of the report's text.
        wrong: faults of the claims.
    """

    result: CheckResult
    document: dict[str, Any]
    claims: pd.DataFrame
    wrong: list[Fault]


def checked(work: Work) -> Checked:
    """Return the check of a run.

    Raises:
        CheckError: when the cells do not name those of the print.
        ConfigError: when the ledger or the claims are wrong.
    """
    catalogue, cells = work.catalogue, work.cells
    result = check_print(catalogue, load_ledger(catalogue), work.published, cells, work.observations, work.compute.find)
    return Checked(result, audit(result), *claims_of(catalogue, work.published, cells))


def write_results(work: Work) -> None:
    """Write what the report shows of the check, also when it fails: check.json, claims.csv and a CSV file per object.

    Of another area than the report's there is no check, only the CSV files.
    """
    folder = _folder(work)
    if work.catalogue.is_print_area:
        outputs.write_json(work.checked.document, folder / "check.json")
        write_text(folder / "claims.csv", work.checked.claims.to_csv(index=False, lineterminator="\n"))
    write_tables(work.catalogue, work.cells, work.published)


def write_pages(work: Work) -> None:
    """Write what of the check is read for itself, with the faults of the figures and of the claims among the others."""
    catalogue, check = work.catalogue, work.checked
    faults = [*check.result.faults, *breaches_of(catalogue, work.observations)]
    if catalogue.numbers_name == catalogue.run.edition:
        faults += floors.shortfalls(floors.read(catalogue.paths.floors), work.cells, catalogue.run.edition)
    result, folder = replace(check.result, faults=(*faults, *check.wrong)), _folder(work)
    outputs.write_files(result, folder)
    write_text(folder / "check.html", check_page(result, check.document, power.shown(work, check.result)))


def _folder(work: Work) -> Path:
    return work.catalogue.paths.report(work.catalogue.reader_name)


def claims_of(catalogue: Catalogue, published: pd.DataFrame, cells: Sequence[Cell]) -> tuple[pd.DataFrame, list[Fault]]:
    """Return the verdict on every claim of the report's text, and those that are not the expected ones.

    There is none for an edition of other years than the print's.
    """
    if not catalogue.is_print:
        return pd.DataFrame(columns=claims.COLUMNS, dtype="str"), []
    language = catalogue.run.language

    def name(key: str) -> str:
        if key in catalogue.appendix.objects:
            spec = catalogue.appendix.objects[key]
            return catalogue.labels.words[spec.kind][language].replace("{number}", spec.number)
        return catalogue.regions.name(key, language) if key in catalogue.regions.ids else key

    said = catalogue.claims
    printed, rebuilt = claims.printed_lookup(published), claims.rebuilt_lookup(cells)
    verdicts = claims.evaluate(said, printed, rebuilt, language, name)
    return verdicts, claims.unexpected(said, verdicts, printed)


def run(catalogue: Catalogue) -> CheckResult:
    """Compare the report and the appendix computed from data/raw as it stands, and print the headline; write nothing.

    A damaged raw file does not hide what it changes: its bytes are used all the same, and both the file and every
    number it moves are named. Whatever the run, no edition may have fewer computed cells than recorded, or a share
    that cannot be.

    Raises:
        CheckError: one fault per damaged file, per unexplained number, per entry of the ledger that does not hold,
            per identity of config/identities.yaml that does not hold, per share that cannot be, per claim of the text
            whose verdict against the print is not the expected one, and per object with fewer computed cells than
            recorded.
        ConfigError: when the configuration or the ledger is wrong.
    """
    if not catalogue.is_print_area:
        remedy = f"check the area '{catalogue.printed.print_area}'"
        raise CheckError("the report has no numbers of this area", where=str(catalogue.run.area), remedy=remedy)
    work = Work(catalogue, stands=True)
    ledger = load_ledger(catalogue)
    result = check_print(catalogue, ledger, work.published, work.cells, work.observations, work.compute.find)
    sys.stdout.write(outputs.terminal(result))
    recorded = floors.read(catalogue.paths.floors)
    lost: list[Fault] = []
    for name in editions(catalogue.paths):
        of_edition = work.compute_for(load(catalogue.paths, {"edition": name})).cells()
        lost += identities.impossible(of_edition, name)
        lost += floors.shortfalls(recorded, of_edition, name)
    _, wrong = claims_of(catalogue, work.published, work.cells)
    damaged = Store(catalogue.paths).faults()
    faults = [*result.faults, *breaches_of(catalogue, work.observations), *lost, *wrong]
    if faults or damaged:
        raise CheckError(faults=[*told(faults, result), *damaged])
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
    work = Work(catalogue)
    found = [
        floors.counted(work.compute_for(load(catalogue.paths, {"edition": name})).cells(), name)
        for name in editions(catalogue.paths)
    ]
    return floors.renew(catalogue.paths.floors, pd.concat(found, ignore_index=True), reason)

"""What readers take away: of one run beside its report, and of all runs together as report/data/."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from groruddalen_stats import report
from groruddalen_stats.catalogue import load
from groruddalen_stats.errors import CheckError, Fault
from groruddalen_stats.paths import Paths, write_bytes, write_text
from groruddalen_stats.report.data import machine_csv
from groruddalen_stats.stages import figures
from groruddalen_stats.stages.work import Work
from groruddalen_stats.takeaway import gather, readback, tidy, workbook


def write(work: Work) -> None:
    """Write the workbook of a run, its tidy rows with their codebook, and its tables for spreadsheets."""
    catalogue, cells = work.catalogue, work.cells
    folder = catalogue.paths.report(catalogue.reader_name)
    check = folder / "check.csv"
    compared = report.rows_of(check) if check.exists() else []
    rows = machine_csv(tidy.rows(catalogue, cells, work.published))
    write_text(folder / "tidy.csv", rows)
    write_text(folder / "codebook.csv", machine_csv(tidy.codebook(catalogue, cells)))
    for name, table in tidy.excel_tables(work.document, cells):
        write_bytes(folder / "data" / "excel" / f"{name}.csv", table)
    book = folder / "appendix.xlsx"
    shown = (json.dumps([work.document, compared], sort_keys=True), rows)
    work.kept.make([book], lambda: workbook.write(catalogue, work.document, cells, compared, book), *shown)


def collect(paths: Paths, names: Collection[str] | None = None, target: Path | None = None) -> list[Path]:
    """Write what runs together have to take away; return the files.

    Args:
        paths: the project.
        names: the folders of the runs; all that are built where none are named.
        target: where the files go; report/data/ where nothing else is said.

    Raises:
        ContractError: when nothing has been built, or a report was built from other raw files or has been changed.
    """
    runs = gather.built(paths) if names is None else gather.built(paths, set(names))
    catalogue = load(paths, {"edition": runs[0].run["edition"], "language": "en"})
    return gather.write(catalogue, runs, target or paths.root / "report" / "data")


def read_back(paths: Paths) -> int:
    """Look up every number of every built run, computed anew from data/raw, in each file that shows it.

    Returns:
        How many runs were read.

    Raises:
        CheckError: one fault per number that a file does not have, or has otherwise.
        ContractError: when nothing has been built, or a report was built from other raw files or has been changed.
    """
    runs = gather.built(paths)
    faults: list[Fault] = []
    rows: dict[tuple[str, str], list[dict[str, str]]] = {}
    for one in runs:
        work = Work(load(paths, one.run))
        catalogue, cells, published = work.catalogue, work.cells, work.published
        rows[one.of] = tidy.rows(catalogue, cells, published)
        faults += readback.faults(catalogue, cells, published, list(figures.contents(work)))
    together = {kind: paths.root / "report" / "data" / name for kind, name in gather.TIDY.items()}
    if together["csv"].exists():
        faults += readback.gathered(together, [row for listed in rows.values() for row in listed])
    if faults:
        raise CheckError(faults=faults)
    return len(runs)

"""Turns each step of the pipeline into one function that reads its inputs from disk and writes its outputs whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from groruddalen_stats.appendix import availability
from groruddalen_stats.appendix.build import Builder, build
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.errors import ContractError, SnapshotError
from groruddalen_stats.paths import write_text, written_whole
from groruddalen_stats.sources.store import Store
from groruddalen_stats.tidy import observations
from groruddalen_stats.tidy.contracts import CELLS, OBSERVATIONS, Contract
from groruddalen_stats.tidy.published import read_prose, read_published

__all__ = [
    "cells_of",
    "check",
    "read_cells",
    "read_observations",
    "write_cells",
    "write_check",
    "write_comparison",
    "write_figures",
    "write_observations",
    "write_report",
]


def write_observations(catalogue: Catalogue) -> Path:
    """Write data/processed/observations.parquet from data/raw.

    Raises:
        SnapshotError: when a raw file is damaged, unlocked or not what config/sources.yaml says.
        ConfigError: when the configuration is wrong.
    """
    store = Store(catalogue.paths)
    faults = store.faults()
    if faults:
        raise SnapshotError(faults=faults)
    table = observations.build(catalogue, store)
    return _write_parquet(table, catalogue.paths.observations)


def write_cells(catalogue: Catalogue) -> Path:
    """Write cells.parquet and cells.csv of the edition from the observations and data/raw/published.

    What no source has is said on stderr, one line per object.

    Raises:
        ConfigError: instead of that, when the edition says ``on_missing: fail``; nothing is written.
    """
    store = Store(catalogue.paths)
    builder = Builder(catalogue, read_observations(catalogue), read_published(store), read_prose(store))
    table = builder.table()
    availability.require(builder, table)
    target = catalogue.paths.cells(catalogue.run.edition)
    write_text(target.with_suffix(".csv"), table.to_csv(index=False, lineterminator="\n"))
    return _write_parquet(table, target)


def cells_of(catalogue: Catalogue) -> pd.DataFrame:
    """Return the cells of the edition computed from data/raw, without reading or writing what is built."""
    store = Store(catalogue.paths)
    table = observations.build(catalogue, store)
    return build(catalogue, table, read_published(store), read_prose(store))


def write_comparison(catalogues: Sequence[Catalogue]) -> Path:
    """Write report/compare-<edition>-<edition>/ from data/raw; return its page.

    Raises:
        ConfigError: for fewer than two editions, an unknown one, or one named twice.
    """
    from groruddalen_stats import compare

    store = Store(catalogues[0].paths)
    table, published, prose = observations.build(catalogues[0], store), read_published(store), read_prose(store)
    return compare.write(catalogues, [build(catalogue, table, published, prose) for catalogue in catalogues])


def write_figures(catalogue: Catalogue) -> list[Path]:
    """Draw every figure of the edition from its cells; return the SVG and PNG files."""
    from groruddalen_stats import figures
    from groruddalen_stats.appendix.headlines import headline
    from groruddalen_stats.appendix.layout import layout
    from groruddalen_stats.appendix.notes import source_line

    language = catalogue.run.language
    words = {key: text[language] for key, text in catalogue.labels.words.items()}
    reasons = {key: text[language] for key, text in catalogue.labels.reasons.items()}
    cells = read_cells(catalogue)
    places = figures.places(catalogue, Store(catalogue.paths), language)
    folder = catalogue.paths.figures(catalogue.run.edition)
    written: list[Path] = []
    for name, spec in catalogue.appendix.objects.items():
        if spec.kind != "figure":
            continue
        plan, own = layout(name, catalogue), cells[cells["object"] == name]
        texts = figures.Texts(
            title=f"{words['figure'].replace('{number}', spec.number)} {catalogue.text(spec.title)}",
            subtitle=catalogue.text(spec.subtitle),
            source=f"{words['source']}: {source_line(spec, own, catalogue, language)}",
            headline=headline(catalogue, spec, plan, own),
            words=words,
            reasons=reasons,
        )
        figure = figures.draw(name, spec, plan, own, texts, language, catalogue.labels.palette, places)
        targets = (folder / f"{name}.svg", folder / f"{name}.png")
        figures.write(figure, *targets)
        written.extend(targets)
    return written


def write_check(catalogue: Catalogue) -> Path:
    """Write report/<edition>/check.* and claims.csv, also when the check fails; return the folder.

    Raises:
        CheckError: when the cells or observations were not built, or do not name the cells of the print.
        ConfigError: when the ledger or the claims are wrong.
    """
    from groruddalen_stats.check import check_print, load_ledger, outputs, read_inputs

    ledger = load_ledger(catalogue)
    published, cells, table = read_inputs(catalogue)
    folder = catalogue.paths.report(catalogue.run.edition)
    outputs.write(check_print(catalogue, ledger, published, cells, table), folder)
    verdicts = claims_of(catalogue, published, cells)
    write_text(folder / "claims.csv", verdicts.to_csv(index=False, lineterminator="\n"))
    return folder


def claims_of(catalogue: Catalogue, published: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return the verdict on every claim of the report's text; none for an edition of other years than the print's."""
    from groruddalen_stats.check import claims
    from groruddalen_stats.config.claims import load_claims

    if catalogue.run.edition != catalogue.appendix.print_edition:
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


def check(catalogue: Catalogue) -> int:
    """Compare print and rebuilt appendix from data/raw as it stands; print the headline; return the exit code.

    A damaged raw file does not hide what it changes: its bytes are used all the same, and both the file and every
    number it moves are named.
    """
    import sys

    from groruddalen_stats.check import check_print, load_ledger, outputs

    ledger = load_ledger(catalogue)
    store = Store(catalogue.paths)
    faults = store.faults()
    contents = {name: store.inspect(name)[0] for name in store.lock.files}
    contents = {name: content for name, content in contents.items() if content}
    table = observations.build(catalogue, store, contents)
    published = read_published(store, contents)
    cells = build(catalogue, table, published, read_prose(store, contents))
    result = check_print(catalogue, ledger, published, cells, table)
    outputs.write(result, catalogue.paths.report(catalogue.run.edition))
    sys.stdout.write(outputs.terminal(result))
    for fault in (*faults, *result.faults):
        sys.stderr.write(f"{fault}\n")
    return 1 if faults or result.faults else 0


def write_report(catalogue: Catalogue) -> None:
    """Write report/<edition>: the HTML, the PDF, one CSV per object and the manifest."""
    from groruddalen_stats import report

    report.write(catalogue)


def read_observations(catalogue: Catalogue) -> pd.DataFrame:
    """Return the observations; see :data:`~groruddalen_stats.tidy.contracts.OBSERVATIONS` for the columns."""
    return _read_parquet(catalogue.paths.observations, OBSERVATIONS)


def read_cells(catalogue: Catalogue) -> pd.DataFrame:
    """Return the cells of the edition; see :data:`~groruddalen_stats.tidy.contracts.CELLS` for the columns."""
    return _read_parquet(catalogue.paths.cells(catalogue.run.edition), CELLS)


def _write_parquet(table: pd.DataFrame, target: Path) -> Path:
    with written_whole(target) as beside:
        table.to_parquet(beside, index=False)
    return target


def _read_parquet(path: Path, contract: Contract) -> pd.DataFrame:
    if not path.exists():
        raise ContractError(
            "the table has not been built", where=path.as_posix(), remedy="run 'make report' or 'snakemake'"
        )
    return contract.enforce(pd.read_parquet(path))

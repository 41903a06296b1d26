"""The report of a run: HTML, PDF, one CSV file per object, and the manifest."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

from groruddalen_stats.appendix import fill
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.errors import ContractError, Fault
from groruddalen_stats.kept import Kept
from groruddalen_stats.paths import FIGURE_KINDS, FINDINGS, write_text
from groruddalen_stats.raw.store import Store
from groruddalen_stats.report.data import object_csv
from groruddalen_stats.report.grids import printed_numbers
from groruddalen_stats.report.html import render_html
from groruddalen_stats.report.manifest import manifest, sha256
from groruddalen_stats.report.model import build_model, fill_sentence
from groruddalen_stats.report.origins import origins_of
from groruddalen_stats.report.pdf import of_findings, render_pdf
from groruddalen_stats.report.words import Words

__all__ = [
    "build_model",
    "headline_of",
    "model_of",
    "of_findings",
    "render_html",
    "render_pdf",
    "rows_of",
    "write",
    "write_fill",
    "write_manifest",
    "write_tables",
]


def write(catalogue: Catalogue, cells: Sequence[Cell], published: pd.DataFrame, kept: Kept) -> Future[None]:
    """Write the page of an edition and begin to set its PDF; return its future.

    Read are the run's figures and CSV files and, where the check has been run, check.json and claims.csv. Typst sets
    the PDF in a thread of its own while this one goes on.

    Args:
        catalogue: the project's configuration; its run names edition and language.
        cells: the run's cells.
        published: every printed cell, with the column ``object``.
        kept: what earlier runs made.

    Raises:
        ContractError: when a figure has not been drawn, a CSV file has not been written, or the check was run for
            another edition or language.
        StatsError: when the PDF cannot be set.
    """
    folder = catalogue.paths.report(catalogue.reader_name)
    drawings, tables = _drawings(catalogue), _tables(catalogue)
    narrow = {name: path.with_suffix(".narrow.svg") for name, path in drawings.items()}
    _require([*drawings.values(), *narrow.values(), *tables.values()])
    drawn, small = (
        {name: path.read_text(encoding="utf-8") for name, path in files.items()} for files in (drawings, narrow)
    )
    model = model_of(catalogue, cells, published, drawn, small)
    page, document, findings = (folder / name for name in ("appendix.html", "appendix.pdf", FINDINGS))
    shown = json.dumps(model, sort_keys=True)
    files = [path.read_bytes() for path in tables.values()]
    documents = [document, findings] if catalogue.is_print else [document]

    def set_pdf() -> None:
        render_pdf(model, tables, document)
        if catalogue.is_print:
            render_pdf(of_findings(model), {}, findings)

    pool = ThreadPoolExecutor(1)
    setting = pool.submit(kept.make, documents, set_pdf, shown, *files)
    pool.shutdown(wait=False)
    kept.make([page], lambda: write_text(page, _page(catalogue, cells, published, model)), shown, *files)
    return setting


def _page(catalogue: Catalogue, cells: Sequence[Cell], published: pd.DataFrame, model: dict[str, Any]) -> str:
    printed = printed_numbers(catalogue, published)
    grouped = groupby(cells, key=lambda cell: cell.place.object)
    origins = {name: origins_of(catalogue, name, list(found), printed.get(name, {})) for name, found in grouped}
    return render_html(model, origins, f"../../figures/{catalogue.reader_name}/")


def headline_of(catalogue: Catalogue) -> list[str]:
    """Return what the check of the print came to, for the run that rebuilds it and has been checked."""
    found = _check(catalogue, catalogue.paths.report(catalogue.reader_name) / "check.json")
    return [str(found["headline"])] if found and catalogue.is_print else []


def model_of(
    catalogue: Catalogue,
    cells: Sequence[Cell],
    published: pd.DataFrame,
    drawn: Mapping[str, str],
    narrow: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the document of a run, with what its check and its claims came to where they are written.

    Args:
        catalogue: the project's configuration; its run names edition and language.
        cells: the run's cells.
        published: every printed cell, with the column ``object``.
        drawn: SVG text by object; none for what shows no drawings.
        narrow: the same, drawn for a telephone.

    Raises:
        ContractError: when the check was run for another edition or language.
    """
    folder = catalogue.paths.report(catalogue.reader_name)
    claims, store = folder / "claims.csv", Store(catalogue.paths)
    return build_model(
        catalogue,
        cells,
        published,
        drawn,
        _check(catalogue, folder / "check.json"),
        rows_of(claims) if claims.exists() else None,
        wording=catalogue.claims if claims.exists() else None,
        sidecars={name: store.sidecar(name) for name in store.lock.files if name not in catalogue.unread},
        lock_sha256=sha256(catalogue.paths.lock),
        narrow=narrow,
    )


def write_fill(catalogue: Catalogue, cells: Sequence[Cell]) -> str:
    """Write how much of the appendix is filled, in all and by object; return it as a sentence."""
    told = json.dumps(fill.document(cells, catalogue), ensure_ascii=False, indent=1)
    write_text(catalogue.paths.report(catalogue.reader_name) / "fill.json", f"{told}\n")
    return fill_sentence(Words(catalogue), cells)


def write_manifest(catalogue: Catalogue) -> Path:
    """Write what was made, of what and by what, once all else of the run is written; return the file."""
    folder = catalogue.paths.report(catalogue.reader_name)
    drawings = _drawings(catalogue).values()
    pictures = [drawing.with_suffix(f".{kind}") for drawing in drawings for kind in FIGURE_KINDS]
    target = folder / "manifest.json"
    beside = [path for path in sorted(folder.iterdir()) if path.suffix in {".csv", ".json", ".xml", ".svg"}]
    pages = [folder / name for name in ("appendix.html", "appendix.pdf", FINDINGS, "appendix.xlsx")]
    tables = [folder / "data" / inside / f"{name}.csv" for inside in ("", "excel") for name in _tables(catalogue)]
    described = [*pages, *tables, *pictures, *beside, folder / "check.html"]
    facts = manifest(catalogue, [path for path in described if path.exists() and path != target])
    write_text(target, json.dumps(facts, ensure_ascii=False, indent=1) + "\n")
    return target


def _drawings(catalogue: Catalogue) -> dict[str, Path]:
    folder = catalogue.paths.figures(catalogue.reader_name)
    return {name: folder / f"{name}.svg" for name, spec in catalogue.appendix.objects.items() if spec.kind == "figure"}


def _tables(catalogue: Catalogue) -> dict[str, Path]:
    folder = catalogue.paths.report(catalogue.reader_name) / "data"
    return {name: folder / f"{name}.csv" for name in catalogue.appendix.objects}


def write_tables(catalogue: Catalogue, cells: Sequence[Cell], published: pd.DataFrame) -> list[Path]:
    """Write one CSV file per object, and return them.

    Args:
        catalogue: the project's configuration; its run names edition and language.
        cells: the run's cells, those of an object one after another.
        published: every printed cell, with the column ``object``.
    """
    printed = printed_numbers(catalogue, published)
    folder = catalogue.paths.report(catalogue.reader_name) / "data"
    written = []
    for name, of_object in groupby(cells, key=lambda cell: cell.place.object):
        written.append(folder / f"{name}.csv")
        write_text(written[-1], object_csv(catalogue, name, list(of_object), printed.get(name, {})))
    return written


def _require(files: Iterable[Path]) -> None:
    faults = [
        Fault("the file has not been built", path.as_posix(), "run 'make report' or 'snakemake'")
        for path in files
        if not path.exists()
    ]
    if faults:
        raise ContractError(faults=faults)


def _check(catalogue: Catalogue, path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    check: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    run = (catalogue.run.edition, catalogue.run.language)
    if (check["edition"], check["language"]) != run:
        what = f"the check was run for edition {check['edition']} in {check['language']}, not {run[0]} in {run[1]}"
        raise ContractError(what, where=path.as_posix(), remedy="run 'make report' or 'snakemake'")
    return check


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file as text by column."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

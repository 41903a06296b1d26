"""The report of a run: HTML, PDF, one CSV file per object, and the manifest."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd

from groruddalen_stats.appendix import fill
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.kept import Kept
from groruddalen_stats.paths import FINDINGS, write_text
from groruddalen_stats.raw.store import Store
from groruddalen_stats.report.data import object_csvs
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


def write(
    catalogue: Catalogue, model: Mapping[str, Any], cells: Sequence[Cell], published: pd.DataFrame, kept: Kept
) -> Future[None]:
    """Write the page of an edition and begin to set its PDF; return its future.

    Read are the run's figures and CSV files. Typst sets the PDF in a thread of its own while this one goes on.

    Raises:
        StatsError: when the PDF cannot be set.
    """
    folder = catalogue.paths.report(catalogue.reader_name)
    figures, objects = catalogue.paths.figures(catalogue.reader_name), catalogue.appendix.objects
    tables = {name: folder / "data" / f"{name}.csv" for name in objects}
    drawings = {
        name: (
            (figures / f"{name}.svg").read_text(encoding="utf-8"),
            (figures / f"{name}.narrow.svg").read_text(encoding="utf-8"),
        )
        for name, spec in objects.items()
        if spec.kind == "figure"
    }
    page, document, findings = (folder / name for name in ("appendix.html", "appendix.pdf", FINDINGS))
    shown = json.dumps([model, drawings], sort_keys=True)
    attached = [path.read_bytes() for path in tables.values()]

    def set_page() -> None:
        origins = origins_of(catalogue, cells, published)
        write_text(page, render_html(model, origins, f"../../figures/{catalogue.reader_name}/", drawings))

    # Each in a thread of its own, beside what this one does meanwhile.
    pool = ThreadPoolExecutor(2)
    set_all = [
        pool.submit(kept.make, [document], lambda: render_pdf(model, document, tables, drawings), shown, *attached)
    ]
    if catalogue.is_print:
        found = of_findings(model)
        set_all.append(pool.submit(kept.make, [findings], lambda: render_pdf(found, findings), json.dumps(found)))

    def whole() -> None:
        for one in set_all:
            one.result()

    setting = pool.submit(whole)
    pool.shutdown(wait=False)
    kept.make([page], set_page, shown, *attached)
    return setting


def headline_of(catalogue: Catalogue) -> list[str]:
    """Return what the check of the print came to, for the run that rebuilds it and has been checked."""
    found = _check(catalogue.paths.report(catalogue.reader_name) / "check.json")
    return [str(found["headline"])] if found and catalogue.is_print else []


def model_of(catalogue: Catalogue, cells: Sequence[Cell], published: pd.DataFrame) -> dict[str, Any]:
    """Return the document of a run, with what its check and its claims came to where they are written."""
    folder = catalogue.paths.report(catalogue.reader_name)
    claims, store = folder / "claims.csv", Store(catalogue.paths)
    return build_model(
        catalogue,
        cells,
        published,
        _check(folder / "check.json"),
        rows_of(claims) if claims.exists() else (),
        sidecars={name: store.sidecar(name) for name in store.lock.files if name not in catalogue.unread},
        lock_sha256=sha256(catalogue.paths.lock),
    )


def write_fill(catalogue: Catalogue, cells: Sequence[Cell]) -> str:
    """Write how much of the appendix is filled, in all and by object; return it as a sentence."""
    told = json.dumps(fill.document(cells, catalogue), ensure_ascii=False, indent=1)
    write_text(catalogue.paths.report(catalogue.reader_name) / "fill.json", f"{told}\n")
    return fill_sentence(Words(catalogue), cells)


def write_manifest(catalogue: Catalogue) -> Path:
    """Write what was made, of what and by what, once all else of the run is written; return the file."""
    name = catalogue.reader_name
    folders = (catalogue.paths.report(name), catalogue.paths.figures(name))
    target = folders[0] / "manifest.json"
    made = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path != target]
    write_text(target, json.dumps(manifest(catalogue, made), ensure_ascii=False, indent=1) + "\n")
    return target


def write_tables(catalogue: Catalogue, cells: Sequence[Cell], published: pd.DataFrame) -> None:
    """Write one CSV file per object; the cells of an object stand one after another."""
    folder = catalogue.paths.report(catalogue.reader_name) / "data"
    for name, text in object_csvs(catalogue, cells, published).items():
        write_text(folder / f"{name}.csv", text)


def _check(path: Path) -> dict[str, Any] | None:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file as text by column."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

"""All runs that have been built, put together: one tidy file, its codebook, and an archive to deposit."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.errors import ContractError, Fault
from groruddalen_stats.paths import Paths, write_bytes
from groruddalen_stats.report import rows_of
from groruddalen_stats.report.data import machine_csv
from groruddalen_stats.report.manifest import sha256
from groruddalen_stats.runs import BORDERS
from groruddalen_stats.takeaway import archive, tidy

SCHEMA = pa.schema([(name, tidy.NUMBERS.get(name, pa.string())) for name in tidy.COLUMNS])
"""The columns of the tidy file in Parquet: what is no number is text, also a code of digits only."""
TIDY = {"csv": "tidy.csv", "parquet": "tidy.parquet", "excel": "tidy_excel.csv"}
"""The tidy file in each of its forms."""


@dataclass(frozen=True)
class Built:
    """A run whose report is in place.

    Attributes:
        folder: its report.
    """

    folder: Path

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """What the report was made from, and the hashes of its files."""
        return dict(json.loads((self.folder / "manifest.json").read_text(encoding="utf-8")))

    @property
    def run(self) -> Mapping[str, Any]:
        """The settings of the run."""
        return dict(self.manifest["config"]["run"])

    @property
    def of(self) -> tuple[str, str]:
        """The edition and the area; the report's own area is an empty word, and so the first."""
        return str(self.run["edition"]), str(self.run["area"] or "")

    @property
    def plain(self) -> bool:
        """Whether the run is an edition of an area and nothing else: no other borders, no years of its own."""
        return self.run["borders"] == BORDERS and not self.run["years"]

    def faults(self, lock: str) -> Iterator[Fault]:
        """Yield what keeps the run from being put together with others.

        ``lock`` is the sha256 of data/raw/lock.yaml.
        """
        remedy = "build it again, or delete its folder"
        if self.manifest["lock_sha256"] != lock:
            yield Fault("the report was built from other raw files than there are now", self.folder.as_posix(), remedy)
        for name, digest in self.manifest["outputs"].items():
            path = self.folder.parent.parent / name
            if path.is_relative_to(self.folder) and (not path.is_file() or sha256(path) != digest):
                yield Fault("the file is not the one that the report was built with", path.as_posix(), remedy)


def built(paths: Paths, shown: Collection[str] | None = None) -> list[Built]:
    """Return the runs that are in place, the report's own area first; runs on other borders or of other years are left out.

    ``shown`` are the folders of a site, where only the runs in it count.

    Raises:
        ContractError: when there is none; one fault per run of other raw files, and per file that has been changed.
    """
    reports = paths.root / "report"
    found = [Built(path.parent) for path in sorted(reports.glob("*/manifest.json"))]
    if shown is not None:
        found = [one for one in found if one.folder.name.replace("+", "-") in shown]
    found = sorted((one for one in found if one.plain), key=lambda one: (one.of[1] != "", one.of, one.folder.name))
    if not found:
        raise ContractError("no report has been built", where=reports.as_posix(), remedy="run 'make report'")
    lock = sha256(paths.lock)
    if faults := [fault for one in found for fault in one.faults(lock)]:
        raise ContractError(faults=faults)
    return found


def write(catalogue: Catalogue, runs: Sequence[Built], target: Path) -> list[Path]:
    """Write the tidy file as CSV, Parquet and for spreadsheets, its codebook and the archive; return them."""
    # The rows of a run are the same in each language.
    single = list({one.of: one for one in reversed(runs)}.values())[::-1]
    rows = [row for one in single for row in rows_of(one.folder / "tidy.csv")]
    book = tidy.merged_codebook(rows_of(one.folder / "codebook.csv") for one in single)
    files = {
        TIDY["csv"]: machine_csv(rows).encode(),
        TIDY["parquet"]: _parquet(rows),
        TIDY["excel"]: tidy.excel_csv([tidy.COLUMNS, *map(_with_numbers, rows)]),
        "codebook.csv": machine_csv(book).encode(),
    }
    own = [one for one in runs if not one.of[1]]
    files["appendix.zip"] = archive.packed(catalogue, files, {one.folder: one.manifest for one in own or runs})
    for name, content in files.items():
        write_bytes(target / name, content)
    return [target / name for name in files]


def _with_numbers(row: Mapping[str, str]) -> list[str | Decimal]:
    return [Decimal(row[name]) if name in tidy.NUMBERS and row[name] else row[name] for name in tidy.COLUMNS]


def _parquet(rows: Sequence[Mapping[str, str]]) -> bytes:
    text = machine_csv(rows).encode()
    options = pyarrow.csv.ConvertOptions(column_types=SCHEMA, null_values=[""], strings_can_be_null=False)
    table = pyarrow.csv.read_csv(io.BytesIO(text), convert_options=options)
    target = io.BytesIO()
    pq.write_table(table, target)
    return target.getvalue()

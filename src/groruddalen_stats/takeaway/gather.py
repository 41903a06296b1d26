"""All runs that have been built, put together: one tidy file, its codebook, and an archive to deposit.

The archive has data, tables, raw files, a Frictionless Data Package that describes them, licence and README.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from groruddalen_stats.appendix.model import Basis
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Source, text_in
from groruddalen_stats.errors import ContractError, Fault
from groruddalen_stats.paths import Paths, write_bytes
from groruddalen_stats.raw.store import SIDECAR, Store
from groruddalen_stats.report import rows_of
from groruddalen_stats.report.chapters import obtained
from groruddalen_stats.report.data import machine_csv
from groruddalen_stats.report.html import page_templates
from groruddalen_stats.report.manifest import sha256
from groruddalen_stats.report.words import Words
from groruddalen_stats.runs import BORDERS
from groruddalen_stats.takeaway import tidy

SCHEMA = pa.schema([(name, tidy.NUMBERS.get(name, pa.string())) for name in tidy.COLUMNS])
"""The columns of the tidy file in Parquet: what is no number is text, also a code of digits only."""
TIDY = {"csv": "tidy.csv", "parquet": "tidy.parquet", "excel": "tidy_excel.csv"}
"""The tidy file in each of its forms."""
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TEMPLATES = Path(__file__).parent / "templates"
_FORMS = frozenset({".parquet", ".xlsx"})
_NUMBERS = {
    "data": tidy.NUMBERS.keys(),
    "tables": frozenset({"value", "decimals", "printed_value", "numerator", "denominator"}),
}
"""The columns with numbers, by the folder of a file; in a raw file all are text, as the publisher wrote it."""
_MEDIA = {
    ".csv": "text/csv",
    ".geojson": "application/geo+json",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Built:
    """A run whose report is in place, in ``folder``."""

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
        """Yield what keeps the run from being put together with others; ``lock`` is the sha256 of data/raw/lock.yaml."""
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
    numbers = [
        [Decimal(row[name]) if name in tidy.NUMBERS and row[name] else row[name] for name in row] for row in rows
    ]
    book = tidy.merged_codebook(rows_of(one.folder / "codebook.csv") for one in single)
    files = {
        TIDY["csv"]: machine_csv(rows).encode(),
        TIDY["parquet"]: _parquet(rows),
        TIDY["excel"]: tidy.excel_csv([tidy.COLUMNS, *numbers]),
        "codebook.csv": machine_csv(book).encode(),
    }
    own = [one for one in runs if not one.of[1]]
    files["appendix.zip"] = _packed(catalogue, files, {one.folder: one.manifest for one in own or runs})
    for name, content in files.items():
        write_bytes(target / name, content)
    return [target / name for name in files]


def _parquet(rows: Sequence[Mapping[str, str]]) -> bytes:
    text = machine_csv(rows).encode()
    options = pyarrow.csv.ConvertOptions(column_types=SCHEMA, null_values=[""], strings_can_be_null=False)
    table = pyarrow.csv.read_csv(io.BytesIO(text), convert_options=options)
    target = io.BytesIO()
    pq.write_table(table, target)
    return target.getvalue()


# ---- the archive ------------------------------------------------------------------------------------------------


def _packed(catalogue: Catalogue, data: Mapping[str, bytes], runs: Mapping[Path, Mapping[str, Any]]) -> bytes:
    """Return the archive; the same files give the same bytes.

    ``data`` has the tidy file and its codebook by name, ``runs`` the manifest of each run whose tables are in it, by
    the folder of its report. Whatever the language of the run, the archive speaks English.
    """
    store = Store(catalogue.paths)
    words = Words(catalogue)
    files = {f"data/{name}": content for name, content in data.items()}
    for folder in runs:
        own = [*sorted((folder / "data").glob("*.csv")), folder / "appendix.xlsx"]
        files |= {f"tables/{folder.name}/{path.name}": path.read_bytes() for path in own}
    files |= {f"raw/{name}": store.read(name) for name in sorted(store.lock.files)}
    described = _descriptor(words, files, store, list(runs.values()))
    beside = ["lock.yaml", *(f"{name}{SIDECAR}" for name in store.lock.files)]
    files |= {f"raw/{name}": (catalogue.paths.raw / name).read_bytes() for name in sorted(beside)}
    for name in ("LICENSE", "CITATION.cff"):
        path = catalogue.paths.root / name
        files |= {name: path.read_bytes()} if path.exists() else {}
    files["datapackage.json"] = (json.dumps(described, ensure_ascii=False, indent=1) + "\n").encode()
    files["README.md"] = _readme(words, described, list(runs), store).encode()
    return zipped(files)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files as a ZIP archive that tells neither the day nor the machine it was made on."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, files[name])
    return target.getvalue()


def _descriptor(
    words: Words, files: Mapping[str, bytes], store: Store, manifests: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the description of the files as a Frictionless Data Package, version 2.

    ``files`` has their content by their paths in the archive, ``manifests`` what each report was made from.
    """
    catalogue = words.catalogue
    known = catalogue.sources.sources
    of_raw = {path: source for key, source in known.items() for path in source.paths(key)}
    used = [source for key, source in known.items() if any(map(store.has, source.paths(key)))]
    made = version("groruddalen-stats")
    return {
        "$schema": _PROFILE,
        "name": "groruddalen-stats",
        "title": catalogue.print_edition.title["en"],
        "description": words("dataset_description"),
        "version": made,
        "keywords": ["official statistics", "social housing", "Oslo", "Groruddalen"],
        "licenses": _licences(catalogue, [source.licence for source in used]),
        "sources": [_source(catalogue, source) for source in used],
        "contributors": [{"title": "groruddalen_stats contributors", "roles": ["creator"]}],
        "code": {
            "version": made,
            # One commit, or each where the reports are of several.
            "commits": sorted({one["commit"] for one in manifests if one["commit"]}),
            "changed": any(one["dirty"] for one in manifests),
            "packages": manifests[0]["packages"],
            "lock_sha256": manifests[0]["lock_sha256"],
        },
        "resources": [
            _resource(path, content) | _more(words, store, of_raw, path)
            for path, content in files.items()
            if Path(path).suffix not in _FORMS
        ],
        # The standard's tables are read without a library of their own; these are the same numbers once more.
        "files": [_told(path, content) for path, content in files.items() if Path(path).suffix in _FORMS],
    }


def _told(path: str, content: bytes) -> dict[str, Any]:
    return {
        "path": path,
        "format": Path(path).suffix.removeprefix("."),
        "mediatype": _MEDIA.get(Path(path).suffix, "application/octet-stream"),
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }


def _resource(path: str, content: bytes) -> dict[str, Any]:
    found: dict[str, Any] = {"name": re.sub(r"[+/_.]", "-", path.lower()), **_told(path, content)}
    if Path(path).suffix == ".csv":
        excel = path.endswith("_excel.csv")
        found |= {"type": "table", "encoding": "utf-8-sig" if excel else "utf-8"}
        found |= {"dialect": {"delimiter": ";", "lineTerminator": "\r\n"}} if excel else {}
        found["schema"] = _schema(path, content, ";" if excel else ",")
    return found


def _schema(path: str, content: bytes, delimiter: str) -> dict[str, Any]:
    """Return the columns of a CSV file."""
    head = next(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter))
    numbers = _NUMBERS.get(Path(path).parts[0], ())
    fields = []
    for name in head:
        kind = "string" if name not in numbers else "integer" if name in {"year", "decimals"} else "number"
        field: dict[str, Any] = {"name": name, "type": kind}
        if kind == "number" and delimiter == ";":
            field["decimalChar"] = ","
        if name == "basis" and numbers:
            field["constraints"] = {"enum": [str(basis) for basis in Basis]}
        fields.append(field)
    keys = {tidy.COLUMNS: tidy.KEY, tidy.CODEBOOK: tidy.CODEBOOK[:4]}
    key = {"primaryKey": list(keys[tuple(head)])} if tuple(head) in keys else {}
    return {"fields": fields, "missingValues": [""], **key}


def _more(words: Words, store: Store, of_raw: Mapping[str, Source], path: str) -> dict[str, Any]:
    """Return what is known of a raw file: its title, its source and its licence."""
    name, catalogue = path.removeprefix("raw/"), words.catalogue
    if name == path or not store.has(name):
        return {}
    sidecar, source = store.sidecar(name), of_raw.get(name)
    title = sidecar.title or (source.title if source else name)
    publisher, licence = (source or sidecar).publisher, (source or sidecar).licence
    more: dict[str, Any] = {"title": text_in(title, "en"), "description": obtained(words, sidecar)}
    if publisher:
        known = catalogue.sources.publishers[publisher]
        more["sources"] = [{"title": known.name["en"], "path": (source.url if source else "") or known.url}]
    if licence and (known_licence := _licences(catalogue, [licence])):
        more["licenses"] = known_licence
    return more


def _licences(catalogue: Catalogue, keys: Iterable[str]) -> list[dict[str, str]]:
    """Return the licences that have an address; numbers quoted from the report or a newspaper have none."""
    known = [catalogue.sources.licences[key] for key in dict.fromkeys(keys)]
    return [{"path": one.url, "title": text_in(one.name, "en")} for one in known if one.url]


def _source(catalogue: Catalogue, source: Source) -> dict[str, str]:
    publisher = catalogue.sources.publishers[source.publisher]
    title = f"{publisher.name['en']}: {text_in(source.table, 'en')}, {source.title['en']}"
    return {"title": title, "path": source.url or publisher.url}


def _readme(words: Words, described: Mapping[str, Any], runs: Sequence[Path], store: Store) -> str:
    """Return the README of the archive, in the order of the social science data editors' template."""
    catalogue, known = words.catalogue, words.catalogue.sources
    markdown = page_templates(_TEMPLATES).overlay(autoescape=False, keep_trailing_newline=True)
    groups = []
    resources = {resource["path"]: resource for resource in described["resources"]}
    listed: set[str] = set()
    for key, source in known.sources.items():
        files = [name for name in source.paths(key) if store.has(name) and name not in listed]
        if files:
            listed.update(files)
            told = [(f"raw/{name}", obtained(words, store.sidecar(name))) for name in files]
            groups.append((source, known.publishers[source.publisher], known.licences[source.licence], told))
    others = [f"raw/{name}" for name in sorted(store.lock.files) if name not in listed]
    return markdown.get_template("README.md.j2").render(
        package=described,
        code=described["code"],
        sources=groups,
        text=partial(text_in, language="en"),
        others=[resources[path] for path in others],
        runs=[folder.name for folder in runs],
        objects=[
            (name, words.label(name), catalogue.text(spec.title)) for name, spec in catalogue.printed.objects.items()
        ],
        variables=[(name, words(f"tidy_{name}")) for name in tidy.COLUMNS],
    )

"""The archive to deposit: data, tables, raw files, a Frictionless Data Package that describes them, licence and README."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from groruddalen_stats.appendix.model import Basis
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.models import Sidecar, Source, text_in
from groruddalen_stats.raw.store import SIDECAR, Store
from groruddalen_stats.report.html import page_templates
from groruddalen_stats.report.words import Words
from groruddalen_stats.takeaway import tidy

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TEMPLATES = Path(__file__).parent / "templates"
_FORMS = frozenset({".parquet", ".xlsx"})
_INTEGERS = frozenset({"year", "decimals"})
_NUMBERS = {
    "data": frozenset({"year", "value", "decimals", "printed"}),
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


def packed(catalogue: Catalogue, data: Mapping[str, bytes], runs: Mapping[Path, Mapping[str, Any]]) -> bytes:
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
    described = descriptor(words, files, store, _versions(runs.values()))
    beside = ["lock.yaml", *(f"{name}{SIDECAR}" for name in store.lock.files)]
    files |= {f"raw/{name}": (catalogue.paths.raw / name).read_bytes() for name in sorted(beside)}
    for name in ("LICENSE", "CITATION.cff"):
        path = catalogue.paths.root / name
        files |= {name: path.read_bytes()} if path.exists() else {}
    files["datapackage.json"] = (json.dumps(described, ensure_ascii=False, indent=1) + "\n").encode()
    files["README.md"] = readme(words, described, list(runs), store).encode()
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


def _versions(manifests: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the code that the reports were built with: one commit, or each where they are of several."""
    listed = list(manifests)
    commits = sorted({one["commit"] for one in listed if one["commit"]})
    return {
        "version": version("groruddalen-stats"),
        "commits": commits,
        "changed": any(one["dirty"] for one in listed),
        "packages": listed[0]["packages"],
        "lock_sha256": listed[0]["lock_sha256"],
    }


def descriptor(words: Words, files: Mapping[str, bytes], store: Store, code: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description of the files as a Frictionless Data Package, version 2.

    ``files`` has their content by their paths in the archive, ``code`` what they were made with.
    """
    catalogue = words.catalogue
    known = catalogue.sources.sources
    of_raw = {path: source for key, source in known.items() for path in source.paths(key)}
    used = [source for key, source in known.items() if any(map(store.has, source.paths(key)))]
    return {
        "$schema": PROFILE,
        "name": "groruddalen-stats",
        "title": catalogue.print_edition.title["en"],
        "description": catalogue.labels.words["dataset_description"]["en"],
        "version": code["version"],
        "keywords": ["official statistics", "social housing", "Oslo", "Groruddalen"],
        "licenses": _licences(catalogue, [source.licence for source in used]),
        "sources": _sources(catalogue, used),
        "contributors": [{"title": "groruddalen_stats contributors", "roles": ["creator"]}],
        "code": dict(code),
        "resources": [
            _resource(path, content, _more(catalogue, store, of_raw, path))
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


def _resource(path: str, content: bytes, more: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"name": re.sub(r"[+/_.]", "-", path.lower()), **_told(path, content)}
    if Path(path).suffix == ".csv":
        excel = path.endswith("_excel.csv")
        found |= {"type": "table", "encoding": "utf-8-sig" if excel else "utf-8"}
        found |= {"dialect": {"delimiter": ";", "lineTerminator": "\r\n"}} if excel else {}
        found["schema"] = _schema(path, content)
    return {**found, **more}


def _schema(path: str, content: bytes) -> dict[str, Any]:
    """Return the columns of a CSV file."""
    delimiter = ";" if path.endswith("_excel.csv") else ","
    head = next(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter))
    numbers = _NUMBERS.get(Path(path).parts[0], frozenset())
    fields = []
    for name in head:
        kind = "string" if name not in numbers else "integer" if name in _INTEGERS else "number"
        field: dict[str, Any] = {"name": name, "type": kind}
        if kind == "number" and delimiter == ";":
            field["decimalChar"] = ","
        if name == "basis" and numbers:
            field["constraints"] = {"enum": [str(basis) for basis in Basis]}
        fields.append(field)
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if set(head) == set(tidy.COLUMNS):
        schema["primaryKey"] = list(tidy.KEY)
    if set(head) == set(tidy.CODEBOOK):
        schema["primaryKey"] = list(tidy.CODEBOOK[:4])
    return schema


def _more(catalogue: Catalogue, store: Store, of_raw: Mapping[str, Source], path: str) -> dict[str, Any]:
    """Return what is known of a raw file: its title, its source and its licence."""
    name = path.removeprefix("raw/")
    if name == path or not store.has(name):
        return {}
    sidecar, source = store.sidecar(name), of_raw.get(name)
    title = sidecar.title or (source.title["en"] if source else name)
    publisher, licence = (source or sidecar).publisher, (source or sidecar).licence
    more: dict[str, Any] = {"title": text_in(title, "en"), "description": _obtained(sidecar)}
    if publisher:
        known = catalogue.sources.publishers[publisher]
        more["sources"] = [{"title": known.name["en"], "path": (source.url if source else "") or known.url}]
    if licence and (known_licence := _licences(catalogue, [licence])):
        more["licenses"] = known_licence
    return more


def _obtained(sidecar: Sidecar) -> str:
    if sidecar.fetched is not None:
        return f"Fetched {sidecar.fetched.moment} from {sidecar.fetched.url}"
    return text_in(sidecar.obtained or "", "en")


def _licences(catalogue: Catalogue, keys: Iterable[str]) -> list[dict[str, str]]:
    """Return the licences that have an address; numbers quoted from the report or a newspaper have none."""
    known = [catalogue.sources.licences[key] for key in dict.fromkeys(keys)]
    return [{"path": one.url, "title": text_in(one.name, "en")} for one in known if one.url]


def _sources(catalogue: Catalogue, used: Sequence[Source]) -> list[dict[str, str]]:
    listed = []
    for one in used:
        publisher = catalogue.sources.publishers[one.publisher]
        title = f"{publisher.name['en']}: {text_in(one.table, 'en')}, {one.title['en']}"
        listed.append({"title": title, "path": one.url or publisher.url})
    return listed


def readme(words: Words, described: Mapping[str, Any], runs: Sequence[Path], store: Store) -> str:
    """Return the README of the archive, in the order of the social science data editors' template."""
    catalogue = words.catalogue
    markdown = page_templates(_TEMPLATES).overlay(autoescape=False, keep_trailing_newline=True)
    groups: list[dict[str, Any]] = []
    resources = {resource["path"]: resource for resource in described["resources"]}
    listed: set[str] = set()
    for key, source in catalogue.sources.sources.items():
        files = [name for name in source.paths(key) if store.has(name) and name not in listed]
        if files:
            listed.update(files)
            licence = catalogue.sources.licences[source.licence]
            publisher = catalogue.sources.publishers[source.publisher]
            groups.append(
                {
                    "title": source.title["en"],
                    "publisher": publisher.name["en"],
                    "table": text_in(source.table, "en"),
                    "url": source.url or publisher.url,
                    "licence": text_in(licence.name, "en"),
                    "files": [{"path": f"raw/{name}", "obtained": _obtained(store.sidecar(name))} for name in files],
                }
            )
    others = [f"raw/{name}" for name in sorted(store.lock.files) if name not in listed]
    return markdown.get_template("README.md.j2").render(
        package=described,
        code=described["code"],
        sources=groups,
        others=[resources[path] for path in others],
        runs=[folder.name for folder in runs],
        objects=[
            {"id": name, "label": words.label(name), "title": catalogue.text(spec.title, "en")}
            for name, spec in catalogue.printed.objects.items()
        ],
        variables=[(name, catalogue.labels.words[f"tidy_{name}"]["en"]) for name in tidy.COLUMNS],
    )

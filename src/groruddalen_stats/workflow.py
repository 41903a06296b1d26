"""Turns a module name into the source files it runs on, and config/config.yaml into what the Snakefile needs.

The Snakefile is read at every call, also when there is nothing to do, so this module imports nothing heavy.
"""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from groruddalen_stats.errors import Fault, did_you_mean
from groruddalen_stats.sources.journal import recover

PACKAGE = "groruddalen_stats"
RUN_KEYS = frozenset({"edition", "language", "borders", "on_missing", "years"})

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def code(*modules: str) -> list[str]:
    """Return the source files of modules and of everything in this package that they import, sorted.

    Snakemake does not notice when an imported module changes, so every rule names these files as inputs.

    Args:
        modules: names below the package, such as ``appendix.build``.
    """
    found: set[Path] = set()
    waiting = [_file(f"{PACKAGE}.{name}") for name in modules]
    while waiting:
        path = waiting.pop()
        if path is None or path in found:
            continue
        found.add(path)
        waiting.extend(_imported(path))
    templates = [
        file for path in found for file in sorted((path.parent / "templates").glob("*")) if file.is_file()
    ]
    return sorted({os.path.relpath(path) for path in [*found, *templates]})


def objects(appendix: Path) -> dict[str, str]:
    """Return object id to kind (``table`` or ``figure``) in the order of the file."""
    read = yaml.load(appendix.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader
    entries = read.get("objects", {}) if isinstance(read, dict) else {}
    return {str(key): str(entry.get("kind")) for key, entry in entries.items() if isinstance(entry, dict)}


def raw_files(root: Path) -> list[str]:
    """Return every raw file and sidecar below ``root``, sorted, with forward slashes.

    A fetch that was cut off in the middle of its moves is finished first.
    """
    recover(root)
    return sorted(
        path.as_posix()
        for path in root.rglob("*")
        if path.is_file() and not path.name.startswith(".") and path.suffix != ".part"
    )


def run_faults(config: Mapping[str, Any], editions: Path) -> list[Fault]:
    """Return what is wrong with config/config.yaml and ``--config``, one fault per key."""
    where = "config/config.yaml or --config"
    faults = [
        Fault(f"unknown key '{key}'", where, did_you_mean(key, RUN_KEYS))
        for key in config
        if key not in RUN_KEYS
    ]
    name = str(config.get("edition", ""))
    names = sorted(path.stem for path in editions.glob("*.yaml"))
    if name not in names:
        faults.append(Fault(f"there is no edition '{name}'", where, did_you_mean(name, names)))
    return faults


def run_text(config: Mapping[str, Any]) -> str:
    """Return the run's settings as one line of JSON, as the command line takes them."""
    settings = {key: config[key] for key in sorted(RUN_KEYS & set(config))}
    settings["edition"] = str(settings["edition"])
    return json.dumps(settings, sort_keys=True)


@cache
def _file(module: str) -> Path | None:
    if module != PACKAGE and not module.startswith(f"{PACKAGE}."):
        return None
    base = Path(__file__).parent.joinpath(*module.split(".")[1:])
    for path in (base / "__init__.py", base.with_suffix(".py")):
        if path.is_file():
            return path
    return None


@cache
def _imported(path: Path) -> tuple[Path | None, ...]:
    here = _module(path)
    files = [_file(parent) for parent in _parents(here)]
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            files.extend(_file(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = here if path.name == "__init__.py" else here.rpartition(".")[0]
                for _ in range(node.level - 1):
                    package = package.rpartition(".")[0]
                base = f"{package}.{base}" if base else package
            files.append(_file(base))
            files.extend(_file(f"{base}.{alias.name}") for alias in node.names)
    return tuple(dict.fromkeys(files))


def _module(path: Path) -> str:
    parts = path.relative_to(Path(__file__).parent).with_suffix("").parts
    return ".".join((PACKAGE, *(part for part in parts if part != "__init__")))


def _parents(module: str) -> list[str]:
    names = module.split(".")
    return [".".join(names[:end]) for end in range(1, len(names))]

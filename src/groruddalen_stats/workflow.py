"""Turns a module name into the source files it runs on, and config/config.yaml into what the Snakefile needs.

The Snakefile is read at every call, also when there is nothing to do, so this module imports nothing heavy.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from groruddalen_stats.errors import Fault, did_you_mean
from groruddalen_stats.paths import write_text
from groruddalen_stats.sources.journal import recover

PACKAGE = "groruddalen_stats"
RUN_KEYS = frozenset({"edition", "language", "borders", "on_missing", "years"})

# Parsing every module takes a fifth of a second, at each call; a line that only looks like an import does no harm.
_IMPORT = re.compile(
    rf"^[ \t]*(?:from (?P<base>\.+[\w.]*|{PACKAGE}[\w.]*) import (?P<names>\([^)]*\)|[^\n]*)"
    rf"|import (?P<plain>{PACKAGE}[\w.]*))",
    re.MULTILINE,
)
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


def run_file(config: Mapping[str, Any], folder: Path) -> str:
    """Return the path of the run's settings, written as JSON only when they differ from those of the last call.

    The rules name this file as input, so that another language or year reruns them. Snakemake's own ``params`` would
    do the same, but importing pandas to compare them takes longer than all else there is to do.
    """
    settings: dict[str, Any] = {key: config[key] for key in sorted(RUN_KEYS & set(config))}
    settings["edition"] = str(settings["edition"])
    text = json.dumps(settings, sort_keys=True) + "\n"
    path = folder / str(settings["edition"]) / "run.json"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)
    return path.as_posix()


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
    text = path.read_text(encoding="utf-8")
    for match in _IMPORT.finditer(text):
        base, names, plain = match.group("base"), match.group("names"), match.group("plain")
        if plain:
            files.append(_file(plain))
            continue
        level = len(base) - len(base.lstrip("."))
        base = base.lstrip(".")
        if level:
            package = here if path.name == "__init__.py" else here.rpartition(".")[0]
            for _ in range(level - 1):
                package = package.rpartition(".")[0]
            base = f"{package}.{base}" if base else package
        files.append(_file(base))
        files.extend(_file(f"{base}.{name}") for name in re.findall(r"\w+", names))
    return tuple(dict.fromkeys(files))


def _module(path: Path) -> str:
    parts = path.relative_to(Path(__file__).parent).with_suffix("").parts
    return ".".join((PACKAGE, *(part for part in parts if part != "__init__")))


def _parents(module: str) -> list[str]:
    names = module.split(".")
    return [".".join(names[:end]) for end in range(1, len(names))]

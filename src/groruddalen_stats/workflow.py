"""What a run still has to build, for the Snakefile and for the one job that builds it.

Snakemake goes by dates. Here contents decide: a stage is done when its outputs are the very bytes that it wrote for the
very inputs that are there now. A target with a stage that is not done gets a new order, a small file that its rule has
among its inputs. After a failure, a kill or an edit of an output the order is new at every run until all is done.

The Snakefile is read at every call, also when there is nothing to do, so this module imports nothing heavy.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import FileLock

from groruddalen_stats import areas, runs
from groruddalen_stats.errors import ConfigError, Fault
from groruddalen_stats.paths import FIGURE_KINDS, FINDINGS, Paths, write_text
from groruddalen_stats.raw import files
from groruddalen_stats.strictyaml import read_keys

RUN_KEYS = frozenset({"edition", "area", "language", "borders", "on_missing", "years"})
CLAIMS = ("config/claims.csv", "config/claims-measures.csv", "config/claims-headings.csv", "config/claims-words.csv")
CHECK_RESULTS = ("check.json", "claims.csv")
CHECK_PAGES = ("check.csv", "check.html", "check.xml", "badge.json", "badge.svg")
POWER = "data/recorded/power.json"
DOCUMENTS = ("appendix.html", "appendix.pdf")
TO_TAKE_AWAY = ("appendix.xlsx", "tidy.csv", "codebook.csv")
RECORDS = ("manifest.json", "fill.json")

_PLACE = re.compile(r"[kf][0-9]+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


# ---- what is built ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stage:
    """One job: what it is made from and what it writes.

    Attributes:
        inputs: files and folders below the project folder.
        settings: keys of the run that change what it writes.
    """

    name: str
    inputs: tuple[str, ...]
    after: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


_NUMBERS = ("edition", "area", "borders", "on_missing", "years")
_FIGURES = ("sources.yaml", "sources", "series.csv", "indicators.yaml", "regions.yaml", "regions")
_CATALOGUE = (*_FIGURES, "words.csv", "palette.csv", "appendix.yaml", "objects", "editions", "ledger")


def stages(
    numbers: str,
    readers: str,
    objects: Mapping[str, str],
    area: str | None = None,
    print_edition: str = "",
    areas: Sequence[str] = ("config/areas",),
) -> dict[str, Stage]:
    """Return the stages of one run, in their order.

    Args:
        objects: kind by object, as :func:`objects` returns them.
        area: what the run is about, where that is not the report's own.
        print_edition: name of the folder of the print's own numbers.
        areas: the files of the areas that it needs.
    """
    documents = (*DOCUMENTS, FINDINGS) if numbers == print_edition else DOCUMENTS
    observed = Paths(Path()).observations_of(area).as_posix()
    cells = f"data/processed/{numbers}/cells.parquet"
    staged = f"data/processed/{readers}/staged"
    figures = [f"{name}.{kind}" for name, is_ in objects.items() if is_ == "figure" for kind in FIGURE_KINDS]
    tables = [f"data/{name}.csv" for name in objects]
    taken = [*TO_TAKE_AWAY, *(f"data/excel/{name}.csv" for name in objects)]
    config = (*(f"config/{name}" for name in _CATALOGUE), *areas)
    every = (*_NUMBERS, "language")
    checks = (*CLAIMS, "config/identities.yaml", "config/floors.csv")

    def below(folder: str, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(f"{folder}/{name}" for name in names)

    # The check is of the report's own area.
    results, pages = ((), ()) if area else (CHECK_RESULTS, CHECK_PAGES)
    report = below(f"report/{readers}", [*results, *pages, *tables, *documents, *taken, *RECORDS])
    drawn = below(f"figures/{readers}", figures)
    listed = (
        Stage("observations", ("data/raw", *config[: len(_FIGURES)]), (), ("area",), (observed,)),
        Stage("cells", config, ("observations",), _NUMBERS, (cells,)),
        Stage("profile", ("config/site.yaml",), ("cells",), _NUMBERS, (f"data/processed/{numbers}/profile.json",)),
        Stage("figures", (), ("cells",), every, below(f"{staged}/figures", figures)),
        Stage("check", checks, ("cells",), every, below(f"{staged}/report", [*results, *tables])),
        # The PDF is set beside what of the check is read for itself.
        Stage("documents", (), ("figures", "check"), every, below(f"{staged}/report", documents)),
        Stage("check_pages", (POWER,), ("check",), every, below(f"{staged}/report", CHECK_PAGES)),
        Stage("takeaway", (), ("check",) if area else ("check_pages",), every, below(f"{staged}/report", taken)),
        Stage(
            "report",
            (),
            ("documents", "takeaway"),
            every,
            below(f"{staged}/report", RECORDS),
        ),
        Stage("place", (), ("report",), (), (*report, *drawn)),
        Stage("place_figures", (), ("figures",), (), drawn),
        Stage("place_tables", (), ("check",), (), below(f"report/{readers}", tables)),
        Stage("place_check", (), ("check_pages",), (), below(f"report/{readers}", [*CHECK_RESULTS, *CHECK_PAGES])),
    )
    left = {"check_pages", "place_check"} if area else set()
    return {stage.name: stage for stage in listed if stage.name not in left}


TARGETS = ("cells", "place", "place_figures", "place_tables", "place_check")
"""The stages that can be asked for."""


def objects(appendix: Path, area: str | None = None) -> dict[str, str]:
    """Return object id to kind (``table`` or ``figure``), of those in the file and in the folder of objects beside it.

    Another ``area`` than the report's has not all of them.
    """
    entries = dict(read_keys(appendix).get("objects") or {})
    entries |= {file.stem: read_keys(file) for file in sorted((appendix.parent / "objects").glob("*.yaml"))}
    if not entries:
        # With nothing to build, everything would be done.
        raise ConfigError("the file has no objects", where=str(appendix), remedy="restore it from the repository")
    found = {str(key): entry for key, entry in entries.items() if isinstance(entry, dict)}
    elsewhere = bool(area) and not areas.is_of_oslo(appendix.parent, str(area))
    left = {
        key
        for key, entry in found.items()
        if (area and entry.get("only_of_print") and not entry.get("nearest")) or (elsewhere and entry.get("of_oslo"))
    }
    return {key: "figure" if "chart" in entry else "table" for key, entry in found.items() if key not in left}


# The words of Run in config/models.py, which is slower to import than most calls of Snakemake take.
CHOICES = {
    "language": ("nb", "en"),
    "borders": ("report", "current", "harmonised"),
    "on_missing": ("fail", "mark"),
}


def require_run(config: Mapping[str, Any], given: Mapping[str, Any], paths: Paths) -> None:
    """Raise what is wrong with the settings of a run.

    Args:
        given: those of them that were given with ``--config``, as they were given.
    """
    name, years = str(config.get("edition", "")), config.get("years") or {}
    own = _own_years(paths.editions, name)
    sound = (
        set(config) <= RUN_KEYS
        and all(config.get(key) in (None, *words) for key, words in CHOICES.items())
        and all(_NAME.fullmatch(str(config.get(key) or "none")) for key in ("edition", "area"))
        and (runs.year_of(name) is not None or (paths.editions / f"{name}.yaml").exists())
        and isinstance(years, dict)
        and all(topic in own and all(type(year) is int for year in runs.listed(years[topic])) for topic in years)
    )
    if not sound:
        # The model that says what is wrong is slower to import than most calls of Snakemake take.
        from groruddalen_stats.catalogue import load  # noqa: PLC0415

        _ = load(paths, given).edition


def _own_years(editions: Path, name: str) -> Mapping[str, Any]:
    """Return the years of an edition by topic, as the catalogue has them."""
    path = editions / f"{name}.yaml"
    own = read_keys(path)
    years, as_of = own.get("years") or {}, own.get("as_of", None if path.exists() else runs.year_of(name))
    if isinstance(as_of, int):
        printed = read_keys(editions / f"{read_keys(editions.parent / 'appendix.yaml').get('print_edition')}.yaml")
        if isinstance(date := printed.get("date"), dt.date) and isinstance(of_print := printed.get("years"), dict):
            years = {**runs.lagged(of_print, as_of - date.year), **years}
    return years if isinstance(years, dict) else {}


def of_another_run(targets: Iterable[str], numbers: str, readers: str) -> list[Fault]:
    """Return a fault for every target that another run makes: its folder is not one of this run's."""
    faults = []
    for target in targets:
        parts = Path(target).parts
        folder = {"report": 1, "figures": 1, "data": 2}.get(parts[0], 0) if parts else 0
        own = {readers} if folder == 1 else {numbers, readers}
        if not folder or len(parts) <= folder + 1 or parts[folder] in own:
            continue
        remedy = f"this run makes {readers}: name the other one with --config edition=... language=..."
        faults.append(Fault("the target belongs to another run", target, remedy))
    return faults


def year_of(editions: Path, name: str) -> int:
    """Return the year that an edition is of: its own, or that of its date."""
    date = read_keys(editions / f"{name}.yaml").get("date")
    return runs.year_of(name) or (date.year if isinstance(date, dt.date) else dt.date.max.year)


def orders_of(config: Mapping[str, Any], paths: Paths) -> tuple[Orders, str, str]:
    """Return what a run has to do, and the names of its folders: of its numbers and of what readers get of it."""
    (found,) = orders_of_each([config], paths)
    return found


def orders_of_each(configs: Iterable[Mapping[str, Any]], paths: Paths) -> Iterator[tuple[Orders, str, str]]:
    """Yield the same for runs that differ in nothing but their area; what they share is read once."""
    made, hashes = Path("data/processed"), dict[Path, str]()
    own: Mapping[str, Any] | None = None
    known: dict[bool | None, Mapping[str, str]] = {}
    printed = read_keys(paths.config / "appendix.yaml")
    for config in configs:
        own = _own_years(paths.editions, str(config["edition"])) if own is None else own
        area = config.get("area")
        numbers, readers = names_of(config, paths.editions, own)
        # Of a municipality or a county the id tells that it is not of Oslo, without reading what regions there are.
        kind = None if not area else not _PLACE.fullmatch(area) and areas.is_of_oslo(paths.config, area)
        if kind not in known:
            known[kind] = objects(paths.config / "appendix.yaml", area)
        shared = {"observations": paths.observations_of(area).relative_to(paths.root).parent}
        shared |= dict.fromkeys(("cells", "profile"), made / numbers)
        # What another area is changes nothing.
        named = dict.fromkeys(f"config/areas/{name}.yaml" for name in (printed.get("print_area"), area) if name)
        edition = str(printed.get("print_edition"))
        listed = stages(numbers, readers, known[kind], area, edition, tuple(named))
        yield Orders(made / readers, listed, config, shared, hashes), numbers, readers


def names_of(config: Mapping[str, Any], editions: Path, own_years: Mapping[str, Any] | None = None) -> tuple[str, str]:
    """Return the names of the folders of a run's numbers and of what readers get of it."""
    own = _own_years(editions, str(config["edition"])) if own_years is None else own_years
    settings = _settings(config)
    return runs.numbers_name(settings, own), runs.reader_name(settings, own)


def run_file(config: Mapping[str, Any], folder: Path, also: Mapping[str, Any] | None = None) -> str:
    """Return the path of the run's settings, written as JSON only when they differ from those of the last call.

    Args:
        also: settings that no single run has.
    """
    text = json.dumps({**_settings(config), **(also or {})}, sort_keys=True) + "\n"
    path = folder / "run.json"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_text(path, text)
    return path.as_posix()


def _settings(config: Mapping[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = {key: config[key] for key in sorted(RUN_KEYS & set(config))}
    return {**settings, "edition": str(settings["edition"])}


# ---- what is to be built ----------------------------------------------------------------------------------------


_CODE = Path("src")


@dataclass
class Orders:
    """What one run still has to do, by the contents of what is there.

    A stage that is done has a note of its key, which is the hash of all it is made from, and of the bytes it wrote. A
    target has an order, a file that is new as long as any stage behind it is not done.

    Attributes:
        folder: where orders and notes are kept, below data/processed.
        elsewhere: the folder of stages that another run shares.
        read: hashes of what stages are made from, which runs of one process share.
    """

    folder: Path
    stages: dict[str, Stage]
    config: Mapping[str, Any]
    elsewhere: Mapping[str, Path] = field(default_factory=dict)
    read: dict[Path, str] = field(default_factory=dict)
    _hashes: dict[Path, str] = field(default_factory=dict)

    @cached_property
    def keys(self) -> dict[str, str]:
        """What every stage is made from now, as a hash."""
        code = self.read.get(_CODE) or self.read.setdefault(_CODE, code_digest())
        settings = _settings(self.config)
        found: dict[str, str] = {}
        for name, stage in self.stages.items():
            chosen = {key: settings.get(key) for key in stage.settings}
            inputs = [f"{path}={self._hash(path, self.read)}" for path in sorted(_files(stage.inputs))]
            before = [found[other] for other in stage.after]
            found[name] = _sha256("\n".join([code, json.dumps(chosen, sort_keys=True), *inputs, *before]).encode())
        return found

    def behind(self, target: str) -> list[str]:
        """Return the stages that a target needs, itself last."""
        stage = self.stages[target]
        return list(dict.fromkeys([*(name for before in stage.after for name in self.behind(before)), target]))

    def order(self, target: str) -> str:
        """Return the path of the order of a target."""
        return (self.folder / f"{target}.order").as_posix()

    def note(self, stage: str) -> Path:
        """Return the path of the note that a stage is done."""
        return self.elsewhere.get(stage, self.folder) / f"{stage}.done"

    def is_done(self, name: str) -> bool:
        """Return whether a stage has written what is there, from what is there."""
        stage, note = self.stages[name], _read(self.note(name))
        written = note.get("outputs", {})
        return (
            note.get("key") == self.keys[name]
            and set(written) == set(stage.outputs)
            and all(
                Path(file).is_file() and self._hash(Path(file), self._hashes) == digest
                for file, digest in written.items()
            )
        )

    def place(self) -> None:
        """Write a new order for every target that is not done for what is there now."""
        for target in TARGETS:
            if target not in self.stages:
                continue
            place_order(Path(self.order(target)), self.note(target), all(map(self.is_done, self.behind(target))))

    def finish(self, name: str) -> None:
        """Note that a stage is done: its key when the run began, and the sha256 of every file that it wrote."""
        self._hashes.clear()
        order, outputs = (
            Path(self.order(name)),
            {file: self._hash(Path(file), self._hashes) for file in self.stages[name].outputs},
        )
        note = {"key": self.keys[name], "outputs": outputs}
        if order.exists():
            # Snakemake also asks whether the order is the very one that was filled.
            note["order"] = order.read_text(encoding="utf-8")
        write_text(self.note(name), json.dumps(note, sort_keys=True) + "\n")

    @staticmethod
    def _hash(path: Path, known: dict[Path, str]) -> str:
        if path not in known:
            known[path] = _sha256(path.read_bytes()) if path.is_file() else ""
        return known[path]


def place_order(order: Path, note: Path, done: bool) -> None:
    """Write a new order, or, where what it asks for is ``done``, the very one that was filled, as the note says."""
    if not done:
        write_text(order, f"{time.time_ns()}\n")
    elif not order.exists() or order.stat().st_mtime > 0:
        # What was ordered in between is no longer wanted: the old order, with a date before all outputs.
        write_text(order, str(_read(note).get("order", "")))
        os.utime(order, (0, 0))


def code_digest() -> str:
    """Return the hash of the package, the Snakefile and the lock of its libraries."""
    package = Path(__file__).parent
    files = [path for path in sorted(package.rglob("*")) if path.parent.name != "__pycache__" and path.is_file()]
    files += [path for path in map(Path, ("Snakefile", "requirements.lock")) if path.is_file()]
    return _sha256(b"\n".join(path.read_bytes() for path in files))


def _files(inputs: Sequence[str]) -> Iterator[Path]:
    for path in map(Path, inputs):
        yield from files.listed(path) if path.is_dir() else iter([path])


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# ---- putting in place -------------------------------------------------------------------------------------------

_FOLDERS = {"place": ("figures", "report"), "place_figures": ("figures",)}
"""Stages that put whole folders in place; the others put their files in place one by one."""


def put_in_place(paths: Paths, run: str, stage: Stage) -> None:
    """Put what a stage places where readers find it: a whole folder at once, or single files of a part."""
    built = Paths(paths.root, staged=True)
    if stage.name in _FOLDERS:
        for kind in _FOLDERS[stage.name]:
            _swap(getattr(built, kind)(run), getattr(paths, kind)(run))
        return
    for name in stage.outputs:
        target = paths.root / name
        source = built.report(run) / target.relative_to(paths.report(run))
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.part")
        shutil.copyfile(source, beside)
        beside.replace(target)


def _swap(source: Path, target: Path) -> None:
    new, old = _beside(target, "new"), _beside(target, "old")
    restore(target)
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(source, new, copy_function=shutil.copyfile)
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def restore(target: Path) -> None:
    """Put a folder back that a killed process had just moved aside for its successor."""
    old = _beside(target, "old")
    if old.exists() and not target.exists():
        old.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _beside(target: Path, word: str) -> Path:
    return target.with_name(f".{target.name}.{word}")


def lock(folder: Path) -> FileLock:
    """Return the one lock of a project's builds; the system lets go of it when the process ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / ".lock")

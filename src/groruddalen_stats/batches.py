"""The areas of a set, in batches of one process each: which there are, and which are still to be built.

As for a single run, contents decide. A batch has an order, a file that is new as long as any of its areas is not
done; so does the index of the set. The Snakefile reads this at every call, so nothing heavy is imported.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from groruddalen_stats import workflow
from groruddalen_stats.areas import members
from groruddalen_stats.errors import ConfigError, StatsError, did_you_mean
from groruddalen_stats.paths import Paths, write_text
from groruddalen_stats.workflow import Orders, Stage

KEYS = ("set", "batch")
SIZE = 8
"""How many areas a batch has, where nobody says otherwise: enough to earn the start of its process."""
BUILT = ("profile", "place")
INDEX = "index"


@dataclass(frozen=True)
class Batches:
    """The areas of a set for one run.

    Attributes:
        config: the settings of the run, without an area.
    """

    config: Mapping[str, Any]
    name: str
    size: int
    paths: Paths

    @cached_property
    def areas(self) -> tuple[str, ...]:
        """The areas of the set, in its order."""
        year = workflow.year_of(self.paths.editions, str(self.config["edition"]))
        return tuple(dict.fromkeys(members(self.paths.config, self.name, year)))

    @cached_property
    def listed(self) -> Mapping[str, tuple[str, ...]]:
        """The areas of each batch."""
        found = range(0, len(self.areas), self.size)
        return {f"{number:03}": self.areas[at : at + self.size] for number, at in enumerate(found, start=1)}

    def batch_of(self, area: str) -> str:
        """Return the batch that an area is in."""
        for name, areas in self.listed.items():
            if area in areas:
                return name
        raise ConfigError(f"the set has no area '{area}'", where=self.name, remedy=did_you_mean(area, self.areas))

    @cached_property
    def folder(self) -> Path:
        """Where orders and notes are kept."""
        numbers, _ = workflow.names_of({**self.config, "area": self.name}, self.paths.editions)
        return Path("data/processed/areas") / numbers

    @cached_property
    def pages(self) -> Path:
        """Where the index and the profiles stand."""
        return Path("report/areas") / self.folder.name

    def of(self, area: str) -> dict[str, Any]:
        """Return the settings of an area's own run."""
        return {**self.config, "area": area}

    @cached_property
    def orders(self) -> Mapping[str, tuple[Orders, str, str]]:
        """What each area has to do, and the names of its folders."""
        each = workflow.orders_of_each(map(self.of, self.areas), self.paths)
        return dict(zip(self.areas, each, strict=True))

    def left(self, area: str) -> list[str]:
        """Return the stages that make an area, each after those it needs; its figures are read with those of others."""
        orders = self.orders[area][0]
        needed = dict.fromkeys(name for target in BUILT for name in orders.behind(target))
        return [name for name in needed if name != "observations"]

    def is_done(self, area: str) -> bool:
        """Return whether an area is built for what is there now."""
        return all(map(self.orders[area][0].is_done, self.left(area)))

    @cached_property
    def index(self) -> Orders:
        """What the index has to do, once the areas are built."""
        profiles = [path for area in self.areas for path in self.orders[area][0].stages["profile"].outputs]
        config = (
            "config/site.yaml",
            "config/words.csv",
            "config/areas",
            "config/regions.yaml",
            "config/regions",
            "data/raw/boundaries",
        )
        pages = [page(area, language) for area in (INDEX, *self.areas) for language in ("nb", "en")]
        outputs = [(self.pages / name).as_posix() for name in (*pages, "areas.csv", "claims.csv")]
        stage = Stage(INDEX, (*config, *profiles), (), ("edition", "language", "borders", "years"), tuple(outputs))
        return Orders(self.folder, {INDEX: stage}, self.config)

    def order(self, name: str) -> str:
        """Return the path of the order of a batch, or of the index."""
        return (self.folder / f"{name}.order").as_posix()

    def note(self, name: str) -> str:
        """Return the path of the note that a batch, or the index, was gone through."""
        return (self.folder / f"{name}.done").as_posix()

    def result(self, area: str) -> Path:
        """Return the path of what building an area came to."""
        return self.folder / "built" / f"{area}.json"

    def place(self) -> None:
        """Write a new order for every batch with an area that is not done, and for an index that is not."""
        left = {area for area in self.areas if not self.is_done(area)}
        done = {name: left.isdisjoint(areas) for name, areas in self.listed.items()}
        done[INDEX] = not left and self.index.is_done(INDEX)
        write_text(self._begun, json.dumps({"time": time.time(), "areas": len(left)}))
        for name, is_done in done.items():
            note = Path(self.note(name))
            workflow.place_order(Path(self.order(name)), note, is_done and note.exists())

    @property
    def _begun(self) -> Path:
        return self.folder / "begun.json"

    def progress(self, area: str) -> str:
        """Return how many of the areas have been gone through since the run began, in all processes, and the time left."""
        begun = json.loads(self._begun.read_text(encoding="utf-8"))
        results = (self.result(one) for one in self.areas)
        done = sum(result.exists() and result.stat().st_mtime >= begun["time"] for result in results)
        seconds = (time.time() - begun["time"]) / max(1, done) * max(0, begun["areas"] - done)
        return f"[{done}/{begun['areas']}] {area}, about {int(seconds) // 60} min {int(seconds) % 60:02} s left"

    def finish(self, name: str, **said: Any) -> None:
        """Note that a batch was gone through."""
        order = Path(self.order(name))
        said["order"] = order.read_text(encoding="utf-8") if order.exists() else ""
        write_text(Path(self.note(name)), json.dumps(said, sort_keys=True) + "\n")

    def failed(self) -> Iterator[tuple[str, str]]:
        """Yield the areas that could not be built, each with what was said."""
        for area in (area for area in self.areas if not self.is_done(area)):
            told = json.loads(self.result(area).read_text(encoding="utf-8")) if self.result(area).exists() else {}
            for fault in told.get("faults") or ["it is not built yet"]:
                yield area, fault


def page(area: str, language: str) -> str:
    """Return the name of a page in a language."""
    return f"{area}.html" if language == "nb" else f"{area}.{language}.html"


def batches_of(config: Mapping[str, Any], paths: Paths) -> Batches:
    """Return the batches of a run with the keys ``set`` and perhaps ``batch``."""
    size = config.get("batch", SIZE)
    if not str(size).isdecimal() or int(size) < 1:
        raise StatsError(
            f"batch is '{size}'", where="--config", remedy="say how many areas a process builds, such as 8"
        )
    own = {key: value for key, value in config.items() if key not in {*KEYS, "area"}}
    return Batches(own, str(config["set"]), int(size), paths)

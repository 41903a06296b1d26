"""A catalogue and a client for a stand-in server, with time that never passes by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from groruddalen_stats import regions
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.config.fetch import Api, Fetch, PxWebFetch
from groruddalen_stats.config.load import Strict, validate
from groruddalen_stats.live.fetch import FetchOutcome, Services
from groruddalen_stats.live.http import Client
from groruddalen_stats.paths import Paths
from groruddalen_stats.tidy import fetched
from standin.server import ARCGIS, KLASS, V1, V2, StandIn
from standin.tables import ROOT

AGES = ["0-5", "6-12", "13-14", "15", "16-17", "18-19", "20-59", "60-66", "67", "68-74", "75-79", "80+"]

KLASS_131: dict[str, Any] = {
    "api": "klass",
    "classification": 131,
    "what": "changes",
    "first": dt.date(2001, 1, 1),
    "last": dt.date(2026, 12, 31),
}

SSB_10826: dict[str, Any] = {
    "api": "ssb",
    "table": "10826",
    "series": "population",
    "select": [
        {"role": "geo", "to": "region", "take": ["030109a", "03011[0-2]a", "030100aa"], "scheme": "ssb_statbank"},
        {"variable": "kjønn", "to": "sex", "labels": {"men": "Menn", "women": "Kvinner"}},
        {"variable": "alder", "to": "age", "bands": AGES},
        {"role": "contents", "only": "Personer"},
        {"role": "time", "to": "period", "years": {"first": 2003, "required": [2005, 2011]}},
    ],
}

OSLO_STO013: dict[str, Any] = {
    "api": "oslo",
    "table": "STØ013",
    "folder": "Trygd, sosiale tjenester og barnevern/Sosialtjenesten",
    "as_of": "12-31",
    "signs": {"-": ":"},
    "select": [
        {
            "variable": "bydel",
            "to": "region",
            "labels": {
                "bjerke": "Bydel Bjerke | Bjerke",
                "grorud": "Bydel Grorud",
                "stovner": "Bydel Stovner",
                "alna": "Bydel Alna",
                "oslo": "Oslo i alt",
                "oslo sum_of_bydeler": "Sum bydeler",
            },
        },
        {
            "variable": "sosialhjelpsmottakere og berørte",
            "to": "series",
            "labels": {
                "social_assistance_recipients": "Sosialhjelpsmottakere i alt",
                "social_assistance_affected": "Berørte av sosialhjelp",
            },
        },
        {"variable": "statistikkvariabel", "only": "Antall"},
        {"role": "time", "to": "period", "years": {"required": [2010]}},
    ],
}


class _Block(Strict):
    fetch: Fetch


def block(content: Mapping[str, Any]) -> Fetch:
    """Return a fetch block as it would be read from the catalogue."""
    return validate(_Block, {"fetch": dict(content)}, Path("sources.yaml")).fetch


def table_block(content: Mapping[str, Any]) -> PxWebFetch:
    """Return the fetch block of a PxWeb table."""
    fetch = block(content)
    assert isinstance(fetch, PxWebFetch)
    return fetch


@dataclass
class FakeClock:
    """Time that passes only when somebody sleeps; ``slept`` lists how long."""

    moment: float = 1_000_000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += seconds


def client(clock: FakeClock | None = None, **settings: Any) -> Client:
    """Return a client that never really waits and gives up on silence after a quarter of a second."""
    clock = clock or FakeClock()
    return Client(now=clock.now, sleep=clock.sleep, **{"timeout": (0.25, 0.25), **settings})


def api(dialect: Any, url: str, **settings: Any) -> Api:
    return Api(dialect=dialect, url=url, **{"calls": 1000, "seconds": 1, "cells": 800_000, **settings})


def apis(root: str) -> dict[str, Api]:
    """Return the live services as the catalogue would name them, all at the stand-in."""
    return {
        "ssb": api("pxweb2", f"{root}{V2}"),
        "oslo": api("pxweb1", f"{root}{V1}", codes=1000),
        "klass": api("klass", f"{root}{KLASS}"),
        "oslo_maps": api("arcgis", f"{root}{ARCGIS}"),
        "geonorge": api("wfs", f"{root}/wfs"),
    }


@cache
def real_regions() -> regions.Regions:
    return regions.load(ROOT / "config" / "regions.yaml")


def observe(source: str, fetch: PxWebFetch, document: bytes, path: str) -> pd.DataFrame:
    return fetched.observations(document, fetch, real_regions(), source=source, path=path)


def catalogue(stand: StandIn | str, root: Path, blocks: Mapping[str, Mapping[str, Any]], **more: Any) -> Catalogue:
    """Return a catalogue of ``blocks`` in a project folder of its own, its sources.yaml written there."""
    known = apis(stand if isinstance(stand, str) else stand.root)
    name, entry = {"nb": "Navn", "en": "Name"}, {"table": "Tabell", "reference": "year"}
    publishers = {
        block["api"].partition("_")[0]: {"name": name, "url": "", "licence": "l"} for block in blocks.values()
    }
    sources = {
        key: {"fetch": dict(block), **entry, "title": name, "publisher": block["api"].partition("_")[0]}
        for key, block in blocks.items()
    }
    text = {"sources": sources, "publishers": publishers, "licences": {"l": {"name": ""}}, **more}
    text["apis"] = {key: api.model_dump() for key, api in known.items()}
    made = replace(load(Paths(ROOT)), paths=Paths(root))
    made.paths.config.mkdir(parents=True, exist_ok=True)
    path = made.paths.config / "sources.yaml"
    path.write_text(yaml.safe_dump(text, allow_unicode=True, sort_keys=False), encoding="utf-8")
    made.__dict__["regions"] = real_regions()
    return made


NOW = dt.datetime(2026, 11, 22, 12, 30, tzinfo=dt.UTC)


def fetch(desk: Catalogue, *names: str, now: dt.datetime = NOW, **settings: Any) -> list[FetchOutcome]:
    """Fetch sources (or all) and put what is valid in place."""
    services = Services(desk, client(**settings))
    outcomes = services.ask(names)
    services.put(outcomes, now)
    return outcomes


def states(outcomes: Sequence[Any]) -> dict[str, str]:
    return {outcome.source: outcome.state for outcome in outcomes}

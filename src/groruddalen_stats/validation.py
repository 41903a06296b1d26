"""The places where config/ and data/raw name what the other does not have."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from groruddalen_stats.appendix.layout import Layout, layout
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.claims import TEXT_ONLY
from groruddalen_stats.config.fetch import PxWebFetch
from groruddalen_stats.config.identities import load_identities
from groruddalen_stats.config.load import Location, fault_at, load_model, read_rows
from groruddalen_stats.config.models import KeyFigure, Source
from groruddalen_stats.config.rows import SeriesRow
from groruddalen_stats.config.site import Site, SiteColumn
from groruddalen_stats.config.words import Colour, WordRow
from groruddalen_stats.errors import Fault, did_you_mean

_FILLED = re.compile(r"\{[^{}]*\}")
_BY_CODE = {"words", "check"}
"""The sections of config/words.csv whose keys the code asks for; those of the others config itself names."""


def claim_faults(catalogue: Catalogue, prose: pd.DataFrame) -> Iterator[Fault]:
    """Yield objects, rows and columns that a claim names and neither the appendix nor the print's text has."""
    plans = {key: layout(key, catalogue, catalogue.print_edition) for key in catalogue.appendix.objects}
    rows = {item.id for plan in plans.values() for item in plan.rows}
    columns = {key: {item.id for item in plan.columns} for key, plan in plans.items()}
    for name, column in prose[["object", "column"]].itertuples(index=False, name=None):
        columns.setdefault(name, set()).add(column)
    claims = catalogue.claims
    for claim in claims.claims.values():
        cells = list(claims.cells_of(claim))
        objects = (*claim.cited, claims.object_of(claim), *(name for name, _, _ in cells if name != TEXT_ONLY))
        wanted: list[tuple[str, str, Collection[str]]] = [("object", name, plans) for name in objects]
        for name, row, column in cells:
            if name in plans:
                wanted += [("row", row, rows), ("column", column, columns[name])]
        for kind, value, known in dict.fromkeys((kind, value, frozenset(known)) for kind, value, known in wanted):
            if value not in known:
                where = claims.where[claim.claim]
                yield Fault(f"{claim.claim}: unknown {kind} '{value}'", where, did_you_mean(value, known))


def _axes(plan: Layout) -> tuple[set[str], set[str]]:
    return {item.id for item in plan.rows}, {item.id for item in plan.columns}


def place_faults(catalogue: Catalogue) -> Iterator[Fault]:
    """Yield rows, columns and objects that an object, a key figure, the site or the palette names and that no object has."""
    config = catalogue.paths.config
    path, site_path = config / "appendix.yaml", config / "site.yaml"
    axes = {key: _axes(layout(key, catalogue, catalogue.print_edition)) for key in catalogue.printed.objects}
    named: list[tuple[Path, Location, str, Collection[str]]] = []
    for key, spec in catalogue.printed.objects.items():
        rows, columns = axes[key]
        for number, cells in enumerate(spec.overrides):
            named += [(path, ("objects", key, "overrides", number, "rows"), word, rows) for word in cells.rows]
            named += [(path, ("objects", key, "overrides", number, "columns"), word, columns) for word in cells.columns]
        for number, entry in enumerate(spec.columns):
            for part in ("sum_of", "remainder_of"):
                place: Location = ("objects", key, "columns", number, part)
                named += [(path, place, word, columns) for word in getattr(entry, part) or ()]
        if spec.headline:
            named += [(path, ("objects", key, "headline", "rows"), word, rows) for word in spec.headline.rows]
            named.append((path, ("objects", key, "headline", "column"), spec.headline.column, {*columns, "last"}))
    site = load_model(Site, site_path).columns if site_path.exists() else []
    shown: tuple[tuple[Path, str, Sequence[KeyFigure | SiteColumn]], ...] = (
        (path, "key_figures", catalogue.printed.key_figures),
        (site_path, "columns", site),
    )
    for where, top, wanted in shown:
        for number, one in enumerate(wanted):
            named.append((where, (top, number, "object"), one.object, axes))
            if one.object in axes:
                nearest = catalogue.printed.objects[one.object].as_nearest.columns
                its = {*axes[one.object][1], *(entry.id for entry in nearest if entry.id), "last"}
                named.append((where, (top, number, "column"), one.column, its))
    for where, place, word, known in named:
        if word not in known:
            yield fault_at(where, place, f"unknown {str(place[-1]).rstrip('s')} '{word}'", did_you_mean(word, known))
    areas = {file.stem for file in catalogue.paths.areas.glob("*.yaml")}
    coloured = catalogue.regions.ids.union(*(ids for axis in axes.values() for ids in axis), areas, {"other"})
    for line, row in read_rows(Colour, config / "palette.csv")[0].items():
        # A colour may be left over from an object that is gone; one whose name is nearly another's was meant for that.
        own = isinstance(row.name, int) or row.name in coloured
        near = [] if own else difflib.get_close_matches(str(row.name), coloured, n=1, cutoff=0.75)
        if near:
            yield Fault(f"unknown name '{row.name}'", f"{config / 'palette.csv'}:{line}", f"did you mean '{near[0]}'?")


def _series_of(source: Source) -> set[str]:
    found = {value.series for snapshot in source.snapshots for value in snapshot.values}
    if isinstance(source.fetch, PxWebFetch):
        chosen = [column for column in source.fetch.select if column.to == "series"]
        found.update(str(word) for column in chosen for word in (*column.labels, *column.codes))
        found |= {source.fetch.series} if source.fetch.series else set()
    return found


def series_faults(catalogue: Catalogue) -> Iterator[Fault]:
    """Yield sources that a series lists and that do not have it."""
    path, sources = catalogue.paths.config / "series.csv", catalogue.sources.sources
    for line, row in read_rows(SeriesRow, path)[0].items():
        for name in row.sources:
            # Of a table that nobody has found yet nothing is known.
            has = _series_of(sources[name]) if name in sources else set()
            if has and row.series not in has:
                what = f"{row.series}: the source '{name}' has no series '{row.series}'"
                yield Fault(what, f"{path}:{line}", did_you_mean(row.series, has))


def identity_faults(catalogue: Catalogue) -> Iterator[Fault]:
    """Yield sources, series and regions that config/identities.yaml names and that there are not: nothing would be compared."""
    sources, path = catalogue.sources.sources, catalogue.paths.identities
    known: dict[str, Collection[str]] = {
        "source": sources,
        "series": catalogue.indicators.series.keys()
        | {name for source in sources.values() for name in _series_of(source)},
        "region": catalogue.regions.ids,
    }
    rules = load_identities(path)
    sides: list[tuple[Location, Any]] = [
        (("identities", name, side), getattr(rule, side))
        for name, rule in rules.identities.items()
        for side in ("left", "right")
    ]
    sides += [(("jumps", "known", number), one) for number, one in enumerate(rules.jumps.known if rules.jumps else ())]
    for place, side in sides:
        for key, words in side.items():
            for word in [words] if isinstance(words, str) else words:
                if word not in known.get(key, {word}):
                    yield fault_at(path, (*place, key), f"unknown {key} '{word}'", did_you_mean(word, known[key]))


def word_faults(catalogue: Catalogue) -> Iterator[Fault]:
    """Yield the words of config/words.csv that neither code nor template asks for, by name or by how the name begins or ends."""
    files = [path for path in Path(__file__).parent.rglob("*") if path.suffix in {".py", ".j2", ".typ"}]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    asked = set(re.findall(r"[a-z][a-z0-9_]+", code))
    begins = tuple(set(re.findall(r"[\"']([a-z0-9_]+_)(?:\{|[\"'] *[~+])", code)))
    ends = tuple(set(re.findall(r"\}(_[a-z0-9_]+)[\"']", code)))
    path = catalogue.paths.config / "words.csv"
    words, _ = read_rows(WordRow, path, ("section", "key"))
    for line, word in words.items():
        nb, en = (set(_FILLED.findall(text)) for text in (word.nb, word.en))
        if nb != en:
            what = f"{word.section}/{word.key}: {', '.join(sorted(nb ^ en))} stands in one language only"
            yield Fault(what, f"{path}:{line}", "name the same in both")
        shown = word.key in asked or word.key.startswith(begins) or word.key.endswith(ends)
        if word.section in _BY_CODE and not shown:
            what = f"{word.section}/{word.key}: nothing shows it"
            yield Fault(what, f"{path}:{line}", did_you_mean(word.key, asked))

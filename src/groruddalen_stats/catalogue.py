"""All of config/, loaded once and cross-checked: sources, regions, indicators, objects, editions."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import cycle, product
from pathlib import Path
from typing import Any, TypeVar

from groruddalen_stats import areas, runs
from groruddalen_stats.config.claims import Claims, load_claims
from groruddalen_stats.config.deviations import Ledger, read_ledger
from groruddalen_stats.config.fetch import PxWebFetch, misplaced
from groruddalen_stats.config.load import Location, fault_at, load_model, read_rows, unknown, unknown_in, validate
from groruddalen_stats.config.models import (
    ROLES,
    SEXES,
    Appendix,
    Area,
    AxisEntry,
    CellSpec,
    Edition,
    Formulas,
    Indicators,
    Object,
    Place,
    Run,
    Sources,
    Text,
)
from groruddalen_stats.config.rows import SeriesRow
from groruddalen_stats.config.words import Labels, load_labels
from groruddalen_stats.errors import ConfigError, Fault, did_you_mean, gathered, told
from groruddalen_stats.numbers import Language
from groruddalen_stats.paths import Paths
from groruddalen_stats.regions import Regions
from groruddalen_stats.regions import load as load_regions

__all__ = ["Catalogue", "editions", "fill_years", "load"]

Asked = TypeVar("Asked")

_PLACEHOLDER = re.compile(r"\{([a-z_]+)(?:\.([a-z_]+))?\}")
_NAME_OF_TIME = re.compile(r"\{([a-z_]+) before (\d{4}): ([^{}|]*)\|([^{}|]*)\}")
_BRACED = re.compile(r"\{([^{}]*)\}")
_OF_AREA = frozenset({"area", "districts", "whole", "places"})
_FEW = 5
"""City districts whose sub-districts fit on one map."""
_WHICH = ("first", "last", "next", "span")
_OF_NO_AREA = ("sources", "regions", "indicators", "labels", "printed", "print_area", "ledger", "claims")
_SAME_YEAR = re.compile(r"\b(\d{4}) (?:og|and) \1\b")


@dataclass(frozen=True)
class Catalogue:
    """Everything under config/ for one run; each file is read when it is first needed.

    Attributes:
        earlier: topics that are so many years earlier than the edition says, since nothing newer has figures.
        nearest: objects that show what is nearest to their statistic, since nobody publishes that.
        wanted: regions beyond those that every run has figures of; without them, files of other regions stay unread.
    """

    paths: Paths
    run: Run
    earlier: Mapping[str, int] = field(default_factory=dict)
    nearest: frozenset[str] = frozenset()
    wanted: frozenset[str] = frozenset()

    @cached_property
    def edition(self) -> Edition:
        """The edition that is run, with the run's own years and choice for missing ones put in."""
        edition = self._asked
        changes: dict[str, object] = {}
        if self.run.years or self.earlier:
            moved = {topic: runs.moved(edition.years[topic], -by) for topic, by in self.earlier.items()}
            changes["years"] = {**edition.years, **moved, **self.run.years}
        if self.run.on_missing is not None:
            changes["on_missing"] = self.run.on_missing
        merged = edition.model_copy(update=changes)
        if changes:
            ConfigError.tell(_year_faults(merged, self.printed, self.paths.config / "config.yaml"))
        return merged

    def taken_earlier(self, earlier: Mapping[str, int]) -> Catalogue:
        """Return the same with some topics so many years earlier; what does not depend on years is not read again."""
        return self._changed("appendix", earlier=earlier)

    def with_nearest(self, names: Collection[str]) -> Catalogue:
        """Return the same with what is nearest in place of the statistic of some objects."""
        return self._changed("edition", nearest=frozenset(names))

    def wanting(self, regions: Iterable[str]) -> Catalogue:
        """Return the same for a run that also needs figures of these regions."""
        return self._changed("appendix", wanted=frozenset(regions))

    def about(self, area: str) -> Catalogue:
        """Return the same run about another area; what no area changes is not read again."""
        other = None if area == self.printed.print_area else area
        made = Catalogue(self.paths, self.run.model_copy(update={"area": other}))
        made.__dict__.update({name: self.__dict__[name] for name in _OF_NO_AREA if name in self.__dict__})
        made.__dict__["indicators"] = self.indicators.anew()
        return made if made.is_print_area else made.wanting(made.needed)

    def _changed(self, also: str, **changes: Any) -> Catalogue:
        changed = replace(self, **changes)
        kept = (*_OF_NO_AREA, "area", "is_of_oslo", "print_edition", also)
        changed.__dict__.update({name: self.__dict__[name] for name in kept if name in self.__dict__})
        return changed

    def _title(self, year: int) -> Text:
        return self.labels.words["title_of_year"].put(year=str(year), area=self.area.name)

    @cached_property
    def _asked(self) -> Edition:
        return self.edition_of(self.run.edition)

    def edition_of(self, name: str) -> Edition:
        """Return one edition by name: a file, or the report's appendix as of a year."""
        path = self.paths.editions / f"{name}.yaml"
        year = runs.year_of(name)
        if year is not None:
            years = self.print_edition.lagged(year)
            return Edition(title=self._title(year), date=dt.date(year, 12, 31), as_of=year, years=years)
        edition = load_model(Edition, path)
        if edition.as_of is not None:
            years = {**self.print_edition.lagged(edition.as_of), **edition.years}
            edition = edition.model_copy(update={"years": years})
        ConfigError.tell(_year_faults(edition, self.printed, path))
        return edition if self.is_print_area else edition.model_copy(update={"title": self._title(edition.date.year)})

    @cached_property
    def day(self) -> dt.date:
        """The first day of the edition's year, whose division into municipalities an area has."""
        name = self.run.edition
        return dt.date(runs.year_of(name) or load_model(Edition, self.paths.editions / f"{name}.yaml").date.year, 1, 1)

    @cached_property
    def print_area(self) -> Area:
        """The area that the report is about."""
        return self._area_of(self.paths.areas / f"{self.printed.print_area}.yaml")

    def _area_of(self, path: Path) -> Area:
        area = load_model(Area, path)
        ids = self.regions.ids
        ConfigError.tell(unknown(area, path, region=ids, sum=ids | {path.stem}))
        return area

    @cached_property
    def area(self) -> Area:
        """The area of the run: the report's, one of config/areas, or a city district or group of them by its id."""
        name, regions = self.run.area, self.regions
        if name is None:
            return self.print_area
        path = self.paths.areas / f"{name}.yaml"
        if path.exists():
            area = self._area_of(path)
            if area.together == name and name not in regions.ids:
                self.__dict__["regions"] = regions.with_sum(name, area.name, area.parts)
            return area
        if name not in regions.areas:
            known = [*sorted(path.stem for path in self.paths.areas.glob("*.yaml")), *regions.areas]
            known += areas.names(self.paths.config)
            several = areas.named(self.paths.config, name)
            remedy = f"name one of {', '.join(several)}" if several else did_you_mean(name, known)
            raise ConfigError(f"there is no area '{name}'", where=str(path), remedy=remedy)
        return self._area_around(name)

    def _area_around(self, name: str) -> Area:
        """Return the area of a region: what it is made of, and what that is part of."""
        regions, words = self.regions, self.labels.words
        parts = regions.side_by_side(name, self.day, self.run.borders)
        own = self._called(name)
        beside: list[str] = []
        if name == regions.country:
            kind, whole = "counties_of", name
        elif regions.bydeler(name):
            kind, whole = "districts_of", self.print_area.whole
        else:
            counties = {regions.county_of(part, self.day) for part in parts} - {name}
            whole = counties.pop() if len(counties) == 1 else ""
            kind = "municipalities_of" if not regions.municipalities.isdisjoint(parts) else "areas_of"
            beside = [regions.country] if whole else []
            whole = whole or regions.country
        return Area(
            name=own,
            called=words[kind].put(area=own) if len(parts) > 1 else own,
            parts=parts,
            together=name if len(parts) > 1 and name != whole else None,
            whole=whole,
            comparisons=beside,
        )

    def _called(self, region: str) -> Text:
        """Return a region's name in a sentence, without what tells it from an older one of the same name."""
        if region == self.regions.country:
            return self.labels.words["country"]
        name = self.regions.called(region)
        return Text(nb=name.nb.partition(" (")[0], en=re.sub("^The ", "the ", name.en.partition(" (")[0]))

    @property
    def is_print_area(self) -> bool:
        """Whether the run is about the report's own area."""
        return self.run.area is None

    @cached_property
    def is_of_oslo(self) -> bool:
        """Whether the area is Oslo or made of its city districts; figures of these are no other place's."""
        return self.is_print_area or areas.is_of_oslo(self.paths.config, self.run.area or "")

    @property
    def needed(self) -> frozenset[str]:
        """The regions that the area needs figures of, beyond its whole where every run has those."""
        area = self.area
        named = [region for role in ROLES for region in area.of(role) if region != self.print_area.whole]
        return frozenset(self.sub_districts).union(*(self.regions.with_members(region) for region in named))

    @cached_property
    def palette(self) -> dict[str, str]:
        """The colour of each region or category; the area's own regions have those of the report's in their roles.

        Where there are more of a role than the report has, each has one of the colours for that.
        """
        colours = dict(self.labels.palette)
        given = self.labels.parts or [colours["other"]]
        for role in () if self.is_print_area else ROLES:
            own, of_print = self.area.of(role), [colours.get(key, colours["other"]) for key in self.print_area.of(role)]
            colours |= zip(own, of_print if len(own) <= len(of_print) else cycle(given), strict=False)
        # The first colour is that of the city district itself.
        return colours | dict(zip(self.sub_districts, cycle(given[1:] or given), strict=False))

    def placed(self, regions: Sequence[str], before: Iterable[str] = ()) -> Sequence[str]:
        """Return what stands in a run where the report's appendix has ``regions``: the area's own in their roles.

        Those in the roles ``before`` come first, except in the report's own area.
        """
        if self.is_print_area:
            return regions
        placed = dict.fromkeys(region for role in before for region in self.area.of(role))
        for region in regions:
            role = self.print_area.role(region)
            placed |= dict.fromkeys([region] if role is None else self.area.of(role))
        return list(placed)

    @cached_property
    def sub_districts(self) -> tuple[str, ...]:
        """The sub-districts of the area, where that is a single city district."""
        parts = () if self.is_print_area else self.area.parts
        return self.regions.delbydeler(parts[0], self.day) if len(parts) == 1 else ()

    @cached_property
    def own(self) -> frozenset[str]:
        """What another area than the report's is about: its parts, what they are made of, and their sum."""
        return (
            frozenset()
            if self.is_print_area
            else frozenset((*self.area.parts, *self.area.of("together"), *self.sub_districts))
        )

    def of_own(self, asked: Iterable[Asked], region: Callable[[Asked], str | None]) -> list[Asked]:
        """Return what is asked of the area's own places, of another area than the report's; all where none of it is."""
        every = list(asked)
        return [one for one in every if region(one) in self.own] or every

    def on_map(self, date: dt.date) -> list[str]:
        """Return what a map of the area shows: the sub-districts of a few city districts, else the parts."""
        parts = self.area.parts
        found = [one for part in parts for one in self.regions.delbydeler(part, date)] if len(parts) <= _FEW else []
        return found or parts

    @cached_property
    def numbers_name(self) -> str:
        """The name of the folder of the run's numbers."""
        return runs.numbers_name(self.run.model_dump(), self._asked.years)

    @cached_property
    def reader_name(self) -> str:
        """The name of the folders of what readers get of the run."""
        return runs.reader_name(self.run.model_dump(), self._asked.years)

    @cached_property
    def is_print(self) -> bool:
        """Whether the run has the report's own years and borders, so that it is the report's appendix."""
        return self.numbers_name == self.printed.print_edition

    @cached_property
    def layouts(self) -> dict[tuple[str, int], object]:
        """What :func:`~groruddalen_stats.appendix.layout.layout` has made, so that it is made once."""
        return {}

    @cached_property
    def print_edition(self) -> Edition:
        return self.edition_of(self.appendix.print_edition)

    @cached_property
    def sources(self) -> Sources:
        path = self.paths.config / "sources.yaml"
        sources = load_model(Sources, path, "sources")
        faults = unknown(
            sources,
            path,
            publisher=sources.publishers,
            licence=sources.licences,
            api=sources.apis,
            shared_list=sources.shared,
        )
        for key, source in sources.sources.items():
            wrong = [] if source.fetch is None else misplaced(source.fetch, sources.apis)
            faults += [fault_at(path, ("sources", key, *place), what, remedy) for place, what, remedy in wrong]
        ConfigError.tell(faults)
        return sources

    @cached_property
    def unread(self) -> frozenset[str]:
        """The raw files of which the run needs no region."""
        files = {
            (path, of)
            for key, source in self.sources.sources.items()
            for path, of in (
                *((snapshot.path, snapshot.of) for snapshot in source.snapshots),
                *((path, of) for of, path in source.fetched(key).items()),
            )
        }
        return frozenset(path for path, of in files if of and self.wanted.isdisjoint(self.regions_of(of)))

    def regions_of(self, name: str) -> Collection[str]:
        """Return the regions that a raw file is of: a shared list, or a county or country with what it ever had."""
        if name in self.sources.shared:
            return self.sources.shared[name]
        return self.regions.ever_in(name) if name in self.regions.places else ()

    @cached_property
    def regions(self) -> Regions:
        return load_regions(self.paths.config / "regions.yaml")

    @cached_property
    def indicators(self) -> Indicators:
        path, of_series = self.paths.config / "indicators.yaml", self.paths.config / "series.csv"
        formulas, (rows, faults) = load_model(Formulas, path), read_rows(SeriesRow, of_series)
        listed, sources, regions = self.paths.config / "sources.yaml", self.sources, self.regions
        groups = {"all", *formulas.groups}
        series = {row.series: row.plain for row in rows.values()}
        known: dict[str, Collection[str]] = {
            "unit": formulas.units,
            "unit_of_change": {*formulas.units, "relative", "none"},
            "series": series,
            "group": formulas.groups,
            "background": groups,
            "detail": groups,
            "source": sources.sources,
            "region": regions.ids,
            "list": {*sources.shared, *regions.places},
            "sex": SEXES,
        }
        ConfigError.tell(faults)
        faults = unknown(formulas, path, **known) + unknown_in(rows, of_series, **known)
        faults += unknown(sources, listed, **known) + _region_faults(sources, regions, listed)
        ConfigError.tell([*faults, *_series_faults(rows, sources, listed, of_series)])
        return Indicators(units=formulas.units, groups=formulas.groups, indicators=formulas.indicators, series=series)

    @cached_property
    def labels(self) -> Labels:
        return load_labels(self.paths.config)

    @cached_property
    def appendix(self) -> Appendix:
        """What the appendix of the run is made of."""
        if self.is_print_area and not self.nearest:
            return self.printed
        objects = {
            name: spec.as_nearest if name in self.nearest or (spec.only_of_print and not self.is_print_area) else spec
            for name, spec in self.printed.objects.items()
            if name not in self.left_out
        }
        sections = [
            section.model_copy(update={"objects": [name for name in section.objects if name in objects]})
            for section in self.printed.sections
        ]
        return self.printed.model_copy(update={"objects": objects, "sections": sections})

    @cached_property
    def left_out(self) -> tuple[str, ...]:
        """The objects that the run's area cannot have, where that is another one than the report's."""
        if self.is_print_area:
            return ()
        return tuple(
            name
            for name, spec in self.printed.objects.items()
            if (spec.only_of_print and not spec.nearest) or (spec.of_oslo and not self.is_of_oslo)
        )

    @cached_property
    def printed(self) -> Appendix:
        """What the report's appendix is made of."""
        path = self.paths.config / "appendix.yaml"
        appendix = load_model(Appendix, path, "objects")
        labels, indicators = self.labels, self.indicators
        ConfigError.tell(unknown(self.sources, self.paths.config / "sources.yaml", note=labels.notes))
        faults = unknown(
            appendix,
            path,
            indicator=indicators.indicators,
            series=indicators.series,
            group=indicators.groups,
            region=self.regions.accepted,
            object=appendix.objects,
            note=labels.notes,
            reason=labels.reasons,
        )
        faults += [*_section_faults(appendix, path), *_text_faults(appendix, path)]
        ConfigError.tell(faults)
        if faults and (noted := told()) is not None:
            wrong = {
                name: spec
                for name, spec in appendix.objects.items()
                if any(f"/{name}.yaml:" in fault.where or f"objects.{name}." in fault.what for fault in faults)
            }
            noted.leave_out([*wrong, *(topic for spec in wrong.values() for topic in spec.every_topic)], ())
            right = {name: spec for name, spec in appendix.objects.items() if name not in wrong}
            appendix = appendix.model_copy(update={"objects": right})
        return appendix

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger as its files say; :func:`~groruddalen_stats.check.load_ledger` also holds it against the rest."""
        known = self.printed.objects, self.sources.sources, self.regions.ids
        return read_ledger(self.paths.ledger, *known)

    @cached_property
    def claims(self) -> Claims:
        """What the report's text says about the numbers."""
        return load_claims(self.paths.config)

    @cached_property
    def known_wrong(self) -> dict[Place, str]:
        """Printed cells that a finding of the ledger calls known to be wrong, with the finding's key."""
        ledger = self.ledger
        wrong = [key for key, entry in ledger.entries.items() if entry.known_wrong]
        return {place: key for key in wrong for place in ledger.places(key)}

    def require_valid(self) -> None:
        """Read every file; raise one ConfigError with the faults of all of them."""
        faults: list[Fault] = []
        for name in ("sources", "regions", "labels", "indicators", "appendix", "edition"):
            with gathered(faults):
                getattr(self, name)
        ConfigError.tell(faults)

    def require_editions(self) -> None:
        """Read every edition and area, also those that are not run; raise one ConfigError with the faults of them all."""
        faults: list[Fault] = []
        for name in editions(self.paths):
            with gathered(faults):
                self.edition_of(name)
        for path in sorted(self.paths.areas.glob("*.yaml")):
            with gathered(faults):
                self._area_of(path)
        ConfigError.tell(faults)

    def text(self, text: Text, language: Language | None = None, edition: Edition | None = None) -> str:
        """Return a text with the edition's years put in for ``{topic}``, ``{topic.span}`` ..., and the area's names."""
        area = self.area
        put = text.put(area=area.name, districts=area.called, whole=self._called(area.whole) if area.whole else "")
        return fill_years(put[language or self.run.language], edition or self.edition)


def fill_years(template: str, edition: Edition) -> str:
    """Put an edition's years, and the names that held in them, in for the placeholders of a text."""

    def year(match: re.Match[str]) -> str:
        topic, which = match.group(1), match.group(2)
        if topic not in edition.years:
            return match.group(0)
        listed = edition.listed(topic)
        if which == "span":
            return str(listed[0]) if len(listed) == 1 else f"{listed[0]}–{listed[-1]}"
        return str(edition.year(topic, which or "last"))

    def name(match: re.Match[str]) -> str:
        topic, first, old, new = match.groups()
        return old if edition.year(topic) < int(first) else new

    template = _NAME_OF_TIME.sub(name, template)
    # Where first and last are one year, "2011 and 2011" is that year.
    return _SAME_YEAR.sub(r"\1", _PLACEHOLDER.sub(year, template))


def editions(paths: Paths) -> list[str]:
    """Return the names of the editions that exist."""
    return sorted(path.stem for path in paths.editions.glob("*.yaml"))


def load(paths: Paths, overrides: Mapping[str, object] | None = None) -> Catalogue:
    """Return the configuration of a project folder."""
    path = paths.config / "config.yaml"
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    merged = areas.settings_of(given, paths.config)
    changed = runs.normalised(given).keys()
    run = validate(Run, merged, path, changed)
    known = editions(paths)
    if run.edition not in known and runs.year_of(run.edition) is None:
        year, where = run.edition.removeprefix(runs.BY_YEAR), "--config" if "edition" in changed else str(path)
        if year != run.edition:
            raise ConfigError(f"'{year}' is no year", where=where, remedy="write a year such as 2024")
        remedy = did_you_mean(run.edition, known)
        raise ConfigError(f"there is no edition '{run.edition}'", where=where, remedy=remedy)
    made = Catalogue(paths, run)
    # Most runs name no area, and nothing else need be read to know.
    return made if run.area is None else made.wanting(made.needed)


def _year_faults(edition: Edition, appendix: Appendix, path: Path) -> list[Fault]:
    """Return what is wrong with an edition's years for the objects that use them."""
    limits: dict[str, float] = {}
    for spec in _specs(appendix).values():
        limits.update({topic: max(limits.get(topic, 1), 1) for topic in spec.topics})
        entries: list[AxisEntry] = [*spec.rows, *spec.columns]
        limits.update({entry.years: math.inf for entry in entries if entry.years is not None})
        parts: list[Object | CellSpec] = [spec, *entries, *spec.overrides]
        for part in parts:
            for topic, which in filter(None, (part.period, part.base)):
                limits[topic] = max(limits.get(topic, 1), 2 if which == "first" else 1)
    faults = [
        fault_at(path, ("years", topic), f"no object has the topic '{topic}'", did_you_mean(topic, limits))
        for topic in edition.years
        if topic not in limits
    ]
    listed = {topic: edition.listed(topic) for topic in edition.years}
    for topic, limit in limits.items():
        count = len(listed.get(topic, []))
        if count == 0:
            faults.append(fault_at(path, ("years", topic), "the key is missing", f"add '{topic}'"))
        elif count > limit:
            takes = "one year" if limit == 1 else "a first and a last year"
            what = f"{count} years where the appendix shows {takes}"
            faults.append(fault_at(path, ("years", topic), what, "give fewer, or make one edition per year"))
    return faults


def _specs(appendix: Appendix) -> dict[Location, Object]:
    """Return every object, and what is nearest to it where there is such, by its place in the file."""
    specs: dict[Location, Object] = {("objects", name): spec for name, spec in appendix.objects.items()}
    return specs | {(*here, "nearest"): spec.as_nearest for here, spec in specs.items() if spec.nearest}


def _region_faults(sources: Sources, regions: Regions, path: Path) -> list[Fault]:
    """Return what is no region where only what stands around it tells that it must be one."""
    words: list[tuple[Location, str]] = []
    for key, source in sources.sources.items():
        for name in dict.fromkeys(snapshot.of for snapshot in source.snapshots):
            words += [(("shared", str(name)), word) for word in sources.shared.get(name or "", ())]
        for number, column in enumerate(source.fetch.select if isinstance(source.fetch, PxWebFetch) else ()):
            for side in ("labels", "codes") if column.to == "region" else ():
                place: Location = ("sources", key, "fetch", "select", number, side)
                words += [((*place, word), str(word).partition(" ")[0]) for word in getattr(column, side)]
    return [
        fault_at(path, place, f"unknown region '{word}'", did_you_mean(word, regions.ids))
        for place, word in dict.fromkeys(words)
        if word not in regions.ids
    ]


def _series_faults(rows: Mapping[int, SeriesRow], sources: Sources, listed: Path, path: Path) -> Iterator[Fault]:
    """Yield sources that no series uses, and series of which nobody has figures."""
    if (noted := told()) is not None and noted.lost:
        return  # What was left out may be what lists it.
    used = {name for row in rows.values() for name in row.sources}
    for key, source in sources.sources.items():
        # Other kinds of fetch bring boundaries and classifications, which no series lists.
        if (source.snapshots or isinstance(source.fetch, PxWebFetch)) and key not in used:
            what = "no series lists this source, so that nobody uses its numbers"
            yield fault_at(listed, ("sources", key), what, "add it to the 'sources' of a series in series.csv")
    for line, row in rows.items():
        known = [sources.sources[name] for name in row.sources if name in sources.sources]
        if not row.none_known_nb and not any(source.kind == "independent" for source in known):
            what = f"{row.series}: no source independent of the report, and nothing says why"
            yield Fault(what, f"{path}:{line}", "list a source, or say why under 'none_known'")


def _section_faults(appendix: Appendix, path: Path) -> list[Fault]:
    placed = Counter(name for section in appendix.sections for name in section.objects)
    remedy = "list it in exactly one section"
    return [
        fault_at(path, ("objects", name), f"the object stands in {placed[name]} sections", remedy)
        for name in appendix.objects
        if placed[name] != 1
    ]


def _text_faults(appendix: Appendix, path: Path) -> list[Fault]:
    """Return placeholders of no topic: they would be shown to readers as they stand."""
    specs = _specs(appendix)
    topics = {topic for spec in specs.values() for topic in spec.every_topic}
    faults: list[Fault] = []
    for here, spec in specs.items():
        for part, language in product(("title", "subtitle", "alt", "source_note"), ("nb", "en")):
            for found in _BRACED.findall(_NAME_OF_TIME.sub(r"{\1}", getattr(getattr(spec, part), language))):
                known, place = _PLACEHOLDER.fullmatch(f"{{{found}}}"), (*here, part, language)
                topic, which = known.groups() if known else (found, None)
                if topic not in topics | _OF_AREA:
                    faults.append(fault_at(path, place, f"'{{{found}}}' names no topic", did_you_mean(topic, topics)))
                elif which and which not in _WHICH:
                    faults.append(fault_at(path, place, f"'{{{found}}}' is not known", did_you_mean(which, _WHICH)))
    return faults

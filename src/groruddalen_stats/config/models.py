"""The models of what config/ says: sources, indicators, appendix, editions, the run; config/README.md explains each key."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Annotated, Any, Literal, NamedTuple, Self, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from groruddalen_stats import runs
from groruddalen_stats.config.fetch import Api, BoundaryFetch, Fetch, PxWebFetch, kind_of
from groruddalen_stats.config.load import FROM_FILE, OneOf, Strict
from groruddalen_stats.numbers import Language

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Given = Annotated[str, StringConstraints(min_length=1)]
Topic = Key
"""What a reference year is for; the topics are those that the objects of config/appendix.yaml name."""


class Moment(NamedTuple):
    """A year of a topic: the last one of its years or the only one, the first, or the one that follows."""

    topic: Topic
    which: Literal["first", "last", "next"] = "last"


_MOMENT = r"^([a-z_]+)(?:\.(first|last|next))?$"


def _moment(said: object) -> object:
    found = re.match(_MOMENT, said) if isinstance(said, str) else None
    if found is None and not isinstance(said, Moment):
        raise ValueError("a period is a topic, optionally with .first, .last or .next")
    return said if found is None else Moment(*filter(None, found.groups()))


Period = Annotated[Moment, PlainValidator(_moment), WithJsonSchema({"type": "string", "pattern": _MOMENT})]
"""A moment as config/ writes it: ``prices``, ``prices.first``."""


class Place(NamedTuple):
    """Where a cell stands."""

    object: str
    row: str
    column: str


Reference = Literal["1_january", "31_december", "december", "year", "q4", "1_october", "division", "as_stated"]
"""The moment of a year that a figure stands for."""
Sex = Literal["both", "women", "men"]
SEXES: tuple[Sex, ...] = get_args(Sex)
Dated = Literal["same_year", "next_year", "mean"]
"""The year of a term beside that of its cell: the same, the next, or the mean of both."""


Remembered = TypeVar("Remembered")


class Text(Strict):
    """A text shown to readers, in both languages of the report."""

    nb: str
    en: str

    @field_validator("nb", "en")
    @classmethod
    def _is_said(cls, text: str, info: ValidationInfo) -> str:
        if info.context is FROM_FILE and not text.strip():
            raise ValueError("the text is empty")
        return text

    def __getitem__(self, language: Language) -> str:
        return self.nb if language == "nb" else self.en

    def put(self, **words: AnyText) -> Text:
        """Return the text with words in the place of their names in braces."""
        nb, en = self.nb, self.en
        for name, word in words.items():
            nb, en = nb.replace(f"{{{name}}}", text_in(word, "nb")), en.replace(f"{{{name}}}", text_in(word, "en"))
        return Text(nb=nb, en=en)


AnyText = str | Text


def text_in(text: AnyText, language: Language) -> str:
    """Return a text that may be the same in both languages."""
    return text if isinstance(text, str) else text[language]


# ---- sources.yaml -----------------------------------------------------------------------------------------------


class Publisher(Strict):
    """Who publishes a source; ``licence`` is that of its figures where a source does not say another."""

    name: Text
    url: str
    licence: Annotated[Key, OneOf("licence")]
    credit: Text | None = None
    of_oslo: bool = False


class Licence(Strict):
    """What a source's figures may be used for."""

    name: AnyText
    url: str = ""


class RegionLabel(Strict):
    """What one label in a source's region column stands for."""

    region: Annotated[str, OneOf("region")]
    detail: str = ""


class RegionColumn(Strict):
    """Where the region of a raw row stands, and how its codes are read."""

    column: str
    scheme: Literal["id", "klass", "ssb_statbank", "delbydel"] | None = None
    labels: Annotated[dict[str, str | RegionLabel] | None, OneOf("region")] = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.scheme is None) == (self.labels is None):
            raise ValueError("give either 'scheme' or 'labels'")
        return self


class ColumnRule(Strict):
    """Where a dimension of a raw row stands: a column (with its own words mapped to ours) or one constant."""

    column: str | None = None
    map: Annotated[dict[str, str] | None, OneOf()] = None
    constant: Annotated[str | None, OneOf()] = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.column is None) == (self.constant is None):
            raise ValueError("give either 'column' or 'constant'")
        return self


class ValueColumn(Strict):
    """One column of numbers of a raw file, the series it is, and the rows it is so for."""

    column: str
    series: Key
    when: dict[str, str] = {}
    background: Annotated[str, OneOf("background")] = ""
    detail: Annotated[str, OneOf("detail")] = ""


class Snapshot(Strict):
    """One raw file of a source and how its cells become observations.

    Attributes:
        of: a shared list of the regions it is of, or a county or the country with what it ever consisted of; without
            it, every run reads the file.
    """

    path: str
    of: Annotated[Key | None, OneOf("list")] = None
    region: RegionColumn = Field(default_factory=lambda: RegionColumn(column="region_code", scheme="klass"))
    period: ColumnRule = Field(default_factory=lambda: ColumnRule(column="year"))
    sex: Annotated[ColumnRule | None, OneOf("sex")] = None
    age: ColumnRule | None = None
    background: Annotated[ColumnRule | None, OneOf("background")] = None
    status: ColumnRule | None = None
    values: list[ValueColumn] = Field(min_length=1)

    @property
    def columns(self) -> list[str]:
        """Return the columns that the file needs, those named twice twice."""
        dimensions = [self.period, self.sex, self.age, self.background, self.status]
        names = [self.region.column, *(d.column for d in dimensions if d is not None and d.column)]
        for value in self.values:
            names.extend([value.column, *value.when])
        return names


class Import(Strict):
    """How a file that a person downloads from the publisher becomes the source's snapshot."""

    encoding: Literal["utf-8", "latin-1"] = "utf-8"
    separator: Literal[";", ",", "\t"] = ";"
    decimal: Literal[",", "."] = ","
    skip: int = Field(0, ge=0)
    columns: dict[str, str] = Field(min_length=1)
    words: dict[str, dict[str, str]] = {}
    without: dict[str, list[str]] = {}

    @model_validator(mode="after")
    def _known_columns(self) -> Self:
        ours = list(self.columns.values())
        for column in ours:
            if ours.count(column) > 1:
                raise ValueError(f"column {column!r} is filled twice")
        for column in (*self.words, *self.without):
            if column not in ours:
                raise ValueError(f"nothing fills the column {column!r}")
        return self


class Lineage(Strict):
    """Which tables the report names, what this one is to them, and the years that it has."""

    requested: list[str]
    relation: Literal["same", "successor", "substitute", "none_known"]
    coverage: str = ""


class SeriesBreak(Strict):
    """A year from which a source's figures are no longer comparable with its earlier ones."""

    year: int
    note: Annotated[Key, OneOf("note")]


class Source(Strict):
    """One table of one publisher; where it says no ``licence`` or ``url``, its publisher and API do."""

    publisher: Annotated[Key, OneOf("publisher")]
    kind: Literal["independent", "published", "prose"] = "independent"
    table: AnyText
    title: Text
    reference: Reference
    licence: Annotated[Key, OneOf("licence")] = ""
    url: str = ""
    credit: Text | None = None
    caveat: Annotated[Key | None, OneOf("note")] = None
    breaks: list[SeriesBreak] = []
    lineage: Lineage | None = None
    snapshots: list[Snapshot] = []
    fetch: Fetch | None = None
    imports: Import | None = Field(None, alias="import")

    @model_validator(mode="after")
    def _importable(self) -> Self:
        if self.imports is not None:
            if len(self.snapshots) != 1:
                raise ValueError("'import' needs exactly one snapshot that the file becomes")
            for column in self.snapshots[0].columns:
                if column not in self.imports.columns.values():
                    raise ValueError(f"'import' fills no column {column!r}, which the snapshot needs")
        return self

    def fetched(self, key: str) -> dict[str, str]:
        """Return where the fetched snapshots of this source, called ``key``, lie below data/raw, by what each is ``of``: the rest by ""."""
        if self.fetch is None:
            return {}
        if isinstance(self.fetch, BoundaryFetch):
            return {"": f"boundaries/{key}.geojson"}
        others = self.fetch.others if isinstance(self.fetch, PxWebFetch) else []
        return {of: f"{self.publisher}/{key}{of and f'_{of}'}.json" for of in ("", *others)}

    def paths(self, key: str) -> list[str]:
        """Return every raw file this source, called ``key``, may have, embedded ones first."""
        return [*(snapshot.path for snapshot in self.snapshots), *self.fetched(key).values()]


LISTS = ("take", "also", "labels")
"""Keys of a selected column that may name a shared list instead: ``take_of: akershus``."""


class Sources(Strict):
    """config/sources.yaml, and config/sources/<id>.yaml for each source."""

    publishers: dict[Key, Publisher]
    licences: dict[Key, Licence]
    apis: dict[Key, Api] = {}
    shared: dict[Key, list[str] | dict[str, str]] = {}
    order: list[Key] = []
    sources: dict[Key, Source] = {}

    @cached_property
    def of_file(self) -> dict[str, list[str]]:
        """The sources that may have a raw file."""
        found: dict[str, list[str]] = {}
        for key, source in self.sources.items():
            for path in source.paths(key):
                found.setdefault(path, []).append(key)
        return found

    @model_validator(mode="before")
    @classmethod
    def _completed(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("sources"), dict):
            return data
        found = data["sources"]
        for source in found.values():
            if isinstance(source, dict):
                _complete(source, data)
        first = [key for key in data.get("order") or () if key in found]
        return {**data, "sources": {key: found[key] for key in dict.fromkeys([*first, *found])}}


def _complete(source: dict[str, Any], data: dict[str, Any]) -> None:
    """Put into a source as it stands in its file what it leaves to its publisher, its API and the shared lists."""

    def common(*place: object) -> Any:
        found: Any = data
        for key in place:
            found = found.get(key) if isinstance(found, dict) and isinstance(key, str) else None
        return found

    publisher, table, fetch = source.get("publisher"), source.get("table"), source.get("fetch")
    # What is wrong there is told there, and not once more for each source.
    if common("licences", licence := common("publishers", publisher, "licence")):
        source.setdefault("licence", licence)
    if not isinstance(fetch, dict):
        return
    api = fetch.setdefault("api", publisher if common("publishers", publisher) else "")
    is_table, known = kind_of(fetch) == "pxweb", isinstance(table, str) and "search" not in fetch
    if is_table:
        fetch.setdefault("as_of", "01-01" if source.get("reference") == "1_january" else "12-31")
    if is_table and known:
        fetch.setdefault("table", table)
    if known:
        number = fetch.get("table", fetch.get("classification"))
        source.setdefault("url", str(common("apis", api, "page") or "").replace("{}", str(number)))
    select = fetch.get("select")
    for column in select if isinstance(select, list) else ():
        for key in LISTS if isinstance(column, dict) else ():
            if (shared := common("shared", column.get(f"{key}_of"))) is not None:
                column[key] = shared


class Fetched(Strict):
    """What a fetch asked, where and when (UTC), and the date that the publisher gives its figures.

    Of a file that a person downloaded, ``moment`` is the day and ``sha256`` that of the file as it was published.
    """

    moment: str
    url: str
    query: dict[str, Any]
    updated: str = ""
    sha256: str = ""


class Sidecar(Strict):
    """``<raw file>.meta.yaml``: what one raw file's source in ``sources.yaml``, if it has one, does not say of it."""

    obtained: AnyText | None = None
    fetched: Fetched | None = None
    publisher: Key | None = None
    licence: Key | None = None
    table: AnyText | None = None
    title: AnyText | None = None
    reference_date: AnyText | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.obtained is None) == (self.fetched is None):
            raise ValueError("say how the file was made in either 'obtained' or 'fetched'")
        return self


# ---- indicators.yaml --------------------------------------------------------------------------------------------


class Series(Strict):
    """What is counted, and the sources that have it, best first."""

    label: Text
    reference: Reference
    sources: tuple[Key, ...] = ()
    none_known: Text | None = None
    backgrounds: tuple[Key, ...] = ()


class TermRule(Strict):
    """One quantity in a formula. What a term leaves out of series, sex, age, background and detail, the column says.

    Attributes:
        region: a region that takes the place of the cell's, such as the country of a price index.
        age, sex, background, detail: ``all`` or ``both`` keeps the term whole, whatever the column says.
        date: which year's figure is taken, beside the year of the cell.
        first, last: the years of the cell that the term is for; one of other years takes its place in the others.
    """

    series: Annotated[Key | None, OneOf("series")] = None
    first: int | None = None
    last: int | None = None
    region: Annotated[str | None, OneOf("region")] = None
    sex: Sex | None = None
    age: str | None = None
    background: Annotated[str | None, OneOf("background")] = None
    detail: Annotated[str | None, OneOf("detail")] = None
    date: Dated = "same_year"


_USUAL: dict[str, dict[str, Any]] = {"share": {"scale": 100}, "index": {"scale": 100, "unit": "index"}}
"""What a formula has that does not say otherwise."""


class Indicator(Strict):
    """A formula over series."""

    label: Text
    formula: Literal["value", "sum", "share", "rate", "index", "change", "model", "sum_displayed"]
    numerator: list[TermRule] = []
    denominator: list[TermRule] = []
    published: TermRule | None = None
    scale: float = Field(1.0, gt=0)
    unit: Annotated[Key, OneOf("unit")] = "percent"
    decimals: int = Field(1, ge=0, le=6)

    @model_validator(mode="before")
    @classmethod
    def _usual(cls, data: Any) -> Any:
        return {**_USUAL.get(str(data.get("formula")), {}), **data} if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _terms(self) -> Self:
        if self.formula in {"share", "rate"} and not (self.numerator and self.denominator):
            raise ValueError(f"formula '{self.formula}' needs 'numerator' and 'denominator'")
        if self.formula in {"value", "sum", "index", "change"} and not self.numerator:
            raise ValueError(f"formula '{self.formula}' needs 'numerator'")
        if self.formula in {"value", "sum"} and self.denominator:
            raise ValueError(f"formula '{self.formula}' takes no 'denominator'")
        if self.formula in {"model", "sum_displayed"} and (self.numerator or self.denominator):
            raise ValueError(f"formula '{self.formula}' takes no terms")
        return self


class Unit(Strict):
    """A unit of measurement: its name in tables and the sign it adds to a number in running text."""

    label: Text
    sign: AnyText
    change: Annotated[Key, OneOf("unit_of_change")] = ""
    difference: bool = False


class Formulas(Strict):
    """config/indicators.yaml."""

    units: dict[Key, Unit]
    groups: dict[Key, Text] = {}
    indicators: dict[Key, Indicator]


class Indicators(Formulas):
    """config/indicators.yaml and config/series.csv."""

    series: dict[Key, Series]

    def anew(self) -> Indicators:
        """Return the same with nothing remembered: of many areas that would be more than a process can hold."""
        return self.model_construct(**{name: getattr(self, name) for name in type(self).model_fields})

    @cached_property
    def _terms(self) -> dict[Any, Any]:
        # No private attribute of pydantic, which takes ten times as long to find.
        return {}

    def remembered(self, key: Hashable, work: Callable[[], Remembered]) -> Remembered:
        """Return what ``work`` gives for a key, worked out once: much is asked of the same cells again and again."""
        known = self._terms
        if key not in known:
            known[key] = work()
        found: Remembered = known[key]
        return found


# ---- editions and the run ---------------------------------------------------------------------------------------


def _numbers(years: object) -> object:
    # Snakemake hands on what stands inside --config 'years={...}' as text.
    if isinstance(years, list):
        return [_numbers(year) for year in years]
    return int(years) if isinstance(years, str) and years.isdecimal() else years


def _rising(years: int | list[int]) -> int | list[int]:
    listed = [years] if isinstance(years, int) else years
    if not listed:
        raise ValueError("at least one year is needed")
    if sorted(set(listed)) != listed:
        raise ValueError(f"years must rise and may not repeat: write {sorted(set(listed))}, not {listed}")
    for year in listed:
        if not 1900 <= year <= 2100:
            raise ValueError(f"{year} is not a year between 1900 and 2100")
    return years


ReferenceYears = Annotated[int | list[int], BeforeValidator(_numbers), AfterValidator(_rising)]


class Edition(Strict):
    """config/editions/<name>.yaml: the reference years per topic."""

    title: Text
    date: dt.date
    on_missing: Literal["fail", "mark"] = "mark"
    as_of: int | None = None
    years: dict[Topic, ReferenceYears] = {}

    def lagged(self, year: int) -> dict[Topic, int | list[int]]:
        """Return the years of every topic as far from ``year`` as they are here from the edition's date."""
        return runs.lagged(self.years, year - self.date.year)

    def listed(self, topic: str) -> list[int]:
        """Return the years of a topic as a list."""
        years = self.years[topic]
        return [years] if isinstance(years, int) else list(years)

    def year(self, topic: str, which: str = "last") -> int:
        """Return the last of a topic's years, the ``first`` one, or the ``next`` after all of them."""
        listed = self.listed(topic)
        if which == "first":
            return listed[0]
        return listed[-1] + 1 if which == "next" else listed[-1]


class Area(Strict):
    """config/areas/<id>.yaml: the places that an appendix is about.

    Attributes:
        parts: regions that stand side by side.
        together: the region that is their sum, or the name of the file itself; none for a single part.
        whole: what they are parts of.
        comparisons: regions they are set beside; what is said of one in other words stands with it.
        compared: the group that is the sum of the comparisons.
        called: how a sentence calls the parts.
    """

    name: Text
    called: Text
    parts: Annotated[list[str], OneOf("region")] = Field(min_length=1)
    together: Annotated[str | None, OneOf("sum")] = None
    whole: Annotated[str, OneOf("region")]
    comparisons: Annotated[list[str], OneOf("region")] = []
    compared: Annotated[str | None, OneOf("region")] = None

    def role(self, region: str) -> str | None:
        """Return what a region is in the area, as the name of an attribute."""
        return next((role for role in ROLES if region in self.of(role)), None)

    def of(self, role: str) -> list[str]:
        """Return the regions of a role."""
        found = getattr(self, role)
        return found if isinstance(found, list) else [found] if found else []


ROLES = ("parts", "together", "whole", "comparisons", "compared")


def _named(edition: object) -> object:
    return str(edition) if type(edition) is int else edition


FOLDER = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
"""What may be in the name of a folder."""


class Run(Strict):
    """config/config.yaml: the one file most people touch."""

    # A year typed without quotes is a number to YAML and to a command line, and still names an edition.
    edition: Annotated[str, StringConstraints(pattern=FOLDER), BeforeValidator(_named)]
    area: Annotated[str, StringConstraints(pattern=FOLDER)] | None = None
    language: Language = "nb"
    borders: Literal["report", "current", "harmonised"] = "harmonised"
    on_missing: Literal["fail", "mark"] | None = None
    years: dict[Topic, ReferenceYears] = {}


# ---- appendix.yaml ----------------------------------------------------------------------------------------------


class CellSpec(Strict):
    """What a row or a column says about its cells; a column's words are completed by the row's.

    Attributes:
        series, sex, age, background, detail: narrow the indicator's terms that leave these open.
        counted: whether the cells are numbers of the report; coordinates of a map are not.
        absent: the table has no such cells.
        of_oslo: only where the area is of Oslo's city districts.
    """

    of_oslo: bool = False
    region: Annotated[str | None, OneOf("region")] = None
    indicator: Annotated[Key | None, OneOf("indicator")] = None
    series: Annotated[Key | None, OneOf("series")] = None
    sex: Sex | None = None
    age: str | None = None
    background: Annotated[str | None, OneOf("group")] = None
    detail: Annotated[str | None, OneOf("group")] = None
    period: Period | None = None
    base: Period | None = None
    decimals: int | None = None
    sum_of: list[str] | None = None
    remainder_of: list[str] | None = None
    ours: bool = False
    counted: bool | None = None
    absent: bool = False
    notes: Annotated[list[Key], OneOf("note")] = []


class AxisEntry(CellSpec):
    """One entry of an axis: a single row or column, or a rule that makes several.

    Attributes:
        elsewhere: what of another area than the report's comes before the regions.
        sub_districts: where the area is a single city district, its sub-districts come before it.
    """

    id: Key | None = None
    label: Text | None = None
    regions: Annotated[list[str] | None, OneOf("region")] = None
    elsewhere: list[Literal["parts", "together"]] = []
    sub_districts: bool = False
    years: Topic | None = None
    delbydeler: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [self.id, self.regions, self.years, self.delbydeler]
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError("give exactly one of 'id', 'regions', 'years' and 'delbydeler'")
        if self.id is not None and self.label is None and self.region is None:
            raise ValueError("an entry with an 'id' needs a 'label'")
        return self


class Override(CellSpec):
    """What single cells do differently from their row and column."""

    rows: list[str]
    columns: list[str]


class Chart(Strict):
    """How a figure is drawn from its cells."""

    kind: Literal["map", "lines", "bars", "stacked"]
    axis: Text | None = None
    baseline: float = 0.0
    panels: bool = False


class Headline(Strict):
    """A sentence over a figure, filled from its cells: the row with the largest or smallest value of one column."""

    pick: Literal["max", "min"]
    column: str
    rows: list[str] = []
    known: bool = False
    text: Text


class NoteRule(Strict):
    """A note that is shown only where it applies."""

    key: Annotated[Key, OneOf("note")]
    before: int | None = None
    printed: bool = False
    own_area: bool = False
    of_oslo: bool | None = None


class Nearest(Strict):
    """What an object shows in a year in which nobody publishes its own statistic: what it does differently then.

    Attributes:
        notes: which say what is shown instead.
        stands_for_own: its cells are as many as the object's own and count as those, one for one; others are ours.
    """

    stands_for_own: bool = False

    title: Text | None = None
    subtitle: Text
    alt: Text | None = None
    topics: list[Topic] = Field(min_length=1)
    notes: Annotated[list[Key | NoteRule], OneOf("note")] = Field(min_length=1)
    rows: list[AxisEntry] | None = None
    columns: list[AxisEntry] | None = None
    indicator: Annotated[Key | None, OneOf("indicator")] = None
    base: Period | None = None
    chart: Chart | None = None
    headline: Headline | None = None


class Object(Strict):
    """One table or figure of the appendix."""

    number: str
    title: Text
    subtitle: Text
    alt: Text
    topics: list[Topic] = Field(min_length=1)
    source_note: Text
    notes: Annotated[list[Key | NoteRule], OneOf("note")] = []
    rows: list[AxisEntry] = Field(min_length=1)
    columns: list[AxisEntry] = Field(min_length=1)
    overrides: list[Override] = []
    indicator: Annotated[Key | None, OneOf("indicator")] = None
    series: Annotated[Key | None, OneOf("series")] = None
    background: Annotated[str | None, OneOf("group")] = None
    period: Period | None = None
    base: Period | None = None
    chart: Chart | None = None
    headline: Headline | None = None
    missing: Annotated[Key, OneOf("reason")] = "no_source"
    nearest: Nearest | None = None
    only_of_print: bool = False
    of_oslo: bool = False

    @property
    def kind(self) -> Literal["table", "figure"]:
        """What it is: a figure is what has a chart."""
        return "table" if self.chart is None else "figure"

    @property
    def as_nearest(self) -> Object:
        """The object with what is nearest to its statistic in place of it; itself where nothing is."""
        if self.nearest is None:
            return self
        given = {name: getattr(self.nearest, name) for name in self.nearest.model_fields_set - {"stands_for_own"}}
        # What the print has in other words, or of single cells, is not of the other statistic.
        given |= {"notes": [*self.nearest.notes], "overrides": [], "headline": self.nearest.headline, "nearest": None}
        return self.model_copy(update=given)

    @property
    def nearest_is_own(self) -> bool:
        """Whether what is nearest to its statistic has its cells, one for one."""
        return self.nearest is not None and self.nearest.stands_for_own

    @property
    def every_topic(self) -> frozenset[Topic]:
        """Its topics, and those whose years are its rows or columns."""
        return frozenset([*self.topics, *(entry.years for entry in (*self.rows, *self.columns) if entry.years)])


class Section(Strict):
    """A heading of the appendix and the objects under it, in the report's order."""

    title: Text
    objects: Annotated[list[Key], OneOf("object")]


class KeyFigure(Strict):
    """A number that a report opens with: a column of an object, in the row of the area."""

    object: Key
    column: str
    name: Text
    label: Text
    series: Key | None = None
    unit: Text | None = None


class Appendix(Strict):
    """config/appendix.yaml: the sections in the report's order, and config/objects/<id>.yaml for each object."""

    print_edition: str
    print_area: str
    key_figures: list[KeyFigure] = []
    sections: list[Section]
    objects: dict[Key, Object] = {}

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        listed = [name for section in self.sections for name in section.objects if name in self.objects]
        ordered = {name: self.objects[name] for name in dict.fromkeys([*listed, *self.objects])}
        self.objects.clear()
        self.objects.update(ordered)
        return self

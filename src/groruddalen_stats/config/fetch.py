"""Where to ask the live services, and for what: the `apis` and `fetch` blocks that config/README.md explains."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Discriminator, Field, StringConstraints, Tag, model_validator

from groruddalen_stats.config.load import OneOf, Strict

Dialect = Literal["pxweb1", "pxweb2", "klass", "arcgis", "wfs"]
Column = Literal["series", "region", "period", "sex", "age", "background", "detail"]
# One label, or several spellings of the same label split by " | "; a list means: the sum of these.
Spelling = str | list[str]
RegionsOf = Callable[[str], Collection[str]]
Known = Annotated[str, StringConstraints(pattern=r"^(guess|(confirmed|probable|guess): .+)$")]
"""How sure it is that a service has this, and from what: nobody could ask it where the catalogue was written.

``confirmed`` by a stored answer or page of the publisher or by the code of others who ask for it, ``probable`` from its
siblings or from what is written of it, or a ``guess``.
"""


class Api(Strict):
    """One live service: its address, its dialect, and the pace and sizes it allows; its answers can only lower them."""

    dialect: Dialect
    url: str
    calls: Annotated[int, Field(ge=1)] = 30
    seconds: Annotated[int, Field(ge=1)] = 60
    cells: Annotated[int, Field(ge=1)] = 100_000
    codes: Annotated[int, Field(ge=0)] = 0
    page: str = ""

    @staticmethod
    def variable(name: str) -> str:
        """Return the environment variable that points the API called ``name`` elsewhere."""
        return f"GRORUDDALEN_STATS_{name.upper()}_URL"

    def at(self, name: str, environ: Mapping[str, str] = os.environ) -> str:
        """Return the base address in force for the API called ``name``."""
        return (environ.get(self.variable(name)) or self.url).rstrip("/")


class Years(Strict):
    """Which periods to take: all from ``first``; those in ``required`` must be in the answer.

    ``months``: the table is monthly, and a year is the mean of its twelve months; a year that lacks one is left out.
    """

    months: bool = False
    first: int | None = None
    required: list[int] = Field(default_factory=list)


_WAYS = ("labels", "codes", "take", "bands", "years", "only")


class Select(Strict):
    """What to take along one variable of a table, and what the project calls it."""

    variable: str | None = None
    role: Literal["time", "geo", "contents"] | None = None
    to: Column | None = None
    labels: dict[str, Spelling] = Field(default_factory=dict)
    codes: dict[str, Spelling] = Field(default_factory=dict)
    take: list[str] = Field(default_factory=list)
    also: list[str] = Field(default_factory=list)
    labels_of: Annotated[str | None, OneOf("shared_list")] = None
    take_of: Annotated[str | None, OneOf("shared_list")] = None
    also_of: Annotated[str | None, OneOf("shared_list")] = None
    others: Annotated[list[str], OneOf("list")] = Field(default_factory=list)
    scheme: str | None = None
    bands: list[str] = Field(default_factory=list)
    years: Years | None = None
    only: str | None = None
    known: Known | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.variable is None) == (self.role is None):
            raise ValueError("say which variable by either 'variable' or 'role'")
        # A list that sources share is put in where it is named; a name that none has is told of with its line later.
        labels, take = self.labels or self.labels_of, self.take or self.take_of
        given = {**{name: getattr(self, name) for name in _WAYS}, "labels": labels, "take": take}
        ways = [name for name in _WAYS if given[name]]
        if len(ways) != 1:
            raise ValueError(f"give the values in exactly one way, not {' and '.join(ways) if ways else 'none'}")
        if bool(take) != bool(self.scheme):
            raise ValueError("'take' and 'scheme' belong together")
        if (self.also or self.also_of) and not take:
            raise ValueError("'also' adds to 'take'")
        if self.others and self.to != "region":
            raise ValueError("'others' belongs to the column 'region'")
        fixed: dict[str, Column | None] = {"take": "region", "bands": "age", "years": "period", "only": None}
        if ways[0] in fixed and self.to != fixed[ways[0]]:
            wanted = fixed[ways[0]]
            raise ValueError(f"'{ways[0]}' {f'goes to {wanted!r}' if wanted else 'fills no column: leave out'} 'to'")
        if ways[0] in {"labels", "codes"} and self.to is None:
            raise ValueError(f"'{ways[0]}' needs 'to': the column that our words fill")
        return self

    @property
    def name(self) -> str:
        """How the variable is asked for, for messages."""
        return self.variable or f"role {self.role}"


class Disclosure(Strict):
    """Values that the publisher has altered to protect people: observations of these carry ``status``."""

    values: list[float]
    status: Literal["perturbed", "zeroed"]


class PxWebFetch(Strict):
    """One PxWeb table and the selection that becomes observations."""

    served_by: ClassVar = {"pxweb1", "pxweb2"}
    api: Annotated[str, OneOf("api")] = ""
    table: str | None = None
    folder: str | None = None
    search: str = ""
    series: str | None = None
    fixed: dict[Column, str] = Field(default_factory=dict)
    select: list[Select] = Field(default_factory=list)
    as_of: Literal["01-01", "12-31"] = "01-01"
    signs: dict[str, str] = Field(default_factory=dict)
    disclosure: Disclosure | None = None
    closed: bool = False
    known: Known = "guess"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.table is None:
            if not self.search:
                raise ValueError("without 'table' say in 'search' what to look for")
            if not self.select:
                return self
        columns = [entry.to for entry in self.select if entry.to] + list(self.fixed)
        columns += ["series"] if self.series else []
        twice = sorted({column for column in columns if columns.count(column) > 1})
        if twice:
            raise ValueError(f"column {twice[0]!r} is filled twice")
        for column in ("series", "region", "period"):
            if column not in columns:
                raise ValueError(f"nothing fills the column {column!r}")
        return self

    @property
    def asks(self) -> bool:
        """Whether there is anything to ask for: a table, or what the one that is found must have."""
        return self.table is not None or bool(self.select)

    @property
    def others(self) -> list[str]:
        """The groups of regions that get a file of their own."""
        return [name for entry in self.select for name in entry.others]

    def part(self, of: str, regions_of: RegionsOf) -> PxWebFetch:
        """Return the block by which the file of a group of ``others`` is read; with "" that of all other regions."""
        if not self.others:
            return self
        elsewhere = {region for name in self.others for region in regions_of(name)}

        def within(word: str) -> bool:
            region = word.partition(" ")[0]
            return region in regions_of(of) if of else region not in elsewhere

        def own(entry: Select) -> Select:
            if not entry.others:
                return entry
            changed: dict[str, object] = {"others": []}
            for way in ("labels", "codes"):
                changed[way] = {word: wording for word, wording in getattr(entry, way).items() if within(word)}
            if of and entry.take:
                changed |= {"take": ["*"], "also": []}  # its file has no other codes
            return entry.model_copy(update=changed)

        return self.model_copy(update={"select": [own(entry) for entry in self.select]})

    def date(self, period: str) -> dt.date:
        """Return the date at which region codes of ``period`` ("2011", "2009K4") are looked up."""
        return dt.date.fromisoformat(f"{period[:4]}-{self.as_of}")


class KlassFetch(Strict):
    """Codes or changes of one classification in SSB's KLASS, between two dates."""

    served_by: ClassVar = {"klass"}
    api: Annotated[str, OneOf("api")] = ""
    classification: int
    what: Literal["codes", "changes"]
    first: dt.date
    last: dt.date
    known: Known = "guess"


class BoundaryFetch(Strict):
    """Official polygons: an ArcGIS layer, with Geonorge's statistical units where that cannot be had."""

    served_by: ClassVar = {"arcgis", "wfs"}
    api: Annotated[str, OneOf("api")] = ""
    layer: str
    fallback: BoundaryFetch | None = None
    units: UnitsOf | None = None
    known: Known = "guess"


class UnitsOf(Strict):
    """A KLASS correspondence from one classification to the smaller units of another at a date."""

    api: Annotated[str, OneOf("api")]
    source: int
    target: int
    date: dt.date


BoundaryFetch.model_rebuild()


def kind_of(fetch: Any) -> str:
    """Return which kind of block this is, by the key that only that kind has."""
    keys = fetch if isinstance(fetch, Mapping) else getattr(type(fetch), "model_fields", ())
    return "klass" if "classification" in keys else "boundaries" if "layer" in keys else "pxweb"


Fetch = Annotated[
    Annotated[PxWebFetch, Tag("pxweb")]
    | Annotated[KlassFetch, Tag("klass")]
    | Annotated[BoundaryFetch, Tag("boundaries")],
    Discriminator(kind_of),
]


def misplaced(
    fetch: Fetch, apis: Mapping[str, Api], place: tuple[str, ...] = ("fetch",)
) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield (place, what, remedy) for every known API that cannot serve the block that names it."""
    if fetch.api in apis and apis[fetch.api].dialect not in fetch.served_by:
        fitting = [key for key, api in apis.items() if api.dialect in fetch.served_by]
        what = f"the API '{fetch.api}' does not serve {kind_of(fetch)}"
        yield (*place, "api"), what, f"choose from {', '.join(fitting)}"
    if isinstance(fetch, BoundaryFetch) and fetch.fallback:
        yield from misplaced(fetch.fallback, apis, (*place, "fallback"))

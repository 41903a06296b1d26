"""The model of config/site.yaml: what the site shows."""

from __future__ import annotations

from pydantic import Field

from groruddalen_stats.config.load import Strict
from groruddalen_stats.config.models import Key, Text


class SiteRun(Strict):
    """One run that is shown, by the settings of config.yaml that differ."""

    edition: str
    area: str | None = None


class SiteColumn(Strict):
    """A column of the table of areas: a column of an object, or its ``last``."""

    object: Key
    column: str
    label: Text
    short: Text | None = None


class Site(Strict):
    """config/site.yaml: the runs in the order of the front page, and the parts of an area side by side."""

    url: str = ""
    runs: list[SiteRun] = Field(min_length=1)
    areas: SiteRun | None = None
    columns: list[SiteColumn] = Field(default_factory=list)

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
    """A column of the table of areas: a column of an object, or its ``last``.

    Attributes:
        short: what a sentence calls it, where that is not the label.
    """

    object: Key
    column: str
    label: Text
    short: Text | None = None


class Site(Strict):
    """config/site.yaml: the runs in the order of the front page, and the parts of an area side by side.

    Attributes:
        url: where the site is, for what can only be said with a whole address: sitemap, pictures of links.
        areas: the run whose area's parts each get an appendix and a row in the table.
    """

    url: str = ""
    runs: list[SiteRun] = Field(min_length=1)
    areas: SiteRun | None = None
    columns: list[SiteColumn] = Field(default_factory=list)

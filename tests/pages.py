"""What tests see of an HTML page, and the tables beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

from groruddalen_stats.paths import write_text
from groruddalen_stats.report.data import object_csvs
from groruddalen_stats.stages.work import Work


@dataclass
class Seen(HTMLParser):
    """What stands in a page: its elements, its text, and the tables with their heads."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"script", "style", "title", "svg"} & set(self.open):
            self.text.append(data)

    def all(self, *tags: str) -> list[dict[str, str]]:
        """Return the attributes of every element of these kinds."""
        return [attributes for tag, attributes in self.elements if tag in tags]

    def every(self, attribute: str) -> list[str]:
        """Return every value of an attribute."""
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]

    @property
    def headings(self) -> list[int]:
        """The levels of the headings, in their order."""
        return [int(tag[1]) for tag, _ in self.elements if tag in {"h1", "h2", "h3", "h4", "h5", "h6"}]


def seen(text: str) -> Seen:
    """Return what stands in a page."""
    parser = Seen()
    parser.feed(text)
    return parser


def sound(text: str, language: str) -> Seen:
    """Return what stands in a page that needs nothing else, whose links arrive, and that a screen reader can follow."""
    page = seen(text)
    assert not page.all("link", "img", "iframe", "object", "embed")
    assert [html["lang"] for html in page.all("html")] == [language]
    ids = page.every("id")
    assert len(ids) == len(set(ids))
    inside = {href[1:] for href in [*page.every("href"), *page.every("xlink:href")] if href.startswith("#")}
    assert inside | set(page.every("aria-labelledby")) <= set(ids)
    assert all(after - before <= 1 for before, after in pairwise([0, *page.headings]))
    assert {head["scope"] for head in page.all("th")} <= {"col", "row", "rowgroup"}
    regions = [attributes for _, attributes in page.elements if attributes.get("role") == "region"]
    assert all(region["tabindex"] == "0" for region in regions)
    assert len({region["aria-label"] for region in regions}) == len(regions)
    return page


def strings(value: Any) -> Iterator[str]:
    """Yield every text of a model of the report."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


def tables(work: Work, folder: Path) -> dict[str, Path]:
    """Write the CSV files of a run into a folder, and return them by object."""
    texts = object_csvs(work.catalogue, work.cells, work.published)
    for name, text in texts.items():
        write_text(folder / f"{name}.csv", text)
    return {name: folder / f"{name}.csv" for name in texts}

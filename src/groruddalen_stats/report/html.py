"""The report as one self-contained HTML file that needs neither network nor JavaScript."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup, escape

from groruddalen_stats.kept import Kept

TEMPLATES = Path(__file__).parent / "templates"

Drawings = Mapping[str, tuple[str, str]]

_ID = re.compile(r'\bid="([^"]+)"')
_ROOT = re.compile(r'<svg\b[^>]*(viewBox="[^"]+")[^>]*>')
_STYLE = re.compile(r"<style\b[^>]*>(?!@media).*?</style>", re.DOTALL)
_OWN = re.compile(r"\s*<title>.*?</title>(\s*<desc>.*?</desc>)?", re.DOTALL)
_UNUSED = re.compile(r'<metadata>.*?</metadata>|<!--.*?-->|<path class="ground".*?/>', re.DOTALL)


def render_html(
    model: Mapping[str, Any],
    origins: Mapping[str, Mapping[str, Any]] | None = None,
    figures: str = "",
    drawings: Drawings | None = None,
) -> str:
    """Return the report as one HTML document; the same model gives the same text.

    Without ``origins`` of its numbers, by object, none opens. ``figures`` is their folder as the page links to it, and
    ``drawings`` has the text of each SVG file, and of the one drawn for a telephone, by object.
    """
    page = page_templates(TEMPLATES).get_template("appendix.html.j2")
    more = {"origins": origins or {}, "figures": figures, "drawings": drawings or {}}
    return page.render(model, checked=bool(model["opening"]["found"]), **more)


@cache
def page_templates(folder: Path, *styles: Path) -> Environment:
    """Return the templates of a folder, with the report's own style, and ``styles`` after it, as ``style``."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_Compiled(folder),
    )
    sheets = (TEMPLATES / "appendix.css", *styles)
    for name, files in (("style", sheets), ("enhance", (TEMPLATES / "enhance.js",))):
        text = "".join(file.read_text(encoding="utf-8") for file in files)
        environment.globals[name] = Markup(text)  # noqa: S704 - our own files
    environment.filters["pictures"] = pictures
    return environment


class _Compiled(BytecodeCache):
    """Templates compiled before, beside the modules that Python has compiled; a damaged one is compiled again."""

    def __init__(self, folder: Path) -> None:
        # What a template is compiled to depends on how this module sets the templates up, too.
        self.kept = Kept(folder / "__pycache__", Path(__file__).read_text(encoding="utf-8"))

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled of the same text."""
        found = self.kept.get(bucket.key, bucket.checksum)
        if found is not None:
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, where something may be written."""
        if not sys.dont_write_bytecode:
            self.kept.put(bucket.bytecode_to_string(), bucket.key, bucket.checksum)


def pictures(drawn: tuple[str, str], name: str, alt: str) -> Markup:
    """Return the drawing of an object, and the one that a narrow page shows in its place."""
    return inline_svg(drawn[0], name, alt, "wide") + inline_svg(drawn[1], f"{name}-narrow", alt, "narrow")


def inline_svg(svg: str, prefix: str, alt: str, width: str) -> Markup:
    """Return an SVG file as an element of a page: ids that no other element has, by a prefix, and a text alternative.

    A page shows one of two drawings by the class ``width``.
    """
    root = _ROOT.search(svg)
    assert root is not None
    told = f'role="img" class="{width}" aria-label="{escape(alt)}" {root[1]}'
    # The title and the description of the whole are said by the page, and its ground is the page's. A rule for
    # everything would hold for the whole page; what matplotlib says there is in the style sheet.
    inner = _STYLE.sub("", _UNUSED.sub("", _OWN.sub("", svg[root.end() :], count=1)))
    for name in set(_ID.findall(inner)):
        if not name.startswith(prefix):
            quoted = re.escape(name)
            inner = re.sub(rf'\bid="{quoted}"', f'id="{prefix}-{name}"', inner)
            inner = re.sub(rf'(url\(#|href="#){quoted}(?=[")])', rf"\g<1>{prefix}-{name}", inner)
    return Markup(f'<svg xmlns="http://www.w3.org/2000/svg" {told}>{inner}')  # noqa: S704 - the figures are our own

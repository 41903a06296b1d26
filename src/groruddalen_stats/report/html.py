"""The report as one self-contained HTML file that needs neither network nor JavaScript."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

__all__ = ["TEMPLATES", "page_templates", "render_html"]

TEMPLATES = Path(__file__).parent / "templates"

_ID = re.compile(r'\bid="([^"]+)"')
_HEAD = re.compile(r"^.*?(?=<svg\b)", re.DOTALL)
_ROOT = re.compile(r"<svg\b[^>]*>")
_STYLE = re.compile(r"<style\b.*?</style>", re.DOTALL)
_UNUSED = re.compile(r"<metadata>.*?</metadata>|<title>.*?</title>|<!--.*?-->", re.DOTALL)


def render_html(model: Mapping[str, Any]) -> str:
    """Return the report as one HTML document; the same model gives the same text."""
    return page_templates(TEMPLATES).get_template("appendix.html.j2").render(model)


@cache
def page_templates(folder: Path, *styles: Path) -> Environment:
    """Return the templates of a folder, with the report's own style, and ``styles`` after it, as ``style``."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sheets = (TEMPLATES / "appendix.css", *styles)
    style = "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    environment.globals["style"] = Markup(style)  # noqa: S704 - our own files
    environment.filters["inline_svg"] = inline_svg
    return environment


def inline_svg(svg: str, prefix: str, alt: str) -> Markup:
    """Return an SVG file as an element of a page: ids that no other element has, and a text alternative.

    Args:
        svg: the text of the SVG file.
        prefix: put before every id, and before every reference to one.
        alt: what the picture says, for those who do not see it.
    """
    body = _UNUSED.sub("", _HEAD.sub("", svg, count=1))
    root = _ROOT.search(body)
    if root is None:
        return Markup()
    box = re.search(r'viewBox="[^"]+"', root.group())
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(alt)}" {box.group() if box else ""}>'
    )
    # A style element of one figure would hold for the whole page; what matplotlib says there is in the style sheet.
    inner = _STYLE.sub("", body[root.end() :])
    for name in set(_ID.findall(inner)):
        if not name.startswith(prefix):
            quoted = re.escape(name)
            inner = re.sub(rf'\bid="{quoted}"', f'id="{prefix}-{name}"', inner)
            inner = re.sub(rf'(url\(#|href="#){quoted}(?=[")])', rf"\g<1>{prefix}-{name}", inner)
    return Markup(opening + inner)  # noqa: S704 - the figures are our own

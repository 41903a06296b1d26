"""Turns a figure into an SVG with real text and a PNG, the same bytes on every run."""

from __future__ import annotations

import io
import re
from pathlib import Path
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.figure import Figure

from groruddalen_stats.figures import style
from groruddalen_stats.paths import write_bytes, write_text

PNG_DPI = 160

_ID = re.compile(r' id="([^"]+)"')
_USED = re.compile(r'(?:url\(#|href="#)([^")]+)')
_HEAD = re.compile(r"<\?xml.*?<svg ", re.DOTALL)
_FAMILIES = re.compile(r"font-family: [^;\"]+")


def write(figure: Figure, svg_path: Path, png_path: Path) -> None:
    """Write a figure to both files, each whole or not at all."""
    drawn, pixels = io.StringIO(), io.BytesIO()
    with mpl.rc_context(style.RC):
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        figure.savefig(pixels, format="png", dpi=PNG_DPI, metadata={"Software": None})
    write_text(svg_path, tidy(drawn.getvalue(), svg_path.stem, str(figure.get_label())))
    write_bytes(png_path, pixels.getvalue())


def tidy(svg: str, object_id: str, title: str) -> str:
    """Return matplotlib's SVG with a title, and with only those ids that mean something.

    Ids that the drawing itself refers to are prefixed with the object, so that several figures can stand in one page.
    """
    used = set(_USED.findall(svg))

    def kept(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in used:
            return f' id="{object_id}-{name}"'
        return match.group(0) if name.startswith(f"{object_id}.") else ""

    svg = _ID.sub(kept, svg)
    svg = _USED.sub(lambda match: match.group(0)[: -len(match.group(1))] + f"{object_id}-{match.group(1)}", svg)
    svg = _FAMILIES.sub(f"font-family: '{style.FAMILY}', Verdana, sans-serif", svg)
    svg = _HEAD.sub('<svg role="img" ', svg, count=1)
    return re.sub(r"(<svg [^>]*>)", lambda match: f"{match.group(1)}\n <title>{escape(title)}</title>", svg, count=1)

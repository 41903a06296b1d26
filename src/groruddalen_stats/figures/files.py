"""The files of a figure: an SVG with real text and a PNG, the same bytes on every run."""

from __future__ import annotations

import io
import re
from pathlib import Path
from xml.sax.saxutils import escape

from matplotlib.figure import Figure

from groruddalen_stats.figures import style
from groruddalen_stats.paths import write_bytes, write_text

PNG_DPI = 160

_SVG_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
# Packing harder takes three times as long and saves a tenth of the size.
_PNG_OPTIONS = {"compress_level": 3}
_ID = re.compile(r' id="([^"]+)"')
_REFERENCE = re.compile(r'((?:url\(#|href="#))([^")]+)')
_FAMILIES = re.compile(r"font-family: [^;\"]+")
_HEAD = re.compile(r"<\?xml.*?<svg ([^>]*)>\s*<defs>\s*<style[^>]*>\*\{([^}]*)\}</style>\s*</defs>", re.DOTALL)


def write(figure: Figure, svg_path: Path, png_path: Path) -> None:
    """Write a figure to both files, each whole or not at all."""
    drawn, pixels = io.StringIO(), io.BytesIO()
    with style.settings():
        figure.savefig(drawn, format="svg", metadata=_SVG_METADATA)
        figure.savefig(pixels, format="png", dpi=PNG_DPI, metadata={"Software": None}, pil_kwargs=_PNG_OPTIONS)
    write_text(svg_path, _for_pages(drawn.getvalue(), svg_path.stem, str(figure.get_label())))
    write_bytes(png_path, pixels.getvalue())


def _for_pages(svg: str, object_id: str, title: str) -> str:
    """Return matplotlib's SVG made fit to stand, with others, inside an HTML page.

    It gets a title; ids that mean nothing go, those that the drawing refers to are prefixed with the object; the style
    rule for everything, which would reach the rest of the page, becomes the style of the root.
    """
    used = {match.group(2) for match in _REFERENCE.finditer(svg)}

    def kept(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in used:
            return f' id="{object_id}-{name}"'
        return match.group(0) if name.startswith(f"{object_id}.") else ""

    svg = _ID.sub(kept, svg)
    svg = _REFERENCE.sub(rf"\g<1>{object_id}-\g<2>", svg)
    svg = _FAMILIES.sub(f"font-family: '{style.FAMILY}', Verdana, sans-serif", svg)
    title = escape(title).replace("\\", r"\\")
    return _HEAD.sub(rf'<svg role="img" style="\g<2>" \g<1>>\n <title>{title}</title>', svg, count=1)

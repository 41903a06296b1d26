"""The files of a figure: an SVG with real text and a PNG, the same bytes on every run."""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from groruddalen_stats.figures import style
from groruddalen_stats.figures.page import AROUND, Canvas
from groruddalen_stats.numbers import round_half_up
from groruddalen_stats.paths import write_bytes, write_text
from groruddalen_stats.setting import compiled

PNG_DPI = 160
_PICTURE = '#set page(width: auto, height: auto, margin: 0pt)\n#image("drawing.svg")\n'

_SVG_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}
_ID = re.compile(r' id="([^"]+)"')
_REFERENCE = re.compile(r'((?:url\(#|href="#))([^")]+)')
_FAMILIES = re.compile(r"font-family: [^;\"]+")
_AROUND = re.compile(rf'<g id="{AROUND}_[0-9]+">.*?</g>\s*', re.DOTALL)
_MARK = re.compile(r'<g id="([^"]+)">')
_COLOUR = re.compile(r"(?<=: )#[0-9a-f]{6}\b")
_HEAD = re.compile(r"<\?xml.*?<svg [^>]*>\s*<defs>\s*<style[^>]*>\*\{([^}]*)\}</style>\s*</defs>\s*", re.DOTALL)


def write(figure: Canvas, path: Path) -> str:
    """Write the drawing of a figure for pages, whole or not at all, and return it as matplotlib drew it.

    The drawing for pages has title and source only as what a reader of the file is told.
    """
    drawn = io.StringIO()
    with style.settings():
        figure.savefig(drawn, format="svg", metadata=_SVG_METADATA)
    write_text(path, _for_pages(drawn.getvalue(), path.name.removesuffix(".svg").replace(".", "-"), figure))
    return drawn.getvalue()


def write_pictures(drawings: Mapping[Path, str]) -> None:
    """Write pictures that stand alone, each whole or not at all, from what :func:`write` returned of each."""
    with tempfile.TemporaryDirectory() as folder:
        page, drawn = Path(folder, "picture.typ"), Path(folder, "drawing.svg")
        page.write_text(_PICTURE, encoding="utf-8")
        # One at a time: all at once would take twice as much memory and not half the time.
        for path, drawing in drawings.items():
            drawn.write_text(drawing, encoding="utf-8")
            write_bytes(path, compiled(page, path, format="png", ppi=PNG_DPI))


def _for_pages(svg: str, prefix: str, figure: Canvas) -> str:
    """Return matplotlib's SVG made fit to stand, with others, inside an HTML page.

    It is cut to the drawing, and gets a title and a description, as each mark does. Ids that mean nothing go, those that
    the drawing refers to are prefixed; the style rule for everything, which would reach the rest of the page, becomes
    the style of the root. Every colour is a variable, which has another value on a dark page.
    """
    used = {match.group(2) for match in _REFERENCE.finditer(svg)}

    def kept(match: re.Match[str]) -> str:
        name = match.group(1)
        if name in used:
            return f' id="{prefix}-{name}"'
        # Of a figure drawn in two widths only one can have the ids by which its marks are linked to.
        return match.group(0) if name.startswith(f"{prefix}.") else ""

    def told(match: re.Match[str]) -> str:
        said = figure.told.get(match.group(1))
        return f"{match.group(0)}<title>{escape(said)}</title>" if said else match.group(0)

    svg = _AROUND.sub("", svg)
    texts, (top, bottom), width = figure.said, figure.body, figure.get_figwidth() * 72
    svg = _ID.sub(kept, _MARK.sub(told, svg))
    svg = _REFERENCE.sub(rf"\g<1>{prefix}-\g<2>", svg)
    svg = _FAMILIES.sub(f"font-family: '{style.FAMILY}', Verdana, sans-serif", svg)
    shown = sorted(set(_COLOUR.findall(svg)))
    svg = _COLOUR.sub(lambda match: variable(match.group()), svg)
    svg = svg.replace("<path ", '<path class="ground" ', 1)
    dark = "".join(
        f"--c{colour[1:]}:{figure.darks[colour]};" for colour in shown if figure.darks.get(colour, colour) != colour
    )
    high = round_half_up(bottom - top, 2)
    size = f'width="{width:g}pt" height="{high}pt" viewBox="0 {round_half_up(top, 2)} {width:g} {high}"'
    head = f"""<svg role="img" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" {size}>
 <title>{escape(texts.title)}</title>
 <desc>{escape(" ".join(text for text in (texts.headline, texts.subtitle, texts.source) if text))}</desc>
 <style>@media screen and (prefers-color-scheme:dark){{svg{{{dark}}}}}</style>
"""
    return _HEAD.sub(lambda match: head + f'<g style="{match.group(1)}">', svg, count=1).replace("</svg>", "</g></svg>")


def variable(colour: str) -> str:
    """Return a colour of a drawing as CSS: what a page says it is, else itself."""
    return f"var(--c{colour[1:]}, {colour})"

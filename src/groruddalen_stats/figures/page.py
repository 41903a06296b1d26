"""The canvas of a figure: header, legend and source line are set, and a body is left to draw in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Transform

from groruddalen_stats.figures import style
from groruddalen_stats.figures.content import DATELESS, OURS, WIDE, WRONG, Content, Size, Texts

_Drawn = TypeVar("_Drawn", bound=Artist)
_SWATCH_WIDTH, _SWATCH_HEIGHT, _SWATCH_GAP, _SIGN_GAP = 13.0, 7.5, 4.5, 10.0
_EDGE = 2.0
#: What title and source are called, which a picture that stands alone has and a drawing on a page has not.
AROUND = "around"


class Canvas(Figure):
    """A matplotlib figure that knows what of it is the drawing, and what each mark says.

    Attributes:
        said: what is written around it.
        body: upper and lower edge of all else.
        told: what each mark says, by its id.
        darks: what each of its colours is on a dark page.
    """

    said: Texts
    body: tuple[float, float]
    told: dict[str, str]
    darks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sign:
    """One entry of a legend: a patch, a line with a marker or a written symbol, and what it means."""

    label: str
    patch: dict[str, Any] | None = None
    line: dict[str, Any] | None = None
    symbol: str = ""

    def width(self, size: float) -> float:
        """Points that the sign takes up before its label."""
        return (style.measure(self.symbol, size) if self.symbol else _SWATCH_WIDTH) + _SWATCH_GAP


@dataclass(frozen=True, slots=True)
class _Placed:
    sign: Sign
    x: float
    y: float
    lines: list[str]


class Written(Text):
    """One line of text whose place is known, so that no font is asked where it lies; for an SVG only.

    Attributes:
        group: what its group in the SVG is called.
    """

    group = "text"

    def draw(self, renderer: RendererBase) -> None:
        """Write the line at its own position; who shows the drawing aligns it."""
        if not self.get_visible() or not self.get_text():
            return
        x, y = self.get_transform().transform(self.get_unitless_position())
        context = renderer.new_gc()
        context.set_foreground(self.get_color())
        renderer.open_group(self.group)
        height = renderer.get_canvas_width_height()[1]
        renderer.draw_text(context, x, height - y, self.get_text(), self.get_fontproperties(), 0.0, mtext=self)
        renderer.close_group(self.group)
        context.restore()


class Panel:
    """A part of a figure with coordinates of its own, ``across`` points to a unit; marks may reach over its edges."""

    def __init__(self, figure: Canvas, size: Size, transform: Transform, across: float = 1.0) -> None:
        self.figure, self.size, self._transform, self.across = figure, size, transform, across

    def panel(self, x: float, y: float, across: float, down: float, origin: tuple[float, float] = (0, 0)) -> Panel:
        """Return a panel whose origin lies at a point of this one, with so many points to a unit across and down."""
        own = Affine2D().translate(-origin[0], -origin[1]).scale(across, down).translate(x, y)
        return Panel(self.figure, self.size, own + self._transform, across)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float | None = None,
        bold: bool = False,
        colour: str = style.INK,
        align: Literal["left", "center", "right"] = "left",
        middle: bool = False,
        plate: float | None = None,
    ) -> Written:
        """Write one line with its baseline, or with ``middle`` the middle of its x-height, at ``y``.

        Lengths down are points in every panel. With a ``plate`` the page shows through under it, so wide around it.
        """
        size = size or self.size.label
        y += 0.36 * size if middle else 0.0
        if plate is not None:
            wide, pad = style.measure(text, size, bold=bold) / self.across, plate / self.across
            start = x - {"left": 0.0, "center": wide / 2, "right": wide}[align] - pad
            under = {"facecolor": style.PAPER, "edgecolor": "none", "zorder": 2.5}
            self.rectangle(start, y - 0.76 * size - plate, wide + 2 * pad, size + 2 * plate, **under)
        written = Written(
            x,
            y,
            text,
            color=colour,
            fontproperties=style.font(size, bold=bold),
            ha=align,
            va="baseline",
            parse_math=False,
            transform=self._transform,
        )
        return self._add(written)

    def rectangle(self, x: float, y: float, width: float, height: float, **properties: Any) -> Rectangle:
        """Draw a rectangle from its upper left corner."""
        return self._add(Rectangle((x, y), width, height, transform=self._transform, **properties))

    def patch(self, patch: Patch) -> None:
        """Draw a patch whose path is in points from the upper left corner."""
        patch.set_transform(self._transform)
        self._add(patch)

    def line(self, xs: Sequence[float], ys: Sequence[float], **properties: Any) -> Line2D:
        """Draw a line or, with a marker, points."""
        return self._add(Line2D(xs, ys, transform=self._transform, **properties))

    def _add(self, artist: _Drawn) -> _Drawn:
        self.figure.add_artist(artist)
        return artist


class Page(Panel):
    """One figure's canvas; positions are points from its top left corner.

    A narrow one has neither title nor source: it is only ever shown on a page.

    Attributes:
        figure: the matplotlib figure.
        left, right: the sides of the body.
        top: the upper edge of the body, which is ``body`` points high.
    """

    def __init__(
        self, texts: Texts, body: float, *, size: Size = WIDE, key: Sequence[Sign] = (), legend: Sequence[Sign] = ()
    ) -> None:
        self.left, self.right, width = size.margin, size.width - size.margin, size.inner
        lines = _header(texts, width) if size == WIDE else []
        source = style.wrap(texts.source, width, size.small) if size == WIDE else []

        header = (style.MARGIN + sum(size * style.LEADING for _, size, _, _ in lines) + 10) if lines else 0.0
        key_size = size.label
        keyed, key_height = _flow(key, width, key_size)
        if key_height > key_size * style.LEADING:
            key_size = size.small
            keyed, key_height = _flow(key, width, key_size)
        signs, legend_height = _flow(legend, width, size.small)
        self.top = header + (key_height + 6 if key else 0) + _EDGE
        under = self.top + body + 8
        foot = under + (legend_height + 6 if legend else 0)
        self.height = foot + (len(source) * size.small * style.LEADING + style.MARGIN - 2 if source else 0.0)

        figure = Canvas(figsize=(size.width / 72, self.height / 72), dpi=72, facecolor=style.PAPER)
        figure.said, figure.body, figure.told, figure.darks = texts, (header, foot), {}, style.DARK
        points = Affine2D().scale(1 / 72, -1 / 72).translate(0, self.height / 72)
        super().__init__(figure, size, points + figure.dpi_scale_trans)
        y = style.MARGIN - 1
        around = list[Written]()
        for line, text_size, bold, colour in lines:
            y += text_size * style.LEADING
            around.append(self.text(self.left, y - 0.3 * text_size, line, size=text_size, bold=bold, colour=colour))
        self._signs(keyed, header + _EDGE, key_size)
        self._signs(signs, under, size.small)
        for index, line in enumerate(source):
            baseline = foot + size.small * (1 + index * style.LEADING)
            around.append(self.text(self.left, baseline, line, size=size.small, colour=style.MUTED))
        for text in around:
            text.group = AROUND

    def _signs(self, placed: Sequence[_Placed], top: float, size: float) -> None:
        for entry in placed:
            x, middle = self.left + entry.x, top + entry.y + size * 0.62
            sign = entry.sign
            if sign.patch is not None:
                self.rectangle(x, middle - _SWATCH_HEIGHT / 2, _SWATCH_WIDTH, _SWATCH_HEIGHT, **sign.patch)
            if sign.line is not None:
                centre = x + _SWATCH_WIDTH / 2
                xs = [centre] if sign.line.get("linestyle") == "none" else [x, centre, x + _SWATCH_WIDTH]
                # A marker stands in the middle of its line: at the ends it would reach over the edge and into the label.
                self.line(xs, [middle] * len(xs), markevery=[len(xs) // 2], **sign.line)
            if sign.symbol:
                self.text(x, middle, sign.symbol, size=size, middle=True)
            for index, line in enumerate(entry.lines):
                y = middle + index * size * style.LEADING
                self.text(x + sign.width(size), y, line, size=size, middle=True)


def _header(texts: Texts, width: float) -> list[tuple[str, float, bool, str]]:
    """Return the lines over a picture that stands alone: text, size, whether bold, and colour."""
    lines: list[tuple[str, float, bool, str]] = []
    if texts.headline:
        lines += [
            (line, style.HEADLINE, True, style.INK)
            for line in style.balance(texts.headline, width, style.HEADLINE, bold=True)
        ]
    size, bold = (style.TITLE, False) if texts.headline else (style.HEADLINE, True)
    lines += [(line, size, bold, style.INK) for line in style.balance(texts.title, width, size, bold=bold)]
    lines += [(line, style.LABEL, False, style.MUTED) for line in style.wrap(texts.subtitle, width, style.LABEL)]
    return lines


def _flow(signs: Sequence[Sign], width: float, size: float) -> tuple[list[_Placed], float]:
    """Set signs side by side, breaking where the line is full; return them and the height they take."""
    placed: list[_Placed] = []
    x = y = 0.0
    tall = 0
    for sign in signs:
        lines = style.wrap(sign.label, width - sign.width(size), size)
        wide = sign.width(size) + max(style.measure(line, size) for line in lines)
        if placed and x + wide > width:
            x, y, tall = 0.0, y + tall * size * style.LEADING + 2, 0
        placed.append(_Placed(sign, x, y, lines))
        x += wide + _SIGN_GAP
        tall = max(tall, len(lines))
    return placed, y + tall * size * style.LEADING


def basis_signs(content: Content, *, as_points: bool = False) -> list[Sign]:
    """Return the legend of what occurs in a figure: the bases, the empty places and the mark of what is ours."""
    words, grey = content.texts.words, content.colour("other")
    found = {("approximate" if p.approximate and p.basis == "prose" else p.basis) for p in content}
    signs = []
    for name in ("source", "recomputed", "transcribed", "prose", "approximate"):
        if name in found:
            basis, approximate = ("prose", True) if name == "approximate" else (name, False)
            if as_points:
                properties = style.marker(basis, grey, approximate=approximate)
                signs.append(Sign(words[f"legend_{name}"], line=properties))
            else:
                signs.append(Sign(words[f"legend_{name}"], patch=style.area(basis, grey, approximate=approximate)))
    marks = {mark for point in content for mark in point.marks}
    if any(item.ours for item in (*content.layout.rows, *content.layout.columns)):
        marks.add(OURS)
    for mark, key in ((OURS, "legend_ours"), (WRONG, "legend_known_wrong"), (DATELESS, "legend_undated")):
        if mark in marks:
            signs.append(Sign(words[key], symbol=mark))
    if "missing" in found:
        keys = dict.fromkeys(key for point in content for key in point.reasons)
        reason = "; ".join(content.texts.reasons[key] for key in keys)
        signs.append(Sign(words["legend_missing"].replace("{reason}", reason), patch=style.area("missing", grey)))
    return signs


def spread(wished: Sequence[float], apart: float) -> list[float]:
    """Move rising positions as little as possible so that neighbours are at least ``apart`` from one another."""
    blocks: list[tuple[float, int]] = []  # mean of the positions less their due distance, and how many
    for index, wish in enumerate(wished):
        mean, count = wish - index * apart, 1
        while blocks and blocks[-1][0] >= mean:
            before, many = blocks.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        blocks.append((mean, count))
    means = [mean for mean, count in blocks for _ in range(count)]
    return [mean + index * apart for index, mean in enumerate(means)]

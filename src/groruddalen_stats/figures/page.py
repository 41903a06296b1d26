"""The canvas of a figure: header, legend and source line are set, and a body is left to draw in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from groruddalen_stats.figures import style
from groruddalen_stats.figures.content import DATELESS, OURS, WIDE, WRONG, Content, Size, Texts

_Drawn = TypeVar("_Drawn", bound=Artist)
_SWATCH_WIDTH, _SWATCH_HEIGHT, _SWATCH_GAP, _SIGN_GAP = 13.0, 7.5, 4.5, 10.0
_EDGE = 2.0


class Canvas(Figure):
    """A matplotlib figure that knows what of it is the drawing, and what each mark says.

    Attributes:
        said: what is written around it.
        around: title and source, which a picture that stands alone has and one on a page has not.
        body: upper and lower edge of all else.
        told: what each mark says, by its id.
        darks: what each of its colours is on a dark page.
    """

    said: Texts
    around: list[Text]
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


class Page:
    """One figure's canvas; positions are points from its top left corner.

    A narrow one has neither title nor source: it is only ever shown on a page.

    Attributes:
        figure: the matplotlib figure.
        left, right: the sides of the body.
        top: the upper edge of the body, which is ``body`` points high.
    """

    def __init__(
        self,
        texts: Texts,
        body: float,
        *,
        size: Size = WIDE,
        key: Sequence[Sign] = (),
        legend: Sequence[Sign] = (),
    ) -> None:
        self.size = size
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

        self.figure = Canvas(figsize=(size.width / 72, self.height / 72), dpi=72, facecolor=style.PAPER)
        self.figure.said, self.figure.body, self.figure.told = texts, (header, foot), {}
        self.figure.darks = style.DARK
        self._points = Affine2D().scale(1 / 72, -1 / 72).translate(0, self.height / 72) + self.figure.dpi_scale_trans
        y = style.MARGIN - 1
        around = []
        for line, text_size, bold, colour in lines:
            y += text_size * style.LEADING
            around.append(self.text(self.left, y - 0.3 * text_size, line, size=text_size, bold=bold, colour=colour))
        self._signs(keyed, header + _EDGE, key_size)
        self._signs(signs, under, size.small)
        for index, line in enumerate(source):
            baseline = foot + size.small * (1 + index * style.LEADING)
            around.append(self.text(self.left, baseline, line, size=size.small, colour=style.MUTED))
        self.figure.around = around

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
        gid: str | None = None,
    ) -> Text:
        """Write one line with its baseline, or with ``middle`` the middle of its x-height, at ``y``."""
        size = size or self.size.label
        written = Text(
            x,
            y + (0.36 * size if middle else 0),
            text,
            color=colour,
            fontproperties=style.font(size, bold=bold),
            ha=align,
            va="baseline",
            parse_math=False,
            transform=self._points,
        )
        written.set_gid(gid)
        self.figure.add_artist(written)
        return written

    def rectangle(self, x: float, y: float, width: float, height: float, **properties: Any) -> Rectangle:
        """Draw a rectangle from its upper left corner."""
        return self._add(Rectangle((x, y), width, height, transform=self._points, **properties))

    def patch(self, patch: Patch) -> None:
        """Draw a patch whose path is in points from the upper left corner."""
        patch.set_transform(self._points)
        self._add(patch)

    def line(self, xs: Sequence[float], ys: Sequence[float], **properties: Any) -> Line2D:
        """Draw a line or, with a marker, points."""
        return self._add(Line2D(xs, ys, transform=self._points, **properties))

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """Return bare axes over a rectangle given from its upper left corner; limits are the caller's to set."""
        frame = (x / self.size.width, 1 - (y + height) / self.height, width / self.size.width, height / self.height)
        axes = self.figure.add_axes(frame)
        axes.set_axis_off()
        axes.set_autoscale_on(False)
        return axes

    def _add(self, artist: _Drawn) -> _Drawn:
        self.figure.add_artist(artist)
        return artist

    def _signs(self, placed: Sequence[_Placed], top: float, size: float) -> None:
        for entry in placed:
            x, middle = self.left + entry.x, top + entry.y + size * 0.62
            sign = entry.sign
            if sign.patch is not None:
                self.rectangle(x, middle - _SWATCH_HEIGHT / 2, _SWATCH_WIDTH, _SWATCH_HEIGHT, **sign.patch)
            if sign.line is not None:
                xs = [x + _SWATCH_WIDTH / 2] if sign.line.get("linestyle") == "none" else [x, x + _SWATCH_WIDTH]
                self.line(xs, [middle] * len(xs), **sign.line)
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
    ours = any(item.ours for item in (*content.layout.rows, *content.layout.columns))
    if ours or any(OURS in point.text for point in content):
        signs.append(Sign(words["legend_ours"], symbol=OURS))
    for mark, key in ((WRONG, "legend_known_wrong"), (DATELESS, "legend_undated")):
        if any(mark in point.text for point in content):
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

from __future__ import annotations

import csv
import itertools
import json
import math
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from xml.sax.saxutils import unescape

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.text import Text
from shapely import coverage_is_valid, unary_union
from shapely.geometry import Point, Polygon, box, mapping

import small
from groruddalen_stats import figures
from groruddalen_stats.appendix.layout import Layout, layout
from groruddalen_stats.appendix.model import Basis, Cell, Flag, FlagKind, Missing
from groruddalen_stats.appendix.text import shown as in_words
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.words import DARK_GROUND, contrast
from groruddalen_stats.config.words import channels as channels_of
from groruddalen_stats.errors import ConfigError, FetchError, SnapshotError
from groruddalen_stats.figures import Places, Texts, drawing, files, maps, style
from groruddalen_stats.figures.content import DATELESS, NARROW, WIDE, WRONG, Size
from groruddalen_stats.figures.files import PNG_DPI
from groruddalen_stats.figures.page import AROUND, Canvas, Page, Sign, Written, spread
from groruddalen_stats.numbers import Language, display_number
from groruddalen_stats.paths import Paths
from groruddalen_stats.raw.store import Store
from groruddalen_stats.regions import polygons

FIGURES = [f"figur_{n}" for n in ("01", "02", "03a", "03b", "04", "05", "06", "07", "08", "09", "10", "11", "12")]
BARS = ["figur_03b", "figur_04", "figur_08", "figur_09", "figur_10", "figur_11", "figur_12"]
LINES = ["figur_03a", "figur_05"]
LANGUAGES: list[Language] = ["nb", "en"]
BASES, SOURCE, MISSING = ("source", "recomputed", "transcribed", "prose", "missing"), ("source",), ("missing",)
BYDELER = ["bjerke", "grorud", "stovner", "alna"]

Drawn = Callable[..., Canvas]
Kind = TypeVar("Kind", bound=Artist)


def texts(catalogue: Catalogue, name: str, language: Language) -> Texts:
    spec, labels = catalogue.appendix.objects[name], catalogue.labels
    headline = catalogue.text(spec.headline.text, language) if spec.headline else ""
    return Texts(
        title=f"Figur {spec.number} {catalogue.text(spec.title, language)}",
        subtitle=catalogue.text(spec.subtitle, language),
        source=f"Kilde: {catalogue.text(spec.source_note, language)}",
        headline=headline.replace("{region}", "Groruddalen").replace("{value}", display_number(88.8, 1, language)),
        words={key: word[language] for key, word in labels.words.items()},
        reasons={key: reason[language] for key, reason in labels.reasons.items()},
    )


def synthetic(catalogue: Catalogue, name: str, bases: tuple[str, ...]) -> list[Cell]:
    """Cells that no one could take for data: the bases in turn, the values a plain count upwards."""
    plan = layout(name, catalogue)
    turn = itertools.cycle(bases)
    stacked = catalogue.appendix.objects[name].chart.kind == "stacked"  # type: ignore[union-attr]
    cells = []
    for number, (row, column) in enumerate(itertools.product(plan.rows, plan.columns), start=1):
        basis = next(turn)
        number_shown = 100.0 / len(plan.columns) if stacked else 100.0 + number
        about = (Flag(FlagKind.APPROXIMATE, "about"),) if number % 3 == 0 and basis == "prose" else ()
        cells.append(small.made_up(f"{name}/{row.id}/{column.id}", number_shown, basis, decimals=1, flags=about))
    return cells


def of_object(cells: Iterable[Cell], name: str) -> list[Cell]:
    return [cell for cell in cells if cell.place.object == name]


@pytest.fixture(scope="session")
def known_places(catalogue: Catalogue) -> Places:
    return figures.places(catalogue, Store(catalogue.paths), "nb")


def figure_of(
    catalogue: Catalogue,
    name: str,
    cells: list[Cell],
    places: Places,
    language: Language = "nb",
    size: Size = WIDE,
    palette: dict[str, str] | None = None,
    plan: Layout | None = None,
) -> Canvas:
    spec, labels, plan = catalogue.appendix.objects[name], catalogue.labels, plan or layout(name, catalogue)
    said, colours = texts(catalogue, name, language), labels.palette if palette is None else palette
    content = figures.content_of(name, spec, plan, cells, labels.words, said, language, colours, places, labels.dark)
    return drawing.draw(replace(content, size=size))


@pytest.fixture(scope="session")
def drawn(catalogue: Catalogue, cells: list[Cell], known_places: Places) -> Drawn:
    """Return what draws a figure of the shipped cells or of synthetic ones, once, or of what else is given, anew."""

    @cache
    def plain(name: str, language: Language, size: Size, bases: tuple[str, ...]) -> Canvas:
        own = synthetic(catalogue, name, bases) if bases else cells
        return figure_of(catalogue, name, own, known_places, language, size)

    def draw(
        name: str, language: Language = "nb", size: Size = WIDE, bases: tuple[str, ...] = (), **given: Any
    ) -> Canvas:
        if not given:
            return plain(name, language, size, bases)
        given = {"cells": cells, "places": known_places, **given}
        return figure_of(catalogue, name, language=language, size=size, **given)

    return draw


def by_gid(figure: Figure) -> dict[str, Artist]:
    found = list(figure.findobj(lambda artist: artist.get_gid() is not None))
    ids = [str(artist.get_gid()) for artist in found]
    assert len(ids) == len(set(ids))
    return dict(zip(ids, found, strict=True))


def gid_of(cell: Cell) -> str:
    return ".".join(cell.place)


def lines_of(figure: Figure) -> list[Line2D]:
    return [line for line in figure.findobj(Line2D) if isinstance(line, Line2D)]


def written(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text()]


def of_kind(kind: type[Kind], artist: Artist) -> Kind:
    assert isinstance(artist, kind)
    return artist


def points_wide(patch: Rectangle) -> float:
    corners = patch.get_transform().transform([[0, 0], [1, 0]])
    return float(corners[1][0] - corners[0][0])


def check_page(figure: Figure) -> None:
    """No text leaves the canvas and no two texts touch."""
    figure.set_dpi(PNG_DPI)
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    shown = [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text()]
    boxes = np.array([text.get_window_extent(renderer).extents for text in shown])
    width, height = figure.get_size_inches() * PNG_DPI
    figure.set_dpi(72)
    for text, (left, low, right, high) in zip(shown, boxes, strict=True):
        assert 0 <= left <= right <= width, text
        assert 0 <= low <= high <= height, text
    inner = boxes + np.array([1.5, 1.5, -1.5, -1.5])  # leading and rounding to pixels
    for (a, one), (b, other) in itertools.combinations(enumerate(inner), 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (shown[a].get_text(), shown[b].get_text())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FIGURES)
def test_nothing_overlaps_and_nothing_is_cut(drawn: Drawn, name: str, language: Language) -> None:
    check_page(drawn(name, language))
    check_page(drawn(name, language, size=NARROW))


@pytest.mark.parametrize("name", [name for name in FIGURES if name != "figur_01"])
def test_every_basis_fits_every_figure(drawn: Drawn, name: str) -> None:
    for bases, size in ((BASES, NARROW), (SOURCE, NARROW), (BASES, WIDE), (MISSING, WIDE)):
        check_page(drawn(name, size=size, bases=bases))
    check_page(drawn(name, "en", bases=SOURCE))


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_texts_of_any_length_fit(data: st.DataObject) -> None:
    line = st.lists(st.text(alphabet="aeimøWÅ", min_size=1, max_size=18), max_size=30).map(" ".join)
    headline, title, source, reason = (data.draw(line) for _ in range(4))
    words = {"legend_ours": "synthetic"}
    page = Page(
        Texts(f"t {title}", "s", f"k {source}", headline, words, {}),
        20.0,
        legend=[Sign(f"m {reason}", symbol="*"), Sign(f"n {title}", patch={})],
    )
    check_page(page.figure)


@pytest.mark.parametrize("name", FIGURES)
def test_header_and_source_line_are_written(drawn: Drawn, catalogue: Catalogue, name: str) -> None:
    shown = " ".join(written(drawn(name)))
    wanted = texts(catalogue, name, "nb")
    for said in (wanted.title, wanted.headline, wanted.subtitle, wanted.source):
        assert said in shown


@given(st.text(alphabet="ab WÅ", min_size=1), st.floats(20, 400))
def test_balanced_lines_keep_the_words_and_the_number_of_lines(text: str, width: float) -> None:
    lines = style.balance(text, width, 9.0)
    assert " ".join(lines) == text
    assert len(lines) == len(style.wrap(text, width, 9.0))


@given(st.lists(st.floats(0, 300), max_size=12).map(sorted), st.floats(1, 20))
def test_spread_keeps_the_distance_and_the_middle(wished: list[float], apart: float) -> None:
    moved = spread(wished, apart)
    assert all(b - a >= apart - 1e-6 for a, b in itertools.pairwise(moved))
    assert sum(moved) == pytest.approx(sum(wished))
    if all(b - a >= apart + 1e-6 for a, b in itertools.pairwise(wished)):
        assert moved == pytest.approx(wished)


@pytest.mark.parametrize("name", BARS)
def test_bars_are_as_long_as_the_cells_and_empty_where_they_are_missing(
    drawn: Drawn, cells: list[Cell], name: str
) -> None:
    artists, own, scales = by_gid(drawn(name)), of_object(cells, name), set()
    assert sorted(artists) == sorted(map(gid_of, own))
    for cell in own:
        bar = of_kind(Rectangle, artists[gid_of(cell)])
        assert bar.get_x() == 0
        assert is_empty_place(bar) == (not cell.known)
        if cell.known:
            assert bar.get_width() == cell.number
            scales.add(f"{points_wide(bar) / cell.number:.6f}")
    assert len(scales) == any(cell.known for cell in own)  # all panels of a figure have one scale


@pytest.mark.parametrize("name", [*BARS, "figur_06", "figur_07"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_is_written_as_displayed(
    drawn: Drawn, catalogue: Catalogue, cells: list[Cell], name: str, language: Language
) -> None:
    shown = written(drawn(name, language))
    # In panels a wide empty bar says that a part is missing.
    known = Counter(
        in_words(cell, catalogue.labels.words, language)
        + "".join(DATELESS if flag.kind == FlagKind.UNDATED else WRONG for flag in cell.doubts[:1])
        for cell in of_object(cells, name)
        if cell.value or name not in {"figur_06", "figur_07"}
    )
    for text, count in known.items():
        assert shown.count(text) >= count


def test_stacked_parts_follow_one_another_to_100(drawn: Drawn, cells: list[Cell]) -> None:
    artists = by_gid(drawn("figur_06"))
    for _, row in itertools.groupby(of_object(cells, "figur_06"), key=lambda cell: cell.place.row):
        end = 0.0
        for cell in row:
            part = of_kind(Rectangle, artists[gid_of(cell)])
            assert (part.get_x(), part.get_width()) == pytest.approx((end, cell.number))
            end += part.get_width()
        assert end == pytest.approx(100.0, abs=0.2)


def test_a_single_missing_part_takes_what_is_left(drawn: Drawn) -> None:
    artists = by_gid(drawn("figur_07", bases=("source", "missing", "source")))
    gap = of_kind(Rectangle, artists["figur_07.oslo.size_2_3"])
    assert (gap.get_x(), gap.get_width()) == pytest.approx((100 / 3, 100 / 3))
    assert is_empty_place(gap)


def test_values_of_thin_parts_at_both_ends_stay_over_the_bar(drawn: Drawn, catalogue: Catalogue) -> None:
    values = itertools.cycle([1.0, 1.0, 1.0, 95.0, 1.0, 1.0])
    cells = [small.with_value(cell, number=next(values)) for cell in synthetic(catalogue, "figur_06", SOURCE)]
    for size in (WIDE, NARROW):
        check_page(drawn("figur_06", cells=cells, size=size))


def test_parts_without_a_place_are_drawn_from_zero_in_panels(drawn: Drawn, cells: list[Cell]) -> None:
    figure = drawn("figur_02")
    artists = by_gid(figure)
    own = of_object(cells, "figur_02")
    assert len(own) == len(artists) == 66
    assert len({round(of_kind(Rectangle, bar).get_window_extent().x0) for bar in artists.values()}) == 3
    for cell in own:
        bar = of_kind(Rectangle, artists[gid_of(cell)])
        assert (bar.get_x(), bar.get_width()) == (0, cell.number if cell.known else 100)
        assert is_empty_place(bar) == (not cell.known)
    shown = written(figure)
    assert [shown.count(name) for name in ("Bjerke", "Alna")] == [1, 1]
    assert shown.count("Stovner") == 2  # the bydel and its delbydel


def is_empty_place(artist: Artist) -> bool:
    assert isinstance(artist, Patch)
    return to_hex(artist.get_facecolor()) == style.EMPTY and artist.get_linestyle() not in {"-", "solid"}


@pytest.mark.parametrize("name", LINES)
def test_points_of_lines_are_the_cells(drawn: Drawn, cells: list[Cell], name: str) -> None:
    artists = by_gid(drawn(name))
    own = [cell for cell in of_object(cells, name) if cell.known]
    assert own
    for cell in own:
        point = of_kind(Line2D, artists[gid_of(cell)])
        assert np.asarray(point.get_xydata()).tolist() == [[float(cell.place.column), cell.number]]


def test_lines_join_neighbours_and_name_their_end() -> None:
    catalogue = small.catalogue()
    places = figures.places(catalogue, Store(catalogue.paths), "nb")
    figure = figure_of(catalogue, "figur_01", small.cells(), places)
    joins = {gid: line for gid, line in by_gid(figure).items() if "-" in gid}
    assert set(joins) == {f"figur_01.{row}.2009-2010" for row in ("bjerke", "alna", "oslo")}
    assert all(isinstance(line, Line2D) and line.get_linestyle() == "-" for line in joins.values())
    shown = written(figure)
    assert {"Bjerke 110,0", "Alna 105,0", "Oslo 105,0"} <= set(shown)
    assert [text for text in shown if text in {"2009", "2010"}] == ["2009", "2010"]


def test_a_gap_is_dotted_said_not_to_be_data_and_has_its_empty_place(drawn: Drawn, catalogue: Catalogue) -> None:
    plan = layout("figur_05", catalogue)
    first, *between, last = (column.id for column in plan.columns)
    cells = [
        replace(cell, value=None, missing=Missing("no_source"))
        if cell.place.row == "bjerke" and cell.place.column in between
        else cell
        for cell in synthetic(catalogue, "figur_05", SOURCE)
    ]
    figure = drawn("figur_05", cells=cells)
    artists = by_gid(figure)
    assert [gid for gid in artists if gid.startswith("figur_05.bjerke.") and "-" in gid] == [
        f"figur_05.bjerke.{first}-{last}"
    ]
    line = of_kind(Line2D, artists[f"figur_05.bjerke.{first}-{last}"])
    assert line.get_linestyle() not in {"-", "solid"}
    assert is_empty_place(artists[f"figur_05.bjerke.{between[0]}"])
    shown = written(figure)
    words = catalogue.labels.words
    assert words["legend_gap"].nb in shown
    assert shown.count(words["missing"].nb) == 1


def test_a_moved_border_is_a_marked_line(drawn: Drawn, catalogue: Catalogue, known_places: Places) -> None:
    cells = [
        small.with_value(cell, flags=(Flag(FlagKind.BORDER, "SYNTHETIC"),)) if cell.place.column == "2008" else cell
        for cell in synthetic(catalogue, "figur_05", SOURCE)
    ]
    places = replace(known_places, breaks={"SYNTHETIC": 2008.0, "ELSEWHERE": 2009.0})
    figure = drawn("figur_05", cells=cells, places=places)
    assert [2008.0, 2008.0] in [list(np.asarray(line.get_xdata())) for line in lines_of(figure) if not line.get_gid()]
    told = catalogue.labels.words["legend_break"].nb
    assert told in written(figure)
    assert told not in written(drawn("figur_05"))
    assert known_places.breaks["B1"] == 2020.0


def test_baselines(drawn: Drawn) -> None:
    at = [list(np.asarray(line.get_xdata())) for line in lines_of(drawn("figur_04"))]
    assert [100.0, 100.0] in at
    heavier = [line for line in lines_of(drawn("figur_05")) if list(np.asarray(line.get_ydata())) == [100.0] * 2]
    assert to_hex(heavier[0].get_color()) == style.MUTED


def test_legends_name_only_what_occurs(drawn: Drawn, catalogue: Catalogue, cells: list[Cell]) -> None:
    words = catalogue.labels.words
    for name in FIGURES[1:]:
        own = of_object(cells, name)
        shown = " ".join(written(drawn(name)))
        about = {cell.place for cell in own if cell.approximate and cell.basis == Basis.PROSE}
        occurs = {f"legend_{'approximate' if cell.place in about else cell.basis}" for cell in own}
        occurs |= {"legend_ours" for cell in own if cell.spec.ours}
        every = {*(f"legend_{basis}" for basis in Basis), "legend_approximate", "legend_ours"}
        assert {key for key in every if words[key].nb.partition("{")[0] in shown} == occurs, name


def test_each_basis_looks_different_without_colour() -> None:
    def look(basis: str, *, approximate: bool = False) -> tuple[object, ...]:
        patch = Rectangle((0, 0), 1, 1, **style.area(basis, "#006ba2", approximate=approximate))
        return (
            style.lightness(to_hex(patch.get_facecolor())) < 60,
            patch.get_hatch(),
            patch.get_linewidth() > 0,
            patch.get_linestyle() in {"-", "solid"},
        )

    looks = [look(basis) for basis in BASES] + [look("prose", approximate=True)]
    assert len(set(looks)) == 6


def test_a_region_has_one_colour_everywhere(drawn: Drawn, catalogue: Catalogue) -> None:
    palette = catalogue.labels.palette
    for name in ("figur_03b", "figur_04", "figur_08", "figur_10", "figur_12"):
        artists = by_gid(drawn(name, bases=SOURCE))
        plan = layout(name, catalogue)
        for row in plan.rows:
            last = of_kind(Rectangle, artists[f"{name}.{row.id}.{plan.columns[-1].id}"])
            assert to_hex(last.get_facecolor()) == palette.get(row.id, palette["other"])
    for name in LINES:
        for gid, artist in by_gid(drawn(name)).items():
            if "-" in gid:
                assert isinstance(artist, Line2D)
                assert artist.get_color() == palette.get(gid.split(".")[1], palette["other"])
    areas = by_gid(drawn("figur_01"))
    for bydel in BYDELER:
        edge = of_kind(PathPatch, areas[f"figur_01.{bydel}"])
        assert to_hex(edge.get_edgecolor()) == palette[bydel]


def test_colours_hold_in_grey(catalogue: Catalogue) -> None:
    palette = catalogue.labels.palette
    main = sorted(style.lightness(palette[key]) for key in (*BYDELER, "groruddalen", "oslo"))
    assert min(b - a for a, b in itertools.pairwise(main)) >= 8
    assert main[-1] <= 62  # 3:1 against white
    akershus = sorted(
        style.lightness(palette[k]) for k in ("akershus", "follo", "asker_og_baerum", "ovre_romerike", "nedre_romerike")
    )
    assert min(b - a for a, b in itertools.pairwise(akershus)) >= 8
    for ramp in (
        ("age_0_5", "age_6_12", "age_13_15", "age_16_66", "age_67_79", "age_80_plus"),
        ("size_1", "size_2_3", "size_4_plus"),
        ("detached", "row_houses", "blocks"),
    ):
        # Parts that lie beside one another are told apart in grey; a whole ramp of six has no room above 3:1 on white.
        steps = [style.lightness(palette[key]) for key in ramp]
        assert min(abs(a - b) for a, b in itertools.pairwise(steps)) >= 12
        dark = [style.lightness(catalogue.labels.dark[palette[key]]) for key in ramp]
        assert min(abs(a - b) for a, b in itertools.pairwise(dark)) >= 12


# Machado, Oliveira and Fernandes 2009: simulation of protanopia, deuteranopia and tritanopia in linear RGB.
BLINDNESS = [
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
]


@pytest.mark.parametrize("page", ["light", "dark"])
@pytest.mark.parametrize("matrix", BLINDNESS)
def test_colours_hold_for_the_colour_blind(catalogue: Catalogue, matrix: list[list[float]], page: str) -> None:
    def lab(colour: str) -> np.ndarray:
        channels = np.array(channels_of(colour))
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        seen = np.clip(np.array(matrix) @ linear, 0, 1)
        white = np.array([0.95047, 1.0, 1.08883])
        xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen / white
        root = np.where(xyz > 216 / 24389, np.cbrt(xyz), xyz * 841 / 108 + 4 / 29)
        return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])

    colours = [catalogue.labels.palette[key] for key in (*BYDELER, "groruddalen", "oslo")]
    seen = [lab(catalogue.labels.dark[colour] if page == "dark" else colour) for colour in colours]
    assert min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2)) >= 15


def test_a_new_region_gets_the_colour_of_others(drawn: Drawn, catalogue: Catalogue) -> None:
    cells = synthetic(catalogue, "figur_04", SOURCE)
    figure = drawn("figur_04", cells=cells, palette={"other": "#123456"})
    assert to_hex(of_kind(Rectangle, by_gid(figure)["figur_04.ytre_sor.level"]).get_facecolor()) == "#123456"
    with pytest.raises(ConfigError, match=r"config/palette.csv: .* -> add 'other'"):
        drawn("figur_04", cells=cells, palette={"oslo": "#123456"})


def test_ours_are_marked(drawn: Drawn) -> None:
    assert "Groruddalen samlet*" in written(drawn("figur_08"))
    assert "Groruddalen samlet" in written(drawn("figur_04"))  # the price level of Groruddalen is the report's own
    assert "Begge kjønn*" in written(drawn("figur_09"))


def division(root: Path, year: str) -> dict[str, dict[str, str]]:
    """Return the sub-districts of a year as the city's file has them."""
    with (root / "data/raw/oslo/delbydeler_groruddalen.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {f"d{r['code']}": r for r in rows if r["valid_from"] <= f"{year}-01-01" <= (r["valid_to"] or "9999")}


def centres(root: Path, year: str = "2011") -> dict[str, tuple[float, float]]:
    rows = division(root, year)
    return {key: maps.kilometres(float(row["latitude"]), float(row["longitude"])) for key, row in rows.items()}


@pytest.mark.parametrize(("year", "number"), [("2011", 22), ("2020", 23)])
def test_the_official_polygons_cover_the_division_without_gap_or_overlap(
    root: Path, catalogue: Catalogue, tmp_path: Path, year: str, number: int
) -> None:
    # The polygons that came with the project, also where others have been fetched since.
    paths = Paths(tmp_path)
    (paths.raw / "boundaries").mkdir(parents=True)
    shutil.copy(root / "data/raw/boundaries/delbydeler_groruddalen.geojson", paths.raw / "boundaries")
    store = Store(paths)
    store.relock()
    known_places = figures.places(catalogue, store, "nb")
    at = centres(root, year)
    cells = maps.regions(at, known_places)
    assert len(cells) == number
    for key, centre in at.items():
        assert [other for other, cell in cells.items() if cell.contains(Point(*centre))] == [key]
    overlap = sum(a.intersection(b).area for a, b in itertools.combinations(cells.values(), 2))
    assert overlap == pytest.approx(0, abs=1e-9)
    for bydel in BYDELER:
        whole = unary_union([cells[key] for key in cells if known_places.bydel_of[key] == bydel])
        assert isinstance(whole, Polygon)
        assert len(whole.interiors) == 0
    # The city's own areas, in square kilometres.
    areas = sum(float(row["area_km2"]) for row in division(root, year).values())
    assert sum(cell.area for cell in cells.values()) == pytest.approx(areas, rel=0.02)


def squares(codes: list[str], prefix: str = "d") -> dict[str, object]:
    """Boxes in a row near Groruddalen, one per code: nobody's borders."""
    step = 0.02
    return {f"{prefix}{code}": box(10.7 + i * step, 59.9, 10.7 + (i + 1) * step, 59.92) for i, code in enumerate(codes)}


def test_an_unknown_division_is_not_drawn(drawn: Drawn, catalogue: Catalogue, cells: list[Cell]) -> None:
    unknown = [replace(cell, value=None, missing=Missing("unknown_borders")) for cell in of_object(cells, "figur_01")]
    figure = drawn("figur_01", cells=unknown)
    assert not [gid for gid in by_gid(figure) if gid.startswith("figur_01.d")]
    assert catalogue.labels.reasons["unknown_borders"].nb in " ".join(written(figure))


def test_polygons_are_drawn_and_those_of_another_division_are_joined_or_divided(
    root: Path, known_places: Places
) -> None:
    at = centres(root)
    official = replace(known_places, boundaries=squares([key[1:] for key in at]))
    cells = maps.regions(at, official)
    assert list(cells) == list(at)
    assert cells["d0901"].area == pytest.approx(0.02 * 111.32 * math.cos(math.radians(59.94)) * 0.02 * 111.4)
    codes = [key[1:] for key in at if key != "d0903"]
    later = replace(known_places, boundaries=squares([*codes, "0905", "0906"]))
    cells = maps.regions(at, later)
    assert cells["d0903"].area == pytest.approx(2 * cells["d0901"].area)
    now = centres(root, "2020")
    assert "d0903" not in now
    earlier = replace(known_places, boundaries={"bjerke": box(10.78, 59.92, 10.86, 59.96)})
    cells = maps.regions({k: v for k, v in now.items() if k < "d10"}, earlier)
    assert sorted(cells) == ["d0901", "d0902", "d0904", "d0905", "d0906"]
    assert all(cell.contains(Point(*now[key])) for key, cell in cells.items())
    with pytest.raises(ConfigError, match="there are no boundaries of the sub-districts"):
        maps.regions(at, replace(known_places, boundaries={}))


def test_stored_boundaries_are_read_through_the_lock(catalogue: Catalogue, tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    folder = paths.raw / "boundaries"
    folder.mkdir(parents=True)
    features = []
    for code, shape in squares(["0901", "1001", "1101", "1201"], "").items():
        properties = {"BYDEL": code[:2], "DELBYDEL": code, "DELBYDELSN": "synthetic"}
        features.append({"type": "Feature", "properties": properties, "geometry": mapping(shape)})
    file = folder / "synthetic.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    store = Store(paths)
    store.relock()
    found = figures.places(catalogue, store, "nb").boundaries
    assert sorted(found) == ["d0901", "d1001", "d1101", "d1201"]
    assert found["d0901"].bounds[0] == pytest.approx(10.7)
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(SnapshotError):
        figures.places(catalogue, Store(paths), "nb")
    Store(paths).relock()
    with pytest.raises(FetchError):
        figures.places(catalogue, Store(paths), "nb")


def test_sub_districts_of_the_rest_of_oslo_are_read_only_when_they_are_wanted(catalogue: Catalogue) -> None:
    ours, others = "boundaries/delbydeler_groruddalen.geojson", "boundaries/oslo/delbydeler_andre.geojson"
    store, wanting = Store(catalogue.paths), catalogue.wanting(["frogner"])
    shapes = [area.geometry for name in (ours, others) for area in polygons.areas(store.read(name), name, needed=())]
    assert len(shapes) == 96
    assert coverage_is_valid(shapes)
    assert "d0501" in figures.places(wanting, store, "nb").boundaries
    damaged = Store(catalogue.paths, {others: b"[]"})
    assert "d1201" in figures.places(catalogue, damaged, "nb").boundaries
    with pytest.raises(FetchError, match="not GeoJSON"):
        figures.places(wanting, damaged, "nb")


@pytest.mark.parametrize("name", ["figur_01", "figur_05", "figur_07", "figur_12"])
def test_two_runs_give_the_same_bytes(drawn: Drawn, cells: list[Cell], tmp_path: Path, name: str) -> None:
    written_bytes = []
    for run in ("one", "two"):
        svg, png = tmp_path / run / f"{name}.svg", tmp_path / run / f"{name}.png"
        files.write_pictures({png: files.write(drawn(name, cells=list(cells)), svg)})
        written_bytes.append((svg.read_bytes(), png.read_bytes()))
    assert written_bytes[0] == written_bytes[1]
    assert sorted(path.name for path in (tmp_path / "one").iterdir()) == [f"{name}.png", f"{name}.svg"]


def test_svg_has_real_text_and_ids_of_its_own(drawn: Drawn, tmp_path: Path) -> None:
    seen: set[str] = set()
    for name in FIGURES:
        file = tmp_path / f"{name}.svg"
        files.write(drawn(name), file)
        svg = file.read_text(encoding="utf-8")
        assert svg.startswith('<svg role="img" ')
        assert f"\n <title>Figur v.1.{int(name[6:8])}" in svg
        assert [text for text in ("<text ", "DejaVu Sans", "clip", "dc:date") if text in svg] == [
            "<text ",
            "DejaVu Sans",
        ]
        ids = re.findall(r' id="([^"]+)"', svg)
        assert all(one.startswith(name) for one in ids)
        assert seen.isdisjoint(ids)
        assert len(ids) == len(set(ids))
        seen.update(ids)
        used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
        assert used <= set(ids)


MARK, TEXT, PIXELS = 3.0, 4.5, 12.0


def looks(artist: Artist) -> list[str]:
    """Return the colours by which a mark can be seen: its fill if that hides the page, and its edge."""
    if isinstance(artist, Line2D):
        found = [artist.get_color()] if artist.get_linestyle() != "None" else [artist.get_markeredgecolor()]
        return [to_hex(colour) for colour in found]
    assert isinstance(artist, Patch)
    face, edge = artist.get_facecolor(), artist.get_edgecolor()
    shown = [
        colour
        for colour, width in ((face, 1.0), (edge, artist.get_linewidth()))
        if to_hex(colour, keep_alpha=True).endswith("ff") and width > 0
    ]
    return [to_hex(colour) for colour in shown]


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("name", FIGURES)
def test_every_mark_and_every_text_can_be_seen_on_a_light_and_on_a_dark_page(
    drawn: Drawn, name: str, size: Size
) -> None:
    figures_of = [drawn(name, size=size)]
    if name != "figur_01":
        figures_of.append(drawn(name, bases=BASES, size=size))
    for figure in figures_of:
        for gid, artist in by_gid(figure).items():
            if gid.count(".") == 1 and gid.split(".")[1] not in BYDELER:
                continue  # the tint of a sub-district; its border is checked with its city district's
            seen = looks(artist)
            assert max(contrast(colour) for colour in seen) >= MARK, gid
            assert max(contrast(figure.darks[colour], DARK_GROUND) for colour in seen) >= MARK, gid
        for text in figure.findobj(Text):
            assert isinstance(text, Text)
            colour = to_hex(text.get_color())
            if not text.get_text() or colour in {style.BLACK, style.PAPER}:
                continue  # on a fill: see the next test
            assert contrast(colour) >= TEXT, text
            assert contrast(figure.darks[colour], DARK_GROUND) >= TEXT, text


def test_text_on_every_fill_can_be_read(catalogue: Catalogue) -> None:
    dark = catalogue.labels.dark
    stacked = [name for name, spec in catalogue.appendix.objects.items() if spec.chart and spec.chart.kind == "stacked"]
    parts = {column.id for name in stacked for column in layout(name, catalogue).columns}
    assert len(parts) == 12
    for fill in (catalogue.labels.palette[part] for part in parts):
        written_in = style.on(fill, dark[fill])
        assert contrast(written_in, fill) >= TEXT
        assert contrast(style.DARK[written_in], dark[fill]) >= TEXT


@pytest.mark.parametrize("name", FIGURES)
def test_text_is_large_enough_where_it_is_shown(root: Path, drawn: Drawn, name: str) -> None:
    css = (root / "src/groruddalen_stats/report/templates/appendix.css").read_text(encoding="utf-8")
    (widest,) = re.findall(r"@container \(max-width: (\d+)px\)", css)
    for size, shown in ((WIDE, int(widest) + 1), (NARROW, 340)):
        figure = drawn(name, size=size)
        smallest = min(float(t.get_fontsize()) for t in figure.findobj(Text) if isinstance(t, Text) and t.get_text())
        assert smallest * shown / size.width >= PIXELS


@pytest.mark.parametrize("name", FIGURES)
def test_a_drawing_for_a_page_says_each_thing_once(drawn: Drawn, tmp_path: Path, name: str) -> None:
    wide, narrow = tmp_path / f"{name}.svg", tmp_path / f"{name}.narrow.svg"
    figure = drawn(name)
    alone = files.write(figure, wide)
    files.write(drawn(name, size=NARROW), narrow)
    svg = wide.read_text(encoding="utf-8")
    in_figure = re.findall(r"<text [^>]*>([^<]*)</text>", svg)
    around = {text.get_text() for text in figure.findobj(Text) if isinstance(text, Written) and text.group == AROUND}
    assert around
    assert around.isdisjoint(in_figure)
    assert around <= {unescape(text) for text in re.findall(r"<text [^>]*>([^<]*)</text>", alone)}
    for one, told in ((svg, figure.told), (narrow.read_text(encoding="utf-8"), drawn(name, size=NARROW).told)):
        ids = {gid for gid in by_gid(figure) if "-" not in gid}
        if one is svg:
            assert ids <= set(told)
            assert set(re.findall(r'<g id="([^"-]+)"><title>', one)) == ids
        assert one.count("<title>") > len(ids)
        variables = re.findall(r"var\(--c([0-9a-f]{6}), #([0-9a-f]{6})\)", one)
        assert variables
        assert all(name == light and f"#{light}" in figure.darks for name, light in variables)
        dark = dict(re.findall(r"--c([0-9a-f]{6}):(#[0-9a-f]{6})", one))
        assert {light for _, light in variables} - set(dark) <= {"000000"}
    assert not set(re.findall(r' id="([^"]+)"', svg)) & set(re.findall(r' id="([^"]+)"', narrow.read_text("utf-8")))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_more_lines_than_markers_have_a_panel_each(catalogue: Catalogue, known_places: Places, size: Size) -> None:
    plan = layout("figur_05", catalogue)
    rows = [replace(plan.rows[0], id=f"synthetic_{n}") for n in range(len(style.MARKERS) + 2)]
    places = itertools.product(rows, plan.columns)
    cells = [small.made_up(f"figur_05/{r.id}/{c.id}", 100.0 + n, "source") for n, (r, c) in enumerate(places)]
    figure = figure_of(catalogue, "figur_05", cells, known_places, size=size, plan=replace(plan, rows=tuple(rows)))
    check_page(figure)
    first = [of_kind(Line2D, artist) for gid, artist in by_gid(figure).items() if gid.endswith(plan.columns[0].id)]
    panels = {(line.get_window_extent().x0, line.get_window_extent().y0 // 40) for line in first}
    assert len(panels) == len(rows)
    assert {gid for gid in by_gid(figure) if "-" not in gid} == {".".join(cell.place) for cell in cells}


def test_lines_are_told_apart_without_colour(drawn: Drawn) -> None:
    shapes: dict[str, set[object]] = {}
    for gid, artist in by_gid(drawn("figur_05")).items():
        if isinstance(artist, Line2D) and "-" not in gid:
            shapes.setdefault(gid.split(".")[1], set()).add(artist.get_marker())
    assert all(len(of_row) == 1 for of_row in shapes.values())
    assert len(set.union(*shapes.values())) == len(shapes)


def test_bars_and_plots_have_no_frame(drawn: Drawn) -> None:
    assert not any(drawn(name).axes for name in FIGURES)
    assert written(drawn("figur_03a")).count("100") == 2  # on the axis, and once for the lines that start together

"""The report of the small project: every number, mark and place in HTML, PDF and CSV."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import page
import pytest

import pages
import small
from groruddalen_stats import report
from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.appendix.model import Basis
from groruddalen_stats.appendix.text import shown as in_words
from groruddalen_stats.catalogue import load
from groruddalen_stats.errors import ConfigError, StatsError
from groruddalen_stats.numbers import Language
from groruddalen_stats.paths import Paths, write_text
from groruddalen_stats.report.data import object_csvs
from groruddalen_stats.report.formulas import formula_in_words
from groruddalen_stats.report.grids import Marks, put
from groruddalen_stats.report.html import inline_svg
from groruddalen_stats.report.manifest import revision, sha256
from groruddalen_stats.report.origins import origins_of
from groruddalen_stats.report.pdf import unambiguous
from groruddalen_stats.report.words import Words
from groruddalen_stats.stages.work import Work
from groruddalen_stats.takeaway.artefacts import pdf_text, plain
from workbench import PROJECT

POPPLER = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")
LANGUAGES: tuple[Language, Language] = ("nb", "en")
# A figure with the ids and the page-wide style that a drawing program writes; every figure has the same ones.
SQUARE = (
    '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE svg>\n'
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="90pt" height="30pt" '
    'viewBox="0 0 90 30"><title>synthetic</title><metadata>synthetic</metadata><style>*{fill:red}</style>'
    '<defs><path id="p1" d="M0 0h9v9z"/><clipPath id="p10"><rect width="9" height="9"/></clipPath></defs>'
    '<use xlink:href="#p1" clip-path="url(#p10)"/></svg>'
)

DRAWN = dict.fromkeys(("figur_01", "figur_02"), (SQUARE, SQUARE))


@cache
def made(language: Language, edition: str = "2010") -> Work:
    return Work(small.catalogue(language=language, edition=edition))


@cache
def document(language: Language, edition: str = "2010") -> dict[str, Any]:
    work = made(language, edition)
    check = json.loads(json.dumps(work.checked.document))
    claims: Any = work.checked.claims.to_dict("records")
    sidecars = {name: work.store.sidecar(name) for name in work.store.lock.files}
    return report.build_model(
        work.catalogue, work.cells, work.published, check, claims, sidecars=sidecars, lock_sha256="0" * 64
    )


def unchecked(language: Language) -> dict[str, Any]:
    one = made(language)
    return report.build_model(one.catalogue, one.cells, one.published)


def objects(model: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for section in model["sections"] for entry in section["objects"]]


def cells_of(entry: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for row in entry["grid"]["rows"] for cell in row["cells"]]


def shown(entry: dict[str, Any], *, page: bool = False) -> list[str]:
    """Return what a reader meets in one object, in order; on the page a basis is drawn, not written."""
    found = [entry["label"], entry["title"], entry["subtitle"]]
    found += [column["label"] for column in entry["grid"]["columns"]]
    for row in entry["grid"]["rows"]:
        found.append(row["label"])
        for cell in row["cells"]:
            marks = [cell["marks"], cell["differs"]] if page else [cell["differs"], cell["sign"], cell["marks"]]
            found += [cell["text"], *marks, cell["printed"]]
    for note in entry["deviations"] + entry["notes"]:
        found += [note["mark"], note["text"]]
    formulas = [formula["text"] for formula in entry["formulas"]]
    if page:
        return [*found, entry["source"], *formulas, entry["example"], entry["basis"], entry["data"]]
    return [*found, entry["source"], entry["basis"], entry["data"], *formulas]


def require_in_order(wanted: list[str], text: str) -> None:
    position = 0
    for said in map(plain, wanted):
        found = text.find(said, position)
        assert found >= 0, f"{said!r} is not after {text[max(position - 60, 0) : position]!r}"
        position = found + len(said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_model_is_plain_and_the_same_every_time(language: Language) -> None:
    assert unchecked(language) == unchecked(language)
    # How wide a column is to be is no number of the report.
    text = re.sub(r'("weight": )\d+', r'\1""', json.dumps(document(language)))
    json.loads(text, parse_int=pytest.fail, parse_float=pytest.fail)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cell_is_shown_as_it_was_built_in_the_order_of_the_report(language: Language) -> None:
    one = made(language)
    order = [name for section in one.catalogue.appendix.sections for name in section.objects]
    assert [entry["id"] for entry in objects(document(language))] == order
    words = Words(one.catalogue)
    for entry in objects(document(language)):
        texts = [cell["text"].removesuffix("*") for cell in cells_of(entry) if cell["basis"] != "absent"]
        own = [cell for cell in one.cells if cell.place.object == entry["id"]]
        if entry["id"] == "figur_02":
            # Of three numbers one is known: that one, and a sentence for the others.
            assert not entry["drawn"]
            reason = one.catalogue.text(one.catalogue.labels.reasons["image_only"])
            assert entry["notes"][0]["text"] == words("few", known="1", cells="3", reason=reason)
            own = [cell for cell in own if cell.known]
        assert texts == [in_words(cell, one.catalogue.labels.words, language) for cell in own]


def test_the_first_page_counts_the_printed_numbers_by_basis() -> None:
    one = made("nb")
    printed = one.published.loc[one.published["value"].notna(), ["object", "row", "column"]]
    places = set(printed.itertuples(index=False, name=None))
    basis = Counter(cell.basis for cell in one.cells if cell.place in places)
    rows = {row["label"]: row["cells"] for row in document("nb")["front"]["basis"]["rows"]}
    words = Words(one.catalogue)
    for name in (Basis.SOURCE, Basis.RECOMPUTED, Basis.TRANSCRIBED):
        assert rows[words.basis(name)][0] == words.count(basis[name])
    assert document("nb")["front"]["basis"]["total"][0] == "29"
    filled = words("fill", filled="33", cells="35", share="94,3")
    assert document("nb")["front"]["basis"]["note"] == f"{words('basis_note_print', count='29', dashes='0')} {filled}"
    assert document("nb")["front"]["headline"] == one.checked.result.headline("nb")


def test_the_printed_number_stands_beside_exactly_those_that_differ() -> None:
    one = made("nb")
    checks = one.checked.result.checks
    wrong = checks[checks["result"].isin(["last_digit", "deviates"])]
    # One unit of the last printed decimal is no news to a reader: the check has it.
    expected = {(row.object, row.row, row.column) for row in wrong.itertuples() if row.result == "deviates"}
    found = {
        (entry["id"], row["id"], entry["grid"]["columns"][index]["id"])
        for entry in objects(document("nb"))
        for row in entry["grid"]["rows"]
        for index, cell in enumerate(row["cells"])
        if cell["differs"]
    }
    assert found == expected
    assert len(found) == one.checked.result.counts["deviates"] > 0
    table = next(entry for entry in objects(document("nb")) if entry["id"] == "tabell_01")
    cell = table["grid"]["rows"][1]["cells"][1]
    told = Words(one.catalogue)("printed_value", value="2\u202f010")
    assert (cell["text"], cell["differs"], cell["printed"]) == ("2\u202f100", "≠", told)
    assert cell["marks"].startswith("1")
    (entry,) = [item for item in one.checked.document["items"] if item["id"] == "alna_misprint"]
    assert table["deviations"][0]["text"].startswith(entry["reason"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mark_is_explained_and_every_explanation_marked(language: Language) -> None:
    for entry in objects(document(language)):
        grid = entry["grid"]
        heads = [*grid["columns"], *grid["rows"]]
        cells = [cell for row in grid["rows"] for cell in row["cells"]]
        used = {mark for item in [*heads, *cells] for mark in item["marks"].split(", ") if mark}
        explained = {note["mark"] for note in entry["deviations"] + entry["notes"]} - {"", "*"}
        assert used == explained
        ours = any(text.endswith("*") for text in [*(h["label"] for h in heads), *(c["text"] for c in cells)])
        assert ours == any(note["mark"] == "*" for note in entry["notes"])
        if any(cell["basis"] == "missing" for cell in cells):
            told = made(language).catalogue.labels.words["legend_missing"][language].partition("{")[0]
            assert any(note["text"].lower().startswith(told) for note in entry["notes"])


@pytest.mark.parametrize(
    ("places", "marked"),
    [
        ("a1 a2 a3", "a"),  # a whole row
        ("a2 b2", "2"),  # a whole column
        ("a1 b2", "a1 b2"),
        ("b1 b2 b3 a1", "b1 b2 b3 a1"),
    ],
)
def test_a_mark_stands_at_the_fewest_places_that_say_where_it_holds(places: str, marked: str) -> None:
    marks: Marks = {}
    put(marks, "x", [(at[0], at[1]) for at in places.split()], "ab", "123")
    assert " ".join(map("".join, marks)) == marked


def test_the_report_can_be_made_before_the_check() -> None:
    before = unchecked("nb")
    assert before["front"]["headline"] == ""
    assert not any(entry["deviations"] for entry in objects(before))
    assert {"audit", "claims"}.isdisjoint(chapter["id"] for chapter in before["chapters"])
    differs = [cell for entry in objects(before) for cell in cells_of(entry) if cell["differs"]]
    assert len(differs) == made("nb").checked.result.counts["deviates"]


def test_the_audit_keeps_the_order_of_the_ledger_and_the_claims_that_fail() -> None:
    one = made("nb")
    chapters = {chapter["id"]: chapter for chapter in document("nb")["chapters"]}
    numbered = [b["text"].split(".")[0] for b in chapters["audit"]["blocks"] if b["kind"] == "heading" and b["id"]]
    assert numbered == [f"{number}" for number, _ in enumerate(one.checked.result.ledger.entries, start=1)]
    tables = [block for block in chapters["claims"]["blocks"] if block["kind"] == "table"]
    failing = one.checked.claims[~one.checked.claims["verdict"].isin(["holds", "not_checkable"])]
    statements = [row[1] for block in tables[1:-1] for row in block["rows"]]
    assert Counter(statements) == Counter(failing["statement_nb"])
    assert tables[0]["rows"][-1][1:] == [f"{len(one.checked.claims)}"]


def test_every_source_of_a_number_is_described_with_licence_and_use() -> None:
    one = made("nb")
    chapter = next(chapter for chapter in document("nb")["chapters"] if chapter["id"] == "sources")
    words = Words(one.catalogue)
    terms = [block for block in chapter["blocks"] if block["kind"] == "terms"]
    served = Counter(label for block in terms for label in block["items"][-1]["text"].split(", "))
    for entry in objects(document("nb")):
        computed = words("source_none") not in entry["source"]
        assert (served[entry["label"]] > 0) == computed, entry["id"]
    for block in terms:
        keys = [item["term"] for item in block["items"]]
        told = ("publisher", "table", "obtained", "licence", "attribution", "objects")
        assert {words(f"source_{name}") for name in told} <= set(keys)


def test_region_definitions_cover_every_group() -> None:
    one = made("nb")
    chapter = next(chapter for chapter in document("nb")["chapters"] if chapter["id"] == "regions")
    found = {item["term"]: item["text"] for b in chapter["blocks"] if b["kind"] == "terms" for item in b["items"]}
    assert len(found) == len(one.catalogue.regions.groups())
    assert found["Vest"] == "Bærum, Asker."
    assert found["Groruddalen samlet"] == "Bjerke, Alna."


def test_another_edition_leaves_the_years_and_the_audit_of_the_print_out() -> None:
    other = document("nb", "2020")
    titles = [text for entry in objects(other) for text in (entry["title"], entry["subtitle"], entry["alt"])]
    assert not [text for text in titles if re.search(r"\b20(09|10)\b", text)]
    assert {"audit", "claims"}.isdisjoint(chapter["id"] for chapter in other["chapters"])
    cells = [cell for entry in objects(other) for cell in cells_of(entry)]
    assert not any(cell["differs"] or cell["printed"] for cell in cells)
    assert not any(entry["deviations"] for entry in objects(other))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_formula_is_said_in_words(language: Language) -> None:
    catalogue = load(Paths(PROJECT), {"language": language})
    words = Words(catalogue)
    for name in catalogue.appendix.objects:
        for spec in layout(name, catalogue).cells.values():
            said = formula_in_words(spec, words)
            assert said.endswith(".")
            assert "{" not in said


def test_a_missing_word_is_named() -> None:
    words = Words(made("nb").catalogue)
    with pytest.raises(ConfigError, match="the key 'contens' is missing -> did you mean 'contents'"):
        words("contens")
    assert words.listed(["a"]) == "a"
    assert re.fullmatch(r"a, b\W+\w+\W+c", words.listed(["a", "b", "c"]))


def test_a_report_opens_with_the_place_in_its_own_numbers() -> None:
    opens = document("en")["opening"]
    households, doubted, share, growth = opens["key_figures"]
    assert (households["value"], households["label"]) == ("1,525", "households in Groruddalen 2009")
    # 1 375, 1 450 and 1 525 in three years.
    assert households["trend"]["points"] == "4.0,26.0 60.0,15.0 116.0,4.0"
    assert (households["trend"]["first"], households["trend"]["last"]) == ("2007", "2009")
    assert households["beside"] == ["+10.9 per cent since 2007.", "Oslo: +7.0 per cent."]
    # A number that is known to be wrong says so, and neither a line nor a change rests on it.
    told = f"{made('en').catalogue.labels.words['legend_known_wrong']['en'].capitalize()}."
    assert (doubted["value"], doubted["trend"], doubted["beside"]) == ("1,450", {}, [told])
    # (110 + 105) of 1 100 + 2 100, beside the 315 of 6 300 in the whole.
    assert (share["value"], share["unit"], share["beside"]) == ("6.7", "per cent", ["Oslo: 5.0."])
    # Where the area has no number of its own, its parts have: 1 100 of 1 000, and 2 100 of 2 000.
    assert (growth["value"], growth["trend"]) == ("105.0 to 110.0", {})
    assert growth["beside"] == ["Lowest: Alna. Highest: Bjerke.", "Oslo: 105.0."]
    assert opens["summary"] == "Higher than in Oslo: the share of recipients."


def test_a_report_opens_with_the_gravest_findings_and_with_what_it_rests_on() -> None:
    one = made("en")
    opens = document("en")["opening"]
    assert [item["number"] for item in opens["found"]["items"]] == ["1", "2", "3", "4"]
    assert opens["found"]["headline"] == one.checked.result.headline("en")
    assert sum(int(part["count"]) for part in opens["filled"]["parts"]) == 35
    assert sum(float(part["share"]) for part in opens["filled"]["parts"]) == pytest.approx(100, abs=0.05)
    rows = {row["id"]: row["cells"] for section in document("en")["matrix"]["sections"] for row in section["rows"]}
    assert sum(int(count or 0) for row in rows.values() for count in row) == 35
    assert document("en", "2020")["opening"]["found"] == {}


def test_every_number_says_where_it_comes_from() -> None:
    one = made("en")
    origins = origins_of(one.catalogue, one.cells, one.published)["tabell_03"]
    own = [cell for cell in one.cells if cell.place.object == "tabell_03"]
    assert set(origins) == {f"{cell.place.row}-{cell.place.column}" for cell in own if cell.known}
    share = origins["bjerke-share"]
    assert (share["title"], share["value"], share["printed"]) == ("Bjerke, Share", "10", "10,0")
    top, bottom = share["parts"]
    assert (top["value"], top["lines"]) == ("110", [{"path": "oslo/welfare.csv", "where": "line 2, column recipients"}])
    assert (bottom["value"], bottom["name"]) == ("1,100", "Population, 1 January 2010")
    assert [line["path"] for line in bottom["lines"]] == ["ssb/persons.csv"]
    anchors = {source["anchor"] for source in share["sources"]}
    page_ids = set(seen("en").every("id"))
    assert anchors <= page_ids
    # A number that is not whole is written with every digit it has.
    assert origins["alna-share"]["value"] == repr(105 / 2100 * 100).removesuffix(".0")


# ---- HTML -------------------------------------------------------------------------------------------------------


@cache
def html(language: Language) -> str:
    one = made(language)
    origins = origins_of(one.catalogue, one.cells, one.published)
    return report.render_html(document(language), origins, "../../figures/2010/", DRAWN)


@cache
def seen(language: Language) -> pages.Seen:
    return pages.sound(html(language), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_one_small_file_that_needs_nothing_else(language: Language) -> None:
    text = html(language)
    assert text == html.__wrapped__(language)
    assert len(text.encode()) < 2_000_000
    assert "{" not in "".join(seen(language).text)
    # One element for programs has data, the other what a page is whole without.
    assert seen(language).all("script") == [{"type": "application/ld+json"}, {}]
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)
    assert not re.search(r'\ssrc(set)?="', text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_search_engines_what_it_is(language: Language) -> None:
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html(language), re.DOTALL)
    told = json.loads(found)
    assert told == document(language)["dataset"]
    assert (told["@context"], told["@type"], told["inLanguage"]) == ("https://schema.org", "Dataset", language)
    assert told["name"] == document(language)["title"]
    assert len(told["description"]) >= 50  # what Google's data set search asks for
    assert told["temporalCoverage"] == "2007/2010"
    files = {entry["contentUrl"] for entry in told["distribution"]}
    assert files >= {"appendix.xlsx", "tidy.csv", *(entry["data"] for entry in objects(document(language)))}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_the_structure_that_a_screen_reader_needs(language: Language) -> None:
    page, entries = seen(language), objects(document(language))
    assert {"#content", "#tabell_01", "#figur_02", *(f"data/{entry['id']}.csv" for entry in entries)} <= {
        *page.every("href")
    }
    count = Counter(tag for tag, _ in page.elements)
    assert (count["main"], count["nav"], count["header"], count["h1"]) == (1, 1, 1, 1)
    assert count["table"] == count["caption"]
    scopes = Counter(head["scope"] for head in page.all("th"))
    assert scopes["row"] >= sum(len(entry["grid"]["rows"]) for entry in entries)
    assert scopes["col"] >= sum(len(entry["grid"]["columns"]) for entry in entries)
    pictures = [attributes for attributes in page.all("svg") if attributes.get("role") == "img"]
    # One figure has too few numbers for a drawing; the other has two, of which a page shows one.
    assert count["figure"] == 1
    (alt,) = [entry["alt"] for entry in entries if entry["drawn"]]
    assert [(picture["class"], picture["aria-label"]) for picture in pictures] == [("wide", alt), ("narrow", alt)]


def test_a_figure_keeps_its_own_ids_and_leaves_the_page_alone() -> None:
    one = inline_svg(SQUARE, "figur_99", 'a "quoted" <alt>', "wide")
    label = 'aria-label="a &#34;quoted&#34; &lt;alt&gt;"'
    assert one.startswith(f'<svg xmlns="http://www.w3.org/2000/svg" role="img" class="wide" {label}')
    for kept in ('viewBox="0 0 90 30"', 'id="figur_99-p1"', 'href="#figur_99-p1"', 'id="figur_99-p10"'):
        assert kept in one
    assert "url(#figur_99-p10)" in one
    assert not re.search(r"<style|<title|<metadata|DOCTYPE|\?xml", one)
    marked = '<svg viewBox="0 0 9 9"><title>whole</title><desc>all</desc><style>@media screen{svg{--c1:#1}}</style>'
    kept = inline_svg(
        f'{marked}<path class="ground" d=""/><g id="figur_99.a"><title>a: 1</title></g></svg>', "figur_99", "", "wide"
    )
    assert re.findall(r"<title>.*?</title>|<desc|ground|@media", kept) == ["@media", "<title>a: 1</title>"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_and_title_is_in_the_page_in_order(language: Language) -> None:
    text = plain("".join(seen(language).text))
    model = document(language)
    opens = [model["subtitle"], model["title"], model["front"]["headline"], *model["front"]["lead"]]
    of_objects = [text for entry in objects(model) for text in shown(entry, page=True)]
    require_in_order([*opens, *of_objects, *(chapter["title"] for chapter in model["chapters"])], text)


def test_neither_language_has_words_of_the_other() -> None:
    catalogue = made("nb").catalogue

    def texts(value: Any) -> Iterator[dict[str, str]]:
        if isinstance(value, dict) and {"nb", "en"} == value.keys():
            yield value
        elif isinstance(value, dict | list):
            for inner in value.values() if isinstance(value, dict) else value:
                yield from texts(inner)

    told = {language: " ".join(" ".join(pages.strings(document(language))).split()) for language in LANGUAGES}
    for heading in catalogue.claims.headings:
        told["en"] = told["en"].replace(f"“{heading.title}”", "")  # the report's own are quoted
    checked = 0
    for pair in texts([catalogue.labels.model_dump(), catalogue.appendix.model_dump()]):
        # A word of both languages, or one that is filled in, says nothing.
        if pair["nb"] == pair["en"] or "{" in pair["nb"] or min(map(len, pair.values())) < 12:
            continue
        checked += 1
        assert pair["nb"] not in told["en"]
        assert pair["en"] not in told["nb"]
    assert checked > 150


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(width: int, tmp_path: Path) -> None:
    script = (
        "const frame = document.querySelector('iframe'); frame.onload = () => {"
        "const inner = frame.contentDocument;"
        "inner.querySelectorAll('details').forEach(one => one.open = true);"
        "const page = inner.documentElement.scrollWidth;"
        "document.body.textContent = `page ${page} of ${frame.contentWindow.innerWidth}`; };"
        f"frame.srcdoc = {json.dumps(html('nb'))};"
    )
    outer = f'<body><iframe style="width:{width}px;height:900px;border:0"></iframe><script>'
    (tmp_path / "page.html").write_text(outer + script.replace("</", "<\\/") + "</script>", encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--dump-dom"]
    command = ["chromium", *flags, f"--user-data-dir={tmp_path / 'profile'}", (tmp_path / "page.html").as_uri()]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    measured = re.search(r"page (\d+) of (\d+)", run.stdout)
    if measured is None:
        pytest.skip("chromium does not run here")
    assert int(measured.group(2)) == width
    assert int(measured.group(1)) <= width


@pytest.fixture(scope="module", params=LANGUAGES)
def pdf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Language, Path]:
    one, folder = made(request.param), tmp_path_factory.mktemp("pdf")
    report.render_pdf(document(request.param), folder / "appendix.pdf", pages.tables(one, folder), DRAWN)
    return request.param, folder / "appendix.pdf"


def test_a_stream_that_ends_with_a_carriage_return_is_not_cut_short() -> None:
    """A visibly synthetic file: three objects, of which the second ends ambiguously."""
    objects = [b"1 0 obj\nstream\nab\nendstream\nendobj\n", b"2 0 obj\nstream\ncd\r\nendstream\nendobj\n"]
    objects.append(b"3 0 obj\n()\nendobj\n")

    def assembled(parts: list[bytes]) -> bytes:
        body, offsets = b"%PDF-1.7\n", []
        for part in parts:
            offsets.append(len(body))
            body += part
        entries = b"".join(b"%010d 00000 n\r\n" % offset for offset in offsets)
        table = b"xref\n0 4\n0000000000 65535 f\r\n" + entries + b"trailer\n<</Size 4>>\n"
        return body + table + b"startxref\n%d\n%%%%EOF" % len(body)

    clear = [objects[0], objects[1].replace(b"\r\n", b"\r\r\n"), objects[2]]
    assert unambiguous(assembled(objects)) == assembled(clear)
    untouched = assembled([objects[0], objects[2]])
    assert unambiguous(untouched) == untouched


@POPPLER
def test_every_number_and_title_is_in_the_pdf_in_order(pdf: tuple[Language, Path]) -> None:
    model = document(pdf[0])
    text = pdf_text(pdf[1], model["words"]["page_of"])
    assert "{" not in text
    opens = [model["title"], model["subtitle"], *model["front"]["lead"], model["front"]["headline"]]
    contents = [text for entry in objects(model) for text in (entry["label"], entry["title"])]
    of_objects = [text for entry in objects(model) for text in shown(entry)]
    of_print = [chapter["title"] for chapter in model["chapters"] if chapter["id"] in {"audit", "claims"}]
    after = [chapter["title"] for chapter in model["chapters"] if chapter["title"] not in of_print]
    require_in_order([*opens, *contents, *of_objects, *after], text)
    assert len(of_print) == 2
    assert plain(of_print[1]) not in text


@POPPLER
def test_the_findings_are_a_document_of_their_own(tmp_path: Path) -> None:
    model, out = document("nb"), tmp_path / "appendix-check.pdf"
    report.render_pdf(report.of_findings(model), out)
    text = pdf_text(out, model["words"]["page_of"])
    chapters = [chapter for chapter in model["chapters"] if chapter["id"] in {"audit", "claims"}]
    blocks = [block for chapter in chapters for block in chapter["blocks"]]
    require_in_order(
        [block["text"] for block in blocks if block["kind"] in {"text", "heading"}], text[len(text) // 9 :]
    )
    assert plain(objects(model)[0]["subtitle"]) not in text
    for profile in (page.ValidationProfile.PDF_UA_1, page.ValidationProfile.PDF_A_3A):
        assert page.validate_pdf(str(out), profile=profile).is_compliant


def test_a_document_that_cannot_be_set_leaves_the_earlier_one(tmp_path: Path) -> None:
    out = tmp_path / "appendix.pdf"
    out.write_bytes(b"earlier")
    with pytest.raises(StatsError, match=r"appendix\.pdf: .*file not found"):
        report.render_pdf(document("nb"), out)
    assert out.read_bytes() == b"earlier"


def test_the_csv_files_hold_every_cell_with_all_its_digits() -> None:
    one = made("en")
    tables = {
        name: list(csv.DictReader(io.StringIO(text)))
        for name, text in object_csvs(one.catalogue, one.cells, one.published).items()
    }
    rows = [row for listed in tables.values() for row in listed]
    for row, cell in zip(rows, one.cells, strict=True):
        assert row["displayed"] == in_words(cell, one.catalogue.labels.words, "en")
        assert row["basis"] == cell.basis
        assert float(row["value"] or "nan") == pytest.approx(cell.number, nan_ok=True, rel=0, abs=0)
        assert (row["ours"] == "yes") == cell.spec.ours
    names = ("row_label", "column_label", "value", "displayed", "printed", "printed_value")
    assert [tables["tabell_01"][5][name] for name in names] == ["Oslo", "2010", "6300", "6,300", "63 00", "6300"]


# ---- as files ---------------------------------------------------------------------------------------------------


@pytest.mark.build
def test_the_manifest_has_what_a_report_was_made_of_and_every_file_of_it() -> None:
    paths = small.built()
    facts = json.loads((paths.report("2010") / "manifest.json").read_text(encoding="utf-8"))
    assert facts["commit"] is None
    assert facts["config"]["edition"]["years"]["welfare"] == 2010
    assert facts["lock_sha256"] == sha256(paths.lock)
    assert facts["packages"]["typst"].startswith("0.15")
    folders = {"report/2010": paths.report("2010"), "figures/2010": paths.figures("2010")}
    files = {
        f"{name}/{path.relative_to(folder).as_posix()}": path
        for name, folder in folders.items()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert facts["outputs"] == {name: sha256(path) for name, path in files.items()}
    assert not [text for text in pages.strings(facts) if str(paths.root) in text]


def test_the_commit_of_a_repository_is_known_and_whether_files_differ(tmp_path: Path) -> None:
    assert revision(tmp_path) is None
    git = ["git", "-C", str(tmp_path), "-c", "user.name=test", "-c", "user.email=test@example.org"]
    write_text(tmp_path / "file", "one")
    for words in (["init", "-q"], ["add", "file"], ["commit", "-q", "-m", "test"]):
        subprocess.run([*git, *words], check=True)
    clean = revision(tmp_path)
    assert clean is not None
    assert re.fullmatch(r"[0-9a-f]{40}", clean[0])
    write_text(tmp_path / "file", "two")
    assert (clean[2], revision(tmp_path)) == (False, (*clean[:2], True))

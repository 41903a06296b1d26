"""The site: reports as they were built, a front page whose links all arrive, and no run that takes the others along."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import small
from groruddalen_stats.catalogue import load
from groruddalen_stats.errors import StatsError
from groruddalen_stats.paths import Paths
from groruddalen_stats.raw.store import Store
from groruddalen_stats.report.html import TEMPLATES, page_templates
from groruddalen_stats.report.manifest import revision
from groruddalen_stats.stages import site
from groruddalen_stats.stages.changes import changed, write_feed
from groruddalen_stats.stages.documents import write_documents

RUNS = """runs: [{edition: "2020"}, {edition: "2010"}]
areas: {area: groruddalen, edition: "2020"}
columns:
  - {object: tabell_01, column: last, label: {nb: Befolkning, en: Population}, short: {nb: folketallet, en: population}}
"""
REPORT = {"r": {"title": "R", "language": "nb"}}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    paths = small.place(tmp_path_factory.mktemp("site"))
    paths.config.joinpath("site.yaml").write_text(RUNS, encoding="utf-8")
    (paths.root / "README.md").write_text("# A small project\n", encoding="utf-8")
    small.copy_shipped(paths.root, ["data/raw/boundaries/oslo"])
    Store(paths).relock()
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for words in (("init", "-q"), ("add", "README.md"), (*author, "commit", "-q", "-m", "A small project")):
        subprocess.run(["git", *words], cwd=paths.root, check=True)
    assert site.make(paths, "https://example.org/g") == []
    return paths


@pytest.mark.build
def test_every_link_of_every_page_arrives_inside_the_folder(made: Paths) -> None:
    folder = made.root / "site"
    pages = {page: page.read_text(encoding="utf-8") for page in sorted(folder.rglob("*.html"))}
    ids = {page: set(re.findall(r'\bid="([^"]+)"', text)) for page, text in pages.items()}
    links: dict[str, set[str]] = {}
    for page, text in pages.items():
        for path, anchor in re.findall(r'(?:href|src)="([^"#]*)(?:#([^"]*))?"', text):
            if path.startswith(("http:", "https:", "mailto:", "data:")):
                continue
            links.setdefault(page.relative_to(folder).as_posix(), set()).add(path)
            target = (page.parent / path).resolve() if path else page
            assert target.is_file(), f"{page.name}: {path}"
            assert target.is_relative_to(folder)
            if anchor and target.suffix == ".html":
                assert anchor in ids[target], f"{page.name}: {path}#{anchor}"
    reports = {"2010/appendix.html", "2010-en/appendix.html", "2010/appendix.pdf", "2020/appendix.html"}
    # An appendix and a profile of each area, and a page where they stand side by side.
    assert reports | {"areas/index.html", "areas/alna.html", "data/appendix.zip"} <= links["index.html"]
    assert reports <= links["index.en.html"]
    assert {"../2020-alna-en/appendix.html", "../index.en.html"} <= links["areas/alna.en.html"]
    front = pages[folder / "index.html"]
    # The newest first, as the file says, and the report's own with what its check came to.
    assert front.index('id="2020"') < front.index('id="2010"')
    assert front.count("bekreftet av en uavhengig kilde") == 1
    assert not re.search(r'(?:href|src)="(?:https?:|/)', front)
    listed = re.findall("<loc>https://example.org/g/(.+?)</loc>", (folder / "sitemap.xml").read_text(encoding="utf-8"))
    assert {folder / name for name in listed} == pages.keys() - {folder / "404.html"}


@pytest.mark.build
def test_what_is_shown_is_what_was_built(made: Paths) -> None:
    catalogue = load(made, {"edition": "2010", "language": "en"})
    own = made.report(catalogue.reader_name)
    shown = made.root / "site" / "2010-en"
    for file in (path for path in own.rglob("*") if path.is_file() and path.suffix != ".html"):
        assert (shown / file.relative_to(own)).read_bytes() == file.read_bytes()
    assert (shown / "figures" / "figur_01.svg").is_file()
    # A page has the bar of the site besides, and the raw files of its numbers beside it.
    page = (shown / "appendix.html").read_text(encoding="utf-8")
    assert '<a href="../2010/appendix.html" lang="nb" hreflang="nb">' in page
    found = revision(made.root)
    assert found is not None
    assert f"Built by version {found[0][:12]} of the code of {found[1][:10]}." in page
    raw = made.root / "site" / "raw" / "oslo" / "welfare.csv"
    assert raw.read_bytes() == (made.raw / "oslo" / "welfare.csv").read_bytes()


def test_a_document_links_only_to_what_the_site_has(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text(
        "# Start\n\n[more](docs/more.md#here), [code](src/), [far](https://example.org)\n", encoding="utf-8"
    )
    (tmp_path / "docs" / "more.md").write_text("# More\n\n## Here\n\n[back](../README.md)\n", encoding="utf-8")
    words = {"skip": "", "site_title": "", "site_documents": ""}
    listed = write_documents(tmp_path, tmp_path / "site", page_templates(TEMPLATES), words)
    assert listed == [("readme.html", "Start"), ("more.html", "More")]
    start, more = ((tmp_path / "site" / name).read_text(encoding="utf-8") for name, _ in listed)
    assert '<a href="more.html#here">more</a>, code, <a href="https://example.org">far</a>' in start
    assert '<h2 id="here">Here</h2>' in more
    assert '<a href="readme.html">back</a>' in more


def test_a_new_site_says_which_numbers_it_changes(tmp_path: Path) -> None:
    rows = {"old": "a,x,1\na,y,\na,z,3\n", "new": "a,x,2\na,y,5\n"}
    for name, text in rows.items():
        (tmp_path / name / "r" / "data").mkdir(parents=True)
        (tmp_path / name / "r" / "data" / "t.csv").write_text(f"row,column,value\n{text}", encoding="utf-8")
    old, new, revision = tmp_path / "old", tmp_path / "new", ("c0ffee", "2026-01-02T03:04:05Z", False)
    # The first site has nothing to be compared with.
    assert changed(old, new, REPORT, revision) == []
    (old / "changes.json").write_text("[]", encoding="utf-8")
    (change,) = changed(old, new, REPORT, revision)
    assert change["reports"] == [{"folder": "r", **REPORT["r"], "new": False, "other": 1, "added": 1, "gone": 1}]
    assert changed(new, new, REPORT, revision) == [change]
    write_feed(new / "feed.xml", "Feed", "https://example.org/", [change], ["one other"])
    feed = ET.fromstring((new / "feed.xml").read_text(encoding="utf-8"))  # noqa: S314 - our own output
    told = {element.tag.rpartition("}")[2]: element.text for element in feed.iter()}
    assert (told["updated"], told["summary"]) == ("2026-01-02T03:04:05Z", "one other")


@pytest.mark.build
def test_a_run_that_fails_is_named_and_left_out_and_does_not_stop_the_others(made: Paths) -> None:
    wrong = '  - {edition: "1990"}\n'
    made.config.joinpath("site.yaml").write_text('runs:\n  - {edition: "2010"}\n' + wrong, encoding="utf-8")
    faults = site.make(made)
    assert {fault.what for fault in faults} == {"there is no edition '1990'"}
    assert all(fault.where.startswith("1990") for fault in faults)
    assert not (made.root / "site" / "2020").exists()
    assert (made.root / "site" / "2010" / "appendix.html").is_file()
    made.config.joinpath("site.yaml").write_text("runs:\n" + wrong, encoding="utf-8")
    with pytest.raises(StatsError, match="there is no edition '1990'"):
        site.make(made)
    # Where nothing can be built, the last good folder stays.
    assert (made.root / "site" / "2010" / "appendix.html").is_file()
    made.config.joinpath("site.yaml").write_text(RUNS, encoding="utf-8")

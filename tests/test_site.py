"""The site: reports as they were built, a front page whose links all arrive, and no run that takes the others along."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import small
from groruddalen_stats.catalogue import load
from groruddalen_stats.errors import StatsError
from groruddalen_stats.paths import Paths
from groruddalen_stats.stages import site

RUNS = 'runs: [{edition: "2020"}, {edition: "2010"}]\n'


def links(page: Path) -> set[str]:
    """Return the files that a page links to, without places on the page itself."""
    found = re.findall(r'href="([^"#]+)(?:#[^"]*)?"', page.read_text(encoding="utf-8"))
    return {link for link in found if not link.startswith(("data:", "mailto:"))}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Paths:
    paths = small.place(tmp_path_factory.mktemp("site"))
    paths.config.joinpath("site.yaml").write_text(RUNS, encoding="utf-8")
    assert site.make(paths) == []
    return paths


@pytest.mark.build
def test_every_link_of_the_front_page_arrives_inside_the_folder(made: Paths) -> None:
    folder = made.root / "site"
    for name in ("index.html", "index.en.html"):
        found = links(folder / name)
        assert {"2010/appendix.html", "2010-en/appendix.html", "2010/appendix.pdf", "2020/appendix.html"} <= found
        assert [link for link in found if link.startswith(("http", "/")) or not (folder / link).is_file()] == []
    page = (folder / "index.html").read_text(encoding="utf-8")
    # The newest first, as the file says, and the report's own with what its check came to.
    assert page.index('id="2020"') < page.index('id="2010"')
    assert page.count('class="headline"') == 1
    assert "src=" not in page
    assert (folder / "404.html").is_file()


@pytest.mark.build
def test_what_is_shown_is_what_was_built(made: Paths) -> None:
    catalogue = load(made, {"edition": "2010", "language": "en"})
    own = made.report(catalogue.reader_name)
    shown = made.root / "site" / "2010-en"
    for file in (path for path in own.rglob("*") if path.is_file()):
        assert (shown / file.relative_to(own)).read_bytes() == file.read_bytes()
    assert (shown / "figures" / "figur_01.svg").is_file()


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

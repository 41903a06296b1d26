"""One folder that any web server can show: the reports that config/site.yaml names, and a front page to start from."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, get_args

from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.config.load import load_model
from groruddalen_stats.config.models import Place
from groruddalen_stats.config.site import Site, SiteRun
from groruddalen_stats.errors import Fault, StatsError
from groruddalen_stats.numbers import Language
from groruddalen_stats.paths import Paths, write_text
from groruddalen_stats.report.html import TEMPLATES, page_templates
from groruddalen_stats.report.manifest import revision
from groruddalen_stats.report.words import Words
from groruddalen_stats.stages.build import build
from groruddalen_stats.stages.changes import changed, write_feed
from groruddalen_stats.stages.documents import write_documents
from groruddalen_stats.stages.ranked import head, rows, table_of

LANGUAGES: tuple[Language, ...] = get_args(Language)
_PAGES = {"nb": "index.html", "en": "index.en.html"}
_RAW = re.compile(r'href="../../data/raw/([^"#]+)"')
_RECENT = 5


@dataclass(frozen=True)
class _Built:
    """A run that was built, in one language."""

    catalogue: Catalogue
    folder: str

    @property
    def fill(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._file("fill.json"))
        return told

    def _file(self, name: str) -> str:
        return (self.catalogue.paths.report(self.catalogue.reader_name) / name).read_text(encoding="utf-8")

    @property
    def found(self) -> str:
        """What the check of the report came to, in the run that rebuilds it."""
        if not self.catalogue.is_print:
            return ""
        headline = json.loads(self._file("check.json"))["headline"]
        return headline if isinstance(headline, str) else " ".join(headline)


def make(paths: Paths, url: str = "") -> list[Fault]:
    """Build every run of config/site.yaml in every language, and put ``site/`` in place; return what failed.

    A run that fails does not take the others along; it is left out of the site, and what was there before stays until
    the new folder is whole.

    Args:
        paths: the project.
        url: where the site will be, for what can only be said with a whole address; else that of config/site.yaml.

    Raises:
        ConfigError: when config/site.yaml is wrong.
        StatsError: when nothing could be built.
    """
    site = load_model(Site, paths.config / "site.yaml")
    listed = [*site.runs, *_parts(site, paths)]
    wanted = [(run, language) for run in listed for language in LANGUAGES]
    built: dict[tuple[int, Language], _Built] = {}
    faults: list[Fault] = []
    for number, (run, language) in enumerate(wanted, start=1):
        settings = {**run.model_dump(exclude_none=True), "language": language}
        try:
            catalogue = load(paths, settings)
            sys.stderr.write(f"[{number}/{len(wanted)}] {catalogue.reader_name}\n")
            # What each run lacks is on its own page.
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                build(paths, settings, "place")
        except StatsError as error:
            faults += [
                Fault(fault.what, f"{run.edition} {run.area or ''}: {fault.where}", fault.remedy)
                for fault in error.faults
            ]
            continue
        built[listed.index(run), language] = _Built(catalogue, catalogue.reader_name.replace("+", "-"))
    if not built:
        raise StatsError(faults=faults)
    address = url or site.url
    _write(paths, site, built, len(site.runs), f"{address.rstrip('/')}/" if address else "")
    return faults


def _parts(site: Site, paths: Paths) -> list[SiteRun]:
    if site.areas is None:
        return []
    area = load(paths, site.areas.model_dump(exclude_none=True)).area
    return [SiteRun(edition=site.areas.edition, area=part) for part in area.parts]


def _write(paths: Paths, site: Site, built: Mapping[tuple[int, Language], _Built], runs: int, url: str) -> None:
    target, beside = paths.root / "site", paths.root / "site.part"
    shutil.rmtree(beside, ignore_errors=True)
    table = table_of(site, paths)
    templates = page_templates(TEMPLATES)
    for (number, language), one in built.items():
        spoken = {other: built[number, other].folder for other in LANGUAGES if (number, other) in built}
        _place(one, beside, {key: folder for key, folder in spoken.items() if key != language}, url)
    titles = {one.folder: one.catalogue.edition.title[language] for (_, language), one in built.items()}
    changes = changed(target, beside, titles, revision(paths.root))
    models = {language: _model(site, built, runs, language, table) for language in LANGUAGES}
    words = models["en"]["words"]
    documents = write_documents(paths.root, beside / "docs", templates, words)
    for language, model in models.items():
        told = [_told(change, model["words"]) for change in changes]
        model |= {"changes": told[:_RECENT], "documents": documents, "url": url}
        write_text(beside / _PAGES[language], templates.get_template("site.html.j2").render(model))
        if language == LANGUAGES[0]:
            write_feed(beside / "feed.xml", model["words"]["site_title"], url, changes, [text for _, text in told])
    write_text(beside / "404.html", templates.get_template("404.html.j2").render(models[LANGUAGES[0]]))
    if url:
        pages = sorted(
            path.relative_to(beside).as_posix() for path in beside.rglob("*.html") if path.name != "404.html"
        )
        write_text(beside / "sitemap.xml", _sitemap(url, pages))
        write_text(beside / "robots.txt", f"User-agent: *\nAllow: /\nSitemap: {url}sitemap.xml\n")
    old = paths.root / "site.old"
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    beside.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _place(one: _Built, beside: Path, others: Mapping[Language, str], url: str) -> None:
    """Copy a report into the site, with the bar that all pages have, and links that arrive inside the site."""
    catalogue = one.catalogue
    name, words = catalogue.reader_name, Words(catalogue)
    folder = beside / one.folder
    shutil.copytree(catalogue.paths.report(name), folder)
    shutil.copytree(catalogue.paths.figures(name), folder / "figures")
    for page in sorted(folder.glob("*.html")):
        text = page.read_text(encoding="utf-8")
        text = text.replace(f'href="../../figures/{name}/', 'href="figures/')
        for path in sorted(set(_RAW.findall(text))):
            shown = beside / "raw" / path
            if not shown.exists():
                shown.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(catalogue.paths.raw / path, shown)
        text = text.replace('href="../../data/raw/', 'href="../raw/')
        page.write_text(_in_site(text, page.name, words, others, url, one), encoding="utf-8")


def _in_site(text: str, page: str, words: Words, others: Mapping[Language, str], url: str, one: _Built) -> str:
    """Return a page with the bar of the site, its other languages and what a link to it shows elsewhere."""
    links = [(f"../{_PAGES[words.language]}", words("site_title"), words.language)]
    links += [(f"../{folder}/{page}", words(f"site_in_{other}"), other) for other, folder in others.items()]
    bar = " ".join(
        f'<a href="{href}" lang="{spoken}" hreflang="{spoken}">{escape(said)}</a>' for href, said, spoken in links
    )
    title = escape(one.catalogue.edition.title[words.language])
    head = f'<meta property="og:title" content="{title}">\n<meta property="og:type" content="article">\n'
    head += '<link rel="alternate" type="application/atom+xml" href="../feed.xml">\n'
    picture = next(iter(sorted((one.catalogue.paths.figures(one.catalogue.reader_name)).glob("*_05.png"))), None)
    if url and picture is not None:
        head += f'<meta property="og:image" content="{url}{one.folder}/figures/{picture.name}">\n'
    bar = f'<nav class="site" aria-label="{escape(words("site_title"))}">{bar}</nav>'
    return text.replace("<!-- site -->", bar, 1).replace("</head>", f"{head}</head>", 1)


def _told(change: Mapping[str, Any], words: Mapping[str, str]) -> tuple[str, str]:
    """Return the day of a change and what it changed."""
    parts = []
    for report in change["reports"]:
        said = words["site_changed"]
        for key in ("title", "other", "added", "gone"):
            said = said.replace(f"{{{key}}}", f"{report[key]}")
        parts.append(said)
    return str(change["moment"])[:10], " ".join(parts)


def _sitemap(url: str, pages: Sequence[str]) -> str:
    listed = "".join(f"<url><loc>{escape(url + page)}</loc></url>\n" for page in pages)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{listed}</urlset>\n'
    )


def _model(
    site: Site,
    built: Mapping[tuple[int, Language], _Built],
    runs: int,
    language: Language,
    table: tuple[Catalogue, dict[Place, Cell]] | None,
) -> dict[str, Any]:
    first = next(one for (_, spoken), one in built.items() if spoken == language)
    parts = {
        one.catalogue.area.parts[0]: one.folder
        for (number, spoken), one in built.items()
        if number >= runs and spoken == language
    }
    return {
        "language": language,
        "words": Words(first.catalogue).every(),
        "other": next((_PAGES[other], other) for other in LANGUAGES if other != language),
        "runs": [
            _run(one, {spoken: built[number, spoken].folder for spoken in LANGUAGES if (number, spoken) in built})
            for (number, spoken), one in built.items()
            if number < runs and spoken == language
        ],
        "columns": [] if table is None else [head(column, *table, language) for column in site.columns],
        "rows": [] if table is None else rows(site.columns, *table, parts, language),
        "areas_title": "" if table is None else table[0].edition.title[language],
    }


def _run(one: _Built, folders: Mapping[str, str]) -> dict[str, Any]:
    fill = one.fill
    return {
        "title": one.catalogue.edition.title[one.catalogue.run.language],
        "fill": Words(one.catalogue).fill(fill["filled"], fill["cells"], fill["percent"]),
        "found": one.found,
        "folder": one.folder,
        "folders": dict(folders),
        "check": one.catalogue.is_print,
    }

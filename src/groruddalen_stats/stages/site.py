"""One folder that any web server can show: the reports that config/site.yaml names, and a front page to start from."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, get_args

from groruddalen_stats import workflow
from groruddalen_stats.batches import batches_of
from groruddalen_stats.batches import page as page_of
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.config.load import load_model
from groruddalen_stats.config.site import Site
from groruddalen_stats.errors import Fault, StatsError
from groruddalen_stats.numbers import Language
from groruddalen_stats.paths import Paths, write_text
from groruddalen_stats.report.html import TEMPLATES, page_templates
from groruddalen_stats.report.manifest import revision
from groruddalen_stats.report.words import Words
from groruddalen_stats.stages import areas, side_by_side, takeaway
from groruddalen_stats.stages.build import build
from groruddalen_stats.stages.changes import changed, write_feed
from groruddalen_stats.stages.documents import write_documents

LANGUAGES: tuple[Language, ...] = get_args(Language)
_PAGES = {"nb": "index.html", "en": "index.en.html"}
_RAW = re.compile(r'href="../../data/raw/([^"#]+)"')
_SKIP = re.compile(r'<a class="skip".*?</a>')
_RECENT = 5


@dataclass(frozen=True)
class _Built:
    """A run that was built, in one language."""

    catalogue: Catalogue

    @property
    def folder(self) -> str:
        """The name of its folder in the site: a plus sign would be a blank to some servers."""
        return self.catalogue.reader_name.replace("+", "-")

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
    wanted = [(run, language) for run in site.runs for language in LANGUAGES]
    built: dict[tuple[str, Language], _Built] = {}
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
            named = f"{run.edition} {run.area or ''}"
            faults += [Fault(fault.what, f"{named}: {fault.where}", fault.remedy) for fault in error.faults]
            continue
        built[f"run {site.runs.index(run)}", language] = _Built(catalogue)
    index = _areas(site, paths, built, faults)
    if not built:
        raise StatsError(faults=faults)
    address = url or site.url
    _write(paths, built, index, f"{address.rstrip('/')}/" if address else "")
    return faults


def _areas(site: Site, paths: Paths, built: dict[tuple[str, Language], _Built], faults: list[Fault]) -> Path | None:
    """Build an appendix for each area of the site's set, and return the folder of the pages that they stand on together."""
    if site.areas is None:
        return None
    pages = None
    for language in LANGUAGES:
        settings = {**site.areas.model_dump(exclude_none=True), "language": language}
        settings["set"] = settings.pop("area")
        try:
            settings = dict(workflow.settings_of(settings, paths.config / "config.yaml"))
            # Orders and notes name files below the project folder.
            with chdir(paths.root):
                batches = batches_of(settings, Paths(Path()))
                batches.place()
            for name in batches.listed:
                areas.build(paths, settings, name)
            with chdir(paths.root):
                failed = dict(batches_of(settings, Paths(Path())).failed())
            faults += [Fault(what, area) for area, what in failed.items()]
            for area in batches.areas:
                if area not in failed:
                    built[area, language] = _Built(load(paths, batches.of(area)))
            if language == LANGUAGES[0]:
                pages = paths.root / batches.pages
                with suppress(StatsError):  # Whichever failed is told above.
                    side_by_side.write(paths, settings)
        except StatsError as error:
            faults += error.faults
    return pages if pages and pages.is_dir() else None


def _write(paths: Paths, built: Mapping[tuple[str, Language], _Built], index: Path | None, url: str) -> None:
    target, beside = paths.root / "site", paths.root / "site.part"
    shutil.rmtree(beside, ignore_errors=True)
    templates = page_templates(TEMPLATES)
    version = revision(paths.root)
    for (number, language), one in built.items():
        spoken = {other: built[number, other].folder for other in LANGUAGES if (number, other) in built}
        _place(one, beside, {key: folder for key, folder in spoken.items() if key != language}, url, version)
    if index is not None:
        _place_index(index, beside / "areas", built)
    titles = {
        one.folder: {"title": one.catalogue.edition.title[language], "language": language}
        for (_, language), one in built.items()
    }
    changes = changed(target, beside, titles, version)
    takeaway.collect(paths, {one.folder for one in built.values()}, beside / "data")
    data = sorted(path.name for path in (beside / "data").iterdir())
    models = {language: _model(built, language) for language in LANGUAGES}
    words = models["en"]["words"]
    documents = write_documents(paths.root, beside / "docs", templates, words)
    for language, model in models.items():
        told = [_told(change, model["words"], language) for change in changes]
        model |= {"changes": told[:_RECENT], "documents": documents, "url": url, "data": data}
        model["areas_index"] = "" if index is None else f"areas/{_PAGES[language]}"
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


def _place(
    one: _Built, beside: Path, others: Mapping[Language, str], url: str, version: tuple[str, str] | None
) -> None:
    """Copy a report into the site, with the bar that all pages have, and links that arrive inside the site."""
    catalogue = one.catalogue
    name, words = catalogue.reader_name, Words(catalogue)
    folder = beside / one.folder
    made = "" if version is None else words("site_built", commit=version[0][:12], moment=version[1][:10])
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
        if made:
            text = text.replace("</body>", f'<footer class="site"><span>{escape(made)}</span></footer>\n</body>', 1)
        page.write_text(_in_site(text, page.name, words, others, url, one), encoding="utf-8")


def _place_index(index: Path, folder: Path, built: Mapping[tuple[str, Language], _Built]) -> None:
    """Copy the pages of the areas into the site, each with links to the report in its own language."""
    shutil.copytree(index, folder)
    words_of = {spoken: Words(one.catalogue) for (_, spoken), one in built.items()}
    for path in sorted(folder.glob("*.html")):
        language: Language = "en" if path.name.endswith(".en.html") else "nb"
        text = path.read_text(encoding="utf-8")
        for (area, spoken), one in built.items():
            if spoken == LANGUAGES[0] and (area, language) in built:
                own = built[area, language]
                text = text.replace(f"../../{one.catalogue.reader_name}/", f"../{own.folder}/")
        words = words_of[language]
        path.write_text(
            _barred(text, [(f"../{_PAGES[language]}", words("site_title"), language)], words), encoding="utf-8"
        )


def _barred(text: str, links: Sequence[tuple[str, str, str]], words: Words) -> str:
    """Return a page with the bar of the site, before all else but the link that skips it."""
    anchors = " ".join(
        f'<a href="{href}" lang="{code}" hreflang="{code}">{escape(said)}</a>' for href, said, code in links
    )
    bar = f'<nav class="site" aria-label="{escape(words("site_title"))}">{anchors}</nav>'
    return _SKIP.sub(lambda found: f"{found[0]}\n{bar}", text, count=1)


def _in_site(text: str, page: str, words: Words, others: Mapping[Language, str], url: str, one: _Built) -> str:
    """Return a page with the bar of the site, its other languages and what a link to it shows elsewhere."""
    links = [(f"../{_PAGES[words.language]}", words("site_title"), words.language)]
    links += [(f"../{folder}/{page}", words(f"site_in_{other}"), other) for other, folder in others.items()]
    title = escape(one.catalogue.edition.title[words.language])
    head = f'<meta property="og:title" content="{title}">\n<meta property="og:type" content="article">\n'
    head += '<link rel="alternate" type="application/atom+xml" href="../feed.xml">\n'
    picture = next(iter(sorted((one.catalogue.paths.figures(one.catalogue.reader_name)).glob("*_05.png"))), None)
    if url and picture is not None:
        head += f'<meta property="og:image" content="{url}{one.folder}/figures/{picture.name}">\n'
    return _barred(text.replace("</head>", f"{head}</head>", 1), links, words)


def _told(change: Mapping[str, Any], words: Mapping[str, str], language: Language) -> tuple[str, str]:
    """Return the day of a change and what it changed, in the reports of one language."""
    own = [report for report in change["reports"] if report["language"] == language]
    parts = []
    for report in (report for report in own if not report["new"]):
        said = words["site_changed"]
        for key in ("title", "other", "added", "gone"):
            said = said.replace(f"{{{key}}}", f"{report[key]}")
        parts.append(said)
    if new := sum(report["new"] for report in own):
        parts.append(words["site_new"].replace("{count}", f"{new}"))
    return str(change["moment"])[:10], " ".join(parts)


def _sitemap(url: str, pages: Sequence[str]) -> str:
    listed = "".join(f"<url><loc>{escape(url + page)}</loc></url>\n" for page in pages)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{listed}</urlset>\n'
    )


def _model(built: Mapping[tuple[str, Language], _Built], language: Language) -> dict[str, Any]:
    own = {key: one for (key, spoken), one in built.items() if spoken == language}
    return {
        "language": language,
        "words": Words(next(iter(own.values())).catalogue).every(),
        "other": next((_PAGES[other], other) for other in LANGUAGES if other != language),
        "runs": [
            _run(one, {spoken: built[key, spoken].folder for spoken in LANGUAGES if (key, spoken) in built})
            for key, one in own.items()
            if key.startswith("run ")
        ],
        "areas": [
            {"name": one.catalogue.area.name[language], "page": f"areas/{page_of(key, language)}"}
            for key, one in own.items()
            if not key.startswith("run ")
        ],
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

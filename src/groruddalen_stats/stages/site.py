"""One folder that any web server can show: the reports that config/site.yaml names, and a front page to start from."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from html import escape
from pathlib import Path
from typing import Any, get_args

from groruddalen_stats.areas import settings_of
from groruddalen_stats.batches import batches_of
from groruddalen_stats.batches import page as page_of
from groruddalen_stats.catalogue import Catalogue, load
from groruddalen_stats.config.load import load_model
from groruddalen_stats.config.site import Site
from groruddalen_stats.errors import Fault, StatsError
from groruddalen_stats.numbers import Language
from groruddalen_stats.paths import Paths, write_text
from groruddalen_stats.report import headline_of
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
_SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{}</urlset>
"""
_RECENT = 5

Spoken = dict[Language, Catalogue]
"""A run that was built, in each of its languages."""


def make(paths: Paths, url: str = "") -> list[Fault]:
    """Build every run of config/site.yaml in every language, and put ``site/`` in place; return what failed.

    A run that fails does not take the others along; it is left out of the site, and what was there before stays until
    the new folder is whole. ``url`` is where the site will be, for what can only be said with a whole address; else
    that of config/site.yaml.

    Raises:
        ConfigError: when config/site.yaml is wrong.
        StatsError: when nothing could be built.
    """
    site = load_model(Site, paths.config / "site.yaml")
    runs: list[Spoken] = [{} for _ in site.runs]
    faults: list[Fault] = []
    wanted = [(run, built, language) for run, built in zip(site.runs, runs, strict=True) for language in LANGUAGES]
    for number, (run, built, language) in enumerate(wanted, start=1):
        settings = {**run.model_dump(exclude_none=True), "language": language}
        try:
            catalogue = load(paths, settings)
            sys.stderr.write(f"[{number}/{len(wanted)}] {catalogue.reader_name}\n")
            # What each run lacks is on its own page.
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                build(paths, settings, "place")
            built[language] = catalogue
        except StatsError as error:
            named = f"{run.edition} {run.area or ''}"
            faults += [Fault(fault.what, f"{named}: {fault.where}", fault.remedy) for fault in error.faults]
    of_areas: dict[str, Spoken] = {}
    index = _areas(site, paths, of_areas, faults)
    runs = [built for built in runs if built]
    if not runs and not of_areas:
        raise StatsError(faults=faults)
    address = url or site.url
    _write(paths, runs, of_areas, index, f"{address.rstrip('/')}/" if address else "")
    return faults


def _areas(site: Site, paths: Paths, built: dict[str, Spoken], faults: list[Fault]) -> Path | None:
    """Build an appendix for each area of the site's set, and return the folder of the pages that they stand on together."""
    if site.areas is None:
        return None
    pages = None
    for language in LANGUAGES:
        settings = {**site.areas.model_dump(exclude_none=True), "language": language}
        settings["set"] = settings.pop("area")
        try:
            settings = settings_of(settings, paths.config)
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
                    built.setdefault(area, {})[language] = load(paths, batches.of(area))
            if language == LANGUAGES[0]:
                pages = paths.root / batches.pages
                with suppress(StatsError):  # Whichever failed is told above.
                    side_by_side.write(paths, settings)
        except StatsError as error:
            faults += error.faults
    return pages if pages and pages.is_dir() else None


def _write(paths: Paths, runs: list[Spoken], of_areas: Mapping[str, Spoken], index: Path | None, url: str) -> None:
    target, beside = paths.root / "site", paths.root / "site.part"
    shutil.rmtree(beside, ignore_errors=True)
    templates = page_templates(TEMPLATES)
    version = revision(paths.root)
    for spoken in [*runs, *of_areas.values()]:
        for catalogue in spoken.values():
            _place(catalogue, beside, spoken, url, version)
    if index is not None:
        _place_index(index, beside / "areas", of_areas)
    listed = [catalogue for spoken in runs for catalogue in spoken.values()]
    listed += [spoken[language] for language in LANGUAGES for spoken in of_areas.values() if language in spoken]
    titles = {
        _folder(catalogue): {"title": _title(catalogue), "language": catalogue.run.language} for catalogue in listed
    }
    changes = changed(target, beside, titles, version)
    takeaway.collect(paths, set(titles), beside / "data")
    words = {language: Words(next(one for one in listed if one.run.language == language)) for language in LANGUAGES}
    model: dict[str, Any] = {
        "documents": write_documents(paths.root, beside / "docs", templates, words["en"].every()),
        "data": sorted(path.name for path in (beside / "data").iterdir()),
        "url": url,
    }
    for language in reversed(LANGUAGES):
        told = [_told(change, words[language], language) for change in changes]
        model |= {
            "language": language,
            "words": words[language].every(),
            "other": next((_PAGES[other], other) for other in LANGUAGES if other != language),
            "runs": [_run(spoken[language], spoken) for spoken in runs if language in spoken],
            "areas": [
                {"name": spoken[language].area.name[language], "page": f"areas/{page_of(key, language)}"}
                for key, spoken in of_areas.items()
                if language in spoken
            ],
            "areas_index": "" if index is None else f"areas/{_PAGES[language]}",
            "changes": told[:_RECENT],
        }
        write_text(beside / _PAGES[language], templates.get_template("site.html.j2").render(model))
    # In the first language, which is the last of the loop.
    write_feed(beside / "feed.xml", words[LANGUAGES[0]]("site_title"), url, changes, [text for _, text in told])
    write_text(beside / "404.html", templates.get_template("404.html.j2").render(model))
    if url:
        pages = sorted(path.relative_to(beside).as_posix() for path in beside.rglob("*.html"))
        listed_pages = "".join(f"<url><loc>{escape(url + page)}</loc></url>\n" for page in pages if page != "404.html")
        write_text(beside / "sitemap.xml", _SITEMAP.format(listed_pages))
        write_text(beside / "robots.txt", f"User-agent: *\nAllow: /\nSitemap: {url}sitemap.xml\n")
    old = paths.root / "site.old"
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    beside.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _folder(catalogue: Catalogue) -> str:
    """Return the name of a run's folder in the site: a plus sign would be a blank to some servers."""
    return catalogue.reader_name.replace("+", "-")


def _title(catalogue: Catalogue) -> str:
    return catalogue.edition.title[catalogue.run.language]


def _place(catalogue: Catalogue, beside: Path, spoken: Spoken, url: str, version: tuple[str, str, bool] | None) -> None:
    """Copy a report into the site, with the bar that all pages have, and links that arrive inside the site."""
    name, words = catalogue.reader_name, Words(catalogue)
    folder = beside / _folder(catalogue)
    shutil.copytree(catalogue.paths.report(name), folder)
    shutil.copytree(catalogue.paths.figures(name), folder / "figures")
    # What a link to a page shows elsewhere.
    head = f'<meta property="og:title" content="{escape(_title(catalogue))}">\n'
    head += '<meta property="og:type" content="article">\n'
    head += '<link rel="alternate" type="application/atom+xml" href="../feed.xml">\n'
    picture = next(iter(sorted(catalogue.paths.figures(name).glob("*_05.png"))), None)
    if url and picture is not None:
        head += f'<meta property="og:image" content="{url}{_folder(catalogue)}/figures/{picture.name}">\n'
    for page in sorted(folder.glob("*.html")):
        text = page.read_text(encoding="utf-8")
        text = text.replace(f'href="../../figures/{name}/', 'href="figures/')
        for path in sorted(set(_RAW.findall(text))):
            shown = beside / "raw" / path
            if not shown.exists():
                shown.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(catalogue.paths.raw / path, shown)
        text = text.replace('href="../../data/raw/', 'href="../raw/').replace("</head>", f"{head}</head>", 1)
        if version is not None:
            made = escape(words("site_built", commit=version[0][:12], moment=version[1][:10]))
            text = text.replace("</body>", f'<footer class="site"><span>{made}</span></footer>\n</body>', 1)
        others = {other: f"../{_folder(one)}/{page.name}" for other, one in spoken.items() if other != words.language}
        page.write_text(_barred(text, words, others), encoding="utf-8")


def _place_index(index: Path, folder: Path, of_areas: Mapping[str, Spoken]) -> None:
    """Copy the pages of the areas into the site, each with links to the report in its own language."""
    shutil.copytree(index, folder)
    for path in sorted(folder.glob("*.html")):
        language: Language = "en" if path.name.endswith(".en.html") else "nb"
        text = path.read_text(encoding="utf-8")
        words = Words(next(spoken[language] for spoken in of_areas.values() if language in spoken))
        for spoken in of_areas.values():
            if LANGUAGES[0] in spoken and language in spoken:
                linked = spoken[LANGUAGES[0]].reader_name
                text = text.replace(f"../../{linked}/", f"../{_folder(spoken[language])}/")
        path.write_text(_barred(text, words, {}), encoding="utf-8")


def _barred(text: str, words: Words, others: Mapping[Language, str]) -> str:
    """Return a page with the bar of the site, and the address of the page in each other language, after the skip link."""
    home = escape(words("site_title"))
    links = [(f"../{_PAGES[words.language]}", words.language, home)]
    links += [(href, other, escape(words(f"site_in_{other}"))) for other, href in others.items()]
    anchors = " ".join(f'<a href="{href}" lang="{code}" hreflang="{code}">{said}</a>' for href, code, said in links)
    bar = f'<nav class="site" aria-label="{home}">{anchors}</nav>'
    return _SKIP.sub(lambda found: f"{found[0]}\n{bar}", text, count=1)


def _told(change: Mapping[str, Any], words: Words, language: Language) -> tuple[str, str]:
    """Return the day of a change and what it changed, in the reports of one language."""
    own = [report for report in change["reports"] if report["language"] == language]
    parts = [
        words("site_changed", **{key: f"{report[key]}" for key in ("title", "other", "added", "gone")})
        for report in own
        if not report["new"]
    ]
    if new := sum(report["new"] for report in own):
        parts.append(words("site_new", count=f"{new}"))
    return str(change["moment"])[:10], " ".join(parts)


def _run(catalogue: Catalogue, spoken: Spoken) -> dict[str, Any]:
    fill = json.loads((catalogue.paths.report(catalogue.reader_name) / "fill.json").read_text(encoding="utf-8"))
    return {
        "title": _title(catalogue),
        "fill": Words(catalogue).fill(fill["filled"], fill["cells"], fill["percent"]),
        "found": " ".join(headline_of(catalogue)),
        "folder": _folder(catalogue),
        "folders": {language: _folder(one) for language, one in spoken.items()},
        "check": catalogue.is_print,
    }

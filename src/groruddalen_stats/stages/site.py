"""One folder that any web server can show: the reports that config/site.yaml names, and a front page to start from."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
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
from groruddalen_stats.report.words import Words
from groruddalen_stats.stages.build import build
from groruddalen_stats.stages.ranked import head, rows, table_of

LANGUAGES: tuple[Language, ...] = get_args(Language)
_PAGES = {"nb": "index.html", "en": "index.en.html"}


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


def make(paths: Paths) -> list[Fault]:
    """Build every run of config/site.yaml in every language, and put ``site/`` in place; return what failed.

    A run that fails does not take the others along; it is left out of the site, and what was there before stays until
    the new folder is whole.

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
    _write(paths, site, built, len(site.runs))
    return faults


def _parts(site: Site, paths: Paths) -> list[SiteRun]:
    if site.areas is None:
        return []
    area = load(paths, site.areas.model_dump(exclude_none=True)).area
    return [SiteRun(edition=site.areas.edition, area=part) for part in area.parts]


def _write(paths: Paths, site: Site, built: Mapping[tuple[int, Language], _Built], runs: int) -> None:
    target, beside = paths.root / "site", paths.root / "site.part"
    shutil.rmtree(beside, ignore_errors=True)
    for one in built.values():
        name = one.catalogue.reader_name
        shutil.copytree(paths.report(name), beside / one.folder)
        shutil.copytree(paths.figures(name), beside / one.folder / "figures")
    table = table_of(site, paths)
    templates = page_templates(TEMPLATES)
    models = {language: _model(site, built, runs, language, table) for language in LANGUAGES}
    for language, model in models.items():
        write_text(beside / _PAGES[language], templates.get_template("site.html.j2").render(model))
    write_text(beside / "404.html", templates.get_template("404.html.j2").render(models[LANGUAGES[0]]))
    old = paths.root / "site.old"
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    beside.rename(target)
    shutil.rmtree(old, ignore_errors=True)


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

"""The check of the printed appendix against the rebuilt one: a verdict per number and an audit of the print."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pandas as pd

from groruddalen_stats.appendix.find import Find
from groruddalen_stats.appendix.layout import Layout, layout, same_statistic
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.check import corroborate, rules
from groruddalen_stats.check.audit import audit
from groruddalen_stats.check.compare import compare, named
from groruddalen_stats.check.figures import Figures
from groruddalen_stats.check.ledger import LEDGER, answers, reconcile, transcription_faults
from groruddalen_stats.check.printed import KnownFigures, Print, read_print
from groruddalen_stats.check.result import CheckResult
from groruddalen_stats.check.rules import Finding, Held
from groruddalen_stats.check.suspects import Behind
from groruddalen_stats.config.deviations import Formula, Ledger, Mistake
from groruddalen_stats.config.load import Location, fault_at
from groruddalen_stats.config.models import Place
from groruddalen_stats.errors import ConfigError, Fault, did_you_mean

__all__ = ["CheckResult", "audit", "check_print", "check_tables", "load_ledger"]


def load_ledger(catalogue: Catalogue) -> Ledger:
    """Return the ledger of a project folder.

    Raises:
        ConfigError: when it is damaged, or names an object, series or source that does not exist.
    """
    folder = catalogue.paths.ledger
    path, ledger = folder / "entries.yaml", catalogue.ledger
    faults: list[Fault] = []

    def known(place: Location, kind: str, key: str, among: Collection[str], file: Path = path) -> None:
        if key not in among:
            faults.append(fault_at(file, place, f"unknown {kind} '{key}'", did_you_mean(key, among)))

    for name in ledger.entries:
        for place in sorted(ledger.named(name)):
            section = "deviations" if name in ledger.deviations else "findings"
            known((section, name), "object", place[0], catalogue.appendix.objects)
    for name, entry in ledger.corroborations.items():
        here, listed = ("printed", name, "against"), catalogue.paths.identities
        for source in entry.against.sources:
            known((*here, "sources"), "source", source, catalogue.sources.sources, listed)
        if entry.against.region is not None:
            known((*here, "region"), "region", entry.against.region, catalogue.regions.ids, listed)
    for name, deviation in ledger.deviations.items():
        if any(_repeats(formula, catalogue) for formula in deviation.formulas):
            what = "the formula repeats the report and divides by nothing, so that it explains nothing"
            remedy = "name a source that is independent of the report"
            faults.append(fault_at(path, ("deviations", name, "formulas"), what, remedy))
    run = {*rules.RULES, corroborate.RULE, *get_args(Mistake)}
    for name in sorted(run ^ set(ledger.rules)):
        what, remedy = f"the rule '{name}' has no sentence", "say what it finds, in both languages"
        if name not in run:
            what, remedy = f"there is no rule '{name}'", "delete it"
        faults.append(Fault(what, str(folder / "rules.csv"), remedy))
    if faults:
        raise ConfigError(faults=dict.fromkeys(faults))
    return ledger


def _repeats(formula: Formula, catalogue: Catalogue) -> bool:
    """Return whether a formula would explain a printed number by a printed count as it stands."""
    sources = catalogue.sources.sources
    used = [sources[key] for key in formula.numerator.sources or () if key in sources]
    return formula.denominator is None and any(source.kind != "independent" for source in used)


def check_print(
    catalogue: Catalogue,
    ledger: Ledger,
    published: pd.DataFrame,
    cells: Sequence[Cell],
    observations: pd.DataFrame,
    find: Find,
) -> CheckResult:
    """Return the check of printed cells against rebuilt ones; pure, nothing is read or written.

    Args:
        catalogue: the project's configuration.
        ledger: what is known of the print.
        published: printed cells, the published contract with ``object`` in front.
        cells: rebuilt cells of the run.
        observations: all observations, in the observation contract.
        find: finds what they add up to.

    Raises:
        CheckError: when print, catalogue and cells do not name the same cells.
        ConfigError: when a figure of an explanation cannot be computed.
    """
    known = KnownFigures(catalogue, observations, find)
    return check_tables(ledger, read_print(published, catalogue), known, published, cells)


def check_tables(
    ledger: Ledger, tables: Print, known: KnownFigures, published: pd.DataFrame, cells: Sequence[Cell]
) -> CheckResult:
    """Return the same of a print that is read, against figures that are known.

    Args:
        ledger: what is known of the print.
        tables: the print.
        known: the figures beside it.
        published: the printed cells of ``tables`` as a table.
        cells: rebuilt cells of the run.
    """
    comparisons = corroborate.corroborate(ledger, tables, known)
    told = [*rules.find(tables, known), *corroborate.findings(comparisons), *rules.written(ledger.writing.values())]
    answered, idle = answers([one for one in told if isinstance(one, Finding)], ledger)
    behind = Behind({cell.place: cell for cell in cells}, published)
    checks, different = reconcile(compare(published, cells, _comparable(known.catalogue)), ledger, behind)
    figures = Figures(ledger, tables, known)
    columns = (checks[name].tolist() for name in ("deviation", "object", "row", "column"))
    checks["explanation"] = [
        figures.explanation(name, Place(*place)) if name else "" for name, *place in zip(*columns, strict=True)
    ]
    result = CheckResult(
        catalogue=known.catalogue,
        ledger=ledger,
        tables=tables,
        known=known,
        checks=checks,
        answers=tuple(answered),
        held=tuple(one for one in told if isinstance(one, Held)),
        comparisons=tuple(comparisons),
        figures=figures,
        behind=behind,
        faults=(),
    )
    faults = [*different, *unanswered(result), *idle, *transcription_faults(tables, ledger)]
    return replace(result, faults=tuple(dict.fromkeys(faults)))


def unanswered(result: CheckResult) -> Iterator[Fault]:
    """Yield every contradiction in the print that no entry of the ledger answers for."""
    for finding in (one for one in result.open_questions if one.rule not in rules.QUESTIONS):
        names = tuple(named(place) for place in (*finding.cells, *finding.others))
        remedy = f"correct the data, or explain it in {LEDGER} (rule {finding.rule})"
        yield Fault(result.say(finding, "en"), ", ".join(named(place) for place in finding.cells), remedy, names)


def _comparable(catalogue: Catalogue) -> Callable[[Place], bool]:
    """Return whether a cell of the run's edition is the statistic that the print has under the same name.

    In another edition a cell is compared only when it asks for a year and a region that are printed, on the same
    borders.
    """
    if catalogue.is_print:
        return lambda _: True

    @functools.cache
    def layouts(name: str) -> tuple[Layout, Layout]:
        return layout(name, catalogue, catalogue.print_edition), layout(name, catalogue)

    def comparable(place: Place) -> bool:
        name, row, column = place
        printed, built = layouts(name)
        spec = built.cells.get((row, column))
        if spec is None or spec.region is None or not same_statistic(spec, printed.cells.get((row, column))):
            return False
        years = [other.year for (of_row, _), other in built.cells.items() if of_row == row]
        first, date, last = (dt.date(year, 1, 1) for year in (min(years), spec.year, max(years)))
        return catalogue.regions.resolve(spec.region, date, catalogue.run.borders, (first, last)).exact

    return comparable

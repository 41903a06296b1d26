"""Turns the printed and the rebuilt appendix into a verdict per number, an audit of the print, and an exit code."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Sequence

import pandas as pd

from groruddalen_stats.appendix.find import Find
from groruddalen_stats.appendix.layout import Layout, layout, same_statistic
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.check import corroborate, rules
from groruddalen_stats.check.audit import audit
from groruddalen_stats.check.compare import compare, place_of
from groruddalen_stats.check.figures import Figures
from groruddalen_stats.check.ledger import LEDGER, reconcile, settle, transcription_faults, unfounded
from groruddalen_stats.check.printed import Known, read_print
from groruddalen_stats.check.result import CheckResult
from groruddalen_stats.check.search import search
from groruddalen_stats.config.deviations import Ledger, Place
from groruddalen_stats.config.load import fault_at, load_model
from groruddalen_stats.errors import ConfigError, Fault, did_you_mean

__all__ = ["CheckResult", "audit", "check_print", "load_ledger"]


def load_ledger(catalogue: Catalogue) -> Ledger:
    """Return the ledger of a project folder.

    Raises:
        ConfigError: when it is damaged, or names an object, series or source that does not exist.
    """
    path = catalogue.paths.config / "deviations.yaml"
    ledger = load_model(Ledger, path)
    objects = catalogue.appendix.objects
    faults = [
        fault_at(path, (section, name), f"unknown object '{place[0]}'", did_you_mean(place[0], objects))
        for section, entries in (("deviations", ledger.deviations), ("findings", ledger.findings))
        for name, entry in entries.items()
        for place in sorted(entry.named)
        if place[0] not in objects
    ]
    faults += _circular(catalogue, ledger)
    for name, entry in ledger.corroborations.items():
        here = ("corroborations", name, "against", "sources")
        faults += [
            fault_at(path, here, f"unknown source '{source}'", did_you_mean(source, catalogue.sources.sources))
            for source in entry.against.sources
            if source not in catalogue.sources.sources
        ]
        if entry.against.region is not None and entry.against.region not in catalogue.regions.ids:
            what = f"unknown region '{entry.against.region}'"
            remedy = did_you_mean(entry.against.region, catalogue.regions.ids)
            faults.append(fault_at(path, ("corroborations", name, "against", "region"), what, remedy))
    faults += [
        Fault(fault.what, fault.where.replace(LEDGER, path.as_posix()), fault.remedy)
        for fault in unfounded(ledger, [*rules.RULES, corroborate.RULE])
    ]
    if faults:
        raise ConfigError(faults=dict.fromkeys(faults))
    return ledger


def _circular(catalogue: Catalogue, ledger: Ledger) -> list[Fault]:
    """Return a fault for every formula that would explain a printed number by a printed count as it stands."""
    sources = catalogue.sources.sources
    return [
        Fault(
            "the formula repeats the report and divides by nothing, so that it explains nothing",
            f"{LEDGER} deviations.{name}.formulas",
            "name a source that is independent of the report",
        )
        for name, entry in ledger.deviations.items()
        for formula in entry.formulas
        if formula.denominator is None
        and any(key in sources and sources[key].kind != "independent" for key in formula.numerator.sources or ())
    ]


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
    tables = read_print(published, catalogue)
    known = Known(catalogue, observations, find)
    besides = corroborate.corroborate(ledger, tables, known)
    settled, idle = settle([*rules.find(tables, known), *corroborate.findings(besides)], ledger)
    checks, different = reconcile(compare(published, cells, _comparable(catalogue)), ledger)
    outcomes = {name: search(name, entry, tables, known) for name, entry in ledger.searches.items()}
    figures = Figures(ledger, tables, known, outcomes)
    checks["explanation"] = [
        figures.explanation(check["deviation"], place_of(check)) if check["deviation"] else ""
        for check in checks.to_dict("records")
    ]
    faults = [*different, *idle, *transcription_faults(published)]
    return CheckResult(
        catalogue=catalogue,
        ledger=ledger,
        tables=tables,
        known=known,
        checks=checks,
        settled=tuple(settled),
        besides=tuple(besides),
        figures=figures,
        faults=tuple(dict.fromkeys(faults)),
    )


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

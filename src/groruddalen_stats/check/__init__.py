"""The check of the printed appendix against the rebuilt one: a verdict per number and an audit of the print."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
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
from groruddalen_stats.config.deviations import Ledger, Mistake
from groruddalen_stats.config.models import Place
from groruddalen_stats.errors import ConfigError, Fault

__all__ = ["CheckResult", "audit", "check_print", "check_tables", "load_ledger"]


def load_ledger(catalogue: Catalogue) -> Ledger:
    """Return the ledger of a project folder.

    Raises:
        ConfigError: when it is damaged, names what there is not, has a rule without a sentence or a sentence without a
            rule, or a formula that explains a printed number by a printed count as it stands.
    """
    ledger, folder = catalogue.ledger, catalogue.paths.ledger
    faults: list[Fault] = []
    sources = catalogue.sources.sources
    for name, (numerator, denominator) in ledger.formulas.items():
        if denominator is None and any(sources[key].kind != "independent" for key in numerator.sources):
            what = f"the formula '{name}' repeats the report and divides by nothing, so that it explains nothing"
            faults.append(Fault(what, str(folder / "formulas.csv"), "name a source that is independent of the report"))
    run = {*rules.RULES, corroborate.RULE, *get_args(Mistake)}
    for name in sorted(run ^ {name for name, said in ledger.rules.items() if "label" in said}):
        what, remedy = f"the rule '{name}' has no label", "say what it is called, in both languages"
        if name not in run:
            what, remedy = f"there is no rule '{name}'", "delete it"
        faults.append(Fault(what, str(folder / "rules.csv"), remedy))
    ConfigError.tell(faults)
    return ledger


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
    comparisons = tuple(corroborate.corroborate(ledger.corroborations.values(), tables, known))
    told = [*rules.find(tables, known), *(one.told for one in comparisons)]
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
        comparisons=comparisons,
        figures=figures,
        behind=behind,
        faults=(),
    )
    faults = [*different, *unanswered(result), *idle, *transcription_faults(tables, ledger)]
    return replace(result, faults=tuple(dict.fromkeys(faults)))


def unanswered(result: CheckResult) -> Iterator[Fault]:
    """Yield every contradiction in the print that no entry of the ledger answers for."""
    for finding in result.open_questions:
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

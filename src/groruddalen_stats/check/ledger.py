"""What the ledger says of verdicts and findings: explained, an open question, or one fault per contradiction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from groruddalen_stats.check.compare import named, place_of
from groruddalen_stats.check.printed import Print
from groruddalen_stats.check.rules import Finding
from groruddalen_stats.check.suspects import Behind
from groruddalen_stats.config.deviations import Expected, Ledger
from groruddalen_stats.config.models import Place
from groruddalen_stats.errors import Fault

LEDGER = "config/ledger"
_NUMBER = re.compile(r"^\d[\d ]*(?:, ?\d+)?")


def reconcile(checks: pd.DataFrame, ledger: Ledger, behind: Behind | None = None) -> tuple[pd.DataFrame, list[Fault]]:
    """Return ``checks`` with the entry that explains each deviation, and what print and ledger disagree on.

    A row of deviations.csv covers exactly its cell. It is a fault when a difference is in no row, or when a row names
    a cell that the print does not have, that agrees, that cannot be checked, whose printed or rebuilt number is another
    than the row says, or that another row has already. Printed cells that are not comparable are left alone.

    Args:
        checks: one row per printed number.
        ledger: what is known of the print.
        behind: what the rebuilt cells are made of; nothing by default.
    """
    by_place = {place_of(check): check for check in checks.to_dict("records")}
    behind = behind or Behind({}, checks)
    faults: list[Fault] = []
    stale: list[Fault] = []
    explained: dict[Place, str] = {}
    for line, row in ledger.expected.items():
        check = by_place.get(row.place)
        if check is not None and check["result"] == "not_comparable":
            continue
        if fault := _stale(row, check, explained.get(row.place)):
            about = (named(row.place), *behind(row.place))
            stale.append(Fault(f"{named(row.place)}{fault[0]}", f"{LEDGER}/deviations.csv:{line}", fault[1], about))
        else:
            explained[row.place] = row.entry
    listed = {row.place for row in ledger.expected.values()}
    for place, check in by_place.items():
        if check["result"] in {"last_digit", "deviates"} and place not in listed:
            what = f"printed {check['published']}, rebuilt {check['rebuilt']}: unexplained"
            made_of = f" ({behind.text(place)})" if behind.text(place) else ""
            remedy = f"correct the data{made_of}, or explain it in {LEDGER}"
            faults.append(Fault(what, named(place), remedy, (named(place), *behind(place))))
    return checks.assign(deviation=[explained.get(place, "") for place in by_place]), faults + stale


def _stale(row: Expected, check: Mapping[Any, Any] | None, other: str | None) -> tuple[str, str] | None:
    """Return what is wrong with a row of deviations.csv and the remedy; nothing when it holds."""
    if check is None:
        return " is not in the print", "correct or delete the row"
    if other is not None:
        return f" is already explained by '{other}'", "explain each cell once"
    if check["result"] == "not_checkable":
        return " cannot be checked", "make it a finding or delete the row"
    if check["result"] == "exact":
        said = f": printed and rebuilt are both {check['rebuilt']}, the deviation no longer occurs"
        return said, "delete the row"
    if [Decimal(check[side]) for side in ("published", "rebuilt")] != [row.printed, row.rebuilt]:
        said = f": printed {check['published']}, rebuilt {check['rebuilt']}, "
        return f"{said}the row expects {row.printed} and {row.rebuilt}", "find out why, then correct the row"
    return None


def answers(findings: Iterable[Finding], ledger: Ledger) -> tuple[list[Finding], list[Fault]]:
    """Return every finding with its entries, and a fault for every entry whose rule no longer finds anything.

    An entry answers for a finding when it names the finding's rule and all its cells.
    """
    covered = {name: (entry.rules, ledger.named(name)) for name, entry in ledger.entries.items()}
    found = [
        replace(finding, entries=tuple(name for name, known in covered.items() if _covers(finding, *known)))
        for finding in findings
    ]
    used = {(name, finding.rule) for finding in found for name in finding.entries}
    named_by = {name: tuple(named(place) for place in sorted(places)) for name, (_, places) in covered.items()}
    faults = [
        Fault(
            f"the rule '{rule}' finds nothing in the cells of this entry any more",
            f"{LEDGER}/entries.csv {name}",
            "delete the rule from the entry, or correct its cells",
            named_by[name],
        )
        for name, (rules, _) in covered.items()
        for rule in sorted(rules)
        if (name, rule) not in used
    ]
    return found, faults


def _covers(finding: Finding, rules: Iterable[str], places: set[Place]) -> bool:
    return finding.rule in rules and set(finding.cells) <= places


def transcription_faults(tables: Print, ledger: Ledger) -> list[Fault]:
    """Return the printed cells whose text does not read as their value, or not as config/ledger/writing.csv has it."""
    faults: list[Fault] = []
    for cell in tables.cells:
        read = reading(cell.printed)
        decimals = 0 if read is None else max(0, -int(read.as_tuple().exponent))
        if (None if read is None else float(read), decimals) != (cell.value, cell.decimals):
            stated = "no value" if cell.value is None else f"the value {cell.value:g} with {cell.decimals} decimals"
            what = f"the text '{cell.printed}' does not read as {stated}"
            remedy = "compare with the report and correct the wrong one"
            faults.append(Fault(what, named(cell.place), remedy, (named(cell.place),)))
    for line, row in ledger.writing.items():
        for place in row.places:
            there = tables.by_place.get(place)
            if there is None or row.printed not in (there.printed, re.sub(r"\d", "#", there.printed)):
                stands = (
                    "is not in the print" if there is None else f"is printed '{there.printed}', not '{row.printed}'"
                )
                remedy = "compare with the report, then correct or delete the row"
                where = f"{LEDGER}/writing.csv:{line}"
                faults.append(Fault(f"{named(place)} {stands}", where, remedy, (named(place),)))
    return faults


def reading(printed: str) -> Decimal | None:
    """Return the number that a printed text begins with, whatever its spacing; ``None`` for a sign."""
    match = _NUMBER.match(printed.strip())
    return None if match is None else Decimal(match.group().replace(" ", "").replace(",", "."))

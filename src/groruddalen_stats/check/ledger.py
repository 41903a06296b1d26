"""Turns verdicts, findings and the ledger into explained deviations, open questions and one fault per contradiction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from groruddalen_stats.check.compare import named, place_of
from groruddalen_stats.check.rules import Finding
from groruddalen_stats.config.deviations import Ledger
from groruddalen_stats.errors import Fault

LEDGER = "config/deviations.yaml"
_NUMBER = re.compile(r"^\d[\d ]*(?:, ?\d+)?")


def reconcile(checks: pd.DataFrame, ledger: Ledger) -> tuple[pd.DataFrame, list[Fault]]:
    """Return ``checks`` with the entry that explains each deviation, and what print and ledger disagree on.

    An entry covers exactly the cells it names. It is a fault when a difference is in no entry, or when an entry names
    a cell that the print does not have, that agrees, that cannot be checked, whose printed or rebuilt number is another
    than the entry says, or that another entry has already. Printed cells that are not comparable are left alone.
    """
    explained = checks.copy()
    index = {place_of(check): position for position, check in enumerate(checks.to_dict("records"))}
    unexplained: list[Fault] = []
    stale: list[Fault] = []
    deviation = [""] * len(checks)
    for name, entry in ledger.deviations.items():
        for place, pair in entry.pairs.items():
            where, key = named(place), f"{LEDGER} deviations.{name}"
            if place not in index:
                stale.append(Fault(f"{where} is not in the print", key, "correct or delete the entry"))
                continue
            position = index[place]
            row = checks.iloc[position]
            if row["result"] == "not_comparable":
                continue
            if deviation[position]:
                what = f"{where} is already explained by '{deviation[position]}'"
                stale.append(Fault(what, key, "explain each cell once"))
            elif row["result"] == "not_checkable":
                stale.append(Fault(f"{where} cannot be checked", key, "make it a finding or delete the entry"))
            elif row["result"] == "exact":
                what = f"{where}: printed and rebuilt are both {row['rebuilt']}, the deviation no longer occurs"
                stale.append(Fault(what, key, "delete the entry"))
            elif (Decimal(row["published"]), Decimal(row["rebuilt"])) != (
                Decimal(pair.printed),
                Decimal(pair.rebuilt),
            ):
                what = (
                    f"{where}: printed {row['published']}, rebuilt {row['rebuilt']}, the entry expects "
                    f"{pair.printed} and {pair.rebuilt}"
                )
                stale.append(Fault(what, key, "find out why, then correct the entry"))
            else:
                deviation[position] = name
    explained["deviation"] = deviation
    named_in_ledger = {place for entry in ledger.deviations.values() for place in entry.pairs}
    for check in explained.to_dict("records"):
        place = place_of(check)
        if check["result"] in {"last_digit", "deviates"} and place not in named_in_ledger:
            what = f"printed {check['published']}, rebuilt {check['rebuilt']}: unexplained"
            unexplained.append(Fault(what, named(place), f"correct the data, or explain it in {LEDGER}"))
    return explained, unexplained + stale


@dataclass(frozen=True, slots=True)
class Settled:
    """Which entry of the ledger answers for each finding; ``None`` is an open question."""

    finding: Finding
    entry: str | None


def settle(findings: Iterable[Finding], ledger: Ledger) -> tuple[list[Settled], list[Fault]]:
    """Return every finding with its entry, and a fault for every entry whose rule no longer finds anything.

    An entry answers for a finding when it names the finding's rule and all its cells.
    """
    covered = {name: (set(entry.rules), entry.named) for name, entry in ledger.entries.items()}
    settled: list[Settled] = []
    used: set[tuple[str, str]] = set()
    for finding in findings:
        entry = None
        for name, (rules, places) in covered.items():
            if finding.rule in rules and set(finding.cells) <= places:
                entry = entry or name
                used.add((name, finding.rule))
        settled.append(Settled(finding, entry))
    faults = [
        Fault(
            f"the rule '{rule}' finds nothing in the cells of this entry any more",
            f"{LEDGER} {'deviations' if name in ledger.deviations else 'findings'}.{name}",
            "delete the rule from the entry, or correct its cells",
        )
        for name, (rules, _) in covered.items()
        for rule in sorted(rules)
        if (name, rule) not in used
    ]
    return settled, faults


def unfounded(ledger: Ledger, known: Sequence[str]) -> list[Fault]:
    """Return a fault for every rule that the ledger describes and nobody runs, or that runs without a text."""
    return [
        Fault(f"there is no rule '{name}'", f"{LEDGER} rules.{name}", "delete it")
        for name in ledger.rules
        if name not in known
    ] + [
        Fault(f"the rule '{name}' has no text", f"{LEDGER} rules", "say what it finds, in both languages")
        for name in known
        if name not in ledger.rules
    ]


def transcription_faults(published: pd.DataFrame) -> list[Fault]:
    """Return the printed cells whose text does not read as their value."""
    faults: list[Fault] = []
    for cell in published.to_dict("records"):
        read = reading(str(cell["printed"]))
        value = None if pd.isna(cell["value"]) else Decimal(str(cell["value"]))
        decimals = None if pd.isna(cell["decimals"]) else int(cell["decimals"])
        if read != value or (read is not None and max(0, -_exponent(read)) != decimals):
            stated = "no value" if value is None else f"the value {value.normalize():f} with {decimals} decimals"
            what = f"the text '{cell['printed']}' does not read as {stated}"
            faults.append(Fault(what, named(place_of(cell)), "compare with the report and correct the wrong one"))
    return faults


def reading(printed: str) -> Decimal | None:
    """Return the number that a printed text begins with, whatever its spacing; ``None`` for a sign."""
    match = _NUMBER.match(printed.strip())
    return None if match is None else Decimal(match.group().replace(" ", "").replace(",", "."))


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0

"""What one check of the print came to: its counts, the headline and the sentences readers see."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import get_args

import pandas as pd

from groruddalen_stats.appendix.layout import Layout, layout
from groruddalen_stats.appendix.model import COMPUTED
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.check.claims import cells_read
from groruddalen_stats.check.compare import CHECKABLE, named
from groruddalen_stats.check.corroborate import Comparison
from groruddalen_stats.check.figures import Figures
from groruddalen_stats.check.ledger import LEDGER
from groruddalen_stats.check.printed import KnownFigures, Print
from groruddalen_stats.check.rules import Amount, Finding, Held, Name, SentencePart
from groruddalen_stats.check.suspects import Behind
from groruddalen_stats.config.deviations import Explanation, Ledger
from groruddalen_stats.config.models import Place, text_in
from groruddalen_stats.errors import ConfigError, Fault
from groruddalen_stats.numbers import Language, display_number

RESULTS = (*CHECKABLE, "not_checkable", "not_comparable")


@dataclass(frozen=True)
class CheckResult:
    """What one check of the print came to.

    Attributes:
        checks: one row per printed number, in the check contract and with ``printed``, the number verbatim.
        answers: every finding of the rules with the ledger entries that answer for it.
        held: what the rules held against each other, and what agreed.
        comparisons: printed numbers with independent figures beside them.
        figures: the numbers that explanations name.
        behind: what the rebuilt cells are made of.
        faults: what makes the check fail; empty when all is explained.
    """

    catalogue: Catalogue
    ledger: Ledger
    tables: Print
    known: KnownFigures
    checks: pd.DataFrame
    answers: tuple[Finding, ...]
    held: tuple[Held, ...]
    comparisons: tuple[Comparison, ...]
    figures: Figures
    behind: Behind
    faults: tuple[Fault, ...]

    @property
    def edition(self) -> str:
        return self.catalogue.run.edition

    @property
    def language(self) -> Language:
        return self.catalogue.run.language

    @property
    def open_questions(self) -> list[Finding]:
        """Return what the rules found and no entry of the ledger answers for."""
        return [finding for finding in self.answers if not finding.entries]

    @cached_property
    def counts(self) -> dict[str, int]:
        """Return how many printed numbers there are of each kind; every number in the headline is one of these."""
        return count(self.checks)

    def counts_of(self, name: str) -> dict[str, int]:
        """Return the same for one table."""
        return count(self.checks[self.checks["object"] == name])

    @cached_property
    def read(self) -> dict[str, tuple[Place, ...]]:
        """Return the printed numbers that each claim of the report's text is weighed against."""
        printed = {cell.place: cell.number for cell in self.tables.numbers}
        return cells_read(self.catalogue.claims, printed)

    @property
    def spoken_for(self) -> Counter[str]:
        """Return how many tests that came out right rest on each number, printed or of a source."""
        exact = self.checks[self.checks["result"] == "exact"]
        tested = [tuple(map(named, cells)) for cells in (*(one.cells for one in self.held), *self.read.values())]
        tested += [
            (named(place), *self.behind(place)) for place in map(Place, exact["object"], exact["row"], exact["column"])
        ]
        return Counter(name for names in tested for name in set(names))

    def headline(self, language: Language | None = None) -> str:
        """Return the one sentence that says how much of the print an independent source confirms, where any is compared."""
        compared = self.counts["not_comparable"] < self.counts["printed"]
        said = self.catalogue.labels.check["headline" if compared else "not_comparable_note"]
        return said[language or self.language].format(**self.counts)

    def text(self, key: str, /, **values: object) -> str:
        """Return a word or sentence of the check."""
        return self.catalogue.labels.check[key][self.language].format(**values)

    def number(self, value: float | Decimal, decimals: int) -> str:
        """Return a number as readers of the run's language write it."""
        return display_number(value, decimals, self.language)

    def say(self, finding: Finding, language: Language | None = None) -> str:
        """Return a finding as a sentence.

        Raises:
            ConfigError: when the ledger has no such sentence, or it asks for what the rule does not tell.
        """
        chosen = language or self.language
        parts = {key: self._part(part, chosen) for key, part in finding.parts.items()}
        where = f"{LEDGER}/rules.csv {finding.rule} {finding.says}"
        said = self.ledger.rules[finding.rule].get(finding.says)
        if said is None:
            raise ConfigError("the sentence is missing", where=where, remedy="write it in both languages")
        try:
            return said[chosen].format(**parts)
        except (KeyError, ValueError, IndexError) as error:
            remedy = f"the rule tells {', '.join(parts)}"
            raise ConfigError(f"cannot fill in {error}", where=where, remedy=remedy) from None

    def _part(self, part: SentencePart, language: Language) -> str:
        if isinstance(part, Amount):
            return display_number(part.value, part.decimals, language)
        if isinstance(part, Name) and part.kind == "source":
            source = self.catalogue.sources.sources[part.key]
            return f"{self.catalogue.sources.publishers[source.publisher].name[language]}"
        if isinstance(part, Name):
            series = self.catalogue.indicators.series.get(part.key)
            name = series.label[language] if series else part.key.replace("_", " ")
            return f"{name[:1].lower()}{name[1:]}"
        return part

    def source_name(self, key: str) -> str:
        """Return a source as publisher and table."""
        source = self.catalogue.sources.sources[key]
        publisher = self.catalogue.sources.publishers[source.publisher].name[self.language]
        return f"{publisher}, {text_in(source.table, self.language)}"

    def names(self, place: Place, language: Language | None = None) -> dict[str, str]:
        """Return what readers call a cell: its object's kind and number, its row and its column."""
        chosen = language or self.language
        if place[0] not in self._layouts:
            self._layouts[place[0]] = layout(place[0], self.catalogue, self.catalogue.print_edition)
        plan = self._layouts[place[0]]
        rows = {item.id: item.label[chosen] for item in plan.rows}
        columns = {item.id: item.label[chosen] for item in plan.columns}
        spec = self.catalogue.appendix.objects[place[0]]
        return {
            "kind": spec.kind,
            "number": spec.number,
            "row": rows.get(place[1], place[1]),
            "column": columns.get(place[2], place[2]),
        }

    @cached_property
    def _layouts(self) -> dict[str, Layout]:
        return {}


def count(checks: pd.DataFrame) -> dict[str, int]:
    """Return how many checks there are of each result, basis and kind of explanation.

    ``confirmed`` agree with a source that is independent of the report, ``internal`` only with other numbers of the
    report, which may share their errors.
    """
    columns = (checks[name].tolist() for name in ("result", "basis", "explanation", "deviation"))
    rows = list(zip(*columns, strict=True))
    results = Counter(result for result, *_ in rows)
    exact = Counter(basis for result, basis, *_ in rows if result == "exact")
    different = [(kind, entry) for result, _, kind, entry in rows if result in {"last_digit", "deviates"}]
    kinds = Counter(kind for kind, _ in different)
    compared = Counter(basis for result, basis, *_ in rows if result in CHECKABLE)
    explained = sum(bool(entry) for _, entry in different)
    return {
        "printed": len(checks),
        "checkable": sum(results[result] for result in CHECKABLE),
        "agree": results["exact"],
        "confirmed": exact["source"],
        "internal": exact["recomputed"],
        "different": len(different),
        "explained": explained,
        **{kind: kinds[kind] for kind in get_args(Explanation)},
        "unexplained": len(different) - explained,
        **{result: results[result] for result in RESULTS},
        **{str(basis): compared[basis] for basis in sorted(COMPUTED)},
    }

"""The places where config/ and data/raw name what the other does not have."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from groruddalen_stats.appendix.layout import layout
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.config.claims import TEXT_ONLY
from groruddalen_stats.config.load import read_rows
from groruddalen_stats.config.words import WordRow
from groruddalen_stats.errors import Fault, did_you_mean

_BY_CODE = {"words", "check"}
"""The sections of config/words.csv whose keys the code asks for; those of the others config itself names."""


def claim_faults(catalogue: Catalogue, prose: pd.DataFrame) -> Iterator[Fault]:
    """Yield objects, rows and columns that a claim names and neither the appendix nor the print's text has."""
    plans = {key: layout(key, catalogue, catalogue.print_edition) for key in catalogue.appendix.objects}
    rows = {item.id for plan in plans.values() for item in plan.rows}
    columns = {key: {item.id for item in plan.columns} for key, plan in plans.items()}
    for name, column in prose[["object", "column"]].itertuples(index=False, name=None):
        columns.setdefault(name, set()).add(column)
    claims = catalogue.claims
    for claim in claims.claims.values():
        cells = list(claims.cells_of(claim))
        objects = (*claim.cited, claims.object_of(claim), *(name for name, _, _ in cells if name != TEXT_ONLY))
        wanted: list[tuple[str, str, Collection[str]]] = [("object", name, plans) for name in objects]
        for name, row, column in cells:
            if name in plans:
                wanted += [("row", row, rows), ("column", column, columns[name])]
        for kind, value, known in dict.fromkeys((kind, value, frozenset(known)) for kind, value, known in wanted):
            if value not in known:
                where = claims.where[claim.claim]
                yield Fault(f"{claim.claim}: unknown {kind} '{value}'", where, did_you_mean(value, known))


def word_faults(catalogue: Catalogue) -> Iterator[Fault]:
    """Yield the words of config/words.csv that neither code nor template asks for, by name or by how the name begins or ends."""
    files = [path for path in Path(__file__).parent.rglob("*") if path.suffix in {".py", ".j2", ".typ"}]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    asked = set(re.findall(r"[a-z][a-z0-9_]+", code))
    begins = tuple(set(re.findall(r"[\"']([a-z0-9_]+_)(?:\{|[\"'] *[~+])", code)))
    ends = tuple(set(re.findall(r"\}(_[a-z0-9_]+)[\"']", code)))
    path = catalogue.paths.config / "words.csv"
    words, _ = read_rows(WordRow, path, ("section", "key"))
    for line, word in words.items():
        shown = word.key in asked or word.key.startswith(begins) or word.key.endswith(ends)
        if word.section in _BY_CODE and not shown:
            what = f"{word.section}/{word.key}: nothing shows it"
            yield Fault(what, f"{path}:{line}", did_you_mean(word.key, asked))

"""How much the check sees: the experiment, and its recorded result in data/recorded/power.json.

It takes minutes, so that no build makes it: a result is recorded with its seed and with the hash of all that decides it.
A page that shows it says when something has changed since, and ``groruddalen-stats readme --check`` fails.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from groruddalen_stats import check
from groruddalen_stats.appendix.model import Cell
from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.check import CheckResult, load_ledger, power
from groruddalen_stats.check.power import KINDS, PRINT, SOURCES, CheckAnswer, Experiment, summary
from groruddalen_stats.config.identities import load_identities
from groruddalen_stats.errors import SnapshotError
from groruddalen_stats.paths import Paths, write_text
from groruddalen_stats.raw.files import listed
from groruddalen_stats.stages.work import Work
from groruddalen_stats.workflow import CLAIMS

_SHOWING = {"outputs.py", "audit.py"}
"""Modules of the check that only show what the others say."""


def run(catalogue: Catalogue, seed: int, kinds: Collection[str] = KINDS) -> None:
    """Plant the errors of a seed one at a time and print what the check said of them; record it if all kinds are wanted.

    Args:
        catalogue: the project's configuration for the print's edition.
        seed: another one plants other errors.
        kinds: the kinds of errors that are planted.
    """
    work = Work(catalogue, stands=True)
    identities = load_identities(catalogue.paths.identities)
    experiment = Experiment(work.compute, work.observations, work.published, load_ledger(catalogue), identities)
    outcomes: list[CheckAnswer] = []
    sys.stdout.write(f"{'':24}planted   seen  named  first  innocent  seconds\n")
    for kind in kinds:
        for where in (PRINT, SOURCES):
            begun = time.monotonic()
            of_kind = [experiment.outcome(planted) for planted in experiment.planted(seed, where, kind)]
            outcomes += of_kind
            counted = summary(of_kind)[where]["all"]
            columns = "  ".join(f"{counted[name]:5}" for name in ("planted", "seen", "named", "first"))
            took = time.monotonic() - begun
            sys.stdout.write(f"{where:8}{kind:16}{columns}  {counted['innocent']:8}  {took:7.1f}\n")
            sys.stdout.flush()
    if set(kinds) == set(KINDS):
        document = {"seed": seed, "inputs": digest(catalogue, work.cells), **summary(outcomes)}
        write_text(catalogue.paths.power, json.dumps(document, indent=1) + "\n")


def read(paths: Paths) -> dict[str, Any] | None:
    """Return the recorded result; nothing where the project has none.

    Raises:
        SnapshotError: when the file is damaged.
    """
    if not paths.power.exists():
        return None
    try:
        found = json.loads(paths.power.read_text(encoding="utf-8"))
        return {key: found[key] for key in ("seed", "inputs", PRINT, SOURCES)}
    except (ValueError, KeyError, TypeError) as error:
        remedy = "restore it from the repository, or run 'make power'"
        raise SnapshotError(f"not a recorded experiment ({error})", where=str(paths.power), remedy=remedy) from None


def shown(work: Work, result: CheckResult) -> dict[str, Any] | None:
    """Return what the page of a check shows of the recorded result; nothing for another edition than the print's."""
    catalogue = work.catalogue
    if catalogue.numbers_name != catalogue.appendix.print_edition or (recorded := read(catalogue.paths)) is None:
        return None
    return power.shown(recorded, result, stale=recorded["inputs"] != digest(catalogue, work.cells))


def digest(catalogue: Catalogue, cells: Sequence[Cell]) -> str:
    """Return the hash of what decides the result: the print, what is known of it, the check's code, the cells' numbers.

    Sources count by the numbers that come of them, so that a file with more years changes nothing.
    """
    root = catalogue.paths.root
    code = sorted(path for path in Path(check.__file__).parent.glob("*.py") if path.name not in _SHOWING)
    data = [*listed(catalogue.paths.published), *listed(catalogue.paths.ledger), catalogue.paths.identities]
    files = [*code, *sorted(path for path in data if path.exists()), *(root / name for name in CLAIMS)]
    numbers = [f"{'/'.join(cell.place)} {cell.number!r} {cell.basis}" for cell in cells]
    return hashlib.sha256(b"\n".join([*(file.read_bytes() for file in files), *map(str.encode, numbers)])).hexdigest()

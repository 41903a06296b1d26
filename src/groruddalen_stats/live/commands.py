"""The commands fetch, sources and doctor: what they do, what they print and their exit codes."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Mapping, Sequence

from groruddalen_stats.catalogue import Catalogue
from groruddalen_stats.errors import Fault
from groruddalen_stats.live.doctor import examine
from groruddalen_stats.live.doctor import exit_code as doctor_code
from groruddalen_stats.live.entries import Overview
from groruddalen_stats.live.fetch import FetchOutcome, Services, exit_code
from groruddalen_stats.live.http import Client
from groruddalen_stats.live.patch import Edit, patch
from groruddalen_stats.paths import write_text

_WIDEST = 90


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a plain table, columns padded to their widest entry."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [header, *rows])
    return "\n".join(line.rstrip() for line in lines)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _complain(faults: Mapping[str, Sequence[Fault]]) -> None:
    for source, found in faults.items():
        for fault in found:
            sys.stderr.write(f"{source}: {fault}\n")


def fetch(
    catalogue: Catalogue,
    names: Sequence[str],
    tell_of: Callable[[Sequence[FetchOutcome]], None] = lambda _: None,
    *,
    dry_run: bool = False,
) -> int:
    """Fetch ``names`` (or all), say what became of each, and return the exit code.

    ``tell_of`` tells what the new snapshots change, before they are put in place.
    """
    services, now = Services(catalogue, Client(tell=_say), _say), dt.datetime.now(dt.UTC)
    outcomes = services.ask(names)
    rows = [
        (
            outcome.source,
            outcome.state,
            f"{outcome.observations:,}" if outcome.observations else "",
            f"{outcome.change.count('added') if outcome.change else 0:,}" if outcome.state == "fetched" else "",
            outcome.said if len(outcome.said) <= _WIDEST else f"{outcome.said[:_WIDEST]}...",
        )
        for outcome in outcomes
    ]
    _say("\n" + table(("source", "state", "observations", "gained", "change"), rows))
    states = [outcome.state for outcome in outcomes]
    _say(", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states)))
    _complain({outcome.source: outcome.faults for outcome in outcomes})
    new = any(outcome.files for outcome in outcomes)
    try:
        if new:
            tell_of(outcomes)
    finally:
        # Whatever is wrong with what is told of them, the snapshots are sound.
        if not dry_run:
            services.put(outcomes, now)
    if dry_run or not new:
        _say("nothing under data/raw was changed")
    return exit_code(outcomes)


def doctor(catalogue: Catalogue, names: Sequence[str], *, write: bool = False) -> int:
    """Hold the metadata of ``names`` (or all) against the catalogue, say what differs, and return the exit code.

    With ``write``, what has one clear answer is also put into a patch of config/, report/doctor.patch.
    """
    findings = examine(catalogue, Client(tell=_say), names)
    for finding in findings:
        _say(f"{finding.source}: {finding.state}")
        for remark in finding.remarks:
            _say(f"    {remark}")
    _complain({finding.source: finding.faults for finding in findings})
    if write:
        _propose(catalogue, [edit for finding in findings for edit in finding.edits])
    return doctor_code(findings)


def _propose(catalogue: Catalogue, edits: Sequence[Edit]) -> None:
    target = catalogue.paths.patch
    diff, told = patch(catalogue.paths.config / "sources.yaml", catalogue.paths.root, edits)
    if not diff:
        target.unlink(missing_ok=True)  # one of an earlier day
        _say("no drift has one clear answer: there is no patch")
        return
    write_text(target, diff)
    _say("\n".join(["proposed:", *(f"    {line}" for line in told)]))
    _say(f"read {catalogue.paths.name(target)}, then `git apply {catalogue.paths.name(target)}`, `make fetch`")


def sources(overview: Sequence[Overview]) -> int:
    """List every source; return 0."""
    _say(table(Overview._fields, overview))
    return 0

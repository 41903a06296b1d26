"""Turns the words fetch, sources and doctor on the command line into work, tables of text and exit codes."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from groruddalen_stats.errors import Fault
from groruddalen_stats.sources import doctor, fetch
from groruddalen_stats.sources.fetch import Catalogue
from groruddalen_stats.sources.http import Client

EXIT_CODES = "exit codes: 0 all well, 3 some sources failed or drifted, 4 no source could be reached"


@dataclass(frozen=True, slots=True)
class Overview:
    """One source as `sources` lists it."""

    source: str
    table: str
    snapshot: str
    vintage: str
    coverage: str
    objects: str


def add_commands(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser],
    catalogue: Callable[[], Catalogue],
    overview: Callable[[], Sequence[Overview]],
) -> None:
    """Add the three commands; each sets ``run``, a function from the parsed arguments to the exit code.

    Args:
        subparsers: Of the program's parser.
        catalogue: Reads what can be fetched; called only when a command needs it.
        overview: Lists every source, fetched or embedded, with the objects it serves.
    """
    for word, text, work in (
        ("fetch", "fetch live tables into data/raw", _fetch),
        ("doctor", "ask the live services for metadata only and report what has drifted", _doctor),
    ):
        parser = subparsers.add_parser(word, help=text, description=f"{text}; {EXIT_CODES}")
        parser.add_argument(
            "source", nargs="*", help="ids in config/sources.yaml (default: all that can be fetched)"
        )
        parser.set_defaults(run=lambda args, work=work: work(catalogue(), args.source))
    parser = subparsers.add_parser("sources", help="list every source with its snapshot, vintage and use")
    parser.set_defaults(run=lambda _: _sources(overview()))


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a plain table, columns padded to their widest entry."""
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in [header, *rows]
    )
    return "\n".join(line.rstrip() for line in lines)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _complain(faults: Mapping[str, Sequence[Fault]]) -> None:
    for source, found in faults.items():
        for fault in found:
            sys.stderr.write(f"{source}: {fault}\n")


def _fetch(catalogue: Catalogue, names: Sequence[str]) -> int:
    now = dt.datetime.now(dt.UTC)
    outcomes = fetch.Run(catalogue, Client(tell=_say), now, _say).fetch(names)
    rows = [
        (
            outcome.source,
            outcome.state,
            f"{outcome.observations:,}" if outcome.observations else "",
            f"{outcome.gained:,}" if outcome.state == "fetched" else "",
            outcome.change,
        )
        for outcome in outcomes
    ]
    _say("\n" + table(("source", "state", "observations", "gained", "change"), rows))
    states = [outcome.state for outcome in outcomes]
    _say(", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states)))
    _complain({outcome.source: outcome.faults for outcome in outcomes})
    if not any(outcome.state == "fetched" for outcome in outcomes):
        _say("nothing under data/raw was changed")
    return fetch.exit_code(outcomes)


def _doctor(catalogue: Catalogue, names: Sequence[str]) -> int:
    findings = doctor.examine(catalogue, Client(tell=_say), names)
    rows = [(finding.source, finding.state, "; ".join(finding.remarks)) for finding in findings]
    _say(table(("source", "state", "remarks"), rows))
    _complain({finding.source: finding.faults for finding in findings})
    return doctor.exit_code(findings)


def _sources(overview: Sequence[Overview]) -> int:
    header = ("source", "table", "snapshot", "vintage", "coverage", "objects")
    rows = [(o.source, o.table, o.snapshot, o.vintage, o.coverage, o.objects) for o in overview]
    _say(table(header, rows))
    return 0

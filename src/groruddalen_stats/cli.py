"""The command line: each word is one call; a user's mistake becomes lines of text, not a traceback."""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groruddalen_stats.errors import ConfigError, StatsError, of_system
from groruddalen_stats.paths import project
from groruddalen_stats.runs import BY_YEAR

if TYPE_CHECKING:
    from groruddalen_stats.catalogue import Catalogue

_PAGE = "site/index.html"

# Heavy modules are imported by the command that needs them: starting pandas costs more than most commands do.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 well, 1 a named fault, 2 wrong use, others as each command says."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that lacks a letter shows another sign in its place.
            stream.reconfigure(errors="replace")
    args = _parser().parse_args(arguments)
    try:
        result = args.run(args)
    except StatsError as error:
        print(error, file=sys.stderr)
        return args.misused if isinstance(error, ConfigError) else 1
    except RecursionError:
        print("a file is nested too deep -> restore it from the repository", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0
    except OSError as error:
        print(of_system(error), file=sys.stderr)
        return 1
    return int(result or 0)


# The stages of a build, in their order; those of the second line only put files where readers find them.
_STEPS = (
    *("observations", "cells", "figures", "check", "documents", "check_pages", "takeaway", "report"),
    *("place", "place_figures", "place_tables", "place_check"),
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="groruddalen-stats",
        description="Rebuild and check the statistical appendix of NIBR report 2011:22.",
        epilog="Most people need only 'make report', 'make check' and 'make fetch'.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(
        word: str, run: Callable[[argparse.Namespace], int], text: str, codes: str = ""
    ) -> argparse.ArgumentParser:
        made = commands.add_parser(word, help=text, description=f"{text}; exit codes: {codes}" if codes else None)
        made.set_defaults(run=run, misused=2 if codes else 1)
        return made

    build = command("build", _build, "do what a target needs and is not done (Snakemake calls this)")
    build.add_argument("step", choices=_STEPS)
    _run_option(build)
    _run_option(command("validate", _validate, "check the configuration and the raw files, and do nothing"))
    _run_option(command("check", _check, "compare every printed number with the rebuilt one"))

    compare = command("compare", _compare, "set years or areas side by side")
    compare.add_argument(
        "side", nargs="+", help="EDITION or EDITION+AREA, as folders of reports are named; areas with --year"
    )
    compare.add_argument("--year", type=int, help="the year of all, which are then named by their areas alone")
    compare.add_argument("--language", choices=["nb", "en"], help="language of the page")

    site = command("site", _site, "build what config/site.yaml names, and a folder with a front page: site/")
    site.add_argument("--url", default="", help="where the site will be (default: that of config/site.yaml)")

    areas = command("areas", _areas, "build a batch of the areas of a set, or its index (Snakemake calls this)")
    areas.add_argument("name", help="a batch, or 'index'")
    areas.add_argument("--run", dest="run_file", type=Path, required=True, help="a JSON file with the settings")

    command("takeaway", _takeaway, "put the data of all built reports together: report/data/")
    command("read-back", _read_back, "look up every number of every built report in each of its files")
    command("schema", _schema, "write the JSON Schema of the YAML files, for editors")

    power = command("power", _power, "plant errors one at a time and count which of them the check sees")
    power.add_argument("--seed", type=int, default=2011, help="another one plants other errors (default: 2011)")
    kinds = ["digit", "swapped", "dropped", "doubled", "decimal", "neighbours", "shifted_row", "other_year", "sign"]
    power.add_argument("--kind", nargs="+", choices=kinds, help="only these kinds; then nothing is recorded")

    readme = command("readme", _readme, "bring the tables of README.md and docs/live-sources.md up to date")
    readme.add_argument("--check", action="store_true", help="only say whether it is; exit 1 when it is not")

    codes = "0 all well, 2 a wrong name or configuration, 3 some sources failed or drifted, 4 all of them"
    fetch = command("fetch", _fetch, "fetch live tables into data/raw", codes)
    doctor = command("doctor", _doctor, "ask the live services for metadata only and report what has drifted", codes)
    for live in (fetch, doctor):
        words = "ids, the names of files in config/sources (default: all that can be fetched)"
        live.add_argument("source", nargs="*", help=words)
    fetch.add_argument(
        "--dry-run", action="store_true", help="ask, say what would change (report/fetch/), and keep nothing"
    )
    doctor.add_argument("--write", action="store_true", help="propose what has one clear answer as report/doctor.patch")
    _run_option(command("sources", _sources, "list every source with its snapshot, vintage and use"))

    floors = command(
        "floors", _floors, "record in config/floors.csv how many cells of every edition are computed today"
    )
    floors.add_argument("--lower", metavar="REASON", default="", help="why fewer may be computed than recorded")
    lock = command("lock", _lock, "write the present raw files into data/raw/lock.yaml")
    lock.add_argument("file", nargs="*", help="paths below data/raw (default: all)")

    codes = "0 in place, 1 the file is refused and nothing is changed, 2 a wrong name or configuration"
    imports = command("import", _import, "turn a file that a person has downloaded into a snapshot", codes)
    imports.add_argument("source", help="a source whose file in config/sources has an 'import' block")
    imports.add_argument("file", type=Path, help="the file as it was downloaded")
    imports.add_argument("--url", required=True, help="the page it was downloaded from")
    imports.add_argument("--date", required=True, type=dt.date.fromisoformat, help="the day of that, YYYY-MM-DD")
    imports.add_argument("--query", default="", help="what was chosen there, in a sentence")
    imports.add_argument("--dry-run", action="store_true", help="say what would change, and keep nothing")
    return parser


def _run_option(parser: argparse.ArgumentParser) -> None:
    words = "a file in config/editions, or year-2024 (default: as in config/config.yaml)"
    parser.add_argument("--edition", help=words)
    parser.add_argument("--area", help="a city district, or a file in config/areas (default: the report's own)")
    parser.add_argument("--language", choices=["nb", "en"], help="language of the report")
    parser.add_argument("--run", dest="run_file", type=Path, help="a JSON file with settings of config/config.yaml")


def _catalogue(args: argparse.Namespace) -> Catalogue:
    from groruddalen_stats.catalogue import load

    return load(project(), _settings(args))


def _settings(args: argparse.Namespace) -> dict[str, Any]:
    chosen = {key: value for key in ("edition", "area", "language") if (value := getattr(args, key))}
    return {**(_run_file(args.run_file) if args.run_file else {}), **chosen}


def _run_file(path: Path) -> Mapping[str, Any]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"not a JSON file ({error})", where=str(path)) from None
    if not isinstance(read, dict):
        raise ConfigError("not a JSON object", where=str(path))
    return read


def _build(args: argparse.Namespace) -> int:
    # A build makes hundreds of thousands of objects that live to its end: looking for garbage finds none, at length.
    gc.set_threshold(100_000)
    from groruddalen_stats.stages.build import build

    build(project(), _settings(args), args.step)
    return 0


def _validate(args: argparse.Namespace) -> int:
    from groruddalen_stats import validation
    from groruddalen_stats.check import load_ledger
    from groruddalen_stats.check.printed import print_faults
    from groruddalen_stats.errors import telling
    from groruddalen_stats.raw.store import Store
    from groruddalen_stats.stages.check import breaches_of
    from groruddalen_stats.stages.work import Work

    def whole() -> Work:
        return Work(catalogue.wanting(catalogue.regions.ids), stands=True)

    with telling() as told:
        catalogue = _catalogue(args)
        store, work = Store(catalogue.paths), Work(catalogue, stands=True)
        for read in (
            catalogue.require_valid,
            catalogue.require_editions,
            lambda: load_ledger(catalogue),
            lambda: catalogue.claims,
            lambda: store.require_sidecars(catalogue.sources),
            lambda: told.add(store.faults()),
            lambda: told.add(print_faults(catalogue, work.published)),
            lambda: told.add(validation.claim_faults(catalogue, work.prose)),
            lambda: told.add(validation.word_faults(catalogue)),
            lambda: told.add(validation.place_faults(catalogue)),
            lambda: told.add(validation.series_faults(catalogue)),
            lambda: told.add(validation.identity_faults(catalogue)),
            lambda: told.add(breaches_of(catalogue, whole().observations)),
        ):
            try:
                read()
            except StatsError as error:
                told.add(error.faults)
            except OSError as error:
                told.add([of_system(error)])
            except Exception:
                # What a fault that is told left out can be missed anywhere.
                if not told.faults:
                    raise
    StatsError.raise_any(told.faults)
    print("config and raw files are in order")
    return 0


def _check(args: argparse.Namespace) -> int:
    from groruddalen_stats.stages import check

    check.run(_catalogue(args))
    return 0


def _power(args: argparse.Namespace) -> int:
    gc.set_threshold(100_000)
    from groruddalen_stats.catalogue import load
    from groruddalen_stats.check.power import KINDS
    from groruddalen_stats.stages import power

    printed = load(project()).printed
    power.run(load(project(), {"edition": printed.print_edition}), args.seed, args.kind or KINDS)
    return 0


def _floors(args: argparse.Namespace) -> int:
    from groruddalen_stats.catalogue import load
    from groruddalen_stats.stages import check

    changed = check.renew_floors(load(project()), args.lower)
    print("\n".join(changed) if changed else "the floors are up to date")
    return 0


def _readme(args: argparse.Namespace) -> int:
    from groruddalen_stats import readme
    from groruddalen_stats.catalogue import load
    from groruddalen_stats.stages.work import Work

    paths = project()
    catalogue = load(paths, {"language": "nb"})
    printed = load(paths, {"language": "nb", "edition": catalogue.appendix.print_edition})
    readme.write(printed, Work(printed).cells, check=args.check)
    return 0


def _fetch(args: argparse.Namespace) -> int:
    from functools import partial

    from groruddalen_stats.catalogue import load
    from groruddalen_stats.live import commands
    from groruddalen_stats.stages import renewal

    tell_of = partial(renewal.tell, project())
    return commands.fetch(load(project()), args.source, tell_of=tell_of, dry_run=args.dry_run)


def _doctor(args: argparse.Namespace) -> int:
    from groruddalen_stats.catalogue import load
    from groruddalen_stats.live import commands

    return commands.doctor(load(project()), args.source, write=args.write)


def _import(args: argparse.Namespace) -> int:
    from groruddalen_stats.catalogue import load
    from groruddalen_stats.config.models import Fetched
    from groruddalen_stats.live import imports

    chosen = {"chosen": args.query} if args.query else {}
    facts, now = Fetched(moment=args.date.isoformat(), url=args.url, query=chosen), dt.datetime.now(dt.UTC)
    return imports.run(load(project()), args.source, args.file, facts, now, dry_run=args.dry_run)


def _sources(args: argparse.Namespace) -> int:
    from groruddalen_stats.live import commands
    from groruddalen_stats.live.entries import overview
    from groruddalen_stats.stages.work import Work

    work = Work(_catalogue(args))
    return commands.sources(overview(work.catalogue, work.store, work.observations, work.cells))


def _compare(args: argparse.Namespace) -> int:
    from groruddalen_stats.stages import compare

    chosen: list[dict[str, object]] = []
    for name in args.side:
        edition, _, area = (f"{BY_YEAR}{args.year}", "", name) if args.year else name.partition("+")
        chosen.append({"edition": edition, "area": area or None, "language": args.language})
    print(compare.write(project(), chosen).as_posix())
    return 0


def _site(arguments: argparse.Namespace) -> int:
    gc.set_threshold(100_000)
    from groruddalen_stats.stages import site

    faults = site.make(project(), arguments.url)
    for fault in faults:
        print(fault, file=sys.stderr)
    print((project().root / _PAGE).as_posix())
    return 1 if faults else 0


def _areas(args: argparse.Namespace) -> int:
    gc.set_threshold(100_000)
    settings = _run_file(args.run_file)
    if args.name == "index":
        from groruddalen_stats.stages import side_by_side

        side_by_side.write(project(), settings)
    else:
        from groruddalen_stats.stages import areas

        areas.build(project(), settings, args.name)
    return 0


def _takeaway(_: argparse.Namespace) -> int:
    from groruddalen_stats.stages import takeaway

    print("\n".join(path.as_posix() for path in takeaway.collect(project())))
    return 0


def _read_back(_: argparse.Namespace) -> int:
    from groruddalen_stats.stages import takeaway

    runs = takeaway.read_back(project())
    print(f"{runs} reports: page, PDF, drawings, workbook and tables show the numbers that data/raw gives")
    return 0


def _schema(_: argparse.Namespace) -> int:
    from groruddalen_stats.schema import write

    print("\n".join(path.as_posix() for path in write()))
    return 0


def _lock(args: argparse.Namespace) -> int:
    from groruddalen_stats.raw.store import Store

    changed = Store(project()).relock(args.file or None)
    print("\n".join(changed) if changed else "the lock is up to date")
    return 0


if __name__ == "__main__":
    result = main()
    # The system takes back all at once what Python would first look through for garbage.
    gc.freeze()
    sys.exit(result)

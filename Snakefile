# The pipeline: data/raw -> observations -> cells -> figures, check -> report. Wiring only; the work is in src/.
#
# INPUTS   config/, data/raw/
# OUTPUTS  data/processed/, figures/<run>/, report/<run>/; a run is called by its edition and what it differs in from it
# TARGETS  tables, figures, check, report, fetch; or any single file, such as figures/2011/figur_05.svg
#
# Contents decide what is built, not dates: a target has an order among its inputs that is new as long as any stage behind
# it is not done. One job does all the stages that a target needs, in one process, since starting Python with pandas costs
# more than most stages; it takes all cores, so that no two work on the same stage. Figures and report are made below
# data/processed and put in place last, so that a run that fails leaves the last good ones.
#
# 'snakemake --lint' asks for a log and an environment of each rule, and for params in place of variables: what a job says
# belongs on the terminal, one line for each mistake; requirements.lock with make is the environment; and with params
# Snakemake imports pandas at every call, to compare them.

import gc
import os
import sys
from pathlib import Path

from snakemake.utils import min_version

from groruddalen_stats.areas import settings_of
from groruddalen_stats.batches import INDEX, KEYS, batches_of
from groruddalen_stats.errors import StatsError, of_system
from groruddalen_stats.paths import project
from groruddalen_stats.workflow import (
    TARGETS,
    lock,
    of_another_run,
    orders_of,
    restore,
    require_run,
    run_file,
)

min_version("9.25")
# What Snakemake has loaded stays to the end: to look through it for garbage takes a quarter of a call with nothing to do.
gc.freeze()

PYTHON = sys.executable
# One heap for all threads of a job: what one gives back another can use, and the PDF is set in a thread of its own.
os.environ.setdefault("MALLOC_ARENA_MAX", "1")
# What a large piece took, such as a picture, is given back when it is done with.
os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", "524288")
os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", "1048576")
# And no second one of Arrow's own.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
MADE = Path("data/processed")
# Not 'configfile:', which ends in a traceback where the file is no YAML or not UTF-8.
try:
    of_set = {key: config.pop(key) for key in KEYS if key in config}
    given = dict(config)
    settings = settings_of(given, project().config)
    config.clear()
    config.update(settings)
    require_run(config, given, project())
    if "areas" in sys.argv[1:] and "set" not in of_set:
        raise StatsError("which areas?", where="--config", remedy="name a set: --config set=oslo_bydeler year=2024")
    SET = batches_of({**config, **of_set}, project()) if "set" in of_set else None
    # What a run differs in from its edition, and the language, are in the names of its folders.
    ORDERS, NUMBERS, READERS = orders_of(config, project())
    strangers = [] if SET else of_another_run(sys.argv[1:], NUMBERS, READERS)
    if strangers:
        raise StatsError(faults=strangers)
    RUN = run_file(config, MADE / READERS)
    for target in (project().figures(READERS), project().report(READERS)):
        restore(target)
    ORDERS.place()
    # A job of a batch system reads this again, while others are at work on what was ordered.
    if SET is not None and workflow.is_main_process:
        SET.place()
except (StatsError, OSError) as error:
    # Snakemake would put lines of its own around it.
    print(of_system(error) if isinstance(error, OSError) else error, file=sys.stderr)
    sys.exit(1)

LOCK = lock(MADE)


# One build at a time; a process that is killed leaves no lock behind, as Snakemake's own would.
onstart:
    LOCK.acquire()


rule report:
    default_target: True
    input:
        ORDERS.note("place").as_posix(),


rule tables:
    input:
        ORDERS.stages["place_tables"].outputs,


rule figures:
    input:
        ORDERS.stages["place_figures"].outputs,


# Of another area than the report's there is nothing to check, and no such rule.
if "place_check" in ORDERS.stages:

    rule check:
        input:
            ORDERS.stages["place_check"].outputs,
        shell:
            "{PYTHON:q} -m groruddalen_stats.cli check --run {RUN:q}"


# One rule for each stage that can be asked for. Files that are put in place are updated, since Snakemake would remove
# other outputs first; those of the whole report are no outputs at all, so that a run that fails leaves the last good ones.
for target in filter(ORDERS.stages.__contains__, TARGETS):

    rule:
        name:
            target
        input:
            ORDERS.order(target),
        output:
            ORDERS.note(target).as_posix() if target == "place" else update(ORDERS.stages[target].outputs),
        threads: workflow.cores
        message:
            f"data/raw -> {', '.join(ORDERS.behind(target))}"
        shell:
            "{PYTHON:q} -m groruddalen_stats.cli build {rule} --run {RUN:q}"


# The areas of a set: a process for each batch of them, and one for the index. An area that fails fails no batch, so that
# the others and the index are made; the index then names it and fails.
if SET is not None:
    SET_RUN = run_file(config, SET.folder, of_set)

    wildcard_constraints:
        batch="[0-9]+",

    rule areas:
        input:
            SET.note(INDEX),

    rule batch:
        input:
            SET.order("{batch}"),
        output:
            SET.note("{batch}"),
        message:
            "areas {wildcards.batch}"
        shell:
            "{PYTHON:q} -m groruddalen_stats.cli areas {wildcards.batch} --run {SET_RUN:q}"

    rule area:
        input:
            lambda wildcards: SET.note(SET.batch_of(wildcards.area)),
        output:
            touch(SET.note("area-{area}")),

    rule index:
        input:
            SET.order(INDEX),
            [SET.note(name) for name in SET.listed],
        output:
            SET.note(INDEX),
        shell:
            "{PYTHON:q} -m groruddalen_stats.cli areas {rule} --run {SET_RUN:q}"


rule fetch:
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli fetch"

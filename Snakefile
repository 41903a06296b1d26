# The pipeline: data/raw -> observations -> cells -> figures, check -> report. Wiring only; the work is in src/.
#
# INPUTS   config/, data/raw/
# OUTPUTS  data/processed/, figures/<run>/, report/<run>/; a run is called by its edition and what it differs in from it
# TARGETS  tables, figures, check, report, fetch; or any single file, such as figures/2011/figur_05.svg
#
# Contents decide what is built, not dates: a target has an order among its inputs that is new as long as any stage behind
# it is not done. One job does all the stages that a target needs, in one process, since starting Python with pandas costs
# more than most stages; it takes all cores, so that no two work on the same stage. Figures and report are made below data/processed and put in place last, so that a run that fails
# leaves the last good ones.

import sys
from pathlib import Path

from snakemake.utils import min_version

from groruddalen_stats.errors import StatsError, of_system
from groruddalen_stats.paths import project
from groruddalen_stats.workflow import lock, of_another_run, orders_of, restore, run_faults, run_file, settings_of

min_version("9.25")


PYTHON = sys.executable
MADE = Path("data/processed")
# Not 'configfile:', which ends in a traceback where the file is no YAML or not UTF-8.
try:
    GIVEN = dict(config)
    config.update(settings_of(GIVEN, Path("config/config.yaml")))
    faults = run_faults(config, Path("config/editions"), GIVEN)
    if faults:
        raise StatsError(faults=faults)
    # What a run differs in from its edition, and the language, are in the names of its folders.
    ORDERS, NUMBERS, READERS = orders_of(config, project())
    strangers = of_another_run(sys.argv[1:], NUMBERS, READERS)
    if strangers:
        raise StatsError(faults=strangers)
    RUN = run_file(config, MADE / READERS)
    for target in (project().figures(READERS), project().report(READERS)):
        restore(target)
    ORDERS.place()
except (StatsError, OSError) as error:
    # Snakemake would put lines of its own around it.
    print(of_system(error) if isinstance(error, OSError) else error, file=sys.stderr)
    sys.exit(1)

LOCK = lock(MADE)


# One build at a time; a process that is killed leaves no lock behind, as Snakemake's own would.
onstart:
    LOCK.acquire()


rule report:
    input:
        ORDERS.note("place").as_posix(),
    default_target: True


rule tables:
    input:
        ORDERS.stages["place_tables"].outputs,


rule figures:
    input:
        ORDERS.stages["place_figures"].outputs,


rule check:
    input:
        ORDERS.stages["place_check"].outputs,
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli check --run {RUN:q}"


# The files it puts in place are no outputs of this rule: Snakemake would remove them first.
rule build_report:
    message: "raw files -> the whole report in report/{READERS} and figures/{READERS}"
    input:
        ORDERS.order("place"),
    output:
        ORDERS.note("place").as_posix(),
    threads: workflow.cores
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli build place --run {RUN:q}"


rule build_cells:
    message: "raw files -> cells"
    input:
        ORDERS.order("cells"),
    output:
        update(ORDERS.stages["cells"].outputs),
    threads: workflow.cores
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli build cells --run {RUN:q}"


rule build_figures:
    message: "raw files -> figures/{READERS}"
    input:
        ORDERS.order("place_figures"),
    output:
        update(ORDERS.stages["place_figures"].outputs),
    threads: workflow.cores
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli build place_figures --run {RUN:q}"


rule build_tables:
    message: "raw files -> one CSV file per object in report/{READERS}/data"
    input:
        ORDERS.order("place_tables"),
    output:
        update(ORDERS.stages["place_tables"].outputs),
    threads: workflow.cores
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli build place_tables --run {RUN:q}"


rule build_check:
    message: "raw files -> the check of the print in report/{READERS}"
    input:
        ORDERS.order("place_check"),
    output:
        update(ORDERS.stages["place_check"].outputs),
    threads: workflow.cores
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli build place_check --run {RUN:q}"


rule fetch:
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli fetch"

# The pipeline: data/raw -> observations -> cells -> figures, check -> report. Wiring only; the work is in src/.
#
# INPUTS   config/, data/raw/
# OUTPUTS  data/processed/, figures/<run>/, report/<run>/; a run is called by its edition and what it differs in from it
# TARGETS  tables, figures, check, report, fetch; or any single file, such as figures/2011/figur_05.svg
#
# Contents decide what is built, not dates: each rule has an order among its inputs that is new as long as its stage is
# not done. Figures and report are made below data/processed and put in place by a last step, so that a run that fails
# leaves the last good ones.

import sys
from pathlib import Path

from snakemake.utils import min_version

from groruddalen_stats.errors import StatsError, of_system
from groruddalen_stats.paths import project
from groruddalen_stats.workflow import Orders, lock, objects, names_of, of_another_run, restore, run_faults, run_file, settings_of, stages

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
    NUMBERS, READERS = names_of(config, Path("config/editions"))
    strangers = of_another_run(sys.argv[1:], NUMBERS, READERS)
    if strangers:
        raise StatsError(faults=strangers)
    STAGES = stages(NUMBERS, READERS, objects(Path("config/appendix.yaml")))
    RUN = run_file(config, MADE / READERS)
    for target in (project().figures(READERS), project().report(READERS)):
        restore(target)
    ORDERS = Orders(MADE / READERS, STAGES, {"observations": MADE, "cells": MADE / NUMBERS})
    ORDERS.place(config)
except (StatsError, OSError) as error:
    # Snakemake would put lines of its own around it.
    print(of_system(error) if isinstance(error, OSError) else error, file=sys.stderr)
    sys.exit(1)

LOCK = lock(MADE)


# One build at a time; a process that is killed leaves no lock behind, as Snakemake's own would.
onstart:
    LOCK.acquire()


def wanted(stage):
    """The order of a stage, first, and everything that the stages before it write."""
    return [ORDERS.order(stage), *(name for before in STAGES[stage].after for name in STAGES[before].outputs)]


rule report:
    input:
        ORDERS.done("place"),
    default_target: True


rule tables:
    input:
        STAGES["place_tables"].outputs,


rule figures:
    input:
        STAGES["place_figures"].outputs,


rule check:
    input:
        STAGES["place_check"].outputs,
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli check --run {RUN:q}"


rule observations:
    message: "raw files -> observations"
    input:
        wanted("observations"),
    output:
        STAGES["observations"].outputs,
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli build observations --run {RUN:q} --order {input[0]:q}"


rule cells:
    message: "observations -> cells of the 25 objects"
    input:
        wanted("cells"),
    output:
        STAGES["cells"].outputs,
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli build cells --run {RUN:q} --order {input[0]:q}"


rule draw:
    message: "cells -> 13 figures"
    input:
        wanted("figures"),
    output:
        STAGES["figures"].outputs,
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli build figures --run {RUN:q} --order {input[0]:q}"


rule compare_with_print:
    message: "cells and print -> the check, and one CSV file per object"
    input:
        wanted("check"),
    output:
        STAGES["check"].outputs,
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli build check --run {RUN:q} --order {input[0]:q}"


rule write_report:
    message: "cells, figures and the check -> HTML, PDF and manifest"
    input:
        wanted("report"),
        STAGES["cells"].outputs,
    output:
        STAGES["report"].outputs,
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli build report --run {RUN:q} --order {input[0]:q}"


# The files it puts in place are no outputs of this rule: Snakemake would remove them first.
rule place:
    message: "the whole report -> report/{READERS} and figures/{READERS}"
    input:
        wanted("place"),
    output:
        ORDERS.done("place"),
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli build place --run {RUN:q} --order {input[0]:q}"


rule place_figures:
    input:
        wanted("place_figures"),
    output:
        update(STAGES["place_figures"].outputs),
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli build place_figures --run {RUN:q} --order {input[0]:q}"


rule place_tables:
    input:
        wanted("place_tables"),
    output:
        update(STAGES["place_tables"].outputs),
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli build place_tables --run {RUN:q} --order {input[0]:q}"


rule place_check:
    input:
        wanted("place_check"),
    output:
        update(STAGES["place_check"].outputs),
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli build place_check --run {RUN:q} --order {input[0]:q}"


rule fetch:
    shell:
        "{PYTHON:q} -m groruddalen_stats.cli fetch"

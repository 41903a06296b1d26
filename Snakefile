# The pipeline: data/raw -> observations -> cells -> figures, check -> report. Wiring only; the work is in src/.
#
# INPUTS   config/, data/raw/
# OUTPUTS  data/processed/, figures/<edition>/, report/<edition>/
# TARGETS  tables, figures, check, report, fetch; or any single file, such as figures/2011/figur_05.svg

import sys
from pathlib import Path

from snakemake.utils import min_version

from groruddalen_stats.errors import ConfigError
from groruddalen_stats.workflow import code, objects, raw_files, run_faults, run_file

min_version("9.25")


configfile: "config/config.yaml"


faults = run_faults(config, Path("config/editions"))
if faults:
    raise WorkflowError("\n".join(map(str, faults)))

EDITION = str(config["edition"])
RUN = run_file(config, Path("data/processed"))
PYTHON = sys.executable
OBJECTS = objects(Path("config/appendix.yaml"))
FIGURES = [name for name, kind in OBJECTS.items() if kind == "figure"]
RAW = raw_files(Path("data/raw"))
PRINTED = [name for name in RAW if name.startswith("data/raw/published/")]
BORDERS = [name for name in RAW if name.startswith("data/raw/boundaries/")]
OBSERVATIONS = "data/processed/observations.parquet"
CELLS = f"data/processed/{EDITION}/cells.parquet"
REPORT = f"report/{EDITION}"
EDITIONS = [f"config/editions/{EDITION}.yaml", "config/editions/2011.yaml"]
CATALOGUE = ["config/sources.yaml", "config/indicators.yaml", "config/regions.yaml", "config/labels.yaml"]


# A failed job leaves the files of the last good one: that is what update() is for.
rule report:
    input:
        f"{REPORT}/appendix.html",
        f"{REPORT}/appendix.pdf",
        f"{REPORT}/check.html",
    default_target: True


rule tables:
    input:
        expand("{report}/data/{name}.csv", report=REPORT, name=OBJECTS),


rule figures:
    input:
        expand("figures/{edition}/{name}.{kind}", edition=EDITION, name=FIGURES, kind=["svg", "png"]),


rule check:
    input:
        f"{REPORT}/check.html",
    shell:
        "{PYTHON} -m groruddalen_stats.cli check --run {RUN}"


rule observations:
    message: "raw files -> observations"
    input:
        RAW,
        "config/sources.yaml",
        "config/regions.yaml",
        code("stages.observations"),
    output:
        update(OBSERVATIONS),
    shell:
        "{PYTHON} -m groruddalen_stats.cli build observations"


rule cells:
    message: "observations -> cells of the 25 objects"
    input:
        RUN,
        OBSERVATIONS,
        PRINTED,
        CATALOGUE,
        EDITIONS,
        "config/appendix.yaml",
        code("stages.cells"),
    output:
        update(CELLS),
        update(f"data/processed/{EDITION}/cells.csv"),
    shell:
        "{PYTHON} -m groruddalen_stats.cli build cells --run {RUN}"


rule draw:
    message: "cells -> 13 figures"
    input:
        RUN,
        CELLS,
        BORDERS,
        CATALOGUE,
        EDITIONS,
        "config/appendix.yaml",
        "data/raw/oslo/delbydeler_groruddalen.csv",
        "data/raw/oslo/bydeler.csv",
        code("stages.figures"),
    output:
        update(expand("figures/{edition}/{name}.{kind}", edition=EDITION, name=FIGURES, kind=["svg", "png"])),
    shell:
        "{PYTHON} -m groruddalen_stats.cli build figures --run {RUN}"


rule compare_with_print:
    message: "cells and print -> the check"
    input:
        RUN,
        OBSERVATIONS,
        CELLS,
        PRINTED,
        CATALOGUE,
        EDITIONS,
        "config/appendix.yaml",
        "config/deviations.yaml",
        "config/claims.yaml",
        code("stages.check"),
    output:
        update(expand("{report}/check.{kind}", report=REPORT, kind=["csv", "html", "xml", "json"])),
        update(f"{REPORT}/claims.csv"),
        update(f"{REPORT}/badge.json"),
        update(f"{REPORT}/badge.svg"),
    shell:
        "{PYTHON} -m groruddalen_stats.cli build check --run {RUN}"


rule write_report:
    message: "cells, figures and the check -> HTML, PDF, CSV and manifest"
    input:
        RUN,
        CELLS,
        RAW,
        rules.compare_with_print.output,
        rules.draw.output,
        CATALOGUE,
        EDITIONS,
        "config/appendix.yaml",
        "config/claims.yaml",
        code("report"),
    output:
        update(f"{REPORT}/appendix.html"),
        update(f"{REPORT}/appendix.pdf"),
        update(f"{REPORT}/manifest.json"),
        update(expand("{report}/data/{name}.csv", report=REPORT, name=OBJECTS)),
    shell:
        "{PYTHON} -m groruddalen_stats.cli build report --run {RUN}"


rule fetch:
    shell:
        "{PYTHON} -m groruddalen_stats.cli fetch"

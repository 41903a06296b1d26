"""Reads the tidy file with pandas: the population of Groruddalen's city districts, with their names in English.

Run it beside the files, or give the folder: ``python read.py report/data``.
"""

import sys
from pathlib import Path

import pandas as pd

folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")

# Codes such as 0301 begin with a zero: without dtype they would be numbers. Parquet has the types in it.
numbers = pd.read_parquet(folder / "tidy.parquet")
codebook = pd.read_csv(folder / "codebook.csv", dtype=str, keep_default_na=False)

names = codebook[(codebook["variable"] == "region") & (codebook["code"] != "")].set_index("code")["en"]
first = numbers.iloc[0]  # the report's own area comes first
run = numbers[(numbers["edition"] == first["edition"]) & (numbers["area"] == first["area"])]
population = run[run["object"] == "tabell_01"]
wide = population.pivot_table(index="region", columns="year", values="value", sort=False)
wide.index = wide.index.map(names.to_dict().get)
print(wide.to_string(float_format="{:.0f}".format))

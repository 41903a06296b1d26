"""How fast a table of 800 000 cells is decoded, as the ratios that decoding JSON-stat is held to.

Speed is processor time of pyjstat over ours, from the text to a table with one row per cell; the standard library's
``json`` is half of our time and costs pyjstat as much. Ours has codes, labels and status signs, pyjstat's only labels.
Memory is our peak over the size of that table. Run it with ``python -m benchmarks.jsonstat``; it fails when a ratio is
missed.
"""

from __future__ import annotations

import json
import time
import tracemalloc
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from pyjstat import pyjstat

from groruddalen_stats.pxtable.jsonstat import decode

SIZES = {"region": 100, "sex": 2, "age": 20, "measure": 8, "period": 25}
AT_LEAST = {"jsonstat_speed_with_parsing": 15.0}
AT_MOST = {"jsonstat_memory_with_parsing": 3.0}


def synthetic() -> dict[str, Any]:
    """Return a JSON-stat 2 document of 800 000 made-up cells, one in twenty without a number but with a sign."""
    random = np.random.default_rng(seed=0)
    cells = int(np.prod(list(SIZES.values())))
    numbers = random.integers(0, 100_000, cells)
    hidden = random.random(cells) < 0.05
    return {
        "version": "2.0",
        "class": "dataset",
        "label": "synthetic",
        "id": list(SIZES),
        "size": list(SIZES.values()),
        "dimension": {
            name: {
                "label": name,
                "category": {
                    "index": {f"{place:03}": place for place in range(size)},
                    "label": {f"{place:03}": f"{name} {place}" for place in range(size)},
                },
            }
            for name, size in SIZES.items()
        },
        "value": [None if gone else number for number, gone in zip(numbers.tolist(), hidden, strict=True)],
        "status": {str(cell): (":", "..")[cell % 2] for cell in np.flatnonzero(hidden).tolist()},
    }


def seconds(work: Callable[[], object], times: int) -> float:
    """Return the least processor time of ``times`` runs, which other programs disturb least."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def frame(document: bytes) -> pd.DataFrame:
    """Return a document as a table with one row per cell: codes, labels, value and status."""
    dataset = decode(document)
    columns: dict[str, object] = {}
    before, after = 1, dataset.values.size
    for dimension in dataset.dimensions:
        length = len(dimension.codes)
        after //= length
        places = np.broadcast_to(np.arange(length, dtype=np.int8)[:, np.newaxis], (before, length, after)).flatten()
        columns[dimension.code] = pd.Categorical.from_codes(places, categories=pd.Index(dimension.codes))
        columns[f"{dimension.code}_label"] = pd.Categorical.from_codes(places, categories=pd.Index(dimension.labels))
        before *= length
    return pd.DataFrame({**columns, "value": dataset.values, "status": dataset.status}, copy=False)


def main() -> dict[str, float]:
    """Return the ratios, by name; see :data:`AT_LEAST` and :data:`AT_MOST` for what they must be."""
    text = json.dumps(synthetic())
    file = text.encode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pyjstat calls its own deprecated function
        theirs = seconds(lambda: pyjstat.Dataset.read(text).write("dataframe"), times=2)
    tracemalloc.start()
    size = int(frame(file).memory_usage(index=False).sum())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {
        "jsonstat_speed_with_parsing": theirs / seconds(lambda: frame(file), times=7),
        "jsonstat_memory_with_parsing": peak / size,
    }


def missed(ratios: dict[str, float]) -> list[str]:
    """Return the names of the ratios that are not what they must be."""
    slow = [name for name, floor in AT_LEAST.items() if ratios[name] < floor]
    return slow + [name for name, ceiling in AT_MOST.items() if ratios[name] >= ceiling]


if __name__ == "__main__":
    results = main()
    for name, ratio in results.items():
        bound = f">= {AT_LEAST[name]:g}" if name in AT_LEAST else f"< {AT_MOST[name]:g}"
        print(f"{name}: {ratio:.2f} (must be {bound})")
    if missed(results):
        raise SystemExit(f"missed: {', '.join(missed(results))}")

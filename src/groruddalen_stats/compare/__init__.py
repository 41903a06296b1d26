"""Two or more editions side by side: a page and a CSV file per object."""

from __future__ import annotations

from groruddalen_stats.compare.page import write
from groruddalen_stats.compare.sides import Compared, ComparedCell, ComparedColumn, ComparedLine, Step, compare

__all__ = ["Compared", "ComparedCell", "ComparedColumn", "ComparedLine", "Step", "compare", "write"]

"""Years or areas side by side, or both: a page in the form of the report, and a CSV file per object."""

from __future__ import annotations

from groruddalen_stats.compare.page import write

__all__ = ["write"]

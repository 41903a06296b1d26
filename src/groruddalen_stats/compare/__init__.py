"""Turns the cells of two or more editions into a report that sets them side by side."""

from __future__ import annotations

from groruddalen_stats.compare.page import write
from groruddalen_stats.compare.sides import Compared, Line, Role, Side, Step, compare

__all__ = ["Compared", "Line", "Role", "Side", "Step", "compare", "write"]

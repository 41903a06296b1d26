"""The figures of the appendix: what each shows, how it is drawn, and its files.

Drawing needs matplotlib, which is slow to import and mostly not needed: see :mod:`groruddalen_stats.figures.drawing`.
"""

from __future__ import annotations

from groruddalen_stats.figures.content import Content, Places, Texts, content_of
from groruddalen_stats.figures.places import places

__all__ = ["Content", "Places", "Texts", "content_of", "places"]

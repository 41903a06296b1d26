"""Age bands as sources and configuration write them: 0-5, 15, 80+ or all."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from groruddalen_stats.errors import ConfigError

ALL = "all"
_BAND = re.compile(r"(\d+)(?:-(\d+)|(\+))?")
_OLDEST = 10_000


class Ages(NamedTuple):
    """First and last year of age, both included."""

    first: int
    last: int

    @property
    def open(self) -> bool:
        """Whether the band has no upper end."""
        return self.last == _OLDEST


@cache
def ages(band: str) -> Ages:
    """Return the years of age of a band."""
    if band == ALL:
        return Ages(0, _OLDEST)
    match = _BAND.fullmatch(band)
    if not match:
        raise ConfigError(f"'{band}' is not an age band", where="age", remedy="write 0-5, 15, 80+ or all")
    first = int(match[1])
    return Ages(first, _OLDEST if match[3] else int(match[2] or first))

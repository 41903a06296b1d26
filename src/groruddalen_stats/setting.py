"""Typst, with the letters that ship with matplotlib and nothing from the machine: documents and pictures."""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groruddalen_stats.errors import StatsError

if TYPE_CHECKING:
    import typst


def compiled(main: Path, out: Path, **options: Any) -> Any:
    """Return what Typst makes of a file, which may read all that is in the file's folder.

    Args:
        main: the file.
        out: what it is made for, for messages.
        options: what to make; see ``typst.compile``.

    Returns:
        A document or a picture.

    Raises:
        StatsError: when matplotlib is not there, or Typst finds a fault.
    """
    # More threads cost more memory than they save time in a document of this size.
    os.environ.setdefault("RAYON_NUM_THREADS", "2")
    import typst  # noqa: PLC0415 - 34 MB that only this function needs

    try:
        return typst.compile(main, root=main.parent, font_paths=_letters(), ignore_system_fonts=True, **options)
    except typst.TypstError as error:
        hints = "; ".join(getattr(error, "hints", []) or [])
        raise StatsError(f"{error.message}{f' ({hints})' if hints else ''}", where=out.as_posix()) from None


@cache
def _letters() -> typst.Fonts:
    import typst  # noqa: PLC0415

    # Found without importing it, which takes longer than setting a document.
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise StatsError("matplotlib is not installed", remedy="run 'make report', which sets up everything")
    letters = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[letters])

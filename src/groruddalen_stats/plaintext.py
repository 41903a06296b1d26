"""Text files that people write: UTF-8, and CSV with the line of each record."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from groruddalen_stats.errors import StatsError


def text_of(content: bytes, where: str, error: type[StatsError]) -> str:
    """Return what a file says, or raise ``error`` with its line where it is not UTF-8."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise error("not UTF-8 but UTF-16", where=f"{where}:1", remedy="save the file as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as found:
        line = content[: found.start].count(b"\n") + 1
        what = f"not UTF-8: byte {content[found.start]:#04x}"
        raise error(what, where=f"{where}:{line}", remedy="save the file as UTF-8") from None


def records(
    content: bytes, where: str, error: type[StatsError], separator: str = ","
) -> Iterator[tuple[int, list[str]]]:
    """Yield every record of a CSV file that is not blank, with the line it begins in; raise ``error`` where it is none."""
    text = text_of(content, where, error)
    reader, begins = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), 1
    try:
        for record in reader:
            if any(field.strip() for field in record):
                yield begins, record
            begins = reader.line_num + 1
    except csv.Error as found:
        what = f"not a readable CSV table ({found})"
        raise error(what, where=f"{where}:{begins}", remedy="close the quotes, or restore the file") from None

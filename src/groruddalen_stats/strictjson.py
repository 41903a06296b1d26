"""JSON from elsewhere read strictly: it has one meaning or is refused with one named fault.

The standard reader takes NaN, keeps the last of two equal keys and runs out of stack in what is nested deeply. Each of
these would lose a number or end a run, so all of them are refused here, for every service.
"""

from __future__ import annotations

import json
import reprlib
from typing import Any, NoReturn

from groruddalen_stats.errors import StatsError


def parse(document: bytes | str, where: str, error: type[StatsError]) -> Any:
    """Return what a JSON document in UTF-8 says, with or without a byte order mark.

    Raises ``error`` where it is not JSON, has another encoding, or leaves doubt about what it says.
    """
    remedy = "fetch it again, or try later"
    try:
        text = (document.decode("utf-8") if isinstance(document, bytes) else document).removeprefix("\ufeff")
        root = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_without_duplicates)
        if "\\u" in text:
            json.dumps(root, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as found:
        what = f"not UTF-8 at byte {found.start}"
    except UnicodeEncodeError as found:
        what = f"a text has half a character: {found.object[found.start : found.end]!a}"
    except json.JSONDecodeError as found:
        start = text[:1000].lstrip()
        if not start:
            what = "the document is empty"
        elif start.startswith("<"):
            what = "this is a web page (HTML or XML), not JSON"
            remedy = "check the address, or wait until the service is back"
        else:
            what, where = f"not JSON, or cut short: {found.msg}", f"{where}, line {found.lineno}, column {found.colno}"
    except _UnfitError as found:
        what = str(found)
    except RecursionError:
        what = "not JSON that can be read: nested too deep"
    except ValueError:
        what = "not JSON that can be read: a number has thousands of digits"
    else:
        return root
    raise error(what, where=where, remedy=remedy)


class _UnfitError(ValueError):
    """What the standard reader would take."""


def _no_constant(literal: str) -> NoReturn:
    raise _UnfitError(f"{literal} is not a number in JSON")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        twin = next(key for key in members if keys.count(key) > 1)
        raise _UnfitError(f"the key {reprlib.repr(twin)} is written twice in one object")
    return members

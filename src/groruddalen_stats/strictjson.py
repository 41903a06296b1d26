"""JSON from elsewhere read strictly: it has one meaning or is refused with one named fault.

The standard reader takes NaN, keeps the last of two equal keys and runs out of stack in what is nested deeply. Each of
these would lose a number or end a run, so all of them are refused here, for every service.
"""

from __future__ import annotations

import json
import reprlib
from typing import Any, NoReturn

# No service nests deeper than a dozen; what comes near Python's own limit cannot be written out again.
_DEEPEST = 100
_HOLDERS = frozenset({dict, list})


class NotJsonError(ValueError):
    """A document that is not JSON with one meaning; ``where`` is the place within it."""

    def __init__(self, what: str, where: str = "", *, page: bool = False) -> None:
        super().__init__(what)
        self.what, self.where, self.page = what, where, page


def parse(document: bytes | str) -> Any:
    """Return the content of a JSON document in UTF-8, with or without a byte order mark.

    Raises:
        NotJsonError: when it is not JSON, has another encoding, or leaves doubt about what it says.
    """
    if isinstance(document, bytes):
        try:
            document = document.decode("utf-8")
        except UnicodeDecodeError as error:
            raise NotJsonError(f"not UTF-8 at byte {error.start}") from None
    text = document.removeprefix("\ufeff")
    start = text[:1000].lstrip()
    if not start:
        raise NotJsonError("the document is empty")
    if start.startswith("<"):
        raise NotJsonError("this is a web page (HTML or XML), not JSON", page=True)
    try:
        root = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_twins)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise NotJsonError(f"not JSON, or cut short: {error.msg}", place) from None
    except NotJsonError:
        raise
    except RecursionError:
        raise NotJsonError(_too_deep()) from None
    except ValueError:
        raise NotJsonError("not JSON that can be read: a number has thousands of digits") from None
    level = [root]
    for _ in range(_DEEPEST):
        level = [item for holder in level for item in _holders(holder)]
        if not level:
            break
    else:
        raise NotJsonError(_too_deep())
    if "\\u" in text:
        _require_whole(root)
    return root


def _holders(content: Any) -> list[Any]:
    """Return the objects and lists directly within one; a long list of numbers is passed over at once."""
    if type(content) not in _HOLDERS:
        return []
    items = content.values() if isinstance(content, dict) else content
    if _HOLDERS.isdisjoint(map(type, items)):
        return []
    return [item for item in items if type(item) in _HOLDERS]


def _require_whole(root: Any) -> None:
    try:
        json.dumps(root, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        half = error.object[error.start : error.end]
        raise NotJsonError(f"a text has half a character: {half!a}") from None


def _too_deep() -> str:
    return f"not JSON that can be read: nested more than {_DEEPEST} deep"


def _no_constant(literal: str) -> NoReturn:
    raise NotJsonError(f"{literal} is not a number in JSON")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        twin = next(key for key in members if keys.count(key) > 1)
        raise NotJsonError(f"the key {reprlib.repr(twin)} is written twice in one object")
    return members

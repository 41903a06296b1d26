"""JSON from elsewhere read strictly: it has one meaning or is refused with one named fault.

The standard reader takes NaN, keeps the last of two equal keys and runs out of stack in what is nested deeply. Each of
these would lose a number or end a run, so all of them are refused here, for every service.
"""

from __future__ import annotations

import json
import reprlib
from typing import Any, NoReturn


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
        if "\\u" in text:
            json.dumps(root, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotJsonError(f"a text has half a character: {error.object[error.start : error.end]!a}") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise NotJsonError(f"not JSON, or cut short: {error.msg}", place) from None
    except NotJsonError:
        raise
    except RecursionError:
        raise NotJsonError("not JSON that can be read: nested too deep") from None
    except ValueError:
        raise NotJsonError("not JSON that can be read: a number has thousands of digits") from None
    return root


def _no_constant(literal: str) -> NoReturn:
    raise NotJsonError(f"{literal} is not a number in JSON")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        twin = next(key for key in members if keys.count(key) > 1)
        raise NotJsonError(f"the key {reprlib.repr(twin)} is written twice in one object")
    return members

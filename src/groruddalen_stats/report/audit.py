"""Turns the check against the print into explanations per object and a chapter on what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from groruddalen_stats.report.words import Words


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one or more printed numbers of an object differ.

    Attributes:
        mark: the number under which it stands.
        places: row and column of the cells.
        text: the reason and the evidence.
    """

    mark: str
    places: tuple[tuple[str, str], ...]
    text: str


def headline(check: Mapping[str, Any] | None, words: Words) -> str:
    return str(check["headline"]) if check else ""


def explanations(check: Mapping[str, Any] | None, words: Words) -> dict[str, list[Explanation]]:
    return {}


def chapters(
    check: Mapping[str, Any] | None, claims: Sequence[Mapping[str, Any]] | None, words: Words
) -> list[dict[str, Any]]:
    return []

"""The edits of config/ that a drift with one clear answer asks for, as one patch; config/ itself is not changed."""

from __future__ import annotations

import difflib
import io
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from groruddalen_stats.config.load import Location, own_nodes, own_place


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to stand at a place of config/sources.yaml, or of the file of its own that the entry has.

    ``also`` keeps the wording that stands there beside it: the snapshot in force is still read by that.
    """

    place: Location
    instead: str | tuple[int, ...]
    also: bool = False


def patch(config: Path, root: Path, edits: Iterable[Edit]) -> tuple[str, list[str]]:
    """Return the edits as a unified diff for ``git apply`` in ``root``, and each of them as a line of text.

    An edit is left out where its place is not written in the file itself (a list that sources share, an alias), or
    where writing there would change anything else.
    """
    files: dict[Path, list[tuple[Location, Edit]]] = {}
    for edit in edits:
        path, place = own_place(config, edit.place)
        files.setdefault(path, []).append((place, edit))
    diff: list[str] = []
    told: list[str] = []
    for path, own in files.items():
        before = text = path.read_bytes().decode("utf-8")
        name = path.relative_to(root).as_posix()
        for place, edit in own:
            node = own_nodes(text).get(place)
            after = _written(text, place, node, edit) if node is not None else None
            if node is None or after is None:
                continue
            said = f"'{edit.instead}'" if isinstance(edit.instead, str) else list(edit.instead)
            told.append(f"{name}:{node.start_mark.line + 1}: {'also ' if edit.also else ''}{said}")
            text = after
        lines = difflib.unified_diff(_lines(before), _lines(text), f"a/{name}", f"b/{name}")
        diff += [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]
    return "".join(diff), told


def _lines(text: str) -> list[str]:
    return list(io.StringIO(text, newline="\n"))


def _written(text: str, place: Location, node: yaml.Node, edit: Edit) -> str | None:
    """Return the text with the edit made and nothing else changed, or nothing."""
    end = node.end_mark.index
    new: Any = edit.instead
    if isinstance(node, yaml.SequenceNode):
        new = list(new)
        end = node.value[-1].end_mark.index if node.value and not node.flow_style else end
    elif edit.also:
        new = f"{node.value} | {new}"
    if "#" in (old := text[node.start_mark.index : end]) and "\n" in old:
        return None  # a comment
    wanted = _with(yaml.safe_load(text), place, new)
    plain = [str(new)] if isinstance(node, yaml.ScalarNode) and node.style is None else []
    for form in [*plain, json.dumps(new, ensure_ascii=False)]:
        made = text[: node.start_mark.index] + form + text[end:]
        with suppress(yaml.YAMLError):
            if yaml.safe_load(made) == wanted:
                return made
    return None


def _with(data: Any, place: Location, new: Any) -> Any:
    holder = data
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = new
    return data

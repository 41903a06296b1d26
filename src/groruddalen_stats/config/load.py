"""Reading a YAML or CSV file of config/ as a validated model, or one line per fault with file, line and remedy."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from groruddalen_stats.errors import ConfigError, Fault, did_you_mean, told
from groruddalen_stats.plaintext import records
from groruddalen_stats.strictyaml import read_yaml

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[int | str, ...]
FROM_FILE = {"from": "a file of config/"}
"""The context in which what a person wrote is validated."""


class Strict(BaseModel):
    """Base of every configuration model: unknown keys are errors and values are not coerced between types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class OneOf(NamedTuple):
    """Marks a field whose words name something that is defined elsewhere in config/, such as a region.

    Attributes:
        kind: what it is; without it, what the field says that this model stands in.
    """

    kind: str = ""


AnyWord = TypeVar("AnyWord")


class Named(dict[str, AnyWord]):
    """Words by key; asking for one that the file does not have is a fault of the file."""

    def __init__(self, words: Mapping[str, AnyWord], where: str) -> None:
        super().__init__(words)
        self.where = where

    def __missing__(self, key: str) -> AnyWord:
        raise ConfigError(f"the key '{key}' is missing", where=self.where, remedy=did_you_mean(key, self))


def validate(model: type[Model], data: Any, path: Path, given: Collection[str] = ()) -> Model:
    """Return ``data`` as a ``model``.

    Args:
        given: the keys that were given on a command line and do not stand in the file.

    Raises:
        ConfigError: one fault per wrong key or value, each with ``file:line``, the dotted place and a remedy.
    """
    if data is None and any(field.is_required() for field in model.model_fields.values()):
        raise ConfigError("the file is empty", where=f"{path}:1", remedy="restore it from the repository")
    try:
        return model.model_validate(data if data is not None else {}, context=FROM_FILE)
    except ValidationError as error:
        lines = _line_numbers(path)
        problems = error.errors(include_url=False)
        faults = [
            replace(fault, where="--config") if problem["loc"] and problem["loc"][0] in given else fault
            for problem in problems
            for fault in [_fault(model, problem, path, lines, data)]
        ]
        if (noted := told()) is not None:
            right, lost = _right_part(model, deepcopy(data), problems)
            noted.leave_out(lost, faults)
            if right is not None:
                return right
        raise ConfigError(faults=dict.fromkeys(faults)) from None


def _right_part(model: type[Model], data: Any, problems: Sequence[Any]) -> tuple[Model | None, set[str]]:
    """Return what is right of ``data``, if that is enough for a model, and the names of the entries left out."""
    lost: set[str] = set()
    while problems:
        before = repr(data)
        kinds = {"missing", "extra_forbidden"}
        found = [(one["type"], _in_data(one["loc"], data, keep_last=one["type"] in kinds)) for one in problems]
        for kind, (*above, last) in [(kind, place) for kind, place in found if place]:
            parent = _at(data, above)
            if kind == "missing" and isinstance(parent, dict):
                meant = difflib.get_close_matches(str(last), map(str, parent), n=1)
                if meant and ("extra_forbidden", (*above, *meant)) in found:
                    parent[last] = parent.pop(meant[0])
                    continue
                if parent and parent.keys() < {"nb", "en"}:
                    parent[last] = next(iter(parent.values()))
                    continue
            place = above if kind == "missing" else [*above, last]
            # An item that is left out would move the lines of the others.
            while place and isinstance(place[-1], int):
                place = place[:-1]
            if not place:
                return None, lost
            holder = _at(data, place[:-1])
            if isinstance(holder, dict) and place[-1] in holder:
                gone = holder.pop(place[-1])
                # What it names, such as a topic, may be named by nothing else.
                lost.update([str(place[-1]), *re.findall(r"\w+", repr(gone))] if len(place) == 2 else ())
        try:
            return model.model_validate(data, context=FROM_FILE), lost
        except ValidationError as error:
            problems = error.errors(include_url=False) if repr(data) != before else []
    return None, lost


def _at(data: Any, place: Sequence[int | str]) -> Any:
    """Return what stands at a place of a file, if anything still does."""
    for part in place:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def load_model(model: type[Model], path: Path, part: str = "") -> Model:
    """Read and validate one YAML file; see :func:`read_yaml` and :func:`validate` for the errors.

    Args:
        part: a key of which every entry may stand in a file of its own, ``<part>/<entry>.yaml`` beside the file.
    """
    data = read_yaml(path)
    if part and isinstance(data, dict):
        files = sorted((path.parent / part).glob("*.yaml"))
        data = {**data, part: {**(data.get(part) or {}), **dict(_read(files))}}
    return validate(model, data, path)


def _read(files: Iterable[Path]) -> Iterator[tuple[str, Any]]:
    for file in files:
        try:
            yield file.stem, read_yaml(file)
        except ConfigError as error:
            if (noted := told()) is None:
                raise
            content = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
            noted.leave_out([file.stem, *re.findall(r"\w+", content)], error.faults)


def read_rows(
    model: type[Model], path: Path, key: Sequence[str] = (), content: bytes | None = None
) -> tuple[dict[int, Model], list[Fault]]:
    """Return the rows of a CSV file by line, and one fault per wrong value, each with file, line, column and remedy.

    Columns are the model's fields, in any order; those of ``key``, by default the first field, name the row. An empty
    field that has a default is as good as left out. What the file says may be given.

    Raises:
        ConfigError: when the file is missing, is not UTF-8, or has other columns than the model.
    """
    try:
        content = path.read_bytes() if content is None else content
    except FileNotFoundError:
        raise ConfigError("the file does not exist", where=str(path), remedy="restore it from the repository") from None
    except OSError as error:
        what = f"the file cannot be read ({error.strerror or error})"
        raise ConfigError(what, where=str(path), remedy="restore it from the repository") from None
    found = list(records(content, str(path), ConfigError))
    fields, names = model.model_fields, found[0][1] if found else []
    if sorted(names) != sorted(fields):
        what = f"the columns are {', '.join(names) or 'missing'}"
        raise ConfigError(what, where=f"{path}:1", remedy=f"write {', '.join(fields)}")
    rows: dict[int, Model] = {}
    first: dict[str, int] = {}
    lost: set[str] = set()
    faults: list[Fault] = []
    for line, record in found[1:]:
        where = f"{path}:{line}"
        if len(record) != len(names):
            faults.append(Fault("the row has more or fewer fields than the header", where, "quote texts with commas"))
            continue
        row = dict(zip(names, record, strict=True))
        name = "/".join(row[column] for column in key or [*fields][:1])
        if first.setdefault(name, line) != line:
            faults.append(Fault(f"{name}: already stands in line {first[name]}", where, "give it a name of its own"))
        given = {key: value for key, value in row.items() if value or fields[key].is_required()}
        try:
            rows[line] = model.model_validate(given)
        except ValidationError as error:
            faults += [_row_fault(problem, name, where) for problem in error.errors(include_url=False)]
            lost.add(name)
    if (noted := told()) is not None:
        noted.leave_out(lost, faults)
    return rows, faults


def _row_fault(problem: Any, name: str, where: str) -> Fault:
    what, remedy = _told(problem)
    return Fault(": ".join((name, *map(str, problem["loc"][:1]), what)), where, remedy)


def _told(problem: Any) -> tuple[str, str]:
    """Return what is wrong with a value, and what to do."""
    kind, value = problem["type"], problem.get("input")
    if kind in {"literal_error", "enum"}:
        expected = problem["ctx"]["expected"]
        words = [word.strip("' ") for word in expected.replace(" or ", ", ").split(",")]
        return f"unknown {value!r}", did_you_mean(str(value), words)
    message = problem["msg"].removeprefix("Value error, ")
    got = f" (got {value!r})" if len(repr(value)) <= 60 and kind != "value_error" else ""
    return f"{message[0].lower()}{message[1:]}{got}", "correct this value"


def fault_at(path: Path, location: Location, what: str, remedy: str = "") -> Fault:
    """Return a fault that points at one place of one YAML file, for checks a schema cannot express."""
    return _place(path, _line_numbers(path), location, what, remedy)


def unknown(model: BaseModel, path: Path, **known: Collection[str]) -> list[Fault]:
    """Return the words of a file that name nothing, of the kinds (:class:`OneOf`) of which it is told what there is."""
    return [fault_at(path, place, what, remedy) for place, what, remedy in _unknown(model, known)]


def unknown_in(rows: Mapping[int, BaseModel], path: Path, **known: Collection[str]) -> list[Fault]:
    """Return the same of the rows of a CSV file, by line; the first column names a row."""
    return [
        Fault(f"{getattr(row, next(iter(type(row).model_fields)))}: {place[0]}: {what}", f"{path}:{line}", remedy)
        for line, row in rows.items()
        for place, what, remedy in _unknown(row, known)
    ]


def unknown_in_rows(rows: Mapping[int, BaseModel], path: Path, **known: Collection[str]) -> list[Fault]:
    """Return the same of rows that have no name of their own."""
    return [
        Fault(what, f"{path}:{line}", remedy) for line, row in rows.items() for _, what, remedy in _unknown(row, known)
    ]


def _unknown(value: BaseModel, known: Mapping[str, Collection[str]]) -> Iterator[tuple[Location, str, str]]:
    for place, kind, word in _named(value, (), ""):
        if kind in known and word not in known[kind]:
            yield place, f"unknown {kind.replace('_', ' ')} '{word}'", did_you_mean(word, known[kind])


@cache
def _marks(model: type[BaseModel]) -> tuple[tuple[str, str, OneOf | None], ...]:
    """Return the name of each field, in Python and in the file, with the mark of what its words name."""
    return tuple(
        (name, field.alias or name, next((mark for mark in field.metadata if isinstance(mark, OneOf)), None))
        for name, field in model.model_fields.items()
    )


def _named(value: Any, place: Location, kind: str) -> Iterator[tuple[Location, str, str]]:
    if isinstance(value, BaseModel):
        for name, key, mark in _marks(type(value)):
            inner = "" if mark is None else mark.kind or kind
            yield from _named(getattr(value, name), (*place, key), inner)
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from _named(entry, (*place, key), kind)
    elif isinstance(value, list | tuple):
        for index, entry in enumerate(value):
            yield from _named(entry, (*place, index), kind)
    elif kind and value:
        yield place, kind, value


def own_place(path: Path, location: Location) -> tuple[Path, Location]:
    """Return the file that a place is written in, which for an entry may be one of its own, and the place in there."""
    own = path.parent / str(location[0]) / f"{location[1]}.yaml" if len(location) > 1 else path
    return (own, location[2:]) if own != path and own.is_file() else (path, location)


def _place(path: Path, lines: Mapping[Location, int], location: Location, what: str, remedy: str) -> Fault:
    own, within = own_place(path, location)
    if own != path:
        return _place(own, _line_numbers(own), within, what, remedy)
    known = location
    while known and known not in lines:
        known = known[:-1]
    line = lines.get(known, 1)
    dotted = ".".join(str(part) for part in location)
    return Fault(f"{dotted}: {what}" if dotted else what, f"{path}:{line}", remedy)


def _fault(model: type[BaseModel], problem: Any, path: Path, lines: Mapping[Location, int], data: Any) -> Fault:
    kind = problem["type"]
    location = _in_data(problem["loc"], data, keep_last=kind in {"missing", "extra_forbidden"})
    if kind == "extra_forbidden":
        key = str(location[-1])
        remedy = did_you_mean(key, _fields_at(model, location[:-1]))
        return _place(path, lines, location, f"unknown key '{key}'", remedy)
    if kind == "missing":
        return _place(path, lines, location, "the key is missing", f"add '{location[-1]}'")
    return _place(path, lines, location, *_told(problem))


def _in_data(location: Location, data: Any, *, keep_last: bool) -> Location:
    """Leave out what Pydantic adds to a location, such as the name of a union's branch: it is in no YAML file."""
    kept: list[int | str] = []
    for index, part in enumerate(location):
        known = (isinstance(data, Mapping) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        )
        if known:
            data = data[part]
        if known or (keep_last and index == len(location) - 1):
            kept.append(part)
    return tuple(kept)


def _fields_at(model: type[BaseModel], location: Location) -> list[str]:
    """Return the keys that may stand at a place of a file, by the JSON Schema of its model."""
    root = model.model_json_schema()

    def alternatives(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield node
        for one in (*node.get("anyOf", ()), *node.get("oneOf", ())):
            yield from alternatives(one)
        if "$ref" in node:
            yield from alternatives(root["$defs"][node["$ref"].rpartition("/")[2]])

    nodes = [root]
    for part in location:
        inner: list[Any] = []
        for one in (one for node in nodes for one in alternatives(node)):
            inner += [one.get("properties", {}).get(part), one.get("additionalProperties"), one.get("items")]
            inner += one.get("patternProperties", {}).values()
        nodes = [node for node in inner if isinstance(node, dict)]
    return sorted({name for node in nodes for one in alternatives(node) for name in one.get("properties", ())})


def _line_numbers(path: Path) -> dict[Location, int]:
    """Return the line of every place in the file; read only when there is a fault to report."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, yaml.YAMLError, UnicodeDecodeError):
        return {}
    return {location: line for location, line, _ in _walk(root, ())}


def own_nodes(text: str) -> dict[Location, yaml.Node]:
    """Return what stands at every place of a YAML text, without what an alias lets stand in several."""
    walked = [(location, node) for location, _, node in _walk(yaml.compose(text, Loader=yaml.SafeLoader), ())]
    times = Counter(id(node) for _, node in walked)
    return {location: node for location, node in walked if times[id(node)] == 1}


def _walk(node: yaml.Node | None, location: Location) -> Iterator[tuple[Location, int, yaml.Node]]:
    """Yield every place below a node, the line that it begins in, and what stands there."""
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            here = (*location, _scalar(key_node))
            yield here, key_node.start_mark.line + 1, value_node
            yield from _walk(value_node, here)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*location, index), item.start_mark.line + 1, item
            yield from _walk(item, (*location, index))


def _scalar(node: yaml.Node) -> int | str:
    if node.tag == "tag:yaml.org,2002:int":
        try:
            return int(str(node.value))
        except ValueError:
            return str(node.value)
    return str(node.value)

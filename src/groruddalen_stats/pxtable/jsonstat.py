"""Read a JSON-stat document, version 1 or 2, as a checked table with codes, labels, values and status signs.

The format leaves almost everything optional, so a damaged document usually still looks like one. Everything that decides
which number belongs to which cell is checked, and a document that fails is refused: there is no half-right table. What
no reader here uses (notes, units, extensions) is passed over.

Source: https://json-stat.org/full/ and the responses of PxWeb servers.
"""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyjstat import pyjstat

from groruddalen_stats import strictjson
from groruddalen_stats.errors import SnapshotError

Role = Literal["time", "geo", "contents", "other"]
# What the format calls the roles that it knows, the last of which holds where a variable has several.
_ROLES: dict[str, Role] = {"metric": "contents", "geo": "geo", "time": "time"}

_ELIMINATED = ("EliminatedValue",)
# The list form is as long as its table; the sparse form could ask for any amount of memory in a few bytes.
_MAX_SPARSE_CELLS = 50_000_000
_LARGEST_EXACT = 2.0**53
_NUMBER_OR_NULL = {int, float, type(None)}
_TEXT_OR_NULL = {str, type(None)}
_KINDS: dict[type, str] = {Mapping: "an object", list: "a list", str: "text"}
_REMEDY = "fetch the table again"
# For what no server writes by chance: the same comes back however often one asks.
_UNFIT = "the publisher writes it so: tell them, or take another table; the snapshot in force stays"


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of a table: ``codes`` in the order of the values, ``labels`` beside them."""

    code: str
    label: str
    codes: tuple[str, ...]
    labels: tuple[str, ...]
    role: Role = "other"

    @property
    def eliminated(self) -> bool:
        """Whether the server made this dimension up for a table that has no content variable."""
        return self.codes == _ELIMINATED


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset:
    """A table: one value and one status per cell, row-major (the last dimension runs fastest).

    ``values`` is float64 with NaN where the publisher has no number. ``status`` has the publisher's sign, or a missing value where there is none; a sign may stand beside a number.
    Of a table that is only described both are empty.
    """

    label: str
    updated: str
    dimensions: tuple[Variable, ...]
    values: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    status: pd.Categorical[Any] = field(default_factory=lambda: pd.Categorical([]))

    @property
    def size(self) -> tuple[int, ...]:
        return tuple(len(dimension.codes) for dimension in self.dimensions)


def decode(document: bytes | str, *, name: str = "document") -> Dataset:
    """Return the one dataset of a JSON-stat document in UTF-8, which error messages call ``name``."""
    return _read(document, name, with_values=True)


def describe(document: bytes | str, *, name: str = "document") -> Dataset:
    """Return a JSON-stat document without its values, which may be left out as in a PxWeb metadata response."""
    return _read(document, name, with_values=False)


def _read(document: bytes | str, name: str, *, with_values: bool) -> Dataset:
    root = strictjson.parse(document, name, SnapshotError)
    try:
        given = _find_dataset(_typed(root, Mapping, "the document"))
        described = _described(given)
        if not with_values:
            return described
        values = _values(given.get("value"), described)
        values.setflags(write=False)
        return replace(described, values=values, status=_status(given.get("status"), described))
    except SnapshotError as error:
        faults = [replace(fault, where=", ".join(filter(None, (name, fault.where)))) for fault in error.faults]
        raise SnapshotError(faults=faults) from None


def encode(dataset: Dataset) -> dict[str, Any]:
    """Return the dataset as a JSON-stat 2 document; :func:`decode` gives the same dataset back."""
    document: dict[str, Any] = {
        "version": "2.0",
        "class": "dataset",
        "label": dataset.label,
        "updated": dataset.updated,
        "role": {
            role: ids
            for role, ours in _ROLES.items()
            if (ids := [dimension.code for dimension in dataset.dimensions if dimension.role == ours])
        },
        "id": [dimension.code for dimension in dataset.dimensions],
        "size": list(dataset.size),
        "dimension": {
            dimension.code: {
                "label": dimension.label,
                "category": {
                    "index": list(dimension.codes),
                    "label": dict(zip(dimension.codes, dimension.labels, strict=True)),
                },
            }
            for dimension in dataset.dimensions
        },
        "value": [_json_number(value) for value in dataset.values.tolist()],
    }
    signs, marked = dataset.status.categories, np.flatnonzero(dataset.status.codes >= 0)
    if marked.size:
        document["status"] = {str(cell): signs[dataset.status.codes[cell]] for cell in marked.tolist()}
    return document


def _json_number(value: float) -> float | int | None:
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() and abs(value) < _LARGEST_EXACT else value


def _refuse(what: str, at: str, remedy: str = _REMEDY) -> NoReturn:
    raise SnapshotError(what, where=at, remedy=remedy)


def _find_dataset(root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the dataset itself: the root, or the only member of a version 1 bundle."""
    dataset = root
    if root.keys().isdisjoint({"dimension", "class", "version"}):
        members = [member for member in root.values() if isinstance(member, Mapping) and "dimension" in member]
        if not members or len(members) < len(root):
            keys = ", ".join(reprlib.repr(key) for key in list(root)[:8])
            _refuse(f"not a JSON-stat dataset; its keys are: {keys or 'none'}", "")
        if len(members) > 1:
            _refuse(f"it has {len(members)} datasets, and one is expected", "", "ask for one table at a time")
        dataset = members[0]
    kind = _typed(dataset.get("class"), str, "class", "dataset")
    if kind != "dataset":
        _refuse(f"{reprlib.repr(kind)} is not 'dataset'", "class")
    version = dataset.get("version")
    if version is not None and not re.fullmatch(r"[12](\.[0-9]+)?", _typed(version, str, "version")):
        _refuse(f"{reprlib.repr(version)} is not a known version of JSON-stat", "version")
    return dataset


def _described(dataset: Mapping[str, Any]) -> Dataset:
    members = _typed(dataset.get("dimension"), Mapping, "dimension")
    # Version 1 keeps id, size and role among the dimensions.
    second = pyjstat.check_version_2(dataset)
    holder, prefix = (dataset, "") if second else (members, "dimension.")
    ids = _texts(holder.get("id"), f"{prefix}id")
    sizes = _typed(holder.get("size"), list, f"{prefix}size")
    _refuse_twins(ids, f"{prefix}id")
    if not ids:
        _refuse("the table has no dimensions", f"{prefix}id")
    if len(sizes) != len(ids):
        _refuse(f"{len(sizes)} sizes for {len(ids)} dimensions", f"{prefix}size")
    unnamed = members.keys() - set(ids) - (set() if second else {"id", "size", "role"})
    if unnamed:
        _refuse(f"dimension {reprlib.repr(min(unnamed, key=str))} is not in {prefix}id", "dimension")

    dimensions = tuple(_dimension(id_, members.get(id_)) for id_ in ids)
    for place, (dimension, size) in enumerate(zip(dimensions, sizes, strict=True)):
        if type(size) is not int:
            _refuse_kind(size, "a whole number", f"{prefix}size[{place}]")
        if size != len(dimension.codes):
            what = f"{reprlib.repr(size)} for dimension '{dimension.code}', which has {len(dimension.codes)} categories"
            _refuse(what, f"{prefix}size[{place}]")

    given = _typed(holder.get("role"), Mapping, f"{prefix}role", {})
    role_of: dict[str, Role] = {}
    for role, ours in _ROLES.items():
        for id_ in _texts(given.get(role), f"{prefix}role.{role}", []):
            if id_ not in ids:
                _refuse(f"{reprlib.repr(id_)} is not a dimension of this table", f"{prefix}role.{role}")
            role_of[id_] = ours

    return Dataset(
        label=_typed(dataset.get("label"), str, "label", ""),
        updated=_typed(dataset.get("updated"), str, "updated", ""),
        dimensions=tuple(replace(dimension, role=role_of.get(dimension.code, "other")) for dimension in dimensions),
    )


def _dimension(id_: str, content: Any) -> Variable:
    at = f"dimension.{id_}"
    given = _typed(content, Mapping, at)
    category = _typed(given.get("category"), Mapping, f"{at}.category")
    codes = _codes(category, f"{at}.category")
    _refuse_twins(codes, f"{at}.category.index")
    if not codes:
        _refuse("the dimension has no categories", f"{at}.category.index")

    labels = codes
    if category.get("label") is not None:
        names = _typed(category["label"], Mapping, f"{at}.category.label")
        labels = [_typed(names.get(code), str, f"{at}.category.label[{reprlib.repr(code)}]") for code in codes]

    label = _typed(given.get("label"), str, f"{at}.label", "") or id_
    return Variable(id_, label, tuple(codes), tuple(labels))


def _codes(category: Mapping[str, Any], at: str) -> list[str]:
    """Return the codes in the order of the values; ``index`` may be a list, an object, or left out for one code."""
    index = category.get("index")
    if index is None:
        names = list(_typed(category.get("label"), Mapping, f"{at}.label"))
        if len(names) != 1:
            _refuse(f"missing, and only a dimension of one category may do without; it has {len(names)}", f"{at}.index")
        return _texts(names, f"{at}.label")
    if not isinstance(index, Mapping):
        return _texts(index, f"{at}.index")
    codes = _texts(list(index), f"{at}.index")
    for code, position in index.items():
        if type(position) is not int:
            _refuse_kind(position, "a position", f"{at}.index[{reprlib.repr(code)}]")
        if not 0 <= position < len(codes):
            _refuse(
                f"{reprlib.repr(position)} is not a position from 0 to {len(codes) - 1}",
                f"{at}.index[{reprlib.repr(code)}]",
            )
    _refuse_twins(list(index.values()), f"{at}.index")
    return sorted(codes, key=index.__getitem__)


def _values(given: Any, table: Dataset) -> npt.NDArray[np.float64]:
    cells = math.prod(table.size)
    positions: npt.NDArray[np.int64] | None = None
    if isinstance(given, (list, Mapping)) and not given:
        _refuse("no values", "value", "this is metadata: ask for the data")
    if isinstance(given, Mapping):
        if cells > _MAX_SPARSE_CELLS:
            _refuse(f"the sizes ask for {cells} cells", "value", "ask for a smaller table")
        positions = _positions(list(given), cells, "value")
        items = list(given.values())
    else:
        items = _typed(given, list, "value")
        if len(items) != cells:
            _refuse(f"{len(items)} values for {cells} cells", "value")
    numbers = _as_numbers(items)
    if numbers is None:
        place = next(place for place, item in enumerate(items) if _as_numbers([item]) is None)
        cell = place if positions is None else int(positions[place])
        if isinstance(items[place], str):
            _refuse_kind(items[place], "a number", _cell("value", cell, table))
        _refuse(f"{reprlib.repr(items[place])} is not a number that can be kept exactly", _cell("value", cell, table))
    if positions is None:
        return numbers
    values = np.full(cells, np.nan)
    values[positions] = numbers
    return values


def _as_numbers(items: list[Any]) -> npt.NDArray[np.float64] | None:
    """Return the items as floats, null as NaN; None when one is no finite number or would change in a float."""
    if not set(map(type, items)) <= _NUMBER_OR_NULL:
        return None
    try:
        numbers = np.fromiter(items, np.float64, len(items))
    except OverflowError:
        return None
    if any(items[cell] is not None for cell in np.flatnonzero(~np.isfinite(numbers)).tolist()):
        return None
    large = np.flatnonzero((numbers >= _LARGEST_EXACT) | (numbers <= -_LARGEST_EXACT))
    return None if any(items[cell] != numbers[cell].item() for cell in large.tolist()) else numbers


def _status(given: Any, table: Dataset) -> pd.Categorical[Any]:
    cells = math.prod(table.size)
    where: slice | npt.NDArray[np.int64] = slice(None)
    if isinstance(given, Mapping):
        where = _positions(list(given), cells, "status")
        items = list(given.values())
    elif given is None or isinstance(given, str):
        items = [given]
    else:
        items = _typed(given, list, "status")
        # A list of one sign holds for every cell, as the format's own samples and reader have it.
        if len(items) not in {1, cells}:
            _refuse(f"{len(items)} signs for {cells} cells", "status", _UNFIT)
    if not set(map(type, items)) <= _TEXT_OR_NULL:
        place = next(place for place, item in enumerate(items) if type(item) not in _TEXT_OR_NULL)
        cell = int(where[place]) if isinstance(where, np.ndarray) else place
        _refuse(f"{reprlib.repr(items[place])} is not a sign", _cell("status", cell, table))
    # An empty text is how some servers write that there is no sign.
    signs = sorted(_texts(list(set(items) - {None, ""}), "status"))
    ranks: dict[str | None, int] = {None: -1, "": -1, **{sign: rank for rank, sign in enumerate(signs)}}
    codes = np.full(cells, -1, dtype=np.min_scalar_type(-len(signs) - 1))
    # numpy spreads a single sign over all cells.
    codes[where] = np.fromiter(map(ranks.__getitem__, items), codes.dtype, len(items))
    return pd.Categorical.from_codes(codes, categories=pd.Index(signs, dtype=str))


def _positions(keys: list[Any], cells: int, at: str) -> npt.NDArray[np.int64]:
    positions = _as_positions(keys, cells)
    if positions is None:
        wrong = next(key for key in keys if _as_positions([key], cells) is None)
        _refuse(f"{reprlib.repr(wrong)} is not a cell from 0 to {cells - 1}", at)
    return positions


def _as_positions(keys: list[Any], cells: int) -> npt.NDArray[np.int64] | None:
    try:
        positions = np.fromiter(map(int, keys), np.int64, len(keys))
    except (TypeError, ValueError, OverflowError):
        return None
    # int() also takes " 7", "0007" and other digits than ours; two such keys could mean one cell.
    if list(map(str, positions.tolist())) != keys:
        return None
    return positions if bool(((positions >= 0) & (positions < cells)).all()) else None


def _cell(at: str, cell: int, table: Dataset) -> str:
    places = np.unravel_index(cell, table.size)
    named = zip(table.dimensions, places, strict=True)
    return f"{at}[{cell}] ({', '.join(f'{d.code}={d.codes[place]}' for d, place in named)})"


def _typed(content: Any, kind: type, at: str, otherwise: Any = None) -> Any:
    """Return ``content``, or ``otherwise`` where there is none, if it is of this kind."""
    content = otherwise if content is None else content
    if not isinstance(content, kind):
        _refuse("missing" if content is None else f"{reprlib.repr(content)} is not {_KINDS[kind]}", at)
    return content


def _texts(content: Any, at: str, otherwise: Any = None) -> list[str]:
    return [_typed(item, str, f"{at}[{place}]") for place, item in enumerate(_typed(content, list, at, otherwise))]


def _refuse_kind(content: Any, wanted: str, at: str) -> NoReturn:
    kind = "text, " if isinstance(content, str) else ""
    _refuse("missing" if content is None else f"{reprlib.repr(content)} is {kind}not {wanted}", at, _UNFIT)


def _refuse_twins(items: Collection[Any], at: str) -> None:
    seen: set[Any] = set()
    for item in items:
        if item in seen:
            _refuse(f"{reprlib.repr(item)} stands there twice", at)
        seen.add(item)

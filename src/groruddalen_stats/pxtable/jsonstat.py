"""Turns a JSON-stat document, version 1 or 2, into a checked table with codes, labels, values and status signs.

The format leaves almost everything optional, so a damaged document usually still looks like one. Here everything that
decides which number belongs to which cell is checked, and a document that fails is refused: there is no half-right
table. Text that cannot move a number (notes, units, extensions) is only required to have the right type.

Source: https://json-stat.org/full/ and the responses of PxWeb servers.
"""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyjstat import pyjstat

from groruddalen_stats import strictjson
from groruddalen_stats.errors import SnapshotError, did_you_mean

ROLES = ("time", "geo", "metric")

# Where a server has no content variable, the table's own variable of measures goes by one of these names.
_MEASURE_NAMES = {"statistikkvariabel", "måltall", "innhold"}
_ELIMINATED = ("EliminatedValue",)

# The list form is as long as its table; the sparse form could ask for any amount of memory in a few bytes.
_MAX_SPARSE_CELLS = 50_000_000
_LARGEST_EXACT = 2.0**53
_NUMBER_OR_NULL = {int, float, type(None)}
_TEXT_OR_NULL = {str, type(None)}
_REMEDY = "fetch the table again"
# For what no server writes by chance: the same comes back however often one asks.
_UNFIT = "the publisher writes it so: tell them, or take another table; the snapshot in force stays"


@dataclass(frozen=True, slots=True)
class Note:
    """One note; ``mandatory`` means that the publisher wants it shown wherever the numbers are."""

    text: str
    mandatory: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """What one category is counted in, with the number of decimals published; ``other`` is the rest, verbatim."""

    base: str | None = None
    decimals: int | None = None
    other: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One variable of a table: ``codes`` in the order of the values, ``labels`` beside them.

    ``units`` and ``category_notes`` go by code. ``extension`` is the publisher's own, without the mandatory flags,
    which are in the notes.
    """

    id: str
    label: str
    codes: tuple[str, ...]
    labels: tuple[str, ...]
    units: dict[str, Unit] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    category_notes: dict[str, tuple[Note, ...]] = field(default_factory=dict)
    extension: dict[str, Any] = field(default_factory=dict)

    @property
    def eliminated(self) -> bool:
        """Whether the server made this dimension up for a table that has no content variable."""
        return self.codes == _ELIMINATED

    @property
    def elimination(self) -> bool:
        """Whether the variable may be left out of a query. True to the table only in a metadata response."""
        return self.extension.get("elimination") is True

    @property
    def elimination_code(self) -> str | None:
        """The code of the total that stands in when the variable is left out; as :attr:`elimination`."""
        code = self.extension.get("eliminationValueCode")
        return code if isinstance(code, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a table is, without its values; ``roles`` has the dimension ids for each of :data:`ROLES`."""

    label: str
    source: str
    updated: str
    notes: tuple[Note, ...]
    roles: dict[str, tuple[str, ...]]
    dimensions: tuple[Dimension, ...]
    extension: dict[str, Any]

    @property
    def size(self) -> tuple[int, ...]:
        return tuple(len(dimension.codes) for dimension in self.dimensions)

    @property
    def eliminated(self) -> bool:
        """Whether the metric dimension is only the server's stand-in (EliminatedContents)."""
        return any(dimension.eliminated for dimension in self.dimensions)

    @property
    def measure(self) -> Dimension | None:
        """The one dimension that says what is counted, or None where the table does not say it in a dimension."""
        real = [dimension for dimension in self.dimensions if not dimension.eliminated]
        found = [d for d in real if d.id in self.roles["metric"]] or [
            d for d in real if _MEASURE_NAMES & {d.id.casefold(), d.label.casefold()}
        ]
        return found[0] if len(found) == 1 else None

    def dimension(self, id_: str) -> Dimension:
        """Return the dimension with this id.

        Raises:
            SnapshotError: when the table has no such dimension.
        """
        for dimension in self.dimensions:
            if dimension.id == id_:
                return dimension
        known = [dimension.id for dimension in self.dimensions]
        raise SnapshotError(f"the table has no dimension '{id_}'", where=self.label, remedy=did_you_mean(id_, known))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dataset(Metadata):
    """A table: one value and one status per cell, row-major (the last dimension runs fastest).

    ``values`` is float64 with NaN where the publisher has no number. ``status`` has the publisher's sign, or a missing
    value where there is none; a sign may stand beside a number.
    """

    values: npt.NDArray[np.float64]
    status: pd.Categorical[Any]

    def frame(self, *, codes: bool = True, labels: bool = True) -> pd.DataFrame:
        """Return the table with one row per cell, row-major.

        Args:
            codes: give each dimension a categorical column of codes, named by the dimension's id.
            labels: give each dimension a categorical column of labels, named ``<id>_label``.

        Returns:
            The columns of the dimensions in their order, then ``value`` (float64) and ``status`` (categorical).

        Raises:
            SnapshotError: when two columns would have the same name.
        """
        columns: dict[str, pd.Categorical[Any] | npt.NDArray[np.float64]] = {}

        def add(name: str, column: pd.Categorical[Any] | npt.NDArray[np.float64]) -> None:
            if name in columns:
                raise SnapshotError(
                    f"two columns would be called '{name}'",
                    where=self.label,
                    remedy="ask for codes or labels only, or rename the dimension",
                )
            columns[name] = column

        before, after = 1, self.values.size
        for dimension in self.dimensions:
            after //= len(dimension.codes)
            if codes:
                add(dimension.id, _column(dimension.codes, before, after))
            if labels:
                add(f"{dimension.id}_label", _column(dimension.labels, before, after))
            before *= len(dimension.codes)
        add("value", self.values.copy())
        add("status", self.status.copy())
        # Every column is already this frame's own: another copy would only cost memory.
        return pd.DataFrame(columns, copy=False)


def decode(document: bytes | str | Mapping[str, Any], *, name: str = "document") -> Dataset:
    """Return the one dataset of a JSON-stat document.

    Args:
        document: the response as received (UTF-8), or already parsed.
        name: how error messages call the document, such as its file.

    Raises:
        SnapshotError: when it is not JSON-stat, or not a table in which every cell is certain; says where.
    """
    try:
        dataset = _find_dataset(_parse(document))
        metadata = _metadata(dataset)
        values = _values(dataset.get("value"), metadata)
        values.setflags(write=False)
        status = _status(dataset.get("status"), metadata)
    except SnapshotError as error:
        raise _located(error, name) from None
    parts = {part.name: getattr(metadata, part.name) for part in fields(Metadata)}
    return Dataset(**parts, values=values, status=status)


def describe(document: bytes | str | Mapping[str, Any], *, name: str = "document") -> Metadata:
    """Return the variables of a JSON-stat document, whose values may be left out as in a PxWeb metadata response.

    Raises:
        SnapshotError: as :func:`decode`.
    """
    try:
        return _metadata(_find_dataset(_parse(document)))
    except SnapshotError as error:
        raise _located(error, name) from None


def encode(dataset: Dataset) -> dict[str, Any]:
    """Return the dataset as a JSON-stat 2 document; :func:`decode` gives the same dataset back."""
    document: dict[str, Any] = {
        "version": "2.0",
        "class": "dataset",
        "label": dataset.label,
        "source": dataset.source,
        "updated": dataset.updated,
        "note": [note.text for note in dataset.notes],
        "role": {role: list(ids) for role, ids in dataset.roles.items() if ids},
        "id": [dimension.id for dimension in dataset.dimensions],
        "size": list(dataset.size),
        "dimension": {dimension.id: _encode_dimension(dimension) for dimension in dataset.dimensions},
        "extension": {**dataset.extension, "noteMandatory": _flags(dataset.notes)},
        "value": [_json_number(value) for value in dataset.values.tolist()],
    }
    signs = dataset.status.categories
    marked = np.flatnonzero(dataset.status.codes >= 0)
    if marked.size:
        document["status"] = {str(cell): signs[dataset.status.codes[cell]] for cell in marked.tolist()}
    return document


def _encode_dimension(dimension: Dimension) -> dict[str, Any]:
    units = {
        code: {
            **unit.other,
            **({} if unit.base is None else {"base": unit.base}),
            **({} if unit.decimals is None else {"decimals": unit.decimals}),
        }
        for code, unit in dimension.units.items()
    }
    return {
        "label": dimension.label,
        "note": [note.text for note in dimension.notes],
        "category": {
            "index": {code: position for position, code in enumerate(dimension.codes)},
            "label": dict(zip(dimension.codes, dimension.labels, strict=True)),
            "unit": units,
            "note": {code: [note.text for note in notes] for code, notes in dimension.category_notes.items()},
        },
        "extension": {
            **dimension.extension,
            "noteMandatory": _flags(dimension.notes),
            "categoryNoteMandatory": {code: _flags(notes) for code, notes in dimension.category_notes.items()},
        },
    }


def _flags(notes: Sequence[Note]) -> dict[str, bool]:
    return {str(place): True for place, note in enumerate(notes) if note.mandatory}


def _json_number(value: float) -> float | int | None:
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() and abs(value) < _LARGEST_EXACT else value


def _column(texts: Sequence[str], before: int, after: int) -> pd.Categorical[Any]:
    """Return the column in which each text is repeated ``after`` times, and all of that ``before`` times."""
    # Two codes may share a label, but no two categories of a column may be the same.
    ranks = {text: rank for rank, text in enumerate(dict.fromkeys(texts))}
    cycle = np.fromiter(map(ranks.__getitem__, texts), np.min_scalar_type(-len(ranks)), len(texts))
    spread = np.broadcast_to(cycle[np.newaxis, :, np.newaxis], (before, len(texts), after)).flatten()
    return pd.Categorical.from_codes(spread, categories=pd.Index(list(ranks), dtype=str))


def _refuse(what: str, at: str, remedy: str = _REMEDY) -> NoReturn:
    raise SnapshotError(what, where=at, remedy=remedy)


def _located(error: SnapshotError, name: str) -> SnapshotError:
    return SnapshotError(
        faults=[replace(fault, where=f"{name}, {fault.where}" if fault.where else name) for fault in error.faults]
    )


def _parse(document: bytes | str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(document, Mapping):
        return document
    try:
        root = strictjson.parse(document)
    except strictjson.NotJsonError as error:
        remedy = "check the address, or wait until the service is back" if error.page else _REMEDY
        _refuse(error.what, error.where, remedy)
    return _mapping(root, "the document")


def _find_dataset(root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the dataset itself: the root, or the only member of a version 1 bundle."""
    dataset = root
    if root.keys().isdisjoint({"dimension", "class", "version"}):
        members = [member for member in root.values() if isinstance(member, Mapping) and "dimension" in member]
        if not members or len(members) < len(root):
            keys = ", ".join(_shown(key) for key in list(root)[:8])
            _refuse(f"not a JSON-stat dataset; its keys are: {keys or 'none'}", "")
        if len(members) > 1:
            _refuse(f"it has {len(members)} datasets, and one is expected", "", "ask for one table at a time")
        dataset = members[0]
    kind = _text(_present(dataset.get("class"), "dataset"), "class")
    if kind != "dataset":
        _refuse(f"{_shown(kind)} is not 'dataset'", "class")
    version = dataset.get("version")
    if version is not None and not re.fullmatch(r"[12](\.[0-9]+)?", _text(version, "version")):
        _refuse(f"{_shown(version)} is not a known version of JSON-stat", "version")
    return dataset


def _metadata(dataset: Mapping[str, Any]) -> Metadata:
    members = _mapping(dataset.get("dimension"), "dimension")
    # Version 1 keeps id, size and role among the dimensions.
    second = pyjstat.check_version_2(dataset)
    holder, prefix = (dataset, "") if second else (members, "dimension.")
    ids = _texts(holder.get("id"), f"{prefix}id")
    sizes = _list(holder.get("size"), f"{prefix}size")
    _refuse_twins(ids, f"{prefix}id")
    if not ids:
        _refuse("the table has no dimensions", f"{prefix}id")
    if len(sizes) != len(ids):
        _refuse(f"{len(sizes)} sizes for {len(ids)} dimensions", f"{prefix}size")
    unnamed = members.keys() - set(ids) - (set() if second else {"id", "size", "role"})
    if unnamed:
        _refuse(f"dimension {_shown(min(unnamed, key=str))} is not in {prefix}id", "dimension")

    dimensions = tuple(_dimension(id_, members.get(id_)) for id_ in ids)
    for place, (dimension, size) in enumerate(zip(dimensions, sizes, strict=True)):
        if type(size) is not int:
            _refuse_kind(size, "a whole number", f"{prefix}size[{place}]")
        if size != len(dimension.codes):
            what = f"{_shown(size)} for dimension '{dimension.id}', which has {len(dimension.codes)} categories"
            _refuse(what, f"{prefix}size[{place}]")

    given = _mapping(_present(holder.get("role"), {}), f"{prefix}role")
    roles = {role: tuple(_texts(_present(given.get(role), []), f"{prefix}role.{role}")) for role in ROLES}
    for role, named in roles.items():
        for id_ in named:
            if id_ not in ids:
                _refuse(f"{_shown(id_)} is not a dimension of this table", f"{prefix}role.{role}")

    extension, flags = _extension(dataset, "extension")
    return Metadata(
        label=_optional_text(dataset, "label", "label"),
        source=_optional_text(dataset, "source", "source"),
        updated=_optional_text(dataset, "updated", "updated"),
        notes=_notes(dataset.get("note"), flags, "note"),
        roles=roles,
        dimensions=dimensions,
        extension=extension,
    )


def _dimension(id_: str, content: Any) -> Dimension:
    at = f"dimension.{id_}"
    given = _mapping(content, at)
    category = _mapping(given.get("category"), f"{at}.category")
    codes = _codes(category, f"{at}.category")
    _refuse_twins(codes, f"{at}.category.index")
    if not codes:
        _refuse("the dimension has no categories", f"{at}.category.index")

    labels = codes
    if category.get("label") is not None:
        names = _mapping(category["label"], f"{at}.category.label")
        labels = [_text(names.get(code), f"{at}.category.label[{_shown(code)}]") for code in codes]

    units = _mapping(_present(category.get("unit"), {}), f"{at}.category.unit")
    notes = _mapping(_present(category.get("note"), {}), f"{at}.category.note")
    extension, flags = _extension(given, f"{at}.extension")
    by_code = extension.pop("categoryNoteMandatory", None)
    flags_by_code = _mapping(_present(by_code, {}), f"{at}.extension.categoryNoteMandatory")
    return Dimension(
        id=id_,
        label=_optional_text(given, "label", f"{at}.label") or id_,
        codes=tuple(codes),
        labels=tuple(labels),
        units={code: _unit(units[code], f"{at}.category.unit[{_shown(code)}]") for code in codes if code in units},
        notes=_notes(given.get("note"), flags, f"{at}.note"),
        category_notes={
            code: _notes(notes[code], flags_by_code.get(code), f"{at}.category.note[{_shown(code)}]")
            for code in codes
            if code in notes
        },
        extension=extension,
    )


def _codes(category: Mapping[str, Any], at: str) -> list[str]:
    """Return the codes in the order of the values; ``index`` may be a list, an object, or left out for one code."""
    index = category.get("index")
    if index is None:
        names = list(_mapping(category.get("label"), f"{at}.label"))
        if len(names) != 1:
            _refuse(
                f"missing, and only a dimension of one category may do without; it has {len(names)}",
                f"{at}.index",
            )
        return _texts(names, f"{at}.label")
    if not isinstance(index, Mapping):
        return _texts(index, f"{at}.index")
    codes = _texts(list(index), f"{at}.index")
    for code, position in index.items():
        if type(position) is not int:
            _refuse_kind(position, "a position", f"{at}.index[{_shown(code)}]")
        if not 0 <= position < len(codes):
            _refuse(
                f"{_shown(position)} is not a position from 0 to {len(codes) - 1}",
                f"{at}.index[{_shown(code)}]",
            )
    _refuse_twins(list(index.values()), f"{at}.index")
    return sorted(codes, key=index.__getitem__)


def _unit(content: Any, at: str) -> Unit:
    other = dict(_mapping(content, at))
    base, decimals = other.pop("base", None), other.pop("decimals", None)
    if decimals is not None and (type(decimals) is not int or decimals < 0):
        _refuse(f"{_shown(decimals)} is not a number of decimals", f"{at}.decimals")
    return Unit(None if base is None else _text(base, f"{at}.base"), decimals, other)


def _notes(content: Any, flags: Any, at: str) -> tuple[Note, ...]:
    texts = [content] if isinstance(content, str) else _present(content, [])
    mandatory = _mapping(_present(flags, {}), f"the mandatory flags of {at}")
    return tuple(Note(text, mandatory.get(str(place)) is True) for place, text in enumerate(_texts(texts, at)))


def _extension(holder: Mapping[str, Any], at: str) -> tuple[dict[str, Any], Any]:
    """Return the extension without its flags for mandatory notes, and the flags."""
    extension = dict(_mapping(_present(holder.get("extension"), {}), at))
    return extension, extension.pop("noteMandatory", None)


def _values(given: Any, metadata: Metadata) -> npt.NDArray[np.float64]:
    cells = math.prod(metadata.size)
    positions: npt.NDArray[np.int64] | None = None
    if isinstance(given, (list, Mapping)) and not given:
        _refuse("no values", "value", "this is metadata: ask for the data")
    if isinstance(given, Mapping):
        if cells > _MAX_SPARSE_CELLS:
            _refuse(f"the sizes ask for {cells} cells", "value", "ask for a smaller table")
        positions = _positions(list(given), cells, "value")
        items = list(given.values())
    else:
        items = _list(given, "value")
        if len(items) != cells:
            _refuse(f"{len(items)} values for {cells} cells", "value")
    numbers = _as_numbers(items)
    if numbers is None:
        place = next(place for place, item in enumerate(items) if _as_numbers([item]) is None)
        cell = place if positions is None else int(positions[place])
        if isinstance(items[place], str):
            _refuse_kind(items[place], "a number", _cell("value", cell, metadata))
        _refuse(f"{_shown(items[place])} is not a number that can be kept exactly", _cell("value", cell, metadata))
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


def _status(given: Any, metadata: Metadata) -> pd.Categorical[Any]:
    cells = math.prod(metadata.size)
    where: slice | npt.NDArray[np.int64] = slice(None)
    if isinstance(given, Mapping):
        where = _positions(list(given), cells, "status")
        items = list(given.values())
    elif given is None or isinstance(given, str):
        items = [given]
    else:
        items = _list(given, "status")
        # A list of one sign holds for every cell, as the format's own samples and reader have it.
        if len(items) not in {1, cells}:
            _refuse(f"{len(items)} signs for {cells} cells", "status", _UNFIT)
    if not set(map(type, items)) <= _TEXT_OR_NULL:
        place = next(place for place, item in enumerate(items) if type(item) not in _TEXT_OR_NULL)
        cell = int(where[place]) if isinstance(where, np.ndarray) else place
        _refuse(f"{_shown(items[place])} is not a sign", _cell("status", cell, metadata))
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
        _refuse(f"{_shown(wrong)} is not a cell from 0 to {cells - 1}", at)
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


def _cell(at: str, cell: int, metadata: Metadata) -> str:
    places = np.unravel_index(cell, metadata.size)
    named = zip(metadata.dimensions, places, strict=True)
    return f"{at}[{cell}] ({', '.join(f'{d.id}={d.codes[place]}' for d, place in named)})"


def _present(content: Any, otherwise: Any) -> Any:
    return otherwise if content is None else content


def _mapping(content: Any, at: str) -> Mapping[str, Any]:
    if not isinstance(content, Mapping):
        _refuse("missing" if content is None else f"{_shown(content)} is not an object", at)
    return content


def _list(content: Any, at: str) -> list[Any]:
    if not isinstance(content, list):
        _refuse("missing" if content is None else f"{_shown(content)} is not a list", at)
    return content


def _texts(content: Any, at: str) -> list[str]:
    return [_text(item, f"{at}[{place}]") for place, item in enumerate(_list(content, at))]


def _optional_text(holder: Mapping[str, Any], key: str, at: str) -> str:
    return _text(_present(holder.get(key), ""), at)


def _text(content: Any, at: str) -> str:
    if not isinstance(content, str):
        _refuse("missing" if content is None else f"{_shown(content)} is not text", at)
    try:
        content.encode("utf-8")
    except UnicodeEncodeError:
        _refuse(f"{content!a} has half a character", at)
    return content


def _refuse_kind(content: Any, wanted: str, at: str) -> NoReturn:
    kind = "text, " if isinstance(content, str) else ""
    _refuse("missing" if content is None else f"{_shown(content)} is {kind}not {wanted}", at, _UNFIT)


def _refuse_twins(items: Collection[Any], at: str) -> None:
    seen: set[Any] = set()
    for item in items:
        if item in seen:
            _refuse(f"{_shown(item)} stands there twice", at)
        seen.add(item)


def _shown(content: Any) -> str:
    try:
        return reprlib.repr(content)
    except ValueError:  # an integer of more digits than Python writes out
        return f"a very large {type(content).__name__}"

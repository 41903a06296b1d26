"""JSON-stat: every spelling of a table decodes to the same table, and no damaged document decodes to another."""

from __future__ import annotations

import copy
import itertools
import json
import math
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyjstat import pyjstat

from groruddalen_stats.errors import SnapshotError, StatsError
from groruddalen_stats.pxtable.jsonstat import Dataset, Role, Variable, describe, encode
from groruddalen_stats.pxtable.jsonstat import decode as decode_bytes

STORED = sorted((Path(__file__).parent.parent / ".." / "shared" / "fixtures").glob("*.json"))
Json = dict[str, Any]
Change = Callable[[Json], object]


def decode(document: Json | bytes | str, *, name: str = "document") -> Dataset:
    """Return the dataset of a document as a server sends it, or of what stands in one."""
    return decode_bytes(json.dumps(document) if isinstance(document, dict) else document, name=name)


def dimension(name: str, /, **category: Any) -> Json:
    return {"label": name, "category": category}


def synthetic() -> Json:
    """Return a made-up table of 2 x 3 x 1 cells, in JSON-stat 2."""
    return {
        "version": "2.0",
        "class": "dataset",
        "label": "synthetic table",
        "source": "nobody",
        "updated": "2000-01-01T00:00:00Z",
        "note": ["first", "second"],
        "role": {"time": ["when"], "geo": ["where"], "metric": ["what"]},
        "id": ["where", "when", "what"],
        "size": [2, 3, 1],
        "dimension": {
            "where": dimension("place", index={"w1": 1, "w0": 0}, label={"w0": "Twin", "w1": "Twin"}),
            "when": dimension("year", index=["t0", "t1", "t2"], label={"t0": "0", "t1": "1", "t2": "2"}),
            "what": dimension("measure", label={"m": "things"}, unit={"m": {"base": "each", "decimals": 1}}),
        },
        "extension": {"px": {"tableid": "SYN"}},
        "value": [1, None, 2.5, 0, -3, None],
        "status": {"1": ":", "2": "*", "5": ".."},
    }


VALUES = [1, math.nan, 2.5, 0, -3, math.nan]
SIGNS = [None, ":", "*", None, None, ".."]


def signs(dataset: Dataset) -> list[str | None]:
    return [None if pd.isna(sign) else sign for sign in dataset.status]


def assert_same_as_pyjstat(document: Json) -> None:
    dataset = decode(document)
    for naming in ("codes", "labels"):
        with warnings.catch_warnings():  # pyjstat's own deprecations are its own business
            warnings.simplefilter("ignore", DeprecationWarning)
            read = pyjstat.Dataset.read(OrderedDict(document))
            theirs: pd.DataFrame = read.write("dataframe", naming="id" if naming == "codes" else "label")
        rows = itertools.product(*(getattr(dimension, naming) for dimension in dataset.dimensions))
        assert list(rows) == list(theirs.iloc[:, :-1].itertuples(index=False, name=None))
        np.testing.assert_array_equal(dataset.values, theirs.iloc[:, -1].astype(float))
    assert theirs.columns.tolist() == [dimension.label for dimension in dataset.dimensions] + ["value"]


def is_table(document: Any) -> bool:
    """Say by the letter of the format whether a stored response is a table with values."""
    return isinstance(document, dict) and (
        (document.get("class") == "dataset" and bool(document.get("value")))
        or any(isinstance(member, dict) and "dimension" in member for member in document.values())
    )


@pytest.mark.fixtures
@pytest.mark.skipif(not STORED, reason="the stored responses are not here")
@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
def test_stored_response(path: Path) -> None:
    document = json.loads(path.read_bytes())
    if not is_table(document):
        with pytest.raises(SnapshotError, match=path.name):
            decode(path.read_bytes(), name=path.name)
        return
    dataset = decode(path.read_bytes())
    assert_same_as_pyjstat(document)
    table = document if "dimension" in document else next(iter(document.values()))
    given = table.get("status", {})
    assert signs(dataset) == [given.get(str(cell)) for cell in range(len(dataset.values))]
    assert_identical(decode(encode(dataset)), dataset)


def stored(name: str) -> bytes:
    found = [path for path in STORED if path.stem == name]
    if not found:
        pytest.skip("the stored responses are not here")
    return found[0].read_bytes()


@pytest.mark.fixtures
def test_oslo_has_an_eliminated_metric_and_suppressed_cells() -> None:
    dataset = decode(stored("oslo_SOS006_uforetrygd_bydel"))
    assert [d.code for d in dataset.dimensions if d.eliminated] == ["ContentsCode"]
    assert [d.code for d in dataset.dimensions if d.role == "contents"] == ["ContentsCode"]
    assert dataset.size == (1, 21, 18, 3, 6, 1)
    assert signs(dataset).count("-") == np.isnan(dataset.values).sum() == 532
    assert dataset.status.categories.tolist() == ["-"]


@pytest.mark.fixtures
def test_metadata_response_is_described_and_not_taken_for_a_table() -> None:
    response = stored("scb_v2_TAB6471_metadata")
    assert describe(response).size == (312, 134, 3, 1, 16)
    with pytest.raises(SnapshotError, match="value: no values -> this is metadata"):
        decode(response)


def test_what_decides_about_a_cell_is_kept() -> None:
    dataset = decode(synthetic())
    assert (dataset.label, dataset.updated) == ("synthetic table", "2000-01-01T00:00:00Z")
    assert [dimension.role for dimension in dataset.dimensions] == ["geo", "time", "contents"]
    assert dataset.dimensions[0] == Variable("where", "place", ("w0", "w1"), ("Twin", "Twin"), "geo")
    assert not any(dimension.eliminated for dimension in dataset.dimensions)
    np.testing.assert_array_equal(dataset.values, VALUES)
    assert signs(dataset) == SIGNS
    assert not dataset.values.flags.writeable


def version_1(document: Json) -> Json:
    older = {key: value for key, value in document.items() if key not in {"version", "class"}}
    older["dimension"] = {**older["dimension"], **{key: older.pop(key) for key in ("id", "size", "role")}}
    return older


def respelled(change: Change) -> Json:
    document = synthetic()
    change(document)
    return document


SPELLINGS: dict[str, Any] = {
    "version 2": synthetic(),
    "bytes": json.dumps(synthetic(), ensure_ascii=False).encode(),
    "bytes with a byte order mark": b"\xef\xbb\xbf" + json.dumps(synthetic()).encode(),
    "version 1": version_1(synthetic()),
    "version 1 with its number": {"version": "1.3", **version_1(synthetic())},
    "version 1 in a bundle": {"any name": version_1(synthetic())},
    "version 2 in a wrapper": {"dataset": synthetic()},
    "claims version 2, built as 1": {"version": "2.0", "class": "dataset", **version_1(synthetic())},
    "sparse values": respelled(lambda d: d.update(value={"4": -3, "0": 1, "2": 2.5, "3": 0.0})),
    "sparse values with null": respelled(lambda d: d.update(value={"0": 1, "1": None, "2": 2.5, "3": 0, "4": -3})),
    "status list": respelled(lambda d: d.update(status=[None, ":", "*", None, "", ".."])),
    "status with null": respelled(lambda d: d["status"].update({"0": None, "3": ""})),
    "index object": respelled(lambda d: d["dimension"]["when"]["category"].update(index={"t2": 2, "t0": 0, "t1": 1})),
    "index list": respelled(lambda d: d["dimension"]["where"]["category"].update(index=["w0", "w1"])),
    "index of the only category": respelled(lambda d: d["dimension"]["what"]["category"].update(index={"m": 0})),
    "labels in another order, and one too many": respelled(
        lambda d: d["dimension"]["where"]["category"].update(label={"w9": "-", "w1": "Twin", "w0": "Twin"})
    ),
    "what no reader uses is of any kind": respelled(lambda d: d.update(note=[1], extension=[], source=7)),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings_of_one_table(spelling: str) -> None:
    assert_identical(decode(SPELLINGS[spelling]), decode(synthetic()))


EVERY: dict[str | None, list[Any]] = {
    "e": ["e", ["e"], {str(cell): "e" for cell in range(6)}, ["e"] * 6],
    None: [None, {}, "", [None] * 6, [None], [""]],
}


@pytest.mark.parametrize(("sign", "status"), [(sign, status) for sign, ways in EVERY.items() for status in ways])
def test_one_sign_for_every_cell_or_none(sign: str | None, status: Any) -> None:
    assert signs(decode({**synthetic(), "status": status})) == [sign] * 6


def test_labels_and_roles_may_be_left_out() -> None:
    document = synthetic()
    del document["role"], document["dimension"]["where"]["label"]
    del document["dimension"]["where"]["category"]["label"]
    dataset = decode(document)
    assert {dimension.role for dimension in dataset.dimensions} == {"other"}
    assert dataset.dimensions[0] == Variable("where", "where", ("w0", "w1"), ("w0", "w1"))


def test_numbers_at_the_edge_of_a_float() -> None:
    edge = [2**53, -(2**53), 2**60, 1.7976931348623157e308, 5e-324, 0.1]
    assert decode({**synthetic(), "value": edge}).values.tolist() == edge


def at(*path: str) -> Callable[[Json], Json]:
    def find(document: Json) -> Json:
        for key in path:
            document = document[key]
        return document

    return find


WHEN, AT = at("dimension", "when", "category"), at("dimension", "where", "category", "index")
REFUSED: list[tuple[str, Change, str]] = [
    ("no dimension", lambda d: d.pop("dimension"), "dimension: missing"),
    ("no id", lambda d: d.pop("id"), "dimension.id: missing"),
    ("no value", lambda d: d.pop("value"), "value: missing"),
    ("no version, so version 1", lambda d: d.pop("version"), "dimension.id: missing"),
    ("empty id", lambda d: d.update(id=[], size=[], value=[1]), "id: the table has no dimensions"),
    ("id twice", lambda d: d.update(id=["where", "when", "when"]), "id: 'when' stands there twice"),
    ("id and size short", lambda d: (d["id"].pop(), d["size"].pop()), "dimension 'what' is not in id"),
    ("id of nothing", lambda d: d["id"].__setitem__(0, "whom"), "dimension 'where' is not in id"),
    ("dimension gone", lambda d: d["dimension"].pop("when"), "dimension.when: missing"),
    ("sizes swapped", lambda d: d.update(size=[3, 2, 1]), r"size\[0\]: 3 for dimension 'where', which has 2"),
    ("size too large", lambda d: d.update(size=[2, 3, 10**30]), r"size\[2\]: 10+ for"),
    ("class", lambda d: d.update({"class": "collection"}), "class: 'collection' is not 'dataset'"),
    ("version", lambda d: d.update(version="3.0"), "version: '3.0' is not a known version"),
    ("label as number", lambda d: d.update(label=7), "label: 7 is not text"),
    ("role of nothing", lambda d: d["role"].update(geo=["whom"]), "role.geo: 'whom' is not a dimension"),
    ("too few values", lambda d: d["value"].pop(), "value: 5 values for 6 cells"),
    ("no values", lambda d: d.update(value=[]), "value: no values -> this is metadata"),
    ("value as text", lambda d: d["value"].__setitem__(4, "-3"), r"value\[4\] \(where=w1, when=t1, what=m\): '-3'"),
    ("value list", lambda d: d["value"].__setitem__(1, [1]), r"value\[1\] .*: \[1\] is not a number"),
    ("value inexact", lambda d: d["value"].__setitem__(0, 2**53 + 1), r"value\[0\] .*kept exactly"),
    ("value past floats", lambda d: d["value"].__setitem__(0, 10**400), r"value\[0\] .*kept exactly"),
    ("values as text", lambda d: d.update(value="1 2 3"), "value: '1 2 3' is not a list"),
    ("sparse outside", lambda d: d.update(value={"6": 1}), "value: '6' is not a cell from 0 to 5"),
    ("sparse negative", lambda d: d.update(value={"-1": 1}), "value: '-1' is not a cell"),
    ("sparse padded", lambda d: d.update(value={"1": 1, "01": 2}), "value: '01' is not a cell"),
    ("sparse other digits", lambda d: d.update(value={"\u0661": 1}), "is not a cell"),
    ("sparse text", lambda d: d.update(value={"0": 1, "4": "2"}),
     r"value\[4\] \(where=w1, .*: '2' is text, not a number"),
    ("status outside", lambda d: d["status"].update({"6": ":"}), "status: '6' is not a cell from 0 to 5"),
    ("status number", lambda d: d["status"].update({"3": 0}),
     r"status\[3\] \(where=w1, when=t0, what=m\): 0 is not a sign"),
    ("status short", lambda d: d.update(status=[":"] * 5), "status: 5 signs for 6 cells.*the publisher writes it so"),
    ("status empty", lambda d: d.update(status=[]), "status: 0 signs for 6 cells"),
    ("category gone", lambda d: d["dimension"]["when"].pop("category"), "dimension.when.category: missing"),
    ("index gone", lambda d: WHEN(d).pop("index"), r"category.index: missing.* has 3"),
    ("index and label gone", lambda d: d["dimension"]["what"].update(category={}), "category.label: missing"),
    ("no categories", lambda d: WHEN(d).update(index=[]), "no categories"),
    ("code twice", lambda d: WHEN(d).update(index=["t0", "t1", "t0"]), "'t0' stands there twice"),
    ("code as number", lambda d: WHEN(d).update(index=["t0", 1, "t2"]), r"index\[1\]: 1 is not text"),
    ("position twice", lambda d: AT(d).update(w0=1), "1 stands there twice"),
    ("position outside", lambda d: AT(d).update(w1=2), r"index\['w1'\]: 2 is not a position from 0 to 1"),
    ("position true", lambda d: AT(d).update(w1=True), "True is not a position"),
    ("size as text", lambda d: d.update(size=["2", "3", "1"]),
     r"size\[0\]: '2' is text, not a whole number.*the publisher"),
    ("size empty", lambda d: d.update(size=[2, None, 1]), r"size\[1\]: missing"),
    ("label of a code gone", lambda d: WHEN(d)["label"].pop("t1"), r"label\['t1'\]: missing"),
    ("labels as list", lambda d: WHEN(d).update(label=["0", "1", "2"]), "is not an object"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_damaged_table_is_refused_and_placed(change: Change, message: str) -> None:
    document = synthetic()
    change(document)
    with pytest.raises(SnapshotError, match=message):
        decode(document)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "doc: the document is empty"),
        (json.dumps(synthetic())[:-40], "doc, line 1, column .*not JSON, or cut short"),
        ("[1, 2]", "doc, the document: .* is not an object"),
        ('{"error": "Parameter error"}', "its keys are: 'error'"),
        ("{}", "its keys are: none"),
        ('{"size": [1], "size": [2]}', "doc: the key 'size' is written twice"),
        (json.dumps({"a": synthetic(), "b": synthetic()}), "it has 2 datasets"),
        (json.dumps(synthetic()).replace("2.5", "1e999"), r"value\[2\] .*: inf"),
    ],
)
def test_what_is_no_document_is_refused(document: bytes | str, message: str) -> None:
    with pytest.raises(SnapshotError, match=message):
        decode(document, name="doc")
    if isinstance(document, str) and "1e999" not in document:
        with pytest.raises(SnapshotError, match=message):
            describe(document, name="doc")


def test_a_sparse_table_cannot_ask_for_all_memory() -> None:
    members = {name: dimension(name, index=[str(number) for number in range(1000)]) for name in "abc"}
    document = {"version": "2.0", "id": list("abc"), "size": [1000] * 3, "dimension": members, "value": {"0": 1}}
    with pytest.raises(SnapshotError, match="the sizes ask for 1000000000 cells"):
        decode(document)


def assert_identical(one: Dataset, other: Dataset) -> None:
    for name in ("label", "updated", "dimensions", "size"):
        assert getattr(one, name) == getattr(other, name), name
    np.testing.assert_array_equal(one.values, other.values)
    assert signs(one) == signs(other)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
numbers = st.one_of(
    st.just(math.nan), st.integers(-(2**53), 2**53).map(float), st.floats(allow_nan=False, allow_infinity=False)
)


@st.composite
def dimensions(draw: st.DrawFn, id_: str) -> Variable:
    codes = draw(st.lists(texts, min_size=1, max_size=4, unique=True))
    labels = draw(st.lists(texts, min_size=len(codes), max_size=len(codes)))
    role = draw(st.sampled_from(get_args(Role)))
    return Variable(id_, draw(words), tuple(codes), tuple(labels), role)


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    ids = draw(st.lists(texts.map("d{}".format), min_size=1, max_size=4, unique=True))
    parts = tuple(draw(dimensions(id_)) for id_ in ids)
    cells = math.prod(len(part.codes) for part in parts)
    sign = st.sampled_from([None, ".", "..", ":", "-"])
    given_signs: list[Any] = draw(st.lists(sign, min_size=cells, max_size=cells))
    return Dataset(
        label=draw(texts),
        updated=draw(texts),
        dimensions=parts,
        values=np.array(draw(st.lists(numbers, min_size=cells, max_size=cells)), dtype=np.float64),
        status=pd.Categorical(given_signs, categories=pd.Index(sorted({s for s in given_signs if s}), dtype=str)),
    )


@settings(deadline=None, max_examples=100)
@given(datasets())
def test_encode_then_decode_is_the_identity(dataset: Dataset) -> None:
    assert_identical(decode(encode(dataset)), dataset)


@settings(deadline=None, max_examples=25)
@given(datasets())
def test_any_table_is_what_pyjstat_makes_of_it(dataset: Dataset) -> None:
    assert_same_as_pyjstat(encode(dataset))


JUNK: list[Any] = [
    None, True, 0, 1, -1, 7, 0.5, 2**60 + 1, math.nan, "", "x", "1", [], [[]], {}, {"x": 1},
]  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything in a document below its root."""
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from places(member, (*path, key))


def cells(dataset: Dataset) -> dict[frozenset[tuple[str, str]], tuple[float | None, str | None]]:
    """Return what a table means: the number and sign that go with each choice of codes, whatever the order."""
    ids = [dimension.code for dimension in dataset.dimensions]
    rows = itertools.product(*(dimension.codes for dimension in dataset.dimensions))
    values = [None if math.isnan(value) else value for value in dataset.values.tolist()]
    keys = (frozenset(zip(ids, row, strict=True)) for row in rows)
    return dict(zip(keys, zip(values, signs(dataset), strict=True), strict=True))


@settings(deadline=None, max_examples=500)
@given(st.data())
def test_damage_is_refused_or_harmless(data: st.DataObject) -> None:
    document = data.draw(
        st.sampled_from([synthetic(), version_1(synthetic()), SPELLINGS["sparse values"], SPELLINGS["status list"]])
    )
    path = data.draw(st.sampled_from(list(places(document))))
    changed = copy.deepcopy(document)
    holder: Any = changed
    for key in path[:-1]:
        holder = holder[key]
    how = data.draw(st.sampled_from(["drop", "replace", "repeat"]))
    if how == "drop":
        del holder[path[-1]]
    elif how == "replace":
        holder[path[-1]] = data.draw(st.sampled_from(JUNK))
    elif isinstance(holder, list):
        holder.insert(path[-1], holder[path[-1]])
    try:
        read = cells(decode(changed))
    except StatsError as refusal:
        assert str(refusal).startswith("document")  # noqa: PT017 - the refusal is one of two right answers
        return
    # Another number or sign in good order is another table, which no reader can tell from the truth.
    if path[0] not in {"value", "status"}:
        assert read == cells(decode(synthetic()))


@settings(deadline=None, max_examples=150)
@given(st.integers(0), st.integers(0, 255))
def test_a_damaged_file_is_refused_or_harmless(place: int, byte: int) -> None:
    file = bytearray(json.dumps(synthetic()).encode())
    cut, hit = bytes(file[: place % len(file)]), file
    hit[place % len(file)] = byte
    with pytest.raises(SnapshotError):
        decode(cut)
    try:
        result = decode(bytes(hit))
    except StatsError:
        return
    assert (result.size, len(result.values)) == ((2, 3, 1), 6)


@settings(deadline=None, max_examples=150)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | texts,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(texts | st.sampled_from([*synthetic(), "index", "category", "where"]), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_any_json_is_refused(root: Any) -> None:
    with pytest.raises(SnapshotError):
        decode(json.dumps(root))

"""Ask a PxWeb server for a selection of a table, in either version of its API, and check that the answer is just that."""

from __future__ import annotations

import json
import math
import re
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from groruddalen_stats import strictjson
from groruddalen_stats.config.fetch import Api, PxWebFetch
from groruddalen_stats.errors import FetchError, did_you_mean
from groruddalen_stats.live.http import Answer, Client, UnreachableError
from groruddalen_stats.pxtable import jsonstat
from groruddalen_stats.pxtable.jsonstat import Role, Variable
from groruddalen_stats.pxtable.selection import Drift, VariableChoice, plain, resolve, variables, with_roles

Selection = dict[str, list[str]]
_FORMAT, _LANGUAGE = "json-stat2", "no"
_TOO_LARGE = re.compile(r"too (many|large|big)|exceed|maximum|limit", re.IGNORECASE)
# Longer addresses are not found by PxWeb, whatever stands in them.
_LONGEST_URL = 2000
# A stated limit beyond this is none, or a mistake.
_LARGEST_LIMIT = 10**9
# More tables than this are not looked into for one that is known by its contents only.
_OFFERS = 10


class TableGoneError(FetchError):
    """The table, or the folder that should list it, is not where the catalogue says."""


class _TooLargeError(FetchError):
    """The server holds the question for too large."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as its server describes it today; ``address`` is its URL, without the query."""

    address: str
    label: str
    variables: tuple[Variable, ...]


class PxWeb:
    """One PxWeb service, called ``name`` in config/sources.yaml; ``tell`` is told of progress within a table."""

    def __init__(self, name: str, api: Api, client: Client, tell: Callable[[str], None] = lambda _: None) -> None:
        self._client = client
        self._tell = tell
        url = api.at(name)
        self.server = (_Version2 if api.dialect == "pxweb2" else _Version1)(url, client)
        client.limit(url, api.calls, api.seconds)
        self._url, self._cells, self._values = url, api.cells, api.codes
        self._asked_limits = False

    def inspect(self, fetch: PxWebFetch) -> tuple[Table, list[VariableChoice], list[Drift]]:
        """Return the table of today, what the catalogue's selection means in it, and what does not fit."""
        if fetch.table is None:
            return self._found(fetch)
        table = self.server.table(self.server.address(fetch))
        return table, *resolve(table.variables, fetch)

    def _found(self, fetch: PxWebFetch) -> tuple[Table, list[VariableChoice], list[Drift]]:
        """Return the one table that is offered for ``search`` and has all that is selected."""
        offered = self.server.offers(fetch)[:_OFFERS]
        seen = [(table, *resolve(table.variables, fetch)) for table in map(self.server.table, offered)]
        fitting = [found for found in seen if not found[2]]
        # What a search offers may be another table; the only one of its title in its folder is the one, and has drifted.
        if len(fitting) == 1 or (len(seen) == 1 and fetch.folder):
            return (fitting or seen)[0]
        said = "; ".join(table.label for table, _, drifts in seen if not (fitting and drifts)) or "none"
        what = f"{len(fitting) or 'none'} of the tables found for '{fetch.search}' have all that is selected: {said}"
        raise TableGoneError(what, where=fetch.folder or fetch.api, remedy="name the right one in 'table'")

    def download(self, table: Table, choices: Sequence[VariableChoice]) -> tuple[bytes, str]:
        """Return the whole selection as JSON-stat 2, and the publisher's own time stamp.

        It is asked for in as many questions as the server's limits require.

        Raises:
            StatsError: when an answer is not exactly what was asked for: other codes, a variable dropped, a default
                extract, a table that changed between two parts, or no JSON-stat at all.
        """
        self._learn_limits()
        selection = {choice.variable.code: choice.codes for choice in choices}
        waiting = list(batches(selection, self._cells, self._values))
        answered: list[jsonstat.Dataset] = []
        raw = b""
        while waiting:
            batch = waiting.pop(0)
            if answered or waiting:
                self._tell(f"part {len(answered) + 1} of {len(answered) + 1 + len(waiting)}")
            try:
                raw = self.server.data(table.address, batch)
            except _TooLargeError:
                if math.prod(map(len, batch.values())) == 1:
                    raise
                # The limits are not what they were said to be: go on with half.
                waiting[:0] = batches(batch, math.prod(map(len, batch.values())) // 2, self._values)
                continue
            answered.append(_checked(raw, batch, table.address))
        if len({dataset.updated for dataset in answered}) > 1:
            what = "the table was updated while it was being fetched"
            raise FetchError(what, where=table.address, remedy="fetch again")
        # Verbatim when one question was enough.
        document = raw if len(answered) == 1 else assembled(answered, selection)
        return document, answered[0].updated

    def _learn_limits(self) -> None:
        """Lower our limits to those the server states; a server that states none keeps those of the catalogue."""
        if self._asked_limits:
            return
        self._asked_limits = True
        try:
            stated = self.server.limits()
        except UnreachableError:
            raise
        except FetchError:
            stated = {}
        self._cells = min(self._cells, stated.get("cells", self._cells))
        self._values = min(filter(None, (self._values, stated.get("values"))), default=0)
        self._client.limit(self._url, stated.get("calls", 0), stated.get("seconds", 0))


def batches(selection: Selection, cells: int, values: int = 0) -> Iterator[Selection]:
    """Yield selections that together hold each cell of ``selection`` once, each within both limits.

    ``cells`` is the largest product of the list lengths, ``values`` their largest sum; 0 for no limit.
    """
    lengths = {variable: len(codes) for variable, codes in selection.items()}
    product, total = math.prod(lengths.values()), sum(lengths.values())
    if product <= cells and (not values or total <= values):
        yield selection
        return
    longest = max(lengths, key=lengths.__getitem__)
    length = lengths[longest]
    if length <= 1:
        raise FetchError(
            f"the limits of {cells} cells and {values} values do not even allow one cell of {len(selection)} variables",
            remedy="correct 'cells' and 'codes' of the API in config/sources.yaml",
        )
    room = max(1, cells // (product // length)) if product > cells else length
    if values and total > values:
        fitting = values - (total - length)
        # Where the other lists fill most of the room, this one is halved and the rest is left to the next round.
        room = min(room, fitting if fitting > values // 2 else -(-length // 2))
    pieces = -(-length // room)
    codes = selection[longest]
    for piece in range(pieces):
        start, stop = piece * length // pieces, (piece + 1) * length // pieces
        yield from batches({**selection, longest: codes[start:stop]}, cells, values)


def _content(answer: Answer, url: str) -> bytes:
    if answer.status == 200:
        return answer.body
    what = _complaint(answer)
    if answer.status == 413 or (answer.status in {400, 403} and _TOO_LARGE.search(what)):
        raise _TooLargeError(what, where=url)
    if answer.status == 403 and not answer.body.lstrip().startswith(b"{"):
        raise _TooLargeError(what, where=url)  # Oslo says no more than "Forbidden"
    raise FetchError(what, where=url, remedy="run `groruddalen-stats doctor`")


def _complaint(answer: Answer) -> str:
    """Return what the server says is wrong: a problem in JSON, an ``error``, or bare text."""
    said = ""
    try:
        problem = strictjson.parse(answer.body, "", FetchError)
    except FetchError:
        text = " ".join(answer.body[:4000].decode("utf-8", "replace").split())
        said = "a web page" if text.startswith("<") else text[:120]
    else:
        if isinstance(problem, dict):
            stated = (problem.get(key) for key in ("title", "detail", "error"))
            said = ": ".join(text for text in stated if isinstance(text, str) and text)
    return f"the server answered {answer.status}" + (f" ({said})" if said else "")


def _checked(raw: bytes, asked: Selection, url: str) -> jsonstat.Dataset:
    """Return the answer as a dataset if it holds exactly the cells that were asked for."""
    dataset = jsonstat.decode(raw, name=url)
    returned = {dimension.code: dimension for dimension in dataset.dimensions}
    for variable, codes in asked.items():
        if variable not in returned:
            raise FetchError(f"the server dropped the variable '{variable}' and answered with a total", where=url)
        got = returned.pop(variable).codes
        if sorted(got) != sorted(codes):
            extra, missing = sorted(set(got) - set(codes)), sorted(set(codes) - set(got))
            raise FetchError(
                f"the server answered with other codes of '{variable}': "
                f"{len(missing)} missing ({', '.join(missing[:5])}), {len(extra)} not asked for "
                f"({', '.join(extra[:5])})",
                where=url,
                remedy="run `groruddalen-stats doctor`",
            )
    for dimension in returned.values():
        if not dimension.eliminated:
            raise FetchError(f"the server added a variable '{dimension.label}'", where=url)
    return dataset


def assembled(parts: Sequence[jsonstat.Dataset], selection: Selection) -> bytes:
    """Return one document with the codes of ``selection`` in its order, and all of other variables, from several."""
    dimensions = []
    for place, first in enumerate(parts[0].dimensions):
        same = [part.dimensions[place] for part in parts]
        labels = {code: label for own in same for code, label in zip(own.codes, own.labels, strict=True)}
        codes = selection.get(first.code, first.codes)
        dimensions.append(replace(first, codes=tuple(codes), labels=tuple(labels[code] for code in codes)))
    values = np.full([len(dimension.codes) for dimension in dimensions], np.nan)
    status = np.full(values.shape, None, dtype=object)
    for part in parts:
        there: list[list[int]] = []
        here: list[list[int]] = []
        for whole, own in zip(dimensions, part.dimensions, strict=True):
            at = {code: place for place, code in enumerate(own.codes)}
            there.append([place for place, code in enumerate(whole.codes) if code in at])
            here.append([at[code] for code in whole.codes if code in at])
        values[np.ix_(*there)] = part.values.reshape(part.size)[np.ix_(*here)]
        status[np.ix_(*there)] = np.asarray(part.status.astype(object)).reshape(part.size)[np.ix_(*here)]
    marks = pd.Categorical(status.ravel())
    whole_table = replace(parts[0], dimensions=tuple(dimensions), values=values.ravel(), status=marks)
    return json.dumps(jsonstat.encode(whole_table), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _described(answer: Answer, url: str) -> bytes:
    """Return what the server says of a table or a folder, if that is there."""
    if answer.status != 200:
        gone = answer.status in {400, 404}
        raise (TableGoneError if gone else FetchError)(
            _complaint(answer), where=url, remedy="look for it with `groruddalen-stats doctor`" if gone else ""
        )
    return answer.body


def _listed(client: Client, url: str, query: Mapping[str, str] | None = None, member: str = "") -> list[dict[str, Any]]:
    """Return the objects that the server lists, in ``member`` of its answer or as the whole of it."""
    found = strictjson.parse(_described(client.get(url, query), url), url, FetchError)
    if member:
        found = found.get(member) if isinstance(found, dict) else None
    return [hit for hit in found if isinstance(hit, dict)] if isinstance(found, list) else []


def _numbers(answer: Answer, names: Mapping[str, str]) -> dict[str, int]:
    """Return the limits that a configuration answer states; nothing where it cannot be read."""
    try:
        stated = strictjson.parse(answer.body, "", FetchError) if answer.status == 200 else {}
    except FetchError:
        return {}
    pairs = ((ours, stated.get(theirs)) for ours, theirs in names.items()) if isinstance(stated, dict) else ()
    return {ours: value for ours, value in pairs if type(value) is int and 0 < value <= _LARGEST_LIMIT}


@dataclass(frozen=True, slots=True)
class _Server:
    url: str
    client: Client


class _Version2(_Server):
    def address(self, fetch: PxWebFetch) -> str:
        return f"{self.url}/tables/{urllib.parse.quote(str(fetch.table), safe='')}"

    def table(self, address: str) -> Table:
        answer = self.client.get(f"{address}/metadata", {"lang": _LANGUAGE})
        metadata = jsonstat.describe(_described(answer, f"{address}/metadata"), name=f"{address}/metadata")
        return Table(address, metadata.label, variables(metadata))

    def data(self, address: str, selection: Selection) -> bytes:
        """Return the answer to a question, which stands in the address unless that would be too long."""
        query = {"lang": _LANGUAGE, "outputFormat": _FORMAT}
        asked = {f"valueCodes[{variable}]": ",".join(map(_bracketed, codes)) for variable, codes in selection.items()}
        url = f"{address}/data?{urllib.parse.urlencode(query | asked, safe='[],')}"
        if len(url) <= _LONGEST_URL:
            return _content(self.client.get(url), f"{address}/data")
        url = f"{address}/data?{urllib.parse.urlencode(query)}"
        chosen = [{"variableCode": variable, "valueCodes": codes} for variable, codes in selection.items()]
        return _content(self.client.request("POST", url, {"selection": chosen}), f"{address}/data")

    def limits(self) -> Mapping[str, int]:
        names = {"cells": "maxDataCells", "calls": "maxCallsPerTimeWindow", "seconds": "timeWindow"}
        return _numbers(self.client.get(f"{self.url}/config"), names)

    def search(self, text: str) -> list[tuple[str, str]]:
        asked = {"lang": _LANGUAGE, "query": text, "includeDiscontinued": "true", "pageSize": "20"}
        hits = _listed(self.client, f"{self.url}/tables", asked, "tables")
        return [(str(hit.get("id")), str(hit.get("label"))) for hit in hits]

    def listing(self, _fetch: PxWebFetch) -> list[tuple[str, str]]:
        return []

    def offers(self, fetch: PxWebFetch) -> list[str]:
        """Return the addresses of the tables that the server finds for ``search``."""
        found = self.search(fetch.search)
        return [self.address(fetch.model_copy(update={"table": table})) for table, _ in found]


class _Version1(_Server):
    def address(self, fetch: PxWebFetch) -> str:
        if fetch.folder is None:
            return f"{self.url}/{urllib.parse.quote(str(fetch.table), safe='')}"
        folder = f"{self.url}/{urllib.parse.quote(fetch.folder, safe='/')}"
        names = [name.rpartition("/")[2] for name, _ in self.listing(fetch)]
        wanted = _stem(str(fetch.table))
        found = [name for name in names if _stem(name) == wanted]
        if len(found) != 1:
            what = f"the folder lists {'several files' if found else 'no file'} for '{fetch.table}'"
            raise TableGoneError(what, where=folder, remedy=did_you_mean(str(fetch.table), names))
        return f"{folder}/{urllib.parse.quote(found[0], safe='')}"

    def table(self, address: str) -> Table:
        found = strictjson.parse(_described(self.client.get(address), address), address, FetchError)
        try:
            listed = found["variables"]
            if any(entry["values"] is None for entry in listed):
                listed = self._with_values(address, listed)
            return Table(address, str(found.get("title", "")), with_roles([_variable(entry) for entry in listed]))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise FetchError("the server's metadata are not those of a table", where=address) from None

    def _with_values(self, address: str, entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Return the variables with the values of those that have too many to be listed, read off an answer of theirs."""
        every: Mapping[str, Any] = {"filter": "all", "values": ["*"]}
        chosen = {
            entry["code"]: every if entry["values"] is None else {"filter": "item", "values": entry["values"][:1]}
            for entry in entries
        }
        raw = self._answer(address, chosen)
        read = {dimension.code: dimension for dimension in jsonstat.decode(raw, name=address).dimensions}
        return [
            {**entry, "values": read[entry["code"]].codes, "valueTexts": read[entry["code"]].labels}
            if entry["values"] is None
            else entry
            for entry in entries
        ]

    def data(self, address: str, selection: Selection) -> bytes:
        return self._answer(address, {code: {"filter": "item", "values": of} for code, of in selection.items()})

    def _answer(self, address: str, chosen: Mapping[str, Mapping[str, Any]]) -> bytes:
        query = [{"code": code, "selection": selection} for code, selection in chosen.items()]
        asked = {"query": query, "response": {"format": _FORMAT}}
        return _content(self.client.request("POST", address, asked), address)

    def limits(self) -> Mapping[str, int]:
        names = {"cells": "maxCells", "values": "maxValues", "calls": "maxCalls", "seconds": "timeWindow"}
        return _numbers(self.client.get(f"{self.url.rsplit('/', 1)[0]}/?config"), names)

    def search(self, text: str) -> list[tuple[str, str]]:
        hits = _listed(self.client, self.url, {"query": text})
        return [(f"{hit.get('path', '')}/{hit.get('id')}", str(hit.get("title"))) for hit in hits]

    def listing(self, fetch: PxWebFetch) -> list[tuple[str, str]]:
        if fetch.folder is None:
            return []
        folder = f"{self.url}/{urllib.parse.quote(fetch.folder, safe='/')}"
        items = _listed(self.client, folder)
        return [(f"/{fetch.folder}/{item.get('id')}", str(item.get("text"))) for item in items]

    def offers(self, fetch: PxWebFetch) -> list[str]:
        """Return the addresses of the tables that the folder lists, or else the server finds, with ``search`` in the title."""
        wanted = plain(fetch.search)
        listed = self.listing(fetch) if fetch.folder else self.search(fetch.search)
        found = (place.strip("/") for place, title in listed if wanted in plain(title))
        return [f"{self.url}/{urllib.parse.quote(place, safe='/')}" for place in found]


def _bracketed(code: str) -> str:
    return f"[{code}]" if "," in code else code


def _stem(name: str) -> str:
    """Return "stø013" for "OK-STØ013.px", as the names vary in case and prefix."""
    return name.casefold().removesuffix(".px").removeprefix("ok-")


def _variable(entry: Mapping[str, Any]) -> Variable:
    codes = list(map(str, entry["values"]))
    labels = list(map(str, codes if entry["valueTexts"] is None else entry["valueTexts"]))
    if len(codes) != len(labels) or len(set(codes)) != len(codes):
        raise ValueError("codes and labels do not pair up")
    code = str(entry["code"])
    role: Role = "time" if entry.get("time") else "contents" if code == "ContentsCode" else "other"
    return Variable(code, str(entry["text"]), tuple(codes), tuple(labels), role)

"""A local server that speaks PxWebApi 1 and 2, KLASS and ArcGIS, and fails on demand."""

from __future__ import annotations

import json
import math
import socket
import struct
import threading
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from standin.tables import Column, StandTable

V2, V1, KLASS, ARCGIS = ("/api/pxwebapi/v2", "/statbank/api/v1/no/db1", "/api/klass/v1", "/arcgis/rest/services")
# PxWeb answers 404 to longer addresses.
LONGEST_URL = 2100


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that went away in the middle."""


class StandIn:
    """The server. ``fail`` arms faults; ``asked`` lists every request as (method, path, body).

    Args:
        tables: What it serves.
        cells: Most cells in one answer.
        codes: Most value codes in one question (version 1).
        too_many: Status with which version 2 refuses too many cells; the documents say 403, the server 400.
    """

    def __init__(
        self, tables: Iterable[StandTable] = (), *, cells: int = 800_000, codes: int = 1000, too_many: int = 403
    ) -> None:
        self.tables = {table.id: table for table in tables}
        self.cells, self.codes, self.too_many = cells, codes, too_many
        self.states_limits = True
        self.documents: dict[str, bytes] = {}
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, str, Any]] = []
        self.agents: set[str] = set()
        self._armed: list[tuple[str, str, dict[str, Any]]] = []
        self._over = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def fail(self, fault: str, *, on: str = "", times: int = 1, **how: Any) -> None:
        """Arm a fault, of those below or a status, for the next ``times`` requests whose path and query hold ``on``."""
        self._armed += [(fault, on, how)] * times

    def next_fault(self, target: str) -> tuple[str, dict[str, Any]]:
        for number, (fault, on, how) in enumerate(self._armed):
            if on in target:
                del self._armed[number]
                return fault, how
        return "", {}

    def wait_until_over(self) -> None:
        self._over.wait(20)


class RefusalError(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, body: bytes = b"", kind: str = "application/json") -> None:
        super().__init__(status)
        self.status, self.body, self.kind = status, body, kind


def problem(title: str, status: int = 400) -> RefusalError:
    body = {"type": "Parameter error", "title": title, "status": status}
    return RefusalError(status, json.dumps(body).encode())


def _handler(stand: StandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            self._answer("GET", None)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", "0")))
            self._answer("POST", json.loads(raw))

        def _answer(self, method: str, body: Any) -> None:
            target = urllib.parse.unquote(self.path)
            stand.asked.append((method, target, body))
            stand.agents.add(self.headers.get("user-agent", ""))
            fault, how = stand.next_fault(target)
            if fault in SHAPES:
                _misbehave(self, stand, fault, lambda: respond(stand, method, self.path, body, ""), how)
                return
            try:
                self.send(200, respond(stand, method, self.path, body, fault))
            except RefusalError as refusal:
                self.send(refusal.status, refusal.body, refusal.kind)

        def send(
            self,
            status: int,
            body: bytes,
            kind: str = "application/json; charset=utf-8",
            extra: Mapping[str, str] | None = None,
            *,
            claim: int | None = None,
        ) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body) if claim is None else claim))
            for name, value in {**stand.headers, **(extra or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def cut(self) -> None:
            """Reset the connection, as a machine does that goes away."""
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

    return Handler


@dataclass(frozen=True)
class Question:
    """One request, decoded."""

    method: str
    path: str
    raw_query: str
    query: dict[str, str]
    body: Any
    fault: str


# ---- answers ----------------------------------------------------------------------------------------------------


def respond(stand: StandIn, method: str, raw_path: str, body: Any, fault: str) -> bytes:
    split = urllib.parse.urlsplit(raw_path)
    query = {key.lower(): value for key, value in urllib.parse.parse_qsl(split.query, keep_blank_values=True)}
    question = Question(method, urllib.parse.unquote(split.path), split.query, query, body, fault)
    if question.path in stand.documents:
        return stand.documents[question.path]
    if question.path.startswith(V2):
        if len(raw_path) > LONGEST_URL:
            raise RefusalError(404)
        return _version2(stand, question)
    if question.path.startswith(V1.rsplit("/", 1)[0]):
        return _version1(stand, question)
    raise RefusalError(404, b"<html>not here</html>", "text/html")


def _dump(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8")


def _version2(stand: StandIn, question: Question) -> bytes:
    path, query, body = question.path.removeprefix(V2), question.query, question.body
    if path == "/config":
        stated = {"apiVersion": "2.3.2", "maxDataCells": stand.cells, "maxCallsPerTimeWindow": 0, "timeWindow": 0}
        if not stand.states_limits:
            raise RefusalError(404)
        return _dump(stated)
    if path == "/tables":
        hits = [
            {"id": table.id, "label": table.title, "discontinued": table.discontinued}
            for table in stand.tables.values()
            if query.get("query", "").lower() in f"{table.id} {table.title}".lower()
            and (not table.discontinued or query.get("includediscontinued") == "true")
        ]
        return _dump({"tables": hits, "page": {"pageNumber": 1, "totalElements": len(hits), "totalPages": 1}})
    _, _, table_id, *rest = path.split("/")
    table = stand.tables.get(table_id)
    if rest == ["metadata"]:
        if table is None:
            raise problem("Non-existent table", 404)
        document = _mutated(table, question.fault).jsonstat()
        del document["value"]
        document.pop("status", None)
        return _dump(document)
    if rest != ["data"]:
        raise RefusalError(404)
    if table is None:
        raise problem("Non-existent table")  # 400 on /data, even for a table that is not there
    if question.method == "GET":
        chosen = {
            key[len("valuecodes[") : -1]: [value[1:-1]] if value.startswith("[") else value.split(",")
            for key, value in query.items()
            if key.startswith("valuecodes[")
        }
        by_name = {column.code.lower(): column.code for column in table.columns}
        chosen = {by_name.get(name, name): codes for name, codes in chosen.items()}
    else:
        chosen = {entry["variableCode"]: entry["valueCodes"] for entry in body["selection"]}
    selected = _selected(table, chosen, problem("Non-existent value"))
    return _dump(_data(stand, table, selected, question.fault, problem("Too many cells selected", stand.too_many)))


def _selected(table: StandTable, asked: Mapping[str, list[str]], refusal: RefusalError) -> dict[str, list[str]]:
    """Return the codes of an answer, in the table's order: of each variable some, named once."""
    columns = {column.code: column.codes for column in table.columns}
    if asked.keys() != columns.keys():
        raise refusal
    for name, codes in asked.items():
        if len(set(codes)) < len(codes) or set(codes) - set(columns[name]):
            raise refusal
    return {name: [code for code in codes if code in set(asked[name])] for name, codes in columns.items()}


def _version1(stand: StandIn, question: Question) -> bytes:
    bad = RefusalError(400, b"Bad Request", "text/plain")
    if question.raw_query == "config":
        if not stand.states_limits:
            raise bad
        return _dump({"maxValues": stand.codes, "maxCells": stand.cells, "maxCalls": 50, "timeWindow": 10})
    if not question.path.startswith(V1):
        raise bad  # there is no /en
    place = question.path.removeprefix(V1).strip("/")
    if "query" in question.query:
        hits = [t for t in stand.tables.values() if question.query["query"].lower() in f"{t.id} {t.title}".lower()]
        return _dump([{"id": t.id, "path": f"/{t.folder}", "title": t.title, "score": 1.0} for t in hits])
    table = next((t for t in stand.tables.values() if f"{t.folder}/{t.id}".strip("/") == place), None)
    if table is None:
        listed = [t for t in stand.tables.values() if t.folder == place]
        if not listed or question.method != "GET":
            raise bad
        return _dump([{"id": t.id, "type": "t", "text": t.title, "updated": t.updated} for t in listed])
    if question.method == "GET":
        described = _mutated(table, question.fault).metadata_v1()
        if question.fault == "unlisted":
            # More values than the server lists of one variable.
            longest = max(described["variables"], key=lambda entry: len(entry["values"]))
            longest |= {"values": None, "valueTexts": None}
        return _dump(described)
    wanted = {entry["code"]: entry["selection"]["values"] for entry in question.body["query"]}
    every = [column.code for column in table.columns if wanted.get(column.code) == ["*"]]
    selected = _selected(table, wanted | {code: list(table.column(code).codes) for code in every}, bad)
    forbidden = RefusalError(403, b"Forbidden", "text/plain")
    if sum(map(len, selected.values())) > stand.codes:
        raise forbidden
    return _dump(_data(stand, table, selected, question.fault, forbidden))


def _data(
    stand: StandIn, table: StandTable, selected: dict[str, list[str]], fault: str, too_many: RefusalError
) -> dict[str, Any]:
    if math.prod(map(len, selected.values())) > stand.cells:
        raise too_many
    chosen: dict[str, list[str] | None] = {**selected}
    if fault == "wrong_codes":
        for column in table.columns:
            spare = [code for code in column.codes if code not in selected[column.code]]
            chosen[column.code] = [*spare[:1], *selected[column.code][len(spare[:1]) :]]
    if fault == "default_extract":
        chosen = {column.code: [column.codes[-1]] for column in table.columns}
    if fault == "dropped_dimension":
        chosen[table.columns[0].code] = None
    return _mutated(table, fault).take(chosen).jsonstat()


def _mutated(table: StandTable, fault: str) -> StandTable:
    columns = list(table.columns)
    match fault:
        case "zeros":
            return replace(table, values=tuple(0.0 for _ in table.values), signs={})
        case "renamed_label":
            columns = [
                replace(column, label=f"{column.label} (ny)", code=f"{column.code}Ny")
                if column.role not in {"time", "contents"}
                else column
                for column in columns
            ]
        case "renamed_values":
            columns = [
                replace(column, labels=tuple(f"{label} (omdøpt)" for label in column.labels))
                if column.role != "time"
                else column
                for column in columns
            ]
        case "year_missing":
            return table.take(
                {column.code: column.codes[: -1 if column.role == "time" else None] for column in columns}
            )
        case "new_variable":
            columns.insert(0, Column("Nytt", "ny inndeling", ("0",), ("I alt",)))
    return replace(table, columns=tuple(columns))


# ---- faults that are no answer of a PxWeb server ----------------------------------------------------------------

SHAPES = {"429", "500", "502", "503", "stall", "reset", "truncated", "html", "latin1", "redirect", "large"}


def _misbehave(handler: Any, stand: StandIn, fault: str, whole: Callable[[], bytes], how: Mapping[str, Any]) -> None:
    match fault:
        case "stall":
            stand.wait_until_over()
            handler.close_connection = True
        case "reset":
            handler.send(200, whole()[: len(whole()) // 2], claim=len(whole()))
            handler.cut()
        case "truncated":
            handler.send(200, whole()[: len(whole()) // 2])
        case "html":
            handler.send(200, "<!DOCTYPE html><p>Vedlikehold pågår</p>".encode(), "text/html; charset=utf-8")
        case "latin1":
            handler.send(200, whole().decode("utf-8").encode("latin-1", "replace"))
        case "redirect":
            handler.send(how.get("status", 307), b"", "text/plain", {"Location": how["to"]})
        case "large":
            handler.send(200, b"[" + b" " * how["bytes"] + b"]")
        case _:
            handler.send(int(fault), b"", "text/plain", {"Retry-After": str(how["after"])} if "after" in how else {})

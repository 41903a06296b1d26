"""A server that sends raw bytes, whole or a few at a time: what no well-behaved server would send."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Self


def whole(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Return an HTTP answer that closes its connection."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class RawServer:
    """Answers the n-th connection with the n-th of ``answers`` (the last one again and again).

    Args:
        pause: Seconds between two pieces; 0 sends everything at once.
        at_once: How much of an answer is sent before it begins to drip.
    """

    def __init__(self, answers: Sequence[bytes], *, pause: float = 0, at_once: int = 0) -> None:
        self.asked: list[bytes] = []
        asked, over = self.asked, threading.Event()

        class Handler(BaseRequestHandler):
            def handle(self) -> None:
                if not (raw := self.request.recv(65536)):
                    return
                answer = answers[min(len(asked), len(answers) - 1)]
                asked.append(raw)
                at = len(answer) if not pause else at_once
                with suppress(OSError):
                    self.request.sendall(answer[:at])
                    while at < len(answer) and not over.wait(pause):
                        self.request.sendall(answer[at : at + 1])
                        at += 1

        self._over, self._server = over, ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.root = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def lines(self) -> list[str]:
        """The first line of every request: method and path."""
        return [raw.split(b" HTTP/", 1)[0].decode("latin-1") for raw in self.asked]

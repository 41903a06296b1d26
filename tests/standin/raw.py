"""A server that sends raw bytes, whole or a few at a time: what no well-behaved server would send."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
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
        self.answers, self.pause, self.at_once = answers, pause, at_once
        self.asked: list[bytes] = []
        self._over = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.root = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listening.close()

    @property
    def lines(self) -> list[str]:
        """The first line of every request: method and path."""
        return [raw.split(b" HTTP/", 1)[0].decode("latin-1") for raw in self.asked]

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                raw = connection.recv(65536)
                if not raw:
                    return
                answer = self.answers[min(len(self.asked), len(self.answers) - 1)]
                self.asked.append(raw)
                at = len(answer) if not self.pause else self.at_once
                connection.sendall(answer[:at])
                while at < len(answer) and not self._over.wait(self.pause):
                    connection.sendall(answer[at : at + 1])
                    at += 1
            except OSError:
                return

"""Users of a backend: many at once, over connections that they share as proxies share them."""

from __future__ import annotations

import random
import socket
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Optional

from .backend import Backend

SIZES = (1_000, 70_000, 1_000_000)


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Call:
    """A POST request. It brings a session or nothing; `label` tells its LLM spans apart."""

    kind: str
    session: Optional[str] = None
    size: int = 1_000
    label: str = field(default_factory=new_id)

    @property
    def target(self) -> str:
        return f"/{self.kind}?label={self.label}"

    @property
    def headers(self) -> dict[str, str]:
        session = {"baggage": f"session.id={self.session},user.id={self.session}"} if self.session else {}
        return {**session, "content-type": "application/octet-stream"}

    @property
    def body(self) -> bytes:
        return b"x" * self.size


def calls_of_users(kinds: Sequence[str], count: int) -> list[Call]:
    """Every second call brings a session of its own, the others bring nothing."""
    return [
        Call(kinds[number % len(kinds)], new_id() if number % 2 else None, random.choice(SIZES))
        for number in range(count)
    ]


def send_over_one_connection(backend: Backend, calls: Iterable[Call]) -> None:
    """One after the other, kept alive."""
    connection = HTTPConnection("127.0.0.1", backend.port, timeout=60)
    try:
        for call in calls:
            connection.request("POST", call.target, call.body, call.headers)
            response = connection.getresponse()
            body = response.read()
            assert response.status == 200, body
    finally:
        connection.close()


def send_at_once(backend: Backend, calls: Sequence[Call], connections: int) -> None:
    with ThreadPoolExecutor(connections) as pool:
        shares = [calls[number::connections] for number in range(connections)]
        list(pool.map(lambda share: send_over_one_connection(backend, share), shares))


def send_pipelined(backend: Backend, calls: Sequence[Call]) -> None:
    """All requests are on their way before the first answer comes."""
    with socket.create_connection(("127.0.0.1", backend.port), timeout=60) as connection:
        for call in calls:
            connection.sendall(_as_bytes(call, last=call is calls[-1]))
        received = b""
        while part := connection.recv(65536):
            received += part
    assert received.count(b"HTTP/1.1 200") == len(calls), received


def send_and_go_away(backend: Backend, call: Call) -> None:
    """Reads the beginning of the answer, and closes the connection."""
    with socket.create_connection(("127.0.0.1", backend.port), timeout=60) as connection:
        connection.sendall(_as_bytes(call, last=False))
        received = b""
        while b"part" not in received:
            received += connection.recv(1000)


def _as_bytes(call: Call, last: bool) -> bytes:
    headers = {**call.headers, "host": "localhost", "content-length": str(call.size)}
    if last:
        headers["connection"] = "close"
    lines = [f"POST {call.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + call.body

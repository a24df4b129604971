"""`app.add_middleware(RumSessionASGI)` does what `RumSessionASGI(app)` does."""

from __future__ import annotations

import json
import uuid
from hashlib import sha256
from urllib.request import urlopen

import pytest

from .conftest import StartBackend
from .support.datadog import Datadog

SPANS_PER_ANSWER = 3
CHUNKS = ["asyncio h11", "uvloop httptools"]

each_mode = pytest.mark.parametrize("mode", ["wrapper", "added"])
each_server = pytest.mark.parametrize("server", CHUNKS)


def new_id() -> str:
    return str(uuid.uuid4())


def sessions(datadog: Datadog, label: str, answers: int) -> set[str | None]:
    return {span.session_id for span in datadog.spans_of(label, SPANS_PER_ANSWER * answers)}


@each_mode
@each_server
@pytest.mark.parametrize(("path", "answers"), [("/items/5", 3), ("/items/5/stream", 4)])
@pytest.mark.parametrize("carrier", ["baggage", "query"])
def test_dependencies_that_yield_and_streams_have_the_session(
    mode: str, server: str, path: str, answers: int, carrier: str, start_backend: StartBackend, datadog: Datadog
) -> None:
    session, label = new_id(), new_id()
    backend = start_backend("dependencies_app", MODE=mode, UVICORN=server)

    if carrier == "baggage":
        backend.get(path, {"baggage": f"session.id={session}"}, label=label)
    else:
        backend.get(path, session_id=session, label=label)

    assert sessions(datadog, label, answers) == {session}


@each_mode
@each_server
@pytest.mark.parametrize("size", [100, 3_000_000])
def test_bodies_of_any_size_have_the_session_and_arrive_whole(
    mode: str, server: str, size: int, start_backend: StartBackend, datadog: Datadog
) -> None:
    session, label = new_id(), new_id()
    backend = start_backend("dependencies_app", MODE=mode, UVICORN=server)
    body = json.dumps({"session_id": session, "text": "x" * size}).encode()

    answer = backend.post("/items/5", body, "application/json", label=label)

    assert answer == sha256(body).hexdigest()
    assert sessions(datadog, label, 3) == {session}


@each_mode
def test_middleware_outside_finds_the_route(mode: str, start_backend: StartBackend) -> None:
    backend = start_backend("dependencies_app", MODE=mode, UVICORN=CHUNKS[0])
    url = f"http://127.0.0.1:{backend.port}/items/5?label={new_id()}&session_id={new_id()}"
    with urlopen(url) as answer:
        assert answer.headers["x-route"] == "/items/{item} 5"

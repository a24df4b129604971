"""A session in the body reaches the LLM spans of every framework, and the handler reads its body as it came."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Callable

import pytest

from .conftest import StartBackend
from .support.datadog import Datadog
from .test_frameworks import FASTAPI, SPANS_PER_ANSWER, STACKS, Stack, each_stack, new_id, sessions_of

FASTAPI_INSIDE = FASTAPI._replace(name="FastAPI, add_middleware", env={"ADD_MIDDLEWARE": "1"})

BODIES: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "JSON": ("application/json", lambda session: json.dumps({"session_id": session, "message": "Hello"}).encode()),
    "JSON with the id last": ("application/json", lambda session: _json(2_000, session)),
    "text": ("text/plain;charset=UTF-8", lambda session: json.dumps({"session_id": session}).encode()),
    "a form": ("application/x-www-form-urlencoded", lambda session: f"message=Hello&session_id={session}".encode()),
    "JSON typed as a form": ("application/x-www-form-urlencoded", lambda session: _json(10, session)),
    "a large body": (
        "application/json",
        lambda session: _json(10, session)[:-1] + b',"b":"' + b"x" * 1_000_000 + b'"}',
    ),
}


def _json(size: int, session: str) -> bytes:
    return json.dumps({"message": "x" * size, "session_id": session}).encode()


def in_parts(body: bytes, size: int) -> Iterable[bytes]:
    return (body[at : at + size] for at in range(0, len(body), size))


@pytest.mark.parametrize("stack", [*STACKS, FASTAPI_INSIDE], ids=str)
@pytest.mark.parametrize("kind", BODIES)
def test_a_session_in_the_body_is_handed_over_and_the_handler_reads_every_byte(
    stack: Stack, kind: str, start_backend: StartBackend, datadog: Datadog
) -> None:
    session, label = new_id(), new_id()
    content_type, make = BODIES[kind]
    body = make(session)

    digest = start_backend(stack.app, **stack.env).post("/echo", body, content_type, label=label)

    assert digest == sha256(body).hexdigest()
    spans = datadog.spans_of(label, SPANS_PER_ANSWER)
    assert {span.session_id for span in spans} == {session}
    assert len({span.apm_trace_id for span in spans}) == 1


# Werkzeug's development server gives the app no length of a chunked body.
TELLS_LENGTH = [stack for stack in STACKS if stack.env.get("SERVER") != "werkzeug"]


@pytest.mark.parametrize("stack", TELLS_LENGTH, ids=str)
def test_a_session_in_a_chunked_body_is_handed_over(
    stack: Stack, start_backend: StartBackend, datadog: Datadog
) -> None:
    session, label = new_id(), new_id()
    body = _json(300, session)

    digest = start_backend(stack.app, **stack.env).post("/echo", in_parts(body, 7), "application/json", label=label)

    assert digest == sha256(body).hexdigest()
    assert sessions_of(datadog, label, "/echo") == {session}


@each_stack
def test_a_large_chunked_body_without_a_session_comes_whole(stack: Stack, start_backend: StartBackend) -> None:
    body = _json(300_000, "none")
    backend = start_backend(stack.app, **stack.env)
    digest = backend.post("/echo", in_parts(body, 50_000), "application/json", label=new_id())
    assert digest == sha256(body).hexdigest()


@each_stack
def test_bodies_at_once_never_mix(stack: Stack, start_backend: StartBackend, datadog: Datadog) -> None:
    threads = {"THREADS": "8"} if stack.env.get("SERVER") == "waitress" else {}
    backend = start_backend(stack.app, **stack.env, **threads)
    session_of_label = {new_id(): new_id() if number % 5 else None for number in range(30)}

    def request(label: str) -> None:
        session = session_of_label[label]
        assert len(backend.post("/echo", _json(100, session or "none"), "application/json", label=label)) == 64

    with ThreadPoolExecutor(len(session_of_label)) as pool:
        list(pool.map(request, session_of_label))

    for label, session in session_of_label.items():
        assert sessions_of(datadog, label, "/echo") == {session}

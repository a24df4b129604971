"""A session reaches all spans of its request, and no span of another one: with real servers, and many users at once."""

from __future__ import annotations

import uuid
from typing import NamedTuple

import pytest

from .apps.work import SPANS
from .conftest import StartBackend
from .support.backend import Backend
from .support.datadog import Datadog
from .support.users import (
    Call,
    calls_of_users,
    new_id,
    send_and_go_away,
    send_at_once,
    send_over_one_connection,
    send_pipelined,
)


class Stack(NamedTuple):
    name: str
    app: str
    env: dict[str, str]
    kinds: list[str]

    def __str__(self) -> str:
        return self.name

    def start(self, start_backend: StartBackend) -> Backend:
        return start_backend(self.app, **self.env)


ASYNC_KINDS = ["row", "pool", "row-async", "to-thread", "executor", "tasks", "group", "task-begun-in-a-span"]
STARLETTE_KINDS = [*ASYNC_KINDS, "stream", "stream-with-pool", "stream-async", "background", "background-sync"]
SYNC_KINDS = ["row", "pool", "stream", "stream-with-pool"]

H11 = {"UVICORN": "asyncio h11"}
HTTPTOOLS = {"UVICORN": "asyncio httptools"}
UVLOOP = {"UVICORN": "uvloop httptools"}
INSIDE = {"ADD_MIDDLEWARE": "1"}
GUNICORN = {"SERVER": "gunicorn", "THREADS": "8"}

ASGI = [
    Stack("FastAPI, uvicorn, asyncio, h11", "asgi_work_app", H11, STARLETTE_KINDS),
    Stack("FastAPI, uvicorn, asyncio, httptools", "asgi_work_app", HTTPTOOLS, STARLETTE_KINDS),
    Stack("FastAPI, uvicorn, uvloop, httptools", "asgi_work_app", UVLOOP, STARLETTE_KINDS),
    Stack("FastAPI, add_middleware, h11", "asgi_work_app", {**H11, **INSIDE}, STARLETTE_KINDS),
    Stack("FastAPI, add_middleware, uvloop", "asgi_work_app", {**UVLOOP, **INSIDE}, STARLETTE_KINDS),
    Stack("Quart, uvicorn", "asgi_work_app", {**H11, "FRAMEWORK": "quart"}, [*ASYNC_KINDS, "stream-async"]),
    Stack(
        "Quart, hypercorn", "asgi_work_app", {"SERVER": "hypercorn", "FRAMEWORK": "quart"}, [*ASYNC_KINDS, "stream-async"]
    ),
    Stack("ASGI, granian", "asgi_work_app", {"SERVER": "granian", "FRAMEWORK": "plain"}, ASYNC_KINDS),
]
UVICORN = [stack for stack in ASGI if "SERVER" not in stack.env]
FASTAPI = [stack for stack in ASGI if "FRAMEWORK" not in stack.env]
WSGI = [
    Stack("Flask, waitress", "wsgi_work_app", {"SERVER": "waitress", "THREADS": "8"}, SYNC_KINDS),
    Stack("Flask, gunicorn sync", "wsgi_work_app", {**GUNICORN, "WORKER": "sync", "THREADS": "1"}, SYNC_KINDS),
    Stack("Flask, gunicorn gthread", "wsgi_work_app", {**GUNICORN, "WORKER": "gthread"}, SYNC_KINDS),
    Stack("Flask, gunicorn gevent", "wsgi_work_app", {**GUNICORN, "WORKER": "gevent"}, ["row", "stream"]),
    Stack("Django, gunicorn gthread", "wsgi_work_app", {**GUNICORN, "WORKER": "gthread", "FRAMEWORK": "django"}, SYNC_KINDS),
    Stack("WSGI, waitress", "wsgi_work_app", {"SERVER": "waitress", "THREADS": "8", "FRAMEWORK": "plain"}, SYNC_KINDS),
]
WORKERS = ["worker", "worker-begun-in-a-span", "worker-with-tasks", "worker-thread"]

each_server = pytest.mark.parametrize("stack", ASGI + WSGI, ids=str)
each_uvicorn = pytest.mark.parametrize("stack", UVICORN, ids=str)
each_asgi = pytest.mark.parametrize("stack", ASGI, ids=str)


def assert_own_sessions(datadog: Datadog, calls: list[Call]) -> None:
    wrong = []
    for call in calls:
        spans = datadog.spans_of(call.label, SPANS)
        found = {(span.session_id, span.tags.get("session_id"), span.tags.get("usr.id")) for span in spans}
        if found != {(call.session,) * 3}:
            wrong.append((call.kind, call.size, call.session, [span.session_id for span in spans]))
    assert not wrong, f"{len(wrong)} of {len(calls)}: {wrong[:5]}"


def trace_ids(datadog: Datadog, call: Call) -> set[int]:
    return {span.apm_trace_id for span in datadog.spans_of(call.label, SPANS)}


@each_server
def test_fifty_users_at_once_over_shared_connections_each_have_their_own(
    stack: Stack, start_backend: StartBackend, datadog: Datadog
) -> None:
    backend = stack.start(start_backend)
    calls = calls_of_users(stack.kinds, 100)

    send_at_once(backend, calls, connections=50)
    send_at_once(backend, more := calls_of_users(stack.kinds, 40), connections=4)

    assert_own_sessions(datadog, calls + more)


@each_server
@pytest.mark.parametrize("size", [1_000, 70_000, 1_000_000])
def test_a_request_leaves_nothing_to_the_next_ones_on_its_connection(
    stack: Stack, size: int, start_backend: StartBackend, datadog: Datadog
) -> None:
    calls = [Call(stack.kinds[0], new_id(), size), *(Call(kind) for kind in stack.kinds), Call(stack.kinds[0], new_id())]

    send_over_one_connection(stack.start(start_backend), calls)

    assert_own_sessions(datadog, calls)
    traces = [trace_ids(datadog, call) for call in calls]
    assert all(not traces[0] & others for others in traces[1:])


@each_server
def test_pipelined_requests_each_have_their_own(
    stack: Stack, start_backend: StartBackend, datadog: Datadog
) -> None:
    kinds = [kind for kind in stack.kinds if "stream" not in kind]
    calls = [call for kind in kinds for call in (Call(kind, new_id(), 70_000), Call(kind), Call(kind, new_id()))]

    send_pipelined(stack.start(start_backend), calls)

    assert_own_sessions(datadog, calls)


@each_asgi
@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_that_a_request_has_started_works_without_its_session_and_outside_of_its_trace(
    stack: Stack, worker: str, start_backend: StartBackend, datadog: Datadog
) -> None:
    # The worker is started once in a process.
    backend = start_backend(stack.app, **stack.env, PROCESS=str(uuid.uuid4()))
    starting = Call(worker, new_id())
    send_over_one_connection(backend, [starting])
    assert_own_sessions(datadog, [starting])

    calls = [Call(worker) for _ in range(10)]
    send_at_once(backend, calls, connections=2)

    assert_own_sessions(datadog, calls)
    assert not any(trace_ids(datadog, starting) & trace_ids(datadog, call) for call in calls)


@pytest.mark.parametrize(
    "stack", [stack for stack in ASGI + WSGI if {"stream", "stream-async"} & set(stack.kinds)], ids=str
)
def test_a_stream_that_is_cut_off_leaves_nothing(stack: Stack, start_backend: StartBackend, datadog: Datadog) -> None:
    backend = stack.start(start_backend)
    kind = "stream-async" if "stream-async" in stack.kinds else "stream"

    for _ in range(5):
        send_and_go_away(backend, Call(kind, new_id(), 70_000))
        calls = [Call(kind) for kind in stack.kinds]
        send_over_one_connection(backend, calls)
        assert_own_sessions(datadog, calls)

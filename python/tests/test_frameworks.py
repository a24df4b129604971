"""The real thing: frameworks and servers in processes of their own, traced by the real ddtrace, asking with a real client."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import NamedTuple

import pytest

from .conftest import StartBackend
from .support.datadog import Datadog, LlmSpan

SPANS_PER_ANSWER = 3
SPANS_PER_STREAM = 6


class Stack(NamedTuple):
    name: str
    app: str
    env: dict[str, str]
    answers: list[str]
    streams: list[str]

    def __str__(self) -> str:
        return self.name


STACKS = [
    Stack("FastAPI, uvicorn", "fastapi_app", {}, ["/sync", "/async"], ["/stream", "/stream-async"]),
    Stack("Starlette, uvicorn", "starlette_app", {}, ["/sync", "/async"], ["/stream", "/stream-async"]),
    Stack("Quart, hypercorn", "quart_app", {}, ["/sync", "/async"], ["/stream", "/stream-async"]),
    Stack(
        "Flask, waitress", "flask_app", {"SERVER": "waitress"}, ["/sync", "/async"], ["/stream", "/stream-with-context"]
    ),
    Stack("Flask, werkzeug", "flask_app", {"SERVER": "werkzeug"}, ["/sync"], ["/stream"]),
    Stack("Django WSGI, waitress", "django_app", {"SERVER": "waitress"}, ["/sync", "/async"], ["/stream"]),
    Stack("Django ASGI, uvicorn", "django_app", {"SERVER": "uvicorn"}, ["/sync", "/async"], ["/stream-async"]),
]
FASTAPI, STARLETTE, QUART, FLASK, FLASK_WERKZEUG, DJANGO_WSGI, DJANGO_ASGI = STACKS

# waitress has one thread here, and werkzeug's development server, too: what a request leaves behind, the next one gets.
SINGLE_THREADED = [FLASK, FLASK_WERKZEUG, DJANGO_WSGI]

each_stack = pytest.mark.parametrize("stack", STACKS, ids=str)
each_handler = pytest.mark.parametrize(
    ("stack", "path"), [(stack, path) for stack in STACKS for path in stack.answers + stack.streams], ids=str
)
last_stream_of_each_stack = pytest.mark.parametrize(
    ("stack", "path"), [(stack, stack.streams[-1]) for stack in STACKS], ids=str
)


def new_id() -> str:
    return str(uuid.uuid4())


def spans_of(datadog: Datadog, label: str, path: str) -> list[LlmSpan]:
    return datadog.spans_of(label, SPANS_PER_STREAM if "stream" in path else SPANS_PER_ANSWER)


def sessions_of(datadog: Datadog, label: str, path: str) -> set[str | None]:
    return {span.session_id for span in spans_of(datadog, label, path)}


@each_handler
def test_every_llm_span_has_the_session_user_and_account_of_the_baggage(
    stack: Stack, path: str, start_backend: StartBackend, datadog: Datadog
) -> None:
    session, label = new_id(), new_id()
    baggage = f"session.id={session},user.id=user%201,account.id=account-2"

    start_backend(stack.app, **stack.env).get(path, {"baggage": baggage}, label=label)

    spans = spans_of(datadog, label, path)
    assert {span.session_id for span in spans} == {session}
    assert {span.tags["session_id"] for span in spans} == {session}
    assert {(span.tags.get("usr.id"), span.tags.get("usr.account_id")) for span in spans} == {("user 1", "account-2")}
    assert len({span.apm_trace_id for span in spans}) == 1


@pytest.mark.parametrize("stack", [FASTAPI, QUART, FLASK, DJANGO_WSGI, DJANGO_ASGI], ids=str)
def test_without_the_middleware_the_same_request_has_no_session(
    stack: Stack, start_backend: StartBackend, datadog: Datadog
) -> None:
    label, path = new_id(), stack.answers[0]

    backend = start_backend(stack.app, **stack.env, WRAPPED="0")
    backend.get(path, {"baggage": f"session.id={new_id()}"}, label=label)

    assert sessions_of(datadog, label, path) == {None}


@pytest.mark.parametrize(("stack", "path"), [(DJANGO_WSGI, "/stream"), (QUART, "/async")], ids=str)
def test_what_ddtrace_alone_loses_with_its_own_headers_is_kept(
    stack: Stack, path: str, start_backend: StartBackend, datadog: Datadog
) -> None:
    session = new_id()
    found = {}
    for wrapped in ("0", "1"):
        label = new_id()
        headers = {
            "x-datadog-trace-id": "5",
            "x-datadog-parent-id": "0",
            "x-datadog-tags": f"_dd.p.llmobs_sid={session}",
        }
        start_backend(stack.app, **stack.env, **({"WRAPPED": "0"} if wrapped == "0" else {})).get(
            path, headers, label=label
        )
        found[wrapped] = sessions_of(datadog, label, path)

    assert found == {"0": {None}, "1": {session}}


@last_stream_of_each_stack
def test_a_session_in_the_query_is_handed_over(
    stack: Stack, path: str, start_backend: StartBackend, datadog: Datadog
) -> None:
    session, label = new_id(), new_id()

    start_backend(stack.app, **stack.env).get(path, label=label, session_id=session)

    assert sessions_of(datadog, label, path) == {session}


@last_stream_of_each_stack
@pytest.mark.parametrize("headers", ["datadog", "w3c", "both"])
def test_the_trace_of_the_page_goes_on(
    stack: Stack, path: str, headers: str, start_backend: StartBackend, datadog: Datadog
) -> None:
    session, label, trace_id = new_id(), new_id(), uuid.uuid4().int % 2**63
    sent = {"baggage": f"session.id={session}"}
    if headers != "w3c":
        sent.update(
            {"x-datadog-trace-id": f"{trace_id}", "x-datadog-parent-id": "7", "x-datadog-sampling-priority": "1"}
        )
    if headers != "datadog":
        sent.update({"traceparent": f"00-{trace_id:032x}-{7:016x}-01", "tracestate": "dd=s:1;o:rum"})

    start_backend(stack.app, **stack.env).get(path, sent, label=label)

    spans = spans_of(datadog, label, path)
    assert {span.session_id for span in spans} == {session}
    assert {span.apm_trace_id for span in spans} == {trace_id}


@pytest.mark.parametrize(
    ("stack", "path"), [*((stack, "/explicit") for stack in STACKS), (FASTAPI, "/annotated")], ids=str
)
def test_an_explicit_session_wins_for_its_span_and_those_below(
    stack: Stack, path: str, start_backend: StartBackend, datadog: Datadog
) -> None:
    session, label = new_id(), new_id()

    start_backend(stack.app, **stack.env).get(path, {"baggage": f"session.id={session}"}, label=label)

    spans = datadog.spans_of(label, SPANS_PER_ANSWER)
    workflow = next(span for span in spans if span.name == "workflow")
    sessions = {span.parent_id: span.session_id for span in spans if span is not workflow}
    assert workflow.session_id == "explicit"
    assert sessions[str(workflow.span_id)] == "explicit"
    assert [sessions[parent] for parent in sessions if parent != str(workflow.span_id)] == [session]


@last_stream_of_each_stack
def test_fifty_requests_at_once_never_mix(
    stack: Stack, path: str, start_backend: StartBackend, datadog: Datadog
) -> None:
    threads = {"THREADS": "8"} if stack.env.get("SERVER") == "waitress" else {}
    backend = start_backend(stack.app, **stack.env, **threads)
    session_of_label = {new_id(): new_id() if number % 5 else None for number in range(50)}

    def request(label: str) -> None:
        session = session_of_label[label]
        baggage = {"baggage": f"session.id={session},user.id={session}"} if session else {}
        backend.get(path, baggage, label=label)

    with ThreadPoolExecutor(len(session_of_label)) as pool:
        list(pool.map(request, session_of_label))

    for label, session in session_of_label.items():
        spans = spans_of(datadog, label, path)
        assert {span.session_id for span in spans} == {session}
        assert {span.tags.get("usr.id") for span in spans} == {session}


@pytest.mark.parametrize("stack", SINGLE_THREADED, ids=str)
@pytest.mark.parametrize("path", ["/sync", "/stream"])
def test_nothing_is_left_on_the_thread_for_the_next_request(
    stack: Stack, path: str, start_backend: StartBackend, datadog: Datadog
) -> None:
    backend = start_backend(stack.app, **stack.env)
    label = new_id()

    backend.get(path, {"baggage": f"session.id={new_id()},user.id=somebody"}, label=new_id())
    left_behind = backend.get("/left-behind")
    backend.get(path, label=label)

    assert left_behind == "None, 0 annotations"
    spans = spans_of(datadog, label, path)
    assert {(span.session_id, span.tags.get("usr.id")) for span in spans} == {(None, None)}


@pytest.mark.parametrize("stack", [FASTAPI, FLASK], ids=str)
@pytest.mark.parametrize("path", ["/fail", "/broken-stream"])
def test_errors_of_the_app_stay_what_they_are_and_leave_nothing_behind(
    stack: Stack, path: str, start_backend: StartBackend, datadog: Datadog
) -> None:
    backend = start_backend(stack.app, **stack.env)
    session, label, next_label = new_id(), new_id(), new_id()

    if path == "/fail":
        assert backend.get(path, {"baggage": f"session.id={session}"}, label=label) == "500"
    else:
        with pytest.raises((HTTPException, ConnectionError)):
            backend.get(path, {"baggage": f"session.id={session}"}, label=label)
    backend.get("/sync", label=next_label)

    assert {span.session_id for span in datadog.spans_of(label, SPANS_PER_ANSWER)} == {session}
    assert {span.session_id for span in datadog.spans_of(next_label, SPANS_PER_ANSWER)} == {None}


def test_a_task_that_goes_on_after_the_request_has_no_session_any_more(
    start_backend: StartBackend, datadog: Datadog
) -> None:
    label = new_id()

    start_backend("fastapi_app").get("/task", {"baggage": f"session.id={new_id()},user.id=u"}, label=label)

    assert {(span.session_id, span.tags.get("usr.id")) for span in datadog.spans_of(label, 2)} == {(None, None)}


@pytest.mark.parametrize("env", [{}, {"ADD_MIDDLEWARE": "1"}])
def test_background_tasks_have_the_session_and_user_in_a_trace_of_their_own(
    env: dict[str, str], start_backend: StartBackend, datadog: Datadog
) -> None:
    session, label = new_id(), new_id()

    start_backend("fastapi_app", **env).get("/background", {"baggage": f"session.id={session},user.id=u"}, label=label)

    spans = datadog.spans_of(label, SPANS_PER_ANSWER)
    assert {(span.session_id, span.tags.get("usr.id")) for span in spans} == {(session, "u")}
    assert "fastapi.background_task" in datadog.names_of_trace(spans[0].apm_trace_id)


@pytest.mark.parametrize(
    ("settings", "handed_over"),
    [
        ({}, False),
        ({"DD_TRACE_WEBSOCKET_MESSAGES_SEPARATE_TRACES": "0"}, True),
        ({"DD_TRACE_WEBSOCKET_MESSAGES_ENABLED": "0"}, True),
    ],
)
@pytest.mark.parametrize("carrier", ["baggage", "query"])
def test_the_messages_of_a_websocket_have_its_session_unless_ddtrace_gives_each_a_trace_of_its_own(
    settings: dict[str, str], handed_over: bool, carrier: str, start_backend: StartBackend, datadog: Datadog
) -> None:
    from websockets.sync.client import connect

    session, labels = new_id(), [new_id(), new_id()]
    url = f"ws://127.0.0.1:{start_backend('fastapi_app', **settings).port}/socket"
    headers = {"baggage": f"session.id={session}"} if carrier == "baggage" else {}

    with connect(url + (f"?session_id={session}" if carrier == "query" else ""), additional_headers=headers) as socket:
        for label in labels:
            socket.send(label)
            socket.recv()

    for label in labels:
        spans = datadog.spans_of(label, SPANS_PER_ANSWER)
        assert {span.session_id for span in spans} == {session if handed_over else None}


def test_inside_of_ddtrace_s_own_middleware_the_running_trace_gets_the_session(
    start_backend: StartBackend, datadog: Datadog
) -> None:
    backend = start_backend("fastapi_app", ADD_MIDDLEWARE="1")
    session, label = new_id(), new_id()

    backend.get("/stream", {"baggage": f"session.id={session},user.id=u"}, label=label)

    spans = datadog.spans_of(label, SPANS_PER_STREAM)
    assert {(span.session_id, span.tags.get("usr.id")) for span in spans} == {(session, "u")}
    assert len({span.apm_trace_id for span in spans}) == 1


@each_stack
def test_llm_spans_stay_below_the_llm_span_of_the_service_that_called(
    stack: Stack, start_backend: StartBackend, datadog: Datadog
) -> None:
    session, label = new_id(), new_id()
    tags = f"_dd.p.llmobs_parent_id=77,_dd.p.llmobs_trace_id=99,_dd.p.llmobs_sid={session}"
    headers = {"x-datadog-trace-id": "5", "x-datadog-parent-id": "6", "x-datadog-tags": tags}

    backend = start_backend(stack.app, **stack.env)
    backend.get(stack.answers[0], {**headers, "baggage": f"session.id={session}"}, label=label)

    spans = datadog.spans_of(label, SPANS_PER_ANSWER)
    workflow = next(span for span in spans if span.name == "workflow")
    assert workflow.parent_id == "77"
    assert {span.session_id for span in spans} == {session}


@pytest.mark.parametrize(
    ("settings", "handed_over"),
    [
        ({"DD_TRACE_PROPAGATION_STYLE_EXTRACT": "datadog"}, True),
        ({"DD_TRACE_PROPAGATION_STYLE_EXTRACT": "tracecontext,datadog,baggage"}, True),
        ({"DD_TRACE_PROPAGATION_STYLE_EXTRACT": "tracecontext,baggage"}, False),
        ({"DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT": "restart"}, False),
        ({"DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT": "ignore"}, False),
    ],
)
def test_settings_of_the_tracer_decide_whether_it_takes_the_session(
    settings: dict[str, str], handed_over: bool, start_backend: StartBackend, datadog: Datadog
) -> None:
    session, label = new_id(), new_id()

    start_backend("fastapi_app", **settings).get("/async", {"baggage": f"session.id={session}"}, label=label)

    assert sessions_of(datadog, label, "/async") == {session if handed_over else None}


@pytest.mark.parametrize(
    ("settings", "continues"), [({}, False), ({"DD_TRACE_PROPAGATION_STYLE_EXTRACT": "datadog,b3multi,baggage"}, True)]
)
def test_a_trace_of_b3_headers_that_ddtrace_is_set_to_continue_goes_on_without_the_session(
    settings: dict[str, str], continues: bool, start_backend: StartBackend, datadog: Datadog
) -> None:
    session, label = new_id(), new_id()
    b3 = {"X-B3-TraceId": f"{7:032x}", "X-B3-SpanId": f"{8:016x}", "X-B3-Sampled": "1"}

    start_backend("fastapi_app", **settings).get("/async", {**b3, "baggage": f"session.id={session}"}, label=label)

    spans = datadog.spans_of(label, SPANS_PER_ANSWER)
    assert {(span.session_id, span.apm_trace_id == 7) for span in spans} == {
        (None, True) if continues else (session, False)
    }


def test_django_s_caches_keep_their_connections_from_request_to_request(start_backend: StartBackend) -> None:
    backend = start_backend("wsgi_work_app", FRAMEWORK="django", SERVER="waitress")

    answers = {backend.get("/connections", {"baggage": f"session.id={new_id()}"}) for _ in range(20)}

    assert answers == {"1"}


@pytest.mark.parametrize("stack", [FASTAPI, FLASK], ids=str)
def test_with_llm_observability_off_the_app_works(stack: Stack, start_backend: StartBackend) -> None:
    backend = start_backend(stack.app, **stack.env, DD_LLMOBS_ENABLED="0")

    assert backend.get("/sync", {"baggage": f"session.id={new_id()},user.id=u"}, label="off") == "An answer."
    assert backend.get("/stream", {"baggage": f"session.id={new_id()},user.id=u"}, label="off") == "An answer." * 2

"""The ASGI middleware by itself: what the app gets, without a tracer and with a broken one."""

from __future__ import annotations

import asyncio
import contextlib
from contextvars import Context, ContextVar, copy_context
from typing import Any

import pytest
from hypothesis import given, strategies as st

from rum_llm_correlation import RumSessionASGI
from rum_llm_correlation.running_request import Entry

from .support.asgi_ends import no_receive, no_send
from .support.tracers import StubTracer

SESSION = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
TAG = f"_dd.p.llmobs_sid={SESSION}".encode()
BAGGAGE = (b"baggage", f"session.id={SESSION},user.id=u".encode())


class App:
    def __init__(self, error: BaseException | None = None) -> None:
        self.scopes: list[Any] = []
        self._error = error

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        if self._error:
            raise self._error
        await send({"type": "http.response.start", "status": 200, "headers": []})


def scope_of(*headers: tuple[bytes, bytes], query: bytes = b"", kind: str = "http", **more: Any) -> dict[str, Any]:
    return {"type": kind, "path": "/", "query_string": query, "headers": list(headers), **more}


def call(scope: dict[str, Any], app: App | None = None, **options: Any) -> Any:
    app = app or App()
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(RumSessionASGI(app, **options)(scope, no_receive, send))
    assert sent == [{"type": "http.response.start", "status": 200, "headers": []}]
    (seen,) = app.scopes
    return seen


def headers_of(scope: dict[str, Any]) -> dict[bytes, bytes]:
    headers = dict(scope["headers"])
    assert len(headers) == len(scope["headers"])
    return headers


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_the_app_gets_headers_that_the_tracer_reads_the_session_from(kind: str) -> None:
    headers = headers_of(call(scope_of((b"host", b"a"), BAGGAGE, kind=kind)))

    assert headers[b"x-datadog-tags"] == TAG
    assert int(headers[b"x-datadog-trace-id"]) > 0
    assert headers[b"x-datadog-parent-id"] == b"0"
    assert (headers[b"host"], headers[b"baggage"]) == (b"a", BAGGAGE[1])


def test_a_session_in_the_query_does_the_same_and_baggage_comes_first() -> None:
    other = SESSION.replace("a", "b")
    assert headers_of(call(scope_of(query=f"session_id={SESSION}".encode())))[b"x-datadog-tags"] == TAG
    assert headers_of(call(scope_of(BAGGAGE, query=f"session_id={other}".encode())))[b"x-datadog-tags"] == TAG


@pytest.mark.parametrize("field", ["sid", "metadata.sid"])
def test_field_names_the_query_parameter(field: str) -> None:
    assert headers_of(call(scope_of(query=f"sid={SESSION}".encode()), field=field))[b"x-datadog-tags"] == TAG
    assert headers_of(call(scope_of(query=f"session_id={SESSION}".encode()), field=field)) == {}


def test_a_trace_that_came_goes_on() -> None:
    ids = ((b"x-datadog-trace-id", b"1"), (b"x-datadog-parent-id", b"2"), (b"x-datadog-tags", b"_dd.p.dm=-1"))
    assert headers_of(call(scope_of(*ids, BAGGAGE))) == dict([*ids, BAGGAGE]) | {
        b"x-datadog-tags": b"_dd.p.dm=-1," + TAG
    }


def test_list_headers_in_several_lines_count_as_one() -> None:
    traceparent = (b"traceparent", b"00-0000000000000000000000000000000a-000000000000000b-01")
    lines = ((b"tracestate", b"a=b"), (b"baggage", b"x=y"), (b"tracestate", b"c=d"), BAGGAGE)
    headers = call(scope_of(traceparent, *lines))["headers"]
    assert [value for name, value in headers if name == b"tracestate"] == [
        b"dd=t.llmobs_sid:" + SESSION.encode() + b",a=b,c=d"
    ]


@pytest.mark.parametrize(
    "scope",
    [
        scope_of((b"host", b"a")),
        scope_of((b"baggage", b"session.id=conversation-1")),
        scope_of(query=b"session_id=conversation-1"),
        scope_of(BAGGAGE, (b"x-datadog-trace-id", b"1"), (b"x-datadog-parent-id", b"2"), (b"x-datadog-tags", TAG)),
        scope_of(BAGGAGE, kind="lifespan"),
        {"type": "lifespan"},
    ],
    ids=[
        "no id",
        "no uuid in baggage",
        "no uuid in the query",
        "there already",
        "lifespan",
        "lifespan without headers",
    ],
)
def test_otherwise_the_app_gets_the_very_scope_that_came(scope: dict[str, Any]) -> None:
    before = {**scope, "headers": list(scope.get("headers", []))}
    assert call(scope) is scope
    assert {"headers": [], **scope} == before


def test_headers_that_can_be_read_only_once_reach_the_app() -> None:
    assert call({**scope_of(), "headers": iter([(b"host", b"a")])})["headers"] == [(b"host", b"a")]
    assert headers_of(call({**scope_of(), "headers": iter([BAGGAGE])}))[b"x-datadog-tags"] == TAG


def test_the_scope_stays_the_same_object_for_middleware_outside_and_the_server_s_list_of_headers_as_it_was() -> None:
    scope = scope_of(BAGGAGE)
    headers = scope["headers"]
    assert call(scope) is scope
    assert headers == [BAGGAGE]


@pytest.mark.parametrize(
    "scope",
    [
        {},
        {"type": "http"},
        {"type": "http", "headers": None},
        {"type": "http", "headers": [(b"baggage",)]},
        {"type": "http", "headers": [(b"baggage", None)]},
        {"type": "http", "headers": [("baggage", "text"), BAGGAGE], "query_string": "text"},
        {"type": "http", "headers": [], "query_string": "text"},
    ],
    ids=str,
)
def test_a_scope_that_is_none_is_the_app_s_to_answer(scope: dict[str, Any]) -> None:
    assert call(scope) is scope


@given(
    st.lists(st.tuples(st.sampled_from([b"baggage", b"tracestate", b"traceparent", b"x-datadog-tags"]), st.binary())),
    st.binary(),
)
def test_nothing_that_a_client_sends_keeps_the_app_from_its_request(
    headers: list[tuple[bytes, bytes]], query: bytes
) -> None:
    scope = scope_of(*headers, BAGGAGE, query=query)
    for name, value in call(scope)["headers"]:
        assert (name, value) in scope["headers"] or value.isascii()


@pytest.mark.parametrize("error", [ValueError("the app's"), RuntimeError("cannot enter context"), KeyboardInterrupt()])
def test_exceptions_of_the_app_pass_through(error: BaseException) -> None:
    app = App(error)
    with pytest.raises(type(error)) as raised:
        call(scope_of(BAGGAGE), app)
    assert raised.value is error
    assert len(app.scopes) == 1


@pytest.mark.parametrize("breaks", StubTracer.WAYS)
def test_with_a_broken_tracer_the_app_is_called_once_and_works(breaks: str, monkeypatch: pytest.MonkeyPatch) -> None:
    StubTracer(breaks).install(monkeypatch)
    assert headers_of(call(scope_of(BAGGAGE)))[b"x-datadog-tags"] == TAG
    assert headers_of(call(scope_of(BAGGAGE, datadog={})))[b"baggage"] == BAGGAGE[1]


@pytest.mark.parametrize("error", [None, ValueError("the app's"), asyncio.CancelledError()])
def test_what_was_active_before_the_request_is_active_after_it(
    error: BaseException | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracer = StubTracer()
    tracer.install(monkeypatch)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        tracer.calls.append("app")
        if error:
            raise error

    with contextlib.suppress(ValueError, asyncio.CancelledError):
        asyncio.run(RumSessionASGI(app)(scope_of(BAGGAGE), no_receive, no_send))

    before, after = " ".join(tracer.calls).split(" app ")
    assert before == "active active RequestTrace begin annotation enter"
    assert after == "active activate exit end"


W3C = (b"traceparent", b"00-0000000000000000000000000000000a-000000000000000b-01")


@pytest.mark.parametrize(
    ("headers", "handed_over"),
    [
        ([BAGGAGE], True),
        ([(b"baggage", b"user.id=u")], True),
        ([(b"x-datadog-trace-id", b"1"), (b"x-datadog-parent-id", b"2"), (b"x-datadog-tags", TAG)], True),
        ([W3C, (b"tracestate", b"dd=t.llmobs_sid:any")], True),
        ([(b"baggage", b"session.id=none,user.id=")], False),
        ([(b"baggage", b"other=1")], False),
        ([(b"x-datadog-trace-id", b"1"), (b"x-datadog-parent-id", b"2"), (b"x-datadog-tags", b"_dd.p.dm=-1")], False),
        ([W3C, (b"tracestate", b"dd=s:1")], False),
    ],
)
def test_the_tracer_is_told_of_requests_that_bring_a_session_or_a_user_alone(
    headers: list[tuple[bytes, bytes]], handed_over: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracer = StubTracer()
    tracer.install(monkeypatch)
    call(scope_of(*headers))
    assert ("begin" in tracer.calls) == handed_over


def test_with_llm_observability_off_the_tracer_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    tracer = StubTracer()
    tracer.enabled = False
    tracer.install(monkeypatch)
    call(scope_of(BAGGAGE))
    assert tracer.calls == []


def test_in_a_trace_that_runs_already_no_new_one_is_begun() -> None:
    assert headers_of(call(scope_of(BAGGAGE, datadog={}))) == dict([BAGGAGE])


variable: ContextVar[str] = ContextVar("variable", default="the server's")


@pytest.mark.parametrize("scope", [scope_of(), scope_of(BAGGAGE)], ids=["nothing", "a session"])
def test_the_app_runs_in_the_context_in_which_the_server_calls_it(scope: dict[str, Any]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        variable.set("the app's")

    async def serve() -> str:
        await RumSessionASGI(app)(scope, no_receive, no_send)
        return variable.get()

    assert asyncio.run(serve()) == "the app's"


def test_a_request_that_comes_in_a_copy_of_another_one_s_context_does_not_belong_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries: list[Entry] = []

    class Tracer(StubTracer):
        def begin(self, *arguments: Any) -> None:
            entries.extend(argument for argument in arguments if isinstance(argument, Entry))

    Tracer().install(monkeypatch)
    contexts: list[Context] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        contexts.append(copy_context())

    async def mounting(scope: Any, receive: Any, send: Any) -> None:
        await RumSessionASGI(app)({**scope, "root_path": "/mounted"}, receive, send)

    asyncio.run(RumSessionASGI(mounting)(scope_of(BAGGAGE), no_receive, no_send))
    assert [entry.alien for entry in entries] == [False, False]

    for scope in (scope_of(), scope_of(BAGGAGE)):
        coroutine = RumSessionASGI(app)(scope, no_receive, no_send)
        contexts[0].run(asyncio.run, coroutine)
    assert [entry.alien for entry in entries] == [False, False, True, True]

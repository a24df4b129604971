"""OpenTelemetry's spans of a request get its session: without ddtrace, with the real SDK and instrumentations."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Callable

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from flask import Flask
from opentelemetry import baggage, propagate, trace
from opentelemetry.context import Context
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.testclient import TestClient

from rum_llm_correlation import RumSessionASGI, RumSessionWSGI
from rum_llm_correlation.otel import RumSessionSpanProcessor

SESSION = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
OTHER = SESSION.replace("a", "b")

GEN_AI = {"gen_ai.operation.name": "chat"}


class Traces:
    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.provider.add_span_processor(RumSessionSpanProcessor())

    def span(self, attributes: Mapping[str, str], context: Context | None = None, scope: str = "app") -> Any:
        return self.provider.get_tracer(scope).start_span("span", context, attributes=dict(attributes))

    def call_model(self) -> None:
        with self.provider.get_tracer("app").start_as_current_span("tool"):
            self.span(GEN_AI).end()

    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    def attributes(self) -> dict[str, Any]:
        (span,) = self.spans()
        return dict(span.attributes or {})


def context_of(**members: str) -> Context:
    context = Context()
    for name, value in members.items():
        context = baggage.set_baggage(name.replace("_", "."), value, context)
    return context


ALL = context_of(session_id=SESSION, user_id="user 1", account_id="account-2")
USER = {"usr.id": "user 1", "usr.account_id": "account-2"}


@pytest.mark.parametrize(
    ("attributes", "context", "added"),
    [
        ({}, ALL, {"session.id": SESSION}),
        (GEN_AI, ALL, {"session.id": SESSION, "gen_ai.conversation.id": SESSION, **USER}),
        ({"traceloop.span.kind": "workflow"}, ALL, {"session.id": SESSION, "gen_ai.conversation.id": SESSION, **USER}),
        (GEN_AI, context_of(user_id="user 1"), {"usr.id": "user 1"}),
        (GEN_AI, context_of(user_id="\n", account_id="x" * 201), {}),
        (GEN_AI, context_of(session_id=f"{SESSION};p=1"), {"session.id": SESSION, "gen_ai.conversation.id": SESSION}),
        (GEN_AI, context_of(session_id="conversation-1"), {}),
        (GEN_AI, Context(), {}),
        ({"session.id": "own"}, ALL, {}),
        (
            {**GEN_AI, "gen_ai.conversation.id": "own", "usr.id": "own"},
            ALL,
            {"session.id": SESSION, "usr.account_id": "account-2"},
        ),
    ],
)
def test_a_span_gets_what_it_lacks(attributes: dict[str, str], context: Context, added: dict[str, str]) -> None:
    traces = Traces()
    traces.span(attributes, context).end()
    assert traces.attributes() == {**attributes, **added}


def test_all_spans_of_openinference_are_of_generative_ai() -> None:
    traces = Traces()
    traces.span({}, ALL, scope="openinference.instrumentation.openai").end()
    assert traces.attributes()["gen_ai.conversation.id"] == SESSION


def test_it_never_raises() -> None:
    processor = RumSessionSpanProcessor()
    processor.on_start(None, ALL)  # type: ignore[arg-type]
    assert processor.force_flush() is True


def fastapi_app(traces: Traces, place: str) -> Any:
    app = FastAPI()

    @app.post("/chat")
    async def chat() -> StreamingResponse:
        traces.call_model()

        async def parts() -> Any:
            traces.call_model()
            carrier: dict[str, str] = {}
            propagate.inject(carrier)
            yield json.dumps(carrier)

        return StreamingResponse(parts())

    if place == "add_middleware":
        app.add_middleware(RumSessionASGI)
    FastAPIInstrumentor.instrument_app(app, tracer_provider=traces.provider)
    return RumSessionASGI(app) if place == "outermost" else app


def flask_app(traces: Traces, place: str) -> Any:
    app = Flask(__name__)

    @app.post("/chat")
    def chat() -> str:
        traces.call_model()
        traces.call_model()
        carrier: dict[str, str] = {}
        propagate.inject(carrier)
        return json.dumps(carrier)

    if place == "inside":
        app.wsgi_app = RumSessionWSGI(app.wsgi_app)  # type: ignore[method-assign]
    FlaskInstrumentor().instrument_app(app, tracer_provider=traces.provider)  # type: ignore[no-untyped-call]
    if place == "outermost":
        app.wsgi_app = RumSessionWSGI(app.wsgi_app)  # type: ignore[method-assign]
    return app


Post = Callable[..., Any]


def post_to_fastapi(app: Any, path: str, **request: Any) -> Any:
    return json.loads(TestClient(app).post(path, **request).text)


def post_to_flask(app: Any, path: str, **request: Any) -> Any:
    return json.loads(app.test_client().post(path, **request).text)


CARRIERS: dict[str, tuple[str, dict[str, Any]]] = {
    "body": ("/chat", {"json": {"session_id": SESSION, "message": "Hello"}}),
    "query": (f"/chat?session_id={SESSION}", {}),
    "baggage": ("/chat", {"headers": {"baggage": f"session.id={SESSION},user.id=u"}}),
    "trace-tags": ("/chat", {"headers": {
        "x-datadog-trace-id": "5", "x-datadog-parent-id": "6", "x-datadog-tags": f"_dd.p.llmobs_sid={SESSION}"
    }}),
    "a session that came as baggage": ("/chat", {
        "headers": {"baggage": f"session.id={SESSION}"}, "json": {"session_id": OTHER, "message": "Hello"}
    }),
}  # fmt: skip

APPS = [
    pytest.param(fastapi_app, "outermost", post_to_fastapi, id="FastAPI, outermost"),
    pytest.param(fastapi_app, "add_middleware", post_to_fastapi, id="FastAPI, add_middleware"),
    pytest.param(flask_app, "outermost", post_to_flask, id="Flask, outermost"),
    pytest.param(flask_app, "inside", post_to_flask, id="Flask, inside"),
]


@pytest.fixture
def traces() -> Traces:
    return Traces()


@pytest.mark.parametrize(("make", "place", "post"), APPS)
@pytest.mark.parametrize("carrier", CARRIERS)
def test_every_span_of_a_request_has_its_session_and_the_services_behind_get_it(
    make: Callable[..., Any], place: str, post: Post, carrier: str, traces: Traces
) -> None:
    path, request = CARRIERS[carrier]
    behind = post(make(traces, place), path, **request)

    # Inside of OpenTelemetry's middleware, the body is received in a span of that before it tells the session.
    spans = [span for span in traces.spans() if place != "add_middleware" or not span.name.endswith("http receive")]
    assert len(spans) >= 5
    assert {span.context.trace_id for span in spans if span.context} == {spans[0].context.trace_id}
    assert {(span.attributes or {}).get("session.id") for span in spans} == {SESSION}
    model_calls = [span.attributes or {} for span in spans if span.name == "span"]
    assert [call["gen_ai.conversation.id"] for call in model_calls] == [SESSION] * 2
    assert [call.get("usr.id") for call in model_calls] == ["u" if carrier == "baggage" else None] * 2
    assert f"session.id={SESSION}" in behind["baggage"]


@pytest.mark.parametrize(("make", "place", "post"), APPS)
def test_a_request_without_a_session_comes_after_one_with_it(
    make: Callable[..., Any], place: str, post: Post, traces: Traces
) -> None:
    app = make(traces, place)
    post(app, "/chat", json={"session_id": SESSION, "message": "Hello"})
    before = len(traces.spans())
    post(app, "/chat", json={"message": "Hello, and nothing else to say for once"})

    later = traces.spans()[before:]
    assert later
    assert not any("session.id" in (span.attributes or {}) for span in later)
    assert trace.get_current_span().get_span_context().is_valid is False


def test_nothing_else_of_the_package_loads_opentelemetry() -> None:
    script = (
        "import sys, rum_llm_correlation; print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    assert subprocess.check_output([sys.executable, "-c", script], text=True).strip() == "[]"

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Optional

import msgpack

from .stub_server import serve


@dataclass(frozen=True)
class LlmSpan:
    """An LLM Observability span as ddtrace sends it: within a span of the APM trace."""

    name: str
    label: str  # which request it belongs to: what the model, or the workflow, was asked
    session_id: Optional[str]
    tags: dict[str, str]
    apm_trace_id: int  # the lower 64 bits
    parent_id: str
    span_id: int


class Datadog:
    """Stands in for Datadog's agent, and keeps what a tracer sends it."""

    def __init__(self) -> None:
        self.url = ""
        self._llm_spans: list[LlmSpan] = []
        self._spans: list[dict[str, Any]] = []

    def spans_of(self, label: str, count: int, timeout: float = 20) -> list[LlmSpan]:
        """The LLM spans of a request, once as many have come."""
        end = time.monotonic() + timeout
        while True:
            found = [span for span in self._llm_spans if span.label == label]
            if len(found) >= count or time.monotonic() > end:
                assert len(found) == count, f"{len(found)} LLM spans came, not {count}: {found}"
                return found
            time.sleep(0.05)

    def names_of_trace(self, trace_id: int) -> set[str]:
        return {span["name"] for span in self._spans if span["trace_id"] == trace_id}

    def roots_of_trace(self, trace_id: int) -> set[str]:
        """The names of the spans whose parent has not come."""
        spans = [span for span in self._spans if span["trace_id"] == trace_id]
        ids = {span["span_id"] for span in spans}
        return {span["name"] for span in spans if span.get("parent_id", 0) not in ids}

    def answer(self, path: str, _headers: dict[str, str], body: bytes) -> object:
        if path == "/info":
            return {"endpoints": ["/v0.4/traces", "/evp_proxy/v2/", "/debugger/v2/input"]}
        if path == "/v0.4/traces" and body:
            traces: list[list[dict[str, Any]]] = msgpack.unpackb(body, strict_map_key=False)
            self._spans += [span for trace in traces for span in trace]
            self._llm_spans += [_llm_span(span) for trace in traces for span in trace if "_llmobs" in _structs(span)]
            return {"rate_by_service": {}}
        return {}


@contextmanager
def running_datadog() -> Iterator[Datadog]:
    datadog = Datadog()
    with serve(datadog.answer) as url:
        datadog.url = url
        yield datadog


def _structs(span: dict[str, Any]) -> dict[str, Any]:
    structs: dict[str, Any] = span.get("meta_struct") or {}
    return structs


def _llm_span(span: dict[str, Any]) -> LlmSpan:
    event = msgpack.unpackb(_structs(span)["_llmobs"], strict_map_key=False)
    question = event["meta"].get("input", {})
    messages = question.get("messages") or [{"content": question.get("value")}]
    return LlmSpan(
        name=event.get("name") or span["name"],
        label=messages[0]["content"],
        session_id=event.get("session_id"),
        tags=dict(event.get("tags") or {}),
        apm_trace_id=span["trace_id"],
        parent_id=str(event.get("parent_id")),
        span_id=span["span_id"],
    )

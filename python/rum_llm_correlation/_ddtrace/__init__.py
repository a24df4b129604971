"""All that this package does with ddtrace, its private parts included. Tested with ddtrace 4.13.0 and 4.16.0.

ddtrace keeps what is active in two context variables, one for traces and one for LLM Observability. Each holds a span or a
``Context`` (the ids and tags of a trace). Python copies context variables into every task and callback, and ddtrace copies
its contexts into threads. Neither takes them back when the request ends. So here each ``Context`` of a request's trace gets
to know its request, and whatever asks ddtrace for what is active does not see those whose request has ended:

- All contexts of a trace share one ``_baggage`` dictionary, copies included. ``RequestBaggage`` takes its place.
- ``ContextProvider`` and ``LlmContextProvider`` take the place of ddtrace's context providers.

Import this package only after the app has imported ddtrace, because ddtrace starts threads and patches modules.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from ddtrace.llmobs import LLMObs
from ddtrace.trace import tracer

from ..carriers.trace_tags import SESSION_TAG
from .request_baggage import context_of
from .request_trace import RequestTrace, context_in

__all__ = ["Active", "RequestTrace", "activate", "active", "annotation", "finds_trace_in", "has_session"]


class Active(NamedTuple):
    """What ddtrace holds for active: each a span, a context or ``None``."""

    trace: Any
    llm: Any


def active() -> Active:
    return Active(tracer.context_provider.active(), LLMObs._instance._llmobs_context_provider.active())


def has_session() -> bool:
    """Says whether the trace that is active has a session."""
    context = context_of(tracer.context_provider.active())
    return context is not None and bool(context._meta.get(SESSION_TAG))


def activate(active: Active) -> None:
    tracer.context_provider.activate(active.trace)
    LLMObs._instance._llmobs_context_provider.activate(active.llm)


def annotation(tags: dict[str, str]) -> AbstractContextManager[Any]:
    context: AbstractContextManager[Any] = LLMObs.annotation_context(tags=tags)
    return context


def finds_trace_in(headers: Mapping[str, str]) -> bool:
    return bool(context_in(headers).trace_id)

"""The trace that a request runs in, and the session in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ddtrace.llmobs import LLMObs
from ddtrace.propagation.http import HTTPPropagator
from ddtrace.trace import Context, Span, tracer

from ..carriers.trace_tags import SESSION_TAG
from ..running_request import Entry, RunningRequest
from .context_providers import install_providers
from .request_baggage import RequestBaggage, context_of, is_live, isolate, trace_of


class RequestTrace:
    """The trace that a request runs in, and the session in it, until the request ends."""

    def __init__(self, request: RunningRequest, session_id: Optional[str]) -> None:
        self.request = request
        self._session_id = session_id
        # The span of ddtrace's own middleware, or of the caller, if the request runs in one.
        self._outer_span: Optional[Span] = None
        self._is_own_span = False
        # The dictionaries that end() takes the session out of.
        self._metas: list[dict[str, str]] = []
        self._baggage: dict[str, Any] = {}

    @property
    def ended(self) -> bool:
        # What the caller still does in its own span, after the request, stays in its trace.
        return self.request.ended and (self._outer_span is None or self._outer_span.finished)

    def began_in(self, span: Span) -> bool:
        """Says whether ddtrace has begun this span for the request, in its own middleware."""
        return self._is_own_span and self._outer_span is span

    def begin(self, headers: Mapping[str, str], has_tags: bool, entry: Entry, outer: Optional[RunningRequest]) -> None:
        """Activates the trace in the current context.

        A trace that is active already goes on. Else the one that the headers tell of is activated. ddtrace's integrations
        do the same for the frameworks that they know, and leave alone what is active. But where no integration does (Quart),
        and where spans are made after the request's own span has ended (Django's streamed answers under WSGI), LLM spans
        would start traces of their own.

        Args:
            headers: By lower-case name, the session written into them.
            has_tags: Whether an annotation context follows. It needs a context, even if the headers tell of no trace.
            entry: How the request came.
            outer: The request that the current context belonged to before.
        """
        install_providers()
        if entry.alien:
            LLMObs._instance._llmobs_context_provider.activate(None)
            if not entry.own_span:
                tracer.context_provider.activate(None)
        active = tracer.context_provider.active()
        if active is None or not active.trace_id or active.span_id is None:
            self._begin_trace(headers, has_tags)
            return
        context = context_of(active)
        owner = trace_of(context)
        if owner is not None and owner.request is outer and not outer.ended and not entry.alien:
            # The app is mounted in one that has handed the session over.
            self._name_session(context._meta)
        elif isinstance(active, Span) and (entry.own_span or (not entry.span_may_be_shared and not is_live(owner))):
            self._join_span(active, entry)
        else:
            self._join_copy_of(context)

    def end(self) -> None:
        """Takes the session out of the trace, for whatever still refers to it."""
        for meta in self._metas:
            meta.pop(SESSION_TAG, None)

    def adopt(self, root: Span) -> None:
        """Gives the session to a part of the request for which ddtrace begins a trace of its own."""
        context = root.context
        self._name_session(context._meta)
        if type(self._baggage) is RequestBaggage:
            context._baggage = self._baggage

    def _begin_trace(self, headers: Mapping[str, str], has_tags: bool) -> None:
        context = context_in(headers)
        if context.trace_id or context._baggage or has_tags:
            self._own(context)
            tracer.context_provider.activate(context)
            if any("llmobs_parent_id" in headers.get(name, "") for name in ("x-datadog-tags", "tracestate")):
                self._activate_llm_parent(headers, context)

    def _activate_llm_parent(self, headers: Mapping[str, str], context: Context) -> None:
        # Called by another service within an LLM span. ddtrace's integration, which would take this up, does nothing where
        # the trace is active already.
        try:
            LLMObs.activate_distributed_headers(dict(headers))
        finally:
            tracer.context_provider.activate(context)
        self._mark_llm_parent()

    def _join_copy_of(self, context: Context) -> None:
        """Activates a context of the same trace and parent, which shares nothing but these with others."""
        copy = context.copy(context.trace_id or 0, context.span_id or 0)
        isolate(copy, alien=trace_of(context) is not None)
        self._name_session(copy._meta)
        self._own(copy)
        tracer.context_provider.activate(copy)

    def _join_span(self, span: Span, entry: Entry) -> None:
        context = span.context
        self._outer_span = span
        self._is_own_span = entry.own_span
        if entry.own_span and (entry.alien or span._parent is not None):
            # The span's parent may be that of another request, or one that all requests of the server have in common.
            isolate(context, entry.alien)
        self._name_session(context._meta)
        if entry.own_span:
            self._own(context)
        else:
            self._mark(context)
        self._mark_llm_parent()

    def _own(self, context: Context) -> None:
        self._metas.append(context._meta)
        self._session_id = context._meta.get(SESSION_TAG)
        self._mark(context)

    def _name_session(self, meta: dict[str, str]) -> None:
        if self._session_id and SESSION_TAG not in meta:
            meta[SESSION_TAG] = self._session_id
            self._metas.append(meta)

    def _mark(self, context: Context) -> None:
        self._baggage = context._baggage = RequestBaggage(context._baggage, self)

    def _mark_llm_parent(self) -> None:
        parent = LLMObs._instance._llmobs_context_provider.active()
        if isinstance(parent, Context):
            parent._baggage = self._baggage


def context_in(headers: Mapping[str, str]) -> Context:
    context: Context = HTTPPropagator.extract(dict(headers))  # type: ignore[no-untyped-call]
    return context

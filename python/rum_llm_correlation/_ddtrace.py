"""All that this package does with ddtrace, its private parts included. Tested with ddtrace 4.13.0 and 4.16.0.

ddtrace keeps what is active in two context variables, one for traces and one for LLM Observability. Each holds a span or a
``Context`` (the ids and tags of a trace). Python copies context variables into every task and callback, and ddtrace copies
its contexts into threads. Neither takes them back when the request ends. So here each ``Context`` of a request's trace gets
to know its request, and whatever asks ddtrace for what is active does not see those whose request has ended:

- All contexts of a trace share one ``_baggage`` dictionary, copies included. :class:`_RequestBaggage` takes its place.
- :class:`_ContextProvider` and :class:`_LlmContextProvider` take the place of ddtrace's context providers.

Import this module only after the app has imported ddtrace, because ddtrace starts threads and patches modules.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Optional

from ddtrace._trace.provider import _DD_CONTEXTVAR, DefaultContextProvider
from ddtrace.llmobs import LLMObs
from ddtrace.llmobs._constants import ANNOTATIONS_CONTEXT_ID
from ddtrace.llmobs._context import LLMObsContextProvider
from ddtrace.propagation.http import HTTPPropagator
from ddtrace.trace import Context, Span, tracer

from .carriers.trace_tags import SESSION_TAG
from .running_request import Entry, RunningRequest, running_request

# How ddtrace ends the name of the span of a background task of Starlette or FastAPI.
_BACKGROUND_TASK = ".background_task"


class Active(NamedTuple):
    """What ddtrace holds for active: each a span, a context or ``None``."""

    trace: Any
    llm: Any


class RequestTrace:
    """The trace that a request runs in, and the session in it, until the request ends."""

    def __init__(self, request: RunningRequest, session_id: Optional[str]) -> None:
        self.request = request
        self._session_id = session_id
        # The span of ddtrace's own middleware, or of the caller, if the request runs in one.
        self._outer_span: Optional[Span] = None
        # The dictionaries that end() takes the session out of.
        self._metas: list[dict[str, str]] = []
        self._baggage: dict[str, Any] = {}

    @property
    def ended(self) -> bool:
        # What the caller still does in its own span, after the request, stays in its trace.
        return self.request.ended and (self._outer_span is None or self._outer_span.finished)

    def began_in(self, span: Span) -> bool:
        """Says whether the request runs in this span of ddtrace's own middleware, or of the caller."""
        return self._outer_span is span

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
        _install_providers()
        if entry.alien:
            LLMObs._instance._llmobs_context_provider.activate(None)
            if not entry.own_span:
                tracer.context_provider.activate(None)
        active = tracer.context_provider.active()
        if active is None or not active.trace_id or active.span_id is None:
            self._begin_trace(headers, has_tags)
            return
        context = active.context if isinstance(active, Span) else active
        owner = trace_of(context)
        if owner is not None and owner.request is outer and not outer.ended and not entry.alien:
            # The app is mounted in one that has handed the session over.
            self._name_session(context._meta)
        elif isinstance(active, Span) and (entry.own_span or (not entry.span_may_be_shared and not _is_live(owner))):
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
        if type(self._baggage) is _RequestBaggage:
            context._baggage = self._baggage

    def _begin_trace(self, headers: Mapping[str, str], has_tags: bool) -> None:
        context = _extract(headers)
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
        _isolate(copy, alien=trace_of(context) is not None)
        self._name_session(copy._meta)
        self._own(copy)
        tracer.context_provider.activate(copy)

    def _join_span(self, span: Span, entry: Entry) -> None:
        context = span.context
        self._outer_span = span
        if entry.own_span and (entry.alien or span._parent is not None):
            # The span's parent may be that of another request, or one that all requests of the server have in common.
            _isolate(context, entry.alien)
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
        self._baggage = context._baggage = _RequestBaggage(context._baggage, self)

    def _mark_llm_parent(self) -> None:
        parent = LLMObs._instance._llmobs_context_provider.active()
        if isinstance(parent, Context):
            parent._baggage = self._baggage


class _RequestBaggage(dict):  # type: ignore[type-arg]
    """The baggage of a request's trace, which tells whose it is."""

    def __init__(self, baggage: Mapping[str, Any], trace: RequestTrace) -> None:
        super().__init__(baggage)
        self.trace = trace


class _ContextProvider(DefaultContextProvider):
    """ddtrace's own, but that the trace of a request is active for as long as the request, and no longer."""

    def active(self) -> Any:
        held = _DD_CONTEXTVAR.get()
        active = super().active()
        if active is None and type(held) is Span:
            # A root span has finished. ddtrace leaves the trace then, although the request may have more spans.
            context = _context_after(held._local_root)
            if context is not None:
                self.activate(context)
                return context
        elif type(active) is Context:
            trace = trace_of(active)
            if trace is not None and trace.ended:
                self.activate(None)
                return None
        return active

    def activate(self, ctx: Any) -> None:
        if type(ctx) is Span and ctx._parent_context is None and ctx.name.endswith(_BACKGROUND_TASK):
            request = running_request.get()
            if request is not None and not request.ended and request.trace is not None:
                request.trace.adopt(ctx)
        super().activate(ctx)


def _context_after(root: Span) -> Optional[Context]:
    """Gives what a request's trace goes on with, if it goes on after a root span."""
    parent = root._parent_context
    if _is_live(trace_of(parent)):
        return parent
    # The span of ddtrace's own middleware ends with the answer. Dependencies that yield go on after that.
    trace = trace_of(root.context)
    return root.context if trace is not None and not trace.ended and trace.began_in(root) else None


class _LlmContextProvider(LLMObsContextProvider):
    """ddtrace's own, but that contexts of a request count only in that request's trace, and only until it ends.

    ddtrace leaves such a context active on a thread of an executor after the work for which it was there.
    """

    def active(self) -> Any:
        active = super().active()
        if type(active) is Context:
            trace = trace_of(active)
            if trace is not None and (trace.ended or trace is not _trace_of_active()):
                return None
        return active


def trace_of(context: Any) -> Optional[RequestTrace]:
    """The request's trace that a context belongs to."""
    baggage = getattr(context, "_baggage", None)
    return baggage.trace if type(baggage) is _RequestBaggage else None


def _is_live(trace: Optional[RequestTrace]) -> bool:
    return trace is not None and not trace.ended


def _isolate(context: Context, alien: bool) -> None:
    """Makes the context share nothing but ids and sampling with its trace.

    Args:
        context: The context.
        alien: Whether the session and the annotations in it are another request's.
    """
    context._meta = {key: value for key, value in context._meta.items() if not (alien and key == SESSION_TAG)}
    context._baggage = {
        key: value for key, value in context._baggage.items() if not (alien and key == ANNOTATIONS_CONTEXT_ID)
    }


def _trace_of_active() -> Optional[RequestTrace]:
    active = tracer.context_provider.active()
    return trace_of(active.context if type(active) is Span else active)


def is_on() -> bool:
    return bool(LLMObs.enabled)


def active() -> Active:
    return Active(tracer.context_provider.active(), LLMObs._instance._llmobs_context_provider.active())


def has_session() -> bool:
    """Says whether the trace that is active has a session."""
    held = tracer.context_provider.active()
    context = held.context if isinstance(held, Span) else held
    return context is not None and bool(context._meta.get(SESSION_TAG))


def activate(active: Active) -> None:
    tracer.context_provider.activate(active.trace)
    LLMObs._instance._llmobs_context_provider.activate(active.llm)


def annotation(tags: dict[str, str]) -> AbstractContextManager[Any]:
    context: AbstractContextManager[Any] = LLMObs.annotation_context(tags=tags)
    return context


def finds_trace_in(headers: Mapping[str, str]) -> bool:
    return bool(_extract(headers).trace_id)


def _extract(headers: Mapping[str, str]) -> Context:
    context: Context = HTTPPropagator.extract(dict(headers))  # type: ignore[no-untyped-call]
    return context


def _install_providers() -> None:
    if type(tracer.context_provider) is DefaultContextProvider:
        tracer.context_provider = _ContextProvider()
    llm_provider = LLMObs._instance._llmobs_context_provider
    if type(llm_provider) is LLMObsContextProvider:
        # ddtrace compares bound methods of this object when it is switched off, so the object stays.
        llm_provider.__class__ = _LlmContextProvider

"""Stands in for ddtrace's context providers, so that a request's trace is active until the request ends, and no longer."""

from __future__ import annotations

from typing import Any, Optional

from ddtrace._trace.provider import _DD_CONTEXTVAR, DefaultContextProvider
from ddtrace.llmobs import LLMObs
from ddtrace.llmobs._context import LLMObsContextProvider
from ddtrace.trace import Context, Span, tracer

from ..running_request import running_request
from .request_baggage import context_of, is_live, trace_of

# How ddtrace ends the name of the span of a background task of Starlette or FastAPI.
_BACKGROUND_TASK = ".background_task"


def install_providers() -> None:
    if type(tracer.context_provider) is DefaultContextProvider:
        tracer.context_provider = ContextProvider()
    llm_provider = LLMObs._instance._llmobs_context_provider
    if type(llm_provider) is LLMObsContextProvider:
        # ddtrace compares bound methods of this object when it is switched off, so the object stays.
        llm_provider.__class__ = LlmContextProvider


class ContextProvider(DefaultContextProvider):
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
    if is_live(trace_of(parent)):
        return parent
    # The span of ddtrace's own middleware ends with the answer. Dependencies that yield go on after that.
    trace = trace_of(root.context)
    return root.context if trace is not None and not trace.ended and trace.began_in(root) else None


class LlmContextProvider(LLMObsContextProvider):
    """ddtrace's own, but that contexts of a request count only in that request's trace, and only until it ends.

    ddtrace leaves such a context active on a thread of an executor after the work for which it was there.
    """

    def active(self) -> Any:
        active = super().active()
        if type(active) is Context:
            trace = trace_of(active)
            if trace is not None and (
                trace.ended or trace is not trace_of(context_of(tracer.context_provider.active()))
            ):
                return None
        return active

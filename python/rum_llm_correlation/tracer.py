from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Optional

from .carriers.trace_tags import SESSION_TAG

_log = logging.getLogger("rum_llm_correlation")

_B3 = ("b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "x-b3-flags")


class HandOver:
    """Hands what a request says of its RUM session to ddtrace, for as long as the request lasts.

    ddtrace is never imported before the app has done so: without it, or with LLM Observability off, nothing happens. Nor does
    any error of the tracer come out of here.

    `begin` makes two things of the current ``contextvars`` context, and `end` takes both away from it:

    1. The trace that the headers tell of. ddtrace's integrations do the same for the frameworks that they know, and leave it
       as it is when it is there already. But where no integration does (Quart), and where spans are made after the
       request's own span has ended (Django's streamed answers under WSGI), LLM spans would start traces of their own.
    2. The user's and the account's tags, as an annotation context of LLM Observability.
    """

    def __init__(
        self, headers: Mapping[str, str], session_id: Optional[str], tags: dict[str, str], traced: bool
    ) -> None:
        """
        :param headers: All headers of the request, by lower-case name, the session written into them.
        :param traced: Whether ddtrace has begun to trace the request already, outside of the middleware.
        """
        self._headers = headers
        self._session_id = session_id
        self._tags = tags
        self._traced = traced
        self._provider: Any = None
        self._previous: Any = None
        self._annotation: Any = None

    def begin(self) -> None:
        try:
            llmobs = _llmobs()
            if llmobs is None:
                return
            if self._traced:
                self._name_session_of_running_trace()
            else:
                self._activate_trace(llmobs)
            if self._tags:
                annotation = llmobs.annotation_context(tags=self._tags)
                annotation.__enter__()
                self._annotation = annotation
        except Exception:
            _log.debug("The RUM session was not handed over", exc_info=True)

    def end(self) -> None:
        """Calling it again does nothing."""
        annotation, self._annotation = self._annotation, None
        provider, self._provider = self._provider, None
        try:
            if annotation is not None:
                annotation.__exit__(None, None, None)
        except Exception:
            _log.debug("The annotation context did not end", exc_info=True)
        try:
            if provider is not None:
                provider.activate(self._previous)
        except Exception:
            _log.debug("The trace was not left", exc_info=True)

    def _activate_trace(self, llmobs: Any) -> None:
        provider = _tracer().context_provider
        context = _propagator().extract(dict(self._headers))
        if context.trace_id or context.get_all_baggage_items():
            self._previous, self._provider = provider.active(), provider
            # Else ddtrace forgets the trace as soon as the first root span of the request ends, and where nothing makes a span
            # of the request itself that is the first LLM call. ddtrace sets it for contexts of its own in the same way.
            context._reactivate = True
            provider.activate(context)
            if any("llmobs_parent_id" in self._headers.get(name, "") for name in ("x-datadog-tags", "tracestate")):
                self._activate_llm_parent(llmobs, context)

    def _activate_llm_parent(self, llmobs: Any, context: Any) -> None:
        # Called by another service within an LLM span. ddtrace's integration, which would take this up, does nothing where the
        # trace is active already.
        try:
            llmobs.activate_distributed_headers(dict(self._headers))
        finally:
            self._provider.activate(context)

    def _name_session_of_running_trace(self) -> None:
        span = _tracer().current_span()
        if span is not None and self._session_id:
            span.context._meta.setdefault(SESSION_TAG, self._session_id)


def continues_b3_trace(headers: Mapping[str, str]) -> bool:
    """Whether ddtrace is set to continue a trace that only B3 headers tell of, which it is not by default."""
    b3 = {name: headers[name] for name in _B3 if name in headers}
    try:
        return bool(b3) and _llmobs() is not None and bool(_propagator().extract(b3).trace_id)
    except Exception:
        return False


def _llmobs() -> Any:
    # Importing ddtrace starts threads and patches modules: only the app may decide that.
    module = sys.modules.get("ddtrace.llmobs")
    llmobs = getattr(module, "LLMObs", None)
    return llmobs if llmobs is not None and llmobs.enabled else None


def _tracer() -> Any:
    return import_module("ddtrace.trace").tracer


def _propagator() -> Any:
    return import_module("ddtrace.propagation.http").HTTPPropagator

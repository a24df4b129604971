"""Hands a request's session to ddtrace, if the app uses that."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib import import_module
from typing import Any, Optional

from .carriers.baggage import BAGGAGE, session_in_baggage
from .notice import notice_lost_session, notice_missing_tracer
from .running_request import Entry, RunningRequest, running_request

_log = logging.getLogger("rum_llm_correlation")

_B3 = ("b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "x-b3-flags")


class HandOver:
    """Hands what a request says of its RUM session to ddtrace, for as long as the request lasts.

    It is a context manager for the whole of a request. The steps of an answer that is streamed later each run in
    :meth:`step`, and :meth:`end` ends the request. The current ``contextvars`` context is used, and left as it was.

    ddtrace is never imported before the app has done so: without it, or with LLM Observability off, nothing happens. Nor does
    any error of the tracer come out of here.
    """

    def __init__(
        self,
        request: RunningRequest,
        headers: Mapping[str, str],
        session_id: Optional[str],
        tags: dict[str, str],
        entry: Entry,
    ) -> None:
        """Takes what is handed over.

        Args:
            request: The request.
            headers: All headers of the request, by lower-case name, the session written into them.
            session_id: The session, if it is not the trace's own.
            tags: User and account.
            entry: How the request came.
        """
        self._request = request
        self.headers = headers
        self._session_id = session_id
        self._tags = tags
        self._entry = entry
        self._ddtrace: Any = None
        self._active: Any = None
        self._annotation: Any = None

    def __enter__(self) -> HandOver:
        """Begins the request."""
        self._whole = self.step()
        self._whole.__enter__()
        return self

    def __exit__(self, *_error: object) -> None:
        """Ends the request."""
        self._whole.__exit__(None, None, None)
        self.end()

    @contextmanager
    def step(self) -> Iterator[None]:
        """What runs within is traced where the step before has left off. Afterwards the context is what it was."""
        outer_request = running_request.get()
        running_request.set(self._request)
        outer = self._active_now()
        if outer is not None:
            self._resume(outer_request)
        try:
            yield
        finally:
            self._suspend(outer)
            running_request.set(outer_request)

    def end(self) -> None:
        """Calling it again does nothing."""
        self._request.end()
        annotation, self._annotation = self._annotation, None
        try:
            if annotation is not None:
                annotation.__exit__(None, None, None)
        except Exception:
            _log.debug("The annotation context did not end", exc_info=True)
        try:
            if self._request.trace is not None:
                self._request.trace.end()
        except Exception:
            _log.debug("The session was not taken out of the trace", exc_info=True)

    def _active_now(self) -> Any:
        try:
            if self._session_id:
                notice_missing_tracer()
            self._ddtrace = self._ddtrace or _ddtrace()
            return self._ddtrace and self._ddtrace.active()
        except Exception:
            _log.debug("What is active is not known", exc_info=True)
            return None

    def _resume(self, outer_request: Optional[RunningRequest]) -> None:
        try:
            if self._active is not None:
                self._ddtrace.activate(self._active)
            elif self._request.trace is None and not self._request.ended:
                self._begin(outer_request)
        except Exception:
            _log.debug("The RUM session was not handed over", exc_info=True)

    def _begin(self, outer_request: Optional[RunningRequest]) -> None:
        trace = self._request.trace = self._ddtrace.RequestTrace(self._request, self._session_id)
        trace.begin(self.headers, bool(self._tags), self._entry, outer_request)
        if self._session_id and self.headers and not self._ddtrace.has_session():
            notice_lost_session(self.headers)
        if self._tags:
            annotation = self._ddtrace.annotation(self._tags)
            annotation.__enter__()
            self._annotation = annotation

    def _suspend(self, outer: Any) -> None:
        try:
            if outer is not None:
                self._active = self._ddtrace.active()
                self._ddtrace.activate(outer)
        except Exception:
            _log.debug("The trace was not left", exc_info=True)


def in_opentelemetry(headers: Mapping[str, str]) -> AbstractContextManager[None]:
    """Tells OpenTelemetry of the session in the baggage, if the app uses this package's span processor."""
    otel = sys.modules.get(f"{__package__}.otel")
    session_id = session_in_baggage(headers.get(BAGGAGE, "")) if otel is not None else None
    if otel is None or session_id is None:
        return nullcontext()
    context: AbstractContextManager[None] = otel.request_with_session(session_id)
    return context


def is_on() -> bool:
    """Whether the app has switched LLM Observability on."""
    try:
        return _ddtrace() is not None
    except Exception:
        return False


def is_traced() -> bool:
    """Whether a trace is active in the current context."""
    try:
        ddtrace = _ddtrace()
        return ddtrace is not None and ddtrace.active().trace is not None
    except Exception:
        return False


def continues_b3_trace(headers: Mapping[str, str]) -> bool:
    """Whether ddtrace is set to continue a trace that only B3 headers tell of, which it is not by default."""
    b3 = {name: headers[name] for name in _B3 if name in headers}
    try:
        ddtrace = _ddtrace() if b3 else None
        return ddtrace is not None and bool(ddtrace.finds_trace_in(b3))
    except Exception:
        return False


def _ddtrace() -> Any:
    # Importing ddtrace starts threads and patches modules: only the app may decide that.
    module = sys.modules.get("ddtrace.llmobs")
    llmobs = getattr(module, "LLMObs", None)
    return import_module("._ddtrace", __package__) if llmobs is not None and llmobs.enabled else None

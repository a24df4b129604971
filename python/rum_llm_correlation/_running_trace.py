"""What is done here with ddtrace's private parts."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Callable, Optional

from .carriers.trace_tags import SESSION_TAG

_log = logging.getLogger("rum_llm_correlation")


@contextmanager
def named_session(session_id: Optional[str], tags: dict[str, str]) -> Iterator[None]:
    """Names the session of the trace that runs now, and tags its LLM Observability spans, as long as the block runs.

    ddtrace has no public way to name the session of a trace: what propagation would have read from the request's headers are
    items of a dictionary that all spans of the trace share. No context is activated, so none is left for what runs next.

    Without a running span or ddtrace, or with LLM Observability off, nothing happens. No error of the tracer comes out.
    """
    undo: list[Callable[[], object]] = []
    try:
        _begin(session_id, tags, undo)
    except Exception:
        _log.debug("The RUM session was not handed over", exc_info=True)
    try:
        yield
    finally:
        for step in reversed(undo):
            try:
                step()
            except Exception:
                _log.debug("The RUM session was not taken away", exc_info=True)


def _begin(session_id: Optional[str], tags: dict[str, str], undo: list[Callable[[], object]]) -> None:
    llmobs = getattr(sys.modules.get("ddtrace.llmobs"), "LLMObs", None)
    # Importing ddtrace starts threads and patches modules: only the app may decide that.
    if llmobs is None or not llmobs.enabled:
        return
    span = import_module("ddtrace.trace").tracer.current_span()
    if span is None:
        return
    meta: Any = span.context._meta
    if session_id and SESSION_TAG not in meta:
        meta[SESSION_TAG] = session_id
        undo.append(lambda: meta.pop(SESSION_TAG, None))
    if tags:
        annotation = llmobs.annotation_context(tags=tags)
        annotation.__enter__()
        undo.append(lambda: annotation.__exit__(None, None, None))

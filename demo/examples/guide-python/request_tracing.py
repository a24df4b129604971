"""The span of a request, on a server that ddtrace does not know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ddtrace.propagation.http import HTTPPropagator
from ddtrace.trace import Span, tracer


@contextmanager
def traced_request(method: str, path: str, headers: dict[str, str]) -> Iterator[Span]:
    """Makes the span of an HTTP request, which continues the trace in the caller's headers.

    ddtrace itself does this for web frameworks (Django, Flask, FastAPI and others), but not for
    Python's own http.server.
    """
    tracer.context_provider.activate(HTTPPropagator.extract(headers))  # type: ignore[no-untyped-call]
    with tracer.trace("http.server.request", resource=f"{method} {path}", span_type="web") as span:
        yield span
    tracer.context_provider.activate(None)

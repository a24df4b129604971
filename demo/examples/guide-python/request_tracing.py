from contextlib import contextmanager

from ddtrace import tracer
from ddtrace.propagation.http import HTTPPropagator


@contextmanager
def traced_request(method, path, headers):
    """Makes the span of an HTTP request and lets it continue the trace of the caller's headers.

    ddtrace does this by itself for web frameworks (Django, Flask, FastAPI and others); Python's own http.server is not
    one of them.
    """
    tracer.context_provider.activate(HTTPPropagator.extract(headers))
    with tracer.trace("http.server.request", resource=f"{method} {path}", span_type="web") as span:
        yield span
    tracer.context_provider.activate(None)

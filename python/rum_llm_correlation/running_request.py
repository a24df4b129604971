"""The request that runs in the current context."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, NamedTuple, Optional


class Entry(NamedTuple):
    """How a request comes to the middleware."""

    #: ddtrace has begun a span for this request, outside of the middleware.
    own_span: bool = False
    #: The current context was copied from that of another request.
    alien: bool = False
    #: If a span is active, it may be one that all requests of the server have in common.
    span_may_be_shared: bool = False


class RunningRequest:
    """One request, from the moment it comes until it ends.

    Tasks and callbacks can keep a copy of a request's ``contextvars`` context long after the request. Such a copy leads to
    this object, which says that the request has ended.
    """

    __slots__ = ("ended", "headers", "trace")

    def __init__(self, headers: object = None) -> None:
        """Takes the list of headers that an ASGI app gets."""
        self.ended = False
        #: The list of headers that an ASGI app gets. Apps that are mounted in it get the very same list.
        self.headers = headers
        #: What ddtrace was told of the request.
        self.trace: Any = None

    def end(self) -> None:
        """Ends the request. Calling it again does nothing."""
        self.ended = True
        self.headers = None


#: The request that the current context belongs to, or was copied from.
running_request: ContextVar[Optional[RunningRequest]] = ContextVar("rum_llm_correlation_request", default=None)

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Optional


class RunningRequest:
    """One request, from the moment it comes until it ends.

    Tasks and callbacks can keep a copy of a request's ``contextvars`` context long after the request. Such a copy leads to
    this object, which says that the request has ended.
    """

    __slots__ = ("ended", "headers", "trace")

    def __init__(self, headers: object = None) -> None:
        self.ended = False
        #: The list of headers that an ASGI app gets. Apps that are mounted in it get the very same list.
        self.headers = headers
        #: What ddtrace was told of the request.
        self.trace: Any = None

    def end(self) -> None:
        self.ended = True
        self.headers = None


#: The request that the current context belongs to, or was copied from.
running_request: ContextVar[Optional[RunningRequest]] = ContextVar("rum_llm_correlation_request", default=None)

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import Any, Callable, Optional

from .carriers.query import QueryParameter
from .request import MARKS, MARKS_IN_BYTES, correlate
from .trace_context import HeaderChanges
from .tracer import HandOver

_log = logging.getLogger("rum_llm_correlation")

#: Any ASGI 3 app; frameworks and servers type scope, receive and send each in their own way.
ASGIApp = Callable[[Any, Any, Any], Awaitable[Any]]


class RumSessionASGI:
    """ASGI middleware: LLM Observability spans of a request have the RUM session id that its page sent.

    Wrap the app with it, outermost::

        app = FastAPI()
        ...
        app = RumSessionASGI(app)

    A request, or a WebSocket's handshake, that brings a RUM session id in ``baggage`` (``session.id``) or in the query
    parameter `field` hands it to ddtrace as the session of its trace; user and account of the baggage become the tags
    ``usr.id`` and ``usr.account_id``. Streamed answers and background tasks of the request are covered. A session that code
    sets explicitly wins. What is no UUID counts as none.

    Without ddtrace, or with LLM Observability off, the app works as it does without the middleware, and no error of the
    middleware's own ever reaches it.

    :param app: The app. Lifespan events pass through.
    :param field: Name of the query parameter; of a dotted path, the last part.
    """

    def __init__(self, app: ASGIApp, field: str = "session_id") -> None:
        self._app = app
        self._parameter = QueryParameter(field)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        hand_over = None
        try:
            if scope["type"] in ("http", "websocket"):
                if not isinstance(scope["headers"], (list, tuple)):
                    # ASGI allows for any iterable, even for one that can be read only once.
                    scope = {**scope, "headers": list(scope["headers"])}
                if self._may_bring_session(scope):
                    scope, hand_over = self._correlate(scope)
        except Exception:
            _log.debug("The request was left as it came", exc_info=True)
        if hand_over is None:
            await self._app(scope, receive, send)
            return
        hand_over.begin()
        try:
            await self._app(scope, receive, send)
        finally:
            hand_over.end()

    def _may_bring_session(self, scope: Any) -> bool:
        marks = MARKS_IN_BYTES
        for name, value in scope["headers"]:
            if name in marks and marks[name](value):
                return True
        query = scope.get("query_string")
        return bool(query) and self._parameter.may_be_in_bytes(query)

    def _correlate(self, scope: Any) -> tuple[Any, Optional[HandOver]]:
        lines: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            lines.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        # Those are lists, which may come in several lines (RFC 9110). Of others the last line counts, as it does for ddtrace.
        headers = {name: ",".join(values) if name in MARKS else values[-1] for name, values in lines.items()}
        query = (scope.get("query_string") or b"").decode("latin-1")
        # ddtrace's own middleware leaves this mark: RumSessionASGI is inside of it, as with FastAPI's add_middleware.
        correlation = correlate(headers, query, self._parameter, traced="datadog" in scope)
        if correlation is None:
            return scope, None
        changes, hand_over = correlation
        return _with_headers(scope, changes) if changes else scope, hand_over


def _with_headers(scope: Any, changes: HeaderChanges) -> Any:
    kept = [(name, value) for name, value in scope["headers"] if name.decode("latin-1").lower() not in changes]
    added = [(name.encode(), value.encode()) for name, value in changes.items() if value is not None]
    return {**scope, "headers": kept + added}

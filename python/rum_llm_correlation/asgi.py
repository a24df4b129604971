"""ASGI middleware that hands a request's RUM session to ddtrace."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any, Optional, cast

from .asgi_body import BodyAhead
from .asgi_types import ASGIApp, HeaderLines, Receive, Scope, Send
from .carriers.query import QueryParameter
from .field import field_of
from .hand_over import HandOver, in_opentelemetry, is_on, is_traced
from .request import MARKS, MARKS_IN_BYTES, brings_session, correlate
from .running_request import Entry, RunningRequest, running_request
from .scanned_body import BodyOption, BodyRule, RequestHead
from .trace_context import HeaderChanges

_log = logging.getLogger("rum_llm_correlation")


class RumSessionASGI:
    """ASGI middleware: LLM Observability spans of a request have the RUM session id that its page sent.

    Wrap the app with it, outermost, or add it::

        app.add_middleware(RumSessionASGI)  # FastAPI, Starlette
        app = RumSessionASGI(app)

    A request, or a WebSocket's handshake, that brings a RUM session id in ``baggage`` (``session.id``) or in the query
    parameter `field` hands it to ddtrace as the session of its trace; user and account of the baggage become the tags
    ``usr.id`` and ``usr.account_id``. Streamed answers and background tasks of the request are covered. What outlives the
    request (a task that the app does not wait for) has no session once the request has ended. A session that code sets
    explicitly wins. What is no UUID counts as none.

    Without ddtrace, or with LLM Observability off, the app works as it does without the middleware, and no error of the
    middleware's own ever reaches it.

    Args:
        app: The app. Lifespan events pass through.
        field: The page's `field`. A dotted one is a path in a JSON body, and its last part names the
            query parameter and the field of a form. It replaces the default, which is
            ``RUM_LLM_FIELD`` of the environment, or ``session_id``.
        body: Whether bodies are looked at; or prefixes of the paths whose bodies are.
    """

    def __init__(self, app: ASGIApp, field: Optional[str] = None, body: BodyOption = True) -> None:
        """Takes the app, and what is looked for."""
        self._app = app
        name = field_of(field)
        self._parameter = QueryParameter(name)
        self._bodies = BodyRule(name, body)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope.get("type") not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        await self._look_and_serve(cast(Scope, scope), receive, send)

    async def _look_and_serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = RunningRequest()
        ahead = None
        try:
            _list_headers(scope)
            ahead = self._body_ahead(scope, receive, request)
        except Exception:
            _log.debug("The body was not looked at", exc_info=True)
        if ahead is None:
            await self._serve(scope, receive, send, request, None)
            return
        try:
            await self._serve(scope, ahead.receive, send, request, await ahead.look())
        finally:
            ahead.end()

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, request: RunningRequest, in_body: Optional[str]
    ) -> None:
        hand_over = None
        outer = running_request.get()
        try:
            hand_over = self._correlate(scope, request, outer, in_body)
        except Exception:
            _log.debug("The request was left as it came", exc_info=True)
        request.headers = scope.get("headers")
        if hand_over is not None:
            with hand_over, in_opentelemetry(hand_over.headers):
                await self._app(scope, receive, send)
            return
        # Tasks that begin in this context can tell that they belong to this request.
        running_request.set(request)
        try:
            await self._app(scope, receive, send)
        finally:
            request.end()
            running_request.set(outer)

    def _body_ahead(self, scope: Scope, receive: Receive, request: RunningRequest) -> Optional[BodyAhead]:
        """What looks at the body, if that may bring a session that nothing before it brings."""
        method, path = scope.get("method", ""), scope.get("path", "")
        if scope["type"] != "http" or not self._bodies.takes(method, path) or not BodyAhead.works_here():
            return None
        headers = _headers_of(scope)
        body = self._bodies.body_of(RequestHead(method, path, headers))
        if body is None or brings_session(headers, _query_of(scope), self._parameter):
            return None
        return BodyAhead(receive, body, request)

    def _correlate(
        self, scope: Scope, request: RunningRequest, outer: Optional[RunningRequest], in_body: Optional[str]
    ) -> Optional[HandOver]:
        entry = Entry(
            # ddtrace's own middleware leaves this mark: RumSessionASGI is inside of it, as with FastAPI's add_middleware.
            own_span="datadog" in scope,
            # Servers begin a request in a copy of another one's context, where that has made them read on.
            alien=outer is not None and outer.headers is not scope["headers"],
            span_may_be_shared=True,
        )
        if in_body or self._may_bring_session(scope):
            traced = entry.own_span or (not entry.alien and is_traced())
            correlation = correlate(
                _headers_of(scope), _query_of(scope), self._parameter, in_body=in_body, traced=traced
            )
            if correlation is not None:
                if correlation.header_changes:
                    scope["headers"] = _with_changes(scope["headers"], correlation.header_changes)
                _, headers, session_id, tags = correlation
                return HandOver(request, headers, session_id, tags, entry)
        return HandOver(request, _headers_of(scope), None, {}, entry) if entry.alien and is_on() else None

    def _may_bring_session(self, scope: Scope) -> bool:
        marks = MARKS_IN_BYTES
        for name, value in scope["headers"]:
            if name in marks and marks[name](value):
                return True
        query: bytes = scope.get("query_string") or b""
        return bool(query) and self._parameter.may_be_in_bytes(query)


def _list_headers(scope: Scope) -> None:
    if not isinstance(scope["headers"], (list, tuple)):
        # ASGI allows for any iterable, even for one that can be read only once.
        scope["headers"] = list(scope["headers"])


def _query_of(scope: Scope) -> str:
    query: bytes = scope.get("query_string") or b""
    return query.decode("latin-1")


def _headers_of(scope: Scope) -> dict[str, str]:
    lines: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        lines.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    # Those are lists, which may come in several lines (RFC 9110). Of others the last line counts, as it does for ddtrace.
    return {name: ",".join(values) if name in MARKS else values[-1] for name, values in lines.items()}


def _with_changes(headers: Iterable[tuple[bytes, bytes]], changes: HeaderChanges) -> HeaderLines:
    kept = [(name, value) for name, value in headers if name.decode("latin-1").lower() not in changes]
    return kept + [(name.encode(), value.encode("latin-1")) for name, value in changes.items() if value is not None]

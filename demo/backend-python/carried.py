"""Shows the demo's page what its calls carried on the wire."""

from __future__ import annotations

from rum_llm_correlation.asgi_types import ASGIApp, Receive, Scope, Send
from starlette.requests import HTTPConnection


def keeping_the_wire(app: ASGIApp) -> ASGIApp:
    """Keeps the headers that the page sent: `RumSessionASGI` changes them for the tracer."""

    async def keeping(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "demo.headers": scope.get("headers", [])}, receive, send)

    return keeping


def carried_by(connection: HTTPConnection, body_text: str = "") -> list[dict[str, str]]:
    """Returns the parts of the raw request (or WebSocket handshake) that contain the session id."""
    carried = []
    if "session_id=" in connection.url.query:
        carried.append({"in": "query", "text": f"{connection.url.path}?{connection.url.query}"})
    if "session_id" in body_text:
        carried.append({"in": "body", "text": body_text})
    for name, value in connection.scope["demo.headers"]:
        if name in (b"baggage", b"x-datadog-tags"):
            carried.append({"in": name.decode(), "text": value.decode("latin-1")})
    return [{**part, "text": part["text"][:600]} for part in carried]

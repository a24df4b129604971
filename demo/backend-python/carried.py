"""What a call carried on the wire: only there so that the demo page can show it."""


def keeping_the_wire(app):
    """Keeps a request's headers as the page sent them, and not as `RumSessionASGI` has made them for the tracer."""

    async def keeping(scope, receive, send):
        await app({**scope, "demo.headers": scope.get("headers", [])}, receive, send)

    return keeping


def carried_by(connection, body_text=""):
    """The parts of the raw request (or WebSocket handshake) in which the session id stands."""
    carried = []
    if "session_id=" in connection.url.query:
        carried.append({"in": "query", "text": f"{connection.url.path}?{connection.url.query}"})
    if "session_id" in body_text:
        carried.append({"in": "body", "text": body_text})
    for name, value in connection.scope["demo.headers"]:
        if name in (b"baggage", b"x-datadog-tags"):
            carried.append({"in": name.decode(), "text": value.decode("latin-1")})
    return [{**part, "text": part["text"][:600]} for part in carried]

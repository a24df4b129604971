import json
from urllib.parse import parse_qsl

_max_bytes = 1024 * 1024


class BadRequest(Exception):
    pass


def read_body(handler):
    """Reads a JSON or urlencoded request body; returns it as it came and as one flat dictionary."""
    size = int(handler.headers.get("Content-Length") or 0)
    if size > _max_bytes:
        raise BadRequest("The body is too large")
    text = handler.rfile.read(size).decode("utf-8")
    return text, _parse_fields(text, handler.headers.get("Content-Type") or "")


def _parse_fields(text, content_type):
    if not text:
        return {}
    if content_type.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(text, keep_blank_values=True))
    try:
        value = json.loads(text)
    except ValueError:
        raise BadRequest("The body is neither JSON nor urlencoded") from None
    return value if isinstance(value, dict) else {}

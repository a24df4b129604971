"""The body of a chat or feedback request."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request

_max_bytes = 1024 * 1024


async def read_body(request: Request) -> tuple[str, dict[str, Any]]:
    """Reads a JSON or urlencoded request body. Returns its text, and its members."""
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > _max_bytes:
            raise HTTPException(400, "The body is too large")
    try:
        text = chunks.decode("utf-8")
        return text, _parse_fields(text, request.headers.get("content-type") or "")
    except ValueError:
        raise HTTPException(400, "The body is neither JSON nor urlencoded") from None


def _parse_fields(text: str, content_type: str) -> dict[str, Any]:
    if not text:
        return {}
    if content_type.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(text, keep_blank_values=True))
    value = json.loads(text)
    return value if isinstance(value, dict) else {}

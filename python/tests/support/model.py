from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from .stub_server import serve


@contextmanager
def running_model() -> Iterator[str]:
    """Stands in for OpenAI: yields the base URL of an endpoint that always answers the same."""

    def answer(_path: str, _headers: dict[str, str], body: bytes) -> object:
        message = {"role": "assistant", "content": "An answer."}
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": json.loads(body)["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }

    with serve(answer) as url:
        yield f"{url}/v1"

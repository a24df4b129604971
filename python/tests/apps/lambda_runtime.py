"""Stands in for AWS's runtime: calls the handler that ``_HANDLER`` names with each event that comes by standard input."""

from __future__ import annotations

import json
import os
import sys
import uuid
from importlib import import_module
from typing import Any


class Context:
    function_name = "agent"
    function_version = "$LATEST"
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:agent"
    memory_limit_in_mb = 512
    log_group_name = "/aws/lambda/agent"
    log_stream_name = "2026/11/29/[$LATEST]0123456789abcdef"
    client_context = None
    identity = None

    def __init__(self) -> None:
        self.aws_request_id = str(uuid.uuid4())

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


def _invoke(handler: Any, event: Any) -> dict[str, Any]:
    try:
        return {"result": handler(event, Context())}
    except Exception as error:
        return {"error": repr(error)}


if __name__ == "__main__":
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    loaded = getattr(import_module(module), name)
    for line in sys.stdin:
        print("answer " + json.dumps(_invoke(loaded, json.loads(line))), flush=True)

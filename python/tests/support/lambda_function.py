from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .backend import tracer_env

_ROOT = Path(__file__).parent.parent.parent

#: What Datadog's layer sets as the function's handler.
LAYER = "datadog_lambda.handler.handler"
FUNCTIONS = "tests.apps.lambda_functions"


class LambdaFunction:
    """A function in a process of its own, as Lambda runs it: one event at a time."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        #: All else that the process has written to standard output.
        self.logged: list[str] = []

    def invoke(self, event: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(event) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("answer "):
                answer: dict[str, Any] = json.loads(line[len("answer ") :])
                return answer
            self.logged.append(line)
        raise AssertionError(f"The function stopped ({self._process.wait()}): {self.logged}")


@contextmanager
def running_function(
    name: str, *, agent_url: str, model_url: str, layer: bool, env: dict[str, str]
) -> Iterator[LambdaFunction]:
    """Starts a function of tests/apps/lambda_functions.py, below the layer's handler or as one that wraps itself."""
    path = f"{FUNCTIONS}.{name}"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.apps.lambda_runtime"],
        cwd=_ROOT,
        env={
            **os.environ,
            **tracer_env(agent_url),
            "_HANDLER": LAYER if layer else path,
            **({"DD_LAMBDA_HANDLER": path} if layer else {}),
            "AWS_LAMBDA_FUNCTION_NAME": "agent",
            "AWS_REGION": "eu-west-1",
            "DD_FLUSH_TO_LOG": "true",
            "OPENAI_BASE_URL": model_url,
            "OPENAI_API_KEY": "none",
            **env,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield LambdaFunction(process)
        finally:
            process.kill()

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from queue import Empty, Queue
from typing import Optional, Union
from urllib.parse import urlencode

_ROOT = Path(__file__).parent.parent.parent
_START_TIMEOUT = 60


class Backend:
    """A web app in a process of its own, traced by ddtrace."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, headers: Optional[Mapping[str, str]] = None, **query: str) -> str:
        return self._request("GET", path, headers, None, query)

    def post(self, path: str, body: Union[bytes, Iterable[bytes]], content_type: str, **query: str) -> str:
        """Sends a body; one in parts goes out chunked."""
        return self._request("POST", path, {"content-type": content_type}, body, query)

    def _request(
        self,
        method: str,
        path: str,
        headers: Optional[Mapping[str, str]],
        body: Union[bytes, Iterable[bytes], None],
        query: Mapping[str, str],
    ) -> str:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, f"{path}?{urlencode(query)}", body, dict(headers or {}))
            response = connection.getresponse()
            text = response.read().decode()
            return text if response.status == 200 else f"{response.status}"
        finally:
            connection.close()


@contextmanager
def running_backend(
    app: str,
    *,
    agent_url: str,
    model_url: str,
    env: Optional[Mapping[str, str]] = None,
    ddtrace: bool = True,
) -> Iterator[Backend]:
    """Starts ``python -m tests.apps.<app>``, under ``ddtrace-run`` if `ddtrace`, and waits until it listens.

    With ``LOWEST`` in `env` it is the lowest version of ddtrace: of a second environment, which environment.mjs makes.
    """
    commands = Path(sys.prefix, "lowest", "bin") if env and "LOWEST" in env else Path(sys.executable).parent
    command = [str(commands / "python"), "-m", f"tests.apps.{app}"]
    if ddtrace:
        command = [str(commands / "ddtrace-run"), *command]
    process = subprocess.Popen(
        command,
        cwd=_ROOT,
        env={
            **os.environ,
            **tracer_env(agent_url),
            "OPENAI_BASE_URL": model_url,
            "OPENAI_API_KEY": "none",
            **(env or {}),
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Backend(_port_of(process))
    finally:
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port_of(process: subprocess.Popen[str]) -> int:
    lines: Queue[str] = Queue()

    def read() -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=_START_TIMEOUT)
        except Empty:
            raise AssertionError("The app did not start in time") from None
        assert line, f"The app stopped while it was starting ({process.wait()})"
        if line.startswith("listening on "):
            return int(line.split()[-1])


def tracer_env(agent_url: str) -> dict[str, str]:
    return {
        "DD_SERVICE": "test",
        "DD_LLMOBS_ENABLED": "1",
        "DD_LLMOBS_ML_APP": "test",
        "DD_LLMOBS_AGENTLESS_ENABLED": "0",
        "DD_TRACE_AGENT_URL": agent_url,
        "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
        "DD_REMOTE_CONFIGURATION_ENABLED": "false",
        "DD_TRACE_STARTUP_LOGS": "false",
        # With gevent installed, ddtrace loads asyncio a second time; its exceptions are then of other classes.
        "DD_UNLOAD_MODULES_FROM_SITECUSTOMIZE": "0",
        "DD_CRASHTRACKING_ENABLED": "false",
        "DD_TRACE_WRITER_INTERVAL_SECONDS": "0.1",
        "PYTHONUNBUFFERED": "1",
    }

"""Starts a server with the tracer, and shows that a session reaches its spans."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from .report import Finding
from .stub_agent import StubAgent, running_stub_agent

CARRIERS = ("body", "query", "baggage", "trace-tags")
_WRAPPERS = ("ASGI", "WSGI")
_REPORT = "Run it again. If it stays so, report it with this output."
_START_TIMEOUT = 60
_SPAN_TIMEOUT = 10

#: The user's settings that decide what becomes of a session.
_KEPT = re.compile(r"(DD_(LLMOBS_(ENABLED|ML_APP)|TRACE_.+|SERVICE|ENV|VERSION)|OTEL_PROPAGATORS)$")
#: Of those, what decides where a trace is sent, and whether it is.
_REPLACED = re.compile(r"DD_TRACE_(AGENT|API|EXPERIMENTAL|SAMPL|RATE_LIMIT|WRITER|STARTUP_LOGS|DEBUG)")


def prove_carriers(field: str) -> list[Finding]:
    """Shows for each carrier whether its session reaches the LLM spans.

    Starts a server with this Python's ddtrace and the wrappers, sends it one request per carrier,
    and looks at the spans. All stays on this machine.
    """
    try:
        with running_stub_agent() as agent, _running_server(agent.url, field) as port:
            spans = {
                (carrier, wrapper): _send(port, carrier, wrapper, field)
                for carrier in CARRIERS
                for wrapper in _WRAPPERS
            }
            _wait_for(agent, set(spans.values()))
            return [_judge(agent, carrier, {name: spans[carrier, name] for name in _WRAPPERS}) for carrier in CARRIERS]
    except Exception as error:
        return [Finding("failed", carrier, str(error), _REPORT) for carrier in CARRIERS]


def request_of(carrier: str, session_id: str, field: str) -> tuple[str, dict[str, str], bytes]:
    """The query, the headers and the body of a call that the page's plugin makes."""
    query, headers, body = "", {"Content-Type": "application/json"}, {"message": "hello"}
    *parents, name = field.split(".")
    if carrier == "body":
        member: Any = {name: session_id}
        for parent in reversed(parents):
            member = {parent: member}
        body = {**member, **body}
    elif carrier == "query":
        query = f"?{urlencode({name: session_id})}"
    elif carrier == "baggage":
        headers["baggage"] = f"session.id={session_id}"
    else:
        ids = (str(random.randrange(1, 2**63)) for _ in range(2))  # noqa: S311  # they only have to differ
        headers.update(zip(("x-datadog-trace-id", "x-datadog-parent-id"), ids))
        headers["x-datadog-tags"] = f"_dd.p.llmobs_sid={session_id}"
    return query, headers, json.dumps(body).encode()


def _send(port: int, carrier: str, wrapper: str, field: str) -> str:
    """Sends a request with a session id, which also names its LLM span."""
    session_id = str(uuid.uuid4())
    query, headers, body = request_of(carrier, session_id, field)
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", f"/{wrapper.lower()}{query}", body, {**headers, "X-Doctor": session_id})
        connection.getresponse().read()
    finally:
        connection.close()
    return session_id


def _wait_for(agent: StubAgent, names: set[str]) -> None:
    end = time.monotonic() + _SPAN_TIMEOUT
    while not names <= agent.sessions.keys() and time.monotonic() < end:
        time.sleep(0.05)


def _judge(agent: StubAgent, carrier: str, spans: Mapping[str, str]) -> Finding:
    came = {wrapper: agent.sessions.get(name, "none") for wrapper, name in spans.items()}
    if all(came[wrapper] == name for wrapper, name in spans.items()):
        return Finding("ok", carrier, "the LLM span has the session")
    if "none" in came.values():
        return Finding("failed", carrier, "no LLM span came", _REPORT)
    lost = [wrapper for wrapper, name in spans.items() if came[wrapper] != name]
    where = "" if len(lost) == len(spans) else f" ({lost[0]})"
    todo = "Update: pip install --upgrade rum-llm-correlation ddtrace"
    return Finding("failed", carrier, f"the LLM span has no session{where}", todo)


@contextmanager
def _running_server(agent_url: str, field: str) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "rum_llm_correlation.doctor.server"],
        env={**child_environment(os.environ, agent_url), "DOCTOR_FIELD": field},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    timer = threading.Timer(_START_TIMEOUT, process.kill)
    timer.start()
    try:
        started = re.match(r"listening on (\d+)$", process.stdout.readline() if process.stdout else "")
        timer.cancel()
        if started is None:
            process.kill()
            last = (process.communicate()[1].strip().splitlines() or ["it said nothing"])[-1]
            raise RuntimeError(f"the server did not start: {last}")
        threading.Thread(target=process.stderr.read if process.stderr else int, daemon=True).start()
        yield int(started[1])
    finally:
        timer.cancel()
        process.kill()
        process.wait()


def child_environment(env: Mapping[str, str], agent_url: str) -> dict[str, str]:
    """The environment of the server: the user's own, but that all goes to the stub agent, and at once."""
    own = {
        name: value
        for name, value in env.items()
        if not re.match(r"_?(DD|OTEL)_", name) or (_KEPT.match(name) and not _REPLACED.match(name))
    }
    return {
        **own,
        "DD_TRACE_AGENT_URL": agent_url,
        "DD_LLMOBS_AGENTLESS_ENABLED": "0",
        "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
        "DD_REMOTE_CONFIGURATION_ENABLED": "false",
        "DD_CRASHTRACKING_ENABLED": "false",
        "DD_TRACE_STARTUP_LOGS": "false",
        "DD_TRACE_WRITER_INTERVAL_SECONDS": "0.1",
        "PYTHONUNBUFFERED": "1",
    }

"""One line, once, if nothing will come of a session."""

from __future__ import annotations

import logging
import sys
import uuid

import pytest

from rum_llm_correlation import notice

from .conftest import StartBackend

SESSION = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
IDS = {"x-datadog-trace-id": "10", "x-datadog-parent-id": "11"}
TAGGED = {**IDS, "x-datadog-tags": f"_dd.p.llmobs_sid={SESSION}"}


@pytest.fixture(autouse=True)
def _nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice, "_said", set())


def say(caplog: pytest.LogCaptureFixture) -> list[str]:
    caplog.clear()
    with caplog.at_level(logging.WARNING, "rum_llm_correlation"):
        notice.notice_missing_tracer()
        notice.notice_missing_tracer()
    return [record.getMessage() for record in caplog.records]


def test_a_missing_tracer_is_told_of_once(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ddtrace", raising=False)
    monkeypatch.delitem(sys.modules, "opentelemetry.sdk", raising=False)
    lines = say(caplog)
    assert len(lines) == 1
    assert "ddtrace is not loaded" in lines[0]
    assert "ddtrace-run" in lines[0]


@pytest.mark.parametrize(
    ("installed", "count"),
    [("2.21.0", 1), ("3.19.4", 1), ("4.12.9", 1), ("4.13.0", 0), ("4.16.0rc1", 0), ("5.0.0", 0), ("5", 0)],
)
def test_a_tracer_that_is_too_old_is_told_of(
    installed: str, count: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ddtrace", sys)
    monkeypatch.setattr(notice, "_installed_version", lambda: installed)
    lines = say(caplog)
    assert len(lines) == count
    assert all(f"ddtrace {installed} is too old" in line for line in lines)


@pytest.mark.parametrize(("headers", "expected"), [(IDS, "no room"), (TAGGED, "DD_TRACE_PROPAGATION_STYLE_EXTRACT")])
def test_a_lost_session_is_told_of_once(
    headers: dict[str, str], expected: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "rum_llm_correlation"):
        notice.notice_lost_session(headers)
        notice.notice_lost_session(headers)
    assert len(caplog.records) == 1
    assert expected in caplog.records[0].getMessage()


@pytest.mark.parametrize(
    ("app", "env", "expected"),
    [
        ("flask_app", {"SERVER": "waitress", "DD_TRACE_PROPAGATION_STYLE_EXTRACT": "tracecontext,baggage"}, 1),
        ("fastapi_app", {"DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT": "ignore"}, 1),
        ("flask_app", {"SERVER": "waitress"}, 0),
    ],
)
def test_a_server_says_it_on_its_console(
    app: str, env: dict[str, str], expected: int, start_backend: StartBackend, capfd: pytest.CaptureFixture[str]
) -> None:
    backend = start_backend(app, **env, NOTICE="1")
    for _ in range(3):
        backend.get("/sync", {"baggage": f"session.id={uuid.uuid4()}"}, label=str(uuid.uuid4()))
    assert capfd.readouterr().err.count("ddtrace's settings make it ignore the RUM session") == expected

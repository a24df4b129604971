"""The command ``doctor``, with the real ddtrace, and what it knows of versions, copies and settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given, strategies as st

from rum_llm_correlation.doctor.msgpack import unpack
from rum_llm_correlation.doctor.proof import child_environment, request_of
from rum_llm_correlation.doctor.report import Finding, Report, Section, as_text
from rum_llm_correlation.doctor.settings import inspect_settings
from rum_llm_correlation.doctor.versions import find_copies, inspect_tracer, takes_sessions
from rum_llm_correlation.rum_session import rum_session_of

ON = {"DD_LLMOBS_ENABLED": "1", "DD_LLMOBS_ML_APP": "shop"}
STYLE = "DD_TRACE_PROPAGATION_STYLE_EXTRACT"
BEHAVIOR = "DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT"
#: The carriers that are handed over without the handler's own code.
CARRIERS = ("query", "baggage", "trace-tags")


def run(*args: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("DD_", "_DD_", "OTEL_"))}
    command = [sys.executable, "-m", "rum_llm_correlation", *args]
    return subprocess.run(command, cwd=cwd, env={**own, **env}, capture_output=True, encoding="utf-8", timeout=120)


def doctor(cwd: Path, *args: str, **env: str) -> tuple[dict[str, dict[str, str]], int]:
    """The states of each section's lines, by their subject, and the exit status."""
    result = run("doctor", "--json", *args, cwd=cwd, **env)
    report: dict[str, Any] = json.loads(result.stdout)
    return {
        section: {line["subject"]: line["state"] for line in report[section]}
        for section in ("packages", "settings", "carriers")
    }, result.returncode


def states(carriers: dict[str, str]) -> set[str]:
    return {carriers[name] for name in CARRIERS}


@pytest.mark.parametrize("field", ["session_id", "rum_session", "metadata.session_id"])
def test_it_finds_the_carriers_well(field: str, tmp_path: Path) -> None:
    found, _ = doctor(tmp_path, "--field", field, **ON)

    assert states(found["carriers"]) == {"ok"}
    assert found["packages"] == {"ddtrace": "ok", "rum-llm-correlation": "ok"}


@pytest.mark.parametrize(
    ("env", "setting"),
    [
        ({"DD_LLMOBS_ENABLED": "0"}, "DD_LLMOBS_ENABLED"),
        ({**ON, BEHAVIOR: "ignore"}, BEHAVIOR),
        ({**ON, BEHAVIOR: "restart"}, BEHAVIOR),
        ({**ON, STYLE: "tracecontext,baggage"}, STYLE),
    ],
    ids=str,
)
def test_it_says_what_keeps_sessions_away_and_proves_it(env: dict[str, str], setting: str, tmp_path: Path) -> None:
    found, status = doctor(tmp_path, **env)

    assert found["settings"][setting] == "failed"
    assert states(found["carriers"]) == {"failed"}
    assert status == 1


def test_it_sends_nothing_to_an_agent_or_to_datadog(tmp_path: Path) -> None:
    # Nothing listens there: what was sent there would be missing.
    elsewhere = {"DD_TRACE_AGENT_URL": "http://127.0.0.1:1", "DD_API_KEY": "k", "DD_LLMOBS_AGENTLESS_ENABLED": "1"}

    found, _ = doctor(tmp_path, **ON, **elsewhere)

    assert states(found["carriers"]) == {"ok"}


def test_it_says_in_words_what_to_do_in_each_line_that_is_not_well(tmp_path: Path) -> None:
    result = run("doctor", cwd=tmp_path, DD_LLMOBS_ENABLED="0")

    lines = [*result.stdout.splitlines(), ""]
    marked = [after for line, after in zip(lines, lines[1:]) if line.startswith(("  ✗ ", "  ! "))]
    assert len(marked) > len(CARRIERS)
    assert all(after.strip().startswith("→ ") for after in marked)
    assert "\x1b" not in result.stdout
    assert result.returncode == 1


def test_it_says_why_the_server_did_not_start(tmp_path: Path) -> None:
    package = tmp_path / "ddtrace"
    package.mkdir()
    (package / "__init__.py").write_text("raise OSError('broken')")

    result = run("doctor", cwd=tmp_path, **ON)

    assert "the server did not start: OSError: broken" in result.stdout
    assert "there are 2 copies of it" in result.stdout
    assert result.returncode == 1


@pytest.mark.parametrize("args", [["--help"], ["doctor", "--help"]], ids=str)
def test_it_helps(args: list[str], tmp_path: Path) -> None:
    result = run(*args, cwd=tmp_path)

    assert result.stdout.startswith("usage: python -m rum_llm_correlation")
    assert result.returncode == 0


@pytest.mark.parametrize("args", [[], ["docter"], ["doctor", "--feild", "a"]], ids=str)
def test_it_says_which_argument_is_wrong(args: list[str], tmp_path: Path) -> None:
    result = run(*args, cwd=tmp_path)

    assert "usage: python -m rum_llm_correlation" in result.stderr
    assert result.returncode == 1


@pytest.mark.parametrize(
    ("version", "expected"),
    [("4.12.9", False), ("4.13.0", True), ("4.13.0rc1", True), ("4.16.0", True), ("5.0.0", True), ("3.19.0", False)],
)
def test_versions_of_ddtrace_that_take_sessions(version: str, expected: bool) -> None:
    assert takes_sessions(version) is expected
    assert inspect_tracer(version).state == ("ok" if expected else "failed")


def test_it_names_the_python_that_has_no_ddtrace() -> None:
    finding = inspect_tracer(None)

    assert finding.state == "failed"
    assert sys.executable in finding.message


def test_it_finds_all_copies_once(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder / "ddtrace").mkdir(parents=True)
        (tmp_path / folder / "ddtrace" / "__init__.py").touch()
    (tmp_path / "c").symlink_to(tmp_path / "a")

    copies = find_copies("ddtrace", [str(tmp_path / folder) for folder in ("a", "b", "c", "none")])

    assert copies == [tmp_path / "a" / "ddtrace", tmp_path / "b" / "ddtrace"]


@pytest.mark.parametrize(
    ("env", "name", "state"),
    [
        ({}, "DD_LLMOBS_ENABLED", "failed"),
        ({"DD_LLMOBS_ENABLED": "True"}, "DD_LLMOBS_ENABLED", "ok"),
        ({"DD_LLMOBS_ENABLED": "yes"}, "DD_LLMOBS_ENABLED", "failed"),
        ({}, "DD_LLMOBS_ML_APP", "note"),
        ({}, STYLE, "ok"),
        ({STYLE: "datadog tracecontext"}, STYLE, "ok"),
        ({STYLE: "datadog"}, STYLE, "note"),
        ({STYLE: "none"}, STYLE, "failed"),
        ({"OTEL_PROPAGATORS": "b3"}, "OTEL_PROPAGATORS", "failed"),
        ({BEHAVIOR: "continue"}, BEHAVIOR, "ok"),
        ({"DD_LLMOBS_AGENTLESS_ENABLED": "1"}, "DD_API_KEY", "note"),
        ({"DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH": "52"}, "DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH", "failed"),
    ],
    ids=str,
)
def test_settings(env: dict[str, str], name: str, state: str) -> None:
    finding = next(finding for finding in inspect_settings(env) if finding.subject == name)

    assert finding.state == state
    assert (finding.todo is None) == (state == "ok")


def test_a_key_is_not_asked_for_if_there_is_one_or_an_agent() -> None:
    for env in ({"DD_LLMOBS_AGENTLESS_ENABLED": "1", "DD_API_KEY": "key"}, {"DD_LLMOBS_AGENTLESS_ENABLED": "0"}):
        assert not [finding for finding in inspect_settings(env) if finding.subject == "DD_API_KEY"]


def test_the_server_gets_the_settings_that_matter_and_nothing_that_leads_out_of_the_machine() -> None:
    env = {"PATH": "/bin", STYLE: "datadog", "DD_API_KEY": "secret", "DD_AGENT_HOST": "agent", "DD_SITE": "site"}

    child = child_environment({**env, "DD_TRACE_SAMPLE_RATE": "0", "DD_TRACE_AGENT_PORT": "1"}, "http://127.0.0.1:2")

    assert child["PATH"] == "/bin"
    assert child[STYLE] == "datadog"
    assert child["DD_TRACE_AGENT_URL"] == "http://127.0.0.1:2"
    assert not {"DD_API_KEY", "DD_AGENT_HOST", "DD_SITE", "DD_TRACE_SAMPLE_RATE", "DD_TRACE_AGENT_PORT"} & child.keys()


@pytest.mark.parametrize("field", ["session_id", "a.b.session_id"])
@pytest.mark.parametrize("carrier", ["body", "query", "baggage", "trace-tags"])
def test_its_requests_bring_the_session_as_the_page_would(carrier: str, field: str) -> None:
    session = "0d2a1c9e-3f0b-4c57-9a57-0c8f5c3d2e1f"

    query, headers, body = request_of(carrier, session, field)

    assert rum_session_of(headers, query[1:], body, field=field).session_id == session


json_like = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(), inner, max_size=20),
)


@given(json_like)
def test_message_pack_is_read_as_it_was_written(value: Any) -> None:
    assert unpack(msgpack.packb(value)) == value


@pytest.mark.parametrize("length", [15, 16, 31, 32, 255, 256, 65_535, 65_536])
def test_message_pack_of_all_lengths(length: int) -> None:
    for value in ("a" * length, b"a" * length, [1] * length, {str(index): 1 for index in range(length)}):
        assert unpack(msgpack.packb(value)) == value


def test_a_report_without_a_fault_says_where_to_look_next() -> None:
    text = as_text(Report("T", [Section("a", "A", [Finding("ok", "body", "well")])]), colours=False)

    assert "if RumSessionASGI or RumSessionWSGI is around your app" in text
    assert "npx rum-llm-correlation check" in text


def test_a_report_is_aligned_and_coloured_on_request() -> None:
    findings = [Finding("ok", "body", "well"), Finding("failed", "baggage", "lost", "mend")]
    report = Report("T", [Section("a", "A", findings)])

    assert as_text(report, colours=False) == (
        "T\n\nA\n  ✓ body     well\n  ✗ baggage  lost\n             → mend\n\nMend what is marked ✗, from the top on."
    )
    assert "\x1b[31m✗\x1b[39m baggage" in as_text(report, colours=True)

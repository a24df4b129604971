"""What the server half says: once per process and message, and only if nothing comes of a session."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import Optional

from .trace_context import session_of_trace

# Without any set-up of logging, Python writes warnings to stderr.
_log = logging.getLogger("rum_llm_correlation")

_LOWEST = (4, 13)

_said: set[str] = set()


def notice_missing_tracer() -> None:
    """Says that no session can reach a span: ddtrace is not loaded, or too old."""
    notice = _notice_of_tracer()
    if notice is not None:
        _say_once(notice)


def notice_lost_session(headers: Mapping[str, str]) -> None:
    """Says why the tracer did not take the session of a request.

    Args:
        headers: By lower-case name, the session written into them if that was possible.
    """
    if session_of_trace(headers) is None:
        _say_once(
            "The trace headers of a request had no room for its RUM session, are malformed, or are those of B3. "
            "Such requests have no session. See x-datadog-tags and tracestate."
        )
    else:
        _say_once(
            "ddtrace's settings make it ignore the RUM session of a request. Check "
            "DD_TRACE_PROPAGATION_STYLE_EXTRACT, which needs datadog and tracecontext, and "
            "DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT."
        )


def _notice_of_tracer() -> Optional[str]:
    if "ddtrace" not in sys.modules:
        # With OpenTelemetry in its place, this package's span processor may take the session.
        if "opentelemetry.sdk" in sys.modules:
            return None
        return "ddtrace is not loaded, so RUM sessions reach no span. Start the server with ddtrace-run."
    installed = _installed_version()
    if installed is None or _is_new_enough(installed):
        return None
    return f"ddtrace {installed} is too old to read RUM sessions. Update to ddtrace 4.13 or newer."


@lru_cache(maxsize=1)
def _installed_version() -> Optional[str]:
    try:
        return version("ddtrace")
    except Exception:
        return None


def _is_new_enough(installed: str) -> bool:
    major, minor = (int(part) if part.isdigit() else 0 for part in f"{installed}.0".split(".")[:2])
    return (major, minor) >= _LOWEST


def _say_once(notice: str) -> None:
    if notice not in _said:
        _said.add(notice)
        _log.warning("rum-llm-correlation: %s", notice)

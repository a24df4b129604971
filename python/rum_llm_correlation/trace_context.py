from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Optional

from .carriers.trace_tags import TRACE_TAGS, add_session_tag, readable_tags, session_tag
from .carriers.tracestate import TRACESTATE, add_session_to_tracestate, session_in_tracestate
from .session_id import session_id_in

TRACE_ID = "x-datadog-trace-id"
PARENT_ID = "x-datadog-parent-id"
SAMPLING_PRIORITY = "x-datadog-sampling-priority"
TRACEPARENT = "traceparent"

_DECIMAL = re.compile(r"[0-9]{1,20}")
_MAX_ID = 2**64 - 1
_INTEGER = re.compile(r"-?[0-9]{1,9}")

# https://www.w3.org/TR/trace-context/#traceparent-header-field-values
_TRACEPARENT = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?P<more>-.+)?"
)

#: What changes in a request's headers: values by lower-case name; ``None`` is a header that goes.
HeaderChanges = dict[str, Optional[str]]


def headers_with_session(headers: Mapping[str, str], session_id: str) -> HeaderChanges:
    """Writes the session to where Datadog's tracers read it in a request's headers.

    1. Where Datadog's ids came, or no trace context at all: into ``x-datadog-tags``; in the latter case with a new trace id,
       whose root the backend's own first span becomes.
    2. Where only ``traceparent`` came: into Datadog's member of ``tracestate``. The trace goes on.
    3. A context that the tracers cannot use counts as none: a malformed ``traceparent``, a trace id without a parent id.
    4. Another session that these headers bring stays.
    5. Where it does not fit, nothing changes.

    :param headers: By lower-case name.
    """
    tags, state = headers.get(TRACE_TAGS, ""), headers.get(TRACESTATE, "")
    continues_w3c_trace = _is_traceparent(headers.get(TRACEPARENT, ""))
    tags_bring = session_tag(tags)
    state_brings = session_in_tracestate(state) if continues_w3c_trace else None
    if any(brought and brought != session_id for brought in (tags_bring, state_brings)):
        return {}

    if _has_datadog_ids(headers):
        changes = _if_fits(TRACE_TAGS, readable_tags(tags) if tags_bring else add_session_tag(tags, session_id))
        changes = {name: value for name, value in changes.items() if value != tags}
        return {**changes, **_without_odd_priority(headers)} if changes else {}

    if continues_w3c_trace:
        changes = {} if state_brings else _if_fits(TRACESTATE, add_session_to_tracestate(state, session_id))
        # ddtrace takes a trace id without a parent id for the trace, and then reads no session from tracestate.
        return {**changes, **{name: None for name in (TRACE_ID, PARENT_ID) if name in headers}} if changes else {}

    changes = _if_fits(TRACE_TAGS, readable_tags(tags) if tags_bring else add_session_tag(tags, session_id))
    new_ids = {TRACE_ID: str(secrets.randbits(63) or 1), PARENT_ID: "0"}
    return {**changes, **new_ids, **_without_odd_priority(headers)} if changes else {}


def session_of_trace(headers: Mapping[str, str]) -> Optional[str]:
    """The RUM session that the tracers take from a request's headers."""
    in_tags = session_id_in(session_tag(headers.get(TRACE_TAGS, "")))
    in_state = session_id_in(session_in_tracestate(headers.get(TRACESTATE, "")))
    if _has_datadog_ids(headers):
        return in_tags
    return in_state if _is_traceparent(headers.get(TRACEPARENT, "")) else None


def makes_new_trace(changes: HeaderChanges) -> bool:
    return changes.get(TRACE_ID) is not None


def _if_fits(name: str, value: Optional[str]) -> HeaderChanges:
    return {} if value is None else {name: value}


def _has_datadog_ids(headers: Mapping[str, str]) -> bool:
    return _id(headers.get(TRACE_ID, "")) > 0 and _id(headers.get(PARENT_ID, "")) >= 0


def _without_odd_priority(headers: Mapping[str, str]) -> HeaderChanges:
    # ddtrace drops the ids along with a sampling priority that is no number.
    return {} if _INTEGER.fullmatch(headers.get(SAMPLING_PRIORITY, "0").strip()) else {SAMPLING_PRIORITY: None}


def _id(text: str) -> int:
    text = text.strip()
    number = int(text) if _DECIMAL.fullmatch(text) else -1
    return number if number <= _MAX_ID else -1


def _is_traceparent(text: str) -> bool:
    match = _TRACEPARENT.fullmatch(text.strip())
    return match is not None and not (match["version"] == "00" and match["more"])

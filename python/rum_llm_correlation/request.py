"""Decides what is done for a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, Optional

from .carriers.baggage import BAGGAGE, baggage_with_session, session_in_baggage, tags_in_baggage
from .carriers.query import QueryParameter
from .carriers.trace_tags import TRACE_TAGS, session_tag
from .carriers.tracestate import TRACESTATE, session_in_tracestate
from .hand_over import continues_b3_trace
from .trace_context import HeaderChanges, headers_with_session, makes_new_trace, session_of_trace

#: What stands in the headers of a request that brings something, for a quick look at those of all the others.
MARKS = {
    BAGGAGE: r"session\.id|user\.id|account\.id",
    TRACE_TAGS: r"llmobs_sid",
    TRACESTATE: r"llmobs_sid",
}

MARKS_IN_TEXT = {name: re.compile(mark).search for name, mark in MARKS.items()}
MARKS_IN_BYTES = {name.encode(): re.compile(mark.encode()).search for name, mark in MARKS.items()}


class Correlation(NamedTuple):
    """What a request says of its RUM session, and what that changes in its headers."""

    header_changes: HeaderChanges
    #: By lower-case name, the changes made.
    headers: dict[str, str]
    session_id: Optional[str]
    tags: dict[str, str]


def brings_session(headers: Mapping[str, str], query: str, parameter: QueryParameter) -> bool:
    """Whether a request says its session before its body. It need not be the page's: a trace may have another one."""
    return bool(
        session_in_baggage(headers.get(BAGGAGE, "")) or parameter.session_in(query) or _session_of_trace(headers)
    )


def correlate(
    headers: dict[str, str], query: str, parameter: QueryParameter, *, in_body: Optional[str], traced: bool
) -> Optional[Correlation]:
    """Decides what is done for a request. An id in baggage comes before one in the query, and that before one in the body.

    A session that came in the trace's own headers needs no change there, but the tracer has to be kept from losing it.

    The session is written into the baggage, too, for OpenTelemetry and for the services behind.

    Args:
        headers: By lower-case name.
        query: The part of the URL behind the question mark.
        parameter: The query parameter that is looked for.
        in_body: The session id that the body brought.
        traced: Whether a trace is active already: it must not be left for a new one.

    Returns:
        ``None`` for a request that brings neither a session nor a user.
    """
    baggage = headers.get(BAGGAGE, "")
    session_id = session_in_baggage(baggage) or parameter.session_in(query) or in_body
    tags = tags_in_baggage(baggage)
    if not (session_id or tags or _session_of_trace(headers)):
        return None
    changes = headers_with_session(headers, session_id) if session_id else {}
    if makes_new_trace(changes) and (traced or continues_b3_trace(headers)):
        changes = {}
    session = session_of_trace(_changed(headers, changes)) or session_id
    shared = baggage_with_session(baggage, session) if session else None
    if shared is not None:
        changes = {**changes, BAGGAGE: shared}
    return Correlation(changes, _changed(headers, changes), session_id, tags)


def _session_of_trace(headers: Mapping[str, str]) -> Optional[str]:
    return session_tag(headers.get(TRACE_TAGS, "")) or session_in_tracestate(headers.get(TRACESTATE, ""))


def _changed(headers: Mapping[str, str], changes: HeaderChanges) -> dict[str, str]:
    merged = {**headers, **changes}
    return {name: value for name, value in merged.items() if value is not None}

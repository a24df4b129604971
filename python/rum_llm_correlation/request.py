from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .carriers.baggage import BAGGAGE, session_in_baggage, tags_in_baggage
from .carriers.query import QueryParameter
from .trace_context import HeaderChanges, headers_with_session, makes_new_trace
from .tracer import HandOver, continues_b3_trace


class Correlation(NamedTuple):
    """What a request's RUM session changes: its headers, and what the tracer is told."""

    header_changes: HeaderChanges
    hand_over: HandOver


def correlate(headers: dict[str, str], query: str, parameter: QueryParameter, traced: bool = False) -> Correlation:
    """Decides what is done for a request that may bring a session id. An id in baggage comes before one in the query.

    :param headers: By lower-case name.
    :param traced: Whether ddtrace has begun to trace the request already: its trace must not be left for a new one.
    """
    baggage = headers.get(BAGGAGE, "")
    session_id = session_in_baggage(baggage) or parameter.session_in(query)
    changes = headers_with_session(headers, session_id) if session_id else {}
    if makes_new_trace(changes) and (traced or continues_b3_trace(headers)):
        changes = {}
    hand_over = HandOver(_changed(headers, changes), session_id, tags_in_baggage(baggage), traced)
    return Correlation(changes, hand_over)


def _changed(headers: Mapping[str, str], changes: HeaderChanges) -> dict[str, str]:
    merged = {**headers, **changes}
    return {name: value for name, value in merged.items() if value is not None}

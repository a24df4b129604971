"""Datadog's member of the W3C ``tracestate`` header."""

from __future__ import annotations

import re
from typing import Optional

TRACESTATE = "tracestate"

_DATADOG = "dd="
_SESSION = "t.llmobs_sid:"

_MAX_MEMBERS = 32
_MAX_VALUE_LENGTH = 256

_PRINTABLE_ASCII = re.compile(r"[ -~]*")
_SAMPLING_PRIORITY = re.compile(r"s:-?[0-9]{1,9}")


def session_in_tracestate(header: str) -> Optional[str]:
    """Reads the session from Datadog's member.

    Names must be unique, so of several members only the first counts. Of several sessions in it,
    the first that is not empty counts.
    """
    if _SESSION not in header:
        return None
    members = map(str.strip, header.split(","))
    own = next((member for member in members if member.startswith(_DATADOG)), "")
    sessions = [item for item in own[len(_DATADOG) :].split(";") if item.startswith(_SESSION)]
    return next(filter(None, (item[len(_SESSION) :].strip() for item in sessions)), None)


def add_session_to_tracestate(header: str, session_id: str) -> Optional[str]:
    """Adds the session at the end of Datadog's member, and moves that to the front.

    The recommendation asks for that place of a changed member. Other members, and what this one
    holds, stay.

    https://www.w3.org/TR/trace-context/#tracestate-header

    Returns:
        ``None`` if it does not fit: 32 members, 256 characters behind ``dd=``. Also if the tracers
        would not read it: the header or the member is malformed, or there are several such
        members, of which each tracer reads another one.
    """
    members = [member for member in map(str.strip, header.split(",")) if member]
    own = [member[len(_DATADOG) :] for member in members if member.startswith(_DATADOG)]
    if len(own) > 1 or not all(map(_PRINTABLE_ASCII.fullmatch, members)):
        return None
    value = ";".join([*own, f"{_SESSION}{session_id}"])
    if len(value) > _MAX_VALUE_LENGTH or not all(map(_is_item, value.split(";"))):
        return None
    others = [member for member in members if not member.startswith(_DATADOG)]
    return ",".join([f"{_DATADOG}{value}", *others]) if len(others) < _MAX_MEMBERS else None


def _is_item(text: str) -> bool:
    return ":" in text and (not text.startswith("s:") or _SAMPLING_PRIORITY.fullmatch(text) is not None)

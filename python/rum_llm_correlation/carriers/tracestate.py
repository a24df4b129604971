from __future__ import annotations

import re
from typing import Optional

TRACESTATE = "tracestate"

_DATADOG = "dd="
_SESSION = "t.llmobs_sid:"

_MAX_MEMBERS = 32
_MAX_MEMBER_LENGTH = 256

_PRINTABLE_ASCII = re.compile(r"[ -~]*")
_SAMPLING_PRIORITY = re.compile(r"s:-?[0-9]{1,9}")


def session_in_tracestate(header: str) -> Optional[str]:
    """Reads the session from Datadog's member of a ``tracestate`` header; of several members or sessions the last counts."""
    found = None
    if _SESSION in header:
        for member in header.split(","):
            text = member.strip()
            if text.startswith(_DATADOG):
                for item in text[len(_DATADOG) :].split(";"):
                    if item.startswith(_SESSION):
                        found = item[len(_SESSION) :].strip() or found
    return found


def add_session_to_tracestate(header: str, session_id: str) -> Optional[str]:
    """Adds the session to Datadog's member of a ``tracestate`` header; other members and what it holds stay.

    ``None`` where it does not fit (32 members, 256 characters of Datadog's one), or where the tracers would not read it: in
    a header or a member that is malformed.

    https://www.w3.org/TR/trace-context/#tracestate-header
    """
    members = [member for member in map(str.strip, header.split(",")) if member]
    if not all(map(_PRINTABLE_ASCII.fullmatch, members)):
        return None
    own = [index for index, member in enumerate(members) if member.startswith(_DATADOG)]
    if own:
        member = f"{members[own[-1]]};{_SESSION}{session_id}"
        if len(member) > _MAX_MEMBER_LENGTH or not all(map(_is_item, member[len(_DATADOG) :].split(";"))):
            return None
        members[own[-1]] = member
    else:
        members.insert(0, f"{_DATADOG}{_SESSION}{session_id}")
    return ",".join(members) if len(members) <= _MAX_MEMBERS else None


def _is_item(text: str) -> bool:
    return ":" in text and (not text.startswith("s:") or _SAMPLING_PRIORITY.fullmatch(text) is not None)

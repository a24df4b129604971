"""The header in which Datadog's tracers pass on the tags of a trace."""

from __future__ import annotations

import re
from typing import Optional

TRACE_TAGS = "x-datadog-tags"

SESSION_TAG = "_dd.p.llmobs_sid"

_MAX_LENGTH = 512

# What ddtrace takes: a name of printable ASCII without blank, comma and equals sign, and a value that is not empty.
_TAG = re.compile(r"[!-+\--<>-~]+= *[!-+\--~][ -+\--~]*")


def session_tag(header: str) -> Optional[str]:
    """Reads the session from an ``x-datadog-tags`` header.

    It may be any text: sessions of LLM Observability need not be RUM's.
    """
    found = None
    if SESSION_TAG in header:
        for tag in header.split(","):
            name, _, value = tag.strip().partition("=")
            if name == SESSION_TAG:
                found = value.strip() or found
    return found


def readable_tags(header: str) -> Optional[str]:
    """Gives the tags of an ``x-datadog-tags`` header without the white space around commas.

    Servers put it there when they join lines of a header, and the tracers drop the whole header
    for it.

    Returns:
        ``None`` if the tracers drop the header all the same: for its length, a tag without a
        value, or a character that is not ASCII.
    """
    tags = [tag for tag in map(str.strip, header.split(",")) if tag]
    joined = ",".join(tags)
    return joined if len(joined) <= _MAX_LENGTH and all(map(_TAG.fullmatch, tags)) else None


def add_session_tag(header: str, session_id: str) -> Optional[str]:
    """Adds the session to an ``x-datadog-tags`` header, behind the tags that are there.

    Returns:
        ``None`` if it does not fit into the tracers' 512 characters, or if they would drop the
        header: there it would do nothing.
    """
    tags = readable_tags(header)
    if tags is None:
        return None
    added = f"{tags},{SESSION_TAG}={session_id}" if tags else f"{SESSION_TAG}={session_id}"
    return added if len(added) <= _MAX_LENGTH else None

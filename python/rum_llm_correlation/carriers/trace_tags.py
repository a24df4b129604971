from __future__ import annotations

import re
from typing import Optional

TRACE_TAGS = "x-datadog-tags"

SESSION_TAG = "_dd.p.llmobs_sid"

_MAX_LENGTH = 512

# What ddtrace takes: a name of printable ASCII without blank, comma and equals sign, and a value that is not empty.
_TAG = re.compile(r"[!-+\--<>-~]+= *[!-+\--~][ -+\--~]*")


def session_tag(header: str) -> Optional[str]:
    """Reads the session from an ``x-datadog-tags`` header, whatever it is: LLM Observability sessions need not be RUM's."""
    found = None
    if SESSION_TAG in header:
        for tag in header.split(","):
            name, _, value = tag.strip().partition("=")
            if name == SESSION_TAG:
                found = value.strip() or found
    return found


def add_session_tag(header: str, session_id: str) -> Optional[str]:
    """Adds the session to an ``x-datadog-tags`` header, behind the tags that are there.

    ``None`` where it does not fit into the tracers' 512 characters, or behind what makes them drop the header whole (a tag
    without a value, a blank behind a comma, a character that is not ASCII): there it would do nothing.
    """
    tags = header.strip()
    if tags:
        if tags.endswith(","):
            tags = tags[:-1]
        if not all(map(_TAG.fullmatch, tags.split(","))):
            return None
        tags += ","
    added = f"{tags}{SESSION_TAG}={session_id}"
    return added if len(added) <= _MAX_LENGTH else None

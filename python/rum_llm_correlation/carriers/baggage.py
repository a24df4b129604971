"""The W3C ``baggage`` header, whose members carry session, user and account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Optional
from urllib.parse import unquote

from ..session_id import session_id_in

BAGGAGE = "baggage"

SESSION_MEMBER = "session.id"

#: How the RUM SDK names user and account in baggage, and how Datadog names them on spans.
TAG_OF_MEMBER = {"user.id": "usr.id", "account.id": "usr.account_id"}

# Datadog cuts tags at 200 characters. A cut id could be somebody else's, so a longer one is left out.
_MAX_TAG_LENGTH = 200

# https://www.w3.org/TR/baggage/#limits
_MAX_MEMBERS = 64
_MAX_BYTES = 8192

# The longest that a member's text can be, every character percent-encoded: no time goes into what cannot be taken.
_MAX_ENCODED_SESSION = 36 * len("%2D")
_MAX_ENCODED_TAG = _MAX_TAG_LENGTH * len("%F0%9F%98%80")

_WHITE_SPACE = re.compile(r"\s")


def session_in_baggage(header: str) -> Optional[str]:
    """Reads the session id from a `W3C baggage header <https://www.w3.org/TR/baggage/>`_.

    Malformed members, and members that hold no UUID, do not hide a good one; where several are good the last one counts,
    as it does for Datadog's tracers.
    """
    found = None
    if SESSION_MEMBER in header:
        for name, value in _members(header):
            if name == SESSION_MEMBER and len(value) <= _MAX_ENCODED_SESSION:
                found = session_id_in(unquote(value)) or found
    return found


def tags_in_baggage(header: str) -> dict[str, str]:
    """Reads the user's and the account's id, under the names of their tags; the last good one of each counts.

    They are what the client says: anything printable, up to 200 characters.
    """
    tags = {}
    if "user.id" in header or "account.id" in header:
        for name, value in _members(header):
            tag = TAG_OF_MEMBER.get(name)
            if tag and 0 < len(value) <= _MAX_ENCODED_TAG:
                text = unquote(value)
                if is_tag_value(text):
                    tags[tag] = text
    return tags


def is_tag_value(text: str) -> bool:
    """Whether a tag may have the value: printable, not empty, and not so long that Datadog cuts it."""
    return 0 < len(text) <= _MAX_TAG_LENGTH and text.isprintable()


def baggage_with_session(header: str, session_id: str) -> Optional[str]:
    """Writes the session to where OpenTelemetry reads it in a ``baggage`` header: the last ``session.id`` member.

    A session that the header has already stays; a member whose value is no session id gives way. All other members stay as
    they are.

    Returns:
        ``None`` if nothing has to change, or if the member does not fit (64 members, 8192 bytes).
    """
    session = session_in_baggage(header) or session_id
    values = [unquote(value) for name, value in _members(header) if name == SESSION_MEMBER]
    if values and values[-1] == session:
        return None
    others = [member for member in header.split(",") if member.strip() and not _is_session(member)]
    added = ",".join([*others, f"{SESSION_MEMBER}={session}"])
    return added if len(others) < _MAX_MEMBERS and len(added) <= _MAX_BYTES else None


def _is_session(member: str) -> bool:
    name, equals, _ = member.partition("=")
    return bool(equals) and name.strip() == SESSION_MEMBER


def _members(header: str) -> Iterator[tuple[str, str]]:
    """Gives names and values. A value with white space inside is malformed, and counts as empty."""
    for member in header.split(","):
        name, _, rest = member.partition("=")
        value = rest.partition(";")[0].strip()
        yield name.strip(), "" if _WHITE_SPACE.search(value) else value

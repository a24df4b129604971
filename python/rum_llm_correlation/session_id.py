"""What a RUM session id looks like."""

from __future__ import annotations

import re
from typing import Optional

# Spelled out: \d and \w take digits and letters of any script.
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def session_id_in(value: object) -> Optional[str]:
    """The value, where it is a RUM session id: a UUID in its canonical form, in upper or lower case.

    Whatever else comes in its place counts as none. It is the one gate that all that a client sends has to pass before it
    may come into a header.
    """
    return value if isinstance(value, str) and _UUID.fullmatch(value) else None

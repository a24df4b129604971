"""The field whose value is the session id."""

from __future__ import annotations

import os
from typing import Optional

DEFAULT_FIELD = "session_id"


def field_of(given: Optional[str]) -> str:
    """Gives the field that the app names, or that of the environment, or the default.

    Args:
        given: The option. What is no text, or empty, counts as none.
    """
    named = given if isinstance(given, str) else ""
    return named or os.environ.get("RUM_LLM_FIELD", "").strip() or DEFAULT_FIELD

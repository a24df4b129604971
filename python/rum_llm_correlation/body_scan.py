"""What all readers of a body have in common."""

from __future__ import annotations

from typing import Optional


class BodyScan:
    """Looks for a session id in a body, part by part as it comes in."""

    #: The session id, once it has come.
    session_id: Optional[str] = None

    #: Whether no byte that may still come counts. The session is there, or the body cannot tell it any more.
    is_done = False

    def read(self, data: bytes) -> None:
        """Takes the next bytes of the body."""
        raise NotImplementedError

    def end(self) -> None:
        """Takes note of the end of the body."""
        self.is_done = True

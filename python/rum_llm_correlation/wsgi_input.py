"""Looks at the start of a WSGI request's body before the app does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from io import SEEK_CUR, BytesIO
from typing import TYPE_CHECKING, Any, Callable, Optional

from .scanned_body import MAX_BYTES, MAX_WAIT, ScannedBody

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream

# Slow clients send little at a time. A session near the beginning need not wait for all of the rest.
_PART = 4096


class InputAhead:
    """A ``wsgi.input`` whose first bytes were read ahead, and come again.

    Errors that came up while reading ahead are raised to the app, once, when it asks for bytes that
    are not there.

    https://peps.python.org/pep-3333/#input-and-error-streams
    """

    def __init__(self, stream: InputStream) -> None:
        """Takes the server's stream."""
        self._stream = stream
        self._ahead = BytesIO()
        self._error: Optional[BaseException] = None

    def look(self, body: ScannedBody) -> Optional[str]:
        """Reads until the session is known, at most as far as the body reaches, or 65,536 bytes."""
        scan, length = body
        to_come = min(length or 0, MAX_BYTES)
        until = time.monotonic() + MAX_WAIT
        while to_come > 0 and not scan.is_done and time.monotonic() < until:
            part = self._read_part(min(to_come, _PART))
            if not part:
                break
            to_come -= len(part)
            scan.read(part)
        if not scan.is_done and self._ahead.tell() == length:
            scan.end()
        self._ahead.seek(0)
        return scan.session_id

    def read(self, size: Optional[int] = -1) -> bytes:
        """Reads `size` bytes, or all that are left."""
        limit = _limit(size)
        start = self._ahead.read(limit)
        if limit is None:
            return self._joined(start, self._stream.read)
        return start if len(start) == limit else self._joined(start, self._stream.read, limit - len(start))

    def readline(self, size: Optional[int] = -1) -> bytes:
        """Reads up to the end of a line, or `size` bytes of it."""
        limit = _limit(size)
        start = self._ahead.readline(limit)
        if start.endswith(b"\n") or len(start) == limit:
            return start
        if limit is None:
            return self._joined(start, self._stream.readline)
        return self._joined(start, self._stream.readline, limit - len(start))

    def readlines(self, hint: Optional[int] = -1) -> list[bytes]:
        """Reads lines: all of them, or about `hint` bytes."""
        lines: list[bytes] = []
        so_far = 0
        for line in self:
            lines.append(line)
            so_far += len(line)
            if hint is not None and 0 < hint <= so_far:
                break
        return lines

    def __iter__(self) -> Iterator[bytes]:
        """Gives the lines that are left."""
        return iter(self.readline, b"")

    def __getattr__(self, name: str) -> Any:
        """What else the server's stream has, but for other ways to read: they would miss the first bytes."""
        if name.startswith(("read", "seek", "peek", "tell", "get", "_")):
            raise AttributeError(name)
        return getattr(self._stream, name)

    def _read_part(self, size: int) -> bytes:
        try:
            part = self._stream.read(size)
            self._ahead.write(part)
        except Exception as error:
            self._error = error
            return b""
        return part

    def _joined(self, start: bytes, read_on: Callable[..., bytes], *size: int) -> bytes:
        """What was read ahead, and what the server's stream adds to it."""
        try:
            error, self._error = self._error, None
            if error is not None:
                raise error
            return start + read_on(*size)
        except BaseException:
            self._ahead.seek(-len(start), SEEK_CUR)
            raise


def _limit(size: Optional[int]) -> Optional[int]:
    return None if size is None or size < 0 else size

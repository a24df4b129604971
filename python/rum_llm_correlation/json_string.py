"""A string of a JSON text that comes in parts."""

from __future__ import annotations

import json
import re
from typing import Optional

# The most bytes that one character takes.
_LONGEST_CHARACTER = len(rb"\ud83d\ude00")

_ESCAPE = rb'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})'
_WHOLE_ESCAPE = re.compile(_ESCAPE)
_CUT_ESCAPE = re.compile(rb"\\(?:u[0-9a-fA-F]{0,3})?")
_PART = re.compile(rb'(?:[^"\\\x00-\x1f]+|' + _ESCAPE + rb")*")

_QUOTE, _BACKSLASH = b'"\\'


class JsonString:
    """Reads a string from behind its opening quote to its closing quote.

    Its text is kept only if somebody wants it.
    """

    def __init__(self, longest: int) -> None:
        """Takes how many characters a text has at most that matters."""
        self._longest = longest * _LONGEST_CHARACTER
        self._is_wanted = False
        self._kept = bytearray()
        # The beginning of an escape sequence whose rest has yet to come.
        self._escape = b""
        self.is_ended = False
        #: Whether JSON has no such string.
        self.is_wrong = False

    def start(self, is_wanted: bool) -> None:
        """Begins a new string."""
        self._is_wanted = is_wanted
        self._kept.clear()
        self._escape = b""
        self.is_ended = False

    def read(self, data: bytes, at: int) -> int:
        """Takes the bytes that belong to the string. Returns the place behind them."""
        while at < len(data) and not self.is_ended and not self.is_wrong:
            at = self._read_escape(data, at) if self._escape else self._read_part(data, at)
        return at

    def text(self) -> Optional[str]:
        """What the string says, if it is wanted. ``None`` if it is too long to matter."""
        if len(self._kept) > self._longest:
            return None
        text = self._kept.decode("utf-8", "replace")
        return str(json.loads(f'"{text}"')) if _BACKSLASH in self._kept else text

    def _read_part(self, data: bytes, at: int) -> int:
        match = _PART.match(data, at)
        to = match.end() if match else at
        self._keep(data[at:to])
        if to == len(data):
            return to
        if data[to] == _BACKSLASH:
            self._escape = data[to : to + 1]
        elif data[to] == _QUOTE:
            self.is_ended = True
        else:
            self.is_wrong = True
        return to + 1

    def _read_escape(self, data: bytes, at: int) -> int:
        self._escape += data[at : at + 1]
        if _WHOLE_ESCAPE.fullmatch(self._escape):
            self._keep(self._escape)
            self._escape = b""
        else:
            self.is_wrong = _CUT_ESCAPE.fullmatch(self._escape) is None
        return at + 1

    def _keep(self, part: bytes) -> None:
        # One byte more than may be: it tells that the string is too long to matter.
        if self._is_wanted and len(self._kept) <= self._longest:
            self._kept += part[: self._longest + 1]

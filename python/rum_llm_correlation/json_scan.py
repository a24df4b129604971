"""A reader of JSON that takes its text in parts."""

from __future__ import annotations

import re
from typing import Callable, Optional

from .body_scan import BodyScan
from .json_string import JsonString
from .session_id import session_id_in

_UUID_LENGTH = 36

_SPACE = re.compile(rb"[ \t\n\r]*")
_WORD_PART = re.compile(rb"[-+.0-9A-Za-z]*")
# https://www.rfc-editor.org/rfc/rfc8259#section-6
_WORD = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null")

_QUOTE, _COLON, _COMMA = b'":,'
_OPENING_BRACE, _CLOSING_BRACE, _OPENING_BRACKET, _CLOSING_BRACKET = b"{}[]"
_BRACKET_CLOSED_BY = {_CLOSING_BRACE: _OPENING_BRACE, _CLOSING_BRACKET: _OPENING_BRACKET}

_Place = Callable[[bytes, int], int]


class JsonScan(BodyScan):
    """Reads the text of a JSON object as its bytes come in, and finds the session id at a path.

    1. The id counts only as the value of the member that the path names. Strings, arrays and
       other objects may hold what they like.
    2. The text is checked as strictly as RFC 8259 has it. After an error nothing counts.
    3. Of members with the same name, the first one that has a UUID counts.
    4. Each byte is looked at once. One name, value or number is kept, and the open brackets.

    A method whose name begins with ``_at`` or ``_in`` takes the text from such a place on. It
    returns how far it came.

    https://www.rfc-editor.org/rfc/rfc8259
    """

    def __init__(self, path: list[str]) -> None:
        """Takes the names of the members on the way, from the outside in."""
        self._path = path
        self._string = JsonString(max(_UUID_LENGTH, *map(len, path)))
        self._place: _Place = self._at_start
        # The brackets that are open around the place, from the outside in.
        self._open = bytearray()
        # How many of these, from the outside in, are objects on the path.
        self._on_path = 1
        # Whether the last name is the next one of the path.
        self._is_named = False
        # What the text of the string is wanted for that is being read: "name" or "session id".
        self._role: Optional[str] = None
        self._after_string: _Place = self._at_comma
        # The number or word that is being read.
        self._word = bytearray()

    def read(self, data: bytes) -> None:
        """Takes the next bytes of the text."""
        at, length = 0, len(data)
        while at < length and not self.is_done:
            at = self._place(data, at)

    def _at_start(self, data: bytes, at: int) -> int:
        at, byte = _next_byte(data, at)
        if byte == _OPENING_BRACE:
            self._enter(_OPENING_BRACE)
        elif byte is not None:
            self.end()
        return at

    def _at_first_name(self, data: bytes, at: int) -> int:
        at, byte = _next_byte(data, at)
        if byte == _CLOSING_BRACE:
            self._leave(_CLOSING_BRACE)
        elif byte is not None:
            self._start_name(byte)
        return at

    def _at_name(self, data: bytes, at: int) -> int:
        at, byte = _next_byte(data, at)
        if byte is not None:
            self._start_name(byte)
        return at

    def _at_colon(self, data: bytes, at: int) -> int:
        at, byte = _next_byte(data, at)
        if byte == _COLON:
            self._place = self._at_value
        elif byte is not None:
            self.end()
        return at

    def _at_first_element(self, data: bytes, at: int) -> int:
        at, byte = _next_byte(data, at)
        if byte == _CLOSING_BRACKET:
            self._leave(_CLOSING_BRACKET)
        elif byte is not None:
            self._start_value(byte)
        return at

    def _at_value(self, data: bytes, at: int) -> int:
        at, byte = _next_byte(data, at)
        if byte is not None:
            self._start_value(byte)
        return at

    def _at_comma(self, data: bytes, at: int) -> int:
        at, byte = _next_byte(data, at)
        if byte == _COMMA:
            self._place = self._at_name if self._open[-1] == _OPENING_BRACE else self._at_value
        elif byte in _BRACKET_CLOSED_BY:
            self._leave(byte)
        elif byte is not None:
            self.end()
        return at

    def _in_string(self, data: bytes, at: int) -> int:
        at = self._string.read(data, at)
        if self._string.is_wrong:
            self.end()
        elif self._string.is_ended:
            self._place = self._after_string
            self._use_text()
        return at

    def _in_word(self, data: bytes, at: int) -> int:
        to = _end_of(_WORD_PART, data, at)
        self._word += data[at:to]
        if to < len(data):
            self._place = self._at_comma
            if not _WORD.fullmatch(self._word):
                self.end()
        return to

    def _start_name(self, byte: int) -> None:
        if byte == _QUOTE:
            self._start_string("name" if self._on_path == len(self._open) else None, self._at_colon)
        else:
            self.end()

    def _start_value(self, byte: int) -> None:
        is_named, self._is_named = self._is_named, False
        is_end_of_path = self._on_path == len(self._path)
        if byte == _QUOTE:
            self._start_string("session id" if is_named and is_end_of_path else None, self._at_comma)
        elif byte in (_OPENING_BRACE, _OPENING_BRACKET):
            if byte == _OPENING_BRACE and is_named and not is_end_of_path:
                self._on_path += 1
            self._enter(byte)
        else:
            self._word = bytearray([byte])
            self._place = self._in_word

    def _start_string(self, role: Optional[str], after: _Place) -> None:
        self._role = role
        self._after_string = after
        self._string.start(is_wanted=role is not None)
        self._place = self._in_string

    def _use_text(self) -> None:
        if self._role == "name":
            self._is_named = self._string.text() == self._path[self._on_path - 1]
        elif self._role == "session id":
            self.session_id = session_id_in(self._string.text())
            self.is_done = self.session_id is not None

    def _enter(self, bracket: int) -> None:
        self._open.append(bracket)
        self._place = self._at_first_name if bracket == _OPENING_BRACE else self._at_first_element

    def _leave(self, closing: int) -> None:
        is_of_its_kind = self._open.pop() == _BRACKET_CLOSED_BY[closing]
        self.is_done = not is_of_its_kind or not self._open
        self._on_path = min(self._on_path, len(self._open))
        self._place = self._at_comma


def _next_byte(data: bytes, at: int) -> tuple[int, Optional[int]]:
    """Skips white space. Returns the place behind the next byte, and that byte, if it has come."""
    at = _end_of(_SPACE, data, at)
    return (at + 1, data[at]) if at < len(data) else (at, None)


def _end_of(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    match = pattern.match(data, at)
    return match.end() if match else at

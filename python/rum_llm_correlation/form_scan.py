"""A reader of urlencoded forms that takes its text in parts."""

from __future__ import annotations

from typing import Optional

from .body_scan import BodyScan
from .carriers.query import QueryParameter
from .json_scan import JsonScan

# The most bytes that one character takes: four in UTF-8, each as a percent sign and two digits.
_LONGEST_CHARACTER = len("%F0%9F%98%80")
_LONGEST_SESSION_ID = 36 * len("%2D")

_SPACE = b" \t\n\r"


class FormScan(BodyScan):
    """Finds the session id in ``application/x-www-form-urlencoded`` text as its bytes come in.

    Of pairs with the same name, the first one that has a UUID counts.

    https://url.spec.whatwg.org/#application/x-www-form-urlencoded
    """

    def __init__(self, field: str) -> None:
        """Takes the name of the field; of a dotted path, its last part counts."""
        self._parameter = QueryParameter(field)
        self._longest = _LONGEST_CHARACTER * len(self._parameter.name) + len("=") + _LONGEST_SESSION_ID
        self._pair = bytearray()

    def read(self, data: bytes) -> None:
        """Takes the next bytes of the text."""
        *ended, begun = data.split(b"&")
        for part in ended:
            self._keep(part)
            self._end_pair()
            if self.is_done:
                return
        self._keep(begun)

    def end(self) -> None:
        """Takes note of the end of the text, which ends the last pair."""
        self._end_pair()
        self.is_done = True

    def _keep(self, part: bytes) -> None:
        # One byte more than may be: it tells that the pair is too long to matter.
        if len(self._pair) <= self._longest:
            self._pair += part[: self._longest + 1]

    def _end_pair(self) -> None:
        if self.session_id is None and len(self._pair) <= self._longest:
            self.session_id = self._parameter.session_in(self._pair.decode("utf-8", "replace"))
        self._pair = bytearray()
        self.is_done = self.session_id is not None


class FormOrJsonScan(BodyScan):
    """Reads text that is typed as a form. If it begins with ``{``, it is JSON.

    jQuery and axios type all text as a form if the page names no type.
    """

    def __init__(self, field: str) -> None:
        """Takes the field: a path in JSON, whose last part is the name in a form."""
        self._field = field
        self._scan: Optional[BodyScan] = None

    def read(self, data: bytes) -> None:
        """Takes the next bytes of the text."""
        if self._scan is None:
            data = data.lstrip(_SPACE)
            if not data:
                return
            self._scan = JsonScan(self._field.split(".")) if data[:1] == b"{" else FormScan(self._field)
        self._scan.read(data)
        self._take_result(self._scan)

    def end(self) -> None:
        """Takes note of the end of the text."""
        if self._scan is not None:
            self._scan.end()
            self._take_result(self._scan)
        self.is_done = True

    def _take_result(self, scan: BodyScan) -> None:
        self.session_id = scan.session_id
        self.is_done = scan.is_done

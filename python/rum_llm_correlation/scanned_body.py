"""Which bodies are looked at, and how they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, Optional, Union

from .body_scan import BodyScan
from .form_scan import FormOrJsonScan
from .json_scan import JsonScan

#: How many bytes of a body are looked at.
MAX_BYTES = 65_536

#: How long a body is waited for, in seconds.
MAX_WAIT = 1.0

#: All bodies, none, or those of the requests whose path begins with one of these prefixes.
BodyOption = Union[bool, list[str], tuple[str, ...]]

# The session id alone has that many bytes.
_MIN_LENGTH = 36

_METHODS = ("POST", "PUT", "PATCH")
_FORM = "application/x-www-form-urlencoded"
_JSON = re.compile(r"application/json|[^\s/]+/[^\s/]+\+json|text/plain")
_DIGITS = re.compile(r"[0-9]{1,18}")


class RequestHead(NamedTuple):
    """What a request says before its body."""

    method: str
    path: str
    #: By lower-case name.
    headers: Mapping[str, str]


class ScannedBody(NamedTuple):
    """A body that may bring a session id, and what looks for it there."""

    scan: BodyScan
    #: How many bytes the body has. ``None`` if only its end says so.
    length: Optional[int]


class BodyRule:
    """Which requests of an app have their bodies looked at, and for which field."""

    def __init__(self, field: str, body: object) -> None:
        """Takes the options of the middleware. Anything but ``False`` or a list means all bodies."""
        self._field = field
        self._prefixes = _prefixes_in(body)

    def takes(self, method: object, path: object) -> bool:
        """Whether the body of such a request may be looked at. A prefix ends where a segment ends."""
        if method not in _METHODS:
            return False
        if self._prefixes is None:
            return True
        return isinstance(path, str) and any(
            path == prefix or path.startswith(prefix if prefix.endswith("/") else f"{prefix}/")
            for prefix in self._prefixes
        )

    def body_of(self, head: RequestHead) -> Optional[ScannedBody]:
        """What looks for a session id in the body of a request, if that may bring one.

        It may if it is JSON or a form, without a ``Content-Encoding``. The body of a client that
        waits to be told to send it is left alone: the app may not want it.
        """
        headers = head.headers
        scan = self._scan_for(headers.get("content-type", ""))
        if (
            scan is None
            or not self.takes(head.method, head.path)
            or headers.get("content-encoding", "").strip().lower() not in ("", "identity")
            or headers.get("expect", "").strip()
        ):
            return None
        length = _length_in(headers)
        return None if length is not None and length <= _MIN_LENGTH else ScannedBody(scan, length)

    def _scan_for(self, content_type: str) -> Optional[BodyScan]:
        kind = content_type.partition(";")[0].strip().lower()
        if kind == _FORM:
            return FormOrJsonScan(self._field)
        return JsonScan(self._field.split(".")) if _JSON.fullmatch(kind) else None


def _prefixes_in(body: object) -> Optional[list[str]]:
    """The prefixes that the option names. ``None`` means all paths."""
    if body is False:
        return []
    if not isinstance(body, (list, tuple)):
        return None
    named = [prefix for prefix in body if isinstance(prefix, str) and prefix]
    return [prefix if prefix.startswith("/") else f"/{prefix}" for prefix in named]


def _length_in(headers: Mapping[str, str]) -> Optional[int]:
    text = headers.get("content-length", "").strip()
    return int(text) if _DIGITS.fullmatch(text) and not headers.get("transfer-encoding") else None

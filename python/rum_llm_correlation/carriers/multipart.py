"""Reads fields of raw ``multipart/form-data`` bodies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Union

# The first line is a delimiter, so that nothing but the body has to be known.
_DELIMITER = re.compile(rb"\s*--([^\r\n]{1,70})\r\n")
_NAME = re.compile(
    rb"^content-disposition:[^\r\n]*?;[ \t]*name=(?:\"([^\"\r\n]*)\"|([^\";\s]*))", re.IGNORECASE | re.MULTILINE
)
_FILE = re.compile(rb";[ \t]*filename\*?=", re.IGNORECASE)
_END_OF_HEAD = b"\r\n\r\n"


def is_multipart(body: Union[bytes, bytearray]) -> bool:
    """Says whether a body is a ``multipart/form-data`` one."""
    return _DELIMITER.match(body) is not None


def multipart_values(body: Union[bytes, bytearray], name: str) -> Iterator[Union[bytes, bytearray]]:
    """Gives all values of a name. Files are none.

    https://www.rfc-editor.org/rfc/rfc7578
    """
    first = _DELIMITER.match(body)
    if first is None:
        return
    wanted = name.encode("utf-8", "replace")
    delimiter = b"\r\n--" + first[1].rstrip()
    for part in body[first.end() - len(b"\r\n") :].split(delimiter):
        head, end, value = part.partition(_END_OF_HEAD)
        named = _NAME.search(head) if end else None
        if named is not None and (named[1] or named[2]) == wanted and _FILE.search(head) is None:
            yield value

"""The field of a body that carries the session id."""

from __future__ import annotations

import json
import re
from typing import Any, Optional, Union

from .members import first_session_in, member_of, values_of
from .multipart import is_multipart, multipart_values
from .query import QueryParameter

_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")

_OBJECT = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*\{")

# An escape sequence that may stand for a character of an ASCII name.
_ASCII_ESCAPE = re.compile(rb"\\u00[2-7]")
_ESCAPE = re.compile(rb"\\")
_PLAIN_NAME = re.compile(r"[\w.-]*", re.ASCII)


def session_in_body(body: object, field: str, content_type: str = "") -> Optional[str]:
    """Reads the session id from a request's body.

    Args:
        body: The body as the framework parsed it (a dict, a model, or a form), or its text or
            bytes: JSON, urlencoded or multipart. Text that cannot have the name is not parsed.
        field: Name of the field. A dotted one is a path in a JSON body, and its last part names
            the field of a form.
        content_type: Tells that the framework has made a dict of a form.
    """
    if isinstance(body, str):
        body = body.encode("utf-8", "replace")
    if isinstance(body, (bytes, bytearray)):
        return _session_in_bytes(body, field)
    if isinstance(body, memoryview):
        return _session_in_bytes(body.tobytes(), field)
    return _session_in_object(body, field, content_type)


def is_json_object(body: Union[str, bytes]) -> bool:
    """Says whether a text begins as a JSON object does."""
    return _OBJECT.match(body.encode("utf-8", "replace") if isinstance(body, str) else body) is not None


def _session_in_bytes(body: Union[bytes, bytearray], field: str) -> Optional[str]:
    parameter = QueryParameter(field)
    if _OBJECT.match(body):
        return _session_in_object(_parse(body), field) if _json_may_hold(body, parameter.name) else None
    if is_multipart(body):
        return first_session_in(multipart_values(body, parameter.name)) if parameter.is_in_bytes(body) else None
    return parameter.session_in_bytes(body)


def _json_may_hold(body: Union[bytes, bytearray], name: str) -> bool:
    escape = _ASCII_ESCAPE if _PLAIN_NAME.fullmatch(name) else _ESCAPE
    return name.encode("utf-8", "replace") in body or escape.search(body) is not None


def _parse(body: Union[bytes, bytearray]) -> Any:
    text = body.decode("utf-8", "replace").lstrip("\ufeff")
    # Numbers stay text: none of them is looked at, and long ones take quadratic time to convert.
    return json.loads(text, parse_int=str, parse_float=str)


def _session_in_object(body: object, field: str, content_type: str = "") -> Optional[str]:
    path = field.split(".")
    if any(callable(getattr(body, name, None)) for name in ("getlist", "getall")):
        return first_session_in(values_of(body, path[-1]))
    parent: Any = body
    for name in path[:-1]:
        parent = member_of(parent, name)
    found = first_session_in(values_of(parent, path[-1]))
    if found is None and len(path) > 1 and _is_flat(body, path[-1], content_type):
        return first_session_in(values_of(body, path[-1]))
    return found


def _is_flat(body: object, name: str, content_type: str) -> bool:
    """Says whether a dict was made of a form, of which Tornado makes lists of bytes."""
    if content_type.partition(";")[0].strip().lower() in _FORM_TYPES:
        return True
    values = values_of(body, name)
    return bool(values) and all(isinstance(value, bytes) for value in values)

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Optional

from ..session_id import session_id_in
from .query import QueryParameter


def session_in_body(body: object, field: str) -> Optional[str]:
    """Reads the session id from a request's body.

    :param body: The body as the framework parsed it (a dict, or a form with ``getlist`` as Werkzeug's, Starlette's and
        Django's have it), or its text or bytes, JSON or urlencoded.
    :param field: Name of the field; a dotted one is a path in a JSON body, and its last part names the field of a form.
    """
    if isinstance(body, (bytes, bytearray, memoryview)):
        body = bytes(body).decode("utf-8", "replace")
    if isinstance(body, str):
        if not body.lstrip("\ufeff \t\r\n").startswith("{"):
            return QueryParameter(field).session_in(body)
        body = _parse(body.lstrip("\ufeff"))
    if isinstance(body, Mapping):
        values_of_form = getattr(body, "getlist", None)
        if callable(values_of_form):
            return next(filter(session_id_in, values_of_form(QueryParameter(field).name)), None)
        return session_id_in(_value_at(body, field))
    return None


def _parse(text: str) -> Any:
    # Numbers stay text: none of them is looked at, and long ones take quadratic time to convert.
    return json.loads(text, parse_int=str, parse_float=str)


def _value_at(value: Any, field: str) -> Any:
    for name in field.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value

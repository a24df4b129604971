"""Reads named values of what frameworks make of bodies and queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Optional
from uuid import UUID

from ..session_id import session_id_in


def member_of(value: Any, name: str) -> Any:
    """Reads a value by its name on the wire.

    Args:
        value: A mapping, or an object with attributes: a pydantic model, a dataclass, a named
            tuple, a class of attrs or msgspec.
        name: The name. A model may have it as an alias.
    """
    if getattr(type(value), "__pydantic_root_model__", False):
        value = value.root
    if isinstance(value, Mapping):
        return value.get(name)
    return getattr(value, _attribute_of(value, name), None)


def values_of(values: Any, name: str) -> Iterable[Any]:
    """Gives all values that a name has in a form or a query.

    Args:
        values: A mapping to values or to lists of them, or a multi-dict: ``getlist`` is that of
            Werkzeug, Starlette, Django and Sanic, ``getall`` that of aiohttp and Bottle.
        name: The name.
    """
    getlist = getattr(values, "getlist", None)
    if callable(getlist):
        found = getlist(name)
    elif callable(getattr(values, "getall", None)):
        found = values.getall(name, ())
    else:
        found = member_of(values, name)
    return found if isinstance(found, (list, tuple)) else [found]


def first_session_in(values: Iterable[Any]) -> Optional[str]:
    """Gives the first value that is a session id, as text, bytes or a ``UUID``."""
    return next(filter(None, map(_session_in, values)), None)


def _session_in(value: object) -> Optional[str]:
    if isinstance(value, (bytes, bytearray)):
        value = value.decode("latin-1")
    return session_id_in(str(value) if isinstance(value, UUID) else value)


def _attribute_of(model: Any, name: str) -> str:
    """Gives the name of the attribute that a pydantic model, version 2 or 1, has for a name."""
    kind = type(model)
    # Version 2 warns if code looks at the fields of version 1.
    fields = kind.model_fields if hasattr(kind, "model_fields") else getattr(kind, "__fields__", None)
    if isinstance(fields, Mapping):
        for attribute, field in fields.items():
            if name in _aliases_of(field):
                return str(attribute)
    return name


def _aliases_of(field: Any) -> list[Any]:
    validation = getattr(field, "validation_alias", None)
    return [getattr(field, "alias", None), validation, *getattr(validation, "choices", ())]

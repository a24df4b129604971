"""The query parameter, or the field of a urlencoded form, that carries the session id."""

from __future__ import annotations

import re
from typing import Optional, Union
from urllib.parse import unquote_plus

from ..session_id import session_id_in
from .members import first_session_in, values_of

# The name of a parameter that has an encoded character.
_ENCODED = r"[^=&%+]*[%+]"
_FIRST_IS_ENCODED = re.compile(_ENCODED).match
_FIRST_IS_ENCODED_IN_BYTES = re.compile(_ENCODED.encode()).match
_NEXT_IS_ENCODED = re.compile(f"&{_ENCODED}").search
_NEXT_IS_ENCODED_IN_BYTES = re.compile(f"&{_ENCODED}".encode()).search


class QueryParameter:
    """Finds the session id by the name of its parameter."""

    def __init__(self, field: str) -> None:
        """Takes the field. Of a dotted one, the last part is the name."""
        self.name = field.rpartition(".")[2]
        self._encoded = self.name.encode("utf-8", "replace")

    def is_in_bytes(self, data: Union[bytes, bytearray]) -> bool:
        """Says whether bytes have the name, as it is."""
        return self._encoded in data

    def may_be_in(self, query: str) -> bool:
        """Says whether a text may have the parameter. Most have not: there is nothing to parse."""
        return self.name in query or bool(_FIRST_IS_ENCODED(query) or _NEXT_IS_ENCODED(query))

    def may_be_in_bytes(self, query: Union[bytes, bytearray]) -> bool:
        """Says whether bytes may have the parameter."""
        return self.is_in_bytes(query) or bool(_FIRST_IS_ENCODED_IN_BYTES(query) or _NEXT_IS_ENCODED_IN_BYTES(query))

    def session_in(self, query: str) -> Optional[str]:
        """Reads the session id: the first of the parameter's values that is one."""
        if not self.may_be_in(query):
            return None
        for pair in query.split("&"):
            name, _, value = pair.partition("=")
            if name == self.name or (("%" in name or "+" in name) and unquote_plus(name) == self.name):
                session_id = session_id_in(unquote_plus(value))
                if session_id is not None:
                    return session_id
        return None

    def session_in_bytes(self, query: Union[bytes, bytearray]) -> Optional[str]:
        """Does the same with the bytes of a text."""
        return self.session_in(query.decode("utf-8", "replace")) if self.may_be_in_bytes(query) else None

    def session_in_values(self, query: object) -> Optional[str]:
        """Does the same with a query that a framework or AWS has parsed."""
        return first_session_in(values_of(query, self.name))

from __future__ import annotations

from typing import Optional
from urllib.parse import parse_qsl, quote, quote_plus

from ..session_id import session_id_in


class QueryParameter:
    """The query parameter, or the field of a urlencoded form, that carries the session id."""

    def __init__(self, field: str) -> None:
        self.name = field.rpartition(".")[2]
        spellings = {self.name, quote(self.name, safe=""), quote(self.name, safe="!~*'()"), quote_plus(self.name)}
        self._spellings = tuple(spellings)
        self._spellings_in_bytes = tuple(spelling.encode() for spelling in spellings)

    def may_be_in(self, query: str) -> bool:
        """Whether the text may have the parameter. Most have not, and then there is nothing to parse."""
        for spelling in self._spellings:  # noqa: SIM110 -- any() takes three times as long, on every request
            if spelling in query:
                return True
        return False

    def may_be_in_bytes(self, query: bytes) -> bool:
        for spelling in self._spellings_in_bytes:  # noqa: SIM110
            if spelling in query:
                return True
        return False

    def session_in(self, query: str) -> Optional[str]:
        """Reads the session id: the first of the parameter's values that is one."""
        if not self.may_be_in(query):
            return None
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
        return next((value for name, value in pairs if name == self.name and session_id_in(value)), None)

from __future__ import annotations

import re
from typing import Optional
from urllib.parse import parse_qsl

from ..session_id import session_id_in

# Or the name of any parameter with an encoded character.
_ENCODED_NAME = r"|(?:^|&)[^=&%+]*[%+]"


class QueryParameter:
    """The query parameter, or the field of a urlencoded form, that carries the session id."""

    def __init__(self, field: str) -> None:
        self.name = field.rpartition(".")[2]
        self._in_text = re.compile(re.escape(self.name) + _ENCODED_NAME)
        self._in_bytes = re.compile(re.escape(self.name.encode()) + _ENCODED_NAME.encode())

    def may_be_in(self, query: str) -> bool:
        """Whether the text may have the parameter. Most have not, and then there is nothing to parse."""
        return self._in_text.search(query) is not None

    def may_be_in_bytes(self, query: bytes) -> bool:
        """Whether the bytes may have the parameter."""
        return self._in_bytes.search(query) is not None

    def session_in(self, query: str) -> Optional[str]:
        """Reads the session id: the first of the parameter's values that is one."""
        if not self.may_be_in(query):
            return None
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
        return next((value for name, value in pairs if name == self.name and session_id_in(value)), None)

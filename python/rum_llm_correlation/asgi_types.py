"""The types of ASGI, as loose as apps and servers need them to be.

Starlette and uvicorn type a scope and a message as mappings; asgiref, Quart and Hypercorn, as unions of typed dictionaries.
A type checker refuses the types of one for another. The types here fit all of them.

https://asgi.readthedocs.io/en/latest/specs/main.html
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, MutableMapping
from typing import Any, Callable

#: A connection, for who writes into it.
Scope = MutableMapping[str, Any]

#: What ``receive`` gives. Nothing here writes into one.
Message = Mapping[str, Any]

Receive = Callable[[], Awaitable[Message]]

#: It is handed on alone, so what it takes is between the app and the server.
Send = Callable[[Any], Awaitable[None]]

#: Any ASGI 3 app.
ASGIApp = Callable[[Any, Any, Any], Awaitable[Any]]

#: Names and values of headers, the names in lower case.
HeaderLines = list[tuple[bytes, bytes]]

"""Looks at the start of an ASGI request's body before the app does."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextvars import copy_context
from typing import Optional, Union

from .asgi_types import Message, Receive
from .running_request import RunningRequest, running_request
from .scanned_body import MAX_BYTES, MAX_WAIT, ScannedBody


class BodyAhead:
    """Receives a request's first messages ahead of the app, and gives them to the app again.

    :meth:`look` reads until the session is known, or until it is known that none will come.
    :meth:`receive` takes the place of the server's: it gives what came, message by message, an
    exception included. After that it asks the server.

    A call of the server's ``receive`` is never given up: servers may lose a message then. It goes
    on in a task of its own, and its message is the app's next one.
    """

    def __init__(self, receive: Receive, body: ScannedBody, request: RunningRequest) -> None:
        """Takes the server's ``receive``, and what looks for the session."""
        self._receive = receive
        self._scan, self._length = body
        self._came: deque[Union[Message, Exception]] = deque()
        self._request = request
        self._seen = 0
        self._until = 0.0
        self._reading: Optional[asyncio.Task[None]] = None

    @staticmethod
    def works_here() -> bool:
        """Whether asyncio runs the app. Other event loops have no tasks that outlive a wait."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return False
        return True

    async def look(self) -> Optional[str]:
        """Waits for the session id, for at most a second."""
        self._until = time.monotonic() + MAX_WAIT
        # Servers read on in this context, and may begin the connection's next request in it. That one
        # has to notice that the context is another request's.
        context = copy_context()
        context.run(running_request.set, self._request)
        self._reading = context.run(asyncio.ensure_future, self._read())
        await asyncio.wait({self._reading}, timeout=MAX_WAIT)
        self._until = 0.0
        return self._scan.session_id

    async def receive(self) -> Message:
        """The app's ``receive``."""
        if not self._came and self._reading is not None and not self._reading.done():
            # Shielded: the app may give up one call of receive, and make another one.
            await asyncio.shield(self._reading)
        if not self._came:
            return await self._receive()
        came = self._came.popleft()
        if isinstance(came, Exception):
            raise came
        return came

    def end(self) -> None:
        """Gives up a message that the app has not asked for before it ended."""
        if self._reading is not None:
            self._reading.cancel()

    async def _read(self) -> None:
        while True:
            came = await self._next()
            self._came.append(came)
            if isinstance(came, Exception) or self._is_last(came) or time.monotonic() >= self._until:
                return

    async def _next(self) -> Union[Message, Exception]:
        try:
            return await self._receive()
        except Exception as error:
            return error

    def _is_last(self, message: Message) -> bool:
        """Whether no message after this one is to be looked at."""
        try:
            return self._look_at(message)
        except Exception:
            return True  # The message is no good. It is the app that has to say so.

    def _look_at(self, message: Message) -> bool:
        if message["type"] != "http.request":
            return True
        data = message.get("body", b"")
        self._scan.read(data[: MAX_BYTES - self._seen])
        self._seen += len(data)
        # Some servers send the end as a message of its own, behind the last byte.
        if not self._scan.is_done and (self._seen == self._length or not message.get("more_body", False)):
            self._scan.end()
        return self._scan.is_done or self._seen >= MAX_BYTES

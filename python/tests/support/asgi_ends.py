"""What a server hands to an ASGI app that needs neither a body nor an answer."""

from __future__ import annotations

from rum_llm_correlation.asgi_types import Message


async def no_receive() -> Message:
    raise AssertionError("The body was asked for")


async def no_send(_message: Message) -> None:
    raise AssertionError("There was an answer")

"""The AI agent of the test apps: it knows nothing of sessions. Spans are told apart by `label`, what the model is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from hashlib import sha256
from typing import Any, Optional
from weakref import WeakKeyDictionary

from ddtrace.llmobs import LLMObs
from openai import AsyncOpenAI, OpenAI

_client = OpenAI()
# An asynchronous client belongs to its event loop, of which WSGI servers make one per request.
_async_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncOpenAI] = WeakKeyDictionary()

#: LLM spans of each answer: a workflow, the model's call in it, and a call outside of it.
SPANS_PER_ANSWER = 3


def answer(label: str, session_id: Optional[str] = None) -> str:
    with LLMObs.workflow(name="workflow", session_id=session_id) as span:
        _say_what_is_asked(span, label)
        _ask(label)
    return _ask(label)


async def workflow_async(label: str, session_id: Optional[str] = None) -> None:
    with LLMObs.workflow(name="workflow", session_id=session_id) as span:
        _say_what_is_asked(span, label)
        await _ask_async(label)


async def answer_async(label: str, session_id: Optional[str] = None) -> str:
    await workflow_async(label, session_id)
    return await _ask_async(label)


async def annotated(label: str, session_id: str) -> str:
    with LLMObs.workflow(name="workflow") as span:
        LLMObs.annotate(span, input_data=label, tags={"session_id": session_id})
        await _ask_async(label)
    return await _ask_async(label)


def echo(body: bytes, label: str) -> str:
    """Answers with a digest of the request's body."""
    answer(label)
    return sha256(body).hexdigest()


async def echo_async(body: bytes, label: str) -> str:
    await answer_async(label)
    return sha256(body).hexdigest()


def stream(label: str) -> Iterator[str]:
    """A streamed answer with the LLM spans of two: before and after a part has gone out."""
    yield answer(label)
    yield answer(label)


async def stream_async(label: str) -> AsyncIterator[str]:
    yield await answer_async(label)
    yield await answer_async(label)


def _say_what_is_asked(span: Any, label: str) -> None:
    if LLMObs.enabled:  # else ddtrace refuses it with an exception
        LLMObs.annotate(span, input_data=label)


def _ask(label: str) -> str:
    completion = _client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": label}])
    return completion.choices[0].message.content or ""


async def _ask_async(label: str) -> str:
    loop = asyncio.get_running_loop()
    if loop not in _async_clients:
        _async_clients[loop] = AsyncOpenAI()
    completion = await _async_clients[loop].chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": label}]
    )
    return completion.choices[0].message.content or ""

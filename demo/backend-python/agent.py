"""The agent: a loop of model calls and tools, as LLM spans."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

from ddtrace.llmobs import LLMObs
from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import (
    ChatCompletionAssistantMessageParam,
    ChatCompletionChunk,
    ChatCompletionMessageFunctionToolCallParam as ToolCall,
    ChatCompletionMessageParam,
)

from tools import TOOL_DEFINITIONS, call_tool

#: An event of the answer, which the page gets as JSON.
Event = dict[str, object]

# The client reads OPENAI_API_KEY and OPENAI_BASE_URL. ddtrace makes an LLM span of each of its
# calls.
_openai = AsyncOpenAI()
_model = os.environ.get("OPENAI_MODEL") or "gpt-4o-mini"

_instructions = (
    "You answer customers of a coffee equipment shop, in at most four sentences and plain text. "
    "Look orders and shop policies up with the tools; never make them up."
)

_max_steps = 4


async def agent_loop(message: str) -> AsyncIterator[Event]:
    """Answers one question: yields the id of its LLM trace, then the answer piece by piece."""
    with LLMObs.agent(name="order_support_agent") as span:
        exported = LLMObs.export_span(span)
        yield {"trace_id": exported["trace_id"] if exported else None}
        answer = ""
        async for delta in _run_steps(message):
            answer += delta
            yield {"delta": delta}
        LLMObs.annotate(span=span, input_data=message, output_data=answer)


def record_feedback(helpful: bool, trace_id: str, session_id: str | None, user_id: str | None) -> None:
    """Records what the person thought of an answer, as feedback on its trace."""
    LLMObs.submit_feedback(
        label="helpful",
        metric_type="boolean",
        value=helpful,
        trace_id=trace_id,
        submitter={"id": user_id or session_id or "unknown"},
        tags={"session_id": session_id} if session_id else {},
    )


async def _run_steps(message: str) -> AsyncIterator[str]:
    messages: list[ChatCompletionMessageParam] = [
        {"role": "system", "content": _instructions},
        {"role": "user", "content": message},
    ]
    for _ in range(_max_steps):
        stream = await _openai.chat.completions.create(
            model=_model,
            messages=messages,
            tools=TOOL_DEFINITIONS,
            stream=True,
            stream_options={"include_usage": True},
        )
        reply = _Reply()
        async for delta in reply.read(stream):
            yield delta
        if not reply.calls:
            return
        messages.append(reply.message())
        for call in reply.calls:
            result = await call_tool(call["function"]["name"], call["function"]["arguments"])
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
    raise RuntimeError(f"No answer after {_max_steps} steps")


class _Reply:
    """Joins the streamed chunks of one model call."""

    def __init__(self) -> None:
        self._text = ""
        # By the index in the chunks.
        self._calls: dict[int, ToolCall] = {}

    @property
    def calls(self) -> list[ToolCall]:
        """The tools that the model asks for, in its order."""
        return [self._calls[index] for index in sorted(self._calls)]

    async def read(self, stream: AsyncStream[ChatCompletionChunk]) -> AsyncIterator[str]:
        """Yields the text piece by piece."""
        async for chunk in stream:
            if not chunk.choices:
                continue
            delta = chunk.choices[0].delta
            if delta.content:
                self._text += delta.content
                yield delta.content
            for part in delta.tool_calls or []:
                call = self._calls.setdefault(
                    part.index, {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
                )
                call["id"] += part.id or ""
                if part.function:
                    call["function"]["name"] += part.function.name or ""
                    call["function"]["arguments"] += part.function.arguments or ""

    def message(self) -> ChatCompletionAssistantMessageParam:
        return {"role": "assistant", "content": self._text, "tool_calls": self.calls}

import os

from ddtrace.llmobs import LLMObs
from openai import AsyncOpenAI

from tools import TOOL_DEFINITIONS, call_tool

# OPENAI_API_KEY and OPENAI_BASE_URL are read by the client itself; ddtrace makes an LLM span of each of its calls.
_openai = AsyncOpenAI()
_model = os.environ.get("OPENAI_MODEL") or "gpt-4o-mini"

_instructions = (
    "You answer customers of a coffee equipment shop, in at most four sentences and plain text. "
    "Look orders and shop policies up with the tools; never make them up."
)

_max_steps = 4


async def agent_loop(message):
    """Answers one question: yields the id of its LLM trace, then the answer piece by piece."""
    with LLMObs.agent(name="order_support_agent") as span:
        yield {"trace_id": LLMObs.export_span(span)["trace_id"]}
        answer = ""
        async for delta in _run_steps(message):
            answer += delta
            yield {"delta": delta}
        LLMObs.annotate(span=span, input_data=message, output_data=answer)


def record_feedback(helpful, trace_id, session_id, user_id):
    """Records what the person thought of an answer, as feedback on its trace."""
    LLMObs.submit_feedback(
        label="helpful",
        metric_type="boolean",
        value=helpful,
        trace_id=trace_id,
        submitter={"id": user_id or session_id or "unknown"},
        tags={"session_id": session_id} if session_id else {},
    )


async def _run_steps(message):
    messages = [
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
        reply = {"role": "assistant", "content": ""}
        async for delta in _read_reply(stream, reply):
            yield delta
        if "tool_calls" not in reply:
            return
        messages.append(reply)
        for call in reply["tool_calls"]:
            result = await call_tool(call["function"]["name"], call["function"]["arguments"])
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
    raise RuntimeError(f"No answer after {_max_steps} steps")


async def _read_reply(stream, reply):
    """Puts the streamed chunks of one model call together in `reply`; yields its text piece by piece."""
    calls = {}
    async for chunk in stream:
        if not chunk.choices:
            continue
        delta = chunk.choices[0].delta
        if delta.content:
            reply["content"] += delta.content
            yield delta.content
        for part in delta.tool_calls or []:
            call = calls.setdefault(
                part.index, {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
            )
            call["id"] += part.id or ""
            call["function"]["name"] += part.function.name or ""
            call["function"]["arguments"] += part.function.arguments or ""
    if calls:
        reply["tool_calls"] = [calls[index] for index in sorted(calls)]

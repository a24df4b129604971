import os

from ddtrace.llmobs import LLMObs
from openai import OpenAI

from tools import TOOL_DEFINITIONS, call_tool

# OPENAI_API_KEY and OPENAI_BASE_URL are read by the client itself; ddtrace makes an LLM span of each of its calls.
_openai = OpenAI()
_model = os.environ.get("OPENAI_MODEL") or "gpt-4o-mini"

_instructions = (
    "You answer customers of a coffee equipment shop, in at most four sentences and plain text. "
    "Look orders and shop policies up with the tools; never make them up."
)

_max_steps = 4


def agent_loop(message, session_id, tags, on_trace, on_delta):
    """Answers one question and passes the answer on piece by piece.

    `session_id` is the RUM session of the page that asks; the spans below the agent's inherit it.
    """
    with LLMObs.annotation_context(tags=tags), LLMObs.agent(name="order_support_agent") as span:
        if session_id:
            LLMObs.annotate(span=None, tags={"session_id": session_id})
        on_trace(LLMObs.export_span(span)["trace_id"])
        answer = _run_steps(message, on_delta)
        LLMObs.annotate(span=span, input_data=message, output_data=answer)


def record_feedback(vote, trace_id, session_id, tags):
    """Records what the person thought of an answer."""
    with LLMObs.annotation_context(tags=tags), LLMObs.task(name="answer_feedback") as span:
        if session_id:
            LLMObs.annotate(span=None, tags={"session_id": session_id})
        LLMObs.annotate(span=span, input_data=str(vote), metadata={"answer_trace_id": str(trace_id)})


def _run_steps(message, on_delta):
    messages = [
        {"role": "system", "content": _instructions},
        {"role": "user", "content": message},
    ]
    for _ in range(_max_steps):
        stream = _openai.chat.completions.create(
            model=_model,
            messages=messages,
            tools=TOOL_DEFINITIONS,
            stream=True,
            stream_options={"include_usage": True},
        )
        reply = _read_reply(stream, on_delta)
        if "tool_calls" not in reply:
            return reply["content"]
        messages.append(reply)
        for call in reply["tool_calls"]:
            result = call_tool(call["function"]["name"], call["function"]["arguments"])
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
    raise RuntimeError(f"No answer after {_max_steps} steps")


def _read_reply(stream, on_delta):
    """Puts the streamed chunks of one model call together as the message that they make."""
    content = ""
    calls = {}
    for chunk in stream:
        if not chunk.choices:
            continue
        delta = chunk.choices[0].delta
        if delta.content:
            content += delta.content
            on_delta(delta.content)
        for part in delta.tool_calls or []:
            call = calls.setdefault(
                part.index, {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
            )
            call["id"] += part.id or ""
            call["function"]["name"] += part.function.name or ""
            call["function"]["arguments"] += part.function.arguments or ""
    reply = {"role": "assistant", "content": content}
    if calls:
        reply["tool_calls"] = [calls[index] for index in sorted(calls)]
    return reply

"""The tools of the agent: they look up orders and policies of a shop."""

from __future__ import annotations

import asyncio
import json
import pathlib
from typing import Callable

from ddtrace.llmobs import LLMObs
from openai.types.chat import ChatCompletionFunctionToolParam

_shop = json.loads((pathlib.Path(__file__).parent.parent / "orders.json").read_text("utf-8"))
_orders, _policies = _shop["orders"], _shop["policies"]


def _look_up_order(order_id: str) -> object:
    return _orders.get(order_id) or {"error": f"There is no order {order_id}"}


def _look_up_policy(topic: str) -> object:
    return _policies.get(topic) or {"error": f"There is no policy on {topic}"}


_tools: dict[str, Callable[..., object]] = {"look_up_order": _look_up_order, "look_up_policy": _look_up_policy}


async def call_tool(name: str, arguments: str) -> str:
    """Runs the tool that the model asked for, in a tool span. Returns the result as JSON text."""
    with LLMObs.tool(name=name) as span:
        tool = _tools.get(name)
        result = tool(**json.loads(arguments)) if tool else {"error": f"There is no tool {name}"}
        await asyncio.sleep(0.12)  # what a database query might take
        output = json.dumps(result, ensure_ascii=False)
        LLMObs.annotate(span=span, input_data=arguments, output_data=output)
        return output


def _definition(name: str, description: str, properties: dict[str, object]) -> ChatCompletionFunctionToolParam:
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": description,
            "parameters": {
                "type": "object",
                "properties": properties,
                "required": list(properties),
                "additionalProperties": False,
            },
        },
    }


TOOL_DEFINITIONS = [
    _definition(
        "look_up_order",
        "Status, items and delivery date of one order",
        {"order_id": {"type": "string", "description": "The four digits of the order number"}},
    ),
    _definition(
        "look_up_policy",
        "What the shop promises its customers",
        {"topic": {"type": "string", "enum": list(_policies)}},
    ),
]
